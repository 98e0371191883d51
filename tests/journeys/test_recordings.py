"""A session is recorded: the chair decides, who speaks has said that he knows, and the film is kept and sealed."""

import asyncio
import hashlib
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import pytest

from tests.relay.callers import Caller
from tests.relay.running import until
from tests.relay.test_calls import hears

from .house import House, Person, Refused, founded_house
from .sitting import Sitting, gathered, opened, refused
from .test_call import callers, has_media

PATIENCE_S = 60
SPOKEN_S = 3
WEBM = bytes.fromhex("1a45dfa3")


@pytest.fixture
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """One ministry; one kind of database is enough, this is about the relay."""
    folder = tmp_path_factory.mktemp("house")
    async with founded_house(folder, f"sqlite+aiosqlite:///{folder / 'ecabinet.sqlite'}") as house:
        await until(partial(has_media, house), PATIENCE_S)
        yield house


async def recorded(person: Person, one: str) -> None:
    """Wait until the relay says that it records."""
    async with asyncio.timeout(PATIENCE_S):
        while not (await person.call("GET", one))["is_recorded"]:
            await asyncio.sleep(0.1)


async def test_what_was_said_in_a_recorded_session_is_kept_and_sealed(house: House) -> None:
    async with AsyncExitStack() as stack:
        sitting = await gathered(house, stack, by_the_floor=False)
        await opened(sitting)
        chair, deputy, secretary = sitting.chair, sitting.deputies[0], sitting.secretary
        async with callers(sitting, chair, deputy) as (at_the_head, speaker):
            made = (await chair.call("POST", sitting.at("/recordings"), {"no_secrets": True}))["id"]
            one = sitting.at(f"/recordings/{made}")
            await deputy.until(lambda view: view["recordings"].get(made, {}).get("phase") == "running", PATIENCE_S)
            # Who has not said that he knows is in the call, and may send nothing.
            await until(lambda: not speaker.room.local_participant.permissions.can_publish, PATIENCE_S)
            await deputy.call("POST", f"{one}/acknowledge")
            await until(lambda: speaker.room.local_participant.permissions.can_publish, PATIENCE_S)
            await speaker.speak()
            await until(lambda: hears(at_the_head, deputy.id), PATIENCE_S)
            await recorded(secretary, one)
            await asyncio.sleep(SPOKEN_S)
            await chair.call("POST", f"{one}/stop")
        await secretary.until(lambda view: view["recordings"][made]["phase"] == "finished", PATIENCE_S)
        [part] = secretary.view["recordings"][made]["parts"]
        film = await secretary.read(f"{one}/parts/1/film")
        manifest = await secretary.read(f"{one}/parts/1/manifest")
        assert await refused(deputy.read(f"{one}/parts/1/film")) == (403, "not_allowed")
        assert deputy.view["recordings"][made]["parts"] is None
        record = (await secretary.call("GET", sitting.at("/record")))["entries"]
    assert (film[:4], len(film)) == (WEBM, part["size_bytes"])
    assert hashlib.sha256(film).hexdigest() == part["digest"]
    assert hashlib.sha256(manifest).hexdigest() == part["manifest_digest"]
    assert deputy.id in json.dumps(json.loads(manifest))
    told = {each["type"].partition(".")[2]: each for each in record if each["type"].startswith("recording.")}
    assert set(told) == {"started", "part_begun", "acknowledged", "stopped", "finished"}
    assert [told[each]["actor"] for each in ("started", "acknowledged", "stopped")] == [chair.id, deputy.id, chair.id]
    assert told["finished"]["payload"]["parts"][0]["kept"]["film"]["digest"] == part["digest"]


async def test_a_ticket_from_before_the_decision_brings_in_nobody_who_could_be_recorded(house: House) -> None:
    async with AsyncExitStack() as stack:
        sitting = await gathered(house, stack, by_the_floor=False)
        await opened(sitting)
        chair, deputy = sitting.chair, sitting.deputies[0]
        async with callers(sitting, chair) as (at_the_head,), asyncio.TaskGroup() as tasks:
            early, late = await ticket(sitting, deputy), Caller(tasks)
            assert "microphone" in early["sources"]
            made = (await chair.call("POST", sitting.at("/recordings"), {"no_secrets": True}))["id"]
            one = sitting.at(f"/recordings/{made}")
            await recorded(chair, one)
            # The relay is on its own: nobody corrects what the ticket says.
            await house.kill()
            try:
                await late.room.connect(early["url"], early["token"])
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(2):
                        await late.speak()
                assert not at_the_head.room.remote_participants[deputy.id].track_publications
                await house.start()
                await until(partial(acknowledged, deputy, one), PATIENCE_S)
                await until(lambda: late.room.local_participant.permissions.can_publish, PATIENCE_S)
            finally:
                await late.leave()


async def ticket(sitting: Sitting, person: Person) -> dict[str, Any]:
    """What the page joins the call with."""
    given: dict[str, Any] = await person.call("POST", sitting.at("/media/ticket"))
    return given


async def acknowledged(person: Person, one: str) -> bool:
    """Whether the word was taken; the application may be on its way back."""
    try:
        await person.call("POST", f"{one}/acknowledge")
    except (Refused, OSError):
        return False
    return True


@pytest.mark.slow
async def test_a_relay_that_dies_while_it_records_leaves_a_part_and_begins_another(house: House) -> None:
    async with AsyncExitStack() as stack:
        sitting = await gathered(house, stack, by_the_floor=False)
        await opened(sitting)
        chair = sitting.chair
        made = (await chair.call("POST", sitting.at("/recordings"), {"no_secrets": True}))["id"]
        one = sitting.at(f"/recordings/{made}")
        async with callers(sitting, chair) as (speaker,):
            await speaker.speak()
            await recorded(chair, one)
            await asyncio.sleep(SPOKEN_S)
            os.kill(int((house.folder / "relay.pid").read_text(encoding="ascii")), signal.SIGKILL)
        await until(partial(has_call, chair, sitting), PATIENCE_S)
        async with callers(sitting, chair) as (speaker,):
            await speaker.speak()
            await chair.until(lambda view: len(view["recordings"][made]["parts"]) == 2, PATIENCE_S)
            await asyncio.sleep(SPOKEN_S)
            # A break stops it as the chair would.
            await chair.call("POST", sitting.at("/pause"))
        await chair.until(lambda view: view["recordings"][made]["phase"] == "finished", PATIENCE_S)
        entry = chair.view["recordings"][made]
        assert entry["cause"] == "break"
        assert [part["fault"] for part in entry["parts"]] == [None, None]
        for part in entry["parts"]:
            assert (await chair.read(f"{one}/parts/{part['n']}/film"))[:4] == WEBM


async def has_call(person: Person, sitting: Sitting) -> bool:
    """Whether the relay is back."""
    try:
        await person.call("POST", sitting.at("/media/ticket"))
    except Refused:
        return False
    return True
