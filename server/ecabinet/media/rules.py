"""Who may be in the call and publish what. Pure."""

from collections.abc import Set
from dataclasses import replace

from ecabinet.kernel.access import Role
from ecabinet.kernel.errors import WrongPhase
from ecabinet.kernel.ids import PersonId
from ecabinet.meetings.model import Act, Meeting, Participant, Phase
from ecabinet.speaking.rules import concerns, require_concerned, require_taking_part

from .model import MediaMuted, MediaRemoved, Place, Source, Sources

_CALLING = frozenset({Phase.CONVENED, Phase.OPEN, Phase.PAUSED})
"""Phases with a call: people come before the opening and stay through a break."""
_VOICE = frozenset({Source.MICROPHONE})
_FACE = frozenset({Source.CAMERA})
_SCREEN = frozenset({Source.SCREEN_SHARE, Source.SCREEN_SHARE_AUDIO})
_SHOWING = frozenset({Role.CHAIR, Role.SECRETARY})


def sources(meeting: Meeting, participant: Participant, *, has_floor: bool) -> Sources:
    """What a participant may publish now.

    The camera always. The microphone: the chair always; others unless the floor controls it, or with the floor. The
    screen: the chair and the secretaries always; others with the floor.
    """
    is_heard = participant.role is Role.CHAIR or has_floor or not meeting.floor_controls_microphone
    shows = participant.role in _SHOWING or has_floor
    return _FACE | (_VOICE if is_heard else frozenset()) | (_SCREEN if shows else frozenset())


def admit(
    meeting: Meeting, person: PersonId, floor: PersonId | None, withdrawn: frozenset[PersonId] = frozenset()
) -> Place:
    """Let a participant into the call.

    Raises NotFound for who takes no part, WrongPhase before the invitations and after the end, NotYourItem for a
    guest while something else than the guest's items is before the meeting, RecusedHere for who has withdrawn from
    what is.
    """
    participant = meeting.participant(person)
    require_calling(meeting)
    require_concerned(meeting, participant)
    require_taking_part(meeting, withdrawn, [person])
    return _place(meeting, participant, floor)


def places(
    meeting: Meeting, floor: PersonId | None, withdrawn: frozenset[PersonId] = frozenset()
) -> dict[PersonId, Place]:
    """Everyone who may be in the call now; nobody when there is none.

    withdrawn  who takes no part in what is before the meeting
    """
    if meeting.phase not in _CALLING:
        return {}
    entitled = (each for each in meeting.participants if concerns(meeting, each) and each.person not in withdrawn)
    return {each.person: _place(meeting, each, floor) for each in entitled}


def quieted(place: Place, silent: Set[PersonId]) -> Place:
    """The place of somebody who may be one of those that are neither heard nor seen: the session is recorded, and they
    have not said yet that they know."""
    return replace(place, sources=frozenset()) if place.person in silent else place


def has_call(meeting: Meeting) -> bool:
    """Whether the meeting has a call at all now."""
    return meeting.phase in _CALLING


def require_calling(meeting: Meeting) -> None:
    """Raises WrongPhase when there is no call."""
    if not has_call(meeting):
        raise WrongPhase(phase=meeting.phase.value)


def muted(meeting: Meeting, person: PersonId, act: Act) -> MediaMuted:
    """Raises WrongPhase, NotFound."""
    require_calling(meeting)
    meeting.participant(person)
    return MediaMuted(at=act.at, actor=act.actor, meeting=meeting.id, person=person)


def removed(meeting: Meeting, person: PersonId, act: Act) -> MediaRemoved:
    """Raises WrongPhase, NotFound."""
    require_calling(meeting)
    meeting.participant(person)
    return MediaRemoved(at=act.at, actor=act.actor, meeting=meeting.id, person=person)


def _place(meeting: Meeting, participant: Participant, floor: PersonId | None) -> Place:
    has_floor = participant.person == floor
    return Place(meeting.id, participant.person, participant.name, sources(meeting, participant, has_floor=has_floor))
