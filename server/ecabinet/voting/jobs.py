"""The one way in for ballots: those that arrive together are kept together."""

from collections.abc import Callable, Sequence

from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.edge.lane import Lane
from ecabinet.kernel.ids import MeetingId, PersonId, QuestionId

from .casting import Casting, Sent, Vote
from .model import Receipt

WAITING_LIMIT = 2_000
"""Ballots that may wait; whoever comes then is told to try again, and nothing of his was recorded."""
BATCH_LIMIT = 256
"""Ballots in one transaction."""


class BallotLane:
    """One for a process; `lane.run` is owned by app.py. A close stands in no lane: the lock on the question's row
    has it wholly before a batch or wholly after it."""

    def __init__(self, uow: UnitOfWork, casting: Callable[[Act], Casting]) -> None:
        """Make an empty lane."""
        self._uow, self._casting = uow, casting
        self.lane: Lane[Sent, Receipt] = Lane(self._answer, WAITING_LIMIT, BATCH_LIMIT)

    async def cast(self, sent: Sent) -> Receipt:
        """The receipt, after the commit that kept the ballot and never before. Refuses as Casting.cast does, and
        with Unavailable when too many wait: then nothing was recorded."""
        return await self.lane.ask(sent)

    async def _answer(self, batch: Sequence[Sent]) -> Sequence[Receipt | Exception]:
        by_question: dict[tuple[MeetingId, QuestionId], list[int]] = {}
        for place, sent in enumerate(batch):
            by_question.setdefault((sent.meeting, sent.question), []).append(place)
        answers: dict[int, Receipt | Exception] = {}
        for (meeting, question), places in by_question.items():
            votes = [(batch[place].vote, batch[place].by) for place in places]
            # When a later question's ballots break the batch these are sent again, and are given their receipts.
            answers.update(zip(places, await self._together(meeting, question, votes), strict=True))
        return [answers[place] for place in range(len(batch))]

    async def _together(
        self, meeting: MeetingId, question: QuestionId, votes: Sequence[tuple[Vote, PersonId]]
    ) -> Sequence[Receipt | Exception]:
        return await self._uow.run(lambda act: self._casting(act).cast_all(meeting, question, votes))
