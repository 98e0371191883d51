"""What clients ask for over signalling, and what they are told when they may not have it."""

from collections.abc import Callable

import pytest
from livekit.protocol.models import (
    AudioTrackFeature,
    DisconnectReason,
    ParticipantTracks,
    SubscriptionError,
    TrackInfo,
    TrackSource,
    TrackType,
    VideoQuality,
)
from livekit.protocol.rtc import (
    AddTrackRequest,
    ConnectionSettings,
    GetDataBlobRequest,
    JoinRequest,
    LeaveRequest,
    MuteTrackRequest,
    Ping,
    PublishDataTrackRequest,
    RequestResponse,
    SessionDescription,
    SimulateScenario,
    SimulcastCodec,
    StoreDataBlobRequest,
    SubscriptionPermission,
    SyncState,
    TrackPermission,
    TrackPublishedResponse,
    TrickleRequest,
    UnpublishDataTrackRequest,
    UpdateDataSubscription,
    UpdateLocalAudioTrack,
    UpdateLocalVideoTrack,
    UpdateParticipantMetadata,
    UpdateSubscription,
    UpdateTrackSettings,
    UpdateVideoLayers,
)

from relay.rooms.audience import Audience
from relay.rooms.permission import Permission
from relay.rooms.wishes import Setting
from tests.relay.house import JOIN, FakeOutbox, Guest, House

NOT_FOUND = RequestResponse.NOT_FOUND
NOT_ALLOWED = RequestResponse.NOT_ALLOWED
LIMIT_EXCEEDED = RequestResponse.LIMIT_EXCEEDED
UNSUPPORTED_TYPE = RequestResponse.UNSUPPORTED_TYPE
BY_CHOICE = ConnectionSettings(auto_subscribe=False)


@pytest.fixture
def house() -> House:
    return House()


def microphone(cid: str = "voice") -> AddTrackRequest:
    return AddTrackRequest(cid=cid, type=TrackType.AUDIO, source=TrackSource.MICROPHONE, name="microphone")


def subscribe(*sids: str, wanted: bool = True) -> UpdateSubscription:
    return UpdateSubscription(track_sids=sids, subscribe=wanted)


# --- pings


def test_both_kinds_of_ping_are_answered(house: House) -> None:
    an = house.enter("an")
    an.ask(ping=1)
    an.ask(ping_req=Ping(timestamp=17))
    now_ms = int(house.now_s * 1000)
    assert an.outbox.last("pong").pong == now_ms
    assert (an.outbox.last("pong_resp").pong_resp.last_ping_timestamp) == 17
    assert an.outbox.last("pong_resp").pong_resp.timestamp == now_ms


# --- subscriptions


def test_who_wants_nothing_by_itself_gets_what_it_asks_for(house: House) -> None:
    an, binh = house.enter("an"), house.enter("binh", settings=BY_CHOICE)
    track = an.publish_camera()
    assert not binh.receives(track)
    assert "track_subscribed" not in an.outbox.kinds()
    binh.ask(subscription=subscribe(track.sid))
    assert binh.receives(track)
    assert an.outbox.last("track_subscribed").track_subscribed.track_sid == track.sid
    binh.ask(subscription=subscribe(track.sid, wanted=False))
    assert not binh.receives(track)


def test_a_publisher_is_told_once_that_somebody_receives_its_track(house: House) -> None:
    an, binh, _ = house.enter("an"), house.enter("binh"), house.enter("cuong")
    track = an.publish_camera()
    for wanted in (False, True):
        binh.ask(subscription=subscribe(track.sid, wanted=wanted))
    assert an.outbox.kinds().count("track_subscribed") == 1


def test_wishes_end_with_their_track(house: House) -> None:
    an, binh = house.enter("an"), house.enter("binh")
    for number in range(10):
        track = an.publish_camera()
        binh.ask(subscription=subscribe(track.sid, wanted=False))
        binh.ask(track_setting=UpdateTrackSettings(track_sids=[track.sid], disabled=True))
        house.hall.distribution.rule(binh.peer, [track.sid], granted=False)
        assert len(binh.peer.wishes) == 1
        an.offer(JOIN, 3 + number)
    assert len(binh.peer.wishes) == 0


def test_tracks_are_also_asked_for_by_publisher(house: House) -> None:
    an, binh = house.enter("an"), house.enter("binh", settings=BY_CHOICE)
    track = an.publish_camera()
    by_publisher = ParticipantTracks(participant_sid=an.peer.sid, track_sids=[track.sid])
    # The browser's library names the track both ways in one request.
    binh.ask(subscription=UpdateSubscription(track_sids=[track.sid], participant_tracks=[by_publisher], subscribe=True))
    assert binh.receives(track)
    assert "subscription_response" not in binh.outbox.kinds()


def test_who_asks_for_a_track_that_is_not_there_is_told(house: House) -> None:
    an = house.enter("an")
    an.ask(subscription=subscribe("TR_none"))
    answer = an.outbox.last("subscription_response").subscription_response
    assert (answer.track_sid, answer.err) == ("TR_none", SubscriptionError.SE_TRACK_NOTFOUND)
    an.ask(subscription=subscribe("TR_none", wanted=False))
    assert an.outbox.kinds().count("subscription_response") == 1


def test_who_asks_for_a_track_it_may_not_have_is_told(house: House) -> None:
    an, binh = house.enter("an"), house.enter("binh")
    track = an.publish_camera()
    an.ask(subscription_permission=SubscriptionPermission())
    binh.ask(subscription=subscribe(track.sid))
    assert not binh.receives(track)
    update = binh.outbox.last("subscription_permission_update").subscription_permission_update
    assert (update.participant_sid, update.track_sid, update.allowed) == (an.peer.sid, track.sid, False)
    assert binh.outbox.last("subscription_response").subscription_response.err == SubscriptionError.SE_UNKNOWN


def test_what_was_asked_for_in_vain_comes_when_it_is_allowed(house: House) -> None:
    an, binh = house.enter("an"), house.enter("binh", settings=BY_CHOICE)
    track = an.publish_camera()
    an.ask(subscription_permission=SubscriptionPermission())
    binh.ask(subscription=subscribe(track.sid))
    an.ask(subscription_permission=SubscriptionPermission(all_participants=True))
    assert binh.receives(track)


def test_a_track_taken_away_leaves_the_clients_description_too(house: House) -> None:
    an, binh = house.enter("an"), house.enter("binh")
    track = an.publish_camera()
    binh.offer(JOIN, 2)
    house.pass_time(1)
    asked = binh.outbox.kinds().count("media_sections_requirement")
    binh.ask(subscription=subscribe(track.sid, wanted=False))
    assert binh.outbox.kinds().count("media_sections_requirement") == asked + 1
    requirement = binh.outbox.last("media_sections_requirement").media_sections_requirement
    assert (requirement.num_audios, requirement.num_videos) == (0, 0)
    binh.offer(JOIN, 3)
    assert "a=sendonly" not in binh.outbox.last("answer").answer.sdp
    house.pass_time(5)
    assert binh.outbox.kinds().count("media_sections_requirement") == asked + 1


def test_of_a_track_taken_away_nothing_stays_with_the_link(house: House) -> None:
    an, binh = house.enter("an"), house.enter("binh")
    track = an.publish_camera()
    subscription = binh.peer.subscriptions.get(track.sid)
    assert subscription is not None
    binh.ask(subscription=subscribe(track.sid, wanted=False))
    assert binh.link.ended == [subscription.down.ssrc, subscription.down.repair_ssrc]


def test_many_tracks_are_asked_sections_for_at_once(house: House) -> None:
    an, binh = house.enter("an"), house.enter("binh", settings=BY_CHOICE)
    tracks = []
    for number in range(3):
        an.ask(add_track=AddTrackRequest(cid=f"{number}", type=TrackType.VIDEO, source=TrackSource.CAMERA))
        tracks.append(an.outbox.last("track_published").track_published.track)
    for publication in an.peer.publications.values():
        publication.settle(f"9{publication.cid}", "vp8")
        house.hall.track_added(an.peer, publication)
    before = binh.outbox.kinds().count("media_sections_requirement")
    binh.ask(subscription=subscribe(*(track.sid for track in tracks)))
    assert binh.outbox.kinds().count("media_sections_requirement") == before + 1


def test_what_changes_right_after_an_answer_waits_a_moment_and_is_asked_for_at_once(house: House) -> None:
    an, binh = house.enter("an"), house.enter("binh", settings=BY_CHOICE)
    for number in range(3):
        an.ask(add_track=AddTrackRequest(cid=f"{number}", type=TrackType.VIDEO, source=TrackSource.CAMERA))
    for publication in an.peer.publications.values():
        publication.settle(f"9{publication.cid}", "vp8")
        house.hall.track_added(an.peer, publication)
    first, *others = an.peer.publications
    binh.ask(subscription=subscribe(first))
    binh.offer(JOIN, 2)
    asked = binh.outbox.kinds().count("media_sections_requirement")
    for sid in others:
        binh.ask(subscription=subscribe(sid))
    assert binh.outbox.kinds().count("media_sections_requirement") == asked
    house.pass_time(0.2)
    assert binh.outbox.kinds().count("media_sections_requirement") == asked + 1


def test_a_participant_chooses_who_may_have_its_tracks(house: House) -> None:
    an, binh, cuong = house.enter("an"), house.enter("binh"), house.enter("cuong")
    track = an.publish_camera()
    only_binh = TrackPermission(participant_identity="binh", all_tracks=True)
    an.ask(subscription_permission=SubscriptionPermission(track_permissions=[only_binh]))
    assert (binh.receives(track), cuong.receives(track)) == (True, False)
    assert not cuong.outbox.last("subscription_permission_update").subscription_permission_update.allowed
    assert "subscription_permission_update" not in binh.outbox.kinds()
    an.ask(subscription_permission=SubscriptionPermission(all_participants=True))
    assert cuong.receives(track)
    assert cuong.outbox.last("subscription_permission_update").subscription_permission_update.allowed


def test_a_participant_may_be_admitted_by_sid_and_to_one_track(house: House) -> None:
    an, binh, cuong = house.enter("an"), house.enter("binh"), house.enter("cuong")
    track = an.publish_camera()
    permissions = [
        TrackPermission(participant_sid=binh.peer.sid, track_sids=[track.sid]),
        TrackPermission(participant_sid=cuong.peer.sid, track_sids=["TR_other"]),
    ]
    an.ask(subscription_permission=SubscriptionPermission(track_permissions=permissions))
    assert (binh.receives(track), cuong.receives(track)) == (True, False)


def test_who_comes_late_is_told_which_tracks_it_does_not_get(house: House) -> None:
    an = house.enter("an")
    an.ask(subscription_permission=SubscriptionPermission())
    track = an.publish_camera()
    binh, cuong = house.enter("binh"), house.enter("cuong", settings=BY_CHOICE)
    update = binh.outbox.last("subscription_permission_update").subscription_permission_update
    assert (update.participant_sid, update.track_sid, update.allowed) == (an.peer.sid, track.sid, False)
    assert "subscription_permission_update" not in cuong.outbox.kinds(), "it did not ask"


# --- how tracks are shown


def ceiling(guest: Guest, track: TrackInfo) -> int:
    subscription = guest.peer.subscriptions.get(track.sid)
    assert subscription is not None
    return subscription.down.selector.ceiling


def test_with_adaptive_stream_a_picture_begins_small_and_without_it_large(house: House) -> None:
    an = house.enter("an")
    adaptive = house.enter("binh", settings=ConnectionSettings(auto_subscribe=True, adaptive_stream=True))
    plain = house.enter("cuong")
    track = an.publish_camera()
    assert (ceiling(adaptive, track), ceiling(plain, track)) == (0, 2)
    adaptive.ask(track_setting=UpdateTrackSettings(track_sids=[track.sid], width=1200, height=675))
    assert ceiling(adaptive, track) == 2


@pytest.mark.parametrize(
    ("setting", "layer"),
    [
        (UpdateTrackSettings(quality=VideoQuality.LOW), 0),
        (UpdateTrackSettings(quality=VideoQuality.MEDIUM), 1),
        (UpdateTrackSettings(quality=VideoQuality.HIGH), 2),
        (UpdateTrackSettings(width=160, height=90), 0),
        (UpdateTrackSettings(width=600, height=300, quality=VideoQuality.LOW), 1),
        (UpdateTrackSettings(width=4000, height=3000), 2),
    ],
)
def test_a_receiver_says_how_it_shows_a_track(house: House, setting: UpdateTrackSettings, layer: int) -> None:
    an, binh = house.enter("an"), house.enter("binh")
    track = an.publish_camera()
    setting.track_sids.append(track.sid)
    binh.ask(track_setting=setting)
    assert ceiling(binh, track) == layer


def test_how_a_track_is_shown_is_remembered_before_and_between_subscriptions(house: House) -> None:
    an, binh = house.enter("an"), house.enter("binh", settings=BY_CHOICE)
    track = an.publish_camera()
    binh.ask(track_setting=UpdateTrackSettings(track_sids=[track.sid], disabled=True, fps=15, priority=3))
    for _ in range(2):
        binh.ask(subscription=subscribe(track.sid))
        subscription = binh.peer.subscriptions.get(track.sid)
        assert subscription is not None
        assert subscription.down.leg.paused
        binh.ask(subscription=subscribe(track.sid, wanted=False))


def enabled(guest: Guest) -> list[bool]:
    """The layers, lowest first, that a publisher was last told to send."""
    update = guest.outbox.last("subscribed_quality_update").subscribed_quality_update
    return [quality.enabled for quality in update.subscribed_codecs[0].qualities]


def test_a_publisher_is_told_which_layers_are_wanted(house: House) -> None:
    an, binh = house.enter("an"), house.enter("binh")
    track = an.publish_camera()
    binh.offer(JOIN, 2)
    binh.ask(track_setting=UpdateTrackSettings(track_sids=[track.sid], width=300, height=170))
    house.pass_time(4)
    assert "subscribed_quality_update" not in an.outbox.kinds(), "a page that is resized changes its mind"
    house.pass_time(3)
    assert enabled(an) == [True, False, False]
    binh.ask(track_setting=UpdateTrackSettings(track_sids=[track.sid], width=1280, height=720))
    assert enabled(an) == [True, True, True], "more is wanted at once"
    assert an.outbox.kinds().count("subscribed_quality_update") == 2


def test_a_picture_nobody_receives_is_not_sent_until_somebody_does(house: House) -> None:
    an, binh = house.enter("an"), house.enter("binh", settings=BY_CHOICE)
    track = an.publish_camera()
    house.pass_time(7)
    assert enabled(an) == [False, False, False]
    binh.ask(subscription=subscribe(track.sid))
    binh.offer(JOIN, 2)
    assert enabled(an) == [True, True, True]
    binh.ask(track_setting=UpdateTrackSettings(track_sids=[track.sid], disabled=True))
    house.pass_time(7)
    assert enabled(an) == [False, False, False]
    binh.ask(track_setting=UpdateTrackSettings(track_sids=[track.sid], quality=VideoQuality.LOW))
    assert enabled(an) == [True, False, False]


def test_a_muted_picture_is_not_sent_until_it_is_unmuted(house: House) -> None:
    an, binh = house.enter("an"), house.enter("binh")
    track = an.publish_camera()
    binh.offer(JOIN, 2)
    an.ask(mute=MuteTrackRequest(sid=track.sid, muted=True))
    house.pass_time(7)
    assert enabled(an) == [False, False, False]
    an.ask(mute=MuteTrackRequest(sid=track.sid, muted=False))
    assert enabled(an) == [True, True, True]


# --- what one publishes


def test_features_and_size_of_a_track_may_change(house: House) -> None:
    an, binh = house.enter("an"), house.enter("binh")
    track = an.publish_camera()
    features = [AudioTrackFeature.TF_STEREO, AudioTrackFeature.TF_STEREO, AudioTrackFeature.TF_NO_DTX, 77]
    an.ask(update_audio_track=UpdateLocalAudioTrack(track_sid=track.sid, features=features))  # type: ignore[arg-type]
    an.ask(update_video_track=UpdateLocalVideoTrack(track_sid=track.sid, width=640, height=480))
    seen = binh.outbox.last("update").update.participants[0].tracks[0]
    assert (seen.width, seen.height, seen.stereo, seen.disable_dtx) == (640, 480, True, True)
    assert sorted(seen.audio_features) == [AudioTrackFeature.TF_STEREO, AudioTrackFeature.TF_NO_DTX]


def test_a_track_announced_twice_before_it_comes_is_one(house: House) -> None:
    an = house.enter("an")
    for _ in range(10):
        an.ask(add_track=microphone())
    sids = {sent.track_published.track.sid for sent in an.outbox.sent if sent.HasField("track_published")}
    assert len(sids) == len(an.peer.publications) == 1


def test_more_tracks_than_allowed_are_refused_with_a_reason(house: House) -> None:
    an = house.enter("an")
    for number in range(4):
        an.ask(add_track=microphone(f"voice {number}"))
    assert an.outbox.kinds().count("track_published") == 3
    refusal = an.outbox.sent[-1].request_response
    assert (refusal.reason, refusal.add_track.cid) == (LIMIT_EXCEEDED, "voice 3")


def test_tracks_that_never_came_make_room_for_others(house: House) -> None:
    an = house.enter("an")
    for number in range(3):
        an.ask(add_track=microphone(f"voice {number}"))
    house.pass_time(31)
    an.ask(add_track=microphone("at last"))
    assert [publication.cid for publication in an.peer.publications.values()] == ["at last"]
    assert an.outbox.kinds().count("track_unpublished") == 3


# --- refusals


LONG_CODEC = SimulcastCodec(cid="c" * 10_000)
LONG_NAME = TrackPermission(participant_identity="n" * 1_000_000)


def long_list(count: int) -> list[str]:
    return [f"TR_{number}" for number in range(count)]


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        ({"add_track": AddTrackRequest(cid="x", type=TrackType.DATA)}, UNSUPPORTED_TYPE),
        ({"add_track": AddTrackRequest(cid="x", type=TrackType.AUDIO, name="n" * 257)}, LIMIT_EXCEEDED),
        ({"add_track": AddTrackRequest(cid="x" * 257, type=TrackType.AUDIO)}, LIMIT_EXCEEDED),
        (
            {"add_track": AddTrackRequest(cid="x", type=TrackType.AUDIO, simulcast_codecs=[LONG_CODEC])},
            LIMIT_EXCEEDED,
        ),
        ({"add_track": AddTrackRequest(cid="x", type=TrackType.VIDEO, source=TrackSource.MICROPHONE)}, NOT_ALLOWED),
        ({"add_track": AddTrackRequest(cid="x", type=TrackType.AUDIO, source=TrackSource.SCREEN_SHARE)}, NOT_ALLOWED),
        ({"mute": MuteTrackRequest(sid="TR_none", muted=True)}, NOT_FOUND),
        ({"update_audio_track": UpdateLocalAudioTrack(track_sid="TR_none")}, NOT_FOUND),
        ({"update_video_track": UpdateLocalVideoTrack(track_sid="TR_none")}, NOT_FOUND),
        ({"update_metadata": UpdateParticipantMetadata(request_id=7, name="other")}, NOT_ALLOWED),
        ({"publish_data_track_request": PublishDataTrackRequest(pub_handle=1, name="d")}, UNSUPPORTED_TYPE),
        ({"unpublish_data_track_request": UnpublishDataTrackRequest(pub_handle=1)}, UNSUPPORTED_TYPE),
        ({"store_data_blob_request": StoreDataBlobRequest(request_id=7)}, UNSUPPORTED_TYPE),
        ({"get_data_blob_request": GetDataBlobRequest(request_id=7)}, UNSUPPORTED_TYPE),
        ({"subscription": UpdateSubscription(track_sids=long_list(5_000), subscribe=True)}, LIMIT_EXCEEDED),
        ({"track_setting": UpdateTrackSettings(track_sids=long_list(5_000))}, LIMIT_EXCEEDED),
        (
            {"subscription_permission": SubscriptionPermission(track_permissions=[TrackPermission()] * 5_000)},
            LIMIT_EXCEEDED,
        ),
        ({"subscription_permission": SubscriptionPermission(track_permissions=[LONG_NAME])}, LIMIT_EXCEEDED),
        ({"simulate": SimulateScenario(subscriber_bandwidth=100)}, UNSUPPORTED_TYPE),
    ],
)
def test_what_is_refused_is_refused_with_a_reason(
    house: House, request_: dict[str, object], reason: RequestResponse.Reason
) -> None:
    an = house.enter("an")
    an.ask(**request_)
    (refusal,) = an.refusals()
    assert refusal.reason == reason
    assert refusal.message
    (kind,) = request_
    place = kind.removesuffix("_request")
    assert refusal.request_id == getattr(request_[kind], "request_id", 0)
    if place in RequestResponse.DESCRIPTOR.fields_by_name and request_[kind].ByteSize() < 4_096:  # type: ignore[attr-defined]
        assert refusal.HasField(place)


def test_a_large_request_does_not_come_back_with_its_refusal(house: House) -> None:
    an = house.enter("an")
    an.ask(update_metadata=UpdateParticipantMetadata(request_id=7, metadata="m" * 100_000))
    assert an.outbox.sent[-1].ByteSize() < 200


def test_of_many_tracks_that_are_not_there_some_are_named(house: House) -> None:
    an = house.enter("an")
    an.ask(subscription=subscribe(*long_list(4_000)))
    assert 0 < an.outbox.kinds().count("subscription_response") <= 100
    an.ask(track_setting=UpdateTrackSettings(track_sids=long_list(4_000), disabled=True))
    house.hall.distribution.rule(an.peer, long_list(4_000), granted=False)
    assert len(an.peer.wishes) == 0, "what is not there is not remembered"


def test_a_track_without_the_right_stays_mute_and_its_owner_is_told(house: House) -> None:
    an = house.enter("an")
    track = an.publish_camera()
    house.hall.set_permission(an.peer, Permission(can_publish=False))
    an.ask(mute=MuteTrackRequest(sid=track.sid, muted=True))
    an.ask(mute=MuteTrackRequest(sid=track.sid, muted=False))
    assert an.refusals()[-1].reason == NOT_ALLOWED
    assert an.outbox.last("mute").mute.muted
    an.ask(add_track=microphone())
    assert an.refusals()[-1].reason == NOT_ALLOWED


@pytest.mark.parametrize(
    "request_",
    [
        {"answer": SessionDescription(type="answer", sdp="v=0")},
        {"trickle": TrickleRequest(candidateInit="{}")},
        {"update_layers": UpdateVideoLayers(track_sid="TR_none")},
        {"update_data_subscription": UpdateDataSubscription()},
        {},
    ],
)
def test_what_means_nothing_here_is_passed_over(house: House, request_: dict[str, object]) -> None:
    an = house.enter("an")
    said = len(an.outbox.sent)
    an.ask(**request_)
    assert len(an.outbox.sent) == said


# --- profiles


RENAMING = Permission(can_update_metadata=True)


def test_who_may_describe_itself_is_heard_and_seen(house: House) -> None:
    an, binh = house.enter("an", permission=RENAMING), house.enter("binh")
    an.ask(
        update_metadata=UpdateParticipantMetadata(request_id=3, name="Bà An", attributes={"seat": "3", "hand": "up"})
    )
    an.ask(update_metadata=UpdateParticipantMetadata(request_id=4, metadata="m", attributes={"hand": ""}))
    assert [(answer.request_id, answer.reason) for answer in an.refusals()] == [(3, 0), (4, 0)]
    seen = binh.outbox.last("update").update.participants[0]
    assert (seen.name, seen.metadata, dict(seen.attributes)) == ("Bà An", "m", {"seat": "3"})
    house.pass_time(310)
    claims = next(claims for claims, _ in reversed(house.renewed) if claims.identity == "an")
    assert (claims.name, claims.metadata, claims.attributes) == ("Bà An", "m", {"seat": "3"})


@pytest.mark.parametrize(
    "update",
    [
        UpdateParticipantMetadata(name="n" * 257),
        UpdateParticipantMetadata(metadata="m" * 1_001),
        UpdateParticipantMetadata(metadata="đ" * 501),
        UpdateParticipantMetadata(attributes={"k" * 257: "v"}),
        UpdateParticipantMetadata(attributes={"k": "v" * 1_000}),
        UpdateParticipantMetadata(attributes={f"{number}": "v" for number in range(129)}),
    ],
    ids=["name", "metadata", "metadata in bytes", "key", "value", "number"],
)
def test_nobody_describes_itself_at_length(house: House, update: UpdateParticipantMetadata) -> None:
    an = house.enter("an", permission=RENAMING)
    before = an.peer.describe()
    an.ask(update_metadata=update)
    assert an.refusals()[-1].reason == LIMIT_EXCEEDED
    assert an.peer.describe() == before


def test_attributes_do_not_pile_up(house: House) -> None:
    an = house.enter("an", permission=RENAMING)
    for number in range(300):
        an.ask(update_metadata=UpdateParticipantMetadata(attributes={f"{number}": "v"}))
    assert len(an.peer.info.attributes) == 128
    an.ask(update_metadata=UpdateParticipantMetadata(attributes={"0": "", "300": "v"}))
    assert "300" in an.peer.info.attributes


# --- changes that everybody is told of


@pytest.mark.parametrize("at_last", [True, False])
def test_who_changes_without_end_is_told_of_a_few_times_and_as_it_is_at_last(house: House, at_last: bool) -> None:
    an, binh = house.enter("an"), house.enter("binh")
    track = an.publish_camera()
    told = binh.outbox.kinds().count("update")
    for _ in range(200):
        an.ask(mute=MuteTrackRequest(sid=track.sid, muted=not at_last))
        an.ask(mute=MuteTrackRequest(sid=track.sid, muted=at_last))
    assert an.peer.publications[track.sid].up.open != at_last, "what is muted is silent at once"
    assert binh.outbox.kinds().count("update") - told <= 20
    house.pass_time(1)
    assert binh.outbox.last("update").update.participants[0].tracks[0].muted == at_last
    assert binh.outbox.kinds().count("update") - told <= 24


def test_who_changes_its_audience_without_end_is_obeyed_in_the_end(house: House) -> None:
    an, binh = house.enter("an"), house.enter("binh")
    track = an.publish_camera()
    told = binh.outbox.kinds().count("subscription_permission_update")
    for _ in range(200):
        an.ask(subscription_permission=SubscriptionPermission(all_participants=True))
        an.ask(subscription_permission=SubscriptionPermission())
    assert binh.outbox.kinds().count("subscription_permission_update") - told <= 20
    house.pass_time(1)
    assert not binh.receives(track)


# --- coming back


def resume(guest: Guest, **state: object) -> FakeOutbox:
    """Lose the signalling connection and come back, as clients do: with what they believe."""
    house, outbox = guest.house, FakeOutbox()
    house.registry.signal_lost(guest.peer, guest.outbox)
    entered = house.registry.resume(guest.claims, JoinRequest(participant_sid=guest.peer.sid), outbox)
    assert entered is not None
    guest.outbox = outbox
    guest.ask(sync_state=SyncState(**state))  # type: ignore[arg-type]
    return outbox


def test_who_comes_back_publishing_what_we_know_goes_on(house: House) -> None:
    an, binh = house.enter("an"), house.enter("binh")
    track = an.publish_camera()
    outbox = resume(an, publish_tracks=[TrackPublishedResponse(cid="c", track=track)])
    assert outbox.kinds()[:2] == ["reconnect", "update"]
    assert "leave" not in outbox.kinds()
    assert {who.identity for who in outbox.sent[1].update.participants} == {"an", "binh"}
    assert binh.receives(track)


def test_who_comes_back_hears_what_it_missed(house: House) -> None:
    an, binh, cuong = house.enter("an"), house.enter("binh"), house.enter("cuong")
    track = an.publish_camera()
    for guest in (binh, cuong):
        guest.offer(JOIN, 2)
    for guest in (an, cuong):
        house.registry.signal_lost(guest.peer, guest.outbox)
    # What an's client ought to send changes twice while it cannot be told, and cuong misses all the rest.
    for guest in (binh, cuong):
        guest.peer.show(track.sid, Setting(quality=VideoQuality.LOW))
    house.pass_time(7)
    an.peer.mute(an.peer.publications[track.sid])
    house.hall.set_metadata("new")
    binh.ask(simulate=SimulateScenario(speaker_update=10))
    house.pass_time(0.5)
    house.hall.set_audience(an.peer, Audience(everybody=False))
    resume(an)
    assert enabled(an) == [True, False, False]
    assert an.outbox.last("mute").mute.muted
    assert an.outbox.last("refresh_token").refresh_token
    assert an.outbox.last("room_update").room_update.room.metadata == "new"
    speakers = an.outbox.last("speakers_changed").speakers_changed.speakers
    assert {speaker.sid: speaker.active for speaker in speakers} == {binh.peer.sid: True, cuong.peer.sid: False}
    resume(cuong)
    assert not cuong.outbox.last("subscription_permission_update").subscription_permission_update.allowed
    assert cuong.outbox.last("update").update.participants[0].tracks[0].muted


def test_who_comes_back_is_asked_for_what_is_wanting_once_it_had_time_to_offer(house: House) -> None:
    an, binh = house.enter("an"), house.enter("binh")
    house.registry.signal_lost(binh.peer, binh.outbox)
    track = an.publish_camera()
    house.pass_time(1)
    outbox = resume(binh)
    assert "media_sections_requirement" not in outbox.kinds()
    house.pass_time(1.1)
    assert outbox.kinds().count("media_sections_requirement") == 1
    binh.offer(JOIN, 2)
    assert track.sid in dict(outbox.last("answer").answer.mid_to_track_id).values()


@pytest.mark.parametrize("track", [TrackInfo(sid="TR_none"), TrackInfo()])
def test_who_comes_back_publishing_what_we_do_not_know_begins_anew(house: House, track: TrackInfo) -> None:
    an = house.enter("an")
    outbox = resume(an, publish_tracks=[TrackPublishedResponse(cid="c", track=track)])
    leave = outbox.last("leave").leave
    assert (leave.reason, leave.action) == (DisconnectReason.STATE_MISMATCH, LeaveRequest.RECONNECT)
    assert an.is_gone()


def test_who_comes_back_says_what_it_does_not_want(house: House) -> None:
    an, binh = house.enter("an"), house.enter("binh")
    track = an.publish_camera()
    resume(binh, subscription=subscribe(track.sid, "TR_gone", wanted=False))
    assert not binh.receives(track)


def test_who_comes_back_says_what_it_wants(house: House) -> None:
    an, binh = house.enter("an"), house.enter("binh", settings=BY_CHOICE)
    track = an.publish_camera()
    resume(binh, subscription=subscribe(track.sid))
    assert binh.receives(track)


def test_who_comes_back_says_what_it_does_not_show(house: House) -> None:
    an, binh = house.enter("an"), house.enter("binh")
    track = an.publish_camera()
    binh.ask(track_setting=UpdateTrackSettings(track_sids=[track.sid], quality=VideoQuality.LOW))
    resume(binh, track_sids_disabled=[track.sid])
    subscription = binh.peer.subscriptions.get(track.sid)
    assert subscription is not None
    assert (subscription.down.leg.paused, subscription.down.selector.ceiling) == (True, 0)


def test_a_session_that_is_not_there_cannot_be_resumed(house: House) -> None:
    an = house.enter("an")
    for request in (JoinRequest(participant_sid="PA_other"), JoinRequest()):
        assert house.registry.resume(an.claims, request, FakeOutbox()) is None
    assert not an.outbox.closed


# --- simulated failures


@pytest.mark.parametrize(
    ("scenario", "reason", "action"),
    [
        (SimulateScenario(migration=True), DisconnectReason.MIGRATION, LeaveRequest.RECONNECT),
        (SimulateScenario(server_leave=True), DisconnectReason.SERVER_SHUTDOWN, LeaveRequest.DISCONNECT),
        (
            SimulateScenario(leave_request_full_reconnect=True),
            DisconnectReason.STATE_MISMATCH,
            LeaveRequest.RECONNECT,
        ),
    ],
)
def test_leaving_is_simulated(
    house: House, scenario: SimulateScenario, reason: DisconnectReason, action: LeaveRequest.Action
) -> None:
    an = house.enter("an")
    an.ask(simulate=scenario)
    leave = an.outbox.last("leave").leave
    assert (leave.reason, leave.action, an.is_gone()) == (reason, action, True)


def test_a_node_that_fails_says_nothing(house: House) -> None:
    an = house.enter("an")
    an.ask(simulate=SimulateScenario(node_failure=True))
    assert "leave" not in an.outbox.kinds()
    assert an.outbox.closed
    assert an.is_gone()


def test_speech_is_simulated_for_a_while(house: House) -> None:
    an, binh = house.enter("an"), house.enter("binh")
    an.ask(simulate=SimulateScenario(speaker_update=3))
    house.pass_time(1)
    (speaker,) = binh.outbox.last("speakers_changed").speakers_changed.speakers
    assert (speaker.sid, speaker.active) == (an.peer.sid, True)
    house.pass_time(3)
    assert not binh.outbox.last("speakers_changed").speakers_changed.speakers[0].active


def test_a_resume_fails_once_when_that_is_simulated(house: House) -> None:
    an = house.enter("an")
    for scenario, says_so in (
        (SimulateScenario(disconnect_signal_on_resume=True), True),
        (SimulateScenario(disconnect_signal_on_resume_no_messages=True), False),
    ):
        an.ask(simulate=scenario)
        cut, outbox = FakeOutbox(), FakeOutbox()
        house.registry.resume(an.claims, JoinRequest(participant_sid=an.peer.sid), cut)
        assert (bool(cut.sent), cut.closed) == (says_so, True)
        house.registry.resume(an.claims, JoinRequest(participant_sid=an.peer.sid), outbox)
        assert (outbox.kinds()[0], outbox.closed) == ("reconnect", False)


def test_nothing_is_simulated_unless_the_relay_allows_it() -> None:
    house = House(simulations=False)
    an = house.enter("an")
    an.ask(simulate=SimulateScenario(node_failure=True))
    assert an.refusals()[-1].reason == NOT_ALLOWED
    assert not an.is_gone()


# --- rights


def test_a_right_to_receive_that_comes_back_brings_the_tracks_back(house: House) -> None:
    an, binh = house.enter("an"), house.enter("binh")
    track = an.publish_camera()
    binh.offer(JOIN, 2)
    house.hall.set_permission(binh.peer, Permission(can_subscribe=False))
    assert not binh.receives(track)
    binh.ask(subscription=subscribe(track.sid))
    assert not binh.receives(track)
    binh.offer(JOIN, 3)
    house.hall.set_permission(binh.peer, Permission())
    house.pass_time(0.2)
    binh.offer(JOIN, 4)
    assert track.sid in dict(binh.outbox.last("answer").answer.mid_to_track_id).values()


def test_who_is_hidden_leaves_as_far_as_others_see_and_comes_back(house: House) -> None:
    an, binh = house.enter("an"), house.enter("binh")
    track = an.publish_camera()
    house.hall.set_permission(an.peer, Permission(hidden=True))
    (gone,) = binh.outbox.last("update").update.participants
    assert (gone.identity, gone.state) == ("an", 3)
    assert not binh.receives(track)
    assert house.enter("cuong").outbox.sent[0].join.other_participants[0].identity == "binh"
    house.hall.set_permission(an.peer, Permission())
    (seen,) = binh.outbox.last("update").update.participants
    assert [one.sid for one in seen.tracks] == [track.sid]
    assert binh.receives(track)


# --- the application's word


def test_what_the_application_withholds_does_not_come_by_itself_nor_when_asked_for(house: House) -> None:
    an, binh = house.enter("an"), house.enter("binh")
    track = an.publish_camera()
    room = house.hall
    room.distribution.rule(binh.peer, [track.sid, "TR_none"], granted=False)
    assert not binh.receives(track)
    ways: list[Callable[[], object]] = [
        lambda: binh.ask(subscription=subscribe(track.sid)),
        lambda: room.set_permission(binh.peer, Permission(can_subscribe=False)),
        lambda: room.set_permission(binh.peer, Permission()),
        lambda: an.ask(subscription_permission=SubscriptionPermission()),
        lambda: an.ask(subscription_permission=SubscriptionPermission(all_participants=True)),
        lambda: resume(binh, subscription=subscribe(track.sid)),
    ]
    for way in ways:
        way()
        assert not binh.receives(track)
    room.distribution.rule(binh.peer, [track.sid], granted=True)
    assert binh.receives(track)


def test_the_application_gives_tracks_to_those_who_ask_for_none(house: House) -> None:
    an, binh = house.enter("an"), house.enter("binh", settings=BY_CHOICE)
    track = an.publish_camera()
    house.hall.distribution.rule(binh.peer, [track.sid], granted=True)
    assert binh.receives(track)


# --- how many there are


def test_how_many_there_are_is_told_now_and_then(house: House) -> None:
    an = house.enter("an")
    house.pass_time(3)
    told = an.outbox.kinds().count("room_update")
    for number in range(4):
        house.enter(f"guest{number}")
        house.pass_time(0.5)
    house.pass_time(5)
    assert an.outbox.kinds().count("room_update") - told <= 2
    assert an.outbox.last("room_update").room_update.room.num_participants == 5
