"""What may be asked in a straw poll, who answers, and what is told of it. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from unicodedata import normalize

from ecabinet.kernel.ids import PersonId, QuestionId, StrawPollId
from ecabinet.meetings import model as meetings
from ecabinet.meetings.model import Act, Meeting, QuestionOpen

from .model import (
    FEWEST,
    AlreadyAnswered,
    NeverOnPersons,
    NotOnStrawRoll,
    Option,
    Status,
    StrawPoll,
    StrawPollCancelled,
    StrawPollClosed,
    StrawPollInvalid,
    StrawPollNotOpen,
    StrawPollOpened,
)

TEXT_LIMIT = 1_000
"""Characters of a question."""
LABEL_LIMIT = 200
"""Characters of an answer, or of a reason."""
MEETING_ENDED = "Phiên họp kết thúc khi chưa đóng thăm dò."
"""Why a poll that nobody closed was called off."""
OPTIONS = (2, 10)
"""Fewest and most answers to choose from."""


def ask(
    meeting: Meeting, wanted: tuple[StrawPollId, str, Sequence[str]], roll: Sequence[PersonId], by: Act
) -> StrawPoll:
    """A straw poll on the item before the meeting.

    wanted  id, text, labels of the answers
    roll  who may answer

    Raises MeetingWrongPhase, StrawPollInvalid, NeverOnPersons, the first that applies.
    """
    poll, text, labels = wanted
    meeting.require(frozenset({meetings.Phase.OPEN}))
    current = meeting.current_item
    if current is None:
        raise StrawPollInvalid(reason="no_item")
    if len(roll) < FEWEST:
        raise StrawPollInvalid(reason="too_few_present", least=FEWEST, present=len(roll))
    _check_wording(text, labels)
    _check_names(meeting, text, labels)
    return StrawPoll(
        id=poll,
        meeting=meeting.id,
        item=current.id,
        text=text.strip(),
        options=tuple(Option(f"option-{place}", label.strip()) for place, label in enumerate(labels, start=1)),
        roll=tuple(roll),
        status=Status.OPEN,
        opened_at=by.at,
        opened_by=by.actor,
    )


def opened(poll: StrawPoll) -> StrawPollOpened:
    """What the record keeps of the beginning."""
    return StrawPollOpened(
        at=poll.opened_at,
        actor=poll.opened_by,
        meeting=poll.meeting,
        poll=poll.id,
        item=poll.item,
        text=poll.text,
        options=poll.options,
        roll=poll.roll,
    )


def require_no_vote(open_question: QuestionId | None) -> None:
    """A vote comes first: two cards at once would be mixed up. Raises QuestionOpen."""
    if open_question is not None:
        raise QuestionOpen(question=open_question)


def answer(poll: StrawPoll, meeting: Meeting, choice: str, by: PersonId, *, has_answered: bool) -> None:
    """Accept an answer.

    Raises NotOnStrawRoll, StrawPollNotOpen, AlreadyAnswered, MeetingWrongPhase, StrawPollInvalid, the first that
    applies.
    """
    if by not in poll.roll:
        raise NotOnStrawRoll()
    if has_answered:
        # Before the phase: who asks again whether the answer arrived is told that it did.
        raise AlreadyAnswered()
    _require_open(poll)
    meeting.require(frozenset({meetings.Phase.OPEN}))
    if choice not in {option.key for option in poll.options}:
        raise StrawPollInvalid(reason="no_such_option", allowed=[option.key for option in poll.options])


def close(poll: StrawPoll, box: Mapping[str, int], by: Act) -> tuple[StrawPoll, StrawPollClosed]:
    """End it with its sums, or without any when too few answered. box: answers by option. Raises StrawPollNotOpen."""
    _require_open(poll)
    answered = sum(box.values())
    counts = {option.key: box.get(option.key, 0) for option in poll.options} if answered >= FEWEST else None
    ended = replace(poll, status=Status.CLOSED, closed_at=by.at, answered=answered, counts=counts)
    event = StrawPollClosed(
        at=by.at, actor=by.actor, meeting=poll.meeting, poll=poll.id, answered=answered, counts=counts
    )
    return ended, event


def cancel(poll: StrawPoll, reason: str, by: Act) -> tuple[StrawPoll, StrawPollCancelled]:
    """Call it off. Raises StrawPollNotOpen; StrawPollInvalid without a reason."""
    _require_open(poll)
    if not reason.strip() or len(reason) > LABEL_LIMIT:
        raise StrawPollInvalid(reason="cancel_reason", limit=LABEL_LIMIT)
    ended = replace(poll, status=Status.CANCELLED, closed_at=by.at, cancel_reason=reason.strip())
    event = StrawPollCancelled(at=by.at, actor=by.actor, meeting=poll.meeting, poll=poll.id, reason=reason.strip())
    return ended, event


def who_answers(present: Sequence[PersonId], recused: Collection[PersonId]) -> tuple[PersonId, ...]:
    """Members with a vote who are there and have not withdrawn from the item."""
    return tuple(person for person in present if person not in recused)


def _require_open(poll: StrawPoll) -> None:
    if poll.status is not Status.OPEN:
        raise StrawPollNotOpen(phase=poll.status.value)


def _check_wording(text: str, labels: Sequence[str]) -> None:
    if not text.strip() or len(text) > TEXT_LIMIT:
        raise StrawPollInvalid(reason="text", limit=TEXT_LIMIT)
    least, most = OPTIONS
    if not least <= len(labels) <= most:
        raise StrawPollInvalid(reason="number_of_options", least=least, most=most)
    named = [_plain(label) for label in labels]
    if not all(named) or len(set(named)) != len(named) or any(len(label) > LABEL_LIMIT for label in labels):
        raise StrawPollInvalid(reason="options_need_different_names", limit=LABEL_LIMIT)


def _check_names(meeting: Meeting, text: str, labels: Sequence[str]) -> None:
    said = [_plain(text), *map(_plain, labels)]
    names = [each.name for each in meeting.participants if any(_plain(each.name) in words for words in said)]
    if names:
        raise NeverOnPersons(names=names)


def _plain(words: str) -> str:
    """For comparing: one spelling of the letters, no case, single spaces."""
    return " ".join(normalize("NFC", words).casefold().split())
