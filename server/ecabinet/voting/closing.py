"""How a vote ends: from ballots, a show of hands or papers to what the body's rule makes of them. Pure.

Which article speaks through which function: docs/rules.md.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ecabinet.kernel.canonical import digest
from ecabinet.kernel.ids import PersonId
from ecabinet.meetings import model as meetings
from ecabinet.meetings.model import Act
from ecabinet.register.model import DecisionRule, Lang, Meaning, RuleProfile, TieBreaker, TieMethod, Words

from .asking import rule_of
from .ballots import canonical_ballot, current_ballots
from .conduct import Step, after
from .elections import check_papers, elect, rate
from .events import BallotCast, QuestionClosed, QuestionSettled
from .methods import counts_of, verdict_by
from .model import (
    Ballot,
    CanonicalBallot,
    CountFirst,
    Counts,
    CountsInconsistent,
    Method,
    NoSuchChoice,
    NotEntitled,
    NotTieBreaker,
    NotUndecided,
    Outcome,
    PaperCount,
    Question,
    QuestionNotOpen,
    Side,
    Verdict,
    Way,
)


def tie_breaker(meeting: meetings.Meeting, rule: DecisionRule) -> PersonId | None:
    """Who settles a tie: the head of the body, or whoever presides; None when nobody here is."""
    if rule.tie.breaker is TieBreaker.PRESIDING:
        return meeting.chair.person if meeting.chair else None
    return next((each.person for each in meeting.participants if each.is_head), None)


def settler(question: Question, meeting: meetings.Meeting, rule: DecisionRule) -> PersonId | None:
    """Whom an undecided verdict waits for; None when nobody is. The law follows how the head voted, so a head who is
    not on the roll settles nothing; a casting vote goes with presiding, whoever may answer."""
    breaker = tie_breaker(meeting, rule)
    if breaker is None or (rule.tie.breaker is TieBreaker.HEAD and breaker not in question.roll):
        return None
    return breaker


def close(
    question: Question, ballots: Iterable[Ballot], profile: RuleProfile, chair: PersonId | None, by: Act
) -> QuestionClosed:
    """End a vote by device and say what the rule makes of it.

    ballots  every stored version; the newest of each voter counts
    chair  who settles a tie under this profile (`tie_breaker`); None when nobody holds it

    Raises QuestionNotOpen, CountFirst.
    """
    after(question, Step.CLOSE)
    if question.way is not Way.ELECTRONIC:
        raise CountFirst(way=question.way.value)
    return concluded(question, ballots, profile, chair, by)


def concluded(
    question: Question, ballots: Iterable[Ballot], profile: RuleProfile, chair: PersonId | None, by: Act
) -> QuestionClosed:
    """What the rule makes of ballots by name, however they came in. Raises QuestionNotOpen."""
    after(question, Step.CLOSE)
    current = current_ballots(ballots)
    counts = tally(question, current.values(), profile)
    rule = rule_of(profile, question.matter, question.motion)
    # A casting vote is given after the count, not with it.
    side = Side.NONE if rule.tie.method is TieMethod.CASTING_VOTE else _side(question, current, chair)
    reached = _named(question, verdict_by(profile, rule, counts, question.strength, side))
    return QuestionClosed(question=question.id, verdict=reached, at=by.at, actor=by.actor, meeting=question.meeting)


def tally(question: Question, current: Iterable[Ballot], profile: RuleProfile) -> Counts:
    """Count each voter's current ballot, and keep silence and absence apart from abstention."""
    by_option = {option.key: 0 for option in question.options}
    for ballot in current:
        assert ballot.voter in question.roll, "a ballot from outside the roll was stored"
        by_option[ballot.choice] += 1
    return _counts(question, by_option, profile)


def _counts(question: Question, by_option: Mapping[str, int], profile: RuleProfile, invalid: int = 0) -> Counts:
    by_meaning: dict[Meaning, int] = {}
    for option in question.options:
        by_meaning[option.meaning] = by_meaning.get(option.meaning, 0) + by_option[option.key]
    alternatives = {
        option.key: by_option[option.key] for option in question.options if option.meaning is Meaning.ALTERNATIVE
    }
    return counts_of(by_meaning, alternatives or None, question.strength, profile.recusal.effect, invalid)


def _side(question: Question, current: Mapping[PersonId, Ballot], chair: PersonId | None) -> Side:
    if chair is None or chair not in current:
        return Side.NONE
    meaning = question.option(current[chair].choice).meaning
    sides = {Meaning.FOR: Side.FOR, Meaning.AGAINST: Side.AGAINST}
    # Any other answer takes neither side.
    return sides.get(meaning, Side.ABSTAIN)


# --- in words ---


def _named(question: Question, verdict: Verdict) -> Verdict:
    return replace(verdict, words=in_names(question, verdict.words))


def in_names(question: Question, words: Words) -> Words:
    """The sentence with the alternatives and the candidates called what they were called when the question was put."""
    candidates = {each.id: Words(each.name, each.name) for each in question.candidates}
    alternatives = [each.words for each in question.options if each.meaning is Meaning.ALTERNATIVE]
    places = {str(place): each for place, each in enumerate(alternatives, start=1)}

    def said(text: str, lang: Lang) -> str:
        text = _CANDIDATE.sub(lambda found: candidates[found[0]].of(lang) if candidates else found[0], text)
        if not places:
            return text
        return _ALTERNATIVE[lang].sub(lambda found: f"“{places[found[1]].of(lang)}”", text)

    return Words(said(words.vi, Lang.VI), said(words.en, Lang.EN))


_CANDIDATE = re.compile(r"candidate-\d+")
_ALTERNATIVE = {Lang.VI: re.compile(r"phương án (\d+)"), Lang.EN: re.compile(r"option (\d+)")}
"""How counting, which knows no names, speaks of them."""


# --- a show of hands ---


def read_hands(
    question: Question, answers: Mapping[PersonId, str], entered_by: tuple[PersonId, ...], by: Act
) -> list[tuple[Ballot, BallotCast]]:
    """A ballot for each answer of a confirmed sheet, in the order of the roll. Raises QuestionNotOpen, NotEntitled,
    NoSuchChoice."""
    after(question, Step.CLOSE)
    if not answers.keys() <= {voter.person for voter in question.roll.voters}:
        raise NotEntitled()
    allowed = [option.key for option in question.options]
    read = []
    for voter in question.roll.voters:
        if voter.person not in answers:
            continue
        ballot = Ballot(question.id, voter.person, answers[voter.person], 1, by.at)
        if ballot.choice not in allowed:
            raise NoSuchChoice(allowed=allowed)
        event = BallotCast(
            ballot=ballot_by_hand(ballot, question.digest, entered_by),
            at=by.at,
            actor=by.actor,
            meeting=question.meeting,
        )
        read.append((ballot, event))
    return read


def ballot_by_hand(ballot: Ballot, question_hash: str, entered_by: tuple[PersonId, ...]) -> CanonicalBallot:
    """As `canonical_ballot`, and who wrote it down and who confirmed it."""
    return {**canonical_ballot(ballot, question_hash), "entered_by": list(entered_by)}


def hash_of(event: BallotCast) -> str:
    """SHA-256 of the canonical ballot, lower-case hex."""
    return digest(event.ballot)


# --- papers ---


def conclude_papers(question: Question, count: PaperCount, profile: RuleProfile, by: Act) -> QuestionClosed:
    """End a secret ballot by what the tellers counted. Who settles a tie has voted unseen, and declares himself after.

    Raises QuestionNotOpen, CountsInconsistent, QuorumNotMet.
    """
    after(question, Step.CLOSE)
    if question.way is not Way.PAPER:
        raise QuestionNotOpen(phase=question.phase.value)
    _check_names(question, count)
    ended = QuestionClosed(question=question.id, count=count, at=by.at, actor=by.actor, meeting=question.meeting)
    names = [candidate.id for candidate in question.candidates]
    if question.method is Method.ELECTION:
        assert question.seats is not None, "an election fills seats"
        votes = {name: count.votes[name] for name in names}
        elected = elect(profile, question.strength, count.papers, votes, question.seats)
        return _with(ended, election=replace(elected, words=in_names(question, elected.words)))
    if question.method is Method.RATING:
        rows = {name: count.ratings[name] for name in names}
        rated = rate(profile, question.strength, count.papers, rows)
        return _with(ended, ratings=tuple(replace(each, words=in_names(question, each.words)) for each in rated))
    check_papers(count.papers, question.strength)
    if sum(count.votes.values()) != count.papers.valid:
        raise CountsInconsistent(
            reason="answers_are_not_the_valid_papers", answers=sum(count.votes.values()), valid=count.papers.valid
        )
    counts = _counts(question, count.votes, profile, count.papers.invalid)
    rule = rule_of(profile, question.matter, question.motion)
    return _with(ended, verdict=_named(question, verdict_by(profile, rule, counts, question.strength)))


def _check_names(question: Question, count: PaperCount) -> None:
    """Each name and each answer on the paper exactly once, and nothing else."""
    named = {candidate.id for candidate in question.candidates} or {option.key for option in question.options}
    given, empty = count.votes, count.ratings
    rows: tuple[set[str], set[str]] = (set(given), set(empty))
    wanted = (set[str](), named) if question.method is Method.RATING else (named, set[str]())
    if rows != wanted:
        raise CountsInconsistent(reason="not_the_names_on_the_paper", names=sorted(named))


def _with(ended: QuestionClosed, **results: Any) -> QuestionClosed:
    return replace(ended, **results)


# --- a tie that waits ---


def settle(question: Question, side: Side, profile: RuleProfile, breaker: PersonId | None, by: Act) -> QuestionSettled:
    """Whoever settles ties declares himself, once, and the verdict follows.

    breaker  who settles ties under this profile (`tie_breaker`)

    Raises QuestionNotOpen, NotUndecided, NotTieBreaker.
    """
    after(question, Step.SETTLE)
    if question.verdict is None or question.verdict.outcome is not Outcome.UNDECIDED:
        raise NotUndecided()
    if by.actor != breaker:
        raise NotTieBreaker()
    assert side in {Side.FOR, Side.AGAINST}, "the wire offers two sides"
    rule = rule_of(profile, question.matter, question.motion)
    counts = question.verdict.arithmetic.counts
    reached = verdict_by(profile, rule, counts, question.strength, side)
    return QuestionSettled(
        question=question.id, side=side, verdict=reached, at=by.at, actor=by.actor, meeting=question.meeting
    )
