"""What written opinions need of the outside."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from ecabinet.kernel.access import Role
from ecabinet.kernel.ids import BodyId, ItemId, MeetingId, OpinionId, PaperId, PersonId, ProfileId, SlipId
from ecabinet.meetings.model import ItemPlan, Meeting
from ecabinet.papers.model import Upload
from ecabinet.register.model import Body, Membership, RuleProfile, Term

from .model import Answer, KeptSheet, Opinion, Phase, Slip


class SlipStore(Protocol):
    """Slips with what was answered to them, inside one transaction."""

    async def next_number(self, body: BodyId) -> int:
        """1, 2, 3 … in the body; nobody else is given one until the commit. Raises NotFound without such a body."""
        ...

    async def add(self, slip: Slip) -> None:
        """Keep a new slip."""
        ...

    async def get(self, body: BodyId, slip: SlipId) -> Slip | None:
        """The slip, if it is one of this body's."""
        ...

    async def lock(self, body: BodyId, slip: SlipId) -> Slip | None:
        """The same, and nobody else answers, ends or changes it until the commit: every answer is wholly before the
        end, or wholly after it."""
        ...

    async def save(self, slip: Slip) -> None:
        """Keep it as it stands now; its id, body and number never change."""
        ...

    async def of(self, body: BodyId) -> list[Slip]:
        """All slips of a body, by number."""
        ...

    async def in_phases(self, phases: frozenset[Phase], bodies: frozenset[BodyId] | None = None) -> list[Slip]:
        """Those of these bodies, or of all, that stand in one of the phases; by body and number."""
        ...

    async def add_sheet(self, kept: KeptSheet) -> None:
        """Keep one version. Raises Equivocation when this member has this version already."""
        ...

    async def sheets(self, slip: SlipId) -> list[KeptSheet]:
        """Every version of everybody, by ledger number."""
        ...

    async def versions(self, slip: SlipId, voter: PersonId) -> list[KeptSheet]:
        """Every version of one member, lowest first."""
        ...

    async def answered(self, slips: frozenset[SlipId]) -> dict[SlipId, frozenset[PersonId]]:
        """Who has answered each of these; those nobody has answered are left out."""
        ...

    async def put_draft(self, slip: SlipId, voter: PersonId, answers: tuple[Answer, ...]) -> None:
        """A member's unfinished answers, in place of those before."""
        ...

    async def draft(self, slip: SlipId, voter: PersonId) -> tuple[Answer, ...] | None:
        """A member's unfinished answers; None when there are none."""
        ...

    async def drop_draft(self, slip: SlipId, voter: PersonId) -> None:
        """It has become a sheet. Nothing when there is none."""
        ...

    async def put_comment(self, slip: SlipId, person: PersonId, text: str) -> None:
        """The staff's word to one member, in place of the one before; empty takes it back."""
        ...

    async def comments(self, slip: SlipId) -> dict[PersonId, str]:
        """The staff's words, by the member they are for."""
        ...

    async def add_opinions(self, opinions: tuple[Opinion, ...]) -> None:
        """Keep the texts that are to be replied to."""
        ...

    async def opinions(self, slip: SlipId) -> list[Opinion]:
        """The texts of a slip, by position."""
        ...

    async def reply(self, opinion: OpinionId, text: str) -> None:
        """What is said to a text, in place of what was said before."""
        ...


class RegisterOf(Protocol):
    """Bodies, their members and their rules: the register slice."""

    async def body(self, body: BodyId) -> Body:
        """Raises NotFound."""
        ...

    async def members(self, body: BodyId, at: datetime) -> tuple[Membership, ...]:
        """Who sits in the body on the day, by protocol order."""
        ...

    async def term(self, body: BodyId, at: datetime) -> Term | None:
        """The body's term at that moment."""
        ...

    async def profile(self, profile: ProfileId, at: datetime) -> RuleProfile:
        """The version in force on the day. Raises ProfileUnknown."""
        ...

    async def roles(self, person: PersonId, body: BodyId) -> frozenset[Role]:
        """What the person is in the body, now."""
        ...

    async def bodies_of(self, person: PersonId, at: datetime) -> list[tuple[Body, frozenset[Role]]]:
        """The bodies the person sits in or prepares for, by name."""
        ...


class Names(Protocol):
    """What people with an account are called."""

    async def names(self, people: frozenset[PersonId] | None = None) -> dict[PersonId, str]:
        """Person → name, of those of these people who have an account, or of everybody."""
        ...


class MeetingsOf(Protocol):
    """Where a slip is reported: the meetings slice."""

    async def get(self, meeting: MeetingId) -> Meeting:
        """Whole. Raises NotFound."""
        ...

    async def standing(self, person: PersonId, meeting: MeetingId) -> tuple[frozenset[Role], frozenset[ItemId] | None]:
        """The person's roles in the meeting, none when it is not his to know of; and for guests the items."""
        ...

    async def add_item(self, meeting: MeetingId, plan: ItemPlan, by: PersonId) -> ItemId:
        """At the end of the agenda. Raises MeetingWrongPhase."""
        ...


class PapersOf(Protocol):
    """What hangs on an item: the papers slice."""

    async def add(self, meeting: MeetingId, item: ItemId, upload: Upload, by: PersonId) -> PaperId:
        """Hang a PDF that is kept on an item. Raises PaperIsThere."""
        ...


class Typesetter(Protocol):
    """Sets documents in type."""

    async def pdf(self, template: str, values: Mapping[str, Any], at: datetime) -> bytes:
        """The document. The same template, values and moment give the same bytes."""
        ...


class Pdfs(Protocol):
    """Somebody who reads PDFs."""

    async def pages(self, path: str) -> int | None:
        """How many pages; None when the file cannot be read as a whole PDF in reasonable time."""
        ...
