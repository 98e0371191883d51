"""What a slip shows, and to whom. Pure; the fields are those of docs/protocol.md.

The one way out. While a slip runs nobody, its head included, learns more than who has answered, and of a closed slip
only how many. In a closed slip names and answers never leave here together, but to the member himself.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ecabinet.kernel.events import moment, moment_if_any, plain
from ecabinet.kernel.ids import PersonId, SlipId
from ecabinet.register.model import Body, Matter, Meaning
from ecabinet.voting.views import verdict_entry

from .entries import (
    AskedEntry,
    CommentEntry,
    ExtensionEntry,
    GivenEntry,
    MineEntry,
    NamedEntry,
    OpinionEntry,
    ResultEntry,
    SheetReceiptEntry,
    SlipAnswerEntry,
    SlipCard,
    SlipEntry,
    SlipPaperEntry,
    SlipQuestionEntry,
    Slips,
    SlipSheetEntry,
)
from .model import (
    WRITTEN_IN,
    Answer,
    KeptSheet,
    Named,
    Opinion,
    Phase,
    Result,
    Secrecy,
    SheetReceipt,
    Slip,
    SlipQuestion,
    Viewer,
)
from .tally import answer_to, is_settled, part_of


@dataclass(frozen=True, slots=True)
class Kept:
    """What is stored beside a slip. Not all of it is for everybody: that is decided here."""

    sheets: Mapping[PersonId, KeptSheet] = field(default_factory=dict)
    """The sheets that count (`sheets.current`)."""
    draft: tuple[Answer, ...] | None = None
    """The viewer's own, unfinished."""
    comments: Mapping[PersonId, str] = field(default_factory=dict)
    opinions: Sequence[Opinion] = ()


def _named(who: Named) -> NamedEntry:
    return {"person": who.person, "name": who.name}


# --- lists ---


def slips(
    shown: Sequence[Slip], answered: Mapping[SlipId, frozenset[PersonId]], viewer: Viewer, now: datetime
) -> Slips:
    """The list. What changes in any of them changes its version, and no slip ever leaves it.

    answered  who has answered, by slip
    """
    cards = [card(each, answered.get(each.id, frozenset()), viewer.person, now) for each in shown]
    return {
        "version": sum(each.version for each in shown),
        "now": moment(now),
        "slips": sorted(cards, key=lambda each: -each["number"]),
    }


def card(slip: Slip, answered: frozenset[PersonId], person: PersonId, now: datetime) -> SlipCard:
    """A slip in the list of a person."""
    mine = ("answered" if person in answered else "waiting") if slip.asks(person) else None
    outcomes = [each.verdict.outcome.value for each in slip.ending.results] if slip.ending else None
    return {
        "id": slip.id,
        "body": slip.body,
        "number": slip.number,
        "title": slip.plan.title,
        "secrecy": slip.plan.secrecy.value,
        "phase": slip.phase.value,
        "version": slip.version,
        "deadline": moment(slip.deadline),
        "is_overdue": slip.is_overdue(now),
        "sent_at": moment_if_any(slip.sending.at if slip.sending else None),
        "ended_at": moment_if_any(slip.ending.at if slip.ending else None),
        "questions": len(slip.questions),
        "asked": len(slip.roll),
        "answered": len(answered),
        "mine": mine,
        "outcomes": outcomes,
    }


# --- one slip ---


def slip_entry(slip: Slip, body: Body, kept: Kept, viewer: Viewer, now: datetime) -> SlipEntry:
    """The slip as this person may see it."""
    sending, ending, recall = slip.sending, slip.ending, slip.recall
    return {
        "id": slip.id,
        "body": slip.body,
        "body_name": body.name,
        "unit_name": body.unit,
        "number": slip.number,
        "title": slip.plan.title,
        "text": slip.plan.text,
        "secrecy": slip.plan.secrecy.value,
        "phase": slip.phase.value,
        "version": slip.version,
        "now": moment(now),
        "drafted_by": _named(slip.drafted_by),
        "drafted_at": moment(slip.drafted_at),
        "submitted_at": moment_if_any(slip.submitted_at),
        "return_reason": slip.return_reason,
        "deadline": moment(slip.deadline),
        "reminders_h": list(slip.plan.reminders_h),
        "ends_when_all_answered": slip.plan.ends_when_all_answered,
        "is_overdue": slip.is_overdue(now),
        "decided_by": _named(sending.by) if sending else None,
        "sent_at": moment_if_any(sending.at if sending else None),
        "extensions": _extensions(slip),
        "reminders": [
            {"at": moment(each.at), "hours": each.hours, "deadline": moment(each.deadline)} for each in slip.reminders
        ],
        "ended_at": moment_if_any(ending.at if ending else None),
        "end_cause": ending.cause.value if ending else None,
        "recalled_at": moment_if_any(recall.at if recall else None),
        "recall_reason": recall.reason if recall else None,
        "questions": _questions(slip, kept.sheets),
        "papers": _papers(slip),
        "roll": _roll(slip, kept.sheets),
        "asked": len(slip.roll),
        "answered": len(kept.sheets),
        "silence": plain(sending.silence) if sending else None,
        "mine": _mine(slip, kept, viewer.person),
        "comments": _comments(kept.comments) if viewer.prepares else None,
        "opinions": [opinion_entry(each) for each in kept.opinions] if ending else None,
        "reports": [
            {"meeting": each.meeting, "item": each.item, "kind": each.kind.value, "at": moment(each.at)}
            for each in slip.reports
        ],
        "actions": actions(slip, len(kept.sheets), viewer, now),
    }


def _extensions(slip: Slip) -> list[ExtensionEntry]:
    return [
        {"at": moment(each.at), "from": moment(each.since), "to": moment(each.until), "reason": each.reason}
        for each in slip.extensions
    ]


def _papers(slip: Slip) -> list[SlipPaperEntry]:
    return [
        {
            "id": each.id,
            "title": each.title,
            "filename": each.filename,
            "size_bytes": each.size_bytes,
            "pages": each.pages,
            "digest": each.digest,
            "position": each.position,
        }
        for each in slip.papers
    ]


def _roll(slip: Slip, answered: Mapping[PersonId, KeptSheet]) -> list[AskedEntry]:
    is_open = slip.plan.secrecy is Secrecy.OPEN
    return [
        {
            "person": each.person,
            "name": each.name,
            "post": each.post,
            "order": each.order,
            "has_answered": each.person in answered if is_open else None,
        }
        for each in slip.roll
    ]


def _mine(slip: Slip, kept: Kept, person: PersonId) -> MineEntry | None:
    if not slip.asks(person):
        return None
    sheet = kept.sheets.get(person)
    return {
        "draft": None if kept.draft is None else _answers(kept.draft),
        "sheet": sheet_entry(sheet) if sheet else None,
        "comment": kept.comments.get(person, ""),
    }


def _answers(answers: Iterable[Answer]) -> list[SlipAnswerEntry]:
    return [{"question": each.question, "choice": each.choice, "text": each.text} for each in answers]


def _comments(comments: Mapping[PersonId, str]) -> list[CommentEntry]:
    return [{"person": person, "text": text} for person, text in sorted(comments.items())]


def sheet_entry(kept: KeptSheet) -> SlipSheetEntry:
    """A member's own sheet that counts."""
    sheet = kept.sheet
    return {
        "n": sheet.n,
        "answers": _answers(sheet.answers),
        "receipt": receipt_entry(
            SheetReceipt(sheet.slip, sheet.n, kept.number, kept.hash, sheet.sent_at, is_current=True)
        ),
    }


def receipt_entry(receipt: SheetReceipt) -> SheetReceiptEntry:
    """What the member is given."""
    return {
        "slip": receipt.slip,
        "n": receipt.n,
        "number": receipt.number,
        "hash": receipt.hash,
        "at": moment(receipt.at),
        "is_current": receipt.is_current,
    }


def opinion_entry(opinion: Opinion) -> OpinionEntry:
    """A text with its reply."""
    return {
        "id": opinion.id,
        "question": opinion.question,
        "person": opinion.by.person if opinion.by else None,
        "name": opinion.by.name if opinion.by else None,
        "choice": opinion.choice,
        "text": opinion.text,
        "reply": opinion.reply,
    }


# --- questions and what came of them ---


def _questions(slip: Slip, answered: Mapping[PersonId, KeptSheet]) -> list[SlipQuestionEntry]:
    results = {each.question: each for each in slip.ending.results} if slip.ending else {}
    return [
        {
            "id": each.id,
            "number": each.number,
            "text": each.text,
            "method": "choice" if each.matter is Matter.CHOICE else "approval",
            "options": [
                {"id": option.key, "label": plain(option.words), "needs_text": option.meaning is Meaning.OTHER}
                for option in each.options
            ],
            "rule": {"sentence": plain(each.rule), "article": plain(each.article)},
            "result": _result(slip, each, results[each.id], answered) if each.id in results else None,
        }
        for each in slip.questions
    ]


def _result(slip: Slip, question: SlipQuestion, result: Result, answered: Mapping[PersonId, KeptSheet]) -> ResultEntry:
    assert slip.ending is not None, "a result comes with the end"
    sent, gave = len(slip.roll), slip.ending.answered
    is_open = slip.plan.secrecy is Secrecy.OPEN
    return {
        "sent": sent,
        "answered": gave,
        "silent": sent - gave,
        "counts": dict(result.counts),
        "of_sent": {key: part_of(count, sent) for key, count in result.counts.items()},
        "of_answered": {key: part_of(count, gave) for key, count in result.counts.items()},
        "answers": _given(slip, question, answered) if is_open else None,
        "verdict": verdict_entry(result.verdict, question.options),
    }


def _given(slip: Slip, question: SlipQuestion, answered: Mapping[PersonId, KeptSheet]) -> list[GivenEntry]:
    entries: list[GivenEntry] = []
    for each in slip.roll:
        if each.person not in answered:
            continue
        kept = answered[each.person]
        said = answer_to(question, kept)
        entries.append(
            {
                "person": each.person,
                "name": each.name,
                "choice": said.choice,
                "text": said.text,
                "at": moment(kept.sheet.sent_at),
                "number": kept.number,
            }
        )
    return entries


# --- what may be done ---


def actions(slip: Slip, answered: int, viewer: Viewer, now: datetime) -> list[str]:
    """What this person may do with the slip now, in the words of the wire."""
    found: list[str] = []
    if viewer.prepares:
        found += _of_those_who_prepare(slip)
    if viewer.decides and slip.phase is Phase.SUBMITTED:
        found += ["return", "approve"]
    if viewer.decides and slip.phase is Phase.SENT:
        found += ["extend", "recall", *(["end"] if answered == len(slip.roll) else [])]
    if slip.phase is Phase.SENT and now < slip.deadline and viewer.sits and slip.asks(viewer.person):
        found.append("answer")
    return found


def _of_those_who_prepare(slip: Slip) -> list[str]:
    if slip.phase in WRITTEN_IN:
        return ["change", "submit"]
    if slip.phase is Phase.SENT:
        return ["comment"]
    if slip.phase is Phase.ENDED:
        return ["reply", "report", *([] if is_settled(slip) else ["to_agenda"])]
    return []
