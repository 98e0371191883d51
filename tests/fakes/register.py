"""Bodies in memory. They pass the contract suite of the real ones."""

from dataclasses import dataclass, field, replace
from datetime import date

from ecabinet.kernel.ids import BodyId, MembershipId, PersonId, PostId
from ecabinet.register.model import Body, Membership, Post, Term


@dataclass
class MemoryBodies:
    """See the Bodies port."""

    kept: dict[BodyId, Body] = field(default_factory=dict)
    kept_terms: list[Term] = field(default_factory=list)
    posts: dict[PostId, Post] = field(default_factory=dict)
    kept_memberships: dict[MembershipId, Membership] = field(default_factory=dict)
    appointed: set[tuple[BodyId, PersonId]] = field(default_factory=set)

    async def add_body(self, body: Body) -> None:
        self.kept[body.id] = body

    async def body(self, body: BodyId) -> Body | None:
        return self.kept.get(body)

    async def bodies(self, ids: frozenset[BodyId]) -> list[Body]:
        return sorted((self.kept[each] for each in ids if each in self.kept), key=lambda each: (each.name, each.id))

    async def add_term(self, term: Term) -> None:
        self.kept_terms.append(term)

    async def terms(self, body: BodyId) -> list[Term]:
        return sorted((each for each in self.kept_terms if each.body == body), key=lambda each: (each.since, each.id))

    async def add_post(self, post: Post) -> None:
        self.posts[post.id] = post

    async def post(self, post: PostId) -> Post | None:
        return self.posts.get(post)

    async def lock(self, body: BodyId) -> None:
        pass

    async def add_membership(self, membership: Membership) -> None:
        post = self.posts[membership.post]
        self.kept_memberships[membership.id] = replace(
            membership, title=post.title, order=post.order, votes=post.votes, is_head=post.is_head
        )

    async def end_membership(self, membership: MembershipId, until: date) -> None:
        self.kept_memberships[membership] = replace(self.kept_memberships[membership], until=until)

    async def memberships(self, body: BodyId) -> list[Membership]:
        return [each for each in self.kept_memberships.values() if each.body == body]

    async def bodies_with(self, person: PersonId, day: date) -> frozenset[BodyId]:
        return frozenset(
            each.body
            for each in self.kept_memberships.values()
            if each.person == person and each.since <= day and (each.until is None or each.until > day)
        )

    async def add_secretary(self, body: BodyId, person: PersonId) -> None:
        self.appointed.add((body, person))

    async def secretaries(self, body: BodyId) -> frozenset[PersonId]:
        return frozenset(person for of, person in self.appointed if of == body)

    async def prepared_by(self, person: PersonId) -> frozenset[BodyId]:
        return frozenset(of for of, who in self.appointed if who == person)
