"""What any test may ask for: databases of both kinds, and an event loop that complains."""

import asyncio
import importlib
import inspect
import pkgutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings

import ecabinet
from ecabinet.adapters.database import Database, metadata
from tests.postgresql import Cluster

TESTS = Path(__file__).parent
WITHOUT_DEBUG = ("relay", "media", "journeys", "browser", "deploy", "bench")
"""Suites that move media or time: asyncio's debug mode would be what they measure."""

# Two busy cores make single examples slow; that is not what a property is about.
# The same examples every time, so that a red gate is red again.
settings.register_profile("gate", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("gate")

# As the application has it (edge/logging.py): decorated tracebacks print all local variables, for a minute.
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Asyncio's debug mode for every coroutine test outside the media suites."""
    for item in items:
        suite = item.path.relative_to(TESTS).parts[0]
        if inspect.iscoroutinefunction(getattr(item, "obj", None)) and suite not in WITHOUT_DEBUG:
            item.add_marker(pytest.mark.usefixtures("asyncio_debug"))


@pytest.fixture
async def asyncio_debug() -> AsyncIterator[None]:
    """Never-awaited coroutines and calls from the wrong thread are found while the test runs."""
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    yield
    loop.set_debug(False)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """One private PostgreSQL server for the run."""
    cluster = Cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The URL of a fresh, empty database; the test runs once on each kind."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'ecabinet.sqlite'}"
        return
    cluster: Cluster = request.getfixturevalue("postgresql")
    url = await cluster.new_database()
    yield url
    await cluster.drop_database(url)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A database with every slice's tables, on each kind."""
    declare_every_table()
    opened = Database(database_url)
    async with opened.writing() as connection:
        await connection.run_sync(metadata.create_all)
    yield opened
    await opened.close()


def declare_every_table() -> None:
    """Tables are declared on import of their slice's sql.py or …_sql.py (and of the adapters that keep some)."""
    for module in pkgutil.walk_packages(ecabinet.__path__, "ecabinet."):
        if module.name.endswith((".sql", "_sql")) or module.name.startswith("ecabinet.adapters."):
            importlib.import_module(module.name)
