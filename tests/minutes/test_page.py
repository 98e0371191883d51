"""The form, filled and set: what a reader, a printer and a screen reader get."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pypdfium2
import pytest

import ecabinet.minutes
from ecabinet.adapters.typesetter import Typesetter
from ecabinet.kernel.official import letterhead
from ecabinet.minutes.compose import compose
from ecabinet.minutes.model import Facts
from ecabinet.minutes.page import page
from ecabinet.minutes.service import form
from ecabinet.minutes.sheets import spans
from tests.minutes.facts import FACTS

FONTS = Path(ecabinet.minutes.__file__).parent / "fonts"
NOW = datetime(2026, 11, 25, 5, tzinfo=UTC)
HOSTILE = '#panic("x") *đậm* $x$ `y` <a> @b \\ “”\u202e 😀 \x01 漢字 /* */ // [z] {w}'


@pytest.fixture(scope="module")
def typesetter() -> Typesetter:
    return Typesetter(FONTS)


async def pages(typesetter: Typesetter, facts: Facts) -> tuple[bytes, list[str]]:
    pdf = await typesetter.pdf(form(), page(facts, compose(facts)), NOW)
    document = pypdfium2.PdfDocument(pdf)
    return pdf, [" ".join(each.get_textpage().get_text_range().split()) for each in document]


async def test_figures_names_and_times_can_be_read_out_of_the_pages(typesetter: Typesetter) -> None:
    _pdf, told = await pages(typesetter, FACTS)
    whole = " ".join(told)
    for expected in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "BỘ HẠ TẦNG SỐ VÀ DỊCH VỤ CÔNG",
        "Số: …/BB-…",
        "DỰ THẢO",
        "Phiên họp giao ban Lãnh đạo Bộ tháng 11/2026",
        "08 giờ 02 phút, ngày 25 tháng 11 năm 2026",
        "5/7, gồm: Bộ trưởng TV01",
        "TT Kết quả biểu quyết Số lượng Tỷ lệ so với tổng số thành viên",
        "Tán thành 6 85,71%",
        "Không tán thành 2 28,57%",
        "cần ≥ 4, quá nửa tổng số thành viên",
        "Thứ trưởng TV03 Không tán thành",
        "11 giờ 26 phút, ngày 25 tháng 11 năm 2026./.",
        "THƯ KÝ (Ký, ghi rõ họ tên) CHỦ TỌA (Ký, ghi rõ họ tên)",
        "Nơi nhận: - Như thành phần tham dự;",
        "Căn cứ kiểm chứng",
        "61–66, 69",
        FACTS.seal.root if FACTS.seal else "",
    ):
        assert expected in whole


async def test_pages_are_numbered_from_the_second_on(typesetter: Typesetter) -> None:
    _pdf, told = await pages(typesetter, FACTS)
    assert len(told) >= 3  # each begins with the mark across the page
    assert told[0].startswith("DỰ THẢO BỘ")
    assert [text.split()[2] for text in told[1:]] == [str(number) for number in range(2, len(told) + 1)]


async def test_the_file_is_archival_accessible_and_has_its_fonts_inside(typesetter: Typesetter, tmp_path: Path) -> None:
    pdf, _told = await pages(typesetter, FACTS)
    (tmp_path / "m.pdf").write_bytes(pdf)
    with pikepdf.open(tmp_path / "m.pdf") as opened:
        metadata = opened.open_metadata()
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"], metadata["pdfuaid:part"]) == ("2", "A", "1")
        assert str(opened.Root.Lang).startswith("vi")
        fonts = [font for each in opened.pages for font in each.resources.get("/Font", {}).values()]
        assert fonts
        assert all("Tinos" in str(font.BaseFont) for font in fonts)
        width, height = (float(side) for side in opened.pages[0].mediabox[2:])
        assert (round(width), round(height)) == (595, 842)


async def test_what_people_typed_is_printed_and_never_obeyed(typesetter: Typesetter) -> None:
    course = replace(FACTS.courses[0], title=HOSTILE, presenter=HOSTILE)
    people = tuple(replace(each, name=HOSTILE) for each in FACTS.attendees[:1])
    facts = replace(FACTS, title=HOSTILE, place=HOSTILE, unit=HOSTILE, courses=(course,), attendees=people)
    _pdf, told = await pages(typesetter, facts)
    assert '#panic("x") *đậm* $x$ `y` <a> @b \\ “” ? ? ?? /* */ // [z] {w}' in " ".join(told)


async def test_the_same_facts_give_the_same_bytes(typesetter: Typesetter) -> None:
    first, _ = await pages(typesetter, FACTS)
    second, _ = await pages(typesetter, FACTS)
    assert first == second


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("Bộ Nội vụ", ["Bộ Nội vụ"]),
        ("Bộ Hạ tầng số và Dịch vụ công", ["Bộ Hạ tầng số", "và Dịch vụ công"]),
        ("Ủy ban nhân dân tỉnh Minh Sơn", ["Ủy ban nhân dân", "tỉnh Minh Sơn"]),
        ("Hội đồng nhân dân tỉnh Minh Sơn", ["Hội đồng nhân dân", "tỉnh Minh Sơn"]),
        ("Mộtchữdàikhôngcókhoảngtrắngnào", ["Mộtchữdàikhôngcókhoảngtrắngnào"]),
    ],
)
def test_a_long_name_is_broken_where_it_reads_well(unit: str, expected: list[str]) -> None:
    assert letterhead(unit) == expected


@pytest.mark.parametrize(
    ("numbers", "told"),
    [((), ""), ((5,), "5"), ((5, 6), "5, 6"), ((7, 5, 6), "5–7"), ((1, 2, 3, 9, 11, 12, 12), "1–3, 9, 11, 12")],
)
def test_runs_of_entries_are_written_as_spans(numbers: tuple[int, ...], told: str) -> None:
    assert spans(numbers) == told
