"""Questions on the wire. Ballots: ballots_http.py."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.edge.routes import DONE, Call, Reply, Route, Shape
from ecabinet.kernel.access import Action
from ecabinet.kernel.ids import ItemId, QuestionId
from ecabinet.register.model import Matter

from .rules import ALTERNATIVES_LIMIT, LABEL_LIMIT, TEXT_LIMIT
from .service import Voting, Wanted

_Label = Annotated[str, Field(min_length=1, max_length=LABEL_LIMIT)]


class NewQuestion(Shape):
    """A question for those present: yes or no, or one of several options."""

    item: Annotated[str, Field(min_length=1, max_length=26)]
    text: Annotated[str, Field(min_length=1, max_length=TEXT_LIMIT)]
    method: Literal["approval", "choice"]
    options: Annotated[list[_Label], Field(max_length=ALTERNATIVES_LIMIT)] | None = None


class CancelQuestion(Shape):
    """Why the vote is called off."""

    reason: Annotated[str, Field(min_length=1, max_length=LABEL_LIMIT)]


class QuestionCreated(TypedDict):
    """The new question's id."""

    id: str


@dataclass(frozen=True, slots=True)
class VotingHttp:
    """The slice's routes."""

    uow: UnitOfWork
    voting: Callable[[Act], Voting]

    def routes(self) -> list[Route]:
        """Everything this slice answers."""
        questions = "/api/meetings/{m}/questions"
        question = questions + "/{q}"
        return [
            Route(
                "POST",
                questions,
                Action.PUT_QUESTION,
                self.put,
                "Put a question; it opens at once",
                takes=NewQuestion,
                gives=QuestionCreated,
                status=201,
            ),
            Route("POST", f"{question}/close", Action.PUT_QUESTION, self.close, "End the vote"),
            Route(
                "POST",
                f"{question}/cancel",
                Action.PUT_QUESTION,
                self.cancel,
                "Call the vote off",
                takes=CancelQuestion,
            ),
        ]

    async def put(self, call: Call) -> Reply:
        """By the chair, on the current item."""
        body: NewQuestion = call.body
        wanted = Wanted(
            item=ItemId(body.item),
            text=body.text,
            matter=Matter.CHOICE if body.method == "choice" else Matter.RESOLUTION,
            alternatives=tuple(body.options or ()),
        )
        created = await self.uow.run(lambda act: self.voting(act).put(call.meeting, wanted, call.person))
        return Reply({"id": created}, status=201)

    async def close(self, call: Call) -> Reply:
        """The verdict comes with the event."""
        await self.uow.run(lambda act: self.voting(act).close(call.meeting, _question(call), call.person))
        return DONE

    async def cancel(self, call: Call) -> Reply:
        """With a reason."""
        body: CancelQuestion = call.body
        await self.uow.run(lambda act: self.voting(act).cancel(call.meeting, _question(call), body.reason, call.person))
        return DONE


def _question(call: Call) -> QuestionId:
    return QuestionId(call.named("q"))
