"""The one way in for ballots: those that arrive together are kept together."""

from collections.abc import Callable, Sequence

import structlog

from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.edge.lane import Lane
from ecabinet.kernel.errors import Unavailable
from ecabinet.kernel.ids import MeetingId, QuestionId

from .casting import Casting, Sent
from .model import Receipt

log = structlog.get_logger()

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
        for places in by_question.values():
            together = [batch[place] for place in places]
            answers.update(zip(places, await self._together(together), strict=True))
        return [answers[place] for place in range(len(batch))]

    async def _together(self, sent: Sequence[Sent]) -> Sequence[Receipt | Exception]:
        """The answers to ballots of one question. When a batch fails its halves are tried by themselves: what
        cannot be kept is then alone and fails nobody beside it."""
        first, votes = sent[0], [(each.vote, each.by) for each in sent]
        try:
            return await self._uow.run(lambda act: self._casting(act).cast_all(first.meeting, first.question, votes))
        except Unavailable:
            # Nothing about these ballots; smaller pieces would find the database no more ready.
            return [Unavailable() for _ in sent]
        except Exception as error:
            if len(sent) == 1:
                return [error]
            log.warning("a batch of ballots failed and is taken apart", ballots=len(sent), error=repr(error))
        middle = len(sent) // 2
        return [*await self._together(sent[:middle]), *await self._together(sent[middle:])]
