"""A meeting as its participants see it: collections of entries, and who may see which.

Every slice hands in its collections (how all entries of a meeting are loaded, and who may see one) and its projectors
(which entries an event changed). The full view and every message are made of the same entries by the same
`restrict`, so there is no second way out for what must not be seen.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.outbox import Changes, Message
from ecabinet.kernel.access import Action, Standing
from ecabinet.kernel.events import moment
from ecabinet.kernel.ids import ItemId, MeetingId

Entry = dict[str, Any]
Restrict = Callable[[str, Entry, Standing], bool]
"""(entry's id, entry, who looks) → whether it may be seen. Pure."""


def everyone(_id: str, _entry: Entry, _standing: Standing) -> bool:
    """Whoever may read the meeting."""
    return True


def by_item(_id: str, entry: Entry, standing: Standing) -> bool:
    """Whoever may know of the item that the entry names under ``item`` (None: of the meeting)."""
    item = entry.get("item")
    return standing.sees(ItemId(item) if item else None)


def by_own_id(entry_id: str, _entry: Entry, standing: Standing) -> bool:
    """For items themselves and whatever is kept under an item's id."""
    return standing.sees(ItemId(entry_id))


def only(action: Action) -> Restrict:
    """Whoever may do this."""

    def restrict(_id: str, _entry: Entry, standing: Standing) -> bool:
        return standing.may(action)

    return restrict


@dataclass(frozen=True, slots=True)
class Collection:
    """One kind of entry in a meeting's view."""

    name: str
    load: Callable[[MeetingId, AsyncConnection], Awaitable[dict[str, Entry]]]
    """Every entry of the meeting as it stands, by id."""
    restrict: Restrict = everyone


@dataclass(frozen=True, slots=True)
class Live:
    """All collections of the house."""

    collections: Mapping[str, Collection]

    @classmethod
    def of(cls, collections: Sequence[Collection]) -> "Live":
        """By name; a name twice is a mistake of ours."""
        by_name = {collection.name: collection for collection in collections}
        assert len(by_name) == len(collections), "two collections of one name"
        return cls(by_name)

    async def view(self, meeting: MeetingId, connection: AsyncConnection, standing: Standing) -> Changes:
        """Everything this person may see, in one consistent reading."""
        whole = {name: await each.load(meeting, connection) for name, each in self.collections.items()}
        return self.restricted(whole, standing)

    def restricted(self, changes: Changes, standing: Standing) -> Changes:
        """The entries this person may see. What is gone (None) is told to all: an id says nothing."""
        seen: Changes = {}
        for name, entries in changes.items():
            may_see = self.collections[name].restrict
            kept = {key: each for key, each in entries.items() if each is None or may_see(key, each, standing)}
            seen[name] = kept
        return seen

    def event(self, message: Message, standing: Standing) -> dict[str, Any]:
        """The message as this person gets it: whole, in part, or as a number without content."""
        body = {name: each for name, each in self.restricted(message.body, standing).items() if each}
        return {
            "meeting": message.meeting,
            "seq": message.seq,
            "type": message.type if body or not message.body else "hidden",
            "at": moment(message.at),
            "body": body,
        }
