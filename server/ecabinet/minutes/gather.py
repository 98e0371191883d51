"""From the record and the rows of a meeting to the facts its minutes are composed of. Pure.

Who was there, and which entry proves what, is read from the record alone; rows say what a fact is about.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ecabinet.kernel.ids import ItemId, PersonId, QuestionId
from ecabinet.ledger.model import Entry
from ecabinet.meetings.model import Item, Meeting, Mode, Participant
from ecabinet.register.model import Body, Meaning, RuleProfile
from ecabinet.speaking.model import Turn
from ecabinet.voting.model import Arithmetic, KeptBallot, Option, Outcome, Phase, Question, Verdict

from .model import (
    Attendee,
    Choice,
    Count,
    Course,
    Fact,
    Facts,
    OpeningQuorum,
    Result,
    Said,
    Seal,
    Speech,
    Stay,
    Vote,
)

MODES = {
    Mode.IN_PERSON: "trực tiếp",
    Mode.REMOTE: "trực tuyến",
    Mode.HYBRID: "trực tiếp kết hợp trực tuyến",
}
OUTCOMES = {
    Outcome.PASSED: "thông qua",
    Outcome.NOT_PASSED: "không thông qua",
    Outcome.NO_QUORUM: "không có giá trị vì không đủ số lượng",
    Outcome.UNDECIDED: "chưa quyết định, số phiếu ngang nhau",
    Outcome.NO_MAJORITY: "không phương án nào đạt số phiếu cần thiết",
}


@dataclass(frozen=True, slots=True)
class Sources:
    """What a meeting left behind."""

    meeting: Meeting
    body: Body
    profile: RuleProfile
    """The version in force on the meeting's day."""
    entries: Sequence[Entry]
    """The meeting's part of the record, oldest first."""
    reasons: Mapping[PersonId, str]
    """Why someone was away, as the roll call noted it."""
    turns: Sequence[Turn]
    questions: Sequence[Question]
    ballots: Mapping[QuestionId, Sequence[KeptBallot]]
    """Every version of everybody."""
    zone: ZoneInfo
    seal: Seal | None


@dataclass(frozen=True, slots=True)
class Record:
    """The entries of a meeting, to be asked."""

    entries: Sequence[Entry]

    def of(self, *types: str) -> Iterator[tuple[Entry, dict[str, Any]]]:
        """Entries of these types with what they disclose; an erased one discloses nothing."""
        for entry in self.entries:
            if entry.type in types:
                yield entry, entry.disclosure.payload if entry.disclosure else {}

    def numbers(self, kind: str, **named: object) -> tuple[int, ...]:
        """The numbers of the entries of one type whose payload has these values."""
        return tuple(
            entry.number
            for entry, payload in self.of(kind)
            if all(payload.get(name) == value for name, value in named.items())
        )


def gather(sources: Sources) -> Facts:
    """The facts of a meeting that has closed."""
    meeting, record = sources.meeting, Record(sources.entries)
    assert meeting.opened_at, "only a meeting that took place is gathered"
    assert meeting.closed_at, "only a closed meeting is gathered"
    return Facts(
        meeting=meeting.id,
        unit=sources.body.unit,
        title=meeting.title,
        place=meeting.place,
        mode=MODES[meeting.mode],
        member=sources.profile.electorate.member.vi,
        zone=sources.zone,
        opened=Fact(meeting.opened_at, record.numbers("meeting.opened")),
        closed=Fact(meeting.closed_at, record.numbers("meeting.closed")),
        quorum=_quorum(sources, record),
        pauses=tuple(_pauses(record)),
        attendees=tuple(_attendee(each, sources, record) for each in meeting.participants),
        courses=tuple(_course(each, sources, record) for each in meeting.items),
        seal=sources.seal,
    )


def _quorum(sources: Sources, record: Record) -> OpeningQuorum:
    """As the opening has it; counted again from who was there, when what the opening disclosed was erased."""
    meeting, rule = sources.meeting, sources.profile.quorum
    for _entry, payload in record.of("meeting.opened"):
        if payload:
            article = rule.citation.label().vi
            return OpeningQuorum(payload["members"], payload["present"], payload["needed"], article)
    assert meeting.opened_at, "only a meeting that took place is gathered"
    there = [any(stay.covers(meeting.opened_at) for stay in stays(record, each.person)) for each in meeting.voters]
    found = rule.of(len(there), sum(there))
    return OpeningQuorum(found.members, found.present, found.needed, found.article.vi)


def _pauses(record: Record) -> Iterator[tuple[Fact, Fact | None]]:
    paused: Fact | None = None
    for entry, _payload in record.of("meeting.paused", "meeting.resumed"):
        if entry.type == "meeting.paused":
            paused = Fact(entry.at, (entry.number,))
        elif paused:
            yield paused, Fact(entry.at, (entry.number,))
            paused = None
    if paused:
        yield paused, None


# --- people ---


def _attendee(participant: Participant, sources: Sources, record: Record) -> Attendee:
    meeting = sources.meeting
    names = {each.person: each.name for each in meeting.participants}
    positions = None
    if participant.items is not None:
        positions = tuple(each.position for each in meeting.items if each.id in participant.items)
    marked = record.numbers("roll.marked", person=participant.person)[-1:]
    answered = record.numbers("invitation.answered", person=participant.person)[-1:]
    noted = sources.reasons.get(participant.person)
    return Attendee(
        person=participant.person,
        name=participant.name,
        post=participant.post,
        role=participant.role,
        votes=participant.votes,
        order=participant.order,
        positions=positions,
        stands_in_for=names.get(participant.stands_in_for) if participant.stands_in_for else None,
        reason=noted or participant.reason,
        reason_entries=marked if noted else answered,
        stays=tuple(stays(record, participant.person)),
    )


def stays(record: Record, person: PersonId) -> Iterator[Stay]:
    """When someone was there: marked so by the roll call, or connected and not marked otherwise."""
    is_connected, mark = False, None
    since: Entry | None = None
    for entry, payload in record.of("presence.connected", "presence.disconnected", "roll.marked"):
        if payload.get("person") != person:
            continue
        if entry.type == "roll.marked":
            mark = payload.get("mark")
        else:
            is_connected = entry.type == "presence.connected"
        is_present = mark == "present" or (mark is None and is_connected)
        if is_present and since is None:
            since = entry
        elif not is_present and since is not None:
            yield Stay(since.at, entry.at, since.number, entry.number)
            since = None
    if since is not None:
        yield Stay(since.at, None, since.number)


# --- items ---


def _course(item: Item, sources: Sources, record: Record) -> Course:
    concluded = record.numbers("item.concluded", item=item.id)[-1:]
    noted = record.numbers("item.noted", item=item.id)[-1:]
    return Course(
        position=item.position,
        title=item.title,
        presenter=item.presenter,
        started=_fact(item.started_at, record.numbers("item.started", item=item.id)[:1]),
        ended=_fact(item.ended_at, _ends(item.id, record)[-1:]),
        speeches=tuple(_speeches(item.id, sources, record)),
        votes=tuple(_vote(each, sources, record) for each in sources.questions if each.item == item.id),
        note=Said(item.notes, noted) if item.notes.strip() else None,
        conclusion=Said(item.conclusion, concluded) if item.conclusion.strip() else None,
    )


def _fact(at: datetime | None, entries: tuple[int, ...]) -> Fact | None:
    return Fact(at, entries) if at else None


def _ends(item: ItemId, record: Record) -> tuple[int, ...]:
    """Entries by which the meeting was done with an item: by itself, by the next one, or by the meeting's end."""
    by_another = record.numbers("item.started", finished=item) + record.numbers("meeting.closed", finished=item)
    return tuple(sorted(record.numbers("item.finished", item=item) + by_another))


def _speeches(item: ItemId, sources: Sources, record: Record) -> Iterator[Speech]:
    names = {each.person: each.name for each in sources.meeting.participants}
    for turn in sources.turns:
        if turn.item == item and turn.started_at:
            entries = record.numbers("floor.given", turn=turn.id) + record.numbers("floor.ended", turn=turn.id)
            yield Speech(names.get(turn.person, "…"), turn.started_at, turn.ended_at, entries)


# --- votes ---


def _vote(question: Question, sources: Sources, record: Record) -> Vote:
    ended = "question.cancelled" if question.phase is Phase.CANCELLED else "question.closed"
    assert question.closed_at, "no vote runs when a meeting has closed"
    return Vote(
        text=question.text,
        opened=Fact(question.opened_at, _put(question.id, record)),
        ended=Fact(question.closed_at, record.numbers(ended, question=question.id)),
        result=_result(question, question.verdict) if question.verdict else None,
        cancel_reason=question.cancel_reason,
        choices=tuple(_choices(question, sources)),
    )


def _put(question: QuestionId, record: Record) -> tuple[int, ...]:
    """An erased entry names no question any more, and proves nothing of it."""
    asked = ((entry.number, payload.get("question", {})) for entry, payload in record.of("question.put"))
    return tuple(number for number, put in asked if put.get("id") == question)


def _choices(question: Question, sources: Sources) -> Iterator[Choice]:
    # The highest version counts: it comes last here, and stays.
    by_version = sorted(sources.ballots.get(question.id, ()), key=lambda kept: kept.ballot.n)
    current = {each.ballot.voter: each for each in by_version}
    for voter in question.roll.voters:
        kept = current.get(voter.person)
        if kept is None:
            yield Choice(voter.name, None)
            continue
        label = question.option(kept.ballot.choice).words.vi
        yield Choice(voter.name, label, kept.ballot.cast_at, kept.number)


def _result(question: Question, verdict: Verdict) -> Result:
    sums = verdict.arithmetic
    outcome = OUTCOMES[verdict.outcome]
    if verdict.chosen:
        outcome = f"chọn {question.option(verdict.chosen).words.vi}"
    return Result(
        outcome=outcome,
        counts=tuple(_counts(question.options, sums)),
        members=sums.members,
        present=sums.present,
        sentence=verdict.words.vi,
        article=verdict.article.vi,
    )


_COUNTED = {
    Meaning.FOR: "votes_for",
    Meaning.AGAINST: "votes_against",
    Meaning.ABSTAIN: "abstained",
    Meaning.OTHER: "other",
}


def _counts(options: Sequence[Option], sums: Arithmetic) -> Iterator[Count]:
    for option in options:
        if option.meaning is Meaning.ALTERNATIVE:
            count = (sums.counts.alternatives or {}).get(option.key, 0)
            yield Count(option.words.vi, count, sums.shares[option.key])
        else:
            name = _COUNTED[option.meaning]
            label = option.words.vi[:1].lower() + option.words.vi[1:]
            yield Count(label, getattr(sums.counts, name), sums.shares[name])
    yield Count("không tham gia biểu quyết", sums.counts.not_voted, sums.shares["not_voted"])
    yield Count("vắng mặt", sums.counts.absent, sums.shares["absent"])
