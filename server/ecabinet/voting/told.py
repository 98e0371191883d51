"""Verdicts, elections and ratings as a terminal is told them, and whoever checks them with a program. Pure."""

from collections.abc import Sequence
from typing import Any

from typing_extensions import TypedDict

from ecabinet.kernel.events import plain
from ecabinet.register.model import Lang, RuleProfile, Words

from .elections import FOLLOWS
from .verdicts import ElectionOutcome, ElectionVerdict, Outcome, RatingVerdict, Verdict


class JudgedEntry(TypedDict):
    """A verdict on bare numbers, with everything needed to compute it again."""

    profile: str
    version: str
    outcome: str
    option: str | None
    is_binding: bool
    sentence: dict[str, str]
    article: dict[str, str]
    arithmetic: dict[str, object]


def judged_entry(profile: RuleProfile, verdict: Verdict) -> JudgedEntry:
    """For whoever checks a verdict with a program of their own."""
    return {
        "profile": profile.id,
        "version": profile.version,
        "outcome": verdict.outcome.value,
        "option": verdict.chosen,
        "is_binding": verdict.binding,
        "sentence": plain(verdict.words),
        "article": plain(verdict.article),
        "arithmetic": plain(verdict.arithmetic),
    }


_OUTCOMES = {
    Outcome.PASSED: Words("được thông qua", "passed"),
    Outcome.NOT_PASSED: Words("không được thông qua", "not passed"),
    Outcome.NO_QUORUM: Words("không đủ số lượng để biểu quyết", "no quorum"),
    Outcome.UNDECIDED: Words("chưa quyết định, chờ ý kiến người quyết định khi ngang nhau", "undecided"),
    Outcome.NO_MAJORITY: Words("không phương án nào đủ đa số", "no majority for any alternative"),
}


def verdict_text(verdict: Verdict, lang: Lang) -> str:
    """For a terminal: the outcome's code with its words, the alternative chosen, the arithmetic, the article."""
    chosen = f" ({verdict.chosen})" if verdict.chosen else ""
    lines = [
        f"{verdict.outcome.value}: {_OUTCOMES[verdict.outcome].of(lang)}{chosen}",
        verdict.words.of(lang),
        verdict.article.of(lang),
    ]
    return "\n".join(lines)


# --- papers ---

_ELECTED = {
    ElectionOutcome.FILLED: Words("bầu đủ số lượng", "all seats filled"),
    ElectionOutcome.RUN_OFF: Words("còn thiếu, phải bầu tiếp", "seats left, another round"),
    ElectionOutcome.SHORT: Words("còn thiếu, không còn người để bầu", "seats left and nobody to stand"),
}


def election_text(verdict: ElectionVerdict, lang: Lang) -> str:
    """The outcome, each candidate's votes with the share of all members, the arithmetic, the article."""
    lines = [f"{verdict.outcome.value}: {_ELECTED[verdict.outcome].of(lang)}"]
    lines += [f"{each.candidate}\t{each.votes}\t{each.share} %" for each in verdict.standings]
    return "\n".join([*lines, verdict.words.of(lang), verdict.article.of(lang)])


def ratings_text(verdicts: Sequence[RatingVerdict], lang: Lang) -> str:
    """Name by name the outcome and the arithmetic; the article once, at the end."""
    lines = []
    for each in verdicts:
        lines += [f"{each.name}\t{each.outcome.value}: {FOLLOWS[each.outcome].of(lang)}", each.words.of(lang)]
    return "\n".join([*lines, verdicts[0].article.of(lang)])


def told_entry(profile: RuleProfile, told: ElectionVerdict | Sequence[RatingVerdict]) -> dict[str, Any]:
    """Everything there is, with the rules it was decided by."""
    rules = {"profile": profile.id, "version": profile.version}
    if isinstance(told, ElectionVerdict):
        return {**rules, **plain(told)}
    return {**rules, "ratings": [plain(each) for each in told]}
