"""Deciding to record, saying that one knows, and keeping what comes of it. What is done to the media server is done
outside the transaction, by jobs."""

from dataclasses import dataclass

from ecabinet.kernel.clock import Clock
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import MeetingId, PersonId, RecordingId
from ecabinet.kernel.ports import Ids, Transaction
from ecabinet.meetings import model as meetings
from ecabinet.meetings.model import Act, Meeting

from . import rules
from .model import Acknowledgement, Cause, Fault, Kept, Part, Recording
from .ports import MeetingsOf, RecordingStore, Take


@dataclass(frozen=True, slots=True)
class Recordings:
    """Built afresh for each act, inside its transaction."""

    tx: Transaction
    store: RecordingStore
    meetings: MeetingsOf
    ids: Ids
    clock: Clock

    # --- by people ---

    async def require_startable(self, meeting: MeetingId, *, no_secrets: bool) -> None:
        """Asked before the media server is. Raises as rules.require_startable does; NotFound."""
        held = await self.meetings.get(meeting)
        rules.require_startable(held, await self.store.of(meeting), no_secrets=no_secrets)

    async def start(self, meeting: MeetingId, by: PersonId, *, no_secrets: bool) -> RecordingId:
        """The chair decides, and knows of it. Raises as rules.require_startable does; NotFound."""
        await self.store.lock(meeting)
        held, there = await self.meetings.get(meeting), await self.store.of(meeting)
        rules.require_startable(held, there, no_secrets=no_secrets)
        recording = rules.start(RecordingId(self.ids.new()), held, there, self._by(by))
        await self.store.add(recording)
        await self.store.acknowledge(Acknowledgement(recording.id, by, recording.started_at))
        await self.tx.record(rules.started(recording))
        return recording.id

    async def stop(self, meeting: MeetingId, recording: RecordingId, by: PersonId) -> None:
        """The chair has had enough. Raises NotFound, RecordingNotRunning."""
        await self._stop(await self._locked(meeting, recording), Cause.CHAIR, by)

    async def end_all(self, meeting: MeetingId, by: PersonId, *, is_over: bool) -> None:
        """The meeting has a break, or ends: what runs is stopped. Records what it stops."""
        current = rules.running(await self.store.of(meeting))
        if current is not None:
            await self._stop(current, Cause.END if is_over else Cause.BREAK, by)

    async def acknowledge(self, meeting: MeetingId, recording: RecordingId, by: PersonId) -> None:
        """Say that one knows. Again is answered like the first time. Raises NotFound, RecordingNotRunning."""
        found = await self._locked(meeting, recording)
        (await self.meetings.get(meeting)).participant(by)
        event = rules.acknowledge(found, self._by(by))
        if await self.store.acknowledge(Acknowledgement(found.id, by, event.at)):
            await self.tx.record(event)

    async def retry(self, meeting: MeetingId, recording: RecordingId, by: PersonId) -> None:
        """Try again what could not be composed or kept. Raises NotFound, RecordingNotFailed."""
        again, event = rules.retry(await self._locked(meeting, recording), self._by(by))
        await self.store.save(again)
        await self.tx.record(event)

    async def failed_parts(self, meeting: MeetingId, recording: RecordingId) -> list[Part]:
        """Those of which nothing came. Raises NotFound, RecordingNotFailed."""
        found = await self.store.get(meeting, recording)
        rules.retry(found, Act(found.started_by, self.clock.now()))
        return [each for each in found.parts if each.fault]

    # --- by the media server, through jobs ---

    async def part_begun(self, meeting: MeetingId, recording: RecordingId, take: Take) -> None:
        """The media server records, or has. Again is the same. Raises NotFound, RecordingNotRunning."""
        found = await self._locked(meeting, recording)
        if any(each.take == take.id for each in found.parts):
            return
        with_part, event = rules.begin_part(found, take.id, take.name, self.clock.now())
        await self.store.save(with_part)
        await self.tx.record(event)

    async def part_settled(self, meeting: MeetingId, recording: RecordingId, n: int, outcome: Kept | Fault) -> None:
        """What came of a part. Raises NotFound."""
        found = await self._locked(meeting, recording)
        await self._settle(rules.settle_part(found, n, outcome))

    async def give_up(self, meeting: MeetingId, recording: RecordingId) -> None:
        """Wait no more for what should long have been there. Raises NotFound."""
        found = await self._locked(meeting, recording)
        if rules.is_overdue(found, self.clock.now()):
            await self._settle(rules.give_up(found))

    async def end_if_settled(self, meeting: MeetingId, recording: RecordingId) -> None:
        """End a recording of which nothing has to be waited for. Raises NotFound."""
        await self._settle(await self._locked(meeting, recording))

    # --- reading ---

    async def of(self, meeting: MeetingId) -> list[Recording]:
        """All of a meeting, oldest first."""
        return await self.store.of(meeting)

    async def get(self, meeting: MeetingId, recording: RecordingId) -> Recording:
        """Raises NotFound."""
        return await self.store.get(meeting, recording)

    async def kept(self, meeting: MeetingId, recording: RecordingId, n: int) -> tuple[Part, Kept]:
        """A part of which there is something. Raises NotFound."""
        part = (await self.store.get(meeting, recording)).part(n)
        if part is None or part.kept is None:
            raise NotFound()
        return part, part.kept

    async def acknowledgements(self, meeting: MeetingId) -> list[Acknowledgement]:
        """Of all recordings of the meeting, oldest first."""
        return await self.store.acknowledgements(meeting)

    async def silent(self, meeting: Meeting) -> frozenset[PersonId]:
        """Who is not to be heard and seen until he has said that he knows; nobody while nothing is recorded."""
        if meeting.phase is not meetings.Phase.OPEN:
            return frozenset()
        current = rules.running(await self.store.of(meeting.id))
        if current is None:
            return frozenset()
        return rules.silent(meeting, current, await self.store.acknowledgements(meeting.id))

    async def unfinished(self) -> list[MeetingId]:
        """The meetings with a recording that runs or is being composed."""
        return await self.store.unfinished()

    # --- parts of the above ---

    def _by(self, person: PersonId) -> Act:
        return Act(person, self.clock.now())

    async def _locked(self, meeting: MeetingId, recording: RecordingId) -> Recording:
        await self.store.lock(meeting)
        return await self.store.get(meeting, recording)

    async def _stop(self, recording: Recording, cause: Cause, by: PersonId) -> None:
        stopped, event = rules.stop(recording, cause, self._by(by))
        await self.store.save(stopped)
        await self.tx.record(event)

    async def _settle(self, recording: Recording) -> None:
        ended = rules.end(recording, self.clock.now())
        await self.store.save(ended[0] if ended else recording)
        if ended:
            await self.tx.record(ended[1])
