"""What every keeper of accounts must do, the memory fake and both databases alike."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from ecabinet.adapters.database import Database
from ecabinet.identity.model import Account, SignInSession, UsernameTaken
from ecabinet.identity.ports import Accounts
from ecabinet.identity.sql import SqlAccounts
from ecabinet.kernel.ids import PersonId, SessionId
from tests.fakes.identity import MemoryAccounts
from tests.fakes.kernel import NOON

ANH = Account(PersonId("anh"), "Thu-Ky-1", "Thư ký 1", "hash-1")
BINH = Account(PersonId("binh"), "thu-ky-2", "Thư ký 2", "hash-2", is_admin=True)
Check = Callable[[Accounts], Awaitable[None]]

SESSION = SignInSession(SessionId("s1"), ANH.person, False, NOON, NOON)


async def check_names_are_taken_without_regard_to_case(accounts: Accounts) -> None:
    await accounts.add(ANH)
    with pytest.raises(UsernameTaken):
        await accounts.add(replace(BINH, username="THU-KY-1"))
    await accounts.add(BINH)
    assert await accounts.by_username("THU-KY-1") == ANH
    assert await accounts.by_username("không có") is None
    assert await accounts.by_person(BINH.person) == BINH


async def check_sessions_are_found_by_their_hash_until_they_end(accounts: Accounts) -> None:
    await accounts.add(ANH)
    await accounts.begin(SESSION, "h" * 64)
    assert await accounts.sessions({"h" * 64, "x" * 64}) == {"h" * 64: SESSION}
    assert await accounts.sessions(frozenset()) == {}
    later = NOON + timedelta(minutes=3)
    await accounts.seen({SESSION.id}, later)
    assert await accounts.sessions({"h" * 64}) == {"h" * 64: replace(SESSION, seen_at=later)}
    await accounts.end(SESSION.id, later)
    await accounts.end(SESSION.id, later)
    assert await accounts.sessions({"h" * 64}) == {}


async def check_names_of_some_and_of_all(accounts: Accounts) -> None:
    await accounts.add(ANH)
    await accounts.add(BINH)
    assert await accounts.names() == {ANH.person: "Thư ký 1", BINH.person: "Thư ký 2"}
    assert await accounts.names(frozenset({BINH.person, PersonId("nobody")})) == {BINH.person: "Thư ký 2"}
    assert await accounts.names(frozenset()) == {}


CONTRACT = [
    check_names_are_taken_without_regard_to_case,
    check_sessions_are_found_by_their_hash_until_they_end,
    check_names_of_some_and_of_all,
]


@pytest.mark.parametrize("check", CONTRACT, ids=lambda check: check.__name__)
async def test_accounts_in_memory(check: Check) -> None:
    await check(MemoryAccounts())


@pytest.mark.parametrize("check", CONTRACT, ids=lambda check: check.__name__)
async def test_accounts_in_a_database(check: Check, database: Database) -> None:
    async with database.writing() as connection:
        await check(SqlAccounts(connection))
