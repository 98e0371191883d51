"""Signed notes and checkpoints in the formats of C2SP (signed-note, tlog-checkpoint), so that witnesses and log tools
nobody here wrote can read ours. Ed25519 only. Pure: keys come in as bytes.

    <origin>
    <size>
    <root, base64>
    <empty line>
    — <origin> <base64(key id || signature)>
"""

import base64
import binascii
import hashlib
from collections.abc import Callable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_ED25519 = b"\x01"
_SIGNATURE_BYTES = 64
_KEY_ID_BYTES = 4


class NoteInvalid(Exception):
    """Not a note, not this key's, or not this text. The message says which, in words for a programmer."""


def key_id(name: str, public_key: bytes) -> bytes:
    """The four bytes by which a signature line names its key: the start of SHA-256(name, newline, 0x01, key)."""
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public_key).digest()[:_KEY_ID_BYTES]


def fingerprint(public_key: bytes) -> str:
    """The key itself in groups of four hex digits, for two people to compare aloud: a digest would be as long."""
    digits = public_key.hex()
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def key_line(name: str, public_key: bytes) -> str:
    """The verifier key as one line: name+id+base64."""
    encoded = base64.b64encode(_ED25519 + public_key).decode()
    return f"{name}+{key_id(name, public_key).hex()}+{encoded}"


def parse_key_line(line: str) -> tuple[str, bytes]:
    """(name, public key) of a verifier key. Raises NoteInvalid."""
    name, _, rest = line.partition("+")
    identifier, _, encoded = rest.partition("+")
    key = _base64(encoded)
    if not is_name(name) or len(key) != 33 or key[:1] != _ED25519 or identifier != key_id(name, key[1:]).hex():
        raise NoteInvalid("not a verifier key")
    return name, key[1:]


def is_name(name: str) -> bool:
    """Whether a key or log may be called so: not empty, and nothing that would blur a line."""
    return bool(name) and name.isprintable() and not any(letter.isspace() or letter == "+" for letter in name)


def checkpoint_text(origin: str, size: int, root: bytes) -> str:
    """What a checkpoint's signature covers."""
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"


def sign(text: str, name: str, public_key: bytes, signing: Callable[[bytes], bytes]) -> str:
    """The note: the text, an empty line, one signature line. Requires that the text ends with a newline."""
    assert text.endswith("\n")
    assert is_name(name)
    signature = base64.b64encode(key_id(name, public_key) + signing(text.encode())).decode()
    return f"{text}\n— {name} {signature}\n"


def open_note(note: str, name: str, public_key: bytes) -> str:
    """The text of a note that this key has signed; signatures of others are passed over. Raises NoteInvalid."""
    text, gap, lines = note.rpartition("\n\n")
    if not gap or not lines.endswith("\n"):
        raise NoteInvalid("not a signed note")
    text += "\n"
    wanted = key_id(name, public_key)
    for line in lines[:-1].split("\n"):
        dash, _, rest = line.partition(" ")
        signer, _, encoded = rest.partition(" ")
        if dash != "—":
            raise NoteInvalid("not a signature line")
        signature = _base64(encoded)
        if signer == name and signature[:_KEY_ID_BYTES] == wanted:
            if not is_signed(text.encode(), signature[_KEY_ID_BYTES:], public_key):
                raise NoteInvalid("the signature is not this key's over this text")
            return text
    raise NoteInvalid("not signed by this key")


def open_checkpoint(note: str, origin: str, public_key: bytes) -> tuple[int, bytes]:
    """(size, root) of a checkpoint that this key has signed. Raises NoteInvalid."""
    lines = open_note(note, origin, public_key).split("\n")
    if len(lines) < 4 or lines[0] != origin or not (lines[1].isascii() and lines[1].isdigit()):
        raise NoteInvalid("not a checkpoint of this log")
    size, root = int(lines[1]), _base64(lines[2])
    if str(size) != lines[1] or len(root) != 32:
        raise NoteInvalid("not a checkpoint of this log")
    return size, root


def is_signed(message: bytes, signature: bytes, public_key: bytes) -> bool:
    """Whether it is this Ed25519 key's signature over the message."""
    if len(signature) != _SIGNATURE_BYTES:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _base64(encoded: str) -> bytes:
    """Strict: the one spelling of these bytes."""
    try:
        decoded = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise NoteInvalid("not base64") from None
    if base64.b64encode(decoded).decode() != encoded:
        raise NoteInvalid("not the canonical base64")
    return decoded
