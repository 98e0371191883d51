"""A verdict from bare numbers, as somebody checking a report types it: rules §3.12, row by row."""

import json
from typing import Any

import pytest
from click.testing import CliRunner

from ecabinet.cli import commands

# What is typed, the outcome, the smallest number that passes.
VECTORS = [
    # Chính phủ, 24/6/2019: 21 in the room and 4 from afar.
    ("chinh-phu --members 27 --present 25 --for 25", "passed", 14),
    ("chinh-phu --members 27 --present 17", "no_quorum", 14),
    ("chinh-phu --members 27 --present 27 --for 13 --against 13 --abstain 1 --chair for", "passed", 14),
    ("chinh-phu --members 27 --present 27 --for 13 --against 13 --abstain 1 --chair against", "not_passed", 14),
    ("chinh-phu --members 27 --present 27 --for 13 --against 13 --abstain 1 --chair abstain", "not_passed", 14),
    ("chinh-phu --members 27 --present 27 --for 13 --against 13 --abstain 1", "undecided", 14),
    ("ubnd-tinh --members 21 --present 19 --for 10 --against 9 --abstain 0", "not_passed", 11),
    ("hdnd-tinh --members 75 --present 70 --for 38 --against 20 --abstain 12", "passed", 38),
    ("hdnd-tinh --members 75 --present 72 --for 50 --against 22 --matter removal", "passed", 50),
    ("hdnd-tinh --members 75 --present 72 --for 49 --against 23 --matter removal", "not_passed", 50),
    # A slip: 20 of 27 answered, three of them with another opinion.
    ("chinh-phu --members 27 --present 20 --for 15 --against 2 --other 3", "passed", 14),
    # Luật 65/2025 art. 46: more than two thirds of those remaining; exactly two thirds is not more.
    ("hdnd-tinh --members 75 --remaining 45 --present 40 --for 31 --matter reduced", "passed", 31),
    ("hdnd-tinh --members 75 --remaining 45 --present 40 --for 30 --matter reduced", "not_passed", 31),
    # Who tells how many remain means the rule about them, where the body has one.
    ("hdnd-tinh --members 75 --remaining 45 --present 40 --for 31", "passed", 31),
    ("ubnd-tinh --members 21 --remaining 20 --present 19 --for 11", "passed", 11),
    ("lanh-dao-bo --members 7 --present 7 --option 3 --option 3 --other 1 --matter choice", "no_majority", 4),
    ("lanh-dao-bo --members 7 --present 7 --option 3 --option 4 --matter choice", "passed", 4),
    # Who tells how many remain, and too many do, means the ordinary rule.
    ("hdnd-tinh --members 75 --remaining 70 --present 60 --for 38", "passed", 38),
    # NQ 96/2023: confidence is lost by more than half of the papers in the box, invalid ones included.
    ("hdnd-tinh --members 75 --present 70 --for 30 --against 36 --invalid 4 --matter confidence", "not_passed", 36),
    ("hdnd-tinh --members 75 --present 70 --for 31 --against 35 --invalid 4 --matter confidence", "passed", 36),
    # An association's charter: equal votes wait for the chair's casting vote; those represented are there.
    ("hoi --members 100 --present 51 --for 20 --against 20 --date 2026-11-02", "undecided", 21),
    ("hoi --members 100 --present 51 --for 20 --against 20 --chair for --date 2026-11-02", "passed", 21),
    ("hoi --members 100 --present 51 --for 20 --against 20 --chair for --date 2026-10-31", "not_passed", 21),
    ("hoi --members 100 --present 40 --represented 11 --for 30 --against 20 --date 2026-11-02", "passed", 26),
    ("lanh-dao-bo --members 7 --present 5 --recused 2 --for 4 --against 1", "passed", 4),
]


def typed(words: str) -> tuple[int, str]:
    """Exit code, and all that was printed."""
    result = CliRunner().invoke(commands, ["verdict", "--profile", *words.split()])
    return result.exit_code, result.output


def judged(words: str) -> dict[str, Any]:
    code, said = typed(f"{words} --json")
    assert code == 0, said
    found: dict[str, Any] = json.loads(said)
    return found


@pytest.mark.parametrize(("words", "outcome", "needed"), VECTORS)
def test_the_numbers_of_a_vote_are_judged_by_the_bodys_rule(words: str, outcome: str, needed: int) -> None:
    found = judged(words)
    assert (found["outcome"], found["arithmetic"]["needed"]) == (outcome, needed)
    for lang in ("vi", "en"):
        code, said = typed(f"{words} --lang {lang}")
        assert code == 0
        first, sentence, article = said.splitlines()
        assert first.startswith(f"{outcome}: ")
        assert (sentence, article) == (found["sentence"][lang], found["article"][lang])


def test_a_slips_shares_are_told_of_all_members() -> None:
    found = judged("chinh-phu --members 27 --present 20 --for 15 --against 2 --other 3")
    assert found["arithmetic"]["shares"]["votes_for"] == "55.56"


def test_the_page_says_what_was_needed_and_where_that_stands() -> None:
    code, said = typed("ubnd-tinh --members 21 --present 19 --for 10 --against 9 --abstain 0")
    assert (code, said.splitlines()) == (
        0,
        [
            "not_passed: không được thông qua",
            "10/21 tán thành: cần ≥ 11, quá nửa tổng số thành viên",
            "Điều 117, Luật Tổ chức chính quyền địa phương số 77/2015/QH13",
        ],
    )


def test_the_alternative_that_won_is_named() -> None:
    words = "lanh-dao-bo --members 7 --present 7 --option 3 --option 4 --matter choice"
    assert judged(words)["option"] == "option-2"
    assert typed(words)[1].startswith("passed: được thông qua (option-2)\n")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("ubnd-tinh --members 21 --present 22", "more_present_than_members"),
        ("ubnd-tinh --members 21 --present 19 --for 10 --against 10", "more_answers_than_present"),
        ("ubnd-tinh --members 21 --present 19 --for -1", "negative"),
        ("ubnd-tinh --members 21 --present 19 --for 10 --against 9 --invalid 1", "more_answers_than_present"),
        ("ubnd-tinh --members 21 --present 19 --represented 1", "no_proxies"),
        ("ubnd-tinh --members 0 --present 0", "no_members"),
        ("ubnd-tinh --members 21 --remaining 22 --present 19", "more_remaining_than_members"),
        ("ubnd-tinh --members 21 --remaining 18 --present 19", "more_present_than_members"),
        ("ubnd-tinh --members 21 --present 20 --recused 2", "more_present_than_members"),
        ("ubnd-tinh --members 21 --present 19 --for 19 --chair against", "nobody_voted_as_the_chair_did"),
        ("ubnd-tinh --members 21 --present 19 --for 10 --option 3", "alternatives_go_with_a_choice"),
        ("ubnd-tinh --members 21 --present 19 --matter choice", "alternatives_go_with_a_choice"),
        ("ubnd-tinh --members 21 --present 19 --option 3 --for 3 --matter choice", "a_choice_has_no_for_and_against"),
    ],
)
def test_numbers_that_contradict_each_other_are_refused_in_one_line(words: str, code: str) -> None:
    exit_code, said = typed(words)
    assert exit_code == 1
    [line] = said.splitlines()
    assert "counts_inconsistent" in line
    assert f"'{code}'" in line


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("khong-co --members 21 --present 19", "profile_unknown"),
        ("ubnd-tinh --members 21 --present 19 --date 1999-01-01", "profile_unknown"),
        ("ubnd-tinh --members 21 --present 19 --matter removal", "matter_unknown"),
        ("hdnd-tinh --members 75 --remaining 50 --present 50 --for 50 --matter reduced", "reduced_not_applicable"),
        ("hdnd-tinh --members 75 --remaining 49 --present 49 --for 49 --matter resolution", "reduced_required"),
    ],
)
def test_a_rule_that_is_not_there_is_refused_in_one_line(words: str, code: str) -> None:
    exit_code, said = typed(words)
    assert exit_code == 1
    [line] = said.splitlines()
    assert code in line


def test_what_cannot_be_read_is_wrong_use() -> None:
    assert typed("ubnd-tinh --members 21 --present 19 --for 9.5")[0] == 2
    assert typed("ubnd-tinh --members 21")[0] == 2
    assert typed("ubnd-tinh --members 21 --present 19 --chair yes")[0] == 2
