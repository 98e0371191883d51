"""One room being recorded: listens to every track that can be, and keeps the journal."""

from dataclasses import dataclass, replace
from math import inf
from typing import Final, Protocol

from livekit.protocol.models import Encryption, TrackSource

from relay.recording import journal, spool
from relay.recording.capture import Capture
from relay.recording.journal import Event, Present, Roster, Shown
from relay.recording.state import JOURNAL, SPOOL
from relay.rooms.allowance import Allowance
from relay.rooms.peer import Peer
from relay.rooms.publication import Publication
from relay.rooms.room import Room

_WANTED_LAYER: Final = {TrackSource.SCREEN_SHARE: 2}
"""What is asked of publishers for the recording alone; of cameras the middle layer: a larger one is taken if others
want it, and nobody's line is filled for it."""
_WANTED_OTHERWISE: Final = 1
_NOTED_AT_ONCE: Final = 200
_NOTED_PER_S: Final = 0.5
"""Changes of one person: a mute, a name, a track. Who makes more fills the journal, and the folder with short files,
and is noted less often instead; nobody presses a button so often."""
_DROPPED_EVERY_S: Final = 1.0
_MAX_NAME: Final = 256
"""Characters; a record has its limits, and so has who reads."""


class Append(Protocol):
    """Queues a chunk for a file of the recording's folder; False when it was dropped. See `writer.Writer.append`."""

    def __call__(self, name: str, chunk: bytes, *, always: bool = False) -> bool: ...


@dataclass(slots=True)
class _Listening:
    capture: Capture
    publication: Publication
    told_dropped: int = 0
    told_at_s: float = -inf


class Recorder:
    """Watches a room by looking at it every 100 ms; the packets come by themselves."""

    def __init__(self, room: Room, append: Append, now_us: int) -> None:
        self.room: Final = room
        self._append = append
        self._roster: Roster = {}
        """As it was noted."""
        self._allowances: dict[str, Allowance] = {}
        """By identity: who comes back has no new one."""
        self._held_back: set[str] = set()
        """Sids of participants of whom that was noted."""
        self._listening: dict[str, _Listening] = {}
        self._note({"at_us": now_us, "event": "started"})
        self.tick(now_us)

    def tick(self, now_us: int) -> None:
        """See who is there now, and listen to what is new."""
        present = {peer.sid: _present(peer) for peer in self.room.peers.values() if not peer.permission.hidden}
        roster = {sid: self._notable(sid, one, now_us) for sid, one in present.items()}
        for event in journal.changes(self._roster, roster, now_us):
            self._note(event)
        self._roster = roster
        published = {
            publication.sid: (peer, publication)
            for peer in self.room.peers.values()
            if peer.sid in roster
            for publication in peer.publications.values()
            if publication.announced and publication.sid in roster[peer.sid].tracks
        }
        for sid in [sid for sid in self._listening if sid not in published]:
            self._leave(sid, now_us)
        for sid, (peer, publication) in published.items():
            if sid not in self._listening and publication.info.encryption == Encryption.NONE:
                self._listen(peer, publication, now_us)
        for sid, listening in self._listening.items():
            listening.capture.tick(now_us)
            if self.room.now_s() - listening.told_at_s >= _DROPPED_EVERY_S:
                self._tell_dropped(sid, listening, now_us)

    def _notable(self, sid: str, present: Present, now_us: int) -> Present:
        """A participant as the journal is to have it: as it is now; as it was, if it changed too often of late.

        That it came and left is always noted, as the room bounds how often that happens.
        """
        known = self._roster.get(sid) or replace(present, tracks={})
        if present == known:
            return known
        count = sum(1 for _ in journal.changes({sid: known}, {sid: present}, now_us))
        allowance = self._allowances.setdefault(present.identity, Allowance(_NOTED_AT_ONCE, _NOTED_PER_S))
        if allowance.take(self.room.now_s(), min(count, _NOTED_AT_ONCE)):
            return present
        if sid not in self._held_back:
            self._held_back.add(sid)
            who = {"participant": sid, "identity": present.identity, "name": present.name}
            self._note({"at_us": now_us, "event": "held_back", **who})
        return known

    def _tell_dropped(self, sid: str, listening: _Listening, now_us: int) -> None:
        missed = listening.capture.dropped - listening.told_dropped
        if missed:
            listening.told_dropped, listening.told_at_s = listening.capture.dropped, self.room.now_s()
            self._note({"at_us": now_us, "event": "dropped", "track": sid, "packets": missed})

    def _listen(self, peer: Peer, publication: Publication, now_us: int) -> None:
        name = publication.sid + SPOOL

        def write(record: bytes) -> bool:
            return self._append(name, record)

        description = spool.Description(
            track=publication.sid,
            participant=peer.sid,
            identity=peer.identity,
            name=peer.info.name[:_MAX_NAME],
            kind=publication.up.kind,
            source=_source(publication),
            clock_rate_hz=publication.up.clock_rate_hz,
            began_at_us=now_us,
            width=publication.info.width,
            height=publication.info.height,
        )
        write(spool.MAGIC + spool.pack_description(description))
        capture = Capture(publication.up, write)
        self._listening[publication.sid] = _Listening(capture, publication)
        publication.recorded_layer = _WANTED_LAYER.get(publication.info.source, _WANTED_OTHERWISE)
        publication.up.taps.append(capture)
        publication.up.look_again()

    def _leave(self, sid: str, now_us: int) -> None:
        listening = self._listening.pop(sid)
        self._tell_dropped(sid, listening, now_us)
        listening.publication.recorded_layer = -1
        listening.publication.up.taps.remove(listening.capture)

    def stop(self, now_us: int) -> None:
        """Listen no more."""
        for sid in list(self._listening):
            self._leave(sid, now_us)
        self._note({"at_us": now_us, "event": "stopped"})

    def _note(self, event: Event) -> None:
        self._append(JOURNAL, journal.line(event), always=True)


def _present(peer: Peer) -> Present:
    tracks = {
        publication.sid: Shown(
            kind=publication.up.kind,
            source=_source(publication),
            muted=publication.info.muted,
            encrypted=publication.info.encryption != Encryption.NONE,
        )
        for publication in peer.publications.values()
        if publication.announced
    }
    return Present(peer.identity, peer.info.name[:_MAX_NAME], tracks)


def _source(publication: Publication) -> str:
    return TrackSource.Name(publication.info.source).lower()
