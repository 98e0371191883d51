"""Canonical JSON against RFC 8785's own examples: one value, one string of bytes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecabinet.kernel.canonical import canonical, digest

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def test_keys_are_sorted_by_utf16_code_units() -> None:
    """The example of RFC 8785 §3.2.3: a sort by code points would put the emoji last."""
    unsorted = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    assert list(json.loads(canonical(unsorted)).values()) == [
        "Carriage Return",
        "One",
        "Control",
        "Latin Small Letter O With Diaeresis",
        "Euro Sign",
        "Emoji: Grinning Face",
        "Hebrew Letter Dalet With Dagesh",
    ]


def test_strings_are_escaped_as_little_as_possible() -> None:
    """RFC 8785 §3.2.2.2, with the string of its example."""
    written = canonical("\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/")
    assert written == b'"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({}, "{}"),
        ([], "[]"),
        ({"b": 1, "a": [True, None, ()]}, '{"a":[true,null,[]],"b":1}'),
        ({"đ": "Đồng ý", "d": "Không"}, '{"d":"Không","đ":"Đồng ý"}'),
        (-1, "-1"),
        ({"a": {"z": 1, "y": 2}}, '{"a":{"y":2,"z":1}}'),
    ],
)
def test_a_value_has_one_spelling(value: Any, written: str) -> None:
    assert canonical(value) == written.encode()


@pytest.mark.parametrize("value", [1.0, float("nan"), {"a": 0.5}, b"bytes", {1}, object(), {"a": [object()]}])
def test_what_is_not_a_value_of_a_record_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        canonical(value)


def test_half_a_character_is_refused() -> None:
    with pytest.raises(UnicodeEncodeError):
        canonical("\ud800")


@given(values)
def test_reading_and_writing_again_changes_nothing(value: Any) -> None:
    written = canonical(value)
    assert canonical(json.loads(written)) == written


@given(st.dictionaries(st.text(max_size=5), values, max_size=6))
def test_the_order_of_keys_does_not_matter(value: dict[str, Any]) -> None:
    assert digest(value) == digest(dict(reversed(value.items())))


def test_the_digest_is_of_the_canonical_bytes() -> None:
    assert digest({"b": 1, "a": 2}) == "d3626ac30a87e6f7a6428233b3c68299976865fa5508e4267c5415c76af7a772"
