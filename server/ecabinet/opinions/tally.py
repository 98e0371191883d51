"""Counting a slip, and what the body's own rule makes of it. Pure; integers only.

Whoever was asked counts as present: a slip has no attendance, so the quorum of a session says nothing about it, and
the decision rests on its own majority of all members. Source: Luật Tổ chức Chính phủ Điều 46 (the same majority and
tie rule as in session); what each profile cites.
"""

from collections.abc import Mapping, Sequence

from ecabinet.kernel.ids import PersonId
from ecabinet.register.model import Matter, Meaning, RuleProfile, Silence
from ecabinet.voting.methods import counts_of, share, verdict
from ecabinet.voting.model import Outcome, Side

from .model import Answer, KeptSheet, Result, Slip, SlipQuestion

Current = Mapping[PersonId, KeptSheet]
"""The sheet that counts of each member who answered (`sheets.current`)."""


def results(slip: Slip, current: Current, profile: RuleProfile) -> tuple[Result, ...]:
    """What came of each question, in their order.

    profile  the version that was in force when the slip was sent
    """
    return tuple(_result(slip, question, current, profile) for question in slip.questions)


def _result(slip: Slip, question: SlipQuestion, current: Current, profile: RuleProfile) -> Result:
    assert slip.sending is not None, "only a slip that was sent is counted"
    given = {option.key: 0 for option in question.options}
    for person, kept in current.items():
        assert slip.asks(person), "a sheet from outside the roll was stored"
        given[answer_to(question, kept).choice] += 1
    by_meaning: dict[Meaning, int] = {}
    for option in question.options:
        by_meaning[option.meaning] = by_meaning.get(option.meaning, 0) + given[option.key]
    silent = len(slip.roll) - len(current)
    if question.matter is not Matter.CHOICE and silence_is_consent(profile):
        by_meaning[Meaning.FOR] = by_meaning.get(Meaning.FOR, 0) + silent
    alternatives = None
    if question.matter is Matter.CHOICE:
        alternatives = {
            option.key: given[option.key] for option in question.options if option.meaning is Meaning.ALTERNATIVE
        }
    counts = counts_of(by_meaning, alternatives, slip.sending.strength, profile.recusal.effect)
    reached = verdict(profile, question.matter, counts, slip.sending.strength, side_of_head(slip, question, current))
    return Result(question.id, given, reached)


def silence_is_consent(profile: RuleProfile) -> bool:
    """Whether who does not answer in time counts as for it. A choice among alternatives cannot be consented to."""
    return profile.slips is not None and profile.slips.silence is Silence.DEEMED_CONSENT


def answer_to(question: SlipQuestion, kept: KeptSheet) -> Answer:
    """What the sheet says to the question."""
    return next(each for each in kept.sheet.answers if each.question == question.id)


def side_of_head(slip: Slip, question: SlipQuestion, current: Current) -> Side:
    """Where the head of the body stands. Nobody presides over a slip, so the head alone settles a tie."""
    head = next((each.person for each in slip.roll if each.is_head), None)
    if head is None or head not in current:
        return Side.NONE
    choice = answer_to(question, current[head]).choice
    meaning = next(option.meaning for option in question.options if option.key == choice)
    # Another opinion takes neither side.
    return {Meaning.FOR: Side.FOR, Meaning.AGAINST: Side.AGAINST}.get(meaning, Side.ABSTAIN)


def is_settled(slip: Slip) -> bool:
    """Whether everything was adopted and nobody had another opinion. Raises AssertionError before the end."""
    assert slip.ending is not None, "nothing is settled before the end"
    other = [
        result.counts[option.key]
        for question, result in zip(slip.questions, slip.ending.results, strict=True)
        for option in question.options
        if option.meaning is Meaning.OTHER
    ]
    adopted = all(result.verdict.outcome is Outcome.PASSED for result in slip.ending.results)
    return adopted and not any(other)


def part_of(count: int, base: int) -> str:
    """The share as a percentage with two decimals, "0.00" of nothing."""
    return share(count, base) if base else "0.00"


def texts(slip: Slip, current: Current) -> Sequence[tuple[SlipQuestion, PersonId, Answer]]:
    """Every text that counts, by question and then by protocol."""
    return [
        (question, asked.person, said)
        for question in slip.questions
        for asked in slip.roll
        if asked.person in current and (said := answer_to(question, current[asked.person])).text
    ]
