"""Minutes as the wire has them. Pure."""

from typing import Any

from typing_extensions import TypedDict

from ecabinet.kernel.events import moment

from .model import MinutesVersion


class FigureEntry(TypedDict):
    """A figure, and the ledger entries that prove it."""

    name: str
    value: str
    entries: list[int]


class LineEntry(TypedDict):
    """A statement, and the ledger entries that prove it."""

    text: str
    entries: list[int]


class SectionEntry(TypedDict):
    """A part of the minutes."""

    heading: str
    lines: list[LineEntry]


class MinutesTextEntry(TypedDict):
    """The text of one version."""

    id: str
    version: int
    drafted_at: str
    digest: str
    figures: list[FigureEntry]
    sections: list[SectionEntry]


def minutes_entry(version: MinutesVersion) -> dict[str, Any]:
    """A version in the collection ``minutes``."""
    return {
        "id": version.id,
        "version": version.version,
        "drafted_at": moment(version.drafted_at),
        "drafted_by": version.drafted_by,
        "digest": version.digest,
    }


def minutes_text(version: MinutesVersion) -> MinutesTextEntry:
    """A version with everything it says."""
    return {
        "id": version.id,
        "version": version.version,
        "drafted_at": moment(version.drafted_at),
        "digest": version.digest,
        "figures": [
            {"name": each.name, "value": each.value, "entries": list(each.entries)} for each in version.text.figures
        ],
        "sections": [
            {
                "heading": section.heading,
                "lines": [{"text": line.text, "entries": list(line.entries)} for line in section.lines],
            }
            for section in version.text.sections
        ],
    }
