"""A running application: settings in, and out of them doors, workers and a relay that start and stop together."""

import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet import __version__, migrations
from ecabinet.adapters.unit_of_work import Act
from ecabinet.adapters.whereabouts import LOOK_EVERY_S
from ecabinet.edge import logging
from ecabinet.edge.lane import Lane
from ecabinet.edge.pages import add_pages
from ecabinet.edge.rooms import Rooms
from ecabinet.edge.routes import SignedIn
from ecabinet.edge.sio import Sockets, UnknownEvent
from ecabinet.edge.system import SystemHttp
from ecabinet.edge.web import Attempt, Door, application
from ecabinet.edge.worker import at_intervals, at_news, until_done
from ecabinet.house import House
from ecabinet.identity.model import AccessRefused
from ecabinet.kernel.access import Role, Standing
from ecabinet.kernel.errors import NotAllowed, NotFound
from ecabinet.kernel.ids import BodyId, MeetingId, PersonId
from ecabinet.meetings.model import Phase
from ecabinet.settings import Settings
from ecabinet.voting.events import BallotCast

log = structlog.get_logger()

_NOT_OF_THE_CALL = frozenset({BallotCast.type})
"""Events that change nothing in the call; a vote brings hundreds at once."""
_CHECKPOINT_EVERY_S = 60
_CATCH_UP_EVERY_S = 2
_SLIPS_EVERY_S = 5
"""A slip ends, and people are reminded, at most so long after the time."""
_ACCOUNT, _ADMIN = frozenset({Role.ACCOUNT}), frozenset({Role.ADMIN})
_STANDINGS_WAITING = 10_000
_STANDINGS_TOGETHER = 512
"""People looked up by one reading."""
_DRAIN_S = 1
"""For so long ballots that wait are kept when the process is asked to end."""
_RETURN_S = 10
"""After a start, for so long people who were in a meeting may come back before they count as gone."""
_REFUSALS_PER_MINUTE = 30
"""So many refusals of one person are recorded in a minute; more of the same would only drown the rest."""


@dataclass
class Application:
    """The doors of a house."""

    house: House
    tasks: asyncio.TaskGroup
    standings: Lane[tuple[PersonId, MeetingId], Standing] = field(init=False)
    """Where those wait who want to know what they are in a meeting."""
    _refusals: dict[PersonId, list[datetime]] = field(default_factory=dict)
    _workers: list[asyncio.Task[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.standings = Lane(self._standings, _STANDINGS_WAITING, _STANDINGS_TOGETHER)

    # --- who is asking ---

    async def standing_of(self, signed_in: SignedIn, meeting: MeetingId | None, body: BodyId | None) -> Standing:
        """What a person is in the installation, in a body and in a meeting, at this moment: read after it was asked,
        never remembered. Raises Unavailable when too many ask at once."""
        standing = Standing(signed_in.person, _ACCOUNT | (_ADMIN if signed_in.is_admin else frozenset()), body, meeting)
        if meeting is not None:
            in_meeting = await self.standings.ask((signed_in.person, meeting))
            standing = replace(in_meeting, roles=standing.roles | in_meeting.roles, body=body)
        if body is not None:
            async with self.house.uow.reading() as act:
                in_body = await self.house.register(act).roles(signed_in.person, body)
            standing = replace(standing, roles=standing.roles | in_body)
        return standing

    async def _standings(self, asked: Sequence[tuple[PersonId, MeetingId]]) -> list[Standing]:
        """What people are in meetings: of those who ask together, by one reading."""
        by_meeting: dict[MeetingId, set[PersonId]] = {}
        for person, meeting in asked:
            by_meeting.setdefault(meeting, set()).add(person)
        found: dict[tuple[PersonId, MeetingId], Standing] = {}
        async with self.house.uow.reading() as act:
            for meeting, people in by_meeting.items():
                seated = await self.house.meetings(act).standings(people, meeting)
                recused = await self.house.attendance(act).withdrawn_from(meeting)
                tellers = await self.house.hall(act).tellers(meeting)
                for person, (roles, items) in seated.items():
                    withdrawn = recused.get(person, frozenset()) if roles else frozenset()
                    counts = {Role.TELLER} if roles and person in tellers else frozenset[Role]()
                    found[person, meeting] = Standing(person, roles | counts, None, meeting, items, withdrawn)
        return [found[each] for each in asked]

    async def on_refusal(self, attempt: Attempt) -> None:
        """Keep what somebody tried and was not entitled to, or forged, under the meeting where there is one."""
        person, refusal = attempt.signed_in.person, attempt.refusal
        if not isinstance(refusal, NotAllowed | NotFound | UnknownEvent) or not self._is_worth_keeping(person):
            return

        async def keep(act: Act) -> None:
            event = AccessRefused(
                at=self.house.clock.now(),
                actor=person,
                meeting=await self._existing(act, attempt.meeting),
                needs=attempt.needs,
                path=attempt.path,
                code=refusal.code,
            )
            await act.record(event)

        await self.house.uow.run(keep)

    async def _existing(self, act: Act, meeting: str | None) -> MeetingId | None:
        if meeting is None or len(meeting) != 26:
            return None
        try:
            return (await self.house.meetings(act).get(MeetingId(meeting))).id
        except NotFound:
            return None

    def _is_worth_keeping(self, person: PersonId) -> bool:
        now = self.house.clock.now()
        recent = [at for at in self._refusals.get(person, []) if now - at < timedelta(minutes=1)]
        self._refusals[person] = [*recent, now][-_REFUSALS_PER_MINUTE:]
        return len(recent) < _REFUSALS_PER_MINUTE

    async def me_of(self, meeting: MeetingId, standing: Standing, connection: AsyncConnection) -> dict[str, Any]:
        """What the page knows of its own person in a meeting."""
        act = Act(connection, self.house.uow.recorder)
        assert standing.person is not None
        found = await self.house.meetings(act).get(meeting)
        participant = found.participant(standing.person)
        return {
            "person": standing.person,
            "name": participant.name,
            "role": participant.role.value,
            "roles": sorted(standing.roles),
            "actions": sorted(standing.actions()),
            "items": None if standing.items is None else sorted(standing.items),
            "recused": sorted(standing.recused),
            **(await self.house.casting(act).mine_all(meeting, standing.person)),
        }

    # --- work that nobody waits for ---

    def own(self, work: Coroutine[Any, Any, None]) -> None:
        """Run it until `stop`."""
        self._workers.append(self.tasks.create_task(work))

    def stop(self) -> None:
        """End the workers; the task group waits for them."""
        for worker in self._workers:
            worker.cancel()

    async def follow(self, meeting: MeetingId) -> None:
        """What the news of a meeting asks for: the call in line with it, and the record signed when it has ended."""
        # In this order: who never said that he knows of a recording may speak again when it has stopped.
        try:
            await self.house.recording_jobs.agree(meeting)
        finally:
            await self.house.media_jobs.reconcile(meeting)
        async with self.house.uow.reading() as act:
            has_ended = (await self.house.meetings(act).get(meeting)).phase is Phase.CLOSED
        if has_ended:
            await self.house.checkpointing.sign_if_grown()

    # --- presence ---

    async def connected(self, meeting: MeetingId, person: PersonId) -> None:
        """Somebody entered."""
        await self.house.uow.run(lambda act: self.house.attendance(act).connected(meeting, person))

    async def disconnected(self, meeting: MeetingId, person: PersonId) -> None:
        """Somebody is gone."""
        await self.house.uow.run(lambda act: self.house.attendance(act).disconnected(meeting, person))

    async def forget_the_absent(self) -> None:
        """Those whom a crash left connected, and who did not come back."""
        started_at = self.house.clock.now()
        await asyncio.sleep(_RETURN_S)

        async def forget() -> None:
            await self.house.uow.run(lambda act: self.house.attendance(act).disconnect_all(started_at))

        await until_done(forget)


@asynccontextmanager
async def running(house: House) -> AsyncIterator[web.Application]:
    """The application with its workers; they end with the context, within two seconds.

    Raises as `House.require_sound` does.
    """
    try:
        await migrations.migrate(house.database)
        await house.require_sound()
        async with _working(house) as site:
            yield site
    finally:
        await house.database.close()


@asynccontextmanager
async def _working(house: House) -> AsyncIterator[web.Application]:
    if house.relays:
        house.relays.end_surplus(house.settings.data)
    async with house.media_rooms, asyncio.TaskGroup() as tasks:
        app = Application(house, tasks)
        door = Door(
            house.origins,
            house.recognition.who_is,
            app.standing_of,
            app.on_refusal,
            house.settings.session_absolute_s,
        )
        rooms = Rooms(house.database, house.uow.bus, house.live, app.standing_of, app.me_of, app, app.on_refusal, tasks)
        sockets = Sockets(door, rooms)
        routes = house.routes()
        system = SystemHttp(rooms, __version__, lambda: house.relays.counted if house.relays else None, routes)
        site = application(door, [*routes, *system.routes()])
        sockets.attach(site)
        add_pages(site, house.settings.web)
        for work in (
            until_done(sockets.run),
            until_done(house.recognition.lane.run),
            until_done(app.standings.run),
            until_done(house.ballot_lane.lane.run),
            app.forget_the_absent(),
            at_news(house.uow.bus, app.follow, _NOT_OF_THE_CALL),
            at_intervals(_CHECKPOINT_EVERY_S, house.checkpointing.sign_if_grown),
            at_intervals(_CATCH_UP_EVERY_S, house.media_jobs.catch_up),
            at_intervals(_CATCH_UP_EVERY_S, house.recording_jobs.catch_up),
            at_intervals(_CATCH_UP_EVERY_S, house.recording_jobs.take_in),
            at_intervals(_SLIPS_EVERY_S, house.slip_jobs.keep_time),
            at_intervals(LOOK_EVERY_S, house.media_rooms.keep_together),
            *(until_done(each.run) for each in (house.relays.supervisors if house.relays else ())),
        ):
            app.own(work)

        async def stop(_: web.Application) -> None:
            with suppress(TimeoutError):
                async with asyncio.timeout(_DRAIN_S):
                    # What was taken is answered before its worker ends.
                    await house.ballot_lane.lane.close()
            # Everything at once: the relay says goodbye to its clients while our own sockets close.
            app.stop()
            rooms.stop()
            await sockets.stop()

        site.on_shutdown.append(stop)
        yield site


async def serve(settings: Settings, announce: Callable[[], None] | None = None) -> None:
    """Serve until SIGTERM or SIGINT; ``announce`` is called when people can come in."""
    logging.configure(as_json=settings.log_json)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    house = House(settings)
    async with running(house) as site:
        runner = web.AppRunner(site, access_log=None, shutdown_timeout=1, handle_signals=False)
        await runner.setup()
        try:
            await web.TCPSite(runner, settings.host, settings.port).start()
            # All that was made until now lives as long as the process; walking it again and again in search of garbage
            # would cost every ballot a third of its time.
            gc.collect()
            gc.freeze()
            log.info("serving", page=settings.page, version=__version__)
            if announce is not None:
                announce()
            await stop.wait()
        finally:
            await runner.cleanup()


async def migrate(settings: Settings) -> str:
    """Bring the database up to date; returns its revision."""
    house = House(settings)
    await migrations.migrate(house.database)
    await house.database.close()
    return migrations.HEAD


async def audit(settings: Settings) -> int:
    """Check the whole record; returns the number of entries. Raises RecordBroken."""
    house = House(settings)
    try:
        async with house.uow.reading() as act:
            return await house.ledger(act).audit()
    finally:
        await house.database.close()
