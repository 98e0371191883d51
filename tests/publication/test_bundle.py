"""Not one byte of a bundle can be another."""

import io
import zipfile
from collections.abc import Callable

import pytest

from ecabinet.publication import bundle
from ecabinet.publication.model import Broken
from ecabinet.publication.rules import verify
from tests.publication.sessions import SIGNER, held, packed, publishable, small, small_one


def is_accepted(archive: bytes) -> bool:
    return verify(archive, SIGNER.public_key).is_accepted


def test_a_bundle_is_the_same_bytes_whenever_it_is_made() -> None:
    assert packed(publishable(held().records)) == small()


def test_a_bundle_is_accepted_as_it_is_and_refused_after_any_change_of_one_byte() -> None:
    archive = small_one()
    assert is_accepted(archive)
    changed = bytearray(archive)
    for at, byte in enumerate(archive):
        changed[at] = byte ^ (1 << at % 8)
        assert not is_accepted(bytes(changed)), at
        changed[at] = byte


@pytest.mark.parametrize("pattern", [0xFF, 0x80, 0x20])
def test_other_changes_of_a_byte_are_refused_as_well(pattern: int) -> None:
    archive = small_one()
    changed = bytearray(archive)
    for at in range(0, len(archive), 17):
        changed[at] ^= pattern
        assert not is_accepted(bytes(changed)), at
        changed[at] ^= pattern


def test_a_bundle_cut_short_or_made_longer_is_refused() -> None:
    archive = small_one()
    for at in range(0, len(archive), 97):
        assert not is_accepted(archive[:at])
        assert not is_accepted(archive[:at] + archive[at + 1 :])
        assert not is_accepted(archive[:at] + b"\x00" + archive[at:])
    assert not is_accepted(archive + b"\x00")
    assert not is_accepted(b"\x00" + archive)


@pytest.mark.parametrize("name", sorted(bundle.unpack(small())))
def test_every_byte_of_every_file_is_bound_even_in_a_well_made_zip(name: str) -> None:
    """As the test above, with the outer form put right again: what the signature alone must notice."""
    files = bundle.unpack(small())
    content = files[name]
    for at in range(0, len(content), max(1, len(content) // 150)):
        changed = content[:at] + bytes([content[at] ^ (1 << at % 8)]) + content[at + 1 :]
        assert not is_accepted(bundle.archive({**files, name: changed})), at
    assert not is_accepted(bundle.archive({**files, name: content + b"\n"}))


@pytest.mark.parametrize("name", sorted(bundle.unpack(small())))
def test_a_bundle_without_one_of_its_files_is_refused(name: str) -> None:
    files = bundle.unpack(small())
    del files[name]
    assert not is_accepted(bundle.archive(files))


def compressed(files: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as opened:
        for name in sorted(files):
            opened.writestr(name, files[name])
    return written.getvalue()


def doubled(files: dict[str, bytes]) -> bytes:
    written = io.BytesIO(bundle.archive(files))
    with zipfile.ZipFile(written, "a") as opened, pytest.warns(UserWarning, match="Duplicate"):
        opened.writestr("README.txt", "another")
    return written.getvalue()


STRANGE: list[Callable[[dict[str, bytes]], bytes]] = [
    compressed,
    doubled,
    lambda files: bundle.archive({**files, "more.txt": b""}),
    lambda files: bundle.archive({**files, "../README.txt": b""}),
    lambda _: b"",
    lambda _: b"PK\x05\x06" + bytes(18),
    lambda _: b"not a zip at all",
]


@pytest.mark.parametrize("make", STRANGE)
def test_what_is_no_bundle_is_refused(make: Callable[[dict[str, bytes]], bytes]) -> None:
    with pytest.raises(Broken):
        bundle.unpack(make(bundle.unpack(small())))


def test_the_readme_tells_how_to_check_in_both_languages() -> None:
    text = bundle.unpack(small())[bundle.README].decode()
    assert "ecabinet verify" in text
    assert "khóa công khai" in text
    assert "public key" in text
