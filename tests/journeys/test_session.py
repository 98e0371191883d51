"""The main job over HTTP and socket.io alone, on both databases: from the invitation to the verified record."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

import pypdfium2
import pytest

from .house import MEMBERS, House, Person, founded_house
from .papers import pdf
from .sitting import Sitting, gathered, opened, refused

PAPER_LIMIT_BYTES = 200_000


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
async def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """One ministry for each kind of database; each test holds a meeting of its own in it."""
    folder = tmp_path_factory.mktemp("house")
    url = f"sqlite+aiosqlite:///{folder / 'ecabinet.sqlite'}"
    if request.param == "postgresql":
        url = await request.getfixturevalue("postgresql").new_database()
    async with founded_house(folder, url, ECABINET_PAPER_LIMIT_BYTES=str(PAPER_LIMIT_BYTES)) as house:
        yield house


async def test_the_main_job_from_invitation_to_minutes(house: House) -> None:
    async with AsyncExitStack() as stack:
        sitting = await gathered(house, stack)
        chair, deputies = sitting.chair, sitting.deputies
        quorum = chair.view["quorums"][sitting.meeting]
        assert (quorum["members"], quorum["needed"]) == (7, 5)
        await opened(sitting)

        turn = (await deputies[0].call("POST", sitting.at("/turns")))["id"]
        await chair.until(lambda view: turn in view["turns"])
        await chair.call("POST", sitting.at(f"/turns/{turn}/give"), {"allotted_s": 300})
        await deputies[1].until(lambda view: view["turns"][turn]["status"] == "speaking")
        await deputies[0].call("POST", sitting.at(f"/turns/{turn}/end"))

        question = await sitting.put("Thông qua dự thảo Nghị định", sitting.items[1])
        choices = ["for", "for", "against", "for", "abstain"]
        receipts = [await sitting.cast(chair, question, "for")]
        for person, choice in zip(deputies, choices, strict=True):
            receipts.append(await sitting.cast(person, question, choice))
        changed = await sitting.cast(deputies[2], question, "for", n=2)
        assert changed["number"] > max(receipt["number"] for receipt in receipts)
        await chair.until(lambda view: view["turnouts"][question]["received"] == 6)
        assert not chair.view["questions"][question]["ballots"]
        await chair.call("POST", sitting.at(f"/questions/{question}/close"))
        for person in sitting.people:
            await person.until(lambda view: view["questions"][question]["status"] == "closed")
        verdict = chair.view["questions"][question]["verdict"]
        assert verdict["outcome"] == "passed"
        assert verdict["counts"] == {"for": 5, "against": 0, "abstain": 1, "other": 0}
        assert (verdict["absent"], verdict["needed"], verdict["base"]) == (1, 4, 7)
        assert len({str(person.view["questions"]) for person in sitting.people}) == 1

        conclusion = {"text": "Giao Vụ Pháp chế hoàn thiện dự thảo, trình trước ngày 30/11."}
        await chair.call("PUT", sitting.at(f"/items/{sitting.items[1]}/conclusion"), conclusion)
        await chair.call("POST", sitting.at("/close"))
        minutes = (await sitting.secretary.call("POST", sitting.at("/minutes")))["id"]
        await check_minutes(sitting, minutes)
        await check_bundle(sitting)


async def check_minutes(sitting: Sitting, minutes: str) -> None:
    """The PDF says who, when, how many, and what was decided."""
    raw = await sitting.chair.read(sitting.at(f"/minutes/{minutes}/pdf"))
    document = pypdfium2.PdfDocument(raw)
    text = " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())
    document.close()
    for expected in ["BIÊN BẢN", "Bo truong", "Thu truong 3", "5/7", "Việc khác", "trình trước ngày 30/11"]:
        assert expected in text, f"{expected!r} is not in the minutes"
    written = await sitting.chair.call("GET", sitting.at(f"/minutes/{minutes}"))
    assert all(figure["entries"] for figure in written["figures"])


async def check_bundle(sitting: Sitting) -> None:
    """The bundle is accepted as it is and refused with a byte changed."""
    bundle = await sitting.secretary.read(sitting.at("/bundle"))
    path = sitting.house.folder / "bundle.zip"
    path.write_bytes(bundle)
    code, said = await sitting.house.command("verify", str(path))
    assert code == 0, said
    middle = len(bundle) // 2
    path.write_bytes(bundle[:middle] + bytes([bundle[middle] ^ 1]) + bundle[middle + 1 :])
    code, said = await sitting.house.command("verify", str(path))
    assert code == 1, said


async def test_who_does_not_belong_is_refused_and_it_is_recorded(house: House) -> None:
    async with AsyncExitStack() as stack:
        sitting = await gathered(house, stack, deputies=5)
        people = {name: await stack.enter_async_context(Person(house, name)) for name in ("vu-truong", "pho-vu-truong")}
        guest, stand_in = people["vu-truong"], people["pho-vu-truong"]
        outsider = await stack.enter_async_context(Person(house, "nguoi-ngoai"))
        administrator = await stack.enter_async_context(Person(house, "quan-tri"))
        part = {"role": "guest", "items": [sitting.items[0]]}
        await sitting.secretary.call("PUT", sitting.at(f"/participants/{guest.id}"), part)
        absent = sitting.deputies[4]
        answer = {"answer": "stand_in", "stand_in": stand_in.id}
        await absent.call("POST", sitting.at("/answer"), answer)
        await opened(sitting)
        await stand_in.enter(sitting.meeting)
        question = await sitting.put("Thông qua dự thảo Nghị định", sitting.items[1])
        [paper] = sitting.chair.view["papers"]
        content = sitting.at(f"/papers/{paper}/content")

        assert await refused(sitting.cast(stand_in, question, "for")) == (403, "not_allowed")
        assert await refused(sitting.cast(guest, question, "for")) == (403, "not_allowed")
        assert await refused(guest.read(content)) == (404, "not_found")
        for person in (outsider, administrator):
            assert await refused(person.call("GET", sitting.at(""))) == (404, "not_found")
            assert await refused(person.read(content)) == (404, "not_found")
            assert await refused(person.enter(sitting.meeting)) == (0, "not_found")
        assert await refused(sitting.deputies[0].call("POST", sitting.at("/pause"))) == (403, "not_allowed")
        await guest.enter(sitting.meeting)
        assert set(guest.view["items"]) == {sitting.items[0]}
        assert guest.view["papers"] == guest.view["questions"] == {}

        await sitting.chair.call("POST", sitting.at(f"/questions/{question}/close"))
        record = await sitting.chair.call("GET", sitting.at("/record"))
        kept = {
            (entry["actor"], entry["payload"]["code"])
            for entry in record["entries"]
            if entry["type"] == "access.refused"
        }
        assert {
            (stand_in.id, "not_allowed"),
            (guest.id, "not_allowed"),
            (guest.id, "not_found"),
            (outsider.id, "not_found"),
            (administrator.id, "not_found"),
        } <= kept


@asynccontextmanager
async def unchanged(sitting: Sitting) -> AsyncIterator[None]:
    """What happens inside leaves the meeting as it was, for those who read it and for those on the socket."""
    before = await sitting.secretary.call("GET", sitting.at(""))
    blobs = sorted(sitting.house.folder.glob("blobs/**/*"))
    yield
    assert await sitting.secretary.call("GET", sitting.at("")) == before
    assert all(person.seq == before["seq"] for person in sitting.people)
    assert sorted(sitting.house.folder.glob("blobs/**/*")) == blobs


async def pieces(raw: bytes) -> AsyncIterator[bytes]:
    """Sent without saying how much is to come."""
    for start in range(0, len(raw), 65536):
        yield raw[start : start + 65536]


async def test_a_bad_paper_is_refused_and_nothing_is_kept(house: House) -> None:
    async with AsyncExitStack() as stack:
        sitting = await gathered(house, stack)
        whole = pdf("x")
        big = whole + b"%" * PAPER_LIMIT_BYTES
        papers: list[tuple[bytes | AsyncIterator[bytes], str, tuple[int, str]]] = [
            (b"PK\x03\x04" + b"x" * 100, "application/pdf", (400, "not_a_pdf")),
            (whole[: len(whole) // 2], "application/pdf", (400, "broken_pdf")),
            (whole, "text/html", (400, "not_a_pdf")),
            (b"", "application/pdf", (400, "not_a_pdf")),
            (big, "application/pdf", (413, "too_large")),
            (pieces(big), "application/pdf", (413, "too_large")),
        ]
        async with unchanged(sitting):
            for raw, kind, expected in papers:
                upload = sitting.secretary.upload(sitting.meeting, sitting.items[0], raw, "x", kind)
                assert await refused(upload) == expected
        await sitting.secretary.upload(sitting.meeting, sitting.items[0], whole, "x")


NEW_ITEM = {"title": "x", "type": "decision", "presenter": "", "minutes": 5}
BODIES: list[tuple[object, tuple[int, str]]] = [
    (b"{", (400, "not_json")),
    (b'{"title": "x", "title": "y"}', (400, "not_json")),
    (b'{"minutes": NaN}', (400, "not_json")),
    (b'{"title": "\xff"}', (400, "not_json")),
    (b'{"title": "\\ud800"}', (400, "not_json")),
    (b"[" * 100_000, (413, "too_large")),
    (b"[" * 1000 + b"]" * 1000, (400, "not_json")),
    (b"[]", (400, "invalid")),
    (b"", (400, "invalid")),
    ({**NEW_ITEM, "title": ""}, (400, "invalid")),
    ({**NEW_ITEM, "type": "vote"}, (400, "invalid")),
    ({**NEW_ITEM, "minutes": "5"}, (400, "invalid")),
    ({**NEW_ITEM, "more": 1}, (400, "invalid")),
]


async def test_a_body_that_is_not_what_it_should_be_is_refused(house: House) -> None:
    async with AsyncExitStack() as stack:
        sitting = await gathered(house, stack)
        item = sitting.items[0]
        async with unchanged(sitting):
            for body, expected in BODIES:
                assert await refused(sitting.secretary.call("POST", sitting.at("/items"), body)) == expected, body
            twice = sitting.secretary.call("PUT", sitting.at("/agenda"), {"order": [item, item]})
            assert await refused(twice) == (400, "not_an_order")


NOBODY = "a" * 26
"""An id as ours are, of nothing."""
QUESTION = {"item": NOBODY, "text": "x", "method": "approval"}
BEFORE_THE_OPENING: list[tuple[str, str, object]] = [
    ("DELETE", "/items/{i}", None),
    ("DELETE", "/papers/{p}", None),
]
"""By the secretary; later there is no time for it, whatever the id."""
BY_THE_SECRETARY: list[tuple[str, str, object]] = [
    ("PATCH", "/items/{i}", {"title": "x"}),
    ("PUT", "/participants/{person}", {"role": "member"}),
    ("DELETE", "/participants/{person}", None),
    ("PUT", "/items/{i}/notes", {"text": "x"}),
    ("PUT", "/roll/{person}", {"mark": "present"}),
    ("PUT", "/items/{i}/recusals/{person}", {"reason": "x"}),
    ("DELETE", "/items/{i}/recusals/{person}", None),
    ("PUT", "/questions/{q}/hands", {"answers": {}}),
    ("GET", "/questions/{q}/hands", None),
    ("POST", "/questions/{q}/hands/confirm", {"answers": {}}),
    ("GET", "/questions/{q}/tellers-minutes.pdf", None),
    ("GET", "/questions/{q}/sheet.pdf", None),
    ("PUT", "/proxies/{giver}", {"holder": NOBODY}),
    ("DELETE", "/proxies/{giver}", None),
    ("GET", "/papers/{p}/content", None),
    ("GET", "/minutes/{v}", None),
    ("GET", "/minutes/{v}/pdf", None),
    ("GET", "/recordings/{r}", None),
    ("POST", "/recordings/{r}/acknowledge", None),
    ("POST", "/recordings/{r}/retry", None),
    ("GET", "/recordings/{r}/parts/{n}/film", None),
    ("GET", "/recordings/{r}/parts/{n}/manifest", None),
]
BY_THE_CHAIR: list[tuple[str, str, object]] = [
    ("POST", "/items/{i}/start", None),
    ("POST", "/items/{i}/finish", None),
    ("PUT", "/items/{i}/conclusion", {"text": "x"}),
    ("DELETE", "/turns/{t}", None),
    ("POST", "/turns/{t}/give", {"allotted_s": 60}),
    ("POST", "/turns/{t}/end", None),
    ("POST", "/floor", {"person": NOBODY, "allotted_s": 60}),
    ("POST", "/media/mute", {"person": NOBODY}),
    ("POST", "/media/remove", {"person": NOBODY}),
    ("POST", "/questions/{q}/ballots", {"choice": "for", "n": 1}),
    ("GET", "/questions/{q}/ballots/mine", None),
    ("POST", "/questions/{q}/close", None),
    ("POST", "/questions/{q}/cancel", {"reason": "x"}),
    ("POST", "/questions/{q}/pause", None),
    ("POST", "/questions/{q}/resume", None),
    ("POST", "/questions/{q}/extend", {"seconds": 60}),
    ("POST", "/questions/{q}/repeat", {"reason": "x"}),
    ("POST", "/questions/{q}/settle", {"side": "for"}),
    ("POST", "/questions/{q}/incidents", None),
    ("PUT", "/items/{i}/plan", {"plans": []}),
    ("DELETE", "/items/{i}/plan/{p}", None),
    ("GET", "/questions/{q}/ballots/mine/proof", None),
    ("GET", "/questions/{q}/attachments/{a}", None),
    ("GET", "/straw-polls/{p}", None),
    ("POST", "/straw-polls/{p}/answers", {"choice": "option-1"}),
    ("GET", "/straw-polls/{p}/answers/mine", None),
    ("POST", "/straw-polls/{p}/close", None),
    ("POST", "/straw-polls/{p}/cancel", {"reason": "x"}),
    ("POST", "/recordings/{r}/stop", None),
]
ELSEWHERE = {
    ("POST", "/api/meetings/{m}/items/{i}/papers"),
    ("POST", "/api/meetings/{m}/questions/{q}/attachments"),
    ("PUT", "/api/meetings/{m}/items/{i}/position"),
    ("DELETE", "/api/meetings/{m}/items/{i}/position"),
    ("PUT", "/api/meetings/{m}/questions/{q}/count"),
    ("GET", "/api/meetings/{m}/questions/{q}/count"),
    ("POST", "/api/meetings/{m}/questions/{q}/count/confirm"),
}
"""Sent as bytes; done before the opening alone; done by tellers alone."""


async def test_what_is_not_there_is_not_found_whatever_the_path(house: House) -> None:
    async with AsyncExitStack() as stack:
        sitting = await gathered(house, stack)
        await not_found(sitting, sitting.secretary, BEFORE_THE_OPENING)
        await opened(sitting)
        await sitting.secretary.until(lambda view: view["items"][sitting.items[1]]["phase"] == "current")
        routes = [
            (method.upper(), path)
            for path, methods in (await sitting.chair.call("GET", "/api/openapi.json"))["paths"].items()
            for method in methods
            if "{" in path
        ]
        tried = [*BEFORE_THE_OPENING, *BY_THE_SECRETARY, *BY_THE_CHAIR]
        named = {(method, f"/api/meetings/{{m}}{path}") for method, path, _ in tried}
        meetings = {each for each in routes if each[1].startswith("/api/meetings")}
        within = {(method, path) for method, path in meetings if path.count("{") > 1}
        assert within <= named | ELSEWHERE, "a kind of path that nobody tried"
        assert await refused(sitting.secretary.upload(sitting.meeting, NOBODY, pdf("x"), "x")) == (404, "not_found")
        await not_found(sitting, sitting.secretary, BY_THE_SECRETARY)
        await not_found(sitting, sitting.chair, BY_THE_CHAIR)
        async with unchanged(sitting):
            for method, path in routes:
                found = await refused(sitting.secretary.call(method, re.sub(r"{\w+}", NOBODY, path)))
                assert found == (404, "not_found"), (method, path)


async def not_found(sitting: Sitting, person: Person, acts: list[tuple[str, str, object]]) -> None:
    """There is nothing under these ids for someone who might have done it."""
    async with unchanged(sitting):
        for method, path, body in acts:
            found = await refused(person.call(method, sitting.at(re.sub(r"{\w+}", NOBODY, path)), body))
            assert found == (404, "not_found"), (method, path)


def leading(sitting: Sitting) -> list[tuple[Person, str, str, object]]:
    """What moves a meeting on, by those who may."""
    item, question = sitting.items[1], QUESTION | {"item": sitting.items[1]}
    return [
        (sitting.secretary, "POST", "/convene", None),
        (sitting.secretary, "POST", "/cancel", {"reason": "x"}),
        (sitting.deputies[0], "POST", "/answer", {"answer": "in_person"}),
        *((sitting.chair, "POST", path, None) for path in ("/open", "/pause", "/resume", "/close")),
        *((sitting.chair, "POST", f"/items/{item}/{act}", None) for act in ("start", "finish")),
        (sitting.chair, "PUT", f"/items/{item}/conclusion", {"text": "x"}),
        (sitting.deputies[0], "POST", "/turns", None),
        (sitting.chair, "POST", "/floor", {"person": sitting.deputies[0].id, "allotted_s": 60}),
        (sitting.chair, "POST", "/questions", question),
        (sitting.secretary, "PUT", f"/roll/{sitting.deputies[0].id}", {"mark": "present"}),
        (sitting.chair, "POST", "/media/ticket", None),
        (sitting.secretary, "POST", "/minutes", None),
    ]


def is_in(sitting: Sitting, phase: str, view: dict[str, Any]) -> bool:
    """Whether a view shows the meeting in this phase."""
    return bool(view["meetings"][sitting.meeting]["phase"] == phase)


async def refuses(sitting: Sitting, *allowed: str) -> None:
    """Everything but these is refused for the phase the meeting is in."""
    async with unchanged(sitting):
        for person, method, path, body in leading(sitting):
            if path.rpartition("/")[2] not in allowed:
                assert await refused(person.call(method, sitting.at(path), body)) == (409, "wrong_phase"), path


async def test_nothing_is_done_out_of_its_time(house: House) -> None:
    async with AsyncExitStack() as stack:
        sitting = await gathered(house, stack)
        roll = sitting.deputies[0].id
        await refuses(sitting, "cancel", "answer", "open", roll, "ticket")
        await opened(sitting)
        for act, reached, allowed in [
            ("", "open", ("answer", "pause", "close", "finish", "start", "conclusion", "turns", "floor", "questions")),
            ("/pause", "paused", ("answer", "resume", "close", "finish", "conclusion")),
            ("/close", "closed", ("conclusion", "minutes")),
        ]:
            if act:
                await sitting.chair.call("POST", sitting.at(act))
            for person in sitting.people:
                await person.until(partial(is_in, sitting, reached))
            calling = (roll, "ticket") if reached != "closed" else ()
            await refuses(sitting, *allowed, *calling)


async def test_without_a_quorum_nothing_is_opened_and_nothing_put(house: House) -> None:
    async with AsyncExitStack() as stack:
        sitting = await gathered(house, stack, deputies=3)
        assert await refused(sitting.chair.call("POST", sitting.at("/open"))) == (409, "quorum_not_met")
        late = await stack.enter_async_context(Person(house, MEMBERS[4]))
        await late.enter(sitting.meeting)
        await opened(sitting)
        await sitting.secretary.call("PUT", sitting.at(f"/roll/{late.id}"), {"mark": "absent"})
        body = {"item": sitting.items[1], "text": "x", "method": "approval"}
        assert await refused(sitting.chair.call("POST", sitting.at("/questions"), body)) == (409, "quorum_not_met")
        await sitting.secretary.call("PUT", sitting.at(f"/roll/{late.id}"), {"mark": None})
        await sitting.chair.call("POST", sitting.at("/questions"), body)
