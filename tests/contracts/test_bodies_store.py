"""What every keeper of bodies must do, the memory fake and both databases alike."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date

import pytest

from ecabinet.adapters.database import Database
from ecabinet.identity.model import Account
from ecabinet.identity.sql import SqlAccounts
from ecabinet.kernel.ids import BodyId, MembershipId, PersonId, PostId, ProfileId, TermId
from ecabinet.register.model import Body, Membership, Post, Term, Words
from ecabinet.register.ports import Bodies
from ecabinet.register.sql import SqlBodies
from tests.fakes.register import MemoryBodies

ANH, BINH = PersonId("anh"), PersonId("binh")
BOARD = Body(BodyId("board"), "Tập thể Lãnh đạo Bộ", "Leadership", "Bộ Hạ tầng số", ProfileId("lanh-dao-bo"))
COUNCIL = Body(BodyId("council"), "Hội đồng nhân dân", "Council", "Minh Sơn", ProfileId("hdnd-tinh"), "quý đại biểu")
HEAD = Post(PostId("head"), BOARD.id, Words("Bộ trưởng", "Minister"), 1, True, True)
CLERK = Post(PostId("clerk"), BOARD.id, Words("Chánh Văn phòng", "Chief of Office"), 9, False)
SINCE, UNTIL = date(2026, 1, 1), date(2026, 7, 1)
SITS = Membership(
    MembershipId("m1"), BOARD.id, HEAD.id, ANH, "Bộ trưởng (TV01)", HEAD.title, 1, True, SINCE, None, True
)
Check = Callable[[Bodies], Awaitable[None]]


async def furnish(bodies: Bodies) -> None:
    await bodies.add_body(BOARD)
    await bodies.add_body(COUNCIL)
    await bodies.add_post(HEAD)
    await bodies.add_post(CLERK)
    await bodies.add_membership(SITS)


async def check_what_is_kept_comes_back(bodies: Bodies) -> None:
    await furnish(bodies)
    assert await bodies.body(BOARD.id) == BOARD
    assert await bodies.body(BodyId("none")) is None
    assert await bodies.post(HEAD.id) == HEAD
    assert await bodies.post(PostId("none")) is None
    assert await bodies.memberships(BOARD.id) == [SITS]
    assert await bodies.memberships(COUNCIL.id) == []


async def check_bodies_come_by_name(bodies: Bodies) -> None:
    await furnish(bodies)
    asked = frozenset({BOARD.id, COUNCIL.id, BodyId("none")})
    assert await bodies.bodies(asked) == [COUNCIL, BOARD]
    assert await bodies.bodies(frozenset()) == []


async def check_terms_come_oldest_first(bodies: Bodies) -> None:
    await furnish(bodies)
    new = Term(TermId("t2"), COUNCIL.id, "Khóa XX", date(2026, 4, 1), None, 75)
    old = Term(TermId("t1"), COUNCIL.id, "Khóa XIX", date(2021, 6, 1), date(2026, 4, 1), 74)
    for term in (new, old):
        await bodies.add_term(term)
    assert await bodies.terms(COUNCIL.id) == [old, new]
    assert await bodies.terms(BOARD.id) == []


async def check_a_membership_takes_title_and_vote_from_its_post(bodies: Bodies) -> None:
    await furnish(bodies)
    odd = replace(SITS, id=MembershipId("m2"), post=CLERK.id, person=BINH, votes=True, order=1, is_head=True)
    await bodies.add_membership(odd)
    found = {each.id: each for each in await bodies.memberships(BOARD.id)}[odd.id]
    assert found == replace(odd, title=CLERK.title, votes=False, order=9, is_head=False)


async def check_a_membership_ends_on_its_day(bodies: Bodies) -> None:
    await furnish(bodies)
    await bodies.lock(BOARD.id)
    await bodies.end_membership(SITS.id, UNTIL)
    assert await bodies.memberships(BOARD.id) == [replace(SITS, until=UNTIL)]
    found = [await bodies.bodies_with(ANH, day) for day in (date(2025, 12, 31), SINCE, date(2026, 6, 30), UNTIL)]
    assert found == [frozenset(), {BOARD.id}, {BOARD.id}, frozenset()]
    assert await bodies.bodies_with(BINH, SINCE) == frozenset()


async def check_a_secretary_is_appointed_once(bodies: Bodies) -> None:
    await furnish(bodies)
    await bodies.add_secretary(BOARD.id, BINH)
    await bodies.add_secretary(BOARD.id, BINH)
    assert await bodies.secretaries(BOARD.id) == {BINH}
    assert await bodies.secretaries(COUNCIL.id) == frozenset()
    assert await bodies.prepared_by(BINH) == {BOARD.id}
    assert await bodies.prepared_by(ANH) == frozenset()


CONTRACT = [
    check_what_is_kept_comes_back,
    check_bodies_come_by_name,
    check_terms_come_oldest_first,
    check_a_membership_takes_title_and_vote_from_its_post,
    check_a_membership_ends_on_its_day,
    check_a_secretary_is_appointed_once,
]


@pytest.mark.parametrize("check", CONTRACT, ids=lambda check: check.__name__)
async def test_bodies_in_memory(check: Check) -> None:
    await check(MemoryBodies())


@pytest.mark.parametrize("check", CONTRACT, ids=lambda check: check.__name__)
async def test_bodies_in_a_database(check: Check, database: Database) -> None:
    async with database.writing() as connection:
        for person in (ANH, BINH):
            await SqlAccounts(connection).add(Account(person, person, person, "hash"))
        await check(SqlBodies(connection))
