"""Signing in and out."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from ecabinet.identity.model import (
    Account,
    AccountAdded,
    SessionBegun,
    SessionEnded,
    SignInSession,
    Throttled,
    WrongCredentials,
)
from ecabinet.identity.rules import SessionLimits
from ecabinet.identity.service import Identity, Throttle, secret_hash
from tests.fakes.identity import MemoryAccounts, PlainPasswords
from tests.fakes.kernel import NOON, CountingBytes, CountingIds, RecordingTransaction, SetClock


@dataclass
class World:
    tx: RecordingTransaction = field(default_factory=RecordingTransaction)
    accounts: MemoryAccounts = field(default_factory=MemoryAccounts)
    clock: SetClock = field(default_factory=SetClock)
    ids: CountingIds = field(default_factory=CountingIds)
    secrets: CountingBytes = field(default_factory=CountingBytes)

    @property
    def identity(self) -> Identity:
        limits = SessionLimits(idle=timedelta(minutes=30), absolute=timedelta(hours=8))
        return Identity(self.tx, self.accounts, PlainPasswords(), self.secrets, self.ids, self.clock, limits)

    async def session(self, secret: str) -> SignInSession | None:
        return (await self.identity.sessions({secret})).get(secret)

    async def check(self, username: str, password: str) -> Account:
        return await self.identity.prove(await self.identity.known(username), password)


@pytest.fixture
def world() -> World:
    return World()


async def test_who_knows_name_and_password_gets_a_session_whose_secret_is_kept_nowhere(world: World) -> None:
    person = await world.identity.add_account("Thu-Ky-1", "Thư ký 1", "mật khẩu")
    secret = await world.identity.begin(await world.check("thu-ky-1", "mật khẩu"))
    session = await world.session(secret)
    assert session is not None
    assert session.person == person
    assert list(world.accounts.begun) == [secret_hash(secret)]
    assert secret not in repr(world.accounts)
    assert [type(event) for event in world.tx.events] == [AccountAdded, SessionBegun]


@pytest.mark.parametrize(("username", "password"), [("thu-ky-1", "sai"), ("khong-co", "mật khẩu"), ("", "")])
async def test_wrong_name_and_wrong_password_get_the_same_answer(world: World, username: str, password: str) -> None:
    await world.identity.add_account("thu-ky-1", "Thư ký 1", "mật khẩu")
    with pytest.raises(WrongCredentials) as refusal:
        await world.check(username, password)
    assert refusal.value.detail == {}


async def test_a_session_ends_when_unused_and_lives_on_when_touched(world: World) -> None:
    await world.identity.add_account("a", "A", "p")
    secret = await world.identity.begin(await world.check("a", "p"))
    world.clock.pass_time(timedelta(minutes=29))
    session = await world.session(secret)
    assert session is not None
    assert world.identity.wants_touch(session)
    await world.identity.touch({session.id})
    world.clock.pass_time(timedelta(minutes=29))
    assert await world.session(secret)
    world.clock.pass_time(timedelta(minutes=1))
    assert await world.session(secret) is None


async def test_signing_out_ends_the_session_for_good(world: World) -> None:
    await world.identity.add_account("a", "A", "p")
    secret = await world.identity.begin(await world.check("a", "p"))
    session = await world.session(secret)
    assert session is not None
    await world.identity.end(session.id, session.person)
    assert await world.session(secret) is None
    assert isinstance(world.tx.events[-1], SessionEnded)


def test_a_stranger_who_tries_an_account_does_not_keep_its_owner_out() -> None:
    throttle = Throttle()
    for _ in range(5):
        throttle.take("203.0.113.9", "bo-truong", NOON)
    with pytest.raises(Throttled) as refusal:
        throttle.take("203.0.113.9", "bo-truong", NOON)
    assert refusal.value.detail["retry_after_s"] == 12
    throttle.take("198.51.100.7", "bo-truong", NOON)


def test_one_place_cannot_try_many_accounts_quickly() -> None:
    throttle = Throttle()
    for number in range(30):
        throttle.take("203.0.113.9", f"tai-khoan-{number}", NOON)
    with pytest.raises(Throttled):
        throttle.take("203.0.113.9", "tai-khoan-30", NOON)


async def test_cookies_are_looked_up_together_and_what_is_no_text_is_nobodys(world: World) -> None:
    person = await world.identity.add_account("anh", "Anh", "mật khẩu")
    secret = await world.identity.begin(await world.identity.account(person))
    found = await world.identity.sessions({secret, "unknown", "\udcff"})
    assert {each: session.person for each, session in found.items()} == {secret: person}
