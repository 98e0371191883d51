"""The demo as one story in five meetings, told at the moments it happened, counted back from now."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ecabinet import founding
from ecabinet.adapters.unit_of_work import Act
from ecabinet.house import House
from ecabinet.identity.ports import Passwords
from ecabinet.minutes.http import MinutesHttp

from . import council, ministry, province, slips
from .cast import PASSWORD, plan
from .printing import Printer
from .stage import Scene, Stage, StoryClock

_UNDER_WAY = timedelta(minutes=40)
"""How long ago, at least, the session under way was to begin; it was opened two minutes later."""
_SINCE_MORNING = timedelta(hours=2)
"""How long ago the council's session was to begin; what is told of it ends before the ministry's begins."""
_DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account of the demo."""

    username: str
    name: str
    password: str
    is_admin: bool


@dataclass(slots=True)
class OneHash:
    """Passwords of a demo: a hash is computed once and given to everybody with the same password, since thirty slow
    hashes would be most of the loading time, and the password is printed on the screen anyway. See Passwords."""

    passwords: Passwords
    _known: dict[str, str] = field(default_factory=dict)

    async def hash(self, password: str) -> str:
        if password not in self._known:
            self._known[password] = await self.passwords.hash(password)
        return self._known[password]

    async def matches(self, password_hash: str | None, password: str) -> bool:
        return await self.passwords.matches(password_hash, password)


async def is_empty(house: House) -> bool:
    """Whether nobody lives here yet."""
    async with house.uow.reading() as act:
        return not await house.identity(act).names()


async def load(house: House, clock: StoryClock, now: datetime) -> list[DemoAccount]:
    """Fill an empty house. ``clock`` is the house's own; it ends at ``now``."""
    zone = ZoneInfo(house.settings.time_zone)
    today = now.astimezone(zone).date()
    before = a_month_before(today)
    clock.at = datetime.combine(before, time(8), zone) - timedelta(days=20)
    stage = await _found(house, clock)

    last = _scene(stage, datetime.combine(before, time(8), zone), ("bo-truong", "thu-ky-1"))
    await ministry.play_last_month(last, _month(before))
    clock.at = last.moment(_DAY_MINUTES)
    await MinutesHttp(house.uow, house.minutes, house.press, house.blobs).draft(last.id, stage.people["thu-ky-1"])

    morning = _scene(stage, _on_the_clock(now - _SINCE_MORNING), ("ct-hdnd", "thu-ky-hdnd-1"))
    at_morning = await council.prepare(morning)
    asked = Printer(stage.house.press.typesetter, today)
    await slips.ask_for_regulations(stage, asked, now - timedelta(days=18))
    await slips.ask_for_relief(stage, asked, now - timedelta(days=12))
    this = _scene(stage, _on_the_clock(now - _UNDER_WAY), ("bo-truong", "thu-ky-1"))
    items = await ministry.prepare_this_month(this, _month(today))
    thematic = _scene(stage, _next(today, 6, time(8, 30), zone), ("bo-truong", "thu-ky-2"))
    await ministry.call_thematic(thematic, _minutes(now - timedelta(hours=26) - thematic.starts_at))
    await slips.ask_for_two_things(stage, asked, now)
    draft = _scene(stage, _next(today, 5, time(14), zone), ("chu-tich", "thu-ky-ubnd"))
    called = _minutes(now - timedelta(hours=20) - draft.starts_at)
    await province.prepare(draft, _month(draft.starts_at.astimezone(zone).date()), called)
    await slips.prepare_two_more(stage, asked, now)
    await council.play(morning, at_morning)
    await ministry.play_this_month(this, items)
    clock.at = now
    await house.uow.run(lambda act: house.ledger(act).checkpoint())
    return accounts()


def accounts() -> list[DemoAccount]:
    """Everybody who may sign in."""
    return [DemoAccount(each.username, each.name, PASSWORD, each.admin) for each in plan().account]


async def _found(house: House, clock: StoryClock) -> Stage:
    passwords = OneHash(house.passwords)

    async def found(act: Act) -> founding.Founded:
        return await founding.found(plan(), replace(house.identity(act), passwords=passwords), house.register(act))

    founded = await house.uow.run(found)
    return Stage(house, clock, founded.people, founded.bodies)


def _scene(stage: Stage, starts_at: datetime, leading: Sequence[str]) -> Scene:
    chair, secretary = leading
    zone = ZoneInfo(stage.house.settings.time_zone)
    printer = Printer(stage.house.press.typesetter, starts_at.astimezone(zone).date())
    return Scene(stage, printer, starts_at, chair, secretary)


def a_month_before(day: date) -> date:
    """A working day of the month before, at least three weeks earlier."""
    last_of_month_before = day.replace(day=1) - timedelta(days=1)
    found = last_of_month_before.replace(day=min(day.day, 24))
    # Early in the month forwards, late in it backwards, so that it stays in that month.
    step = timedelta(days=1 if found.day < 15 else -1)
    while found.weekday() > 4:
        found += step
    return found


def _on_the_clock(at: datetime) -> datetime:
    """The last full five minutes: no meeting is called for 09:18:41."""
    return at.replace(minute=at.minute - at.minute % 5, second=0, microsecond=0)


def _next(day: date, days: int, at: time, zone: ZoneInfo) -> datetime:
    """At that time, so many days later, or on the Monday after when that is a weekend."""
    found = day + timedelta(days=days)
    while found.weekday() > 4:
        found += timedelta(days=1)
    return datetime.combine(found, at, zone)


def _month(day: date) -> str:
    return f"{day.month}/{day.year}"


def _minutes(span: timedelta) -> float:
    return span / timedelta(minutes=1)
