"""Who may declare what, and until when. Pure."""

from collections.abc import Iterable

from ecabinet.kernel.errors import NotAllowed, NotFound
from ecabinet.kernel.ids import ItemId, PersonId
from ecabinet.meetings.model import RUNNING, Act, ItemPhase, Meeting, MeetingWrongPhase, Phase

from .model import OBJECTING, OpinionMissing, Position, PositionDeclared, PositionWithdrawn, Stance

DECLARED_IN = frozenset({Phase.CONVENED}) | RUNNING
"""From the invitation on. Of each item only until it comes before the meeting."""


def declare(meeting: Meeting, held: Position | None, position: Position) -> PositionDeclared | None:
    """Declare a position instead of the one that was held. The same again is no news.

    Raises MeetingWrongPhase, NotFound, NotAllowed for who has no vote, OpinionMissing.
    """
    _check_time(meeting, position.item)
    if not meeting.participant(position.person).votes:
        raise NotAllowed()
    if position.stance is Stance.OPINION and not position.text:
        raise OpinionMissing()
    if held is not None and (held.stance, held.text) == (position.stance, position.text):
        return None
    return PositionDeclared(
        at=position.at,
        actor=position.person,
        meeting=meeting.id,
        item=position.item,
        person=position.person,
        stance=position.stance,
        text=position.text,
    )


def withdraw(meeting: Meeting, held: Position | None, act: Act) -> PositionWithdrawn:
    """Take one's position back. Raises NotFound, MeetingWrongPhase."""
    if held is None:
        raise NotFound()
    _check_time(meeting, held.item)
    return PositionWithdrawn(at=act.at, actor=act.actor, meeting=meeting.id, item=held.item, person=held.person)


def objections(
    positions: Iterable[Position], items: Iterable[ItemId], recused: Iterable[tuple[ItemId, PersonId]]
) -> dict[ItemId, set[PersonId]]:
    """Item → who has an opinion on it or wants the floor; an item nobody objects to has an empty set. Who has
    withdrawn from an item objects to nothing in it."""
    found: dict[ItemId, set[PersonId]] = {item: set() for item in items}
    away = frozenset(recused)
    for each in positions:
        if each.item in found and each.stance in OBJECTING and (each.item, each.person) not in away:
            found[each.item].add(each.person)
    return found


def asking(positions: Iterable[Position], item: ItemId) -> list[PersonId]:
    """Who asked beforehand for the floor on an item, the earliest first."""
    found = [each for each in positions if each.item == item and each.stance is Stance.FLOOR]
    return [each.person for each in sorted(found, key=lambda each: (each.at, each.person))]


def _check_time(meeting: Meeting, item: ItemId) -> None:
    meeting.require(DECLARED_IN)
    phase = meeting.item(item).phase
    if phase is not ItemPhase.PENDING:
        raise MeetingWrongPhase(phase=phase.value)
