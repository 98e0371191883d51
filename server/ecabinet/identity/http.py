"""Sign-in and sign-out on the wire. Me is composed by the register, which knows the bodies."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.edge.routes import Call, Cookie, Reply, Route, Shape, SignedIn
from ecabinet.kernel.access import Action
from ecabinet.kernel.ids import PersonId

from .service import Identity, Throttle


class SignIn(Shape):
    """A name and a password."""

    username: Annotated[str, Field(min_length=1, max_length=64)]
    password: Annotated[str, Field(min_length=1, max_length=256)]


@dataclass(frozen=True, slots=True)
class IdentityHttp:
    """The slice's routes."""

    uow: UnitOfWork
    identity: Callable[[Act], Identity]
    throttle: Throttle
    trust_forwarded: bool
    """Whether the last hop is our own proxy, whose X-Forwarded-For may be believed."""
    forget: Callable[[SignedIn], None]
    """Tells this process that a session has ended."""

    def routes(self) -> list[Route]:
        """Everything this slice answers."""
        return [
            Route("POST", "/api/sign-in", Action.PUBLIC, self.sign_in, "Sign in", takes=SignIn, gives=None),
            Route("POST", "/api/sign-out", Action.BE_SIGNED_IN, self.sign_out, "Sign out"),
        ]

    async def sign_in(self, call: Call) -> Reply:
        """Check, then begin: the slow hash runs outside the writing transaction."""
        body: SignIn = call.body
        async with self.uow.reading() as act:
            identity = self.identity(act)
            self.throttle.take(self._address(call), body.username, identity.clock.now())
            account = await identity.check(body.username, body.password)
        secret = await self.uow.run(lambda act: self.identity(act).begin(account))
        return Reply(cookie=Cookie(secret))

    async def sign_out(self, call: Call) -> Reply:
        """End this session, here and now."""
        signed_in = call.signed_in
        if signed_in is not None:
            await self.uow.run(lambda act: self.identity(act).end(signed_in.session, PersonId(signed_in.person)))
            self.forget(signed_in)
        return Reply(cookie=Cookie(None))

    def _address(self, call: Call) -> str:
        forwarded = call.request.headers.get("X-Forwarded-For", "")
        if self.trust_forwarded and forwarded:
            return forwarded.rsplit(",", 1)[-1].strip()
        return call.request.remote or ""
