"""Preparing a meeting, asking people to it, and leading it from its opening to its end."""

import hashlib
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from ecabinet.kernel.access import Role
from ecabinet.kernel.clock import Clock
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.events import moment
from ecabinet.kernel.ids import BodyId, ItemId, MeetingId, PersonId
from ecabinet.kernel.ports import Ids, Transaction
from ecabinet.register.model import Body, Membership

from . import rules, seating, views
from .model import (
    PREPARING,
    RUNNING,
    Act,
    Answer,
    Change,
    ItemHasPapers,
    ItemPlan,
    Meeting,
    PapersDue,
    Person,
    Plan,
    QuestionOpen,
    Reply,
    Seating,
    StandInNotAllowed,
    TieWaits,
)
from .ports import MeetingStore, Names, Neighbours, QuorumOf, RegisterOf
from .views import Setting

DESK_SHOWS = timedelta(days=31)
"""How long a meeting stays on the desk after its start."""
DESK_REMEMBERS = timedelta(days=366)
"""How long after its start a meeting may still want something of someone."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """As what someone is to take part."""

    person: PersonId
    role: Role
    items: frozenset[ItemId] | None = None
    stands_in_for: PersonId | None = None


@dataclass(frozen=True, slots=True)
class Meetings:
    """Built afresh for each request, inside its transaction."""

    tx: Transaction
    meetings: MeetingStore
    register: RegisterOf
    quorum: QuorumOf
    names: Names
    ids: Ids
    clock: Clock
    neighbours: Neighbours | None = None
    """The slices above; None for whoever only reads single meetings, as those slices do themselves."""
    holidays: frozenset[date] = frozenset()
    """Days off other than Saturdays and Sundays, for lead times in working days."""

    # --- reading ---

    async def get(self, meeting: MeetingId) -> Meeting:
        """The meeting, whole. Raises NotFound."""
        return await self.meetings.get(meeting)

    async def standing(self, person: PersonId, meeting: MeetingId) -> tuple[frozenset[Role], frozenset[ItemId] | None]:
        """The person's roles in the meeting, none when it is not his to know of; and for guests the items."""
        return (await self.standings(frozenset({person}), meeting))[person]

    async def standings(
        self, people: Set[PersonId], meeting: MeetingId
    ) -> dict[PersonId, tuple[frozenset[Role], frozenset[ItemId] | None]]:
        """The same of all these people at once."""
        nobody: tuple[frozenset[Role], frozenset[ItemId] | None] = frozenset(), frozenset()
        seats = await self.meetings.seats(meeting, people)
        seated = {person: (seating.roles_of(seat), seat.participant.items) for person, seat in seats.items()}
        return {person: seated.get(person, nobody) for person in people}

    async def setting(self, meeting: Meeting) -> Setting:
        """The body, its rules on the meeting's day, and by when the papers are due."""
        body = await self.register.body(meeting.body)
        profile = await self.register.profile(body.profile, meeting.starts_at)
        due = meeting.papers_due
        if meeting.convened_at is None:
            due = rules.papers_due(profile, meeting.kind, meeting.starts_at, self.holidays)
        return Setting(body, profile, due)

    async def cards(self, person: PersonId, since: datetime | None, until: datetime | None) -> list[views.Card]:
        """The meetings of a person that start within [since, until), by start."""
        return await self._cards(person, await self._known(person, since, until))

    async def desk(self, person: PersonId) -> views.Desk:
        """What a person sees first."""
        now = self.clock.now()
        known = await self._known(person, now - DESK_REMEMBERS, None)
        shown = [each for each in known if each.starts_at >= now - DESK_SHOWS]
        drafted = await self._above.minutes.drafted(views.ids_of(known))
        waiting = [
            views.waiting(each, kind, await self.setting(each))
            for each in known
            if (kind := views.wanted(each, person, has_minutes=each.id in drafted))
        ]
        waiting += await self._above.slips.waiting(person)
        return {
            "now": moment(now),
            "meetings": await self._cards(person, shown),
            "waiting": views.by_urgency(waiting),
        }

    async def _known(self, person: PersonId, since: datetime | None, until: datetime | None) -> list[Meeting]:
        found = await self.meetings.of_person(person, since, until)
        return [each for each in found if views.knows_of(each, person)]

    async def _cards(self, person: PersonId, shown: list[Meeting]) -> list[views.Card]:
        late = await self._above.papers.late_papers(views.ids_of(shown))
        bodies: dict[BodyId, Body] = {}
        for each in shown:
            if each.body not in bodies:
                bodies[each.body] = await self.register.body(each.body)
        return [views.card(each, person, bodies[each.body], late.get(each.id, 0)) for each in shown]

    # --- preparing ---

    async def create(self, body: BodyId, plan: Plan, chair: PersonId | None, by: PersonId) -> MeetingId:
        """A draft with the body's members on its list; who calls it is its secretary. Raises Invalid."""
        rules.check_times(plan.starts_at, plan.ends_at)
        members = await self.register.members(body, plan.starts_at)
        people = (by, *(each for each in await self.register.secretaries(body) if each != by))
        names = await self.names.names(frozenset(people))
        secretaries = [Person(each, names[each]) for each in people if each in names]
        seated = seating.participants_from(members, secretaries, chair, by)
        change = rules.create((MeetingId(self.ids.new()), body), plan, seated, self._by(by))
        await self.meetings.add(change.meeting)
        await self.tx.record(change.event)
        return change.meeting.id

    async def change(
        self, meeting: MeetingId, changed: Mapping[str, Any], chair: PersonId | None, by: PersonId
    ) -> None:
        """changed: field of Plan → value; chair: the member who presides from now on.

        Raises MeetingWrongPhase, Invalid, NotFound when the chair has no account.
        """
        before = await self._locked(meeting)
        before.require(PREPARING)
        if chair is not None and (before.chair is None or before.chair.person != chair):
            seated = await self._seating(before, Wanted(chair, Role.CHAIR))
            chosen = seating.set_participant(before, seated, self._by(by))
            await self._keep(before, chosen)
            before = chosen.meeting
        if changed:
            await self._keep(before, await self._with_due(rules.change(before, changed, self._by(by))))

    async def _with_due(self, change: Change) -> Change:
        # A convened meeting that moves gives the papers a new deadline.
        if change.meeting.convened_at is None:
            return change
        due = await self._due(change.meeting)
        return Change(replace(change.meeting, papers_due=due), change.event)

    async def add_item(self, meeting: MeetingId, plan: ItemPlan, by: PersonId) -> ItemId:
        """At the end of the agenda. Raises MeetingWrongPhase."""
        before, item = await self._locked(meeting), ItemId(self.ids.new())
        await self._keep(before, rules.add_item(before, item, plan, self._by(by)))
        return item

    async def change_item(self, meeting: MeetingId, item: ItemId, changed: Mapping[str, Any], by: PersonId) -> None:
        """changed: field of ItemPlan → value. Raises MeetingWrongPhase, NotFound; QuestionOpen while the item is voted
        on, alone or with others: what is adopted is what was on the agenda when it was put."""
        before = await self._locked(meeting)
        change = rules.change_item(before, item, changed, self._by(by))
        voted = await self._above.questions.voted_on(meeting)
        if item in voted:
            raise QuestionOpen(question=voted[item])
        await self._keep(before, change)

    async def remove_item(self, meeting: MeetingId, item: ItemId, by: PersonId) -> None:
        """Raises MeetingWrongPhase, NotFound, ItemHasGuests, ItemHasPapers."""
        before = await self._locked(meeting)
        change = rules.remove_item(before, item, self._by(by))
        if await self._above.papers.has_papers(meeting, item):
            raise ItemHasPapers()
        await self._above.questions.drop_plans(before, item, self._by(by))
        await self._keep(before, change)

    async def order_agenda(self, meeting: MeetingId, order: tuple[ItemId, ...], by: PersonId) -> None:
        """Raises MeetingWrongPhase, NotAnOrder."""
        before = await self._locked(meeting)
        await self._keep(before, rules.order_agenda(before, order, self._by(by)))

    async def set_participant(self, meeting: MeetingId, wanted: Wanted, by: PersonId) -> None:
        """Raises NotFound for someone without an account, and as seating.set_participant does."""
        before = await self._locked(meeting)
        seated = await self._seating(before, wanted)
        await self._keep(before, seating.set_participant(before, seated, self._by(by)))

    async def remove_participant(self, meeting: MeetingId, person: PersonId, by: PersonId) -> None:
        """Raises MeetingWrongPhase, NotFound, NoChair, NoSecretary."""
        before = await self._locked(meeting)
        change = seating.remove_participant(before, person, self._by(by))
        if before.phase in RUNNING:
            gone = {each.person for each in before.participants} - {each.person for each in change.meeting.participants}
            await self._above.floor.end_all(before, by, frozenset(gone))
        await self._keep(before, change)

    async def answer(
        self, meeting: MeetingId, answer: Answer, reason: str | None, stand_in: PersonId | None, by: PersonId
    ) -> None:
        """Raises as seating.answer does; NotFound when the stand-in has no account."""
        before = await self._locked(meeting)
        reply = Reply(answer, reason, await self._person(stand_in) if stand_in else None)
        attend = (await self.setting(before)).profile.stand_in.attends
        await self._keep(before, seating.answer(before, reply, self._by(by), stand_ins_attend=attend))

    # --- from the invitation to the end ---

    async def convene(self, meeting: MeetingId, by: PersonId) -> None:
        """The invitations go out. Raises MeetingWrongPhase, NothingToDiscuss, NoChair."""
        before = await self._locked(meeting)
        await self._keep(before, rules.convene(before, await self._due(before), self._by(by)))

    async def cancel(self, meeting: MeetingId, reason: str, by: PersonId) -> None:
        """Raises MeetingWrongPhase."""
        before = await self._locked(meeting)
        await self._keep(before, rules.cancel(before, reason, self._by(by)))

    async def open(self, meeting: MeetingId, by: PersonId) -> None:
        """Raises MeetingWrongPhase, QuorumNotMet."""
        before = await self._locked(meeting)
        await self._keep(before, rules.open_meeting(before, await self.quorum.of(before), self._by(by)))

    async def pause(self, meeting: MeetingId, by: PersonId) -> None:
        """Nothing is recorded in a break. Raises MeetingWrongPhase."""
        before = await self._locked(meeting)
        change = rules.pause(before, self._by(by))
        await self._above.recordings.end_all(meeting, by, is_over=False)
        await self._keep(before, change)

    async def resume(self, meeting: MeetingId, by: PersonId) -> None:
        """Raises MeetingWrongPhase."""
        before = await self._locked(meeting)
        await self._keep(before, rules.resume(before, self._by(by)))

    async def close(self, meeting: MeetingId, by: PersonId) -> None:
        """Ends the current item, every turn, an open straw poll and a recording too. Raises MeetingWrongPhase,
        QuestionOpen, TieWaits: once the meeting is over nobody could settle it."""
        before = await self._locked(meeting)
        change = rules.close(before, await self._above.questions.open_question(meeting), self._by(by))
        tied = await self._above.questions.waiting_tie(meeting)
        if tied is not None:
            raise TieWaits(question=tied)
        # Before anything is recorded: whoever ends a poll locks it first and the record then.
        await self._above.straw.end_all(meeting, by)
        await self._above.recordings.end_all(meeting, by, is_over=True)
        await self.meetings.save(before, change.meeting)
        await self._above.floor.end_all(before, by)
        await self.tx.record(change.event)

    async def start_item(self, meeting: MeetingId, item: ItemId, by: PersonId) -> None:
        """Raises MeetingWrongPhase, NotFound, QuestionOpen."""
        before = await self._locked(meeting)
        running = await self._above.questions.open_question(meeting)
        change = rules.start_item(before, item, running, self._by(by))
        await self._keep(before, change)
        if before.item(item).started_at is None:
            await self._above.positions.begun(change.meeting, item)

    async def finish_item(self, meeting: MeetingId, item: ItemId, by: PersonId) -> None:
        """Raises MeetingWrongPhase, NotFound, QuestionOpen."""
        before = await self._locked(meeting)
        running = await self._above.questions.open_question(meeting)
        await self._keep(before, rules.finish_item(before, item, running, self._by(by)))

    async def adopt_items(self, meeting: MeetingId, items: Sequence[ItemId], conclusion: str, by: Act) -> None:
        """Be done with several items that one vote has decided; what the chair concluded stays. Raises
        MeetingWrongPhase, NotFound."""
        before = await self._locked(meeting)
        await self._keep(before, rules.adopt_items(before, items, conclusion, by))

    async def note_item(self, meeting: MeetingId, item: ItemId, text: str, by: PersonId) -> None:
        """Raises MeetingWrongPhase, NotFound."""
        before = await self._locked(meeting)
        digest = hashlib.sha256(text.encode()).hexdigest()
        await self._keep(before, rules.note_item(before, item, text, digest, self._by(by)))

    async def conclude_item(self, meeting: MeetingId, item: ItemId, text: str, by: PersonId) -> None:
        """Raises MeetingWrongPhase, NotFound."""
        before = await self._locked(meeting)
        await self._keep(before, rules.conclude_item(before, item, text, self._by(by)))

    # --- parts of the above ---

    @property
    def _above(self) -> Neighbours:
        assert self.neighbours is not None, "built for reading single meetings"
        return self.neighbours

    def _by(self, person: PersonId) -> Act:
        return Act(person, self.clock.now())

    async def _locked(self, meeting: MeetingId) -> Meeting:
        await self.meetings.lock(meeting)
        return await self.meetings.get(meeting)

    async def _keep(self, before: Meeting, change: Change) -> None:
        await self.meetings.save(before, change.meeting)
        await self.tx.record(change.event)

    async def _due(self, meeting: Meeting) -> PapersDue | None:
        body = await self.register.body(meeting.body)
        profile = await self.register.profile(body.profile, meeting.starts_at)
        return rules.papers_due(profile, meeting.kind, meeting.starts_at, self.holidays)

    async def _person(self, person: PersonId) -> Person:
        names = await self.names.names(frozenset({person}))
        if person not in names:
            raise NotFound()
        return Person(person, names[person])

    async def _seating(self, meeting: Meeting, wanted: Wanted) -> Seating:
        membership = await self._membership(meeting, wanted.person)
        if wanted.role is Role.STAND_IN and not (await self.setting(meeting)).profile.stand_in.attends:
            raise StandInNotAllowed()
        return Seating(await self._person(wanted.person), wanted.role, wanted.items, wanted.stands_in_for, membership)

    async def _membership(self, meeting: Meeting, person: PersonId) -> Membership | None:
        members = await self.register.members(meeting.body, meeting.starts_at)
        held = [each for each in members if each.person == person]
        # Of two posts the one with a vote counts.
        return next((each for each in held if each.votes), held[0] if held else None)
