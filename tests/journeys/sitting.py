"""A meeting of the ministry and the people in it, as far along as a journey needs it."""

from collections.abc import Awaitable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from .house import MEMBERS, House, Person, Refused
from .papers import pdf


@dataclass
class Sitting:
    """A meeting and the people in it."""

    house: House
    meeting: str
    secretary: Person
    chair: Person
    deputies: list[Person]
    items: list[str]

    @property
    def people(self) -> list[Person]:
        return [self.secretary, self.chair, *self.deputies]

    def at(self, rest: str) -> str:
        return f"/api/meetings/{self.meeting}{rest}"

    async def put(self, text: str, item: str) -> str:
        body = {"item": item, "text": text, "method": "approval"}
        return str((await self.chair.call("POST", self.at("/questions"), body))["id"])

    async def cast(self, person: Person, question: str, choice: str, n: int = 1) -> dict[str, Any]:
        body = {"choice": choice, "n": n}
        receipt: dict[str, Any] = await person.call("POST", self.at(f"/questions/{question}/ballots"), body)
        return receipt


async def convened(house: House, stack: AsyncExitStack, deputies: int = 5, *, by_the_floor: bool = True) -> Sitting:
    """A meeting with three items and a paper, sent and answered. `by_the_floor`: who has it is heard, and the chair."""
    secretary = await stack.enter_async_context(Person(house, "thu-ky-1"))
    chair = await stack.enter_async_context(Person(house, "bo-truong"))
    others = [await stack.enter_async_context(Person(house, name)) for name in MEMBERS[1 : deputies + 1]]
    [body] = (await secretary.call("GET", "/api/me"))["bodies"]
    starts = datetime.now(UTC) + timedelta(days=7)
    new = {
        "title": "Phiên họp giao ban tháng 11/2026",
        "kind": "regular",
        "mode": "hybrid",
        "place": "Phòng họp A",
        "starts_at": starts.isoformat(),
        "ends_at": (starts + timedelta(hours=3)).isoformat(),
        "chair": chair.id,
        "floor_controls_microphone": by_the_floor,
    }
    meeting = (await secretary.call("POST", f"/api/bodies/{body['id']}/meetings", new))["id"]
    sitting = Sitting(house, meeting, secretary, chair, others, [])
    for title, kind in [
        ("Báo cáo thực hiện kết luận tháng trước", "information"),
        ("Dự thảo Nghị định về dịch vụ công không tiếp xúc", "decision"),
        ("Việc khác", "information"),
    ]:
        item = {"title": title, "type": kind, "presenter": "Văn phòng Bộ", "minutes": 15}
        sitting.items.append((await secretary.call("POST", sitting.at("/items"), item))["id"])
    await secretary.upload(meeting, sitting.items[1], pdf("Dự thảo Nghị định"), "Dự thảo Nghị định")
    await secretary.call("POST", sitting.at("/convene"))
    for person in [chair, *others]:
        await person.call("POST", sitting.at("/answer"), {"answer": "remote"})
    return sitting


async def gathered(house: House, stack: AsyncExitStack, deputies: int = 5, *, by_the_floor: bool = True) -> Sitting:
    """Convened, and everyone on the socket."""
    sitting = await convened(house, stack, deputies, by_the_floor=by_the_floor)
    for person in sitting.people:
        await person.enter(sitting.meeting)
    return sitting


async def opened(sitting: Sitting) -> None:
    """In session, at the item to be decided."""
    await sitting.chair.until(lambda view: view["quorums"][sitting.meeting]["is_quorate"])
    await sitting.chair.call("POST", sitting.at("/open"))
    await sitting.chair.call("POST", sitting.at(f"/items/{sitting.items[1]}/start"))


async def refused(work: Awaitable[Any]) -> tuple[int, str]:
    """The status and code of a refusal; fails when there is none."""
    try:
        found = await work
    except Refused as refusal:
        return refusal.status, refusal.code
    raise AssertionError(f"not refused: {found!r}")
