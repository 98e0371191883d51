"""Meetings from the first draft to the end, with everything around them in memory."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from ecabinet.kernel.access import Role
from ecabinet.kernel.errors import Invalid, NotFound, Refusal
from ecabinet.kernel.ids import ItemId, MeetingId, PersonId, QuestionId
from ecabinet.meetings.model import (
    Answer,
    ItemHasPapers,
    ItemPlan,
    ItemType,
    MeetingWrongPhase,
    Phase,
    QuestionOpen,
    QuorumNotMet,
    StandInNotAllowed,
    TieWaits,
)
from ecabinet.meetings.service import Meetings, Wanted
from tests.fakes.kernel import CountingIds, RecordingTransaction, SetClock
from tests.fakes.meetings import (
    BODY,
    DEPUTY,
    GUEST,
    HEAD,
    MEMBERS,
    OFFICER,
    SECRETARY,
    STRANGER,
    Above,
    Counted,
    EverybodysName,
    MemoryMeetings,
    OneBody,
)
from tests.meetings.stages import NOW, PLAN, STARTS_AT

AN = MEMBERS[0]
DECISION = ItemPlan("Dự toán năm 2027", ItemType.DECISION, "Sở Tài chính", 30)


@dataclass
class House:
    """The service and all it stands on."""

    tx: RecordingTransaction = field(default_factory=RecordingTransaction)
    store: MemoryMeetings = field(default_factory=MemoryMeetings)
    register: OneBody = field(default_factory=OneBody)
    quorum: Counted = field(default_factory=Counted)
    above: Above = field(default_factory=Above)
    clock: SetClock = field(default_factory=lambda: SetClock(NOW))

    def __post_init__(self) -> None:
        self.meetings = Meetings(
            self.tx, self.store, self.register, self.quorum, EverybodysName(), CountingIds(), self.clock,
            self.above.neighbours(),
        )  # fmt: skip

    def told(self) -> list[str]:
        """The types of what was recorded."""
        return [event.type for event in self.tx.events]

    async def draft(self, items: int = 2) -> MeetingId:
        meeting = await self.meetings.create(BODY, PLAN, None, SECRETARY)
        for _ in range(items):
            await self.meetings.add_item(meeting, DECISION, SECRETARY)
        return meeting

    async def convened(self) -> MeetingId:
        meeting = await self.draft()
        await self.meetings.convene(meeting, SECRETARY)
        return meeting

    async def opened(self) -> MeetingId:
        meeting = await self.convened()
        await self.meetings.open(meeting, HEAD)
        return meeting

    async def items(self, meeting: MeetingId) -> list[ItemId]:
        return [item.id for item in (await self.meetings.get(meeting)).items]


@pytest.fixture
def house() -> House:
    return House()


async def test_a_meeting_goes_from_draft_to_its_end(house: House) -> None:
    meeting = await house.draft()
    first, second = await house.items(meeting)
    await house.meetings.order_agenda(meeting, (second, first), SECRETARY)
    await house.meetings.change_item(meeting, first, {"minutes": 15}, SECRETARY)
    await house.meetings.convene(meeting, SECRETARY)
    await house.meetings.answer(meeting, Answer.IN_PERSON, None, None, AN)
    await house.meetings.open(meeting, HEAD)
    await house.meetings.start_item(meeting, second, HEAD)
    await house.meetings.note_item(meeting, second, "Ý kiến", SECRETARY)
    await house.meetings.pause(meeting, HEAD)
    await house.meetings.resume(meeting, HEAD)
    await house.meetings.finish_item(meeting, second, HEAD)
    await house.meetings.conclude_item(meeting, second, "Thống nhất", HEAD)
    await house.meetings.start_item(meeting, first, HEAD)
    await house.meetings.start_item(meeting, second, HEAD)
    await house.meetings.close(meeting, HEAD)
    # What is taken up again has begun before.
    assert house.above.begun_items == [second, first]
    assert house.told() == [
        "meeting.created", "item.added", "item.added", "agenda.ordered", "item.changed", "meeting.convened",
        "invitation.answered", "meeting.opened", "item.started", "item.noted", "meeting.paused", "meeting.resumed",
        "item.finished", "item.concluded", "item.started", "item.started", "meeting.closed",
    ]  # fmt: skip
    assert house.above.ended == house.above.polled == [meeting]
    # What is recorded stops with the break, and with the end.
    assert house.above.recorded == [False, True]
    assert (await house.meetings.get(meeting)).phase is Phase.CLOSED


async def test_nothing_changes_on_the_agenda_of_what_is_voted_on(house: House) -> None:
    meeting = await house.draft()
    first, second = await house.items(meeting)
    house.above.voted = {first: QuestionId("q")}
    with pytest.raises(QuestionOpen):
        await house.meetings.change_item(meeting, first, {"title": "Khác"}, SECRETARY)
    await house.meetings.change_item(meeting, second, {"title": "Khác"}, SECRETARY)


async def test_every_secretary_of_the_body_prepares_and_the_caller_too(house: House) -> None:
    house.register.prepares = (SECRETARY, OFFICER, STRANGER)
    meeting = await house.meetings.get(await house.meetings.create(BODY, PLAN, None, SECRETARY))
    secretaries = {each.person for each in meeting.participants if each.role is Role.SECRETARY}
    assert secretaries == {SECRETARY, OFFICER}
    assert meeting.participant(OFFICER).order == 8


async def test_who_calls_a_meeting_and_presides_over_it_still_prepares_it(house: House) -> None:
    house.register.prepares = (HEAD,)
    meeting = await house.meetings.create(BODY, PLAN, None, HEAD)
    assert await house.meetings.standing(HEAD, meeting) == (frozenset({Role.CHAIR, Role.SECRETARY}), None)


async def test_a_draft_is_known_to_its_chair_and_secretaries_alone(house: House) -> None:
    meeting = await house.draft()
    assert (await house.meetings.standing(AN, meeting))[0] == frozenset()
    assert (await house.meetings.standing(HEAD, meeting))[0] == {Role.CHAIR}
    assert await house.meetings.cards(AN, None, None) == []
    assert len(await house.meetings.cards(SECRETARY, None, None)) == 1
    await house.meetings.convene(meeting, SECRETARY)
    assert (await house.meetings.standing(AN, meeting))[0] == {Role.MEMBER}
    assert (await house.meetings.standing(STRANGER, meeting))[0] == frozenset()
    assert (await house.meetings.standing(AN, MeetingId("none")))[0] == frozenset()


async def test_a_guest_knows_of_the_items_he_is_asked_for(house: House) -> None:
    meeting = await house.convened()
    first, _ = await house.items(meeting)
    await house.meetings.set_participant(meeting, Wanted(GUEST, Role.GUEST, frozenset({first})), SECRETARY)
    assert await house.meetings.standing(GUEST, meeting) == (frozenset({Role.GUEST}), frozenset({first}))


async def test_an_item_with_papers_stays(house: House) -> None:
    meeting = await house.draft()
    first, second = await house.items(meeting)
    house.above.papers.add(first)
    with pytest.raises(ItemHasPapers):
        await house.meetings.remove_item(meeting, first, SECRETARY)
    await house.meetings.remove_item(meeting, second, SECRETARY)
    assert await house.items(meeting) == [first]


async def test_a_meeting_opens_with_quorum_only(house: House) -> None:
    meeting = await house.convened()
    house.quorum.present = 4
    with pytest.raises(QuorumNotMet):
        await house.meetings.open(meeting, HEAD)
    assert (await house.meetings.get(meeting)).phase is Phase.CONVENED


async def test_a_vote_holds_the_meeting_and_its_item(house: House) -> None:
    meeting = await house.opened()
    first, second = await house.items(meeting)
    await house.meetings.start_item(meeting, first, HEAD)
    house.above.question = QuestionId("question")
    acts: tuple[Callable[[], Awaitable[None]], ...] = (
        lambda: house.meetings.close(meeting, HEAD),
        lambda: house.meetings.start_item(meeting, second, HEAD),
        lambda: house.meetings.finish_item(meeting, first, HEAD),
    )
    recorded = house.told()
    for act in acts:
        with pytest.raises(QuestionOpen):
            await act()
    assert house.told() == recorded
    assert house.above.ended == []


async def test_a_meeting_lasts_while_a_tie_waits_for_whoever_settles_it(house: House) -> None:
    meeting = await house.opened()
    house.above.tied = QuestionId("tied")
    recorded = house.told()
    with pytest.raises(TieWaits) as refused:
        await house.meetings.close(meeting, HEAD)
    assert (refused.value.code, refused.value.detail) == ("tie_waits", {"question": "tied"})
    assert (house.told(), house.above.ended, house.above.polled, house.above.recorded) == (recorded, [], [], [])
    house.above.tied = None
    await house.meetings.close(meeting, HEAD)


async def test_a_refused_act_changes_and_records_nothing(house: House) -> None:
    meeting = await house.convened()
    before, recorded = await house.meetings.get(meeting), house.told()
    acts: tuple[tuple[type[Refusal], Callable[[], Awaitable[object]]], ...] = (
        (MeetingWrongPhase, lambda: house.meetings.convene(meeting, SECRETARY)),
        (MeetingWrongPhase, lambda: house.meetings.resume(meeting, HEAD)),
        (NotFound, lambda: house.meetings.open(MeetingId("none"), HEAD)),
        (NotFound, lambda: house.meetings.start_item(MeetingId("none"), ItemId("none"), HEAD)),
        (NotFound, lambda: house.meetings.set_participant(meeting, Wanted(STRANGER, Role.SECRETARY), SECRETARY)),
        (NotFound, lambda: house.meetings.answer(meeting, Answer.STAND_IN, None, STRANGER, AN)),
        (Invalid, lambda: house.meetings.answer(meeting, Answer.ABSENT, None, None, AN)),
        (Invalid, lambda: house.meetings.change(meeting, {"ends_at": STARTS_AT}, None, SECRETARY)),
        (Invalid, lambda: house.meetings.change(meeting, {}, GUEST, SECRETARY)),
    )
    for kind, act in acts:
        with pytest.raises(kind):
            await act()
    assert await house.meetings.get(meeting) == before
    assert house.told() == recorded


async def test_the_papers_deadline_is_kept_with_the_invitation_and_moves_with_the_meeting(house: House) -> None:
    meeting = await house.draft()
    drafted = await house.meetings.get(meeting)
    assert drafted.papers_due is None
    due = (await house.meetings.setting(drafted)).papers_due
    await house.meetings.convene(meeting, SECRETARY)
    kept = await house.meetings.get(meeting)
    assert kept.papers_due == due
    assert due is not None
    week = timedelta(days=7)
    moved = {"starts_at": PLAN.starts_at + week, "ends_at": PLAN.ends_at + week}
    await house.meetings.change(meeting, moved, None, SECRETARY)
    after = (await house.meetings.get(meeting)).papers_due
    assert after is not None
    assert after.at == due.at + week


async def test_another_chair_is_chosen_among_the_bodys_members(house: House) -> None:
    meeting = await house.convened()
    await house.meetings.change(meeting, {}, AN, SECRETARY)
    chair = (await house.meetings.get(meeting)).chair
    assert chair is not None
    assert chair.person == AN
    assert house.told()[-1] == "participant.set"


async def test_a_body_without_stand_ins_takes_none(house: House) -> None:
    house.register.profile_id = "hdnd-tinh"
    meeting = await house.convened()
    with pytest.raises(StandInNotAllowed):
        await house.meetings.answer(meeting, Answer.STAND_IN, None, DEPUTY, AN)
    with pytest.raises(StandInNotAllowed):
        await house.meetings.set_participant(meeting, Wanted(DEPUTY, Role.STAND_IN, None, AN), SECRETARY)


async def test_lists_are_by_start_and_within_the_span(house: House) -> None:
    day = timedelta(days=1)
    for shift in (2 * day, -day, timedelta()):
        plan = replace(PLAN, title=str(shift), starts_at=PLAN.starts_at + shift, ends_at=PLAN.ends_at + shift)
        await house.meetings.create(BODY, plan, None, SECRETARY)

    async def titles(person: PersonId, *span: object) -> list[str]:
        since, until = span
        return [card["title"] for card in await house.meetings.cards(person, since, until)]  # type: ignore[arg-type]

    assert await titles(SECRETARY, None, None) == [str(-day), str(timedelta()), str(2 * day)]
    assert await titles(SECRETARY, STARTS_AT, STARTS_AT + 2 * day) == [str(timedelta())]
    assert await titles(AN, None, None) == []


async def test_the_desk_shows_what_waits_and_forgets_old_meetings(house: House) -> None:
    meeting = await house.convened()
    house.above.late = {meeting: 1}
    desk = await house.meetings.desk(AN)
    assert desk["now"] == "2026-11-20T01:00:00.000Z"
    assert [(card["id"], card["late_papers"]) for card in desk["meetings"]] == [(meeting, 1)]
    assert [(each["kind"], each["due_at"]) for each in desk["waiting"]] == [("invitation", "2026-11-27T01:00:00.000Z")]
    await house.meetings.open(meeting, HEAD)
    await house.meetings.close(meeting, HEAD)
    house.clock.pass_time(timedelta(days=60))
    later = await house.meetings.desk(SECRETARY)
    assert (later["meetings"], [each["kind"] for each in later["waiting"]]) == ([], ["minutes"])
    house.above.with_minutes = frozenset({meeting})
    assert (await house.meetings.desk(SECRETARY))["waiting"] == []


async def test_a_guest_taken_off_the_list_in_session_gives_up_the_floor(house: House) -> None:
    meeting = await house.opened()
    [item, _] = await house.items(meeting)
    await house.meetings.set_participant(meeting, Wanted(GUEST, Role.GUEST, frozenset({item})), SECRETARY)
    await house.meetings.remove_participant(meeting, GUEST, SECRETARY)
    assert house.above.quieted == {GUEST}
