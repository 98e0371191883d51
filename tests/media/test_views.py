"""A ticket as the wire has it."""

from ecabinet.media.model import Place, Source
from ecabinet.media.views import ticket
from tests.fakes.gathering import AN, MEETING


def test_a_ticket_names_address_room_and_sources_in_a_stable_order() -> None:
    place = Place(MEETING, AN, "An", frozenset({Source.SCREEN_SHARE, Source.CAMERA, Source.MICROPHONE}))
    assert ticket(place, "wss://hop.example.gov.vn/relay", "jwt") == {
        "url": "wss://hop.example.gov.vn/relay",
        "token": "jwt",
        "room": MEETING,
        "sources": ["microphone", "camera", "screen_share"],
    }
