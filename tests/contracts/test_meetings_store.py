"""What every keeper of meetings must do, the memory fake and both databases alike."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from ecabinet.adapters.database import Database
from ecabinet.identity.model import Account
from ecabinet.identity.sql import SqlAccounts
from ecabinet.kernel.access import Role
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import MeetingId, PersonId
from ecabinet.meetings import rules, seating
from ecabinet.meetings.model import Answer, ItemPhase, Meeting, PapersDue, Phase, Reply, Seat
from ecabinet.meetings.ports import MeetingStore
from ecabinet.meetings.sql import SqlMeetings, items
from ecabinet.register.model import Words
from ecabinet.register.sql import SqlBodies
from tests.fakes.meetings import (
    BODY,
    DEPUTY,
    GUEST,
    HEAD,
    MEMBERS,
    OFFICER,
    SECRETARY,
    STRANGER,
    MemoryMeetings,
    OneBody,
)
from tests.meetings.stages import BY, CHAIR, ITEMS, MEETING, NOW, STAGES, STARTS_AT, at_item, convened, draft
from tests.meetings.test_seating import answers, seat, who, with_deputy

AN = MEMBERS[0]
DUE = PapersDue(NOW, Words("Điều 114", "Art. 114"))
Check = Callable[[MeetingStore], Awaitable[None]]


def full() -> Meeting:
    """Every field of every kind has a value somewhere."""
    meeting = seating.set_participant(with_deputy(at_item()), seat(GUEST, Role.GUEST, 2, 3), BY).meeting
    meeting = rules.note_item(meeting, ITEMS[0], "Ý kiến", "0" * 64, BY).meeting
    meeting = rules.conclude_item(meeting, ITEMS[0], "Thống nhất", BY).meeting
    meeting = answers(meeting, MEMBERS[1], rules_reply()).meeting
    return replace(meeting, papers_due=DUE, closed_at=NOW, cancel_reason="không")


def rules_reply() -> Reply:
    return Reply(Answer.ABSENT, "Đi công tác nước ngoài")


async def check_what_is_kept_comes_back_whole(store: MeetingStore) -> None:
    await store.add(full())
    assert await store.get(MEETING) == full()


@pytest.mark.parametrize("phase", Phase)
async def test_every_phase_is_a_value_of_the_model(phase: Phase) -> None:
    store = MemoryMeetings()
    await store.add(STAGES[phase]())
    assert (await store.get(MEETING)).phase is phase


async def check_what_is_not_there_is_not_found(store: MeetingStore) -> None:
    for ask in (store.get, store.lock):
        with pytest.raises(NotFound):
            await ask(MeetingId("none"))
    assert await store.seats(MEETING, {AN}) == {}


async def check_a_meeting_is_kept_through_all_its_changes(store: MeetingStore) -> None:
    held = draft()
    await store.add(held)
    steps: tuple[Callable[[Meeting], Meeting], ...] = (
        lambda m: rules.order_agenda(m, ITEMS[::-1], BY).meeting,
        lambda m: rules.remove_item(m, ITEMS[1], BY).meeting,
        lambda m: rules.change_item(m, ITEMS[0], {"title": "Khác", "minutes": 5}, BY).meeting,
        lambda m: rules.convene(m, DUE, BY).meeting,
        with_deputy,
        lambda m: seating.set_participant(m, seat(AN, Role.CHAIR), BY).meeting,
        lambda m: answers(m, AN, Reply(Answer.IN_PERSON)).meeting,
        lambda m: seating.set_participant(m, seat(GUEST, Role.GUEST, 1), BY).meeting,
        lambda m: seating.remove_participant(m, OFFICER, BY).meeting,
        lambda m: replace(m, phase=Phase.OPEN, opened_at=STARTS_AT),
        lambda m: rules.start_item(m, ITEMS[0], None, CHAIR).meeting,
        lambda m: rules.start_item(m, ITEMS[2], None, CHAIR).meeting,
        lambda m: rules.start_item(m, ITEMS[0], None, CHAIR).meeting,
        lambda m: rules.close(m, None, CHAIR).meeting,
    )
    for step in steps:
        await store.lock(MEETING)
        before = await store.get(MEETING)
        assert before == held
        held = step(before)
        await store.save(before, held)
    assert await store.get(MEETING) == held


async def check_a_place_is_given_with_whether_the_meeting_is_announced(store: MeetingStore) -> None:
    await store.add(draft())
    assert await store.seats(MEETING, {AN, GUEST}) == {AN: Seat(draft().participant(AN), is_announced=False)}
    assert await store.seats(MEETING, frozenset()) == {}
    await store.save(draft(), convened())
    assert await store.seats(MEETING, {AN}) == {AN: Seat(convened().participant(AN), is_announced=True)}


def elsewhere(number: int, shift: timedelta) -> Meeting:
    """Another meeting, without an agenda, at another time."""
    bare = replace(draft(), id=MeetingId(f"other{number}".ljust(26, "0")), items=())
    return replace(bare, starts_at=bare.starts_at + shift, ends_at=bare.ends_at + shift)


async def check_a_persons_meetings_come_by_start_within_the_span(store: MeetingStore) -> None:
    day = timedelta(days=1)
    later, sooner = elsewhere(1, 2 * day), elsewhere(2, -day)
    for meeting in (later, draft(), sooner):
        await store.add(meeting)
    without = elsewhere(3, timedelta())
    await store.add(replace(without, participants=tuple(p for p in without.participants if p.person != AN)))
    assert await store.of_person(AN, None, None) == [sooner, draft(), later]
    assert await store.of_person(AN, STARTS_AT, STARTS_AT + 2 * day) == [draft()]
    assert await store.of_person(GUEST, None, None) == []


CHECKS: tuple[Check, ...] = (
    check_what_is_kept_comes_back_whole,
    check_what_is_not_there_is_not_found,
    check_a_meeting_is_kept_through_all_its_changes,
    check_a_place_is_given_with_whether_the_meeting_is_announced,
    check_a_persons_meetings_come_by_start_within_the_span,
)


def sentence(check: Callable[..., object]) -> str:
    return check.__name__.removeprefix("check_")


async def furnish(database: Database) -> None:
    """The body, and everyone's account but STRANGER's."""
    people: tuple[PersonId, ...] = (HEAD, SECRETARY, OFFICER, *MEMBERS, GUEST, DEPUTY)
    async with database.writing() as connection:
        for person in people:
            await SqlAccounts(connection).add(Account(person, person.rstrip("0"), who(person).name, "hash"))
        await SqlBodies(connection).add_body(await OneBody().body(BODY))


@pytest.mark.parametrize("check", CHECKS, ids=sentence)
async def test_in_memory(check: Check) -> None:
    await check(MemoryMeetings())


@pytest.mark.parametrize("check", CHECKS, ids=sentence)
async def test_in_the_database(check: Check, database: Database) -> None:
    await furnish(database)
    async with database.writing() as connection:
        await check(SqlMeetings(connection))


# --- what only a database can promise ---


async def test_two_chairs_or_two_current_items_cannot_be_kept(database: Database) -> None:
    await furnish(database)
    async with database.writing() as connection:
        await SqlMeetings(connection).add(at_item())
    second = replace(at_item().item(ITEMS[1]), phase=ItemPhase.CURRENT)
    two_chairs = tuple(replace(p, role=Role.CHAIR) if p.person == AN else p for p in at_item().participants)
    for wrong in (at_item().with_item(second), replace(at_item(), participants=two_chairs)):
        with pytest.raises(IntegrityError):
            async with database.writing() as connection:
                await SqlMeetings(connection).save(at_item(), wrong)


async def test_nobody_without_an_account_and_no_stand_in_with_a_vote_is_kept(database: Database) -> None:
    await furnish(database)
    stranger = replace(draft().participant(AN), person=STRANGER)
    voting = replace(draft().participant(AN), role=Role.GUEST, votes=True)
    for wrong in (draft().with_participant(stranger), draft().with_participant(voting)):
        with pytest.raises(IntegrityError):
            async with database.writing() as connection:
                await SqlMeetings(connection).add(wrong)


async def test_acts_on_one_meeting_wait_for_each_other(database: Database) -> None:
    await furnish(database)
    async with database.writing() as connection:
        await SqlMeetings(connection).add(draft())
    first_has_it, second_has_it = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with database.writing() as connection:
            await SqlMeetings(connection).lock(MEETING)
            first_has_it.set()
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.5):
                    await second_has_it.wait()
            await connection.execute(update(items).where(items.c.id == ITEMS[0]).values(title="Một"))

    async def second() -> None:
        await first_has_it.wait()
        async with database.writing() as connection:
            store = SqlMeetings(connection)
            await store.lock(MEETING)
            second_has_it.set()
            assert (await store.get(MEETING)).item(ITEMS[0]).title == "Một"

    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        tasks.create_task(first())
        tasks.create_task(second())
    assert second_has_it.is_set()
