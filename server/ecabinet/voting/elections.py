"""Counting papers: who is elected, how confidence is rated, and what a secret yes and no come to. Pure.

Integers and exact fractions only. Which article speaks through which function: docs/rules.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ecabinet.meetings.model import QuorumNotMet
from ecabinet.register.model import Base, ElectionRule, Lang, Meaning, RatingRule, RuleProfile, Words

from .methods import check_strength, counts_of, members_of, quorum_of, share
from .phrases import ADVISORY
from .verdicts import (
    BallotPapers,
    Counts,
    CountsInconsistent,
    ElectionOutcome,
    ElectionVerdict,
    Levels,
    MatterUnknown,
    RatingOutcome,
    RatingVerdict,
    Standing,
    Strength,
)

# --- the papers ---


def check_papers(papers: BallotPapers, strength: Strength) -> None:
    """Raises CountsInconsistent when the tellers' numbers cannot all be true."""
    if min(papers.issued, papers.returned, papers.valid, papers.invalid) < 0:
        raise CountsInconsistent(reason="negative")
    if papers.issued > strength.voting:
        raise CountsInconsistent(reason="more_issued_than_present", issued=papers.issued, present=strength.voting)
    if papers.returned > papers.issued:
        raise CountsInconsistent(reason="more_returned_than_issued", returned=papers.returned, issued=papers.issued)
    if papers.valid + papers.invalid != papers.returned:
        raise CountsInconsistent(
            reason="valid_and_invalid_are_not_those_returned",
            valid=papers.valid,
            invalid=papers.invalid,
            returned=papers.returned,
        )


def counts_of_papers(
    papers: BallotPapers, answers: Mapping[Meaning, int], strength: Strength, profile: RuleProfile
) -> Counts:
    """A secret yes and no as counts that `methods.verdict` takes. Who has no paper in the box did not vote.

    answers  by meaning; each valid paper carries exactly one

    Raises CountsInconsistent.
    """
    check_strength(profile, strength)
    check_papers(papers, strength)
    if min(answers.values(), default=0) < 0:
        raise CountsInconsistent(reason="negative")
    if sum(answers.values()) != papers.valid:
        raise CountsInconsistent(
            reason="answers_are_not_the_valid_papers", answers=sum(answers.values()), valid=papers.valid
        )
    return counts_of(answers, None, strength, profile.recusal.effect, papers.invalid)


def _check_session(profile: RuleProfile, strength: Strength, papers: BallotPapers) -> None:
    check_strength(profile, strength)
    reached = quorum_of(profile, None, strength)
    if not reached.is_quorate:
        raise QuorumNotMet(members=reached.members, present=reached.present, needed=reached.needed)
    check_papers(papers, strength)


def _base_number(profile: RuleProfile, base: Base, strength: Strength, papers: BallotPapers) -> int:
    numbers = {Base.ALL: members_of(profile, strength), Base.PRESENT: strength.voting, Base.BALLOTS: papers.returned}
    return numbers[base]


# --- elections ---


def elect(
    profile: RuleProfile, strength: Strength, papers: BallotPapers, votes: Mapping[str, int], seats: int
) -> ElectionVerdict:
    """Who is elected: the highest numbers up to the seats, none below the floor.

    votes  by candidate, every one of them, in the order of the paper
    Several who share the last seat do not have it: they stand against each other. Where seats are left without such a
    tie, those not elected stand again.

    Raises MatterUnknown, CountsInconsistent, QuorumNotMet.
    """
    rule = profile.elections
    if rule is None:
        raise MatterUnknown(matter="election", known=sorted(matter.value for matter in profile.decisions))
    _check_session(profile, strength, papers)
    _check_votes(rule, papers, votes, seats)
    base_number = _base_number(profile, rule.base, strength, papers)
    needed = rule.floor.needed(base_number) if rule.floor else 1
    ranked = sorted(votes, key=lambda candidate: -votes[candidate])
    elected, tied = _seated([name for name in ranked if votes[name] >= needed], votes, seats)
    left = seats - len(elected)
    again = tied or tuple(name for name in votes if name not in elected)
    outcome = ElectionOutcome.FILLED
    if left:
        outcome = ElectionOutcome.RUN_OFF if again else ElectionOutcome.SHORT
    members = members_of(profile, strength)
    verdict = ElectionVerdict(
        outcome=outcome,
        seats=seats,
        elected=elected,
        tied=tied,
        run_off=again if left else (),
        seats_left=left,
        standings=tuple(
            Standing(
                candidate=name,
                votes=votes[name],
                share=share(votes[name], members),
                has_reached=votes[name] >= needed,
                is_elected=name in elected,
                is_tied=name in tied,
            )
            for name in ranked
        ),
        papers=papers,
        members=members,
        base=rule.base,
        base_number=base_number,
        needed=needed,
        binding=profile.binding,
        words=Words("", ""),
        article=rule.citation.label(),
    )
    said = Words(_election_said(profile, rule, verdict, Lang.VI), _election_said(profile, rule, verdict, Lang.EN))
    return replace(verdict, words=said)


def _check_votes(rule: ElectionRule, papers: BallotPapers, votes: Mapping[str, int], seats: int) -> None:
    if seats < 1:
        raise CountsInconsistent(reason="no_seats", seats=seats)
    if not votes:
        raise CountsInconsistent(reason="no_candidates")
    if len(votes) > seats and not rule.more_candidates:
        raise CountsInconsistent(reason="more_candidates_than_seats", candidates=len(votes), seats=seats)
    if min(votes.values()) < 0:
        raise CountsInconsistent(reason="negative")
    highest = max(votes.values())
    if highest > papers.valid:
        raise CountsInconsistent(reason="more_votes_than_valid_papers", votes=highest, valid=papers.valid)
    total = sum(votes.values())
    if total > papers.valid * seats:
        # A paper with more names than seats is not valid.
        raise CountsInconsistent(reason="more_votes_than_seats_allow", votes=total, most=papers.valid * seats)


def _seated(enough: Sequence[str], votes: Mapping[str, int], seats: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who is elected, and who shares the last seat. enough: those over the floor, the highest number first."""
    if len(enough) <= seats:
        return tuple(enough), ()
    last = votes[enough[seats - 1]]
    if votes[enough[seats]] < last:
        return tuple(enough[:seats]), ()
    return (
        tuple(name for name in enough if votes[name] > last),
        tuple(name for name in enough if votes[name] == last),
    )


def _election_said(profile: RuleProfile, rule: ElectionRule, verdict: ElectionVerdict, lang: Lang) -> str:
    vietnamese = lang is Lang.VI
    won = [f"{each.candidate} {each.votes}/{verdict.base_number}" for each in verdict.standings if each.is_elected]
    nobody = "không ai trúng cử" if vietnamese else "nobody is elected"
    elected = f"{'trúng cử' if vietnamese else 'elected'}: {', '.join(won)}" if won else nobody
    parts = [elected]
    if rule.floor:
        floor = rule.floor.in_words(rule.base, profile.electorate.member).of(lang)
        parts.append(f"{'cần ≥' if vietnamese else 'needs ≥'} {verdict.needed}, {floor}")
    if verdict.tied:
        names = ", ".join(verdict.tied)
        parts.append(f"{'bằng phiếu nhau ở ghế cuối' if vietnamese else 'the last seat is shared by'}: {names}")
    if verdict.seats_left:
        left, seats = verdict.seats_left, verdict.seats
        parts.append(f"còn thiếu {left}/{seats} ghế" if vietnamese else f"{left} of {seats} seats left")
    if verdict.run_off:
        names = ", ".join(verdict.run_off)
        parts.append(f"{'bầu tiếp' if vietnamese else 'next round'}: {names}")
    if not verdict.binding:
        parts.append(ADVISORY.of(lang))
    return "; ".join(parts)


# --- ratings ---


def rate(
    profile: RuleProfile, strength: Strength, papers: BallotPapers, rows: Mapping[str, Levels]
) -> tuple[RatingVerdict, ...]:
    """What the ratings lead to, name by name in the order of the paper.

    rows  by name; a valid paper may leave a name without a mark, and carries no more than one for it

    Raises MatterUnknown, CountsInconsistent, QuorumNotMet.
    """
    rule = profile.ratings
    if rule is None:
        raise MatterUnknown(matter="rating", known=sorted(matter.value for matter in profile.decisions))
    _check_session(profile, strength, papers)
    if not rows:
        raise CountsInconsistent(reason="no_candidates")
    for levels in rows.values():
        if min(levels.high, levels.mid, levels.low) < 0:
            raise CountsInconsistent(reason="negative")
        marks = levels.high + levels.mid + levels.low
        if marks > papers.valid:
            raise CountsInconsistent(reason="more_marks_than_valid_papers", marks=marks, valid=papers.valid)
    base_number = _base_number(profile, rule.base, strength, papers)
    members = members_of(profile, strength)
    return tuple(_rated(profile, rule, (papers.valid, base_number, members), row) for row in rows.items())


def _rated(
    profile: RuleProfile, rule: RatingRule, numbers: tuple[int, int, int], row: tuple[str, Levels]
) -> RatingVerdict:
    """numbers: valid papers, the base, all members."""
    valid, base_number, members = numbers
    name, levels = row
    resign, relieve = rule.may_resign.needed(base_number), rule.relieve.needed(base_number)
    outcome = RatingOutcome.NONE
    if levels.low >= relieve:
        outcome = RatingOutcome.RELIEVE
    elif levels.low >= resign:
        outcome = RatingOutcome.MAY_RESIGN
    unmarked = valid - levels.high - levels.mid - levels.low
    counts = {"high": levels.high, "mid": levels.mid, "low": levels.low, "unmarked": unmarked}
    verdict = RatingVerdict(
        name=name,
        outcome=outcome,
        levels=levels,
        unmarked=unmarked,
        base=rule.base,
        base_number=base_number,
        resign_needed=resign,
        relieve_needed=relieve,
        # A box nobody put a paper into has no shares.
        shares={key: share(count, max(1, base_number)) for key, count in counts.items()},
        shares_of_all={key: share(count, members) for key, count in counts.items()},
        words=Words("", ""),
        article=rule.citation.label(),
    )
    said = Words(_rating_said(profile, rule, verdict, Lang.VI), _rating_said(profile, rule, verdict, Lang.EN))
    return replace(verdict, words=said)


FOLLOWS = {
    RatingOutcome.NONE: Words("không phát sinh hệ quả", "nothing follows"),
    RatingOutcome.MAY_RESIGN: Words(
        "có thể xin từ chức, không từ chức thì bỏ phiếu tín nhiệm", "may resign, otherwise a vote of confidence"
    ),
    RatingOutcome.RELIEVE: Words("trình để miễn nhiệm", "proposed to be relieved"),
}


def _rating_said(profile: RuleProfile, rule: RatingRule, verdict: RatingVerdict, lang: Lang) -> str:
    member, base = profile.electorate.member, verdict.base_number
    resign = rule.may_resign.in_words(rule.base, member).of(lang)
    relieve = rule.relieve.in_words(rule.base, member).of(lang)
    marks = (
        (rule.high, verdict.levels.high),
        (rule.medium, verdict.levels.mid),
        (rule.low, verdict.levels.low),
    )
    counted = ", ".join(f"{words.of(lang).lower()} {count}/{base}" for words, count in marks)
    low = rule.low.of(lang).lower()
    if lang is Lang.VI:
        bounds = f"{low} ≥ {verdict.resign_needed} ({resign}) thì có thể xin từ chức, "
        bounds += f"≥ {verdict.relieve_needed} ({relieve}) thì trình miễn nhiệm"
    else:
        bounds = f"with {low} ≥ {verdict.resign_needed} ({resign}) may resign, "
        bounds += f"≥ {verdict.relieve_needed} ({relieve}) proposed to be relieved"
    return f"{counted}: {bounds}; {FOLLOWS[verdict.outcome].of(lang)}"
