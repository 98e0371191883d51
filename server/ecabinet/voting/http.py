"""Questions on the wire. Ballots: ballots_http.py; plans and proxies: plans_http.py."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, StrictInt
from typing_extensions import TypedDict

from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.edge.routes import DONE, Call, Reply, Route, Shape
from ecabinet.kernel.access import Action, require_item
from ecabinet.kernel.errors import Invalid
from ecabinet.kernel.ids import ItemId, PersonId, PlanId, QuestionId
from ecabinet.register.model import Matter

from .asking import ALTERNATIVES_LIMIT, CANDIDATES_LIMIT, LABEL_LIMIT, TEXT_LIMIT
from .conduct import EXTENSION_LEAST_S, EXTENSION_MOST_S, REASON_LIMIT
from .model import Board, Candidate, Kind, Method, Side, Way
from .service import Voting, Wanted

_Label = Annotated[str, Field(min_length=1, max_length=LABEL_LIMIT)]
_Id = Annotated[str, Field(min_length=1, max_length=26)]
_Reason = Annotated[str, Field(min_length=1, max_length=REASON_LIMIT)]
_Seconds = Annotated[StrictInt, Field(ge=EXTENSION_LEAST_S, le=EXTENSION_MOST_S)]
MATTERS = Literal["resolution", "removal", "reduced", "choice", "confidence", "motion"]


class NewCandidate(Shape):
    """A name on the ballot."""

    name: _Label
    person: _Id | None = None


class NewBoard(Shape):
    """A tellers' board to be elected; the head is one of the members."""

    head: _Id
    members: Annotated[list[_Id], Field(min_length=1, max_length=20)]


class NewQuestion(Shape):
    """A question for those present, on the current item or on several that nobody objects to."""

    item: _Id | None = None
    items: Annotated[list[_Id], Field(min_length=2, max_length=100)] | None = None
    text: Annotated[str, Field(min_length=1, max_length=TEXT_LIMIT)]
    method: Literal["approval", "choice", "election", "rating"]
    matter: MATTERS | None = None
    motion: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    way: Literal["electronic", "hands", "paper"] = "electronic"
    kind: Literal["whole", "part", "amendment"] = "whole"
    options: Annotated[list[_Label], Field(max_length=ALTERNATIVES_LIMIT)] | None = None
    candidates: Annotated[list[NewCandidate], Field(min_length=1, max_length=CANDIDATES_LIMIT)] | None = None
    seats: Annotated[StrictInt, Field(ge=1, le=CANDIDATES_LIMIT)] | None = None
    plan: _Id | None = None
    board: NewBoard | None = None
    time_limit_s: _Seconds | None = None


class WithReason(Shape):
    """Why the vote is called off, or taken again."""

    reason: _Reason


class MoreTime(Shape):
    """So many seconds from now."""

    seconds: _Seconds


class SideTaken(Shape):
    """On which side whoever settles ties stands."""

    side: Literal["for", "against"]


class QuestionCreated(TypedDict):
    """The new question's id."""

    id: str


class IncidentCreated(TypedDict):
    """The id of what was reported; the same when it was reported before."""

    id: str


@dataclass(frozen=True, slots=True)
class VotingHttp:
    """The slice's routes."""

    uow: UnitOfWork
    voting: Callable[[Act], Voting]

    def routes(self) -> list[Route]:
        """Everything the chair does with questions, and what voters report."""
        questions = "/api/meetings/{m}/questions"
        one = questions + "/{q}"
        chair = Action.PUT_QUESTION
        return [
            Route(
                "POST",
                questions,
                chair,
                self.put,
                "Put a question; it opens at once",
                takes=NewQuestion,
                gives=QuestionCreated,
                status=201,
            ),
            Route("POST", f"{one}/close", chair, self.close, "End the vote"),
            Route("POST", f"{one}/pause", chair, self.pause, "Let no ballot in for the moment"),
            Route("POST", f"{one}/resume", chair, self.resume, "Let ballots in again"),
            Route("POST", f"{one}/extend", chair, self.extend, "Give more time", takes=MoreTime),
            Route("POST", f"{one}/cancel", chair, self.cancel, "Call the vote off", takes=WithReason),
            Route(
                "POST",
                f"{one}/repeat",
                chair,
                self.repeat,
                "Annul the vote and put the same again",
                takes=WithReason,
                gives=QuestionCreated,
                status=201,
            ),
            Route(
                "POST",
                f"{one}/settle",
                Action.CAST_BALLOT,
                self.settle,
                "Settle the tie that the verdict waits for",
                takes=SideTaken,
            ),
            Route(
                "POST",
                f"{one}/incidents",
                Action.CAST_BALLOT,
                self.report_incident,
                "Say that my line was lost during the vote",
                gives=IncidentCreated,
                status=201,
            ),
        ]

    async def put(self, call: Call) -> Reply:
        """By the chair."""
        wanted = _wanted(call.body)
        for item in wanted.items or (wanted.item,):
            require_item(call.standing, item)
        created = await self.uow.run(lambda act: self.voting(act).put(call.meeting, wanted, call.person))
        return Reply({"id": created}, status=201)

    async def close(self, call: Call) -> Reply:
        """The verdict comes with the event."""
        question = await self._question(call)
        await self.uow.run(lambda act: self.voting(act).close(call.meeting, question, call.person))
        return DONE

    async def pause(self, call: Call) -> Reply:
        """Until the chair resumes."""
        question = await self._question(call)
        await self.uow.run(lambda act: self.voting(act).pause(call.meeting, question, call.person))
        return DONE

    async def resume(self, call: Call) -> Reply:
        """Where it was."""
        question = await self._question(call)
        await self.uow.run(lambda act: self.voting(act).resume(call.meeting, question, call.person))
        return DONE

    async def extend(self, call: Call) -> Reply:
        """From now."""
        question = await self._question(call)
        body: MoreTime = call.body
        await self.uow.run(lambda act: self.voting(act).extend(call.meeting, question, body.seconds, call.person))
        return DONE

    async def cancel(self, call: Call) -> Reply:
        """With a reason."""
        question = await self._question(call)
        body: WithReason = call.body
        await self.uow.run(lambda act: self.voting(act).cancel(call.meeting, question, body.reason, call.person))
        return DONE

    async def repeat(self, call: Call) -> Reply:
        """With a reason; the id is the new question's."""
        question = await self._question(call)
        body: WithReason = call.body
        created = await self.uow.run(
            lambda act: self.voting(act).repeat(call.meeting, question, body.reason, call.person)
        )
        return Reply({"id": created}, status=201)

    async def settle(self, call: Call) -> Reply:
        """By the one who settles ties alone."""
        question = await self._question(call)
        side = Side(call.body.side)
        await self.uow.run(lambda act: self.voting(act).settle(call.meeting, question, side, call.person))
        return DONE

    async def report_incident(self, call: Call) -> Reply:
        """One for each vote and person."""
        question = await self._question(call)
        created = await self.uow.run(lambda act: self.voting(act).report_incident(call.meeting, question, call.person))
        return Reply({"id": created}, status=201)

    async def _question(self, call: Call) -> QuestionId:
        """The question in the path. Raises NotFound, RecusedHere: who has withdrawn from an item does nothing to its
        questions, whatever the role."""
        question = QuestionId(call.named("q"))
        async with self.uow.reading() as act:
            subjects = await self.voting(act).subjects(call.meeting, question)
        for item in subjects:
            require_item(call.standing, item)
        return question


def _wanted(body: NewQuestion) -> Wanted:
    if (body.item is None) == (body.items is None):
        raise Invalid(fields={"item": "one of item and items"})
    if (body.motion is not None) != (body.matter == "motion"):
        raise Invalid(fields={"motion": "goes with the matter motion"})
    items = tuple(ItemId(each) for each in body.items or ())
    board = body.board
    return Wanted(
        item=items[0] if items else ItemId(body.item or ""),
        text=body.text,
        matter=_matter(body),
        alternatives=tuple(body.options or ()),
        method=Method(body.method),
        way=Way(body.way),
        kind=Kind(body.kind),
        items=items,
        motion=body.motion,
        candidates=tuple(
            Candidate(f"candidate-{place}", each.name, PersonId(each.person) if each.person else None)
            for place, each in enumerate(body.candidates or (), start=1)
        ),
        seats=body.seats,
        board=Board(PersonId(board.head), tuple(PersonId(each) for each in board.members)) if board else None,
        plan=PlanId(body.plan) if body.plan else None,
        time_limit_s=body.time_limit_s,
    )


def _matter(body: NewQuestion) -> Matter:
    if body.matter is None:
        return Matter.CHOICE if body.method == "choice" else Matter.RESOLUTION
    return Matter.RESOLUTION if body.matter == "motion" else Matter(body.matter)
