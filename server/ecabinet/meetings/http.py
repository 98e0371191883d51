"""Meetings on the wire: preparing, answering, leading."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StrictInt, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from ecabinet.adapters.unit_of_work import Act, UnitOfWork
from ecabinet.edge.routes import DONE, Call, Reply, Route, Shape
from ecabinet.kernel.access import Action, Role, require_item, require_known
from ecabinet.kernel.errors import Invalid
from ecabinet.kernel.ids import ItemId, PersonId

from .model import Answer, ItemPlan, ItemType, Kind, Mode, Plan
from .service import Meetings, Wanted
from .views import Cards, Desk

Line = Annotated[str, Field(min_length=1, max_length=300)]
MaybeLine = Annotated[str, Field(max_length=300)]
Id = Annotated[str, Field(min_length=1, max_length=26)]
Minutes = Annotated[StrictInt, Field(ge=1, le=720)]
NOTES_LIMIT = 20_000
"""Characters."""


class NewMeeting(Shape):
    """What a meeting is to be. ``chair``: a member of the body; the body's head when left out."""

    title: Line
    kind: Kind
    mode: Mode
    place: MaybeLine = ""
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    chair: Id | None = None
    floor_controls_microphone: bool = False


class ChangedMeeting(Shape):
    """Those fields of a meeting that are to be others."""

    title: Line | None = None
    kind: Kind | None = None
    mode: Mode | None = None
    place: MaybeLine | None = None
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    chair: Id | None = None
    floor_controls_microphone: bool | None = None


class NewItem(Shape):
    """What an item is to be; ``minutes`` is the time allotted."""

    title: Line
    type: ItemType
    presenter: MaybeLine = ""
    minutes: Minutes


class ChangedItem(Shape):
    """Those fields of an item that are to be others."""

    title: Line | None = None
    type: ItemType | None = None
    presenter: MaybeLine | None = None
    minutes: Minutes | None = None


class Agenda(Shape):
    """Every item of the agenda, each once, in the order they are to have."""

    order: Annotated[list[Id], Field(max_length=200)]


class Place(Shape):
    """As what someone is to take part."""

    role: Literal["chair", "secretary", "member", "stand_in", "guest"]
    items: Annotated[list[Id], Field(max_length=200)] | None = None
    stands_in_for: Id | None = None


class Reason(Shape):
    """Why."""

    reason: Annotated[str, Field(min_length=1, max_length=1000)]


class AnswerGiven(Shape):
    """Whether one comes. An absence needs a reason, a stand-in a person."""

    answer: Literal["in_person", "remote", "absent", "stand_in"]
    reason: Annotated[str, Field(max_length=1000)] | None = None
    stand_in: Id | None = None


class Text(Shape):
    """Running notes or a conclusion; empty takes it back."""

    text: Annotated[str, Field(max_length=NOTES_LIMIT)]


class Made(TypedDict):
    """The id of what was made."""

    id: str


@dataclass(frozen=True, slots=True)
class MeetingsHttp:
    """The slice's routes."""

    uow: UnitOfWork
    meetings: Callable[[Act], Meetings]

    def routes(self) -> list[Route]:
        """Everything this slice answers."""
        return [*self._lists(), *self._preparing(), *self._running()]

    def _lists(self) -> list[Route]:
        return [
            Route("GET", "/api/desk", Action.BE_SIGNED_IN, self.desk, "My desk", gives=Desk),
            Route("GET", "/api/meetings", Action.BE_SIGNED_IN, self.cards, "My meetings", gives=Cards),
        ]

    def _preparing(self) -> list[Route]:
        prepare, of = Action.PREPARE_MEETING, "/api/meetings/{m}"
        people, items = f"{of}/participants/{{person}}", f"{of}/items/{{i}}"
        return [
            Route(
                "POST", "/api/bodies/{b}/meetings", Action.CONVENE, self.create, "Call a meeting",
                takes=NewMeeting, gives=Made, status=201,
            ),
            Route("PATCH", of, prepare, self.change, "Change a meeting", takes=ChangedMeeting),
            Route(
                "POST", f"{of}/items", prepare, self.add_item, "Add an item", takes=NewItem, gives=Made, status=201
            ),
            Route("PATCH", items, prepare, self.change_item, "Change an item", takes=ChangedItem),
            Route("DELETE", items, prepare, self.remove_item, "Take an item off the agenda"),
            Route("PUT", f"{of}/agenda", prepare, self.order_agenda, "Order the agenda", takes=Agenda),
            Route("PUT", people, prepare, self.set_participant, "Put someone on the list", takes=Place),
            Route("DELETE", people, prepare, self.remove_participant, "Take someone off the list"),
            Route("POST", f"{of}/convene", prepare, self.convene, "Send the invitations"),
            Route("POST", f"{of}/cancel", prepare, self.cancel, "Call it off", takes=Reason),
        ]  # fmt: skip

    def _running(self) -> list[Route]:
        lead, of = Action.LEAD_MEETING, "/api/meetings/{m}"
        item = f"{of}/items/{{i}}"
        return [
            Route(
                "POST", f"{of}/answer", Action.ANSWER_INVITATION, self.answer, "Answer the invitation",
                takes=AnswerGiven,
            ),
            Route("POST", f"{of}/open", lead, self.open, "Open the meeting"),
            Route("POST", f"{of}/pause", lead, self.pause, "Begin a break"),
            Route("POST", f"{of}/resume", lead, self.resume, "End the break"),
            Route("POST", f"{of}/close", lead, self.close, "Close the meeting"),
            Route("POST", f"{item}/start", lead, self.start_item, "Bring an item before the meeting"),
            Route("POST", f"{item}/finish", lead, self.finish_item, "Be done with an item"),
            Route("PUT", f"{item}/notes", Action.NOTE_ITEM, self.note_item, "Keep notes", takes=Text),
            Route("PUT", f"{item}/conclusion", Action.CONCLUDE_ITEM, self.conclude_item, "Conclude", takes=Text),
        ]  # fmt: skip

    # --- lists ---

    async def desk(self, call: Call) -> Reply:
        """What I see first."""
        async with self.uow.reading() as act:
            return Reply(await self.meetings(act).desk(call.person))

    async def cards(self, call: Call) -> Reply:
        """The meetings I take part in or prepare."""
        since, until = _asked_moment(call, "since"), _asked_moment(call, "until")
        async with self.uow.reading() as act:
            return Reply({"meetings": await self.meetings(act).cards(call.person, since, until)})

    # --- preparing ---

    async def create(self, call: Call) -> Reply:
        """A draft."""
        body: NewMeeting = call.body
        plan = Plan(**body.model_dump(exclude={"chair"}))
        chair = PersonId(body.chair) if body.chair else None
        made = await self.uow.run(lambda act: self.meetings(act).create(call.of_body, plan, chair, call.person))
        return Reply({"id": made}, status=201)

    async def change(self, call: Call) -> Reply:
        """What is not said stays."""
        body: ChangedMeeting = call.body
        changed = body.model_dump(exclude_none=True, exclude={"chair"})
        chair = PersonId(body.chair) if body.chair else None
        await self.uow.run(lambda act: self.meetings(act).change(call.meeting, changed, chair, call.person))
        return DONE

    async def add_item(self, call: Call) -> Reply:
        """At the end of the agenda."""
        plan = ItemPlan(**call.body.model_dump())
        made = await self.uow.run(lambda act: self.meetings(act).add_item(call.meeting, plan, call.person))
        return Reply({"id": made}, status=201)

    async def change_item(self, call: Call) -> Reply:
        """What is not said stays."""
        changed = call.body.model_dump(exclude_none=True)
        item = _item(call)
        await self.uow.run(lambda act: self.meetings(act).change_item(call.meeting, item, changed, call.person))
        return DONE

    async def remove_item(self, call: Call) -> Reply:
        """Before the meeting opens."""
        item = _item(call)
        await self.uow.run(lambda act: self.meetings(act).remove_item(call.meeting, item, call.person))
        return DONE

    async def order_agenda(self, call: Call) -> Reply:
        """Each item once."""
        order = tuple(ItemId(each) for each in call.body.order)
        await self.uow.run(lambda act: self.meetings(act).order_agenda(call.meeting, order, call.person))
        return DONE

    async def set_participant(self, call: Call) -> Reply:
        """Adds or changes."""
        body: Place = call.body
        wanted = Wanted(
            PersonId(call.named("person")),
            Role(body.role),
            None if body.items is None else frozenset(ItemId(each) for each in body.items),
            PersonId(body.stands_in_for) if body.stands_in_for else None,
        )
        await self.uow.run(lambda act: self.meetings(act).set_participant(call.meeting, wanted, call.person))
        return DONE

    async def remove_participant(self, call: Call) -> Reply:
        """Once the meeting is open, only those without a vote."""
        person = PersonId(call.named("person"))
        await self.uow.run(lambda act: self.meetings(act).remove_participant(call.meeting, person, call.person))
        return DONE

    async def convene(self, call: Call) -> Reply:
        """The invitations go out."""
        await self.uow.run(lambda act: self.meetings(act).convene(call.meeting, call.person))
        return DONE

    async def cancel(self, call: Call) -> Reply:
        """With the reason that all participants read."""
        reason: str = call.body.reason
        await self.uow.run(lambda act: self.meetings(act).cancel(call.meeting, reason, call.person))
        return DONE

    # --- answering and leading ---

    async def answer(self, call: Call) -> Reply:
        """My own answer; nobody answers for another."""
        body: AnswerGiven = call.body
        answer, stand_in = Answer(body.answer), PersonId(body.stand_in) if body.stand_in else None
        await self.uow.run(
            lambda act: self.meetings(act).answer(call.meeting, answer, body.reason, stand_in, call.person)
        )
        return DONE

    async def open(self, call: Call) -> Reply:
        """Enough members must be there."""
        await self.uow.run(lambda act: self.meetings(act).open(call.meeting, call.person))
        return DONE

    async def pause(self, call: Call) -> Reply:
        """A break."""
        await self.uow.run(lambda act: self.meetings(act).pause(call.meeting, call.person))
        return DONE

    async def resume(self, call: Call) -> Reply:
        """After a break."""
        await self.uow.run(lambda act: self.meetings(act).resume(call.meeting, call.person))
        return DONE

    async def close(self, call: Call) -> Reply:
        """The end."""
        await self.uow.run(lambda act: self.meetings(act).close(call.meeting, call.person))
        return DONE

    async def start_item(self, call: Call) -> Reply:
        """Finishes the current one."""
        item = _item(call)
        await self.uow.run(lambda act: self.meetings(act).start_item(call.meeting, item, call.person))
        return DONE

    async def finish_item(self, call: Call) -> Reply:
        """The meeting is done with it."""
        item = _item(call)
        await self.uow.run(lambda act: self.meetings(act).finish_item(call.meeting, item, call.person))
        return DONE

    async def note_item(self, call: Call) -> Reply:
        """For the chair and the secretaries alone."""
        item, text = _item_taken_part_in(call), call.body.text
        await self.uow.run(lambda act: self.meetings(act).note_item(call.meeting, item, text, call.person))
        return DONE

    async def conclude_item(self, call: Call) -> Reply:
        """Everyone who may know of the item reads it."""
        item, text = _item_taken_part_in(call), call.body.text
        await self.uow.run(lambda act: self.meetings(act).conclude_item(call.meeting, item, text, call.person))
        return DONE


def _item(call: Call) -> ItemId:
    """The item in the path. Its place on the agenda is known also to who has withdrawn from it."""
    item = ItemId(call.named("i"))
    require_known(call.standing, item)
    return item


def _item_taken_part_in(call: Call) -> ItemId:
    item = ItemId(call.named("i"))
    require_item(call.standing, item)
    return item


_MOMENT = TypeAdapter(AwareDatetime)


def _asked_moment(call: Call, parameter: str) -> datetime | None:
    asked = call.asked(parameter)
    if asked is None:
        return None
    try:
        return _MOMENT.validate_python(asked)
    except ValidationError as error:
        raise Invalid(fields={parameter: "not_a_moment"}) from error
