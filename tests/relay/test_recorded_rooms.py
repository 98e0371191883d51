"""Rooms recorded with the consent of those in them: nobody publishes of whom the application has not spoken."""

from dataclasses import replace

import pytest
from livekit.protocol.models import TrackSource, TrackType
from livekit.protocol.rtc import AddTrackRequest

from relay.rooms.permission import Permission
from relay.rooms.refusal import Refused
from tests.relay.house import Guest, House

EVERYTHING, NOTHING = Permission(), replace(Permission(), can_publish=False)
VOICE = AddTrackRequest(cid="voice", type=TrackType.AUDIO, source=TrackSource.MICROPHONE)


def recorded_house(*, only_granted: bool = True) -> House:
    """A house whose rooms are recorded only with those whom the application lets publish."""
    house = House()
    house.registry.recorded_only_granted = only_granted
    house.registry.room("hall")
    return house


def may_publish(guest: Guest) -> bool:
    """What the relay does, and what it says of it to the guest and to the application."""
    can = guest.peer.permission.can_publish
    assert guest.peer.describe().permission.can_publish is can
    try:
        guest.peer.add_track(VOICE)
    except Refused:
        assert not can
    else:
        assert can
    return can


def test_a_token_from_before_lets_nobody_publish_in_a_room_that_is_recorded() -> None:
    house = recorded_house()
    house.hall.set_recording(recording=True)
    an = house.enter("an")
    assert not an.outbox.sent[0].join.participant.permission.can_publish
    assert not may_publish(an)
    house.hall.set_permission(an.peer, EVERYTHING)
    assert may_publish(an)


def test_who_is_in_the_room_when_a_recording_begins_goes_on_only_with_a_grant() -> None:
    house = recorded_house()
    told, newcomer = house.enter("told"), house.enter("newcomer")
    camera = newcomer.publish_camera()
    house.hall.set_permission(told.peer, EVERYTHING)
    assert (may_publish(told), newcomer.peer.publications[camera.sid].info.muted) == (True, False)
    house.hall.set_recording(recording=True)
    assert (may_publish(told), may_publish(newcomer)) == (True, False)
    assert newcomer.peer.publications[camera.sid].info.muted
    # What he may come back with is no more than that.
    assert house.renewed[-1][1] == NOTHING


def test_a_grant_is_for_one_coming() -> None:
    house = recorded_house()
    an = house.enter("an")
    house.hall.set_permission(an.peer, EVERYTHING)
    house.hall.set_recording(recording=True)
    assert may_publish(an)
    assert not may_publish(house.enter("an"))


@pytest.mark.parametrize("only_granted", [True, False])
def test_a_room_that_is_not_recorded_or_asks_for_no_grant_believes_the_token(only_granted: bool) -> None:
    house = recorded_house(only_granted=only_granted)
    house.hall.set_recording(recording=not only_granted)
    assert may_publish(house.enter("an"))
