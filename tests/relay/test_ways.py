"""The ways media takes between a real client and the relay: families, transports, addresses behind NAT."""

import socket

import pytest

from relay.transport.sockets import own_addresses
from tests.relay.callers import TONE_RMS, callers
from tests.relay.running import RunningRelay, running_relay, until

OWN = own_addresses(frozenset({socket.AF_INET}))[0]
OWN_IPV6 = own_addresses(frozenset({socket.AF_INET6}))[0]
needs_ipv6 = pytest.mark.skipif(":" not in OWN_IPV6, reason="this machine has no way out over IPv6")
ELSEWHERE = "203.0.113.9"  # reserved for documentation (RFC 5737): nothing answers there


async def call(relay: RunningRelay, room: str) -> None:
    """One speaks, the other hears."""
    async with callers(relay, room, "an", "binh") as (an, binh):
        await an.speak()
        await until(lambda: "an/audio" in binh.ears and binh.ears["an/audio"].rms > 0.7 * TONE_RMS)


@needs_ipv6
@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_call_over_ipv6_alone(room_name: str, transport: str) -> None:
    async with running_relay(addresses=OWN_IPV6, media_hosts="::", ice_transports=transport) as relay:
        await call(relay, room_name)


async def test_a_call_over_tcp_alone(room_name: str) -> None:
    async with running_relay(addresses=OWN, media_hosts="0.0.0.0", ice_transports="tcp") as relay:
        await call(relay, room_name)


async def test_clients_find_the_address_that_leads_to_the_relay_among_several(room_name: str) -> None:
    async with running_relay(addresses=f"{ELSEWHERE}, 2001:db8::9, {OWN}") as relay:
        assert relay.address == ELSEWHERE  # told first, as set
        await call(relay, room_name)


async def test_by_default_clients_are_told_this_machines_own_addresses(room_name: str) -> None:
    own = {OWN, OWN_IPV6} - {"127.0.0.1"}
    async with running_relay() as relay:
        assert set(relay.addresses) == own
        await call(relay, room_name)
