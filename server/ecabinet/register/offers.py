"""What a body's procedures offer a screen: answers, elections, ratings, tellers, slips, proxies, motions. Pure."""

from collections.abc import Iterable

from typing_extensions import TypedDict

from .model import (
    Answer,
    Citation,
    ElectionRule,
    Lang,
    MotionRule,
    ProxyRule,
    RatingRule,
    RuleProfile,
    SlipRule,
    TellersRule,
    Words,
)
from .phrases import (
    election_sentence,
    motion_sentence,
    proxies_sentence,
    rating_sentence,
    silence_sentence,
    slips_sentence,
    tellers_sentence,
)


class AnswerEntry(TypedDict):
    """A word to answer with, or a level to rate by."""

    id: str
    label: str


class RuleEntry(TypedDict):
    """What is said of every rule."""

    sentence: str
    article: str


class ElectionsEntry(RuleEntry):
    """How posts are filled."""

    more_candidates: bool
    is_secret: bool
    tie: str
    run_off: str


class RatingsEntry(RuleEntry):
    """Confidence in three levels, the highest first: high, mid, low."""

    levels: list[AnswerEntry]
    is_secret: bool


class TellersEntry(RuleEntry):
    """Who counts papers."""

    least: int
    elected_openly: bool
    candidates_barred: bool


class SlipsEntry(RuleEntry):
    """Opinions in writing."""

    asks: str
    silence: str
    silence_sentence: str
    answers: list[AnswerEntry]


class ProxiesEntry(RuleEntry):
    """Who may vote for the absent."""

    most: int
    counts_in_quorum: bool


class MotionEntry(RuleEntry):
    """A motion and its place on the ladder."""

    id: str
    name: str
    kind: str
    rank: int | None
    is_debatable: bool
    is_voted_on: bool


class OffersEntry(TypedDict):
    """Everything a body's procedures offer; null where it knows no such thing."""

    answers: list[AnswerEntry]
    elections: ElectionsEntry | None
    ratings: RatingsEntry | None
    tellers: TellersEntry | None
    slips: SlipsEntry | None
    proxies: ProxiesEntry | None
    motions: list[MotionEntry]


def offers(profile: RuleProfile, lang: Lang) -> OffersEntry:
    """In the language asked for."""
    return {
        "answers": answer_entries(profile.answers.session, lang),
        "elections": _elections(profile, profile.elections, lang) if profile.elections else None,
        "ratings": _ratings(profile, profile.ratings, lang) if profile.ratings else None,
        "tellers": _tellers(profile.tellers, lang) if profile.tellers else None,
        "slips": _slips(profile, profile.slips, lang) if profile.slips else None,
        "proxies": _proxies(profile.proxies, lang) if profile.proxies else None,
        "motions": [_motion(profile, rule, lang) for rule in profile.motions],
    }


def answer_entries(answers: Iterable[Answer], lang: Lang) -> list[AnswerEntry]:
    """Answer words under the names ballots use."""
    return [{"id": answer.meaning.value, "label": answer.words.of(lang)} for answer in answers]


def _said(sentence: Words, citation: Citation, lang: Lang) -> RuleEntry:
    return {"sentence": sentence.of(lang), "article": citation.label().of(lang)}


def _elections(profile: RuleProfile, rule: ElectionRule, lang: Lang) -> ElectionsEntry:
    return {
        **_said(election_sentence(profile, rule), rule.citation, lang),
        "more_candidates": rule.more_candidates,
        "is_secret": rule.is_secret,
        "tie": rule.tie.of(lang),
        "run_off": rule.run_off.of(lang),
    }


def _ratings(profile: RuleProfile, rule: RatingRule, lang: Lang) -> RatingsEntry:
    levels = (("high", rule.high), ("mid", rule.medium), ("low", rule.low))
    return {
        **_said(rating_sentence(profile, rule), rule.citation, lang),
        "levels": [{"id": key, "label": words.of(lang)} for key, words in levels],
        "is_secret": rule.is_secret,
    }


def _tellers(rule: TellersRule, lang: Lang) -> TellersEntry:
    return {
        **_said(tellers_sentence(rule), rule.citation, lang),
        "least": rule.least,
        "elected_openly": rule.elected_openly,
        "candidates_barred": rule.candidates_barred,
    }


def _slips(profile: RuleProfile, rule: SlipRule, lang: Lang) -> SlipsEntry:
    return {
        **_said(slips_sentence(rule), rule.citation, lang),
        "asks": rule.asks.of(lang),
        "silence": rule.silence.value,
        "silence_sentence": silence_sentence(rule).of(lang),
        "answers": answer_entries(profile.answers.slip, lang),
    }


def _proxies(rule: ProxyRule, lang: Lang) -> ProxiesEntry:
    return {
        **_said(proxies_sentence(rule), rule.citation, lang),
        "most": rule.most,
        "counts_in_quorum": rule.counts_in_quorum,
    }


def _motion(profile: RuleProfile, rule: MotionRule, lang: Lang) -> MotionEntry:
    return {
        **_said(motion_sentence(profile, rule), rule.citation, lang),
        "id": rule.key,
        "name": rule.name.of(lang),
        "kind": rule.kind.value,
        "rank": rule.rank,
        "is_debatable": rule.is_debatable,
        "is_voted_on": rule.threshold is not None,
    }
