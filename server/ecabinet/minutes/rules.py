"""When minutes may be drafted, and what drafting them leads to. Pure."""

from ecabinet.kernel.errors import NotFound
from ecabinet.meetings.model import Meeting, Phase
from ecabinet.voting.model import Phase as QuestionPhase
from ecabinet.voting.model import Question

from .model import MeetingNotClosed, MinutesDrafted, MinutesVersion, VoteNotClosed


def require_closed(meeting: Meeting) -> None:
    """Raises MeetingNotClosed: before its end the record of a meeting is not whole."""
    if meeting.phase is not Phase.CLOSED:
        raise MeetingNotClosed(phase=meeting.phase.value)


def require_result(question: Question | None) -> Question:
    """The question of a result that stands. Raises NotFound, VoteNotClosed."""
    if question is None:
        raise NotFound()
    if question.phase is not QuestionPhase.CLOSED:
        raise VoteNotClosed(phase=question.phase.value)
    return question


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
