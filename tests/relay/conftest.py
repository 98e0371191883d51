"""One relay for the tests that do not disturb it."""

from collections.abc import AsyncIterator

import pytest

from tests.relay.running import RunningRelay, running_relay


@pytest.fixture(scope="session")
async def relay() -> AsyncIterator[RunningRelay]:
    """One relay for all tests that do not disturb it; each test uses a room of its own."""
    async with running_relay() as running:
        yield running


@pytest.fixture
def room_name(request: pytest.FixtureRequest) -> str:
    return str(request.node.name)
