"""When minutes may be drafted, and what drafting them leads to. Pure."""

from ecabinet.meetings.model import Meeting, Phase

from .model import MeetingNotClosed, MinutesDrafted, MinutesVersion


def require_closed(meeting: Meeting) -> None:
    """Raises MeetingNotClosed: before its end the record of a meeting is not whole."""
    if meeting.phase is not Phase.CLOSED:
        raise MeetingNotClosed(phase=meeting.phase.value)


def drafted(version: MinutesVersion) -> MinutesDrafted:
    """The event that a version was composed. Its figures go into the record, so that a paper can be held against it."""
    return MinutesDrafted(
        minutes=version.id,
        version=version.version,
        digest=version.digest,
        size_bytes=version.size_bytes,
        figures=version.text.figures,
        at=version.drafted_at,
        actor=version.drafted_by,
        meeting=version.meeting,
    )
