"""The key that signs checkpoints and bundles, as a file that only its owner may read."""

import os
import secrets
import stat
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

_ORIGIN = "origin: "


class KeyUnusable(Exception):
    """The key file cannot be trusted or read. Start-up stops here."""


class FileSigner:
    """See the ledger's Signer port. The file is a line with the log's name, then a PKCS #8 PEM.

    The name stands beside the key, because signatures name it: a setting that changes later does not rename the log.
    """

    def __init__(self, origin: str, key: Ed25519PrivateKey) -> None:
        self._origin = origin
        self._key = key

    @property
    def origin(self) -> str:
        return self._origin

    @property
    def public_key(self) -> bytes:
        return self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)

    @classmethod
    def open(cls, path: Path, new_origin: str) -> "FileSigner":
        """The key at ``path``; made there, for the owner alone, when there is none yet.

        ``new_origin``: what a new log is called (no spaces, no plus sign). Raises KeyUnusable.
        """
        if not path.exists():
            _make(path, new_origin)
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise KeyUnusable(f"{path} may be read by others than its owner: chmod 600 {path}")
        first, _, pem = path.read_text(encoding="utf-8").partition("\n")
        try:
            key = load_pem_private_key(pem.encode(), password=None)
        except ValueError as error:
            raise KeyUnusable(f"{path} is not a key") from error
        if not first.startswith(_ORIGIN) or not isinstance(key, Ed25519PrivateKey):
            raise KeyUnusable(f"{path} is not the key of a log")
        return cls(first.removeprefix(_ORIGIN), key)


def _make(path: Path, origin: str) -> None:
    """Write beside, then link: two processes that start together end with one and the same whole file."""
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(f"{_ORIGIN}{origin}\n".encode() + pem)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(beside, path)
        except FileExistsError:
            return
    finally:
        beside.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
