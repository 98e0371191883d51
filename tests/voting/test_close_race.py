"""Forty voters against a close on real databases: what was acknowledged counts, what came after does not."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

import pytest

from ecabinet.adapters.database import Database
from ecabinet.kernel.ids import PersonId, QuestionId
from ecabinet.register.model import Matter
from ecabinet.voting.ballots_sql import SqlBallots
from ecabinet.voting.casting import Vote
from ecabinet.voting.model import Phase, QuestionNotOpen, Receipt
from ecabinet.voting.service import Wanted
from ecabinet.voting.sql import SqlQuestions
from tests.voting.furnished import Room, furnish
from tests.voting.halls import ITEM, MEETING, person

VOTERS = 40
GATE = range(20)
"""Rounds in the gate; in each sixty ballots are sent."""
ALL = [range(start, start + 100) for start in range(0, 1_000, 100)]
"""The thousand rounds of the slow suite, each hundred on a database of its own: to put a question the service reads
those before it, and nobody is told of a test that hangs when it only takes long."""
WANTED = Wanted(ITEM, "Thông qua?", Matter.RESOLUTION)
CHOICES = ("for", "against", "abstain")


@dataclass
class Race:
    """One question, its voters and its close, all at once."""

    room: Room
    question: QuestionId
    number: int
    acknowledged: dict[tuple[PersonId, int], Receipt] = field(default_factory=dict)
    refused: set[tuple[PersonId, int]] = field(default_factory=set)
    close_at: int | None = None
    """After how many acknowledged ballots the close is due."""
    due: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """The close sets out at another moment in each round: in one beside the first voters' ballots, in the next
        beside the second versions."""
        beside = self.number * 17 % (VOTERS + 1)
        async with asyncio.TaskGroup() as group:
            for place in range(VOTERS):
                if self.number % 2 and place == beside:
                    group.create_task(self.close())
                group.create_task(self.voter(place))
            if self.number % 2 == 0 or beside == VOTERS:
                self.close_at = 1 + self.number % (VOTERS // 2)
                group.create_task(self.close_when_due())

    async def close_when_due(self) -> None:
        await self.due.wait()
        await self.close()

    async def close(self) -> None:
        await self.room.uow.run(lambda act: self.room.voting(act).close(MEETING.id, self.question, person(0)))

    async def voter(self, place: int) -> None:
        """Every second one changes the vote, every fourth sends the older version last."""
        versions = {0: (2, 1), 2: (1, 2)}.get(place % 4, (1,))
        for n in versions:
            await self.cast(place, n)

    async def cast(self, place: int, n: int) -> None:
        try:
            receipt = await self.send(place, n)
        except QuestionNotOpen:
            self.refused.add((person(place), n))
        else:
            self.acknowledged[person(place), n] = receipt
            if len(self.acknowledged) == self.close_at:
                self.due.set()

    async def send(self, place: int, n: int) -> Receipt:
        vote = Vote(CHOICES[(place + n) % 3], n)
        return await self.room.uow.run(
            lambda act: self.room.casting(act).cast(MEETING.id, self.question, vote, person(place))
        )

    async def check(self) -> None:
        """No acknowledged ballot is missing from the tally, and none was counted or kept after the close."""
        async with self.room.database.reading() as connection:
            store = SqlQuestions(connection)
            closed = await store.get(MEETING.id, self.question)
            kept = await SqlBallots(connection).of(self.question)
        assert closed is not None
        assert closed.phase is Phase.CLOSED
        assert closed.verdict is not None
        found = {(each.ballot.voter, each.ballot.n): (each.number, each.hash) for each in kept}
        assert found == {key: (receipt.number, receipt.hash) for key, receipt in self.acknowledged.items()}
        assert not found.keys() & self.refused
        newest = {voter: receipt.choice for (voter, _), receipt in sorted(self.acknowledged.items())}
        by_hand = Counter(newest.values())
        counts = closed.verdict.arithmetic.counts
        assert (counts.votes_for, counts.votes_against, counts.abstained) == tuple(by_hand[each] for each in CHOICES)
        assert (counts.not_voted, counts.absent) == (VOTERS - len(newest), 0)

    async def check_again(self) -> None:
        """Afterwards a retry finds its receipt, and what was refused stays refused."""
        for voter, n in [*self.acknowledged][:1]:
            again = await self.send(int(voter[1:]), n)
            assert (again.number, again.hash) == (
                self.acknowledged[voter, n].number,
                self.acknowledged[voter, n].hash,
            )
        for voter, n in [*self.refused][:1]:
            with pytest.raises(QuestionNotOpen):
                await self.send(int(voter[1:]), n)


@pytest.mark.parametrize(
    "rounds",
    [GATE, *(pytest.param(each, marks=pytest.mark.slow) for each in ALL)],
    ids=lambda rounds: f"{rounds.start}-{rounds.stop}",
)
async def test_no_acknowledged_ballot_is_lost_and_none_slips_in_after_the_close(
    database: Database, rounds: range
) -> None:
    room = Room(database, await furnish(database, VOTERS))
    met = Counter[str]()
    for number in rounds:
        question = await room.uow.run(lambda act: room.voting(act).put(MEETING.id, WANTED, person(0)))
        race = Race(room, question, number)
        await race.run()
        await race.check()
        await race.check_again()
        met.update(acknowledged=len(race.acknowledged), refused=len(race.refused))
        met["torn"] += bool(race.acknowledged and race.refused)
        met["changed"] += any((voter, 2) in race.acknowledged and n == 1 for voter, n in race.acknowledged)
    # A close that always came first or last would have raced nobody; nor would versions that never met.
    assert met["torn"] > len(rounds) // 2, met
    assert met["changed"] > len(rounds) // 4, met
