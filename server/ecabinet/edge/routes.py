"""What a slice hands to the HTTP edge: routes, each with the act it needs."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict

from ecabinet.kernel.access import Action, Standing
from ecabinet.kernel.errors import NotSignedIn
from ecabinet.kernel.ids import BodyId, MeetingId, PersonId, SessionId


class Shape(BaseModel):
    """A JSON body as it must arrive: known fields only, nothing converted by guess."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, str_strip_whitespace=True)


class Nothing(Shape):
    """No body, or an empty object."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who the cookie stands for."""

    person: PersonId
    session: SessionId
    is_admin: bool


@dataclass(frozen=True, slots=True)
class Call:
    """One request, after its session, its grant and its body have been checked."""

    request: web.Request
    standing: Standing
    signed_in: SignedIn | None
    body: Any
    """An instance of the route's ``takes``."""

    @property
    def person(self) -> PersonId:
        """Who asks. Raises NotSignedIn on a public route without a session."""
        if self.signed_in is None:
            raise NotSignedIn()
        return self.signed_in.person

    @property
    def meeting(self) -> MeetingId:
        """The meeting in the path."""
        return MeetingId(self.request.match_info["m"])

    @property
    def of_body(self) -> BodyId:
        """The body (of people) in the path."""
        return BodyId(self.request.match_info["b"])

    def named(self, parameter: str) -> str:
        """A path parameter."""
        return self.request.match_info[parameter]

    def asked(self, parameter: str) -> str | None:
        """A query parameter."""
        return self.request.query.get(parameter)

    @property
    def language(self) -> str:
        """``vi`` or ``en``: the first of the two that Accept-Language names."""
        wanted = self.request.headers.get("Accept-Language", "vi")
        return next((tag[:2].lower() for tag in wanted.split(",") if tag[:2].lower() in {"vi", "en"}), "vi")


@dataclass(frozen=True, slots=True)
class Reply:
    """A JSON answer; None has no body (204)."""

    value: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cookie: "Cookie | None" = None


@dataclass(frozen=True, slots=True)
class Cookie:
    """The sign-in cookie to set (a value) or to take back (None)."""

    value: str | None


@dataclass(frozen=True, slots=True)
class FileReply:
    """Bytes to hand out, with their type and the name to save them under."""

    chunks: AsyncIterator[bytes]
    size_bytes: int
    content_type: str
    filename: str
    digest: str
    """SHA-256, hex; sent as Content-Digest (RFC 9530)."""


@dataclass(frozen=True, slots=True)
class RangedReply:
    """Bytes of which any stretch may be asked for (RFC 9110 §14), as players do."""

    chunks: Callable[[int, int], AsyncIterator[bytes]]
    """The bytes of [begin, end)."""
    size_bytes: int
    content_type: str
    filename: str
    digest: str
    """SHA-256 of all of them, hex; sent as Repr-Digest (RFC 9530)."""


@dataclass(frozen=True, slots=True)
class TextReply:
    """Plain text of some type."""

    text: bytes
    content_type: str


DONE = Reply()

Handler = Callable[[Call], Awaitable[Reply | FileReply | RangedReply | TextReply]]


@dataclass(frozen=True, slots=True)
class Route:
    """One way in. ``needs`` is asked before the handler runs, in the scope the path names ({m} or {b})."""

    method: str
    path: str
    needs: Action
    handle: Handler
    summary: str
    takes: type[Shape] = Nothing
    gives: Any = None
    """The type of the JSON answer, for the OpenAPI document; None: no content; bytes: a file."""
    status: int = 200
    raw: bool = False
    """The handler reads the request's bytes itself (papers, signed webhooks)."""
