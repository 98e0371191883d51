"""Accounts in memory, and passwords that cost nothing. They pass the contract suites of the real ones."""

from collections.abc import Set
from dataclasses import dataclass, field
from datetime import datetime

from ecabinet.identity.model import Account, SignInSession, UsernameTaken
from ecabinet.kernel.ids import PersonId, SessionId


@dataclass
class MemoryAccounts:
    """See the Accounts port."""

    accounts: dict[PersonId, Account] = field(default_factory=dict)
    begun: dict[str, SignInSession] = field(default_factory=dict)
    ended: set[SessionId] = field(default_factory=set)

    async def add(self, account: Account) -> None:
        if await self.by_username(account.username):
            raise UsernameTaken(username=account.username)
        self.accounts[account.person] = account

    async def by_username(self, username: str) -> Account | None:
        return next((a for a in self.accounts.values() if a.username.casefold() == username.casefold()), None)

    async def by_person(self, person: PersonId) -> Account | None:
        return self.accounts.get(person)

    async def names(self, people: frozenset[PersonId] | None = None) -> dict[PersonId, str]:
        return {
            person: account.name
            for person, account in self.accounts.items()
            if (account.is_active if people is None else person in people)
        }

    async def begin(self, session: SignInSession, secret_hash: str) -> None:
        self.begun[secret_hash] = session

    async def sessions(self, secret_hashes: Set[str]) -> dict[str, SignInSession]:
        return {
            key: each
            for key, each in self.begun.items()
            if key in secret_hashes and each.id not in self.ended and self.accounts[each.person].is_active
        }

    async def seen(self, sessions: Set[SessionId], at: datetime) -> None:
        for key, each in self.begun.items():
            if each.id in sessions:
                self.begun[key] = SignInSession(each.id, each.person, each.is_admin, each.begun_at, at)

    async def end(self, session: SessionId, at: datetime) -> None:
        self.ended.add(session)


class PlainPasswords:
    """The "hash" is the password behind a mark."""

    async def hash(self, password: str) -> str:
        return f"plain:{password}"

    async def matches(self, password_hash: str | None, password: str) -> bool:
        return password_hash == f"plain:{password}"
