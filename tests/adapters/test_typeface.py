"""What a font can show, and what is printed instead of what it cannot."""

from pathlib import Path

import pytest

import ecabinet.minutes
from ecabinet.adapters.typeface import covered, showable

FONTS = sorted((Path(ecabinet.minutes.__file__).parent / "fonts").glob("*.ttf"))
VIETNAMESE = "ăâđêôơư" + "áàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ"


@pytest.mark.parametrize("path", FONTS, ids=lambda path: path.name)
def test_our_fonts_show_all_of_vietnamese(path: Path) -> None:
    known = covered(path.read_bytes())
    wanted = VIETNAMESE + VIETNAMESE.upper() + "0123456789 .,;:!?…–“”()/%≥"
    assert {sign for sign in wanted if ord(sign) not in known} == set()
    assert not known & {0, 1, 0x1F, 0x7F, 0x9F, ord("漢")}


def test_there_are_four_styles() -> None:
    assert [path.stem for path in FONTS] == ["Tinos-Bold", "Tinos-BoldItalic", "Tinos-Italic", "Tinos-Regular"]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Ha\u0300 No\u0323\u0302i", "Hà Nội"),
        ("tên 😀", "tên ?"),
        ("a\x00b\x1bc", "a?b?c"),
        ("dòng\nmới\tcột", "dòng\nmới\tcột"),
        ("\u202egnort\u202c", "gnort"),
        ("漢字", "??"),
    ],
)
def test_what_cannot_be_shown_is_a_question_mark(typed: str, shown: str) -> None:
    assert showable(typed, covered(FONTS[-1].read_bytes())) == shown


@pytest.mark.parametrize("broken", [b"\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"])
def test_a_font_without_characters_is_refused(broken: bytes) -> None:
    with pytest.raises(ValueError, match="no table cmap"):
        covered(broken)
