"""No bytes make the relay raise: what is malformed is its sender's loss alone."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.relay.mouths import Mouth, mouths

Change = tuple[str, int, bytes]
CHANGES = st.lists(
    st.tuples(st.sampled_from(["cut", "insert", "overwrite", "twice"]), st.integers(0, 65_535), st.binary(max_size=8)),
    max_size=5,
)


def changed(seed: bytes, changes: list[Change]) -> bytes:
    raw = bytearray(seed)
    for kind, where, noise in changes:
        at = where % (len(raw) + 1)
        if kind == "cut":
            del raw[at:]
        elif kind == "insert":
            raw[at:at] = noise
        elif kind == "overwrite":
            raw[at : at + len(noise)] = noise
        else:
            raw[at:at] = raw[at : at + 64]
    return bytes(raw)


@pytest.mark.parametrize("mouth", mouths(), ids=lambda mouth: mouth.name)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(which=st.integers(0, 999), changes=CHANGES, noise=st.none() | st.binary(max_size=300))
def test_nothing_that_comes_in_raises(mouth: Mouth, which: int, changes: list[Change], noise: bytes | None) -> None:
    mouth.feed(noise if noise is not None else changed(mouth.seeds[which % len(mouth.seeds)], changes))


def test_the_seeds_get_in() -> None:
    """A mouth that refuses everything at its first byte proves nothing."""
    media = next(mouth for mouth in mouths() if mouth.name == "media")
    room = media.feed.__self__  # type: ignore[attr-defined]
    for seed in media.seeds:
        media.feed(seed)
    assert {layer.reception.packets > 0 for layer in next(iter(room.an.peer.publications.values())).up.layers} == {True}
