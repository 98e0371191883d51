"""PDFs over HTTP: in by the secretary, out to those entitled, and what is no PDF not at all."""

import asyncio
import gzip
import hashlib
import io
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pikepdf
import pytest

from ecabinet.adapters.blobs import FileBlobs
from ecabinet.adapters.database import Database
from ecabinet.adapters.pdf import PdfReader
from ecabinet.adapters.unit_of_work import Act
from ecabinet.kernel.ids import PersonId
from ecabinet.meetings.model import Phase
from ecabinet.meetings.sql import SqlMeetings
from ecabinet.papers.http import PapersHttp
from ecabinet.papers.realtime import PapersRealtime
from ecabinet.papers.service import Papers
from ecabinet.papers.sql import SqlPapers
from tests.fakes.door import Here, People, a_house
from tests.fakes.gathering import AN, CHAIR, FIRST, GUEST, MEETING, SECOND, SECRETARY, a_meeting
from tests.fakes.kernel import CountingIds, SetClock

LIMIT_BYTES = 100_000
STRANGER = PersonId("stranger")
AT_FIRST = f"/api/meetings/{MEETING}/items/{FIRST}/papers?title=T%E1%BB%9D%20tr%C3%ACnh&filename=t%E1%BB%9D.pdf"
AT_SECOND = AT_FIRST.replace(FIRST, SECOND)
PDF = {"Content_Type": "application/pdf"}


def a_pdf(pages: int = 2, **saving: Any) -> bytes:
    out, pdf = io.BytesIO(), pikepdf.new()
    for _ in range(pages):
        pdf.add_blank_page()
    pdf.save(out, **saving)
    return out.getvalue()


GOOD = a_pdf()


@dataclass
class Office:
    here: Here
    people: People
    folder: Path

    async def send(
        self,
        body: Any = GOOD,
        headers: dict[str, str] | None = None,
        *,
        path: str = AT_FIRST,
        by: PersonId = SECRETARY,
    ) -> Any:
        status, answer, _ = await self.people.ask(by, "POST", path, body, **{**PDF, **(headers or {})})
        return status, (answer["error"]["code"] if status >= 400 else answer["id"])

    def kept(self) -> list[Path]:
        """Every file there is, named or arriving."""
        return [path for path in self.folder.rglob("*") if path.is_file()]


@asynccontextmanager
async def an_office(database: Database, folder: Path, phase: Phase) -> AsyncIterator[Office]:
    ids, clock = CountingIds(), SetClock()

    def papers(act: Act) -> Papers:
        return Papers(act, SqlPapers(act.connection), SqlMeetings(act.connection), ids, clock)

    async with a_house(database, a_meeting(phase), PapersRealtime().projectors()) as here:
        http = PapersHttp(here.uow, papers, FileBlobs(folder), PdfReader(), LIMIT_BYTES)
        async with here.serving(http.routes()) as people:
            yield Office(here, people, folder)


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> AsyncIterator[Office]:
    async with an_office(database, tmp_path / "papers", Phase.CONVENED) as made:
        yield made


async def test_a_paper_goes_in_and_comes_out_byte_for_byte(office: Office) -> None:
    status, paper = await office.send()
    assert status == 201
    status, got, headers = await office.people.ask(AN, "GET", f"/api/meetings/{MEETING}/papers/{paper}/content")
    assert (status, got) == (200, GOOD)
    digest = hashlib.sha256(GOOD)
    assert headers["Content-Digest"] == f"sha-256=:{b64encode(digest.digest()).decode()}:"
    assert headers["Content-Type"] == "application/pdf"
    assert headers["Content-Disposition"].startswith("attachment")
    assert headers["X-Content-Type-Options"] == "nosniff"
    (told,) = await office.here.told()
    entry = told.body["papers"][paper]
    assert (entry["title"], entry["filename"], entry["pages"]) == ("Tờ trình", "tờ.pdf", 2)
    assert (entry["digest"], entry["size_bytes"], entry["is_late"]) == (digest.hexdigest(), len(GOOD), True)


async def test_a_paper_may_come_without_its_length(office: Office) -> None:
    async def slowly() -> AsyncIterator[bytes]:
        for start in range(0, len(GOOD), 100):
            yield GOOD[start : start + 100]

    assert (await office.send(slowly()))[0] == 201


async def stream(body: bytes) -> AsyncIterator[bytes]:
    yield body


BAD: list[tuple[str, Any, dict[str, str], tuple[int, str]]] = [
    ("a text", b"Hello, I am not a PDF at all.", {}, (400, "not_a_pdf")),
    ("nothing", b"", {}, (400, "not_a_pdf")),
    ("three bytes", b"%PD", {}, (400, "not_a_pdf")),
    ("something before the beginning", b"\n" + GOOD, {}, (400, "not_a_pdf")),
    ("another type", GOOD, {"Content_Type": "text/html"}, (400, "not_a_pdf")),
    ("no type", GOOD, {"Content_Type": ""}, (400, "not_a_pdf")),
    ("half of it", GOOD[: len(GOOD) // 2], {}, (400, "broken_pdf")),
    ("all but its end", GOOD[:-6], {}, (400, "broken_pdf")),
    ("a beginning and noise", b"%PDF-1.7\n" + bytes(range(256)) * 50, {}, (400, "broken_pdf")),
    ("no page", a_pdf(0), {}, (400, "broken_pdf")),
    ("locked", a_pdf(encryption=pikepdf.Encryption(owner="o", user="u")), {}, (400, "broken_pdf")),
    ("locked for editing", a_pdf(encryption=pikepdf.Encryption(owner="o", user="")), {}, (400, "broken_pdf")),
    ("compressed", gzip.compress(GOOD), {"Content_Encoding": "gzip"}, (400, "invalid")),
    ("too large, and it says so", GOOD + b" " * LIMIT_BYTES, {}, (413, "too_large")),
]


async def test_what_is_no_whole_pdf_is_refused_and_leaves_nothing_behind(office: Office) -> None:
    answers = {name: await office.send(body, headers) for name, body, headers, _ in BAD}
    assert answers == {name: expected for name, _, _, expected in BAD}
    assert office.kept() == []
    assert office.here.recorder.events == []


async def test_a_body_that_grows_beyond_the_limit_is_refused_while_it_comes(office: Office) -> None:
    assert await office.send(stream(GOOD + b" " * LIMIT_BYTES)) == (413, "too_large")
    assert office.kept() == []


async def test_a_sender_who_leaves_in_the_middle_leaves_nothing_behind(office: Office) -> None:
    class Gone(Exception):
        pass

    async def breaking_off() -> AsyncIterator[bytes]:
        yield GOOD[:300]
        while not office.kept():
            await asyncio.sleep(0.01)
        raise Gone

    with pytest.raises((Gone, aiohttp.ClientError)):
        await office.send(breaking_off())
    async with asyncio.timeout(5):
        while office.kept():
            await asyncio.sleep(0.01)
    assert office.here.recorder.events == []


async def test_only_who_prepares_the_meeting_adds_papers(office: Office) -> None:
    for person in (CHAIR, AN, GUEST):
        assert await office.send(by=person) == (403, "not_allowed")
    assert await office.send(by=STRANGER) == (404, "not_found")
    assert office.kept() == []


async def test_an_item_that_is_not_on_this_agenda_is_not_found_before_a_byte_is_kept(office: Office) -> None:
    assert await office.send(path=AT_FIRST.replace(FIRST, "elsewhere")) == (404, "not_found")
    assert office.kept() == []


async def test_a_guest_gets_the_papers_of_the_own_item_and_knows_of_no_others(office: Office) -> None:
    (_, secret), (_, own) = await office.send(), await office.send(path=AT_SECOND)
    for paper, expected in ((secret, 404), (own, 200), ("none", 404)):
        status, _, _ = await office.people.ask(GUEST, "GET", f"/api/meetings/{MEETING}/papers/{paper}/content")
        assert status == expected
    status, _, _ = await office.people.ask(STRANGER, "GET", f"/api/meetings/{MEETING}/papers/{own}/content")
    assert status == 404


async def test_the_same_bytes_are_hung_once_on_an_item(office: Office) -> None:
    await office.send()
    assert await office.send() == (409, "paper_is_there")


async def test_a_paper_is_taken_back_and_everybody_told(office: Office) -> None:
    _, paper = await office.send()
    assert (await office.people.ask(AN, "DELETE", f"/api/meetings/{MEETING}/papers/{paper}"))[0] == 403
    assert (await office.people.ask(SECRETARY, "DELETE", f"/api/meetings/{MEETING}/papers/{paper}"))[0] == 204
    assert (await office.people.ask(SECRETARY, "DELETE", f"/api/meetings/{MEETING}/papers/{paper}"))[0] == 404
    assert [told.body for told in await office.here.told()][-1] == {"papers": {paper: None}}


@pytest.mark.parametrize(("phase", "adding", "removing"), [(Phase.OPEN, 201, 409), (Phase.CLOSED, 409, 404)])
async def test_papers_come_and_go_when_the_phase_lets_them(
    database: Database, tmp_path: Path, phase: Phase, adding: int, removing: int
) -> None:
    async with an_office(database, tmp_path / "papers", phase) as office:
        status, paper = await office.send()
        assert status == adding
        assert (await office.people.ask(SECRETARY, "DELETE", f"/api/meetings/{MEETING}/papers/{paper}"))[0] == removing


async def test_the_live_view_hides_an_items_papers_from_who_may_not_know_of_it(office: Office) -> None:
    _, secret = await office.send()
    _, own = await office.send(path=AT_SECOND)
    (collection,) = PapersRealtime().collections()
    async with office.here.uow.reading() as act:
        whole = await collection.load(MEETING, act.connection)
    guest = await office.here.standing_of(GUEST)
    assert set(whole) == {secret, own}
    assert {key for key, entry in whole.items() if collection.restrict(key, entry, guest)} == {own}
