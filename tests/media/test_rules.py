"""Who may be in the call and publish what."""

from collections.abc import Callable

import pytest

from ecabinet.kernel.errors import NotFound, WrongPhase
from ecabinet.kernel.ids import ItemId, PersonId
from ecabinet.media import rules
from ecabinet.media.model import MediaMuted, MediaRemoved, Source
from ecabinet.meetings.model import Act, Meeting, Phase
from ecabinet.speaking.model import NotYourItem
from tests.fakes.gathering import AN, BINH, CHAIR, FIRST, GUEST, MEETING, SECOND, SECRETARY, a_meeting
from tests.fakes.kernel import NOON

CAMERA, MICROPHONE = Source.CAMERA, Source.MICROPHONE
SCREEN = {Source.SCREEN_SHARE, Source.SCREEN_SHARE_AUDIO}
CALLING = {Phase.CONVENED, Phase.OPEN, Phase.PAUSED}


@pytest.mark.parametrize(
    ("person", "is_controlled", "floor", "sources"),
    [
        (CHAIR, True, None, {CAMERA, MICROPHONE, *SCREEN}),
        (CHAIR, True, AN, {CAMERA, MICROPHONE, *SCREEN}),
        (CHAIR, False, None, {CAMERA, MICROPHONE, *SCREEN}),
        (SECRETARY, True, None, {CAMERA, *SCREEN}),
        (SECRETARY, True, SECRETARY, {CAMERA, MICROPHONE, *SCREEN}),
        (SECRETARY, False, None, {CAMERA, MICROPHONE, *SCREEN}),
        (AN, True, None, {CAMERA}),
        (AN, True, BINH, {CAMERA}),
        (AN, True, AN, {CAMERA, MICROPHONE, *SCREEN}),
        (AN, False, None, {CAMERA, MICROPHONE}),
        (AN, False, AN, {CAMERA, MICROPHONE, *SCREEN}),
        (BINH, True, None, {CAMERA}),
        (BINH, True, BINH, {CAMERA, MICROPHONE, *SCREEN}),
        (GUEST, True, None, {CAMERA}),
        (GUEST, True, GUEST, {CAMERA, MICROPHONE, *SCREEN}),
        (GUEST, False, None, {CAMERA, MICROPHONE}),
    ],
)
def test_the_microphone_follows_the_floor(
    person: PersonId, is_controlled: bool, floor: PersonId | None, sources: set[Source]
) -> None:
    meeting = a_meeting(current=SECOND, is_controlled=is_controlled)
    place = rules.admit(meeting, person, floor)
    assert place.sources == sources
    assert rules.places(meeting, floor)[person] == place
    assert (place.room, place.person, place.name) == (MEETING, person, person.title())


@pytest.mark.parametrize("phase", Phase)
def test_there_is_a_call_from_the_invitations_to_the_end(phase: Phase) -> None:
    meeting = a_meeting(phase)
    assert rules.has_call(meeting) == (phase in CALLING)
    if phase in CALLING:
        assert rules.admit(meeting, AN, None).person == AN
        return
    assert rules.places(meeting, None) == {}
    with pytest.raises(WrongPhase):
        rules.admit(meeting, AN, None)


@pytest.mark.parametrize("current", [None, FIRST])
def test_a_guest_hears_nothing_but_the_own_items(current: ItemId | None) -> None:
    meeting = a_meeting(current=current)
    assert GUEST not in rules.places(meeting, None)
    with pytest.raises(NotYourItem):
        rules.admit(meeting, GUEST, None)


def test_a_stranger_is_not_let_in() -> None:
    with pytest.raises(NotFound):
        rules.admit(a_meeting(), PersonId("stranger"), None)


@pytest.mark.parametrize("act", [rules.muted, rules.removed])
def test_only_participants_of_a_running_call_are_moderated(
    act: Callable[[Meeting, PersonId, Act], MediaMuted | MediaRemoved],
) -> None:
    event = act(a_meeting(), AN, Act(CHAIR, NOON))
    assert (event.person, event.actor, event.meeting) == (AN, CHAIR, MEETING)
    with pytest.raises(NotFound):
        act(a_meeting(), PersonId("stranger"), Act(CHAIR, NOON))
    with pytest.raises(WrongPhase):
        act(a_meeting(Phase.CLOSED), AN, Act(CHAIR, NOON))


def test_who_does_not_know_of_a_recording_is_in_the_call_and_publishes_nothing() -> None:
    place = rules.admit(a_meeting(), CHAIR, None)
    assert rules.quieted(place, {AN}) == place
    quiet = rules.quieted(place, {CHAIR})
    assert (quiet.person, quiet.room, quiet.name, quiet.sources) == (CHAIR, MEETING, place.name, frozenset())
