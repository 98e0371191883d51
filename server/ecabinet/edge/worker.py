"""Work that nobody waits for: after news of a meeting, and at intervals. Jobs look at the state and can be repeated."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from ecabinet.adapters.bus import Bus
from ecabinet.kernel.ids import MeetingId

log = structlog.get_logger()

_AGAIN_S = 1.0


async def at_news(bus: Bus, job: Callable[[MeetingId], Awaitable[None]], deaf_to: frozenset[str] = frozenset()) -> None:
    """Run the job for every meeting that has news, for ever. News that comes while it runs makes it run again.

    deaf_to  types of events that the job has nothing to do with
    """
    with bus.listening(None, deaf_to) as bell:
        while True:
            for meeting in await bell.heard():
                await _kept_going(job(meeting), meeting=meeting)


async def at_intervals(interval_s: float, job: Callable[[], Awaitable[None]]) -> None:
    """Run the job, wait, and again, for ever."""
    while True:
        await _kept_going(job())
        await asyncio.sleep(interval_s)


async def until_done(work: Callable[[], Awaitable[None]], again_s: float = _AGAIN_S) -> None:
    """Run the work, and again when it fails: a worker that dies would take every meeting with it."""
    while True:
        try:
            await work()
        except Exception:
            # Whatever it was, the other workers and the doors have no part in it.
            log.exception("worker failed")
            await asyncio.sleep(again_s)
        else:
            return


async def _kept_going(job: Awaitable[None], **about: str) -> None:
    try:
        await job
    except Exception:
        # The worker must live on; the state that the job looked at is still there for its next turn.
        log.exception("job failed", **about)
