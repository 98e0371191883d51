"""What a straw poll shows on the wire. Pure."""

from typing_extensions import TypedDict

from ecabinet.kernel.events import moment, moment_if_any

from .model import StrawPoll


class StrawOptionEntry(TypedDict):
    """One of the answers."""

    id: str
    label: str


class StrawPollEntry(TypedDict):
    """An entry of the collection `straw_polls`."""

    id: str
    item: str
    text: str
    options: list[StrawOptionEntry]
    status: str
    roll: list[str]
    opened_at: str
    closed_at: str | None
    answered: int | None
    counts: dict[str, int] | None
    cancel_reason: str | None


class StrawProgress(TypedDict):
    """How many have answered."""

    answered: int


class MyStraw(TypedDict):
    """Whether my answer is in the box."""

    has_answered: bool


def straw_poll_entry(poll: StrawPoll) -> StrawPollEntry:
    """The straw poll as it stands."""
    return {
        "id": poll.id,
        "item": poll.item,
        "text": poll.text,
        "options": [{"id": option.key, "label": option.label} for option in poll.options],
        "status": poll.status.value,
        "roll": list(poll.roll),
        "opened_at": moment(poll.opened_at),
        "closed_at": moment_if_any(poll.closed_at),
        "answered": poll.answered,
        "counts": dict(poll.counts) if poll.counts is not None else None,
        "cancel_reason": poll.cancel_reason,
    }
