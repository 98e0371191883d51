"""What may be put to the vote, who may answer, and how a vote ends. Pure.

Which article speaks through which function: docs/rules.md.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from unicodedata import normalize

from ecabinet.kernel.canonical import digest
from ecabinet.kernel.ids import PersonId
from ecabinet.meetings import model as meetings
from ecabinet.meetings.model import Act, QuestionOpen, QuorumNotMet
from ecabinet.register.model import DecisionRule, Matter, Meaning, RuleProfile, Secrecy, TieBreaker, Words

from .ballots import current_ballots
from .events import QuestionCancelled, QuestionClosed, QuestionPut
from .methods import check_strength, counts_of, decision_rule, needs_in_words, quorum_of, verdict
from .model import (
    Ballot,
    Counts,
    ItemNotCurrent,
    Option,
    Phase,
    Proposal,
    Question,
    QuestionInvalid,
    QuestionNotOpen,
    Side,
    Situation,
    Way,
)

LABEL_LIMIT = 300
"""Characters of an alternative, or of a reason."""
TEXT_LIMIT = 4_000
"""Characters of a question's text."""
ALTERNATIVES_LIMIT = 20

ABSTAIN_ON_CHOICE = Words("Không biểu quyết", "Abstain")
OTHER_ALTERNATIVE = Words("Phương án khác", "Another option")


# --- putting a question ---


def put_question(proposal: Proposal, situation: Situation, profile: RuleProfile, by: Act) -> QuestionPut:
    """Put a question to the members present. The roll and the numbers are frozen here: a latecomer votes from
    the next question on, and one who leaves stays on the roll.

    Raises MeetingWrongPhase, ItemNotCurrent, QuestionOpen, MatterUnknown, QuestionInvalid,
    CountsInconsistent, QuorumNotMet, the first that applies.
    """
    situation.meeting.require(frozenset({meetings.Phase.OPEN}))
    current = situation.meeting.current_item
    if current is None or proposal.item != current.id:
        raise ItemNotCurrent(current=current.id if current else None)
    if situation.open_question is not None:
        raise QuestionOpen(question=situation.open_question)
    rule = decision_rule(profile, proposal.matter)
    _check_wording(proposal)
    check_strength(profile, situation.strength)
    reached = quorum_of(profile, rule, situation.strength)
    if not reached.is_quorate:
        raise QuorumNotMet(members=reached.members, present=reached.present, needed=reached.needed)
    return QuestionPut(
        question=_question(proposal, situation, profile, by),
        quorum=reached,
        at=by.at,
        actor=by.actor,
        meeting=situation.meeting.id,
    )


def _question(proposal: Proposal, situation: Situation, profile: RuleProfile, by: Act) -> Question:
    rule = decision_rule(profile, proposal.matter)
    assert len(situation.roll.voters) == situation.strength.present, "the roll is those present"
    question = Question(
        id=proposal.id,
        meeting=situation.meeting.id,
        item=proposal.item,
        number=proposal.number,
        text=proposal.text.strip(),
        matter=proposal.matter,
        profile=profile.id,
        profile_version=profile.version,
        rule=needs_in_words(profile, rule),
        article=rule.citation.label(),
        options=options_for(proposal, profile),
        secrecy=Secrecy.SECRET if proposal.way is Way.PAPER else Secrecy.OPEN,
        roll=situation.roll,
        strength=situation.strength,
        opened_at=by.at,
        opened_by=by.actor,
        digest="",
    )
    return replace(question, digest=digest(wording(question)))


def wording(question: Question) -> dict[str, object]:
    """The canonical value whose digest a ballot carries: exactly what was asked and could be answered."""
    return {
        "v": 1,
        "question": question.id,
        "meeting": question.meeting,
        "item": question.item,
        "text": question.text,
        "matter": question.matter.value,
        "options": [
            {"key": option.key, "meaning": option.meaning.value, "vi": option.words.vi, "en": option.words.en}
            for option in question.options
        ],
    }


def options_for(proposal: Proposal, profile: RuleProfile) -> tuple[Option, ...]:
    """What a ballot may say: the body's answer words, or the alternatives, another option and abstention."""
    if proposal.matter is not Matter.CHOICE:
        return tuple(Option(answer.meaning.value, answer.meaning, answer.words) for answer in profile.answers.session)
    proposed = tuple(
        Option(f"option-{number}", Meaning.ALTERNATIVE, Words(label.strip(), label.strip()))
        for number, label in enumerate(proposal.alternatives, start=1)
    )
    return (
        *proposed,
        Option("other", Meaning.OTHER, OTHER_ALTERNATIVE),
        Option("abstain", Meaning.ABSTAIN, ABSTAIN_ON_CHOICE),
    )


def _check_wording(proposal: Proposal) -> None:
    if not proposal.text.strip():
        raise QuestionInvalid(reason="text_missing")
    if len(proposal.text) > TEXT_LIMIT:
        raise QuestionInvalid(reason="too_long", limit=TEXT_LIMIT)
    if proposal.way is Way.PAPER:
        # A secret ballot is taken on paper under a tellers' board; ballots by name would not be secret.
        raise QuestionInvalid(reason="secret_ballot_is_taken_in_the_hall")
    if proposal.matter is not Matter.CHOICE:
        if proposal.alternatives:
            raise QuestionInvalid(reason="alternatives_without_choice")
        return
    _check_alternatives(proposal.alternatives)


def _check_alternatives(alternatives: tuple[str, ...]) -> None:
    if not 2 <= len(alternatives) <= ALTERNATIVES_LIMIT:
        raise QuestionInvalid(reason="number_of_alternatives", least=2, most=ALTERNATIVES_LIMIT)
    # The same word may be typed in composed and decomposed letters: a voter could not tell the two apart.
    named = [normalize("NFC", label.strip()).casefold() for label in alternatives]
    if not all(named) or len(set(named)) != len(named):
        raise QuestionInvalid(reason="alternatives_need_different_names")
    if any(len(label) > LABEL_LIMIT for label in alternatives):
        raise QuestionInvalid(reason="too_long", limit=LABEL_LIMIT)


# --- closing ---


def tie_breaker(meeting: meetings.Meeting, rule: DecisionRule) -> PersonId | None:
    """Who settles a tie: the head of the body, or whoever presides; None when nobody here is."""
    if rule.tie.breaker is TieBreaker.PRESIDING:
        return meeting.chair.person if meeting.chair else None
    return next((each.person for each in meeting.participants if each.is_head), None)


def close(
    question: Question, ballots: Iterable[Ballot], profile: RuleProfile, chair: PersonId | None, by: Act
) -> QuestionClosed:
    """End the vote and say what the rule makes of it.

    ballots  every stored version; the newest of each voter counts
    chair  who settles a tie under this profile (`tie_breaker`); None when nobody holds it

    Raises QuestionNotOpen.
    """
    if question.phase is not Phase.OPEN:
        raise QuestionNotOpen(phase=question.phase.value)
    current = current_ballots(ballots)
    counts = tally(question, current.values(), profile)
    reached = verdict(profile, question.matter, counts, question.strength, _side(question, current, chair))
    return QuestionClosed(question=question.id, verdict=reached, at=by.at, actor=by.actor, meeting=question.meeting)


def cancel(question: Question, reason: str, by: Act) -> QuestionCancelled:
    """Call the vote off; its ballots count for nothing and stay in the record.

    Raises QuestionNotOpen; QuestionInvalid without a reason.
    """
    if question.phase is not Phase.OPEN:
        raise QuestionNotOpen(phase=question.phase.value)
    if not reason.strip() or len(reason) > LABEL_LIMIT:
        raise QuestionInvalid(reason="cancel_reason", limit=LABEL_LIMIT)
    return QuestionCancelled(
        question=question.id, reason=reason.strip(), at=by.at, actor=by.actor, meeting=question.meeting
    )


def tally(question: Question, current: Iterable[Ballot], profile: RuleProfile) -> Counts:
    """Count each voter's current ballot, and keep silence and absence apart from abstention."""
    by_option = {option.key: 0 for option in question.options}
    for ballot in current:
        assert ballot.voter in question.roll, "a ballot from outside the roll was stored"
        by_option[ballot.choice] += 1
    by_meaning: dict[Meaning, int] = {}
    for option in question.options:
        by_meaning[option.meaning] = by_meaning.get(option.meaning, 0) + by_option[option.key]
    alternatives = {
        option.key: by_option[option.key] for option in question.options if option.meaning is Meaning.ALTERNATIVE
    }
    return counts_of(by_meaning, alternatives or None, question.strength, profile.recusal.effect)


def _side(question: Question, current: Mapping[PersonId, Ballot], chair: PersonId | None) -> Side:
    if chair is None or chair not in current:
        return Side.NONE
    meaning = question.option(current[chair].choice).meaning
    sides = {Meaning.FOR: Side.FOR, Meaning.AGAINST: Side.AGAINST}
    # Any other answer takes neither side.
    return sides.get(meaning, Side.ABSTAIN)
