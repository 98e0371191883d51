"""Reading a rule profile from the tables of its TOML file, and refusing one that is incomplete or contradicts itself.

Strict on purpose: a key nobody knows is a rule nobody applies. Pure; `profiles` opens the files.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from typing import Any, TypeVar

from ecabinet.kernel.errors import Invalid
from ecabinet.kernel.ids import ProfileId

from .model import (
    Answer,
    AnswerRule,
    Base,
    Citation,
    Comparison,
    DayUnit,
    DecisionRule,
    Electorate,
    ElectorateRule,
    LeadSubject,
    LeadTime,
    Matter,
    Meaning,
    MeetingKind,
    QuorumRule,
    RecusalEffect,
    RecusalRule,
    RuleProfile,
    Secrecy,
    SecrecyRule,
    StandInRule,
    Threshold,
    TieBreaker,
    TieMethod,
    TieRule,
    TieScope,
    Words,
)

HALF = Fraction(1, 2)
_Choice = TypeVar("_Choice", bound=StrEnum)


class ProfileInvalid(Invalid):
    """A profile that cannot be used. Detail: path (where in the file), reason."""

    code = "profile_invalid"


def parse_profile(mapping: Mapping[str, Any]) -> RuleProfile:
    """The profile a TOML file's tables describe.

    Fractions are strings ("2/3"), dates TOML dates. Every rule names a source of the file's ``sources`` table, the
    article, and what it says.

    Raises ProfileInvalid for the first thing that is missing, unknown, mistyped or contradictory.
    """
    top = _Table("", mapping, {})
    top.refuse_floats()
    top.only(
        "id", "version", "effective", "until", "name", "binding", "binding_note", "sources", "electorate",
        "quorum", "decisions", "answers", "stand_in", "recusal", "secrecy", "lead_times",
    )  # fmt: skip
    rules = _Table("", mapping, _sources(top.table("sources")))
    profile = RuleProfile(
        id=ProfileId(rules.text("id")),
        version=rules.text("version"),
        effective=rules.day("effective"),
        until=rules.day("until") if rules.has("until") else None,
        name=rules.words("name"),
        binding=rules.truth("binding"),
        binding_note=rules.words("binding_note") if rules.has("binding_note") else None,
        electorate=_electorate(rules.table("electorate")),
        quorum=_quorum(rules.table("quorum")),
        decisions=_decisions(rules.table("decisions")),
        answers=_answers(rules.table("answers")),
        stand_in=_stand_in(rules.table("stand_in")),
        recusal=_recusal(rules.table("recusal")),
        secrecy=_secrecy(rules.table("secrecy")),
        lead_times=_lead_times(rules),
    )
    _refuse_contradictions(profile)
    return profile


@dataclass(frozen=True, slots=True)
class _Source:
    title: Words
    passed: date


@dataclass(frozen=True, slots=True)
class _Table:
    """One table of the file, and where it stands in it."""

    path: str
    content: Mapping[str, Any]
    sources: Mapping[str, _Source]

    def at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def has(self, key: str) -> bool:
        return key in self.content

    def only(self, *known: str) -> None:
        for key in self.content:
            if key not in known:
                raise ProfileInvalid(path=self.at(key), reason="unknown_key")

    def refuse_floats(self) -> None:
        for path, value in _leaves(self.path, self.content):
            if isinstance(value, float):
                raise ProfileInvalid(path=path, reason="float", hint='write fractions as strings: "2/3"')

    def take(self, key: str, kind: type) -> Any:
        if key not in self.content:
            missing = "citation_missing" if key == "citation" else "missing"
            raise ProfileInvalid(path=self.at(key), reason=missing)
        value = self.content[key]
        # A TOML boolean is an int in Python, a TOML date-time a date: neither is meant.
        if type(value) is not kind:
            raise ProfileInvalid(path=self.at(key), reason="wrong_type", expected=kind.__name__)
        return value

    def text(self, key: str) -> str:
        value: str = self.take(key, str)
        if not value.strip():
            raise ProfileInvalid(path=self.at(key), reason="empty")
        return value

    def truth(self, key: str) -> bool:
        value: bool = self.take(key, bool)
        return value

    def whole(self, key: str, least: int) -> int:
        value: int = self.take(key, int)
        if value < least:
            raise ProfileInvalid(path=self.at(key), reason="too_small", least=least)
        return value

    def day(self, key: str) -> date:
        value: date = self.take(key, date)
        assert not isinstance(value, datetime), "take() compares exact types"
        return value

    def table(self, key: str) -> "_Table":
        return _Table(self.at(key), self.take(key, dict), self.sources)

    def tables(self, key: str) -> "list[_Table]":
        listed: list[Any] = self.take(key, list)
        for number, each in enumerate(listed):
            if not isinstance(each, dict):
                raise ProfileInvalid(path=f"{self.at(key)}[{number}]", reason="wrong_type", expected="dict")
        return [_Table(f"{self.at(key)}[{number}]", each, self.sources) for number, each in enumerate(listed)]

    def words(self, key: str) -> Words:
        both = self.table(key)
        both.only("vi", "en")
        return Words(both.text("vi"), both.text("en"))

    def one_of(self, key: str, choices: type[_Choice]) -> _Choice:
        try:
            return choices(self.text(key))
        except ValueError:
            allowed = [choice.value for choice in choices]
            raise ProfileInvalid(path=self.at(key), reason="unknown_word", allowed=allowed) from None

    def threshold(self) -> Threshold:
        written = self.text("fraction")
        above, slash, below = written.partition("/")
        if not (slash and above.isdecimal() and below.isdecimal() and int(below)):
            raise ProfileInvalid(path=self.at("fraction"), reason="not_a_fraction", hint='"2/3"')
        threshold = Threshold(self.one_of("comparison", Comparison), Fraction(int(above), int(below)))
        if not 0 < threshold.fraction <= 1:
            raise ProfileInvalid(path=self.at("fraction"), reason="fraction_out_of_range")
        if threshold.fraction == 1 and threshold.comparison is Comparison.MORE_THAN:
            raise ProfileInvalid(path=self.at("fraction"), reason="more_than_all")
        return threshold

    def citation(self) -> Citation:
        cited = self.table("citation")
        cited.only("source", "article", "text", "note")
        key = cited.text("source")
        if key not in self.sources:
            raise ProfileInvalid(path=cited.at("source"), reason="unknown_source", known=sorted(self.sources))
        source = self.sources[key]
        return Citation(
            article=cited.words("article"),
            text=cited.words("text"),
            source=source.title,
            source_date=source.passed,
            note=cited.words("note") if cited.has("note") else None,
        )


def _leaves(path: str, value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, Mapping):
        return [leaf for key, each in value.items() for leaf in _leaves(f"{path}.{key}" if path else key, each)]
    if isinstance(value, list):
        return [leaf for number, each in enumerate(value) for leaf in _leaves(f"{path}[{number}]", each)]
    return [(path, value)]


def _sources(table: _Table) -> dict[str, _Source]:
    sources = {}
    for key in table.content:
        source = table.table(key)
        source.only("title", "passed")
        sources[key] = _Source(source.words("title"), source.day("passed"))
    return sources


def _electorate(table: _Table) -> ElectorateRule:
    table.only("counts", "member", "citation")
    return ElectorateRule(table.one_of("counts", Electorate), table.words("member"), table.citation())


def _quorum(table: _Table) -> QuorumRule:
    table.only("fraction", "comparison", "base", "citation")
    base = table.one_of("base", Base)
    if base not in (Base.ALL, Base.REMAINING):
        raise ProfileInvalid(path=table.at("base"), reason="quorum_is_of_members", allowed=["all", "remaining"])
    return QuorumRule(base, table.threshold(), table.citation())


def _decisions(table: _Table) -> dict[Matter, DecisionRule]:
    known = [matter.value for matter in Matter]
    decisions = {}
    for key in table.content:
        if key not in known:
            raise ProfileInvalid(path=table.at(key), reason="unknown_word", allowed=known)
        decisions[Matter(key)] = _decision(table.table(key), Matter(key))
    if Matter.RESOLUTION not in decisions:
        raise ProfileInvalid(path=table.at(Matter.RESOLUTION), reason="missing")
    return decisions


def _decision(table: _Table, matter: Matter) -> DecisionRule:
    table.only("name", "base", "fraction", "comparison", "tie", "citation")
    rule = DecisionRule(
        matter=matter,
        name=table.words("name"),
        base=table.one_of("base", Base),
        threshold=table.threshold(),
        tie=_tie(table.table("tie")),
        citation=table.citation(),
    )
    _refuse_contradictory_decision(rule, table)
    return rule


def _tie(table: _Table) -> TieRule:
    table.only("method", "breaker", "who", "scope", "citation")
    method = table.one_of("method", TieMethod)
    if method is TieMethod.NOT_PASSED:
        for key in ("breaker", "who", "scope"):
            if table.has(key):
                raise ProfileInvalid(path=table.at(key), reason="contradiction", why="nobody settles this tie")
        return TieRule(method, TieBreaker.HEAD, None, TieScope.LITERAL, table.citation())
    return TieRule(
        method=method,
        breaker=table.one_of("breaker", TieBreaker),
        who=table.words("who"),
        scope=table.one_of("scope", TieScope),
        citation=table.citation(),
    )


def _answers(table: _Table) -> AnswerRule:
    table.only("session", "slip", "citation")
    session, slip = _offered(table, "session"), _offered(table, "slip")
    return AnswerRule(session, slip, table.citation())


def _offered(table: _Table, key: str) -> tuple[Answer, ...]:
    offered = []
    for each in table.tables(key):
        each.only("meaning", "vi", "en")
        offered.append(Answer(each.one_of("meaning", Meaning), Words(each.text("vi"), each.text("en"))))
    meanings = [answer.meaning for answer in offered]
    if len(set(meanings)) != len(meanings) or Meaning.ALTERNATIVE in meanings:
        raise ProfileInvalid(path=table.at(key), reason="contradiction", why="each answer means one thing")
    if not {Meaning.FOR, Meaning.AGAINST} <= set(meanings):
        raise ProfileInvalid(path=table.at(key), reason="for_and_against_needed")
    return tuple(offered)


def _stand_in(table: _Table) -> StandInRule:
    table.only("attends", "speaks", "votes", "citation")
    rule = StandInRule(table.truth("attends"), table.truth("speaks"), table.truth("votes"), table.citation())
    if rule.votes:
        # Proxies are a mandate of their own; a stand-in's ballot would be one nobody on the roll has cast.
        raise ProfileInvalid(path=table.at("votes"), reason="stand_in_never_votes")
    if rule.speaks and not rule.attends:
        raise ProfileInvalid(path=table.at("speaks"), reason="contradiction", why="speaks without attending")
    return rule


def _recusal(table: _Table) -> RecusalRule:
    table.only("effect", "citation")
    return RecusalRule(table.one_of("effect", RecusalEffect), table.citation())


def _secrecy(table: _Table) -> SecrecyRule:
    table.only("default", "secret_from_afar", "citation")
    return SecrecyRule(table.one_of("default", Secrecy), table.truth("secret_from_afar"), table.citation())


def _lead_times(rules: _Table) -> tuple[LeadTime, ...]:
    times = [_lead_time(table) for table in rules.tables("lead_times")]
    named = [(time.kind, time.subject) for time in times]
    if len(set(named)) != len(named):
        raise ProfileInvalid(path="lead_times", reason="contradiction", why="two lead times for the same thing")
    return tuple(times)


def _lead_time(table: _Table) -> LeadTime:
    table.only("kind", "subject", "amount", "unit", "citation")
    return LeadTime(
        kind=table.one_of("kind", MeetingKind),
        subject=table.one_of("subject", LeadSubject),
        amount=table.whole("amount", least=1),
        unit=table.one_of("unit", DayUnit),
        citation=table.citation(),
    )


def _refuse_contradictory_decision(rule: DecisionRule, table: _Table) -> None:
    def contradiction(why: str) -> ProfileInvalid:
        return ProfileInvalid(path=table.path, reason="contradiction", why=why)

    more_than_half = rule.threshold == Threshold(Comparison.MORE_THAN, HALF)
    if rule.tie.method is not TieMethod.NOT_PASSED and not more_than_half:
        raise contradiction("equal votes settle nothing where the threshold is not more than half")
    if rule.matter is Matter.CHOICE:
        if rule.tie.method is not TieMethod.NOT_PASSED:
            raise contradiction("a tie rule knows two sides, a choice has more")
        if rule.threshold.fraction < HALF or rule.threshold == Threshold(Comparison.AT_LEAST, HALF):
            raise contradiction("two alternatives could both be chosen")
    if (rule.base is Base.REMAINING) != (rule.matter is Matter.REDUCED):
        raise contradiction("the members remaining are the base of the reduced body's decisions, and only of those")


def _refuse_contradictions(profile: RuleProfile) -> None:
    if profile.until is not None and profile.until <= profile.effective:
        raise ProfileInvalid(path="until", reason="contradiction", why="ends before it begins")
    if profile.binding == (profile.binding_note is not None):
        why = "a binding vote needs no note, an advisory one has to say why it is"
        raise ProfileInvalid(path="binding_note", reason="contradiction", why=why)
