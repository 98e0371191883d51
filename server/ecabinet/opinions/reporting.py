"""What becomes of a slip that has ended: its opinions are replied to, and it comes before a meeting. Pure."""

from collections.abc import Callable, Iterable

from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import OpinionId
from ecabinet.meetings.model import PREPARING, Act, ItemPlan, ItemType, Meeting
from ecabinet.register.model import Matter

from . import sheets, tally
from .events import SlipReplied, SlipReported
from .model import (
    Change,
    KeptSheet,
    Named,
    Opinion,
    Phase,
    Report,
    ReportKind,
    Secrecy,
    Slip,
    SlipIsOnAgenda,
    SlipSettled,
)

_ENDED = frozenset({Phase.ENDED})
_REPORT_MINUTES = 5
_AGENDA_MINUTES = 20
"""What a new item is given; those who prepare the meeting change it."""
_TITLE_LIMIT = 300


def opinions_of(slip: Slip, kept: Iterable[KeptSheet], ids: Callable[[], str]) -> tuple[Opinion, ...]:
    """Every text that counts, to be replied to. In a closed slip without its author, and in an order that says
    nothing of him."""
    given = tally.texts(slip, sheets.current(kept))
    is_open = slip.plan.secrecy is Secrecy.OPEN
    names = {each.person: each.name for each in slip.roll}
    ordered = given if is_open else sorted(given, key=lambda each: (each[0].number, each[2].text, each[2].choice))
    return tuple(
        Opinion(
            id=OpinionId(ids()),
            slip=slip.id,
            question=question.id,
            position=position,
            by=Named(person, names[person]) if is_open else None,
            choice=said.choice,
            text=said.text,
        )
        for position, (question, person, said) in enumerate(ordered, start=1)
    )


def reply(slip: Slip, opinion: Opinion, text: str, by: Act) -> Change:
    """What becomes of an opinion. Raises SlipWrongPhase."""
    slip.require(_ENDED)
    event = SlipReplied(at=by.at, actor=by.actor, slip=slip.id, opinion=opinion.id, text=text)
    return Change(slip.moved(), event)


def require_reportable(slip: Slip, meeting: Meeting, kind: ReportKind) -> None:
    """Whether the slip may go before that meeting now.

    Raises SlipWrongPhase, NotFound for another body's meeting, MeetingWrongPhase once it has opened, SlipIsOnAgenda,
    SlipSettled.
    """
    slip.require(_ENDED)
    if meeting.body != slip.body:
        raise NotFound()
    meeting.require(PREPARING)
    there = {item.id for item in meeting.items}
    for each in slip.reports:
        # An item that was taken off the agenda again does not stand in the way of another.
        if (each.meeting, each.kind) == (meeting.id, kind) and each.item in there:
            raise SlipIsOnAgenda(meeting=each.meeting, item=each.item)
    if kind is ReportKind.AGENDA and tally.is_settled(slip):
        raise SlipSettled()


def report(slip: Slip, on: Report, by: Act) -> Change:
    """It has an item on a meeting's agenda. What must hold: `require_reportable`."""
    event = SlipReported(at=by.at, actor=by.actor, slip=slip.id, kind=on.kind, of=on.meeting, item=on.item)
    return Change(slip.moved(reports=(*slip.reports, on)), event)


def item_for(slip: Slip, kind: ReportKind) -> ItemPlan:
    """The agenda item of a slip."""
    if kind is ReportKind.REPORT:
        title = f"Báo cáo kết quả lấy ý kiến bằng phiếu: {slip.plan.title}"
        return ItemPlan(title[:_TITLE_LIMIT], ItemType.INFORMATION, "", _REPORT_MINUTES)
    is_choice = all(question.matter is Matter.CHOICE for question in slip.questions)
    return ItemPlan(slip.plan.title, ItemType.CHOICE if is_choice else ItemType.DECISION, "", _AGENDA_MINUTES)
