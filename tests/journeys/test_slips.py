"""A slip over HTTP alone, on both databases: from the staff's draft to the verdict, its paper, and the next session."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, cast

import pypdfium2
import pytest
from aiohttp import web

from ecabinet import migrations
from ecabinet.adapters.unit_of_work import Act
from ecabinet.app import running
from ecabinet.demo.story import OneHash
from ecabinet.founding import AccountPlan, BodyPlan, Founded, MemberPlan, Plan, found
from ecabinet.house import House as Inside
from ecabinet.settings import Settings
from tests.fakes.kernel import SetClock
from tests.publication.test_proofs import is_proven

from .house import PASSWORD, House, Person, Refused, free_ports
from .papers import pdf
from .sitting import refused

MEMBERS = ["thu-tuong", *(f"bo-truong-{place:02d}" for place in range(1, 27))]
ANSWERS = ["for"] * 15 + ["against"] * 2 + ["other"] * 3
"""Of the first twenty, the head among them; seven do not answer."""
A_MONTH_S = 30 * 86_400
DAY = timedelta(days=1)


def plan() -> Plan:
    """A government of 27 with its office, a ministry beside it, and an administrator."""
    seats = [
        MemberPlan(
            username=name,
            post="Bộ trưởng" if place else "Thủ tướng",
            post_en="Minister" if place else "Prime Minister",
            head=place == 0,
            since=date(2026, 4, 1),
        )
        for place, name in enumerate(MEMBERS)
    ]
    others = ("van-phong", "nguoi-ngoai", "quan-tri")
    accounts = [
        AccountPlan(
            username=name, name=name.replace("-", " ").capitalize(), password=PASSWORD, admin=name == "quan-tri"
        )
        for name in (*MEMBERS, *others)
    ]
    government = BodyPlan(
        name="Chính phủ", name_en="The Government", unit="Chính phủ", profile="chinh-phu",
        secretaries=["van-phong"], member=seats,
    )  # fmt: skip
    ministry = BodyPlan(
        name="Lãnh đạo Bộ", name_en="Leadership", unit="Bộ", profile="lanh-dao-bo",
        secretaries=["nguoi-ngoai"], member=[],
    )  # fmt: skip
    return Plan(account=accounts, body=[government, ministry])


@dataclass
class Cabinet:
    """The people of the government, as far as they are needed."""

    here: "Here"
    body: str
    office: Person
    head: Person
    members: list[Person] = field(default_factory=list)
    slip: str = ""

    def at(self, rest: str = "") -> str:
        return f"/api/bodies/{self.body}/slips/{self.slip}{rest}"

    async def see(self, who: Person) -> dict[str, Any]:
        found: dict[str, Any] = await who.call("GET", self.at())
        return found

    async def answer(self, who: Person, choice: str, text: str = "", n: int = 1) -> dict[str, Any]:
        [question] = (await self.see(who))["questions"]
        answers = [{"question": question["id"], "choice": choice, "text": text}]
        receipt: dict[str, Any] = await who.call("POST", self.at("/sheets"), {"n": n, "answers": answers})
        return receipt


@dataclass
class Here:
    """The application in this process, on a clock of its own, so that three days pass in a moment."""

    inside: Inside
    clock: SetClock
    page: str
    founded: Founded
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def house(self) -> House:
        """As the people who use it know it: an address and their cookies."""
        return cast(House, self)

    async def pass_time(self, span: timedelta) -> None:
        """The clock goes on, and the job that looks at it every few seconds looks."""
        self.clock.pass_time(span)
        await self.inside.slip_jobs.keep_time()


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
async def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Here]:
    folder, [port], clock = tmp_path_factory.mktemp("house"), free_ports(1), SetClock()
    url = f"sqlite+aiosqlite:///{folder / 'ecabinet.sqlite'}"
    if request.param == "postgresql":
        url = await request.getfixturevalue("postgresql").new_database()
    settings = Settings(
        data=folder, database_url=url, port=port, livekit_url="http://127.0.0.1:9", livekit_key="key",
        livekit_secret="secret", session_idle_s=A_MONTH_S, session_absolute_s=A_MONTH_S,
    )  # fmt: skip
    inside = Inside(settings, clock=clock)
    await migrations.migrate(inside.database)

    async def enter(act: Act) -> dict[str, dict[str, str]]:
        # Signing in has journeys of its own; thirty slow hashes would be most of this one.
        identity, found = inside.identity(act), {}
        for each in plan().account:
            account = await identity.known(each.username)
            assert account is not None
            found[each.username] = {inside.origins.cookie_name: await identity.begin(account)}
        return found

    async def begin(act: Act) -> Founded:
        identity = replace(inside.identity(act), passwords=OneHash(inside.passwords))
        return await found(plan(), identity, inside.register(act))

    founded = await inside.uow.run(begin)
    async with running(inside) as site:
        runner = web.AppRunner(site, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield Here(inside, clock, inside.settings.page, founded, await inside.uow.run(enter))
        await runner.cleanup()


async def assembled(here: Here, stack: AsyncExitStack, members: int) -> Cabinet:
    names = ("van-phong", *MEMBERS[:members])
    people = [await stack.enter_async_context(Person(here.house, name)) for name in names]
    return Cabinet(here, here.founded.bodies["Chính phủ"], people[0], people[1], people[1:])


def planned(here: Here) -> dict[str, Any]:
    """A session a week from now."""
    starts = here.clock.now() + 7 * DAY
    times = {"starts_at": starts.isoformat(), "ends_at": (starts + timedelta(hours=3)).isoformat()}
    return {"title": "Phiên họp thường kỳ", "kind": "regular", "mode": "in_person", **times}


async def call_a_session(cabinet: Cabinet) -> str:
    meetings = f"/api/bodies/{cabinet.body}/meetings"
    return str((await cabinet.office.call("POST", meetings, planned(cabinet.here)))["id"])


def new(deadline: datetime, **changed: Any) -> dict[str, Any]:
    return {
        "title": "Dự thảo Nghị định về dịch vụ công không tiếp xúc",
        "text": "Bộ trình Chính phủ lần 2.",
        "secrecy": "open",
        "deadline": deadline.isoformat(),
        "questions": [{"text": "Thông qua dự thảo Nghị định", "method": "approval"}],
        **changed,
    }


async def give(who: Person, path: str, content: bytes) -> str:
    headers = {"X-Req": "1", "Content-Type": "application/pdf"}
    query = {"title": "Tờ trình", "filename": "to-trinh.pdf"}
    async with who.session.post(path, data=content, params=query, headers=headers) as answer:
        assert answer.status == 201, await answer.text()
        return str((await answer.json())["id"])


def text_of(content: bytes) -> str:
    pages = pypdfium2.PdfDocument(io.BytesIO(content))
    return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in pages)


async def test_a_slip_from_the_staffs_draft_to_the_verdict_and_the_next_session(here: Here) -> None:
    async with AsyncExitStack() as stack:
        cabinet = await assembled(here, stack, 21)
        office, head, members = cabinet.office, cabinet.head, cabinet.members
        slips = f"/api/bodies/{cabinet.body}/slips"

        # The staff drafts, the head returns it once, and sends it.
        deadline = here.clock.now() + timedelta(days=3)
        cabinet.slip = (await office.call("POST", slips, new(deadline)))["id"]
        paper = await give(office, cabinet.at("/papers"), pdf("Tờ trình Chính phủ"))
        assert await refused(cabinet.see(head)) == (404, "not_found"), "a draft is the staff's alone"
        await office.call("POST", cabinet.at("/submit"))
        [waiting] = (await head.call("GET", "/api/desk"))["waiting"]
        assert (waiting["kind"], waiting["slip"], waiting["body"]) == ("slip_approval", cabinet.slip, cabinet.body)
        assert await refused(cabinet.see(members[1])) == (404, "not_found")
        await head.call("POST", cabinet.at("/return"), {"reason": "Nêu rõ thời hạn"})
        [waiting] = (await office.call("GET", "/api/desk"))["waiting"]
        assert waiting["kind"] == "slip_returned"
        await office.call("PATCH", cabinet.at(), {"text": "Bộ trình Chính phủ lần 3."})
        await office.call("POST", cabinet.at("/submit"))
        assert await refused(office.call("POST", cabinet.at("/approve"), {})) == (403, "not_allowed")
        await head.call("POST", cabinet.at("/approve"), {})

        seen = await cabinet.see(members[1])
        assert (seen["phase"], seen["asked"], seen["answered"]) == ("sent", 27, 0)
        assert [each["name"] for each in seen["roll"]][:2] == ["Thu tuong", "Bo truong 01"]
        [question] = seen["questions"]
        assert [option["id"] for option in question["options"]] == ["for", "against", "other"]
        assert seen["actions"] == ["answer"]
        assert (await members[1].read(cabinet.at(f"/papers/{paper}/content"))).startswith(b"%PDF-")
        [waiting] = (await members[1].call("GET", "/api/desk"))["waiting"]
        assert (waiting["kind"], waiting["due_at"]) == ("slip", seen["deadline"])

        # Twenty answer; a retry is the same receipt, other content under the same number is refused.
        draft = {"answers": [{"question": question["id"], "choice": "other", "text": "đang viết"}]}
        await members[17].call("PUT", cabinet.at("/draft"), draft)
        assert (await cabinet.see(members[17]))["mine"]["draft"] == draft["answers"]
        assert (await cabinet.see(members[16]))["mine"]["draft"] is None
        await office.call("PUT", cabinet.at(f"/comments/{members[1].id}"), {"text": "Đề nghị đồng ý"})
        assert (await cabinet.see(members[1]))["mine"]["comment"] == "Đề nghị đồng ý"
        assert (await cabinet.see(members[2]))["mine"]["comment"] == ""
        for place, choice in enumerate(ANSWERS):
            await cabinet.answer(members[place], choice, f"Ý kiến {place}" if choice == "other" else "")
        first = (await cabinet.see(members[0]))["mine"]["sheet"]["receipt"]
        assert await cabinet.answer(members[0], "for") == first
        assert await refused(cabinet.answer(members[0], "against")) == (409, "equivocation")
        assert await refused(cabinet.answer(members[19], "other", n=2)) == (400, "opinion_without_text")
        changed = await cabinet.answer(members[15], "for", n=2)
        assert changed["is_current"]
        await cabinet.answer(members[15], "against", n=3)
        assert (await cabinet.answer(members[15], "for", n=2))["is_current"] is False
        assert await refused(office.call("POST", cabinet.at("/sheets"), {"n": 1, "answers": []})) == (
            403,
            "not_allowed",
        )

        # Whoever answered finds his own sheet again in the record, also while the slip runs.
        proof = await members[15].call("GET", cabinet.at("/sheets/mine/proof"))
        assert (proof["payload"]["sheet"]["n"], proof["payload"]["sheet"]["voter"]) == (3, members[15].id)
        assert is_proven(proof)
        assert await refused(members[20].call("GET", cabinet.at("/sheets/mine/proof"))) == (404, "not_found")
        assert await refused(office.call("GET", cabinet.at("/sheets/mine/proof"))) == (403, "not_allowed")

        # While it runs everybody sees who has answered, and nobody what.
        for who in (office, head, members[20]):
            running = await cabinet.see(who)
            assert running["answered"] == 20
            assert [each["has_answered"] for each in running["roll"]].count(True) == 20
            assert (running["questions"][0]["result"], running["opinions"]) == (None, None)
        assert await refused(head.call("POST", cabinet.at("/end"))) == (409, "not_all_answered")
        version = running["version"]
        assert await members[20].call("GET", cabinet.at(), since=str(version)) is None

        # A later deadline does not change what was answered; the end is the deadline's doing.
        until = here.clock.now() + timedelta(days=4)
        body = {"deadline": until.isoformat(), "reason": "Bổ sung báo cáo"}
        await head.call("POST", cabinet.at("/extend"), body)
        assert (await cabinet.see(office))["extensions"][0]["reason"] == "Bổ sung báo cáo"
        await here.pass_time(3 * DAY)
        assert [each["hours"] for each in (await cabinet.see(office))["reminders"]] == [24]
        await here.pass_time(DAY)

        done = await cabinet.see(members[20])
        result = done["questions"][0]["result"]
        assert (result["sent"], result["answered"], result["silent"]) == (27, 20, 7)
        assert result["counts"] == {"for": 15, "against": 2, "other": 3}
        assert (result["of_sent"]["for"], result["of_answered"]["for"]) == ("55.56", "75.00")
        assert (result["verdict"]["outcome"], result["verdict"]["needed"]) == ("passed", 14)
        assert len(result["answers"]) == 20
        assert [each["text"] for each in done["opinions"]] == ["Ý kiến 17", "Ý kiến 18", "Ý kiến 19"]
        assert await refused(cabinet.answer(members[20], "for")) == (409, "slip_ended")
        assert await cabinet.answer(members[0], "for") == first, "a retry is given its receipt after the end too"

        # The staff replies; the next session is told, and those with another opinion are heard there.
        opinion = done["opinions"][0]["id"]
        await office.call("PUT", cabinet.at(f"/replies/{opinion}"), {"text": "Tiếp thu, sửa Điều 5"})
        report = text_of(await members[20].read(cabinet.at("/result/pdf")))
        for said in ("55,56%", "75,00%", "Được thông qua", "15/27", "Điều 46"):
            assert said in report, report
        meeting = await call_a_session(cabinet)
        item = (await office.call("POST", cabinet.at("/report"), {"meeting": meeting}))["item"]
        again = refused(office.call("POST", cabinet.at("/report"), {"meeting": meeting}))
        assert await again == (409, "slip_is_on_agenda")
        matter = (await office.call("POST", cabinet.at("/to-agenda"), {"meeting": meeting}))["item"]
        view = (await office.call("GET", f"/api/meetings/{meeting}"))["view"]
        assert (view["items"][item]["type"], view["items"][matter]["type"]) == ("information", "decision")
        hung = sorted((each for each in view["papers"].values()), key=lambda each: each["position"])
        assert [each["title"][:12] for each in hung if each["item"] == item] == ["Báo cáo kết "]
        assert [each["title"][:12] for each in hung if each["item"] == matter] == [
            "Tờ trình",
            "Báo cáo kết ",
            "Bảng ý kiến ",
        ]
        table = next(each["id"] for each in hung if each["title"].startswith("Bảng"))
        told = text_of(await head.read(f"/api/meetings/{meeting}/papers/{table}/content"))
        assert "Tiếp thu, sửa Điều 5" in told
        assert [each["kind"] for each in (await cabinet.see(head))["reports"]] == ["report", "agenda"]


async def drafted(cabinet: Cabinet, **changed: Any) -> None:
    slips = f"/api/bodies/{cabinet.body}/slips"
    deadline = cabinet.here.clock.now() + 3 * DAY
    cabinet.slip = (await cabinet.office.call("POST", slips, new(deadline, **changed)))["id"]


async def sent(cabinet: Cabinet, **changed: Any) -> None:
    await drafted(cabinet, **changed)
    await cabinet.office.call("POST", cabinet.at("/submit"))
    await cabinet.head.call("POST", cabinet.at("/approve"), {})


async def test_who_does_not_belong_is_refused_and_learns_nothing(here: Here) -> None:
    async with AsyncExitStack() as stack:
        cabinet = await assembled(here, stack, 3)
        outsider = await stack.enter_async_context(Person(here.house, "nguoi-ngoai"))
        administrator = await stack.enter_async_context(Person(here.house, "quan-tri"))
        await sent(cabinet)
        office, head, member = cabinet.office, cabinet.head, cabinet.members[1]
        for stranger in (outsider, administrator):
            assert await refused(cabinet.see(stranger)) == (404, "not_found")
            assert await refused(stranger.call("GET", f"/api/bodies/{cabinet.body}/slips")) == (404, "not_found")
            assert await refused(stranger.read(cabinet.at("/result/pdf"))) == (404, "not_found")
        assert await refused(member.call("GET", cabinet.at(), since="x")) == (400, "invalid")
        # Another body's slip is not found through one's own.
        elsewhere = f"/api/bodies/{here.founded.bodies['Lãnh đạo Bộ']}/slips"
        assert (await outsider.call("GET", elsewhere))["slips"] == []
        for method, rest, body in (
            ("GET", "", None),
            ("PATCH", "", {"title": "Khác"}),
            ("POST", "/submit", None),
            ("PUT", f"/comments/{member.id}", {"text": "Nên đồng ý"}),
            ("POST", "/report", {"meeting": "x" * 26}),
        ):
            asked = outsider.call(method, f"{elsewhere}/{cabinet.slip}{rest}", body)
            assert await refused(asked) == (404, "not_found"), rest
        not_theirs: list[tuple[Person, str, str, Any]] = [
            (member, "PATCH", "", {"title": "Khác"}),
            (member, "POST", "/approve", {}),
            (member, "POST", "/recall", {"reason": "Tôi không muốn"}),
            (member, "PUT", f"/comments/{member.id}", {"text": "Nên đồng ý"}),
            (office, "POST", "/approve", {}),
            (office, "POST", "/extend", {"deadline": "2027-01-01T00:00:00Z", "reason": "x"}),
            (office, "PUT", "/draft", {"answers": []}),
            (office, "POST", "/sheets", {"n": 1, "answers": []}),
            (head, "PATCH", "", {"title": "Khác"}),
        ]
        for who, method, rest, body in not_theirs:
            assert await refused(who.call(method, cabinet.at(rest), body)) == (403, "not_allowed"), rest
        assert await refused(member.read(cabinet.at("/opinions/pdf"))) == (403, "not_allowed")
        assert await refused(member.read(cabinet.at("/result/pdf"))) == (409, "wrong_phase")
        # Nobody brings a slip before a meeting that is not his to prepare.
        await here.pass_time(4 * DAY)
        meeting = await call_a_session(cabinet)
        await outsider.call("POST", f"{elsewhere.removesuffix('/slips')}/meetings", planned(here))
        [foreign] = (await outsider.call("GET", "/api/meetings"))["meetings"]
        for path in ("/report", "/to-agenda"):
            asked = office.call("POST", cabinet.at(path), {"meeting": foreign["id"]})
            assert await refused(asked) == (404, "not_found")
        assert await refused(office.call("POST", cabinet.at("/report"), {"meeting": "x" * 26})) == (404, "not_found")
        await office.call("POST", cabinet.at("/to-agenda"), {"meeting": meeting})


async def test_a_closed_slip_keeps_names_and_answers_apart(here: Here) -> None:
    said = "Đề nghị hoãn đến quý sau"
    async with AsyncExitStack() as stack:
        cabinet = await assembled(here, stack, 4)
        await sent(cabinet, secrecy="closed")
        await cabinet.answer(cabinet.members[0], "for")
        await cabinet.answer(cabinet.members[1], "other", said)
        await cabinet.answer(cabinet.members[2], "against")
        own = (await cabinet.see(cabinet.members[1]))["mine"]["sheet"]["answers"]
        assert own[0]["text"] == said
        await here.pass_time(4 * DAY)
        for who in (cabinet.office, cabinet.head, cabinet.members[3]):
            seen = await cabinet.see(who)
            result = seen["questions"][0]["result"]
            assert (result["counts"], result["answers"]) == ({"for": 1, "against": 1, "other": 1}, None)
            [opinion] = seen["opinions"]
            assert (opinion["text"], opinion["person"], opinion["name"]) == (said, None, None)
            assert {each["has_answered"] for each in seen["roll"]} == {None}
        report = text_of(await cabinet.office.read(cabinet.at("/result/pdf")))
        assert said in report
        assert "Bo truong 01" not in report


async def test_no_answer_that_was_acknowledged_is_lost_at_the_deadline_and_none_sneaks_in(here: Here) -> None:
    """Six answer while the clock passes the deadline and the job counts."""
    async with AsyncExitStack() as stack:
        cabinet = await assembled(here, stack, 6)
        for _ in range(5):
            await sent(cabinet)
            acknowledged: list[str] = []

            async def member(who: Person, kept: list[str]) -> None:
                with suppress(Refused):
                    await cabinet.answer(who, "for")
                    kept.append(who.id)

            async def time() -> None:
                await asyncio.sleep(0.03)
                await here.pass_time(3 * DAY)

            async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
                for each in cabinet.members:
                    tasks.create_task(member(each, acknowledged))
                tasks.create_task(time())
            result = (await cabinet.see(cabinet.office))["questions"][0]["result"]
            assert sorted(each["person"] for each in result["answers"]) == sorted(acknowledged)
