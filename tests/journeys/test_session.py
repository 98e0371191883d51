"""The main job over HTTP and socket.io alone, on both databases: from the invitation to the verified record."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from aiohttp import ClientError

from .house import MEMBERS, House, Person, Refused, founded_house
from .papers import pdf


@dataclass
class Sitting:
    """A meeting and the people in it."""

    house: House
    meeting: str
    secretary: Person
    chair: Person
    deputies: list[Person]
    items: list[str]

    @property
    def people(self) -> list[Person]:
        return [self.secretary, self.chair, *self.deputies]

    def at(self, rest: str) -> str:
        return f"/api/meetings/{self.meeting}{rest}"

    async def put(self, text: str, item: str) -> str:
        body = {"item": item, "text": text, "method": "approval"}
        return str((await self.chair.call("POST", self.at("/questions"), body))["id"])

    async def cast(self, person: Person, question: str, choice: str, n: int = 1) -> dict[str, Any]:
        body = {"choice": choice, "n": n}
        receipt: dict[str, Any] = await person.call("POST", self.at(f"/questions/{question}/ballots"), body)
        return receipt


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    async with founded_house(tmp_path, database_url) as house:
        yield house


async def convened(house: House, stack: AsyncExitStack, deputies: int = 5) -> Sitting:
    """A meeting with three items and a paper, sent and answered, everyone on the socket."""
    secretary = await stack.enter_async_context(Person(house, "thu-ky-1"))
    chair = await stack.enter_async_context(Person(house, "bo-truong"))
    others = [await stack.enter_async_context(Person(house, name)) for name in MEMBERS[1 : deputies + 1]]
    [body] = (await secretary.call("GET", "/api/me"))["bodies"]
    starts = datetime.now(UTC) + timedelta(days=7)
    new = {
        "title": "Phiên họp giao ban tháng 11/2026",
        "kind": "regular",
        "mode": "hybrid",
        "place": "Phòng họp A",
        "starts_at": starts.isoformat(),
        "ends_at": (starts + timedelta(hours=3)).isoformat(),
        "chair": chair.id,
        "floor_controls_microphone": True,
    }
    meeting = (await secretary.call("POST", f"/api/bodies/{body['id']}/meetings", new))["id"]
    sitting = Sitting(house, meeting, secretary, chair, others, [])
    for title, kind in [
        ("Báo cáo thực hiện kết luận tháng trước", "information"),
        ("Dự thảo Nghị định về dịch vụ công không tiếp xúc", "decision"),
        ("Việc khác", "information"),
    ]:
        item = {"title": title, "type": kind, "presenter": "Văn phòng Bộ", "minutes": 15}
        sitting.items.append((await secretary.call("POST", sitting.at("/items"), item))["id"])
    await secretary.upload(meeting, sitting.items[1], pdf("Dự thảo Nghị định"), "Dự thảo Nghị định")
    await secretary.call("POST", sitting.at("/convene"))
    for person in [chair, *others]:
        await person.call("POST", sitting.at("/answer"), {"answer": "remote"})
    for person in sitting.people:
        await person.enter(meeting)
    return sitting


async def opened(sitting: Sitting) -> None:
    """In session, at the item to be decided."""
    await sitting.chair.until(lambda view: view["quorums"][sitting.meeting]["is_quorate"])
    await sitting.chair.call("POST", sitting.at("/open"))
    await sitting.chair.call("POST", sitting.at(f"/items/{sitting.items[1]}/start"))


async def test_the_main_job_from_invitation_to_minutes(house: House) -> None:
    async with AsyncExitStack() as stack:
        sitting = await convened(house, stack)
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
        await chair.until(lambda view: view["questions"][question]["received"] == 6)
        assert not chair.view["questions"][question]["ballots"]
        await chair.call("POST", sitting.at(f"/questions/{question}/close"))
        for person in sitting.people:
            await person.until(lambda view: view["questions"][question]["status"] == "closed")
        verdict = chair.view["questions"][question]["verdict"]
        assert verdict["outcome"] == "passed"
        assert verdict["counts"] == {"for": 5, "against": 0, "abstain": 1}
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


async def refused(work: Any) -> tuple[int, str]:
    """The status and code of a refusal; fails when there is none."""
    try:
        found = await work
    except Refused as refusal:
        return refusal.status, refusal.code
    raise AssertionError(f"not refused: {found!r}")


async def test_who_does_not_belong_is_refused_and_it_is_recorded(house: House) -> None:
    async with AsyncExitStack() as stack:
        sitting = await convened(house, stack, deputies=5)
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


async def test_bad_input_is_refused_clearly_and_changes_nothing(house: House) -> None:
    async with AsyncExitStack() as stack:
        sitting = await convened(house, stack)
        whole = pdf("x")
        secretary, item = sitting.secretary, sitting.items[0]
        before = (secretary.seq, await secretary.call("GET", sitting.at("")))
        uploads = {
            "not_a_pdf": b"PK\x03\x04" + b"x" * 100,
            "broken_pdf": whole[: len(whole) // 2],
        }
        for code, raw in uploads.items():
            assert await refused(secretary.upload(sitting.meeting, item, raw, "x")) == (400, code)
        kind = await refused(secretary.upload(sitting.meeting, item, whole, "x", kind="text/html"))
        assert kind == (400, "not_a_pdf")
        calls = [
            ("POST", "/items", {"title": "", "type": "decision", "presenter": "", "minutes": 5}, (400, "invalid")),
            ("POST", "/items", {"title": "x", "type": "vote", "presenter": "", "minutes": 5}, (400, "invalid")),
            ("DELETE", "/items/khong-co", None, (404, "not_found")),
            ("PUT", "/agenda", {"order": [item, item]}, (400, "not_an_order")),
            ("POST", "/convene", None, (409, "wrong_phase")),
            ("PUT", "/participants/khong-co", {"role": "member"}, (404, "not_found")),
        ]
        for method, path, body, expected in calls:
            assert await refused(secretary.call(method, sitting.at(path), body)) == expected, (method, path)
        question = {"item": item, "text": "x", "method": "approval"}
        assert (await refused(sitting.chair.call("POST", sitting.at("/questions"), question)))[0] == 409
        assert (await refused(sitting.chair.call("POST", sitting.at("/pause"))))[1] == "wrong_phase"
        after = (secretary.seq, await secretary.call("GET", sitting.at("")))
        assert before == after


async def test_without_a_quorum_nothing_is_opened_and_nothing_put(house: House) -> None:
    async with AsyncExitStack() as stack:
        sitting = await convened(house, stack, deputies=3)
        assert await refused(sitting.chair.call("POST", sitting.at("/open"))) == (409, "quorum_not_met")
        late = await stack.enter_async_context(Person(house, MEMBERS[4]))
        await late.enter(sitting.meeting)
        await opened(sitting)
        await sitting.secretary.call("PUT", sitting.at(f"/roll/{late.id}"), {"mark": "absent"})
        body = {"item": sitting.items[1], "text": "x", "method": "approval"}
        assert await refused(sitting.chair.call("POST", sitting.at("/questions"), body)) == (409, "quorum_not_met")
        await sitting.secretary.call("PUT", sitting.at(f"/roll/{late.id}"), {"mark": None})
        await sitting.chair.call("POST", sitting.at("/questions"), body)


async def test_an_acknowledged_ballot_survives_a_killed_server(house: House) -> None:
    async with AsyncExitStack() as stack:
        sitting = await convened(house, stack)
        await opened(sitting)
        question = await sitting.put("Thông qua dự thảo Nghị định", sitting.items[1])
        receipts = {sitting.chair.id: await sitting.cast(sitting.chair, question, "for")}
        done = asyncio.Event()

        async def vote(person: Person) -> None:
            try:
                receipts[person.id] = await sitting.cast(person, question, "for")
            except ClientError:
                # No answer: it may be kept or not, and the page sends it again.
                pass
            done.set()

        async with asyncio.TaskGroup() as tasks:
            for person in sitting.deputies:
                tasks.create_task(vote(person))
            await done.wait()
            await house.kill()
        await house.start()

        for person in [sitting.chair, *sitting.deputies]:
            if person.id in receipts:
                path = sitting.at(f"/questions/{question}/ballots/mine")
                assert (await person.call("GET", path))["receipt"] == receipts[person.id]
                assert await sitting.cast(person, question, "for") == receipts[person.id]
            else:
                receipts[person.id] = await sitting.cast(person, question, "for")
        before = sitting.chair.seq
        for person in sitting.people:
            await person.enter(sitting.meeting)
        assert sitting.chair.seq > before
        await sitting.chair.call("POST", sitting.at(f"/questions/{question}/close"))
        await sitting.chair.until(lambda view: view["questions"][question]["status"] == "closed")
        closed = sitting.chair.view["questions"][question]
        assert {ballot["person"]: ballot["number"] for ballot in closed["ballots"]} == {
            person: receipt["number"] for person, receipt in receipts.items()
        }


async def test_the_server_ends_within_three_seconds_with_people_in_the_meeting(house: House) -> None:
    async with AsyncExitStack() as stack:
        await convened(house, stack)
        assert await house.stop() < 3
