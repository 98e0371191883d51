"""What may happen to a meeting, and when."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ecabinet.kernel.access import Role
from ecabinet.kernel.errors import Invalid, NotFound
from ecabinet.kernel.ids import ItemId, QuestionId
from ecabinet.meetings import rules
from ecabinet.meetings.events import (
    AgendaOrdered,
    ItemsAdopted,
    ItemStarted,
    MeetingChanged,
    MeetingClosed,
    MeetingOpened,
)
from ecabinet.meetings.model import (
    Change,
    ItemHasGuests,
    ItemPhase,
    ItemPlan,
    ItemType,
    Kind,
    Meeting,
    MeetingWrongPhase,
    NoChair,
    NotAnOrder,
    NothingToDiscuss,
    Phase,
    QuestionOpen,
    QuorumNotMet,
)
from ecabinet.register.model import Quorum, RuleProfile, Words
from ecabinet.register.profiles import shipped
from tests.fakes.meetings import HEAD, MEMBERS, in_role
from tests.meetings.stages import (
    BY,
    CHAIR,
    ENOUGH,
    ITEMS,
    NOW,
    PLAN,
    STAGES,
    STARTS_AT,
    at_item,
    convened,
    draft,
    empty,
    opened,
    paused,
)

PROFILES: dict[str, RuleProfile] = {profile.id: profile for profile in shipped()}
NEW_ITEM = ItemId("item4".ljust(26, "0"))
VOTE = QuestionId("question".ljust(26, "0"))
EVER = frozenset(Phase)
AHEAD = frozenset({Phase.DRAFT, Phase.CONVENED, Phase.OPEN, Phase.PAUSED})

ACTS: dict[str, tuple[Callable[[Meeting], Change], frozenset[Phase]]] = {
    "convene": (lambda m: rules.convene(m, None, BY), frozenset({Phase.DRAFT})),
    "cancel": (lambda m: rules.cancel(m, "Bão", BY), frozenset({Phase.DRAFT, Phase.CONVENED})),
    "open": (lambda m: rules.open_meeting(m, ENOUGH, CHAIR), frozenset({Phase.CONVENED})),
    "pause": (lambda m: rules.pause(m, CHAIR), frozenset({Phase.OPEN})),
    "resume": (lambda m: rules.resume(m, CHAIR), frozenset({Phase.PAUSED})),
    "close": (lambda m: rules.close(m, None, CHAIR), frozenset({Phase.OPEN, Phase.PAUSED})),
    "change": (lambda m: rules.change(m, {"title": "Khác"}, BY), frozenset({Phase.DRAFT, Phase.CONVENED})),
    "add_item": (lambda m: rules.add_item(m, NEW_ITEM, ItemPlan("Việc khác", ItemType.INFORMATION, "", 5), BY), AHEAD),
    "change_item": (lambda m: rules.change_item(m, ITEMS[1], {"minutes": 7}, BY), AHEAD),
    "remove_item": (lambda m: rules.remove_item(m, ITEMS[1], BY), frozenset({Phase.DRAFT, Phase.CONVENED})),
    "order_agenda": (lambda m: rules.order_agenda(m, ITEMS[::-1], BY), AHEAD),
    "start_item": (lambda m: rules.start_item(m, ITEMS[1], None, CHAIR), frozenset({Phase.OPEN})),
    "adopt_items": (
        lambda m: rules.adopt_items(m, [ITEMS[1]], "Thông qua", CHAIR),
        frozenset({Phase.OPEN, Phase.PAUSED}),
    ),
    "finish_item": (lambda m: rules.finish_item(m, ITEMS[0], None, CHAIR), frozenset({Phase.OPEN, Phase.PAUSED})),
    "note_item": (lambda m: rules.note_item(m, ITEMS[0], "Ghi", "0" * 64, BY), EVER - {Phase.CANCELLED}),
    "conclude_item": (
        lambda m: rules.conclude_item(m, ITEMS[0], "Thống nhất", CHAIR),
        frozenset({Phase.OPEN, Phase.PAUSED, Phase.CLOSED}),
    ),
}


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("act", ACTS)
def test_an_act_exists_in_its_phases_and_in_no_other(act: str, phase: Phase) -> None:
    perform, phases = ACTS[act]
    meeting = STAGES[phase]()
    if phase in phases:
        assert perform(meeting).meeting != meeting
        return
    with pytest.raises(MeetingWrongPhase) as refused:
        perform(meeting)
    assert refused.value.detail == {"phase": phase.value}


def test_the_events_carry_who_when_and_where() -> None:
    for perform, phases in ACTS.values():
        event = perform(STAGES[sorted(phases)[0]]()).event
        assert event.meeting == draft().id
        assert event.actor is not None
        assert event.payload() is not None


# --- times ---


def test_a_meeting_ends_after_it_starts_and_within_two_weeks() -> None:
    for hours, reason in ((0, "not_after_start"), (-1, "not_after_start"), (14 * 24 + 1, "too_long")):
        plan = replace(PLAN, ends_at=STARTS_AT + timedelta(hours=hours))
        with pytest.raises(Invalid) as refused:
            rules.create((draft().id, draft().body), plan, (), BY)
        assert refused.value.detail == {"fields": {"ends_at": reason}}


def test_a_meeting_that_moves_must_still_end_after_it_starts() -> None:
    with pytest.raises(Invalid):
        rules.change(convened(), {"starts_at": STARTS_AT + timedelta(days=1)}, BY)


def test_only_what_is_new_is_said_to_have_changed() -> None:
    moved = STARTS_AT + timedelta(hours=1)
    event = rules.change(draft(), {"starts_at": moved, "title": PLAN.title}, BY).event
    assert isinstance(event, MeetingChanged)
    assert event.changed == {"starts_at": "2026-11-27T02:00:00.000Z"}


@pytest.mark.parametrize(
    ("profile", "kind", "due"),
    [
        # Friday minus three working days is the Tuesday, until midnight in Hà Nội.
        ("ubnd-tinh", Kind.REGULAR, datetime(2026, 11, 24, 17, 0, tzinfo=UTC)),
        ("ubnd-tinh", Kind.EXTRAORDINARY, datetime(2026, 11, 26, 17, 0, tzinfo=UTC)),
        ("ubnd-tinh", Kind.THEMATIC, datetime(2026, 11, 26, 17, 0, tzinfo=UTC)),
    ],
)
def test_papers_are_due_as_the_bodys_rules_say(profile: str, kind: Kind, due: datetime) -> None:
    found = rules.papers_due(PROFILES[profile], kind, STARTS_AT, frozenset())
    assert found is not None
    assert found.at == due
    assert "114" in found.article.vi


def test_a_holiday_moves_the_day_papers_are_due() -> None:
    holiday = frozenset({datetime(2026, 11, 25, tzinfo=UTC).date()})
    found = rules.papers_due(PROFILES["ubnd-tinh"], Kind.REGULAR, STARTS_AT, holiday)
    assert found is not None
    assert found.at == datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


def test_where_the_rules_set_no_time_papers_are_due_at_none() -> None:
    bare = replace(PROFILES["ubnd-tinh"], lead_times=())
    assert rules.papers_due(bare, Kind.REGULAR, STARTS_AT, frozenset()) is None


# --- convening, opening, closing ---


def test_nobody_is_invited_without_an_agenda_or_a_chair() -> None:
    with pytest.raises(NothingToDiscuss):
        rules.convene(empty(), None, BY)
    with pytest.raises(NoChair):
        rules.convene(in_role(draft(), HEAD, Role.MEMBER), None, BY)


def test_a_meeting_without_quorum_does_not_open() -> None:
    short = Quorum(7, 4, 5, is_quorate=False, article=Words("", ""))
    with pytest.raises(QuorumNotMet) as refused:
        rules.open_meeting(convened(), short, CHAIR)
    assert refused.value.detail == {"members": 7, "present": 4, "needed": 5}


def test_the_record_keeps_the_numbers_a_meeting_opened_with() -> None:
    event = rules.open_meeting(convened(), ENOUGH, CHAIR).event
    assert isinstance(event, MeetingOpened)
    assert (event.members, event.present, event.needed) == (7, 5, 5)


def test_the_current_item_ends_with_the_meeting() -> None:
    change = rules.close(at_item(2), None, CHAIR)
    assert isinstance(change.event, MeetingClosed)
    assert change.event.finished == ITEMS[1]
    assert change.meeting.current_item is None
    assert change.meeting.item(ITEMS[1]).ended_at == CHAIR.at


def test_nothing_ends_while_a_vote_runs() -> None:
    endings: tuple[Callable[[], Change], ...] = (
        lambda: rules.close(at_item(), VOTE, CHAIR),
        lambda: rules.start_item(at_item(), ITEMS[1], VOTE, CHAIR),
        lambda: rules.finish_item(at_item(), ITEMS[0], VOTE, CHAIR),
    )
    for ends in endings:
        with pytest.raises(QuestionOpen) as refused:
            ends()
        assert refused.value.detail == {"question": VOTE}


# --- the agenda ---


def positions(meeting: Meeting) -> list[tuple[int, str]]:
    return [(item.position, item.id.rstrip("0")) for item in meeting.items]


def test_positions_are_contiguous_whatever_is_removed_or_moved() -> None:
    assert positions(rules.remove_item(draft(), ITEMS[0], BY).meeting) == [(1, "item2"), (2, "item3")]
    change = rules.order_agenda(draft(), (ITEMS[2], ITEMS[0], ITEMS[1]), BY)
    assert positions(change.meeting) == [(1, "item3"), (2, "item1"), (3, "item2")]
    assert isinstance(change.event, AgendaOrdered)


@pytest.mark.parametrize("order", [ITEMS[:2], (*ITEMS, ITEMS[0]), (ITEMS[0], ITEMS[1], NEW_ITEM), ()])
def test_an_order_names_each_item_once(order: tuple[ItemId, ...]) -> None:
    with pytest.raises(NotAnOrder):
        rules.order_agenda(draft(), order, BY)


def test_an_item_somebody_is_asked_for_alone_is_not_removed_under_him() -> None:
    guest = replace(draft().participant(MEMBERS[0]), items=frozenset({ITEMS[0]}))
    meeting = draft().with_participant(guest)
    with pytest.raises(ItemHasGuests) as refused:
        rules.remove_item(meeting, ITEMS[0], BY)
    assert refused.value.detail == {"people": [MEMBERS[0]]}
    wider = meeting.with_participant(replace(guest, items=frozenset(ITEMS[:2])))
    left = rules.remove_item(wider, ITEMS[0], BY).meeting
    assert left.participant(MEMBERS[0]).items == frozenset({ITEMS[1]})


def test_one_item_at_a_time_is_before_the_meeting() -> None:
    change = rules.start_item(at_item(1), ITEMS[1], None, CHAIR)
    assert isinstance(change.event, ItemStarted)
    assert change.event.finished == ITEMS[0]
    phases = [item.phase for item in change.meeting.items]
    assert phases == [ItemPhase.DONE, ItemPhase.CURRENT, ItemPhase.PENDING]


def test_the_meeting_may_come_back_to_what_is_done_and_its_first_start_stays() -> None:
    later = replace(CHAIR, at=STARTS_AT + timedelta(hours=1))
    meeting = rules.finish_item(at_item(1), ITEMS[0], None, later).meeting
    again = rules.start_item(meeting, ITEMS[0], None, later).meeting.item(ITEMS[0])
    assert (again.phase, again.started_at, again.ended_at) == (ItemPhase.CURRENT, STARTS_AT, None)


def test_a_current_item_does_not_start_and_a_pending_one_does_not_finish() -> None:
    with pytest.raises(MeetingWrongPhase):
        rules.start_item(at_item(1), ITEMS[0], None, CHAIR)
    with pytest.raises(MeetingWrongPhase):
        rules.finish_item(at_item(1), ITEMS[1], None, CHAIR)


def test_what_has_begun_keeps_its_wording_and_what_has_not_has_no_conclusion() -> None:
    with pytest.raises(MeetingWrongPhase):
        rules.change_item(at_item(1), ITEMS[0], {"title": "Khác"}, BY)
    with pytest.raises(MeetingWrongPhase):
        rules.conclude_item(opened(), ITEMS[0], "Thống nhất", CHAIR)


def test_the_record_keeps_notes_by_their_digest_only() -> None:
    event = rules.note_item(paused(), ITEMS[0], "Ý kiến chưa chốt", "d" * 64, BY).event
    assert event.payload() == {"item": ITEMS[0], "digest": "d" * 64}


def test_another_meetings_item_is_not_found() -> None:
    acts: tuple[Callable[[], Change], ...] = (
        lambda: rules.change_item(draft(), NEW_ITEM, {}, BY),
        lambda: rules.remove_item(draft(), NEW_ITEM, BY),
        lambda: rules.start_item(opened(), NEW_ITEM, None, CHAIR),
        lambda: rules.note_item(opened(), NEW_ITEM, "", "", BY),
    )
    for act in acts:
        with pytest.raises(NotFound):
            act()


def test_a_new_meeting_stands_as_planned() -> None:
    meeting = empty()
    assert (meeting.phase, meeting.title, meeting.starts_at) == (Phase.DRAFT, PLAN.title, STARTS_AT)
    assert (meeting.chair and meeting.chair.person, len(meeting.voters)) == (HEAD, 7)
    assert meeting.starts_at > NOW


def test_what_one_vote_decides_is_done_together_with_its_conclusion() -> None:
    change = rules.adopt_items(at_item(1), [ITEMS[0], ITEMS[1]], "Thông qua", CHAIR)
    assert change.meeting.current_item is None
    for item in (ITEMS[0], ITEMS[1]):
        held = change.meeting.item(item)
        assert (held.phase, held.conclusion, held.ended_at) == (ItemPhase.DONE, "Thông qua", CHAIR.at)
    assert change.event == ItemsAdopted(
        at=CHAIR.at, actor=CHAIR.actor, meeting=change.meeting.id, items=(ITEMS[0], ITEMS[1]), conclusion="Thông qua"
    )
    with pytest.raises(MeetingWrongPhase):
        rules.adopt_items(change.meeting, [ITEMS[1]], "Thông qua", CHAIR)


def test_a_conclusion_the_chair_wrote_stays_when_its_item_is_adopted_with_others() -> None:
    written = rules.conclude_item(at_item(1), ITEMS[0], "Giao Sở Tài chính hoàn thiện.", CHAIR).meeting
    adopted = rules.adopt_items(written, [ITEMS[0], ITEMS[1]], "Thông qua", CHAIR).meeting
    assert adopted.item(ITEMS[0]).conclusion == "Giao Sở Tài chính hoàn thiện."
    blank = rules.conclude_item(at_item(1), ITEMS[0], "  ", CHAIR).meeting
    for meeting, item in (
        (adopted, ITEMS[1]),
        (rules.adopt_items(blank, ITEMS[:1], "Thông qua", CHAIR).meeting, ITEMS[0]),
    ):
        assert meeting.item(item).conclusion == "Thông qua"
