"""A member's answers: which are whole, which version counts, and the value that is hashed into the record. Pure."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ecabinet.kernel.canonical import digest
from ecabinet.kernel.ids import PersonId, QuestionId
from ecabinet.register.model import Meaning
from ecabinet.voting.model import BallotVersionInvalid, Equivocation, NoSuchChoice, NotEntitled

from .events import SlipAnswered
from .model import (
    Answer,
    CanonicalSheet,
    KeptSheet,
    OpinionWithoutText,
    Phase,
    Sheet,
    SheetIncomplete,
    SheetReceipt,
    Slip,
    SlipEnded,
)

VERSION_LIMIT = 1_000
"""Highest version of a sheet: nobody changes an answer so often, and each is kept for good with all its texts."""
OPINION_LIMIT = 4_000
"""Characters of an opinion."""


def wording(slip: Slip) -> dict[str, object]:
    """The canonical value whose digest an answer carries: exactly what was asked, could be answered, and was handed
    out to read."""
    return {
        "v": 1,
        "slip": slip.id,
        "body": slip.body,
        "title": slip.plan.title,
        "text": slip.plan.text,
        "secrecy": slip.plan.secrecy.value,
        "questions": [
            {
                "question": question.id,
                "text": question.text,
                "matter": question.matter.value,
                "options": [
                    {"key": option.key, "meaning": option.meaning.value, "vi": option.words.vi, "en": option.words.en}
                    for option in question.options
                ],
            }
            for question in slip.questions
        ],
        "papers": [{"title": paper.title, "digest": paper.digest} for paper in slip.papers],
    }


def canonical_sheet(sheet: Sheet, slip_hash: str) -> CanonicalSheet:
    """The value that is hashed into the record. Without a time of arrival: a retry has the same bytes."""
    return {
        "v": 1,
        "slip": sheet.slip,
        "slip_hash": slip_hash,
        "voter": sheet.voter,
        "n": sheet.n,
        "answers": [
            {"question": answer.question, "choice": answer.choice, "text": answer.text} for answer in sheet.answers
        ],
    }


def hash_of(event: SlipAnswered) -> str:
    """What the receipt names."""
    return digest(event.sheet)


def answer(slip: Slip, sheet: Sheet, earlier: Mapping[int, Sequence[Answer]]) -> SlipAnswered | None:
    """Accept one version of one member's answers, or None when exactly this version is stored already (a retry, also
    after the end: its receipt is given again and nothing new happens).

    earlier  this member's stored versions: number to answers
    A version lower than one already stored is kept and does not count: the newest version wins, not the newest
    arrival.

    Raises NotEntitled, SlipEnded, SheetIncomplete, NoSuchChoice, OpinionWithoutText, BallotVersionInvalid,
    Equivocation, the first that applies.
    """
    if not slip.asks(sheet.voter):
        raise NotEntitled()
    if sheet.n in earlier and tuple(earlier[sheet.n]) == sheet.answers:
        return None
    require_answering(slip, sheet)
    _check_answers(slip, sheet.answers)
    if not 1 <= sheet.n <= VERSION_LIMIT:
        raise BallotVersionInvalid(least=1, most=VERSION_LIMIT)
    if sheet.n in earlier:
        raise Equivocation(n=sheet.n)
    assert slip.sending is not None, "a slip in this phase was sent"
    return SlipAnswered(sheet=canonical_sheet(sheet, slip.sending.digest), at=sheet.sent_at, actor=sheet.voter)


def require_answering(slip: Slip, sheet: Sheet) -> None:
    """Raises SlipEnded when no answer is taken any more: from the deadline on, though nobody has counted yet."""
    if slip.phase is not Phase.SENT or sheet.sent_at >= slip.deadline:
        raise SlipEnded(phase=slip.phase.value)


def require_drafting(slip: Slip, sheet: Sheet) -> None:
    """Whether these unfinished answers may be kept: not all questions need be answered, nor in full.

    Raises NotEntitled, SlipEnded, SheetIncomplete for what is not asked or answered twice, NoSuchChoice.
    """
    if not slip.asks(sheet.voter):
        raise NotEntitled()
    require_answering(slip, sheet)
    options = {question.id: {option.key for option in question.options} for question in slip.questions}
    given = [each.question for each in sheet.answers]
    if len(set(given)) != len(given) or not set(given) <= set(options):
        raise SheetIncomplete(missing=[])
    for each in sheet.answers:
        if each.choice and each.choice not in options[each.question]:
            raise NoSuchChoice(question=each.question, allowed=sorted(options[each.question]))


def in_order(slip: Slip, answers: Iterable[Answer]) -> tuple[Answer, ...]:
    """The answers in the order of the questions, their texts in one form (NFC, no space around): the same answers are
    the same bytes, however a device sends them. What answers nothing comes last, for `answer` to refuse."""
    place = {question.id: question.number for question in slip.questions}
    cleaned = [replace(each, text=unicodedata.normalize("NFC", each.text).strip()) for each in answers]
    return tuple(sorted(cleaned, key=lambda each: place.get(each.question, len(place) + 1)))


def _check_answers(slip: Slip, answers: Sequence[Answer]) -> None:
    asked = [question.id for question in slip.questions]
    given = [each.question for each in answers]
    if given != asked:
        raise SheetIncomplete(missing=_missing(asked, given))
    for each, question in zip(answers, slip.questions, strict=True):
        options = {option.key: option for option in question.options}
        if each.choice not in options:
            raise NoSuchChoice(question=question.id, allowed=list(options))
        if options[each.choice].meaning is Meaning.OTHER and not each.text:
            raise OpinionWithoutText(question=question.id)


def _missing(asked: Sequence[QuestionId], given: Sequence[QuestionId]) -> list[QuestionId]:
    return [each for each in asked if each not in given]


def receipt(kept: KeptSheet, versions: Iterable[int]) -> SheetReceipt:
    """What the member is given for a stored sheet. versions: all that this member has stored."""
    return SheetReceipt(
        slip=kept.sheet.slip,
        n=kept.sheet.n,
        number=kept.number,
        hash=kept.hash,
        at=kept.sheet.sent_at,
        is_current=kept.sheet.n >= max(versions, default=0),
    )


def current(kept: Iterable[KeptSheet]) -> dict[PersonId, KeptSheet]:
    """The one that counts of each member: the highest version."""
    newest: dict[PersonId, KeptSheet] = {}
    for each in kept:
        held = newest.get(each.sheet.voter)
        if held is None or each.sheet.n > held.sheet.n:
            newest[each.sheet.voter] = each
    return newest
