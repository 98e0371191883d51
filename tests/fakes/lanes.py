"""Lanes at work, as app.py has them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

from ecabinet.edge.lane import Lane

Ask = TypeVar("Ask")
Answer = TypeVar("Answer")


@asynccontextmanager
async def at_work(lane: Lane[Ask, Answer]) -> AsyncIterator[Lane[Ask, Answer]]:
    """The lane with its worker; what was taken is answered at the end."""
    async with asyncio.TaskGroup() as tasks:
        worker = tasks.create_task(lane.run())
        yield lane
        await lane.close()
        worker.cancel()
