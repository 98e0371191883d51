"""Votes taken in the hall over HTTP and socket.io, on both databases: a show of hands written down by two secretaries,
and an election by secret ballot under a tellers' board, up to the tellers' minutes."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from io import BytesIO
from typing import Any

import pypdfium2
import pytest

from .council import Session, council_house, in_session
from .house import House, Person
from .sitting import refused

VOTES = {"candidate-1": 5, "candidate-2": 3, "candidate-3": 2}
COUNT: dict[str, Any] = {"issued": 7, "returned": 7, "valid": 6, "invalid": 1, "votes": VOTES}


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
async def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """One council for each kind of database; each test holds a session of its own in it."""
    folder = tmp_path_factory.mktemp("house")
    url = f"sqlite+aiosqlite:///{folder / 'ecabinet.sqlite'}"
    if request.param == "postgresql":
        url = await request.getfixturevalue("postgresql").new_database()
    async with council_house(folder, url) as house:
        yield house


async def sheet_of(session: Session, question: str, *, answers: dict[int, str] | None = None) -> dict[str, Any]:
    """Everybody for it, but for those the test names by their place on the roll."""
    roll = session.chair.view["questions"][question]["roll"]
    written = dict.fromkeys(roll, "for") | {roll[place]: answer for place, answer in (answers or {}).items()}
    return {"answers": {person: answer for person, answer in written.items() if answer}}


def status(sheets: dict[str, Any], question: str) -> str | None:
    found: str | None = sheets.get(question, {}).get("status")
    return found


async def test_a_show_of_hands_written_down_by_two_secretaries(house: House) -> None:
    async with AsyncExitStack() as stack:
        session = await in_session(house, stack)
        first, second = session.secretaries
        question = await session.put(way="hands")
        at = session.at(f"/questions/{question}")
        assert await refused(session.chair.call("POST", f"{at}/close")) == (409, "count_first")
        ballot = {"choice": "for", "n": 1}
        assert await refused(session.deputies[0].call("POST", f"{at}/ballots", ballot)) == (409, "not_electronic")

        written = await sheet_of(session, question, answers={2: "against", 4: ""})
        assert await refused(session.chair.call("PUT", f"{at}/hands", written)) == (403, "not_allowed")
        assert await refused(session.deputies[0].call("PUT", f"{at}/hands", written)) == (403, "not_allowed")
        await first.call("PUT", f"{at}/hands", written)
        await second.until(lambda view: status(view["hands"], question) == "entered")
        # Nobody learns what is on it, and those it does not concern not even that it is there.
        assert "against" not in json.dumps(second.view["hands"])
        assert not session.deputies[0].view.get("hands")
        assert await refused(second.call("GET", f"{at}/hands")) == (404, "not_found")
        assert (await first.call("GET", f"{at}/hands")) == written

        assert await refused(first.call("POST", f"{at}/hands/confirm", written)) == (403, "needs_second_person")
        assert await refused(session.chair.call("POST", f"{at}/hands/confirm", written)) == (403, "secretaries_confirm")
        other = await sheet_of(session, question, answers={2: "against"})
        assert await refused(second.call("POST", f"{at}/hands/confirm", other)) == (409, "sheets_differ")
        roll = session.chair.view["questions"][question]["roll"]
        for person in (first, second, session.chair):
            await person.until(lambda view: view["hands"][question]["differs"] == [roll[4]])
        assert session.chair.view["questions"][question]["status"] == "open"

        # The first one had missed a hand. What the second one said of the sheet before is void.
        await first.call("PUT", f"{at}/hands", other)
        await second.until(lambda view: status(view["hands"], question) == "entered")
        assert session.chair.view["questions"][question]["status"] == "open"
        await second.call("POST", f"{at}/hands/confirm", other)
        await second.call("POST", f"{at}/hands/confirm", other)

        entry = await session.closed(question)
        assert entry["verdict"]["outcome"] == "passed"
        assert entry["verdict"]["counts"] == {"for": 6, "against": 1, "abstain": 0}
        assert [ballot["choice"] for ballot in entry["ballots"]] == ["for", "for", "against", *["for"] * 4]
        assert all(ballot["is_by_hands"] for ballot in entry["ballots"])
        await first.until(lambda view: status(view["hands"], question) == "agreed")
        record = (await first.call("GET", session.at("/record")))["entries"]
        [closing] = [each for each in record if each["type"] == "question.closed"]
        assert closing["payload"]["entered_by"] == [first.id, second.id]


async def test_two_confirmations_at_once_end_the_vote_once(house: House) -> None:
    async with AsyncExitStack() as stack:
        session = await in_session(house, stack)
        first, second = session.secretaries
        question = await session.put(way="hands")
        written, at = await sheet_of(session, question), session.at(f"/questions/{question}/hands")
        await first.call("PUT", at, written)
        async with asyncio.TaskGroup() as group:
            for _ in range(4):
                group.create_task(second.call("POST", f"{at}/confirm", written))
        entry = await session.closed(question)
        assert len(entry["ballots"]) == 7
        record = (await first.call("GET", session.at("/record")))["entries"]
        assert len([each for each in record if each["type"] == "question.closed"]) == 1
        assert len([each for each in record if each["type"] == "ballot.cast"]) == 7


async def test_the_chair_confirms_where_one_secretary_is_left(house: House) -> None:
    async with AsyncExitStack() as stack:
        session = await in_session(house, stack)
        first, second = session.secretaries
        question = await session.put(way="hands")
        written, at = await sheet_of(session, question), session.at(f"/questions/{question}/hands")
        await first.call("PUT", at, written)
        await first.call("PUT", session.at(f"/roll/{second.id}"), {"mark": "absent"})
        await session.chair.call("POST", f"{at}/confirm", written)
        assert (await session.closed(question))["verdict"]["outcome"] == "passed"


async def seat_tellers(session: Session) -> list[Person]:
    """Elected openly, by everybody; the last three deputies."""
    tellers = session.deputies[3:]
    board = {"head": tellers[0].id, "members": [each.id for each in tellers]}
    question = await session.put(text="Bầu Ban kiểm phiếu.", board=board)
    for person in [session.chair, *session.deputies]:
        await person.call("POST", session.at(f"/questions/{question}/ballots"), {"choice": "for", "n": 1})
    await session.chair.call("POST", session.at(f"/questions/{question}/close"))
    for person in session.people:
        await person.until(lambda view: question in view.get("boards", {}))
    assert session.chair.view["boards"][question]["head"] == tellers[0].id
    return tellers


async def test_an_election_under_a_tellers_board(house: House) -> None:
    async with AsyncExitStack() as stack:
        session = await in_session(house, stack)
        names = [{"name": f"Ứng cử viên {n}"} for n in (1, 2)] + [
            {"name": "Đại biểu", "person": session.deputies[0].id}
        ]
        wanted = {
            "text": "Bầu Phó Chủ tịch và Ủy viên.",
            "method": "election",
            "way": "paper",
            "candidates": names,
            "seats": 2,
        }
        refusal = await refused(session.chair.call("POST", session.at("/questions"), {"item": session.item, **wanted}))
        assert refusal == (409, "no_tellers")
        head, second, third = await seat_tellers(session)
        question = await session.put(**wanted)
        at = session.at(f"/questions/{question}/count")
        minutes = session.at(f"/questions/{question}/tellers-minutes.pdf")
        assert await refused(session.chair.read(minutes)) == (409, "not_counted")

        assert await refused(session.deputies[0].call("PUT", at, COUNT)) == (403, "not_allowed")
        assert await refused(session.secretaries[0].call("PUT", at, COUNT)) == (403, "not_allowed")
        wrong = {**COUNT, "invalid": 0}
        assert await refused(head.call("PUT", at, wrong)) == (400, "sums_do_not_agree")
        await head.call("PUT", at, COUNT)
        assert await refused(head.call("POST", f"{at}/confirm", COUNT)) == (403, "needs_second_person")
        for person in (second, third, session.chair, session.secretaries[0]):
            await person.until(lambda view: status(view["counts"], question) == "entered")
        # No number of it is anywhere, for anybody.
        assert set(second.view["counts"][question]) == {
            *("id", "item", "items", "question", "status", "entered_by", "entered_at", "second_by", "differs")
        }
        assert not session.deputies[0].view.get("counts")
        assert await refused(second.call("GET", at)) == (404, "not_found")
        record = (await head.call("GET", session.at("/record")))["entries"]
        [entered] = [each for each in record if each["type"] == "count.entered"]
        assert entered["payload"] == {"question": question, "version": 1}

        miscounted = {**COUNT, "votes": {**VOTES, "candidate-2": 4}}
        assert await refused(second.call("POST", f"{at}/confirm", miscounted)) == (409, "sheets_differ")
        await head.until(lambda view: view["counts"][question]["differs"] == ["votes.candidate-2"])
        # One of the three goes; the other two suffice.
        await third.call("POST", f"{at}/confirm", COUNT)
        await third.call("POST", f"{at}/confirm", COUNT)

        entry = await session.closed(question)
        assert entry["papers"] == {"issued": 7, "returned": 7, "valid": 6, "invalid": 1}
        election = entry["election"]
        assert (election["elected"], election["seats_left"], election["needed"]) == (["candidate-1"], 1, 4)
        assert next((row["id"], row["votes"], row["share"]) for row in election["rows"]) == ("candidate-1", 5, "71.43")
        assert set(election["run_off"]) == {"candidate-2", "candidate-3"}
        assert not entry["ballots"]

        pdf = await session.deputies[0].read(minutes)
        text = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(BytesIO(pdf)))
        for words in ("BIÊN BẢN KIỂM PHIẾU", "Người trúng cử: Ứng cử viên 1 (5 phiếu, 71,43%).", "Còn thiếu 1 người."):
            assert words in " ".join(text.split())

        # The run-off: those left, for the seat left, under the same board.
        again = {**wanted, "text": "Bầu tiếp 01 người.", "candidates": names[1:2], "seats": 1}
        runoff = await session.put(**again)
        at = session.at(f"/questions/{runoff}/count")
        rest = {"issued": 7, "returned": 7, "valid": 7, "invalid": 0, "votes": {"candidate-1": 6}}
        await second.call("PUT", at, rest)
        await head.call("POST", f"{at}/confirm", rest)
        assert (await session.closed(runoff))["election"]["seats_left"] == 0


async def test_an_annulled_election_of_tellers_unseats_them(house: House) -> None:
    async with AsyncExitStack() as stack:
        session = await in_session(house, stack)
        tellers = await seat_tellers(session)
        [board] = session.chair.view["boards"]
        assert "hall.count" in (await tellers[0].call("GET", session.at("")))["me"]["actions"]
        await session.chair.call("POST", session.at(f"/questions/{board}/repeat"), {"reason": "nhầm danh sách"})
        for person in session.people:
            await person.until(lambda view: board not in view["boards"])
        assert "hall.count" not in (await tellers[0].call("GET", session.at("")))["me"]["actions"]


async def test_a_teller_who_has_withdrawn_from_the_item_counts_nothing_of_it(house: House) -> None:
    async with AsyncExitStack() as stack:
        session = await in_session(house, stack)
        *_, third = await seat_tellers(session)
        away = session.at(f"/items/{session.item}/recusals/{third.id}")
        await session.secretaries[0].call("PUT", away, {"reason": "người có liên quan"})
        made = await session.chair.call(
            "POST",
            session.at("/questions"),
            {"item": session.item, "text": "Khen thưởng?", "method": "approval", "way": "paper"},
        )
        at = session.at(f"/questions/{made['id']}/count")
        count = {"issued": 6, "returned": 6, "valid": 6, "invalid": 0, "votes": {"for": 6, "against": 0, "abstain": 0}}
        assert await refused(third.call("PUT", at, count)) == (403, "recused_here")
        assert await refused(third.call("GET", at)) == (403, "recused_here")
