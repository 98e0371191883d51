"""Making a bundle from what the slices keep."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from ecabinet.kernel.access import Role
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import MeetingId, PersonId, QuestionId
from ecabinet.ledger.ports import Records
from ecabinet.ledger.service import Ledger
from ecabinet.meetings.events import MeetingClosed
from ecabinet.meetings.model import Meeting, MeetingWrongPhase, Participant, Phase
from ecabinet.publication.model import State
from ecabinet.publication.rules import verify
from ecabinet.publication.service import Neighbours, Publication
from ecabinet.register.model import Body, RuleProfile
from tests.fakes.kernel import SetClock
from tests.fakes.ledger import KnownNames
from tests.publication.sessions import AT, MINUTES, PROFILE, SIGNER, Session, held
from tests.voting.halls import CHAIR, MEETING

BODY = Body(MEETING.body, "Chính phủ", "The Government", "Chính phủ", PROFILE.id)
HEAD = Participant(CHAIR, "Thủ tướng", "Thủ tướng", Role.CHAIR, 1, votes=True, is_head=True)


@dataclass(frozen=True)
class Rules:
    body: Body
    profile: RuleProfile


@dataclass
class OneMeeting:
    meeting: Meeting

    async def get(self, meeting: MeetingId) -> Meeting:
        if meeting != self.meeting.id:
            raise NotFound()
        return self.meeting

    async def setting(self, meeting: Meeting) -> Rules:
        return Rules(BODY, PROFILE)


@dataclass(frozen=True)
class Version:
    digest: str


@dataclass
class Drafts:
    """Minutes and their bytes."""

    contents: list[bytes] = field(default_factory=list)

    async def of(self, meeting: MeetingId) -> list[Version]:
        return [Version(hashlib.sha256(each).hexdigest()) for each in self.contents]

    async def get(self, digest: str) -> bytes:
        return next(each for each in self.contents if hashlib.sha256(each).hexdigest() == digest)


@dataclass(frozen=True)
class Cast:
    number: int


@dataclass(frozen=True)
class BallotsInRecord:
    """Finds by the record which ballot counts, however late it came."""

    records: Records

    async def mine(self, meeting: MeetingId, question: QuestionId, person: PersonId) -> Cast:
        versions = {}
        for entry in await self.records.of(meeting):
            if entry.type == "ballot.cast" and entry.disclosure is not None:
                ballot = entry.disclosure.payload["ballot"]
                if (ballot["question"], ballot["voter"]) == (question, person):
                    versions[ballot["n"]] = Cast(entry.number)
        if not versions:
            raise NotFound()
        return versions[max(versions)]


def meeting_at(phase: Phase, opened_at: datetime | None, closed_at: datetime | None) -> Meeting:
    """The meeting of the tests, at this phase."""
    return replace(MEETING, phase=phase, opened_at=opened_at, closed_at=closed_at, participants=(HEAD,))


def publication(session: Session, drafts: Drafts, phase: Phase = Phase.CLOSED) -> Publication:
    closed_at = next((entry.at for entry in session.records.kept if entry.type == MeetingClosed.type), None)
    meeting = meeting_at(phase, AT + timedelta(minutes=1), closed_at)
    ledger = Ledger(session.records, KnownNames({}), SIGNER, SetClock(AT))
    near = Neighbours(OneMeeting(meeting), ledger, drafts, BallotsInRecord(session.records))
    return Publication(near, drafts, SIGNER)


async def exported(session: Session, drafts: Drafts) -> bytes:
    made = publication(session, drafts)
    return await made.bundle(MEETING.id, await made.seal(MEETING.id))


async def test_a_meeting_that_has_ended_is_exported_and_the_export_is_accepted() -> None:
    report = verify(await exported(held(), Drafts([MINUTES])), SIGNER.public_key)
    assert [check for check in report.checks if check.state is not State.OK] == []


async def test_nothing_is_exported_before_the_end() -> None:
    for phase in set(Phase) - {Phase.CLOSED}:
        made = publication(held(), Drafts(), phase)
        with pytest.raises(MeetingWrongPhase):
            await made.seal(MEETING.id)
        checkpoint = await publication(held(), Drafts()).seal(MEETING.id)
        with pytest.raises(MeetingWrongPhase):
            await made.bundle(MEETING.id, checkpoint)


async def test_an_unknown_meeting_is_not_exported() -> None:
    with pytest.raises(NotFound):
        await publication(held(), Drafts()).seal(MeetingId("another"))


async def test_the_newest_minutes_the_checkpoint_covers_are_in_it() -> None:
    """Between the checkpoint and the export someone drafts again: that version is proven next time."""
    session, drafts = held(), Drafts([MINUTES])
    made = publication(session, drafts)
    checkpoint = await made.seal(MEETING.id)
    session.draft(b"%PDF newer", version=2)
    drafts.contents.append(b"%PDF newer")
    assert verify(await made.bundle(MEETING.id, checkpoint)).is_accepted
    report = verify(await exported(session, drafts))
    assert "Bản 2, " in next(check for check in report.checks if check.name == "minutes").finding.vi


async def test_a_meeting_without_minutes_is_exported_without() -> None:
    session = Session()
    session.open()
    session.end()
    report = verify(await exported(session, Drafts()))
    assert report.is_accepted


async def test_a_later_export_extends_the_earlier_one() -> None:
    session, drafts = held(), Drafts([MINUTES])
    first = await publication(session, drafts).seal(MEETING.id)
    session.elsewhere()
    second = await publication(session, drafts).seal(MEETING.id)
    assert (first.size, second.size) == (19, 20)
