"""The repository as its tests see it: the files that are ours."""

import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = {
    ".git", ".venv", "node_modules", "dist", "var", "__pycache__", ".pytest_cache", ".mypy_cache",
    ".ruff_cache", ".hypothesis", ".import_linter_cache", "test-results", "target",
}  # fmt: skip
"""Folders that set-up, builds and tools make."""


def our_files() -> Iterator[Path]:
    """Every file of the repository, relative to its root, in a stable order."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(name for name in folders if name not in NOT_OURS)
        yield from (Path(folder, name).relative_to(ROOT) for name in sorted(names))


def text_of(path: Path) -> str | None:
    """What the file says, or None when it is not text."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def server_sources() -> Iterator[Path]:
    """Our Python programs, migrations included."""
    return (path for path in our_files() if path.suffix == ".py" and path.parts[0] == "server")
