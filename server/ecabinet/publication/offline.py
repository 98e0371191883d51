"""Checking a bundle from a file, without a server, a database or a network."""

from pathlib import Path

from ecabinet.kernel.errors import Invalid
from ecabinet.ledger.notes import NoteInvalid, parse_key_line

from .bundle import LIMIT_BYTES
from .model import Report
from .rules import verify

_KEY_FILE_LIMIT_BYTES = 4096


class KeyUnreadable(Invalid):
    """Neither 64 hexadecimal digits nor a file with a public key."""

    code = "key_unreadable"


def verify_file(path: Path, key: str | None = None) -> Report:
    """Check the bundle at ``path``.

    key  the published key: 64 hexadecimal digits, or the path of a key.pub file; None leaves it to the reader

    Raises KeyUnreadable; OSError when the bundle cannot be read.
    """
    expected = None if key is None else read_key(key)
    with path.open("rb") as file:
        # One byte more than may be: what is too large is refused without being read whole.
        archive = file.read(LIMIT_BYTES + 1)
    return verify(archive, expected)


def read_key(key: str) -> bytes:
    """The public key, 32 bytes. Raises KeyUnreadable."""
    digits = key.replace(" ", "")
    if len(digits) == 64 and set(digits.lower()) <= set("0123456789abcdef"):
        return bytes.fromhex(digits)
    try:
        with Path(key).open("rb") as file:
            line = file.read(_KEY_FILE_LIMIT_BYTES).decode().removesuffix("\n")
        return parse_key_line(line)[1]
    except (OSError, UnicodeDecodeError, NoteInvalid) as error:
        raise KeyUnreadable(key=key) from error
