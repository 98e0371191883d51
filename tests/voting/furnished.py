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
from ecabinet.kernel.ids import BodyId, ProfileId
from ecabinet.meetings.model import Meeting, Participant
from ecabinet.meetings.sql import SqlMeetings
from ecabinet.register.model import Body
from ecabinet.register.service import Register
from ecabinet.register.sql import SqlBodies
from ecabinet.voting.ballots_sql import SqlBallots
from ecabinet.voting.casting import Casting
from ecabinet.voting.jobs import BallotLane
from ecabinet.voting.realtime import VotingRealtime
from ecabinet.voting.service import Voting
from ecabinet.voting.sql import SqlQuestions
from tests.fakes.kernel import NOON, CountingIds
from tests.fakes.lanes import at_work
from tests.fakes.voting import SetAttendance
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


@dataclass
class Room:
    """Voting as app.py puts it together, with everyone present."""

    database: Database
    meeting: Meeting
    ids: CountingIds = field(default_factory=CountingIds)
    clock: MovingClock = field(default_factory=MovingClock)

    def __post_init__(self) -> None:
        self.realtime = VotingRealtime(SqlQuestions, SqlBallots)
        self.live = Live.of(self.realtime.collections())
        self.uow = UnitOfWork(self.database, CountingRecorder(), self.realtime.projectors(), Bus())

    def voting(self, act: Act) -> Voting:
        register = Register(act, SqlBodies(act.connection), self.ids, self.clock)
        attendance = SetAttendance({seat.person for seat in self.meeting.voters}, PROFILES["lanh-dao-bo"])
        questions, kept, meetings = (
            SqlQuestions(act.connection),
            SqlBallots(act.connection),
            SqlMeetings(act.connection),
        )
        return Voting(act, questions, kept, meetings, attendance, register, self.ids, self.clock)

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
