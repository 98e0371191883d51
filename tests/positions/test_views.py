"""Positions as the wire has them, and to whom they are shown."""

import pytest

from ecabinet.kernel.access import Role, Standing
from ecabinet.kernel.ids import ItemId, PersonId
from ecabinet.positions.model import Position, Stance
from ecabinet.positions.realtime import own_or_shown
from ecabinet.positions.views import position_entry
from tests.fakes.kernel import NOON
from tests.fakes.meetings import MEMBERS
from tests.meetings.stages import ITEMS, MEETING, convened, opened
from tests.meetings.test_views import documented

AN, BINH = MEMBERS[:2]
ITEM = ITEMS[0]
POSITION = Position(MEETING, ITEM, AN, Stance.OPINION, "Làm rõ nguồn vốn", NOON)


def test_an_entry_has_the_documented_fields_and_no_other() -> None:
    assert position_entry(POSITION, convened()) == {
        "id": f"{ITEM}:{AN}",
        "item": ITEM,
        "person": AN,
        "stance": "opinion",
        "text": "Làm rõ nguồn vốn",
        "is_shown": False,
    }
    assert position_entry(POSITION, opened())["is_shown"]
    assert set(position_entry(POSITION, opened())) == documented("positions")


def who(
    role: Role,
    person: PersonId = BINH,
    items: frozenset[ItemId] | None = None,
    recused: frozenset[ItemId] = frozenset(),
) -> Standing:
    return Standing(person, frozenset({role}), None, MEETING, items, recused)


@pytest.mark.parametrize(
    ("standing", "before", "after"),
    [
        (who(Role.CHAIR), True, True),
        (who(Role.SECRETARY), True, True),
        (who(Role.MEMBER, AN), True, True),
        (who(Role.MEMBER), False, True),
        (who(Role.STAND_IN), False, False),
        (who(Role.GUEST, items=frozenset({ITEM})), False, False),
        (who(Role.CHAIR, recused=frozenset({ITEM})), False, False),
        (who(Role.MEMBER, AN, recused=frozenset({ITEM})), False, False),
        (who(Role.MEMBER, recused=frozenset({ITEMS[1]})), False, True),
    ],
)
def test_positions_are_seen_by_those_who_prepare_and_by_members_once_the_meeting_is_open(
    *, standing: Standing, before: bool, after: bool
) -> None:
    for meeting, expected in ((convened(), before), (opened(), after)):
        entry = position_entry(POSITION, meeting)
        assert own_or_shown(entry["id"], entry, standing) is expected
