"""Which server a room belongs to: given what was seen and chosen, the choice."""

from dataclasses import dataclass, field

import pytest

from ecabinet.adapters.placement import Sight, choose, settled, strays
from ecabinet.kernel.ids import MeetingId

ROOM, OTHER, THIRD = MeetingId("room"), MeetingId("other"), MeetingId("third")


@dataclass(frozen=True)
class Case:
    living: dict[int, Sight]
    expected: int | None
    chosen: dict[MeetingId, int] = field(default_factory=dict)


CASES = {
    "nobody lives": Case({}, None),
    "one lives": Case({1: Sight()}, 1),
    "alike: the first": Case({0: Sight(), 1: Sight()}, 0),
    "chosen before, and living: stays, whatever the load": Case(
        {0: Sight(), 1: Sight(cpu=0.9, is_full=True)}, 1, {ROOM: 1}
    ),
    "chosen before, and the server is dead": Case({0: Sight(cpu=0.9)}, 0, {ROOM: 1}),
    "open somewhere: there": Case({0: Sight(), 1: Sight({ROOM: 1}, cpu=0.9)}, 1),
    "open twice: where most are": Case({0: Sight({ROOM: 2}), 1: Sight({ROOM: 20}), 2: Sight({ROOM: 3})}, 1),
    "open twice with as many: the first": Case({0: Sight(), 1: Sight({ROOM: 2}), 2: Sight({ROOM: 2})}, 1),
    "less of the processor": Case({0: Sight(cpu=0.5), 1: Sight({OTHER: 30, THIRD: 2}, cpu=0.2)}, 1),
    "a little of the processor decides nothing: fewer rooms": Case(
        {0: Sight({OTHER: 5}, cpu=0.22), 1: Sight(cpu=0.24)}, 1
    ),
    "rooms that nobody has come to yet count": Case({0: Sight(), 1: Sight()}, 1, {OTHER: 0}),
    "as many rooms: fewer people": Case({0: Sight({OTHER: 5}), 1: Sight({THIRD: 4})}, 1),
    "a full one is the last choice": Case({0: Sight(is_full=True), 1: Sight({OTHER: 9}, cpu=0.8)}, 1),
    "all are full": Case({0: Sight(is_full=True), 1: Sight(is_full=True)}, 0),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_server_of_a_room(case: Case) -> None:
    assert choose(ROOM, case.chosen, case.living) == case.expected


def test_ten_rooms_that_begin_together_are_spread() -> None:
    chosen: dict[MeetingId, int] = {}
    for number in range(10):
        room = MeetingId(f"room {number}")
        server = choose(room, chosen, {0: Sight(), 1: Sight(), 2: Sight()})
        assert server is not None
        chosen[room] = server
    assert sorted([list(chosen.values()).count(server) for server in range(3)]) == [3, 3, 4]


def test_what_is_open_is_chosen_and_what_is_not_stays_as_it_was() -> None:
    living = {0: Sight({ROOM: 3}), 1: Sight({ROOM: 1, OTHER: 1})}
    assert settled({THIRD: 1}, living) == {THIRD: 1, ROOM: 0, OTHER: 1}
    assert settled({ROOM: 1}, living) == {ROOM: 1, OTHER: 1}
    assert settled({ROOM: 2}, living) == {ROOM: 0, OTHER: 1}


def test_strays_are_those_whose_room_lives_elsewhere() -> None:
    living = {0: Sight({ROOM: 3, OTHER: 1}), 1: Sight({ROOM: 1, THIRD: 1})}
    assert strays({ROOM: 1, OTHER: 0, THIRD: 1}, living) == [(0, ROOM)]
    assert strays({ROOM: 2, OTHER: 0}, living) == []
    assert strays({}, living) == []
