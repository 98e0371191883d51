"""Bodies, posts and memberships as rows."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Boolean, Column, Date, ForeignKey, Integer, Row, String, Table, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.database import metadata
from ecabinet.kernel.ids import BodyId, MembershipId, PersonId, PostId, ProfileId, TermId

from .model import Body, Membership, Post, Term, Words

bodies = Table(
    "body",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("name_en", String(200), nullable=False),
    Column("unit", String(200), nullable=False),
    Column("profile", String(64), nullable=False),
    Column("salutation", String(40), nullable=False),
)
terms = Table(
    "term",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("body", ForeignKey("body.id"), nullable=False, index=True),
    Column("name", String(200), nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date),
    Column("seats", Integer),
)
posts = Table(
    "post",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("body", ForeignKey("body.id"), nullable=False, index=True),
    Column("title_vi", String(200), nullable=False),
    Column("title_en", String(200), nullable=False),
    Column("position", Integer, nullable=False),
    Column("votes", Boolean, nullable=False),
    Column("is_head", Boolean, nullable=False),
)
memberships = Table(
    "membership",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("body", ForeignKey("body.id"), nullable=False, index=True),
    Column("post", ForeignKey("post.id"), nullable=False),
    Column("person", ForeignKey("account.person"), nullable=False, index=True),
    Column("name", String(200), nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date),
)
secretaries = Table(
    "body_secretary",
    metadata,
    Column("body", ForeignKey("body.id"), primary_key=True),
    Column("person", ForeignKey("account.person"), primary_key=True),
)


@dataclass(frozen=True, slots=True)
class SqlBodies:
    """See the Bodies port."""

    connection: AsyncConnection

    async def add_body(self, body: Body) -> None:
        await self.connection.execute(
            insert(bodies).values(
                id=body.id,
                name=body.name,
                name_en=body.name_en,
                unit=body.unit,
                profile=body.profile,
                salutation=body.salutation,
            )
        )

    async def body(self, body: BodyId) -> Body | None:
        row = (await self.connection.execute(select(bodies).where(bodies.c.id == body))).one_or_none()
        return _body(row) if row else None

    async def bodies(self, ids: frozenset[BodyId]) -> list[Body]:
        rows = await self.connection.execute(select(bodies).where(bodies.c.id.in_(ids)))
        # Sorted here: the databases do not agree on the order of Vietnamese letters.
        return sorted((_body(row) for row in rows), key=lambda each: (each.name, each.id))

    async def add_term(self, term: Term) -> None:
        await self.connection.execute(
            insert(terms).values(
                id=term.id, body=term.body, name=term.name, since=term.since, until=term.until, seats=term.seats
            )
        )

    async def terms(self, body: BodyId) -> list[Term]:
        rows = await self.connection.execute(
            select(terms).where(terms.c.body == body).order_by(terms.c.since, terms.c.id)
        )
        return [Term(TermId(row.id), BodyId(row.body), row.name, row.since, row.until, row.seats) for row in rows]

    async def add_post(self, post: Post) -> None:
        await self.connection.execute(
            insert(posts).values(
                id=post.id,
                body=post.body,
                title_vi=post.title.vi,
                title_en=post.title.en,
                position=post.order,
                votes=post.votes,
                is_head=post.is_head,
            )
        )

    async def post(self, post: PostId) -> Post | None:
        row = (await self.connection.execute(select(posts).where(posts.c.id == post))).one_or_none()
        if row is None:
            return None
        title = Words(row.title_vi, row.title_en)
        return Post(PostId(row.id), BodyId(row.body), title, row.position, row.votes, row.is_head)

    async def lock(self, body: BodyId) -> None:
        await self.connection.execute(select(bodies.c.id).where(bodies.c.id == body).with_for_update())

    async def add_membership(self, membership: Membership) -> None:
        await self.connection.execute(
            insert(memberships).values(
                id=membership.id,
                body=membership.body,
                post=membership.post,
                person=membership.person,
                name=membership.name,
                since=membership.since,
                until=membership.until,
            )
        )

    async def end_membership(self, membership: MembershipId, until: date) -> None:
        ended = update(memberships).where(memberships.c.id == membership)
        await self.connection.execute(ended.values(until=until))

    async def memberships(self, body: BodyId) -> list[Membership]:
        rows = await self.connection.execute(
            select(memberships, posts.c.title_vi, posts.c.title_en, posts.c.position, posts.c.votes, posts.c.is_head)
            .join(posts, posts.c.id == memberships.c.post)
            .where(memberships.c.body == body)
        )
        return [_membership(row) for row in rows]

    async def bodies_with(self, person: PersonId, day: date) -> frozenset[BodyId]:
        rows = await self.connection.execute(
            select(memberships.c.body).where(
                memberships.c.person == person,
                memberships.c.since <= day,
                or_(memberships.c.until.is_(None), memberships.c.until > day),
            )
        )
        return frozenset(BodyId(row.body) for row in rows)

    async def add_secretary(self, body: BodyId, person: PersonId) -> None:
        try:
            async with self.connection.begin_nested():
                await self.connection.execute(insert(secretaries).values(body=body, person=person))
        except IntegrityError:
            if person not in await self.secretaries(body):
                raise

    async def secretaries(self, body: BodyId) -> frozenset[PersonId]:
        rows = await self.connection.execute(select(secretaries.c.person).where(secretaries.c.body == body))
        return frozenset(PersonId(row.person) for row in rows)

    async def prepared_by(self, person: PersonId) -> frozenset[BodyId]:
        rows = await self.connection.execute(select(secretaries.c.body).where(secretaries.c.person == person))
        return frozenset(BodyId(row.body) for row in rows)


def _body(row: Row[Any]) -> Body:
    return Body(BodyId(row.id), row.name, row.name_en, row.unit, ProfileId(row.profile), row.salutation)


def _membership(row: Row[Any]) -> Membership:
    return Membership(
        id=MembershipId(row.id),
        body=BodyId(row.body),
        post=PostId(row.post),
        person=PersonId(row.person),
        name=row.name,
        title=Words(row.title_vi, row.title_en),
        order=row.position,
        votes=row.votes,
        since=row.since,
        until=row.until,
        is_head=row.is_head,
    )
