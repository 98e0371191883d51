"""PDFs are counted whole or not at all, and what goes wrong in the reader stays there."""

import io
from pathlib import Path

import pikepdf
import pytest

from ecabinet.adapters.pdf import PdfReader, count_pages


def a_pdf(pages: int) -> bytes:
    out, pdf = io.BytesIO(), pikepdf.new()
    for _ in range(pages):
        pdf.add_blank_page()
    pdf.save(out)
    return out.getvalue()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "paper.pdf"


async def test_pages_are_counted(path: Path) -> None:
    path.write_bytes(a_pdf(7))
    assert await PdfReader().pages(str(path)) == count_pages(str(path)) == 7


async def test_no_file_is_no_pdf(path: Path) -> None:
    assert await PdfReader().pages(str(path)) is None


def test_a_pdf_cut_anywhere_is_not_whole(path: Path) -> None:
    whole = a_pdf(2)
    path.write_bytes(whole)
    assert count_pages(str(path)) == 2
    # The last byte is the line end after the end-of-file marker.
    for end in range(len(whole) - 1):
        path.write_bytes(whole[:end])
        assert count_pages(str(path)) is None, end


def test_a_pdf_with_a_piece_missing_is_not_mended(path: Path) -> None:
    whole = a_pdf(2)
    path.write_bytes(whole[:300] + whole[330:])
    assert count_pages(str(path)) is None


async def test_a_name_that_looks_like_an_option_is_only_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "--help").write_bytes(a_pdf(1))
    assert await PdfReader().pages("--help") == 1
