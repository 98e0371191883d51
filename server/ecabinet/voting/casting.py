"""Casting ballots, and telling voters what was kept of them."""

from dataclasses import dataclass

from ecabinet.kernel.access import Role
from ecabinet.kernel.canonical import digest
from ecabinet.kernel.clock import Clock
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import MeetingId, PersonId, QuestionId
from ecabinet.kernel.ports import Transaction

from . import ballots, views
from .model import Ballot, KeptBallot, Question, Receipt
from .ports import Ballots, MeetingsOf, Questions


@dataclass(frozen=True, slots=True)
class Casting:
    """Built afresh for each act, inside its transaction."""

    tx: Transaction
    questions: Questions
    kept: Ballots
    meetings: MeetingsOf
    clock: Clock

    async def cast(self, meeting: MeetingId, question: QuestionId, vote: "Vote", by: PersonId) -> Receipt:
        """Keep one version of the voter's answer; a retry is given the stored receipt. Refuses as ballots.cast does;
        NotFound when the meeting has no such question."""
        asked = await self.questions.lock(meeting, question)
        if asked is None:
            raise NotFound()
        stored = await self.kept.versions(question, by)
        ballot = Ballot(question, by, vote.choice, vote.n, self.clock.now())
        cast = ballots.cast(
            asked,
            ballot,
            {each.ballot.n: each.ballot.choice for each in stored},
            is_stand_in=await self._is_stand_in(asked, by),
        )
        versions = [each.ballot.n for each in stored]
        if cast is None:
            return ballots.receipt(next(each for each in stored if each.ballot.n == vote.n), versions)
        kept = KeptBallot(ballot, await self.tx.record(cast), digest(cast.ballot))
        await self.kept.add(kept)
        return ballots.receipt(kept, versions)

    async def mine(self, meeting: MeetingId, question: QuestionId, person: PersonId) -> Receipt:
        """The receipt of the ballot that counts. Raises NotFound when there is none."""
        if await self.questions.get(meeting, question) is None:
            raise NotFound()
        stored = await self.kept.versions(question, person)
        if not stored:
            raise NotFound()
        return ballots.receipt(stored[-1], [each.ballot.n for each in stored])

    async def mine_all(self, meeting: MeetingId, person: PersonId) -> dict[str, views.MyBallotEntry]:
        """The ballots that count with their receipts, by question, as a reloaded page needs them."""
        by_question: dict[QuestionId, list[KeptBallot]] = {}
        for kept in await self.kept.all_of(meeting, person):
            by_question.setdefault(kept.ballot.question, []).append(kept)
        return {
            question: views.my_ballot_entry(
                ballots.receipt(max(stored, key=_version), [_version(each) for each in stored])
            )
            for question, stored in by_question.items()
        }

    async def _is_stand_in(self, question: Question, person: PersonId) -> bool:
        if person in question.roll:
            # The roll was made of members with a vote; the meeting need not be loaded for each of their ballots.
            return False
        meeting = await self.meetings.get(question.meeting)
        return meeting.takes_part(person) and meeting.participant(person).role is Role.STAND_IN


@dataclass(frozen=True, slots=True)
class Vote:
    """What the voter's device sends."""

    choice: str
    n: int


def _version(kept: KeptBallot) -> int:
    return kept.ballot.n
