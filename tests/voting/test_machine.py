"""Every order in which casts, changes, retries, pauses, crashes and a close can happen, tried one by one.

Two voters, two versions each; what a device sends may arrive twice, in any order and at any time, the chair may stop
the vote and let it go on, and the server may crash inside each transaction and between its commit and its answer. The
steps are taken by the rules that run in the room. Each weakness below takes one of them out, and the checker has to
find what then goes wrong: so it is itself checked on every run.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

import pytest

from ecabinet.kernel.canonical import digest
from ecabinet.kernel.errors import Refusal
from ecabinet.kernel.ids import PersonId
from ecabinet.voting import ballots, closing, conduct
from ecabinet.voting.events import BallotCast
from ecabinet.voting.model import Ballot, Counts, KeptBallot, Phase, Question, QuestionNotOpen
from tests.voting.halls import BY, CHAIR, PROFILES, ballot, person, put

BODY = "lanh-dao-bo"
OPEN = put(BODY, 2, range(2))
CLOSED = replace(OPEN, phase=Phase.CLOSED)
PAUSED = replace(OPEN, phase=Phase.PAUSED)
CHANGES = (
    ballot(person(0), "for", 1),
    ballot(person(0), "against", 2),
    ballot(person(1), "abstain", 1),
    ballot(person(1), "for", 2),
)
"""What the two devices send: a first answer and a change of mind each."""
TWO_DEVICES = (
    ballot(person(0), "for", 1),
    ballot(person(0), "against", 1),
    ballot(person(0), "abstain", 2),
    ballot(person(1), "for", 1),
)
"""One voter sends the same version with two answers, from two devices that do not know of each other."""

Cast = Callable[[Question, Ballot, Mapping[int, str]], BallotCast | None]
Close = Callable[[Question, tuple[Ballot, ...]], Counts]


def real_close(question: Question, ballots: tuple[Ballot, ...]) -> Counts:
    return closing.close(question, ballots, PROFILES[BODY], CHAIR, BY).decided.arithmetic.counts


@dataclass(frozen=True)
class Machine:
    """How the server works. The defaults are how it does; anything else is a weakness put in on purpose."""

    cast: Cast = ballots.cast
    close: Close = real_close
    locks: bool = True
    """One transaction on a question at a time: SELECT … FOR UPDATE, SQLite's one writer."""
    answers_after_commit: bool = True
    sent: tuple[Ballot, ...] = CHANGES
    copies: int = 2
    """How often each of them can arrive."""
    pauses: int = 0
    """How often the chair may stop the vote."""

    def name(self, index: int) -> str:
        sent = self.sent[index]
        return f"{sent.voter}'s version {sent.n} ({sent.choice})"


@dataclass(frozen=True)
class Work:
    """A transaction under way, with what it read and what it is going to write."""

    sent: int | None
    """Place of the ballot among those sent; None: the chair's own."""
    found: int | None = None
    """The number in the record of a ballot kept already: a retry, and nothing is written."""
    counts: Counts | None = None
    """The verdict's, when it is the close."""
    pauses: bool | None = None
    """Whether it stops the vote or lets it go on; None: neither."""


@dataclass(frozen=True)
class State:
    arrived: tuple[int, ...]
    """How often each of those sent came in."""
    works: tuple[Work, ...] = ()
    kept: tuple[int, ...] = ()
    """The record: committed ballots in their order, by their place among those sent."""
    counts: Counts | None = None
    """The verdict's, once closed."""
    receipts: frozenset[tuple[int, int]] = frozenset()
    """What reached the devices: whose ballot, and its number in the record."""
    wrong: str | None = None
    """What a step did that must not happen."""
    is_paused: bool = False
    pauses: int = 0
    """How often it was stopped."""

    @property
    def question(self) -> Question:
        if self.counts is not None:
            return CLOSED
        return PAUSED if self.is_paused else OPEN


Step = tuple[str, State]


def record(machine: Machine, state: State) -> list[KeptBallot]:
    return [kept_as(machine.sent[index], number) for number, index in enumerate(state.kept, start=1)]


@cache
def kept_as(sent: Ballot, number: int) -> KeptBallot:
    return KeptBallot(sent, number, digest(ballots.canonical_ballot(sent, OPEN.digest)))


def steps(machine: Machine, state: State) -> Iterator[Step]:
    """All that can happen next."""
    if state.works:
        yield "the server crashes", replace(state, works=())
    for place, work in enumerate(state.works):
        others = (*state.works[:place], *state.works[place + 1 :])
        yield from committed(machine, replace(state, works=others), work)
    if len(state.works) >= (1 if machine.locks else 2):
        return
    for index, times in enumerate(state.arrived):
        if times < machine.copies:
            arrived = (*state.arrived[:index], times + 1, *state.arrived[index + 1 :])
            yield f"{machine.name(index)} arrives", begun(machine, replace(state, arrived=arrived), index)
    if state.counts is None:
        yield from chaired(machine, state)


def chaired(machine: Machine, state: State) -> Iterator[Step]:
    """What the chair can do to a vote that has not ended, by the rules of the room."""
    if state.is_paused:
        assert conduct.applied(PAUSED, conduct.resume(state.question, BY)) == OPEN
        yield "a resume begins", replace(state, works=(*state.works, Work(None, pauses=False)))
        with pytest.raises(QuestionNotOpen):
            machine.close(state.question, ())
        return
    counts = machine.close(state.question, tuple(each.ballot for each in record(machine, state)))
    yield "a close begins", replace(state, works=(*state.works, Work(None, counts=counts)))
    if state.pauses < machine.pauses:
        assert conduct.applied(OPEN, conduct.pause(state.question, BY)) == PAUSED
        yield "a pause begins", replace(state, works=(*state.works, Work(None, pauses=True)))


def begun(machine: Machine, state: State, index: int) -> State:
    """As Voting.cast reads and decides."""
    sent = machine.sent[index]
    mine = [each for each in record(machine, state) if each.ballot.voter == sent.voter]
    same = next((each for each in mine if each.ballot == sent), None)
    try:
        event = machine.cast(state.question, sent, {each.ballot.n: each.hash for each in mine})
    except Refusal as refusal:
        lost = f"the retry of {machine.name(index)} is refused: {refusal.code}" if same else None
        return replace(state, wrong=lost)
    if event is None:
        assert same is not None, "the rule speaks of a ballot that is not kept"
        return replace(state, works=(*state.works, Work(index, found=ballots.receipt(same, sent.n).number)))
    assert digest(event.ballot) == kept_as(sent, 0).hash
    if not machine.answers_after_commit:
        state = replace(state, receipts=state.receipts | {(index, len(state.kept) + 1)})
    return replace(state, works=(*state.works, Work(index)))


def committed(machine: Machine, state: State, work: Work) -> Iterator[Step]:
    """The transaction is durable; then its answer arrives, or the server crashes first."""
    if work.pauses is not None:
        label = "the pause commits" if work.pauses else "the resume commits"
        yield label, replace(state, is_paused=work.pauses, pauses=state.pauses + work.pauses)
        return
    if work.sent is None:
        yield "the close commits", replace(state, counts=work.counts)
        return
    name, sent, number = machine.name(work.sent), machine.sent[work.sent], work.found
    if number is None:
        before = [each.ballot for each in record(machine, state)]
        if any((each.voter, each.n) == (sent.voter, sent.n) for each in before):
            # The table's primary key stands behind the rule; who sent the very same should have had a receipt.
            wrong = f"the retry of {name} is refused by the key" if sent in before else None
            yield f"{name} is refused by the key", replace(state, wrong=wrong)
            return
        number = len(state.kept) + 1
        late = f"{name} is kept after the close" if state.counts is not None else None
        late = f"{name} is kept during the pause" if state.is_paused else late
        state = replace(state, kept=(*state.kept, work.sent), wrong=late)
    yield f"{name} commits, the answer is lost", state
    if machine.answers_after_commit:
        acknowledged = state.receipts | {(work.sent, number)}
        yield f"{name} commits and is acknowledged", replace(state, receipts=acknowledged)


# --- what must hold, said without the rules ---


def violation(machine: Machine, state: State) -> str | None:
    """What is wrong with a state; None when nothing is."""
    if state.wrong is not None:
        return state.wrong
    for index, many in Counter(index for index, _ in state.receipts).items():
        if many > 1:
            return f"{machine.name(index)} has two receipts"
    if state.counts is None:
        return None
    for index, number in state.receipts:
        if state.kept[number - 1 : number] != (index,):
            return f"{machine.name(index)} was acknowledged and is not in the record"
    newest: dict[PersonId, Ballot] = {}
    for each in sorted((machine.sent[index] for index in state.kept), key=lambda sent: sent.n):
        newest[each.voter] = each
    choices = Counter(each.choice for each in newest.values())
    by_hand = Counts(choices["for"], choices["against"], choices["abstain"], 2 - len(newest), 0)
    if state.counts != by_hand:
        return f"counted {state.counts}, and by hand {by_hand}"
    if sorted(each.ballot.voter for each in ballots.counted(record(machine, state))) != sorted(newest):
        return "a voter with a ballot has not exactly one that counts"
    return None


@dataclass(frozen=True)
class Finding:
    """A shortest way to something wrong, or None, and how much was looked at."""

    states: int
    closed: int
    violation: str | None
    way: tuple[str, ...] = ()


def explore(machine: Machine) -> Finding:
    """Breadth first, until nothing is new or something is wrong."""
    first = State((0,) * len(machine.sent))
    came: dict[State, tuple[State, str] | None] = {first: None}
    queue = deque([first])
    closed = 0
    while queue:
        state = queue.popleft()
        closed += state.counts is not None
        wrong = violation(machine, state)
        if wrong is not None:
            return Finding(len(came), closed, wrong, way_to(state, came))
        for label, after in steps(machine, state):
            if after not in came:
                came[after] = (state, label)
                queue.append(after)
    return Finding(len(came), closed, None)


def way_to(state: State, came: Mapping[State, tuple[State, str] | None]) -> tuple[str, ...]:
    labels: list[str] = []
    before = came[state]
    while before is not None:
        labels.append(before[1])
        before = came[before[0]]
    return tuple(reversed(labels))


# --- weaknesses, each of which must be found ---


def last_arrival_counts(question: Question, ballots: Iterable[Ballot]) -> Counts:
    """Without the comparison of versions: an older answer that comes late overwrites the newer one."""
    return real_close(question, tuple({each.voter: each for each in ballots}.values()))


def every_version_counts(question: Question, ballots: Iterable[Ballot]) -> Counts:
    """Without one current ballot each: a change of mind is a second vote."""
    cast = list(ballots)
    choices = Counter(each.choice for each in cast)
    silent = 2 - len({each.voter for each in cast})
    return Counts(choices["for"], choices["against"], choices["abstain"], silent, 0)


def cast_without_retries(question: Question, sent: Ballot, earlier: Mapping[int, str]) -> BallotCast | None:
    """What is kept already is not looked at."""
    return ballots.cast(question, sent, {})


def cast_after_the_close(question: Question, sent: Ballot, earlier: Mapping[int, str]) -> BallotCast | None:
    """The phase is not looked at."""
    return ballots.cast(replace(question, phase=Phase.OPEN), sent, earlier)


def cast_in_a_pause(question: Question, sent: Ballot, earlier: Mapping[int, str]) -> BallotCast | None:
    """The close is looked at, the pause is not."""
    return ballots.cast(OPEN if question.phase is Phase.PAUSED else question, sent, earlier)


def cast_refusing_retries_after_the_close(
    question: Question, sent: Ballot, earlier: Mapping[int, str]
) -> BallotCast | None:
    """The phase is looked at first: a device that lost its receipt to a crash never learns that its ballot counts."""
    return ballots.cast(question, sent, earlier if question.phase is Phase.OPEN else {})


@pytest.mark.parametrize(
    ("machine", "states", "closed"),
    [
        (Machine(), 87_723, 34_137),
        (Machine(sent=TWO_DEVICES), 25_083, 9_369),
        (Machine(sent=CHANGES[:3], pauses=1), 12_633, 3_450),
    ],
    ids=["changes of mind", "two devices", "pauses"],
)
def test_nothing_goes_wrong_in_any_order(machine: Machine, states: int, closed: int) -> None:
    finding = explore(machine)
    assert finding.violation is None, "\n".join((*finding.way, finding.violation))
    # All there are: fewer would mean that a step of the machine went missing.
    assert (finding.states, finding.closed) == (states, closed)


WEAKNESSES = {
    "no version comparison": (Machine(close=last_arrival_counts), "and by hand", 6),
    "no current ballot": (Machine(close=every_version_counts), "and by hand", 6),
    "no look at what is kept": (Machine(cast=cast_without_retries), "is refused by the key", 4),
    "no look at the phase": (Machine(cast=cast_after_the_close), "kept after the close", 4),
    "the phase before the retry": (Machine(cast=cast_refusing_retries_after_the_close), "question_not_open", 5),
    "no lock": (Machine(locks=False, copies=1), "and by hand", 4),
    "no lock, and retries": (Machine(locks=False), "is refused by the key", 4),
    "no look at the pause": (Machine(cast=cast_in_a_pause, pauses=1), "kept during the pause", 4),
    "the answer before the commit": (Machine(answers_after_commit=False), "is not in the record", 4),
}


@pytest.mark.parametrize(("machine", "violated", "length"), WEAKNESSES.values(), ids=list(WEAKNESSES))
def test_a_rule_taken_out_is_missed(machine: Machine, violated: str, length: int) -> None:
    finding = explore(machine)
    assert finding.violation is not None, f"{finding.states} states, and nothing found"
    assert violated in finding.violation, "\n".join((*finding.way, finding.violation))
    # The shortest way there, for whoever reads it.
    assert len(finding.way) == length, "\n".join(finding.way)
