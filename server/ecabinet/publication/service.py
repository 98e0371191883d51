"""Making a meeting's bundle."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.events import moment, moment_if_any
from ecabinet.kernel.ids import MeetingId, PersonId, QuestionId
from ecabinet.ledger.model import Checkpoint, Entry, Proven
from ecabinet.ledger.notes import key_line
from ecabinet.ledger.ports import Signer
from ecabinet.ledger.views import veiled
from ecabinet.meetings.model import Meeting, Phase
from ecabinet.minutes.model import MinutesDrafted
from ecabinet.register.model import Body

from .bundle import Seal, pack
from .model import About, Proof, Publishable
from .ports import BallotsOf, Contents, MeetingsOf, MinutesOf, RecordOf
from .proofs import is_ballot


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The slices whose words are published."""

    meetings: MeetingsOf
    record: RecordOf
    minutes: MinutesOf
    ballots: BallotsOf


@dataclass(frozen=True, slots=True)
class Publication:
    """Built afresh for each request, inside its transaction."""

    near: Neighbours
    blobs: Contents
    signer: Signer

    async def seal(self, meeting: MeetingId) -> Checkpoint:
        """A checkpoint over everything of the meeting, which has ended. In a writing act.

        Raises NotFound, MeetingWrongPhase, RecordBroken.
        """
        (await self.near.meetings.get(meeting)).require(frozenset({Phase.CLOSED}))
        return await self.near.record.checkpoint()

    async def bundle(self, meeting: MeetingId, checkpoint: Checkpoint) -> bytes:
        """The meeting's record under this checkpoint. The same bytes whenever it is made again under the same one,
        unless new minutes were drafted. Raises NotFound, MeetingWrongPhase, RecordBroken."""
        found = await self.near.meetings.get(meeting)
        found.require(frozenset({Phase.CLOSED}))
        setting = await self.near.meetings.setting(found)
        proven = await self.near.record.proven(meeting, checkpoint)
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

    async def own_ballot(self, meeting: MeetingId, question: QuestionId, person: PersonId) -> Entry:
        """The entry of the ballot of this person that counts. Raises NotFound when there is none, or what it disclosed
        was erased."""
        kept = await self.near.ballots.mine(meeting, question, person)
        found = await self.entry(kept.number)
        if not is_ballot(found, question, person):
            raise NotFound()
        return found

    async def entry(self, number: int) -> Entry:
        """An entry, for whoever it belongs to. Raises NotFound, also when what it disclosed was erased."""
        found = await self.near.record.entry(number)
        if found.disclosure is None:
            raise NotFound()
        return found

    async def covering(self, entry: Entry) -> Checkpoint | None:
        """The newest checkpoint, if it covers the entry."""
        newest = await self.near.record.newest()
        return newest if newest is not None and newest.size >= entry.number else None

    async def sign(self, entry: Entry) -> Checkpoint:
        """A checkpoint that covers the entry; signed now, over everything recorded so far, when there is none.
        In a writing act. Raises RecordBroken."""
        return await self.near.record.checkpoint(entry.number)

    async def proof(self, entry: Entry, checkpoint: Checkpoint) -> Proof:
        """What its owner needs to find the entry in the record under this checkpoint. Raises NotFound, RecordBroken."""
        proven = await self.near.record.proven_one(entry.number, checkpoint)
        return Proof(proven, checkpoint, key_line(self.signer.origin, self.signer.public_key))

    async def _newest_minutes(self, meeting: MeetingId, proven: Sequence[Proven]) -> bytes | None:
        """The newest the checkpoint covers: a version drafted this very moment is proven by the next one."""
        kept = [each.entry.disclosure for each in proven if each.entry.type == MinutesDrafted.type]
        covered = {each.payload["digest"] for each in kept if each is not None}
        versions = [each for each in await self.near.minutes.of(meeting) if each.digest in covered]
        return await self.blobs.get(versions[-1].digest) if versions else None


def _about(meeting: Meeting, body: Body) -> About:
    return About(
        id=meeting.id,
        title=meeting.title,
        body=body.id,
        body_name=body.name,
        starts_at=moment(meeting.starts_at),
        opened_at=moment_if_any(meeting.opened_at),
        closed_at=moment_if_any(meeting.closed_at),
        chair=meeting.chair.person if meeting.chair else None,
        heads=tuple(each.person for each in meeting.participants if each.is_head),
    )
