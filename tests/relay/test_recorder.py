"""The journal of a recording: what it notes of a room, and how little of somebody who never stops changing."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from livekit.protocol.models import TrackSource, TrackType
from livekit.protocol.rtc import AddTrackRequest, MuteTrackRequest

from relay.recording import journal
from relay.recording.manifest import Gap
from relay.recording.mux import _Timeline
from relay.recording.recorder import Recorder
from relay.recording.scene import History, Part, history
from relay.recording.state import JOURNAL
from tests.relay.house import Guest, House


@dataclass
class Disk:
    """A folder in memory."""

    files: dict[str, bytes] = field(default_factory=dict)
    full: bool = False

    def append(self, name: str, chunk: bytes, *, always: bool = False) -> bool:
        if self.full and not always:
            return False
        self.files[name] = self.files.get(name, b"") + chunk
        return True

    def events(self) -> list[journal.Event]:
        return journal.read(self.files[JOURNAL])

    def spools(self) -> list[str]:
        return [name for name in self.files if name.endswith(".spool")]


class Recorded:
    """A room that is recorded, looked at each 100 ms."""

    def __init__(self) -> None:
        self.house = House()
        self.an = self.house.enter("an")
        self.disk = Disk()
        self.recorder = Recorder(self.house.hall, self.disk.append, self._now_us())

    def _now_us(self) -> int:
        return int(self.house.now_s * 1e6)

    def pass_time(self, seconds: float) -> None:
        for _ in range(round(seconds * 10)):
            self.house.now_s += 0.1
            self.recorder.tick(self._now_us())

    def mute(self, guest: Guest, sid: str, *, muted: bool) -> None:
        guest.ask(mute=MuteTrackRequest(sid=sid, muted=muted))
        self.pass_time(0.1)

    def told(self) -> History:
        return history(self.disk.events(), self._now_us())

    def count(self) -> Counter[str]:
        return Counter(event["event"] for event in self.disk.events())


@pytest.fixture
def recorded() -> Recorded:
    return Recorded()


def test_who_never_stops_muting_does_not_fill_the_journal(recorded: Recorded) -> None:
    camera = recorded.an.publish_camera()
    for number in range(6_000):
        recorded.mute(recorded.an, camera.sid, muted=number % 2 == 0)
    count = recorded.count()
    assert count["muted"] + count["unmuted"] <= 200 + 600 * 0.5
    assert count["held_back"] == 1
    began_us = recorded.disk.events()[0]["at_us"]
    (an,) = recorded.told().participants()
    assert began_us // 1000 + 19_000 < an.held_back_from_ms < began_us // 1000 + 24_000


@pytest.mark.parametrize("muted", [True, False])
def test_what_is_true_in_the_end_is_noted(recorded: Recorded, muted: bool) -> None:
    camera = recorded.an.publish_camera()
    for number in range(1_001):
        recorded.mute(recorded.an, camera.sid, muted=(number % 2 == 0) is muted)
    recorded.pass_time(5)
    assert recorded.an.peer.publications[camera.sid].info.muted is muted
    spans = recorded.told().muted[camera.sid]
    assert (spans[-1][1] == recorded.told().ended_at_us) is muted


def test_one_who_is_hasty_costs_the_others_nothing(recorded: Recorded) -> None:
    camera = recorded.an.publish_camera()
    binh = recorded.house.enter("binh")
    voice = publish(recorded, binh, "voice")
    for number in range(500):
        recorded.mute(recorded.an, camera.sid, muted=number % 2 == 0)
    recorded.mute(binh, voice, muted=True)
    last = recorded.disk.events()[-1]
    assert (last["event"], last["identity"]) == ("muted", "binh")
    assert [one.held_back_from_ms > 0 for one in recorded.told().participants()] == [True, False]


def publish(recorded: Recorded, guest: Guest, cid: str) -> str:
    """A microphone, as far as others know: nothing is negotiated."""
    guest.ask(add_track=AddTrackRequest(cid=cid, type=TrackType.AUDIO, source=TrackSource.MICROPHONE))
    publication = next(one for one in guest.peer.publications.values() if one.cid == cid)
    publication.announced = True
    recorded.pass_time(0.1)
    return publication.sid


def withdraw(recorded: Recorded, guest: Guest, sid: str) -> None:
    guest.peer.publishing.drop(guest.peer.publications[sid])
    recorded.pass_time(0.1)


def test_tracks_without_end_do_not_fill_the_folder_and_none_is_kept_that_is_not_noted(recorded: Recorded) -> None:
    for number in range(1_000):
        withdraw(recorded, recorded.an, publish(recorded, recorded.an, f"voice {number}"))
    published = [event["track"] for event in recorded.disk.events() if event["event"] == "published"]
    assert recorded.disk.spools() == [f"{sid}.spool" for sid in published]
    assert len(published) <= 100 + 200 * 0.5 / 2 + 1


def test_coming_back_gives_nobody_a_new_allowance(recorded: Recorded) -> None:
    for number in range(200):
        withdraw(recorded, recorded.an, publish(recorded, recorded.an, f"voice {number}"))
    noted = recorded.count()["published"]
    again = recorded.house.enter("an")
    for number in range(20):
        withdraw(recorded, again, publish(recorded, again, f"voice {number}"))
    assert recorded.count()["published"] <= noted + 3
    assert [recorded.count()[event] for event in ("joined", "left")] == [2, 1]


def test_what_the_disk_is_too_slow_for_is_noted_once_a_second_and_at_the_end(recorded: Recorded) -> None:
    publish(recorded, recorded.an, "voice")
    (listening,) = recorded.recorder._listening.values()
    for _ in range(95):
        listening.capture.dropped += 1
        recorded.pass_time(0.1)
    recorded.recorder.stop(recorded._now_us())
    dropped = [event["packets"] for event in recorded.disk.events() if event["event"] == "dropped"]
    assert len(dropped) in (10, 11)
    assert sum(dropped) == 95


# --- what is made of a long journal


def test_of_many_spans_the_one_at_a_moment_is_found() -> None:
    part = Part(
        "TR", "PA", "An", False, Path(), 0, [(number, number + 5) for number in range(0, 100, 10)], [(5, 1), (50, 3)]
    )
    assert [at for at in range(-3, 103) if part.is_on(at)] == [at for at in range(100) if at % 10 < 5]
    assert [part.quarters(at) for at in (4, 5, 49, 50, 99)] == [0, 1, 1, 3, 3]


def test_gaps_are_told_with_their_reasons_however_many_there_are() -> None:
    known = [(0, 9_000_000, "muted"), (1_000_000, 2_000_000, "dropped"), (20_000_000, 21_000_000, "dropped")]
    timeline = _Timeline(known)
    for at_ms in (500, 3_000, 8_000, 12_000, 15_000, 19_000, 22_000):
        timeline.add(at_ms, 0)
    assert [gap.reason for gap in timeline.gaps] == ["muted", "muted", "muted", "silent", "silent", "dropped"]
    assert timeline.gaps[-1] == Gap(19_000, 22_000, "dropped")
