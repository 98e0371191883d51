"""Slips on the wire: preparing, deciding, answering, and what follows."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Protocol, TypeVar

from pydantic import AwareDatetime, Field, StrictInt
from typing_extensions import TypedDict

from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.edge.routes import DONE, Call, FileReply, Reply, Route, Shape
from ecabinet.kernel.access import Action
from ecabinet.kernel.errors import Invalid
from ecabinet.kernel.ids import BodyId, MeetingId, OpinionId, PaperId, PersonId, QuestionId, SlipId
from ecabinet.kernel.ports import Blobs
from ecabinet.papers.model import Names, Upload
from ecabinet.register.model import Matter
from ecabinet.voting.asking import ALTERNATIVES_LIMIT, LABEL_LIMIT

from . import views
from .drafting import (
    QUESTIONS_LIMIT,
    REMINDERS_H,
    REMINDERS_LIMIT,
    TEXT_LIMIT,
    TITLE_LIMIT,
)
from .entries import SheetReceiptEntry, SlipEntry, Slips
from .model import Answer, Plan, ReportKind, Secrecy, Wording
from .printing import Document, Press
from .service import Given, Going, Opinions
from .sheets import OPINION_LIMIT, VERSION_LIMIT

_Id = Annotated[str, Field(min_length=1, max_length=26)]
_Reason = Annotated[str, Field(min_length=1, max_length=1000)]
_Label = Annotated[str, Field(min_length=1, max_length=LABEL_LIMIT)]
_TYPE = "application/pdf"
_ALL = "/api/bodies/{b}/slips"
_ONE = _ALL + "/{s}"
_T = TypeVar("_T")


class NewSlipQuestion(Shape):
    """One content of a slip: yes, no or another opinion, or one of several options."""

    text: Annotated[str, Field(min_length=1, max_length=TEXT_LIMIT)]
    method: Literal["approval", "choice"]
    options: Annotated[list[_Label], Field(max_length=ALTERNATIVES_LIMIT)] | None = None


_Title = Annotated[str, Field(min_length=1, max_length=TITLE_LIMIT)]
_Text = Annotated[str, Field(max_length=TEXT_LIMIT)]
_Hours = Annotated[list[StrictInt], Field(max_length=REMINDERS_LIMIT)]
_Questions = Annotated[list[NewSlipQuestion], Field(min_length=1, max_length=QUESTIONS_LIMIT)]


class NewSlip(Shape):
    """What a slip is to be."""

    title: _Title
    text: _Text = ""
    secrecy: Secrecy
    deadline: AwareDatetime
    reminders_h: _Hours | None = None
    ends_when_all_answered: bool = True
    questions: _Questions


class ChangedSlip(Shape):
    """Those fields of a slip that are to be others."""

    title: _Title | None = None
    text: _Text | None = None
    secrecy: Secrecy | None = None
    deadline: AwareDatetime | None = None
    reminders_h: _Hours | None = None
    ends_when_all_answered: bool | None = None
    questions: _Questions | None = None


class SlipReason(Shape):
    """Why."""

    reason: _Reason


class SlipApproval(Shape):
    """Send it, with another deadline than was proposed where one is named."""

    deadline: AwareDatetime | None = None


class SlipExtension(Shape):
    """A later deadline, and why."""

    deadline: AwareDatetime
    reason: _Reason


class SlipAnswer(Shape):
    """What I say to a question."""

    question: _Id
    choice: Annotated[str, Field(max_length=40)]
    text: Annotated[str, Field(max_length=OPINION_LIMIT)] = ""


_Answers = Annotated[list[SlipAnswer], Field(max_length=QUESTIONS_LIMIT)]


class SlipDraft(Shape):
    """Unfinished answers."""

    answers: _Answers


class NewSheet(Shape):
    """One version of my answers to all questions."""

    n: Annotated[StrictInt, Field(ge=1, le=VERSION_LIMIT)]
    answers: _Answers


class SlipText(Shape):
    """A comment or a reply; empty takes it back."""

    text: Annotated[str, Field(max_length=OPINION_LIMIT)]


class ToMeeting(Shape):
    """The meeting before which the slip is to come."""

    meeting: _Id


class SlipMade(TypedDict):
    """The id of what was made."""

    id: str


class ItemMade(TypedDict):
    """The agenda item that was made."""

    item: str


class Incoming(Protocol):
    """Takes PDFs in, as papers.http does."""

    def announced(self, call: Call) -> Names:
        """What it is called. Raises Invalid, NotAPdf, TooLarge."""
        ...

    async def receive(self, call: Call, names: Names) -> Upload:
        """Its bytes, checked and kept. Raises NotAPdf, TooLarge, BrokenPdf, Unavailable."""
        ...


@dataclass(frozen=True, slots=True)
class OpinionsHttp:
    """The slice's routes."""

    uow: UnitOfWork
    opinions: Callable[[Act], Opinions]
    incoming: Incoming
    blobs: Blobs
    press: Press

    def routes(self) -> list[Route]:
        """Everything this slice answers."""
        return [*self._preparing(), *self._deciding(), *self._answering(), *self._following()]

    def _preparing(self) -> list[Route]:
        read, prepare = Action.READ_SLIP, Action.PREPARE_SLIP
        return [
            Route("GET", _ALL, read, self.listed, "The body's slips", gives=Slips),
            Route("POST", _ALL, prepare, self.draft, "Draft a slip", takes=NewSlip, gives=SlipMade, status=201),
            Route("GET", _ONE, read, self.get, "A slip", gives=SlipEntry),
            Route("PATCH", _ONE, prepare, self.change, "Change a draft", takes=ChangedSlip),
            Route(
                "POST", f"{_ONE}/papers", prepare, self.add_paper, "Give a PDF with the slip",
                gives=SlipMade, status=201, raw=True,
            ),
            Route("DELETE", f"{_ONE}/papers/{{p}}", prepare, self.remove_paper, "Take a paper back"),
            Route("GET", f"{_ONE}/papers/{{p}}/content", read, self.content, "A paper's bytes", gives=bytes),
            Route("POST", f"{_ONE}/submit", prepare, self.submit, "Lay it before the head of the body"),
        ]  # fmt: skip

    def _deciding(self) -> list[Route]:
        decide = Action.DECIDE_SLIP
        return [
            Route("POST", f"{_ONE}/return", decide, self.give_back, "Return it", takes=SlipReason),
            Route("POST", f"{_ONE}/approve", decide, self.approve, "Send it", takes=SlipApproval),
            Route("POST", f"{_ONE}/extend", decide, self.extend, "Put the deadline off", takes=SlipExtension),
            Route("POST", f"{_ONE}/recall", decide, self.recall, "Take it back", takes=SlipReason),
            Route("POST", f"{_ONE}/end", decide, self.end, "End it, when all have answered"),
        ]

    def _answering(self) -> list[Route]:
        answer = Action.ANSWER_SLIP
        return [
            Route("PUT", f"{_ONE}/draft", answer, self.save_draft, "Keep unfinished answers", takes=SlipDraft),
            Route(
                "POST", f"{_ONE}/sheets", answer, self.answer, "Send a version of my sheet",
                takes=NewSheet, gives=SheetReceiptEntry, status=201,
            ),
            Route(
                "PUT", f"{_ONE}/comments/{{person}}", Action.COMMENT_SLIP, self.comment, "Say something to a sheet",
                takes=SlipText,
            ),
        ]  # fmt: skip

    def _following(self) -> list[Route]:
        prepare = Action.PREPARE_SLIP
        made: dict[str, Any] = {"takes": ToMeeting, "gives": ItemMade, "status": 201}
        return [
            Route("PUT", f"{_ONE}/replies/{{o}}", prepare, self.reply, "Reply to an opinion", takes=SlipText),
            Route(
                "GET", f"{_ONE}/result/pdf", Action.READ_SLIP, self.result_pdf, "The result as a PDF", gives=bytes
            ),
            Route("GET", f"{_ONE}/opinions/pdf", prepare, self.opinions_pdf, "The opinions as a PDF", gives=bytes),
            Route("POST", f"{_ONE}/report", prepare, self.report, "Report it to a meeting", **made),
            Route("POST", f"{_ONE}/to-agenda", prepare, self.to_agenda, "Put the matter on an agenda", **made),
        ]  # fmt: skip

    # --- reading ---

    async def listed(self, call: Call) -> Reply:
        """Nothing when nothing has changed."""
        async with self.uow.reading() as act:
            found = await self.opinions(act).listed(call.of_body, call.person)
        return _UNCHANGED if found["version"] == _since(call) else Reply(found)

    async def get(self, call: Call) -> Reply:
        """Nothing when nothing has changed: a page that waits asks every few seconds."""
        since = _since(call)
        async with self.uow.reading() as act:
            opinions = self.opinions(act)
            if since is not None and await opinions.version(*_slip(call), call.person) == since:
                return _UNCHANGED
            return Reply(await opinions.get(*_slip(call), call.person))

    async def content(self, call: Call) -> FileReply:
        """The bytes as they came."""
        async with self.uow.reading() as act:
            paper = await self.opinions(act).paper(*_slip(call), PaperId(call.named("p")), call.person)
        return FileReply(self.blobs.stream(paper.digest), paper.size_bytes, _TYPE, paper.filename, paper.digest)

    # --- preparing ---

    async def draft(self, call: Call) -> Reply:
        """Nobody but the staff knows of it."""
        body: NewSlip = call.body
        fields = {"reminders_h": REMINDERS_H} | _fields(body)
        made = await self._run(lambda each: each.draft(call.of_body, Plan(**fields), call.person))
        return Reply({"id": made}, status=201)

    async def change(self, call: Call) -> Reply:
        """What is not said stays."""
        changed = _fields(call.body)
        await self._run(lambda each: each.rewrite(*_slip(call), changed, call.person))
        return DONE

    async def add_paper(self, call: Call) -> Reply:
        """Everything that can be refused is refused before something is recorded, and the cheap things first."""
        names = self.incoming.announced(call)
        async with self.uow.reading() as act:
            await self.opinions(act).require_writing(*_slip(call))
        upload = await self.incoming.receive(call, names)
        made = await self._run(lambda each: each.add_paper(*_slip(call), upload, call.person))
        return Reply({"id": made}, status=201)

    async def remove_paper(self, call: Call) -> Reply:
        """Take a paper back."""
        paper = PaperId(call.named("p"))
        await self._run(lambda each: each.remove_paper(*_slip(call), paper, call.person))
        return DONE

    async def submit(self, call: Call) -> Reply:
        """To the head of the body."""
        await self._run(lambda each: each.submit(*_slip(call), call.person))
        return DONE

    # --- deciding ---

    async def give_back(self, call: Call) -> Reply:
        """With a reason."""
        body: SlipReason = call.body
        await self._run(lambda each: each.give_back(*_slip(call), body.reason, call.person))
        return DONE

    async def approve(self, call: Call) -> Reply:
        """It goes out at once."""
        body: SlipApproval = call.body
        await self._run(lambda each: each.approve(*_slip(call), body.deadline, call.person))
        return DONE

    async def extend(self, call: Call) -> Reply:
        """With a reason."""
        body: SlipExtension = call.body
        await self._run(lambda each: each.extend(*_slip(call), body.deadline, body.reason, call.person))
        return DONE

    async def recall(self, call: Call) -> Reply:
        """With a reason."""
        body: SlipReason = call.body
        await self._run(lambda each: each.recall(*_slip(call), body.reason, call.person))
        return DONE

    async def end(self, call: Call) -> Reply:
        """When everybody has answered."""
        await self._run(lambda each: each.end(*_slip(call), call.person))
        return DONE

    # --- answering ---

    async def save_draft(self, call: Call) -> Reply:
        """For nobody else's eyes."""
        body: SlipDraft = call.body
        answers = _answers(body.answers)
        await self._run(lambda each: each.save_draft(*_slip(call), answers, call.person))
        return DONE

    async def answer(self, call: Call) -> Reply:
        """The receipt leaves after the commit."""
        body: NewSheet = call.body
        given = Given(body.n, _answers(body.answers))
        receipt = await self._run(lambda each: each.answer(*_slip(call), given, call.person))
        return Reply(views.receipt_entry(receipt), status=201)

    async def comment(self, call: Call) -> Reply:
        """For one member's eyes."""
        body: SlipText = call.body
        person = PersonId(call.named("person"))
        await self._run(lambda each: each.comment(*_slip(call), person, body.text, call.person))
        return DONE

    # --- after the end ---

    async def reply(self, call: Call) -> Reply:
        """What becomes of an opinion."""
        body: SlipText = call.body
        opinion = OpinionId(call.named("o"))
        await self._run(lambda each: each.reply(*_slip(call), opinion, body.text, call.person))
        return DONE

    async def result_pdf(self, call: Call) -> FileReply:
        """The result on both bases, with its verdict."""
        return await self._printed(call, Document.RESULT)

    async def opinions_pdf(self, call: Call) -> FileReply:
        """The table of opinions and what became of them."""
        return await self._printed(call, Document.OPINIONS)

    async def report(self, call: Call) -> Reply:
        """For information, with the result as its paper."""
        return await self._to_meeting(call, ReportKind.REPORT, (Document.RESULT,))

    async def to_agenda(self, call: Call) -> Reply:
        """For decision, with everything that is known of it."""
        return await self._to_meeting(call, ReportKind.AGENDA, (Document.RESULT, Document.OPINIONS))

    async def _to_meeting(self, call: Call, kind: ReportKind, documents: tuple[Document, ...]) -> Reply:
        """Three steps, so that setting the pages never holds a transaction."""
        body: ToMeeting = call.body
        meeting = MeetingId(body.meeting)
        async with self.uow.reading() as act:
            await self.opinions(act).require_reportable(*_slip(call), meeting, kind, call.person)
            printable = await self.opinions(act).printable(*_slip(call), call.person)
        pages = tuple([await self.press.keep(printable, document) for document in documents])
        going = Going(meeting, kind, printable.slip.version, pages)
        item = await self._run(lambda each: each.report(*_slip(call), going, call.person))
        return Reply({"item": item}, status=201)

    async def _printed(self, call: Call, document: Document) -> FileReply:
        async with self.uow.reading() as act:
            printable = await self.opinions(act).printable(*_slip(call), call.person)
        pages = await self.press.set(printable, document)
        return FileReply(pages.chunks(), len(pages.content), _TYPE, pages.names.filename, pages.digest)

    async def _run(self, act_on: Callable[[Opinions], Awaitable[_T]]) -> _T:
        return await self.uow.run(lambda act: act_on(self.opinions(act)))


_UNCHANGED = Reply(status=204)
_MATTERS = {"approval": Matter.RESOLUTION, "choice": Matter.CHOICE}


def _slip(call: Call) -> tuple[BodyId, SlipId]:
    return call.of_body, SlipId(call.named("s"))


def _since(call: Call) -> int | None:
    asked = call.asked("since")
    if asked is None:
        return None
    if not (asked.isascii() and asked.isdigit() and len(asked) < 10):
        raise Invalid(fields={"since": "not_a_version"})
    return int(asked)


def _fields(body: NewSlip | ChangedSlip) -> dict[str, Any]:
    """The fields of a Plan that were named."""
    named = {name: getattr(body, name) for name in type(body).model_fields if getattr(body, name) is not None}
    if "reminders_h" in named:
        named["reminders_h"] = tuple(named["reminders_h"])
    if "questions" in named:
        named["questions"] = tuple(
            Wording(each.text, _MATTERS[each.method], tuple(each.options or ())) for each in named["questions"]
        )
    return named


def _answers(given: list[SlipAnswer]) -> tuple[Answer, ...]:
    return tuple(Answer(QuestionId(each.question), each.choice, each.text) for each in given)
