"""HTTP: each request gets an id, a session, a decision, a handler, and an answer. In this file and nowhere else."""

import secrets
import time
from base64 import b64encode
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from aiohttp import web
from aiohttp.helpers import content_disposition_header

from ecabinet.kernel.access import NOBODY, Action, Role, Standing, decide
from ecabinet.kernel.errors import (
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Refusal,
    TooLarge,
    TooMany,
    Unavailable,
)
from ecabinet.kernel.ids import BodyId, MeetingId

from .figures import REQUESTS
from .headers import Origins, require_same_origin, security_headers
from .parsing import LIMIT_BYTES, parse
from .ranges import send_ranged
from .routes import Call, Cookie, FileReply, Nothing, RangedReply, Reply, Route, SignedIn, TextReply

log = structlog.get_logger()

STATUSES: tuple[tuple[type[Refusal], int], ...] = (
    (NotSignedIn, 401),
    (NotAllowed, 403),
    (NotFound, 404),
    (TooLarge, 413),
    (Invalid, 400),
    (Conflict, 409),
    (TooMany, 429),
    (Unavailable, 503),
    # What is nobody's request to mend: a record that does not hold.
    (Refusal, 500),
)
"""The only place where a refusal becomes a status. The first match counts."""

REQUEST_ID = web.RequestKey("request_id", str)
"""Given to every request, logged with it, and told in refusals, so that a person can say which one went wrong."""

WhoIs = Callable[[str], Awaitable[SignedIn | None]]
"""From the cookie's value to the person, or None when the session has ended."""
StandingOf = Callable[[SignedIn, MeetingId | None, BodyId | None], Awaitable[Standing]]
"""What a person is in the scope of the path."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody who is signed in tried and was refused."""

    signed_in: SignedIn
    needs: str
    """The act the way in asks for."""
    path: str
    """The route's template, or the socket's event."""
    meeting: str | None
    """The meeting that was named; it need not exist."""
    refusal: Refusal


OnRefusal = Callable[[Attempt], Awaitable[None]]
"""Keeps attempts that are worth keeping."""


@dataclass(frozen=True, slots=True)
class Door:
    """What the HTTP edge needs of the rest."""

    origins: Origins
    who_is: WhoIs
    standing_of: StandingOf
    on_refusal: OnRefusal
    session_absolute_s: int
    """How long the cookie may live in the browser; the server's own limits are stricter."""

    async def signed_in(self, request: web.Request) -> SignedIn | None:
        """The person of the request's cookie. Identity comes from here and from nowhere else."""
        value = request.cookies.get(self.origins.cookie_name)
        return await self.who_is(value) if value else None


def application(door: Door, routes: Sequence[Route]) -> web.Application:
    """An aiohttp application with these routes. Raises Undeclared when one has no act."""
    app = web.Application(client_max_size=LIMIT_BYTES, middlewares=[_outermost])
    app.on_response_prepare.append(_signal(security_headers(door.origins)))
    for route in routes:
        require_declared(route)
        app.router.add_route(route.method, route.path, _handler(door, route))
    return app


class Undeclared(Exception):
    """A route or socket event without a declared act. Start-up stops here."""


def require_declared(route: Route) -> None:
    """Raises Undeclared when the act is missing or asks a grant of a scope that the path does not name."""
    if not isinstance(route.needs, Action):
        raise Undeclared(f"{route.method} {route.path}")
    scopeless = {Action.PUBLIC, Action.BE_SIGNED_IN, Action.READ_METRICS}
    if route.needs not in scopeless and "{m}" not in route.path and "{b}" not in route.path:
        raise Undeclared(f"{route.method} {route.path} names no meeting and no body")


def _handler(door: Door, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        if any("\0" in each for each in request.match_info.values()):
            # PostgreSQL would stumble over it; no id of ours has one.
            raise NotFound()
        signed_in = await door.signed_in(request)
        try:
            return await answer(request, signed_in)
        except Refusal as refusal:
            if signed_in is not None:
                meeting = request.match_info.get("m")
                await door.on_refusal(Attempt(signed_in, route.needs.value, route.path, meeting, refusal))
            raise

    async def answer(request: web.Request, signed_in: SignedIn | None) -> web.StreamResponse:
        standing = await _standing(door, route, request, signed_in)
        decide(standing, route.needs)
        if route.needs is not Action.PUBLIC or not route.raw:
            require_same_origin(request.method, request.headers, door.origins)
        body = Nothing() if route.raw else parse(await _read(request), route.takes)
        reply = await route.handle(Call(request, standing, signed_in, body))
        if isinstance(reply, FileReply):
            return await _send_file(request, reply)
        if isinstance(reply, RangedReply):
            return await send_ranged(request, reply)
        if isinstance(reply, TextReply):
            return web.Response(body=reply.text, headers={"Content-Type": reply.content_type})
        return _json(door, route, reply)

    return handle


async def _standing(door: Door, route: Route, request: web.Request, signed_in: SignedIn | None) -> Standing:
    if signed_in is None:
        if route.needs is Action.PUBLIC:
            return NOBODY
        if route.needs is Action.READ_METRICS and _is_local(request):
            return Standing(person=None, roles=frozenset({Role.ADMIN}))
        raise NotSignedIn()
    meeting, body = request.match_info.get("m"), request.match_info.get("b")
    return await door.standing_of(signed_in, MeetingId(meeting) if meeting else None, BodyId(body) if body else None)


def _is_local(request: web.Request) -> bool:
    # A reverse proxy is local too; it says for whom it asks.
    return request.remote in {"127.0.0.1", "::1"} and "X-Forwarded-For" not in request.headers


async def _read(request: web.Request) -> bytes:
    if request.method in {"GET", "HEAD", "DELETE"} and not request.can_read_body:
        return b""
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise Invalid(fields={"Content-Encoding": "not_accepted"})
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise TooLarge(limit_bytes=LIMIT_BYTES) from error


def _json(door: Door, route: Route, reply: Reply) -> web.Response:
    if reply.value is None:
        response = web.Response(status=204 if reply.status == 200 and route.status == 200 else reply.status)
    else:
        status = reply.status if reply.status != 200 else route.status
        response = web.json_response(reply.value, status=status)
    response.headers.update(reply.headers)
    response.headers.setdefault("Cache-Control", "no-store")
    if reply.cookie is not None:
        _set_cookie(door, response, reply.cookie)
    return response


def _set_cookie(door: Door, response: web.Response, cookie: Cookie) -> None:
    name, secure = door.origins.cookie_name, door.origins.is_secure
    if cookie.value is None:
        response.del_cookie(name, path="/", secure=secure, httponly=True, samesite="Strict")
        return
    response.set_cookie(
        name,
        cookie.value,
        max_age=door.session_absolute_s,
        path="/",
        secure=secure,
        httponly=True,
        samesite="Strict",
    )


async def _send_file(request: web.Request, reply: FileReply) -> web.StreamResponse:
    # The first piece comes before the status: a file that is not there can still be refused.
    piece = await anext(reply.chunks, b"")
    response = web.StreamResponse(
        headers={
            "Content-Type": reply.content_type,
            "Content-Length": str(reply.size_bytes),
            # A paper is never a page of ours: the browser saves it, or our own reader draws it.
            "Content-Disposition": content_disposition_header("attachment", filename=reply.filename),
            "Content-Digest": f"sha-256=:{b64encode(bytes.fromhex(reply.digest)).decode()}:",
            "Cache-Control": "no-store",
        }
    )
    await response.prepare(request)
    try:
        while piece:
            await response.write(piece)
            piece = await anext(reply.chunks, b"")
        await response.write_eof()
    except ConnectionError:
        # The reader has gone; so has everything to be said.
        response.force_close()
    except Exception:
        # Half of it is on its way: an answer now would be read as the other half. The connection ends instead.
        log.exception("file broke off", path=request.path)
        response.force_close()
    return response


def _signal(headers: dict[str, str]) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
        response.headers["X-Request-Id"] = request.get(REQUEST_ID, "")
        for name, value in headers.items():
            response.headers.setdefault(name, value)

    return add_headers


@web.middleware
async def _outermost(request: web.Request, handler: Any) -> web.StreamResponse:
    request[REQUEST_ID] = secrets.token_hex(8)
    structlog.contextvars.bind_contextvars(request=request[REQUEST_ID])
    began = time.perf_counter()
    response = await _answer(request, handler)
    _count(request, response, time.perf_counter() - began)
    structlog.contextvars.unbind_contextvars("request")
    return response


async def _answer(request: web.Request, handler: Any) -> web.StreamResponse:
    try:
        response: web.StreamResponse = await handler(request)
    except Refusal as refusal:
        return refusal_response(request, refusal)
    except web.HTTPException as error:
        return _foreign(request, error)
    except Exception:
        # The last fence: whatever it was, it is logged once with its traceback and shown to nobody.
        log.exception("request failed", path=request.path, method=request.method)
        return _error(request, 500, "internal", {})
    return response


def refusal_response(request: web.Request, refusal: Refusal) -> web.Response:
    """The answer for a refusal."""
    status = next(status for kind, status in STATUSES if isinstance(refusal, kind))
    if status == 500:
        log.error("refused for a fault of ours", path=request.path, code=refusal.code, detail=refusal.detail)
    response = _error(request, status, refusal.code, refusal.detail)
    if retry := refusal.detail.get("retry_after_s"):
        response.headers["Retry-After"] = str(retry)
    return response


def _foreign(request: web.Request, error: web.HTTPException) -> web.Response:
    codes = {404: "not_found", 405: "no_such_method", 413: "too_large", 400: "invalid"}
    response = _error(request, error.status, codes.get(error.status, "refused"), {})
    if "Allow" in error.headers:
        response.headers["Allow"] = error.headers["Allow"]
    return response


def _error(request: web.Request, status: int, code: str, detail: dict[str, Any]) -> web.Response:
    value = {"error": {"code": code, "detail": detail, "request": request.get(REQUEST_ID)}}
    return web.json_response(value, status=status, headers={"Cache-Control": "no-store"})


def _count(request: web.Request, response: web.StreamResponse, took_s: float) -> None:
    resource = request.match_info.route.resource
    path = resource.canonical if resource else "unmatched"
    REQUESTS.labels(method=request.method, path=path, status=str(response.status)).observe(took_s)
    if path != "unmatched" and path.startswith("/api"):
        log.info("request", method=request.method, path=path, status=response.status, took_ms=round(took_s * 1000))
