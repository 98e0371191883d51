"""What two people write down of a vote in the hall: who may, what adds up, and when they agree."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecabinet.hall import rules
from ecabinet.hall.model import Content, CountDiffered, CountEntered, HandsDiffered, HandsEntered, Kind, Sheet
from ecabinet.kernel.errors import Refusal
from ecabinet.kernel.ids import PersonId, QuestionId
from ecabinet.meetings.model import Act
from ecabinet.voting.model import Board, Levels, PaperCount, Phase, Question, Settled, Side
from tests.hall.halls import (
    BOARD,
    CHAIR,
    HEAD,
    LAN,
    MAI,
    NAM,
    SECOND,
    by_hands,
    counted,
    elected,
    election,
    elections,
    on_paper,
    papers,
    rated,
    rating,
)
from tests.voting.halls import person

AT = datetime(2026, 11, 25, 3, tzinfo=UTC)
EVERYBODY: Content = {person(place): "for" for place in range(14)}


def refusal(code: str, work: object, *given_: object, **named: object) -> Refusal:
    assert callable(work)
    with pytest.raises(Refusal) as refused:
        work(*given_, **named)
    assert refused.value.code == code
    return refused.value


def first(by: PersonId = LAN) -> Sheet:
    return rules.enter(by_hands(), None, EVERYBODY, None, Act(by, AT)).sheet


# --- who ---


def test_two_secretaries_do_without_the_chair_and_one_has_the_chair_confirm() -> None:
    refusal("secretaries_confirm", rules.require_confirmer, CHAIR, CHAIR, [LAN, MAI])
    rules.require_confirmer(CHAIR, CHAIR, [LAN])
    rules.require_confirmer(MAI, CHAIR, [LAN, MAI])
    # Somebody who presides and keeps the minutes is a secretary like the other.
    rules.require_confirmer(LAN, LAN, [LAN, MAI])


def test_only_the_board_counts_and_any_two_of_it_do() -> None:
    seated = rules.board_for(election(), [elected()])
    for teller in BOARD.members:
        rules.require_teller(election(), seated, teller)
    refusal("not_a_teller", rules.require_teller, election(), seated, NAM)
    refusal("not_a_teller", rules.require_teller, election(), None, HEAD)


def test_nobody_counts_the_ballots_that_decide_on_himself() -> None:
    both = elected(board=Board(HEAD, (HEAD, person(13))))
    seated = rules.board_for(election(), [both])
    rules.require_teller(on_paper(), seated, person(13))
    refusal("teller_is_candidate", rules.require_teller, election(), seated, person(13))


def test_the_board_elected_last_before_a_question_counts_it() -> None:
    other = Board(SECOND, (SECOND,))
    later = elected(replace(by_hands()).id, 3, other)
    boards = rules.boards([later, elected()])
    assert [each.board for each in boards] == [BOARD, other]
    before = rules.board_for(election(), [later, elected()])
    assert before is not None
    assert before.board == BOARD
    after = rules.board_for(replace(election(), number=4), [later, elected()])
    assert after is not None
    assert after.board == other


def test_a_board_that_was_not_adopted_or_was_annulled_does_not_sit() -> None:
    assert rules.boards([replace(elected(), phase=Phase.ANNULLED)]) == []
    assert rules.boards([replace(elected(), verdict=None)]) == []
    assert rules.boards([by_hands()]) == []


def test_what_a_board_counted_stays_counted_when_its_election_is_annulled_afterwards() -> None:
    again = replace(elected(QuestionId("again"), 3, Board(SECOND, (SECOND,))), phase=Phase.OPEN, verdict=None)
    annulled = replace(elected(), phase=Phase.ANNULLED, repeated_by=again.id)
    counted_before = rules.board_for(election(), [annulled, again])
    assert counted_before is not None
    assert counted_before.board == BOARD
    assert rules.board_for(replace(election(), number=4), [annulled, again]) is None
    assert rules.board_for(election(), [replace(annulled, verdict=None), again]) is None, "annulled before its end"
    late = replace(elected(), settled=Settled(CHAIR, Side.FOR, election().opened_at + timedelta(minutes=1)))
    assert rules.board_for(election(), [late]) is None


def test_each_vote_of_the_hall_is_taken_its_own_way() -> None:
    rules.require_way(by_hands(), Kind.HANDS)
    rules.require_way(on_paper(), Kind.COUNT)
    assert refusal("not_this_way", rules.require_way, by_hands(), Kind.COUNT).detail == {"way": "hands"}
    refusal("not_this_way", rules.require_way, on_paper(), Kind.HANDS)


# --- what ---


def test_a_sheet_of_hands_names_people_of_the_roll_and_answers_of_the_ballot() -> None:
    assert rules.hands(by_hands(), {person(1): "for"}) == {person(1): "for"}
    late = refusal("not_on_the_roll", rules.hands, by_hands(), {person(14): "for", person(1): "for"})
    assert late.detail == {"people": [person(14)]}
    refusal("no_such_choice", rules.hands, by_hands(), {person(1): "maybe"})


def test_a_sheet_comes_back_as_what_was_counted() -> None:
    for question, said in [
        (election(), elections()),
        (on_paper(), counted({"for": 10, "against": 2, "abstain": 1})),
        (rating(), rated(Levels(9, 3, 1), Levels(2, 4, 6))),
    ]:
        assert rules.count_of(rules.count(question, said)) == said


WRONG: list[tuple[str, Question, PaperCount, list[str]]] = [
    ("issued_more_than_roll", election(), replace(elections(), papers=papers(issued=15)), ["issued"]),
    ("returned_more_than_issued", election(), replace(elections(), papers=papers(issued=13)), ["issued", "returned"]),
    (
        "valid_and_invalid",
        election(),
        replace(elections(), papers=papers(invalid=0)),
        ["returned", "valid", "invalid"],
    ),
    ("votes_more_than_valid", election(), elections(first=14), ["votes.candidate-1"]),
    (
        "votes_more_than_seats",
        election(),
        elections(13, 13, 1),
        ["votes.candidate-1", "votes.candidate-2", "votes.candidate-3"],
    ),
    (
        "votes_are_not_valid",
        on_paper(),
        counted({"for": 10, "against": 2, "abstain": 0}),
        ["votes.for", "votes.against", "votes.abstain"],
    ),
    ("levels_more_than_valid", rating(), rated(Levels(9, 3, 1), Levels(9, 3, 2)), ["ratings.candidate-2"]),
]


@pytest.mark.parametrize(("reason", "question", "said", "fields"), WRONG, ids=lambda value: value)
def test_sums_that_cannot_be_true_are_refused(
    reason: str, question: Question, said: PaperCount, fields: list[str]
) -> None:
    detail = refusal("sums_do_not_agree", rules.count, question, said).detail
    assert (detail["reason"], detail["fields"]) == (reason, fields)


@pytest.mark.parametrize(
    ("question", "said", "field"),
    [
        (election(), counted({"candidate-1": 12, "candidate-2": 9}), "votes"),
        (election(), counted({"candidate-1": 12, "candidate-2": 9, "candidate-3": 1, "candidate-4": 1}), "votes"),
        (on_paper(), counted({"for": 13}), "votes"),
        (rating(), elections(), "ratings"),
        (election(), replace(elections(), ratings={"candidate-1": Levels(1, 1, 1)}), "ratings"),
    ],
)
def test_a_count_has_the_lines_of_the_paper_no_more_and_no_fewer(
    question: Question, said: PaperCount, field: str
) -> None:
    assert refusal("invalid", rules.count, question, said).detail == {"fields": {field: "not_the_lines"}}


def test_a_name_may_be_left_without_a_level_and_a_seat_without_a_vote() -> None:
    rules.count(rating(), rated(Levels(9, 3, 0), Levels(0, 0, 0)))
    rules.count(election(), elections(0, 0, 0))


@given(
    issued=st.integers(0, 16),
    returned=st.integers(0, 16),
    valid=st.integers(0, 16),
    votes=st.tuples(*[st.integers(0, 16)] * 3),
)
def test_what_is_let_in_could_have_happened(
    issued: int, returned: int, valid: int, votes: tuple[int, int, int]
) -> None:
    """The slow twin: let so many hold a paper, hand it in, spoil it, and tick at most two of three names."""
    said = replace(elections(*votes), papers=papers(issued, returned, valid, returned - valid))
    happens = (
        returned - valid >= 0
        and valid <= returned <= issued <= 14
        and all(each <= valid for each in votes)
        and sum(votes) <= 2 * valid
    )
    if returned < valid:
        return
    if happens:
        rules.count(election(), said)
    else:
        refusal("sums_do_not_agree", rules.count, election(), said)


# --- the two sheets ---


def test_the_first_sheet_is_told_without_what_is_on_it() -> None:
    step = rules.enter(by_hands(), None, EVERYBODY, None, Act(LAN, AT))
    assert isinstance(step.event, HandsEntered)
    assert step.event.payload() == {"question": by_hands().id, "version": 1}
    counts = rules.enter(election(), None, rules.count(election(), elections()), None, Act(HEAD, AT))
    assert isinstance(counts.event, CountEntered)
    assert counts.sheet.kind is Kind.COUNT


def test_the_same_sheet_again_changes_nothing() -> None:
    step = rules.enter(by_hands(), first(), EVERYBODY, None, Act(LAN, AT + timedelta(minutes=1)))
    assert step.event is None
    assert step.sheet == first()


def test_another_first_sheet_voids_what_was_held_against_the_one_before() -> None:
    corrected: Content = {**EVERYBODY, person(3): "against"}
    differing = rules.confirm(first(), corrected, Act(MAI, AT)).sheet
    step = rules.enter(by_hands(), differing, corrected, None, Act(LAN, AT))
    assert step.sheet.version == 2
    # It is now what the second one had written; she has to say so again.
    assert not step.sheet.is_agreed
    assert step.sheet.second is None


def test_somebody_elses_first_sheet_is_replaced_only_by_name() -> None:
    there = refusal("sheet_is_there", rules.enter, by_hands(), first(), {}, None, Act(MAI, AT))
    assert there.detail == {"entered_by": LAN}
    refusal("sheet_is_there", rules.enter, by_hands(), first(), {}, NAM, Act(MAI, AT))
    assert rules.enter(by_hands(), first(), {}, LAN, Act(MAI, AT)).sheet.entered_by == MAI


def test_nobody_confirms_himself_and_nobody_confirms_nothing() -> None:
    refusal("needs_second_person", rules.confirm, first(), EVERYBODY, Act(LAN, AT))
    refusal("nothing_to_confirm", rules.confirm, None, EVERYBODY, Act(MAI, AT))


def test_equal_sheets_agree() -> None:
    step = rules.confirm(first(), dict(reversed(list(EVERYBODY.items()))), Act(MAI, AT))
    assert step.sheet.is_agreed
    assert step.event is None


def test_unequal_sheets_name_the_people_and_not_their_answers() -> None:
    second: dict[str, str | int] = {**EVERYBODY, person(3): "against"}
    del second[person(5)]
    step = rules.confirm(first(), second, Act(MAI, AT))
    assert step.sheet.differs == (person(3), person(5))
    assert isinstance(step.event, HandsDiffered)
    assert step.event.payload() == {"question": by_hands().id, "version": 1, "people": [person(3), person(5)]}
    # Told once, however often it is sent.
    assert rules.confirm(step.sheet, second, Act(MAI, AT)).event is None


def test_unequal_counts_name_the_lines() -> None:
    content = rules.count(election(), elections())
    sheet = rules.enter(election(), None, content, None, Act(HEAD, AT)).sheet
    other = rules.count(election(), elections(first=11))
    step = rules.confirm(sheet, other, Act(SECOND, AT))
    assert isinstance(step.event, CountDiffered)
    assert step.event.fields == ("votes.candidate-1",)


def test_a_confirmation_is_known_again_by_who_gave_it_and_what_it_said() -> None:
    agreed = rules.confirm(first(), EVERYBODY, Act(MAI, AT)).sheet
    assert rules.was_confirmed(agreed, EVERYBODY, MAI)
    assert not rules.was_confirmed(agreed, EVERYBODY, NAM)
    assert not rules.was_confirmed(agreed, {}, MAI)
    assert not rules.was_confirmed(first(), EVERYBODY, MAI)
    assert not rules.was_confirmed(None, EVERYBODY, MAI)
