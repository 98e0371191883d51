"""The kinds of vote a body knows, for whoever puts a question: what each needs, said in words. Pure."""

from typing_extensions import TypedDict

from .model import (
    DecisionRule,
    ElectionRule,
    Lang,
    Matter,
    Meaning,
    MotionRule,
    RatingRule,
    RuleProfile,
    VotingForm,
    Words,
)


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


def kinds_of_vote(profile: RuleProfile, lang: Lang) -> list[KindEntry]:
    """Decisions in the profile's order, then elections, ratings and the motions that are voted on."""
    kinds = [_decision(profile, rule, lang) for rule in profile.decisions.values()]
    if profile.elections:
        kinds.append(_election(profile, profile.elections, lang))
    if profile.ratings:
        kinds.append(_rating(profile.ratings, lang))
    return kinds + [_motion(profile, rule, lang) for rule in profile.motions if rule.threshold]


def _decision(profile: RuleProfile, rule: DecisionRule, lang: Lang) -> KindEntry:
    return {
        "matter": rule.matter.value,
        "motion": None,
        "method": "choice" if rule.matter is Matter.CHOICE else "approval",
        "name": rule.name.of(lang),
        "sentence": _needs(rule.threshold.in_words(rule.base, profile.electorate.member), rule.measures).of(lang),
        "article": rule.citation.label().of(lang),
        "form": profile.form_of(rule.matter).value,
    }


def _election(profile: RuleProfile, rule: ElectionRule, lang: Lang) -> KindEntry:
    needs = Words("Người được nhiều phiếu hơn trúng cử.", "Whoever has more votes is elected.")
    if rule.floor:
        share = rule.floor.in_words(rule.base, profile.electorate.member)
        needs = Words(f"Trúng cử khi được {share.vi} bầu.", f"Elected with the votes of {share.en}.")
    return {
        "matter": Matter.RESOLUTION.value,
        "motion": None,
        "method": "election",
        "name": Words("Bầu cử", "Election").of(lang),
        "sentence": needs.of(lang),
        "article": rule.citation.label().of(lang),
        "form": _form(is_secret=rule.is_secret),
    }


def _rating(rule: RatingRule, lang: Lang) -> KindEntry:
    levels = Words(
        f"Mỗi người được đánh giá: {rule.high.vi.lower()}, {rule.medium.vi.lower()} hoặc {rule.low.vi.lower()}.",
        f"Each person is rated {rule.high.en.lower()}, {rule.medium.en.lower()} or {rule.low.en.lower()}.",
    )
    return {
        "matter": Matter.CONFIDENCE.value,
        "motion": None,
        "method": "rating",
        "name": Words("Lấy phiếu tín nhiệm", "Confidence rating").of(lang),
        "sentence": levels.of(lang),
        "article": rule.citation.label().of(lang),
        "form": _form(is_secret=rule.is_secret),
    }


def _motion(profile: RuleProfile, rule: MotionRule, lang: Lang) -> KindEntry:
    assert rule.threshold is not None, "only motions that are voted on are kinds of vote"
    return {
        "matter": "motion",
        "motion": rule.key,
        "method": "approval",
        "name": rule.name.of(lang),
        "sentence": _needs(rule.threshold.in_words(rule.base, profile.electorate.member), rule.measures).of(lang),
        "article": rule.citation.label().of(lang),
        "form": VotingForm.CHOSEN.value,
    }


def _needs(share: Words, measures: Meaning) -> Words:
    if measures is Meaning.AGAINST:
        return Words(f"Không thông qua khi {share.vi} không tán thành.", f"Lost with {share.en} against.")
    return Words(f"Cần {share.vi} tán thành.", f"Needs the votes of {share.en}.")


def _form(*, is_secret: bool) -> str:
    return (VotingForm.SECRET if is_secret else VotingForm.OPEN).value
