"""The LiveKit signalling WebSocket: /rtc/v1, where the client offers and the relay answers."""

import asyncio
import base64
import binascii
import logging
import time
import zlib
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from aiohttp import WSMsgType, web
from google.protobuf.message import DecodeError
from livekit.protocol.models import DisconnectReason
from livekit.protocol.rtc import (
    JoinRequest,
    LeaveRequest,
    RequestResponse,
    SignalRequest,
    SignalResponse,
    WrappedJoinRequest,
)

from relay.rooms.peer import Peer
from relay.rooms.profile import introduced
from relay.rooms.refusal import Refused
from relay.rooms.registry import Closing, Full, Registry, Revoked, TooOften
from relay.rooms.requests import carry_out
from relay.rooms.room import Room
from relay.tokens import BadToken, Claims, Keys, verify
from relay.wire import Malformed

_log: Final = logging.getLogger(__name__)
_OUTBOX_LENGTH: Final = 1_000
"""Messages a client may leave unread before it is cut off; it then resumes with a fresh view."""
_OUTBOX_BYTES: Final = 16 << 20
"""And what they may hold, if there is more than one."""
_SEND_S: Final = 10.0
_BAD_MESSAGES: Final = 3
_MESSAGES_PER_WINDOW: Final = 500
"""Adaptive stream in a large gallery sends some dozens a second while a page is resized."""
_FULL_MESSAGES_PER_WINDOW: Final = 8
"""So many of the largest size: a session description in a room of hundreds is not small."""
_WINDOW_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class SignalLimits:
    message_bytes: int
    silence_s: float
    """After that a connection is taken for lost."""


class _Budget:
    """What one client may send in a while."""

    def __init__(self, message_bytes: int) -> None:
        self._bytes_at_once = _FULL_MESSAGES_PER_WINDOW * message_bytes
        self._ends_at_s = 0.0
        self._messages = self._bytes = 0

    def covers(self, size_bytes: int) -> bool:
        """Whether one more message is in order."""
        now_s = time.monotonic()
        if now_s > self._ends_at_s:
            self._ends_at_s = now_s + _WINDOW_S
            self._messages = self._bytes = 0
        self._messages += 1
        self._bytes += size_bytes
        return self._messages <= _MESSAGES_PER_WINDOW and self._bytes <= self._bytes_at_once


class SocketOutbox:
    """The messages waiting for one WebSocket; see `rooms.ports.Outbox`."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._bytes = 0
        self._closed = False

    @property
    def is_closed(self) -> bool:
        """Whether nothing more is taken."""
        return self._closed

    def put(self, response: SignalResponse) -> None:
        if self._closed:
            return
        message = response.SerializeToString()
        if self._queue.qsize() >= _OUTBOX_LENGTH or (self._bytes and self._bytes + len(message) > _OUTBOX_BYTES):
            self.close()
            return
        self._bytes += len(message)
        self._queue.put_nowait(message)

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._queue.put_nowait(None)

    async def drain_into(self, socket: web.WebSocketResponse) -> None:
        """Send until closed, then close the socket; a client that does not read ends it too."""
        try:
            while (message := await self._queue.get()) is not None:
                self._bytes -= len(message)
                async with asyncio.timeout(_SEND_S):
                    await socket.send_bytes(message)
        except (TimeoutError, ConnectionError):
            self._closed = True
        await socket.close()


class Signalling:
    """The routes under /rtc; `registry` does the rest."""

    def __init__(self, registry: Registry, keys: Keys, limits: SignalLimits, allow_origin: str) -> None:
        self._registry = registry
        self._keys = keys
        self._limits = limits
        self._headers = {"Access-Control-Allow-Origin": allow_origin}

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/rtc/v1", self._connect),
            web.get("/rtc/v1/validate", self._validate),
            web.get("/", self._alive),
        ]

    async def _alive(self, request: web.Request) -> web.Response:
        """What clients probe to learn whether they are online."""
        return web.Response(text="OK", headers=self._headers)

    async def _validate(self, request: web.Request) -> web.Response:
        """Why a connection was refused, which a browser cannot read from a failed WebSocket."""
        refusal = self._admit(request)
        if isinstance(refusal, web.Response):
            return refusal
        return web.Response(text="success", headers=self._headers)

    def _admit(self, request: web.Request) -> Claims | web.Response:
        authorization = request.headers.get("Authorization", "")
        token = _asked(request, "access_token") or authorization.removeprefix("Bearer ")
        try:
            claims = verify(token, self._keys)
        except BadToken as error:
            _log.info("refused: %s", error)
            return self._refuse(401, "invalid token")
        if not (claims.room_join and claims.room and claims.identity) or len(claims.identity) > 256:
            return self._refuse(403, "the token does not allow to join")
        try:
            self._registry.check(claims)
        except Revoked:
            return self._refuse(401, "the token was revoked")
        except Closing:
            return self._refuse(503, "the relay stops")
        except Full:
            return self._refuse(503, "no more participants fit")
        return claims

    def _refuse(self, status: int, text: str) -> web.Response:
        return web.Response(status=status, text=text, headers=self._headers)

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        claims = self._admit(request)
        if isinstance(claims, web.Response):
            return claims
        try:
            join = parse_join_request(_asked(request, "join_request"), self._limits.message_bytes)
            claims = introduced(claims, join, self._registry.metadata_bytes)
            self._registry.count_coming(claims, resumes=join.reconnect)
        except Malformed as error:
            return self._refuse(400, str(error))
        except Refused as refused:
            return self._refuse(401 if refused.reason == RequestResponse.NOT_ALLOWED else 400, str(refused))
        except TooOften:
            return self._refuse(429, "come back later")  # clients try again, each time a little later
        socket = web.WebSocketResponse(max_msg_size=self._limits.message_bytes, timeout=2.0, compress=False)
        await socket.prepare(request)
        outbox = SocketOutbox()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(outbox.drain_into(socket))
            try:
                entered = self._enter(claims, join, outbox)
                del join  # it holds a session description, and this goes on for hours
                if entered is not None:
                    await self._listen(socket, *entered, outbox)
            finally:
                outbox.close()
        return socket

    def _enter(self, claims: Claims, join: JoinRequest, outbox: SocketOutbox) -> tuple[Room, Peer] | None:
        """Join or resume; None after a farewell that tells the client what to do instead."""
        if join.reconnect:
            entered = self._registry.resume(claims, join, outbox)
            if entered is None:
                outbox.put(_farewell(DisconnectReason.STATE_MISMATCH, LeaveRequest.RECONNECT))
            return entered
        try:
            room, peer = self._registry.join(claims, join, outbox)
        except Closing:
            outbox.put(_farewell(DisconnectReason.SERVER_SHUTDOWN, LeaveRequest.RECONNECT))
            return None
        except (Full, Revoked):
            outbox.put(_farewell(DisconnectReason.JOIN_FAILURE, LeaveRequest.DISCONNECT))
            return None
        if join.publisher_offer.sdp:
            self._apply(room, peer, SignalRequest(offer=join.publisher_offer))
        return room, peer

    async def _listen(self, socket: web.WebSocketResponse, room: Room, peer: Peer, outbox: SocketOutbox) -> None:
        """Serve one client until it leaves, falls silent, or misbehaves."""
        bad = 0
        budget = _Budget(self._limits.message_bytes)
        try:
            while not peer.closed and bad < _BAD_MESSAGES:
                async with asyncio.timeout(self._limits.silence_s):
                    message = await socket.receive()
                if message.type is not WSMsgType.BINARY or not budget.covers(len(message.data)):
                    return
                try:
                    request = SignalRequest.FromString(message.data)
                except DecodeError:
                    bad += 1
                    continue
                bad += not self._apply(room, peer, request)
        except TimeoutError:
            return
        finally:
            self._registry.signal_lost(peer, outbox)

    def _apply(self, room: Room, peer: Peer, request: SignalRequest) -> bool:
        """Carry out one request; False if it was not understood, which harms its sender alone."""
        try:
            carry_out(room, peer, request)
        except Malformed as error:
            _log.info("bad %s from %s: %s", request.WhichOneof("message"), peer.sid, error)
            if request.HasField("offer"):
                room.remove(peer, DisconnectReason.STATE_MISMATCH, LeaveRequest.RECONNECT)
            return False
        return True


def _asked(request: web.Request, name: str) -> str:
    """A value of the query, empty when there is none. `request.query` would be kept for as long as the connection."""
    fields = parse_qsl(request.rel_url.raw_query_string, keep_blank_values=True)
    return next((value for key, value in fields if key == name), "")


def parse_join_request(text: str, max_bytes: int) -> JoinRequest:
    """The `join_request` of the query: base64 of a wrapped, perhaps compressed message. Raises Malformed."""
    if len(text) > max_bytes:
        raise Malformed("join request too long")
    try:
        padded = text + "=" * (-len(text) % 4)
        wrapped = WrappedJoinRequest.FromString(base64.b64decode(padded.replace("-", "+").replace("_", "/")))
        raw = wrapped.join_request
        if wrapped.compression == WrappedJoinRequest.GZIP:
            inflate = zlib.decompressobj(wbits=31)
            raw = inflate.decompress(raw, max_bytes)
            if inflate.unconsumed_tail:
                raise Malformed("join request too long")
        return JoinRequest.FromString(raw)
    except (binascii.Error, ValueError, zlib.error, DecodeError) as error:
        raise Malformed("join request not understood") from error


def _farewell(reason: DisconnectReason, action: LeaveRequest.Action) -> SignalResponse:
    can_reconnect = action != LeaveRequest.DISCONNECT
    return SignalResponse(leave=LeaveRequest(can_reconnect=can_reconnect, reason=reason, action=action))
