"""What the register needs of the outside."""

from datetime import date
from typing import Protocol

from ecabinet.kernel.ids import BodyId, MembershipId, PersonId, PostId

from .model import Body, Membership, Post, Term


class Bodies(Protocol):
    """Bodies, their posts and who holds them, inside one transaction."""

    async def add_body(self, body: Body) -> None:
        """Keep a new body."""
        ...

    async def body(self, body: BodyId) -> Body | None:
        """The body of this id."""
        ...

    async def bodies(self, ids: frozenset[BodyId]) -> list[Body]:
        """These bodies, by name; those that are not there are left out."""
        ...

    async def add_term(self, term: Term) -> None:
        """Keep a new term."""
        ...

    async def terms(self, body: BodyId) -> list[Term]:
        """All terms of a body, oldest first."""
        ...

    async def add_post(self, post: Post) -> None:
        """Keep a new post."""
        ...

    async def post(self, post: PostId) -> Post | None:
        """The post of this id."""
        ...

    async def lock(self, body: BodyId) -> None:
        """Nobody else changes this body's memberships until the commit."""
        ...

    async def add_membership(self, membership: Membership) -> None:
        """Keep a new membership; its title, order, vote and headship are those of the post."""
        ...

    async def end_membership(self, membership: MembershipId, until: date) -> None:
        """Set the first day on which it no longer holds."""
        ...

    async def memberships(self, body: BodyId) -> list[Membership]:
        """All memberships of a body, of any time, in no order."""
        ...

    async def bodies_with(self, person: PersonId, day: date) -> frozenset[BodyId]:
        """The bodies in which the person is a member on the day."""
        ...

    async def add_secretary(self, body: BodyId, person: PersonId) -> None:
        """Let the person prepare the body's meetings. Twice is the same as once."""
        ...

    async def secretaries(self, body: BodyId) -> frozenset[PersonId]:
        """Who prepares the body's meetings."""
        ...

    async def prepared_by(self, person: PersonId) -> frozenset[BodyId]:
        """The bodies whose meetings the person prepares."""
        ...
