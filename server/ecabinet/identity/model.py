"""Accounts and sign-in sessions."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from ecabinet.kernel.errors import Conflict, NotSignedIn, TooMany
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import PersonId, SessionId


@dataclass(frozen=True, slots=True)
class Account:
    """A person who can sign in."""

    person: PersonId
    username: str
    name: str
    """As it stands on the plate: an office or a name, never empty."""
    password_hash: str
    """argon2id, PHC string."""
    is_admin: bool = False
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class SignInSession:
    """From a sign-in to a sign-out or a time limit. The cookie's secret is kept only as its SHA-256."""

    id: SessionId
    person: PersonId
    is_admin: bool
    begun_at: datetime
    seen_at: datetime


class WrongCredentials(NotSignedIn):
    """No account with this name and password; which of the two is wrong is not told."""

    code = "wrong_credentials"


class Throttled(TooMany):
    """Too many tries from here; ``retry_after_s`` says when the next is welcome. Nobody is ever locked out."""

    code = "too_many"


class UsernameTaken(Conflict):
    """There is an account of this name."""

    code = "username_taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountAdded(Event):
    """An account came to be."""

    type: ClassVar[str] = "account.added"
    person: PersonId
    username: str
    name: str
    is_admin: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionBegun(Event):
    """Someone signed in."""

    type: ClassVar[str] = "session.begun"
    session: SessionId


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded(Event):
    """Someone signed out."""

    type: ClassVar[str] = "session.ended"
    session: SessionId


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRefused(Event):
    """Someone who had signed in tried what the grants do not cover. Kept, so that trying is not free."""

    type: ClassVar[str] = "access.refused"
    needs: str
    path: str
    code: str
