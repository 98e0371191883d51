"""What somebody who has withdrawn from an item gets of it, by every way there is: its title, and nothing more."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ecabinet.edge.routes import Route
from ecabinet.house import House as Graph
from ecabinet.kernel.access import GRANTS, Role
from ecabinet.settings import Settings

from .house import House, Person, Refused, founded_house
from .papers import pdf
from .sitting import Sitting, gathered, opened, refused

SECRET = "bí mật"
"""In everything that is said of the item after its title."""


@pytest.fixture(scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("house")
    async with founded_house(folder, f"sqlite+aiosqlite:///{folder / 'ecabinet.sqlite'}") as house:
        yield house


@dataclass
class Matter:
    """An item on which everything has been said, and what it is called by."""

    sitting: Sitting
    withdrawn: Person
    ids: dict[str, str] = field(default_factory=dict)
    """Path parameter → of the item."""
    names: set[str] = field(default_factory=set)
    """Ids of whatever hangs on the item."""

    @property
    def item(self) -> str:
        return self.ids["i"]

    def path(self, route: Route) -> str:
        """The route with the item's own ids in it."""
        return re.sub(r"\{(\w+)\}", lambda found: self.ids[found[1]], route.path)


async def discussed(house: House, stack: AsyncExitStack) -> Matter:
    """Papers, positions, notes, speeches, a vote by name and a conclusion; then one member withdraws."""
    sitting = await gathered(house, stack)
    member, speaker, item = sitting.deputies[0], sitting.deputies[1], sitting.items[1]
    paper = (await sitting.secretary.upload(sitting.meeting, item, pdf(SECRET), SECRET))["id"]
    position = {"stance": "opinion", "text": SECRET}
    for person in (member, speaker):
        await person.call("PUT", sitting.at(f"/items/{item}/position"), position)
    await opened(sitting)
    await sitting.secretary.call("PUT", sitting.at(f"/items/{item}/notes"), {"text": SECRET})
    turn = (await speaker.call("POST", sitting.at("/turns")))["id"]
    await sitting.chair.call("POST", sitting.at(f"/turns/{turn}/give"), {"allotted_s": 60})
    waiting = (await member.call("POST", sitting.at("/turns")))["id"]
    question = await sitting.put(SECRET, item)
    for person in [sitting.chair, member, *sitting.deputies[2:]]:
        await sitting.cast(person, question, "for")
    other = {"choice": "other", "n": 1, "opinion": SECRET, "attachment": await attached(speaker, sitting, question)}
    await speaker.call("POST", sitting.at(f"/questions/{question}/ballots"), other)
    await sitting.chair.call("POST", sitting.at(f"/questions/{question}/close"))
    await sitting.chair.call("PUT", sitting.at(f"/items/{item}/conclusion"), {"text": SECRET})
    ids = {"m": sitting.meeting, "i": item, "p": paper, "t": turn, "q": question, "person": member.id}
    ids["a"] = other["attachment"]
    return Matter(sitting, member, ids, {paper, turn, question, waiting})


async def attached(person: Person, sitting: Sitting, question: str) -> str:
    path = sitting.at(f"/questions/{question}/attachments")
    headers = {"X-Req": "1", "Content-Type": "application/pdf"}
    async with person.session.post(path, data=pdf(SECRET), params={"filename": "x.pdf"}, headers=headers) as answer:
        return str((await answer.json())["id"])


async def withdraws(matter: Matter, person: Person) -> None:
    reason = {"reason": f"Lý do {SECRET}"}
    at = matter.sitting.at(f"/items/{matter.item}/recusals/{person.id}")
    await matter.sitting.secretary.call("PUT", at, reason)
    await person.until(lambda view: any(each["person"] == person.id for each in view["recusals"].values()))


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield key
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)
    elif isinstance(value, str):
        yield value


def about(matter: Matter, view: dict[str, Any]) -> dict[str, list[Any]]:
    """Collection → the entries that name the item or anything of it, or say what was secret in it."""
    names = {matter.item, *matter.names}
    found: dict[str, list[Any]] = {}
    for name, entries in view.items():
        for key, entry in entries.items():
            said = {key, *strings(entry)}
            if any(SECRET in each for each in said) or any(each.partition(":")[0] in names for each in said):
                found.setdefault(name, []).append(entry)
    return found


def only_the_title(matter: Matter, view: dict[str, Any], person: Person) -> None:
    seen = about(matter, view)
    item = view["items"][matter.item]
    assert (item["title"], item["conclusion"]) == ("Dự thảo Nghị định về dịch vụ công không tiếp xúc", "")
    [recusal] = seen.pop("recusals")
    assert (recusal["person"], recusal["item"], recusal["is_own"]) == (person.id, matter.item, False)
    assert SECRET not in json.dumps({**recusal, "reason": ""})
    # The agenda, and what is before the meeting.
    assert set(seen) == {"items", "meetings"}


async def test_the_view_shows_nothing_but_the_title(house: House) -> None:
    async with AsyncExitStack() as stack:
        matter = await discussed(house, stack)
        member, other = matter.withdrawn, matter.sitting.deputies[2]
        before = set(about(matter, member.view))
        assert before == {"items", "meetings", "papers", "positions", "questions", "turnouts", "turns"}
        await withdraws(matter, member)
        only_the_title(matter, member.view, member)
        # What happens after it is a number without content.
        await matter.sitting.chair.call("PUT", matter.sitting.at(f"/items/{matter.item}/conclusion"), {"text": SECRET})
        await matter.sitting.chair.call("POST", matter.sitting.at("/pause"))
        await member.until(lambda view: view["meetings"][matter.sitting.meeting]["phase"] == "paused")
        only_the_title(matter, member.view, member)
        assert [SECRET in json.dumps(event, ensure_ascii=False) for event in member.events[-2:]] == [False, False]
        # Who comes back with what he saw last, and who comes anew.
        await member.enter(matter.sitting.meeting)
        assert member.me["recused"] == [matter.item]
        only_the_title(matter, (await member.call("GET", matter.sitting.at("")))["view"], member)
        assert set(about(matter, other.view)) == before | {"recusals"}
        # And back: everything is there again.
        at = matter.sitting.at(f"/items/{matter.item}/recusals/{member.id}")
        await matter.sitting.secretary.call("DELETE", at)
        await member.until(lambda view: not view["recusals"])
        assert member.view == (await member.call("GET", matter.sitting.at("")))["view"]
        assert set(about(matter, member.view)) == before


BODIES: dict[tuple[str, str], Any] = {
    ("PUT", "/api/meetings/{m}/items/{i}/notes"): {"text": "x"},
    ("PUT", "/api/meetings/{m}/items/{i}/conclusion"): {"text": "x"},
    ("PUT", "/api/meetings/{m}/items/{i}/position"): {"stance": "floor"},
    ("POST", "/api/meetings/{m}/turns/{t}/give"): {"allotted_s": 60},
    ("POST", "/api/meetings/{m}/questions/{q}/ballots"): {"choice": "against", "n": 2},
    ("POST", "/api/meetings/{m}/questions/{q}/cancel"): {"reason": "x"},
    ("POST", "/api/meetings/{m}/questions/{q}/repeat"): {"reason": "x"},
    ("POST", "/api/meetings/{m}/questions/{q}/extend"): {"seconds": 60},
    ("POST", "/api/meetings/{m}/questions/{q}/settle"): {"side": "for"},
    ("PUT", "/api/meetings/{m}/items/{i}/plan"): {"plans": []},
    ("PUT", "/api/meetings/{m}/questions/{q}/hands"): {"answers": {}},
    ("POST", "/api/meetings/{m}/questions/{q}/hands/confirm"): {"answers": {}},
    ("POST", "/api/meetings/{m}/straw-polls/{p}/answers"): {"choice": "option-1"},
    ("POST", "/api/meetings/{m}/straw-polls/{p}/cancel"): {"reason": "x"},
}
"""What a route that changes something of an item is sent; the others take nothing."""
OPEN = {
    ("POST", "/api/meetings/{m}/items/{i}/start"),
    ("POST", "/api/meetings/{m}/items/{i}/finish"),
    ("PUT", "/api/meetings/{m}/items/{i}/recusals/{person}"),
    ("DELETE", "/api/meetings/{m}/items/{i}/recusals/{person}"),
    ("GET", "/api/meetings/{m}/questions/{q}/ballots/mine"),
    ("GET", "/api/meetings/{m}/questions/{q}/ballots/mine/proof"),
}
"""The agenda's own course, the recusal itself, and one's own earlier ballot."""


def routes(folder: Path, role: Role) -> list[Route]:
    """Every route that this role in a meeting has the grant for, and that names something of an item."""
    graph = Graph(Settings(data=folder))
    carried = [each for each in graph.routes() if each.needs in GRANTS[role]]
    return [each for each in carried if re.search(r"\{m\}.*\{[ipqt]\}", each.path)]


async def asked(person: Person, route: Route, path: str, body: Any) -> Any:
    """The route, with a PDF where it takes one."""
    if not route.raw:
        return await person.call(route.method, path, body)
    headers = {"X-Req": "1", "Content-Type": "application/pdf"}
    async with person.session.post(path, data=pdf("x"), params={"filename": "x.pdf"}, headers=headers) as answer:
        error = (await answer.json()).get("error") if answer.status >= 400 else None
        if error is None:
            return "taken"
        raise Refused(answer.status, error["code"], error["detail"])


@pytest.mark.parametrize("role", [Role.MEMBER, Role.CHAIR])
async def test_no_route_gives_or_takes_anything_of_the_item(house: House, tmp_path: Path, role: Role) -> None:
    async with AsyncExitStack() as stack:
        matter = await discussed(house, stack)
        person = matter.withdrawn if role is Role.MEMBER else matter.sitting.chair
        # Of one's own record there is nothing to hide: what is told is told of others.
        await withdraws(matter, person)
        found = routes(tmp_path, role)
        assert len(found) >= 10
        for route in found:
            if (route.method, route.path) in OPEN:
                continue
            body = BODIES.get((route.method, route.path))
            try:
                answer = await refused(asked(person, route, matter.path(route), body))
            except AssertionError as error:
                raise AssertionError(f"{route.method} {route.path}") from error
            assert answer[1] != "invalid", f"{route.method} {route.path} wants a body"
            assert answer[0] in {403, 404, 409}, (route.method, route.path, answer)


async def test_the_record_the_minutes_and_the_bundle_tell_him_nothing(house: House) -> None:
    async with AsyncExitStack() as stack:
        matter = await discussed(house, stack)
        sitting, member = matter.sitting, matter.withdrawn
        await withdraws(matter, member)
        assert SECRET in json.dumps(await sitting.chair.call("GET", sitting.at("/record")), ensure_ascii=False)
        record = await member.call("GET", sitting.at("/record"))
        assert SECRET not in json.dumps(record, ensure_ascii=False)
        kept = [each for each in record["entries"] if matter.names & set(strings(each))]
        assert kept == []
        await sitting.chair.call("POST", sitting.at("/close"))
        minutes = (await sitting.secretary.call("POST", sitting.at("/minutes")))["id"]
        for way in (f"/minutes/{minutes}", f"/minutes/{minutes}/pdf", "/bundle"):
            assert await refused(member.read(sitting.at(way))) == (403, "recused_in_part"), way


async def test_who_has_withdrawn_is_out_of_the_call_the_queue_and_the_vote_while_the_item_lasts(house: House) -> None:
    async with AsyncExitStack() as stack:
        sitting = await gathered(house, stack)
        member, item = sitting.deputies[0], sitting.items[1]
        await opened(sitting)
        await member.call("POST", sitting.at("/turns"))
        own = {"reason": "Vợ là giám đốc đơn vị trình"}
        await member.call("PUT", sitting.at(f"/items/{item}/recusals/{member.id}"), own)
        await sitting.chair.until(lambda view: not [t for t in view["turns"].values() if t["status"] == "waiting"])
        await sitting.chair.until(lambda view: view["quorums"][sitting.meeting]["present"] == 5)
        for way, body in (("/turns", None), ("/media/ticket", None)):
            assert await refused(member.call("POST", sitting.at(way), body)) == (403, "recused_here"), way
        to_him = {"person": member.id, "allotted_s": 60}
        assert await refused(sitting.chair.call("POST", sitting.at("/floor"), to_him)) == (403, "recused_here")
        question = await sitting.put("Thông qua", item)
        asked = sitting.secretary.view
        await sitting.secretary.until(lambda view: question in view["questions"])
        entry = asked["questions"][question]
        assert (member.id in entry["roll"], entry["present"]) == (False, 5)
        vote = {"choice": "for", "n": 1}
        with pytest.raises(Refused):
            await member.call("POST", sitting.at(f"/questions/{question}/ballots"), vote)
        # Nobody leaves or comes back while the roll of a vote stands.
        for method, path, body in (
            ("DELETE", f"/items/{item}/recusals/{member.id}", None),
            ("PUT", f"/items/{item}/recusals/{sitting.deputies[1].id}", own),
        ):
            assert await refused(sitting.secretary.call(method, sitting.at(path), body)) == (409, "question_open")
        await sitting.chair.call("POST", sitting.at(f"/questions/{question}/close"))
        await sitting.chair.call("POST", sitting.at(f"/items/{sitting.items[2]}/start"))
        await member.until(lambda view: view["quorums"][sitting.meeting]["present"] == 6)
        await member.call("POST", sitting.at("/turns"))
        assert (await member.call("POST", sitting.at("/media/ticket")))["room"] == sitting.meeting


async def test_why_somebody_has_withdrawn_is_for_the_chair_the_secretaries_and_himself(house: House) -> None:
    async with AsyncExitStack() as stack:
        sitting = await gathered(house, stack)
        member, other, item = sitting.deputies[0], sitting.deputies[1], sitting.items[1]
        at = sitting.at(f"/items/{item}/recusals/{member.id}")
        assert await refused(other.call("PUT", at, {"reason": "Không được"})) == (403, "not_allowed")
        await sitting.secretary.call("PUT", at, {"reason": "Cổ đông"})
        key = f"{item}:{member.id}"
        for person, reason in ((sitting.chair, "Cổ đông"), (member, "Cổ đông"), (other, None)):
            await person.until(lambda view: key in view["recusals"])
            assert person.view["recusals"][key]["reason"] == reason
        # What was recorded of him is not his to lift; and the record says it without the reason.
        assert await refused(member.call("DELETE", at)) == (403, "not_allowed")
        entries = (await other.call("GET", sitting.at("/record")))["entries"]
        [entry] = [each for each in entries if each["type"] == "recusal.recorded"]
        assert entry["payload"] == {"item": item, "person": member.id}


async def test_positions_are_the_desks_until_the_meeting_opens(house: House) -> None:
    async with AsyncExitStack() as stack:
        sitting = await gathered(house, stack)
        member, other, item = sitting.deputies[0], sitting.deputies[1], sitting.items[1]
        asking = sitting.deputies[2]
        at, key = sitting.at(f"/items/{item}/position"), f"{item}:{member.id}"
        await member.call("PUT", at, {"stance": "opinion", "text": "Làm rõ nguồn vốn"})
        assert await refused(member.call("PUT", at, {"stance": "opinion"})) == (400, "opinion_missing")
        await sitting.chair.call("PUT", at, {"stance": "no_objection"})
        await asking.call("PUT", at, {"stance": "floor"})
        await sitting.secretary.until(lambda view: key in view["positions"])
        assert key in member.view["positions"]
        early = await other.call("GET", sitting.at("/record"))
        assert [each["payload"] for each in early["entries"] if each["type"] == "position.declared"] == [None] * 3
        assert key not in (await other.call("GET", sitting.at("")))["view"]["positions"]
        await opened(sitting)
        await other.until(lambda view: key in view["positions"])
        assert other.view["positions"][key]["text"] == "Làm rõ nguồn vốn"
        # Who asked for the floor beforehand stands in line as soon as the item begins.
        await other.until(lambda view: any(each["person"] == asking.id for each in view["turns"].values()))
        assert await refused(member.call("DELETE", at)) == (409, "wrong_phase")
