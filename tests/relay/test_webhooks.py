"""Events for an application that fails, hangs, goes away and comes back."""

import asyncio
import hashlib
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import jwt
import pytest
from aiohttp import web
from google.protobuf.json_format import Parse
from livekit import api
from livekit.protocol.models import Room as RoomInfo
from livekit.protocol.webhook import WebhookEvent

from relay.webhooks import Patience, Webhooks
from tests.relay.running import KEY, SECRET

DEFAULT = Patience()


class Receiver:
    """An application that takes events, or does what `answer` says; it can be closed and opened again."""

    def __init__(self) -> None:
        self.events: list[WebhookEvent] = []
        self.attempts: list[WebhookEvent] = []
        self.statuses: list[int] = []
        """Answers to the next attempts; after them all is well."""
        self.hangs = 0
        """So many attempts are never answered."""
        self.port = 0
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/events"

    async def open(self) -> None:
        app = web.Application()
        app.add_routes([web.post("/events", self._receive), web.get("/events", self._receive)])
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _receive(self, request: web.Request) -> web.Response:
        body = await request.text()
        claims = jwt.decode(request.headers["Authorization"], SECRET, algorithms=["HS256"], issuer=KEY)
        assert b64decode(claims["sha256"]) == hashlib.sha256(body.encode()).digest()
        event = api.WebhookReceiver(api.TokenVerifier(KEY, SECRET)).receive(body, request.headers["Authorization"])
        self.attempts.append(Parse(body, WebhookEvent()))
        if self.hangs:
            self.hangs -= 1
            await asyncio.Event().wait()
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 200:
            self.events.append(event)
        return web.Response(status=status, headers={"Location": self.url})

    def told(self) -> list[str]:
        return [event.room.name for event in self.events]


@asynccontextmanager
async def posting(url: str, patience: Patience = DEFAULT) -> AsyncIterator[Webhooks]:
    webhooks = Webhooks(url, KEY, SECRET, patience)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(webhooks.run())
        yield webhooks
        running.cancel()


def tell(webhooks: Webhooks, *rooms: object) -> None:
    for room in rooms:
        webhooks.tell("room_started", RoomInfo(name=str(room)), None, None)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    await receiver.open()
    yield receiver
    await receiver.close()


async def test_events_arrive_in_order_each_with_its_own_id_and_time(receiver: Receiver) -> None:
    async with posting(receiver.url) as webhooks:
        tell(webhooks, *range(50))
        await webhooks.settled()
    assert receiver.told() == [str(number) for number in range(50)]
    assert len({event.id for event in receiver.events}) == 50
    assert all(event.created_at for event in receiver.events)


@pytest.mark.parametrize("status", [500, 503, 429])
async def test_an_event_that_is_not_taken_is_tried_again_before_the_next(receiver: Receiver, status: int) -> None:
    receiver.statuses = [status, status]
    async with posting(receiver.url) as webhooks:
        tell(webhooks, "first", "second")
        await webhooks.settled()
    assert [event.room.name for event in receiver.attempts] == ["first", "first", "first", "second"]
    assert len({event.id for event in receiver.attempts[:3]}) == 1
    assert receiver.told() == ["first", "second"]


@pytest.mark.parametrize("status", [400, 401, 404, 302])
async def test_an_event_that_is_refused_is_given_up_and_the_next_one_says_so(
    receiver: Receiver, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.statuses = [status, status]
    async with posting(receiver.url) as webhooks:
        tell(webhooks, "first", "second", "third", "fourth")
        await webhooks.settled()
        assert webhooks.dropped == 2
    assert receiver.told() == ["third", "fourth"]
    assert [event.num_dropped for event in receiver.events] == [2, 0]
    assert [record.levelname for record in caplog.records if record.name == "relay.webhooks"] == ["WARNING", "WARNING"]


async def test_an_event_that_its_receiver_chokes_on_does_not_hold_up_the_others_for_ever(receiver: Receiver) -> None:
    receiver.statuses = [500] * 3
    async with posting(receiver.url, Patience(attempts=3)) as webhooks:
        tell(webhooks, "poison", "second")
        await webhooks.settled()
    assert receiver.told() == ["second"]


async def test_a_receiver_that_hangs_is_asked_again(receiver: Receiver) -> None:
    receiver.hangs = 1
    async with posting(receiver.url, Patience(deadline_s=0.3)) as webhooks:
        tell(webhooks, "first", "second")
        await webhooks.settled()
    assert receiver.told() == ["first", "second"]
    assert len(receiver.attempts) == 3


async def test_what_happened_while_the_application_was_away_is_told_when_it_is_back(receiver: Receiver) -> None:
    await receiver.close()
    async with posting(receiver.url) as webhooks:
        tell(webhooks, *range(20))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await webhooks.settled()
        assert webhooks.waiting == 20
        await receiver.open()
        await webhooks.settled()
    assert receiver.told() == [str(number) for number in range(20)]


async def test_of_too_many_the_newest_are_kept(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    await receiver.close()
    async with posting(receiver.url, Patience(max_waiting=10)) as webhooks:
        tell(webhooks, *range(50))
        await asyncio.sleep(0)
        assert (webhooks.waiting, webhooks.dropped) == (10, 40)
        assert len([record for record in caplog.records if "dropped" in record.message]) == 1
        await receiver.open()
        await webhooks.settled()
    assert receiver.told() == [str(number) for number in range(40, 50)]
    assert [event.num_dropped for event in receiver.events] == [40] + [0] * 9


async def test_nobody_is_told_where_nobody_wants_to_know() -> None:
    async with posting("") as webhooks:
        tell(webhooks, "room")
        await webhooks.settled()
        assert webhooks.waiting == 0
