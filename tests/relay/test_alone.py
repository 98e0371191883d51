"""The relay by itself, as docs/relay.md says: started by hand, without the application, for any LiveKit client."""

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp
import pytest
from livekit import api, rtc

from relay.settings import table, unknown
from relay.transport.link import Drop
from tests.relay.running import KEY, PATIENCE_S, SECRET, SERVER, RunningRelay

PAGE = (SERVER / "docs" / "relay.md").read_text(encoding="utf-8")
KEYS = "my-app: 6b3d0f1c5a9e4d7788aa12ccddeeff00, other: 00ffeeddcc21aa8877d4e9a5c1f0d3b6"


def blocks(language: str) -> list[str]:
    """What the page shows in this language."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@asynccontextmanager
async def started(environment: Mapping[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """As the page says, in an environment without anything of ours."""
    assert blocks("sh")[0].splitlines()[1:] == ["cd server", "python -m relay"]
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "relay", cwd=SERVER, env={"PATH": os.environ["PATH"], **environment},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, limit=1 << 20,
    )  # fmt: skip
    try:
        yield child
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()


async def test_it_serves_a_client_with_a_token_minted_as_the_page_says_and_never_loads_the_application() -> None:
    environment = {
        "RELAY_KEYS": KEYS,
        "RELAY_HTTP_PORT": "0",
        "RELAY_MEDIA_PORT": "0",
        "PYTHONPROFILEIMPORTTIME": "1",  # Python then says what it imports
    }
    async with started(environment) as child:
        assert child.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            ready = json.loads(await child.stdout.readline())
        assert set(ready) == set(json.loads(blocks("json")[0]))
        names: dict[str, str] = {"SECRET": KEYS.partition(",")[0].partition(": ")[2]}
        exec(blocks("python")[0], names)
        room = rtc.Room()
        await room.connect(f"ws://127.0.0.1:{ready['http']}", names["token"])
        assert (room.name, room.local_participant.identity) == ("hall", "an")
        async with api.LiveKitAPI(f"http://127.0.0.1:{ready['http']}", *KEYS.split(", ")[1].split(": ")) as calls:
            listed = await calls.room.list_participants(api.ListParticipantsRequest(room="hall"))
        assert [participant.identity for participant in listed.participants] == ["an"]
        await room.disconnect()
        child.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE_S):
            _, said = await child.communicate()
    assert child.returncode == 0
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in said.decode().splitlines()}
    assert {"relay", "aiohttp"} <= imported
    assert not imported & {"ecabinet", "av", "sqlalchemy", "socketio"}


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "Error: RELAY_KEYS is not set"),
        ({"RELAY_KEYS": KEYS, "RELAY_ADDRESSES": "media.example.org"}, "'media.example.org' is not an IP address"),
        ({"RELAY_KEYS": KEYS, "RELAY_HTTP_PORT": "{taken}"}, "signalling cannot be served on 127.0.0.1 port {taken}"),
        ({"RELAY_KEYS": KEYS, "RELAY_HTTP_PORT": "0", "RELAY_MEDIA_PORT": "{taken}"}, "this machine port {taken}"),
    ],
    ids=["no key", "a name for an address", "signalling's port is taken", "media's port is taken"],
)
async def test_it_does_not_start_with_what_makes_no_sense_and_says_so_in_one_line(
    relay: RunningRelay, environment: Mapping[str, str], said: str
) -> None:
    taken = str(relay.http_port)
    filled = {name: value.format(taken=taken) for name, value in environment.items()}
    async with started(filled) as child, asyncio.timeout(PATIENCE_S):
        output, errors = await child.communicate()
    assert child.returncode == 1
    assert output == b""
    assert errors.decode().count("\n") == 1
    assert said.format(taken=taken) in errors.decode()


def test_a_misspelt_setting_is_noticed() -> None:
    assert unknown({"RELAY_ADRESSES": "", "RELAY_KEYS": "", "HOME": "", "ECABINET_RELAYS": ""}) == ["RELAY_ADRESSES"]


# --- the page


def test_the_page_has_the_settings_as_they_are() -> None:
    assert table() in PAGE, "put the output of `python -m relay --settings` into docs/relay.md"


def test_the_page_says_why_things_are_dropped() -> None:
    told = re.findall(r"^\| `(\w+)` \| ", PAGE.partition("| reason |")[2].partition("\n\n")[0], re.MULTILINE)
    assert told == [reason.value for reason in Drop]


async def test_the_page_has_every_metric(relay: RunningRelay) -> None:
    told = set(re.findall(r"`(relay_\w+)", PAGE))
    served = {
        line.partition("{")[0].partition(" ")[0].removesuffix("_created")
        for line in (await relay.page("/metrics")).splitlines()
        if not line.startswith("#")
    }
    served = {name for name in served if not name.endswith(("_bucket", "_count", "_sum"))} | {"relay_loop_lag_seconds"}
    assert served == told


async def test_the_page_says_which_calls_there_are(relay: RunningRelay) -> None:
    there = re.findall(r"\b[A-Z]\w+", PAGE.partition("…`): ")[2].partition(".")[0])
    grants = api.VideoGrants(room_admin=True, room="hall", room_create=True, room_list=True)
    headers = {"Authorization": f"Bearer {api.AccessToken(KEY, SECRET).with_grants(grants).to_jwt()}"}
    codes: dict[str, str] = {}
    async with aiohttp.ClientSession(relay.url, headers=headers) as session:
        for name in [*there, "SendData", "PerformRpc", "MakeTea"]:
            async with session.post(f"/twirp/livekit.RoomService/{name}", json={}) as answer:
                codes[name] = (await answer.json()).get("code", "answered")
    assert len(there) == 10
    assert (codes["SendData"], codes["PerformRpc"], codes["MakeTea"]) == ("unimplemented", "unimplemented", "bad_route")
    assert not {codes[name] for name in there} & {"unimplemented", "bad_route"}
