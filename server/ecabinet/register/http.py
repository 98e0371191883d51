"""Bodies, and who I am, on the wire."""

from collections.abc import Callable
from dataclasses import dataclass

from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.edge.routes import Call, Reply, Route
from ecabinet.identity.service import Identity
from ecabinet.kernel.access import Action

from . import views
from .model import Lang
from .service import Register


@dataclass(frozen=True, slots=True)
class RegisterHttp:
    """The slice's routes."""

    uow: UnitOfWork
    register: Callable[[Act], Register]
    identity: Callable[[Act], Identity]

    def routes(self) -> list[Route]:
        """Everything this slice answers."""
        return [
            Route("GET", "/api/me", Action.BE_SIGNED_IN, self.me, "Who I am", gives=views.MeEntry),
            Route("GET", "/api/bodies/{b}", Action.READ_BODY, self.body, "A body", gives=views.BodyEntry),
            Route(
                "GET",
                "/api/bodies/{b}/people",
                Action.READ_BODY,
                self.people,
                "Who can be asked to a meeting",
                gives=views.PeopleEntry,
            ),
        ]

    async def me(self, call: Call) -> Reply:
        """The person, and the bodies they sit in or prepare for."""
        async with self.uow.reading() as act:
            account = await self.identity(act).account(call.person)
            register = self.register(act)
            mine = await register.bodies_of(call.person, register.clock.now())
        entry: views.MeEntry = {
            "person": account.person,
            "name": account.name,
            "username": account.username,
            "is_admin": account.is_admin,
            "bodies": [views.my_body_entry(body, roles, Lang(call.language)) for body, roles in mine],
        }
        return Reply(entry)

    async def body(self, call: Call) -> Reply:
        """The body with those in office now, and the rules in force now."""
        async with self.uow.reading() as act:
            register = self.register(act)
            now = register.clock.now()
            body = await register.body(call.of_body)
            members = await register.members(body.id, now)
            profile = await register.profile(body.profile, now)
        lang = Lang(call.language)
        said = views.profile_entry(profile, register.paragraphs(profile, lang), lang)
        return Reply(views.body_entry(body, members, said, lang))

    async def people(self, call: Call) -> Reply:
        """Everyone with an account; the body's members first."""
        async with self.uow.reading() as act:
            register = self.register(act)
            members = await register.members(call.of_body, register.clock.now())
            names = await self.identity(act).names()
        return Reply(views.people_entry(names, members, Lang(call.language)))
