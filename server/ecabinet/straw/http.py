"""Straw polls on the wire."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.edge.routes import DONE, Call, Reply, Route, Shape
from ecabinet.kernel.access import Action, require_item
from ecabinet.kernel.ids import StrawPollId

from .rules import LABEL_LIMIT, OPTIONS, TEXT_LIMIT
from .service import Straw
from .views import MyStraw, StrawProgress

_Label = Annotated[str, Field(min_length=1, max_length=LABEL_LIMIT)]


class NewStrawPoll(Shape):
    """A question for the room, answered without names."""

    text: Annotated[str, Field(min_length=1, max_length=TEXT_LIMIT)]
    options: Annotated[list[_Label], Field(min_length=OPTIONS[0], max_length=OPTIONS[1])]


class StrawAnswer(Shape):
    """One answer."""

    choice: Annotated[str, Field(min_length=1, max_length=20)]


class StrawCancel(Shape):
    """Why it is called off."""

    reason: _Label


class StrawPollCreated(TypedDict):
    """The new poll's id."""

    id: str


@dataclass(frozen=True, slots=True)
class StrawHttp:
    """The slice's routes."""

    uow: UnitOfWork
    straw: Callable[[Act], Straw]

    def routes(self) -> list[Route]:
        """Everything this slice answers."""
        polls = "/api/meetings/{m}/straw-polls"
        poll = polls + "/{p}"
        put, cast = Action.PUT_QUESTION, Action.CAST_BALLOT
        return [
            Route(
                *("POST", polls, put, self.ask, "Ask the room without names"),
                takes=NewStrawPoll,
                gives=StrawPollCreated,
                status=201,
            ),
            Route("GET", poll, put, self.progress, "How many have answered", gives=StrawProgress),
            Route("POST", f"{poll}/answers", cast, self.answer, "Answer, once", takes=StrawAnswer),
            Route("GET", f"{poll}/answers/mine", cast, self.mine, "Whether my answer is in the box", gives=MyStraw),
            Route("POST", f"{poll}/close", put, self.close, "Count, and destroy what was counted"),
            Route("POST", f"{poll}/cancel", put, self.cancel, "Call it off", takes=StrawCancel),
        ]

    async def ask(self, call: Call) -> Reply:
        """By the chair, on the item before the meeting."""
        await self._require_subject(call)
        body: NewStrawPoll = call.body
        poll = await self.uow.run(
            lambda act: self.straw(act).ask(call.meeting, body.text, tuple(body.options), call.person)
        )
        return Reply(StrawPollCreated(id=poll), 201)

    async def progress(self, call: Call) -> Reply:
        """Asked for, never pushed: a push for each answer would be a list of times."""
        poll = await self._poll(call)
        async with self.uow.reading() as act:
            answered = await self.straw(act).answered(call.meeting, poll)
        return Reply(StrawProgress(answered=answered))

    async def answer(self, call: Call) -> Reply:
        """No receipt: it could only say what must not be known."""
        body: StrawAnswer = call.body
        poll = await self._poll(call)
        await self.uow.run(lambda act: self.straw(act).answer(call.meeting, poll, body.choice, call.person))
        return DONE

    async def mine(self, call: Call) -> Reply:
        """So that a reloaded page does not ask again."""
        poll = await self._poll(call)
        async with self.uow.reading() as act:
            has_answered = await self.straw(act).has_answered(call.meeting, poll, call.person)
        return Reply(MyStraw(has_answered=has_answered))

    async def close(self, call: Call) -> Reply:
        """The sums come with the event."""
        poll = await self._poll(call)
        await self.uow.run(lambda act: self.straw(act).close(call.meeting, poll, call.person))
        return DONE

    async def cancel(self, call: Call) -> Reply:
        """With a reason. Also by a chair who has withdrawn meanwhile: nothing is told, and the box is destroyed."""
        body: StrawCancel = call.body
        poll = StrawPollId(call.named("p"))
        await self.uow.run(lambda act: self.straw(act).cancel(call.meeting, poll, body.reason, call.person))
        return DONE

    async def _poll(self, call: Call) -> StrawPollId:
        """The poll in the path. Raises NotFound, RecusedHere: who has withdrawn from an item neither asks the room
        about it, nor answers, nor learns what the room thinks."""
        poll = StrawPollId(call.named("p"))
        await self._require_subject(call, poll)
        return poll

    async def _require_subject(self, call: Call, poll: StrawPollId | None = None) -> None:
        async with self.uow.reading() as act:
            item = await self.straw(act).subject(call.meeting, poll)
        if item is not None:
            require_item(call.standing, item)
