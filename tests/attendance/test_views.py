"""Presence and quorum as the wire has them: exactly the fields that docs/protocol.md lists."""

from dataclasses import replace

from ecabinet.attendance import rules, views
from ecabinet.attendance.model import Mark, Presence, Recusal
from ecabinet.register.model import Quorum, Words
from tests.fakes.kernel import NOON
from tests.fakes.meetings import MEMBERS, SECRETARY
from tests.meetings.stages import ITEMS, MEETING, convened
from tests.meetings.test_views import documented

AN, BINH = MEMBERS[:2]


def test_entries_have_the_documented_fields_and_no_other() -> None:
    quorum = Quorum(7, 5, 5, is_quorate=True, article=Words("Điều 114", "Art. 114"))
    assert set(views.presence_entry(Presence(MEETING, AN))) == documented("presences")
    assert views.quorum_entry(MEETING, quorum) == {
        "id": MEETING,
        "members": 7,
        "present": 5,
        "needed": 5,
        "is_quorate": True,
        "article": {"vi": "Điều 114", "en": "Art. 114"},
    }
    assert set(views.quorum_entry(MEETING, quorum)) == documented("quorums")
    recusal = Recusal(MEETING, ITEMS[0], AN, "Cổ đông", NOON, AN)
    assert set(views.recusal_entry(recusal)) == documented("recusals")
    assert views.recusal_entry(recusal)["id"] == f"{ITEMS[0]}:{AN}"


def test_a_presence_says_what_is_known_and_what_follows() -> None:
    assert views.presence_entry(Presence(MEETING, AN)) == {
        "id": AN,
        "is_connected": False,
        "mark": None,
        "is_present": False,
        "since": None,
    }
    called = rules.mark(rules.connect(Presence(MEETING, AN), NOON).presence, (Mark.EXCUSED, "Ốm"), NOON, SECRETARY)
    assert views.presence_entry(called.presence) == {
        "id": AN,
        "is_connected": True,
        "mark": "excused",
        "is_present": False,
        "since": "2026-11-25T05:00:00.000Z",
    }


def test_reasons_are_those_of_the_answer_and_of_the_roll_call() -> None:
    meeting = convened().with_participant(replace(convened().participant(AN), reason="Đi công tác"))
    called = {AN: Presence(MEETING, AN, reason="Ốm"), BINH: Presence(MEETING, BINH, reason="Tang gia")}
    reasons = views.reasons_of(meeting, called)
    assert reasons == {
        AN: {"id": AN, "reason": "Đi công tác", "roll_reason": "Ốm"},
        BINH: {"id": BINH, "reason": None, "roll_reason": "Tang gia"},
    }
    assert set(reasons[AN]) == documented("reasons")
