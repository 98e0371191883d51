"""The votes of a meeting, read back from its record and counted again by the functions the room itself uses. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ecabinet.kernel.canonical import digest
from ecabinet.kernel.events import plain
from ecabinet.kernel.ids import PersonId, QuestionId
from ecabinet.kernel.restore import restore
from ecabinet.meetings.model import Act
from ecabinet.register.model import RuleProfile, Secrecy, TieBreaker, Words
from ecabinet.voting.asking import rule_of, ways_for, wording
from ecabinet.voting.ballots import cast, read_ballot
from ecabinet.voting.closing import ballot_by_hand, conclude_papers, concluded, settle
from ecabinet.voting.conduct import Step, after, applied
from ecabinet.voting.events import (
    BallotCast,
    QuestionAnnulled,
    QuestionCancelled,
    QuestionClosed,
    QuestionExtended,
    QuestionPaused,
    QuestionPut,
    QuestionResumed,
    QuestionSettled,
)
from ecabinet.voting.methods import quorum_of
from ecabinet.voting.model import (
    RUNNING,
    Ballot,
    ElectionVerdict,
    NotTieBreaker,
    Outcome,
    PaperCount,
    Phase,
    Question,
    QuestionNotOpen,
    RatingVerdict,
    Side,
    Verdict,
    Way,
)

from .model import Broken

STEPS = {
    QuestionPaused.type: Step.PAUSE,
    QuestionResumed.type: Step.RESUME,
    QuestionExtended.type: Step.EXTEND,
    QuestionClosed.type: Step.CLOSE,
    QuestionCancelled.type: Step.CANCEL,
    QuestionAnnulled.type: Step.ANNUL,
    QuestionSettled.type: Step.SETTLE,
}
"""What an entry does to a question."""


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
    """As it was put."""
    phase: Phase = Phase.OPEN
    cast: list[Given] = field(default_factory=list)
    steps: dict[Step, Given] = field(default_factory=dict)
    """The entry of each thing that was done to it, the last where it was done more than once."""

    @property
    def end(self) -> Given | None:
        """The entry that ended it with a result; None when there is none."""
        return self.steps.get(Step.CLOSE)

    @property
    def is_closed(self) -> bool:
        """Whether it ended with a result, whatever became of that later."""
        return self.end is not None


def votes_in(entries: Iterable[Given]) -> list[Vote]:
    """Every question that was put, with what the record has of it, each step one that the room would have taken.

    Raises Broken when a ballot lies outside an open vote, two votes overlap, or one has no end.
    """
    votes: dict[QuestionId, Vote] = {}
    running: Vote | None = None
    for entry in entries:
        if entry.type == QuestionPut.type:
            _require_none_open(running, entry)
            running = Vote(entry, restore(Question, entry.disclosed()["question"]))
            votes[running.question.id] = running
        elif entry.type == BallotCast.type:
            _open(running, entry).cast.append(entry)
        elif entry.type in STEPS:
            stepped = _stepped(votes, entry)
            if stepped is running and stepped.phase not in RUNNING:
                running = None
    if running is not None:
        raise Broken(
            f"Câu hỏi mở ở mục số {running.put.number} không có mục kết thúc.",
            f"The question put in entry {running.put.number} has no end.",
        )
    return list(votes.values())


def _require_none_open(running: Vote | None, entry: Given) -> None:
    if running is not None:
        raise Broken(
            f"Mục số {entry.number} mở câu hỏi khi câu hỏi trước chưa kết thúc.",
            f"Entry {entry.number} puts a question while another is open.",
        )


def _open(running: Vote | None, entry: Given) -> Vote:
    if running is None or running.phase is not Phase.OPEN:
        raise Broken(
            f"Mục số {entry.number} ({entry.type}) nằm ngoài thời gian biểu quyết.",
            f"Entry {entry.number} ({entry.type}) lies outside an open vote.",
        )
    return running


def _stepped(votes: dict[QuestionId, Vote], entry: Given) -> Vote:
    """The vote that the entry is about, after it."""
    vote = votes.get(QuestionId(entry.disclosed()["question"]))
    if vote is None:
        raise Broken(
            f"Mục số {entry.number} ({entry.type}) nói về câu hỏi không có trong gói.",
            f"Entry {entry.number} ({entry.type}) is about a question that was not put.",
        )
    step = STEPS[entry.type]
    try:
        vote.phase = after(_in_phase(vote), step)
    except QuestionNotOpen:
        raise Broken(
            f"Mục số {entry.number} ({entry.type}) không thể có khi câu hỏi ở trạng thái “{vote.phase.value}”.",
            f"Entry {entry.number} ({entry.type}) cannot be while the question is {vote.phase.value}.",
        ) from None
    vote.steps[step] = entry
    return vote


def _in_phase(vote: Vote) -> Question:
    return replace(vote.question, phase=vote.phase)


def check_question(vote: Vote, profile: RuleProfile) -> None:
    """That what was asked, by which rules and of how many is what the record fixed when it was put. Raises Broken."""
    question, put = vote.question, vote.put
    roll = question.roll.voters
    represented = [voter for voter in roll if voter.proxy is not None]
    agrees = [
        question.meeting == put.record["meeting"],
        question.opened_by == put.record["actor"],
        plain(question.opened_at) == put.record["at"],
        question.phase is Phase.OPEN,
        question.digest == digest(wording(question)),
        (question.profile, question.profile_version) == (profile.id, profile.version),
        len(roll) == len({voter.person for voter in roll}) == question.strength.voting,
        len(represented) == question.strength.represented,
        {voter.proxy for voter in represented} <= {voter.person for voter in roll if voter.proxy is None},
        (question.secrecy is Secrecy.SECRET) == (question.way is Way.PAPER),
        question.way in ways_for(profile, question),
    ]
    if not all(agrees):
        raise Broken(
            f"Câu hỏi ở mục số {put.number} không khớp nội dung, danh sách hoặc quy tắc đã cố định khi mở.",
            f"The question of entry {put.number} does not fit the wording, roll or rules fixed when it was put.",
        )
    reached = quorum_of(profile, rule_of(profile, question.matter, question.motion), question.strength)
    if not reached.is_quorate or plain(reached) != put.disclosed()["quorum"]:
        raise Broken(
            f"Số thành viên dự họp ở mục số {put.number} tính lại không khớp.",
            f"The quorum of entry {put.number}, computed again, is another.",
        )


def check_repeats(votes: Sequence[Vote]) -> None:
    """That what was put again was annulled before, and that the board that sat counted the papers. Raises Broken."""
    by_id = {vote.question.id: vote for vote in votes}
    for vote in votes:
        before = by_id.get(vote.question.repeats) if vote.question.repeats else None
        annulled = before.steps.get(Step.ANNUL) if before else None
        if vote.question.repeats and (annulled is None or annulled.number > vote.put.number):
            raise Broken(
                f"Câu hỏi ở mục số {vote.put.number} lặp lại một câu hỏi chưa bị hủy kết quả.",
                f"The question of entry {vote.put.number} repeats one that was not annulled.",
            )
        _check_tellers(vote, votes)


def _check_tellers(vote: Vote, votes: Sequence[Vote]) -> None:
    if vote.end is None or vote.question.way is Way.ELECTRONIC:
        return
    entered_by = vote.end.disclosed()["entered_by"]
    people = set(entered_by)
    agrees = len(entered_by) == len(people) == 2 and vote.end.record["actor"] == entered_by[1]
    if vote.question.way is Way.PAPER:
        boards = [each.question.board.members for each in votes if each.question.board and _passed_before(each, vote)]
        agrees = agrees and bool(boards) and people <= set(boards[-1])
    if not agrees:
        raise Broken(
            f"Kết quả ở mục số {vote.end.number} không do hai người có thẩm quyền nhập và xác nhận.",
            f"The result of entry {vote.end.number} was not entered and confirmed by two who may.",
        )


def _passed_before(vote: Vote, other: Vote) -> bool:
    """Whether a vote had passed, and stood, when another was put."""
    decided = vote.steps.get(Step.SETTLE) or vote.end
    annulled = vote.steps.get(Step.ANNUL)
    if decided is None or decided.number > other.put.number:
        return False
    stood = annulled is None or annulled.number > other.put.number
    verdict = decided.disclosed()["verdict"]
    return stood and verdict is not None and verdict["outcome"] == Outcome.PASSED.value


def ballots_of(vote: Vote) -> list[Ballot]:
    """The ballots of a closed vote, each accepted again by the rule that accepted it in the room: voter on the roll,
    cast by the one whose act it was, wording as put, a choice that was offered, no version twice.

    Raises Broken, Refusal.
    """
    accepted: list[Ballot] = []
    for entry in vote.cast:
        written = entry.disclosed()["ballot"]
        ballot = read_ballot(written, entry.at)
        is_valid = _is_by_hand(vote, entry, ballot) if vote.question.way is Way.HANDS else _is_cast(vote, entry, ballot)
        if not is_valid or any((each.voter, each.n) == (ballot.voter, ballot.n) for each in accepted):
            raise Broken(
                f"Phiếu ở mục số {entry.number} không hợp lệ.", f"The ballot of entry {entry.number} is not valid."
            )
        accepted.append(ballot)
    return accepted


def _is_cast(vote: Vote, entry: Given, ballot: Ballot) -> bool:
    """Sent by the voter, or by the proxy the roll names."""
    happened = cast(vote.question, ballot, {})
    return (
        happened is not None
        and happened.ballot == entry.disclosed()["ballot"]
        and entry.record["actor"] == happened.actor
    )


def _is_by_hand(vote: Vote, entry: Given, ballot: Ballot) -> bool:
    """Read off the sheet that two people wrote, in the act that closed the vote."""
    if vote.end is None:
        return False
    entered_by = tuple(PersonId(each) for each in vote.end.disclosed()["entered_by"])
    return (
        ballot.voter in vote.question.roll
        and ballot.choice in {option.key for option in vote.question.options}
        and ballot.n == 1
        and entry.disclosed()["ballot"] == ballot_by_hand(ballot, vote.question.digest, entered_by)
        and (entry.record["actor"], entry.record["at"]) == (vote.end.record["actor"], vote.end.record["at"])
    )


def recount(
    vote: Vote, ballots: Sequence[Ballot], profile: RuleProfile, breakers: Sequence[PersonId]
) -> tuple[Words, ...]:
    """What the rules make of the ballots or of the tellers' numbers: to the last figure and word what was recorded.
    Returns it in words.

    breakers  who may have settled a tie: the head of the body, or whoever presided
    Raises Broken.
    """
    assert vote.end is not None, "only a closed vote is counted again"
    by = Act(PersonId(str(vote.end.record["actor"])), vote.end.at)
    recorded = _recorded(vote.end)
    for person in breakers or (None,):
        if vote.question.way is Way.PAPER:
            reached = conclude_papers(vote.question, _count(vote.end), profile, by)
        else:
            reached = concluded(vote.question, ballots, profile, person, by)
        if (reached.verdict, reached.election, reached.ratings) == recorded:
            return _settled(vote, reached, profile, breakers)
    raise _another(vote.end)


def _recorded(end: Given) -> tuple[Verdict | None, ElectionVerdict | None, tuple[RatingVerdict, ...]]:
    told = end.disclosed()
    return (
        None if told["verdict"] is None else restore(Verdict, told["verdict"]),
        None if told.get("election") is None else restore(ElectionVerdict, told["election"]),
        tuple(restore(RatingVerdict, each) for each in told.get("ratings", ())),
    )


def _count(end: Given) -> PaperCount:
    told = end.disclosed()["count"]
    if told is None:
        raise _another(end)
    return restore(PaperCount, told)


def _settled(
    vote: Vote, closed: QuestionClosed, profile: RuleProfile, breakers: Sequence[PersonId]
) -> tuple[Words, ...]:
    entry = vote.steps.get(Step.SETTLE)
    if entry is None:
        said = [closed.verdict.words] if closed.verdict else []
        said += [closed.election.words] if closed.election else []
        return (*said, *(each.words for each in closed.ratings))
    by = Act(PersonId(str(entry.record["actor"])), entry.at)
    told = entry.disclosed()
    breaker = by.actor if by.actor in breakers else None
    try:
        settled = settle(applied(vote.question, closed), Side(told["side"]), profile, breaker, by)
    except NotTieBreaker:
        raise _another(entry) from None
    if settled.verdict != restore(Verdict, told["verdict"]):
        raise _another(entry)
    return (settled.verdict.words,)


def _another(entry: Given) -> Broken:
    return Broken(
        f"Kết quả ở mục số {entry.number} khác với kết quả tính lại từ các phiếu.",
        f"The verdict of entry {entry.number} is not what the ballots add up to.",
    )


def breaker_of(profile: RuleProfile, vote: Vote) -> TieBreaker:
    """Whose side settles a tie in this vote."""
    return rule_of(profile, vote.question.matter, vote.question.motion).tie.breaker
