"""Putting questions, casting ballots, closing with a verdict."""

from dataclasses import dataclass, replace

from ecabinet.kernel.access import Role
from ecabinet.kernel.canonical import digest
from ecabinet.kernel.clock import Clock
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import ItemId, MeetingId, PersonId, QuestionId
from ecabinet.kernel.ports import Ids, Transaction
from ecabinet.meetings.model import Act, Meeting
from ecabinet.register.model import Matter, RuleProfile
from ecabinet.register.service import Register

from . import rules, views
from .model import (
    Ballot,
    KeptBallot,
    Phase,
    Proposal,
    Question,
    Receipt,
    Roll,
    Situation,
    Strength,
    Voter,
)
from .ports import AttendanceOf, MeetingsOf, Questions


@dataclass(frozen=True, slots=True)
class Voting:
    """Built afresh for each act, inside its transaction."""

    tx: Transaction
    questions: Questions
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

    async def cast(self, meeting: MeetingId, question: QuestionId, vote: "Vote", by: PersonId) -> Receipt:
        """Keep one version of the voter's answer; a retry is given the stored receipt. Refuses as rules.cast does;
        NotFound when the meeting has no such question."""
        asked = await self._locked(meeting, question)
        stored = await self.questions.versions(question, by)
        ballot = Ballot(question, by, vote.choice, vote.n, self.clock.now())
        cast = rules.cast(
            asked,
            ballot,
            {each.ballot.n: each.ballot.choice for each in stored},
            is_stand_in=await self._is_stand_in(asked, by),
        )
        versions = [each.ballot.n for each in stored]
        if cast is None:
            return rules.receipt(next(each for each in stored if each.ballot.n == vote.n), versions)
        kept = KeptBallot(ballot, await self.tx.record(cast), digest(cast.ballot))
        await self.questions.add_ballot(kept)
        return rules.receipt(kept, versions)

    async def mine(self, meeting: MeetingId, question: QuestionId, person: PersonId) -> Receipt:
        """The receipt of the ballot that counts. Raises NotFound when there is none."""
        if await self.questions.get(meeting, question) is None:
            raise NotFound()
        stored = await self.questions.versions(question, person)
        if not stored:
            raise NotFound()
        return rules.receipt(stored[-1], [each.ballot.n for each in stored])

    async def mine_all(self, meeting: MeetingId, person: PersonId) -> dict[str, views.MyBallotEntry]:
        """The ballots that count with their receipts, by question, as a reloaded page needs them."""
        by_question: dict[QuestionId, list[KeptBallot]] = {}
        for kept in await self.questions.all_of(meeting, person):
            by_question.setdefault(kept.ballot.question, []).append(kept)
        return {
            question: views.my_ballot_entry(
                rules.receipt(max(stored, key=_version), [_version(each) for each in stored])
            )
            for question, stored in by_question.items()
        }

    async def close(self, meeting: MeetingId, question: QuestionId, by: PersonId) -> None:
        """End the vote with its verdict. Refuses as rules.close does; NotFound."""
        asked = await self._locked(meeting, question)
        held = await self.meetings.get(meeting)
        profile = await self._profile(held)
        chair = rules.tie_breaker(held, profile.decisions[asked.matter])
        ballots = [each.ballot for each in await self.questions.ballots(question)]
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
        return await self.questions.ballots(question)

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

    async def _is_stand_in(self, question: Question, person: PersonId) -> bool:
        if person in question.roll:
            # The roll was made of members with a vote; the meeting need not be loaded for each of their ballots.
            return False
        meeting = await self.meetings.get(question.meeting)
        return meeting.takes_part(person) and meeting.participant(person).role is Role.STAND_IN


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the chair asks."""

    item: ItemId
    text: str
    matter: Matter
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vote:
    """What the voter's device sends."""

    choice: str
    n: int


def _version(kept: KeptBallot) -> int:
    return kept.ballot.n
