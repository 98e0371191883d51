"""The votes of a meeting, read back from its record and counted again by the functions the room itself uses. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ecabinet.kernel.canonical import digest
from ecabinet.kernel.events import plain
from ecabinet.kernel.ids import PersonId
from ecabinet.kernel.restore import restore
from ecabinet.meetings.model import Act
from ecabinet.register.model import Matter, RuleProfile, TieBreaker
from ecabinet.voting.ballots import cast
from ecabinet.voting.events import BallotCast, QuestionCancelled, QuestionClosed, QuestionPut
from ecabinet.voting.methods import decision_rule, quorum_of
from ecabinet.voting.model import Ballot, Question, Verdict
from ecabinet.voting.rules import close, wording

from .model import Broken


@dataclass(frozen=True, slots=True)
class Given:
    """An entry as the bundle gives it."""

    number: int
    record: dict[str, Any]
    salt: bytes | None
    payload: dict[str, Any] | None
    proof: tuple[bytes, ...]

    @property
    def type(self) -> str:
        """What happened."""
        name: str = self.record["type"]
        return name

    @property
    def at(self) -> datetime:
        """When."""
        return datetime.fromisoformat(self.record["at"])

    def disclosed(self) -> dict[str, Any]:
        """The payload. Raises Broken when it is held back: then what rests on it cannot be checked."""
        if self.payload is None:
            raise Broken(
                f"Nội dung của mục số {self.number} ({self.type}) không có trong gói.",
                f"The payload of entry {self.number} ({self.type}) is not in the bundle.",
            )
        return self.payload


@dataclass(slots=True)
class Vote:
    """A question, the ballots recorded while it was open, and how it ended."""

    put: Given
    question: Question
    cast: list[Given] = field(default_factory=list)
    end: Given | None = None

    @property
    def is_closed(self) -> bool:
        """Whether it ended with a verdict."""
        return self.end is not None and self.end.type == QuestionClosed.type


def votes_in(entries: Iterable[Given]) -> list[Vote]:
    """Every question that was put, with what the record has between its opening and its end.

    Raises Broken when a ballot lies outside an open vote, two votes overlap, or one has no end.
    """
    votes: list[Vote] = []
    running: Vote | None = None
    for entry in entries:
        if entry.type == QuestionPut.type:
            _require_none_open(running, entry)
            running = Vote(entry, restore(Question, entry.disclosed()["question"]))
            votes.append(running)
        elif entry.type in (BallotCast.type, QuestionClosed.type, QuestionCancelled.type):
            running = _continued(running, entry)
    if running is not None:
        raise Broken(
            f"Câu hỏi mở ở mục số {running.put.number} không có mục kết thúc.",
            f"The question put in entry {running.put.number} has no end.",
        )
    return votes


def _require_none_open(running: Vote | None, entry: Given) -> None:
    if running is not None:
        raise Broken(
            f"Mục số {entry.number} mở câu hỏi khi câu hỏi trước chưa kết thúc.",
            f"Entry {entry.number} puts a question while another is open.",
        )


def _continued(running: Vote | None, entry: Given) -> Vote | None:
    """The open vote after this entry; None when it ended it."""
    if running is None:
        raise Broken(
            f"Mục số {entry.number} ({entry.type}) nằm ngoài thời gian biểu quyết.",
            f"Entry {entry.number} ({entry.type}) lies outside an open vote.",
        )
    if entry.type == BallotCast.type:
        running.cast.append(entry)
        return running
    if entry.disclosed()["question"] != running.question.id:
        raise Broken(f"Mục số {entry.number} kết thúc câu hỏi khác.", f"Entry {entry.number} ends another question.")
    running.end = entry
    return None


def check_question(vote: Vote, profile: RuleProfile) -> None:
    """That what was asked, by which rules and of how many is what the record fixed when it was put. Raises Broken."""
    question, put = vote.question, vote.put
    agrees = [
        question.meeting == put.record["meeting"],
        question.opened_by == put.record["actor"],
        plain(question.opened_at) == put.record["at"],
        question.digest == digest(wording(question)),
        (question.profile, question.profile_version) == (profile.id, profile.version),
        len(question.roll.voters) == len({voter.person for voter in question.roll.voters}) == question.strength.present,
    ]
    if not all(agrees):
        raise Broken(
            f"Câu hỏi ở mục số {put.number} không khớp nội dung, danh sách hoặc quy tắc đã cố định khi mở.",
            f"The question of entry {put.number} does not fit the wording, roll or rules fixed when it was put.",
        )
    reached = quorum_of(profile, decision_rule(profile, Matter(question.matter)), question.strength)
    if not reached.is_quorate or plain(reached) != put.disclosed()["quorum"]:
        raise Broken(
            f"Số thành viên dự họp ở mục số {put.number} tính lại không khớp.",
            f"The quorum of entry {put.number}, computed again, is another.",
        )


def ballots_of(vote: Vote) -> list[Ballot]:
    """The ballots of a closed vote, each accepted again by the rule that accepted it in the room: voter on the roll and
    the one who acted, wording as put, a choice that was offered, no version twice. Raises Broken, Refusal."""
    accepted: list[Ballot] = []
    earlier: dict[PersonId, dict[int, str]] = {}
    for entry in vote.cast:
        written = entry.disclosed()["ballot"]
        ballot = Ballot(vote.question.id, PersonId(written["voter"]), written["choice"], written["n"], entry.at)
        mine = earlier.setdefault(ballot.voter, {})
        happened = cast(vote.question, ballot, mine)
        if happened is None or happened.ballot != written or entry.record["actor"] != ballot.voter:
            raise Broken(
                f"Phiếu ở mục số {entry.number} không hợp lệ.", f"The ballot of entry {entry.number} is not valid."
            )
        mine[ballot.n] = digest(written)
        accepted.append(ballot)
    return accepted


def recount(vote: Vote, ballots: Sequence[Ballot], profile: RuleProfile, breakers: Sequence[PersonId]) -> Verdict:
    """What the rules make of the ballots: to the last figure and word the verdict that was recorded.

    breakers  who may have settled a tie: the head of the body, or whoever presided
    Raises Broken.
    """
    assert vote.end is not None
    by = Act(PersonId(str(vote.end.record["actor"])), vote.end.at)
    # Read back as a value: an older record is silent about what was not counted yet, and means none of it.
    recorded = restore(Verdict, vote.end.disclosed()["verdict"])
    for person in breakers or (None,):
        reached = close(vote.question, ballots, profile, person, by).verdict
        if reached == recorded:
            return reached
    raise Broken(
        f"Kết quả ở mục số {vote.end.number} khác với kết quả tính lại từ các phiếu.",
        f"The verdict of entry {vote.end.number} is not what the ballots add up to.",
    )


def breaker_of(profile: RuleProfile, vote: Vote) -> TieBreaker:
    """Whose side settles a tie in this vote."""
    return decision_rule(profile, Matter(vote.question.matter)).tie.breaker
