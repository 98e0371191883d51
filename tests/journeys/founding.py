"""Installations founded in a fraction of the time that `ecabinet found` takes for them; that has tests of its own."""

from functools import cache

from ecabinet.adapters.passwords import Argon2Passwords
from ecabinet.adapters.unit_of_work import Act
from ecabinet.demo.story import OneHash
from ecabinet.founding import found_in, read_plan
from ecabinet.house import House
from ecabinet.settings import Settings

Cookies = dict[str, dict[str, str]]
"""Name → value, by username."""


@cache
def _passwords() -> OneHash:
    """Real hashes, each made once in a run: a dozen would be most of founding a house."""
    return OneHash(Argon2Passwords())


async def founded(settings: Settings, plan: str) -> Cookies:
    """Carry a founding file out. Everybody in it has the password it says and, without typing it, a session."""
    house, wanted = House(settings), read_plan(plan)
    house.passwords = _passwords()  # type: ignore[assignment]

    async def enter(act: Act) -> Cookies:
        identity, cookies = house.identity(act), {}
        for each in wanted.account:
            account = await identity.known(each.username)
            assert account is not None
            cookies[each.username] = {house.origins.cookie_name: await identity.begin(account)}
        return cookies

    try:
        await found_in(house, wanted)
        return await house.uow.run(enter)
    finally:
        await house.database.close()
