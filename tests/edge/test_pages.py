"""The browser client's files: what is there is served, everything else is the one page, and nothing lies outside."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from ecabinet.edge.headers import Origins
from ecabinet.edge.pages import add_pages
from ecabinet.edge.routes import SignedIn
from ecabinet.edge.web import Attempt, Door, application
from ecabinet.kernel.access import NOBODY, Standing
from ecabinet.kernel.ids import BodyId, MeetingId

PAGE = "<!doctype html>"


async def nobody(cookie: str) -> SignedIn | None:
    return None


async def nowhere(signed_in: SignedIn, meeting: MeetingId | None, body: BodyId | None) -> Standing:
    return NOBODY


async def unheard(attempt: Attempt) -> None:
    """Nobody is refused here."""


@pytest.fixture
async def client(tmp_path: Path) -> "AsyncIterator[TestClient[web.Request, web.Application]]":
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(PAGE)
    (folder / "assets" / "page-1.js").write_text("script")
    (tmp_path / "ledger.key").write_text("secret")
    app = application(Door(Origins("http://page", ("ws://page",)), nobody, nowhere, unheard, 60), [])
    add_pages(app, folder)
    async with TestClient(TestServer(app)) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("/", 200, PAGE),
        ("/meetings/abc", 200, PAGE),
        ("/assets/page-1.js", 200, "script"),
        ("/assets/page-2.js", 404, None),
        ("/api/nothing", 404, None),
        ("/..%2fledger.key", 200, PAGE),
        ("/%2e%2e/ledger.key", 200, PAGE),
        ("/%00", 200, PAGE),
        ("/" + "x" * 300, 200, PAGE),
    ],
)
async def test_every_address_leads_somewhere(
    client: "TestClient[web.Request, web.Application]", path: str, status: int, text: str | None
) -> None:
    answer = await client.get(URL(path, encoded=True))
    assert answer.status == status
    assert text is None or await answer.text() == text
