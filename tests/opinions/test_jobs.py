"""What time does to slips, on a clock that is set: reminded once, ended once, also after a restart."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from ecabinet import migrations
from ecabinet.adapters.unit_of_work import Act
from ecabinet.demo.story import OneHash
from ecabinet.founding import AccountPlan, BodyPlan, Founded, MemberPlan, found
from ecabinet.founding import Plan as FoundingPlan
from ecabinet.house import House
from ecabinet.kernel.errors import Refusal
from ecabinet.kernel.ids import BodyId, PersonId, SlipId
from ecabinet.ledger.sql import SqlRecords
from ecabinet.opinions.entries import SlipEntry
from ecabinet.opinions.model import Answer, EndCause, Phase
from ecabinet.opinions.service import Given
from ecabinet.opinions.sql import slips
from ecabinet.settings import Settings
from tests.fakes.kernel import NOON, SetClock
from tests.opinions.slips import PLAN

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MEMBERS = ("head", "one", "two")


@dataclass
class Office:
    """An installation with a body of three and its clerk, on a clock that stands still."""

    folder: Path
    clock: SetClock
    house: House
    people: dict[str, PersonId]
    body: BodyId
    slip: SlipId = field(init=False)

    async def restart(self) -> None:
        """As after a power cut: everything but what was kept is gone."""
        await self.house.database.close()
        self.house = House(Settings(data=self.folder), clock=self.clock)

    async def send(self, deadline: timedelta = 3 * DAY, *, eager: bool = False) -> None:
        plan = replace(PLAN, deadline=self.clock.now() + deadline, ends_when_all_answered=eager)
        clerk, head = self.people["clerk"], self.people["head"]
        run = self.house.uow.run
        self.slip = await run(lambda act: self.house.opinions(act).draft(self.body, plan, clerk))
        await run(lambda act: self.house.opinions(act).submit(self.body, self.slip, clerk))
        await run(lambda act: self.house.opinions(act).approve(self.body, self.slip, None, head))

    async def answer(self, name: str, choice: str = "for", n: int = 1) -> None:
        who = self.people[name]
        question = (await self.see(name))["questions"][0]["id"]
        given = Given(n, (Answer(question, choice),))  # type: ignore[arg-type]
        await self.house.uow.run(lambda act: self.house.opinions(act).answer(self.body, self.slip, given, who))

    async def see(self, name: str = "clerk") -> SlipEntry:
        async with self.house.uow.reading() as act:
            return await self.house.opinions(act).get(self.body, self.slip, self.people[name])

    async def look(self, times: int = 1) -> None:
        """The job comes by."""
        for _ in range(times):
            await self.house.slip_jobs.keep_time()

    async def waiting(self, name: str) -> list[str]:
        async with self.house.uow.reading() as act:
            return [each["kind"] for each in await self.house.opinions(act).waiting(self.people[name])]

    async def recorded(self) -> list[str]:
        """The slip's events, oldest first."""
        async with self.house.uow.reading() as act:
            records = SqlRecords(act.connection)
            size = (await records.head()).size
            found = [entry async for entry in records.entries(0, size)]
        types = [each.type for each in found]
        return [each for each in types if each.startswith("slip.")]


@asynccontextmanager
async def an_office(folder: Path) -> AsyncIterator[Office]:
    clock = SetClock()
    house = House(Settings(data=folder), clock=clock)
    await migrations.migrate(house.database)
    seats = [
        MemberPlan(username=name, post="Bộ trưởng", post_en="Minister", head=name == "head", since=date(2026, 1, 1))
        for name in MEMBERS
    ]
    accounts = [AccountPlan(username=name, name=name, password="một mật khẩu dài") for name in (*MEMBERS, "clerk")]
    body = BodyPlan(
        name="Chính phủ", name_en="Government", unit="Chính phủ", profile="chinh-phu", secretaries=["clerk"],
        member=seats,
    )  # fmt: skip

    async def begin(act: Act) -> Founded:
        identity = replace(house.identity(act), passwords=OneHash(house.passwords))
        return await found(FoundingPlan(account=accounts, body=[body]), identity, house.register(act))

    founded = await house.uow.run(begin)
    office = Office(folder, clock, house, dict(founded.people), founded.bodies["Chính phủ"])
    yield office
    await office.house.database.close()


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with an_office(tmp_path) as office:
        yield office


async def test_those_who_have_not_answered_are_reminded_once_also_after_a_restart(office: Office) -> None:
    await office.send()
    await office.answer("one")
    await office.look()
    assert (await office.see())["reminders"] == []
    office.clock.pass_time(2 * DAY)
    await office.look(2)
    await office.restart()
    await office.look(2)
    assert [each["hours"] for each in (await office.see())["reminders"]] == [24]
    office.clock.pass_time(20 * HOUR)
    await office.look(2)
    assert [each["hours"] for each in (await office.see())["reminders"]] == [24, 4]
    assert (await office.recorded()).count("slip.reminded") == 2
    assert [await office.waiting(name) for name in (*MEMBERS, "clerk")] == [["slip"], [], ["slip"], []]


async def test_who_looks_late_reminds_with_what_is_left(office: Office) -> None:
    await office.send()
    office.clock.pass_time(3 * DAY - HOUR)
    await office.look(3)
    assert [each["hours"] for each in (await office.see())["reminders"]] == [4]


async def test_a_slip_ends_once_at_its_deadline_also_after_a_restart(office: Office) -> None:
    await office.send()
    await office.answer("head")
    await office.answer("one", "against")
    office.clock.pass_time(3 * DAY - timedelta(seconds=1))
    await office.look()
    assert (await office.see())["phase"] == Phase.SENT.value
    office.clock.pass_time(timedelta(seconds=1))
    assert (await office.see())["is_overdue"]
    with pytest.raises(Refusal) as refused:
        await office.answer("two")
    assert refused.value.code == "slip_ended", "also before anybody has counted"
    await office.restart()
    await office.look(2)
    await office.restart()
    await office.look(2)
    done = await office.see()
    assert (done["phase"], done["end_cause"], done["answered"]) == ("ended", EndCause.DEADLINE.value, 2)
    assert (await office.recorded()).count("slip.ended") == 1
    assert done["questions"][0]["result"] is not None
    # One for, one against, one silent: as the head answered.
    assert done["questions"][0]["result"]["verdict"]["outcome"] == "passed"


async def test_the_last_answer_ends_an_eager_slip_in_its_own_act(office: Office) -> None:
    await office.send(eager=True)
    for name in MEMBERS:
        await office.answer(name)
    done = await office.see()
    assert (done["phase"], done["end_cause"]) == ("ended", EndCause.ALL_ANSWERED.value)
    assert (await office.recorded())[-2:] == ["slip.answered", "slip.ended"]


async def test_a_patient_slip_waits_for_the_head(office: Office) -> None:
    await office.send()
    for name in MEMBERS:
        await office.answer(name)
    await office.look()
    await office.answer("one", "against", n=2)
    assert (await office.see())["phase"] == "sent"
    await office.house.uow.run(
        lambda act: office.house.opinions(act).end(office.body, office.slip, office.people["head"])
    )
    assert (await office.see())["questions"][0]["result"]["counts"]["against"] == 1  # type: ignore[index]


async def test_a_slip_that_was_taken_back_is_left_alone_by_time(office: Office) -> None:
    await office.send()
    recall = "Nội dung đã thay đổi"
    await office.house.uow.run(
        lambda act: office.house.opinions(act).recall(office.body, office.slip, recall, office.people["head"])
    )
    office.clock.pass_time(4 * DAY)
    await office.look()
    assert (await office.see())["phase"] == "recalled"
    assert await office.waiting("one") == []


async def test_a_slip_that_cannot_be_counted_does_not_keep_the_next_one_waiting(office: Office) -> None:
    await office.send()
    async with office.house.uow.database.writing() as connection:
        # As nothing of ours would leave it: sent, and without what was frozen then.
        await connection.execute(update(slips).where(slips.c.id == office.slip).values(sending=None))
    await office.send()
    office.clock.pass_time(3 * DAY)
    await office.look()
    assert (await office.see())["phase"] == "ended"


async def test_the_desk_tells_each_what_a_slip_wants(office: Office) -> None:
    clerk, head, house = office.people["clerk"], office.people["head"], office.house
    plan = replace(PLAN, deadline=NOON + DAY)
    office.slip = await house.uow.run(lambda act: house.opinions(act).draft(office.body, plan, clerk))
    assert [await office.waiting(name) for name in (*MEMBERS, "clerk")] == [[], [], [], []]
    await house.uow.run(lambda act: house.opinions(act).submit(office.body, office.slip, clerk))
    assert [await office.waiting(name) for name in (*MEMBERS, "clerk")] == [["slip_approval"], [], [], []]
    await house.uow.run(lambda act: house.opinions(act).give_back(office.body, office.slip, "Thiếu", head))
    assert [await office.waiting(name) for name in (*MEMBERS, "clerk")] == [[], [], [], ["slip_returned"]]
    async with house.uow.reading() as act:
        [shown] = (await house.meetings(act).desk(clerk))["waiting"]
    assert (shown["slip"], shown["meeting"], shown["body"]) == (office.slip, None, office.body)
