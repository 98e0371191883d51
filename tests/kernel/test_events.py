"""Events become JSON, exactly, and the JSON becomes values again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from enum import IntEnum, StrEnum
from fractions import Fraction
from typing import Any, ClassVar

import pytest

from ecabinet.kernel.events import Event, moment, plain
from ecabinet.kernel.ids import MeetingId, PersonId
from ecabinet.kernel.restore import NotRestorable, restore
from ecabinet.register.model import RuleProfile
from ecabinet.register.profiles import shipped

AT = datetime(2026, 11, 25, 8, 3, 22, 120_999, tzinfo=timezone(timedelta(hours=7)))


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Rank(IntEnum):
    FIRST = 1


@dataclass(frozen=True, slots=True)
class Seat:
    person: PersonId
    number: int
    colour: Colour = Colour.RED


@dataclass(frozen=True, slots=True)
class Hall:
    name: str
    is_open: bool
    since: date
    at: datetime
    share: Fraction
    seats: tuple[Seat, ...]
    by_colour: Mapping[Colour, int]
    people: frozenset[PersonId]
    chair: Seat | None = None
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class HallOpened(Event):
    type: ClassVar[str] = "hall.opened"
    hall: Hall
    colour: Colour


HALL = Hall(
    name="Hội trường",
    is_open=True,
    since=date(2026, 11, 1),
    at=datetime(2026, 11, 25, 1, 3, 22, 120_000, tzinfo=UTC),
    share=Fraction(2, 3),
    seats=(Seat(PersonId("p"), 1), Seat(PersonId("q"), 2, Colour.BLUE)),
    by_colour={Colour.RED: 1},
    people=frozenset({PersonId("q"), PersonId("p")}),
)
WRITTEN = {
    "name": "Hội trường",
    "is_open": True,
    "since": "2026-11-01",
    "at": "2026-11-25T01:03:22.120Z",
    "share": "2/3",
    "seats": [
        {"person": "p", "number": 1, "colour": "red"},
        {"person": "q", "number": 2, "colour": "blue"},
    ],
    "by_colour": {"red": 1},
    "people": ["p", "q"],
    "chair": None,
    "extra": {},
}


def test_a_payload_is_the_events_own_fields_as_json() -> None:
    event = HallOpened(at=AT, actor=PersonId("p"), meeting=MeetingId("m"), hall=HALL, colour=Colour.BLUE)
    assert event.payload() == {"colour": "blue", "hall": WRITTEN}
    assert json.loads(json.dumps(event.payload())) == event.payload()


def test_a_moment_is_utc_with_milliseconds() -> None:
    assert moment(AT) == "2026-11-25T01:03:22.120Z"
    assert moment(AT.replace(microsecond=0)) == "2026-11-25T01:03:22.000Z"


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError):
        moment(datetime(2026, 11, 25))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("value", "written"), [(Rank.FIRST, 1), (Colour.RED, "red"), ((), []), ({Colour.RED: None}, {"red": None})]
)
def test_small_values_as_json(value: Any, written: Any) -> None:
    assert plain(value) == written
    assert type(plain(value)) is type(written)


@pytest.mark.parametrize("value", [0.5, b"x", object(), Hall, [0.5], {"a": 0.5}])
def test_what_is_not_exact_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        plain(value)


def test_what_was_written_is_restored() -> None:
    assert restore(Hall, WRITTEN) == HALL
    assert restore(Hall, {**WRITTEN, "chair": {"person": "p", "number": 1}}).chair == Seat(PersonId("p"), 1)


@pytest.mark.parametrize("profile", shipped(), ids=lambda profile: profile.id)
def test_the_rules_of_a_body_come_back_from_their_json(profile: RuleProfile) -> None:
    assert restore(RuleProfile, json.loads(json.dumps(plain(profile)))) == profile


@pytest.mark.parametrize(
    "change",
    [
        {"unknown": 1},
        {"name": None},
        {"name": 1},
        {"is_open": 1},
        {"since": "yesterday"},
        {"at": 5},
        {"share": "2/0"},
        {"share": "much"},
        {"seats": {}},
        {"seats": [{"person": "p"}]},
        {"seats": [{"person": "p", "number": True}]},
        {"seats": [{"person": "p", "number": 1, "colour": "green"}]},
        {"by_colour": {"green": 1}},
        {"by_colour": []},
        {"people": "p"},
        {"chair": 5},
    ],
    ids=str,
)
def test_what_was_never_written_is_not_restored(change: dict[str, Any]) -> None:
    with pytest.raises(NotRestorable):
        restore(Hall, {**WRITTEN, **change})


def test_a_field_without_a_default_may_not_be_missing() -> None:
    with pytest.raises(NotRestorable, match="name"):
        restore(Hall, {key: value for key, value in WRITTEN.items() if key != "name"})


@dataclass(frozen=True, slots=True)
class Odd:
    value: int | str
    weight: complex


@pytest.mark.parametrize("given", [{"value": 1, "weight": "1"}, {"weight": "1", "value": "x"}])
def test_kinds_no_record_has_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(NotRestorable):
        restore(Odd, given)
    with pytest.raises(NotRestorable):
        restore(Odd, {"weight": "1"} | {"value": None})
