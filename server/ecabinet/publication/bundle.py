"""The bundle's outer form: one zip that can be written in one way only, a manifest over every file, one signature.

Standard library and `cryptography` alone. A bundle is what `pack` gives or it is nothing: `unpack` writes what it has
read once more and compares every byte, so there is no place in the file where anything could be changed or hidden.
"""

import hashlib
import io
import json
import struct
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ecabinet.kernel.canonical import canonical
from ecabinet.kernel.events import plain
from ecabinet.ledger import notes
from ecabinet.ledger.model import Proven
from ecabinet.ledger.rules import record

from .model import Broken, Publishable

FORMAT = "ecabinet-bundle"
VERSION = 1
LIMIT_BYTES = 256 * 1024 * 1024

MANIFEST, SIGNATURE, KEY = "manifest.json", "manifest.sig", "key.pub"
CHECKPOINT, ENTRIES, PROFILE = "checkpoint", "entries.json", "profile.json"
MINUTES, README = "minutes.pdf", "README.txt"
_REQUIRED = frozenset({MANIFEST, SIGNATURE, KEY, CHECKPOINT, ENTRIES, PROFILE, README})
_KNOWN = _REQUIRED | {MINUTES}
_UNLISTED = frozenset({MANIFEST, SIGNATURE})
"""Files the manifest cannot list: itself, and the signature over it."""

SIGNED_PREFIX = b"ecabinet bundle 1\n"
# With spaces no log can be named so: this signature can never be taken for a checkpoint's, nor the other way round.
_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""A zip cannot say "no date"; this is its zero."""
_ZIP_ERRORS = (
    zipfile.BadZipFile, struct.error, EOFError, ValueError, OSError, RuntimeError, OverflowError,
)  # fmt: skip
"""All that reading a damaged zip can raise; NotImplementedError is a RuntimeError."""

README_TEXT = """\
HỒ SƠ ĐIỆN TỬ CỦA PHIÊN HỌP

Tệp này chứa toàn bộ nhật ký của một phiên họp và bằng chứng rằng nhật ký không bị sửa đổi.
Kiểm tra không cần mạng, không cần máy chủ:

    ecabinet verify TỆP.zip --key KHÓA

KHÓA là khóa công khai (64 chữ số thập lục phân, hoặc tệp key.pub) mà cơ quan đã công bố. Đừng lấy khóa từ chính
tệp này: ai sửa tệp cũng có thể ký lại bằng khóa của mình.

Có gì bên trong:
    manifest.json   danh mục các tệp và mã băm SHA-256 của từng tệp
    manifest.sig    chữ ký Ed25519 trên "ecabinet bundle 1", xuống dòng, rồi nội dung manifest.json
    key.pub         khóa đã ký, ghi tên sổ + mã khóa + khóa (định dạng C2SP signed-note)
    checkpoint      số mục và gốc của toàn bộ sổ nhật ký, có chữ ký (định dạng C2SP tlog-checkpoint)
    entries.json    các mục của phiên họp; mỗi mục có bản ghi, muối, nội dung và bằng chứng thuộc sổ (RFC 9162)
    profile.json    quy tắc biểu quyết đã áp dụng, kèm căn cứ pháp lý
    minutes.pdf     biên bản, nếu đã lập

Tự kiểm tra: lá của một mục là SHA-256(0x00 || bản ghi theo RFC 8785); bản ghi chứa SHA-256(muối || nội dung).
Nội dung đã xóa theo quy định về dữ liệu cá nhân, hoặc không thuộc diện công bố, được thay bằng null.


THE RECORD OF A MEETING

This file holds the whole log of one meeting and the proof that the log was not changed afterwards.
Checking it needs neither the network nor the server:

    ecabinet verify FILE.zip --key KEY

KEY is the public key (64 hexadecimal digits, or a key.pub file) that the body has published. Do not take it from
this very file: whoever changes the file could sign it again with a key of their own.

What is in it:
    manifest.json   the list of files and the SHA-256 of each
    manifest.sig    Ed25519 signature over "ecabinet bundle 1", a newline, then the bytes of manifest.json
    key.pub         the key that signed: name of the log + key id + key (C2SP signed-note)
    checkpoint      length and root of the whole log, signed (C2SP tlog-checkpoint)
    entries.json    the meeting's entries; each with its record, salt, payload and inclusion proof (RFC 9162)
    profile.json    the rules the votes were decided by, with their legal basis
    minutes.pdf     the minutes, if they were drafted

By hand: an entry's leaf is SHA-256(0x00 || record as RFC 8785 writes it); the record holds SHA-256(salt || payload).
What was erased under data protection rules, or is not to be published, is null.
"""


@dataclass(frozen=True, slots=True)
class Seal:
    """The key a bundle is signed with."""

    origin: str
    """The log's name."""
    public_key: bytes
    sign: Callable[[bytes], bytes]


def pack(published: Publishable, seal: Seal) -> bytes:
    """The bundle. The same arguments give the same bytes."""
    files = {
        KEY: f"{notes.key_line(seal.origin, seal.public_key)}\n".encode(),
        CHECKPOINT: published.checkpoint.note.encode(),
        ENTRIES: canonical([_entry(each, published.veiled) for each in published.proven]),
        PROFILE: canonical(plain(published.profile)),
        README: README_TEXT.encode(),
    }
    if published.minutes is not None:
        files[MINUTES] = published.minutes
    manifest = canonical(
        {
            "format": FORMAT,
            "v": VERSION,
            "meeting": plain(published.about),
            "files": {name: described(content) for name, content in files.items()},
        }
    )
    signature = seal.sign(SIGNED_PREFIX + manifest)
    return archive(files | {MANIFEST: manifest, SIGNATURE: f"{signature.hex()}\n".encode()})


def archive(files: Mapping[str, bytes]) -> bytes:
    """The one zip of these files: in order of name, stored, without dates, owners or remarks."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as opened:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EARLIEST)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            opened.writestr(entry, files[name])
    return written.getvalue()


def unpack(bundle: bytes) -> dict[str, bytes]:
    """The files of a bundle. Raises Broken unless it is, byte for byte, what `archive` makes of them."""
    if len(bundle) > LIMIT_BYTES:
        raise Broken("Tệp quá lớn.", "The file is too large.")
    try:
        with zipfile.ZipFile(io.BytesIO(bundle)) as opened:
            entries = opened.infolist()
            if len(entries) > len(_KNOWN) or any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
                raise Broken("Tệp đã bị đóng gói lại.", "The file was packed again by something else.")
            files = {entry.filename: opened.read(entry) for entry in entries}
    except _ZIP_ERRORS:
        raise Broken("Tệp không phải gói hồ sơ hoặc đã hỏng.", "Not a bundle, or a damaged one.") from None
    if not (files.keys() >= _REQUIRED and files.keys() <= _KNOWN):
        raise Broken("Gói thiếu tệp hoặc có tệp lạ.", "A file is missing, or one is there that does not belong.")
    if archive(files) != bundle:
        raise Broken(
            "Cấu trúc gói không đúng từng byte với dạng chuẩn.",
            "The file is not, byte for byte, in its one right form.",
        )
    return files


def parse_key(files: Mapping[str, bytes]) -> tuple[str, bytes]:
    """(name of the log, public key) as the bundle states them. Raises Broken."""
    try:
        name, key = notes.parse_key_line(files[KEY].decode().removesuffix("\n"))
    except (notes.NoteInvalid, UnicodeDecodeError):
        raise Broken("key.pub không phải khóa hợp lệ.", "key.pub is not a valid key.") from None
    return name, key


def open_manifest(files: Mapping[str, bytes], public_key: bytes) -> dict[str, Any]:
    """The manifest, if this key has signed it and every file is the one it lists. Raises Broken."""
    try:
        signature = bytes.fromhex(files[SIGNATURE].decode("ascii"))
    except ValueError:
        raise Broken("manifest.sig không phải chữ ký.", "manifest.sig is not a signature.") from None
    is_signed = notes.is_signed(SIGNED_PREFIX + files[MANIFEST], signature, public_key)
    if not is_signed or files[SIGNATURE] != f"{signature.hex()}\n".encode():
        raise Broken(
            "Chữ ký trên danh mục không đúng: gói đã bị sửa sau khi ký.",
            "The signature over the manifest is wrong: the bundle was changed after it was signed.",
        )
    manifest: dict[str, Any] = read_canonical(files, MANIFEST)
    listed = {name: described(content) for name, content in files.items() if name not in _UNLISTED}
    if manifest.get("format") != FORMAT or manifest.get("v") != VERSION:
        raise Broken("Gói thuộc phiên bản khác.", "A bundle of another version.")
    if manifest.get("files") != listed:
        changed = ", ".join(sorted(name for name in listed if listed[name] != manifest.get("files", {}).get(name)))
        raise Broken(f"Tệp khác với danh mục đã ký: {changed}.", f"Other than in the signed manifest: {changed}.")
    return manifest


def read_canonical(files: Mapping[str, bytes], name: str) -> Any:
    """The JSON of a file that must be in its canonical form. Raises Broken."""
    try:
        value = json.loads(files[name])
        is_canonical = canonical(value) == files[name]
    except (ValueError, TypeError, RecursionError):
        is_canonical = False
    if not is_canonical:
        raise Broken(f"{name} không ở dạng chuẩn.", f"{name} is not in canonical form.")
    return value


def described(content: bytes) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content)}


def _entry(proven: Proven, veiled: frozenset[int]) -> dict[str, Any]:
    """An entry as it is published: what it discloses is null when it was erased or stays in the house."""
    entry = proven.entry
    kept = None if entry.number in veiled else entry.disclosure
    return {
        "record": record(entry),
        "salt": kept.salt.hex() if kept else None,
        "payload": kept.payload if kept else None,
        "proof": [sibling.hex() for sibling in proven.proof],
    }
