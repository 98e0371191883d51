"""The application dies at every step of recording a session, and what was recorded is in the record all the same."""

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, cast

import pytest

from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.kernel.ids import RecordingId
from ecabinet.recordings.films import Films, Outside
from ecabinet.recordings.jobs import RecordingJobs
from ecabinet.recordings.model import Fault, Phase, TakePhase

from .studio import FILM, Studio, studio

__all__ = ["studio"]


class Killed(BaseException):
    """The application has died. Nothing of it may catch this."""


@dataclass
class Fuse:
    """Kills the application at one moment."""

    left: int
    """Moments until then."""

    def burn(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Killed


class Fused:
    """Something outside the application, which may die before it asks for something, and before it hears the answer."""

    def __init__(self, outside: object, fuse: Fuse) -> None:
        self._outside, self._fuse = outside, fuse

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._outside, name)
        if inspect.isasyncgenfunction(method):
            return lambda *words: self._pieces(method(*words))

        async def ask(*words: Any, **named: Any) -> Any:
            self._fuse.burn()
            answer = await method(*words, **named)
            self._fuse.burn()
            return answer

        return ask

    async def _pieces(self, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for piece in pieces:
            self._fuse.burn()
            yield piece


@dataclass
class FusedWork:
    """The unit of work of such an application: an act is done whole, or not at all."""

    uow: UnitOfWork
    fuse: Fuse

    async def run(self, work: Callable[[Act], Awaitable[Any]]) -> Any:
        self.fuse.burn()
        done = await self.uow.run(work)
        self.fuse.burn()
        return done

    def reading(self) -> AbstractAsyncContextManager[Act]:
        return self.uow.reading()


@dataclass
class Life:
    """An application that is started again when it has died; people, and the media server, do not wait for it."""

    studio: Studio
    fuse: Fuse

    def __post_init__(self) -> None:
        self.jobs = self._anew()

    def _anew(self) -> RecordingJobs:
        here, fuse = self.studio, self.fuse
        outside = Outside(
            *(cast(Any, Fused(here.recorder, fuse)), cast(Any, Fused(here.takes, fuse))),
            films=Films(cast(Any, Fused(here.blobs, fuse))),
            reserve_bytes=here.reserve_bytes,
        )
        return RecordingJobs(
            *(cast(UnitOfWork, FusedWork(here.uow, fuse)), here.service, outside),
            *(cast(Any, Fused(here, fuse)).hush, here.ids, here.clock),
        )

    async def look(self) -> None:
        try:
            await self.jobs.catch_up()
            await self.jobs.take_in()
        except Killed:
            self.jobs = self._anew()

    async def compose(self) -> None:
        """The media server makes films of what it stopped."""
        for take, phase in self.studio.phases.items():
            if phase == TakePhase.COMPOSING:
                await self.studio.compose(take)


async def lived(life: Life, *, dies: bool) -> RecordingId:
    """A session is recorded; in the middle the relay ``dies``. In the end nobody has anything to do any more."""
    made = await life.studio.start()
    await life.look()
    if dies:
        for take, phase in life.studio.phases.items():
            if phase == TakePhase.RUNNING:
                life.studio.recorder.turn(take, TakePhase.COMPOSING)
        await life.look()
    await life.studio.stop(made)
    for _ in range(4):
        await life.look()
        await life.compose()
    return made


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("dies", [False, True], ids=["", "relay dies"])
async def test_the_application_dies_at_every_step_and_what_was_recorded_is_kept(studio: Studio, dies: bool) -> None:
    steps, parts = 0, list[tuple[int, int]]()
    while not steps or parts[-1][0] <= 0:
        steps += 1
        life, before = Life(studio, Fuse(steps)), set(studio.phases)
        made = await lived(life, dies=dies)
        found = await studio.get(made)
        takes = {take: phase for take, phase in studio.phases.items() if take not in before}
        # Whatever was recorded by the decision is a part of it, and nothing is recorded any more.
        assert ({part.take for part in found.parts}, set(takes.values()) - {"complete"}) == (set(takes), set()), steps
        assert all(part.kept for part in found.parts), steps
        assert (found.phase, found.fault) == (
            (Phase.FINISHED, None) if takes else (Phase.FAILED, Fault.NOTHING_RECORDED)
        ), steps
        for part in found.parts:
            assert part.kept is not None
            assert await studio.blobs.get(part.kept.film.digest) == FILM
        parts.append((life.fuse.left, len(takes)))
    # It did die at many moments, and that did not keep it from recording but at the first ones.
    assert steps > 30
    assert [count for _, count in parts][-1] == (2 if dies else 1)
    starts = [at for at, call in enumerate(studio.recorder.calls) if call == "start"]
    assert all(studio.recorder.calls[at - 1] == "hush anew" for at in starts)
