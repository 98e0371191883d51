"""Rooms without sockets: captured offers in, answers out, time as an argument."""

import pytest
from livekit.protocol.models import DisconnectReason, SubscriptionError, TrackSource, TrackType
from livekit.protocol.rtc import AddTrackRequest, JoinRequest, LeaveRequest

from relay.rooms.permission import Permission
from relay.rooms.registry import Full, Revoked
from relay.wire import Malformed, rtcp, rtp
from tests.relay.house import DELTA, FIREFOX, JOIN, KEYFRAME, MID_ID, PUBLISHING, REPAIRED_ID, RID_ID, FakeOutbox, House


@pytest.fixture
def house() -> House:
    return House()


# --- joining


def test_a_client_is_welcomed_before_anything_else(house: House) -> None:
    an = house.enter("an")
    assert an.outbox.kinds()[0] == "join"
    welcome = an.outbox.sent[0].join
    assert welcome.server_info.version
    assert welcome.ping_interval > 0
    assert welcome.participant.sid.startswith("PA")
    assert welcome.participant.permission.can_publish


def test_an_answer_takes_up_every_section_of_the_offer(house: House) -> None:
    an = house.enter("an")
    answer = an.outbox.last("answer").answer
    assert answer.id == 1
    assert answer.sdp.count("a=inactive") == 6
    assert answer.sdp.count("m=application 9") == 1
    assert "a=group:BUNDLE 0 1 2 3 4 5 6\r\n" in answer.sdp
    assert answer.sdp.count("a=candidate:") == 1
    for extension in (rtp.TRANSPORT_CC, rtp.MID):
        assert answer.sdp.count(extension) == 6, "browsers drop from later offers what one section leaves out"


def test_simulcast_is_accepted_as_offered(house: House) -> None:
    for browser in (PUBLISHING, FIREFOX):
        guest = house.enter(f"guest{len(browser)}")
        guest.publish_camera()
        if browser is FIREFOX:
            guest = house.enter("firefox", offer="")
            guest.peer.add_track(AddTrackRequest(cid="x", type=TrackType.VIDEO, source=TrackSource.CAMERA))
            guest.offer(FIREFOX)
        sdp = guest.outbox.last("answer").answer.sdp
        assert "a=simulcast:recv q;h;f\r\n" in sdp
        assert sdp.count(" recv\r\n") == 3


def test_an_offer_with_another_certificate_is_refused(house: House) -> None:
    an = house.enter("an")
    with pytest.raises(Malformed):
        an.offer(JOIN.replace("a=fingerprint:sha-256 ", "a=fingerprint:sha-256 00:", 99))


def test_a_new_ufrag_restarts_ice_and_keeps_the_association(house: House) -> None:
    an = house.enter("an")
    ufrag = JOIN.split("a=ice-ufrag:")[1].split()[0]
    an.offer(JOIN.replace(f"a=ice-ufrag:{ufrag}", "a=ice-ufrag:other"), 2)
    assert an.link.restarts == 1
    assert "a=ice-ufrag:ufrag1" in an.outbox.last("answer").answer.sdp


def test_no_more_come_in_than_fit(house: House) -> None:
    for number in range(5):
        house.enter(f"guest{number}", offer="")
    with pytest.raises(Full):
        house.enter("one too many", offer="")
    house.enter("guest0", offer="")  # taking one's own place is no addition


# --- publishing and subscribing


def test_a_published_track_is_announced_and_given_to_those_present(house: House) -> None:
    an, binh = house.enter("an"), house.enter("binh")
    track = an.publish_camera()
    assert binh.outbox.last("update").update.participants[0].tracks[0].sid == track.sid
    assert "media_sections_requirement" in binh.outbox.kinds()
    assert binh.outbox.kinds().index("update") < binh.outbox.kinds().index("media_sections_requirement")
    binh.offer(JOIN, 2)
    answer = binh.outbox.last("answer").answer
    assert dict(answer.mid_to_track_id) == {"3": track.sid}
    assert f"a=msid:{an.peer.sid}|camera {track.sid}\r\n" in answer.sdp
    assert "track_subscribed" in an.outbox.kinds()


def test_who_lacks_the_codec_of_a_track_is_told_so_and_keeps_the_section_for_another(house: House) -> None:
    an, binh = house.enter("an"), house.enter("binh", offer=JOIN.replace(" H264/90000", " H265/90000"))
    track = an.publish_camera(codec="h264")
    assert track.mime_type == "video/H264"
    binh.offer(JOIN.replace(" H264/90000", " H265/90000"), 2)
    refusal = binh.outbox.last("subscription_response").subscription_response
    assert (refusal.track_sid, refusal.err) == (track.sid, SubscriptionError.SE_CODEC_UNSUPPORTED)
    assert not binh.outbox.last("answer").answer.mid_to_track_id
    chi = house.enter("chi")
    chi.offer(JOIN, 2)
    assert dict(chi.outbox.last("answer").answer.mid_to_track_id) == {"3": track.sid}


def test_packets_find_their_way_by_section_and_layer(house: House) -> None:
    an, binh = house.enter("an"), house.enter("binh")
    an.publish_camera()
    binh.offer(JOIN, 2)
    an.receive(500, 1, [(MID_ID, b"8"), (RID_ID, b"q")], KEYFRAME)
    an.receive(500, 2, [], DELTA)
    assert len(binh.link.rtp) == 2
    an.receive(600, 1, [(MID_ID, b"8"), (RID_ID, b"x")], KEYFRAME)  # no such layer
    an.receive(601, 1, [(MID_ID, b"9"), (RID_ID, b"q")], KEYFRAME)  # no such section
    an.receive(602, 1, [], KEYFRAME)  # nothing said
    assert len(binh.link.rtp) == 2


def test_a_probe_of_padding_costs_receivers_next_to_nothing_and_leaves_no_gap(house: House) -> None:
    an, binh = house.enter("an"), house.enter("binh")
    an.publish_camera()
    binh.offer(JOIN, 2)
    an.receive(500, 1, [(MID_ID, b"8"), (RID_ID, b"q")], KEYFRAME)
    block = rtp.pack_elements([(MID_ID, b"8"), (RID_ID, b"q")])
    probe = rtp.HEADER.pack(0xB0, 96, 2, 0, 500) + block + bytes(254) + b"\xff"
    an.peer.on_rtp(probe, int(house.now_s * 1e6))
    an.receive(500, 3, [(MID_ID, b"8"), (RID_ID, b"q")], DELTA)
    begun, empty, after = binh.link.rtp
    assert len(empty) == rtp.HEADER_LENGTH
    assert not empty[0] & 0x20
    numbers = [int.from_bytes(packet[2:4], "big") for packet in (begun, empty, after)]
    assert numbers == [numbers[0], numbers[0] + 1, numbers[0] + 2]
    an.peer.on_rtp(probe[:-1] + b"\xfe", int(house.now_s * 1e6))  # repeated under the same number: not sent again
    assert len(binh.link.rtp) == 3


def test_one_layer_has_one_ssrc_however_many_a_client_tries(house: House) -> None:
    an = house.enter("an")
    an.publish_camera()
    for ssrc in range(1_000, 1_100):
        an.receive(ssrc, 1, [(MID_ID, b"8"), (RID_ID, b"q")], KEYFRAME)
    assert an.link.forgotten == list(range(1_000, 1_099))


def test_a_packet_sent_again_on_the_repair_stream_fills_the_gap_once(house: House) -> None:
    an, binh = house.enter("an"), house.enter("binh")
    an.publish_camera()
    binh.offer(JOIN, 2)
    q = [(MID_ID, b"8"), (RID_ID, b"q")]
    an.receive(500, 1, q, KEYFRAME)
    an.receive(500, 3, q, DELTA)
    repair = [(MID_ID, b"8"), (REPAIRED_ID, b"q")]
    an.receive(501, 1, repair, (2).to_bytes(2, "big") + DELTA, kind=97)
    an.receive(501, 2, repair, (2).to_bytes(2, "big") + b"\x10other content", kind=97)
    sequences = [int.from_bytes(packet[2:4], "big") for packet in binh.link.rtp]
    assert len(sequences) == 3
    assert len(set(sequences)) == 3, "one number, two contents: the key would be lost"
    assert binh.link.rtp[2][12:] == DELTA


@pytest.mark.parametrize("watched", [True, False])
def test_lost_packets_are_asked_for_if_somebody_watches_and_arrivals_reported(house: House, watched: bool) -> None:
    an, binh = house.enter("an"), house.enter("binh")
    an.publish_camera()
    if watched:
        binh.offer(JOIN, 2)
    q = [(MID_ID, b"8"), (RID_ID, b"q"), (3, b"\0\1")]
    an.receive(500, 1, q, KEYFRAME)
    an.receive(500, 3, q, DELTA)
    house.pass_time(0.05)
    parsed = [packet for compound in an.link.rtcp for packet in rtcp.parse(compound)]
    assert (rtcp.Nack(500, (2,)) in parsed) == watched
    assert any(compound[:2] in (b"\x8f\xcd", b"\xaf\xcd") for compound in an.link.rtcp)


def test_a_withdrawn_section_unpublishes(house: House) -> None:
    an, binh = house.enter("an"), house.enter("binh")
    an.publish_camera()
    binh.offer(JOIN, 2)
    an.offer(JOIN, 3)
    assert not binh.outbox.last("update").update.participants[0].tracks
    assert not an.peer.publications
    binh.offer(JOIN, 3)
    assert "a=sendonly" not in binh.outbox.last("answer").answer.sdp


def test_a_section_rests_for_one_answer_before_another_track_uses_it(house: House) -> None:
    an, binh = house.enter("an"), house.enter("binh")
    an.publish_camera()
    binh.offer(JOIN, 2)
    an.offer(JOIN, 3)
    track = an.publish_camera()
    binh.offer(JOIN, 3)
    assert dict(binh.outbox.last("answer").answer.mid_to_track_id) == {"4": track.sid}


def test_a_hidden_participant_is_told_of_others_and_they_not_of_it(house: House) -> None:
    an = house.enter("an")
    room = house.registry.rooms["hall"]
    room.set_permission(an.peer, Permission(hidden=True))
    binh = house.enter("binh")
    assert binh.outbox.sent[0].join.other_participants == []
    an.publish_camera()
    assert {who.identity for sent in binh.outbox.sent for who in sent.update.participants} == {"binh"}


# --- muting


def test_an_unmute_that_crosses_a_mute_by_the_relay_does_not_undo_it(house: House) -> None:
    an = house.enter("an")
    track = an.publish_camera()
    publication = an.peer.publications[track.sid]
    an.peer.mute(publication)
    an.peer.on_mute(track.sid, muted=False)
    assert (publication.info.muted, publication.up.open) == (True, False)
    an.peer.on_mute(track.sid, muted=True)  # the client obeys
    an.peer.on_mute(track.sid, muted=False)
    assert (publication.info.muted, publication.up.open) == (False, True)


def test_a_muted_track_is_silent_though_its_client_goes_on_sending(house: House) -> None:
    an, binh = house.enter("an"), house.enter("binh")
    track = an.publish_camera()
    binh.offer(JOIN, 2)
    an.receive(500, 1, [(MID_ID, b"8"), (RID_ID, b"q")], KEYFRAME)
    assert len(binh.link.rtp) == 1
    an.peer.mute(an.peer.publications[track.sid])
    for sequence in range(2, 50):
        an.peer.on_mute(track.sid, muted=False)
        an.receive(500, sequence, [], KEYFRAME)
    assert len(binh.link.rtp) == 1


def test_without_the_right_nothing_opens_a_track(house: House) -> None:
    an = house.enter("an")
    track = an.publish_camera()
    room = house.registry.rooms["hall"]
    room.set_permission(an.peer, Permission(sources=frozenset({TrackSource.MICROPHONE})))
    an.peer.on_mute(track.sid, muted=True)
    an.peer.on_mute(track.sid, muted=False)
    assert not an.peer.publications[track.sid].up.open
    assert an.outbox.last("refresh_token").refresh_token == "renewed"


# --- going


def test_who_never_arrives_is_let_go(house: House) -> None:
    an = house.enter("an", offer="")
    house.pass_time(16)
    assert an.outbox.last("leave").leave.reason == DisconnectReason.CONNECTION_TIMEOUT
    assert an.is_gone()
    assert house.events == ["room_started"], "nobody had joined"


def test_a_lost_connection_can_be_resumed_for_a_while(house: House) -> None:
    an = house.enter("an")
    house.registry.signal_lost(an.peer, an.outbox)
    house.pass_time(15)
    again = FakeOutbox()
    assert house.registry.resume(an.claims, JoinRequest(participant_sid=an.peer.sid), again) is not None
    assert again.kinds()[:2] == ["reconnect", "update"]
    house.registry.signal_lost(an.peer, an.outbox)  # the old connection's end is news of yesterday
    house.pass_time(30)
    assert not an.is_gone()
    house.registry.signal_lost(an.peer, again)
    house.pass_time(22)
    assert an.is_gone()
    assert house.registry.resume(an.claims, JoinRequest(participant_sid=an.peer.sid), FakeOutbox()) is None


def test_a_browser_that_stopped_proving_itself_is_let_go(house: House) -> None:
    an = house.enter("an")
    an.link.silence_s = 31
    house.pass_time(1)
    assert an.outbox.last("leave").leave.action == LeaveRequest.RECONNECT


def test_the_superseded_ones_late_end_does_not_touch_its_successor(house: House) -> None:
    first = house.enter("an")
    second = house.enter("an")
    assert first.outbox.last("leave").leave.reason == DisconnectReason.DUPLICATE_IDENTITY
    room = house.registry.rooms["hall"]
    room.remove(first.peer, DisconnectReason.CLIENT_INITIATED, LeaveRequest.DISCONNECT)
    house.registry.signal_lost(first.peer, first.outbox)
    first.link.listener.on_down()
    assert room.peers["an"] is second.peer
    house.pass_time(60)
    assert not second.is_gone()


def test_an_old_token_of_one_who_was_removed_is_void(house: House) -> None:
    an = house.enter("an", not_before_s=1_000)
    house.registry.expel(house.registry.rooms["hall"], an.peer)
    with pytest.raises(Revoked):
        house.enter("an", not_before_s=1_000)
    house.enter("an", not_before_s=1_001)
    house.enter("an", not_before_s=1_000, room="elsewhere")


def test_a_relay_that_stops_sends_its_clients_elsewhere(house: House) -> None:
    an = house.enter("an")
    house.registry.drain()
    leave = an.outbox.last("leave").leave
    assert (leave.reason, leave.action) == (DisconnectReason.SERVER_SHUTDOWN, LeaveRequest.RECONNECT)
    assert an.outbox.closed
    assert an.is_gone()


def test_an_empty_room_is_forgotten_after_a_while(house: House) -> None:
    an = house.enter("an")
    room = house.registry.rooms["hall"]
    room.remove(an.peer, DisconnectReason.CLIENT_INITIATED, LeaveRequest.DISCONNECT)
    house.pass_time(19)
    assert house.registry.rooms
    house.pass_time(3)
    assert not house.registry.rooms
    assert house.events == ["room_started", "participant_joined an", "participant_left an", "room_finished"]


# --- recording


def test_everybody_is_told_of_a_recording_and_newcomers_find_it(house: House) -> None:
    an = house.enter("an")
    room = house.registry.rooms["hall"]
    room.set_recording(True)
    room.set_recording(True)
    assert an.outbox.kinds().count("room_update") == 1
    assert an.outbox.last("room_update").room_update.room.active_recording
    assert house.enter("binh").outbox.sent[0].join.room.active_recording
    room.set_recording(False)
    assert not an.outbox.last("room_update").room_update.room.active_recording
