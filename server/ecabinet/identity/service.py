"""Signing in and out."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

from ecabinet.kernel.clock import Clock
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import PersonId, SessionId
from ecabinet.kernel.ports import Ids, Transaction

from .model import (
    Account,
    AccountAdded,
    SessionBegun,
    SessionEnded,
    SignInSession,
    Throttled,
    WrongCredentials,
)
from .ports import Accounts, Passwords, Secrets
from .rules import Bucket, Pace, SessionLimits, is_live, take

_SEEN_EVERY = timedelta(minutes=1)
"""A session's last sign of life is written at most this often."""
_BUCKETS = 10_000
"""How many buckets are remembered; the oldest is forgotten first, which only ever lets more through."""


@dataclass(slots=True)
class Throttle:
    """How often one place may try one account, and all accounts together. Lives as long as the process."""

    per_account: Pace = field(default_factory=lambda: Pace(burst=5, every=timedelta(seconds=12)))
    per_address: Pace = field(default_factory=lambda: Pace(burst=30, every=timedelta(seconds=2)))
    _buckets: dict[tuple[str, str], Bucket] = field(default_factory=dict)

    def take(self, address: str, username: str, at: datetime) -> None:
        """Raises Throttled. Tries are counted for the pair of place and account, never for the account alone: else
        a stranger could keep an official out on the day of a vote."""
        for key, pace in (
            ((address, ""), self.per_address),
            ((address, username.casefold()), self.per_account),
        ):
            bucket, wait = take(self._buckets.pop(key, None), pace, at)
            self._buckets[key] = bucket
            if wait is not None:
                raise Throttled(retry_after_s=ceil(wait.total_seconds()))
        while len(self._buckets) > _BUCKETS:
            del self._buckets[next(iter(self._buckets))]


@dataclass(frozen=True, slots=True)
class Identity:
    """Built afresh for each request, inside its transaction."""

    tx: Transaction
    accounts: Accounts
    passwords: Passwords
    secrets: Secrets
    ids: Ids
    clock: Clock
    limits: SessionLimits

    async def add_account(self, username: str, name: str, password: str, *, is_admin: bool = False) -> PersonId:
        """A new account. Raises UsernameTaken, Unavailable."""
        person = PersonId(self.ids.new())
        password_hash = await self.passwords.hash(password)
        await self.accounts.add(Account(person, username, name, password_hash, is_admin))
        await self.tx.record(
            AccountAdded(at=self.clock.now(), person=person, username=username, name=name, is_admin=is_admin)
        )
        return person

    async def known(self, username: str) -> Account | None:
        """The account of this name, if it may sign in."""
        account = await self.accounts.by_username(username)
        return account if account and account.is_active else None

    async def prove(self, account: Account | None, password: str) -> Account:
        """Whose password this is. Takes the same time whether or not there is such an account, and touches no row:
        call it outside any act, for whoever waits here must not hold a connection that a ballot needs.

        Raises WrongCredentials, Unavailable.
        """
        matches = await self.passwords.matches(account.password_hash if account else None, password)
        if account is None or not matches:
            raise WrongCredentials()
        return account

    async def begin(self, account: Account) -> str:
        """A new session for someone `prove` has let through; returns the cookie's secret, which is kept nowhere."""
        secret = urlsafe_b64encode(self.secrets.bytes(32)).decode().rstrip("=")
        now = self.clock.now()
        session = SignInSession(SessionId(self.ids.new()), account.person, account.is_admin, now, now)
        await self.accounts.begin(session, secret_hash(secret))
        await self.tx.record(SessionBegun(at=now, actor=account.person, session=session.id))
        return secret

    async def sessions(self, secrets: Set[str]) -> dict[str, SignInSession]:
        """The live sessions of these cookies, by secret."""
        hashes = {secret: secret_hash(secret) for secret in secrets}
        found, now = await self.accounts.sessions(frozenset(hashes.values())), self.clock.now()
        return {
            secret: found[each]
            for secret, each in hashes.items()
            if each in found and is_live(found[each], self.limits, now)
        }

    def wants_touch(self, session: SignInSession) -> bool:
        """Whether its last sign of life is old enough to be worth a write."""
        return self.clock.now() - session.seen_at >= _SEEN_EVERY

    async def touch(self, sessions: Set[SessionId]) -> None:
        """Keep the sessions from going idle."""
        await self.accounts.seen(sessions, self.clock.now())

    async def end(self, session: SessionId, person: PersonId) -> None:
        """Sign out."""
        now = self.clock.now()
        await self.accounts.end(session, now)
        await self.tx.record(SessionEnded(at=now, actor=person, session=session))

    async def account(self, person: PersonId) -> Account:
        """Raises NotFound."""
        found = await self.accounts.by_person(person)
        if found is None:
            raise NotFound()
        return found

    async def names(self, people: frozenset[PersonId] | None = None) -> dict[PersonId, str]:
        """Person → name, of these people or of everybody."""
        return await self.accounts.names(people)


def secret_hash(secret: str) -> str:
    """What is kept of a cookie's secret: enough to recognise it, not enough to use it."""
    # A header may hold bytes that are no text: a stranger's cookie is unknown then, and nobody's fault.
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
