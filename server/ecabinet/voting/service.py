"""Putting questions, and closing them with a verdict. Casting: casting.py."""

from dataclasses import dataclass, replace

from ecabinet.kernel.clock import Clock
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import ItemId, MeetingId, PersonId, QuestionId
from ecabinet.kernel.ports import Ids, Transaction
from ecabinet.meetings.model import Act, Meeting
from ecabinet.register.model import Matter, RuleProfile
from ecabinet.register.service import Register

from . import rules
from .model import (
    KeptBallot,
    Phase,
    Proposal,
    Question,
    Roll,
    Situation,
    Strength,
    Voter,
)
from .ports import AttendanceOf, Ballots, MeetingsOf, Questions


@dataclass(frozen=True, slots=True)
class Voting:
    """Built afresh for each act, inside its transaction."""

    tx: Transaction
    questions: Questions
    kept: Ballots
    meetings: MeetingsOf
    attendance: AttendanceOf
    register: Register
    ids: Ids
    clock: Clock

    async def put(self, meeting: MeetingId, wanted: "Wanted", by: PersonId) -> QuestionId:
        """Put a question to those present; it opens at once. Refuses as rules.put_question does."""
        await self.questions.lock_meeting(meeting)
        held = await self.meetings.get(meeting)
        now = self.clock.now()
        profile = await self._profile(held)
        proposal = Proposal(
            id=QuestionId(self.ids.new()),
            item=wanted.item,
            number=len(await self.questions.of(meeting)) + 1,
            text=wanted.text,
            matter=wanted.matter,
            alternatives=wanted.alternatives,
        )
        put = rules.put_question(proposal, await self._situation(held), profile, Act(by, now))
        await self.questions.add(put.question)
        await self.tx.record(put)
        return put.question.id

    async def close(self, meeting: MeetingId, question: QuestionId, by: PersonId) -> None:
        """End the vote with its verdict. Refuses as rules.close does; NotFound."""
        asked = await self._locked(meeting, question)
        held = await self.meetings.get(meeting)
        profile = await self._profile(held)
        chair = rules.tie_breaker(held, profile.decisions[asked.matter])
        ballots = [each.ballot for each in await self.kept.of(question)]
        now = self.clock.now()
        closed = rules.close(asked, ballots, profile, chair, Act(by, now))
        await self.questions.finish(replace(asked, phase=Phase.CLOSED, closed_at=now, verdict=closed.verdict))
        await self.tx.record(closed)

    async def cancel(self, meeting: MeetingId, question: QuestionId, reason: str, by: PersonId) -> None:
        """Call the vote off. Refuses as rules.cancel does; NotFound."""
        asked = await self._locked(meeting, question)
        now = self.clock.now()
        cancelled = rules.cancel(asked, reason, Act(by, now))
        ended = replace(asked, phase=Phase.CANCELLED, closed_at=now, cancel_reason=cancelled.reason)
        await self.questions.finish(ended)
        await self.tx.record(cancelled)

    async def of(self, meeting: MeetingId) -> list[Question]:
        """All questions of a meeting, by number."""
        return await self.questions.of(meeting)

    async def ballots(self, question: QuestionId) -> list[KeptBallot]:
        """Every version of everybody, by ledger number: for the record and the minutes, after closing."""
        return await self.kept.of(question)

    async def open_question(self, meeting: MeetingId) -> QuestionId | None:
        """The question that is open; None when no vote runs."""
        return await self.questions.open_question(meeting)

    async def _locked(self, meeting: MeetingId, question: QuestionId) -> Question:
        found = await self.questions.lock(meeting, question)
        if found is None:
            raise NotFound()
        return found

    async def _situation(self, meeting: Meeting) -> Situation:
        present = await self.attendance.present_voters(meeting)
        members = (await self.attendance.quorum(meeting)).members
        return Situation(
            meeting=meeting,
            open_question=await self.questions.open_question(meeting.id),
            roll=Roll(tuple(Voter(each.person, each.name) for each in present)),
            strength=Strength(members=members, present=len(present)),
        )

    async def _profile(self, meeting: Meeting) -> RuleProfile:
        """The version of the day the meeting was called for, as its quorum, its minutes and its bundle have it:
        a sitting that goes on past midnight does not change its rules half-way."""
        body = await self.register.body(meeting.body)
        return await self.register.profile(body.profile, meeting.starts_at)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the chair asks."""

    item: ItemId
    text: str
    matter: Matter
    alternatives: tuple[str, ...] = ()
