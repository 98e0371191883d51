"""Makes the media server record what the chair decided, and takes what comes of it into the store of papers."""

import asyncio
import errno
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from weakref import WeakValueDictionary

import structlog

from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.kernel.clock import Clock
from ecabinet.kernel.errors import NotFound, Refusal, Unavailable
from ecabinet.kernel.ids import MeetingId, RecordingId
from ecabinet.kernel.ports import Ids

from . import rules
from .films import Outside, claim_of
from .model import UNFINISHED, Fault, Kept, Part, Phase, Recording, RecordingAltered, TakePhase
from .ports import Hush, Take
from .service import Recordings

log = structlog.get_logger()
_LIMIT_S = 15
"""Longest time for one meeting, without the copying."""
_GIVEN_UP_S = 60
"""A take that the media server has not known of for so long, and that left no film, is lost."""
_UNCHANGED_S = 7200
"""What is overdue is given up when nothing of it has changed for so long."""
_AGAIN_S = 120
"""Pause before what could not be kept is tried again: its film is copied anew each time."""


@dataclass(slots=True)
class RecordingJobs:
    """Lives as long as the application. State decides, not what happened: a run too many does no harm."""

    uow: UnitOfWork
    recordings: Callable[[Act], Recordings]
    outside: Outside
    hush: Hush
    ids: Ids
    clock: Clock
    now_s: Callable[[], float] = monotonic
    given_up_s: float = _GIVEN_UP_S
    again_s: float = _AGAIN_S
    unchanged_s: float = _UNCHANGED_S
    _percents: dict[RecordingId, int] = field(default_factory=dict, init=False)
    _running: dict[MeetingId, RecordingId] = field(default_factory=dict, init=False)
    _turns: WeakValueDictionary[MeetingId, asyncio.Lock] = field(default_factory=WeakValueDictionary, init=False)
    _missed: dict[str, float] = field(default_factory=dict, init=False)
    """Takes that the media server does not know of → since when (s)."""
    _broke_off: dict[RecordingId, float] = field(default_factory=dict, init=False)
    """Recordings that could not be kept → when that was tried last (s)."""
    _still: dict[RecordingId, tuple[float, object]] = field(default_factory=dict, init=False)
    """Recordings that no film came of yet → since when the media server has said the same (s)."""

    async def agree(self, meeting: MeetingId) -> bool:
        """Make the media server record, or stop recording, as the chair decided. Where it began anew (it died, the
        room moved), another part begins.

        Returns whether it now agrees; False (logged) when it did not answer. Never raises for its sake.
        """
        turn = self._turns.setdefault(meeting, asyncio.Lock())
        async with turn:
            try:
                async with asyncio.timeout(_LIMIT_S):
                    await self._agree(meeting)
            except (Unavailable, TimeoutError):
                self._running.pop(meeting, None)
                log.warning("the media server did not answer about a recording", meeting=meeting)
                return False
        return True

    async def catch_up(self) -> None:
        """Look at every recording that runs or is being composed."""
        for meeting in await self._unfinished():
            await self.agree(meeting)

    async def take_in(self) -> None:
        """Keep what the media server has finished. Copying a long session takes its time: apart from `catch_up`."""
        waited_for: set[RecordingId] = set()
        for meeting in await self._unfinished():
            for recording in await self._of(meeting):
                if recording.phase in UNFINISHED:
                    waited_for.add(recording.id)
                    await self._settled_if_possible(recording)
                    await self._given_up_if_overdue(recording)
        self._still = {each: still for each, still in self._still.items() if each in waited_for}

    def is_recorded(self, recording: RecordingId) -> bool:
        """See the Progress port."""
        return recording in self._running.values()

    def percent(self, recording: RecordingId) -> int | None:
        """See the Progress port."""
        return self._percents.get(recording)

    # --- what is recorded ---

    async def _agree(self, meeting: MeetingId) -> None:
        there = await self._of(meeting)
        if not there:
            return
        current = rules.running(there)
        takes = await self.outside.recorder.takes(meeting)
        active = [each for each in takes if each.phase == TakePhase.RUNNING]
        others = [each for each in there if each is not current]
        of_others = {take.id for take in active if any(rules.is_of(each, take.id, take.name) for each in others)}
        # First, since a room is recorded once at a time: what another decision began would stand in the way for ever.
        await self._stop(each for each in active if each.id in of_others)
        mine = [each for each in active if each.id not in of_others]
        ours = await self._record(current, mine) if current else None
        await self._stop(each for each in mine if each.id != ours)
        self._note(there, takes)
        if current is not None and ours is not None:
            self._running[meeting] = current.id
        else:
            self._running.pop(meeting, None)

    async def _stop(self, takes: Iterable[Take]) -> None:
        for take in takes:
            await self.outside.recorder.stop(take.id)

    async def _record(self, current: Recording, mine: Sequence[Take]) -> str | None:
        """The take of the recording that runs; None while the room is empty, or somebody in it could be recorded who
        does not know.

        Before it begins the media server is told of everybody in the room, and from then on it lets nobody publish
        of whom it was not told since they came: a ticket from before brings in nobody who could be recorded.
        """
        known = {part.take for part in current.parts}
        # At every look, since news of who came may have been lost.
        is_hushed = await self.hush(current.meeting, anew=not mine)
        for take in mine:
            if take.id in known:
                return take.id
        if not mine and not is_hushed:
            return None
        name = rules.name_of_take(current.id, self.ids.new())
        try:
            # One that we do not know of was begun by us, and we died before we could say so.
            take = mine[0] if mine else await self.outside.recorder.start(current.meeting, name)
        except NotFound:
            return None
        return take.id if await self._is_part(current, take) else None

    async def _is_part(self, recording: Recording, take: Take) -> bool:
        """Have the record say that it was recorded; whether it could. If it was stopped meanwhile, it is a part all
        the same, and the next look stops what was just begun."""
        try:
            await self.uow.run(lambda act: self.recordings(act).part_begun(recording.meeting, recording.id, take))
        except Refusal as refusal:
            log.info("a recording had ended before a part of it began", recording=recording.id, code=refusal.code)
            return False
        return True

    def _note(self, there: Sequence[Recording], takes: Sequence[Take]) -> None:
        by_id = {each.id: each for each in takes}
        for recording in there:
            mine = [by_id[part.take] for part in recording.parts if part.take in by_id]
            composing = [each.percent for each in mine if each.phase == TakePhase.COMPOSING]
            self._percents.pop(recording.id, None)
            if recording.phase is Phase.COMPOSING and composing:
                self._percents[recording.id] = min(composing)

    # --- what comes of it ---

    async def _settled_if_possible(self, recording: Recording) -> None:
        if recording.id in self._broke_off and self.now_s() - self._broke_off[recording.id] < self.again_s:
            return
        try:
            await self._settle(recording)
        except Exception:
            # The others must not wait for this one; it is looked at again later.
            self._broke_off[recording.id] = self.now_s()
            log.exception("a recording cannot be kept", recording=recording.id)
        else:
            self._broke_off.pop(recording.id, None)

    async def _settle(self, recording: Recording) -> None:
        takes = await self._told_of(recording.meeting)
        self._note_change(recording, takes)
        for take in rules.unsaid(recording, (takes or {}).values()):
            if await self._is_part(recording, take):
                recording = await self._anew(recording)
        for part in recording.parts:
            outcome = None if part.is_settled else await self._outcome(part, takes)
            if outcome is not None:
                await self._say(recording, part, outcome)
        if recording.phase is Phase.COMPOSING and takes is not None and not recording.parts:
            await self.uow.run(lambda act: self.recordings(act).end_if_settled(recording.meeting, recording.id))

    async def _told_of(self, meeting: MeetingId) -> dict[str, Take] | None:
        """What the media server knows, by its id; None when it does not answer."""
        try:
            async with asyncio.timeout(_LIMIT_S):
                return {each.id: each for each in await self.outside.recorder.takes(meeting)}
        except (Unavailable, TimeoutError):
            return None

    def _note_change(self, recording: Recording, takes: Mapping[str, Take] | None) -> None:
        now = self.now_s()
        told = [(each.id, each.phase, each.percent) for each in (takes or {}).values()]
        if self._still.get(recording.id, (now, None))[1] != (recording.phase, told):
            self._still[recording.id] = now, (recording.phase, told)

    async def _given_up_if_overdue(self, recording: Recording) -> None:
        """A day after it was stopped, and when nothing has changed for long while we looked: what is down for a
        weekend is waited for, and what is gone for good is not."""
        now = self.now_s()
        since, _ = self._still.get(recording.id, (now, None))
        if now - since < self.unchanged_s or not rules.is_overdue(recording, self.clock.now()):
            return
        log.warning("a recording is given up", recording=recording.id)
        await self.uow.run(lambda act: self.recordings(act).give_up(recording.meeting, recording.id))

    async def _say(self, recording: Recording, part: Part, outcome: Kept | Fault) -> None:
        await self.uow.run(
            lambda act: self.recordings(act).part_settled(recording.meeting, recording.id, part.n, outcome)
        )
        self._missed.pop(part.take, None)
        if isinstance(outcome, Kept):
            await self.outside.takes.drop_film(part.name)
            log.info("a recording is kept", recording=recording.id, part=part.n, size_bytes=outcome.film.size_bytes)
        else:
            log.warning("nothing came of a recording", recording=recording.id, part=part.n, fault=outcome.value)

    async def _outcome(self, part: Part, takes: Mapping[str, Take] | None) -> Kept | Fault | None:
        """What came of a part; None while it has to be waited for."""
        take = takes.get(part.take) if takes is not None else None
        if take is not None:
            self._missed.pop(part.take, None)
        if take is not None and take.phase in {TakePhase.RUNNING, TakePhase.COMPOSING}:
            return None
        if take is not None and take.phase == TakePhase.FAILED:
            return Fault.NOT_COMPOSED
        has_film = await self.outside.takes.has(part.name)
        is_final = takes is not None and (take is not None or self._is_missed(part))
        # Of a film that the media server does not speak for the manifest does, once it is made.
        if has_film and (is_final or await claim_of(self.outside.takes, part.name)):
            return await self._keep(part, is_final=is_final)
        if is_final:
            return Fault.LOST if take is None else Fault.NOTHING_RECORDED
        return None

    def _is_missed(self, part: Part) -> bool:
        """Whether the media server has not known of it for so long that it never will."""
        now = self.now_s()
        return now - self._missed.setdefault(part.take, now) >= self.given_up_s

    async def _keep(self, part: Part, *, is_final: bool) -> Kept | Fault:
        """``is_final``: nobody is making film and manifest any more. Raises RecordingAltered when somebody may be."""
        takes = self.outside.takes
        if await takes.free_bytes() < await takes.size_bytes(part.name) + self.outside.reserve_bytes:
            return Fault.NO_ROOM
        try:
            return await self.outside.films.take_in(takes, part.name)
        except RecordingAltered:
            if is_final:
                return Fault.ALTERED
            raise
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                return Fault.NO_ROOM
            raise

    async def _anew(self, recording: Recording) -> Recording:
        async with self.uow.reading() as act:
            return await self.recordings(act).get(recording.meeting, recording.id)

    async def _of(self, meeting: MeetingId) -> list[Recording]:
        async with self.uow.reading() as act:
            return await self.recordings(act).of(meeting)

    async def _unfinished(self) -> list[MeetingId]:
        async with self.uow.reading() as act:
            return await self.recordings(act).unfinished()
