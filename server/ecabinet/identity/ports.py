"""What identity needs of the outside."""

from collections.abc import Set
from datetime import datetime
from typing import Protocol

from ecabinet.kernel.ids import PersonId, SessionId

from .model import Account, SignInSession


class Accounts(Protocol):
    """Accounts and their live sessions, inside one transaction."""

    async def add(self, account: Account) -> None:
        """Raises UsernameTaken; names are compared without regard to case."""
        ...

    async def by_username(self, username: str) -> Account | None:
        """The account of this name, without regard to case."""
        ...

    async def by_person(self, person: PersonId) -> Account | None:
        """The person's account."""
        ...

    async def names(self, people: frozenset[PersonId] | None = None) -> dict[PersonId, str]:
        """Person → name, of these people or of everybody active."""
        ...

    async def begin(self, session: SignInSession, secret_hash: str) -> None:
        """Keep a new session."""
        ...

    async def sessions(self, secret_hashes: Set[str]) -> dict[str, SignInSession]:
        """The sessions whose cookies hash to these, by hash; those that were ended or whose account is no longer
        active are left out."""
        ...

    async def seen(self, sessions: Set[SessionId], at: datetime) -> None:
        """Move the sessions' last sign of life."""
        ...

    async def end(self, session: SessionId, at: datetime) -> None:
        """The session is over. Ending twice is harmless."""
        ...


class Passwords(Protocol):
    """Slow hashes, computed off the event loop."""

    async def hash(self, password: str) -> str:
        """A PHC string. Raises Unavailable when too many wait already."""
        ...

    async def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is right. None takes the same time and is always wrong, so that time tells nothing.
        Raises Unavailable when too many wait already."""
        ...


class Secrets(Protocol):
    """Unpredictable bytes."""

    def bytes(self, count: int) -> bytes:
        """``count`` bytes nobody can guess."""
        ...
