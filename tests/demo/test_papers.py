"""The demo's papers can be read, printed and read aloud."""

from datetime import UTC, date, datetime
from importlib import resources
from pathlib import Path

import pikepdf
import pypdfium2
import pytest

import ecabinet.minutes
from ecabinet.adapters.typesetter import Typesetter
from ecabinet.demo.printing import PaperPlan, Printer

SOURCES = sorted(
    each.name.removesuffix(".typ")
    for each in (resources.files("ecabinet.demo") / "papers").iterdir()
    if each.name != "official.typ"
)
NOW = datetime(2026, 11, 18, 3, tzinfo=UTC)


@pytest.fixture(scope="module")
def printer() -> Printer:
    return Printer(Typesetter(Path(ecabinet.minutes.__file__).parent / "fonts"), date(2026, 11, 25))


async def read(printer: Printer, source: str) -> tuple[bytes, str]:
    pdf = await printer.set(PaperPlan(source, f"Tài liệu {source}", "Văn phòng Bộ"), NOW)
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]
    return pdf, " ".join(" ".join(pages).split())


def test_there_are_enough_to_look_at() -> None:
    assert len(SOURCES) >= 10


@pytest.mark.parametrize("source", SOURCES)
async def test_a_paper_has_the_form_of_an_official_one(printer: Printer, source: str, tmp_path: Path) -> None:
    pdf, told = await read(printer, source)
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc" in told
    assert len(told) > 800
    (tmp_path / "paper.pdf").write_bytes(pdf)
    with pikepdf.open(tmp_path / "paper.pdf") as opened:
        metadata = opened.open_metadata()
        assert (metadata["pdfaid:part"], metadata["pdfuaid:part"]) == ("2", "1")
        assert metadata["dc:title"] == f"Tài liệu {source}"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("to-trinh-nghi-dinh", "Hà Nội, ngày 16 tháng 11 năm 2026"),
        ("bao-cao-24-nhiem-vu", "phiên họp giao ban tháng 10/2026"),
        ("phu-luc-du-toan", "Tổng cộng 294.700 407.500 31.100 475.200 68.300 1.276.800"),
        ("to-trinh-du-toan", "1.276,8 tỷ đồng"),
        ("bang-tiep-thu", "Tổng cộng 41 Tiếp thu 33, giải trình 8"),
        ("du-thao-nghi-dinh", "Điều 16. Trách nhiệm thi hành"),
    ],
)
async def test_days_are_counted_from_the_meeting_and_sums_agree(printer: Printer, source: str, expected: str) -> None:
    assert expected in (await read(printer, source))[1]


async def test_a_year_turns_where_it_should() -> None:
    printer = Printer(Typesetter(Path(ecabinet.minutes.__file__).parent / "fonts"), date(2027, 1, 12))
    assert "phiên họp giao ban tháng 12/2026" in (await read(printer, "bao-cao-24-nhiem-vu"))[1]
    assert "Hà Nội, ngày 05 tháng 01 năm 2027" in (await read(printer, "bao-cao-24-nhiem-vu"))[1]
