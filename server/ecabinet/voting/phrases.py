"""Verdicts and what they need, said in both languages. Pure."""

from ecabinet.register.model import Answer, Base, DecisionRule, Lang, Matter, Meaning, RuleProfile, TieMethod, Words

from .verdicts import Arithmetic, Outcome, Side

ADVISORY = Words("kết quả có giá trị tham khảo", "advisory, not binding")


def in_words(profile: RuleProfile, rule: DecisionRule, outcome: Outcome, sums: Arithmetic) -> Words:
    """One sentence with every number of the verdict in it."""
    return Words(
        _sentence(profile, rule, outcome, sums, Lang.VI),
        _sentence(profile, rule, outcome, sums, Lang.EN),
    )


def _sentence(profile: RuleProfile, rule: DecisionRule, outcome: Outcome, sums: Arithmetic, lang: Lang) -> str:
    member = profile.electorate.member
    needs = "cần ≥" if lang is Lang.VI else "needs ≥"
    if outcome is Outcome.NO_QUORUM:
        there = f"{member.vi} có mặt" if lang is Lang.VI else f"{member.en} present"
        base = Base.REMAINING if rule.base is Base.REMAINING else profile.quorum.base
        required = profile.quorum.threshold.in_words(base, member).of(lang)
        return f"{sums.present}/{sums.quorum_base} {there}: {needs} {sums.quorum_needed}, {required}"
    if rule.measures is Meaning.AGAINST:
        needs = "không đạt nếu ≥" if lang is Lang.VI else "lost with ≥"
    required = f"{needs} {sums.needed}, {rule.threshold.in_words(rule.base, member).of(lang)}"
    parts = [f"{_results(profile, rule, sums, lang)}: {required}"]
    if sums.tie_applied:
        parts.append(_tie_in_words(profile, rule, sums, lang))
    if not profile.binding:
        parts.append(ADVISORY.of(lang))
    return "; ".join(parts)


def _results(profile: RuleProfile, rule: DecisionRule, sums: Arithmetic, lang: Lang) -> str:
    if rule.matter is not Matter.CHOICE:
        measured = sums.counts.votes_against if rule.measures is Meaning.AGAINST else sums.counts.votes_for
        return f"{measured}/{sums.base_number} {answer_word(answers_by(profile, rule), rule.measures, lang)}"
    option = "phương án" if lang is Lang.VI else "option"
    votes = (sums.counts.alternatives or {}).values()
    each = [f"{option} {number}: {count}/{sums.base_number}" for number, count in enumerate(votes, start=1)]
    other = "phương án khác" if lang is Lang.VI else "another option"
    return ", ".join([*each, f"{other}: {sums.counts.other}/{sums.base_number}"])


_TIE_VI = {
    TieMethod.CHAIR_SIDE: ("chờ ý kiến biểu quyết của {who}", "theo ý kiến {who} đã biểu quyết: {word}"),
    TieMethod.CASTING_VOTE: ("chờ phiếu quyết định của {who}", "theo phiếu quyết định của {who}: {word}"),
}
_TIE_EN = {
    TieMethod.CHAIR_SIDE: ("waiting for the vote of {who}", "following the vote of {who}: {word}"),
    TieMethod.CASTING_VOTE: ("waiting for the casting vote of {who}", "by the casting vote of {who}: {word}"),
}
"""While the voice that settles the tie is missing, and once it is there."""


def _tie_in_words(profile: RuleProfile, rule: DecisionRule, sums: Arithmetic, lang: Lang) -> str:
    assert rule.tie.who is not None, "a tie rule that applies names who settles it"
    meaning = {Side.FOR: Meaning.FOR, Side.AGAINST: Meaning.AGAINST, Side.ABSTAIN: Meaning.ABSTAIN}.get(sums.chair)
    waiting, settled = (_TIE_VI if lang is Lang.VI else _TIE_EN)[rule.tie.method]
    word = "" if meaning is None else answer_word(answers_by(profile, rule), meaning, lang)
    said = (waiting if meaning is None else settled).format(who=rule.tie.who.of(lang), word=word)
    equal = "số phiếu ngang nhau" if lang is Lang.VI else "votes equal"
    return f"{equal} {sums.counts.votes_for}–{sums.counts.votes_against}, {said}"


def answers_by(profile: RuleProfile, rule: DecisionRule) -> tuple[Answer, ...]:
    """What may be answered where this rule decides: its own words, or the body's usual ones."""
    return profile.answers.session if rule.answers is None else rule.answers


def answer_word(answers: tuple[Answer, ...], meaning: Meaning, lang: Lang) -> str:
    """The body's own word for an answer, in running text."""
    return next((answer.words.of(lang).lower() for answer in answers if answer.meaning is meaning), meaning.value)
