"""Checking a file: with Python and `cryptography`, and nothing else of ours or anybody's."""

import subprocess
import sys
from pathlib import Path

import pytest

from ecabinet.ledger.notes import fingerprint, key_line
from ecabinet.publication.offline import KeyUnreadable, read_key, verify_file
from tests.publication.sessions import SIGNER, STRANGER, small

SERVER = Path(__file__).parents[2] / "server"
LOADED = """
import sys
import ecabinet.publication.offline, ecabinet.publication.views
foreign = {name.split(".")[0] for name in sys.modules} - set(sys.stdlib_module_names) - set(sys.argv[1:])
print(sorted(name for name in foreign if not name.startswith("_")))
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    archive = tmp_path / "bundle.zip"
    archive.write_bytes(small())
    return archive


def test_a_file_is_checked_against_the_published_key(path: Path, tmp_path: Path) -> None:
    published = tmp_path / "key.pub"
    published.write_text(key_line(SIGNER.origin, SIGNER.public_key) + "\n", encoding="utf-8")
    for key in (None, SIGNER.public_key.hex(), fingerprint(SIGNER.public_key), str(published)):
        assert verify_file(path, key).is_accepted
    assert not verify_file(path, STRANGER.public_key.hex()).is_accepted


@pytest.mark.parametrize("key", ["", "zz" * 32, "no/such/file", "."])
def test_what_is_no_key_is_not_compared_with(key: str) -> None:
    with pytest.raises(KeyUnreadable):
        read_key(key)


def test_a_file_that_is_no_key_is_not_compared_with(path: Path) -> None:
    with pytest.raises(KeyUnreadable):
        read_key(str(path))


def test_checking_needs_python_and_cryptography_only() -> None:
    command = [sys.executable, "-c", LOADED, "ecabinet", "cryptography"]
    ran = subprocess.run(command, env={"PYTHONPATH": str(SERVER)}, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
