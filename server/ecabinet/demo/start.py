"""Starting with the demo."""

from collections.abc import Callable
from datetime import UTC, datetime

from ecabinet import app, migrations
from ecabinet.house import House
from ecabinet.settings import Settings

from .stage import StoryClock
from .story import DemoAccount, accounts, is_empty, load

_SHOWN = (
    *("bo-truong", "thu-truong-2", "thu-truong-5", "thu-ky-1", "pho-vu-truong-khtc"),
    *("chu-tich", "thu-ky-ubnd", "ct-hdnd", "dai-bieu-08", "thu-ky-hdnd-1"),
)
"""Accounts from which to look around; the others are alike."""


async def serve_demo(settings: Settings, say: Callable[[str], None]) -> None:
    """Fill the database when it is empty, say who may sign in, and serve until told to stop."""
    await fill(settings)

    def announce() -> None:
        for line in told(settings.page, accounts()):
            say(line)

    await app.serve(settings, announce)


async def fill(settings: Settings) -> bool:
    """Load the demo into an empty installation. Returns whether there was anything to do."""
    now = datetime.now(UTC)
    clock = StoryClock(now)
    house = House(settings, clock=clock)
    try:
        await migrations.migrate(house.database)
        if not await is_empty(house):
            return False
        await load(house, clock, now)
        return True
    finally:
        await house.database.close()


def told(page: str, known: list[DemoAccount]) -> list[str]:
    """What to print when people can come in."""
    shown = [each for each in known if each.username in _SHOWN]
    width = max(len(each.username) for each in shown)
    return [
        "",
        f"  eCabinet: {page}",
        "",
        f"  Mật khẩu của mọi tài khoản / password of every account: {known[0].password}",
        *(f"    {each.username:<{width}}  {each.name}" for each in shown),
        f"    … {len(known) - len(shown)} tài khoản khác / more: thu-truong-2 … 7, pho-chu-tich-1 … 4,",
        "      dai-bieu-08 … 15, thu-ky-hdnd-2, quan-tri",
        "",
    ]
