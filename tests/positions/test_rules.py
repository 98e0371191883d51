"""Who may declare what of an item, until when, and who objects."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ecabinet.kernel.errors import NotAllowed, NotFound, Refusal
from ecabinet.kernel.ids import ItemId, PersonId
from ecabinet.meetings.model import Act, MeetingWrongPhase, Phase
from ecabinet.positions import rules
from ecabinet.positions.model import OpinionMissing, Position, PositionDeclared, PositionWithdrawn, Stance
from tests.fakes.kernel import NOON
from tests.fakes.meetings import HEAD, MEMBERS, SECRETARY, STRANGER
from tests.meetings.stages import ITEMS, MEETING, STAGES, at_item, convened

AN, BINH = MEMBERS[:2]
ITEM = ITEMS[0]
LATER = NOON + timedelta(minutes=1)
OPINION = Position(MEETING, ITEM, AN, Stance.OPINION, "Đề nghị làm rõ nguồn vốn.", NOON)


def test_a_position_is_declared_with_its_text() -> None:
    assert rules.declare(convened(), None, OPINION) == PositionDeclared(
        at=NOON, actor=AN, meeting=MEETING, item=ITEM, person=AN, stance=Stance.OPINION, text=OPINION.text
    )


def test_the_same_again_is_no_news_and_another_text_is() -> None:
    assert rules.declare(convened(), OPINION, replace(OPINION, at=LATER)) is None
    assert rules.declare(convened(), OPINION, replace(OPINION, text="Thôi.")) is not None
    assert rules.declare(convened(), OPINION, replace(OPINION, stance=Stance.FLOOR)) is not None


@pytest.mark.parametrize("stance", Stance)
def test_only_an_opinion_must_be_written_down(stance: Stance) -> None:
    silent = replace(OPINION, stance=stance, text="")
    if stance is Stance.OPINION:
        with pytest.raises(OpinionMissing):
            rules.declare(convened(), None, silent)
    else:
        assert rules.declare(convened(), None, silent) is not None


@pytest.mark.parametrize("phase", Phase)
def test_positions_are_declared_from_the_invitation_to_the_end(phase: Phase) -> None:
    meeting, act = STAGES[phase](), Act(AN, LATER)
    if phase in {Phase.CONVENED, Phase.OPEN, Phase.PAUSED}:
        pending = replace(OPINION, item=ITEMS[2])
        assert rules.declare(meeting, None, pending) is not None
        withdrawn = PositionWithdrawn(at=LATER, actor=AN, meeting=MEETING, item=ITEMS[2], person=AN)
        assert rules.withdraw(meeting, pending, act) == withdrawn
        return
    for work in (lambda: rules.declare(meeting, None, OPINION), lambda: rules.withdraw(meeting, OPINION, act)):
        with pytest.raises(MeetingWrongPhase):
            work()


def test_once_the_item_is_before_the_meeting_one_says_it_there() -> None:
    meeting = at_item(1)
    with pytest.raises(MeetingWrongPhase):
        rules.declare(meeting, None, OPINION)
    with pytest.raises(MeetingWrongPhase):
        rules.withdraw(meeting, OPINION, Act(AN, LATER))
    assert rules.declare(meeting, None, replace(OPINION, item=ITEMS[1])) is not None


@pytest.mark.parametrize(
    ("position", "refusal"),
    [
        (replace(OPINION, item=ItemId("nowhere")), NotFound),
        (replace(OPINION, person=STRANGER), NotFound),
        (replace(OPINION, person=SECRETARY), NotAllowed),
    ],
)
def test_this_is_not_declared(position: Position, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        rules.declare(convened(), None, position)


def test_what_was_not_declared_is_not_taken_back() -> None:
    with pytest.raises(NotFound):
        rules.withdraw(convened(), None, Act(AN, LATER))


def objections(*positions: Position, recused: tuple[tuple[ItemId, PersonId], ...] = ()) -> dict[ItemId, set[PersonId]]:
    return rules.objections(positions, ITEMS[:2], recused)


def test_an_opinion_and_a_wish_to_speak_are_objections_and_agreement_is_none() -> None:
    floor = replace(OPINION, person=BINH, stance=Stance.FLOOR)
    agreed = replace(OPINION, person=HEAD, stance=Stance.NO_OBJECTION)
    elsewhere = replace(OPINION, item=ITEMS[2])
    assert objections(OPINION, floor, agreed, elsewhere) == {ITEM: {AN, BINH}, ITEMS[1]: set()}


def test_who_has_withdrawn_from_an_item_objects_to_others_only() -> None:
    both = (OPINION, replace(OPINION, item=ITEMS[1]))
    assert objections(*both, recused=((ITEM, AN),)) == {ITEM: set(), ITEMS[1]: {AN}}
