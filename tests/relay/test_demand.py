"""Which layers a publisher is told to send, as wishes and lines come and go."""

import pytest

from relay.forwarding.demand import Demand


def told(demand: Demand, *steps: tuple[int, int, int]) -> list[int | None]:
    """Each step is (second, wanted, reachable)."""
    return [demand.update(wanted, at_s, reachable) for at_s, wanted, reachable in steps]


def test_a_layer_that_no_line_carries_is_given_up_late_and_taken_up_at_once() -> None:
    demand = Demand()
    assert told(demand, *((at_s, 2, 1) for at_s in range(20))) == [None] * 20
    assert told(demand, (20, 2, 1), (21, 2, 1), (22, 2, 2)) == [1, None, 2]


def test_a_line_that_was_better_in_between_is_waited_for_anew() -> None:
    demand = Demand()
    assert told(demand, (0, 2, 0), (19, 2, 2), (20, 2, 0), (39, 2, 0), (40, 2, 0)) == [None, None, None, None, 0]


@pytest.mark.parametrize("reachable", [0, 1, 2])
def test_what_nobody_wants_is_given_up_early_whatever_lines_carry(reachable: int) -> None:
    assert told(Demand(), (0, 0, reachable), (5, 0, reachable)) == [None, 0]


def test_both_reasons_are_counted_for_themselves() -> None:
    demand = Demand()
    assert told(demand, (0, 2, 0), (10, 1, 0), (15, 1, 0), (19, 1, 0), (20, 1, 0)) == [None, None, 1, None, 0]
    assert told(demand, (21, -1, 0), (26, -1, 0)) == [None, -1]
