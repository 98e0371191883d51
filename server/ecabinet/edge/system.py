"""The routes of the house itself: reading a meeting once, health, figures, the description of all routes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ecabinet.kernel.access import Action

from . import figures, openapi
from .rooms import Rooms
from .routes import Call, Reply, Route, TextReply


@dataclass(frozen=True, slots=True)
class SystemHttp:
    """The edge's own routes."""

    rooms: Rooms
    version: str
    relays: Callable[[], tuple[int, int] | None]
    """How many of our relays are up, and how many there are to be; None when the media server is another's."""
    others: Sequence[Route]
    """Every slice's routes, for the description."""

    def routes(self) -> list[Route]:
        """Everything the edge answers by itself."""
        value, document = dict[str, Any], Action.PUBLIC
        return [
            Route("GET", "/api/meetings/{m}", Action.READ_MEETING, self.entry, "A meeting, whole", gives=value),
            Route("GET", "/api/openapi.json", document, self.description, "This description", gives=value),
            Route("GET", "/healthz", Action.PUBLIC, self.health, "Whether the application serves", gives=value),
            Route("GET", "/metrics", Action.READ_METRICS, self.figures, "Figures for Prometheus", gives=bytes),
        ]

    async def entry(self, call: Call) -> Reply:
        """What ``enter`` answers on the socket, without following what comes after."""
        return Reply(await self.rooms.entry(call.meeting, call.standing, None))

    async def health(self, call: Call) -> Reply:  # noqa: ARG002
        """The database is asked, because an application without it serves nobody."""
        await self.rooms.database.require_durability()
        relays = self.relays()
        up, wanted = relays or (0, 0)
        media = "up" if relays is None or up else "down"
        counted = {"relays": {"up": up, "wanted": wanted}} if relays else {}
        return Reply({"status": "ok", "version": self.version, "media": media, **counted})

    async def figures(self, call: Call) -> TextReply:  # noqa: ARG002
        """All figures of this process."""
        return TextReply(*figures.page())

    async def description(self, call: Call) -> Reply:  # noqa: ARG002
        """Made from the very values that serve the routes."""
        return Reply(openapi.document([*self.others, *self.routes()], self.version))
