"""The key file: made once, for its owner alone, and never taken for another."""

import stat
from pathlib import Path

import pytest

from ecabinet.adapters.keys import FileSigner, KeyUnusable
from ecabinet.ledger.notes import is_signed


def test_a_key_is_made_once_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "ledger.pem"
    made = FileSigner.open(path, "log.test")
    again = FileSigner.open(path, "renamed.test")
    assert (again.origin, again.public_key) == ("log.test", made.public_key)
    assert is_signed(b"text", again.sign(b"text"), made.public_key)
    assert [each.name for each in path.parent.iterdir()] == ["ledger.pem"]


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "ledger.pem"
    FileSigner.open(path, "log.test")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o640)
    with pytest.raises(KeyUnusable, match="chmod 600"):
        FileSigner.open(path, "log.test")


@pytest.mark.parametrize("content", ["", "origin: log.test\n", "origin: log.test\nno pem\n"])
def test_a_broken_file_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "ledger.pem"
    path.write_text(content, encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(KeyUnusable):
        FileSigner.open(path, "log.test")


def test_a_key_without_a_logs_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger.pem"
    FileSigner.open(path, "log.test")
    path.write_text("name: " + path.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(KeyUnusable):
        FileSigner.open(path, "log.test")
