"""What each check finds, even where whoever holds the key has lied."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ecabinet.kernel.access import Role
from ecabinet.kernel.ids import MeetingId, PersonId
from ecabinet.ledger import views as ledger_views
from ecabinet.ledger.merkle import Tree
from ecabinet.ledger.model import Proven
from ecabinet.meetings.events import ItemNoted, MeetingChanged, MeetingCreated, ParticipantSet
from ecabinet.meetings.model import Act
from ecabinet.publication import bundle
from ecabinet.publication.model import Check, State
from ecabinet.publication.rules import QUESTIONS, chairs_named_in, verify
from ecabinet.publication.votes import Given
from ecabinet.register.model import Matter, RuleProfile, TieBreaker
from ecabinet.voting import closing
from ecabinet.voting.ballots import canonical_ballot, cast
from ecabinet.voting.events import BallotCast, QuestionClosed
from ecabinet.voting.model import Ballot, Outcome, Question, Roll, Strength, Voter
from tests.fakes.kernel import NOON
from tests.publication.sessions import (
    MINUTES,
    SIGNER,
    STRANGER,
    Session,
    checkpoint_of,
    held,
    packed,
    publishable,
    resigned,
    small,
    with_json,
)
from tests.voting.halls import CHAIR, ITEM, PROFILES, person

Happening = Callable[[Session, Question], None]


def failed(archive: bytes, key: bytes | None = SIGNER.public_key) -> str | None:
    """The name of the check that failed; None when the bundle is accepted."""
    report = verify(archive, key)
    found = [check.name for check in report.checks if check.state is State.FAILED]
    assert len(found) <= 1
    assert report.is_accepted is not bool(found)
    return found[0] if found else None


def check(archive: bytes, name: str) -> Check:
    return next(each for each in verify(archive).checks if each.name == name)


def test_an_honest_bundle_is_accepted() -> None:
    report = verify(small(), SIGNER.public_key)
    assert [each.state for each in report.checks] == [State.OK] * len(QUESTIONS)
    assert report.is_accepted
    assert report.title == "Phiên họp thường kỳ tháng 11"


def test_after_a_failure_nothing_is_claimed_any_more() -> None:
    states = [each.state for each in verify(b"").checks]
    assert states == [State.FAILED] + [State.NOT_CHECKED] * (len(QUESTIONS) - 1)


def test_without_the_published_key_the_report_says_that_it_must_be_compared() -> None:
    assert not verify(small()).is_key_expected
    assert "phải so" in check(small(), "key").finding.vi


def test_a_bundle_another_key_has_signed_is_refused() -> None:
    other = publishable(held().records)
    stranger = packed(replace(other, checkpoint=checkpoint_of(held().records, STRANGER)), STRANGER)
    assert failed(stranger) == "key"
    # Nothing inside contradicts it: that is why the key must come from elsewhere.
    assert failed(stranger, None) is None
    assert failed(resigned(bundle.unpack(small()), STRANGER), None) == "manifest"


# --- the entries ---


def first_payload(entries: list[Any]) -> dict[str, Any]:
    payload: dict[str, Any] = entries[0]["payload"]
    return payload


def at_ballot(entries: list[Any]) -> dict[str, Any]:
    entry: dict[str, Any] = next(each for each in entries if each["record"]["type"] == BallotCast.type)
    return entry


ENTRY_FORGERIES: list[tuple[str, Callable[[list[Any]], Any]]] = [
    ("entries", lambda entries: entries[0]["record"].update(actor=None)),
    ("entries", lambda entries: entries[0]["record"].update(number=1)),
    ("entries", lambda entries: entries[0]["record"].update(extra=1)),
    ("entries", lambda entries: entries[0]["record"].update(v=2)),
    ("entries", lambda entries: entries[0]["record"].pop("meeting")),
    ("entries", lambda entries: entries[0].update(extra=1)),
    ("entries", lambda entries: entries[0]["proof"].pop()),
    ("entries", lambda entries: entries[0]["proof"].append("00" * 32)),
    ("entries", lambda entries: entries[0]["proof"].__setitem__(0, "zz")),
    ("entries", lambda entries: entries[0].update(record=5)),
    ("entries", lambda _: 5),
    ("payloads", lambda entries: first_payload(entries).update(present=6)),
    ("payloads", lambda entries: entries[0].update(salt="00" * 16)),
    ("payloads", lambda entries: entries[0].update(salt=None)),
    ("payloads", lambda entries: at_ballot(entries)["payload"]["ballot"].update(choice="against")),
    ("chain", lambda entries: entries.pop(0) and None),
    ("chain", lambda entries: entries.pop(5) and None),
    ("chain", lambda entries: entries.reverse()),
    ("chain", lambda entries: entries.append(entries[-1])),
    ("chain", lambda entries: entries.clear()),
    ("course", lambda entries: entries.__delitem__(slice(-2, None))),
    ("ballots", lambda entries: at_ballot(entries).update(salt=None, payload=None)),
]


@pytest.mark.parametrize(("name", "forge"), ENTRY_FORGERIES)
def test_falsified_entries_are_found_even_when_signed_again(name: str, forge: Callable[[list[Any]], Any]) -> None:
    assert failed(with_json(bundle.ENTRIES, forge, small())) == name


def about_another(manifest: dict[str, Any], **changes: Any) -> None:
    manifest["meeting"].update(changes)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("chain", {"id": "another"}),
        ("course", {"closed_at": None}),
        ("course", {"closed_at": "2026-11-25T05:00:00.000Z"}),
        ("course", {"opened_at": "2026-11-25T00:00:00.000Z"}),
    ],
)
def test_a_manifest_about_another_meeting_is_found(name: str, changes: dict[str, Any]) -> None:
    assert failed(with_json(bundle.MANIFEST, lambda manifest: about_another(manifest, **changes), small())) == name


@pytest.mark.parametrize("changes", [{"v": 2}, {"format": "other"}])
def test_a_bundle_of_another_version_is_not_guessed_at(changes: dict[str, Any]) -> None:
    assert failed(with_json(bundle.MANIFEST, lambda manifest: manifest.update(changes), small())) == "manifest"


@pytest.mark.parametrize("meeting", [None, 5, {}, {"id": "meeting"}, []])
def test_a_manifest_that_describes_no_meeting_is_refused(meeting: Any) -> None:
    assert failed(with_json(bundle.MANIFEST, lambda manifest: manifest.update(meeting=meeting), small())) == "manifest"


def test_a_file_written_in_another_way_is_refused() -> None:
    files = bundle.unpack(small())
    spaced = json.dumps(json.loads(files[bundle.ENTRIES]), indent=1).encode()
    assert failed(resigned({**files, bundle.ENTRIES: spaced})) == "entries"
    assert failed(resigned({**files, bundle.ENTRIES: b"[" * 100_000})) == "entries"


@pytest.mark.parametrize("note", [b"", b"\xff", b"so-nhat-ky.test\n19\nAAAA\n\n"])
def test_a_bent_checkpoint_is_refused(note: bytes) -> None:
    assert failed(resigned({**bundle.unpack(small()), bundle.CHECKPOINT: note})) == "checkpoint"


def test_a_checkpoint_of_another_time_does_not_prove_the_entries() -> None:
    records = held().records
    early = held().records
    del early.kept[15:]
    assert failed(packed(replace(publishable(records), checkpoint=checkpoint_of(early)))) == "entries"


# --- the votes ---


def session_with(after_put: Happening) -> bytes:
    """A meeting in which, between the opening of a question and the meeting's end, this is recorded."""
    session = Session()
    session.open()
    after_put(session, session.put("q1"))
    session.end()
    return packed(publishable(session.records, None))


def recorded(session: Session, question: Question, voter: int, changes: dict[str, Any]) -> None:
    """A ballot the room would have refused, put into the record all the same."""
    ballot = canonical_ballot(Ballot(question.id, person(voter), "for", 1, session.at), question.digest)
    session.add(BallotCast(**{**session.next(), "actor": person(voter)}, ballot=ballot | changes))


BALLOT_FORGERIES: list[tuple[str, int, dict[str, Any]]] = [
    ("not on the roll", 9, {}),
    ("of another wording", 1, {"question_hash": "00" * 32}),
    ("of another question", 1, {"question": "q9"}),
    ("with a choice that was not offered", 1, {"choice": "maybe"}),
    ("of version nought", 1, {"n": 0}),
    ("of version one and a half", 1, {"n": "1.5"}),
    ("with more in it than a ballot says", 1, {"weight": 2}),
    ("in another's name", 1, {"voter": person(2)}),
    ("with an opinion beside a yes", 1, {"opinion": "Nhưng"}),
    ("with a file beside a yes", 1, {"attachment": "dd" * 32}),
    ("with an opinion that says nothing", 1, {"opinion": ""}),
    ("cast for somebody who votes himself", 1, {"cast_by": person(2)}),
]


@pytest.mark.parametrize(("name", "voter", "changes"), BALLOT_FORGERIES, ids=[name for name, *_ in BALLOT_FORGERIES])
def test_a_ballot_the_rules_would_have_refused_is_found(name: str, voter: int, changes: dict[str, Any]) -> None:
    def happens(session: Session, question: Question) -> None:
        recorded(session, question, voter, changes)
        session.close(question, [])

    assert failed(session_with(happens)) == "ballots"


def another_opinion(session: Session, question: Question) -> None:
    said = Ballot(question.id, person(1), "other", 1, session.at, opinion="Bỏ Điều 4", attachment="dd" * 32)
    event = cast(question, replace(said, cast_at=session.next()["at"]), {})
    assert event is not None
    session.add(event)
    session.close(question, [said])


def test_another_opinion_is_checked_with_its_file_and_cannot_be_changed() -> None:
    ruled = PROFILES["lanh-dao-bo"]
    session = Session(profile=ruled)
    session.open()
    another_opinion(session, session.put("q1"))
    session.end()
    published = replace(publishable(session.records, None), profile=ruled)
    assert failed(packed(published)) is None
    [written] = [each.entry for each in published.proven if each.entry.type == BallotCast.type]
    assert written.disclosure is not None
    written.disclosure.payload["ballot"]["opinion"] = "Giữ Điều 4"
    assert failed(packed(published)) == "payloads"


def twice(session: Session, question: Question) -> None:
    session.cast(question, 1, "for")
    session.cast(question, 1, "against")
    session.close(question, [])


def the_same_twice(session: Session, question: Question) -> None:
    ballots = [session.cast(question, 1, "for"), session.cast(question, 1, "for")]
    session.close(question, ballots)


def after_the_close(session: Session, question: Question) -> None:
    ballot = session.cast(question, 1, "for")
    session.close(question, [ballot])
    session.cast(question, 2, "for")


def never_closed(session: Session, question: Question) -> None:
    session.cast(question, 1, "for")


def two_at_once(session: Session, question: Question) -> None:
    session.put("q2")
    session.close(question, [])


def another_closed(session: Session, question: Question) -> None:
    other = Session().put("q2")
    session.close(other, [])


def closed_twice(session: Session, question: Question) -> None:
    session.close(question, [])
    session.close(question, [])


@pytest.mark.parametrize(
    "happens", [twice, the_same_twice, after_the_close, never_closed, two_at_once, another_closed, closed_twice]
)
def test_votes_that_do_not_run_their_course_are_found(happens: Happening) -> None:
    assert failed(session_with(happens)) == "ballots"


def test_the_newest_version_counts_however_late_it_came() -> None:
    assert "5/6" in check(small(), "tally").finding.vi


def left_out(session: Session, question: Question) -> None:
    ballots = [session.cast(question, voter, "for") for voter in range(5)]
    session.close(question, ballots[1:])


def last_arrival(session: Session, question: Question) -> None:
    session.cast(question, 1, "for", n=2)
    session.close(question, [session.cast(question, 1, "against", n=1)])


def other_words(session: Session, question: Question) -> None:
    ballots = [session.cast(question, voter, "for") for voter in range(5)]
    closed = closing.close(question, ballots, PROFILES["chinh-phu"], CHAIR, Act(CHAIR, session.next()["at"]))
    session.add(replace(closed, verdict=replace(closed.decided, outcome=Outcome.NOT_PASSED)))


@pytest.mark.parametrize("happens", [left_out, last_arrival, other_words])
def test_a_verdict_the_ballots_do_not_add_up_to_is_found(happens: Happening) -> None:
    assert failed(session_with(happens)) == "tally"


def tied(chair: PersonId | None) -> Happening:
    """Two for, two against and one silent; the verdict is the one that follows this person's side."""

    def happens(session: Session, question: Question) -> None:
        cast = [(0, "for"), (1, "for"), (2, "for"), (3, "against"), (4, "against")]
        ballots = [session.cast(question, voter, choice) for voter, choice in cast[0:2] + cast[3:]]
        by = Act(CHAIR, session.next()["at"])
        session.add(closing.close(question, ballots, PROFILES["chinh-phu"], chair, by))

    return happens


@pytest.mark.parametrize(("chair", "name"), [(CHAIR, None), (person(3), "tally"), (None, "tally")])
def test_a_tie_is_settled_by_whom_the_rules_name_and_no_other(chair: PersonId | None, name: str | None) -> None:
    assert failed(session_with(tied(chair))) == name


@pytest.mark.parametrize(("settles", "name"), [(CHAIR, None), (person(3), None), (person(4), "tally")])
def test_whoever_presided_at_some_time_may_have_settled_a_tie(settles: PersonId, name: str | None) -> None:
    """By rules under which the one who presides does, in a meeting where member 3 handed the chair over."""
    ruled = presiding()
    session = Session(profile=ruled)
    session.open()
    seat: dict[str, Any] = {"name": "B", "votes": True, "items": None, "stands_in_for": None, "freed": None}
    session.add(ParticipantSet(**session.next(), **seat, person=CHAIR, role=Role.CHAIR, former_chair=person(3)))
    question = session.put("q1")
    cast = [(0, "for"), (1, "for"), (3, "against"), (4, "abstain"), (2, "against")]
    ballots = [session.cast(question, voter, choice) for voter, choice in cast]
    session.add(closing.close(question, ballots, ruled, settles, Act(CHAIR, session.next()["at"])))
    session.end()
    assert failed(packed(replace(publishable(session.records, None), profile=ruled))) == name


def presiding() -> RuleProfile:
    """The Government's rules, with ties settled by whoever presides."""
    profile = PROFILES["chinh-phu"]
    rule = profile.decisions[Matter.RESOLUTION]
    changed = replace(rule, tie=replace(rule.tie, breaker=TieBreaker.PRESIDING))
    return replace(profile, decisions={**profile.decisions, Matter.RESOLUTION: changed})


def test_everyone_the_record_names_as_chair_has_presided() -> None:
    def named(type: str, payload: dict[str, Any]) -> list[str | None]:
        return chairs_named_in(Given(1, {"type": type}, b"", payload, ()))

    created = {"participants": [{"person": "a", "role": "chair"}, {"person": "b", "role": "member"}]}
    assert named(MeetingCreated.type, created) == ["a"]
    assert named(MeetingChanged.type, {"changed": {"chair": "c"}}) == ["c"]
    assert named(MeetingChanged.type, {"changed": {"title": "x"}}) == [None]
    assert named(ParticipantSet.type, {"former_chair": "d", "person": "e", "role": "member"}) == ["d", None]
    assert named(ItemNoted.type, {}) == []


def test_rules_other_than_those_the_question_was_put_under_are_found() -> None:
    published = replace(publishable(held().records), profile=PROFILES["ubnd-tinh"])
    assert failed(packed(published)) == "ballots"


def with_rules(change: Callable[[dict[str, Any]], Any]) -> bytes:
    return with_json(bundle.PROFILE, change, small())


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("ballots", lambda profile: profile.update(version="another")),
        ("ballots", lambda profile: profile["quorum"]["threshold"].update(fraction="1/6")),
        ("ballots", lambda profile: profile.pop("quorum")),
        ("ballots", lambda profile: profile["decisions"].clear()),
        ("tally", lambda profile: profile["decisions"]["resolution"]["threshold"].update(fraction="5/6")),
        ("tally", lambda profile: profile["electorate"]["member"].update(vi="người")),
    ],
)
def test_bent_rules_are_found(name: str, change: Callable[[dict[str, Any]], Any]) -> None:
    assert failed(with_rules(change)) == name


@pytest.mark.parametrize(
    "forge",
    [
        {"text": "Không thông qua?"},
        {"meeting": MeetingId("another")},
        {"opened_by": person(3)},
        {"opened_at": NOON},
        {"strength": Strength(6, 6)},
        {"strength": Strength(7, 5)},
        {"roll": Roll((Voter(person(1), "A"), *(Voter(person(1), "B") for _ in range(4))))},
        {"profile_version": "another"},
    ],
    ids=str,
)
def test_a_question_fixed_otherwise_than_the_record_says_is_found(forge: dict[str, Any]) -> None:
    session = Session()
    session.open()
    question = session.put("q1")
    put = session.put_events.pop()
    session.records.kept.pop()
    session.add(replace(put, question=replace(question, **forge)))
    session.close(question, [])
    session.end()
    assert failed(packed(publishable(session.records, None))) == "ballots"


def test_a_quorum_that_was_not_there_is_found() -> None:
    session = Session()
    session.open()
    question = session.put("q1")
    put = session.put_events.pop()
    session.records.kept.pop()
    session.add(replace(put, quorum=replace(put.quorum, needed=1)))
    session.close(question, [])
    session.end()
    assert failed(packed(publishable(session.records, None))) == "ballots"


def test_a_meeting_without_votes_says_so() -> None:
    session = Session()
    session.open()
    session.end()
    archive = packed(publishable(session.records, None))
    assert failed(archive) is None
    assert {each.name for each in verify(archive).checks if each.state is State.ABSENT} == {
        "ballots",
        "tally",
        "minutes",
    }


# --- the minutes and what stays in the house ---


def test_other_minutes_than_those_recorded_are_found() -> None:
    assert failed(packed(publishable(held().records, MINUTES + b" "))) == "minutes"


def test_older_minutes_are_named_as_such() -> None:
    session = held()
    session.draft(b"%PDF newer", version=2)
    archive = packed(publishable(session.records, MINUTES))
    assert failed(archive) is None
    assert "không phải bản mới nhất" in check(archive, "minutes").finding.vi


def test_notes_and_the_ballots_of_a_vote_called_off_stay_in_the_house() -> None:
    entries = json.loads(bundle.unpack(small())[bundle.ENTRIES])
    hidden = [each["record"]["type"] for each in entries if each["payload"] is None]
    assert hidden == [ItemNoted.type, BallotCast.type]
    assert all(each["salt"] is None for each in entries if each["payload"] is None)


def test_the_record_knows_voting_by_the_names_voting_uses() -> None:
    assert BallotCast.type == ledger_views.BALLOT_CAST
    assert QuestionClosed.type == ledger_views.QUESTION_CLOSED
    assert ItemNoted.type == ledger_views.ITEM_NOTED


def test_an_erased_payload_leaves_the_rest_checkable() -> None:
    session = held()
    opened = session.records.kept[1]
    session.records.kept[1] = replace(opened, disclosure=None)
    assert failed(packed(publishable(session.records))) is None


def test_an_entry_of_another_meeting_is_found() -> None:
    session = held()
    session.add(ItemNoted(at=session.at, meeting=MeetingId("another"), item=ITEM, digest=""))
    own, records = publishable(session.records), session.records
    tree = Tree([entry.leaf for entry in records.kept])
    stray = Proven(records.kept[-1], tree.inclusion_proof(len(records.kept) - 1))
    assert failed(packed(replace(own, proven=[*own.proven, stray]))) == "chain"
