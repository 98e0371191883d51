"""A people's council of seven with two secretaries, in session, as far along as a journey needs it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from .house import PASSWORD, House, Person

DEPUTIES = ["ct-hdnd", *(f"dai-bieu-{number}" for number in range(2, 8))]
SECRETARIES = ["thu-ky-a", "thu-ky-b"]


def plan() -> str:
    """The founding file."""
    text = f"""
[[body]]
name = "Hội đồng nhân dân tỉnh Minh Sơn"
name_en = "People's Council"
unit = "Hội đồng nhân dân tỉnh Minh Sơn"
profile = "hdnd-tinh"
secretaries = {SECRETARIES!r}
term = {{ name = "Khóa XX", since = 2026-01-01, seats = 7 }}
""".replace("'", '"').replace('"People"s', "\"People's")
    for deputy in DEPUTIES:
        text += f"""
[[body.member]]
username = "{deputy}"
post = "Đại biểu"
post_en = "Deputy"
head = {"true" if deputy == "ct-hdnd" else "false"}
since = 2026-01-01
"""
    for username in [*DEPUTIES, *SECRETARIES]:
        name = username.replace("-", " ").capitalize()
        text += f'\n[[account]]\nusername = "{username}"\nname = "{name}"\npassword = "{PASSWORD}"\n'
    return text


@asynccontextmanager
async def council_house(folder: Path, database_url: str) -> AsyncIterator[House]:
    """An installation with the council in it, running."""
    async with House(folder, database_url).running(plan()) as house:
        yield house


@dataclass
class Session:
    """The council in session, at the item to be voted on."""

    meeting: str
    item: str
    chair: Person
    deputies: list[Person]
    """Without the chair."""
    secretaries: list[Person]

    @property
    def people(self) -> list[Person]:
        return [self.chair, *self.deputies, *self.secretaries]

    def at(self, rest: str) -> str:
        return f"/api/meetings/{self.meeting}{rest}"

    async def put(self, **question: Any) -> str:
        """A question on the item; everybody has heard of it."""
        body = {"item": self.item, "text": "Thông qua Nghị quyết?", "method": "approval", **question}
        made = str((await self.chair.call("POST", self.at("/questions"), body))["id"])
        for person in self.people:
            await person.until(lambda view: made in view["questions"])
        return made

    async def closed(self, question: str) -> dict[str, Any]:
        """The question once it has ended; everybody sees the same."""
        for person in self.people:
            await person.until(lambda view: view["questions"][question]["status"] == "closed")
        assert len({str(person.view["questions"][question]) for person in self.people}) == 1
        entry: dict[str, Any] = self.chair.view["questions"][question]
        return entry


async def in_session(house: House, stack: AsyncExitStack) -> Session:
    """Called, sent, opened; seven deputies and both secretaries are there."""
    people = {name: await stack.enter_async_context(Person(house, name)) for name in [*DEPUTIES, *SECRETARIES]}
    chair, secretary = people[DEPUTIES[0]], people[SECRETARIES[0]]
    [body] = (await secretary.call("GET", "/api/me"))["bodies"]
    starts = datetime.now(UTC) + timedelta(days=21)
    new = {
        "title": "Kỳ họp thứ 4",
        "kind": "regular",
        "mode": "in_person",
        "place": "Hội trường",
        "starts_at": starts.isoformat(),
        "ends_at": (starts + timedelta(hours=8)).isoformat(),
        "chair": chair.id,
        "floor_controls_microphone": True,
    }
    meeting = (await secretary.call("POST", f"/api/bodies/{body['id']}/meetings", new))["id"]
    at = f"/api/meetings/{meeting}"
    item = {"title": "Bầu bổ sung nhân sự", "type": "decision", "presenter": "Thường trực", "minutes": 30}
    made = (await secretary.call("POST", f"{at}/items", item))["id"]
    await secretary.call("POST", f"{at}/convene")
    session = Session(
        meeting,
        made,
        chair,
        [people[name] for name in DEPUTIES[1:]],
        [people[name] for name in SECRETARIES],
    )
    for person in session.people:
        await person.enter(meeting)
    await chair.until(lambda view: view["quorums"][meeting]["present"] == 7)
    await chair.call("POST", f"{at}/open")
    await chair.call("POST", f"{at}/items/{made}/start")
    return session
