"""Moments, shares and letterheads as Vietnamese official papers write them. Pure.

Source: Nghị định 30/2020/NĐ-CP, Phụ lục I.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

_LINE_LETTERS = 22
"""What fits in one line of the letterhead, in letters."""
_NEW_LINE = ("và ", "tỉnh ", "thành phố ", "xã ", "phường ")
"""What a second line begins with where it can."""
_WORTH = 9
"""How many letters of imbalance that is worth."""


def clock_time(at: datetime, zone: ZoneInfo) -> str:
    """ "08 giờ 02 phút"."""
    local = at.astimezone(zone)
    return f"{local.hour:02d} giờ {local.minute:02d} phút"


def calendar_day(at: datetime, zone: ZoneInfo) -> str:
    """ "ngày 05 tháng 02 năm 2026". A zero stands before days below 10 and the months 1 and 2.

    Source: Nghị định 30/2020/NĐ-CP, Phụ lục I, phần II, mục 4.
    """
    local = at.astimezone(zone)
    month = f"{local.month:02d}" if local.month < 3 else str(local.month)
    return f"ngày {local.day:02d} tháng {month} năm {local.year}"


def per_cent(share: str) -> str:
    """ "85.71" → "85,71%"."""
    return share.replace(".", ",") + "%"


def letterhead(unit: str) -> list[str]:
    """The organ's name in one line, or in two of about the same length, broken before "và" or "tỉnh …" where it can
    be."""
    words = unit.split()
    if len(unit) <= _LINE_LETTERS or len(words) < 2:
        return [unit]
    cuts = [(" ".join(words[:cut]), " ".join(words[cut:])) for cut in range(1, len(words))]
    best = min(cuts, key=lambda cut: abs(len(cut[0]) - len(cut[1])) - (_WORTH if cut[1].startswith(_NEW_LINE) else 0))
    return list(best)
