"""Is this a PDF, and how many pages has it? Asked of qpdf in a child process with little memory and little time.

A parser of a stranger's file is where a stranger's file does harm, so it is not run inside the application: what the
child does wrong ends with the child. This file is also the child's program; it then imports nothing of ours.
"""

import asyncio
import os
import resource
import sys

import pikepdf

_LIMIT_S = 20
"""Longest time for one file; beyond it the child is killed and the file counts as broken."""
_MEMORY_BYTES = 1 << 30
_AT_ONCE = 2


class PdfReader:
    """Looks at files, at most two at a time; more wait."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def pages(self, path: str) -> int | None:
        """How many pages; None when the file is truncated, damaged, encrypted, empty or too costly to read."""
        async with self._turns:
            child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", __file__, path),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
            try:
                async with asyncio.timeout(_LIMIT_S):
                    said, _ = await child.communicate()
            except TimeoutError:
                return None
            finally:
                if child.returncode is None:
                    child.kill()
                    await child.wait()
        return int(said) if child.returncode == 0 else None


def count_pages(path: str) -> int | None:
    """The same in this process, for files we made ourselves."""
    try:
        if not _has_end(path):
            return None
        # Without recovery: qpdf would mend a file cut off in the middle, and the record would say it is whole.
        with pikepdf.open(path, attempt_recovery=False, suppress_warnings=True) as pdf:
            return None if pdf.is_encrypted else len(pdf.pages) or None
    except (pikepdf.PdfError, pikepdf.PasswordError, OSError, ValueError, RuntimeError):
        return None


def _has_end(path: str) -> bool:
    """Whether the end-of-file marker stands in the last 1024 bytes. Source: ISO 32000-1, Annex H.3."""
    with open(path, "rb") as file:
        file.seek(max(0, os.path.getsize(path) - 1024))
        return b"%%EOF" in file.read()


def _main(path: str) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_LIMIT_S, _LIMIT_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    found = count_pages(path)
    if found is None:
        return 1
    sys.stdout.write(str(found))
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1]))
