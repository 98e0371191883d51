"""Slips as they happen, for tests: a body, what it is asked, what each of its members answers."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ecabinet.kernel.ids import BodyId, MembershipId, PersonId, PostId, ProfileId, QuestionId, SlipId
from ecabinet.meetings.model import Act
from ecabinet.opinions import rules, sheets
from ecabinet.opinions.events import SlipAnswered
from ecabinet.opinions.model import Answer, KeptSheet, Named, Plan, Secrecy, Sheet, Slip, Wording
from ecabinet.register.model import Body, Matter, Membership, RuleProfile, Words
from ecabinet.register.profiles import shipped

AT = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)
"""When it is sent."""
DEADLINE = AT + timedelta(days=3)
PROFILES: dict[str, RuleProfile] = {profile.id: profile for profile in shipped()}
BODY = Body(BodyId("body"), "Chính phủ", "The Government", "Chính phủ", ProfileId("chinh-phu"))
SLIP = SlipId("slip")
FIRST, SECOND = QuestionId("question-1"), QuestionId("question-2")
HEAD = PersonId("p00")
CLERK = PersonId("clerk")
RESOLUTION = Wording("Thông qua dự thảo Nghị định?", Matter.RESOLUTION)
CHOICE = Wording("Chọn phương án trung tâm dữ liệu", Matter.CHOICE, ("Thuê ngoài", "Tự xây dựng"))
PLAN = Plan(
    title="Dự thảo Nghị định về dịch vụ công",
    text="Bộ trình lần 2.",
    secrecy=Secrecy.OPEN,
    deadline=DEADLINE,
    reminders_h=(24, 4),
    ends_when_all_answered=False,
    questions=(RESOLUTION,),
)


def person(place: int) -> PersonId:
    """Member number so-and-so; the first is the head of the body."""
    return PersonId(f"p{place:02d}")


def members(count: int) -> list[Membership]:
    """So many with a vote, in order of protocol."""
    return [
        Membership(
            id=MembershipId(f"m{place:02d}"),
            body=BODY.id,
            post=PostId(f"post{place:02d}"),
            person=person(place),
            name=f"Thành viên {place:02d}",
            title=Words("Bộ trưởng", "Minister"),
            order=place + 1,
            votes=True,
            since=date(2026, 1, 1),
            is_head=place == 0,
        )
        for place in range(count)
    ]


def by(actor: PersonId = CLERK, at: datetime = AT) -> Act:
    return Act(actor, at)


def ids(plan: Plan) -> list[QuestionId]:
    return [QuestionId(f"question-{place}") for place in range(1, len(plan.questions) + 1)]


def drafted(profile: str = "chinh-phu", **changed: Any) -> Slip:
    """A draft of the staff's."""
    plan = replace(PLAN, **changed)
    blank = Slip(SLIP, BODY.id, 1, plan, (), AT - timedelta(days=1), Named(CLERK, "Thư ký"))
    return rules.draft(blank, PROFILES[profile], ids(plan), by(at=blank.drafted_at)).slip


def submitted(profile: str = "chinh-phu", **changed: Any) -> Slip:
    """Before the head."""
    return rules.submit(drafted(profile, **changed), by(at=AT - timedelta(hours=1))).slip


def sent(count: int = 7, profile: str = "chinh-phu", **changed: Any) -> Slip:
    """With every member."""
    slip = submitted(profile, **changed)
    body = rules.Strengths(members(count), None)
    return rules.send(slip, slip.deadline, body, PROFILES[profile], (Named(HEAD, "Thủ tướng"), AT)).slip


def sheet(voter: int, choice: str = "for", text: str = "", n: int = 1, at: datetime = AT) -> Sheet:
    """A sheet for a slip with one question."""
    return Sheet(SLIP, person(voter), n, (Answer(FIRST, choice, text),), at)


def accepted(slip: Slip, given: Sheet, earlier: Sequence[Sheet] = ()) -> SlipAnswered | None:
    """As the rules take it."""
    return sheets.answer(slip, given, {each.n: each.answers for each in earlier})


def kept(slip: Slip, given: Sequence[Sheet]) -> list[KeptSheet]:
    """Stored, each accepted by the rules, in the order of the list."""
    stored: list[KeptSheet] = []
    for number, each in enumerate(given, start=100):
        mine = [other.sheet for other in stored if other.sheet.voter == each.voter]
        event = accepted(slip, each, mine)
        assert event is not None
        stored.append(KeptSheet(each, number, sheets.hash_of(event)))
    return stored


def answered(*counts: tuple[str, int]) -> list[Sheet]:
    """So many of each answer, from the head on; another opinion says something."""
    choices = [choice for choice, count in counts for _ in range(count)]
    return [
        sheet(place, choice, f"Ý kiến {place}" if choice == "other" else "") for place, choice in enumerate(choices)
    ]


def ended(slip: Slip, given: Sequence[Sheet], profile: str = "chinh-phu") -> Slip:
    """Counted at its deadline."""
    change = rules.end_by_itself(slip, kept(slip, given), PROFILES[profile], slip.deadline)
    assert change is not None
    return change.slip
