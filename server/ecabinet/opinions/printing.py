"""Setting a slip's documents in type."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from ecabinet.kernel.ports import Blobs
from ecabinet.papers.model import Names, Upload

from .page import Printable, opinions_page, result_page
from .ports import Pdfs, Typesetter

_LIMIT_BYTES = 50_000_000
"""Far more than any of these; the blobs port wants a limit."""


class Document(StrEnum):
    """What is printed of a slip."""

    RESULT = "result"
    OPINIONS = "opinions"


@dataclass(frozen=True, slots=True)
class Pages:
    """A PDF."""

    names: Names
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
    """Makes pages of facts. Outside any transaction."""

    typesetter: Typesetter
    blobs: Blobs
    pdfs: Pdfs
    zone: ZoneInfo
    """In which documents tell the time."""

    async def set(self, told: Printable, document: Document) -> Pages:
        """The document, as of the slip's end: the same facts give the same bytes."""
        number = f"{told.slip.number:02d}"
        if document is Document.RESULT:
            names = Names(f"Báo cáo kết quả phiếu lấy ý kiến số {number}", f"ket-qua-phieu-{number}.pdf")
            values = result_page(told, self.zone)
        else:
            names = Names(f"Bảng ý kiến – giải trình, tiếp thu, phiếu số {number}", f"giai-trinh-phieu-{number}.pdf")
            values = opinions_page(told, self.zone)
        return Pages(names, await self.typesetter.pdf(form(), values, told.ending.at))

    async def keep(self, told: Printable, document: Document) -> Upload:
        """The document as a paper, its bytes kept; the same bytes twice are kept once."""
        pages, counted = await self.set(told, document), list[int]()

        async def count(path: str) -> None:
            counted.append(await self.pdfs.pages(path) or 0)

        digest, size_bytes = await self.blobs.put(pages.chunks(), _LIMIT_BYTES, count)
        return Upload(pages.names, digest, size_bytes, counted[0])


@cache
def form() -> str:
    """The form, as typst source."""
    return resources.files(__package__).joinpath("form.typ").read_text(encoding="utf-8")
