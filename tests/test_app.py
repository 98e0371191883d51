"""What keeps an application from opening its doors, and what it does by itself when they are open."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from ecabinet import migrations
from ecabinet.adapters.keys import FileSigner, KeyUnusable
from ecabinet.app import Application, running
from ecabinet.edge.parsing import NotJson
from ecabinet.edge.routes import SignedIn
from ecabinet.edge.sio import UnknownEvent
from ecabinet.edge.web import Attempt
from ecabinet.house import House
from ecabinet.identity.model import SessionEnded
from ecabinet.kernel.errors import NotFound, Refusal
from ecabinet.kernel.ids import MeetingId, PersonId, SessionId
from ecabinet.ledger.model import RecordBroken
from ecabinet.ledger.sql import SqlRecords
from ecabinet.settings import Settings
from tests.fakes.kernel import NOON


def house(folder: Path) -> House:
    """A house whose media server is somewhere else, and does not answer."""
    return House(Settings(data=folder, livekit_url="http://127.0.0.1:9", livekit_key="key", livekit_secret="secret"))


async def test_a_key_that_others_may_read_stops_the_start(tmp_path: Path) -> None:
    FileSigner.open(tmp_path / "ledger.key", "here")
    (tmp_path / "ledger.key").chmod(0o644)
    with pytest.raises(KeyUnusable):
        async with running(house(tmp_path)):
            raise AssertionError("the doors were opened")


async def test_a_record_that_another_key_has_signed_stops_the_start(tmp_path: Path) -> None:
    here = house(tmp_path)
    await migrations.migrate(here.database)
    await here.uow.run(lambda act: act.record(SessionEnded(at=NOON, session=SessionId("s"))))
    await here.uow.run(lambda act: here.ledger(act).checkpoint())
    await here.require_sound()
    await here.database.close()
    (tmp_path / "ledger.key").unlink()
    with pytest.raises(RecordBroken):
        async with running(house(tmp_path)):
            raise AssertionError("the doors were opened")


@pytest.mark.parametrize(("refusal", "kept"), [(UnknownEvent(), ["unknown_event"]), (NotJson(), [])])
async def test_an_event_that_no_page_of_ours_sends_is_recorded_and_a_slip_is_not(
    tmp_path: Path, refusal: Refusal, kept: list[str]
) -> None:
    here = house(tmp_path)
    await migrations.migrate(here.database)
    forger = SignedIn(PersonId("forger"), SessionId("s"), is_admin=False)
    async with asyncio.TaskGroup() as tasks:
        await Application(here, tasks).on_refusal(Attempt(forger, "meeting.enter", "socket:cast", None, refusal))
    async with here.uow.reading() as act:
        records = SqlRecords(act.connection)
        size = (await records.head()).size
        recorded = [entry async for entry in records.entries(0, size)]
    assert [each.disclosure.payload["code"] for each in recorded if each.disclosure] == kept
    await here.database.close()


@dataclass
class Followers:
    """The call and the recorder, and who was told first."""

    told: list[str] = field(default_factory=list)

    async def reconcile(self, meeting: MeetingId) -> bool:
        self.told.append(f"the call of {meeting}")
        return True

    async def agree(self, meeting: MeetingId) -> bool:
        self.told.append(f"the recorder of {meeting}")
        return True


async def test_who_did_not_know_of_a_recording_is_given_the_word_when_nothing_is_recorded_any_more(
    tmp_path: Path,
) -> None:
    here, followers = house(tmp_path), Followers()
    await migrations.migrate(here.database)
    here.media_jobs = here.recording_jobs = cast(Any, followers)
    async with asyncio.TaskGroup() as tasks:
        with pytest.raises(NotFound):
            await Application(here, tasks).follow(MeetingId("m"))
    assert followers.told == ["the recorder of m", "the call of m"]
    await here.database.close()
