"""Pushes: a person enters a meeting and is told what happens in it, in order and without gaps.

Clients may say two things, ``enter`` and ``leave``. Anything else is refused and, the third time, ends the connection.
Who someone is was settled at the upgrade by the cookie, and is looked up here by the connection, never in a message.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import socketio
import structlog
from aiohttp import web
from socketio.exceptions import SocketIOError

from ecabinet.kernel.access import Action, decide
from ecabinet.kernel.errors import Invalid, NotAllowed, NotSignedIn, Refusal, TooMany
from ecabinet.kernel.ids import MeetingId

from .figures import SOCKETS
from .parsing import strict_json
from .rooms import Rooms, Viewer
from .routes import SignedIn
from .web import Door, Undeclared

log = structlog.get_logger()

_STRIKES = 3
_BURST, _PER_S = 40, 20
"""Messages a connection may send at once, and per second after that."""
_QUEUE_LIMIT = 1000
"""Packets that may wait for one slow reader; beyond it the connection is cut and the client enters again."""
_LIMIT_BYTES = 65536
_SWEEP_S = 30
_VIEWER = web.RequestKey("viewer", tuple[str, SignedIn])


class UnknownEvent(Invalid):
    """Clients may say only ``enter`` and ``leave``."""

    code = "unknown_event"


class _Json:
    """JSON for the socket: duplicate keys and deep nesting are refused, as over HTTP."""

    @staticmethod
    def dumps(value: Any, **_: Any) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    @staticmethod
    def loads(text: str, **_: Any) -> Any:
        return strict_json(text)


class GuardedServer(socketio.AsyncServer):  # type: ignore[misc]
    """python-socketio with one way in: every packet of a client passes `said`, which alone decides."""

    said: Callable[[str, Any], Awaitable[Any]]
    struck: Callable[[str], Awaitable[None]]

    async def _handle_event(self, eio_sid: str, namespace: str | None, id: int | None, data: list[Any]) -> None:
        sid = self.manager.sid_from_eio_sid(eio_sid, namespace or "/")
        if not self.manager.is_connected(sid, namespace or "/"):
            return
        answer = await self.said(sid, data)
        if id is not None:
            packet = self.packet_class(3, namespace=namespace, id=id, data=[answer])
            await self._send_packet(eio_sid, packet)

    async def _handle_eio_message(self, eio_sid: str, data: Any) -> None:
        # No binary packets, and whatever the parser trips over costs its sender alone.
        try:
            if not isinstance(data, str) or len(data) > _LIMIT_BYTES or data[:1] not in {"0", "1", "2", "3"}:
                raise ValueError("not a text packet that clients send")
            await super()._handle_eio_message(eio_sid, data)
        except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError, Invalid, SocketIOError):
            await self.struck(self.manager.sid_from_eio_sid(eio_sid, "/") or "")


@dataclass(frozen=True, slots=True)
class Word:
    """Something a client may say, with the act it needs in the meeting it names."""

    name: str
    needs: Action
    fields: frozenset[str]


WORDS = (
    Word("enter", Action.ENTER_MEETING, frozenset({"meeting", "since"})),
    # Whoever has lost every part in a meeting may still give the seat back.
    Word("leave", Action.BE_SIGNED_IN, frozenset({"meeting"})),
)


def require_declared(words: Sequence[Word]) -> None:
    """Raises Undeclared for a word without a declared act: the start stops, as for a route."""
    for word in words:
        if not isinstance(word.needs, Action):
            raise Undeclared(f"socket {word.name}")


def _understood(message: Any, words: Mapping[str, Word]) -> tuple[Word, MeetingId, int | None]:
    """What a client says: a word it may use, a meeting, and where it left off. Raises UnknownEvent."""
    match message:
        case [str(name), {"meeting": str(meeting), **rest}] if name in words and set(rest) < words[name].fields:
            since = rest.get("since")
            if since is None or type(since) is int:
                return words[name], MeetingId(meeting), since
    raise UnknownEvent()


class Sockets:
    """The socket.io door. `run` owns every task in it."""

    def __init__(self, door: Door, rooms: Rooms, words: Sequence[Word] = WORDS) -> None:
        require_declared(words)
        self._words = {word.name: word for word in words}
        self._door = door
        self._rooms = rooms
        self._viewers: dict[str, Viewer] = {}
        self._server = GuardedServer(
            async_mode="aiohttp",
            transports=["websocket"],
            cors_allowed_origins=[door.origins.page],
            max_http_buffer_size=_LIMIT_BYTES,
            async_handlers=False,
            ping_interval=10,
            ping_timeout=10,
            json=_Json,
            logger=False,
            engineio_logger=False,
        )
        self._server.said = self._said
        self._server.struck = self._strike
        self._server.on("connect", self._connected)
        self._server.on("disconnect", self._disconnected)

    def attach(self, app: web.Application) -> None:
        """Answer at /socket.io/."""
        app.router.add_get("/socket.io/", self._upgrade)

    async def run(self) -> None:
        """Keep sessions alive while their sockets are, and end the sockets of sessions that have ended."""
        while True:
            await asyncio.sleep(_SWEEP_S)
            for viewer in list(self._viewers.values()):
                if await self._door.who_is(viewer.secret) is None:
                    await self._cut(viewer.sid)

    async def stop(self) -> None:
        """Tell every client to come back later."""
        for sid in list(self._viewers):
            await self._cut(sid)
        await self._server.shutdown()

    async def _upgrade(self, request: web.Request) -> web.StreamResponse:
        """Nothing is allocated for anyone who is not signed in or who comes from another page."""
        secret = request.cookies.get(self._door.origins.cookie_name, "")
        signed_in = await self._door.who_is(secret) if secret else None
        if signed_in is None:
            raise NotSignedIn()
        if request.headers.get("Origin") != self._door.origins.page or request.query.get("transport") != "websocket":
            raise NotAllowed(action="socket")
        request[_VIEWER] = (secret, signed_in)
        try:
            response: web.StreamResponse = await self._server.handle_request(request)
        except ValueError:
            # Not even an Engine.IO packet: the connection has ended, and that is all.
            return web.Response(status=400)
        return response

    async def _connected(self, sid: str, environ: dict[str, Any], _auth: Any = None) -> None:
        secret, signed_in = environ["aiohttp.request"][_VIEWER]
        self._viewers[sid] = Viewer(sid, secret, signed_in, allowance=_BURST, said_at=asyncio.get_running_loop().time())
        SOCKETS.inc()

    async def _disconnected(self, sid: str, _reason: Any = None) -> None:
        viewer = self._viewers.pop(sid, None)
        if viewer is None:
            return
        SOCKETS.dec()
        await self._rooms.end(viewer)

    async def _said(self, sid: str, message: Any) -> Any:
        """Answer a client's message; the acknowledgement is the answer or ``{"error": …}``."""
        viewer = self._viewers.get(sid)
        if viewer is None:
            return {"error": {"code": NotSignedIn.code, "detail": {}}}
        try:
            self._pace(viewer)
            return await self._answer(viewer, message)
        except Refusal as refusal:
            if isinstance(refusal, Invalid | TooMany):
                await self._strike(sid)
            await self._rooms.refused(viewer.signed_in, message, refusal)
            return {"error": {"code": refusal.code, "detail": refusal.detail}}
        except Exception:
            # The last fence of the socket: logged once, told to nobody, and only this message is lost.
            log.exception("socket message failed")
            return {"error": {"code": "internal", "detail": {}}}

    async def _answer(self, viewer: Viewer, message: Any) -> Any:
        word, meeting, since = _understood(message, self._words)
        if await self._door.who_is(viewer.secret) is None:
            raise NotSignedIn()
        standing = await self._door.standing_of(viewer.signed_in, meeting, None)
        decide(standing, word.needs)
        if word.name == "leave":
            await self._rooms.leave(viewer, meeting)
            return {}
        return await self._rooms.enter(viewer, standing, since, self._send)

    async def _send(self, viewer: Viewer, name: str, value: Any) -> None:
        if await self._door.who_is(viewer.secret) is None:
            await self._cut(viewer.sid)
            return
        eio_sid = self._server.manager.eio_sid_from_sid(viewer.sid, "/")
        socket = self._server.eio.sockets.get(eio_sid)
        if socket is not None and socket.queue.qsize() > _QUEUE_LIMIT:
            await self._cut(viewer.sid)
            return
        await self._server.emit(name, value, to=viewer.sid)

    def _pace(self, viewer: Viewer) -> None:
        now = asyncio.get_running_loop().time()
        viewer.allowance = min(_BURST, viewer.allowance + (now - viewer.said_at) * _PER_S)
        viewer.said_at = now
        if viewer.allowance < 1:
            raise TooMany(retry_after_s=1)
        viewer.allowance -= 1

    async def _strike(self, sid: str) -> None:
        viewer = self._viewers.get(sid)
        if viewer is None:
            return
        viewer.strikes += 1
        if viewer.strikes >= _STRIKES:
            await self._cut(sid)

    async def _cut(self, sid: str) -> None:
        """Close the connection from our side. Engine.IO's own way asks the client to do it."""
        socket = self._server.eio.sockets.get(self._server.manager.eio_sid_from_sid(sid, "/"))
        if socket is not None:
            await socket.close(wait=False)
            await socket.queue.put(None)
