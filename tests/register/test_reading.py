"""Profiles that come with the product, and profiles that are refused with the reason."""

import tomllib
from collections.abc import Callable
from datetime import date
from importlib import resources
from typing import Any

import pytest

from ecabinet.register import profiles
from ecabinet.register.model import Lang, Matter, Silence, TieBreaker, TieMethod, TieScope, VotingForm
from ecabinet.register.phrases import profile_in_words
from ecabinet.register.reading import ProfileInvalid, parse_profile
from ecabinet.register.rules import profile_at

IDS = ["chinh-phu", "hdnd-tinh", "hdnd-xa", "hoi", "hop-hanh-chinh", "lanh-dao-bo", "ubnd-tinh", "ubnd-xa"]
ADVISORY = {"lanh-dao-bo", "hop-hanh-chinh"}


def read(name: str = "chinh-phu") -> dict[str, Any]:
    """A profile's tables, fresh, to be spoiled."""
    file = resources.files(profiles) / f"{name}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def test_eight_bodies_come_with_the_product() -> None:
    assert sorted({profile.id for profile in profiles.shipped()}) == IDS


def test_a_version_ends_on_the_day_the_next_begins() -> None:
    """What an association decided before its charter knew proxies stays decided by the charter of then."""
    before, now = [profile for profile in profiles.shipped() if profile.id == "hoi"]
    assert before.until == now.effective
    assert profile_at(profiles.shipped(), before.id, date(2026, 10, 31)) == before
    assert profile_at(profiles.shipped(), before.id, date(2026, 11, 1)) == now
    assert (before.proxies, before.motions) == (None, ())


@pytest.mark.parametrize("name", IDS)
def test_every_rule_of_a_profile_says_what_it_rests_on(name: str) -> None:
    profile = parse_profile(read(name))
    for lang in Lang:
        for paragraph in profile_in_words(profile, lang):
            assert paragraph.heading
            assert paragraph.sentence
            assert paragraph.article
    assert profile.binding == (name not in ADVISORY)


def test_only_councils_know_removal_and_the_reduced_body() -> None:
    known: dict[str, set[Matter]] = {profile.id: set(profile.decisions) for profile in profiles.shipped()}
    for matter in (Matter.REMOVAL, Matter.REDUCED):
        assert {name for name, matters in known.items() if matter in matters} == {"hdnd-tinh", "hdnd-xa"}


def test_a_tie_is_settled_by_the_head_only_where_the_law_says_so() -> None:
    ties = {profile.id: profile.decisions[Matter.RESOLUTION].tie for profile in profiles.shipped()}
    by_the_head = {name for name, tie in ties.items() if tie.breaker is TieBreaker.HEAD and tie.who is not None}
    assert by_the_head == {"chinh-phu", "lanh-dao-bo", "ubnd-tinh", "ubnd-xa"}
    assert {name for name, tie in ties.items() if tie.method is TieMethod.CASTING_VOTE} == {"hoi"}
    council = parse_profile(read("hdnd-tinh"))
    assert {rule.tie.method for rule in council.decisions.values()} == {TieMethod.NOT_PASSED}


@pytest.mark.parametrize("name", ["ubnd-xa", "hdnd-xa"])
def test_a_communes_rules_are_those_of_the_province_and_say_what_is_unchecked(name: str) -> None:
    """The articles at hand speak of every level; nothing of the commune's is invented, each note says to check."""
    commune, province = parse_profile(read(name)), parse_profile(read(name.replace("-xa", "-tinh")))
    for matter, rule in province.decisions.items():
        of_the_commune = commune.decisions[matter]
        assert (of_the_commune.base, of_the_commune.threshold) == (rule.base, rule.threshold)
        assert of_the_commune.tie.method is rule.tie.method
    assert (commune.quorum.threshold, commune.answers.session) == (
        province.quorum.threshold,
        province.answers.session,
    )
    note = commune.decisions[Matter.RESOLUTION].citation.note
    assert note is not None
    assert "cấp xã" in note.vi


@pytest.mark.parametrize("name", ["hop-hanh-chinh", "hoi"])
def test_what_no_text_at_hand_says_is_marked_as_our_default_or_unchecked(name: str) -> None:
    profile = parse_profile(read(name))
    cited = [
        *(profile.electorate.citation, profile.quorum.citation, profile.answers.citation, profile.stand_in.citation),
        *(profile.recusal.citation, profile.secrecy.citation),
        *(rule.citation for rule in profile.decisions.values()),
        *(rule.tie.citation for rule in profile.decisions.values()),
        *(time.citation for time in profile.lead_times),
        *(rule.citation for rule in (profile.elections, profile.tellers, profile.slips, profile.proxies) if rule),
        *(motion.citation for motion in profile.motions),
    ]
    assert all(citation.note is not None for citation in cited)


Spoil = Callable[[dict[str, Any]], Any]


def put(path: str, value: Any) -> Spoil:
    """Set one key."""

    def spoil(tables: dict[str, Any]) -> None:
        *way, last = path.split(".")
        for step in way:
            tables = tables[step]
        tables[last] = value

    return spoil


def drop(path: str) -> Spoil:
    """Take one key out."""

    def spoil(tables: dict[str, Any]) -> None:
        *way, last = path.split(".")
        for step in way:
            tables = tables[step]
        del tables[last]

    return spoil


BOTH = {"vi": "x", "en": "x"}
SPOILED: list[tuple[str, Spoil, str, str]] = [
    ("a rule without a citation", drop("quorum.citation"), "quorum.citation", "citation_missing"),
    (
        "a tie without a citation",
        drop("decisions.resolution.tie.citation"),
        "decisions.resolution.tie.citation",
        "citation_missing",
    ),
    (
        "a lead time without a citation",
        lambda tables: tables["lead_times"][0].pop("citation"),
        "lead_times[0].citation",
        "citation_missing",
    ),
    ("a citation without an article", drop("quorum.citation.article"), "quorum.citation.article", "missing"),
    ("a citation in one language", drop("quorum.citation.text.en"), "quorum.citation.text.en", "missing"),
    ("an empty article", put("quorum.citation.article.vi", " "), "quorum.citation.article.vi", "empty"),
    (
        "a source nobody described",
        put("quorum.citation.source", "luat-1946"),
        "quorum.citation.source",
        "unknown_source",
    ),
    ("a source without a date", drop("sources.luat-2015.passed"), "sources.luat-2015.passed", "missing"),
    ("a float", put("quorum.fraction", 0.667), "quorum.fraction", "float"),
    ("a float somewhere nobody looks", put("effective", 2025.1), "effective", "float"),
    ("a fraction that is none", put("quorum.fraction", "2:3"), "quorum.fraction", "not_a_fraction"),
    ("a fraction of nothing", put("quorum.fraction", "2/0"), "quorum.fraction", "not_a_fraction"),
    ("a negative fraction", put("quorum.fraction", "-2/3"), "quorum.fraction", "not_a_fraction"),
    ("more than the whole", put("quorum.fraction", "4/3"), "quorum.fraction", "fraction_out_of_range"),
    ("no share at all", put("quorum.fraction", "0/3"), "quorum.fraction", "fraction_out_of_range"),
    ("a number for a fraction", put("quorum.fraction", 2), "quorum.fraction", "wrong_type"),
    ("an unknown key", put("quorum.fractoin", "2/3"), "quorum.fractoin", "unknown_key"),
    ("an unknown table", put("weights", {}), "weights", "unknown_key"),
    ("an unknown word", put("quorum.base", "some"), "quorum.base", "unknown_word"),
    ("an unknown matter", put("decisions.war", {}), "decisions.war", "unknown_word"),
    ("a quorum of ballots", put("quorum.base", "cast"), "quorum.base", "quorum_is_of_members"),
    ("no rule for resolutions", drop("decisions.resolution"), "decisions.resolution", "missing"),
    (
        "a moment for a date",
        put("effective", tomllib.loads("at = 2025-03-01T00:00:00Z")["at"]),
        "effective",
        "wrong_type",
    ),
    ("a number for a truth", put("binding", 1), "binding", "wrong_type"),
    ("an end before the beginning", put("until", date(2025, 3, 1)), "until", "contradiction"),
    ("advice without a reason", put("binding", False), "binding_note", "contradiction"),
    ("a binding vote that needs an excuse", put("binding_note", BOTH), "binding_note", "contradiction"),
    (
        "a tie rule beside two thirds",
        put("decisions.resolution.fraction", "2/3"),
        "decisions.resolution",
        "contradiction",
    ),
    (
        "a tie rule beside at least half",
        put("decisions.resolution.comparison", "at_least"),
        "decisions.resolution",
        "contradiction",
    ),
    ("a tie settled by nobody", drop("decisions.resolution.tie.who"), "decisions.resolution.tie.who", "missing"),
    (
        "a scope of no tie rule",
        put("decisions.choice.tie.scope", "literal"),
        "decisions.choice.tie.scope",
        "contradiction",
    ),
    ("two alternatives could win", put("decisions.choice.fraction", "1/3"), "decisions.choice", "contradiction"),
    (
        "two alternatives could win with half each",
        put("decisions.choice.comparison", "at_least"),
        "decisions.choice",
        "contradiction",
    ),
    (
        "a resolution of those remaining",
        put("decisions.resolution.base", "remaining"),
        "decisions.resolution",
        "contradiction",
    ),
    ("a stand-in who votes", put("stand_in.votes", True), "stand_in.votes", "stand_in_never_votes"),
    ("a stand-in who speaks from nowhere", put("stand_in.attends", False), "stand_in.speaks", "contradiction"),
    (
        "no way to say no",
        lambda tables: tables["answers"]["session"].pop(1),
        "answers.session",
        "for_and_against_needed",
    ),
    (
        "two ways to say yes",
        lambda tables: tables["answers"]["slip"].append({"meaning": "for", **BOTH}),
        "answers.slip",
        "contradiction",
    ),
    ("answers that are no tables", put("answers.session", ["yes"]), "answers.session[0]", "wrong_type"),
    (
        "two lead times for one thing",
        lambda tables: tables["lead_times"].append(tables["lead_times"][0]),
        "lead_times",
        "contradiction",
    ),
    (
        "a lead time of nothing",
        lambda tables: tables["lead_times"][0].update(amount=0),
        "lead_times[0].amount",
        "too_small",
    ),
    (
        "more than all",
        lambda tables: tables["quorum"].update(fraction="1/1", comparison="more_than"),
        "quorum.fraction",
        "more_than_all",
    ),
]


@pytest.mark.parametrize(("spoil", "path", "reason"), [row[1:] for row in SPOILED], ids=[row[0] for row in SPOILED])
def test_a_profile_is_refused_with_the_reason(spoil: Spoil, path: str, reason: str) -> None:
    tables = read()
    spoil(tables)
    with pytest.raises(ProfileInvalid) as refused:
        parse_profile(tables)
    assert (refused.value.detail["path"], refused.value.detail["reason"]) == (path, reason)


def test_a_choice_settled_by_the_chair_is_refused() -> None:
    tables = read()
    tables["decisions"]["choice"]["tie"] = tables["decisions"]["resolution"]["tie"]
    with pytest.raises(ProfileInvalid) as refused:
        parse_profile(tables)
    assert refused.value.detail["path"] == "decisions.choice"


# --- elections, ratings, papers, slips, proxies, motions ---

COUNCIL, CHARTER = "hdnd-tinh", "hoi"


def motion(number: int, **changed: Any) -> Spoil:
    """Change one motion of the ladder; None takes the key out."""

    def spoil(tables: dict[str, Any]) -> None:
        rule = tables["motions"][number]
        for key, value in changed.items():
            if value is None:
                del rule[key]
            else:
                rule[key] = value

    return spoil


def move(name: str, source: str) -> Spoil:
    """Take a table from another profile, with its sources."""

    def spoil(tables: dict[str, Any]) -> None:
        other = read(source)
        tables["sources"] |= other["sources"]
        tables[name] = other[name]

    return spoil


def silent(tables: dict[str, Any]) -> None:
    """Consent by silence that rests on nothing."""
    tables["slips"]["silence"] = "deemed_consent"


PROCEDURES: list[tuple[str, str, Spoil, str, str]] = [
    *(
        (f"{key} without a citation", COUNCIL, drop(f"{key}.citation"), f"{key}.citation", "citation_missing")
        for key in ("reduced", "elections", "ratings", "tellers")
    ),
    *(
        (f"{key} without a citation", CHARTER, drop(f"{key}.citation"), f"{key}.citation", "citation_missing")
        for key in ("slips", "proxies")
    ),
    ("a motion without a citation", CHARTER, motion(0, citation=None), "motions[0].citation", "citation_missing"),
    (
        "a form without a citation",
        COUNCIL,
        drop("decisions.confidence.form.citation"),
        "decisions.confidence.form.citation",
        "citation_missing",
    ),
    ("not said whether it is public", COUNCIL, drop("public_body"), "public_body", "missing"),
    ("an election of nothing known", COUNCIL, put("elections.way", "list"), "elections.way", "unknown_key"),
    ("a floor of the ballots cast", COUNCIL, put("elections.base", "cast"), "elections.base", "no_base_of_papers"),
    ("no floor where one is promised", COUNCIL, drop("elections.floor"), "elections.floor", "missing"),
    ("a floor where there is none", COUNCIL, put("elections.has_floor", False), "elections.floor", "contradiction"),
    ("no word on run-offs", COUNCIL, drop("elections.run_off"), "elections.run_off", "missing"),
    ("no word on ties", COUNCIL, drop("elections.tie"), "elections.tie", "missing"),
    ("no word on secrecy", COUNCIL, drop("elections.is_secret"), "elections.is_secret", "missing"),
    ("two levels of confidence", COUNCIL, drop("ratings.low"), "ratings.low", "missing"),
    (
        "a rating of those for and against",
        COUNCIL,
        put("ratings.base", "expressed"),
        "ratings.base",
        "no_base_of_papers",
    ),
    (
        "relieved before free to resign",
        COUNCIL,
        put("ratings.relieve", {"fraction": "1/2", "comparison": "at_least"}),
        "ratings.relieve",
        "contradiction",
    ),
    (
        "a third of a threshold",
        COUNCIL,
        put("ratings.relieve", {"fraction": "1/3"}),
        "ratings.relieve.comparison",
        "missing",
    ),
    ("secret papers nobody counts", COUNCIL, drop("tellers"), "tellers", "contradiction"),
    ("secret elections nobody counts", CHARTER, drop("tellers"), "tellers", "contradiction"),
    ("a board of nobody", COUNCIL, put("tellers.least", 0), "tellers.least", "too_small"),
    ("a rule for a body that never shrinks", COUNCIL, drop("reduced"), "reduced", "contradiction"),
    ("a body that shrinks without a rule", COUNCIL, drop("decisions.reduced"), "reduced", "contradiction"),
    (
        "papers of a vote by name",
        COUNCIL,
        drop("decisions.confidence.form"),
        "decisions.confidence",
        "contradiction",
    ),
    (
        "papers of a vote that may be by name",
        COUNCIL,
        put("decisions.confidence.form.form", "chosen"),
        "decisions.confidence",
        "contradiction",
    ),
    (
        "a threshold of abstentions",
        COUNCIL,
        put("decisions.confidence.measures", "abstain"),
        "decisions.confidence",
        "contradiction",
    ),
    (
        "those against settle a tie",
        "chinh-phu",
        put("decisions.resolution.measures", "against"),
        "decisions.resolution",
        "contradiction",
    ),
    (
        "a choice measured by those against",
        COUNCIL,
        put("decisions.choice.measures", "against"),
        "decisions.choice",
        "contradiction",
    ),
    (
        "confidence with one answer",
        COUNCIL,
        lambda tables: tables["decisions"]["confidence"]["answers"].pop(),
        "decisions.confidence.answers",
        "for_and_against_needed",
    ),
    ("slips without a word to answer", "chinh-phu", drop("answers.slip"), "slips", "contradiction"),
    ("answers on slips nobody sends", "chinh-phu", drop("slips"), "slips", "contradiction"),
    ("consent by silence, uncited", "chinh-phu", silent, "slips.silence_citation", "citation_missing"),
    (
        "a citation for silence that is no answer",
        "chinh-phu",
        lambda tables: tables["slips"].update(silence_citation=tables["slips"]["citation"]),
        "slips.silence_citation",
        "contradiction",
    ),
    ("proxies in a public body", "chinh-phu", move("proxies", CHARTER), "proxies", "contradiction"),
    ("motions in a public body", COUNCIL, move("motions", CHARTER), "motions", "contradiction"),
    ("proxies for nobody", CHARTER, put("proxies.most", 0), "proxies.most", "too_small"),
    ("two motions of one rank", CHARTER, motion(0, rank=12), "motions", "contradiction"),
    ("two motions of one name", CHARTER, motion(0, key="adjourn"), "motions", "contradiction"),
    ("a main motion above another", CHARTER, motion(12, rank=14), "motions", "contradiction"),
    ("no main motion", CHARTER, lambda tables: tables["motions"].pop(12), "motions", "contradiction"),
    ("an incidental motion with a rank", CHARTER, motion(13, rank=20), "motions[13].rank", "contradiction"),
    ("a motion without a rank", CHARTER, motion(0, rank=None), "motions[0].rank", "missing"),
    ("a motion of those remaining", CHARTER, motion(0, base="remaining"), "motions[0].base", "contradiction"),
    ("a base and nothing to take of it", CHARTER, motion(0, threshold=None), "motions[0].threshold", "missing"),
    ("a motion measured by silence", CHARTER, motion(0, measures="abstain"), "motions[0].measures", "contradiction"),
    ("a motion nobody may make", CHARTER, motion(10, pending=0), "motions[10].pending", "too_small"),
]


@pytest.mark.parametrize(
    ("name", "spoil", "path", "reason"), [row[1:] for row in PROCEDURES], ids=[row[0] for row in PROCEDURES]
)
def test_a_profile_with_contradictory_procedures_is_refused_with_the_reason(
    name: str, spoil: Spoil, path: str, reason: str
) -> None:
    tables = read(name)
    spoil(tables)
    with pytest.raises(ProfileInvalid) as refused:
        parse_profile(tables)
    assert (refused.value.detail["path"], refused.value.detail["reason"]) == (path, reason)


def test_consent_by_silence_is_read_where_something_is_cited_for_it() -> None:
    tables = read(CHARTER)
    tables["slips"] |= {"silence": "deemed_consent", "silence_citation": tables["slips"]["citation"]}
    slips = parse_profile(tables).slips
    assert slips is not None
    assert slips.silence is Silence.DEEMED_CONSENT
    assert slips.silence_citation == slips.citation
    said = {each.heading: each.sentence for each in profile_in_words(parse_profile(tables), Lang.VI)}
    assert said["Không trả lời phiếu"] == "Quá hạn không trả lời thì coi là đồng ý."


def test_an_election_may_have_no_floor() -> None:
    tables = read(COUNCIL)
    tables["elections"] = {**tables["elections"], "has_floor": False}
    del tables["elections"]["floor"]
    rule = parse_profile(tables).elections
    assert rule is not None
    assert rule.floor is None


def test_no_shipped_body_takes_silence_for_consent_and_no_council_asks_in_writing() -> None:
    asked = {str(profile.id): profile.slips for profile in profiles.shipped()}
    assert {rule.silence for rule in asked.values() if rule} == {Silence.NO_ANSWER}
    assert (asked["hdnd-tinh"], asked["hdnd-xa"], asked["hop-hanh-chinh"]) == (None, None, None)


def test_only_an_association_knows_proxies_and_motions() -> None:
    now = {profile.id: profile for profile in profiles.shipped()}
    assert {name for name, profile in now.items() if profile.proxies or profile.motions} == {"hoi"}
    assert {name for name, profile in now.items() if not profile.public_body} == {"hoi"}


def test_councils_vote_on_confidence_in_secret_and_may_choose_how_to_remove() -> None:
    council = parse_profile(read(COUNCIL))
    assert council.secret_matters == {Matter.CONFIDENCE}
    assert council.form_of(Matter.REMOVAL) is council.form_of(Matter.RESOLUTION) is VotingForm.CHOSEN
    assert [answer.words.vi for answer in council.answers_to(Matter.CONFIDENCE)] == ["Tín nhiệm", "Không tín nhiệm"]
    assert council.answers_to(Matter.REMOVAL) == council.answers.session
    assert council.elections is not None
    assert council.ratings is not None
    assert council.elections.is_secret
    assert council.ratings.is_secret


def test_a_literal_tie_says_openly_that_a_lawyer_must_settle_it() -> None:
    for profile in profiles.shipped():
        tie = profile.decisions[Matter.RESOLUTION].tie
        if tie.who is None:
            continue
        assert tie.scope is TieScope.LITERAL
        assert tie.citation.note is not None, profile.id
        assert "theo câu chữ" in tie.citation.note.vi
        assert "literally" in tie.citation.note.en
