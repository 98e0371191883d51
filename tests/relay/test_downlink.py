"""What a receiver's reports do to what it is sent, and what it is told of it."""

from itertools import count

import pytest
from livekit.protocol.models import ConnectionQuality
from livekit.protocol.rtc import ConnectionSettings, StreamState, UpdateTrackSettings

from relay.forwarding.quality import Arrival, Quality, grade, rating
from relay.wire import rtcp, rtp
from relay.wire.rtcp import Report, SenderReport
from tests.relay.house import DELTA, JOIN, KEYFRAME, MID_ID, RID_ID, Guest, House

LAYERS = ((500, b"q", 3), (600, b"h", 9), (700, b"f", 38))
"""SSRC, name, and packets each 50 ms: some 240, 720 and 3,000 kbit/s with the payload below."""
BODY = bytes(480)


@pytest.fixture
def house() -> House:
    return House()


class Show:
    """Someone with a camera, and someone who watches."""

    def __init__(self, house: House, settings: ConnectionSettings | None = None, offer: str = JOIN) -> None:
        self.house = house
        self.an = house.enter("an")
        everything = ConnectionSettings(auto_subscribe=True)
        self.binh = house.enter("binh", settings=settings or everything, offer=offer)
        self.track = self.an.publish_camera()
        self.binh.offer(offer, 2)
        self.obeys = False
        """Whether cameras send only the layers they are told to."""
        self._cameras: list[tuple[Guest, dict[int, count[int]]]] = []
        self.film(self.an)

    def film(self, guest: Guest) -> None:
        """From now on this guest's camera sends."""
        self._cameras.append((guest, {ssrc: count(1) for ssrc, _, _ in LAYERS}))

    def run(self, seconds: float, *, remb_bps: int = 0) -> "Show":
        """Let the camera send and the clock run; the receiver repeats its estimate each 200 ms."""
        for tick in range(int(seconds * 20)):
            for guest, numbers in self._cameras:
                for ssrc, name, packets in LAYERS[: self.highest(guest) + 1]:
                    elements = [(MID_ID, b"8"), (RID_ID, name)]
                    for number in range(packets):
                        start = KEYFRAME if not number and tick % 10 == 0 else DELTA
                        guest.receive(ssrc, next(numbers[ssrc]) & 0xFFFF, elements, start + BODY)
            self.house.pass_time(0.05)
            if remb_bps and tick % 4 == 0:
                self.estimate(remb_bps)
        return self

    def highest(self, guest: Guest) -> int:
        """The highest layer that a camera sends."""
        if not self.obeys or "subscribed_quality_update" not in guest.outbox.kinds():
            return 2
        update = guest.outbox.last("subscribed_quality_update").subscribed_quality_update
        return sum(quality.enabled for quality in update.subscribed_codecs[0].qualities) - 1

    def estimate(self, bitrate_bps: int) -> None:
        exponent = max(0, bitrate_bps.bit_length() - 18)
        tail = bytes((1, exponent << 2 | bitrate_bps >> exponent >> 16)) + (bitrate_bps >> exponent & 0xFFFF).to_bytes(
            2, "big"
        )
        remb = b"\x8f\xce\x00\x05" + bytes(8) + b"REMB" + tail + bytes(4)
        self.binh.peer.on_rtcp(remb, int(self.house.now_s * 1e6))

    def states(self) -> list["StreamState"]:
        return [
            state.state
            for sent in self.binh.outbox.sent
            for state in sent.stream_state_update.stream_states
            if state.track_sid == self.track.sid
        ]

    def media(self) -> int:
        """Packets of the picture that the receiver was sent."""
        repair = self.binh.peer.subscriptions.videos()[0].down.repair_ssrc
        return sum(packet[8:12] != repair.to_bytes(4, "big") for packet in self.binh.link.rtp)

    def padding(self) -> list[bytes]:
        repair = self.binh.peer.subscriptions.videos()[0].down.repair_ssrc
        return [packet for packet in self.binh.link.rtp if packet[8:12] == repair.to_bytes(4, "big")]


def test_a_line_that_carries_no_picture_is_told_so_and_gets_none(house: House) -> None:
    show = Show(house).run(3, remb_bps=3_000_000).run(1, remb_bps=150_000)
    assert show.states() == [StreamState.PAUSED]
    before = show.media()
    show.run(2)
    assert show.media() == before


def test_a_picture_comes_back_on_a_key_frame_after_probes_of_padding(house: House) -> None:
    show = Show(house).run(3, remb_bps=3_000_000).run(3, remb_bps=150_000)
    assert show.states() == [StreamState.PAUSED]
    for second in range(30):
        show.run(1, remb_bps=150_000 * (second + 2))
    assert show.states() == [StreamState.PAUSED, StreamState.ACTIVE]
    assert show.padding(), "what the line carries was tried before it was used"
    assert all(packet[0] & 0x20 and packet[-1] == len(packet) - rtp.HEADER_LENGTH for packet in show.padding())
    assert show.binh.peer.subscriptions.videos()[0].down.selector.current == 2


def test_a_line_that_carries_less_gets_a_lower_layer_and_no_pause(house: House) -> None:
    show = Show(house).run(3, remb_bps=3_000_000).run(2, remb_bps=1_000_000)
    assert show.states() == []
    assert show.binh.peer.subscriptions.videos()[0].down.selector.current == 1


@pytest.mark.parametrize("first", ["an", "chi"])
def test_what_the_receiver_calls_most_important_is_shown_where_only_one_can_be(house: House, first: str) -> None:
    show = Show(house)
    chi = house.enter("chi")
    tracks = {"an": show.track, "chi": chi.publish_camera()}
    show.binh.offer(JOIN, 3)
    show.film(chi)
    show.binh.ask(track_setting=UpdateTrackSettings(track_sids=[tracks[first].sid], quality="HIGH", priority=1))
    show.run(3, remb_bps=6_000_000).run(2, remb_bps=380_000)
    held = {video.publication.sid: video.down.held for video in show.binh.peer.subscriptions.videos()}
    assert held == {track.sid: identity != first for identity, track in tracks.items()}


def test_a_client_that_forbids_pauses_keeps_the_lowest_layer(house: House) -> None:
    settings = ConnectionSettings(auto_subscribe=True, subscriber_allow_pause=False)
    show = Show(house, settings).run(3, remb_bps=3_000_000).run(2, remb_bps=60_000)
    assert show.states() == []
    assert show.binh.peer.subscriptions.videos()[0].down.selector.current == 0


def test_to_a_client_without_a_repair_stream_the_picture_itself_is_the_trial(house: House) -> None:
    show = Show(house, offer=JOIN.replace(" rtx/90000", " unknown/90000"))
    show.run(3, remb_bps=3_000_000).run(3, remb_bps=150_000)
    assert show.states() == [StreamState.PAUSED]
    for _ in range(20):
        show.run(1, remb_bps=150_000)
    assert StreamState.ACTIVE in show.states()
    assert not show.padding()


def test_while_a_line_is_short_its_length_is_measured_with_the_publishers_own_clock(house: House) -> None:
    show = Show(house).run(1)
    clock = SenderReport(700, 0x1122_3344_0000_0000, 1_000)
    show.an.peer.on_rtcp(rtcp.pack_sender_report(clock, 1, 1), int(house.now_s * 1e6))
    show.run(2, remb_bps=3_000_000)
    already = len(show.binh.link.rtcp)
    show.run(3, remb_bps=150_000)
    reports = [
        packet
        for compound in show.binh.link.rtcp[already - 1 :]
        for packet in rtcp.parse(compound)
        if isinstance(packet, SenderReport)
    ]
    assert len(reports) >= 9, "four times a second"
    first, last = reports[0], reports[-1]
    passed_s = (last.ntp - first.ntp) / (1 << 32)
    assert passed_s == pytest.approx((last.rtp_timestamp - first.rtp_timestamp) / 90_000, abs=0.001)
    assert 2 < passed_s < 6


def test_a_step_down_that_is_taken_back_before_its_key_frame_came_leaves_no_gap(house: House) -> None:
    show = Show(house).run(1)
    (subscription,) = show.binh.peer.subscriptions.videos()

    def best(sequence: int, start: bytes) -> None:
        show.an.receive(700, sequence, [(MID_ID, b"8"), (RID_ID, b"f")], start + BODY)

    show.binh.peer.downlink._give(subscription, 0)
    for sequence in range(761, 800):
        best(sequence, DELTA)
    show.binh.peer.downlink._give(subscription, 2)
    best(800, KEYFRAME)
    best(801, DELTA)
    ssrc = subscription.down.ssrc.to_bytes(4, "big")
    numbers = [int.from_bytes(one[2:4], "big") for one in show.binh.link.rtp if one[8:12] == ssrc]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert show.binh.link.rtp[-1][12:].endswith(BODY)


def test_what_the_receiver_hides_is_neither_paused_by_us_nor_brought_back(house: House) -> None:
    show = Show(house).run(3, remb_bps=3_000_000).run(2, remb_bps=60_000)
    show.binh.ask(track_setting=UpdateTrackSettings(track_sids=[show.track.sid], disabled=True))
    before = show.media()
    for second in range(10):
        show.run(1, remb_bps=60_000 * (second + 2))
    assert show.media() == before
    assert show.states() == [StreamState.PAUSED]


def test_the_publisher_keeps_sending_the_lowest_layer_to_one_that_is_paused(house: House) -> None:
    show = Show(house).run(3, remb_bps=3_000_000).run(10, remb_bps=60_000)
    qualities = show.an.outbox.last("subscribed_quality_update").subscribed_quality_update.subscribed_codecs[0]
    assert [quality.enabled for quality in qualities.qualities] == [True, False, False]


def test_a_layer_that_no_line_carries_is_not_sent_for_long_and_comes_back_when_one_may(house: House) -> None:
    show = Show(house)
    show.obeys = True
    show.run(3, remb_bps=6_000_000).run(15, remb_bps=400_000)
    selector = show.binh.peer.subscriptions.videos()[0].down.selector
    assert (selector.carried, show.highest(show.an)) == (0, 2), "it may be better soon"
    show.run(10, remb_bps=400_000)
    assert (selector.carried, show.highest(show.an)) == (0, 1), "one more than is carried, to try the line with"
    assert show.binh.peer.downlink.shortfalls() == [2]
    assert show.an.peer.publishing.shortfalls() == [0]
    show.run(20, remb_bps=400_000)
    assert show.padding()
    for second in range(40):
        show.run(1, remb_bps=400_000 + 200_000 * second)
    assert (selector.current, show.highest(show.an)) == (2, 2)


def test_a_layer_is_sent_while_the_line_of_one_of_all_may_carry_it(house: House) -> None:
    show = Show(house)
    show.obeys = True
    chi = house.enter("chi")
    chi.offer(JOIN, 2)
    chi.ask(track_setting=UpdateTrackSettings(track_sids=[show.track.sid], width=600, height=340))
    show.run(3, remb_bps=6_000_000).run(40, remb_bps=400_000)
    assert show.highest(show.an) == 1, "chi has the line, but not the wish"
    chi.ask(track_setting=UpdateTrackSettings(track_sids=[show.track.sid], width=1280, height=720))
    assert show.highest(show.an) == 2
    show.run(40, remb_bps=400_000)
    assert show.highest(show.an) == 2


def test_a_repeat_is_not_repeated_before_it_can_have_arrived(house: House) -> None:
    show = Show(house).run(1)
    down = show.binh.peer.subscriptions.videos()[0].down
    last = int.from_bytes(show.binh.link.rtp[-1][2:4], "big")
    nack = rtcp.pack_nack(down.ssrc, [last])
    for _ in range(10):
        show.binh.peer.on_rtcp(nack, 0)
    assert down.resent == 1
    house.pass_time(0.05)
    show.binh.peer.on_rtcp(nack, 0)
    assert down.resent == 2


def test_repeats_do_not_take_a_line_by_storm(house: House) -> None:
    show = Show(house).run(2)
    down = show.binh.peer.subscriptions.videos()[0].down
    sent = show.media()
    for _ in range(20):
        newest = int.from_bytes(show.binh.link.rtp[-1][2:4], "big")
        lost = [(newest - back) & 0xFFFF for back in range(400, 0, -1)]
        show.binh.peer.on_rtcp(rtcp.pack_nack(down.ssrc, lost), 0)
        show.run(0.05)
    assert down.resent < (show.media() - sent)


# --- quality


@pytest.mark.parametrize(
    ("arrival", "shortfalls", "quality"),
    [
        (Arrival(), [], Quality.EXCELLENT),
        (Arrival(1_000, 10, 0.005, 0.05), [0], Quality.EXCELLENT),
        (Arrival(1_000, 50, 0.01, 0.1), [], Quality.GOOD),
        (Arrival(1_000, 200, 0.01, 0.1), [], Quality.POOR),
        (Arrival(1_000, 0, 0.02, 0.5), [], Quality.GOOD),
        (Arrival(1_000, 0, 0.01, 0.1), [2], Quality.GOOD),
        (Arrival(1_000, 0, 0.01, 0.1), [0, None], Quality.POOR),
    ],
)
def test_a_line_is_rated_by_what_a_call_on_it_is_like(
    arrival: Arrival, shortfalls: list[int | None], quality: Quality
) -> None:
    assert grade(rating(arrival, shortfalls)) is quality


def told(guest: Guest) -> list[tuple[str, int]]:
    return [
        (update.participant_sid, update.quality)
        for sent in guest.outbox.sent
        for update in sent.connection_quality.updates
    ]


def test_people_are_told_of_their_line_and_of_those_they_see_and_again_when_it_changes(house: House) -> None:
    show = Show(house)
    an, binh = show.an.peer.sid, show.binh.peer.sid
    show.run(6)
    assert sorted(told(show.binh)) == [(an, ConnectionQuality.EXCELLENT), (binh, ConnectionQuality.EXCELLENT)]
    assert told(show.an) == [(an, ConnectionQuality.EXCELLENT)], "it sees nobody"
    show.run(5)
    assert len(told(show.binh)) == 2
    ssrc = show.binh.peer.subscriptions.videos()[0].down.ssrc
    for second in range(7):
        report = Report(ssrc, 80, 30 * second, 100 * second, 0, 0, 0)
        show.binh.peer.on_rtcp(rtcp.pack_receiver_report([report]), int(house.now_s * 1e6))
        show.run(1)
    assert told(show.binh)[2:] == [(binh, ConnectionQuality.POOR)]


def test_a_silent_one_is_lost_to_others_and_never_to_itself(house: House) -> None:
    show = Show(house).run(6)
    an = show.an.peer.sid
    show.an.link.silence_s = 13
    show.run(5)
    assert told(show.binh)[-1] == (an, ConnectionQuality.LOST)
    assert (an, ConnectionQuality.LOST) not in told(show.an)


def test_the_way_is_timed_by_reports_there_and_back(house: House) -> None:
    show = Show(house).run(1)
    down = show.binh.peer.subscriptions.videos()[0].down
    clock = SenderReport(700, 0x1122_3344_5566_7788, 1_000)
    show.an.peer.on_rtcp(rtcp.pack_sender_report(clock, 1, 1), int(house.now_s * 1e6))
    for last_sr in (0, 0x3344_5566):
        report = Report(down.ssrc, 0, 0, 1, 0, last_sr, delay_since_sr=0x8000)
        show.binh.peer.on_rtcp(rtcp.pack_receiver_report([report]), int((house.now_s + 0.7) * 1e6))
    assert show.binh.peer.downlink.arrival.round_trip_s == pytest.approx(0.2, abs=0.001)
