"""Casting ballots, and telling voters what was kept of them."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

from ecabinet.kernel.access import Role
from ecabinet.kernel.clock import Clock
from ecabinet.kernel.errors import NotFound, Refusal
from ecabinet.kernel.ids import AttachmentId, MeetingId, PersonId, QuestionId
from ecabinet.kernel.ports import Transaction

from . import ballots, entries, views
from .model import Attachment, Ballot, KeptBallot, Question, Receipt
from .ports import Ballots, MeetingsOf, Questions

Files = Mapping[tuple[PersonId, AttachmentId], Attachment]

_REMEMBERED = 32
"""Questions; more are rarely asked at the same time in one installation."""


@dataclass(frozen=True, slots=True)
class Vote:
    """What the voter's device sends."""

    choice: str
    n: int
    opinion: str | None = None
    attachment: AttachmentId | None = None
    on_behalf_of: PersonId | None = None
    """The absent member who gave this vote to the one who casts; None: one's own vote."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A ballot on its way."""

    meeting: MeetingId
    question: QuestionId
    vote: Vote
    by: PersonId


@dataclass(slots=True)
class Asked:
    """Questions as they were put: wording, answers and roll, which never change. Lives as long as the process: to read
    five hundred names for every batch would cost more than its ballots. Where a question stands is never remembered."""

    _known: dict[QuestionId, Question] = field(default_factory=dict)

    async def get(self, questions: Questions, meeting: MeetingId, question: QuestionId) -> Question:
        """The question, its phase and all that comes later as they once were. It must be one of the meeting's."""
        if question not in self._known:
            found = await questions.get(meeting, question)
            assert found is not None, "whoever asks has locked it"
            self._known[question] = found
            while len(self._known) > _REMEMBERED:
                del self._known[next(iter(self._known))]
        return self._known[question]


@dataclass(frozen=True, slots=True)
class Casting:
    """Built afresh for each act, inside its transaction."""

    tx: Transaction
    questions: Questions
    kept: Ballots
    meetings: MeetingsOf
    clock: Clock
    asked: Asked = field(default_factory=Asked)

    async def cast(self, meeting: MeetingId, question: QuestionId, vote: Vote, by: PersonId) -> Receipt:
        """Keep one version of the voter's answer; a retry is given the stored receipt. Refuses as ballots.cast does;
        NotFound when the meeting has no such question, or the voter uploaded no such attachment."""
        [answer] = await self.cast_all(meeting, question, [(vote, by)])
        if isinstance(answer, Refusal):
            raise answer
        return answer

    async def cast_all(
        self, meeting: MeetingId, question: QuestionId, votes: Sequence[tuple[Vote, PersonId]]
    ) -> list[Receipt | Refusal]:
        """Keep one version of each answer, in this order, under one lock and with one piece of news; the answers of
        `cast` in the same order. What is refused to one voter changes nothing for the others."""
        phase = await self.kept.lock(meeting, question)
        if phase is None:
            return [NotFound() for _ in votes]
        asked = replace(await self.asked.get(self.questions, meeting, question), phase=phase)
        files = await self._files(question, votes)
        together = [self._ballot(question, vote, by, files) for vote, by in votes]
        voters = frozenset(each.voter for each in together if isinstance(each, Ballot))
        newest = await self.kept.newest(question, voters)
        stored = await self._stored(question, together, newest)
        earlier = {voter: {n: kept.hash for n, kept in versions.items()} for voter, versions in stored.items()}
        decided = ballots.cast_all(asked, together, earlier, await self._stand_ins(asked, voters))
        for kept in await self._keep([each for each in decided if isinstance(each, ballots.Accepted)], files):
            voter, n = kept.ballot.voter, kept.ballot.n
            stored.setdefault(voter, {})[n] = kept
            newest[voter] = max(n, newest.get(voter, n))
        return [
            each
            if isinstance(each, Refusal)
            else ballots.receipt(stored[each.ballot.voter][each.ballot.n], newest[each.ballot.voter])
            for each in decided
        ]

    async def _files(self, question: QuestionId, votes: Sequence[tuple[Vote, PersonId]]) -> Files:
        """What these votes may name as attachments, by who uploaded it."""
        named = frozenset(vote.attachment for vote, _ in votes if vote.attachment is not None)
        found = await self.kept.attachments(question, named) if named else {}
        return {(each.person, each.id): each for each in found.values()}

    def _ballot(self, question: QuestionId, vote: Vote, by: PersonId, files: Files) -> Ballot | Refusal:
        file = None
        if vote.attachment is not None:
            file = files.get((by, vote.attachment))
            if file is None:
                return NotFound()
        voter = vote.on_behalf_of or by
        return Ballot(
            question,
            voter,
            vote.choice,
            vote.n,
            self.clock.now(),
            opinion=vote.opinion or None,
            attachment=file.digest if file else None,
            cast_by=None if voter == by else by,
        )

    async def _stored(
        self, question: QuestionId, together: Sequence[Ballot | Refusal], newest: Mapping[PersonId, int]
    ) -> dict[PersonId, dict[int, KeptBallot]]:
        """The versions of those who send one that may be stored already; a higher one than all cannot be."""
        again = {each.voter for each in together if isinstance(each, Ballot) and each.n <= newest.get(each.voter, 0)}
        stored: dict[PersonId, dict[int, KeptBallot]] = {}
        for each in await self.kept.versions(question, again) if again else []:
            stored.setdefault(each.ballot.voter, {})[each.ballot.n] = each
        return stored

    async def _keep(self, accepted: Sequence[ballots.Accepted], files: Files) -> list[KeptBallot]:
        numbers = await self.tx.record_all([each.event for each in accepted])
        named = {(person, file.digest): file for (person, _), file in files.items()}
        kept = [
            KeptBallot(
                each.ballot,
                number,
                each.hash,
                named[ballots.actor_of(each.ballot), each.ballot.attachment] if each.ballot.attachment else None,
            )
            for each, number in zip(accepted, numbers, strict=True)
        ]
        await self.kept.add(kept)
        return kept

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

    async def mine(
        self, meeting: MeetingId, question: QuestionId, person: PersonId, on_behalf_of: PersonId | None = None
    ) -> Receipt:
        """The receipt of the ballot that counts, or of the one cast for another. Raises NotFound when there is none."""
        voter = on_behalf_of or person
        stored = [each for each in await self.kept.all_of(meeting, person) if each.ballot.question == question]
        mine = {each.ballot.n: each for each in stored if each.ballot.voter == voter}
        if not mine:
            raise NotFound()
        return ballots.receipt(mine[max(mine)], max(mine))

    async def mine_all(self, meeting: MeetingId, person: PersonId) -> entries.MyBallots:
        """The ballots that count with their receipts, one's own and those cast for others, as a reloaded page needs
        them."""
        current = await self._current(meeting, person)
        return views.my_ballots(person, [ballots.receipt(each, each.ballot.n) for each in current])

    async def _current(self, meeting: MeetingId, person: PersonId) -> list[KeptBallot]:
        current: dict[tuple[QuestionId, PersonId], KeptBallot] = {}
        for each in await self.kept.all_of(meeting, person):
            key = each.ballot.question, each.ballot.voter
            if key not in current or each.ballot.n > current[key].ballot.n:
                current[key] = each
        return list(current.values())
