"""What a slip may ask, and in which words it is answered. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from ecabinet.kernel.errors import Invalid
from ecabinet.kernel.ids import QuestionId
from ecabinet.register.model import Matter, Meaning, RuleProfile, Silence, SlipRule, Words
from ecabinet.voting.asking import OTHER_ALTERNATIVE, check_alternatives
from ecabinet.voting.methods import decision_rule, needs_in_words
from ecabinet.voting.model import Option, QuestionInvalid

from .model import Plan, SlipQuestion, SlipsNotKnown, Wording

TITLE_LIMIT = 300
TEXT_LIMIT = 4_000
"""Characters of a question or of the explanation."""
QUESTIONS_LIMIT = 20
REMINDERS_LIMIT = 6
REMINDER_HOURS_LIMIT = 720
REMINDERS_H = (24, 4)
"""Hours before the deadline, where nobody says otherwise."""
SILENCE_IS_NO_ANSWER = Words(
    "Không gửi phiếu trong thời hạn là không có ý kiến; không được tính là đồng ý.",
    "Not to answer in time is to give no opinion; it does not count as consent.",
)


def require_slips(profile: RuleProfile) -> SlipRule:
    """Raises SlipsNotKnown when the body's rules know no decisions in writing."""
    if profile.slips is None:
        raise SlipsNotKnown()
    return profile.slips


def silence_in_words(rule: SlipRule) -> Words:
    """What it means not to answer."""
    if rule.silence is Silence.DEEMED_CONSENT and rule.silence_citation is not None:
        cited = rule.silence_citation.label()
        return Words(
            f"Không gửi phiếu trong thời hạn được coi là đồng ý ({cited.vi}).",
            f"Not to answer in time counts as consent ({cited.en}).",
        )
    return SILENCE_IS_NO_ANSWER


def checked(plan: Plan) -> Plan:
    """The plan with its reminders in order. Raises Invalid, QuestionInvalid."""
    if not plan.title.strip() or len(plan.title) > TITLE_LIMIT:
        raise Invalid(fields={"title": "missing" if not plan.title.strip() else "string_too_long"})
    if len(plan.text) > TEXT_LIMIT:
        raise Invalid(fields={"text": "string_too_long"})
    if len(plan.reminders_h) > REMINDERS_LIMIT:
        raise Invalid(fields={"reminders_h": "too_long"})
    if any(not 1 <= hours <= REMINDER_HOURS_LIMIT for hours in plan.reminders_h):
        raise Invalid(fields={"reminders_h": "not_hours"})
    if not 1 <= len(plan.questions) <= QUESTIONS_LIMIT:
        raise QuestionInvalid(reason="number_of_questions", least=1, most=QUESTIONS_LIMIT)
    for question in plan.questions:
        _check_wording(question)
    # Whole seconds: people do not set others, and the record keeps no finer ones.
    deadline = plan.deadline.replace(microsecond=0)
    return replace(plan, deadline=deadline, reminders_h=tuple(sorted(set(plan.reminders_h), reverse=True)))


def _check_wording(question: Wording) -> None:
    if not question.text.strip():
        raise QuestionInvalid(reason="text_missing")
    if len(question.text) > TEXT_LIMIT:
        raise QuestionInvalid(reason="too_long", limit=TEXT_LIMIT)
    if question.matter is not Matter.CHOICE:
        if question.alternatives:
            raise QuestionInvalid(reason="alternatives_without_choice")
        return
    check_alternatives(question.alternatives)


def questions_of(plan: Plan, profile: RuleProfile, ids: Sequence[QuestionId]) -> tuple[SlipQuestion, ...]:
    """What is asked, in the body's own words. Raises MatterUnknown."""
    return tuple(
        SlipQuestion(
            id=question_id,
            number=number,
            text=wording.text.strip(),
            matter=wording.matter,
            alternatives=wording.alternatives,
            options=options_of(wording, profile),
            rule=needs_in_words(profile, decision_rule(profile, wording.matter)),
            article=decision_rule(profile, wording.matter).citation.label(),
        )
        for number, (question_id, wording) in enumerate(zip(ids, plan.questions, strict=True), start=1)
    )


def options_of(wording: Wording, profile: RuleProfile) -> tuple[Option, ...]:
    """What may be answered: the body's words for a slip, or the alternatives and another option."""
    if wording.matter is not Matter.CHOICE:
        return tuple(Option(answer.meaning.value, answer.meaning, answer.words) for answer in profile.answers.slip)
    proposed = tuple(
        Option(f"option-{number}", Meaning.ALTERNATIVE, Words(label.strip(), label.strip()))
        for number, label in enumerate(wording.alternatives, start=1)
    )
    return (*proposed, Option("other", Meaning.OTHER, OTHER_ALTERNATIVE))
