"""Elections and ratings from bare numbers, as somebody checking a tellers' report types them."""

import json
from typing import Any

import pytest
from click.testing import CliRunner

from ecabinet.cli import commands

LAW = "Luật Tổ chức chính quyền địa phương số 77/2015/QH13"
BOX = "hdnd-tinh --members 75 --present 70 --issued 70 --returned 70 --valid 70"


def typed(words: str) -> tuple[int, str]:
    """Exit code, and all that was printed."""
    result = CliRunner().invoke(commands, ["tally", "--profile", *words.split()])
    return result.exit_code, result.output


def told(words: str) -> dict[str, Any]:
    code, said = typed(f"{words} --json")
    assert code == 0, said
    found: dict[str, Any] = json.loads(said)
    return found


def test_whoever_has_more_than_half_of_all_deputies_is_elected() -> None:
    found = told(f"{BOX} --seats 2 --candidate An=56 --candidate Bình=42 --candidate Chi=42")
    assert (found["outcome"], found["elected"], found["tied"]) == ("run_off", ["An"], ["Bình", "Chi"])
    assert (found["needed"], found["base_number"], found["profile"]) == (38, 75, "hdnd-tinh")


def test_an_election_is_printed_with_every_candidates_share() -> None:
    code, said = typed(f"{BOX} --seats 1 --candidate An=41 --candidate Bình=29")
    assert (code, said.splitlines()) == (
        0,
        [
            "filled: bầu đủ số lượng",
            "An\t41\t54.67 %",
            "Bình\t29\t38.67 %",
            "trúng cử: An 41/75; cần ≥ 38, quá nửa tổng số đại biểu",
            "Quy định về bầu các chức danh của Hội đồng nhân dân, Luật Tổ chức chính quyền địa phương số 77/2015/QH13",
        ],
    )
    assert typed(f"{BOX} --seats 2 --candidate An=41 --lang en")[1].startswith("short: seats left and nobody")


@pytest.mark.parametrize(("low", "outcome"), [(35, "none"), (36, "may_resign"), (47, "relieve")])
def test_a_rating_is_measured_by_the_papers_in_the_box(low: int, outcome: str) -> None:
    """§3.12: 70 ballots."""
    found = told(f"{BOX} --rated An={70 - low}/0/{low} --rated Bình=70/0/0")
    assert [each["outcome"] for each in found["ratings"]] == [outcome, "none"]
    code, said = typed(f"{BOX} --rated An={70 - low}/0/{low} --lang en")
    assert code == 0
    assert said.startswith(f"An\t{outcome}: ")
    assert len(said.splitlines()) == 3


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (f"{BOX} --seats 1 --candidate An=71", "more_votes_than_valid_papers"),
        (f"{BOX} --seats 0 --candidate An=7", "no_seats"),
        (f"{BOX} --rated An=40/30/1", "more_marks_than_valid_papers"),
        (f"{BOX} --represented 1 --rated An=40/30/0", "no_proxies"),
        ("hdnd-tinh --members 75 --present 70 --issued 71 --returned 70 --valid 70 --rated An=1/1/1", "more_issued"),
        ("hdnd-tinh --members 75 --present 49 --issued 49 --returned 49 --valid 49 --rated An=1/1/1", "quorum_not_met"),
        ("ubnd-tinh --members 21 --present 20 --issued 20 --returned 20 --valid 20 --rated An=1/1/1", "matter_unknown"),
    ],
)
def test_what_the_rule_refuses_is_refused_in_one_line(words: str, code: str) -> None:
    exit_code, said = typed(words)
    assert exit_code == 1
    [line] = said.splitlines()
    assert code in line


@pytest.mark.parametrize(
    "words",
    [
        BOX,
        f"{BOX} --seats 1",
        f"{BOX} --candidate An=40",
        f"{BOX} --seats 1 --rated An=1/1/1",
        f"{BOX} --seats 1 --candidate An=40 --rated An=1/1/1",
        f"{BOX} --seats 1 --candidate An",
        f"{BOX} --seats 1 --candidate =4",
        f"{BOX} --seats 1 --candidate An=4.5",
        f"{BOX} --seats 1 --candidate An=-4",
        f"{BOX} --seats 2 --candidate An=4 --candidate An=5",
        f"{BOX} --rated An=1/1",
    ],
)
def test_what_cannot_be_read_is_wrong_use(words: str) -> None:
    assert typed(words)[0] == 2
