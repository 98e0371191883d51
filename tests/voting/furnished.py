"""A real database with the people, the body and the meeting that a vote needs, and voting running on it."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.bus import Bus
from ecabinet.adapters.database import Database
from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.edge.live import Live
from ecabinet.identity.model import Account
from ecabinet.identity.sql import SqlAccounts
from ecabinet.kernel.access import Role
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import BodyId, ItemId, MeetingId, PersonId, ProfileId
from ecabinet.meetings.model import Act as Done
from ecabinet.meetings.model import Meeting, Participant
from ecabinet.meetings.rules import adopt_items
from ecabinet.meetings.sql import SqlMeetings
from ecabinet.register.model import Body
from ecabinet.register.service import Register
from ecabinet.register.sql import SqlBodies
from ecabinet.voting.ballots_sql import SqlBallots
from ecabinet.voting.casting import Casting
from ecabinet.voting.jobs import BallotLane
from ecabinet.voting.planning import Planning
from ecabinet.voting.plans_realtime import PlansRealtime
from ecabinet.voting.plans_sql import SqlPlans, SqlProxies
from ecabinet.voting.ports import Neighbours, Stores
from ecabinet.voting.realtime import VotingRealtime
from ecabinet.voting.service import Voting
from ecabinet.voting.sql import SqlIncidents, SqlQuestions
from tests.fakes.kernel import NOON, CountingIds
from tests.fakes.lanes import at_work
from tests.fakes.voting import SetAttendance, SetPositions
from tests.voting.halls import MEETING, PROFILES, person


@dataclass
class CountingRecorder:
    """A record that only numbers what it is given; the real one has its own suite."""

    given: int = 0

    async def append(self, connection: AsyncConnection, events: Sequence[Event]) -> list[int]:
        first = self.given + 1
        self.given += len(events)
        return list(range(first, self.given + 1))


@dataclass
class MovingClock:
    """A clock that goes a second with each look."""

    at: datetime = NOON

    def now(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


def meeting_of(members: int) -> Meeting:
    """So many members; the first is the head and presides."""
    seats = [
        Participant(person(place), f"Thành viên {place}", "", Role.MEMBER, place, True, place == 0)
        for place in range(members)
    ]
    return replace(MEETING, participants=(replace(seats[0], role=Role.CHAIR), *seats[1:]))


async def furnish(database: Database, members: int = 7) -> Meeting:
    """Keep the rows that questions and ballots point to."""
    meeting = meeting_of(members)
    async with database.writing() as connection:
        for seat in meeting.participants:
            await SqlAccounts(connection).add(Account(seat.person, seat.person, seat.name, "hash"))
        body = Body(BodyId("body"), "Lãnh đạo Bộ", "Leadership", "Bộ", ProfileId("lanh-dao-bo"))
        await SqlBodies(connection).add_body(body)
        await SqlMeetings(connection).add(meeting)
    return meeting


def stores_of(connection: AsyncConnection) -> Stores:
    """As house.py puts them together."""
    return Stores(
        SqlQuestions(connection),
        SqlBallots(connection),
        SqlIncidents(connection),
        SqlPlans(connection),
        SqlProxies(connection),
    )


async def people_of(meeting: MeetingId, connection: AsyncConnection) -> frozenset[PersonId]:
    """As house.py tells them."""
    return frozenset(each.person for each in (await SqlMeetings(connection).get(meeting)).participants)


@dataclass(frozen=True)
class StoredMeetings:
    """The meetings' rows, by the meetings' own rules."""

    connection: AsyncConnection

    async def get(self, meeting: MeetingId) -> Meeting:
        return await SqlMeetings(self.connection).get(meeting)

    async def adopt_items(self, meeting: MeetingId, items: Sequence[ItemId], conclusion: str, by: Done) -> None:
        before = await self.get(meeting)
        await SqlMeetings(self.connection).save(before, adopt_items(before, items, conclusion, by).meeting)


@dataclass
class Room:
    """Voting as app.py puts it together, with everyone present."""

    database: Database
    meeting: Meeting
    ids: CountingIds = field(default_factory=CountingIds)
    clock: MovingClock = field(default_factory=MovingClock)
    profile: str = "lanh-dao-bo"
    """The rules the body works under."""

    def __post_init__(self) -> None:
        self.realtime, self.plans = VotingRealtime(stores_of), PlansRealtime(stores_of, people_of)
        self.live = Live.of([*self.realtime.collections(), *self.plans.collections()])
        projectors = {**self.realtime.projectors(), **self.plans.projectors()}
        self.uow = UnitOfWork(self.database, CountingRecorder(), projectors, Bus())

    def voting(self, act: Act) -> Voting:
        return Voting(act, stores_of(act.connection), self.around(act), self.ids, self.clock)

    def planning(self, act: Act) -> Planning:
        return Planning(act, stores_of(act.connection), self.around(act), self.ids, self.clock)

    def around(self, act: Act) -> Neighbours:
        ruled = replace(PROFILES[self.profile], id=ProfileId("lanh-dao-bo"))
        register = Register(act, SqlBodies(act.connection), self.ids, self.clock, (ruled,))
        attendance = SetAttendance({seat.person for seat in self.meeting.voters}, ruled)
        return Neighbours(StoredMeetings(act.connection), attendance, SetPositions(), register)

    def casting(self, act: Act) -> Casting:
        questions, kept, meetings = (
            SqlQuestions(act.connection),
            SqlBallots(act.connection),
            SqlMeetings(act.connection),
        )
        return Casting(act, questions, kept, meetings, self.clock)


@asynccontextmanager
async def a_lane(uow: UnitOfWork, casting: Callable[[Act], Casting]) -> AsyncIterator[BallotLane]:
    """The ballots' lane, at work."""
    made = BallotLane(uow, casting)
    async with at_work(made.lane):
        yield made
