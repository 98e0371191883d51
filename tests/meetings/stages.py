"""Meetings at every stage of their life, brought there through the rules' own door."""

from datetime import UTC, datetime, timedelta

from ecabinet.kernel.ids import ItemId, MeetingId
from ecabinet.meetings import rules, seating
from ecabinet.meetings.model import Act, ItemPlan, ItemType, Kind, Meeting, Mode, Person, Phase, Plan
from ecabinet.register.model import Quorum, Words
from tests.fakes.meetings import BODY, COMMITTEE, HEAD, SECRETARY

STARTS_AT = datetime(2026, 11, 27, 1, 0, tzinfo=UTC)
"""08:00 on a Friday in Hà Nội."""
NOW = STARTS_AT - timedelta(days=7)
MEETING = MeetingId("meeting".ljust(26, "0"))
ITEMS = tuple(ItemId(f"item{number}".ljust(26, "0")) for number in (1, 2, 3))
BY, CHAIR = Act(SECRETARY, NOW), Act(HEAD, STARTS_AT)
PLAN = Plan(
    title="Phiên họp thường kỳ tháng 11",
    kind=Kind.REGULAR,
    mode=Mode.HYBRID,
    place="Phòng họp số 1",
    starts_at=STARTS_AT,
    ends_at=STARTS_AT + timedelta(hours=3),
    floor_controls_microphone=True,
)
ENOUGH = Quorum(7, 5, 5, is_quorate=True, article=Words("Điều 114", "Art. 114"))
TYPES = (ItemType.INFORMATION, ItemType.DECISION, ItemType.CHOICE)


def empty() -> Meeting:
    """A draft without an agenda."""
    people = seating.participants_from(COMMITTEE, [Person(SECRETARY, "Thư ký")], None, SECRETARY)
    return rules.create((MEETING, BODY), PLAN, people, BY).meeting


def draft() -> Meeting:
    """With three items."""
    meeting = empty()
    for number, (item, kind) in enumerate(zip(ITEMS, TYPES, strict=True), 1):
        meeting = rules.add_item(meeting, item, ItemPlan(f"Nội dung {number}", kind, "Sở A", 10 * number), BY).meeting
    return meeting


def convened() -> Meeting:
    """The invitations are out."""
    return rules.convene(draft(), None, BY).meeting


def opened() -> Meeting:
    """Under way, no item yet."""
    return rules.open_meeting(convened(), ENOUGH, CHAIR).meeting


def at_item(number: int = 1) -> Meeting:
    """Under way, this item is before the meeting."""
    return rules.start_item(opened(), ITEMS[number - 1], None, CHAIR).meeting


def paused() -> Meeting:
    """In a break."""
    return rules.pause(at_item(), CHAIR).meeting


def closed() -> Meeting:
    """Over."""
    return rules.close(at_item(), None, CHAIR).meeting


def cancelled() -> Meeting:
    """Called off after the invitations."""
    return rules.cancel(convened(), "Bão", BY).meeting


STAGES = {
    Phase.DRAFT: draft,
    Phase.CONVENED: convened,
    Phase.OPEN: at_item,
    Phase.PAUSED: paused,
    Phase.CLOSED: closed,
    Phase.CANCELLED: cancelled,
}
