"""What is told of each kind of vote: its way, its numbers, what happened around it, and which entries prove it."""

from dataclasses import replace
from typing import Any

import pytest

from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import AttachmentId, IncidentId, ItemId, PersonId, QuestionId
from ecabinet.ledger.model import Entry
from ecabinet.minutes.entries import Record
from ecabinet.minutes.model import Choice, Count, Stated, Table, Tallied, Vote
from ecabinet.minutes.tally import HOW, Around, vote_of
from ecabinet.register.model import Base, Meaning, Words
from ecabinet.voting.events import IncidentReported, QuestionAnnulled, QuestionClosed, QuestionSettled
from ecabinet.voting.model import (
    Attachment,
    BallotPapers,
    Candidate,
    ElectionOutcome,
    ElectionVerdict,
    KeptBallot,
    Kind,
    Levels,
    Method,
    PaperCount,
    Phase,
    Question,
    RatingOutcome,
    RatingVerdict,
    Roll,
    Settled,
    Side,
    Standing,
    Way,
)
from tests.fakes.gathering import AN, BINH, CHAIR, FIRST, MEETING, SECOND, SECRETARY
from tests.minutes.past import QUESTION, minute, whole_past

PAST, HELD, _TURNS, ASKED, KEPT = whole_past()
N = PAST.numbers
NAMES = {each.person: each.name for each in HELD.participants}
AGAIN = QuestionId("again")


def around(*more: Event, questions: tuple[Question, ...] = (ASKED,), ballots: list[KeptBallot] | None = None) -> Around:
    """The past, with these events after it; their numbers begin at 100."""
    entries = [each for each in PAST.records.kept if each.meeting == MEETING]
    added = [_entry(number, event, entries[0]) for number, event in enumerate(more, start=100)]
    positions = {FIRST: 1, SECOND: 2, ItemId("item3"): 3}
    kept = {each.id: KEPT if ballots is None else ballots for each in questions}
    return Around(NAMES, positions, questions, kept, Record([*entries, *added]))


def _entry(number: int, event: Event, like: Entry) -> Entry:
    assert like.disclosure is not None
    disclosed = replace(like.disclosure, payload=event.payload())
    return replace(like, number=number, at=event.at, type=event.type, actor=event.actor, disclosure=disclosed)


def told(question: Question, *more: Event, **known: Any) -> Vote:
    return vote_of(question, around(*more, **known))


def test_a_vote_has_the_figures_that_these_bodies_print() -> None:
    result = told(ASKED).result
    assert result is not None
    assert result.took_part == Count("tham gia biểu quyết", 2, "66.67")
    assert [(each.label, each.count, each.share) for each in result.counts] == [
        ("tán thành", 2, "66.67"),
        ("không tán thành", 0, "0.00"),
        ("không biểu quyết", 0, "0.00"),
        ("ý kiến khác", 0, "0.00"),
        ("không tham gia biểu quyết", 0, "0.00"),
        ("vắng mặt", 1, "33.33"),
    ]
    assert result.took_part.count + sum(each.count for each in result.counts[-2:]) == result.members


@pytest.mark.parametrize(
    ("changed", "title"),
    [
        ({}, "Biểu quyết"),
        ({"kind": Kind.PART}, "Biểu quyết từng phần"),
        ({"kind": Kind.AMENDMENT}, "Biểu quyết nội dung sửa đổi, bổ sung"),
        ({"kind": Kind.BLOCK, "items": (SECOND, FIRST, ItemId("item3"))}, "Biểu quyết chung các nội dung 1, 2, 3"),
        ({"method": Method.ELECTION}, "Bầu cử"),
        ({"method": Method.RATING}, "Lấy phiếu tín nhiệm"),
        ({"repeats": QUESTION, "id": AGAIN}, "Biểu quyết lại (thay cuộc biểu quyết số 1)"),
    ],
)
def test_a_vote_is_called_after_what_it_is(changed: dict[str, Any], title: str) -> None:
    assert told(replace(ASKED, **changed)).title == title


@pytest.mark.parametrize("way", Way)
def test_every_way_of_voting_has_words_and_only_open_ones_have_names(way: Way) -> None:
    vote = told(replace(ASKED, way=way))
    assert vote.how == HOW[way]
    assert bool(vote.choices) is (way is not Way.PAPER)


def test_another_opinion_is_told_with_its_words_and_its_file_and_a_proxy_with_who_voted() -> None:
    file = Attachment(AttachmentId("a"), QUESTION, AN, "0" * 64, "y-kien.pdf", 10)
    last = KEPT[-1]
    ballot = replace(last.ballot, choice="other", opinion="Lùi sang năm sau", attachment="0" * 64, cast_by=CHAIR)
    roll = Roll(tuple(replace(each, proxy=CHAIR if each.person == AN else None) for each in ASKED.roll.voters))
    vote = told(replace(ASKED, roll=roll), ballots=[*KEPT[:-1], replace(last, ballot=ballot, file=file)])
    assert vote.choices[1] == Choice(
        "An",
        "Ý kiến khác",
        minute(14),
        N["an votes 2"],
        opinion="Lùi sang năm sau",
        attachment="y-kien.pdf",
        cast_by="Chair",
    )


def test_an_annulled_vote_counts_for_nothing_and_names_the_one_that_took_its_place() -> None:
    annulled = replace(ASKED, phase=Phase.ANNULLED, annul_reason="Mất điện", repeated_by=AGAIN)
    again = replace(ASKED, id=AGAIN, number=2, repeats=QUESTION)
    event = QuestionAnnulled(at=minute(17), actor=CHAIR, meeting=MEETING, question=QUESTION, reason="Mất điện")
    vote = told(annulled, event, questions=(annulled, again))
    assert (vote.result, vote.choices, vote.rows, vote.replaced_by) == (None, (), (), 2)
    assert vote.annulled == Stated("Chair", "Mất điện", minute(17), (100,))


def test_who_lost_the_line_and_who_settled_the_tie_are_named_with_their_entries() -> None:
    reported = IncidentReported(
        at=minute(15), actor=AN, meeting=MEETING, incident=IncidentId("i"), question=QUESTION, item=FIRST
    )
    elsewhere = replace(reported, question=AGAIN)
    assert ASKED.verdict is not None
    settled = QuestionSettled(
        at=minute(18), actor=CHAIR, meeting=MEETING, question=QUESTION, side=Side.FOR, verdict=ASKED.verdict
    )
    vote = told(replace(ASKED, settled=Settled(CHAIR, Side.FOR, minute(18))), reported, elsewhere, settled)
    assert vote.incidents == (Stated("An", "mất kết nối khi biểu quyết", minute(15), (100,)),)
    assert vote.settled == Stated("Chair", "tán thành", minute(18), (102,))


def test_a_count_in_the_hall_names_those_who_wrote_it_down() -> None:
    other = replace(ASKED, id=AGAIN, way=Way.HANDS)
    closed = QuestionClosed(
        at=minute(16), actor=SECRETARY, meeting=MEETING, question=AGAIN, verdict=ASKED.verdict,
        entered_by=(SECRETARY, CHAIR),
    )  # fmt: skip
    assert told(other, closed, questions=(other,)).entered_by == ("Secretary", "Chair")
    assert told(ASKED).entered_by == ()


PAPERS = BallotPapers(issued=3, returned=3, valid=2, invalid=1)
CANDIDATES = (Candidate("candidate-1", "Nguyễn Văn A"), Candidate("candidate-2", "Trần Thị B"))


def test_papers_are_told_with_their_shares_and_invalid_ones_beside_the_answers() -> None:
    assert ASKED.verdict is not None
    sums = ASKED.verdict.arithmetic
    counted = replace(sums, counts=replace(sums.counts, invalid=1), shares={**sums.shares, "invalid": "33.33"})
    vote = told(
        replace(ASKED, way=Way.PAPER, count=PaperCount(PAPERS), verdict=replace(ASKED.verdict, arithmetic=counted))
    )
    assert [(each.label, each.count, each.share) for each in vote.papers] == [
        ("số phiếu phát ra", 3, "100.00"),
        ("số phiếu thu về", 3, "100.00"),
        ("số phiếu hợp lệ", 2, "66.67"),
        ("số phiếu không hợp lệ", 1, "33.33"),
    ]
    assert vote.result is not None
    assert vote.result.invalid == Count("phiếu không hợp lệ", 1, "33.33")


def test_an_election_is_told_row_by_row() -> None:
    standings = (
        Standing("candidate-2", 3, "100.00", has_reached=True, is_elected=True, is_tied=False),
        Standing("candidate-1", 1, "33.33", has_reached=False, is_elected=False, is_tied=False),
    )
    election = ElectionVerdict(
        ElectionOutcome.FILLED, 1, ("candidate-2",), (), (), 0, standings, PAPERS, 3, Base.ALL, 3, 2, True,
        Words("Trần Thị B trúng cử", "elected"), Words("Điều 83", "Art. 83"),
    )  # fmt: skip
    vote = told(replace(ASKED, verdict=None, way=Way.PAPER, candidates=CANDIDATES, election=election))
    assert vote.rows == (
        Tallied(Table.ELECTION, ("1", "Trần Thị B", "3", "100,00%", "trúng cử")),
        Tallied(Table.ELECTION, ("2", "Nguyễn Văn A", "1", "33,33%", "không trúng cử")),
    )
    assert vote.conclusions == ("Trần Thị B trúng cử; căn cứ: Điều 83",)


def test_a_rating_is_told_level_by_level() -> None:
    shares = {"high": "66.67", "mid": "33.33", "low": "0.00", "unmarked": "0.00"}
    rating = RatingVerdict(
        "candidate-1", RatingOutcome.NONE, Levels(2, 1, 0), 0, Base.ALL, 3, 2, 2, shares, shares,
        Words("Nguyễn Văn A: không có hệ quả", "nothing"), Words("Điều 19", "Art. 19"),
    )  # fmt: skip
    vote = told(replace(ASKED, verdict=None, way=Way.PAPER, candidates=CANDIDATES[:1], ratings=(rating,)))
    assert vote.rows == (Tallied(Table.RATING, ("1", "Nguyễn Văn A", "2 (66,67%)", "1 (33,33%)", "0 (0,00%)")),)


def test_somebody_who_has_left_the_list_has_no_name() -> None:
    assert around().name(PersonId("gone")) == "…"
    assert around().number(QuestionId("none")) is None
    assert NAMES[BINH]
    assert Meaning.FOR in {each.meaning for each in ASKED.options}
