"""What the form is filled with. Pure."""

from typing import Any

from ecabinet.kernel.official import letterhead

from .model import Facts, MinutesText, Table
from .sheets import heads, spans

RECIPIENTS = ("Như thành phần tham dự;", "Lưu: VT, hồ sơ phiên họp.")
_PROOF_HEADS = ("TT", "Con số trong biên bản", "Giá trị", "Số mục trong sổ ghi")


def page(facts: Facts, text: MinutesText) -> dict[str, Any]:
    """The values of form.typ. A draft has neither number nor day: both are given when it is signed."""
    year = facts.closed.at.astimezone(facts.zone).year
    return {
        "document_title": f"Dự thảo Biên bản {facts.title}",
        "unit": facts.unit,
        "unit_lines": letterhead(facts.unit),
        "title": facts.title,
        "dated": f"…, ngày … tháng … năm {year}",
        "sections": [
            {
                "heading": section.heading,
                "layout": section.layout.value,
                "lines": [
                    {"text": line.text, "cells": list(line.cells), "table": line.table.value} for line in section.lines
                ],
            }
            for section in text.sections
        ],
        "recipients": list(RECIPIENTS),
        "heads": {table.value: heads(table, facts.member) for table in Table},
        "proof_heads": list(_PROOF_HEADS),
        "annex_lines": _annex(facts),
        "proofs": [
            {"cells": [str(row), figure.name, figure.value, spans(figure.entries)]}
            for row, figure in enumerate(text.figures, start=1)
        ],
    }


def _annex(facts: Facts) -> list[str]:
    explained = (
        "Mỗi con số trong biên bản được lấy từ sổ ghi của hệ thống, không nhập bằng tay. Bảng dưới đây nêu số thứ "
        "tự của các mục trong sổ ghi làm căn cứ cho từng con số."
    )
    lines = [explained, f"Mã phiên họp: {facts.meeting}."]
    if facts.seal is not None:
        lines.append(f"Sổ ghi khi lập biên bản có {facts.seal.size} mục; giá trị gốc của cây băm (SHA-256):")
        lines.append(facts.seal.root)
    return lines
