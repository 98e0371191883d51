"""What a bundle is made of, and what a check of one finds."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ecabinet.kernel.ids import BodyId, MeetingId, PersonId
from ecabinet.ledger.model import Checkpoint, Proven
from ecabinet.register.model import RuleProfile, Words


@dataclass(frozen=True, slots=True)
class About:
    """Which meeting a bundle is of."""

    id: MeetingId
    title: str
    body: BodyId
    body_name: str
    starts_at: str
    """Moments as the wire writes them: RFC 3339, UTC."""
    opened_at: str | None
    closed_at: str | None
    chair: PersonId | None
    heads: tuple[PersonId, ...]
    """Participants who hold the post of head of the body: where the rules say so, their side settles a tie."""


@dataclass(frozen=True, slots=True)
class Publishable:
    """Everything that goes into a bundle."""

    about: About
    profile: RuleProfile
    """The rules in force on the meeting's day, by which its votes were decided."""
    checkpoint: Checkpoint
    proven: Sequence[Proven]
    """The meeting's entries, oldest first."""
    veiled: frozenset[int]
    """Numbers of entries whose payload stays in the house: running notes, ballots of a vote that was called off."""
    minutes: bytes | None
    """The newest minutes as PDF; None when none were drafted."""


@dataclass(frozen=True, slots=True)
class Proof:
    """One entry, its place in the record, and who vouches for the record."""

    proven: Proven
    checkpoint: Checkpoint
    key: str
    """The verifier key as one line: origin+id+base64 (C2SP signed-note)."""


class State(StrEnum):
    """What came of one check."""

    OK = "ok"
    FAILED = "failed"
    ABSENT = "absent"
    """There is nothing of this kind in the bundle."""
    NOT_CHECKED = "not_checked"
    """A check before this one failed, so there is nothing left to rely on."""


@dataclass(frozen=True, slots=True)
class Check:
    """One question that was asked of a bundle, and the answer."""

    name: str
    state: State
    title: Words
    finding: Words


@dataclass(frozen=True, slots=True)
class Report:
    """What a check of a bundle found."""

    title: str
    """The meeting's; empty when the bundle does not get that far."""
    public_key: bytes | None
    """The key that vouches for it; None when it cannot be told."""
    is_key_expected: bool
    """Whether that key was compared with one that came from elsewhere."""
    checks: tuple[Check, ...]

    @property
    def is_accepted(self) -> bool:
        """Whether everything that could be checked was found to be right."""
        return all(check.state in (State.OK, State.ABSENT) for check in self.checks)


class Broken(Exception):
    """A check failed, for this reason."""

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.words = Words(vi, en)


class Absent(Exception):
    """There is nothing of the kind to check, for this reason."""

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.words = Words(vi, en)
