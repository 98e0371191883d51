"""Tests mirror the sources: what decides has its own test file."""

from pathlib import Path

from tests.architecture.repository import ROOT, our_files

DECIDING = sorted(
    path for path in our_files() if path.match("server/ecabinet/*/rules.py") or path.match("server/ecabinet/*/views.py")
)


def has_tests(source: Path) -> bool:
    """Whether tests/<slice>/test_<name>*.py exists."""
    return any((ROOT / "tests" / source.parent.name).glob(f"test_{source.stem}*.py"))


def test_rules_and_views_have_their_own_test_file() -> None:
    assert [str(source) for source in DECIDING if not has_tests(source)] == []


def test_there_is_something_to_mirror() -> None:
    assert DECIDING != []
