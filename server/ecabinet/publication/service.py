"""Making a meeting's bundle."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from ecabinet.kernel.events import moment
from ecabinet.kernel.ids import MeetingId
from ecabinet.ledger.model import Checkpoint, Proven
from ecabinet.ledger.ports import Signer
from ecabinet.ledger.views import veiled
from ecabinet.meetings.model import Meeting, Phase
from ecabinet.minutes.model import MinutesDrafted
from ecabinet.register.model import Body

from .bundle import Seal, pack
from .model import About, Publishable
from .ports import Contents, MeetingsOf, MinutesOf, RecordOf


@dataclass(frozen=True, slots=True)
class Publication:
    """Built afresh for each request, inside its transaction."""

    meetings: MeetingsOf
    record: RecordOf
    minutes: MinutesOf
    blobs: Contents
    signer: Signer

    async def seal(self, meeting: MeetingId) -> Checkpoint:
        """A checkpoint over everything of the meeting, which has ended. In a writing act.

        Raises NotFound, MeetingWrongPhase, RecordBroken.
        """
        (await self.meetings.get(meeting)).require(frozenset({Phase.CLOSED}))
        return await self.record.checkpoint()

    async def bundle(self, meeting: MeetingId, checkpoint: Checkpoint) -> bytes:
        """The meeting's record under this checkpoint. The same bytes whenever it is made again under the same one,
        unless new minutes were drafted. Raises NotFound, MeetingWrongPhase, RecordBroken."""
        found = await self.meetings.get(meeting)
        found.require(frozenset({Phase.CLOSED}))
        setting = await self.meetings.setting(found)
        proven = await self.record.proven(meeting, checkpoint)
        published = Publishable(
            about=_about(found, setting.body),
            profile=setting.profile,
            checkpoint=checkpoint,
            proven=proven,
            veiled=veiled((each.entry for each in proven), sees_notes=False),
            minutes=await self._newest_minutes(meeting, proven),
        )
        seal = Seal(self.signer.origin, self.signer.public_key, self.signer.sign)
        # Thousands of entries and megabytes of minutes: off the event loop.
        return await asyncio.to_thread(pack, published, seal)

    async def _newest_minutes(self, meeting: MeetingId, proven: Sequence[Proven]) -> bytes | None:
        """The newest the checkpoint covers: a version drafted this very moment is proven by the next one."""
        kept = [each.entry.disclosure for each in proven if each.entry.type == MinutesDrafted.type]
        covered = {each.payload["digest"] for each in kept if each is not None}
        versions = [each for each in await self.minutes.of(meeting) if each.digest in covered]
        return await self.blobs.get(versions[-1].digest) if versions else None


def _about(meeting: Meeting, body: Body) -> About:
    return About(
        id=meeting.id,
        title=meeting.title,
        body=body.id,
        body_name=body.name,
        starts_at=moment(meeting.starts_at),
        opened_at=moment(meeting.opened_at) if meeting.opened_at else None,
        closed_at=moment(meeting.closed_at) if meeting.closed_at else None,
        chair=meeting.chair.person if meeting.chair else None,
        heads=tuple(each.person for each in meeting.participants if each.is_head),
    )
