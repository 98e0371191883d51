"""A ticket as the wire has it. Pure."""

from typing_extensions import TypedDict

from .model import Place, Source


class Ticket(TypedDict):
    """What the page needs to join the call."""

    url: str
    token: str
    room: str
    sources: list[str]


def ticket(place: Place, url: str, token: str) -> Ticket:
    """The sources in a stable order: microphone first."""
    return {
        "url": url,
        "token": token,
        "room": place.room,
        "sources": [source.value for source in Source if source in place.sources],
    }
