"""Reading a rule profile from the tables of its TOML file, and refusing one that is incomplete or contradicts itself.

Strict on purpose: a key nobody knows is a rule nobody applies. Pure; `profiles` opens the files.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from ecabinet.kernel.ids import ProfileId

from .model import (
    Answer,
    AnswerRule,
    Base,
    Comparison,
    DayUnit,
    DecisionRule,
    Electorate,
    ElectorateRule,
    FormRule,
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
    VotingForm,
    Words,
)
from .reading_procedures import elections, motions, proxies, ratings, recording, reduced, slips, tellers
from .tables import ProfileInvalid, Table, sources_of

__all__ = ["ProfileInvalid", "parse_profile"]

HALF = Fraction(1, 2)


def parse_profile(mapping: Mapping[str, Any]) -> RuleProfile:
    """The profile a TOML file's tables describe.

    Fractions are strings ("2/3"), dates TOML dates. Every rule names a source of the file's ``sources`` table, the
    article, and what it says.

    Raises ProfileInvalid for the first thing that is missing, unknown, mistyped or contradictory.
    """
    top = Table("", mapping, {})
    top.refuse_floats()
    top.only(
        "id", "version", "effective", "until", "name", "binding", "binding_note", "sources", "electorate",
        "quorum", "decisions", "answers", "stand_in", "recusal", "secrecy", "lead_times", "public_body", "reduced",
        "elections", "ratings", "tellers", "slips", "proxies", "motions",
        "recording",
    )  # fmt: skip
    rules = Table("", mapping, sources_of(top.table("sources")))
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
        public_body=rules.truth("public_body"),
        reduced=reduced(rules),
        elections=elections(rules),
        ratings=ratings(rules),
        tellers=tellers(rules),
        slips=slips(rules),
        proxies=proxies(rules),
        recording=recording(rules),
        motions=motions(rules),
    )
    _refuse_contradictions(profile)
    return profile


def _electorate(table: Table) -> ElectorateRule:
    table.only("counts", "member", "citation")
    return ElectorateRule(table.one_of("counts", Electorate), table.words("member"), table.citation())


def _quorum(table: Table) -> QuorumRule:
    table.only("fraction", "comparison", "base", "citation")
    base = table.one_of("base", Base)
    if base not in (Base.ALL, Base.REMAINING):
        raise ProfileInvalid(path=table.at("base"), reason="quorum_is_of_members", allowed=["all", "remaining"])
    return QuorumRule(base, table.threshold(), table.citation())


def _decisions(table: Table) -> dict[Matter, DecisionRule]:
    known = [matter.value for matter in Matter]
    decisions = {}
    for key in table.content:
        if key not in known:
            raise ProfileInvalid(path=table.at(key), reason="unknown_word", allowed=known)
        decisions[Matter(key)] = _decision(table.table(key), Matter(key))
    if Matter.RESOLUTION not in decisions:
        raise ProfileInvalid(path=table.at(Matter.RESOLUTION), reason="missing")
    return decisions


def _decision(table: Table, matter: Matter) -> DecisionRule:
    table.only("name", "base", "fraction", "comparison", "measures", "answers", "form", "tie", "citation")
    rule = DecisionRule(
        matter=matter,
        name=table.words("name"),
        base=table.one_of("base", Base),
        threshold=table.threshold(),
        tie=_tie(table.table("tie")),
        citation=table.citation(),
        measures=table.one_of("measures", Meaning) if table.has("measures") else Meaning.FOR,
        answers=_offered(table, "answers") if table.has("answers") else None,
        form=_form(table.table("form")) if table.has("form") else None,
    )
    _refuse_contradictory_decision(rule, table)
    return rule


def _form(table: Table) -> FormRule:
    table.only("form", "citation")
    return FormRule(table.one_of("form", VotingForm), table.citation())


def _tie(table: Table) -> TieRule:
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


def _answers(table: Table) -> AnswerRule:
    table.only("session", "slip", "citation")
    slip = _offered(table, "slip") if table.has("slip") else ()
    return AnswerRule(_offered(table, "session"), slip, table.citation())


def _offered(table: Table, key: str) -> tuple[Answer, ...]:
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


def _stand_in(table: Table) -> StandInRule:
    table.only("attends", "speaks", "votes", "citation")
    rule = StandInRule(table.truth("attends"), table.truth("speaks"), table.truth("votes"), table.citation())
    if rule.votes:
        # Proxies are a mandate of their own; a stand-in's ballot would be one nobody on the roll has cast.
        raise ProfileInvalid(path=table.at("votes"), reason="stand_in_never_votes")
    if rule.speaks and not rule.attends:
        raise ProfileInvalid(path=table.at("speaks"), reason="contradiction", why="speaks without attending")
    return rule


def _recusal(table: Table) -> RecusalRule:
    table.only("effect", "citation")
    return RecusalRule(table.one_of("effect", RecusalEffect), table.citation())


def _secrecy(table: Table) -> SecrecyRule:
    table.only("default", "secret_from_afar", "citation")
    return SecrecyRule(table.one_of("default", Secrecy), table.truth("secret_from_afar"), table.citation())


def _lead_times(rules: Table) -> tuple[LeadTime, ...]:
    times = [_lead_time(table) for table in rules.tables("lead_times")]
    named = [(time.kind, time.subject) for time in times]
    if len(set(named)) != len(named):
        raise ProfileInvalid(path="lead_times", reason="contradiction", why="two lead times for the same thing")
    return tuple(times)


def _lead_time(table: Table) -> LeadTime:
    table.only("kind", "subject", "amount", "unit", "citation")
    return LeadTime(
        kind=table.one_of("kind", MeetingKind),
        subject=table.one_of("subject", LeadSubject),
        amount=table.whole("amount", least=1),
        unit=table.one_of("unit", DayUnit),
        citation=table.citation(),
    )


def _refuse_contradictory_decision(rule: DecisionRule, table: Table) -> None:
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
    if rule.base is Base.BALLOTS and (rule.form is None or rule.form.form is not VotingForm.SECRET):
        raise contradiction("papers are returned in a secret ballot only")
    if rule.measures not in (Meaning.FOR, Meaning.AGAINST):
        raise contradiction("a threshold counts those for, or those against")
    if rule.measures is Meaning.AGAINST and (
        rule.tie.method is not TieMethod.NOT_PASSED or rule.matter is Matter.CHOICE
    ):
        raise contradiction("what is lost by those against knows two sides and no tie")


def _refuse_contradictions(profile: RuleProfile) -> None:
    if profile.until is not None and profile.until <= profile.effective:
        raise ProfileInvalid(path="until", reason="contradiction", why="ends before it begins")
    if profile.binding == (profile.binding_note is not None):
        why = "a binding vote needs no note, an advisory one has to say why it is"
        raise ProfileInvalid(path="binding_note", reason="contradiction", why=why)
    if (Matter.REDUCED in profile.decisions) != (profile.reduced is not None):
        why = "a rule for the reduced body, and when the body is one, go together"
        raise ProfileInvalid(path="reduced", reason="contradiction", why=why)
    if bool(profile.answers.slip) != (profile.slips is not None):
        why = "answers on a slip and a rule for slips go together"
        raise ProfileInvalid(path="slips", reason="contradiction", why=why)
    _refuse_uncounted_papers(profile)
    if profile.public_body:
        _refuse_what_public_bodies_do_not_know(profile)


def _refuse_uncounted_papers(profile: RuleProfile) -> None:
    on_paper = [rule.is_secret for rule in (profile.elections, profile.ratings) if rule is not None]
    if (profile.secret_matters or any(on_paper)) and profile.tellers is None:
        raise ProfileInvalid(path="tellers", reason="contradiction", why="somebody has to count secret ballots")


def _refuse_what_public_bodies_do_not_know(profile: RuleProfile) -> None:
    if profile.proxies is not None:
        why = "a public body's vote is never transferred"
        raise ProfileInvalid(path="proxies", reason="contradiction", why=why)
    if profile.motions:
        why = "in a public body the chair proposes and the body votes: there is no ladder of motions"
        raise ProfileInvalid(path="motions", reason="contradiction", why=why)
