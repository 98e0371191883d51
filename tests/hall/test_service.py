"""Votes of the hall through the service: entered, held against each other, concluded once."""

from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

import pytest

from ecabinet.hall.model import HandsDiffered, HandsEntered, Kind
from ecabinet.hall.service import Hall, Neighbours
from ecabinet.kernel.errors import Refusal
from ecabinet.kernel.ids import MeetingId, PersonId, QuestionId
from ecabinet.voting.model import Phase, Question
from tests.fakes.hall import MemorySheets, OneMeeting, SetPresences, SetVoting
from tests.fakes.kernel import RecordingTransaction, SetClock
from tests.hall.halls import (
    ASKED,
    BODY,
    CHAIR,
    HEAD,
    LAN,
    MAI,
    NAM,
    PROFILE,
    SECOND,
    THIRD,
    by_hands,
    elected,
    election,
    elections,
    session,
)
from tests.voting.halls import MEETING, person

EVERYBODY = {person(place): "for" for place in range(14)}
BUT_ONE = {**EVERYBODY, person(3): "against"}


@dataclass
class World:
    asked: Question
    present: set[PersonId] = field(default_factory=lambda: {LAN, MAI, CHAIR})
    tx: RecordingTransaction = field(default_factory=RecordingTransaction)
    sheets: MemorySheets = field(default_factory=lambda: MemorySheets(frozenset({MEETING.id})))

    def __post_init__(self) -> None:
        self.voting = SetVoting({each.id: each for each in (elected(), self.asked)})

    @property
    def hall(self) -> Hall:
        meetings, zone = OneMeeting(session(), BODY, PROFILE), ZoneInfo("Asia/Ho_Chi_Minh")
        around = Neighbours(self.voting, meetings, SetPresences(self.present))
        return Hall(self.tx, self.sheets, around, SetClock(), zone)

    def heard(self) -> list[type]:
        return [type(event) for event in self.tx.events]

    def becomes(self, phase: Phase) -> None:
        self.voting.questions[ASKED] = replace(self.asked, phase=phase)


async def code_of(work: object) -> str:
    with pytest.raises(Refusal) as refused:
        await work  # type: ignore[misc]
    return refused.value.code


@pytest.fixture
def hands() -> World:
    return World(by_hands())


@pytest.fixture
def box() -> World:
    return World(election())


async def test_two_equal_sheets_end_the_vote_with_names(hands: World) -> None:
    await hands.hall.enter_hands(MEETING.id, ASKED, BUT_ONE, None, LAN)
    assert await hands.hall.confirm_hands(MEETING.id, ASKED, BUT_ONE, MAI) == ()
    assert hands.voting.by_hands == [(BUT_ONE, (LAN, MAI))]
    assert hands.heard() == [HandsEntered]


async def test_unequal_sheets_end_nothing_until_both_have_written_the_same(hands: World) -> None:
    await hands.hall.enter_hands(MEETING.id, ASKED, EVERYBODY, None, LAN)
    assert await hands.hall.confirm_hands(MEETING.id, ASKED, BUT_ONE, MAI) == (person(3),)
    assert hands.voting.by_hands == []
    assert hands.heard() == [HandsEntered, HandsDiffered]
    # The first one asks again and was wrong; the second has to say it once more.
    await hands.hall.enter_hands(MEETING.id, ASKED, BUT_ONE, None, LAN)
    assert hands.voting.by_hands == []
    assert await hands.hall.confirm_hands(MEETING.id, ASKED, BUT_ONE, MAI) == ()
    assert hands.voting.by_hands == [(BUT_ONE, (LAN, MAI))]


async def test_a_confirmation_sent_twice_ends_the_vote_once(hands: World) -> None:
    await hands.hall.enter_hands(MEETING.id, ASKED, EVERYBODY, None, LAN)
    for _ in range(3):
        assert await hands.hall.confirm_hands(MEETING.id, ASKED, EVERYBODY, MAI) == ()
    assert len(hands.voting.by_hands) == 1
    # Another one is not a retry.
    assert await code_of(hands.hall.confirm_hands(MEETING.id, ASKED, BUT_ONE, MAI)) == "question_not_open"
    assert await code_of(hands.hall.confirm_hands(MEETING.id, ASKED, EVERYBODY, CHAIR)) == "question_not_open"


async def test_the_writer_does_not_confirm_his_own_sheet(hands: World) -> None:
    await hands.hall.enter_hands(MEETING.id, ASKED, EVERYBODY, None, LAN)
    assert await code_of(hands.hall.confirm_hands(MEETING.id, ASKED, EVERYBODY, LAN)) == "needs_second_person"


async def test_the_chair_confirms_where_one_secretary_is_there(hands: World) -> None:
    await hands.hall.enter_hands(MEETING.id, ASKED, EVERYBODY, None, LAN)
    assert await code_of(hands.hall.confirm_hands(MEETING.id, ASKED, EVERYBODY, CHAIR)) == "secretaries_confirm"
    hands.present.discard(MAI)
    assert await hands.hall.confirm_hands(MEETING.id, ASKED, EVERYBODY, CHAIR) == ()
    assert hands.voting.by_hands == [(EVERYBODY, (LAN, CHAIR))]


@pytest.mark.parametrize("phase", [Phase.PAUSED, Phase.CANCELLED, Phase.ANNULLED, Phase.CLOSED])
async def test_nothing_is_entered_or_confirmed_on_a_question_that_is_not_open(hands: World, phase: Phase) -> None:
    await hands.hall.enter_hands(MEETING.id, ASKED, EVERYBODY, None, LAN)
    hands.becomes(phase)
    assert await code_of(hands.hall.enter_hands(MEETING.id, ASKED, BUT_ONE, None, LAN)) == "question_not_open"
    assert await code_of(hands.hall.confirm_hands(MEETING.id, ASKED, EVERYBODY, MAI)) == "question_not_open"
    assert hands.voting.by_hands == []


async def test_what_the_meeting_has_not_is_not_found(hands: World) -> None:
    assert await code_of(hands.hall.enter_hands(MEETING.id, QuestionId("?"), {}, None, LAN)) == "not_found"
    assert await code_of(hands.hall.enter_hands(MeetingId("?"), ASKED, {}, None, LAN)) == "not_found"
    assert await code_of(hands.hall.mine(MEETING.id, ASKED, Kind.HANDS, LAN)) == "not_found"


async def test_everybody_reads_the_own_sheet_alone(hands: World) -> None:
    await hands.hall.enter_hands(MEETING.id, ASKED, EVERYBODY, None, LAN)
    assert await hands.hall.mine(MEETING.id, ASKED, Kind.HANDS, LAN) == EVERYBODY
    assert await code_of(hands.hall.mine(MEETING.id, ASKED, Kind.HANDS, MAI)) == "not_found"
    await hands.hall.confirm_hands(MEETING.id, ASKED, BUT_ONE, MAI)
    assert await hands.hall.mine(MEETING.id, ASKED, Kind.HANDS, LAN) == EVERYBODY
    assert await hands.hall.mine(MEETING.id, ASKED, Kind.HANDS, MAI) == BUT_ONE
    assert await code_of(hands.hall.mine(MEETING.id, ASKED, Kind.COUNT, MAI)) == "not_found"


async def test_two_tellers_end_an_election(box: World) -> None:
    assert await code_of(box.hall.enter_count(MEETING.id, ASKED, elections(), None, NAM)) == "not_a_teller"
    assert await code_of(box.hall.enter_count(MEETING.id, ASKED, elections(), None, CHAIR)) == "not_a_teller"
    await box.hall.enter_count(MEETING.id, ASKED, elections(), None, HEAD)
    assert await code_of(box.hall.confirm_count(MEETING.id, ASKED, elections(), HEAD)) == "needs_second_person"
    assert await code_of(box.hall.confirm_count(MEETING.id, ASKED, elections(), LAN)) == "not_a_teller"
    # One of the three may have left: any two do.
    assert await box.hall.confirm_count(MEETING.id, ASKED, elections(), THIRD) == ()
    assert box.voting.by_papers == [(elections(), (HEAD, THIRD))]
    assert await box.hall.confirm_count(MEETING.id, ASKED, elections(), THIRD) == ()
    assert len(box.voting.by_papers) == 1


async def test_unequal_counts_end_nothing(box: World) -> None:
    await box.hall.enter_count(MEETING.id, ASKED, elections(), None, HEAD)
    assert await box.hall.confirm_count(MEETING.id, ASKED, elections(first=11), SECOND) == ("votes.candidate-1",)
    assert box.voting.by_papers == []
    assert await code_of(box.hall.confirm_count(MEETING.id, ASKED, elections(first=14), SECOND)) == "sums_do_not_agree"


async def test_whoever_is_on_the_board_that_sits_is_a_teller(box: World) -> None:
    assert await box.hall.tellers(MEETING.id) == {HEAD, SECOND, THIRD}
    assert await box.hall.elects(MEETING.id, elected().id)
    assert not await box.hall.elects(MEETING.id, ASKED)
    box.voting.questions[elected().id] = replace(elected(), phase=Phase.ANNULLED)
    assert await box.hall.tellers(MEETING.id) == frozenset()


async def test_minutes_are_there_when_two_have_agreed(box: World) -> None:
    assert await code_of(box.hall.facts(MEETING.id, ASKED)) == "not_counted"
    await box.hall.enter_count(MEETING.id, ASKED, elections(), None, HEAD)
    assert await code_of(box.hall.facts(MEETING.id, ASKED)) == "not_counted"
    await box.hall.confirm_count(MEETING.id, ASKED, elections(), SECOND)
    facts = await box.hall.facts(MEETING.id, ASKED)
    assert [each.name for each in facts.tellers] == ["Đại biểu 10", "Đại biểu 11", "Đại biểu 12"]
    assert (facts.entered_by, facts.confirmed_by) == ("Đại biểu 10", "Đại biểu 11")
    assert await code_of(box.hall.facts(MEETING.id, elected().id)) == "not_this_way"
    again = replace(elected(QuestionId("again"), 9), phase=Phase.OPEN, verdict=None)
    annulled = replace(elected(), phase=Phase.ANNULLED, repeated_by=again.id)
    box.voting.questions |= {each.id: each for each in (annulled, again)}
    assert await box.hall.facts(MEETING.id, ASKED) == facts, "the election of the board was annulled afterwards"
