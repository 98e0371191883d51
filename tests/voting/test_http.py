"""Questions and ballots over HTTP: who may, what comes back, and what is refused with which code."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from ecabinet.adapters.database import Database
from ecabinet.adapters.unit_of_work import Act
from ecabinet.kernel.ids import PersonId, ProfileId
from ecabinet.meetings.model import Meeting
from ecabinet.meetings.sql import SqlMeetings
from ecabinet.register.service import Register
from ecabinet.register.sql import SqlBodies
from ecabinet.voting.ballots_http import BallotsHttp
from ecabinet.voting.ballots_sql import SqlBallots
from ecabinet.voting.casting import Casting
from ecabinet.voting.http import VotingHttp
from ecabinet.voting.planning import Planning
from ecabinet.voting.plans_http import PlansHttp
from ecabinet.voting.plans_realtime import PlansRealtime
from ecabinet.voting.plans_sql import SqlPlans
from ecabinet.voting.ports import Neighbours
from ecabinet.voting.realtime import VotingRealtime
from ecabinet.voting.service import Voting
from ecabinet.voting.sql import SqlQuestions
from tests.fakes.door import Here, People, a_house
from tests.fakes.gathering import AN, BINH, CHAIR, FIRST, GUEST, MEETING, SECOND, SECRETARY, a_meeting
from tests.fakes.kernel import CountingIds
from tests.fakes.voting import SetAttendance, SetPositions
from tests.voting.furnished import MovingClock, StoredMeetings, a_lane, people_of, stores_of
from tests.voting.halls import PROFILES

QUESTIONS = f"/api/meetings/{MEETING}/questions"
ASKED = {"item": FIRST, "text": "Thông qua dự thảo?", "method": "approval"}
STRANGER = PersonId("stranger")
RULES = replace(PROFILES["ubnd-tinh"], id=ProfileId("p"))
"""Under the name that the furnished body knows."""


@dataclass
class Hall:
    here: Here
    people: People
    attendance: SetAttendance

    async def ask(self, person: PersonId | None, method: str, path: str = "", body: Any = None) -> tuple[int, Any]:
        """Status, and the answer or the refusal's code."""
        status, answer, _ = await self.people.ask(person, method, QUESTIONS + path, body)
        return status, answer["error"]["code"] if status >= 400 else answer

    async def put(self, **changed: Any) -> str:
        status, created = await self.ask(CHAIR, "POST", "", {**ASKED, **changed})
        assert status == 201
        question: str = created["id"]
        return question


def two_voters() -> Meeting:
    """The chair is the head of the body as well."""
    meeting = a_meeting()
    seats = [replace(seat, is_head=seat.person == CHAIR) for seat in meeting.participants]
    return replace(meeting, participants=tuple(seats))


@pytest.fixture
async def hall(database: Database) -> AsyncIterator[Hall]:
    meeting, ids, clock = two_voters(), CountingIds(), MovingClock()
    attendance = SetAttendance({CHAIR, AN}, PROFILES["ubnd-tinh"])

    def around(act: Act) -> Neighbours:
        register = Register(act, SqlBodies(act.connection), ids, clock, (RULES,))
        return Neighbours(StoredMeetings(act.connection), attendance, SetPositions(), register)

    def voting(act: Act) -> Voting:
        return Voting(act, stores_of(act.connection), around(act), ids, clock)

    def planning(act: Act) -> Planning:
        return Planning(act, stores_of(act.connection), around(act), ids, clock)

    def casting(act: Act) -> Casting:
        questions, kept, meetings = (
            SqlQuestions(act.connection),
            SqlBallots(act.connection),
            SqlMeetings(act.connection),
        )
        return Casting(act, questions, kept, meetings, clock)

    projectors = {**VotingRealtime(stores_of).projectors(), **PlansRealtime(stores_of, people_of).projectors()}
    async with (
        a_house(database, meeting, projectors) as here,
        a_lane(here.uow, casting) as lane,
        here.serving(
            [
                *VotingHttp(here.uow, voting).routes(),
                *PlansHttp(here.uow, planning).routes(),
                *BallotsHttp(here.uow, casting, lane.cast).routes(),
            ]
        ) as people,
    ):
        yield Hall(here, people, attendance)


async def test_from_the_question_to_the_verdict(hall: Hall) -> None:
    question = await hall.put()
    status, receipt = await hall.ask(AN, "POST", f"/{question}/ballots", {"choice": "for", "n": 1})
    assert (status, receipt["choice"], receipt["n"], receipt["number"], receipt["is_current"]) == (
        201,
        "for",
        1,
        2,
        True,
    )
    assert await hall.ask(AN, "GET", f"/{question}/ballots/mine") == (
        200,
        {"choice": "for", "n": 1, "opinion": None, "attachment": None, "receipt": receipt},
    )
    assert (await hall.ask(CHAIR, "POST", f"/{question}/ballots", {"choice": "for", "n": 1}))[0] == 201
    assert (await hall.ask(CHAIR, "POST", f"/{question}/close"))[0] == 204
    told = (await hall.here.told())[-1]
    assert told.type == "question.closed"
    assert told.body["questions"][question]["verdict"]["outcome"] == "passed"


async def test_a_retry_is_given_the_same_receipt_and_a_change_a_new_one(hall: Hall) -> None:
    question = await hall.put()
    first = await hall.ask(AN, "POST", f"/{question}/ballots", {"choice": "for", "n": 1})
    assert await hall.ask(AN, "POST", f"/{question}/ballots", {"choice": "for", "n": 1}) == first
    status, changed = await hall.ask(AN, "POST", f"/{question}/ballots", {"choice": "against", "n": 2})
    assert (status, changed["n"], changed["is_current"]) == (201, 2, True)
    assert await hall.ask(AN, "POST", f"/{question}/ballots", {"choice": "for", "n": 2}) == (409, "equivocation")


async def test_a_choice_has_the_options_as_they_were_typed(hall: Hall) -> None:
    question = await hall.put(method="choice", options=["Thuê ngoài", "Tự xây dựng"])
    entry = (await hall.here.told())[-1].body["questions"][question]
    assert [each["label"] for each in entry["options"]][:2] == ["Thuê ngoài", "Tự xây dựng"]
    assert (await hall.ask(AN, "POST", f"/{question}/ballots", {"choice": "option-2", "n": 1}))[0] == 201


async def test_a_vote_is_called_off_with_a_reason(hall: Hall) -> None:
    question = await hall.put()
    assert (await hall.ask(CHAIR, "POST", f"/{question}/cancel", {"reason": "mất điện"}))[0] == 204
    told = (await hall.here.told())[-1].body["questions"][question]
    assert (told["status"], told["cancel_reason"]) == ("cancelled", "mất điện")
    late = await hall.ask(AN, "POST", f"/{question}/ballots", {"choice": "for", "n": 1})
    assert late == (409, "question_not_open")


REFUSED_TO_PUT: list[tuple[PersonId | None, Any, int, str]] = [
    (None, ASKED, 401, "not_signed_in"),
    (STRANGER, ASKED, 404, "not_found"),
    (AN, ASKED, 403, "not_allowed"),
    (SECRETARY, ASKED, 403, "not_allowed"),
    (CHAIR, {**ASKED, "item": SECOND}, 409, "item_not_current"),
    (CHAIR, {**ASKED, "method": "secret"}, 400, "invalid"),
    (CHAIR, {**ASKED, "text": "   "}, 400, "invalid"),
    (CHAIR, {**ASKED, "text": "x" * 4001}, 400, "invalid"),
    (CHAIR, {**ASKED, "weight": 2}, 400, "invalid"),
    (CHAIR, {**ASKED, "options": ["a", "b"]}, 400, "question_invalid"),
    (CHAIR, {**ASKED, "method": "choice", "options": ["a"]}, 400, "question_invalid"),
    (CHAIR, {**ASKED, "method": "choice"}, 400, "question_invalid"),
    (CHAIR, {**ASKED, "method": "choice", "options": ["a"] * 21}, 400, "invalid"),
    (CHAIR, [], 400, "invalid"),
]


async def test_a_question_is_refused_with_its_code_and_nothing_is_recorded(hall: Hall) -> None:
    for person, body, status, code in REFUSED_TO_PUT:
        assert await hall.ask(person, "POST", "", body) == (status, code), (person, body)
    hall.attendance.present = {CHAIR}
    assert await hall.ask(CHAIR, "POST", "", ASKED) == (409, "quorum_not_met")
    assert hall.here.recorder.events == []
    hall.attendance.present = {CHAIR, AN}
    await hall.put()
    assert await hall.ask(CHAIR, "POST", "", ASKED) == (409, "question_open")


REFUSED_TO_CAST: list[tuple[PersonId | None, Any, int, set[str]]] = [
    (None, {"choice": "for", "n": 1}, 401, {"not_signed_in"}),
    (STRANGER, {"choice": "for", "n": 1}, 404, {"not_found"}),
    (SECRETARY, {"choice": "for", "n": 1}, 403, {"not_allowed"}),
    (GUEST, {"choice": "for", "n": 1}, 403, {"not_allowed"}),
    # The grant is asked first: a stand-in has none. The rule behind it says the same (test_rules).
    (BINH, {"choice": "for", "n": 1}, 403, {"not_allowed", "stand_in_never_votes"}),
    (AN, {"choice": "perhaps", "n": 1}, 400, {"no_such_choice"}),
    (AN, {"choice": "for", "n": 0}, 400, {"invalid"}),
    (AN, {"choice": "for", "n": "1"}, 400, {"invalid"}),
    (AN, {"choice": "for", "n": 1.5}, 400, {"invalid"}),
    (AN, {"choice": "for", "n": True}, 400, {"invalid"}),
    (AN, {"choice": "for", "n": 10**9}, 400, {"invalid"}),
    (AN, {"choice": "for"}, 400, {"invalid"}),
    (AN, {"choice": "for", "n": 1, "voter": CHAIR}, 400, {"invalid"}),
]


async def test_a_ballot_is_refused_with_its_code_and_nothing_is_recorded(hall: Hall) -> None:
    question = await hall.put()
    for person, body, status, codes in REFUSED_TO_CAST:
        found, code = await hall.ask(person, "POST", f"/{question}/ballots", body)
        assert (found, code in codes) == (status, True), (person, body, code)
    assert await hall.ask(AN, "POST", "/unknown/ballots", {"choice": "for", "n": 1}) == (404, "not_found")
    assert await hall.ask(AN, "GET", f"/{question}/ballots/mine") == (404, "not_found")
    assert len(hall.here.recorder.events) == 1


async def test_only_the_chair_ends_a_vote(hall: Hall) -> None:
    question = await hall.put()
    for path, body in (("close", None), ("cancel", {"reason": "x"})):
        for person, status in ((None, 401), (STRANGER, 404), (AN, 403), (SECRETARY, 403), (BINH, 403), (GUEST, 403)):
            assert (await hall.ask(person, "POST", f"/{question}/{path}", body))[0] == status
    assert await hall.ask(CHAIR, "POST", f"/{question}/cancel", {"reason": " "}) == (400, "invalid")
    assert (await hall.ask(CHAIR, "POST", f"/{question}/close"))[0] == 204
    assert await hall.ask(CHAIR, "POST", f"/{question}/close") == (409, "question_not_open")


COURSE: list[tuple[str, Any, int]] = [
    ("/pause", None, 204),
    ("/resume", None, 204),
    ("/extend", {"seconds": 60}, 204),
    ("/incidents", None, 201),
    ("/repeat", {"reason": "Đứt mạng"}, 201),
]


async def test_the_chair_leads_a_vote_and_nobody_else(hall: Hall) -> None:
    question = await hall.put(time_limit_s=60)
    for path, body, status in COURSE:
        for person in (AN, SECRETARY, GUEST, STRANGER):
            if (path, person) != ("/incidents", AN):
                assert (await hall.ask(person, "POST", f"/{question}{path}", body))[0] in {403, 404}, (path, person)
        assert (await hall.ask(CHAIR, "POST", f"/{question}{path}", body))[0] == status, path


async def test_a_lost_line_is_answered_with_the_same_id(hall: Hall) -> None:
    question = await hall.put()
    first = await hall.ask(AN, "POST", f"/{question}/incidents")
    assert first[0] == 201
    assert await hall.ask(AN, "POST", f"/{question}/incidents") == first


BENT: list[tuple[dict[str, Any], str]] = [
    ({"items": [FIRST, SECOND]}, "invalid"),
    ({"item": None}, "invalid"),
    ({"matter": "motion"}, "invalid"),
    ({"motion": "adjourn"}, "invalid"),
    ({"matter": "motion", "motion": "adjourn"}, "motion_unknown"),
    ({"way": "post"}, "invalid"),
    ({"way": "paper"}, "no_tellers"),
    ({"method": "election", "candidates": [{"name": "Một"}], "seats": 1}, "matter_unknown"),
    ({"method": "rating", "candidates": []}, "invalid"),
    ({"time_limit_s": 5}, "invalid"),
    ({"seats": 1}, "question_invalid"),
    ({"board": {"head": AN, "members": [AN]}}, "board_invalid"),
    ({"plan": "nowhere"}, "not_found"),
]


@pytest.mark.parametrize(("changed", "code"), BENT)
async def test_what_cannot_be_asked_is_refused_at_the_door(hall: Hall, changed: dict[str, Any], code: str) -> None:
    assert (await hall.ask(CHAIR, "POST", "", {**ASKED, **changed}))[1] == code


async def test_an_item_is_planned_and_put_in_parts(hall: Hall) -> None:
    plan = f"/../items/{FIRST}/plan"
    lines = [
        {"kind": "part", "text": "Điều 1", "method": "approval"},
        {"kind": "whole", "text": "Toàn văn", "method": "approval"},
    ]
    assert (await hall.ask(AN, "PUT", plan, {"plans": lines}))[1] == "not_allowed"
    assert (await hall.ask(SECRETARY, "PUT", plan, {"plans": lines}))[0] == 204
    async with hall.here.uow.reading() as act:
        part, whole = await SqlPlans(act.connection).of(MEETING)
    assert (await hall.ask(CHAIR, "POST", "", {**ASKED, "plan": whole.id}))[1] == "not_as_planned"
    assert (await hall.ask(CHAIR, "POST", "", {**ASKED, "text": "Toàn văn", "plan": whole.id}))[1] == "parts_first"
    question = await hall.put(plan=part.id, text="Điều 1")
    assert (await hall.ask(CHAIR, "DELETE", f"{plan}/{part.id}"))[1] == "plan_is_put"
    assert (await hall.ask(CHAIR, "POST", f"/{question}/close"))[0] == 204
    assert (await hall.ask(CHAIR, "DELETE", f"{plan}/{whole.id}"))[0] == 204


async def test_a_public_body_lets_nobody_vote_for_another(hall: Hall) -> None:
    at = f"/../proxies/{AN}"
    assert (await hall.ask(BINH, "PUT", at, {"holder": CHAIR}))[1] in {"not_allowed", "not_found"}
    assert (await hall.ask(AN, "PUT", at, {"holder": CHAIR}))[1] == "proxy_not_allowed"
    assert (await hall.ask(AN, "DELETE", at))[1] == "not_found"
