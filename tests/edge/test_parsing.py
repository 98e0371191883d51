"""JSON bodies that must not get in."""

import pytest
from pydantic import AwareDatetime

from ecabinet.edge.parsing import LIMIT_BYTES, NotJson, parse, strict_json
from ecabinet.edge.routes import Nothing, Shape
from ecabinet.kernel.errors import Invalid, TooLarge


class Vote(Shape):
    choice: str
    n: int


def test_a_well_formed_body_becomes_its_shape() -> None:
    assert parse(b'{"choice":" for ","n":1}', Vote) == Vote(choice="for", n=1)
    assert parse(b"", Nothing) == Nothing()


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b'{"n":1}{',
        b'{"n":1,"n":2}',
        b'{"a":{"n":1,"n":2}}',
        b'{"n":NaN}',
        b'{"n":Infinity}',
        b"[" * 9 + b"]" * 9,
        b"[" * 60000,
        b'"\xff"',
        b"\xef\xbb\xbf{}",
        '{"n":1}'.encode("utf-16"),
        b'{"choice":"\\u0000"}',
        b'{"\\u0000":1}',
        b'{"choice":"\\ud800"}',
    ],
)
def test_what_two_readers_could_read_differently_is_refused(raw: bytes) -> None:
    with pytest.raises(NotJson):
        parse(raw, Vote)


def test_eight_levels_are_deep_enough() -> None:
    assert strict_json(b"[" * 8 + b"]" * 8) == [[[[[[[[]]]]]]]]


def test_a_large_body_is_refused_before_it_is_read() -> None:
    with pytest.raises(TooLarge) as refusal:
        parse(b" " * (LIMIT_BYTES + 1), Vote)
    assert refusal.value.detail == {"limit_bytes": LIMIT_BYTES}


class Frame(Shape):
    starts_at: AwareDatetime
    is_open: bool


@pytest.mark.parametrize(
    "raw",
    [
        b'{"starts_at":1795568400,"is_open":true}',
        b'{"starts_at":"2026-11-25T01:00:00Z","is_open":"yes"}',
        b'{"starts_at":"2026-11-25T01:00:00Z","is_open":1}',
    ],
)
def test_nothing_is_converted_by_guess(raw: bytes) -> None:
    with pytest.raises(Invalid):
        parse(raw, Frame)


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(Invalid) as refusal:
        parse(b'{"n":"x","voter":"someone-else"}', Vote)
    assert refusal.value.detail["fields"] == {
        "choice": "missing",
        "n": "int_type",
        "voter": "extra_forbidden",
    }
