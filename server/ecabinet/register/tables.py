"""The tables of a profile's TOML file: each value taken by its kind, and refused with the place where it is missing or
wrong. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from typing import Any, TypeVar

from ecabinet.kernel.errors import Invalid

from .model import Citation, Comparison, Threshold, Words

_Choice = TypeVar("_Choice", bound=StrEnum)


class ProfileInvalid(Invalid):
    """A profile that cannot be used. Detail: path (where in the file), reason."""

    code = "profile_invalid"


@dataclass(frozen=True, slots=True)
class Source:
    """A text that rules are taken from."""

    title: Words
    passed: date


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the file, and where it stands in it."""

    path: str
    content: Mapping[str, Any]
    sources: Mapping[str, Source]

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

    def table(self, key: str) -> "Table":
        return Table(self.at(key), self.take(key, dict), self.sources)

    def tables(self, key: str) -> "list[Table]":
        listed: list[Any] = self.take(key, list)
        for number, each in enumerate(listed):
            if not isinstance(each, dict):
                raise ProfileInvalid(path=f"{self.at(key)}[{number}]", reason="wrong_type", expected="dict")
        return [Table(f"{self.at(key)}[{number}]", each, self.sources) for number, each in enumerate(listed)]

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

    def citation(self, at: str = "citation") -> Citation:
        cited = self.table(at)
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


def sources_of(table: Table) -> dict[str, Source]:
    sources = {}
    for key in table.content:
        source = table.table(key)
        source.only("title", "passed")
        sources[key] = Source(source.words("title"), source.day("passed"))
    return sources
