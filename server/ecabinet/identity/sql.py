"""Accounts and sessions as rows."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Boolean, Column, ForeignKey, Row, String, Table, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.database import UtcDateTime, among, metadata
from ecabinet.kernel.ids import PersonId, SessionId

from .model import Account, SignInSession, UsernameTaken

accounts = Table(
    "account",
    metadata,
    Column("person", String(26), primary_key=True),
    Column("username", String(64), nullable=False),
    Column("username_folded", String(64), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("password_hash", String(200), nullable=False),
    Column("is_admin", Boolean, nullable=False),
    Column("is_active", Boolean, nullable=False),
)
_sessions = Table(
    "session",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("secret_hash", String(64), nullable=False, unique=True),
    Column("person", ForeignKey("account.person"), nullable=False),
    Column("begun_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
)


@dataclass(frozen=True, slots=True)
class SqlAccounts:
    """See the Accounts port."""

    connection: AsyncConnection

    async def add(self, account: Account) -> None:
        values = {
            "person": account.person,
            "username": account.username,
            "username_folded": account.username.casefold(),
            "name": account.name,
            "password_hash": account.password_hash,
            "is_admin": account.is_admin,
            "is_active": account.is_active,
        }
        try:
            async with self.connection.begin_nested():
                await self.connection.execute(insert(accounts).values(**values))
        except IntegrityError as error:
            raise UsernameTaken(username=account.username) from error

    async def by_username(self, username: str) -> Account | None:
        found = await self.connection.execute(select(accounts).where(accounts.c.username_folded == username.casefold()))
        return _account(found.one_or_none())

    async def by_person(self, person: PersonId) -> Account | None:
        found = await self.connection.execute(select(accounts).where(accounts.c.person == person))
        return _account(found.one_or_none())

    async def names(self, people: frozenset[PersonId] | None = None) -> dict[PersonId, str]:
        wanted = accounts.c.is_active if people is None else accounts.c.person.in_(people)
        rows = await self.connection.execute(select(accounts.c.person, accounts.c.name).where(wanted))
        return {PersonId(row.person): row.name for row in rows}

    async def begin(self, session: SignInSession, secret_hash: str) -> None:
        await self.connection.execute(
            insert(_sessions).values(
                id=session.id,
                secret_hash=secret_hash,
                person=session.person,
                begun_at=session.begun_at,
                seen_at=session.seen_at,
            )
        )

    async def sessions(self, secret_hashes: Set[str]) -> dict[str, SignInSession]:
        rows = await self.connection.execute(
            select(_sessions, accounts.c.is_admin)
            .join(accounts, accounts.c.person == _sessions.c.person)
            .where(among(_sessions.c.secret_hash, secret_hashes), _sessions.c.ended_at.is_(None), accounts.c.is_active)
        )
        return {
            row.secret_hash: SignInSession(
                SessionId(row.id), PersonId(row.person), row.is_admin, row.begun_at, row.seen_at
            )
            for row in rows
        }

    async def seen(self, sessions: Set[SessionId], at: datetime) -> None:
        await self.connection.execute(update(_sessions).where(among(_sessions.c.id, sessions)).values(seen_at=at))

    async def end(self, session: SessionId, at: datetime) -> None:
        ended = update(_sessions).where(_sessions.c.id == session, _sessions.c.ended_at.is_(None))
        await self.connection.execute(ended.values(ended_at=at))


def _account(row: Row[tuple[object, ...]] | None) -> Account | None:
    if row is None:
        return None
    return Account(PersonId(row.person), row.username, row.name, row.password_hash, row.is_admin, row.is_active)
