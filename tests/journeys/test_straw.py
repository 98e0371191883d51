"""The room is asked without names, over HTTP, on both databases: what is told to whom, and what is left of it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from .house import House, founded_house
from .sitting import gathered, opened, refused

ASKED = {"text": "Phiên sau nên họp buổi nào?", "options": ["Buổi sáng", "Buổi chiều"]}


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
async def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """One ministry for each kind of database."""
    folder = tmp_path_factory.mktemp("house")
    url = f"sqlite+aiosqlite:///{folder / 'ecabinet.sqlite'}"
    if request.param == "postgresql":
        url = await request.getfixturevalue("postgresql").new_database()
    async with founded_house(folder, url) as house:
        yield house


async def test_sums_are_told_to_all_and_nothing_before_them(house: House) -> None:
    async with AsyncExitStack() as stack:
        sitting = await gathered(house, stack)
        await opened(sitting)
        chair, deputies, polls = sitting.chair, sitting.deputies, sitting.at("/straw-polls")
        poll = (await chair.call("POST", polls, ASKED))["id"]
        answers, mine = f"{polls}/{poll}/answers", f"{polls}/{poll}/answers/mine"
        await sitting.secretary.until(lambda view: poll in view["straw_polls"])
        for person in [chair, *deputies]:
            assert await person.call("GET", mine) == {"has_answered": False}
            await person.call("POST", answers, {"choice": "option-1"})
        # What a retry gets after an acknowledgement that was lost; and nobody answers twice.
        assert await refused(chair.call("POST", answers, {"choice": "option-2"})) == (409, "already_answered")
        assert await chair.call("GET", mine) == {"has_answered": True}
        assert await chair.call("GET", f"{polls}/{poll}") == {"answered": 6}
        assert await refused(deputies[0].call("GET", f"{polls}/{poll}")) == (403, "not_allowed")
        assert await refused(sitting.secretary.call("POST", answers, {"choice": "option-1"})) == (403, "not_allowed")
        entry = deputies[0].view["straw_polls"][poll]
        assert (entry["answered"], entry["counts"]) == (None, None)

        await chair.call("POST", f"{polls}/{poll}/close")
        for person in sitting.people:
            await person.until(lambda view: view["straw_polls"][poll]["status"] == "closed")
        assert deputies[0].view["straw_polls"][poll]["counts"] == {"option-1": 6, "option-2": 0}
        record = (await chair.call("GET", sitting.at("/record")))["entries"]
        kinds = [each["type"] for each in record if each["type"].startswith("straw_poll.")]
        assert kinds == ["straw_poll.opened", "straw_poll.closed"]


async def test_never_on_a_person_and_never_beside_a_vote(house: House) -> None:
    async with AsyncExitStack() as stack:
        sitting = await gathered(house, stack)
        await opened(sitting)
        chair, polls = sitting.chair, sitting.at("/straw-polls")
        named = ASKED | {"options": ["Thu truong 3", "Người khác"]}
        assert await refused(chair.call("POST", polls, named)) == (400, "never_on_persons")
        assert await refused(sitting.deputies[0].call("POST", polls, ASKED)) == (403, "not_allowed")
        question = await sitting.put("Thông qua", sitting.items[1])
        assert await refused(chair.call("POST", polls, ASKED)) == (409, "question_open")
        await chair.call("POST", sitting.at(f"/questions/{question}/close"))
        poll = (await chair.call("POST", polls, ASKED))["id"]
        assert await refused(chair.call("POST", polls, ASKED)) == (409, "straw_poll_open")
        await chair.call("POST", f"{polls}/{poll}/cancel", {"reason": "Hỏi nhầm"})
        answer = sitting.deputies[0].call("POST", f"{polls}/{poll}/answers", {"choice": "option-1"})
        assert await refused(answer) == (409, "straw_poll_not_open")


async def test_four_answers_are_not_counted(house: House) -> None:
    async with AsyncExitStack() as stack:
        sitting = await gathered(house, stack)
        await opened(sitting)
        polls = sitting.at("/straw-polls")
        poll = (await sitting.chair.call("POST", polls, ASKED))["id"]
        for person in sitting.deputies[:4]:
            await person.call("POST", f"{polls}/{poll}/answers", {"choice": "option-2"})
        await sitting.chair.call("POST", f"{polls}/{poll}/close")
        await sitting.chair.until(lambda view: view["straw_polls"][poll]["status"] == "closed")
        entry = sitting.chair.view["straw_polls"][poll]
        assert (entry["answered"], entry["counts"]) == (4, None)


async def test_who_has_withdrawn_is_not_asked_does_not_ask_and_learns_nothing(house: House) -> None:
    async with AsyncExitStack() as stack:
        sitting = await gathered(house, stack)
        await opened(sitting)
        chair, polls, item = sitting.chair, sitting.at("/straw-polls"), sitting.items[1]
        member = sitting.deputies[0]
        poll = (await chair.call("POST", polls, ASKED))["id"]
        for person in (chair, member):
            at = sitting.at(f"/items/{item}/recusals/{person.id}")
            await person.call("PUT", at, {"reason": "Vợ là giám đốc đơn vị trình"})
        answer = {"choice": "option-1"}
        for person in (chair, member):
            assert await refused(person.call("POST", f"{polls}/{poll}/answers", answer)) == (403, "recused_here")
            assert await refused(person.call("GET", f"{polls}/{poll}/answers/mine")) == (403, "recused_here")
        assert await refused(chair.call("GET", f"{polls}/{poll}")) == (403, "recused_here")
        assert await refused(chair.call("POST", f"{polls}/{poll}/close")) == (403, "recused_here")
        assert await refused(chair.call("POST", polls, ASKED)) == (403, "recused_here")
        await chair.call("POST", f"{polls}/{poll}/cancel", {"reason": "Người chủ trì không tham gia"})
        assert await refused(sitting.deputies[1].call("POST", f"{polls}/{poll}/answers", answer)) == (
            409,
            "straw_poll_not_open",
        )


async def test_a_poll_that_nobody_closed_ends_with_the_meeting(house: House) -> None:
    async with AsyncExitStack() as stack:
        sitting = await gathered(house, stack)
        await opened(sitting)
        polls = sitting.at("/straw-polls")
        poll = (await sitting.chair.call("POST", polls, ASKED))["id"]
        await sitting.deputies[0].call("POST", f"{polls}/{poll}/answers", {"choice": "option-1"})
        await sitting.chair.call("POST", sitting.at("/close"))
        await sitting.chair.until(lambda view: view["meetings"][sitting.meeting]["phase"] == "closed")
        entry = sitting.chair.view["straw_polls"][poll]
        assert (entry["status"], entry["counts"]) == ("cancelled", None)
        record = (await sitting.chair.call("GET", sitting.at("/record")))["entries"]
        assert [each["type"] for each in record][-2:] == ["straw_poll.cancelled", "meeting.closed"]
