"""From the record and the rows of a meeting to the facts its minutes are composed of. Pure.

Who was there, and which entry proves what, is read from the record alone; rows say what a fact is about.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ecabinet.kernel.ids import ItemId, PersonId, QuestionId
from ecabinet.ledger.model import Entry
from ecabinet.meetings.model import Item, Meeting, Mode, Participant
from ecabinet.register.model import Body, RuleProfile
from ecabinet.speaking.model import Turn
from ecabinet.voting.model import KeptBallot, Question

from .entries import Record
from .model import Attendee, Course, Fact, Facts, OpeningQuorum, Said, Seal, SheetFacts, Speech, Stated, Stay
from .tally import Around, vote_of

MODES = {
    Mode.IN_PERSON: "trực tiếp",
    Mode.REMOTE: "trực tuyến",
    Mode.HYBRID: "trực tiếp kết hợp trực tuyến",
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
        proxies=tuple(_proxies(sources, record)),
        recordings=tuple(_recordings(record, meeting.closed_at)),
        seal=sources.seal,
    )


def sheet_of(sources: Sources, question: Question) -> SheetFacts:
    """The facts of one vote that has ended."""
    items = [each for each in sources.meeting.items if each.id in question.subjects]
    return SheetFacts(
        unit=sources.body.unit,
        meeting=sources.meeting.title,
        items=tuple(f"{each.position}. {each.title}" for each in items),
        member=sources.profile.electorate.member.vi,
        zone=sources.zone,
        members=question.strength.members,
        vote=vote_of(question, _around(sources)),
    )


def _around(sources: Sources) -> Around:
    return Around(
        names={each.person: each.name for each in sources.meeting.participants},
        positions={each.id: each.position for each in sources.meeting.items},
        questions=sources.questions,
        ballots=sources.ballots,
        record=Record(sources.entries),
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


def _recordings(record: Record, closed_at: datetime) -> Iterator[tuple[Fact, Fact]]:
    """What was decided: a recording of which nothing came is told of too. None outlasts the session."""
    stopped = {payload.get("recording"): entry for entry, payload in record.of("recording.stopped")}
    for entry, payload in record.of("recording.started"):
        end = stopped.get(payload.get("recording"))
        until = Fact(end.at, (end.number,)) if end else Fact(closed_at, record.numbers("meeting.closed"))
        yield Fact(entry.at, (entry.number,)), until


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


def _proxies(sources: Sources, record: Record) -> Iterator[Stated]:
    """Who gave the vote to whom, and did not take it back before the end."""
    names = {each.person: each.name for each in sources.meeting.participants}
    given: dict[str, Stated] = {}
    for entry, payload in record.of("proxy.given", "proxy.withdrawn"):
        giver = payload.get("giver")
        if giver is None:
            continue
        given.pop(giver, None)
        if entry.type == "proxy.given":
            holder = names.get(payload["holder"], "…")
            given[giver] = Stated(names.get(giver, "…"), holder, entry.at, (entry.number,))
    yield from given.values()


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
        votes=tuple(vote_of(each, _around(sources)) for each in sources.questions if each.item == item.id),
        recused=tuple(_recused(item, sources, record)),
        note=Said(item.notes, noted) if item.notes.strip() else None,
        conclusion=Said(item.conclusion, concluded) if item.conclusion.strip() else None,
    )


def _recused(item: Item, sources: Sources, record: Record) -> Iterator[Stated]:
    """Who had withdrawn from the item while it was before the meeting, or when the meeting adopted it with others."""
    names = {each.person: each.name for each in sources.meeting.participants}
    withdrawn: dict[str, Stated] = {}
    for entry, payload in record.of("recusal.recorded", "recusal.lifted"):
        person = payload.get("person")
        if person is None or payload.get("item") != item.id:
            continue
        if entry.type == "recusal.recorded":
            withdrawn[person] = Stated(names.get(person, "…"), "", entry.at, (entry.number,))
        elif item.started_at is None or entry.at <= item.started_at:
            # Lifted before it began. Later, it was in force for a time, and stays told.
            withdrawn.pop(person, None)
    yield from withdrawn.values()


def _fact(at: datetime | None, entries: tuple[int, ...]) -> Fact | None:
    return Fact(at, entries) if at else None


def _ends(item: ItemId, record: Record) -> tuple[int, ...]:
    """Entries by which the meeting was done with an item: by itself, by the next one, or by the meeting's end."""
    adopted = tuple(entry.number for entry, payload in record.of("items.adopted") if item in payload.get("items", ()))
    by_another = record.numbers("item.started", finished=item) + record.numbers("meeting.closed", finished=item)
    return tuple(sorted(record.numbers("item.finished", item=item) + by_another + adopted))


def _speeches(item: ItemId, sources: Sources, record: Record) -> Iterator[Speech]:
    names = {each.person: each.name for each in sources.meeting.participants}
    for turn in sources.turns:
        if turn.item == item and turn.started_at:
            entries = record.numbers("floor.given", turn=turn.id) + record.numbers("floor.ended", turn=turn.id)
            yield Speech(names.get(turn.person, "…"), turn.started_at, turn.ended_at, entries)
