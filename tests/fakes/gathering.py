"""One meeting as the slices above meetings find it."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from ecabinet.kernel.access import Role
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import BodyId, ItemId, MeetingId, PersonId
from ecabinet.meetings.model import Item, ItemPhase, ItemType, Kind, Meeting, Mode, PapersDue, Participant, Phase
from ecabinet.register.model import Words
from tests.fakes.kernel import NOON

MEETING = MeetingId("mmmmmmmmmmmmmmmmmmmmmmmmmm")
FIRST, SECOND = ItemId("item1"), ItemId("item2")
CHAIR, SECRETARY, AN, BINH, GUEST = (PersonId(name) for name in ("chair", "secretary", "an", "binh", "guest"))
"""GUEST is asked for SECOND alone; BINH comes in another's place."""


def participant(person: PersonId, role: Role, items: frozenset[ItemId] | None = None) -> Participant:
    """Someone on the list, named after the id."""
    return Participant(
        person=person,
        name=person.title(),
        post="",
        role=role,
        order=1,
        votes=role in {Role.CHAIR, Role.MEMBER},
        items=items,
        stands_in_for=PersonId("absent") if role is Role.STAND_IN else None,
    )


def a_meeting(phase: Phase = Phase.OPEN, current: ItemId | None = FIRST, *, is_controlled: bool = True) -> Meeting:
    """Two items, five people; papers were due a day ago when invitations have gone out."""
    items = tuple(
        Item(
            id=each,
            position=position,
            title=f"Nội dung {position}",
            type=ItemType.DISCUSSION,
            presenter="",
            minutes=30,
            phase=ItemPhase.CURRENT if each == current else ItemPhase.PENDING,
        )
        for position, each in enumerate((FIRST, SECOND), 1)
    )
    return Meeting(
        id=MEETING,
        body=BodyId("body"),
        title="Phiên họp",
        kind=Kind.REGULAR,
        mode=Mode.HYBRID,
        place="",
        starts_at=NOON,
        ends_at=NOON + timedelta(hours=2),
        floor_controls_microphone=is_controlled,
        phase=phase,
        papers_due=None if phase is Phase.DRAFT else PapersDue(NOON - timedelta(days=1), Words("Điều 1", "Article 1")),
        items=items,
        participants=(
            participant(CHAIR, Role.CHAIR),
            participant(SECRETARY, Role.SECRETARY),
            participant(AN, Role.MEMBER),
            participant(BINH, Role.STAND_IN),
            participant(GUEST, Role.GUEST, frozenset({SECOND})),
        ),
    )


@dataclass
class MeetingsHere:
    """As much of meetings.service.Meetings as the slices above ask for."""

    here: dict[MeetingId, Meeting] = field(default_factory=lambda: {MEETING: a_meeting()})

    async def get(self, meeting: MeetingId) -> Meeting:
        if meeting not in self.here:
            raise NotFound()
        return self.here[meeting]

    def hold(self, meeting: Meeting) -> None:
        """From now on the meeting stands like this."""
        self.here[meeting.id] = meeting

    def change(self, *, phase: Phase | None = None, current: ItemId | None = None) -> None:
        """Another phase, another item."""
        before = self.here[MEETING]
        items = before.items
        if current is not None:
            items = tuple(
                replace(each, phase=ItemPhase.CURRENT if each.id == current else ItemPhase.DONE) for each in items
            )
        self.hold(replace(before, phase=phase or before.phase, items=items))
