"""The services of one act: each is made when it is first asked for, and once."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.blobs import FileBlobs
from ecabinet.adapters.clock import SystemRandom
from ecabinet.adapters.keys import FileSigner
from ecabinet.adapters.passwords import Argon2Passwords
from ecabinet.adapters.unit_of_work import Act
from ecabinet.attendance.ports import Above
from ecabinet.attendance.service import Attendance
from ecabinet.attendance.sql import SqlPresences, SqlRecusals
from ecabinet.hall.service import Hall
from ecabinet.hall.service import Neighbours as HallNeighbours
from ecabinet.hall.sql import SqlSheets
from ecabinet.identity.rules import SessionLimits
from ecabinet.identity.service import Identity
from ecabinet.identity.sql import SqlAccounts
from ecabinet.kernel.clock import Clock
from ecabinet.kernel.ids import PersonId
from ecabinet.kernel.ports import Ids
from ecabinet.ledger.service import Ledger, Trees
from ecabinet.ledger.sql import SqlRecords
from ecabinet.media.service import Media
from ecabinet.meetings.ports import Neighbours
from ecabinet.meetings.service import Meetings
from ecabinet.meetings.sql import SqlMeetings
from ecabinet.minutes.service import Minutes
from ecabinet.minutes.service import Neighbours as MinutesNeighbours
from ecabinet.minutes.sql import SqlMinutes
from ecabinet.opinions.service import Neighbours as OpinionsNeighbours
from ecabinet.opinions.service import Opinions
from ecabinet.opinions.sql import SqlSlips
from ecabinet.papers.service import Papers
from ecabinet.papers.sql import SqlPapers
from ecabinet.positions.ports import Room
from ecabinet.positions.service import Positions
from ecabinet.positions.sql import SqlPositions
from ecabinet.publication.service import Neighbours as PublicationNeighbours
from ecabinet.publication.service import Publication
from ecabinet.recordings.service import Recordings
from ecabinet.recordings.sql import SqlRecordings
from ecabinet.register.service import Register
from ecabinet.register.sql import SqlBodies
from ecabinet.settings import Settings
from ecabinet.speaking.service import Speaking
from ecabinet.speaking.sql import SqlTurns
from ecabinet.straw.service import Straw
from ecabinet.straw.sql import SqlStrawPolls
from ecabinet.voting.attachments import Attachments
from ecabinet.voting.ballots_sql import SqlBallots
from ecabinet.voting.casting import Asked, Casting
from ecabinet.voting.planning import Planning
from ecabinet.voting.plans_sql import SqlPlans, SqlProxies
from ecabinet.voting.ports import Neighbours as VotingNeighbours
from ecabinet.voting.ports import Stores as VotingStores
from ecabinet.voting.service import Voting
from ecabinet.voting.sql import SqlIncidents, SqlQuestions


class Shared(Protocol):
    """What lives as long as the process: the house."""

    settings: Settings
    clock: Clock
    ids: Ids
    asked: Asked
    trees: Trees

    @property
    def blobs(self) -> FileBlobs:
        """Papers and minutes."""
        ...

    @property
    def random(self) -> SystemRandom:
        """Unpredictable bytes."""
        ...

    @property
    def passwords(self) -> Argon2Passwords:
        """Slow hashes behind a queue."""
        ...

    @property
    def signer(self) -> FileSigner:
        """The key that vouches for the record."""
        ...


def votes_on(connection: AsyncConnection) -> VotingStores:
    """The rows of the voting slice."""
    return VotingStores(
        SqlQuestions(connection),
        SqlBallots(connection),
        SqlIncidents(connection),
        SqlPlans(connection),
        SqlProxies(connection),
    )


@dataclass
class Services:
    """Who is handed what, in one act.

    Some services ask those above them before something ends: they come in two kinds, whole and plain. What others are
    handed is the plain one, so that nobody goes round in circles.
    """

    act: Act
    house: Shared

    @cached_property
    def _connection(self) -> AsyncConnection:
        return self.act.connection

    @cached_property
    def ledger(self) -> Ledger:
        """The record."""

        async def names(people: frozenset[PersonId]) -> dict[PersonId, str]:
            return await SqlAccounts(self._connection).names(people)

        return Ledger(SqlRecords(self._connection), names, self.house.signer, self.house.clock, self.house.trees)

    @cached_property
    def identity(self) -> Identity:
        """Accounts and sign-in."""
        house, settings = self.house, self.house.settings
        limits = SessionLimits(
            idle=timedelta(seconds=settings.session_idle_s),
            absolute=timedelta(seconds=settings.session_absolute_s),
        )
        accounts = SqlAccounts(self._connection)
        return Identity(self.act, accounts, house.passwords, house.random, house.ids, house.clock, limits)

    @cached_property
    def register(self) -> Register:
        """Bodies and who sits in them."""
        return Register(self.act, SqlBodies(self._connection), self.house.ids, self.house.clock)

    @cached_property
    def meetings(self) -> Meetings:
        """Meetings, which ask their neighbours before something ends."""
        above = (self.papers, self.voting, self.speaking, self.minutes, self.opinions, self.positions, self.straw)
        return self._meetings(Neighbours(*above, self.recordings))

    @cached_property
    def plain_meetings(self) -> Meetings:
        """Meetings for those who only look at them."""
        return self._meetings(None)

    def _meetings(self, neighbours: Neighbours | None) -> Meetings:
        return Meetings(
            self.act,
            SqlMeetings(self._connection),
            self.register,
            self.plain_attendance,
            self.identity,
            self.house.ids,
            self.house.clock,
            neighbours,
        )

    @cached_property
    def attendance(self) -> Attendance:
        """Presence, recusals and quorum; a recusal asks those above first."""
        return self._attendance(Above(self.voting, self.speaking))

    @cached_property
    def plain_attendance(self) -> Attendance:
        """Attendance for those who only look at it."""
        return self._attendance(None)

    def _attendance(self, above: Above | None) -> Attendance:
        connection = self._connection
        presences, recusals, meetings = SqlPresences(connection), SqlRecusals(connection), SqlMeetings(connection)
        return Attendance(self.act, presences, recusals, self.register, meetings, self.house.clock, above)

    @cached_property
    def papers(self) -> Papers:
        """What hangs on the items."""
        return Papers(self.act, SqlPapers(self._connection), self.plain_meetings, self.house.ids, self.house.clock)

    @cached_property
    def speaking(self) -> Speaking:
        """The queue and the floor."""
        turns, meetings = SqlTurns(self._connection), self.plain_meetings
        return Speaking(self.act, turns, meetings, self.plain_attendance, self.house.ids, self.house.clock)

    @cached_property
    def media(self) -> Media:
        """Who may be heard in the call."""
        attendance = self.plain_attendance
        return Media(self.act, self.plain_meetings, self.speaking, attendance, self.recordings, self.house.clock)

    @cached_property
    def recordings(self) -> Recordings:
        """What is recorded, and who knows."""
        store = SqlRecordings(self._connection)
        return Recordings(self.act, store, self.plain_meetings, self.house.ids, self.house.clock)

    @cached_property
    def positions(self) -> Positions:
        """What members declare beforehand; declaring asks first what is voted on."""
        return self._positions(self.voting)

    @cached_property
    def plain_positions(self) -> Positions:
        """Positions for those who only look at them."""
        return self._positions(None)

    def _positions(self, questions: Voting | None) -> Positions:
        connection = self._connection
        meetings, recusals = SqlMeetings(connection), SqlRecusals(connection)
        room = Room(self.speaking, self.plain_attendance)
        return Positions(self.act, SqlPositions(connection), meetings, recusals, self.house.clock, room, questions)

    @cached_property
    def _around_votes(self) -> VotingNeighbours:
        return VotingNeighbours(self.plain_meetings, self.plain_attendance, self.plain_positions, self.register)

    @cached_property
    def voting(self) -> Voting:
        """Questions and their verdicts."""
        return Voting(self.act, votes_on(self._connection), self._around_votes, self.house.ids, self.house.clock)

    @cached_property
    def planning(self) -> Planning:
        """What is put on the items, and who votes for whom."""
        return Planning(self.act, votes_on(self._connection), self._around_votes, self.house.ids, self.house.clock)

    @cached_property
    def casting(self) -> Casting:
        """Ballots."""
        questions, ballots = SqlQuestions(self._connection), SqlBallots(self._connection)
        return Casting(self.act, questions, ballots, self.plain_meetings, self.house.clock, self.house.asked)

    @cached_property
    def attachments(self) -> Attachments:
        """What goes with opinions on ballots."""
        questions, ballots = SqlQuestions(self._connection), SqlBallots(self._connection)
        return Attachments(questions, ballots, self.house.ids, self.house.clock)

    @cached_property
    def hall(self) -> Hall:
        """Votes of the hall."""
        around = HallNeighbours(self.voting, self.plain_meetings, self.plain_attendance)
        return Hall(self.act, SqlSheets(self._connection), around, self.house.clock, self._zone)

    @cached_property
    def straw(self) -> Straw:
        """Straw polls."""
        polls, house = SqlStrawPolls(self._connection, self.house.random.bytes), self.house
        return Straw(self.act, polls, self.plain_meetings, self.plain_attendance, self.voting, house.ids, house.clock)

    @cached_property
    def opinions(self) -> Opinions:
        """What is asked in writing, outside meetings."""
        near = OpinionsNeighbours(self.register, self.identity, self.plain_meetings, self.papers)
        return Opinions(self.act, SqlSlips(self._connection), near, self.house.ids, self.house.clock)

    @cached_property
    def minutes(self) -> Minutes:
        """Minutes from the record."""
        neighbours = MinutesNeighbours(
            self.plain_meetings, self.plain_attendance, self.speaking, self.voting, self.ledger
        )
        return Minutes(self.act, SqlMinutes(self._connection), neighbours, self.house.ids, self.house.clock, self._zone)

    @cached_property
    def publication(self) -> Publication:
        """Bundles."""
        near = PublicationNeighbours(self.plain_meetings, self.ledger, self.minutes, self.casting)
        return Publication(near, self.house.blobs, self.house.signer)

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.house.settings.time_zone)
