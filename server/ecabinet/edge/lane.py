"""What is asked at the same time is answered together: a bounded queue, one worker, a whole batch at a time.

While one batch is being answered the next one gathers, so batches are as large as the load and nobody waits for a
timer (`docs/decisions/ballots-in-one-lane.md`).
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import structlog

from ecabinet.kernel.errors import Unavailable

log = structlog.get_logger()

Ask = TypeVar("Ask")
Answer = TypeVar("Answer")


class Lane(Generic[Ask, Answer]):
    """Asks in the order they came, never dropped once taken. `run` is owned by whoever owns the process's tasks."""

    def __init__(
        self,
        answer: Callable[[Sequence[Ask]], Awaitable[Sequence[Answer | Exception]]],
        waiting_limit: int,
        batch_limit: int,
    ) -> None:
        """Make an empty lane.

        answer  gives one answer for each ask, in their order; an exception is raised to the one who asked. It may be
            asked the same again after it has raised, and then answers the same.
        waiting_limit  asks beyond so many are turned away
        """
        self._answer = answer
        self._waiting_limit, self._batch_limit = waiting_limit, batch_limit
        self._waiting: deque[tuple[Ask, asyncio.Future[Answer]]] = deque()
        self._in_hand: list[tuple[Ask, asyncio.Future[Answer]]] = []
        self._has_work = asyncio.Event()
        self._is_idle = asyncio.Event()
        self._is_idle.set()
        self._is_closed = False

    async def ask(self, asked: Ask) -> Answer:
        """The answer to this ask. Who is cancelled while waiting is not waited for, but the ask is answered.

        Raises Unavailable, and then nothing was done, when the lane is full or closed; and whatever the answer is.
        """
        if self._is_closed or len(self._waiting) >= self._waiting_limit:
            raise Unavailable()
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, answer))
        self._has_work.set()
        self._is_idle.clear()
        return await answer

    async def run(self) -> None:
        """Answer, for ever."""
        try:
            while True:
                await self._has_work.wait()
                await self._turn()
        except asyncio.CancelledError:
            self._is_closed = True
            raise
        finally:
            # Whether the batch in hand was done nobody can say now: they get no answer, and ask again.
            for _, waiting in (*self._in_hand, *self._waiting):
                waiting.cancel()

    async def _turn(self) -> None:
        self._in_hand = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._batch_limit))]
        answers = await self._answers([asked for asked, _ in self._in_hand])
        for (_, waiting), answer in zip(self._in_hand, answers, strict=True):
            _tell(waiting, answer)
        self._in_hand = []
        if not self._waiting:
            self._has_work.clear()
            self._is_idle.set()

    async def close(self) -> None:
        """Take nothing more; returns when everything taken has its answer."""
        self._is_closed = True
        await self._is_idle.wait()

    async def _answers(self, asked: Sequence[Ask]) -> Sequence[Answer | Exception]:
        """When a batch breaks its halves are tried by themselves: what breaks it is then alone, and fails nobody
        beside it."""
        try:
            return await self._answer(asked)
        except Unavailable:
            # Nothing about these asks: smaller pieces would find the outside no more ready.
            return [Unavailable() for _ in asked]
        except Exception as error:
            if len(asked) == 1:
                return [error]
            log.warning("a batch broke and is taken apart", asks=len(asked), error=repr(error))
        middle = len(asked) // 2
        return [*await self._answers(asked[:middle]), *await self._answers(asked[middle:])]


def _tell(waiting: "asyncio.Future[Answer]", answer: Answer | Exception) -> None:
    if waiting.done():
        return
    if isinstance(answer, Exception):
        waiting.set_exception(answer)
    else:
        waiting.set_result(answer)
