"""Every way a vote can go is counted again from the bundle, and a count that was changed is found."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from ecabinet.kernel.access import Role
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import PersonId, QuestionId
from ecabinet.meetings.model import Act, Participant
from ecabinet.publication import bundle
from ecabinet.register.model import Matter, RuleProfile
from ecabinet.voting import asking, ballots, closing, conduct, rules
from ecabinet.voting.events import QuestionAnnulled, QuestionClosed, QuestionResumed
from ecabinet.voting.model import (
    Ballot,
    BallotPapers,
    Board,
    Candidate,
    Levels,
    Method,
    PaperCount,
    Question,
    Roll,
    Side,
    Strength,
    Voter,
    Way,
)
from ecabinet.voting.proposals import Proposal, Situation
from tests.fakes.ledger import MemoryRecords
from tests.publication.sessions import PROFILE, Session, packed, publishable
from tests.publication.test_rules import check, failed
from tests.voting.halls import CHAIR, ITEM, MEETING, PROFILES, person, situation

SEATS = tuple(Participant(person(at), f"Thành viên {at}", "", Role.MEMBER, at, True, at == 0) for at in range(6))
SITTING = replace(MEETING, participants=SEATS)
BOARD = Board(person(1), (person(1), person(2), person(3)))
TELLERS = (person(1), person(2))
NAMES = tuple(Candidate(f"candidate-{at}", f"Người {at}") for at in (1, 2, 3))


@dataclass
class Told(Session):
    """A session whose events can be told again."""

    events: list[Event] = field(default_factory=list)

    def add(self, event: Event) -> int:
        self.events.append(event)
        return super().add(event)


@dataclass
class Meeting:
    """Six members, five of them there."""

    profile: RuleProfile = PROFILE
    session: Told = field(default_factory=Told)
    earlier: list[Question] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.session.open()

    def act(self, by: PersonId = CHAIR) -> Act:
        return Act(by, self.session.next()["at"])

    def put(self, there: Situation | None = None, **asked: Any) -> Question:
        id = QuestionId(f"q{len(self.earlier) + 1}")
        proposal = replace(Proposal(id, ITEM, len(self.earlier) + 1, f"Thông qua {id}?"), **asked)
        seen = replace(there or situation(6, range(5)), meeting=SITTING, earlier=tuple(self.earlier))
        event = rules.put_question(proposal, seen, self.profile, self.act())
        self.session.add(event)
        self.earlier.append(event.question)
        return event.question

    def happen(self, question: Question, event: Event) -> Question:
        """It happens to the question and is recorded."""
        self.session.add(event)
        after = conduct.applied(question, event)
        self.earlier = [after if each.id == question.id else each for each in self.earlier]
        return after

    def cast(self, question: Question, voter: int, choice: str, by: PersonId | None = None) -> Ballot:
        ballot = Ballot(question.id, person(voter), choice, 1, self.act().at, cast_by=by)
        event = ballots.cast(question, ballot, {})
        assert event is not None
        self.session.add(event)
        return ballot

    def close(self, question: Question, cast: list[Ballot]) -> Question:
        return self.happen(question, closing.close(question, cast, self.profile, CHAIR, self.act()))

    def decide(self, question: Question, *choices: str) -> Question:
        return self.close(question, [self.cast(question, voter, choice) for voter, choice in enumerate(choices)])

    def elect_board(self) -> None:
        self.decide(self.put(board=BOARD), "for", "for", "for", "for")

    def count(self, question: Question, count: PaperCount, by: tuple[PersonId, PersonId] = TELLERS) -> Question:
        closed = closing.conclude_papers(question, count, self.profile, self.act(by[1]))
        return self.happen(question, replace(closed, entered_by=by))

    def bundle(self) -> bytes:
        self.session.end()
        return packed(replace(publishable(self.session.records, None), profile=self.profile))


def paused(meeting: Meeting) -> None:
    """Stopped, gone on, given more time."""
    question = meeting.put()
    first = meeting.cast(question, 0, "for")
    stopped = meeting.happen(question, conduct.pause(question, meeting.act()))
    going = meeting.happen(stopped, conduct.resume(stopped, meeting.act()))
    going = meeting.happen(going, conduct.extend(going, 60, meeting.act()))
    meeting.close(going, [first, *(meeting.cast(going, voter, "for") for voter in (1, 2, 3))])


def annulled_while_open(meeting: Meeting) -> None:
    question = meeting.put()
    meeting.cast(question, 0, "against")
    meeting.happen(question, conduct.annul(question, MEETING, "đứt mạng", meeting.act()))
    meeting.decide(meeting.put(repeats=question.id), "for", "for", "for", "for")


def annulled_after_its_end(meeting: Meeting) -> None:
    question = meeting.decide(meeting.put(), "for", "against", "against", "against")
    meeting.happen(question, conduct.annul(question, MEETING, "nhầm câu hỏi", meeting.act()))
    meeting.decide(meeting.put(repeats=question.id), "for", "for", "for", "for")


def settled(meeting: Meeting) -> None:
    """Two against two; the head did not vote, and declared himself afterwards."""
    question = meeting.put()
    cast = [meeting.cast(question, voter, "for" if voter < 3 else "against") for voter in (1, 2, 3, 4)]
    question = meeting.close(question, cast)
    meeting.happen(question, closing.settle(question, Side.FOR, meeting.profile, CHAIR, meeting.act()))


def by_hands(meeting: Meeting) -> None:
    question = meeting.put(way=Way.HANDS)
    act = meeting.act(TELLERS[1])
    answers = {person(voter): "for" if voter else "against" for voter in range(5)}
    read = closing.read_hands(question, answers, TELLERS, act)
    for _, event in read:
        meeting.session.add(event)
    closed = closing.concluded(question, [ballot for ballot, _ in read], meeting.profile, CHAIR, act)
    meeting.happen(question, replace(closed, entered_by=TELLERS))


def on_paper(meeting: Meeting) -> None:
    meeting.elect_board()
    votes = {"for": 3, "against": 0, "abstain": 1}
    meeting.count(meeting.put(way=Way.PAPER), PaperCount(BallotPapers(5, 5, 4, 1), votes))


def elected(meeting: Meeting) -> None:
    meeting.elect_board()
    asked: dict[str, Any] = {"way": Way.PAPER, "method": Method.ELECTION, "candidates": NAMES, "seats": 2}
    votes = {"candidate-1": 5, "candidate-2": 1, "candidate-3": 3}
    meeting.count(meeting.put(**asked), PaperCount(BallotPapers(5, 5, 5, 0), votes))


def rated(meeting: Meeting) -> None:
    meeting.elect_board()
    rows = {each.id: Levels(3, 1, 1) for each in NAMES}
    asked: dict[str, Any] = {"way": Way.PAPER, "method": Method.RATING, "candidates": NAMES}
    meeting.count(meeting.put(**asked), PaperCount(BallotPapers(5, 5, 5, 0), ratings=rows))


def by_proxy(meeting: Meeting) -> None:
    """Four are there, and one of them votes for a fifth."""
    voters = [Voter(person(at), f"Hội viên {at}", person(0) if at == 5 else None) for at in (0, 1, 2, 3, 5)]
    there = replace(situation(6, range(4)), roll=Roll(tuple(voters)), strength=Strength(6, 4, represented=1))
    question = meeting.put(there)
    cast = [meeting.cast(question, voter, "for") for voter in (0, 1)]
    meeting.close(question, [*cast, meeting.cast(question, 5, "against", person(0))])


def in_parts(meeting: Meeting) -> None:
    """A motion of the charter, by its own rule."""
    meeting.decide(meeting.put(motion="previous_question"), "for", "for", "for", "against")


def alternatives(meeting: Meeting) -> None:
    asked: dict[str, Any] = {"method": Method.CHOICE, "matter": Matter.CHOICE, "alternatives": ("Thuê ngoài", "Tự làm")}
    meeting.decide(meeting.put(**asked), "option-2", "option-2", "option-2", "option-2")


WAYS: dict[str, tuple[str, Callable[[Meeting], None]]] = {
    "paused": ("chinh-phu", paused),
    "annulled while open": ("chinh-phu", annulled_while_open),
    "annulled after its end": ("chinh-phu", annulled_after_its_end),
    "settled by the head": ("chinh-phu", settled),
    "by hands": ("chinh-phu", by_hands),
    "on paper": ("chinh-phu", on_paper),
    "an election": ("hdnd-tinh", elected),
    "a rating": ("hdnd-tinh", rated),
    "by proxy": ("hoi", by_proxy),
    "a motion": ("hoi", in_parts),
    "alternatives": ("chinh-phu", alternatives),
}


def held(name: str) -> Meeting:
    body, way = WAYS[name]
    meeting = Meeting(PROFILES[body])
    way(meeting)
    return meeting


@pytest.mark.parametrize("name", WAYS)
def test_every_way_a_vote_can_go_is_counted_again(name: str) -> None:
    archive = held(name).bundle()
    assert failed(archive) is None, check(archive, "ballots").finding
    assert check(archive, "tally").finding.vi.startswith("Tính lại từ các phiếu, khớp")


def test_what_was_annulled_says_so_beside_its_result() -> None:
    assert "[đã hủy kết quả]" in check(held("annulled after its end").bundle(), "tally").finding.vi


# --- what whoever keeps the record could have written instead ---


def rewritten(meeting: Meeting, change: Callable[[Event], Event | None]) -> bytes:
    """The same meeting with a record that was written otherwise, and honestly signed."""
    entries = MemoryRecords()
    for event in meeting.session.events:
        told = change(event)
        if told is not None:
            entries.append(told)
    meeting.session.records = entries
    return meeting.bundle()


def closed_as(**changes: Any) -> Callable[[Event], Event]:
    """The last close says something else."""

    def change(event: Event) -> Event:
        is_last = isinstance(event, QuestionClosed) and (event.count is not None or event.entered_by)
        return replace(event, **changes) if is_last else event

    return change


def without(kind: type[Event]) -> Callable[[Event], Event | None]:
    return lambda event: None if isinstance(event, kind) else event


def more_votes(count: PaperCount) -> PaperCount:
    return replace(count, votes={**count.votes, "for": 4, "abstain": 0})


def _with_count(event: Event, change: Callable[[PaperCount], PaperCount]) -> Event:
    if isinstance(event, QuestionClosed) and event.count is not None:
        return replace(event, count=change(event.count))
    return event


def _with_votes(event: Event) -> Event:
    votes = {"candidate-1": 1, "candidate-2": 5, "candidate-3": 3}
    return _with_count(event, lambda count: replace(count, votes=votes))


def _by_another(event: Event) -> Event:
    return replace(event, actor=person(1)) if event.type == "question.settled" else event


FORGED: list[tuple[str, str, Callable[[Event], Event | None], str]] = [
    ("one more vote in the box", "on paper", lambda event: _with_count(event, more_votes), "tally"),
    ("no count at all", "on paper", closed_as(count=None), "tally"),
    ("counted by a stranger", "on paper", closed_as(entered_by=(person(1), person(4))), "ballots"),
    ("counted by one alone", "on paper", closed_as(entered_by=(person(2), person(2))), "ballots"),
    ("hands written by one alone", "by hands", closed_as(entered_by=(person(2), person(2))), "ballots"),
    ("hands written by others", "by hands", closed_as(entered_by=(person(3), person(2))), "ballots"),
    ("another was elected", "an election", _with_votes, "tally"),
    ("repeated without a reason", "annulled while open", without(QuestionAnnulled), "ballots"),
    ("settled by another", "settled by the head", _by_another, "tally"),
    ("a ballot during the pause", "paused", without(QuestionResumed), "ballots"),
]


@pytest.mark.parametrize(("way", "change", "name"), [row[1:] for row in FORGED], ids=[row[0] for row in FORGED])
def test_a_result_written_otherwise_is_found(way: str, change: Callable[[Event], Event | None], name: str) -> None:
    assert failed(rewritten(held(way), change)) == name


def test_a_ballot_that_came_in_during_a_pause_is_found() -> None:
    meeting = Meeting()
    question = meeting.put()
    stopped = meeting.happen(question, conduct.pause(question, meeting.act()))
    cast = [meeting.cast(question, voter, "for") for voter in range(4)]
    meeting.close(meeting.happen(stopped, conduct.resume(stopped, meeting.act())), cast)
    assert failed(meeting.bundle()) == "ballots"


def test_a_vote_repeated_though_the_first_one_stands_is_found() -> None:
    meeting = Meeting()
    first = meeting.decide(meeting.put(), "against", "against", "against", "against")
    meeting.decide(meeting.put(repeats=first.id), "for", "for", "for", "for")
    assert failed(meeting.bundle()) == "ballots"


def test_papers_counted_by_a_board_whose_election_was_annulled_are_found() -> None:
    meeting = held("on paper")
    board = meeting.earlier[0]
    annulled = conduct.annul(board, MEETING, "nhầm", Act(CHAIR, board.closed_at or board.opened_at))
    events = list(meeting.session.events)
    place = next(at for at, event in enumerate(events) if isinstance(event, QuestionClosed)) + 1
    meeting.session.events = [*events[:place], annulled, *events[place:]]
    assert failed(rewritten(meeting, lambda event: event)) == "ballots"


def test_what_the_law_wants_secret_and_was_taken_by_device_is_found() -> None:
    meeting = Meeting(PROFILES["hdnd-tinh"])
    open_rule = replace(meeting.profile.decisions[Matter.CONFIDENCE], form=None)
    honest = meeting.profile
    meeting.profile = replace(honest, decisions={**honest.decisions, Matter.CONFIDENCE: open_rule})
    meeting.decide(meeting.put(matter=Matter.CONFIDENCE), "for", "for", "for", "for")
    meeting.profile = honest
    assert failed(meeting.bundle()) == "ballots"


def test_bundles_made_before_there_were_other_ways_still_verify() -> None:
    """Their questions know nothing of a way, a kind or candidates, and their digests are over what they know."""
    meeting = Meeting()
    meeting.decide(meeting.put(), "for", "for", "for", "for")
    files = bundle.unpack(meeting.bundle())
    [put] = [each for each in json.loads(files[bundle.ENTRIES]) if each["record"]["type"] == "question.put"]
    assert {"way", "kind", "candidates"} <= put["payload"]["question"].keys()
    question = meeting.earlier[0]
    assert set(asking.wording(question)) == {"v", "question", "meeting", "item", "text", "matter", "options"}
