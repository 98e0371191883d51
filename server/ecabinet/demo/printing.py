"""The demo's papers: typst sources in `papers`, set when the demo is loaded."""

from dataclasses import dataclass
from datetime import date, datetime
from importlib import resources

from ecabinet.minutes.ports import Typesetter


@dataclass(frozen=True, slots=True)
class PaperPlan:
    """A paper of the demo."""

    source: str
    """Name of the typst file, without its ending."""
    title: str
    author: str

    @property
    def filename(self) -> str:
        """To save it under."""
        return f"{self.source}.pdf"


@dataclass(frozen=True, slots=True)
class Printer:
    """Sets papers for a meeting on a certain day; every date in them is counted from it."""

    typesetter: Typesetter
    meets_on: date

    async def set(self, paper: PaperPlan, at: datetime) -> bytes:
        """The PDF, as made at this moment."""
        values = {
            "title": paper.title,
            "author": paper.author,
            "year": self.meets_on.year,
            "month": self.meets_on.month,
            "day": self.meets_on.day,
        }
        return await self.typesetter.pdf(source("official") + source(paper.source), values, at)


def source(name: str) -> str:
    """A typst file of the demo."""
    return (resources.files(__package__) / "papers" / f"{name}.typ").read_text(encoding="utf-8")
