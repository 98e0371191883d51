"""Casting ballots, and telling voters what was kept of them."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from ecabinet.kernel.access import Role
from ecabinet.kernel.clock import Clock
from ecabinet.kernel.errors import NotFound, Refusal
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
        [answer] = await self.cast_all(meeting, question, [(vote, by)])
        if isinstance(answer, Refusal):
            raise answer
        return answer

    async def cast_all(
        self, meeting: MeetingId, question: QuestionId, votes: Sequence[tuple["Vote", PersonId]]
    ) -> list[Receipt | Refusal]:
        """Keep one version of each answer, in this order, under one lock and with one piece of news; the answers of
        `cast` in the same order. What is refused to one voter changes nothing for the others."""
        asked = await self.questions.lock(meeting, question)
        if asked is None:
            return [NotFound() for _ in votes]
        voters = frozenset(by for _, by in votes)
        stored = _by_voter(await self.kept.versions(question, voters))
        now = self.clock.now()
        together = [Ballot(question, by, vote.choice, vote.n, now) for vote, by in votes]
        decided = ballots.cast_all(asked, together, _hashes(stored), await self._stand_ins(asked, voters))
        for kept in await self._keep([each for each in decided if isinstance(each, ballots.Accepted)]):
            stored.setdefault(kept.ballot.voter, {})[kept.ballot.n] = kept
        return [
            each if isinstance(each, Refusal) else ballots.receipt(stored[ballot.voter][ballot.n], stored[ballot.voter])
            for ballot, each in zip(together, decided, strict=True)
        ]

    async def _keep(self, accepted: Sequence[ballots.Accepted]) -> list[KeptBallot]:
        numbers = await self.tx.record_all([each.event for each in accepted])
        kept = [KeptBallot(each.ballot, number, each.hash) for each, number in zip(accepted, numbers, strict=True)]
        await self.kept.add(kept)
        return kept

    async def mine(self, meeting: MeetingId, question: QuestionId, person: PersonId) -> Receipt:
        """The receipt of the ballot that counts. Raises NotFound when there is none."""
        if await self.questions.get(meeting, question) is None:
            raise NotFound()
        stored = await self.kept.versions(question, frozenset({person}))
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

    async def _stand_ins(self, question: Question, people: Set[PersonId]) -> frozenset[PersonId]:
        strangers = [person for person in people if person not in question.roll]
        if not strangers:
            # The roll was made of members with a vote; the meeting need not be loaded for their ballots.
            return frozenset()
        meeting = await self.meetings.get(question.meeting)
        return frozenset(
            person
            for person in strangers
            if meeting.takes_part(person) and meeting.participant(person).role is Role.STAND_IN
        )


@dataclass(frozen=True, slots=True)
class Vote:
    """What the voter's device sends."""

    choice: str
    n: int


@dataclass(frozen=True, slots=True)
class Sent:
    """A ballot on its way."""

    meeting: MeetingId
    question: QuestionId
    vote: Vote
    by: PersonId


def _by_voter(kept: Iterable[KeptBallot]) -> dict[PersonId, dict[int, KeptBallot]]:
    found: dict[PersonId, dict[int, KeptBallot]] = {}
    for each in kept:
        found.setdefault(each.ballot.voter, {})[each.ballot.n] = each
    return found


def _hashes(stored: Mapping[PersonId, Mapping[int, KeptBallot]]) -> dict[PersonId, dict[int, str]]:
    return {voter: {n: kept.hash for n, kept in versions.items()} for voter, versions in stored.items()}


def _version(kept: KeptBallot) -> int:
    return kept.ballot.n
