"""Sign-in and sign-out on the wire. Me is composed by the register, which knows the bodies."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Annotated

from pydantic import Field

from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.edge.lane import Lane
from ecabinet.edge.routes import Call, Cookie, Reply, Route, Shape, SignedIn
from ecabinet.kernel.access import Action
from ecabinet.kernel.ids import PersonId

from .service import Identity, Throttle


class SignIn(Shape):
    """A name and a password."""

    username: Annotated[str, Field(min_length=1, max_length=64)]
    password: Annotated[str, Field(min_length=1, max_length=256)]


_BELIEVED_S = 5.0
"""For how long a look at the session's row is enough. A session ended in another process lives that much longer."""
_REMEMBERED = 10_000
_WAITING_LIMIT = 10_000
_BATCH_LIMIT = 512
"""Cookies looked up by one statement."""


@dataclass(slots=True)
class Recognition:
    """From the cookie to the person, many times a second: remembered for a moment, and kept from going idle. Cookies
    that arrive together are looked up together; app.py owns the run of the lane in which they wait."""

    uow: UnitOfWork
    identity: Callable[[Act], Identity]
    time_s: Callable[[], float] = monotonic
    lane: Lane[str, SignedIn | None] = field(init=False)
    _known: dict[str, tuple[SignedIn, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.lane = Lane(self._look_up, _WAITING_LIMIT, _BATCH_LIMIT)

    async def who_is(self, secret: str) -> SignedIn | None:
        """The person of a live session, or None. Being asked is being used: the session's idle limit starts again.

        Raises Unavailable when too many ask at once.
        """
        known = self._known.get(secret)
        if known is not None and self.time_s() < known[1]:
            return known[0]
        return await self.lane.ask(secret)

    async def _look_up(self, secrets: Sequence[str]) -> list[SignedIn | None]:
        async with self.uow.reading() as act:
            identity = self.identity(act)
            found = await identity.sessions(frozenset(secrets))
        touched = frozenset(each.id for each in found.values() if identity.wants_touch(each))
        if touched:
            await self.uow.run(lambda act: self.identity(act).touch(touched))
        for secret in secrets:
            self._known.pop(secret, None)
        people = {secret: SignedIn(each.person, each.id, each.is_admin) for secret, each in found.items()}
        for secret, signed_in in people.items():
            self._remember(secret, signed_in)
        return [people.get(secret) for secret in secrets]

    def forget(self, signed_in: SignedIn) -> None:
        """The session has ended here and now."""
        self._known = {secret: each for secret, each in self._known.items() if each[0].session != signed_in.session}

    def _remember(self, secret: str, signed_in: SignedIn) -> None:
        self._known.pop(secret, None)
        self._known[secret] = (signed_in, self.time_s() + _BELIEVED_S)
        while len(self._known) > _REMEMBERED:
            del self._known[next(iter(self._known))]


@dataclass(frozen=True, slots=True)
class IdentityHttp:
    """The slice's routes."""

    uow: UnitOfWork
    identity: Callable[[Act], Identity]
    throttle: Throttle
    recognition: Recognition
    trust_forwarded: bool
    """Whether the last hop is our own proxy, whose X-Forwarded-For may be believed."""

    def routes(self) -> list[Route]:
        """Everything this slice answers."""
        return [
            Route("POST", "/api/sign-in", Action.PUBLIC, self.sign_in, "Sign in", takes=SignIn, gives=None),
            Route("POST", "/api/sign-out", Action.BE_SIGNED_IN, self.sign_out, "Sign out"),
        ]

    async def sign_in(self, call: Call) -> Reply:
        """The slow hash runs between two short acts, in neither of them."""
        body: SignIn = call.body
        async with self.uow.reading() as act:
            identity = self.identity(act)
            self.throttle.take(self._address(call), body.username, identity.clock.now())
            known = await identity.known(body.username)
        account = await identity.prove(known, body.password)
        secret = await self.uow.run(lambda act: self.identity(act).begin(account))
        return Reply(cookie=Cookie(secret))

    async def sign_out(self, call: Call) -> Reply:
        """End this session, here and now."""
        signed_in = call.signed_in
        if signed_in is not None:
            await self.uow.run(lambda act: self.identity(act).end(signed_in.session, PersonId(signed_in.person)))
            self.recognition.forget(signed_in)
        return Reply(cookie=Cookie(None))

    def _address(self, call: Call) -> str:
        forwarded = call.request.headers.get("X-Forwarded-For", "")
        if self.trust_forwarded and forwarded:
            return forwarded.rsplit(",", 1)[-1].strip()
        return call.request.remote or ""
