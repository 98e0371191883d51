"""Rooms and their servers over time: servers die, get stuck and come back, and no room stays in two halves."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecabinet.adapters.whereabouts import Whereabouts
from ecabinet.kernel.errors import Refusal, Unavailable
from ecabinet.kernel.ids import MeetingId
from tests.fakes.media_servers import MemoryServer, MemoryServers, State

ROOM, OTHER = MeetingId("room"), MeetingId("other")


@dataclass
class Site:
    """Some media servers, and an application that remembers."""

    count: int = 2
    now_s: float = 1000.0
    servers: MemoryServers = field(init=False)
    whereabouts: Whereabouts = field(init=False)

    def __post_init__(self) -> None:
        self.servers = MemoryServers([MemoryServer() for _ in range(self.count)])
        self.restart()

    def restart(self) -> None:
        """The application forgets everything."""
        self.whereabouts = Whereabouts(self.servers, lambda: self.now_s)

    async def come(self, room: MeetingId = ROOM) -> int:
        """Somebody takes a ticket and joins with it. Raises Unavailable."""
        server = await self.whereabouts.place(room)
        self.servers[server].join(room)
        return server

    async def looks(self, times: int = 1) -> None:
        """So many seconds go by."""
        for _ in range(times):
            self.now_s += 1
            await self.whereabouts.keep_together()


async def everybody_waits() -> None:
    """Turns enough for all tasks to get to where they wait."""
    for _ in range(20):
        await asyncio.sleep(0)


async def refused(act: Awaitable[object]) -> str:
    """The code of the refusal it ends with."""
    with pytest.raises(Refusal) as refusal:
        await act
    return refusal.value.code


async def test_all_of_a_room_come_to_one_server_and_another_room_to_the_other() -> None:
    site = Site()
    assert [await site.come() for _ in range(5)] == [0] * 5
    assert [await site.come(OTHER) for _ in range(5)] == [1] * 5
    assert (await site.whereabouts.of(ROOM), await site.whereabouts.of(OTHER)) == (0, 1)


async def test_who_asks_while_another_is_being_sent_somewhere_is_sent_there_too() -> None:
    site = Site()
    site.servers.pings_pass.clear()
    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(site.come())
        await everybody_waits()
        # By now the other server would be the better choice.
        site.servers[0].cpu = 0.9
        await site.looks()
        second = tasks.create_task(site.come())
        await everybody_waits()
        site.servers.pings_pass.set()
    assert (first.result(), second.result()) == (0, 0)


async def test_an_application_that_starts_anew_finds_the_room_where_it_is() -> None:
    site = Site()
    site.servers[1].rooms[ROOM] = 3
    assert await site.whereabouts.of(ROOM) == 1
    site.restart()
    assert await site.come() == 1


async def test_the_rooms_of_a_dead_server_move_at_the_next_ticket_and_the_others_stay() -> None:
    site = Site()
    await site.come(OTHER)
    assert await site.come() == 1
    site.servers[1].becomes(State.GONE)
    assert await site.come() == 0
    assert await site.come(OTHER) == 0


async def test_without_any_server_there_is_no_ticket_and_with_the_first_that_is_back_there_is() -> None:
    site = Site()
    await site.come()
    for server in site.servers.servers:
        server.becomes(State.GONE)
    assert await refused(site.come()) == "unavailable"
    await site.looks()
    site.servers[1].becomes(State.UP)
    await site.looks()
    assert await site.come() == 1


async def test_a_server_that_was_restarted_is_empty_and_the_room_stays_where_it_has_moved() -> None:
    site = Site()
    await site.come()
    site.servers[0].becomes(State.GONE)
    assert await site.come() == 1
    site.servers[0].becomes(State.UP)
    await site.looks()
    assert await site.come() == 1
    assert await site.come(OTHER) == 0


async def test_a_slow_server_keeps_its_room_until_it_has_missed_three_looks() -> None:
    site = Site()
    await site.come()
    site.servers[0].becomes(State.STUCK)
    for _ in range(2):
        await site.looks()
        assert await refused(site.come()) == "unavailable"
    site.servers[0].becomes(State.UP)
    await site.looks()
    assert await site.come() == 0
    site.servers[0].becomes(State.STUCK)
    await site.looks(3)
    assert await site.come() == 1


async def test_who_is_left_on_a_server_that_was_given_up_is_sent_to_the_others_when_it_wakes() -> None:
    site = Site()
    for _ in range(20):
        await site.come()
    site.servers[0].becomes(State.STUCK)
    await site.looks(3)
    assert await site.come() == 1
    site.servers[0].becomes(State.UP)
    assert site.servers.holders(ROOM) == [0, 1]
    await site.looks()
    assert site.servers.holders(ROOM) == [1]


async def test_with_a_ticket_from_before_somebody_comes_to_the_old_server_and_is_sent_on() -> None:
    site = Site()
    await site.come()
    site.servers[0].becomes(State.GONE)
    await site.come()
    site.servers[0].becomes(State.UP)
    site.servers[0].join(ROOM)
    await site.looks()
    assert site.servers.holders(ROOM) == [1]


async def test_halves_nobody_remembers_become_one_where_most_are() -> None:
    site = Site(count=3)
    site.servers[0].rooms[ROOM], site.servers[2].rooms[ROOM] = 2, 9
    await site.looks()
    assert site.servers.holders(ROOM) == [2]


async def test_a_stray_on_a_server_that_does_not_answer_is_tried_again() -> None:
    site = Site()
    await site.come()
    await site.looks()
    site.servers[1].rooms[ROOM] = 1
    site.servers.unanswered = "end"
    await site.looks()
    assert site.servers.holders(ROOM) == [0, 1]
    site.servers.unanswered = ""
    await site.looks()
    assert site.servers.holders(ROOM) == [0]


async def test_nobody_is_asked_about_a_room_that_is_nowhere_and_nothing_is_said_before_all_were_heard() -> None:
    site = Site()
    site.servers[1].becomes(State.STUCK)
    assert await refused(site.whereabouts.of(ROOM)) == "unavailable"
    # The room may be on the one that has not answered yet.
    assert await refused(site.come()) == "unavailable"
    await site.looks(3)
    assert await refused(site.whereabouts.of(ROOM)) == "not_found"
    assert await site.come() == 0


async def test_a_call_about_a_room_does_not_wait_for_a_server_that_was_given_up() -> None:
    site = Site()
    await site.come()
    site.servers[0].becomes(State.STUCK)
    await site.looks(3)
    site.servers.calls.clear()
    assert await refused(site.whereabouts.of(ROOM)) == "unavailable"
    assert site.servers.calls == []


async def test_a_room_that_was_closed_for_a_while_is_placed_by_load_again() -> None:
    site = Site()
    await site.come()
    site.servers[0].rooms.clear()
    site.servers[0].cpu = 0.9
    await site.looks(60)
    assert await site.come() == 0
    site.servers[0].rooms.clear()
    await site.looks(121)
    # What is asked about it later still goes to the server that had it.
    assert await site.whereabouts.of(ROOM) == 0
    assert await site.come() == 1


async def test_a_room_that_was_just_given_out_is_a_burden_and_one_that_nobody_came_to_is_none() -> None:
    site = Site()
    first, second, third, fourth = (MeetingId(name) for name in ("first", "second", "third", "fourth"))
    assert [await site.whereabouts.place(room) for room in (first, second, third)] == [0, 1, 0]
    await site.looks(20)
    assert await site.whereabouts.place(fourth) == 0
    assert await site.whereabouts.place(second) == 1


async def test_one_server_is_asked_only_whether_it_is_there() -> None:
    site = Site(count=1)
    assert await site.come() == 0
    assert await site.whereabouts.of(OTHER) == 0
    await site.looks(3)
    assert site.servers.calls == ["ping 0"]
    site.servers[0].becomes(State.GONE)
    assert await refused(site.come()) == "unavailable"


ROOMS = [MeetingId(name) for name in ("a", "b", "c")]
STEPS = st.one_of(
    st.tuples(st.just("come"), st.sampled_from(ROOMS)),
    st.tuples(st.just("stale ticket"), st.sampled_from(ROOMS), st.integers(0, 2)),
    st.tuples(st.just("becomes"), st.integers(0, 2), st.sampled_from(State)),
    st.tuples(st.just("looks"), st.integers(1, 4)),
    st.tuples(st.just("restart")),
    st.tuples(st.just("everybody leaves"), st.sampled_from(ROOMS)),
)


@given(st.lists(STEPS, max_size=30))
def test_whatever_happens_a_room_has_one_server_and_in_the_end_all_its_people_are_on_it(
    steps: list[tuple[object, ...]],
) -> None:
    async def live() -> None:
        site = Site(count=3)
        for step in steps:
            await take(site, step)
        for server in site.servers.servers:
            server.becomes(State.UP)
        await site.looks()
        for room in ROOMS:
            holders = site.servers.holders(room)
            assert len(holders) <= 1
            assert [await site.come(room)] == (holders or site.servers.holders(room))

    asyncio.run(live())


async def take(site: Site, step: tuple[object, ...]) -> None:
    match step:
        case ("come", str(room)):
            await check_one_answer(site, MeetingId(room))
        case ("stale ticket", str(room), int(number)):
            site.servers[number].join(MeetingId(room))
        case ("becomes", int(number), State() as state):
            site.servers[number].becomes(state)
        case ("looks", int(times)):
            await site.looks(times)
        case ("everybody leaves", str(room)):
            for server in site.servers.servers:
                server.rooms.pop(MeetingId(room), None)
        case _:
            site.restart()


async def check_one_answer(site: Site, room: MeetingId) -> None:
    """Two who ask one after the other are sent to the same living server, or to none."""
    try:
        server = await site.come(room)
    except Unavailable:
        return
    assert site.servers[server].state is State.UP
    assert await site.come(room) == server
