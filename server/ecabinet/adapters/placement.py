"""Which of several media servers a room belongs to. Pure: what was seen and chosen before in, the choice out.

Two halves of a meeting on two servers do not hear each other, so there is one choice for each room, and whoever is
elsewhere is sent to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ecabinet.kernel.ids import MeetingId

Choices = Mapping[MeetingId, int]
"""Rooms and the numbers of their servers."""


@dataclass(frozen=True, slots=True)
class Sight:
    """A media server as it answered last."""

    rooms: Mapping[MeetingId, int] = field(default_factory=dict)
    """How many are in each room."""
    cpu: float = 0.0
    """Share of one core it used in the last seconds."""
    is_full: bool = False
    """Whether it takes no more rooms or participants."""


def choose(room: MeetingId, chosen: Choices, living: Mapping[int, Sight]) -> int | None:
    """The server for a room: the one chosen before, as long as it lives; the one with most of its people; the one
    with the least to do. None when none lives."""
    if chosen.get(room) in living:
        return chosen[room]
    if holders := [number for number, sight in living.items() if room in sight.rooms]:
        return max(holders, key=lambda number: (living[number].rooms[room], -number))
    return min(living, key=lambda number: _burden(number, chosen, living[number]), default=None)


def settled(chosen: Choices, living: Mapping[int, Sight]) -> dict[MeetingId, int]:
    """The choices, with one for every room that was seen. Of those that are open nowhere nothing changes."""
    seen = {room for sight in living.values() for room in sight.rooms}
    found = {room: server for room in seen if (server := choose(room, chosen, living)) is not None}
    return {**chosen, **found}


def strays(chosen: Choices, living: Mapping[int, Sight]) -> list[tuple[int, MeetingId]]:
    """Servers with a room that belongs to another server, and lives there."""
    return [
        (number, room)
        for number, sight in sorted(living.items())
        for room in sorted(sight.rooms)
        if chosen.get(room, number) != number and chosen[room] in living
    ]


def _burden(number: int, chosen: Choices, sight: Sight) -> tuple[bool, int, int, int, int]:
    """What makes one server a worse choice than another, weightiest first. Use of the processor in tenths of a core,
    so that noise does not decide; of rooms also those whose people have not come yet, and use no processor."""
    rooms = {room for room, server in chosen.items() if server == number} | set(sight.rooms)
    return sight.is_full, round(sight.cpu * 10), len(rooms), sum(sight.rooms.values()), number
