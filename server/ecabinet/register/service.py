"""Bodies, members and the rules they work under."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from ecabinet.kernel.access import Role
from ecabinet.kernel.clock import Clock
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import BodyId, MembershipId, PersonId, PostId, ProfileId, TermId
from ecabinet.kernel.ports import Ids, Transaction

from . import phrases, rules
from .model import (
    Body,
    BodyAdded,
    Lang,
    MemberAdded,
    MemberLeft,
    Membership,
    Paragraph,
    Post,
    PostAdded,
    RuleProfile,
    SecretaryAppointed,
    Term,
    TermBegun,
    Words,
)
from .ports import Bodies
from .profiles import shipped


@dataclass(frozen=True, slots=True)
class Register:
    """Built afresh for each request, inside its transaction."""

    tx: Transaction
    bodies: Bodies
    ids: Ids
    clock: Clock
    profiles: tuple[RuleProfile, ...] = field(default_factory=shipped)

    # --- reading ---

    async def body(self, body: BodyId) -> Body:
        """Raises NotFound."""
        found = await self.bodies.body(body)
        if found is None:
            raise NotFound()
        return found

    async def members(self, body: BodyId, at: datetime) -> tuple[Membership, ...]:
        """Those in office at that moment, in order of protocol."""
        return tuple(rules.members_at(await self.bodies.memberships(body), rules.local_day(at)))

    async def term(self, body: BodyId, at: datetime) -> Term | None:
        """The body's term at that moment."""
        day = rules.local_day(at)
        terms = [each for each in await self.bodies.terms(body) if each.since <= day]
        running = [each for each in terms if each.until is None or day < each.until]
        return running[-1] if running else None

    async def profile(self, profile: ProfileId, at: datetime) -> RuleProfile:
        """The rules in force at that moment. Raises ProfileUnknown."""
        return rules.profile_at(self.profiles, profile, rules.local_day(at))

    def paragraphs(self, profile: RuleProfile, lang: Lang) -> list[Paragraph]:
        """The profile said in words."""
        return phrases.profile_in_words(profile, lang)

    async def secretaries(self, body: BodyId) -> tuple[PersonId, ...]:
        """Who may call meetings of the body and prepare them."""
        return tuple(sorted(await self.bodies.secretaries(body)))

    async def roles(self, person: PersonId, body: BodyId) -> frozenset[Role]:
        """What the person is in the body, now."""
        found = set()
        if person in await self.bodies.secretaries(body):
            found.add(Role.BODY_SECRETARY)
        seats = [each for each in await self.members(body, self.clock.now()) if each.person == person]
        if seats:
            found.add(Role.BODY_MEMBER)
        if any(each.is_head for each in seats):
            found.add(Role.BODY_HEAD)
        return frozenset(found)

    async def bodies_of(self, person: PersonId, at: datetime) -> list[tuple[Body, frozenset[Role]]]:
        """The bodies the person sits in or prepares for, by name."""
        sits = await self.bodies.bodies_with(person, rules.local_day(at))
        prepares = await self.bodies.prepared_by(person)
        return [
            (
                body,
                frozenset(
                    role
                    for role, where in ((Role.BODY_MEMBER, sits), (Role.BODY_SECRETARY, prepares))
                    if body.id in where
                ),
            )
            for body in await self.bodies.bodies(sits | prepares)
        ]

    # --- writing ---

    async def add_body(self, body: Body) -> BodyId:
        """A new body; an empty id is filled in. Raises ProfileUnknown when nobody wrote its rules."""
        now = self.clock.now()
        await self.profile(body.profile, now)
        kept = body if body.id else replace(body, id=BodyId(self.ids.new()))
        await self.bodies.add_body(kept)
        await self.tx.record(BodyAdded(at=now, body=kept.id, name=kept.name, unit=kept.unit, profile=kept.profile))
        return kept.id

    async def begin_term(self, body: BodyId, name: str, since: date, seats: int | None = None) -> TermId:
        """A new term of a body. Raises NotFound."""
        await self.body(body)
        term = Term(TermId(self.ids.new()), body, name, since, None, seats)
        await self.bodies.add_term(term)
        await self.tx.record(TermBegun(at=self.clock.now(), term=term.id, body=body, name=name, seats=seats))
        return term.id

    async def add_post(self, body: BodyId, title: Words, order: int, *, votes: bool, is_head: bool = False) -> PostId:
        """A new place in a body. Raises NotFound."""
        await self.body(body)
        post = Post(PostId(self.ids.new()), body, title, order, votes, is_head)
        await self.bodies.add_post(post)
        await self.tx.record(
            PostAdded(at=self.clock.now(), post=post.id, body=body, title=title, votes=votes, is_head=is_head)
        )
        return post.id

    async def add_member(self, post: PostId, person: PersonId, name: str, since: date) -> MembershipId:
        """Let someone hold a post from a day on. Raises NotFound, AlreadyMember, HeadPostTaken."""
        held = await self.bodies.post(post)
        if held is None:
            raise NotFound()
        await self.bodies.lock(held.body)
        membership = Membership(
            id=MembershipId(self.ids.new()),
            body=held.body,
            post=post,
            person=person,
            name=name,
            title=held.title,
            order=held.order,
            votes=held.votes,
            since=since,
            is_head=held.is_head,
        )
        rules.check_membership(membership, await self.bodies.memberships(held.body))
        await self.bodies.add_membership(membership)
        await self.tx.record(
            MemberAdded(
                at=self.clock.now(),
                membership=membership.id,
                body=held.body,
                post=post,
                person=person,
                name=name,
                since=since.isoformat(),
            )
        )
        return membership.id

    async def end_membership(self, body: BodyId, membership: MembershipId, until: date) -> None:
        """The first day on which the post is no longer held. Raises NotFound, SpanInvalid."""
        await self.bodies.lock(body)
        known = {each.id: each for each in await self.bodies.memberships(body)}
        if membership not in known:
            raise NotFound()
        ended = replace(known.pop(membership), until=until)
        rules.check_membership(ended, known.values())
        await self.bodies.end_membership(membership, until)
        await self.tx.record(
            MemberLeft(
                at=self.clock.now(), membership=membership, body=body, person=ended.person, until=until.isoformat()
            )
        )

    async def add_secretary(self, body: BodyId, person: PersonId) -> None:
        """Let someone prepare the body's meetings. Raises NotFound."""
        await self.body(body)
        await self.bodies.add_secretary(body, person)
        await self.tx.record(SecretaryAppointed(at=self.clock.now(), body=body, person=person))
