"""Settings that contradict each other are refused, and what follows from them is filled in."""

import pytest

from ecabinet.settings import SettingInvalid, Settings


def settings(**environment: str) -> Settings:
    return Settings.from_env({f"ECABINET_{name}": value for name, value in environment.items()})


REFUSED = {
    "no relay at all": {"RELAYS": "0"},
    "more than anybody has": {"RELAYS": "65"},
    "no number": {"RELAYS": "two"},
    "signalling of the third where the media of the first is": {"RELAYS": "3"},
    "media of the second where the signalling of the first is": {
        "RELAYS": "2",
        "RELAY_PORT": "7001",
        "RELAY_MEDIA_PORT": "7000",
    },
    "one port for both": {"RELAY_PORT": "7000", "RELAY_MEDIA_PORT": "7000"},
}


@pytest.mark.parametrize("environment", REFUSED.values(), ids=REFUSED.keys())
def test_a_number_of_relays_that_makes_no_sense_is_refused(environment: dict[str, str]) -> None:
    with pytest.raises(SettingInvalid):
        settings(**environment)


def test_two_relays_fit_between_the_usual_ports_and_more_where_there_is_room() -> None:
    assert settings().relays == 1
    assert settings(RELAYS="2").relays == 2
    assert settings(RELAYS="8", RELAY_MEDIA_PORT="7900").relays == 8


ADDRESSES: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "on this machine": ({}, ("ws://localhost:7880",)),
    "several on this machine": ({"RELAYS": "2"}, ("ws://localhost:7880", "ws://localhost:7881")),
    "behind nginx": ({"PUBLIC_URL": "https://hop.vn/"}, ("wss://hop.vn/relay",)),
    "several behind nginx": (
        {"PUBLIC_URL": "https://hop.vn", "RELAYS": "3", "RELAY_MEDIA_PORT": "7890"},
        ("wss://hop.vn/relay", "wss://hop.vn/relay/2", "wss://hop.vn/relay/3"),
    ),
    "where the settings say": (
        {"MEDIA_PUBLIC_URL": "wss://media.hop.vn/", "RELAYS": "2"},
        ("wss://media.hop.vn", "wss://media.hop.vn/2"),
    ),
    "a LiveKit server": ({"LIVEKIT_URL": "https://livekit.hop.vn/", "RELAYS": "5"}, ("wss://livekit.hop.vn",)),
    "a LiveKit server by another name": (
        {"LIVEKIT_URL": "http://10.0.0.1:7880", "MEDIA_PUBLIC_URL": "wss://livekit.hop.vn"},
        ("wss://livekit.hop.vn",),
    ),
}


@pytest.mark.parametrize(("environment", "expected"), ADDRESSES.values(), ids=ADDRESSES.keys())
def test_browsers_find_each_media_server(environment: dict[str, str], expected: tuple[str, ...]) -> None:
    assert settings(**environment).media_page_urls == expected
