"""What the record of a meeting says happened in it."""

from dataclasses import replace

import pytest

from ecabinet.attendance.model import (
    Mark,
    PresenceConnected,
    PresenceDisconnected,
    RecusalLifted,
    RecusalRecorded,
    RollMarked,
)
from ecabinet.kernel.access import Role
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import ItemId, PersonId
from ecabinet.minutes.entries import Record
from ecabinet.minutes.gather import Sources, gather, sheet_of, stays
from ecabinet.minutes.model import Attendee, Choice, Count, Fact, OpeningQuorum, Said, Seal, Speech, Stay
from ecabinet.minutes.tally import OUTCOMES
from ecabinet.voting.events import ProxyGiven, ProxyWithdrawn
from ecabinet.voting.model import Outcome
from tests.fakes.gathering import AN, BINH, CHAIR, FIRST, GUEST, MEETING, SECOND, SECRETARY
from tests.fakes.ledger import MemoryRecords
from tests.minutes.facts import ZONE
from tests.minutes.past import BODY, PROFILE, QUESTION, minute, whole_past

PAST, HELD, TURNS, ASKED, KEPT = whole_past()
N = PAST.numbers
SOURCES = Sources(
    meeting=HELD,
    body=BODY,
    profile=PROFILE,
    entries=[each for each in PAST.records.kept if each.meeting == MEETING],
    reasons={GUEST: "ốm"},
    turns=TURNS,
    questions=[ASKED],
    ballots={QUESTION: KEPT},
    zone=ZONE,
    seal=Seal(30, "ab"),
)
FACTS = gather(SOURCES)


def attendee(person: PersonId) -> Attendee:
    return next(each for each in FACTS.attendees if each.person == person)


def test_the_frame_of_the_meeting() -> None:
    assert FACTS.opened == Fact(minute(1), (N["opened"],))
    assert FACTS.closed == Fact(minute(41), (N["closed"],))
    assert FACTS.pauses == ((Fact(minute(20), (N["paused"],)), Fact(minute(30), (N["resumed"],))),)
    assert (FACTS.unit, FACTS.mode, FACTS.member) == (BODY.unit, "trực tiếp kết hợp trực tuyến", "thành viên")
    assert FACTS.quorum == OpeningQuorum(3, 2, 2, PROFILE.quorum.citation.label().vi)


def test_from_when_to_when_the_session_was_recorded() -> None:
    since = Fact(minute(12), (N["film"],))
    assert FACTS.recordings == ((since, Fact(minute(20), (N["film_end"],))),)
    erased = [each for each in SOURCES.entries if each.number != N["film_end"]]
    assert gather(replace(SOURCES, entries=erased)).recordings == ((since, FACTS.closed),)


def test_a_break_that_did_not_end_before_the_meeting_did() -> None:
    entries = [each for each in SOURCES.entries if each.number != N["resumed"]]
    assert gather(replace(SOURCES, entries=entries)).pauses == ((Fact(minute(20), (N["paused"],)), None),)


def test_who_came_when() -> None:
    assert attendee(CHAIR).stays == (Stay(minute(-5), None, N["chair comes"]),)
    assert attendee(AN).stays == (Stay(minute(4), minute(32), N["an comes"], N["an goes"]),)
    assert attendee(BINH).stays == ()


def test_why_someone_is_away_comes_from_the_roll_call_or_else_from_the_answer() -> None:
    assert (attendee(GUEST).reason, attendee(GUEST).reason_entries) == ("ốm", (N["guest excused"],))
    assert (attendee(BINH).reason, attendee(BINH).reason_entries) == ("họp ở Trung ương", (N["excuse"],))
    assert (attendee(SECRETARY).reason, attendee(SECRETARY).reason_entries) == (None, ())


def test_a_guest_is_told_with_the_items_he_was_asked_for() -> None:
    assert (attendee(GUEST).role, attendee(GUEST).positions, attendee(CHAIR).positions) == (Role.GUEST, (2,), None)


def test_an_item_ends_by_itself_or_by_the_next_one() -> None:
    first, second = FACTS.courses
    assert first.started == Fact(minute(2), (N["first started"],))
    assert first.ended == Fact(minute(18), (N["second started"],))
    assert second.ended == Fact(minute(40), (N["second finished"],))


def test_what_was_said_and_concluded() -> None:
    first, second = FACTS.courses
    assert first.speeches == (Speech("An", minute(7), minute(9), (N["an speaks"], N["an has spoken"])),)
    assert first.note == Said("An: ủng hộ.", (N["noted"],))
    assert first.conclusion == Said("Đồng ý.", (N["concluded"],))
    assert (second.speeches, second.note, second.conclusion) == ((), None, None)


def test_a_vote_is_told_by_the_newest_ballot_of_each() -> None:
    (vote,) = FACTS.courses[0].votes
    assert vote.opened == Fact(minute(11), (N["put"],))
    assert vote.ended == Fact(minute(16), (N["vote closed"],))
    assert vote.choices == (
        Choice("Chair", "Tán thành", minute(13), N["chair votes 1"]),
        Choice("An", "Tán thành", minute(14), N["an votes 2"]),
    )
    assert vote.result is not None
    assert vote.result.counts[0] == Count("tán thành", 2, "66.67")
    assert vote.result.counts[-1] == Count("vắng mặt", 1, "33.33")
    assert sum(each.count for each in vote.result.counts) == vote.result.members == 3
    assert (vote.result.outcome, vote.result.sentence) == ("thông qua", ASKED.verdict.words.vi if ASKED.verdict else "")


def test_minutes_can_be_drafted_after_entries_were_erased() -> None:
    erased = {N["opened"], N["put"], N["an votes 2"]}
    entries = [replace(each, disclosure=None) if each.number in erased else each for each in SOURCES.entries]
    facts = gather(replace(SOURCES, entries=entries))
    # AN came after the opening, so of the two with a vote one was there.
    assert (facts.quorum.members, facts.quorum.present) == (2, 1)
    assert facts.courses[0].votes[0].opened == Fact(minute(11), ())
    assert facts.courses[0].votes[0].choices == FACTS.courses[0].votes[0].choices


def test_every_outcome_has_words() -> None:
    assert set(OUTCOMES) == set(Outcome)


P = PersonId("p")
IN, OUT = PresenceConnected(at=minute(0), person=P), PresenceDisconnected(at=minute(0), person=P)


def marked(mark: Mark | None) -> Event:
    return RollMarked(at=minute(0), person=P, mark=mark)


@pytest.mark.parametrize(
    ("course", "spans"),
    [
        ([IN], [(1, None)]),
        ([IN, OUT, IN], [(1, 2), (3, None)]),
        ([OUT], []),
        ([IN, marked(Mark.ABSENT), marked(None)], [(1, 2), (3, None)]),
        ([marked(Mark.PRESENT), IN, OUT], [(1, None)]),
        ([marked(Mark.PRESENT), IN, marked(None), OUT], [(1, 4)]),
        ([marked(Mark.EXCUSED), IN], []),
        ([IN, PresenceDisconnected(at=minute(0), person=PersonId("q"))], [(1, None)]),
    ],
)
def test_the_roll_call_outweighs_the_connection(course: list[Event], spans: list[tuple[int, int | None]]) -> None:
    records = MemoryRecords()
    for number, event in enumerate(course, start=1):
        records.append(replace(event, at=minute(number)))
    assert [(each.since_entry, each.until_entry) for each in stays(Record(records.kept), P)] == spans


# --- who took no part, and who voted for whom ---


def with_more(*events: Event) -> Sources:
    """The past with these events in it as well, in the order of their time; their numbers begin at 100."""
    like = SOURCES.entries[0]
    assert like.disclosure is not None
    added = [
        replace(
            like,
            number=number,
            at=event.at,
            type=event.type,
            actor=event.actor,
            disclosure=replace(like.disclosure, payload=event.payload()),
        )
        for number, event in enumerate(events, 100)
    ]
    return replace(SOURCES, entries=[*SOURCES.entries, *added])


def recorded(at: int, item: ItemId = FIRST) -> RecusalRecorded:
    return RecusalRecorded(at=minute(at), actor=SECRETARY, meeting=MEETING, item=item, person=AN)


def lifted(at: int) -> RecusalLifted:
    return RecusalLifted(at=minute(at), actor=SECRETARY, meeting=MEETING, item=FIRST, person=AN)


@pytest.mark.parametrize(
    ("course", "entries"),
    [
        ([recorded(0)], [100]),
        ([recorded(5)], [100]),
        # Before the item began (minute 2) it was lifted; in the middle of it, it had been in force.
        ([recorded(0), lifted(1)], []),
        ([recorded(0), lifted(10)], [100]),
        ([recorded(0), lifted(1), recorded(2)], [102]),
        ([recorded(0, SECOND)], []),
    ],
)
def test_who_took_no_part_in_an_item_is_told_with_the_entry(course: list[Event], entries: list[int]) -> None:
    first = gather(with_more(*course)).courses[0]
    assert [number for each in first.recused for number in each.entries] == entries
    assert {each.name for each in first.recused} <= {"An"}


def test_the_vote_that_was_given_last_and_not_taken_back_is_told() -> None:
    def given(holder: PersonId) -> ProxyGiven:
        return ProxyGiven(at=minute(0), actor=BINH, meeting=MEETING, giver=BINH, holder=holder)

    back = ProxyWithdrawn(at=minute(1), actor=BINH, meeting=MEETING, giver=BINH)
    assert gather(with_more(given(AN), back)).proxies == ()
    [proxy] = gather(with_more(given(AN), back, given(CHAIR))).proxies
    assert (proxy.name, proxy.text, proxy.entries) == ("Binh", "Chair", (102,))


def test_the_sheet_of_a_vote_names_its_items_and_has_the_vote_of_the_minutes() -> None:
    sheet = sheet_of(SOURCES, ASKED)
    assert (sheet.unit, sheet.member, sheet.members) == (BODY.unit, "thành viên", 3)
    assert sheet.items == ("1. Nội dung 1",)
    assert sheet.vote == FACTS.courses[0].votes[0]
