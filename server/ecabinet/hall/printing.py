"""Setting the tellers' minutes in type."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

from .model import Facts
from .page import page
from .ports import Typesetter


@dataclass(frozen=True, slots=True)
class Pages:
    """A PDF."""

    content: bytes

    @property
    def digest(self) -> str:
        """SHA-256, lower-case hex."""
        return hashlib.sha256(self.content).hexdigest()

    async def chunks(self) -> AsyncIterator[bytes]:
        """All of it."""
        yield self.content


@dataclass(frozen=True, slots=True)
class Press:
    """Makes pages of facts. Outside any transaction; the same facts give the same bytes, so none are kept."""

    typesetter: Typesetter

    async def set(self, facts: Facts) -> Pages:
        """The document, as of the moment the question was closed."""
        return Pages(await self.typesetter.pdf(form(), page(facts), facts.closed_at))


@cache
def form() -> str:
    """The form, as typst source."""
    return resources.files(__package__).joinpath("form.typ").read_text(encoding="utf-8")
