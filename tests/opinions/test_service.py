"""What the service adds to the rules: whose slip it is, which rules hold, what is kept together."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from ecabinet.kernel.access import Role
from ecabinet.kernel.errors import NotFound, Refusal
from ecabinet.kernel.ids import BodyId, ItemId, MeetingId, OpinionId, PaperId, PersonId, ProfileId, SlipId
from ecabinet.meetings.model import ItemPlan, Kind, Meeting, Mode, Phase
from ecabinet.opinions.model import Answer, ReportKind
from ecabinet.opinions.service import Given, Going, Neighbours, Opinions
from ecabinet.papers.model import Names, Upload
from ecabinet.register.model import Body, Matter, Membership, RuleProfile, Term
from tests.fakes.kernel import NOON, CountingIds, RecordingTransaction, SetClock
from tests.fakes.opinions import MemorySlips
from tests.opinions.slips import BODY, CLERK, HEAD, PLAN, PROFILES, members, person

SESSION = MeetingId("session")
UPLOAD = Upload(Names("Tờ trình", "to-trinh.pdf"), "a" * 64, 1000, 3)
REPORT = Upload(Names("Báo cáo", "bao-cao.pdf"), "b" * 64, 1000, 2)
DAY = timedelta(days=1)


@dataclass
class Around:
    """The slices below: see RegisterOf, Names, MeetingsOf and PapersOf."""

    clock: SetClock
    seats: list[Membership] = field(default_factory=lambda: members(3))
    profile_at: dict[datetime, RuleProfile] = field(default_factory=dict)
    """From when which version holds."""
    prepares: frozenset[PersonId] = frozenset({CLERK})
    """Who prepares the session."""
    hung: list[tuple[ItemId, str]] = field(default_factory=list)
    planned: list[ItemPlan] = field(default_factory=list)

    async def body(self, body: BodyId) -> Body:
        if body != BODY.id:
            raise NotFound()
        return BODY

    async def members(self, body: BodyId, at: datetime) -> tuple[Membership, ...]:
        return tuple(self.seats)

    async def term(self, body: BodyId, at: datetime) -> Term | None:
        return None

    async def profile(self, profile: ProfileId, at: datetime) -> RuleProfile:
        versions = [each for since, each in sorted(self.profile_at.items(), key=lambda each: each[0]) if since <= at]
        return versions[-1] if versions else PROFILES[profile]

    async def roles(self, person: PersonId, body: BodyId) -> frozenset[Role]:
        found = {Role.BODY_SECRETARY} if person == CLERK else set()
        if any(each.person == person for each in self.seats):
            found |= {Role.BODY_MEMBER} | ({Role.BODY_HEAD} if person == HEAD else set())
        return frozenset(found)

    async def bodies_of(self, person: PersonId, at: datetime) -> list[tuple[Body, frozenset[Role]]]:
        roles = await self.roles(person, BODY.id) - {Role.BODY_HEAD}
        return [(BODY, frozenset(roles))] if roles else []

    async def names(self, people: frozenset[PersonId] | None = None) -> dict[PersonId, str]:
        return {each: each.title() for each in people or ()}

    async def get(self, meeting: MeetingId) -> Meeting:
        starts = self.clock.now() + DAY
        return Meeting(meeting, BODY.id, "Phiên họp", Kind.REGULAR, Mode.HYBRID, "", starts, starts, False, Phase.DRAFT)

    async def standing(self, person: PersonId, meeting: MeetingId) -> tuple[frozenset[Role], frozenset[ItemId] | None]:
        if person in self.prepares:
            return frozenset({Role.SECRETARY}), None
        return (frozenset({Role.MEMBER}), None) if person == HEAD else (frozenset(), frozenset())

    async def add_item(self, meeting: MeetingId, plan: ItemPlan, by: PersonId) -> ItemId:
        self.planned.append(plan)
        return ItemId(f"item-{len(self.planned)}")

    async def add(self, meeting: MeetingId, item: ItemId, upload: Upload, by: PersonId) -> PaperId:
        self.hung.append((item, upload.names.title))
        return PaperId(f"paper-{len(self.hung)}")


@dataclass
class World:
    clock: SetClock = field(default_factory=SetClock)
    slips: MemorySlips = field(default_factory=lambda: MemorySlips(frozenset({BODY.id})))
    tx: RecordingTransaction = field(default_factory=RecordingTransaction)
    id: SlipId = field(init=False)

    def __post_init__(self) -> None:
        self.around = Around(self.clock)
        near = Neighbours(self.around, self.around, self.around, self.around)
        self.opinions = Opinions(self.tx, self.slips, near, CountingIds(), self.clock)

    async def drafted(self, **changed: Any) -> None:
        plan = replace(PLAN, deadline=NOON + 3 * DAY, **changed)
        self.id = await self.opinions.draft(BODY.id, plan, CLERK)

    async def sent(self, **changed: Any) -> None:
        await self.drafted(**changed)
        await self.opinions.add_paper(BODY.id, self.id, UPLOAD, CLERK)
        await self.opinions.submit(BODY.id, self.id, CLERK)
        await self.opinions.approve(BODY.id, self.id, None, HEAD)

    async def given(self, choice: str, text: str = "", n: int = 1) -> Given:
        found = await self.slips.get(BODY.id, self.id)
        assert found is not None
        return Given(n, (Answer(found.questions[0].id, choice, text),))

    async def ended(self, choice: str = "against") -> int:
        """The slip's version at its end."""
        await self.sent()
        text = "khác" if choice == "other" else ""
        await self.opinions.answer(BODY.id, self.id, await self.given(choice, text), HEAD)
        self.clock.pass_time(3 * DAY)
        await self.opinions.keep_time(BODY.id, self.id)
        return await self.opinions.version(BODY.id, self.id, CLERK)

    def types(self) -> list[str]:
        return [each.type for each in self.tx.events]


@pytest.fixture
def world() -> World:
    return World()


async def refused(work: Any) -> str:
    with pytest.raises(Refusal) as refusal:
        await work
    return refusal.value.code


async def test_a_draft_is_nothing_to_the_head_whatever_he_tries(world: World) -> None:
    await world.drafted()
    opinions, late = world.opinions, NOON + 9 * DAY
    for act in (
        opinions.approve(BODY.id, world.id, None, HEAD),
        opinions.give_back(BODY.id, world.id, "Thiếu", HEAD),
        opinions.extend(BODY.id, world.id, late, "Bão", HEAD),
        opinions.recall(BODY.id, world.id, "Nhầm", HEAD),
        opinions.end(BODY.id, world.id, HEAD),
    ):
        assert await refused(act) == "not_found"


async def test_what_was_not_sent_is_nothing_to_a_member(world: World) -> None:
    await world.drafted()
    given = await world.given("for")
    await world.opinions.submit(BODY.id, world.id, CLERK)
    for who in (HEAD, person(1)):
        assert await refused(world.opinions.answer(BODY.id, world.id, given, who)) == "not_found"
        assert await refused(world.opinions.save_draft(BODY.id, world.id, given.answers, who)) == "not_found"


async def test_another_bodys_slip_is_not_found(world: World) -> None:
    await world.sent()
    other = BodyId("other")
    assert await refused(world.opinions.submit(other, world.id, CLERK)) == "not_found"
    assert await refused(world.opinions.answer(other, world.id, await world.given("for"), HEAD)) == "not_found"
    assert await refused(world.opinions.require_writing(other, world.id)) == "not_found"
    going = world.opinions.require_reportable(other, world.id, SESSION, ReportKind.REPORT, CLERK)
    assert await refused(going) == "not_found"


async def test_an_unfinished_answer_becomes_a_sheet_and_is_gone(world: World) -> None:
    await world.sent()
    unfinished = await world.given("other")
    await world.opinions.save_draft(BODY.id, world.id, unfinished.answers, person(1))
    before = await world.opinions.version(BODY.id, world.id, CLERK)
    assert "slip.answered" not in world.types(), "a draft is not in the record"
    mine = (await world.opinions.get(BODY.id, world.id, person(1)))["mine"]
    assert mine is not None
    assert mine["draft"] is not None
    assert mine["sheet"] is None
    receipt = await world.opinions.answer(BODY.id, world.id, await world.given("other", "khác"), person(1))
    assert world.types()[receipt.number - 1] == "slip.answered"
    mine = (await world.opinions.get(BODY.id, world.id, person(1)))["mine"]
    assert mine is not None
    assert mine["draft"] is None
    assert await world.opinions.version(BODY.id, world.id, CLERK) > before, "others see that one more has answered"


async def test_a_retry_changes_nothing(world: World) -> None:
    await world.sent()
    given = await world.given("for")
    first = await world.opinions.answer(BODY.id, world.id, given, HEAD)
    events, version = len(world.tx.events), await world.opinions.version(BODY.id, world.id, CLERK)
    assert await world.opinions.answer(BODY.id, world.id, given, HEAD) == first
    assert (len(world.tx.events), await world.opinions.version(BODY.id, world.id, CLERK)) == (events, version)


async def test_a_slip_is_counted_by_the_rules_of_the_day_it_was_sent(world: World) -> None:
    """New rules that want all three do not change what two for were enough for."""
    strict = PROFILES["chinh-phu"]
    rule = strict.decisions[Matter.RESOLUTION]
    harder = replace(
        rule, threshold=replace(rule.threshold, fraction=rule.threshold.fraction * 2 - rule.threshold.fraction / 8)
    )
    world.around.profile_at = {
        NOON - DAY: strict,
        NOON + DAY: replace(strict, version="9", decisions={**strict.decisions, Matter.RESOLUTION: harder}),
    }
    await world.sent()
    for who in (HEAD, person(1)):
        await world.opinions.answer(BODY.id, world.id, await world.given("for"), who)
    world.clock.pass_time(3 * DAY)
    await world.opinions.keep_time(BODY.id, world.id)
    result = (await world.opinions.get(BODY.id, world.id, CLERK))["questions"][0]["result"]
    assert result is not None
    assert (result["verdict"]["outcome"], result["verdict"]["needed"]) == ("passed", 2)


async def test_the_matter_goes_to_a_session_with_everything_that_is_known_of_it(world: World) -> None:
    version = await world.ended()
    going = Going(SESSION, ReportKind.AGENDA, version, (REPORT,))
    item = await world.opinions.report(BODY.id, world.id, going, CLERK)
    assert [each.title for each in world.around.planned] == [PLAN.title]
    assert world.around.hung == [(item, "Tờ trình"), (item, "Báo cáo")]
    told = Going(SESSION, ReportKind.REPORT, version + 1, (REPORT,))
    second = await world.opinions.report(BODY.id, world.id, told, CLERK)
    assert world.around.hung[2:] == [(second, "Báo cáo")]
    assert world.types()[-2:] == ["slip.reported", "slip.reported"]


async def test_nobody_brings_it_before_a_session_he_does_not_prepare(world: World) -> None:
    version = await world.ended()
    going = Going(SESSION, ReportKind.REPORT, version, (REPORT,))
    for prepares, who, code in (
        (frozenset[PersonId](), CLERK, "not_found"),
        (frozenset[PersonId](), HEAD, "not_allowed"),
    ):
        world.around.prepares = prepares
        assert await refused(world.opinions.report(BODY.id, world.id, going, who)) == code
        asked = world.opinions.require_reportable(BODY.id, world.id, SESSION, ReportKind.REPORT, who)
        assert await refused(asked) == code
    assert world.around.planned == []


async def test_pages_that_do_not_tell_the_last_reply_are_not_hung(world: World) -> None:
    version = await world.ended("other")
    [said] = await world.slips.opinions(world.id)
    await world.opinions.reply(BODY.id, world.id, said.id, "Tiếp thu", CLERK)
    going = Going(SESSION, ReportKind.REPORT, version, (REPORT,))
    assert await refused(world.opinions.report(BODY.id, world.id, going, CLERK)) == "conflict"
    assert world.around.planned == []


async def test_a_reply_is_to_an_opinion_of_this_slip(world: World) -> None:
    await world.ended()
    reply = world.opinions.reply(BODY.id, world.id, OpinionId("another"), "Tiếp thu", CLERK)
    assert await refused(reply) == "not_found"


async def test_a_comment_reaches_its_member_and_can_be_taken_back(world: World) -> None:
    await world.sent()
    for text in ("Nên đồng ý", ""):
        await world.opinions.comment(BODY.id, world.id, person(1), text, CLERK)
        mine = (await world.opinions.get(BODY.id, world.id, person(1)))["mine"]
        assert mine is not None
        assert mine["comment"] == text
    recorded = [each.payload() for each in world.tx.events if each.type == "slip.commented"]
    assert "Nên đồng ý" not in str(recorded), "it is for that member"


async def test_time_has_nothing_to_do_with_most_slips(world: World) -> None:
    await world.sent()
    assert await world.opinions.due() == []
    world.clock.pass_time(2 * DAY)
    assert await world.opinions.due() == [(BODY.id, world.id)]
    await world.opinions.keep_time(BODY.id, world.id)
    assert await world.opinions.due() == []
    world.clock.pass_time(DAY)
    assert await world.opinions.due() == [(BODY.id, world.id)]
    await world.opinions.keep_time(BODY.id, world.id)
    assert await world.opinions.due() == []


async def test_who_approves_may_set_another_deadline(world: World) -> None:
    await world.drafted()
    await world.opinions.submit(BODY.id, world.id, CLERK)
    await world.opinions.approve(BODY.id, world.id, NOON + DAY, HEAD)
    seen = await world.opinions.get(BODY.id, world.id, person(1))
    assert seen["deadline"] == "2026-11-26T05:00:00.000Z"
    assert seen["decided_by"] == {"person": HEAD, "name": HEAD.title()}
