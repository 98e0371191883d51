"""What the call needs of the outside."""

from typing import Protocol

from ecabinet.kernel.ids import MeetingId, PersonId
from ecabinet.meetings.model import Meeting


class MediaRooms(Protocol):
    """The media server, or several. A room is named after its meeting, exists while somebody is in it, and is on one
    server.

    Sources are named as in `model.Source`. Every call ends within a few seconds; all but `token` and `heard` raise
    Unavailable when the server does not answer.
    """

    def token(self, room: MeetingId, person: PersonId, name: str, sources: frozenset[str]) -> str:
        """A ticket to join this room once, under this identity and name, at most 60 s old when used. It allows to
        receive everything, to publish these sources, and to send no data."""
        ...

    async def place(self, room: MeetingId) -> str:
        """The WebSocket address at which browsers join this room: where it is, or will be once somebody is in it."""
        ...

    async def participants(self, room: MeetingId) -> dict[PersonId, frozenset[str]]:
        """Who is in the room, and what each may publish. Empty when there is no such room."""
        ...

    async def permit(self, room: MeetingId, person: PersonId, sources: frozenset[str]) -> None:
        """From now on the person may publish these sources and no others; what is being published and no longer may
        be ends. Raises NotFound when the person is not in the room."""
        ...

    async def mute(self, room: MeetingId, person: PersonId) -> None:
        """Close the person's microphone, if it is open. Raises NotFound when the person is not in the room."""
        ...

    async def remove(self, room: MeetingId, person: PersonId) -> None:
        """Cut the person's connection. Raises NotFound when the person is not in the room."""
        ...

    async def delete_room(self, room: MeetingId) -> None:
        """Cut everybody's connection. No room, no harm."""
        ...

    def heard(self, body: bytes, authorization: str) -> MeetingId | None:
        """The meeting a webhook of the server speaks of; None when it is about something else. Raises NotAllowed
        when the server did not sign it."""
        ...


class Meetings(Protocol):
    """meetings.service.Meetings."""

    async def get(self, meeting: MeetingId) -> Meeting:
        """The whole meeting. Raises NotFound."""
        ...


class AttendanceOf(Protocol):
    """attendance.service.Attendance."""

    async def withdrawn(self, meeting: Meeting) -> frozenset[PersonId]:
        """Everybody who has withdrawn from what is before the meeting."""
        ...


class KnowingOf(Protocol):
    """recordings.service.Recordings."""

    async def silent(self, meeting: Meeting) -> frozenset[PersonId]:
        """Who has not said yet that he knows of the recording that runs; nobody while nothing is recorded."""
        ...


class Floor(Protocol):
    """speaking.service.Speaking."""

    async def floor(self, meeting: MeetingId) -> PersonId | None:
        """Who has the floor."""
        ...
