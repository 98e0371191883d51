"""Counting, and what the body's own rule makes of the counts. Pure; integers and exact fractions only.

The same functions serve the room, the command line and the offline verifier. Which article speaks through
which function: docs/rules.md.
"""

from collections.abc import Mapping

from ecabinet.register.model import (
    Base,
    DecisionRule,
    Lang,
    Matter,
    Meaning,
    Quorum,
    QuorumRule,
    RecusalEffect,
    ReducedNotApplicable,
    ReducedRequired,
    RuleProfile,
    TieMethod,
    TieScope,
    Words,
)

from .phrases import answer_word, answers_by, in_words
from .verdicts import Arithmetic, Counts, CountsInconsistent, MatterUnknown, Numbers, Outcome, Side, Strength, Verdict

# --- the quorum ---


def quorum(rule: QuorumRule, members: int, present: int) -> Quorum:
    """Whether enough members are there (3P ≥ 2N or what the profile says)."""
    return rule.of(members, present)


def quorum_of(profile: RuleProfile, rule: DecisionRule | None, strength: Strength) -> Quorum:
    """The quorum for one decision. Recused members are not present; the profile says if they leave the base.

    rule  None: an election or a rating

    Where a shrunken body decides by those remaining, its quorum is taken of them too: of all members it could
    never be reached.
    """
    shrunken = Base.REMAINING in (profile.quorum.base, rule.base if rule else None)
    base = _remaining(profile, strength) if shrunken else members_of(profile, strength)
    with_proxies = profile.proxies is not None and profile.proxies.counts_in_quorum
    return profile.quorum.of(base, strength.voting if with_proxies else strength.present)


# --- a body that has shrunk ---


def is_reduced(profile: RuleProfile, seats: int, remaining: int) -> bool:
    """Whether so few members are left that only the rule for a reduced body may be used.

    seats  all seats of the term, vacant ones included
    """
    return profile.reduced is not None and profile.reduced.applies(seats, remaining)


def check_reduced(profile: RuleProfile, matter: Matter, seats: int, remaining: int) -> None:
    """Whether the matter fits how many members are left of so many seats.

    Raises ReducedNotApplicable, ReducedRequired.
    """
    if profile.reduced is None:
        return
    numbers = {"seats": seats, "remaining": remaining, "needed": profile.reduced.complete.needed(seats)}
    if is_reduced(profile, seats, remaining):
        if matter is not Matter.REDUCED:
            raise ReducedRequired(**numbers)
    elif matter is Matter.REDUCED:
        raise ReducedNotApplicable(**numbers)


# --- counting ---


def counts_of(
    by_meaning: Mapping[Meaning, int],
    alternatives: Mapping[str, int] | None,
    strength: Strength,
    recusal: RecusalEffect,
    invalid: int = 0,
) -> Counts:
    """The counts of a vote from the answers given and the size of the body.

    invalid  papers that came in and say nothing that counts

    Raises CountsInconsistent when more answered than were present, or any number is negative.
    """
    cast_for, against = by_meaning.get(Meaning.FOR, 0), by_meaning.get(Meaning.AGAINST, 0)
    abstained, other = by_meaning.get(Meaning.ABSTAIN, 0), by_meaning.get(Meaning.OTHER, 0)
    answers = [cast_for, against, abstained, other, invalid, *(alternatives or {}).values()]
    if min(answers) < 0:
        raise CountsInconsistent(reason="negative")
    silent = strength.voting - sum(answers)
    if silent < 0:
        raise CountsInconsistent(reason="more_answers_than_present", answers=sum(answers), present=strength.voting)
    members = strength.members - (strength.recused if recusal is RecusalEffect.LEAVES_BASE else 0)
    return Counts(
        votes_for=cast_for,
        votes_against=against,
        abstained=abstained,
        not_voted=silent,
        absent=max(0, members - strength.voting),
        other=other,
        alternatives=dict(alternatives) if alternatives is not None else None,
        invalid=invalid,
    )


# --- the verdict ---


def decision_rule(profile: RuleProfile, matter: Matter) -> DecisionRule:
    """Raises MatterUnknown."""
    try:
        return profile.decisions[matter]
    except KeyError:
        raise MatterUnknown(matter=matter.value, known=sorted(each.value for each in profile.decisions)) from None


def verdict(
    profile: RuleProfile, matter: Matter, counts: Counts, strength: Strength, chair: Side = Side.NONE
) -> Verdict:
    """What the body's rule makes of the counts.

    chair  where the person who settles ties stands; looked at only in a tie

    Raises MatterUnknown, CountsInconsistent.
    """
    return verdict_by(profile, decision_rule(profile, matter), counts, strength, chair)


def verdict_by(
    profile: RuleProfile, rule: DecisionRule, counts: Counts, strength: Strength, chair: Side = Side.NONE
) -> Verdict:
    """As `verdict`, by a rule that need not be one of the profile's matters: a motion's own
    (`register.rules.motion_decision`).

    Raises CountsInconsistent.
    """
    check_strength(profile, strength)
    _check_counts(profile, rule, counts, strength)
    reached = quorum_of(profile, rule, strength)
    base_number = _base_number(profile, rule.base, counts, strength)
    needed = rule.threshold.needed(base_number)
    chosen = None
    tie = False
    if not reached.is_quorate:
        outcome = Outcome.NO_QUORUM
    elif rule.matter is Matter.CHOICE:
        chosen = _chosen(counts, needed)
        outcome = Outcome.PASSED if chosen else Outcome.NO_MAJORITY
    else:
        outcome, tie = _decided(rule, counts, (base_number, needed), chair)
    members = members_of(profile, strength)
    arithmetic = Arithmetic(
        counts=counts,
        members=members,
        present=strength.present,
        quorum_base=reached.members,
        quorum_needed=reached.needed,
        base=rule.base,
        base_number=base_number,
        threshold=rule.threshold,
        needed=needed,
        shares=_shares(counts, members),
        tie_applied=tie,
        chair=chair,
        measures=rule.measures,
        represented=strength.represented,
    )
    return Verdict(
        outcome=outcome,
        chosen=chosen,
        binding=profile.binding,
        arithmetic=arithmetic,
        words=in_words(profile, rule, outcome, arithmetic),
        article=_article(profile, rule, outcome, tie=tie),
    )


def judge(profile: RuleProfile, numbers: Numbers) -> Verdict:
    """The verdict on bare numbers, by the rules that the room uses. Who tells how many members remain of all the
    seats means the reduced body's rule where so few are left.

    Raises MatterUnknown, CountsInconsistent, ReducedNotApplicable, ReducedRequired.
    """
    strength = numbers.strength
    check_strength(profile, strength)
    remaining = strength.members if strength.remaining is None else strength.remaining
    matter = numbers.matter
    if matter is None:
        matter = Matter.REDUCED if is_reduced(profile, strength.members, remaining) else Matter.RESOLUTION
    decision_rule(profile, matter)
    check_reduced(profile, matter, strength.members, remaining)
    _check_sides(numbers, matter)
    proposed = {f"option-{place}": votes for place, votes in enumerate(numbers.alternatives, start=1)}
    counts = counts_of(numbers.answers, proposed or None, strength, profile.recusal.effect, numbers.invalid)
    return verdict(profile, matter, counts, strength, numbers.chair)


def _check_sides(numbers: Numbers, matter: Matter) -> None:
    def answered(*meanings: Meaning) -> int:
        return sum(numbers.answers.get(meaning, 0) for meaning in meanings)

    if matter is Matter.CHOICE:
        if answered(Meaning.FOR, Meaning.AGAINST):
            raise CountsInconsistent(reason="a_choice_has_no_for_and_against")
        return
    sides = {
        Side.FOR: answered(Meaning.FOR),
        Side.AGAINST: answered(Meaning.AGAINST),
        Side.ABSTAIN: answered(Meaning.ABSTAIN, Meaning.OTHER),
    }
    if sides.get(numbers.chair, 1) == 0:
        raise CountsInconsistent(reason="nobody_voted_as_the_chair_did", chair=numbers.chair.value)


def is_tie(rule: DecisionRule, counts: Counts, base_number: int) -> bool:
    """Whether votes are equal as the tie rule means it. Nobody for and nobody against is no tie."""
    equal = counts.votes_for == counts.votes_against > 0
    if rule.tie.scope is TieScope.STRICT_ALL_VOTED:
        return equal and counts.votes_for + counts.votes_against == base_number
    return equal


def share(count: int, members: int) -> str:
    """A percentage rounded half up to two decimals, in integers: share(68, 75) is "90.67"."""
    hundredths = (2 * count * 10_000 + members) // (2 * members)
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def _decided(rule: DecisionRule, counts: Counts, measure: tuple[int, int], chair: Side) -> tuple[Outcome, bool]:
    """The outcome, and whether the tie rule was what led to it. measure: (base number, votes needed)."""
    base_number, needed = measure
    if rule.measures is Meaning.AGAINST:
        return Outcome.NOT_PASSED if counts.votes_against >= needed else Outcome.PASSED, False
    if counts.votes_for >= needed:
        return Outcome.PASSED, False
    if rule.tie.method is TieMethod.NOT_PASSED or not is_tie(rule, counts, base_number):
        return Outcome.NOT_PASSED, False
    by_side = {Side.FOR: Outcome.PASSED, Side.NONE: Outcome.UNDECIDED}
    # An abstaining chair has taken no side, so nothing lifts the proposal over the threshold it missed.
    return by_side.get(chair, Outcome.NOT_PASSED), True


def _chosen(counts: Counts, needed: int) -> str | None:
    """The alternative that reached the threshold. At most one can: other profiles are refused on reading."""
    winners = [key for key, votes in (counts.alternatives or {}).items() if votes >= needed]
    return winners[0] if winners else None


def members_of(profile: RuleProfile, strength: Strength) -> int:
    """All members, without those whom the profile takes out for a conflict of interest."""
    return strength.members - _leaving(profile, strength)


def _remaining(profile: RuleProfile, strength: Strength) -> int:
    remaining = strength.members if strength.remaining is None else strength.remaining
    return remaining - _leaving(profile, strength)


def _leaving(profile: RuleProfile, strength: Strength) -> int:
    return strength.recused if profile.recusal.effect is RecusalEffect.LEAVES_BASE else 0


def _base_number(profile: RuleProfile, base: Base, counts: Counts, strength: Strength) -> int:
    numbers = {
        Base.ALL: members_of(profile, strength),
        Base.REMAINING: _remaining(profile, strength),
        Base.PRESENT: strength.voting,
        Base.CAST: counts.cast,
        Base.BALLOTS: counts.cast,
        Base.EXPRESSED: counts.votes_for + counts.votes_against + sum((counts.alternatives or {}).values()),
    }
    return numbers[base]


def check_strength(profile: RuleProfile, strength: Strength) -> None:
    """Raises CountsInconsistent when the sizes of the body cannot all be true."""
    remaining = strength.members if strength.remaining is None else strength.remaining
    if min(strength.members, strength.present, strength.recused, strength.represented, remaining) < 0:
        raise CountsInconsistent(reason="negative")
    if strength.members - _leaving(profile, strength) < 1:
        raise CountsInconsistent(reason="no_members")
    if remaining > strength.members:
        raise CountsInconsistent(reason="more_remaining_than_members", members=strength.members, remaining=remaining)
    if strength.voting + strength.recused > remaining:
        raise CountsInconsistent(reason="more_present_than_members", members=remaining, present=strength.voting)
    if strength.represented and profile.proxies is None:
        raise CountsInconsistent(reason="no_proxies", represented=strength.represented)


def _check_counts(profile: RuleProfile, rule: DecisionRule, counts: Counts, strength: Strength) -> None:
    numbers = [
        counts.votes_for,
        counts.votes_against,
        counts.abstained,
        counts.other,
        counts.not_voted,
        counts.absent,
        counts.invalid,
        *(counts.alternatives or {}).values(),
    ]
    if min(numbers) < 0:
        raise CountsInconsistent(reason="negative")
    if counts.cast + counts.not_voted != strength.voting:
        raise CountsInconsistent(
            reason="answers_and_silence_are_not_those_present",
            answers=counts.cast,
            not_voted=counts.not_voted,
            present=strength.voting,
        )
    if strength.voting + counts.absent != members_of(profile, strength):
        raise CountsInconsistent(reason="present_and_absent_are_not_all_members", members=members_of(profile, strength))
    if (counts.alternatives is not None) != (rule.matter is Matter.CHOICE):
        raise CountsInconsistent(reason="alternatives_go_with_a_choice")


def _shares(counts: Counts, members: int) -> dict[str, str]:
    shares = {
        "took_part": counts.cast,
        "votes_for": counts.votes_for,
        "votes_against": counts.votes_against,
        "abstained": counts.abstained,
        "other": counts.other,
        "not_voted": counts.not_voted,
        "absent": counts.absent,
        **(counts.alternatives or {}),
        # Only papers can be invalid; a vote by name keeps the shares it always had.
        **({"invalid": counts.invalid} if counts.invalid else {}),
    }
    return {name: share(count, members) for name, count in shares.items()}


def _article(profile: RuleProfile, rule: DecisionRule, outcome: Outcome, *, tie: bool) -> Words:
    if outcome is Outcome.NO_QUORUM:
        return profile.quorum.citation.label()
    return (rule.tie.citation if tie else rule.citation).label()


def needs_in_words(profile: RuleProfile, rule: DecisionRule) -> Words:
    """ "Cần quá nửa tổng số thành viên tán thành" / "Needs the votes of more than half of all members"."""
    share = rule.threshold.in_words(rule.base, profile.electorate.member)
    answers = answers_by(profile, rule)
    word = answer_word(answers, rule.measures, Lang.VI)
    if rule.measures is Meaning.AGAINST:
        return Words(
            f"Không đạt khi {share.vi} {word}",
            f"Lost when {share.en} are for “{answer_word(answers, rule.measures, Lang.EN)}”",
        )
    return Words(f"Cần {share.vi} {word}", f"Needs the votes of {share.en}")
