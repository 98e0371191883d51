"""Reading what a profile says about elections, ratings, tellers, slips, proxies, recording, motions and the
reduced body. Pure.

Each function takes the whole file and gives None (or nothing) where the body knows no such rule.
"""

from .model import (
    Base,
    Citation,
    ElectionRule,
    Meaning,
    MotionKind,
    MotionRule,
    ProxyRule,
    RatingRule,
    ReducedRule,
    Silence,
    SlipRule,
    TellersRule,
    Threshold,
)
from .tables import ProfileInvalid, Table

_PAPER_BASES = (Base.ALL, Base.PRESENT, Base.BALLOTS)


def reduced(file: Table) -> ReducedRule | None:
    """When too few are left for the ordinary rules."""
    if not file.has("reduced"):
        return None
    table = file.table("reduced")
    table.only("complete", "may", "citation")
    return ReducedRule(_threshold(table, "complete"), table.words("may"), table.citation())


def elections(file: Table) -> ElectionRule | None:
    """How posts are filled."""
    if not file.has("elections"):
        return None
    table = file.table("elections")
    table.only("base", "has_floor", "floor", "run_off", "tie", "more_candidates", "is_secret", "citation")
    has_floor = table.truth("has_floor")
    if table.has("floor") and not has_floor:
        raise ProfileInvalid(path=table.at("floor"), reason="contradiction", why="a floor where there is none")
    return ElectionRule(
        base=_base(table),
        floor=_threshold(table, "floor") if has_floor else None,
        run_off=table.words("run_off"),
        tie=table.words("tie"),
        more_candidates=table.truth("more_candidates"),
        is_secret=table.truth("is_secret"),
        citation=table.citation(),
    )


def ratings(file: Table) -> RatingRule | None:
    """Confidence in three levels."""
    if not file.has("ratings"):
        return None
    table = file.table("ratings")
    table.only("high", "medium", "low", "base", "may_resign", "relieve", "is_secret", "citation")
    rule = RatingRule(
        high=table.words("high"),
        medium=table.words("medium"),
        low=table.words("low"),
        base=_base(table),
        may_resign=_threshold(table, "may_resign"),
        relieve=_threshold(table, "relieve"),
        is_secret=table.truth("is_secret"),
        citation=table.citation(),
    )
    if rule.relieve.fraction <= rule.may_resign.fraction:
        why = "whoever is to be relieved would not even be free to resign"
        raise ProfileInvalid(path=table.at("relieve"), reason="contradiction", why=why)
    return rule


def tellers(file: Table) -> TellersRule | None:
    """Who counts papers."""
    if not file.has("tellers"):
        return None
    table = file.table("tellers")
    table.only("least", "elected_openly", "candidates_barred", "citation")
    return TellersRule(
        least=table.whole("least", least=1),
        elected_openly=table.truth("elected_openly"),
        candidates_barred=table.truth("candidates_barred"),
        citation=table.citation(),
    )


def slips(file: Table) -> SlipRule | None:
    """Opinions in writing. Consent by silence needs a citation of its own; silence needs none."""
    if not file.has("slips"):
        return None
    table = file.table("slips")
    table.only("asks", "silence", "silence_citation", "reported", "citation")
    silence = table.one_of("silence", Silence)
    deemed = silence is Silence.DEEMED_CONSENT
    if table.has("silence_citation") and not deemed:
        why = "silence that is no answer rests on nothing"
        raise ProfileInvalid(path=table.at("silence_citation"), reason="contradiction", why=why)
    if deemed and not table.has("silence_citation"):
        raise ProfileInvalid(path=table.at("silence_citation"), reason="citation_missing")
    return SlipRule(
        asks=table.words("asks"),
        silence=silence,
        silence_citation=table.citation("silence_citation") if deemed else None,
        reported=table.truth("reported"),
        citation=table.citation(),
    )


def proxies(file: Table) -> ProxyRule | None:
    """Who may vote for the absent."""
    if not file.has("proxies"):
        return None
    table = file.table("proxies")
    table.only("most", "counts_in_quorum", "citation")
    return ProxyRule(table.whole("most", least=1), table.truth("counts_in_quorum"), table.citation())


def recording(file: Table) -> Citation | None:
    """Who decides that a session is recorded."""
    if not file.has("recording"):
        return None
    table = file.table("recording")
    table.only("citation")
    return table.citation()


def motions(file: Table) -> tuple[MotionRule, ...]:
    """The ladder from the highest rank down, then the motions outside it."""
    if not file.has("motions"):
        return ()
    rules = [_motion(table) for table in file.tables("motions")]
    for name, values in (
        ("key", [rule.key for rule in rules]),
        ("rank", [rule.rank for rule in rules if rule.rank is not None]),
    ):
        if len(set(values)) != len(values):
            raise ProfileInvalid(path="motions", reason="contradiction", why=f"two motions of one {name}")
    main = [rule.rank for rule in rules if rule.kind is MotionKind.MAIN]
    if main != [min((rule.rank for rule in rules if rule.rank is not None), default=None)]:
        raise ProfileInvalid(path="motions", reason="contradiction", why="one main motion stands below all others")
    return tuple(sorted(rules, key=lambda rule: -(rule.rank or 0)))


def _motion(table: Table) -> MotionRule:
    table.only(
        "key", "kind", "rank", "name", "base", "threshold", "measures", "is_debatable", "pending", "citation"
    )  # fmt: skip
    kind = table.one_of("kind", MotionKind)
    if kind is MotionKind.INCIDENTAL and table.has("rank"):
        raise ProfileInvalid(path=table.at("rank"), reason="contradiction", why="incidental motions have no rank")
    is_voted_on = table.has("threshold")
    if not is_voted_on and (table.has("base") or table.has("measures")):
        raise ProfileInvalid(path=table.at("threshold"), reason="missing")
    return MotionRule(
        key=table.text("key"),
        kind=kind,
        rank=None if kind is MotionKind.INCIDENTAL else table.whole("rank", least=1),
        name=table.words("name"),
        base=_base_of_motions(table) if is_voted_on else Base.EXPRESSED,
        threshold=_threshold(table, "threshold") if is_voted_on else None,
        measures=_measures(table),
        is_debatable=table.truth("is_debatable"),
        pending=table.whole("pending", least=1) if table.has("pending") else 1,
        citation=table.citation(),
    )


def _base_of_motions(table: Table) -> Base:
    base = table.one_of("base", Base)
    if base in (Base.REMAINING, Base.BALLOTS):
        raise ProfileInvalid(path=table.at("base"), reason="contradiction", why="no base of a motion")
    return base


def _measures(table: Table) -> Meaning:
    measures = table.one_of("measures", Meaning) if table.has("measures") else Meaning.FOR
    if measures not in (Meaning.FOR, Meaning.AGAINST):
        why = "a threshold counts those for, or those against"
        raise ProfileInvalid(path=table.at("measures"), reason="contradiction", why=why)
    return measures


def _base(table: Table) -> Base:
    base = table.one_of("base", Base)
    if base not in _PAPER_BASES:
        raise ProfileInvalid(
            path=table.at("base"), reason="no_base_of_papers", allowed=[each.value for each in _PAPER_BASES]
        )
    return base


def _threshold(table: Table, key: str) -> Threshold:
    share = table.table(key)
    share.only("fraction", "comparison")
    return share.threshold()
