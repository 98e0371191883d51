"""Meetings and presence as participants see them live: for every event, view before + message = view after."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters import outbox
from ecabinet.adapters.bus import Bus
from ecabinet.adapters.database import Database
from ecabinet.adapters.outbox import Changes
from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.attendance.model import Mark
from ecabinet.attendance.ports import Above as Neighbours
from ecabinet.attendance.realtime import AttendanceRealtime
from ecabinet.attendance.service import Attendance, Withdrawal
from ecabinet.attendance.sql import SqlPresences, SqlRecusals
from ecabinet.edge.live import Live
from ecabinet.kernel.access import Role, Standing
from ecabinet.kernel.ids import ItemId, MeetingId, PersonId
from ecabinet.meetings.events import MeetingCreated
from ecabinet.meetings.model import Act as Done
from ecabinet.meetings.model import Answer, ItemPlan, ItemType
from ecabinet.meetings.realtime import MeetingsRealtime
from ecabinet.meetings.service import Meetings, Wanted
from ecabinet.meetings.sql import SqlMeetings
from tests.contracts.test_meetings_store import furnish
from tests.fakes.door import CountingRecorder
from tests.fakes.kernel import CountingIds, SetClock
from tests.fakes.meetings import BODY, DEPUTY, GUEST, HEAD, MEMBERS, OFFICER, SECRETARY, Above, EverybodysName, OneBody
from tests.meetings.stages import NOW, PLAN

AN, BINH = MEMBERS[:2]
PLAN_OF_ITEM = ItemPlan("Dự toán năm 2027", ItemType.DECISION, "Sở Tài chính", 30)
Work = Callable[["Session"], Awaitable[object]]


@dataclass
class Session:
    """The two services in one act."""

    meetings: Meetings
    attendance: Attendance


@dataclass
class Stage:
    """Both slices on a real database, as app.py puts them together."""

    database: Database
    recorder: CountingRecorder = field(default_factory=CountingRecorder)
    clock: SetClock = field(default_factory=lambda: SetClock(NOW))
    ids: CountingIds = field(default_factory=CountingIds)
    above: Above = field(default_factory=Above)
    meeting: MeetingId = field(init=False)

    def __post_init__(self) -> None:
        attendance = AttendanceRealtime(
            lambda connection: self.session(self._reading(connection)).attendance, self.of_item
        )
        meetings = MeetingsRealtime(
            lambda connection: self.session(self._reading(connection)).meetings, attendance.strength
        )
        self.live = Live.of([*meetings.collections(), *attendance.collections()])
        self.projectors = {**meetings.projectors(), **attendance.projectors()}
        self.uow = UnitOfWork(self.database, self.recorder, self.projectors, Bus())

    async def of_item(self, meeting: MeetingId, item: ItemId, connection: AsyncConnection) -> Changes:
        return await self.live.of_item(meeting, item, connection)

    def _reading(self, connection: AsyncConnection) -> Act:
        return Act(connection, self.recorder)

    def session(self, act: Act) -> Session:
        store, register = SqlMeetings(act.connection), OneBody()
        attendance = Attendance(
            act, SqlPresences(act.connection), SqlRecusals(act.connection), register, store, self.clock
        )
        meetings = Meetings(
            act, store, register, attendance, EverybodysName(), self.ids, self.clock, self.above.neighbours()
        )
        return Session(meetings, replace(attendance, above=Neighbours(self.above, self.above)))

    async def do(self, work: Work) -> None:
        """One act."""
        self.clock.pass_time(timedelta(seconds=1))
        await self.uow.run(lambda act: work(self.session(act)))

    async def standing(self, person: PersonId) -> Standing:
        async with self.uow.reading() as act:
            session = self.session(act)
            roles, items = await session.meetings.standing(person, self.meeting)
            recused = await session.attendance.withdrawn_from(self.meeting)
        return Standing(person, roles, None, self.meeting, items, recused.get(person, frozenset()))

    async def view(self, person: PersonId, standing: Standing | None = None) -> Changes:
        """What somebody sees on entering now."""
        known = standing or await self.standing(person)
        async with self.uow.reading() as act:
            return await self.live.view(self.meeting, act.connection, known)

    async def since(self, seq: int) -> list[outbox.Message]:
        async with self.uow.reading() as act:
            return await outbox.since(act.connection, self.meeting, seq, 100)


@pytest.fixture
async def stage(database: Database) -> Stage:
    """With a draft of one item in it, called by SECRETARY."""
    await furnish(database)
    stage = Stage(database)

    async def call(session: Session) -> None:
        stage.meeting = await session.meetings.create(BODY, PLAN, None, SECRETARY)
        await session.meetings.add_item(stage.meeting, PLAN_OF_ITEM, SECRETARY)

    await stage.do(call)
    return stage


def moved(view: Changes, body: Changes) -> Changes:
    """The one rule of the protocol: put each entry in its place, and take out what is null."""
    after = {name: dict(entries) for name, entries in view.items()}
    for name, entries in body.items():
        for key, entry in entries.items():
            if entry is None:
                after[name].pop(key, None)
            else:
                after[name][key] = entry
    return after


def enters(meeting: MeetingId, who: PersonId) -> Work:
    return lambda s: s.attendance.connected(meeting, who)


async def excuse(session: Session, meeting: MeetingId, who: PersonId) -> None:
    await session.attendance.mark(await session.meetings.get(meeting), who, Mark.EXCUSED, "Ốm", SECRETARY)


def away(who: PersonId) -> Withdrawal:
    return Withdrawal(who, calls_roll=True, reason="Cổ đông")


def story(meeting: MeetingId, first: ItemId, second: ItemId, third: ItemId) -> list[Work]:
    """One meeting in which everything happens."""
    return [
        lambda s: s.meetings.add_item(meeting, PLAN_OF_ITEM, SECRETARY),
        lambda s: s.meetings.add_item(meeting, PLAN_OF_ITEM, SECRETARY),
        lambda s: s.meetings.change_item(meeting, second, {"title": "Khác"}, SECRETARY),
        lambda s: s.meetings.order_agenda(meeting, (third, first, second), SECRETARY),
        lambda s: s.meetings.note_item(meeting, third, "Sẽ bỏ", SECRETARY),
        lambda s: s.meetings.set_participant(meeting, Wanted(GUEST, Role.GUEST, frozenset({second, third})), SECRETARY),
        lambda s: s.attendance.recuse(meeting, third, away(HEAD), SECRETARY),
        lambda s: s.meetings.remove_item(meeting, third, SECRETARY),
        lambda s: s.meetings.change(meeting, {"ends_at": PLAN.ends_at + timedelta(hours=1)}, None, SECRETARY),
        lambda s: s.meetings.change(meeting, {}, AN, SECRETARY),
        lambda s: s.meetings.convene(meeting, SECRETARY),
        lambda s: s.meetings.answer(meeting, Answer.STAND_IN, "Họp Quốc hội", DEPUTY, BINH),
        lambda s: s.attendance.connected(meeting, DEPUTY),
        lambda s: s.meetings.answer(meeting, Answer.REMOTE, None, None, BINH),
        lambda s: s.meetings.answer(meeting, Answer.ABSENT, "Ốm", None, MEMBERS[2]),
        lambda s: s.attendance.connected(meeting, OFFICER),
        lambda s: s.attendance.recuse(meeting, first, away(OFFICER), SECRETARY),
        lambda s: s.meetings.remove_participant(meeting, OFFICER, SECRETARY),
        *[enters(meeting, who) for who in (HEAD, AN, BINH, MEMBERS[3], MEMBERS[4])],
        lambda s: excuse(s, meeting, MEMBERS[2]),
        lambda s: s.meetings.open(meeting, AN),
        lambda s: s.meetings.start_item(meeting, first, AN),
        lambda s: s.meetings.note_item(meeting, first, "Ý kiến", SECRETARY),
        lambda s: s.meetings.note_item(meeting, first, "", SECRETARY),
        lambda s: s.meetings.conclude_item(meeting, first, "Để lại", AN),
        lambda s: s.attendance.recuse(meeting, first, away(AN), SECRETARY),
        lambda s: s.meetings.note_item(meeting, first, "Riêng", SECRETARY),
        lambda s: s.meetings.conclude_item(meeting, first, "Đồng ý", SECRETARY),
        lambda s: s.attendance.recuse(meeting, first, away(MEMBERS[3]), SECRETARY),
        lambda s: s.attendance.take_part(meeting, first, away(AN), SECRETARY),
        lambda s: s.attendance.take_part(meeting, first, away(MEMBERS[3]), SECRETARY),
        lambda s: s.meetings.note_item(meeting, first, "", SECRETARY),
        lambda s: s.meetings.pause(meeting, AN),
        lambda s: s.attendance.disconnected(meeting, MEMBERS[4]),
        lambda s: s.meetings.resume(meeting, AN),
        lambda s: s.meetings.finish_item(meeting, first, AN),
        lambda s: s.meetings.conclude_item(meeting, first, "Thống nhất", AN),
        lambda s: s.meetings.adopt_items(meeting, (second,), "Thông qua", Done(AN, s.meetings.clock.now())),
        lambda s: s.meetings.start_item(meeting, second, AN),
        lambda s: s.meetings.close(meeting, AN),
    ]


def given(number: int) -> ItemId:
    """The id of what was made as the so-and-so-manieth thing: the meeting is 1, its first item 2."""
    return ItemId(f"id{number:024d}")


async def played(stage: Stage) -> AsyncIterator[None]:
    """Act by act."""
    for work in story(stage.meeting, *(given(number) for number in (2, 3, 4))):
        await stage.do(work)
        yield


@dataclass
class Onlooker:
    """A page as the protocol wants it: it enters, moves its view by messages, and enters again when told of itself."""

    person: PersonId
    view: Changes | None = None
    entered: int = 0

    async def hear(self, stage: Stage, messages: list[outbox.Message]) -> None:
        standing = await stage.standing(self.person)
        if not standing.roles:
            self.view = None
            return
        bodies = [stage.live.event(message, standing)["body"] for message in messages]
        now = await stage.view(self.person, standing)
        if self.view is None or any(self.person in body.get("participants", {}) for body in bodies):
            self.view, self.entered = now, self.entered + 1
            return
        for body in bodies:
            self.view = moved(self.view, body)
        assert self.view == now, (self.person, [message.type for message in messages])


async def test_for_everyone_the_view_before_and_the_messages_are_the_view_after(stage: Stage) -> None:
    pages = [Onlooker(person) for person in (SECRETARY, HEAD, AN, MEMBERS[3], GUEST)]
    seq = 0
    async for _ in played(stage):
        messages = await stage.since(seq)
        seq += len(messages)
        for page in pages:
            await page.hear(stage, messages)
    told = {type(event) for event in stage.recorder.events}
    # Called off is another story, told below.
    assert {event.type for event in set(stage.projectors) - told} == {"meeting.cancelled"}
    # Another's answer or removal makes nobody else enter again; HEAD and AN changed chairs.
    assert [page.entered for page in pages] == [1, 2, 1, 1, 1]
    await check_who_sees_what(stage)
    # HEAD, AN, BINH and MEMBERS[3] are there; MEMBERS[4] has left, MEMBERS[2] is excused.
    quorum = (await stage.view(MEMBERS[3]))["quorums"][stage.meeting]
    assert (quorum["members"], quorum["present"], quorum["needed"], quorum["is_quorate"]) == (7, 4, 5, False)


async def check_who_sees_what(stage: Stage) -> None:
    first, second = given(2), given(3)
    await stage.do(lambda s: s.meetings.note_item(stage.meeting, first, "Chỉ thư ký", SECRETARY))
    seen = {person: await stage.view(person) for person in (SECRETARY, AN, MEMBERS[3], MEMBERS[2], GUEST)}
    assert set(seen[SECRETARY]["items"]) == set(seen[MEMBERS[3]]["items"]) == {first, second}
    assert set(seen[GUEST]["items"]) == {second}
    notes = {person: set(view["notes"]) for person, view in seen.items() if view["notes"]}
    assert notes == {SECRETARY: {first}, AN: {first}}
    reasons = {person: set(view["reasons"]) for person, view in seen.items() if view["reasons"]}
    assert reasons == {SECRETARY: {MEMBERS[2]}, AN: {MEMBERS[2]}, MEMBERS[2]: {MEMBERS[2]}}
    (message,) = (await stage.since(0))[-1:]
    assert stage.live.event(message, await stage.standing(GUEST))["type"] == "hidden"


async def test_a_new_meeting_is_told_whole(stage: Stage) -> None:
    await stage.do(lambda s: s.meetings.create(BODY, PLAN, None, SECRETARY))
    stage.meeting = MeetingId(given(3))
    messages = await stage.since(0)
    assert [message.type for message in messages] == [MeetingCreated.type]
    assert messages[0].body["participants"] == (await stage.view(SECRETARY))["participants"]


async def test_a_meeting_that_is_called_off_says_why(stage: Stage) -> None:
    view = await stage.view(SECRETARY)
    await stage.do(lambda s: s.meetings.cancel(stage.meeting, "Bão", SECRETARY))
    (message,) = await stage.since(2)
    assert moved(view, message.body) == await stage.view(SECRETARY)
    assert message.body["meetings"][stage.meeting]["cancel_reason"] == "Bão"


async def test_nobody_is_told_of_a_draft(stage: Stage) -> None:
    assert (await stage.standing(MEMBERS[3])).roles == frozenset()
    assert (await stage.standing(HEAD)).roles == {Role.CHAIR}
