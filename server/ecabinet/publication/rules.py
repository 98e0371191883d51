"""What is asked of a bundle, in order, and what each answer rests on. Pure; the standard library and `cryptography`
alone, through functions the room itself uses."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ecabinet.kernel.canonical import canonical
from ecabinet.kernel.errors import Refusal
from ecabinet.kernel.ids import PersonId
from ecabinet.kernel.restore import restore
from ecabinet.ledger import notes
from ecabinet.ledger.merkle import leaf_hash, verify_inclusion
from ecabinet.ledger.rules import commitment
from ecabinet.meetings.events import MeetingChanged, MeetingClosed, MeetingCreated, MeetingOpened, ParticipantSet
from ecabinet.minutes.model import MinutesDrafted
from ecabinet.register.model import RuleProfile, TieBreaker, Words
from ecabinet.voting.conduct import Step

from . import bundle
from .model import About, Absent, Broken, Check, Report, State
from .votes import Given, Vote, ballots_of, breaker_of, check_question, check_repeats, recount, votes_in

_RECORD_KEYS = {"v", "number", "previous", "at", "type", "actor", "meeting", "commitment"}
_MISSHAPEN = (
    Refusal, KeyError, TypeError, ValueError, AttributeError, IndexError, AssertionError, RecursionError, OverflowError,
)  # fmt: skip
"""What signed nonsense can raise in functions that were written for our own records."""
_SHOWN = 80
"""Characters of a question's text in the report."""
_NOT_CHECKED = Words("Không kiểm tra được vì bước trước không đạt.", "Not checked: something before it failed.")


@dataclass(slots=True)
class Evidence:
    """What is known of a bundle so far. Each check relies only on what those before it have established."""

    archive: bytes
    expected_key: bytes | None
    files: Mapping[str, bytes]
    origin: str = ""
    public_key: bytes | None = None
    meeting: About | None = None
    size: int = 0
    root: bytes = b""
    entries: tuple[Given, ...] = ()
    votes: tuple[Vote, ...] = ()
    profile: RuleProfile | None = None

    @property
    def about(self) -> About:
        """The meeting, as the manifest describes it."""
        assert self.meeting is not None
        return self.meeting

    @property
    def rules(self) -> RuleProfile:
        """The rules the votes were decided by."""
        assert self.profile is not None
        return self.profile


def verify(archive: bytes, expected_key: bytes | None = None) -> Report:
    """Check a bundle from its outermost byte to its last ballot.

    expected_key  the key the body has published, 32 bytes; None leaves the comparison to whoever reads the report
    """
    evidence = Evidence(archive, expected_key, {})
    checks: list[Check] = []
    for name, heading, ask in QUESTIONS:
        if any(check.state is State.FAILED for check in checks):
            checks.append(Check(name, State.NOT_CHECKED, heading, _NOT_CHECKED))
        else:
            checks.append(_asked(name, heading, ask, evidence))
    title = "" if evidence.meeting is None else evidence.meeting.title
    return Report(title, evidence.public_key, expected_key is not None, tuple(checks))


def _asked(name: str, title: Words, ask: "Question", evidence: Evidence) -> Check:
    try:
        return Check(name, State.OK, title, ask(evidence))
    except Broken as broken:
        return Check(name, State.FAILED, title, broken.words)
    except Absent as absent:
        return Check(name, State.ABSENT, title, absent.words)
    except _MISSHAPEN as error:
        what = type(error).__name__
        return Check(
            name, State.FAILED, title, Words(f"Nội dung không đúng cấu trúc ({what}).", f"Misshapen content ({what}).")
        )


# --- the seals ---


def _archive(evidence: Evidence) -> Words:
    evidence.files = bundle.unpack(evidence.archive)
    size = len(evidence.archive)
    return Words(
        f"{len(evidence.files)} tệp, {size} byte, đúng từng byte.", f"{len(evidence.files)} files, {size} bytes."
    )


def _key(evidence: Evidence) -> Words:
    origin, public_key = bundle.parse_key(evidence.files)
    if evidence.expected_key is not None and evidence.expected_key != public_key:
        raise Broken(
            "Gói được ký bằng khóa khác với khóa đã cho.", "The bundle is signed with another key than the one given."
        )
    evidence.origin, evidence.public_key = origin, public_key
    if evidence.expected_key is None:
        return Words(
            f"Khóa của sổ “{origin}” lấy từ chính gói này: phải so với khóa cơ quan đã công bố.",
            f"The key of the log “{origin}” comes from this very bundle: compare it with the published one.",
        )
    return Words(f"Đúng khóa của sổ “{origin}”.", f"It is the key of the log “{origin}” that was given.")


def _manifest(evidence: Evidence) -> Words:
    assert evidence.public_key is not None
    manifest = bundle.open_manifest(evidence.files, evidence.public_key)
    evidence.meeting = restore(About, manifest["meeting"])
    count = len(evidence.files) - 2
    return Words(f"Chữ ký đúng; {count} tệp khớp mã băm.", f"Rightly signed; {count} files fit their digests.")


def _checkpoint(evidence: Evidence) -> Words:
    assert evidence.public_key is not None
    try:
        note = evidence.files[bundle.CHECKPOINT].decode()
        evidence.size, evidence.root = notes.open_checkpoint(note, evidence.origin, evidence.public_key)
    except notes.NoteInvalid as error:
        raise Broken(f"Điểm chốt không hợp lệ ({error}).", f"Not a valid checkpoint ({error}).") from None
    root = evidence.root.hex()
    return Words(f"Sổ có {evidence.size} mục, gốc {root}.", f"The log has {evidence.size} entries, its root is {root}.")


# --- the entries ---


def _entries(evidence: Evidence) -> Words:
    evidence.entries = tuple(_given(each) for each in bundle.read_canonical(evidence.files, bundle.ENTRIES))
    for entry in evidence.entries:
        leaf = leaf_hash(canonical(entry.record))
        if not verify_inclusion(leaf, entry.number - 1, evidence.size, entry.proof, evidence.root):
            raise Broken(
                f"Mục số {entry.number} không thuộc sổ đã ký.",
                f"Entry {entry.number} is not in the log that was signed.",
            )
    count = len(evidence.entries)
    return Words(f"Cả {count} mục đều thuộc sổ đã ký.", f"All {count} entries are in the log that was signed.")


def _given(written: dict[str, Any]) -> Given:
    record = written["record"]
    if written.keys() != {"record", "salt", "payload", "proof"} or record.keys() != _RECORD_KEYS or record["v"] != 1:
        raise Broken("Một mục có cấu trúc lạ.", "An entry has a strange form.")
    return Given(
        number=restore(int, record["number"]),
        record=record,
        salt=None if written["salt"] is None else bytes.fromhex(written["salt"]),
        payload=written["payload"],
        proof=tuple(bytes.fromhex(sibling) for sibling in written["proof"]),
    )


def _payloads(evidence: Evidence) -> Words:
    for entry in evidence.entries:
        if (entry.salt is None) != (entry.payload is None):
            raise Broken(f"Mục số {entry.number} thiếu muối.", f"Entry {entry.number} lacks its salt.")
        if entry.salt is None or entry.payload is None:
            continue
        if commitment(entry.salt, entry.payload).hex() != entry.record["commitment"]:
            raise Broken(
                f"Nội dung mục số {entry.number} không khớp cam kết trong sổ.",
                f"The payload of entry {entry.number} is not the one it committed to.",
            )
    opened = sum(1 for entry in evidence.entries if entry.payload is not None)
    held = len(evidence.entries) - opened
    return Words(
        f"{opened} nội dung khớp cam kết; {held} nội dung không công bố hoặc đã xóa.",
        f"{opened} payloads fit their commitments; {held} are held back or erased.",
    )


def _chain(evidence: Evidence) -> Words:
    """Every entry names the meeting's one before it, so nothing is missing in between. What a bundle cannot say is
    whether anything came after its last entry."""
    if not evidence.entries:
        raise Broken("Gói không có mục nào.", "There is no entry in the bundle.")
    before: int | None = None
    for entry in evidence.entries:
        if entry.record["meeting"] != evidence.about.id:
            raise Broken(f"Mục số {entry.number} thuộc phiên khác.", f"Entry {entry.number} is of another meeting.")
        if entry.record["previous"] != before or not entry.number > (before or 0):
            raise Broken(f"Thiếu mục liền trước mục số {entry.number}.", f"The entry before {entry.number} is missing.")
        before = entry.number
    first = evidence.entries[0].number
    return Words(
        f"Từ mục số {first} đến mục số {before} không thiếu mục nào của phiên. "
        f"Gói không nói gì về mục ghi sau mục số {before}.",
        f"From entry {first} to entry {before} none of this meeting is missing. "
        f"The bundle says nothing of entries after {before}.",
    )


def _course(evidence: Evidence) -> Words:
    """The moments the manifest states are those of the record."""
    moments = {}
    for name, type in (("opened_at", MeetingOpened.type), ("closed_at", MeetingClosed.type)):
        recorded = [entry.record["at"] for entry in evidence.entries if entry.type == type]
        moments[name] = getattr(evidence.about, name)
        if recorded != ([] if moments[name] is None else [moments[name]]):
            raise Broken(f"Thời điểm khác với sổ: {name}.", f"Another moment than in the record: {name}.")
    if moments["closed_at"] is None:
        raise Broken("Phiên họp chưa kết thúc.", "The meeting had not ended.")
    return Words(
        f"Khai mạc {moments['opened_at']}, bế mạc {moments['closed_at']} (giờ UTC).",
        f"Opened {moments['opened_at']}, closed {moments['closed_at']} (UTC).",
    )


# --- the votes ---


def _ballots(evidence: Evidence) -> Words:
    evidence.profile = restore(RuleProfile, bundle.read_canonical(evidence.files, bundle.PROFILE))
    evidence.votes = tuple(votes_in(evidence.entries))
    if not evidence.votes:
        raise Absent("Phiên họp không biểu quyết.", "Nothing was put to the vote.")
    check_repeats(evidence.votes)
    versions = 0
    for vote in evidence.votes:
        check_question(vote, evidence.profile)
        versions += len(ballots_of(vote)) if vote.is_closed else 0
    cancelled = sum(1 for vote in evidence.votes if not vote.is_closed)
    return Words(
        f"{len(evidence.votes)} câu hỏi, {versions} lượt bỏ phiếu hợp lệ: đúng người trong danh sách, đúng câu hỏi, "
        f"trước khi kết thúc. Câu hỏi đã hủy: {cancelled}.",
        f"{len(evidence.votes)} questions, {versions} valid casts: voters on the roll, the wording as put, before the "
        f"close. Questions called off: {cancelled}.",
    )


def _tally(evidence: Evidence) -> Words:
    closed = [vote for vote in evidence.votes if vote.is_closed]
    if not closed:
        raise Absent("Không có kết quả biểu quyết.", "There is no verdict.")
    sentences = []
    for vote in closed:
        reached = recount(vote, ballots_of(vote), evidence.rules, _breakers(evidence, vote))
        asked = vote.question.text if len(vote.question.text) <= _SHOWN else f"{vote.question.text[:_SHOWN]}…"
        void = Words("[đã hủy kết quả] ", "[annulled] ") if Step.ANNUL in vote.steps else Words("", "")
        said_vi, said_en = "; ".join(each.vi for each in reached), "; ".join(each.en for each in reached)
        sentences.append(Words(f"“{asked}” {void.vi}{said_vi}", f"“{asked}” {void.en}{said_en}"))
    return Words(
        f"Tính lại từ các phiếu, khớp: {' | '.join(each.vi for each in sentences)}.",
        f"Counted again from the ballots, the same: {' | '.join(each.en for each in sentences)}.",
    )


def _breakers(evidence: Evidence, vote: Vote) -> tuple[PersonId, ...]:
    """Who may have settled a tie: the heads, or everyone who presided at some time of the meeting."""
    if breaker_of(evidence.rules, vote) is TieBreaker.HEAD:
        return evidence.about.heads
    presided = [evidence.about.chair, *(each for entry in evidence.entries for each in chairs_named_in(entry))]
    return tuple(dict.fromkeys(PersonId(each) for each in presided if each))


def chairs_named_in(entry: Given) -> list[str | None]:
    """Whom an entry names as chair of the meeting, from then on or until then."""
    told = entry.payload or {}
    if entry.type == MeetingCreated.type:
        return [each["person"] for each in told["participants"] if each["role"] == "chair"]
    if entry.type == MeetingChanged.type:
        return [told["changed"].get("chair")]
    if entry.type == ParticipantSet.type:
        return [told["former_chair"], told["person"] if told["role"] == "chair" else None]
    return []


def _minutes(evidence: Evidence) -> Words:
    if bundle.MINUTES not in evidence.files:
        raise Absent("Gói không có biên bản.", "There are no minutes in the bundle.")
    digest = hashlib.sha256(evidence.files[bundle.MINUTES]).hexdigest()
    drafted = [entry for entry in evidence.entries if entry.type == MinutesDrafted.type and entry.payload is not None]
    proving = [entry for entry in drafted if entry.disclosed()["digest"] == digest]
    if not proving:
        raise Broken("Biên bản không khớp mục nào trong sổ.", "The minutes fit no entry of the record.")
    entry = proving[-1]
    version = entry.disclosed()["version"]
    is_newest = entry.number == drafted[-1].number
    return Words(
        f"Bản {version}{'' if is_newest else ' (không phải bản mới nhất)'}, mục số {entry.number}, SHA-256 {digest}.",
        f"Version {version}{'' if is_newest else ' (not the newest)'}, entry {entry.number}, SHA-256 {digest}.",
    )


Question = Callable[[Evidence], Words]

QUESTIONS: tuple[tuple[str, Words, Question], ...] = (
    ("archive", Words("Tệp nguyên vẹn", "The file is whole"), _archive),
    ("key", Words("Khóa ký", "The key"), _key),
    ("manifest", Words("Chữ ký trên gói", "The signature over the bundle"), _manifest),
    ("checkpoint", Words("Điểm chốt của sổ", "The log's checkpoint"), _checkpoint),
    ("entries", Words("Các mục thuộc sổ", "Entries are in the log"), _entries),
    ("payloads", Words("Nội dung các mục", "What the entries say"), _payloads),
    ("chain", Words("Không thiếu mục", "No entry left out"), _chain),
    ("course", Words("Diễn biến phiên họp", "Course of the meeting"), _course),
    ("ballots", Words("Phiếu biểu quyết", "Ballots"), _ballots),
    ("tally", Words("Kết quả kiểm phiếu", "Tally and verdict"), _tally),
    ("minutes", Words("Biên bản", "Minutes"), _minutes),
)
"""Every check, in the order in which each relies on those before."""
