"""A small meeting from its first entry to its bundle, through the rules' own doors, and ways to falsify it."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from ecabinet.kernel.canonical import canonical
from ecabinet.kernel.events import Event, moment
from ecabinet.kernel.ids import ItemId, MinutesId, QuestionId
from ecabinet.ledger.merkle import Tree
from ecabinet.ledger.model import Checkpoint, Proven
from ecabinet.ledger.notes import checkpoint_text, sign
from ecabinet.ledger.views import veiled
from ecabinet.meetings.events import ItemNoted, MeetingClosed, MeetingOpened
from ecabinet.meetings.model import Act
from ecabinet.minutes.model import MinutesDrafted
from ecabinet.publication import bundle
from ecabinet.publication.model import About, Publishable
from ecabinet.register.model import RuleProfile
from ecabinet.voting import ballots, closing, conduct, rules
from ecabinet.voting.events import QuestionPut
from ecabinet.voting.model import Ballot, Question
from tests.fakes.ledger import MemoryRecords, SeededSigner
from tests.voting.halls import CHAIR, ITEM, MEETING, PROFILES, person, proposal, situation

AT = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)
SIGNER = SeededSigner("so-nhat-ky.test")
STRANGER = SeededSigner("so-nhat-ky.test", seed=2)
MINUTES = b"%PDF-1.7 a very short one\n%%EOF\n"
PROFILE = PROFILES["chinh-phu"]
PRESENT = tuple(range(5))


@dataclass
class Session:
    """What happens, one entry a minute; other meetings' entries come in between."""

    records: MemoryRecords = field(default_factory=MemoryRecords)
    at: datetime = AT
    profile: RuleProfile = PROFILE
    put_events: list[QuestionPut] = field(default_factory=list)

    def add(self, event: Event) -> int:
        return self.records.append(event)

    def next(self) -> dict[str, Any]:
        """When, who and where of the next event of the meeting."""
        self.at += timedelta(minutes=1)
        return {"at": self.at, "actor": CHAIR, "meeting": MEETING.id}

    def elsewhere(self) -> None:
        """Something in no meeting at all."""
        self.add(ItemNoted(at=self.at, item=ItemId("other"), digest="00" * 32))

    def open(self) -> None:
        self.add(MeetingOpened(**self.next(), members=6, present=len(PRESENT), needed=4))

    def put(self, id: str) -> Question:
        """Put a question to the five who are there."""
        asked = replace(proposal(text=f"Thông qua {id}?"), id=QuestionId(id))
        event = rules.put_question(asked, situation(6, PRESENT), self.profile, Act(CHAIR, self.next()["at"]))
        self.add(event)
        self.put_events.append(event)
        return event.question

    def cast(self, question: Question, voter: int, choice: str, n: int = 1) -> Ballot:
        ballot = Ballot(question.id, person(voter), choice, n, self.next()["at"])
        event = ballots.cast(question, ballot, {})
        assert event is not None
        self.add(event)
        return ballot

    def close(self, question: Question, ballots: list[Ballot]) -> None:
        self.add(closing.close(question, ballots, self.profile, CHAIR, Act(CHAIR, self.next()["at"])))

    def note(self) -> None:
        self.add(ItemNoted(**self.next(), item=ITEM, digest="11" * 32))

    def end(self) -> None:
        self.add(MeetingClosed(**self.next(), finished=None))

    def draft(self, content: bytes, version: int = 1) -> None:
        digest = hashlib.sha256(content).hexdigest()
        self.add(
            MinutesDrafted(
                **self.next(),
                minutes=MinutesId("minutes"),
                version=version,
                digest=digest,
                size_bytes=len(content),
                figures=(),
            )
        )


def checkpoint_of(records: MemoryRecords, signer: SeededSigner = SIGNER) -> Checkpoint:
    """Signed over all of it."""
    root = Tree([entry.leaf for entry in records.kept]).root()
    text = checkpoint_text(signer.origin, len(records.kept), root)
    note = sign(text, signer.origin, signer.public_key, signer.sign)
    return Checkpoint(len(records.kept), root, AT, note)


def publishable(records: MemoryRecords, minutes: bytes | None = MINUTES) -> Publishable:
    """The meeting's part of the record under a fresh checkpoint."""
    tree = Tree([entry.leaf for entry in records.kept])
    own = [entry for entry in records.kept if entry.meeting == MEETING.id]

    def moment_of(type: str) -> str | None:
        return next((moment(entry.at) for entry in own if entry.type == type), None)

    return Publishable(
        about=About(
            id=MEETING.id,
            title="Phiên họp thường kỳ tháng 11",
            body=MEETING.body,
            body_name="Chính phủ",
            starts_at=moment(AT),
            opened_at=moment_of(MeetingOpened.type),
            closed_at=moment_of(MeetingClosed.type),
            chair=CHAIR,
            heads=(CHAIR,),
        ),
        profile=PROFILE,
        checkpoint=checkpoint_of(records),
        proven=[Proven(entry, tree.inclusion_proof(entry.number - 1)) for entry in own],
        veiled=veiled(own, sees_notes=False),
        minutes=minutes,
    )


def packed(published: Publishable, signer: SeededSigner = SIGNER) -> bytes:
    return bundle.pack(published, bundle.Seal(signer.origin, signer.public_key, signer.sign))


def held() -> Session:
    """One question decided, with a changed vote and one that arrived late; one called off; minutes."""
    session = Session()
    session.elsewhere()
    session.open()
    question = session.put("q1")
    ballots = [session.cast(question, voter, "for") for voter in (1, 2, 3)]
    ballots.append(session.cast(question, 4, "for", n=2))
    session.elsewhere()
    ballots.append(session.cast(question, 4, "against", n=1))
    ballots.append(session.cast(question, 0, "abstain"))
    ballots.append(session.cast(question, 0, "for", n=2))
    session.close(question, ballots)
    session.note()
    called_off = session.put("q2")
    session.cast(called_off, 1, "against")
    session.add(conduct.cancel(called_off, "Đặt lại câu hỏi", Act(CHAIR, session.next()["at"])))
    session.end()
    session.elsewhere()
    session.draft(MINUTES)
    return session


@cache
def small() -> bytes:
    """The bundle of `held`."""
    return packed(publishable(held().records))


def small_one() -> bytes:
    """As few bytes as a whole bundle can have: one question, two ballots."""
    session = Session()
    session.open()
    question = session.put("q1")
    session.close(question, [session.cast(question, voter, "for") for voter in (1, 2)])
    session.end()
    session.draft(MINUTES)
    return packed(publishable(session.records))


def resigned(files: Mapping[str, bytes], signer: SeededSigner = SIGNER) -> bytes:
    """These files as a bundle whose manifest and signature fit: what only whoever holds the key can make."""
    manifest = json.loads(files[bundle.MANIFEST])
    listed = {name: content for name, content in files.items() if name not in (bundle.MANIFEST, bundle.SIGNATURE)}
    manifest["files"] = {name: bundle.described(content) for name, content in listed.items()}
    signed = canonical(manifest)
    signature = signer.sign(bundle.SIGNED_PREFIX + signed).hex()
    return bundle.archive({**listed, bundle.MANIFEST: signed, bundle.SIGNATURE: f"{signature}\n".encode()})


def with_json(name: str, change: Callable[[Any], Any], archive: bytes) -> bytes:
    """The bundle with one JSON file changed, and signed again."""
    files = bundle.unpack(archive)
    value = json.loads(files[name])
    changed = change(value)
    return resigned({**files, name: canonical(value if changed is None else changed)})
