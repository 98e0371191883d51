"""The export at its door, on a real database: signed first, then handed out."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp.test_utils import make_mocked_request

from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.edge.routes import Call, FileReply
from ecabinet.kernel.access import GRANTS, Action, Role, Standing
from ecabinet.kernel.events import Event
from ecabinet.ledger.service import Ledger
from ecabinet.ledger.sql import SqlRecords
from ecabinet.meetings.events import MeetingClosed, MeetingOpened
from ecabinet.meetings.model import Act as Done
from ecabinet.meetings.model import Phase
from ecabinet.publication.http import PublicationHttp
from ecabinet.publication.rules import verify
from ecabinet.publication.service import Neighbours, Publication
from ecabinet.voting import closing, rules
from ecabinet.voting.ballots import cast as cast_ballot
from ecabinet.voting.events import BallotCast, QuestionClosed, QuestionPut
from ecabinet.voting.model import Ballot
from tests.fakes.kernel import SetClock
from tests.fakes.ledger import KnownNames
from tests.ledger.logs import opened_log, record
from tests.publication.sessions import AT, PRESENT, PROFILE, SIGNER
from tests.publication.test_service import BallotsInRecord, Drafts, OneMeeting, meeting_at
from tests.voting.halls import CHAIR, MEETING, person, proposal, situation

OPENED, CLOSED = AT + timedelta(minutes=1), AT + timedelta(hours=1)


@pytest.fixture
async def uow(database_url: str) -> AsyncIterator[UnitOfWork]:
    kinds = (MeetingOpened, MeetingClosed, QuestionPut, BallotCast, QuestionClosed)
    async with opened_log(database_url, *kinds) as opened:
        yield opened


def publication(act: Act) -> Publication:
    records = SqlRecords(act.connection)
    ledger = Ledger(records, KnownNames({}), SIGNER, SetClock(AT))
    meeting = OneMeeting(meeting_at(Phase.CLOSED, OPENED, CLOSED))
    return Publication(Neighbours(meeting, ledger, Drafts(), BallotsInRecord(records)), Drafts(), SIGNER)


def what_happened() -> list[Event]:
    put = rules.put_question(proposal(), situation(6, PRESENT), PROFILE, Done(CHAIR, OPENED))
    ballots = [Ballot(put.question.id, person(voter), "for", 1, OPENED) for voter in PRESENT]
    cast = [cast_ballot(put.question, ballot, {}) for ballot in ballots]
    return [
        MeetingOpened(at=OPENED, actor=CHAIR, meeting=MEETING.id, members=6, present=5, needed=4),
        put,
        *(each for each in cast if each is not None),
        closing.close(put.question, ballots, PROFILE, CHAIR, Done(CHAIR, CLOSED)),
        MeetingClosed(at=CLOSED, actor=CHAIR, meeting=MEETING.id, finished=None),
    ]


async def test_what_the_door_hands_out_is_accepted(uow: UnitOfWork) -> None:
    await record(uow, *what_happened())
    route = PublicationHttp(uow, publication).routes()[0]
    assert (route.path, route.needs) == ("/api/meetings/{m}/bundle", Action.EXPORT_RECORD)
    request = make_mocked_request("GET", "/", match_info={"m": MEETING.id})
    reply = await route.handle(Call(request, Standing(CHAIR, frozenset({Role.CHAIR})), None, None))
    assert isinstance(reply, FileReply)
    content = b"".join([chunk async for chunk in reply.chunks])
    assert len(content) == reply.size_bytes
    report = verify(content, SIGNER.public_key)
    assert report.is_accepted, report


def test_a_guest_exports_nothing() -> None:
    assert Action.EXPORT_RECORD not in GRANTS[Role.GUEST]
