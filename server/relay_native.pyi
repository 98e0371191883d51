"""What is written in C, see `relay/native`. Each of these has its twin in Python, where it is described."""

from relay.forwarding.fan_out import fan_out as fan_out
from relay.forwarding.leg import Leg as Leg
from relay.transport.outlet import Outlet as Outlet
