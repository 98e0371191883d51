"""Votes of the hall on the wire."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StrictInt

from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.edge.routes import DONE, Call, FileReply, Reply, Route, Shape
from ecabinet.kernel.access import Action, require_item
from ecabinet.kernel.ids import PersonId, QuestionId
from ecabinet.voting.model import BallotPapers, Levels, PaperCount

from .model import Content, Kind, SheetsDiffer
from .printing import Press
from .service import Hall
from .views import CountEntry, HandsEntry, own_entry

_Id = Annotated[str, Field(min_length=1, max_length=26)]
_Key = Annotated[str, Field(min_length=1, max_length=40)]
_Number = Annotated[StrictInt, Field(ge=0, le=2000)]
_VOTERS_LIMIT = 2000
_LINES_LIMIT = 200


class HandsSheet(Shape):
    """Whose answer was which; whoever gave none is left out."""

    answers: Annotated[dict[_Id, _Key], Field(max_length=_VOTERS_LIMIT)]


class FirstHands(HandsSheet):
    """The first sheet."""

    replaces: _Id | None = None
    """Whose sheet it replaces, where it is somebody else's."""


class LevelsSheet(Shape):
    """How many gave one name each level of confidence."""

    high: _Number
    mid: _Number
    low: _Number


class CountSheet(Shape):
    """What was in the box. One of the last two is left out: votes by option or candidate, or levels by candidate."""

    issued: _Number
    returned: _Number
    valid: _Number
    invalid: _Number
    votes: Annotated[dict[_Key, _Number], Field(max_length=_LINES_LIMIT)] | None = None
    ratings: Annotated[dict[_Key, LevelsSheet], Field(max_length=_LINES_LIMIT)] | None = None

    def counted(self) -> PaperCount:
        """In the words of voting."""
        papers = BallotPapers(self.issued, self.returned, self.valid, self.invalid)
        ratings = {line: Levels(each.high, each.mid, each.low) for line, each in (self.ratings or {}).items()}
        return PaperCount(papers, {**(self.votes or {})}, ratings)


class FirstCount(CountSheet):
    """The first count."""

    replaces: _Id | None = None
    """Whose count it replaces, where it is somebody else's."""


@dataclass(frozen=True, slots=True)
class HallHttp:
    """The slice's routes."""

    uow: UnitOfWork
    hall: Callable[[Act], Hall]
    press: Press

    def routes(self) -> list[Route]:
        """Everything this slice answers."""
        question = "/api/meetings/{m}/questions/{q}"
        hands, count = f"{question}/hands", f"{question}/count"
        enter, confirm, papers = Action.ENTER_HANDS, Action.CONFIRM_HANDS, Action.COUNT_PAPERS
        return [
            Route("PUT", hands, enter, self.enter_hands, "Write down a show of hands", takes=FirstHands),
            Route("GET", hands, confirm, self.my_hands, "My own sheet of it", gives=HandsEntry),
            Route(
                *("POST", f"{hands}/confirm", confirm, self.confirm_hands),
                "Write it down a second time; equal sheets end the vote",
                takes=HandsSheet,
            ),
            Route("PUT", count, papers, self.enter_count, "Enter the tellers' count", takes=FirstCount),
            Route("GET", count, papers, self.my_count, "My own count", gives=CountEntry),
            Route(
                *("POST", f"{count}/confirm", papers, self.confirm_count),
                "Count a second time; equal counts end the vote",
                takes=CountSheet,
            ),
            Route(
                *("GET", f"{question}/tellers-minutes.pdf", Action.READ_MINUTES, self.minutes),
                "The tellers' minutes of a closed secret ballot, to be signed by the board",
                gives=bytes,
            ),
        ]

    async def enter_hands(self, call: Call) -> Reply:
        """By a secretary."""
        question = await self._question(call)
        body: FirstHands = call.body
        answers, replaces = _answers(body), PersonId(body.replaces) if body.replaces else None
        await self.uow.run(
            lambda act: self.hall(act).enter_hands(call.meeting, question, answers, replaces, call.person)
        )
        return DONE

    async def confirm_hands(self, call: Call) -> Reply:
        """By another one. Where the two differ is kept before it is refused."""
        question = await self._question(call)
        answers = _answers(call.body)
        people = await self.uow.run(
            lambda act: self.hall(act).confirm_hands(call.meeting, question, answers, call.person)
        )
        if people:
            raise SheetsDiffer(people=list(people))
        return DONE

    async def enter_count(self, call: Call) -> Reply:
        """By a teller."""
        question = await self._question(call)
        body: FirstCount = call.body
        replaces = PersonId(body.replaces) if body.replaces else None
        await self.uow.run(
            lambda act: self.hall(act).enter_count(call.meeting, question, body.counted(), replaces, call.person)
        )
        return DONE

    async def confirm_count(self, call: Call) -> Reply:
        """By another one. Where the two differ is kept before it is refused."""
        question = await self._question(call)
        body: CountSheet = call.body
        fields = await self.uow.run(
            lambda act: self.hall(act).confirm_count(call.meeting, question, body.counted(), call.person)
        )
        if fields:
            raise SheetsDiffer(fields=list(fields))
        return DONE

    async def my_hands(self, call: Call) -> Reply:
        """So that a reloaded page goes on where it was."""
        return Reply(own_entry(Kind.HANDS, await self._mine(call, Kind.HANDS)))

    async def my_count(self, call: Call) -> Reply:
        """So that a reloaded page goes on where it was."""
        return Reply(own_entry(Kind.COUNT, await self._mine(call, Kind.COUNT)))

    async def _mine(self, call: Call, kind: Kind) -> Content:
        question = await self._question(call)
        async with self.uow.reading() as act:
            return await self.hall(act).mine(call.meeting, question, kind, call.person)

    async def _question(self, call: Call) -> QuestionId:
        """The question in the path. Raises NotFound, RecusedHere: who has withdrawn from an item writes nothing down of
        its votes."""
        question = QuestionId(call.named("q"))
        async with self.uow.reading() as act:
            subjects = await self.hall(act).subjects(call.meeting, question)
        for item in subjects:
            require_item(call.standing, item)
        return question

    async def minutes(self, call: Call) -> FileReply:
        """Set anew each time from what was closed; the same pages every time."""
        question = await self._question(call)
        async with self.uow.reading() as act:
            facts = await self.hall(act).facts(call.meeting, question)
        pages = await self.press.set(facts)
        return FileReply(
            chunks=pages.chunks(),
            size_bytes=len(pages.content),
            content_type="application/pdf",
            filename=f"bien-ban-kiem-phieu-{facts.question.number}.pdf",
            digest=pages.digest,
        )


def _answers(body: HandsSheet) -> dict[PersonId, str]:
    return {PersonId(person): option for person, option in body.answers.items()}
