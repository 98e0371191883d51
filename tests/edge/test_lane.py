"""Asks that wait together are answered together, each its own answer, none twice and none dropped."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from ecabinet.edge.lane import Lane
from ecabinet.kernel.errors import Refusal, Unavailable
from tests.fakes.lanes import at_work


@dataclass
class Doubler:
    """Doubles numbers, when it is let; refuses odd ones."""

    batches: list[list[int]] = field(default_factory=list)
    may_go_on: asyncio.Event = field(default_factory=asyncio.Event)
    breaks_at: int | None = None
    """The number that no batch survives."""
    is_unreachable: bool = False

    async def __call__(self, asked: Sequence[int]) -> list[int | Exception]:
        self.batches.append(list(asked))
        await self.may_go_on.wait()
        if self.is_unreachable:
            raise Unavailable()
        if self.breaks_at in asked:
            raise ZeroDivisionError
        return [2 * each if each % 2 == 0 else Refusal(number=each) for each in asked]


@pytest.fixture
def doubler() -> Doubler:
    return Doubler()


async def failing(lane: Lane[int, int], number: int) -> Exception | None:
    """What the ask failed of."""
    try:
        await lane.ask(number)
    except Exception as error:
        return error
    return None


async def settled() -> None:
    """Everything that can run has run."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_what_comes_while_a_batch_is_answered_makes_the_next_one() -> None:
    doubler = Doubler()
    async with at_work(Lane(doubler, 100, 3)) as lane, asyncio.TaskGroup() as tasks:
        first = tasks.create_task(lane.ask(2))
        await settled()
        others = [tasks.create_task(lane.ask(number)) for number in (4, 6, 8, 10)]
        await settled()
        assert doubler.batches == [[2]]
        doubler.may_go_on.set()
        assert [await each for each in (first, *others)] == [4, 8, 12, 16, 20]
    assert doubler.batches == [[2], [4, 6, 8], [10]]


async def test_a_refusal_goes_to_the_one_who_asked() -> None:
    doubler = Doubler()
    async with at_work(Lane(doubler, 100, 10)) as lane, asyncio.TaskGroup() as tasks:
        in_hand = tasks.create_task(lane.ask(0))
        await settled()
        beside = tasks.create_task(lane.ask(2))
        await settled()
        doubler.may_go_on.set()
        with pytest.raises(Refusal) as refused:
            await lane.ask(3)
        assert (refused.value.detail, await in_hand, await beside) == ({"number": 3}, 0, 4)
    assert doubler.batches == [[0], [2, 3]]


async def test_what_breaks_a_batch_fails_nobody_beside_it(doubler: Doubler) -> None:
    async with at_work(Lane(doubler, 100, 10)) as lane, asyncio.TaskGroup() as tasks:
        in_hand = tasks.create_task(lane.ask(0))
        await settled()
        doubler.breaks_at = 6
        asks = [tasks.create_task(lane.ask(number)) for number in (2, 4, 8)]
        broken = tasks.create_task(failing(lane, 6))
        doubler.may_go_on.set()
        assert [await each for each in (in_hand, *asks)] == [0, 4, 8, 16]
        assert isinstance(await broken, ZeroDivisionError)
    assert doubler.batches == [[0], [2, 4, 8, 6], [2, 4], [8, 6], [8], [6]]


async def test_when_the_outside_does_not_answer_a_batch_is_not_taken_apart(doubler: Doubler) -> None:
    doubler.is_unreachable = True
    doubler.may_go_on.set()
    async with at_work(Lane(doubler, 100, 10)) as lane, asyncio.TaskGroup() as tasks:
        failed = [tasks.create_task(failing(lane, number)) for number in (2, 4)]
        assert [type(await each) for each in failed] == [Unavailable, Unavailable]
    assert doubler.batches == [[2, 4]]


async def test_a_full_lane_turns_away_and_a_closed_one_too() -> None:
    doubler = Doubler()
    async with at_work(Lane(doubler, 2, 1)) as lane, asyncio.TaskGroup() as tasks:
        in_hand = tasks.create_task(lane.ask(2))
        await settled()
        waiting = [tasks.create_task(lane.ask(number)) for number in (4, 6)]
        await settled()
        with pytest.raises(Unavailable):
            await lane.ask(8)
        doubler.may_go_on.set()
        await lane.close()
        # Closing waited for all that had been taken.
        assert [each.result() for each in (in_hand, *waiting)] == [4, 8, 12]
        with pytest.raises(Unavailable):
            await lane.ask(2)
    assert [8] not in doubler.batches


async def test_who_leaves_is_not_waited_for_and_the_ask_is_answered_all_the_same() -> None:
    doubler = Doubler()
    async with at_work(Lane(doubler, 100, 10)) as lane, asyncio.TaskGroup() as tasks:
        gone = tasks.create_task(lane.ask(2))
        await settled()
        gone.cancel()
        await settled()
        doubler.may_go_on.set()
        assert await lane.ask(4) == 8
    assert doubler.batches == [[2], [4]]


async def test_when_the_worker_is_stopped_nobody_waits_for_ever() -> None:
    lane = Lane(Doubler(), 100, 1)
    async with asyncio.TaskGroup() as tasks:
        worker = tasks.create_task(lane.run())
        asks = [tasks.create_task(lane.ask(number)) for number in (2, 4)]
        await settled()
        worker.cancel()
    assert all(each.cancelled() for each in asks)
