"""Meetings as the wire has them: exactly the fields that docs/protocol.md lists."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

import ecabinet
from ecabinet.kernel.access import Role
from ecabinet.kernel.ids import BodyId, PersonId, ProfileId
from ecabinet.meetings import rules, seating, views
from ecabinet.meetings.model import Act, Answer, Meeting, Person, Phase, Reply
from ecabinet.register.model import Body
from ecabinet.register.profiles import shipped
from tests.fakes.meetings import BODY, DEPUTY, GUEST, HEAD, MEMBERS, SECRETARY
from tests.meetings.stages import (
    BY,
    ITEMS,
    MEETING,
    NOW,
    STAGES,
    STARTS_AT,
    at_item,
    cancelled,
    closed,
    convened,
    draft,
    paused,
)
from tests.meetings.test_seating import seat

AN = MEMBERS[0]
PROTOCOL = (Path(ecabinet.__file__).parent.parent / "docs" / "protocol.md").read_text(encoding="utf-8")
PROFILE = next(each for each in shipped() if each.id == "ubnd-tinh")
OURS = Body(BodyId(BODY), "Ủy ban nhân dân tỉnh A", "", "Tỉnh A", ProfileId("ubnd-tinh"))
DUE = rules.papers_due(PROFILE, draft().kind, STARTS_AT, frozenset())
SETTING = views.Setting(OURS, PROFILE, DUE)


def documented(collection: str) -> set[str]:
    """The fields of a collection's entry in the protocol."""
    found = re.search(rf"^\| `{collection}` \|[^|]*\| `\{{(.*?)\}}`", PROTOCOL, re.MULTILINE)
    assert found, collection
    return set(re.sub(r": \{.*?\}", "", found[1]).replace(" ", "").split(","))


def with_reason(meeting: Meeting) -> Meeting:
    return seating.answer(meeting, Reply(Answer.ABSENT, "Bận"), Act(AN, NOW), stand_ins_attend=True).meeting


def test_entries_have_the_documented_fields_and_no_other() -> None:
    meeting = with_reason(rules.note_item(at_item(), ITEMS[0], "Ghi", "0" * 64, BY).meeting)
    for name, entry in (
        ("meetings", views.meeting_entry(meeting, SETTING)),
        ("items", views.items_of(meeting)[ITEMS[0]]),
        ("notes", views.notes_of(meeting)[ITEMS[0]]),
        ("participants", views.participants_of(meeting)[AN]),
    ):
        assert set(entry) == documented(name), name
        assert json.loads(json.dumps(entry)) == entry


def test_a_card_and_the_desk_have_the_documented_fields() -> None:
    card = re.search(r"\*Card\* `\{(.*?)\}`", PROTOCOL)
    assert card
    assert set(views.card(convened(), AN, OURS, 0)) == {*card[1].replace(" ", "").split(","), "beads", "bead_phases"}
    waiting = {"kind", "meeting", "body", "slip", "title", "body_name", "due_at"}
    assert set(views.waiting(convened(), "invitation", SETTING)) == waiting


def test_a_meeting_says_what_is_before_it_and_when_papers_are_due() -> None:
    entry = views.meeting_entry(at_item(2), SETTING)
    assert (entry["phase"], entry["current_item"]) == ("open", ITEMS[1])
    assert entry["papers_due_at"] == "2026-11-24T17:00:00.000Z"
    assert set(entry["papers_due_article"]) == {"vi", "en"}
    profile = dict(entry["profile"])
    recording = profile.pop("recording")
    assert profile == {"id": "ubnd-tinh", "name": "Ủy ban nhân dân tỉnh", "is_binding": True}
    # Those who are recorded are told on what ground.
    assert recording["text"]["vi"].startswith("Người chủ trì quyết định")
    assert "45/2018/QĐ-TTg" in recording["article"]["vi"]
    without = views.meeting_entry(draft(), replace(SETTING, papers_due=None))
    assert (without["papers_due_at"], without["papers_due_article"], without["convened_at"]) == (None, None, None)


def test_a_reason_is_in_no_entry_but_its_own() -> None:
    meeting = with_reason(convened())
    assert "Bận" not in json.dumps(views.participants_of(meeting), ensure_ascii=False)


def test_a_guest_is_listed_the_items_he_is_asked_for() -> None:
    meeting = seating.set_participant(convened(), seat(GUEST, Role.GUEST, 2), BY).meeting
    mine, members = views.card(meeting, GUEST, OURS, 2), views.card(meeting, AN, OURS, 2)
    assert (mine["items"], mine["votes"], mine["beads"], mine["late_papers"]) == (1, 1, [20], 0)
    assert (members["items"], members["votes"], members["beads"], members["late_papers"]) == (3, 2, [10, 20, 30], 2)
    assert (mine["role"], mine["chair_name"]) == ("guest", "Thành viên 1")
    assert views.participants_of(meeting)[GUEST]["items"] == [ITEMS[1]]


@pytest.mark.parametrize(
    ("phase", "person", "kind"),
    [
        (Phase.DRAFT, SECRETARY, "prepare"),
        (Phase.DRAFT, HEAD, None),
        (Phase.CONVENED, AN, "invitation"),
        (Phase.CONVENED, HEAD, "invitation"),
        (Phase.CONVENED, SECRETARY, None),
        (Phase.OPEN, AN, "invitation"),
        (Phase.PAUSED, AN, "invitation"),
        (Phase.CLOSED, SECRETARY, "minutes"),
        (Phase.CLOSED, AN, None),
        (Phase.CANCELLED, AN, None),
        (Phase.CANCELLED, SECRETARY, None),
    ],
)
def test_what_waits_for_whom(phase: Phase, person: str, kind: str | None) -> None:
    assert views.wanted(STAGES[phase](), PersonId(person), has_minutes=False) == kind


def test_what_is_done_waits_no_longer() -> None:
    assert views.wanted(closed(), SECRETARY, has_minutes=True) is None
    assert views.wanted(with_reason(convened()), AN, has_minutes=False) is None


def test_what_is_due_first_comes_first() -> None:
    invitation = views.waiting(paused(), "invitation", SETTING)
    prepare = views.waiting(draft(), "prepare", SETTING)
    minutes = views.waiting(closed(), "minutes", SETTING)
    assert [prepare["due_at"], invitation["due_at"], minutes["due_at"]] == [
        "2026-11-24T17:00:00.000Z",
        "2026-11-27T01:00:00.000Z",
        None,
    ]
    assert views.by_urgency([minutes, invitation, prepare]) == [prepare, invitation, minutes]
    undated = views.waiting(draft(), "prepare", replace(SETTING, papers_due=None))
    assert undated["due_at"] == invitation["due_at"]


def test_a_draft_is_not_known_to_those_it_will_invite() -> None:
    assert not views.knows_of(draft(), AN)
    assert views.knows_of(draft(), SECRETARY)
    assert views.knows_of(draft(), HEAD)
    assert views.knows_of(cancelled(), AN)
    assert views.ids_of([draft()]) == {MEETING}


def test_a_stand_in_is_named_with_the_member_he_comes_for() -> None:
    reply = Reply(Answer.STAND_IN, None, Person(DEPUTY, "Phó Giám đốc"))
    meeting = seating.answer(convened(), reply, Act(AN, NOW), stand_ins_attend=True).meeting
    entry = views.participants_of(meeting)[DEPUTY]
    assert (entry["stands_in_for"], entry["votes"], entry["role"]) == (AN, False, "stand_in")
