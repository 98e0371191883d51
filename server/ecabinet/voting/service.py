"""Putting questions, leading a vote, and closing it with what the rules make of it. Casting: casting.py."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ecabinet.kernel.clock import Clock
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import IncidentId, ItemId, MeetingId, PersonId, PlanId, QuestionId
from ecabinet.kernel.ports import Ids, Transaction
from ecabinet.meetings import model as meetings
from ecabinet.meetings.model import Act, Meeting
from ecabinet.register.model import Matter, RuleProfile

from . import closing, conduct, plans, proxies, rules
from .asking import rule_of
from .events import PlanChanged, QuestionClosed
from .model import (
    Board,
    Candidate,
    KeptBallot,
    Kind,
    Method,
    Outcome,
    PaperCount,
    PlanIsPut,
    Planned,
    Question,
    Side,
    Strength,
    Way,
)
from .ports import Neighbours, Stores
from .proposals import Proposal, Situation

ADOPTED = "Thông qua, không có ý kiến khác (biểu quyết chung số {number})."
"""The conclusion of an item adopted in a block, as the minutes have it."""


@dataclass(frozen=True, slots=True)
class Voting:
    """Built afresh for each act, inside its transaction."""

    tx: Transaction
    kept: Stores
    around: Neighbours
    ids: Ids
    clock: Clock

    # --- putting ---

    async def put(self, meeting: MeetingId, wanted: "Wanted", by: PersonId) -> QuestionId:
        """Put a question to those present; it opens at once. Refuses as rules.put_question does; NotFound for a
        planned question that is not there, PlanIsPut for one that was put already."""
        await self.kept.questions.lock_meeting(meeting)
        held = await self.around.meetings.get(meeting)
        act = Act(by, self.clock.now())
        proposal = await self._proposal(held, wanted, act)
        events = await self._put(held, proposal, act)
        await self._record(events)
        return proposal.id

    async def repeat(self, meeting: MeetingId, question: QuestionId, reason: str, by: PersonId) -> QuestionId:
        """Let a vote count for nothing and put the same again to those who are there now. Refuses as conduct.annul,
        plans.check_whole and rules.put_question do; NotFound."""
        await self.kept.questions.lock_meeting(meeting)
        asked = await self._locked(meeting, question)
        held = await self.around.meetings.get(meeting)
        act = Act(by, self.clock.now())
        annulled = conduct.annul(asked, held, reason, act)
        earlier = await self.kept.questions.of(meeting)
        plans.check_whole(asked, earlier)
        again = Proposal(
            id=QuestionId(self.ids.new()),
            item=asked.item,
            number=len(earlier) + 1,
            text=asked.text,
            matter=asked.matter,
            alternatives=_alternatives(asked),
            method=asked.method,
            way=asked.way,
            kind=asked.kind,
            items=asked.items,
            motion=asked.motion,
            candidates=asked.candidates,
            seats=asked.seats,
            board=asked.board,
            plan=asked.plan,
            repeats=asked.id,
        )
        await self.kept.questions.keep(replace(conduct.applied(asked, annulled), repeated_by=again.id))
        events = await self._put(held, again, act)
        await self._record([annulled, *events])
        return again.id

    async def _proposal(self, meeting: Meeting, wanted: "Wanted", act: Act) -> Proposal:
        kind = wanted.kind
        if wanted.plan is not None:
            planned = plans.named(await self._planned(meeting, wanted.item), wanted.plan)
            if planned.question is not None:
                raise PlanIsPut(question=planned.question)
            kind = planned.kind
        limit = wanted.time_limit_s
        method = wanted.method or (Method.CHOICE if wanted.matter is Matter.CHOICE else Method.APPROVAL)
        return Proposal(
            id=QuestionId(self.ids.new()),
            item=wanted.items[0] if wanted.items else wanted.item,
            number=len(await self.kept.questions.of(meeting.id)) + 1,
            text=wanted.text,
            matter=wanted.matter,
            alternatives=wanted.alternatives,
            method=method,
            way=wanted.way,
            kind=Kind.BLOCK if wanted.items else kind,
            items=wanted.items,
            motion=wanted.motion,
            candidates=wanted.candidates,
            seats=wanted.seats,
            board=wanted.board,
            plan=wanted.plan,
            until=act.at + conduct.time_given(limit) if limit is not None else None,
        )

    async def _put(self, meeting: Meeting, proposal: Proposal, act: Act) -> list[Event]:
        """Keep the question; what is to be recorded of it."""
        profile = await self.around.profile(meeting)
        put = rules.put_question(proposal, await self._situation(meeting, proposal, profile), profile, act)
        await self.kept.questions.add(put.question)
        events: list[Event] = [put]
        if proposal.plan is not None:
            events.append(await self._plan_put(meeting, put.question, put.question.id, act))
        return events

    async def _plan_put(self, meeting: Meeting, asked: Question, by: QuestionId | None, act: Act) -> PlanChanged:
        assert asked.plan is not None, "a planned question"
        place = plans.Place(meeting, asked.item, await self._planned(meeting, asked.item))
        changed = plans.put(place, asked.plan, by, act)
        await self.kept.plans.replace(meeting.id, asked.item, changed.plans)
        return changed

    async def _planned(self, meeting: Meeting, *items: ItemId) -> tuple[Planned, ...]:
        return tuple(each for each in await self.kept.plans.of(meeting.id) if each.item in items)

    async def _situation(self, meeting: Meeting, proposal: Proposal, profile: RuleProfile) -> Situation:
        present = await self.around.attendance.present_voters(meeting)
        recused = await self.around.attendance.recused(meeting, proposal.subjects)
        members = (await self.around.attendance.quorum(meeting)).members
        held = await self.kept.proxies.of(meeting.id) if profile.proxies else {}
        most = profile.proxies.most if profile.proxies else 0
        roll = proxies.roll_of(meeting, present, recused, held, most)
        represented = sum(1 for voter in roll.voters if voter.proxy is not None)
        seats, remaining = members, None
        if profile.reduced is not None:
            in_office = await self.around.register.members(meeting.body, meeting.starts_at)
            term = await self.around.register.term(meeting.body, meeting.starts_at)
            remaining = min(members, len({each.person for each in in_office if each.votes}))
            seats = term.seats if term is not None and term.seats is not None else members
        objections: Mapping[ItemId, frozenset[PersonId]] = {}
        if proposal.items:
            declared = await self.around.positions.objections(meeting, proposal.items)
            objections = {item: frozenset(people) for item, people in declared.items()}
        return Situation(
            meeting=meeting,
            open_question=await self.kept.questions.open_question(meeting.id),
            roll=roll,
            strength=Strength(
                members=members,
                present=len(roll.voters) - represented,
                remaining=remaining,
                recused=len(recused),
                represented=represented,
            ),
            seats=seats,
            earlier=tuple(await self.kept.questions.of(meeting.id)),
            planned=await self._planned(meeting, *proposal.subjects),
            objections=objections,
        )

    # --- while it runs ---

    async def pause(self, meeting: MeetingId, question: QuestionId, by: PersonId) -> None:
        """Let no ballot in for the moment. Refuses as conduct.pause does; NotFound."""
        asked = await self._locked(meeting, question)
        await self._happened(asked, conduct.pause(asked, Act(by, self.clock.now())))

    async def resume(self, meeting: MeetingId, question: QuestionId, by: PersonId) -> None:
        """Let ballots in again. Refuses as conduct.resume does; NotFound."""
        asked = await self._locked(meeting, question)
        await self._happened(asked, conduct.resume(asked, Act(by, self.clock.now())))

    async def extend(self, meeting: MeetingId, question: QuestionId, seconds: int, by: PersonId) -> None:
        """Give so many seconds from now. Refuses as conduct.extend does; NotFound."""
        asked = await self._locked(meeting, question)
        await self._happened(asked, conduct.extend(asked, seconds, Act(by, self.clock.now())))

    async def report_incident(self, meeting: MeetingId, question: QuestionId, by: PersonId) -> IncidentId:
        """Say that one's line was lost; once, and again is answered with the same. Refuses as
        conduct.report_incident does; NotFound."""
        asked = await self._locked(meeting, question)
        earlier = await self.kept.incidents.find(question, by)
        if earlier is not None:
            return earlier.id
        act = Act(by, self.clock.now())
        incident, event = conduct.report_incident(asked, IncidentId(self.ids.new()), act)
        await self.kept.incidents.add(incident)
        await self.tx.record(event)
        return incident.id

    async def cancel(self, meeting: MeetingId, question: QuestionId, reason: str, by: PersonId) -> None:
        """Call the vote off; a planned question waits again. Refuses as conduct.cancel does; NotFound."""
        await self.kept.questions.lock_meeting(meeting)
        asked = await self._locked(meeting, question)
        act = Act(by, self.clock.now())
        cancelled = conduct.cancel(asked, reason, act)
        await self.kept.questions.keep(conduct.applied(asked, cancelled))
        events: list[Event] = [cancelled]
        if asked.plan is not None:
            held = await self.around.meetings.get(meeting)
            events.append(await self._plan_put(held, asked, None, act))
        await self._record(events)

    # --- its end ---

    async def close(self, meeting: MeetingId, question: QuestionId, by: PersonId) -> None:
        """End a vote by device with its verdict. Refuses as closing.close does; NotFound."""
        await self.kept.questions.lock_meeting(meeting)
        asked = await self._locked(meeting, question)
        held = await self.around.meetings.get(meeting)
        profile = await self.around.profile(held)
        ballots = [each.ballot for each in await self.kept.ballots.of(question)]
        act = Act(by, self.clock.now())
        closed = closing.close(asked, ballots, profile, _breaker(asked, held, profile), act)
        await self._ended(held, asked, closed, profile)

    async def conclude_by_hands(
        self,
        meeting: MeetingId,
        question: QuestionId,
        answers: Mapping[PersonId, str],
        entered_by: tuple[PersonId, PersonId],
    ) -> None:
        """Keep a ballot for each answer of a show of hands and close the question with its verdict.

        entered_by  who wrote the sheet and who confirmed it

        Raises NotFound, QuestionNotOpen, NotEntitled, NoSuchChoice.
        """
        await self.kept.questions.lock_meeting(meeting)
        asked = await self._locked(meeting, question)
        held = await self.around.meetings.get(meeting)
        profile = await self.around.profile(held)
        act = Act(entered_by[1], self.clock.now())
        read = closing.read_hands(asked, answers, entered_by, act)
        numbers = await self.tx.record_all([event for _, event in read])
        kept = [
            KeptBallot(ballot, number, closing.hash_of(event))
            for (ballot, event), number in zip(read, numbers, strict=True)
        ]
        await self.kept.ballots.add(kept)
        ballots = [ballot for ballot, _ in read]
        closed = closing.concluded(asked, ballots, profile, _breaker(asked, held, profile), act)
        await self._ended(held, asked, replace(closed, entered_by=entered_by), profile)

    async def conclude_by_papers(
        self, meeting: MeetingId, question: QuestionId, counted: PaperCount, by: tuple[PersonId, PersonId]
    ) -> None:
        """Close a secret ballot with what the tellers counted.

        by  who entered the count and who confirmed it

        Raises NotFound, QuestionNotOpen, CountsInconsistent, QuorumNotMet.
        """
        await self.kept.questions.lock_meeting(meeting)
        asked = await self._locked(meeting, question)
        held = await self.around.meetings.get(meeting)
        profile = await self.around.profile(held)
        closed = closing.conclude_papers(asked, counted, profile, Act(by[1], self.clock.now()))
        await self._ended(held, asked, replace(closed, entered_by=by), profile)

    async def settle(self, meeting: MeetingId, question: QuestionId, side: Side, by: PersonId) -> None:
        """Whoever settles ties declares himself after the vote. Refuses as closing.settle does; NotFound,
        MeetingWrongPhase."""
        await self.kept.questions.lock_meeting(meeting)
        asked = await self._locked(meeting, question)
        held = await self.around.meetings.get(meeting)
        held.require(meetings.RUNNING)
        profile = await self.around.profile(held)
        act = Act(by, self.clock.now())
        # Whom the verdict waits for, as it was told then; not whoever presides by now.
        recused = await self.around.attendance.recused(held, asked.subjects)
        breaker = None if asked.settler in recused else asked.settler
        settled = closing.settle(asked, side, profile, breaker, act)
        await self._happened(asked, settled)
        await self._adopt(held, conduct.applied(asked, settled), act)

    async def _settler(self, meeting: Meeting, asked: Question, profile: RuleProfile) -> PersonId | None:
        breaker = closing.settler(asked, meeting, rule_of(profile, asked.matter, asked.motion))
        recused = await self.around.attendance.recused(meeting, asked.subjects)
        return None if breaker in recused else breaker

    async def _ended(self, meeting: Meeting, asked: Question, closed: QuestionClosed, profile: RuleProfile) -> None:
        if closed.verdict is not None and closed.verdict.outcome is Outcome.UNDECIDED:
            closed = replace(closed, settler=await self._settler(meeting, asked, profile))
        await self._happened(asked, closed)
        assert closed.actor is not None, "somebody closes a question"
        await self._adopt(meeting, conduct.applied(asked, closed), Act(closed.actor, closed.at))

    async def _adopt(self, meeting: Meeting, asked: Question, act: Act) -> None:
        if asked.kind is Kind.BLOCK and asked.is_passed:
            conclusion = ADOPTED.format(number=asked.number)
            await self.around.meetings.adopt_items(meeting.id, asked.items, conclusion, act)

    # --- reading ---

    async def of(self, meeting: MeetingId) -> list[Question]:
        """All questions of a meeting, by number."""
        return await self.kept.questions.of(meeting)

    async def electing(self, meeting: MeetingId) -> list[Question]:
        """Those of them that are about a tellers' board, whatever became of them, by number."""
        return await self.kept.questions.electing(meeting)

    async def subjects(self, meeting: MeetingId, question: QuestionId) -> tuple[ItemId, ...]:
        """What a question is about. Raises NotFound."""
        found = await self.kept.questions.get(meeting, question)
        if found is None:
            raise NotFound()
        return found.subjects

    async def drop_plans(self, meeting: Meeting, item: ItemId, by: Act) -> None:
        """The item leaves the agenda, and what was planned on it with it."""
        planned = await self._planned(meeting, item)
        if planned:
            await self.kept.plans.replace(meeting.id, item, ())
            await self.tx.record(plans.forget(plans.Place(meeting, item, planned), by))

    async def ballots(self, question: QuestionId) -> list[KeptBallot]:
        """Every version of everybody, by ledger number: for the record and the minutes, after closing."""
        return await self.kept.ballots.of(question)

    async def open_question(self, meeting: MeetingId) -> QuestionId | None:
        """The question that is open or paused; None when no vote runs."""
        return await self.kept.questions.open_question(meeting)

    async def voted_on(self, meeting: MeetingId) -> Mapping[ItemId, QuestionId]:
        """The items that a vote is under way on, with its question; empty when none runs."""
        running = await self.open_question(meeting)
        return {} if running is None else dict.fromkeys(await self.subjects(meeting, running), running)

    async def waiting_tie(self, meeting: MeetingId) -> QuestionId | None:
        """The first question that stands and whose tie waits for somebody who is there; None when none does. Who has
        left may not come back, and would keep the others in session for ever."""
        tied = [each for each in await self.of(meeting) if each.waits_for_settler]
        if not tied:
            return None
        present = await self.around.attendance.present_voters(await self.around.meetings.get(meeting))
        there = {each.person for each in present}
        return next((each.id for each in tied if each.settler in there), None)

    # --- parts of the above ---

    async def _locked(self, meeting: MeetingId, question: QuestionId) -> Question:
        found = await self.kept.questions.lock(meeting, question)
        if found is None:
            raise NotFound()
        return found

    async def _record(self, events: Sequence[Event]) -> None:
        for event in events:
            await self.tx.record(event)

    async def _happened(self, asked: Question, event: Event) -> None:
        await self.kept.questions.keep(conduct.applied(asked, event))
        await self.tx.record(event)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the chair asks."""

    item: ItemId
    text: str
    matter: Matter
    alternatives: tuple[str, ...] = ()
    method: Method | None = None
    """None: CHOICE for a choice, APPROVAL for all else."""
    way: Way = Way.ELECTRONIC
    kind: Kind = Kind.WHOLE
    items: tuple[ItemId, ...] = ()
    """All items of a block; empty for a question on one item."""
    motion: str | None = None
    candidates: tuple[Candidate, ...] = ()
    seats: int | None = None
    board: Board | None = None
    plan: PlanId | None = None
    time_limit_s: int | None = None


def _breaker(asked: Question, meeting: Meeting, profile: RuleProfile) -> PersonId | None:
    return closing.tie_breaker(meeting, rule_of(profile, asked.matter, asked.motion))


def _alternatives(asked: Question) -> tuple[str, ...]:
    return tuple(option.words.vi for option in asked.options if option.key.startswith("option-"))
