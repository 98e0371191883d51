"""livekit-client in Chromium and Firefox: the version we serve and the newest, on every way into a call."""

from pathlib import Path

import pytest
from livekit.protocol.room import MuteRoomTrackRequest, RoomParticipantIdentity

from tests.clients.stand import CHROMIUM, FIREFOX, PINNED, Participant, Stand
from tests.relay.running import RunningRelay, running_relay

pytestmark = pytest.mark.slow


async def meet(*people: Participant) -> None:
    """Everybody publishes; everybody sees and hears everybody."""
    for one in people:
        one.do("publish")
    for one in people:
        for other in people:
            if one is not other:
                await one.until(lambda me, whom=other.name: me.sees(whom) and me.hears(whom))


async def sees_more(one: Participant, whom: str) -> None:
    frames = one.frames(whom)
    await one.until(lambda me: me.sees(whom, more_than=frames + 15))


async def goes_on(one: Participant, whom: str) -> None:
    """More of another's picture and voice comes than has come until now."""
    frames, energy = one.frames(whom), one.energy(whom)
    await one.until(lambda me: me.sees(whom, more_than=frames + 15) and me.hears(whom, more_than=energy))


@pytest.mark.parametrize("other", [CHROMIUM, FIREFOX], ids=["chromium", "firefox"])
@pytest.mark.parametrize("which", ["pinned", "newest"])
async def test_browsers_see_and_hear_each_other(
    relay: RunningRelay, tmp_path: Path, request: pytest.FixtureRequest, which: str, other: tuple[str, ...]
) -> None:
    client = PINNED if which == "pinned" else request.getfixturevalue("newest_js")
    async with Stand(relay, f"meet-{which}-{other[0]}", tmp_path, client) as stand:
        await meet(await stand.enter("an"), await stand.enter("binh", other))


@pytest.mark.parametrize("other", [CHROMIUM, FIREFOX], ids=["chromium", "firefox"])
async def test_end_to_end_encryption_passes_untouched(
    relay: RunningRelay, tmp_path: Path, other: tuple[str, ...]
) -> None:
    async with Stand(relay, f"secret-{other[0]}", tmp_path) as stand:
        an, binh = await stand.enter("an", secret="shared"), await stand.enter("binh", other, secret="shared")
        await meet(an, binh)
        eve = await stand.enter("eve", secret="guessed")
        await eve.until(lambda me: me.packets("an", "video") > 50)
        assert eve.frames("an") == 0


@pytest.mark.parametrize("other", [CHROMIUM, FIREFOX], ids=["chromium", "firefox"])
async def test_a_call_without_udp(tmp_path: Path, other: tuple[str, ...]) -> None:
    async with running_relay(ice_transports="tcp") as relay, Stand(relay, "tcp", tmp_path) as stand:
        an, binh = await stand.enter("an"), await stand.enter("binh", other)
        await meet(an, binh)
        assert an.sends["protocol"] == binh.sends["protocol"] == "tcp"


async def test_h264_between_browsers(relay: RunningRelay, tmp_path: Path) -> None:
    async with Stand(relay, "h264", tmp_path) as stand:
        an, binh = await stand.enter("an"), await stand.enter("binh")
        an.do("publish", codec="h264")
        await binh.until(lambda me: me.sees("an") and me.hears("an"))


async def test_layers_change_as_they_are_asked_for(relay: RunningRelay, tmp_path: Path) -> None:
    async with Stand(relay, "layers", tmp_path) as stand:
        an, binh = await stand.enter("an"), await stand.enter("binh")
        an.do("publish")
        for level, width in ((2, 960), (0, 320), (1, 640), (2, 960)):
            binh.do("quality", level=level)
            await binh.until(lambda me, wanted=width: me.width("an") == wanted)
        await goes_on(binh, "an")


@pytest.mark.parametrize(
    ("scenario", "anew"),
    [
        ("signal-reconnect", False),
        ("resume-reconnect", True),
        ("disconnect-signal-on-resume", False),
        ("disconnect-signal-on-resume-no-messages", False),
        ("full-reconnect", True),
        ("migration", True),
        ("leave-full-reconnect", True),
        ("node-failure", True),
        ("force-tcp", True),  # the relay simulates nothing here; the client leaves and comes by itself
    ],
)
async def test_a_client_comes_back(relay: RunningRelay, tmp_path: Path, scenario: str, anew: bool) -> None:
    """`anew`: whether in a new session, which others see as another who leaves and comes; else the old one goes on."""
    async with Stand(relay, f"back-{scenario}", tmp_path) as stand:
        an, binh = await stand.enter("an"), await stand.enter("binh")
        await meet(an, binh)
        binh.do("simulate", scenario=scenario)
        await binh.until(lambda me: me.state == "connected" and "reconnected" in me.events)
        await goes_on(binh, "an")
        await goes_on(an, "binh")
        assert ("reconnecting" in binh.events) is anew
        assert any(event.startswith("participantDisconnected binh") for event in an.events) is anew
        assert binh.sends["protocol"] == "udp"


async def test_a_client_that_is_told_to_stay_away_does(relay: RunningRelay, tmp_path: Path) -> None:
    async with Stand(relay, "away", tmp_path) as stand:
        an, binh = await stand.enter("an"), await stand.enter("binh")
        await meet(an, binh)
        binh.do("simulate", scenario="server-leave")
        await binh.until(lambda me: "disconnected 3" in me.events)  # SERVER_SHUTDOWN
        await an.until(lambda me: not me.receives)
        assert binh.state == "disconnected"


async def test_the_server_mutes_and_removes(relay: RunningRelay, tmp_path: Path) -> None:
    async with Stand(relay, "server", tmp_path) as stand, relay.client() as api:
        an, binh = await stand.enter("an"), await stand.enter("binh")
        await meet(an, binh)
        there = await api.room.get_participant(RoomParticipantIdentity(room="server", identity="an"))
        voice = next(track for track in there.tracks if track.name == "microphone")
        await api.room.mute_published_track(
            MuteRoomTrackRequest(room="server", identity="an", track_sid=voice.sid, muted=True)
        )
        await binh.until(lambda me: any(one.startswith("trackMuted") for one in me.events))
        await sees_more(binh, "an")
        voice_until_now = binh.packets("an", "audio")
        await sees_more(binh, "an")
        assert binh.packets("an", "audio") == voice_until_now
        await api.room.remove_participant(RoomParticipantIdentity(room="server", identity="an"))
        await an.until(lambda me: "disconnected 4" in me.events)  # PARTICIPANT_REMOVED


async def test_a_relay_that_stops_sends_its_clients_to_the_next(tmp_path: Path) -> None:
    async with running_relay() as first:
        port, media = str(first.http_port), str(first.media_port)
        stand = Stand(first, "drain", tmp_path)
        async with stand:
            an, binh = await stand.enter("an"), await stand.enter("binh")
            await meet(an, binh)
            first.child.terminate()
            await first.child.wait()
            async with running_relay(http_port=port, media_port=media):
                await binh.until(lambda me: "reconnected" in me.events and me.state == "connected")
                await an.until(lambda me: "reconnected" in me.events)
                await binh.until(lambda me: me.sees("an", more_than=0))
                await goes_on(binh, "an")
