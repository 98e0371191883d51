"""The kinds of vote a body knows, for whoever puts a question: what each needs, said in words. Pure."""

from typing_extensions import TypedDict

from .model import (
    DecisionRule,
    ElectionRule,
    Lang,
    Matter,
    MotionRule,
    RatingRule,
    RuleProfile,
    VotingForm,
    Words,
)
from .offers import AnswerEntry, answer_entries
from .phrases import decision_sentence, election_sentence, motion_sentence, rating_sentence


class KindEntry(TypedDict):
    """A kind of vote."""

    matter: str
    motion: str | None
    """The key of an association's motion; null for all else."""
    method: str
    """approval, choice, election or rating."""
    name: str
    sentence: str
    article: str
    form: str
    """open or secret where the law says how; chosen where the body may choose."""
    answers: list[AnswerEntry]
    """What an approval may be answered with, as a ballot names it; empty for the other methods."""


def kinds_of_vote(profile: RuleProfile, lang: Lang) -> list[KindEntry]:
    """Decisions in the profile's order, then elections, ratings and the motions that are voted on."""
    kinds = [_decision(profile, rule, lang) for rule in profile.decisions.values()]
    if profile.elections:
        kinds.append(_election(profile, profile.elections, lang))
    if profile.ratings:
        kinds.append(_rating(profile, profile.ratings, lang))
    return kinds + [_motion(profile, rule, lang) for rule in profile.motions if rule.threshold]


def _decision(profile: RuleProfile, rule: DecisionRule, lang: Lang) -> KindEntry:
    return {
        "matter": rule.matter.value,
        "motion": None,
        "method": "choice" if rule.matter is Matter.CHOICE else "approval",
        "name": rule.name.of(lang),
        "sentence": decision_sentence(profile, rule).of(lang),
        "article": rule.citation.label().of(lang),
        "form": profile.form_of(rule.matter).value,
        "answers": [] if rule.matter is Matter.CHOICE else answer_entries(profile.answers_to(rule.matter), lang),
    }


def _election(profile: RuleProfile, rule: ElectionRule, lang: Lang) -> KindEntry:
    return {
        "matter": Matter.RESOLUTION.value,
        "motion": None,
        "method": "election",
        "name": Words("Bầu cử", "Election").of(lang),
        "sentence": election_sentence(profile, rule).of(lang),
        "article": rule.citation.label().of(lang),
        "form": _form(is_secret=rule.is_secret),
        "answers": [],
    }


def _rating(profile: RuleProfile, rule: RatingRule, lang: Lang) -> KindEntry:
    return {
        "matter": Matter.CONFIDENCE.value,
        "motion": None,
        "method": "rating",
        "name": Words("Lấy phiếu tín nhiệm", "Confidence rating").of(lang),
        "sentence": rating_sentence(profile, rule).of(lang),
        "article": rule.citation.label().of(lang),
        "form": _form(is_secret=rule.is_secret),
        "answers": [],
    }


def _motion(profile: RuleProfile, rule: MotionRule, lang: Lang) -> KindEntry:
    return {
        "matter": "motion",
        "motion": rule.key,
        "method": "approval",
        "name": rule.name.of(lang),
        "sentence": motion_sentence(profile, rule).of(lang),
        "article": rule.citation.label().of(lang),
        "form": VotingForm.CHOSEN.value,
        "answers": answer_entries(profile.answers.session, lang),
    }


def _form(*, is_secret: bool) -> str:
    return (VotingForm.SECRET if is_secret else VotingForm.CHOSEN).value
