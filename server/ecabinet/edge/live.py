"""A meeting as its participants see it: collections of entries, and who may see which.

Every slice hands in its collections (how all entries of a meeting are loaded, and who may see one) and its projectors
(which entries an event changed). The full view and every message are made of the same entries by the same
`restrict`, so there is no second way out for what must not be seen.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.outbox import Changes, Message
from ecabinet.kernel.access import Action, Role, Standing
from ecabinet.kernel.events import moment
from ecabinet.kernel.ids import ItemId, MeetingId

Entry = dict[str, Any]
Restrict = Callable[[str, Entry, Standing], bool]
"""(entry's id, entry, who looks) → whether it may be seen. Pure."""


Trim = Callable[[Entry, Standing], Entry]
"""(entry, who looks) → the entry without what is not for this person; the same fields, some of them empty. Pure."""


def everyone(_id: str, _entry: Entry, _standing: Standing) -> bool:
    """Whoever may read the meeting."""
    return True


def by_item(_id: str, entry: Entry, standing: Standing) -> bool:
    """Whoever may see what belongs to the item that the entry names under ``item`` (None: to the meeting), and to
    every item under ``items`` where it is about several."""
    named = {entry.get("item"), *(entry.get("items") or ())} - {None}
    return all(standing.sees(ItemId(item)) for item in named)


def by_own_id(entry_id: str, _entry: Entry, standing: Standing) -> bool:
    """For whatever is kept under an item's id."""
    return standing.sees(ItemId(entry_id))


def by_agenda(entry_id: str, _entry: Entry, standing: Standing) -> bool:
    """For items themselves: who has withdrawn from one still knows that it is there."""
    return standing.knows(ItemId(entry_id))


def whole(entry: Entry, _standing: Standing) -> Entry:
    """The entry as it is."""
    return entry


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
    trim: Trim = whole

    def seen(self, entry_id: str, entry: Entry, standing: Standing) -> Entry | None:
        """The entry as this person may see it; None when not at all."""
        return self.trim(entry, standing) if self.restrict(entry_id, entry, standing) else None


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
        everything = {name: await each.load(meeting, connection) for name, each in self.collections.items()}
        return self.restricted(everything, standing)

    def restricted(self, changes: Changes, standing: Standing) -> Changes:
        """The entries this person may see. What is gone (None) is told to all: an id says nothing."""
        shown: Changes = {}
        for name, entries in changes.items():
            told = {key: self._told(name, key, each, standing) for key, each in entries.items()}
            shown[name] = {key: each for key, each in told.items() if each is not None or entries[key] is None}
        return shown

    def _told(self, name: str, key: str, entry: Entry | None, standing: Standing) -> Entry | None:
        return None if entry is None else self.collections[name].seen(key, entry, standing)

    def event(self, message: Message, standing: Standing) -> dict[str, Any]:
        """The message as this person gets it: whole, in part, or as a number without content."""
        shown = self.restricted(message.body, standing)
        for name, entries in self._lost(message.body, standing).items():
            shown[name] = {**shown[name], **entries}
        body = {name: each for name, each in shown.items() if each}
        return {
            "meeting": message.meeting,
            "seq": message.seq,
            "type": message.type if body or not message.body else "hidden",
            "at": moment(message.at),
            "body": body,
        }

    async def of_item(self, meeting: MeetingId, item: ItemId, connection: AsyncConnection) -> Changes:
        """Every entry that somebody who has withdrawn from the item sees differently, or not at all."""
        everybody = Standing(None, frozenset(Role), meeting=meeting)
        withdrawn = replace(everybody, recused=frozenset({item}))
        found: Changes = {}
        for name, collection in self.collections.items():
            entries = await collection.load(meeting, connection)
            found[name] = {
                key: each
                for key, each in entries.items()
                if collection.seen(key, each, everybody) != collection.seen(key, each, withdrawn)
            }
        return {name: entries for name, entries in found.items() if entries}

    def _lost(self, changes: Changes, standing: Standing) -> Changes:
        """What a message that tells of this person's own withdrawal takes out of the person's view."""
        if not any(key.endswith(f":{standing.person}") for key in changes.get("recusals", {})):
            return {}
        before = replace(standing, recused=frozenset())
        return {
            name: {
                key: None
                for key, each in entries.items()
                if self._told(name, key, each, before) is not None and self._told(name, key, each, standing) is None
            }
            for name, entries in changes.items()
        }
