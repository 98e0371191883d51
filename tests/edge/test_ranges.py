"""Which stretch of a file is asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecabinet.edge.ranges import NotSatisfiable, Stretch, asked_for

SIZE = 1000
ASKED: list[tuple[str | None, Stretch | None]] = [
    (None, None),
    ("", None),
    ("bytes=0-0", Stretch(0, 1)),
    ("bytes=0-", Stretch(0, SIZE)),
    ("bytes=999-", Stretch(999, SIZE)),
    ("bytes=10-5000", Stretch(10, SIZE)),
    ("bytes=-1", Stretch(999, SIZE)),
    ("bytes=-5000", Stretch(0, SIZE)),
    # What we do not do is answered with everything.
    ("bytes=-", None),
    ("bytes=7-6", None),
    ("bytes=0-1, 5-6", None),
    ("bytes=a-b", None),
    ("bytes=٣-", None),
    ("items=0-1", None),
    ("bytes=" + "9" * 400 + "-", None),
]


@pytest.mark.parametrize(("header", "expected"), ASKED)
def test_what_is_asked_for(header: str | None, expected: Stretch | None) -> None:
    assert asked_for(header, SIZE) == expected


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=1000-2000", "bytes=-0"])
def test_what_lies_outside(header: str) -> None:
    with pytest.raises(NotSatisfiable):
        asked_for(header, SIZE)


@given(first=st.integers(0, 2000), last=st.integers(0, 2000), size=st.integers(1, 1500))
def test_a_stretch_is_never_longer_than_the_file_nor_than_asked(first: int, last: int, size: int) -> None:
    try:
        found = asked_for(f"bytes={first}-{last}", size)
    except NotSatisfiable:
        assert first >= size
        return
    if found is None:
        assert last < first
        return
    assert found == Stretch(first, min(last + 1, size))
