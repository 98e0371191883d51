"""For every event and every kind of viewer: the view before, moved forward by the message, is the view after.

The same views and messages are written to tests/fixtures/events.json, by which the browser's reducer is judged.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ecabinet.adapters import outbox
from ecabinet.adapters.egress import Egress
from ecabinet.adapters.unit_of_work import Act
from ecabinet.attendance.model import Mark
from ecabinet.attendance.service import Withdrawal
from ecabinet.founding import found_in, read_plan
from ecabinet.house import House
from ecabinet.kernel.access import Role, Standing
from ecabinet.kernel.ids import ItemId, MeetingId, PaperId, PersonId, QuestionId, RecordingId, StrawPollId, TurnId
from ecabinet.meetings.model import Answer, ItemPlan, ItemType, Kind, Mode, Plan
from ecabinet.meetings.service import Wanted
from ecabinet.papers.model import Names, Upload
from ecabinet.positions.model import Stance
from ecabinet.publication.model import State
from ecabinet.publication.rules import verify
from ecabinet.recordings.model import Fault, Filed, Kept
from ecabinet.register.model import Matter
from ecabinet.settings import Settings
from ecabinet.voting.casting import Vote
from ecabinet.voting.model import BallotPapers, Board, Method, PaperCount, Side, Way
from ecabinet.voting.model import Kind as QuestionKind
from ecabinet.voting.plans import Draft
from ecabinet.voting.service import Wanted as WantedQuestion
from tests.fakes.identity import PlainPasswords
from tests.fakes.kernel import NOON, CountingBytes, CountingIds, SetClock

from .house import plan

FIXTURE = Path(__file__).parents[1] / "fixtures" / "events.json"
VIEWERS = ("bo-truong", "thu-truong-2", "thu-ky-1", "vu-truong", "pho-vu-truong")
"""The chair, a member, the secretary, a guest of the first item, a stand-in."""
Work = Callable[[Act], Awaitable[Any]]


@dataclass
class Stage:
    """A house without doors, in which every act is watched by everybody."""

    house: House
    people: dict[str, PersonId]
    meeting: MeetingId
    cases: list[dict[str, Any]] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    seq: int = 0
    views: dict[str, Any] = field(default_factory=dict)
    """What everybody saw after the last act. Nothing happens between two."""

    async def do(self, work: Work) -> Any:
        """One act: compare what everybody saw before, was told, and sees after."""
        before = self.views or {name: await self.view(await self.standing(name)) for name in VIEWERS}
        self.views = {}
        assert isinstance(self.house.clock, SetClock)
        self.house.clock.pass_time(timedelta(seconds=1))
        result = await self.house.uow.run(work)
        async with self.house.database.reading() as connection:
            news = await outbox.since(connection, self.meeting, self.seq, 100)
        self.seq = news[-1].seq
        for name in VIEWERS:
            standing = await self.standing(name)
            self.views[name] = await self.view(standing)
            # Whoever came or went by this very act enters anew.
            if standing.roles and before[name]:
                self.compare(name, before[name], self.views[name], self.told(news, standing))
        return result

    def told(self, news: list[outbox.Message], standing: Standing) -> list[dict[str, Any]]:
        events = [self.house.live.event(message, standing) for message in news]
        self.seen |= {event["type"] for event in events}
        return events

    def compare(self, viewer: str, before: Any, after: Any, events: list[dict[str, Any]]) -> None:
        moved = before
        for event in events:
            moved = moved_by(moved, event)
        assert moved == after, f"{[event['type'] for event in events]} as {viewer} sees it"
        if len(events) == 1:
            self.cases.append({"viewer": viewer, "before": before, "event": events[0], "after": after})

    async def view(self, standing: Standing) -> Any:
        if not standing.roles:
            return None
        async with self.house.database.reading() as connection:
            return await self.house.live.view(self.meeting, connection, standing)

    async def standing(self, name: str) -> Standing:
        async with self.house.uow.reading() as act:
            roles, items = await self.house.meetings(act).standing(self.people[name], self.meeting)
            recused = await self.house.attendance(act).withdrawn_from(self.meeting)
        return Standing(
            self.people[name], roles, None, self.meeting, items, recused.get(self.people[name], frozenset())
        )


def moved_by(view: Any, event: dict[str, Any]) -> Any:
    """The one rule: put each entry in its place, take out what is gone."""
    moved = deepcopy(view)
    for name, entries in event["body"].items():
        for key, entry in entries.items():
            if entry is None:
                moved.get(name, {}).pop(key, None)
            else:
                moved.setdefault(name, {})[key] = entry
    return moved


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    house = House(Settings(data=tmp_path), SetClock(NOON), CountingIds())
    house.passwords = PlainPasswords()  # type: ignore[assignment]
    house.random = CountingBytes()  # type: ignore[assignment]
    founded = await found_in(house, read_plan(plan()))
    house = House(Settings(data=tmp_path), house.clock, house.ids)
    people = dict(founded.people)
    [body] = founded.bodies.values()
    starts = NOON + timedelta(days=7)
    wanted = Plan("Phiên họp", Kind.REGULAR, Mode.HYBRID, "Phòng A", starts, starts + timedelta(hours=3), True)
    meeting = await house.uow.run(
        lambda act: house.meetings(act).create(body, wanted, people["bo-truong"], people["thu-ky-1"])
    )
    yield Stage(house, people, meeting)
    await house.database.close()


async def prepare(stage: Stage) -> list[ItemId]:
    """Everything that happens to a meeting before it opens."""
    house, m, who = stage.house, stage.meeting, stage.people
    secretary, guest, stand_in = who["thu-ky-1"], who["vu-truong"], who["pho-vu-truong"]
    items = []
    for title in ("Báo cáo", "Dự thảo Nghị định", "Việc khác"):
        item = ItemPlan(title, ItemType.DECISION, "Văn phòng", 15)
        items.append(await stage.do(partial(_add_item, stage, item)))
    first, second, third = items
    await stage.do(lambda act: house.meetings(act).change(m, {"place": "Phòng B"}, None, secretary))
    await stage.do(lambda act: house.meetings(act).change_item(m, first, {"minutes": 20}, secretary))
    await stage.do(lambda act: house.meetings(act).order_agenda(m, (first, third, second), secretary))
    await stage.do(lambda act: house.meetings(act).remove_item(m, third, secretary))
    guest_part = Wanted(guest, Role.GUEST, frozenset({first}))
    await stage.do(lambda act: house.meetings(act).set_participant(m, guest_part, secretary))
    outsider = Wanted(who["nguoi-ngoai"], Role.GUEST, frozenset({second}))
    await stage.do(lambda act: house.meetings(act).set_participant(m, outsider, secretary))
    await stage.do(lambda act: house.meetings(act).remove_participant(m, outsider.person, secretary))
    for item in (first, second):
        upload = Upload(Names("Tờ trình", "to-trinh.pdf"), "0" * 64, 1000, 3)
        paper = await stage.do(partial(_add_paper, stage, item, upload))
    await stage.do(lambda act: house.papers(act).remove(m, paper, secretary))
    await stage.do(lambda act: house.meetings(act).convene(m, secretary))
    absent = who["thu-truong-7"]
    await stage.do(lambda act: house.meetings(act).answer(m, Answer.STAND_IN, "Đi công tác", stand_in, absent))
    for name in ("bo-truong", "thu-truong-2"):
        await stage.do(partial(_answer, stage, who[name]))
    for name in ("thu-truong-2", "thu-truong-3"):
        await stage.do(partial(_declare, stage, second, who[name]))
    await stage.do(lambda act: house.positions(act).withdraw(m, second, who["thu-truong-3"]))
    return [first, second]


async def _add_item(stage: Stage, item: ItemPlan, act: Act) -> ItemId:
    return await stage.house.meetings(act).add_item(stage.meeting, item, stage.people["thu-ky-1"])


async def _add_paper(stage: Stage, item: ItemId, upload: Upload, act: Act) -> PaperId:
    return await stage.house.papers(act).add(stage.meeting, item, upload, stage.people["thu-ky-1"])


async def _answer(stage: Stage, person: PersonId, act: Act) -> None:
    await stage.house.meetings(act).answer(stage.meeting, Answer.REMOTE, None, None, person)


async def _connect(stage: Stage, person: PersonId, act: Act) -> None:
    await stage.house.attendance(act).connected(stage.meeting, person)


async def _declare(stage: Stage, item: ItemId, person: PersonId, act: Act) -> None:
    await stage.house.positions(act).declare(stage.meeting, item, (Stance.OPINION, "Làm rõ nguồn vốn"), person)


async def _cast(stage: Stage, question: QuestionId, person: PersonId, vote: Vote, act: Act) -> None:
    await stage.house.casting(act).cast(stage.meeting, question, vote, person)


async def _recuse(stage: Stage, item: ItemId, away: Withdrawal, act: Act) -> None:
    await stage.house.attendance(act).recuse(stage.meeting, item, away, stage.people["thu-ky-1"])


async def _take_part(stage: Stage, item: ItemId, away: Withdrawal, act: Act) -> None:
    await stage.house.attendance(act).take_part(stage.meeting, item, away, stage.people["thu-ky-1"])


async def gather(stage: Stage) -> None:
    """Who comes, and who is marked."""
    house, m, who = stage.house, stage.meeting, stage.people
    names = ["bo-truong", *(f"thu-truong-{number}" for number in range(2, 7)), "thu-ky-1", "vu-truong", "pho-vu-truong"]
    for name in names:
        await stage.do(partial(_connect, stage, who[name]))
    await stage.do(lambda act: house.attendance(act).disconnected(m, who["thu-truong-6"]))

    async def mark(act: Act) -> None:
        meeting = await house.meetings(act).get(m)
        await house.attendance(act).mark(meeting, who["thu-truong-6"], Mark.PRESENT, None, who["thu-ky-1"])

    await stage.do(mark)


async def sit(stage: Stage, items: list[ItemId]) -> None:
    """From the opening to the end."""
    house, m, who = stage.house, stage.meeting, stage.people
    chair, member, secretary = who["bo-truong"], who["thu-truong-2"], who["thu-ky-1"]
    first, second = items
    await stage.do(lambda act: house.meetings(act).open(m, chair))
    await stage.do(lambda act: house.meetings(act).pause(m, chair))
    await stage.do(lambda act: house.meetings(act).resume(m, chair))
    await record(stage)
    plain = [ItemPlan(title, ItemType.DECISION, "Văn phòng", 5) for title in ("Kế hoạch", "Kinh phí")]
    await adopt_together(stage, [await stage.do(partial(_add_item, stage, each)) for each in plain])
    await stage.do(lambda act: house.meetings(act).start_item(m, first, chair))
    await stage.do(lambda act: house.meetings(act).note_item(m, first, "Đại biểu hỏi về kinh phí.", secretary))
    await stage.do(lambda act: house.meetings(act).finish_item(m, first, chair))
    await stage.do(lambda act: house.meetings(act).start_item(m, second, chair))
    turn: TurnId = await stage.do(lambda act: house.speaking(act).ask(m, member))
    await stage.do(lambda act: house.speaking(act).withdraw(m, turn, member))
    again: TurnId = await stage.do(lambda act: house.speaking(act).ask(m, member))
    await stage.do(lambda act: house.speaking(act).give(m, again, 300, chair))
    await stage.do(lambda act: house.speaking(act).end(m, again, member, may_give=False))
    await stage.do(lambda act: house.media(act).muted(m, member, chair))
    await stage.do(lambda act: house.media(act).removed(m, member, chair))
    await vote_in_parts(stage, second)
    asked = WantedQuestion(second, "Thông qua", Matter.RESOLUTION)
    dropped = await stage.do(lambda act: house.voting(act).put(m, asked, chair))
    await stage.do(lambda act: house.voting(act).cancel(m, dropped, "Sửa câu hỏi", chair))
    question = await stage.do(lambda act: house.voting(act).put(m, asked, chair))
    for name, choice in (("bo-truong", "for"), ("thu-truong-2", "against"), ("thu-truong-3", "abstain")):
        await stage.do(partial(_cast, stage, question, who[name], Vote(choice, 1)))
    await stage.do(lambda act: house.voting(act).close(m, question, chair))
    await vote_in_the_hall(stage, second)
    await ask_without_names(stage)
    labels = ["Sáng", "Chiều"]
    polled = await stage.do(lambda act: house.straw(act).ask(m, "Họp buổi nào?", labels, chair))
    await stage.do(lambda act: house.straw(act).close(m, polled, chair))
    again_polled = await stage.do(lambda act: house.straw(act).ask(m, "Họp buổi nào?", labels, chair))
    await stage.do(lambda act: house.straw(act).cancel(m, again_polled, "Hỏi lại sau", chair))
    await stage.do(lambda act: house.meetings(act).conclude_item(m, second, "Thông qua.", chair))
    for person in (member, chair):
        away = Withdrawal(person, calls_roll=True, reason="Cổ đông")
        await stage.do(partial(_recuse, stage, second, away))
        await stage.do(partial(_take_part, stage, second, away))
    await stage.do(lambda act: house.speaking(act).ask(m, member))
    await stage.do(lambda act: house.meetings(act).close(m, chair))


async def record(stage: Stage) -> None:
    """A recording of which nothing comes at first."""
    house, m, who = stage.house, stage.meeting, stage.people
    chair = who["bo-truong"]
    made: RecordingId = await stage.do(lambda act: house.recordings(act).start(m, chair, no_secrets=True))
    for name in ("thu-truong-2", "vu-truong"):
        await stage.do(partial(_acknowledge, stage, made, who[name]))
    take = Egress("EG_1", "film", "running", 0)
    await stage.do(lambda act: house.recordings(act).part_begun(m, made, take))
    await stage.do(lambda act: house.recordings(act).stop(m, made, chair))
    await stage.do(lambda act: house.recordings(act).part_settled(m, made, 1, Fault.NOT_COMPOSED))
    await stage.do(lambda act: house.recordings(act).retry(m, made, who["thu-ky-1"]))
    kept = Kept(film=Filed(digest="1" * 64, size_bytes=1000), manifest=Filed(digest="2" * 64, size_bytes=100))
    await stage.do(lambda act: house.recordings(act).part_settled(m, made, 1, kept))


async def _acknowledge(stage: Stage, recording: RecordingId, person: PersonId, act: Act) -> None:
    await stage.house.recordings(act).acknowledge(stage.meeting, recording, person)


async def ask_without_names(stage: Stage) -> None:
    """One straw poll that is called off, and one that is counted. An answer is told to nobody."""
    house, m, chair = stage.house, stage.meeting, stage.people["bo-truong"]
    labels = ("Sáng", "Chiều")
    dropped = await stage.do(lambda act: house.straw(act).ask(m, "Phiên sau họp buổi nào?", labels, chair))
    await stage.do(lambda act: house.straw(act).cancel(m, dropped, "Hỏi nhầm", chair))
    poll = await stage.do(lambda act: house.straw(act).ask(m, "Phiên sau họp buổi nào?", labels, chair))
    for name in ("bo-truong", *(f"thu-truong-{number}" for number in range(2, 6))):
        await house.uow.run(partial(_answer_straw, stage, poll, stage.people[name]))
    await stage.do(lambda act: house.straw(act).close(m, poll, chair))


async def _answer_straw(stage: Stage, poll: StrawPollId, person: PersonId, act: Act) -> None:
    await stage.house.straw(act).answer(stage.meeting, poll, "option-1", person)


async def vote_in_the_hall(stage: Stage, item: ItemId) -> None:
    """A show of hands that two see differently first, and a secret ballot that two tellers count differently first."""
    house, m, who = stage.house, stage.meeting, stage.people
    chair, secretary = who["bo-truong"], who["thu-ky-1"]
    tellers = tuple(who[f"thu-truong-{number}"] for number in (4, 5, 6))
    raised = {who["bo-truong"]: "for", who["thu-truong-2"]: "for"}
    hands = WantedQuestion(item, "Thông qua tại chỗ", Matter.RESOLUTION, way=Way.HANDS)
    question = await stage.do(lambda act: house.voting(act).put(m, hands, chair))
    await stage.do(lambda act: house.hall(act).enter_hands(m, question, raised, None, secretary))
    fewer = {who["bo-truong"]: "for"}
    await stage.do(lambda act: house.hall(act).confirm_hands(m, question, fewer, chair))
    await stage.do(lambda act: house.hall(act).confirm_hands(m, question, raised, chair))
    board = WantedQuestion(item, "Bầu Ban kiểm phiếu", Matter.RESOLUTION, board=Board(tellers[0], tellers))
    elects = await stage.do(lambda act: house.voting(act).put(m, board, chair))
    for name in ("bo-truong", *(f"thu-truong-{number}" for number in range(2, 6))):
        await stage.do(partial(_cast, stage, elects, who[name], Vote("for", 1)))
    await stage.do(lambda act: house.voting(act).close(m, elects, chair))
    secret = WantedQuestion(item, "Khen thưởng đột xuất", Matter.RESOLUTION, way=Way.PAPER)
    papers = await stage.do(lambda act: house.voting(act).put(m, secret, chair))
    count = PaperCount(BallotPapers(6, 6, 5, 1), {"for": 4, "against": 1, "abstain": 0, "other": 0})
    other = PaperCount(BallotPapers(6, 6, 5, 1), {"for": 5, "against": 0, "abstain": 0, "other": 0})
    await stage.do(lambda act: house.hall(act).enter_count(m, papers, count, None, tellers[0]))
    await stage.do(lambda act: house.hall(act).confirm_count(m, papers, other, tellers[1]))
    await stage.do(lambda act: house.hall(act).confirm_count(m, papers, count, tellers[2]))


async def adopt_together(stage: Stage, items: list[ItemId]) -> None:
    """Two items to which nobody objects, by one vote at the opening."""
    house, m, chair = stage.house, stage.meeting, stage.people["bo-truong"]
    block = WantedQuestion(
        items[0], "Thông qua các nội dung không có ý kiến khác", Matter.RESOLUTION, items=tuple(items)
    )
    question = await stage.do(lambda act: house.voting(act).put(m, block, chair))
    for name in ("bo-truong", "thu-truong-2", "thu-truong-3", "thu-truong-4"):
        await stage.do(partial(_cast, stage, question, stage.people[name], Vote("for", 1)))
    await stage.do(lambda act: house.voting(act).close(m, question, chair))


async def vote_in_parts(stage: Stage, item: ItemId) -> None:
    """An amendment that was planned: stopped, given more time, put again after a lost line, and settled by the head."""
    house, m, who = stage.house, stage.meeting, stage.people
    chair, member, secretary = who["bo-truong"], who["thu-truong-2"], who["thu-ky-1"]
    drafts = [
        Draft(kind, text, Method.APPROVAL, Matter.RESOLUTION)
        for kind, text in (
            (QuestionKind.AMENDMENT, "Sửa Điều 3"),
            (QuestionKind.PART, "Chương I"),
            (QuestionKind.WHOLE, "Toàn văn"),
        )
    ]
    await stage.do(lambda act: house.planning(act).change(m, item, drafts, secretary))
    async with house.uow.reading() as act:
        amendment, part, _whole = [each.id for each in await house.planning(act).of(m)]
    await stage.do(lambda act: house.planning(act).drop(m, item, part, chair))
    asked = WantedQuestion(item, "Sửa Điều 3", Matter.RESOLUTION, plan=amendment, time_limit_s=60)
    question = await stage.do(lambda act: house.voting(act).put(m, asked, chair))
    await stage.do(lambda act: house.voting(act).pause(m, question, chair))
    await stage.do(lambda act: house.voting(act).resume(m, question, chair))
    await stage.do(lambda act: house.voting(act).extend(m, question, 120, chair))
    await stage.do(lambda act: house.voting(act).report_incident(m, question, member))
    again = await stage.do(lambda act: house.voting(act).repeat(m, question, "Đứt mạng", chair))
    for name, choice in (("thu-truong-2", "for"), ("thu-truong-3", "against")):
        await stage.do(partial(_cast, stage, again, who[name], Vote(choice, 1)))
    await stage.do(lambda act: house.voting(act).close(m, again, chair))
    await stage.do(lambda act: house.voting(act).settle(m, again, Side.FOR, chair))


async def minute(stage: Stage) -> None:
    """The minutes."""
    house, m, secretary = stage.house, stage.meeting, stage.people["thu-ky-1"]
    seal = await house.uow.run(lambda act: house.minutes(act).seal(m))
    async with house.uow.reading() as act:
        facts = await house.minutes(act).facts(m, seal)
    printed = await house.press.set(facts)
    await stage.do(lambda act: house.minutes(act).keep(m, printed, secretary))


async def prove(stage: Stage) -> None:
    """Every kind of vote of this meeting is counted again from its bundle."""
    house, m = stage.house, stage.meeting
    seal = await house.uow.run(lambda act: house.publication(act).seal(m))
    async with house.uow.reading() as act:
        archive = await house.publication(act).bundle(m, seal)
    report = verify(archive, house.signer.public_key)
    assert report.is_accepted, [each for each in report.checks if each.state is not State.OK]


async def test_every_view_moved_by_its_messages_is_the_next_view(stage: Stage, request: pytest.FixtureRequest) -> None:
    items = await prepare(stage)
    await gather(stage)
    await sit(stage, items)
    await minute(stage)
    await prove(stage)
    told = {kind.type for kind, projector in stage.house.projectors().items() if projector is not None}
    # Not in this story: the end that excludes the other end, and what this body's rules do not know.
    assert told - stage.seen == {"meeting.cancelled", "proxy.given", "proxy.withdrawn"}
    assert "hidden" in stage.seen
    if request.config.getoption("--write-fixtures"):
        write(stage.cases)
    kept = json.loads(FIXTURE.read_text(encoding="utf-8"))
    assert [shape(case) for case in kept] == [shape(case) for case in chosen(stage.cases)]


def chosen(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first case of each type for who sees most and who sees least: enough to judge a reducer by."""
    extremes = [case for case in reversed(cases) if case["viewer"] in {"bo-truong", "vu-truong"}]
    return list({(case["viewer"], case["event"]["type"]): case for case in extremes}.values())[::-1]


def shape(value: Any) -> Any:
    """What a value is made of, without what differs from run to run."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    if isinstance(value, list):
        return [shape(each) for each in value]
    return type(value).__name__


def write(cases: list[dict[str, Any]]) -> None:
    lines = [json.dumps(case, ensure_ascii=False, sort_keys=True) for case in chosen(cases)]
    FIXTURE.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
