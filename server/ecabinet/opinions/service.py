"""Asking a body's members in writing: from the staff's draft to the verdict, and on to a meeting."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ecabinet.kernel.access import Action, Role, Standing, decide
from ecabinet.kernel.clock import Clock
from ecabinet.kernel.errors import Conflict, NotFound
from ecabinet.kernel.events import moment
from ecabinet.kernel.ids import BodyId, ItemId, MeetingId, OpinionId, PaperId, PersonId, QuestionId, SlipId
from ecabinet.kernel.ports import Ids, Transaction
from ecabinet.meetings.model import Act
from ecabinet.meetings.views import Waiting
from ecabinet.papers.model import Names as PaperNames
from ecabinet.papers.model import Upload
from ecabinet.register.model import Body, RuleProfile

from . import reporting, rules, sheets, views
from .entries import SlipEntry, Slips
from .model import (
    Answer,
    Change,
    KeptSheet,
    Named,
    Phase,
    Plan,
    Report,
    ReportKind,
    Sheet,
    SheetReceipt,
    Slip,
    SlipPaper,
    Viewer,
)
from .page import Printable
from .ports import MeetingsOf, Names, PapersOf, RegisterOf, SlipStore

_WAITED_FOR = frozenset({Phase.SUBMITTED, Phase.RETURNED, Phase.SENT})


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The slices below."""

    register: RegisterOf
    names: Names
    meetings: MeetingsOf
    papers: PapersOf


@dataclass(frozen=True, slots=True)
class Going:
    """What goes before a meeting."""

    meeting: MeetingId
    kind: ReportKind
    seen_version: int
    """The slip's, when the pages were set: what has changed since is not on them."""
    pages: tuple[Upload, ...]


@dataclass(frozen=True, slots=True)
class Opinions:
    """Built afresh for each act, inside its transaction."""

    tx: Transaction
    slips: SlipStore
    near: Neighbours
    ids: Ids
    clock: Clock

    # --- reading ---

    async def listed(self, body: BodyId, by: PersonId) -> Slips:
        """The body's slips that this person may know of."""
        viewer = await self._viewer(body, by)
        known = [each for each in await self.slips.of(body) if rules.knows_of(each, viewer)]
        answered = await self.slips.answered(frozenset(each.id for each in known))
        return views.slips(known, answered, viewer, self.clock.now())

    async def get(self, body: BodyId, slip: SlipId, by: PersonId) -> SlipEntry:
        """The slip as this person may see it. Raises NotFound."""
        viewer = await self._viewer(body, by)
        found = await self._known(body, slip, viewer)
        kept = views.Kept(
            sheets=sheets.current(await self.slips.sheets(slip)),
            draft=await self.slips.draft(slip, by) if found.asks(by) else None,
            comments=await self.slips.comments(slip),
            opinions=await self.slips.opinions(slip),
        )
        return views.slip_entry(found, await self.near.register.body(body), kept, viewer, self.clock.now())

    async def mine(self, body: BodyId, slip: SlipId, by: PersonId) -> KeptSheet:
        """The sheet of this person that counts. Raises NotFound when there is none."""
        await self._known(body, slip, await self._viewer(body, by))
        stored = await self.slips.versions(slip, by)
        if not stored:
            raise NotFound()
        return stored[-1]

    async def version(self, body: BodyId, slip: SlipId, by: PersonId) -> int:
        """The slip's version. Raises NotFound."""
        return (await self._known(body, slip, await self._viewer(body, by))).version

    async def paper(self, body: BodyId, slip: SlipId, paper: PaperId, by: PersonId) -> SlipPaper:
        """Raises NotFound."""
        return rules.paper_of(await self._known(body, slip, await self._viewer(body, by)), paper)

    async def printable(self, body: BodyId, slip: SlipId, by: PersonId) -> Printable:
        """What the documents of its result are made of. Raises NotFound, SlipWrongPhase before the end."""
        found = await self._known(body, slip, await self._viewer(body, by))
        found.require(frozenset({Phase.ENDED}))
        return Printable(
            found,
            await self.near.register.body(body),
            sheets.current(await self.slips.sheets(slip)),
            tuple(await self.slips.opinions(slip)),
        )

    async def waiting(self, person: PersonId) -> list[Waiting]:
        """What slips want of this person: an answer, a decision, or another draft."""
        now = self.clock.now()
        bodies = {body.id: (body, roles) for body, roles in await self.near.register.bodies_of(person, now)}
        found = await self.slips.in_phases(_WAITED_FOR, frozenset(bodies)) if bodies else []
        answered = await self.slips.answered(frozenset(each.id for each in found if each.asks(person)))
        waiting: list[Waiting] = []
        for each in found:
            body, roles = bodies[each.body]
            heads = each.phase is Phase.SUBMITTED and await self._is_head(person, each.body)
            kind = _wanted(each, person, prepares=Role.BODY_SECRETARY in roles, heads=heads)
            if kind == "slip" and (person in answered.get(each.id, ()) or each.is_overdue(now)):
                continue
            if kind is not None:
                waiting.append(_waits(each, body, kind))
        return waiting

    # --- preparing ---

    async def draft(self, body: BodyId, plan: Plan, by: PersonId) -> SlipId:
        """A slip nobody but the staff knows of. Refuses as rules.draft does."""
        now = self.clock.now()
        blank = Slip(
            id=SlipId(self.ids.new()),
            body=body,
            number=await self.slips.next_number(body),
            plan=plan,
            questions=(),
            drafted_at=now,
            drafted_by=await self._named(by),
        )
        profile = await self._profile(body, now)
        drafted = rules.draft(blank, profile, self._question_ids(plan), Act(by, now))
        await self.slips.add(drafted.slip)
        await self.tx.record(drafted.event)
        return drafted.slip.id

    async def rewrite(self, body: BodyId, slip: SlipId, changed: Mapping[str, object], by: PersonId) -> None:
        """changed: field of Plan → value. Refuses as rules.rewrite does; NotFound."""
        before, now = await self._locked(body, slip), self.clock.now()
        plan = replace(before.plan, **changed)  # type: ignore[arg-type]
        profile = await self._profile(body, now)
        await self._keep(rules.rewrite(before, plan, profile, self._question_ids(plan), Act(by, now)))

    async def require_writing(self, body: BodyId, slip: SlipId) -> None:
        """Asked before the bytes of a paper arrive, so that nobody sends them in vain.

        Raises NotFound, SlipWrongPhase."""
        found = await self.slips.get(body, slip)
        if found is None:
            raise NotFound()
        rules.require_writing(found)

    async def add_paper(self, body: BodyId, slip: SlipId, upload: Upload, by: PersonId) -> PaperId:
        """A PDF goes with the slip. Refuses as rules.add_paper does; NotFound."""
        before, paper = await self._locked(body, slip), PaperId(self.ids.new())
        await self._keep(rules.add_paper(before, paper, upload, self._by(by)))
        return paper

    async def remove_paper(self, body: BodyId, slip: SlipId, paper: PaperId, by: PersonId) -> None:
        """Refuses as rules.remove_paper does. Its bytes stay: the record names their digest."""
        await self._keep(rules.remove_paper(await self._locked(body, slip), paper, self._by(by)))

    async def submit(self, body: BodyId, slip: SlipId, by: PersonId) -> None:
        """Lay it before the head. Refuses as rules.submit does; NotFound."""
        await self._keep(rules.submit(await self._locked(body, slip), self._by(by)))

    # --- the head ---

    async def give_back(self, body: BodyId, slip: SlipId, reason: str, by: PersonId) -> None:
        """To those who prepare. Refuses as rules.give_back does; NotFound, also for a draft."""
        await self._keep(rules.give_back(await self._before_head(body, slip), reason, self._by(by)))

    async def approve(self, body: BodyId, slip: SlipId, deadline: datetime | None, by: PersonId) -> None:
        """It goes out at once. deadline: another one than was proposed. Refuses as rules.send does; NotFound."""
        before, now = await self._before_head(body, slip), self.clock.now()
        members = await self.near.register.members(body, now)
        term = await self.near.register.term(body, now)
        strengths = rules.Strengths(members, term.seats if term else None)
        by_head = (await self._named(by), now)
        profile = await self._profile(body, now)
        await self._keep(rules.send(before, deadline or before.deadline, strengths, profile, by_head))

    async def extend(self, body: BodyId, slip: SlipId, until: datetime, reason: str, by: PersonId) -> None:
        """Refuses as rules.extend does; NotFound."""
        await self._keep(rules.extend(await self._before_head(body, slip), until, reason, self._by(by)))

    async def recall(self, body: BodyId, slip: SlipId, reason: str, by: PersonId) -> None:
        """Nothing that was answered counts. Refuses as rules.recall does; NotFound."""
        await self._keep(rules.recall(await self._before_head(body, slip), reason, self._by(by)))

    async def end(self, body: BodyId, slip: SlipId, by: PersonId) -> None:
        """Before the deadline, when everybody has answered. Refuses as rules.end_early does; NotFound."""
        before = await self._before_head(body, slip)
        before.require(frozenset({Phase.SENT}))
        kept = await self.slips.sheets(slip)
        await self._end(rules.end_early(before, kept, await self._frozen_profile(before), self._by(by)), kept)

    # --- answering ---

    async def save_draft(self, body: BodyId, slip: SlipId, answers: Sequence[Answer], by: PersonId) -> None:
        """Unfinished answers, for nobody else's eyes; they are not in the record. Raises NotFound, NotEntitled,
        SlipEnded, SheetIncomplete when they answer something else."""
        found = await self._sent_to_me(body, slip, by)
        unfinished = Sheet(slip, by, 1, sheets.in_order(found, answers), self.clock.now())
        sheets.require_drafting(found, unfinished)
        await self.slips.put_draft(slip, by, unfinished.answers)

    async def answer(self, body: BodyId, slip: SlipId, given: "Given", by: PersonId) -> SheetReceipt:
        """Keep one version of the member's sheet; a retry is given the stored receipt. Refuses as sheets.answer does;
        NotFound. The last answer ends the slip where it is to."""
        asked = await self._sent_to_me(body, slip, by)
        stored = await self.slips.versions(slip, by)
        sheet = Sheet(slip, by, given.n, sheets.in_order(asked, given.answers), self.clock.now())
        accepted = sheets.answer(asked, sheet, {each.sheet.n: each.sheet.answers for each in stored})
        versions = [each.sheet.n for each in stored]
        if accepted is None:
            return sheets.receipt(next(each for each in stored if each.sheet.n == sheet.n), versions)
        kept = KeptSheet(sheet, await self.tx.record(accepted), sheets.hash_of(accepted))
        await self.slips.add_sheet(kept)
        await self.slips.drop_draft(slip, by)
        moved = asked.moved()
        await self.slips.save(moved)
        if moved.plan.ends_when_all_answered:
            await self._end_by_itself(moved)
        return sheets.receipt(kept, versions)

    async def comment(self, body: BodyId, slip: SlipId, to: PersonId, text: str, by: PersonId) -> None:
        """The staff's word to one member's sheet. Refuses as rules.comment does; NotFound."""
        change = rules.comment(await self._locked(body, slip), to, text, self._by(by))
        await self.slips.put_comment(slip, to, text)
        await self._keep(change)

    # --- time ---

    async def due(self) -> list[tuple[BodyId, SlipId]]:
        """Slips with which time has something to do now."""
        now = self.clock.now()
        running = await self.slips.in_phases(frozenset({Phase.SENT}))
        return [
            (each.body, each.id)
            for each in running
            if each.is_overdue(now) or rules.due_reminder(each, now) is not None
        ]

    async def keep_time(self, body: BodyId, slip: SlipId) -> None:
        """End it when its deadline has passed, remind when that is due, and nothing twice: the slip itself says what
        has been done."""
        found = await self._locked(body, slip)
        now = self.clock.now()
        hours = rules.due_reminder(found, now)
        if hours is None:
            await self._end_by_itself(found)
            return
        answered = (await self.slips.answered(frozenset({slip}))).get(slip, frozenset())
        await self._keep(rules.remind(found, hours, answered, now))

    # --- after the end ---

    async def reply(self, body: BodyId, slip: SlipId, opinion: OpinionId, text: str, by: PersonId) -> None:
        """What becomes of an opinion. Refuses as reporting.reply does; NotFound."""
        found = await self._locked(body, slip)
        said = next((each for each in await self.slips.opinions(slip) if each.id == opinion), None)
        if said is None:
            raise NotFound()
        change = reporting.reply(found, said, text, self._by(by))
        await self.slips.reply(opinion, text)
        await self._keep(change)

    async def require_reportable(
        self, body: BodyId, slip: SlipId, meeting: MeetingId, kind: ReportKind, by: PersonId
    ) -> None:
        """Asked before the pages are set. Refuses as reporting.require_reportable does; NotFound and NotAllowed when
        this person does not prepare the meeting."""
        found = await self.slips.get(body, slip)
        if found is None:
            raise NotFound()
        await self._require_reportable(found, meeting, kind, by)

    async def report(self, body: BodyId, slip: SlipId, going: Going, by: PersonId) -> ItemId:
        """An item of the meeting with these pages, and the slip's own papers when the matter itself goes there.
        Refuses as `require_reportable` does; Conflict when the slip has changed since the pages were set."""
        found = await self._locked(body, slip)
        await self._require_reportable(found, going.meeting, going.kind, by)
        if found.version != going.seen_version:
            raise Conflict()
        item = await self.near.meetings.add_item(going.meeting, reporting.item_for(found, going.kind), by)
        own = [_as_upload(each) for each in found.papers] if going.kind is ReportKind.AGENDA else []
        for upload in (*own, *going.pages):
            await self.near.papers.add(going.meeting, item, upload, by)
        act = self._by(by)
        await self._keep(reporting.report(found, Report(going.meeting, item, going.kind, act.at), act))
        return item

    async def _require_reportable(self, slip: Slip, meeting: MeetingId, kind: ReportKind, by: PersonId) -> None:
        roles, items = await self.near.meetings.standing(by, meeting)
        decide(Standing(by, roles, None, meeting, items), Action.PREPARE_MEETING)
        reporting.require_reportable(slip, await self.near.meetings.get(meeting), kind)

    # --- parts of the above ---

    def _by(self, person: PersonId) -> Act:
        return Act(person, self.clock.now())

    def _question_ids(self, plan: Plan) -> list[QuestionId]:
        return [QuestionId(self.ids.new()) for _ in plan.questions]

    async def _named(self, person: PersonId) -> Named:
        return Named(person, (await self.near.names.names(frozenset({person})))[person])

    async def _viewer(self, body: BodyId, person: PersonId) -> Viewer:
        roles = await self.near.register.roles(person, body)
        return Viewer(person, Role.BODY_SECRETARY in roles, Role.BODY_HEAD in roles, Role.BODY_MEMBER in roles)

    async def _is_head(self, person: PersonId, body: BodyId) -> bool:
        return Role.BODY_HEAD in await self.near.register.roles(person, body)

    async def _profile(self, body: BodyId, at: datetime) -> RuleProfile:
        return await self.near.register.profile((await self.near.register.body(body)).profile, at)

    async def _frozen_profile(self, slip: Slip) -> RuleProfile:
        """As it stood when the slip was sent: rules that change meanwhile do not change what was asked."""
        assert slip.sending is not None, "a slip in this phase was sent"
        return await self.near.register.profile(slip.sending.profile, slip.sending.at)

    async def _known(self, body: BodyId, slip: SlipId, viewer: Viewer) -> Slip:
        found = await self.slips.get(body, slip)
        if found is None or not rules.knows_of(found, viewer):
            raise NotFound()
        return found

    async def _locked(self, body: BodyId, slip: SlipId) -> Slip:
        found = await self.slips.lock(body, slip)
        if found is None:
            raise NotFound()
        return found

    async def _before_head(self, body: BodyId, slip: SlipId) -> Slip:
        """A draft is nothing to the head yet."""
        found = await self._locked(body, slip)
        if found.phase is Phase.DRAFT:
            raise NotFound()
        return found

    async def _sent_to_me(self, body: BodyId, slip: SlipId, person: PersonId) -> Slip:
        """What was not sent yet is nothing to a member."""
        found = await self._locked(body, slip)
        if not rules.knows_of(found, Viewer(person, sits=True)):
            raise NotFound()
        return found

    async def _keep(self, change: Change) -> None:
        await self.slips.save(change.slip)
        await self.tx.record(change.event)

    async def _end_by_itself(self, slip: Slip) -> None:
        if slip.phase is not Phase.SENT:
            return
        kept = await self.slips.sheets(slip.id)
        ended = rules.end_by_itself(slip, kept, await self._frozen_profile(slip), self.clock.now())
        if ended is not None:
            await self._end(ended, kept)

    async def _end(self, ended: Change, kept: Sequence[KeptSheet]) -> None:
        await self.slips.add_opinions(reporting.opinions_of(ended.slip, kept, self.ids.new))
        await self._keep(ended)


@dataclass(frozen=True, slots=True)
class Given:
    """What the member's device sends."""

    n: int
    answers: tuple[Answer, ...]


def _wanted(slip: Slip, person: PersonId, *, prepares: bool, heads: bool) -> str | None:
    if slip.phase is Phase.SUBMITTED and heads:
        return "slip_approval"
    if slip.phase is Phase.RETURNED and prepares:
        return "slip_returned"
    return "slip" if slip.phase is Phase.SENT and slip.asks(person) else None


def _waits(slip: Slip, body: Body, kind: str) -> Waiting:
    return {
        "kind": kind,
        "meeting": None,
        "body": slip.body,
        "slip": slip.id,
        "title": slip.plan.title,
        "body_name": body.name,
        "due_at": moment(slip.deadline),
    }


def _as_upload(paper: SlipPaper) -> Upload:
    names = PaperNames(paper.title, paper.filename)
    return Upload(names, paper.digest, paper.size_bytes, paper.pages)
