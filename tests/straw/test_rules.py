"""What may be asked without names, who answers, and what is told."""

from dataclasses import replace

import pytest

from ecabinet.kernel.errors import Refusal
from ecabinet.kernel.ids import PersonId, QuestionId
from ecabinet.meetings.model import MeetingWrongPhase, Phase, QuestionOpen
from ecabinet.straw import rules
from ecabinet.straw.model import (
    FEWEST,
    AlreadyAnswered,
    NeverOnPersons,
    NotOnStrawRoll,
    Status,
    StrawPollInvalid,
    StrawPollNotOpen,
)
from tests.straw.polls import CHOICES, LABELS, MEMBERS, NOW, POLL, ROOM, a_poll, a_room

STRANGER = PersonId("stranger")


def test_a_straw_poll_is_on_the_item_before_the_meeting() -> None:
    poll = a_poll()
    current = a_room().current_item
    assert current is not None
    assert (poll.item, poll.status, poll.roll, poll.counts) == (current.id, Status.OPEN, ROOM, None)
    assert [option.label for option in poll.options] == list(LABELS)
    assert rules.opened(poll).roll == ROOM


@pytest.mark.parametrize(
    ("text", "labels", "reason"),
    [
        ("  ", LABELS, "text"),
        ("x" * (rules.TEXT_LIMIT + 1), LABELS, "text"),
        ("Buổi nào?", LABELS[:1], "number_of_options"),
        ("Buổi nào?", tuple(str(number) for number in range(11)), "number_of_options"),
        ("Buổi nào?", ("Sáng", " sáng "), "options_need_different_names"),
        ("Buổi nào?", ("Sáng", " "), "options_need_different_names"),
        ("Buổi nào?", ("Sáng", "x" * (rules.LABEL_LIMIT + 1)), "options_need_different_names"),
    ],
)
def test_what_cannot_be_asked(text: str, labels: tuple[str, ...], reason: str) -> None:
    with pytest.raises(StrawPollInvalid) as refused:
        rules.ask(a_room(), (POLL, text, labels), ROOM, NOW)
    assert refused.value.detail["reason"] == reason


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("Có nên giao đồng chí trần văn 3 phụ trách không?", ("Có", "Không")),
        ("Ai phụ trách?", ("Trần  Văn 1", "Người khác")),
        # The same name in decomposed letters.
        ("Ai phụ trách?", ("Trâ\u0300n Văn 2", "Người khác")),
    ],
)
def test_never_on_a_person(text: str, labels: tuple[str, ...]) -> None:
    with pytest.raises(NeverOnPersons):
        rules.ask(a_room(), (POLL, text, labels), ROOM, NOW)


def test_fewer_than_five_are_not_even_asked() -> None:
    with pytest.raises(StrawPollInvalid) as refused:
        a_poll(ROOM[: FEWEST - 1])
    assert refused.value.detail["reason"] == "too_few_present"
    assert a_poll(ROOM[:FEWEST]).roll == ROOM[:FEWEST]


def test_only_in_an_open_meeting_with_an_item_before_it_and_no_vote() -> None:
    asked = (POLL, "Buổi nào?", LABELS)
    with pytest.raises(MeetingWrongPhase):
        rules.ask(replace(a_room(), phase=Phase.PAUSED), asked, ROOM, NOW)
    with pytest.raises(StrawPollInvalid):
        rules.ask(replace(a_room(), items=()), asked, ROOM, NOW)
    with pytest.raises(QuestionOpen):
        rules.require_no_vote(QuestionId("q"))
    rules.require_no_vote(None)


REFUSED: list[tuple[type[Refusal], str, str, bool, Status, Phase]] = [
    (NotOnStrawRoll, STRANGER, CHOICES[0], False, Status.OPEN, Phase.OPEN),
    (AlreadyAnswered, MEMBERS[0], CHOICES[1], True, Status.OPEN, Phase.OPEN),
    (StrawPollNotOpen, MEMBERS[0], CHOICES[0], False, Status.CLOSED, Phase.OPEN),
    (StrawPollNotOpen, MEMBERS[0], CHOICES[0], False, Status.CANCELLED, Phase.OPEN),
    (MeetingWrongPhase, MEMBERS[0], CHOICES[0], False, Status.OPEN, Phase.PAUSED),
    (StrawPollInvalid, MEMBERS[0], "option-3", False, Status.OPEN, Phase.OPEN),
]


@pytest.mark.parametrize(("refusal", "who", "choice", "has_answered", "status", "phase"), REFUSED)
def test_who_answers_and_how_often(
    refusal: type[Refusal], who: str, choice: str, has_answered: bool, status: Status, phase: Phase
) -> None:
    poll, meeting = replace(a_poll(), status=status), replace(a_room(), phase=phase)
    with pytest.raises(refusal):
        rules.answer(poll, meeting, choice, PersonId(who), has_answered=has_answered)


def test_a_member_who_was_there_answers_once() -> None:
    rules.answer(a_poll(), a_room(), CHOICES[0], MEMBERS[0], has_answered=False)


@pytest.mark.parametrize(
    ("box", "counts"), [({CHOICES[0]: 4}, None), ({CHOICES[0]: 5}, {CHOICES[0]: 5, CHOICES[1]: 0})]
)
def test_sums_are_told_from_five_answers_on(box: dict[str, int], counts: dict[str, int] | None) -> None:
    poll, event = rules.close(a_poll(), box, NOW)
    assert (poll.status, poll.counts, poll.answered) == (Status.CLOSED, counts, sum(box.values()))
    assert (event.counts, event.answered) == (counts, sum(box.values()))
    with pytest.raises(StrawPollNotOpen):
        rules.close(poll, box, NOW)


def test_calling_off_needs_a_reason() -> None:
    with pytest.raises(StrawPollInvalid):
        rules.cancel(a_poll(), " ", NOW)
    poll, event = rules.cancel(a_poll(), " Hỏi nhầm ", NOW)
    assert (poll.status, poll.cancel_reason, event.reason) == (Status.CANCELLED, "Hỏi nhầm", "Hỏi nhầm")
    with pytest.raises(StrawPollNotOpen):
        rules.cancel(poll, "Hỏi nhầm", NOW)


def test_who_has_withdrawn_from_the_item_is_not_asked() -> None:
    assert rules.who_answers(ROOM, {MEMBERS[2]}) == tuple(each for each in ROOM if each != MEMBERS[2])
