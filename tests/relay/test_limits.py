"""What one participant makes the relay do: it is counted, and what is too much is refused whole."""

from collections.abc import Callable, Mapping

import pytest
from livekit.protocol.models import ParticipantTracks, TrackInfo
from livekit.protocol.rtc import RequestResponse, SubscriptionPermission, SyncState, TrackPermission, UpdateSubscription
from livekit.protocol.rtc import UpdateTrackSettings as TrackSettings

from relay.rooms.allowance import Allowance
from relay.rooms.peer import MAX_NAMED, NAMED_PER_S
from tests.relay.house import House

LIMIT_EXCEEDED = RequestResponse.LIMIT_EXCEEDED
Ask = Callable[[list[str]], Mapping[str, object]]

BY_LIST = {
    "subscription": lambda sids: {"subscription": UpdateSubscription(track_sids=sids)},
    "by publisher": lambda sids: {
        "subscription": UpdateSubscription(participant_tracks=[ParticipantTracks(track_sids=sids)])
    },
    "setting": lambda sids: {"track_setting": TrackSettings(track_sids=sids, disabled=True)},
    "sync": lambda sids: {"sync_state": SyncState(subscription=UpdateSubscription(track_sids=sids))},
    "sync, disabled": lambda sids: {"sync_state": SyncState(track_sids_disabled=sids)},
    "permission": lambda sids: {
        "subscription_permission": SubscriptionPermission(
            all_participants=True, track_permissions=[TrackPermission(participant_sid=sid) for sid in sids]
        )
    },
}


@pytest.fixture
def house() -> House:
    return House()


def lists_of(track: TrackInfo, length: int) -> list[str]:
    return [track.sid] * length


@pytest.mark.parametrize("ask", BY_LIST.values(), ids=BY_LIST.keys())
def test_what_requests_name_is_counted_and_not_the_requests(house: House, ask: Ask) -> None:
    track = house.enter("an").publish_camera()
    binh = house.enter("binh")
    for _ in range(4):
        binh.ask(**ask(lists_of(track, MAX_NAMED // 4)))
    assert binh.refusals() == []
    binh.ask(**ask(lists_of(track, 1)))
    assert [refusal.reason for refusal in binh.refusals()] == [LIMIT_EXCEEDED]
    house.now_s += 1
    binh.ask(**ask(lists_of(track, int(NAMED_PER_S))))
    assert len(binh.refusals()) == 1
    binh.ask(**ask(lists_of(track, 1)))
    assert len(binh.refusals()) == 2


def test_of_a_list_that_is_too_long_nothing_is_done(house: House) -> None:
    track = house.enter("an").publish_camera()
    binh = house.enter("binh")
    subscribed = UpdateSubscription(track_sids=lists_of(track, MAX_NAMED))
    binh.ask(sync_state=SyncState(subscription=subscribed, track_sids_disabled=[track.sid]))
    assert [refusal.reason for refusal in binh.refusals()] == [LIMIT_EXCEEDED]
    assert binh.receives(track)
    assert not binh.peer.wishes.setting(track.sid).disabled


def test_an_allowance_is_for_all_or_for_nothing() -> None:
    allowance = Allowance(10, 2)
    assert not allowance.take(1.0, 11)
    assert allowance.take(1.0, 8)
    assert not allowance.take(1.0, 3)
    assert allowance.take(1.5, 3)
