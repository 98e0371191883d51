"""What a question asks: its options, its wording, and the rule it is decided by. Pure."""

from dataclasses import dataclass
from unicodedata import normalize

from ecabinet.kernel.events import plain
from ecabinet.register.model import DecisionRule, Matter, Meaning, RuleProfile, VotingForm, Words
from ecabinet.register.rules import motion_decision

from .methods import decision_rule, needs_in_words
from .model import Candidate, Kind, MatterUnknown, Method, Option, Question, QuestionInvalid, Way
from .proposals import Proposal

LABEL_LIMIT = 300
"""Characters of an alternative."""
TEXT_LIMIT = 4_000
"""Characters of a question's text."""
ALTERNATIVES_LIMIT = 20
CANDIDATES_LIMIT = 100

ABSTAIN_ON_CHOICE = Words("Không biểu quyết", "Abstain")
OTHER_ALTERNATIVE = Words("Phương án khác", "Another option")

NAMED = frozenset({Method.ELECTION, Method.RATING})
"""Methods whose ballot is a list of names."""
MATTERS_OF_NAMES = {
    Method.ELECTION: frozenset({Matter.RESOLUTION}),
    Method.RATING: frozenset({Matter.RESOLUTION, Matter.CONFIDENCE}),
}
"""What a list of names may be called. Its rule is its method's: another matter, a reduced body's say, has a quorum of
its own, and what was put by that one could not be counted."""


# --- by which rule ---


def rule_of(profile: RuleProfile, matter: Matter, motion: str | None = None) -> DecisionRule:
    """What decides: the rule of the motion, or of the matter. Raises MotionUnknown, MatterUnknown."""
    return decision_rule(profile, matter) if motion is None else motion_decision(profile, motion)


def form_of(profile: RuleProfile, asked: Proposal | Question) -> VotingForm:
    """How the vote has to be taken."""
    if asked.method is Method.ELECTION and profile.elections is not None:
        return VotingForm.SECRET if profile.elections.is_secret else VotingForm.CHOSEN
    if asked.method is Method.RATING and profile.ratings is not None:
        return VotingForm.SECRET if profile.ratings.is_secret else VotingForm.CHOSEN
    if asked.motion is not None:
        return VotingForm.CHOSEN
    return profile.form_of(asked.matter)


@dataclass(frozen=True, slots=True)
class Needs:
    """What a decision needs, in one sentence, and the place that says so."""

    sentence: Words
    article: Words


def needs_of(profile: RuleProfile, proposal: Proposal) -> Needs:
    """Raises MatterUnknown, MotionUnknown."""
    member = profile.electorate.member
    if proposal.method is Method.ELECTION:
        election = profile.elections
        if election is None:
            raise MatterUnknown(matter="election", known=_known(profile))
        seats = proposal.seats or 0
        vi, en = f"Bầu {seats} người có nhiều phiếu hơn", f"The {seats} with most votes are elected"
        if election.floor is not None:
            floor = election.floor.in_words(election.base, member)
            vi, en = f"{vi}, được {floor.vi} bầu", f"{en}, each with the votes of {floor.en}"
        return Needs(Words(vi, en), election.citation.label())
    if proposal.method is Method.RATING:
        rating = profile.ratings
        if rating is None:
            raise MatterUnknown(matter="rating", known=_known(profile))
        names = [rating.high, rating.medium, rating.low]
        listed = Words(", ".join(each.vi.lower() for each in names), ", ".join(each.en.lower() for each in names))
        said = Words(f"Đánh giá từng người theo ba mức: {listed.vi}", f"Each is rated at one of three: {listed.en}")
        return Needs(said, rating.citation.label())
    rule = rule_of(profile, proposal.matter, proposal.motion)
    return Needs(needs_in_words(profile, rule), rule.citation.label())


def _known(profile: RuleProfile) -> list[str]:
    return sorted(matter.value for matter in profile.decisions)


# --- in which words ---


def options_for(proposal: Proposal, profile: RuleProfile) -> tuple[Option, ...]:
    """What a ballot may say: the body's answer words, or the alternatives, another option and abstention; nothing
    where it is a list of names."""
    if proposal.method in NAMED:
        return ()
    if proposal.method is not Method.CHOICE:
        answers = profile.answers.session if proposal.motion is not None else profile.answers_to(proposal.matter)
        return tuple(Option(answer.meaning.value, answer.meaning, answer.words) for answer in answers)
    proposed = tuple(
        Option(f"option-{number}", Meaning.ALTERNATIVE, Words(label.strip(), label.strip()))
        for number, label in enumerate(proposal.alternatives, start=1)
    )
    return (
        *proposed,
        Option("other", Meaning.OTHER, OTHER_ALTERNATIVE),
        Option("abstain", Meaning.ABSTAIN, ABSTAIN_ON_CHOICE),
    )


def wording(question: Question) -> dict[str, object]:
    """The canonical value whose digest a ballot carries: exactly what was asked and could be answered."""
    asked: dict[str, object] = {
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
    # Only where there is such a thing: the digests of records made before it was known stay what they were.
    more = {
        "items": question.items,
        "motion": question.motion,
        "kind": None if question.kind is Kind.WHOLE else question.kind,
        "candidates": question.candidates,
        "seats": question.seats,
        "board": question.board,
    }
    return asked | {name: plain(value) for name, value in more.items() if value}


def check_wording(proposal: Proposal) -> None:
    """Raises QuestionInvalid."""
    if not proposal.text.strip():
        raise QuestionInvalid(reason="text_missing")
    if len(proposal.text) > TEXT_LIMIT:
        raise QuestionInvalid(reason="too_long", limit=TEXT_LIMIT)
    if (proposal.method is Method.CHOICE) != (proposal.matter is Matter.CHOICE):
        raise QuestionInvalid(reason="method_and_matter_differ")
    if proposal.method is Method.CHOICE:
        check_alternatives(proposal.alternatives)
    elif proposal.alternatives:
        raise QuestionInvalid(reason="alternatives_without_choice")
    if proposal.method in NAMED:
        if proposal.matter not in MATTERS_OF_NAMES[proposal.method] or proposal.motion is not None:
            raise QuestionInvalid(reason="method_and_matter_differ")
        _check_candidates(proposal.candidates)
    elif proposal.candidates:
        raise QuestionInvalid(reason="candidates_without_election")
    _check_seats(proposal)


def check_alternatives(alternatives: tuple[str, ...]) -> None:
    """Raises QuestionInvalid."""
    if not 2 <= len(alternatives) <= ALTERNATIVES_LIMIT:
        raise QuestionInvalid(reason="number_of_alternatives", least=2, most=ALTERNATIVES_LIMIT)
    if not _are_different(alternatives):
        raise QuestionInvalid(reason="alternatives_need_different_names")
    if any(len(label) > LABEL_LIMIT for label in alternatives):
        raise QuestionInvalid(reason="too_long", limit=LABEL_LIMIT)


def _check_candidates(candidates: tuple[Candidate, ...]) -> None:
    if not 1 <= len(candidates) <= CANDIDATES_LIMIT:
        raise QuestionInvalid(reason="number_of_candidates", least=1, most=CANDIDATES_LIMIT)
    people = [each.person for each in candidates if each.person is not None]
    if not _are_different([each.name for each in candidates]) or len(set(people)) != len(people):
        raise QuestionInvalid(reason="candidates_need_different_names")
    if any(len(each.name) > LABEL_LIMIT for each in candidates):
        raise QuestionInvalid(reason="too_long", limit=LABEL_LIMIT)


def _check_seats(proposal: Proposal) -> None:
    if (proposal.method is Method.ELECTION) != (proposal.seats is not None):
        raise QuestionInvalid(reason="seats_go_with_an_election")
    if proposal.seats is not None and proposal.seats < 1:
        raise QuestionInvalid(reason="number_of_seats", least=1)


def _are_different(labels: tuple[str, ...] | list[str]) -> bool:
    # The same word may be typed in composed and decomposed letters: a voter could not tell the two apart.
    named = [normalize("NFC", label.strip()).casefold() for label in labels]
    return all(named) and len(set(named)) == len(named)


def ways_for(profile: RuleProfile, asked: Proposal | Question) -> list[Way]:
    """How the vote may be taken: a list of names and whatever the law wants secret on paper; else as the body likes,
    on paper only where its rules know tellers."""
    if asked.method in NAMED:
        return [Way.PAPER]
    form = form_of(profile, asked)
    paper = [Way.PAPER] if profile.tellers is not None and asked.board is None else []
    if form is VotingForm.SECRET:
        # Never by device: whoever runs the server could find out.
        return paper
    return [Way.ELECTRONIC, Way.HANDS, *(paper if form is VotingForm.CHOSEN else [])]
