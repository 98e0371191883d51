"""Calls of the application, as Twirp has them: POST /twirp/<service>/<method> with a protobuf or JSON body."""

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from aiohttp import web
from google.protobuf.json_format import MessageToJson, Parse, ParseError
from google.protobuf.message import DecodeError, Message

from relay.tokens import BadToken, Claims, Keys, verify

_log: Final = logging.getLogger(__name__)
_PROTOBUF: Final = "application/protobuf"
_JSON: Final = "application/json"
_STATUS: Final = {
    "unauthenticated": 401,
    "permission_denied": 403,
    "not_found": 404,
    "bad_route": 404,
    "malformed": 400,
    "invalid_argument": 400,
    "already_exists": 409,
    "failed_precondition": 412,
    "resource_exhausted": 429,
    "internal": 500,
    "unimplemented": 501,
    "unavailable": 503,
}

Call = Callable[[Any, Claims], Message | Awaitable[Message]]
Calls = Mapping[str, tuple[type[Message], Call]]
"""Method -> what it takes, and what answers it."""


class TwirpError(Exception):
    """An answer to the caller; `code` is one of Twirp's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def require(allowed: bool) -> None:
    """Raises TwirpError unless the token grants the call."""
    if not allowed:
        raise TwirpError("permission_denied", "the token does not allow this call")


class TwirpDoor:
    """One service's calls, for who has a token that is signed with one of the keys."""

    def __init__(self, service: str, calls: Calls, keys: Keys, called: Callable[[], None]) -> None:
        """`called` is told of every authenticated call."""
        self._service = service
        self._calls = calls
        self._keys = keys
        self._called = called

    def routes(self) -> list[web.RouteDef]:
        return [web.route("*", f"/twirp/{self._service}/{{method}}", self._serve)]

    async def _serve(self, request: web.Request) -> web.Response:
        try:
            return await self._call(request)
        except TwirpError as error:
            return _refusal(error)
        except Exception:  # a bug of ours: the caller is told in its own words, the log the rest
            _log.exception("%s/%s failed", self._service, request.match_info["method"])
            return _refusal(TwirpError("internal", "internal"))

    async def _call(self, request: web.Request) -> web.Response:
        if request.method != "POST":
            raise TwirpError("bad_route", "calls are made with POST")
        if request.headers.get("Content-Encoding"):
            raise TwirpError("malformed", "compressed bodies are not accepted")
        claims = self._authenticate(request)
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge as error:
            raise TwirpError("resource_exhausted", "the body is too large") from error
        return await self._answer(request, claims, body)

    def _authenticate(self, request: web.Request) -> Claims:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            claims = verify(token, self._keys)
        except BadToken as error:
            _log.info("call refused: %s", error)
            raise TwirpError("unauthenticated", "invalid token") from error
        if claims.room_admin or claims.room_create or claims.room_list or claims.room_record:
            self._called()  # a participant's token is no sign of life of the application
        return claims

    async def _answer(self, request: web.Request, claims: Claims, body: bytes) -> web.Response:
        if request.match_info["method"] not in self._calls:
            raise TwirpError("bad_route", "no such call")
        kind, call = self._calls[request.match_info["method"]]
        if request.content_type not in (_PROTOBUF, _JSON):
            raise TwirpError("bad_route", f"neither {_PROTOBUF} nor {_JSON}")
        is_protobuf = request.content_type == _PROTOBUF
        try:
            message = kind.FromString(body) if is_protobuf else Parse(body or b"{}", kind(), ignore_unknown_fields=True)
        except (DecodeError, ParseError, UnicodeDecodeError) as error:
            raise TwirpError("malformed", "the body is not what the call takes") from error
        answer = call(message, claims)
        if isinstance(answer, Awaitable):
            answer = await answer
        if is_protobuf:
            return web.Response(body=answer.SerializeToString(), content_type=_PROTOBUF)
        text = MessageToJson(answer, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)
        return web.Response(text=text, content_type=_JSON)


def _refusal(error: TwirpError) -> web.Response:
    body = json.dumps({"code": error.code, "msg": str(error)})
    return web.Response(status=_STATUS[error.code], text=body, content_type=_JSON)
