"""The composition root: settings in, running relay out."""

import asyncio
import json
import logging
import secrets
import time
from collections.abc import Callable
from typing import Final

from aiohttp import web
from livekit.protocol.webhook import WebhookEvent

from relay import __version__, native
from relay.api import RoomService
from relay.egress import Egress, describe
from relay.metrics import LoadMeter, render
from relay.recording.recordings import Recordings
from relay.recording.state import State
from relay.rooms.permission import Permission
from relay.rooms.ports import Limits, Surroundings, World
from relay.rooms.registry import Capacity, Registry
from relay.settings import Settings
from relay.signal import SignalLimits, Signalling
from relay.tokens import Claims, renew
from relay.transport.front import FrontDoor
from relay.transport.sockets import Place
from relay.twirp import TwirpDoor
from relay.webhooks import Webhooks

_log: Final = logging.getLogger(__name__)
_TICK_S: Final = 0.05
_GOODBYE_S: Final = 0.5
"""Given to farewells before connections are cut."""
_MAX_REQUEST_LINE: Final = 65_536
"""A join request with its offer travels in the URL, some 25 kB without compression."""
_MAX_BODY: Final = 1 << 20


class NoPlace(Exception):
    """An address or port that the settings name cannot be had; the message is for the operator."""


class Relay:
    """Everything of one relay, wired."""

    def __init__(self, settings: Settings) -> None:
        """Raises NoPlace."""
        self._settings = settings
        self._front = _front_door(settings)
        self._webhooks = Webhooks(settings.webhook_url, *next(iter(settings.keys.items())))
        limits = Limits(settings.max_tracks, settings.max_sdp_bytes, settings.max_sections, settings.max_metadata_bytes)
        self.registry = Registry(
            Surroundings(self._front.open, _world(), limits, self._renew, simulations=settings.simulations),
            self._webhooks.tell,
            capacity=Capacity(settings.max_participants, settings.max_participants_per_room, settings.max_rooms),
            departure_s=settings.departure_s,
            ping_timeout_s=settings.ping_timeout_s,
        )
        self.registry.recorded_only_granted = settings.recorded_only_granted
        self._load = LoadMeter(time.process_time, lambda: self._front.traffic.sent)
        self._recordings = Recordings(
            settings.recordings,
            settings.recordings_reserve,
            self.registry,
            lambda: time.time_ns() // 1000,
            self._tell_recording,
        )
        self._called_at_s = time.monotonic()

    async def serve(self, stop: asyncio.Event, ready: Callable[[str], None]) -> None:
        """Run until `stop` is set or the lease ends; `ready` is told once, in JSON, where clients find us.

        Raises NoPlace.
        """
        runner = web.AppRunner(
            self._web(),
            access_log=None,
            max_line_size=_MAX_REQUEST_LINE,
            max_field_size=_MAX_REQUEST_LINE,
            shutdown_timeout=_GOODBYE_S,
        )
        await runner.setup()
        site = web.TCPSite(runner, self._settings.http_host, self._settings.http_port)
        try:
            await self._listen(site)
            await self._front.start()
            http_port = runner.addresses[0][1]
            ready(
                json.dumps(
                    {
                        "event": "ready",
                        "http": http_port,
                        "udp": self._front.port,
                        "addresses": list(self._front.addresses),
                        "native": native.FITS,
                    }
                )
            )
            async with asyncio.TaskGroup() as tasks:
                posting = tasks.create_task(self._webhooks.run())
                background = [tasks.create_task(doing) for doing in (self._tick(stop), self._recordings.run())]
                try:
                    await stop.wait()
                finally:
                    for task in background:
                        task.cancel()
                    await self._say_goodbye()
                    posting.cancel()
        finally:
            await runner.cleanup()
            self._front.close()

    async def _listen(self, site: web.TCPSite) -> None:
        try:
            await site.start()
        except OSError as error:
            where = f"{self._settings.http_host} port {self._settings.http_port}"
            raise NoPlace(f"signalling cannot be served on {where}: {error.strerror or error}") from error

    async def _say_goodbye(self) -> None:
        """Send clients elsewhere, take nobody in any more, and tell the application, if it listens."""
        await self._recordings.drain()
        self.registry.drain()
        try:
            async with asyncio.timeout(_GOODBYE_S):
                await self._webhooks.settled()
        except TimeoutError:
            _log.warning("%s events did not arrive", self._webhooks.waiting)

    async def _tick(self, stop: asyncio.Event) -> None:
        """The only clock of the relay. Late ticks are not made up for."""
        asked_at_s = time.monotonic()
        while True:
            await asyncio.sleep(_TICK_S)
            began_at_s = time.monotonic()
            self.registry.tick(_log_error)
            self._recordings.tick(_log_error)
            ended_at_s = time.monotonic()
            self._load.tick(ended_at_s, max(began_at_s - asked_at_s - _TICK_S, ended_at_s - began_at_s, 0.0))
            asked_at_s = ended_at_s
            lease_s = self._settings.lease_s
            if lease_s and time.monotonic() - self._called_at_s > lease_s:
                _log.warning("nobody called for %s s: stopping", lease_s)
                stop.set()

    def _web(self) -> web.Application:
        settings = self._settings
        app = web.Application(client_max_size=_MAX_BODY)
        limits = SignalLimits(settings.max_signal_bytes, settings.ping_timeout_s)
        signalling = Signalling(self.registry, settings.keys, limits, settings.allow_origin)
        app.add_routes(signalling.routes())
        services = {
            "livekit.RoomService": RoomService(self.registry).calls,
            "livekit.Egress": Egress(self._recordings, lambda: f"EG_{secrets.token_hex(6)}").calls,
        }
        for service, calls in services.items():
            door = TwirpDoor(service, calls, settings.keys, self._note_call)
            app.add_routes(door.routes())
        app.add_routes([web.get("/healthz", self._health), web.get("/metrics", self._metrics)])
        return app

    def _renew(self, claims: Claims, permission: Permission) -> str:
        return renew(claims, permission, self._settings.keys, int(time.time()))

    def _tell_recording(self, name: str, state: State) -> None:
        self._webhooks.post(WebhookEvent(event=name, egress_info=describe(state, self._recordings.root)))

    def _note_call(self) -> None:
        self._called_at_s = time.monotonic()

    async def _health(self, request: web.Request) -> web.Response:
        """How much there is and how busy it makes us: by this an application chooses the relay for a room."""
        peers = list(self.registry.peers())
        return web.json_response(
            {
                "version": __version__,
                "rooms": len(self.registry.rooms),
                "participants": len(peers),
                "tracks": sum(len(peer.publications) for peer in peers),
                "load": self._load.describe(),
                "capacity": {
                    "rooms": self._settings.max_rooms,
                    "participants": self._settings.max_participants,
                    "participants_per_room": self._settings.max_participants_per_room,
                },
            }
        )

    async def _metrics(self, request: web.Request) -> web.Response:
        return web.Response(
            text=render(self.registry, self._front, self._load, self._webhooks), content_type="text/plain"
        )


def _front_door(settings: Settings) -> FrontDoor:
    """Raises NoPlace."""
    try:
        return FrontDoor(
            Place(settings.media_hosts, settings.media_port, settings.addresses, frozenset(settings.ice_transports)),
            settings.handshakes_per_s,
            takes_messages=settings.data_sink,
        )
    except OSError as error:
        where = f"{', '.join(settings.media_hosts) or 'this machine'} port {settings.media_port}"
        raise NoPlace(f"media cannot go through {where}: {error.strerror}") from error


def _world() -> World:
    return World(
        now_s=time.monotonic,
        wall_us=lambda: time.time_ns() // 1000,
        new_sid=lambda prefix: f"{prefix}_{secrets.token_hex(6)}",
        random_bits=secrets.randbits,
    )


def _log_error(error: Exception) -> None:
    _log.error("a participant's tick failed", exc_info=error)
