"""Where this machine is."""

import socket

from relay.transport.sockets import own_addresses


def own_address() -> str:
    """Its IPv4 address on the way out; loopback ones do not serve, since no relay tells them to clients."""
    return own_addresses(frozenset({socket.AF_INET}))[0]
