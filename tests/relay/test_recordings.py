"""Rooms recorded through the relay, asked for by livekit-api, spoken in by the livekit SDK."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

import aiohttp
import av
import numpy as np
import pytest
from livekit import api, rtc
from livekit.protocol import egress as wire
from livekit.protocol.egress import EgressStatus

from tests.relay.acts import Act, onsets, perform, pitch
from tests.relay.callers import TONE_HZ, Caller, callers
from tests.relay.running import KEY, SECRET, RunningRelay, running_relay, token, until
from tests.relay.test_events import Application, application

__all__ = ["application"]

RED, BLUE = (81, 90, 240), (41, 240, 110)
AN, BINH = Act(440, RED), Act(1_000, BLUE)
TALK_S = 5.0
SYNC_S = 0.060
"""40 ms are allowed to us, the rest is for a busy machine on which the callers are late themselves."""
PICTURE_S = 0.040


def order(room: str, name: str, **more: Any) -> wire.RoomCompositeEgressRequest:
    outputs = [api.EncodedFileOutput(filepath=name)]
    return api.RoomCompositeEgressRequest(room_name=room, file_outputs=outputs, **more)


async def ended(client: api.LiveKitAPI, egress_id: str) -> wire.EgressInfo:
    """How a recording stands when its files are made, or cannot be."""

    async def over() -> wire.EgressInfo | None:
        listed = await client.egress.list_egress(api.ListEgressRequest(egress_id=egress_id))
        (info,) = listed.items
        return info if info.status not in (EgressStatus.EGRESS_ACTIVE, EgressStatus.EGRESS_ENDING) else None

    info = await until(over)
    assert isinstance(info, wire.EgressInfo)
    return info


def heard(path: Path) -> tuple[float, Any]:
    """When the sound of a file begins, in seconds, and its samples, one channel."""
    with av.open(str(path)) as file:
        frames = list(file.decode(audio=0))
    return float(frames[0].time or 0.0), np.concatenate([frame.to_ndarray().mean(axis=0) for frame in frames])


def seen(path: Path) -> list[tuple[float, Any]]:
    """When each picture of a file is shown, and its planes as bytes of YUV."""
    with av.open(str(path)) as file:
        return [(float(frame.time or 0.0), frame.to_ndarray(format="yuv420p")) for frame in file.decode(video=0)]


def beats_heard(path: Path, act: Act) -> list[float]:
    """When the tone of an act became loud, whatever else is heard."""
    begin, samples = heard(path)
    at = np.arange(len(samples)) / 48_000
    turned = samples * np.exp(-2j * np.pi * act.tone_hz * at)
    envelope = np.abs(turned[: len(turned) // 480 * 480].reshape(-1, 480).mean(axis=1))
    return onsets(envelope, begin + np.arange(len(envelope)) / 100, 0.1)


def beats_seen(pictures: list[tuple[float, Any]], place: Any = np.s_[:180]) -> list[float]:
    """When a place of the picture became white."""
    return onsets([planes[place].mean() for _, planes in pictures], [at for at, _ in pictures], 190)


def apart(one: list[float], other: list[float]) -> float:
    """By how much two rows of beats are apart, as a rule; seconds."""
    near = [first - second for first, second in product(one, other) if abs(first - second) < 0.5]
    return abs(median(near)) if near else 1.0


@pytest.fixture
async def recorder(tmp_path: Path, application: Application) -> AsyncIterator[RunningRelay]:
    settings = {"recordings": str(tmp_path), "recordings_reserve": "1", "webhook_url": application.url}
    async with running_relay(**settings) as relay:
        yield relay


async def test_a_talk_is_recorded_as_it_was(
    recorder: RunningRelay, application: Application, tmp_path: Path, room_name: str
) -> None:
    async with callers(recorder, room_name, "an", "binh") as (an, binh), recorder.client() as client:
        on_stage = await perform(an, AN)
        await perform(binh, BINH)
        await until(lambda: len(an.ears) == len(binh.ears) == 2)
        begun = await client.egress.start_room_composite_egress(order(room_name, "talk"))
        await until(lambda: told_recording(binh))
        await asyncio.sleep(TALK_S - 2)
        await an.room.local_participant.unpublish_track(on_stage.picture.sid)
        await asyncio.sleep(2)
        stopped = await client.egress.stop_egress(api.StopEgressRequest(egress_id=begun.egress_id))
        await until(lambda: not told_recording(binh))
        info = await ended(client, begun.egress_id)
    assert (begun.status, stopped.status) == (EgressStatus.EGRESS_ACTIVE, EgressStatus.EGRESS_ENDING)
    assert (info.status, info.error) == (EgressStatus.EGRESS_COMPLETE, "")
    check_streams(tmp_path / "talk", info)
    check_composed(tmp_path / info.file_results[0].filename, info)
    await until(lambda: "egress_ended" in application.told())
    told = [name for name in application.told() if name.startswith("egress")]
    assert (told[0], told[1], told[-1]) == ("egress_started", "egress_updated", "egress_ended")


def told_recording(caller: Any) -> bool:
    return bool(caller.room.is_recording)


def check_streams(folder: Path, info: wire.EgressInfo) -> None:
    manifest = json.loads((folder / "manifest.json").read_bytes())
    streams = {(one["identity"], one["kind"]): one for one in manifest["streams"]}
    assert {one["identity"] for one in manifest["participants"]} == {"an", "binh"}
    assert (manifest["recording"], manifest["interrupted"], len(streams)) == (info.egress_id, False, 4)
    assert streams["an", "video"]["to_ms"] < streams["binh", "video"]["to_ms"] - 1_000
    for who, act in (("an", AN), ("binh", BINH)):
        begin, samples = heard(folder / streams[who, "audio"]["file"])
        assert abs(pitch(samples[24_000:72_000]) - act.tone_hz) < 3
        assert abs(len(samples) / 48_000 - TALK_S) < 1
        assert abs(begin - streams[who, "audio"]["offset_ms"] / 1000) < 0.1
        pictures = seen(folder / streams[who, "video"]["file"])
        assert apart(beats_heard(folder / streams[who, "audio"]["file"], act), beats_seen(pictures)) < SYNC_S
        chroma = median(planes[180:225].mean() for _, planes in pictures)
        assert abs(chroma - act.colour[1]) < 12


def check_composed(path: Path, info: wire.EgressInfo) -> None:
    (result,) = info.file_results
    assert result.size == path.stat().st_size
    assert abs(result.duration / 1e9 - TALK_S) < 1.5
    _, samples = heard(path)
    spectrum = np.abs(np.fft.rfft(samples[48_000:144_000] * np.hanning(96_000)))
    loudest = {int(at // 2) for at in np.argsort(spectrum)[-12:]}
    assert any(abs(at - AN.tone_hz) < 3 for at in loudest)
    assert any(abs(at - BINH.tone_hz) < 3 for at in loudest)
    pictures = seen(path)
    assert pictures[0][1].shape == (720 * 3 // 2, 1280)
    places = (np.s_[300:400, 300:600], np.s_[120:200, 1050:1200])
    white = [at for place in places for at in beats_seen(pictures, place)]
    for beats in ([at for at in beats_heard(path, AN) if at < TALK_S - 2.2], beats_heard(path, BINH)):
        assert median(min(abs(at - shown) for shown in white) for at in beats) < SYNC_S + PICTURE_S, "whoever is where"


async def test_what_a_killed_relay_recorded_is_finished_by_the_next(tmp_path: Path, room_name: str) -> None:
    folder = {"recordings": str(tmp_path), "recordings_reserve": "1"}
    async with running_relay(**folder) as relay, callers(relay, room_name, "an") as (an,), relay.client() as client:
        await perform(an, AN)
        begun = await client.egress.start_room_composite_egress(order(room_name, "cut"))
        spools = tmp_path / "cut"
        await until(lambda: sum(path.stat().st_size for path in spools.glob("*.spool")) > 20_000)
        relay.child.send_signal(signal.SIGKILL)
        await relay.child.wait()
    async with running_relay(**folder) as relay, relay.client() as client:
        info = await ended(client, begun.egress_id)
    manifest = json.loads((tmp_path / "cut" / "manifest.json").read_bytes())
    assert (info.status, manifest["interrupted"]) == (EgressStatus.EGRESS_COMPLETE, True)
    _, samples = heard(tmp_path / "cut" / "cut.webm")
    assert abs(pitch(samples[4_800:48_000]) - AN.tone_hz) < 3
    assert len(seen(tmp_path / "cut" / "cut.webm")) > 10


async def test_a_recording_ends_with_its_room(recorder: RunningRelay, tmp_path: Path, room_name: str) -> None:
    async with recorder.client() as client, callers(recorder, room_name, "an") as (an,):
        await an.speak()
        begun = await client.egress.start_room_composite_egress(order(room_name, "whole", audio_only=True))
        await until(lambda: any(path.stat().st_size > 9_000 for path in (tmp_path / "whole").glob("*.spool")))
        await client.room.delete_room(api.DeleteRoomRequest(room=room_name))
        info = await ended(client, begun.egress_id)
    assert info.status == EgressStatus.EGRESS_COMPLETE
    with av.open(str(tmp_path / info.file_results[0].filename)) as file:
        assert [stream.type for stream in file.streams] == ["audio"]
    _, samples = heard(tmp_path / info.file_results[0].filename)
    assert abs(pitch(samples[9_600:24_000]) - TONE_HZ) < 5
    (stream,) = json.loads((tmp_path / "whole" / "manifest.json").read_bytes())["streams"]
    assert stream["codec"] == "red", "the SDK sends every frame twice"


async def test_a_room_is_recorded_once_at_a_time_and_a_name_is_used_once(
    recorder: RunningRelay, room_name: str
) -> None:
    async with recorder.client() as client, callers(recorder, room_name, "an"):
        begun = await client.egress.start_room_composite_egress(order(room_name, "once"))
        assert await refusal(client.egress.start_room_composite_egress(order(room_name, "twice"))) == "already_exists"
        await client.egress.stop_egress(api.StopEgressRequest(egress_id=begun.egress_id))
        assert await refusal(client.egress.start_room_composite_egress(order(room_name, "once"))) == "already_exists"
        listed = await client.egress.list_egress(api.ListEgressRequest(room_name=room_name))
        assert [info.egress_id for info in listed.items] == [begun.egress_id]
        assert not (await client.egress.list_egress(api.ListEgressRequest(room_name="another"))).items
        assert (await ended(client, begun.egress_id)).status == EgressStatus.EGRESS_COMPLETE
        assert await refusal(client.egress.stop_egress(api.StopEgressRequest(egress_id=begun.egress_id))) == "not_found"


async def refusal(call: Any) -> str:
    """The code of the refusal."""
    with pytest.raises(api.TwirpError) as refused:
        await call
    return str(refused.value.code)


async def test_what_cannot_be_done_is_refused_by_name(recorder: RunningRelay, room_name: str) -> None:
    async with recorder.client() as client, callers(recorder, room_name, "an"):
        start = client.egress.start_room_composite_egress
        assert await refusal(start(order("nowhere", "a"))) == "not_found"
        for name in ("../a", "a/b", "..", ".hidden", "đ"):
            assert await refusal(start(order(room_name, name))) == "invalid_argument"
        assert await refusal(start(order(room_name, "a", layout="grid"))) == "unimplemented"
        assert await refusal(start(order(room_name, "a", video_only=True))) == "unimplemented"
        bucket = api.EncodedFileOutput(filepath="a", s3=api.S3Upload(bucket="b"))
        assert await refusal(start(api.RoomCompositeEgressRequest(room_name=room_name, file=bucket))) == "unimplemented"
        web = client.egress.start_web_egress(api.WebEgressRequest(url="http://127.0.0.1"))
        assert await refusal(web) == "unimplemented"
        assert await refusal(client.egress.stop_egress(api.StopEgressRequest(egress_id="EG_none"))) == "not_found"


async def test_recording_needs_the_right_to(recorder: RunningRelay, room_name: str) -> None:
    grants = api.VideoGrants(room_admin=True, room=room_name, room_create=True)
    headers = {"Authorization": f"Bearer {api.AccessToken(KEY, SECRET).with_grants(grants).to_jwt()}"}
    async with aiohttp.ClientSession(recorder.url, headers=headers) as session:
        for method in ("StartRoomCompositeEgress", "ListEgress", "StopEgress", "StartWebEgress"):
            answer = await session.post(f"/twirp/livekit.Egress/{method}", json={"roomName": room_name})
            assert (answer.status, (await answer.json())["code"]) == (403, "permission_denied")


async def test_a_relay_without_a_folder_records_nothing(relay: RunningRelay, room_name: str) -> None:
    async with relay.client() as client, callers(relay, room_name, "an"):
        assert await refusal(client.egress.start_room_composite_egress(order(room_name, "a"))) == "failed_precondition"
        assert not (await client.egress.list_egress(api.ListEgressRequest())).items


async def test_a_disk_without_room_is_told(tmp_path: Path, room_name: str) -> None:
    settings = {"recordings": str(tmp_path), "recordings_reserve": str(1 << 60)}
    async with running_relay(**settings) as relay, relay.client() as client, callers(relay, room_name, "an"):
        call = client.egress.start_room_composite_egress(order(room_name, "a"))
        assert await refusal(call) == "resource_exhausted"
    assert not (tmp_path / "a").exists()


async def test_encrypted_tracks_are_kept_out(recorder: RunningRelay, tmp_path: Path, room_name: str) -> None:
    key = rtc.E2EEOptions(key_provider_options=rtc.KeyProviderOptions(shared_key=b"between us"))
    async with recorder.client() as client, callers(recorder, room_name, "binh") as (binh,):
        await binh.speak()
        async with asyncio.TaskGroup() as tasks:
            an = Caller(tasks)
            await an.room.connect(recorder.ws_url, token("an", room_name), rtc.RoomOptions(encryption=key))
            await an.speak()
            begun = await client.egress.start_room_composite_egress(order(room_name, "secret", audio_only=True))
            await until(lambda: any(path.stat().st_size > 2_000 for path in (tmp_path / "secret").glob("*.spool")))
            await client.egress.stop_egress(api.StopEgressRequest(egress_id=begun.egress_id))
            await ended(client, begun.egress_id)
            await an.leave()
    streams = json.loads((tmp_path / "secret" / "manifest.json").read_bytes())["streams"]
    assert {one["identity"]: bool(one["kept_out"]) for one in streams} == {"an": True, "binh": False}
    assert len(list((tmp_path / "secret").glob("TR_*"))) == 1
