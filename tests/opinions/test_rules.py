"""The life of a slip: who may do what when, what is frozen, what time does. Refusals as tables."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from ecabinet.kernel.errors import Refusal
from ecabinet.kernel.ids import PaperId, PersonId
from ecabinet.opinions import rules
from ecabinet.opinions.model import (
    Change,
    DeadlinePassed,
    EndCause,
    Named,
    Phase,
    Reminder,
    Secrecy,
    Slip,
    Viewer,
    Wording,
)
from ecabinet.papers.model import Names, Upload
from ecabinet.register.model import Electorate, Matter
from tests.opinions.slips import (
    AT,
    CHOICE,
    CLERK,
    DEADLINE,
    HEAD,
    PROFILES,
    RESOLUTION,
    SECOND,
    answered,
    by,
    drafted,
    ended,
    ids,
    kept,
    members,
    person,
    sent,
    sheet,
    submitted,
)

GOVERNMENT = PROFILES["chinh-phu"]
UPLOAD = Upload(Names("Tờ trình", "to-trinh.pdf"), "a" * 64, 1000, 3)
HOUR = timedelta(hours=1)


def recalled() -> Slip:
    return rules.recall(sent(), "Nội dung đã thay đổi", by(HEAD)).slip


def returned() -> Slip:
    return rules.give_back(submitted(), "Thiếu báo cáo thẩm định", by(HEAD)).slip


IN_PHASE: dict[Phase, Callable[[], Slip]] = {
    Phase.DRAFT: drafted,
    Phase.SUBMITTED: submitted,
    Phase.RETURNED: returned,
    Phase.SENT: sent,
    Phase.ENDED: lambda: ended(sent(), []),
    Phase.RECALLED: recalled,
}
ACTS: dict[str, tuple[set[Phase], Callable[[Slip], Change]]] = {
    # act: the phases in which it exists
    "rewrite": (
        {Phase.DRAFT, Phase.RETURNED},
        lambda slip: rules.rewrite(slip, replace(slip.plan, title="Khác"), GOVERNMENT, ids(slip.plan), by()),
    ),
    "add a paper": ({Phase.DRAFT, Phase.RETURNED}, lambda slip: rules.add_paper(slip, PaperId("x"), UPLOAD, by())),
    "submit": ({Phase.DRAFT, Phase.RETURNED}, lambda slip: rules.submit(slip, by())),
    "return": ({Phase.SUBMITTED}, lambda slip: rules.give_back(slip, "Thiếu", by(HEAD))),
    "send": (
        {Phase.SUBMITTED},
        lambda slip: rules.send(
            slip, DEADLINE, rules.Strengths(members(7), None), GOVERNMENT, (Named(HEAD, "Thủ tướng"), AT)
        ),
    ),
    "extend": ({Phase.SENT}, lambda slip: rules.extend(slip, DEADLINE + HOUR, "Bổ sung tài liệu", by(HEAD))),
    "recall": ({Phase.SENT}, lambda slip: rules.recall(slip, "Nhầm", by(HEAD))),
    "comment": ({Phase.SENT}, lambda slip: rules.comment(slip, person(1), "Nên đồng ý", by())),
    "end": (
        {Phase.SENT},
        lambda slip: rules.end_early(slip, kept(sent(), answered(("for", 7))), GOVERNMENT, by(HEAD)),
    ),
}


@pytest.mark.parametrize("phase", IN_PHASE)
@pytest.mark.parametrize("act", ACTS)
def test_an_act_exists_in_its_phases_and_in_no_other(act: str, phase: Phase) -> None:
    exists_in, work = ACTS[act]
    slip = IN_PHASE[phase]()
    assert slip.phase is phase
    if phase in exists_in:
        change = work(slip)
        assert change.slip.version == slip.version + 1, "whoever waits for news hears of it"
        assert change.slip.phase is phase or change.slip.phase in rules.NEXT[phase]
        return
    with pytest.raises(Refusal) as refused:
        work(slip)
    assert (refused.value.code, refused.value.detail) == ("wrong_phase", {"phase": phase.value})


@pytest.mark.parametrize(
    ("wording", "detail"),
    [
        (Wording(" ", Matter.RESOLUTION), {"reason": "text_missing"}),
        (Wording("x" * 4001, Matter.RESOLUTION), {"reason": "too_long", "limit": 4000}),
        (replace(RESOLUTION, alternatives=("a", "b")), {"reason": "alternatives_without_choice"}),
        (replace(CHOICE, alternatives=("a",)), {"reason": "number_of_alternatives", "least": 2, "most": 20}),
        (replace(CHOICE, alternatives=("Hà", " hà ")), {"reason": "alternatives_need_different_names"}),
        (replace(CHOICE, alternatives=("a", "x" * 301)), {"reason": "too_long", "limit": 300}),
    ],
)
def test_what_cannot_be_asked_is_refused(wording: Wording, detail: dict[str, object]) -> None:
    with pytest.raises(Refusal) as refused:
        drafted(questions=(RESOLUTION, wording))
    assert (refused.value.code, refused.value.detail) == ("question_invalid", detail)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"title": "  "}, "invalid"),
        ({"title": "x" * 301}, "invalid"),
        ({"text": "x" * 4001}, "invalid"),
        ({"reminders_h": (0,)}, "invalid"),
        ({"reminders_h": (721,)}, "invalid"),
        ({"reminders_h": (1, 2, 3, 4, 5, 6, 7)}, "invalid"),
        ({"questions": ()}, "question_invalid"),
        ({"questions": (RESOLUTION,) * 21}, "question_invalid"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(changed: dict[str, Any], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        drafted(**changed)
    assert refused.value.code == code


@pytest.mark.parametrize("council", ["hdnd-tinh", "hdnd-xa"])
def test_a_peoples_council_decides_nothing_in_writing(council: str) -> None:
    with pytest.raises(Refusal) as refused:
        drafted(council)
    assert refused.value.code == "slips_not_known"


def test_a_slip_is_answered_in_its_own_words() -> None:
    slip = drafted(questions=(RESOLUTION, CHOICE))
    assert [(option.key, option.words.vi) for option in slip.questions[0].options] == [
        ("for", "Đồng ý"),
        ("against", "Không đồng ý"),
        ("other", "Ý kiến khác"),
    ]
    assert [(option.key, option.words.vi) for option in slip.questions[1].options] == [
        ("option-1", "Thuê ngoài"),
        ("option-2", "Tự xây dựng"),
        ("other", "Phương án khác"),
    ]


def test_questions_that_stay_keep_their_ids() -> None:
    slip = drafted(questions=(RESOLUTION, CHOICE))
    renamed = rules.rewrite(slip, replace(slip.plan, title="Tên khác"), GOVERNMENT, [SECOND], by())
    assert renamed.slip.questions == slip.questions
    asked_anew = rules.rewrite(slip, replace(slip.plan, questions=(CHOICE,)), GOVERNMENT, [SECOND], by())
    assert [each.id for each in asked_anew.slip.questions] == [SECOND]


def test_reminders_are_kept_once_each_the_longest_first() -> None:
    assert drafted(reminders_h=(4, 24, 4, 48)).plan.reminders_h == (48, 24, 4)


def test_the_same_paper_is_not_given_twice() -> None:
    slip = rules.add_paper(drafted(), PaperId("x"), UPLOAD, by()).slip
    with pytest.raises(Refusal) as refused:
        rules.add_paper(slip, PaperId("y"), UPLOAD, by())
    assert (refused.value.code, refused.value.detail) == ("paper_is_there", {"paper": "x"})
    assert rules.remove_paper(slip, PaperId("x"), by()).slip.papers == ()


# --- sending ---


def test_the_roll_is_every_member_with_a_vote_in_order_of_protocol() -> None:
    seats = members(4)
    seats[2] = replace(seats[2], votes=False)
    slip = submitted()
    change = rules.send(slip, DEADLINE, rules.Strengths(seats, None), GOVERNMENT, (Named(HEAD, "Thủ tướng"), AT))
    assert [each.person for each in change.slip.roll] == [person(0), person(1), person(3)]
    assert change.slip.sending is not None
    assert change.slip.sending.strength.members == 3
    assert change.slip.sending.profile_version == GOVERNMENT.version


def test_where_seats_count_a_vacant_one_counts_too() -> None:
    profile = replace(GOVERNMENT, electorate=replace(GOVERNMENT.electorate, counts=Electorate.STATUTORY_SEATS))
    sending = rules.send(
        submitted(), DEADLINE, rules.Strengths(members(25), 27), profile, (Named(HEAD, "Thủ tướng"), AT)
    ).slip.sending
    assert sending is not None
    assert (sending.strength.members, sending.strength.present) == (27, 25)


def test_a_slip_without_anybody_to_ask_is_not_sent() -> None:
    with pytest.raises(Refusal) as refused:
        rules.send(submitted(), DEADLINE, rules.Strengths([], None), GOVERNMENT, (Named(HEAD, "Thủ tướng"), AT))
    assert refused.value.code == "nobody_to_ask"


def test_rules_that_know_slips_no_more_send_none() -> None:
    profile = replace(GOVERNMENT, slips=None)
    with pytest.raises(Refusal) as refused:
        rules.send(submitted(), DEADLINE, rules.Strengths(members(3), None), profile, (Named(HEAD, "Thủ tướng"), AT))
    assert refused.value.code == "slips_not_known"


def test_the_staff_says_something_to_those_who_are_asked_alone() -> None:
    with pytest.raises(Refusal) as refused:
        rules.comment(sent(), CLERK, "Nên đồng ý", by())
    assert refused.value.code == "not_found"


def test_a_deadline_lies_ahead() -> None:
    with pytest.raises(DeadlinePassed):
        rules.submit(drafted(), by(at=DEADLINE))
    with pytest.raises(DeadlinePassed):
        rules.send(submitted(), AT, rules.Strengths(members(3), None), GOVERNMENT, (Named(HEAD, "Thủ tướng"), AT))


@pytest.mark.parametrize(
    ("until", "now"),
    [
        (DEADLINE, AT),
        (DEADLINE - HOUR, AT),
        (DEADLINE + HOUR, DEADLINE + HOUR),
    ],
)
def test_an_extension_ends_later_and_ahead(until: datetime, now: datetime) -> None:
    with pytest.raises(Refusal) as refused:
        rules.extend(sent(), until, "Bổ sung", by(HEAD, now))
    assert refused.value.code == "deadline_not_later"


def test_a_slip_whose_deadline_has_just_passed_can_still_be_extended() -> None:
    slip = rules.extend(sent(), DEADLINE + 2 * HOUR, "Bão", by(HEAD, DEADLINE + HOUR)).slip
    assert slip.deadline == DEADLINE + 2 * HOUR
    assert [(each.since, each.until, each.reason) for each in slip.extensions] == [
        (DEADLINE, DEADLINE + 2 * HOUR, "Bão")
    ]


# --- who knows of it ---


@pytest.mark.parametrize("phase", IN_PHASE)
def test_a_slip_is_known_to_those_whom_it_concerns(phase: Phase) -> None:
    slip, somebody = IN_PHASE[phase](), PersonId("somebody")
    is_out = phase in {Phase.SENT, Phase.ENDED, Phase.RECALLED}
    assert rules.knows_of(slip, Viewer(CLERK, prepares=True))
    assert rules.knows_of(slip, Viewer(HEAD, decides=True, sits=True)) == (phase is not Phase.DRAFT)
    assert rules.knows_of(slip, Viewer(person(1), sits=True)) == is_out
    assert not rules.knows_of(slip, Viewer(somebody))


# --- time ---


@pytest.mark.parametrize(
    ("at", "hours"),
    [
        (DEADLINE - 25 * HOUR, None),
        (DEADLINE - 24 * HOUR, 24),
        (DEADLINE - 5 * HOUR, 24),
        (DEADLINE - 4 * HOUR, 4),
        (DEADLINE - timedelta(seconds=1), 4),
        (DEADLINE, None),
    ],
)
def test_a_reminder_is_due_from_its_hour_on(at: datetime, hours: int | None) -> None:
    assert rules.due_reminder(sent(), at) == hours


def test_a_reminder_is_sent_once() -> None:
    slip, at = sent(), DEADLINE - 24 * HOUR
    once = rules.remind(slip, 24, [person(1)], at).slip
    assert once.reminders == (Reminder(at, 24, DEADLINE),)
    assert rules.due_reminder(once, DEADLINE - 5 * HOUR) is None
    assert rules.due_reminder(once, DEADLINE - 4 * HOUR) == 4
    assert rules.due_reminder(rules.remind(once, 4, [], DEADLINE - 4 * HOUR).slip, DEADLINE - HOUR) is None


def test_after_the_last_reminder_an_earlier_one_is_not_made_up_for() -> None:
    late = rules.remind(sent(), 4, [], DEADLINE - HOUR).slip
    assert rules.due_reminder(late, DEADLINE - HOUR) is None


def test_a_reminder_that_came_due_before_the_slip_went_out_is_not_sent() -> None:
    short = sent(deadline=AT + 10 * HOUR)
    assert rules.due_reminder(short, AT + HOUR) is None
    assert rules.due_reminder(short, AT + 6 * HOUR) == 4


def test_a_new_deadline_has_its_own_reminders() -> None:
    slip = rules.remind(sent(), 24, [], DEADLINE - 24 * HOUR).slip
    later = rules.extend(slip, DEADLINE + 48 * HOUR, "Bổ sung", by(HEAD, DEADLINE - HOUR)).slip
    assert rules.due_reminder(later, DEADLINE) is None
    assert rules.due_reminder(later, DEADLINE + 24 * HOUR) == 24


def test_the_record_names_who_was_reminded_of_an_open_slip_alone() -> None:
    gave = [person(0), person(2)]
    waiting = tuple(person(place) for place in (1, 3, 4, 5, 6))
    told = rules.remind(sent(), 24, gave, AT).event
    assert (told.payload()["waiting"], tuple(told.payload()["people"])) == (5, waiting)
    told = rules.remind(sent(secrecy=Secrecy.CLOSED), 24, gave, AT).event
    assert (told.payload()["waiting"], told.payload()["people"]) == (5, [])


# --- the end ---


def test_a_slip_ends_at_its_deadline_and_not_before() -> None:
    slip, given = sent(), kept(sent(), answered(("for", 4)))
    assert rules.end_by_itself(slip, given, GOVERNMENT, DEADLINE - timedelta(seconds=1)) is None
    done = rules.end_by_itself(slip, given, GOVERNMENT, DEADLINE)
    assert done is not None
    assert done.slip.ending is not None
    assert (done.slip.ending.cause, done.slip.ending.answered) == (EndCause.DEADLINE, 4)
    assert rules.end_by_itself(done.slip, given, GOVERNMENT, DEADLINE) is None, "a job that comes twice ends it once"


def test_the_last_answer_ends_a_slip_that_says_so() -> None:
    all_in = answered(("for", 7))
    patient, eager = sent(), sent(ends_when_all_answered=True)
    assert rules.end_by_itself(patient, kept(patient, all_in), GOVERNMENT, AT) is None
    assert rules.end_by_itself(eager, kept(eager, all_in[:6]), GOVERNMENT, AT) is None
    done = rules.end_by_itself(eager, kept(eager, all_in), GOVERNMENT, AT)
    assert done is not None
    assert done.slip.ending is not None
    assert done.slip.ending.cause is EndCause.ALL_ANSWERED


def test_two_versions_of_one_member_are_one_answer() -> None:
    eager = sent(ends_when_all_answered=True)
    given = [*answered(("for", 6)), sheet(0, "against", n=2)]
    assert rules.end_by_itself(eager, kept(eager, given), GOVERNMENT, AT) is None


def test_the_head_ends_it_only_when_everybody_has_answered() -> None:
    slip = sent()
    with pytest.raises(Refusal) as refused:
        rules.end_early(slip, kept(slip, answered(("for", 6))), GOVERNMENT, by(HEAD))
    assert (refused.value.code, refused.value.detail) == ("not_all_answered", {"asked": 7, "answered": 6})


def test_every_phase_is_on_the_table_and_leads_somewhere_or_ends() -> None:
    assert set(rules.NEXT) == set(Phase)
    path = [Phase.DRAFT, Phase.SUBMITTED, Phase.RETURNED, Phase.SUBMITTED, Phase.SENT, Phase.ENDED]
    assert all(after in rules.NEXT[before] for before, after in pairwise(path))


def test_the_plan_is_frozen_with_what_was_handed_out() -> None:
    slip = sent()
    other = rules.send(
        rules.submit(rules.add_paper(drafted(), PaperId("x"), UPLOAD, by()).slip, by()).slip,
        DEADLINE, rules.Strengths(members(7), None), GOVERNMENT, (Named(HEAD, "Thủ tướng"), AT),
    ).slip  # fmt: skip
    assert slip.sending is not None
    assert other.sending is not None
    assert slip.sending.digest != other.sending.digest, "what is read along is part of what is asked"
