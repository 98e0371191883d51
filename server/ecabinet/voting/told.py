"""Elections and ratings as a terminal is told them, and as whoever checks them with a program of their own. Pure."""

from collections.abc import Sequence
from typing import Any

from ecabinet.kernel.events import plain
from ecabinet.register.model import Lang, RuleProfile, Words

from .verdicts import ElectionOutcome, ElectionVerdict, RatingOutcome, RatingVerdict

_ELECTED = {
    ElectionOutcome.FILLED: Words("bầu đủ số lượng", "all seats filled"),
    ElectionOutcome.RUN_OFF: Words("còn thiếu, phải bầu tiếp", "seats left, another round"),
    ElectionOutcome.SHORT: Words("còn thiếu, không còn người để bầu", "seats left and nobody to stand"),
}
_RATED = {
    RatingOutcome.NONE: Words("không phát sinh hệ quả", "nothing follows"),
    RatingOutcome.MAY_RESIGN: Words("có thể xin từ chức", "may resign"),
    RatingOutcome.RELIEVE: Words("trình để miễn nhiệm", "proposed to be relieved"),
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
        lines += [f"{each.name}\t{each.outcome.value}: {_RATED[each.outcome].of(lang)}", each.words.of(lang)]
    return "\n".join([*lines, verdicts[0].article.of(lang)])


def told_entry(profile: RuleProfile, told: ElectionVerdict | Sequence[RatingVerdict]) -> dict[str, Any]:
    """Everything there is, with the rules it was decided by."""
    rules = {"profile": profile.id, "version": profile.version}
    if isinstance(told, ElectionVerdict):
        return {**rules, **plain(told)}
    return {**rules, "ratings": [plain(each) for each in told]}
