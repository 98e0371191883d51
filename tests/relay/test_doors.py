"""What opens the relay: tokens, settings, join requests, keys."""

import base64
import gzip
import os
import time
from collections.abc import Mapping
from dataclasses import replace

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from livekit.protocol.models import TrackSource
from livekit.protocol.rtc import JoinRequest, WrappedJoinRequest
from pylibsrtp import Policy, Session

from relay.rooms.permission import Permission
from relay.settings import BadSettings, Settings, describe
from relay.signal import parse_join_request
from relay.tokens import BadToken, renew, verify
from relay.transport.srtp import GcmSender, gcm_session
from relay.wire import Malformed

KEY = "key"
SECRET = "s" * 64
KEYS = {KEY: SECRET, "other": "o" * 32}
GIVEN = {"RELAY_KEYS": f"{KEY}: {SECRET}"}


def mint(algorithm: str = "HS256", secret: str = SECRET, **claims: object) -> str:
    now_s = int(time.time())
    video = {"room": "hall", "roomJoin": True}
    everything: dict[str, object] = {"iss": KEY, "sub": "an", "nbf": now_s, "exp": now_s + 60, "video": video}
    everything = {name: value for name, value in (everything | claims).items() if value is not None}
    return jwt.encode(everything, secret, algorithm=algorithm)


def test_a_good_token_tells_who_may_do_what() -> None:
    video = {"room": "hall", "roomJoin": True, "canPublishSources": ["microphone"], "canSubscribe": False}
    claims = verify(mint(video=video, name="An", attributes={"seat": "3"}), KEYS)
    assert (claims.identity, claims.name, claims.room, claims.room_join) == ("an", "An", "hall", True)
    assert claims.attributes == {"seat": "3"}
    assert claims.permission.may_publish(TrackSource.MICROPHONE)
    assert not claims.permission.may_publish(TrackSource.CAMERA)
    assert not claims.permission.can_subscribe


def test_sources_nobody_knows_allow_nothing() -> None:
    claims = verify(mint(video={"room": "hall", "canPublishSources": ["hologram"]}), KEYS)
    assert not claims.permission.may_publish(TrackSource.CAMERA)


NOW_S = int(time.time())


@pytest.mark.parametrize(
    "token",
    [
        "",
        "a.b.c",
        mint(secret="t" * 64),
        mint("HS512"),
        mint("none", secret=""),
        mint(exp=NOW_S - 60),
        mint(nbf=NOW_S + 600),
        mint(exp=None),
        mint(nbf=None),
        mint(iss="other"),
        mint(iss="nobody's"),
        mint(iss=None),
        mint(video=["room"]),
        mint(video={"canPublishSources": "camera"}),
        mint(name="x" * 20_000),
    ],
    ids=[
        "absent", "no token", "other secret", "other algorithm", "no algorithm", "expired", "not yet valid", "for ever",
        "since ever", "other key", "unknown key", "no key", "odd grants", "odd sources", "too long",
    ],
)  # fmt: skip
def test_any_other_token_is_refused(token: str) -> None:
    with pytest.raises(BadToken):
        verify(token, KEYS)


def test_a_renewed_token_carries_the_rights_its_holder_has_now() -> None:
    claims = verify(mint(name="An", metadata="m", attributes={"seat": "3"}), KEYS)
    permission = Permission(sources=frozenset({TrackSource.CAMERA}), can_update_metadata=True)
    renewed = verify(renew(claims, permission, KEYS, NOW_S), KEYS)
    assert (renewed.identity, renewed.name, renewed.room, renewed.room_join) == ("an", "An", "hall", True)
    assert renewed.permission == permission
    assert (renewed.room_admin, renewed.room_create, renewed.room_list) == (False, False, False)


def test_a_renewed_token_is_never_too_long_to_come_back_with() -> None:
    claims = replace(verify(mint(name="An"), KEYS), metadata="m" * 20_000, attributes={"seat": "3"})
    renewed = verify(renew(claims, Permission(), KEYS, NOW_S), KEYS)
    assert (renewed.identity, renewed.name, renewed.metadata) == ("an", "An", "")


# --- settings


def test_settings_come_from_the_environment() -> None:
    given_environment = {
        "RELAY_KEYS": f"{KEY}: {SECRET}, other:{SECRET} ",
        "RELAY_HTTP_PORT": "0",
        "RELAY_ADDRESSES": "192.0.2.1, 198.51.100.1",
        "RELAY_LEASE_S": "1.5",
    }
    settings = Settings.from_env(given_environment)
    assert (settings.http_port, settings.lease_s) == (0, 1.5)
    assert settings.addresses == ("192.0.2.1", "198.51.100.1")
    assert settings.media_port == 7882
    assert SECRET not in repr(settings)


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({}, "RELAY_KEYS is not set"),
        ({"RELAY_KEYS": ""}, "RELAY_KEYS: entry 1"),
        ({"RELAY_KEYS": SECRET}, "RELAY_KEYS: entry 1"),
        ({"RELAY_KEYS": f"{KEY}: short"}, "RELAY_KEYS: the secret of key"),
        ({"RELAY_KEYS": f"{KEY}: {SECRET}, {KEY}: {SECRET}"}, "RELAY_KEYS: entry 2"),
        ({**GIVEN, "RELAY_HTTP_PORT": "x"}, "RELAY_HTTP_PORT is not a number"),
        ({**GIVEN, "RELAY_HTTP_PORT": "65536"}, "RELAY_HTTP_PORT: 65536 is not between"),
        ({**GIVEN, "RELAY_MEDIA_PORT": "-1"}, "RELAY_MEDIA_PORT: -1 is not between"),
        ({**GIVEN, "RELAY_MAX_ROOMS": "0"}, "RELAY_MAX_ROOMS: 0 is not between 1"),
        ({**GIVEN, "RELAY_LEASE_S": "nan"}, "RELAY_LEASE_S: nan"),
        ({**GIVEN, "RELAY_ICE_TRANSPORTS": "x"}, "RELAY_ICE_TRANSPORTS"),
        ({**GIVEN, "RELAY_ADDRESSES": "media.example.org"}, "'media.example.org' is not an IP address; names of hosts"),
        ({**GIVEN, "RELAY_ADDRESSES": "0.0.0.0"}, "clients cannot reach 0.0.0.0"),
        ({**GIVEN, "RELAY_ADDRESSES": "239.1.2.3"}, "clients cannot reach 239.1.2.3"),
        ({**GIVEN, "RELAY_ADDRESSES": "fe80::1"}, "clients cannot reach fe80::1"),
        ({**GIVEN, "RELAY_ADDRESSES": "192.0.2.1,192.0.2.1"}, "RELAY_ADDRESSES names an address twice"),
        (
            {**GIVEN, "RELAY_ADDRESSES": "2001:db8::1", "RELAY_MEDIA_HOSTS": "0.0.0.0"},
            "2001:db8::1 is IPv6, not so any",
        ),
        ({**GIVEN, "RELAY_MEDIA_HOSTS": "localhost"}, "RELAY_MEDIA_HOSTS: 'localhost' is not an IP address"),
        ({**GIVEN, "RELAY_WEBHOOK_URL": "example.org/events"}, "RELAY_WEBHOOK_URL"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(environment: Mapping[str, str], named: str) -> None:
    with pytest.raises(BadSettings, match=named):
        Settings.from_env(environment)


def test_what_is_wrong_with_a_secret_is_said_without_it() -> None:
    with pytest.raises(BadSettings) as refusal:
        Settings.from_env({"RELAY_KEYS": "key: hush"})
    assert "hush" not in str(refusal.value)


def test_a_token_of_any_of_the_keys_is_good_and_renewed_with_the_same() -> None:
    claims = verify(mint(iss="other", secret=KEYS["other"]), KEYS)
    assert claims.key == "other"
    assert verify(renew(claims, Permission(), KEYS, NOW_S), {"other": KEYS["other"]}).identity == "an"


def test_every_setting_is_described() -> None:
    assert "RELAY_MEDIA_PORT [7882]" in describe()


# --- join requests


def wrapped(payload: bytes, compression: int) -> str:
    message = WrappedJoinRequest(compression=compression, join_request=payload)  # type: ignore[arg-type]
    return base64.urlsafe_b64encode(message.SerializeToString()).decode()


@pytest.mark.parametrize("compress", [gzip.compress, bytes])
def test_a_join_request_is_read_compressed_or_not(compress: object) -> None:
    assert callable(compress)
    request = JoinRequest(metadata="x" * 100)
    text = wrapped(compress(request.SerializeToString()), int(compress is gzip.compress))
    assert parse_join_request(text, 10_000) == request
    assert parse_join_request(text.rstrip("="), 10_000) == request


def test_a_small_join_request_that_unpacks_to_a_large_one_is_refused() -> None:
    bomb = gzip.compress(JoinRequest(metadata="x" * 10_000_000).SerializeToString())
    with pytest.raises(Malformed):
        parse_join_request(wrapped(bomb, 1), 1_000_000)


@given(st.text(max_size=100) | st.binary(max_size=100).map(lambda raw: base64.b64encode(raw).decode()))
def test_no_join_request_raises_anything_but_malformed(text: str) -> None:
    try:
        parse_join_request(text, 1_000)
    except Malformed:
        pass


# --- SRTP


@pytest.mark.parametrize(
    ("key_length", "profile"),
    [(16, Policy.SRTP_PROFILE_AEAD_AES_128_GCM), (32, Policy.SRTP_PROFILE_AEAD_AES_256_GCM)],
)
def test_what_we_encrypt_is_what_libsrtp_decrypts_across_the_wrap(key_length: int, profile: int) -> None:
    master = os.urandom(key_length + 12)
    receiver = Session(Policy(key=master, ssrc_type=Policy.SSRC_ANY_INBOUND, srtp_profile=profile))
    protect = GcmSender(*gcm_session(master)).protect
    for index in range(32_700, 70_000, 50):
        header = bytes([0x90, 96]) + (index & 0xFFFF).to_bytes(2, "big") + bytes(4) + (5).to_bytes(4, "big")
        header += b"\xbe\xde\x00\x01\x10\x01\x00\x00"
        payload = os.urandom(100)
        assert receiver.unprotect(bytes(protect(5, index, header, payload))) == header + payload
