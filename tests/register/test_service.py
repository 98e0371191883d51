"""Bodies and who sits in them, through the service."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest

from ecabinet.kernel.access import Role
from ecabinet.kernel.errors import NotFound, Refusal
from ecabinet.kernel.ids import BodyId, MembershipId, PersonId, PostId, ProfileId
from ecabinet.register.model import Body, MemberAdded, Words
from ecabinet.register.service import Register
from tests.fakes.kernel import NOON, CountingIds, RecordingTransaction, SetClock
from tests.fakes.register import MemoryBodies

ANH, BINH, CHI = PersonId("anh"), PersonId("binh"), PersonId("chi")
TODAY = date(2026, 11, 25)
TITLE = Words("Bộ trưởng", "Minister")


@dataclass
class World:
    tx: RecordingTransaction = field(default_factory=RecordingTransaction)
    bodies: MemoryBodies = field(default_factory=MemoryBodies)
    ids: CountingIds = field(default_factory=CountingIds)
    clock: SetClock = field(default_factory=SetClock)

    @property
    def register(self) -> Register:
        return Register(self.tx, self.bodies, self.ids, self.clock)


@pytest.fixture
def world() -> World:
    return World()


async def board(world: World) -> tuple[BodyId, PostId, PostId]:
    """A body with a head's post and a deputy's."""
    body = await world.register.add_body(
        Body(BodyId(""), "Tập thể Lãnh đạo Bộ", "Leadership", "Bộ Hạ tầng số", ProfileId("lanh-dao-bo"))
    )
    head = await world.register.add_post(body, TITLE, 1, votes=True, is_head=True)
    deputy = await world.register.add_post(body, Words("Thứ trưởng", "Deputy Minister"), 2, votes=True)
    return body, head, deputy


async def test_members_are_those_in_office_in_order_of_protocol(world: World) -> None:
    body, head, deputy = await board(world)
    await world.register.add_member(deputy, BINH, "Thứ trưởng (TV02)", TODAY)
    membership = await world.register.add_member(head, ANH, "Bộ trưởng (TV01)", TODAY)
    assert [each.person for each in await world.register.members(body, NOON)] == [ANH, BINH]
    await world.register.end_membership(body, membership, TODAY + timedelta(days=1))
    tomorrow = NOON + timedelta(days=1)
    assert [each.person for each in await world.register.members(body, tomorrow)] == [BINH]
    assert [each.person for each in await world.register.members(body, NOON)] == [ANH, BINH]


async def test_the_day_changes_at_midnight_in_vietnam(world: World) -> None:
    body, head, _ = await board(world)
    await world.register.add_member(head, ANH, "Bộ trưởng", TODAY)
    assert not await world.register.members(body, datetime(2026, 11, 24, 16, 59, tzinfo=UTC))
    assert await world.register.members(body, datetime(2026, 11, 24, 17, 0, tzinfo=UTC))


async def test_roles_are_asked_of_the_body_not_of_the_account(world: World) -> None:
    body, head, _ = await board(world)
    await world.register.add_member(head, ANH, "Bộ trưởng", TODAY)
    await world.register.add_secretary(body, CHI)
    await world.register.add_secretary(body, ANH)
    assert await world.register.roles(ANH, body) == {Role.BODY_MEMBER, Role.BODY_HEAD, Role.BODY_SECRETARY}
    assert await world.register.roles(CHI, body) == {Role.BODY_SECRETARY}
    assert await world.register.roles(BINH, body) == frozenset()
    assert [(each.id, roles) for each, roles in await world.register.bodies_of(CHI, NOON)] == [
        (body, frozenset({Role.BODY_SECRETARY}))
    ]
    assert await world.register.bodies_of(BINH, NOON) == []


async def test_one_person_has_one_seat_and_a_body_one_head(world: World) -> None:
    body, head, deputy = await board(world)
    first = await world.register.add_member(head, ANH, "Bộ trưởng", TODAY)
    for post, person, code in ((deputy, ANH, "already_member"), (head, BINH, "head_post_taken")):
        with pytest.raises(Refusal) as refused:
            await world.register.add_member(post, person, "x", TODAY)
        assert refused.value.code == code
    with pytest.raises(Refusal) as refused:
        await world.register.end_membership(body, first, TODAY)
    assert refused.value.code == "span_invalid"
    await world.register.end_membership(body, first, TODAY + timedelta(days=30))
    await world.register.add_member(head, BINH, "Bộ trưởng", TODAY + timedelta(days=30))


async def test_what_is_not_there_is_not_found(world: World) -> None:
    body, _, _ = await board(world)
    with pytest.raises(NotFound):
        await world.register.body(BodyId("none"))
    with pytest.raises(NotFound):
        await world.register.add_member(PostId("none"), ANH, "x", TODAY)
    with pytest.raises(NotFound):
        await world.register.add_post(BodyId("none"), TITLE, 1, votes=True)
    with pytest.raises(NotFound):
        await world.register.end_membership(body, MembershipId("none"), TODAY)


async def test_a_body_whose_rules_nobody_wrote_is_refused(world: World) -> None:
    with pytest.raises(Refusal) as refused:
        await world.register.add_body(Body(BodyId(""), "x", "x", "x", ProfileId("unknown")))
    assert refused.value.code == "profile_unknown"


async def test_the_term_is_the_one_that_runs(world: World) -> None:
    body, _, _ = await board(world)
    assert await world.register.term(body, NOON) is None
    await world.register.begin_term(body, "2021–2026", date(2021, 4, 1))
    await world.register.begin_term(body, "2026–2031", date(2026, 4, 1), seats=7)
    running = await world.register.term(body, NOON)
    assert running is not None
    assert (running.name, running.seats) == ("2026–2031", 7)


async def test_joining_is_recorded(world: World) -> None:
    _, head, _ = await board(world)
    await world.register.add_member(head, ANH, "Bộ trưởng (TV01)", TODAY)
    event = world.tx.events[-1]
    assert isinstance(event, MemberAdded)
    assert event.payload()["since"] == "2026-11-25"
