"""What every keeper of slips must do, the memory fake and both databases alike."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from ecabinet.adapters.database import Database
from ecabinet.identity.model import Account
from ecabinet.identity.sql import SqlAccounts
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import BodyId, ItemId, MeetingId, OpinionId, PaperId, SlipId
from ecabinet.opinions import reporting, rules
from ecabinet.opinions.model import Answer, Phase, Report, ReportKind, Slip
from ecabinet.opinions.ports import SlipStore
from ecabinet.opinions.sql import SqlSlips
from ecabinet.papers.model import Names, Upload
from ecabinet.register.sql import SqlBodies
from ecabinet.voting.model import Equivocation
from tests.fakes.opinions import MemorySlips
from tests.opinions.slips import (
    AT,
    BODY,
    CHOICE,
    CLERK,
    DEADLINE,
    FIRST,
    HEAD,
    RESOLUTION,
    SLIP,
    answered,
    by,
    drafted,
    ended,
    kept,
    person,
    sent,
    sheet,
)

OTHER_BODY = replace(BODY, id=BodyId("other"))
SECOND_SLIP = SlipId("second")
Check = Callable[[SlipStore], Awaitable[None]]


def prepared() -> Slip:
    """A draft with two questions and a paper."""
    upload = Upload(Names("Tờ trình", "to-trinh.pdf"), "a" * 64, 1000, 3)
    return rules.add_paper(drafted(questions=(RESOLUTION, CHOICE)), PaperId("paper"), upload, by()).slip


def counted() -> Slip:
    """Reminded, extended, ended and reported."""
    slip = rules.remind(sent(), 24, [], DEADLINE - timedelta(hours=24)).slip
    slip = rules.extend(slip, DEADLINE + timedelta(days=1), "Bão", by(HEAD, AT)).slip
    done = ended(slip, answered(("for", 4), ("other", 1)))
    report = Report(MeetingId("meeting"), ItemId("item"), ReportKind.REPORT, AT)
    return reporting.report(done, report, by()).slip


async def check_a_slip_comes_back_whole(store: SlipStore) -> None:
    for slip in (prepared(), sent(), counted(), rules.recall(sent(), "Nhầm", by(HEAD)).slip):
        if await store.get(BODY.id, SLIP) is None:
            await store.add(slip)
        else:
            await store.save(slip)
        assert await store.get(BODY.id, SLIP) == slip
        assert await store.lock(BODY.id, SLIP) == slip
        assert await store.get(OTHER_BODY.id, SLIP) is None
        assert await store.lock(OTHER_BODY.id, SLIP) is None


async def check_numbers_go_up_in_each_body(store: SlipStore) -> None:
    assert await store.next_number(BODY.id) == 1
    await store.add(drafted())
    assert await store.next_number(BODY.id) == 2
    assert await store.next_number(OTHER_BODY.id) == 1
    with pytest.raises(NotFound):
        await store.next_number(BodyId("nowhere"))


async def check_slips_are_found_by_body_and_phase(store: SlipStore) -> None:
    first, second = sent(), replace(drafted(), id=SECOND_SLIP, number=2)
    await store.add(second)
    await store.add(first)
    assert await store.of(BODY.id) == [first, second]
    assert await store.of(OTHER_BODY.id) == []
    assert await store.in_phases(frozenset({Phase.SENT})) == [first]
    assert await store.in_phases(frozenset({Phase.SENT, Phase.DRAFT}), frozenset({BODY.id})) == [first, second]
    assert await store.in_phases(frozenset({Phase.SENT}), frozenset({OTHER_BODY.id})) == []


async def check_versions_lie_side_by_side(store: SlipStore) -> None:
    slip = sent()
    await store.add(slip)
    second, first, others = kept(slip, [sheet(0, n=2), sheet(0, "other", "khác", n=1), sheet(1, "against")])
    for each in (others, second, first):
        await store.add_sheet(each)
    assert await store.versions(SLIP, person(0)) == [first, second]
    assert await store.sheets(SLIP) == [second, first, others]
    assert await store.answered(frozenset({SLIP, SECOND_SLIP})) == {SLIP: frozenset({person(0), person(1)})}
    assert await store.answered(frozenset()) == {}


async def check_a_version_is_stored_once(store: SlipStore) -> None:
    slip = sent()
    await store.add(slip)
    [first] = kept(slip, [sheet(0)])
    await store.add_sheet(first)
    with pytest.raises(Equivocation) as refused:
        await store.add_sheet(replace(first, number=200))
    assert refused.value.detail == {"n": 1}
    assert await store.sheets(SLIP) == [first]


async def check_a_draft_is_its_members_alone(store: SlipStore) -> None:
    await store.add(sent())
    assert await store.draft(SLIP, person(0)) is None
    await store.put_draft(SLIP, person(0), (Answer(FIRST, "for"),))
    await store.put_draft(SLIP, person(0), (Answer(FIRST, "other", "đang viết"),))
    assert await store.draft(SLIP, person(0)) == (Answer(FIRST, "other", "đang viết"),)
    assert await store.draft(SLIP, person(1)) is None
    await store.drop_draft(SLIP, person(0))
    await store.drop_draft(SLIP, person(0))
    assert await store.draft(SLIP, person(0)) is None


async def check_a_comment_is_the_last_one_written(store: SlipStore) -> None:
    await store.add(sent())
    await store.put_comment(SLIP, person(0), "Nên đồng ý")
    await store.put_comment(SLIP, person(1), "Xem mục 3")
    await store.put_comment(SLIP, person(0), "Xem mục 2")
    assert await store.comments(SLIP) == {person(0): "Xem mục 2", person(1): "Xem mục 3"}
    await store.put_comment(SLIP, person(0), "")
    assert await store.comments(SLIP) == {person(1): "Xem mục 3"}


async def check_opinions_are_replied_to(store: SlipStore) -> None:
    slip = ended(sent(), [])
    await store.add(slip)
    given = kept(sent(), answered(("other", 2)))
    texts = reporting.opinions_of(slip, given, iter(["one", "two"]).__next__)
    await store.add_opinions(())
    await store.add_opinions(texts)
    assert tuple(await store.opinions(SLIP)) == texts
    await store.reply(OpinionId("two"), "Đã tiếp thu")
    assert [each.reply for each in await store.opinions(SLIP)] == ["", "Đã tiếp thu"]


CONTRACT = [
    check_a_slip_comes_back_whole,
    check_numbers_go_up_in_each_body,
    check_slips_are_found_by_body_and_phase,
    check_versions_lie_side_by_side,
    check_a_version_is_stored_once,
    check_a_draft_is_its_members_alone,
    check_a_comment_is_the_last_one_written,
    check_opinions_are_replied_to,
]


@pytest.mark.parametrize("check", CONTRACT, ids=lambda check: check.__name__)
async def test_slips_in_memory(check: Check) -> None:
    await check(MemorySlips(frozenset({BODY.id, OTHER_BODY.id})))


@pytest.fixture
async def furnished(database: Database) -> Database:
    """With the bodies and the people that the rows point to."""
    async with database.writing() as connection:
        for body in (BODY, OTHER_BODY):
            await SqlBodies(connection).add_body(body)
        for each in (CLERK, *map(person, range(7))):
            await SqlAccounts(connection).add(Account(each, each, each, "hash"))
    return database


@pytest.mark.parametrize("check", CONTRACT, ids=lambda check: check.__name__)
async def test_slips_in_a_database(check: Check, furnished: Database) -> None:
    async with furnished.writing() as connection:
        await check(SqlSlips(connection))


async def test_an_answer_waits_for_the_end_and_then_finds_it_done(furnished: Database) -> None:
    """The lock on the slip: whoever comes second sees what the first one did."""
    async with furnished.writing() as connection:
        await SqlSlips(connection).add(sent())
    seen: list[Phase] = []
    locked = asyncio.Event()

    async def ender() -> None:
        async with furnished.writing() as connection:
            store = SqlSlips(connection)
            assert await store.lock(BODY.id, SLIP) is not None
            locked.set()
            await asyncio.sleep(0.2)  # long enough for the other to arrive at the lock
            await store.save(ended(sent(), []))

    async def member() -> None:
        await locked.wait()
        async with furnished.writing() as connection:
            found = await SqlSlips(connection).lock(BODY.id, SLIP)
            assert found is not None
            seen.append(found.phase)

    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        tasks.create_task(ender())
        tasks.create_task(member())
    assert seen == [Phase.ENDED]
