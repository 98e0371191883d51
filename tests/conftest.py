"""What any test may ask for: databases of both kinds, and an event loop that complains."""

import asyncio
import importlib
import inspect
import pkgutil
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings

import ecabinet
from ecabinet.adapters.database import Database, metadata
from tests.postgresql import Cluster

TESTS = Path(__file__).parent
SQLITE = "sqlite+aiosqlite:///"
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


@dataclass(slots=True)
class Furnished:
    """Databases with every slice's tables, to be copied: making the tables takes ten times as long."""

    folder: Path
    on_postgresql: str = ""

    async def sqlite(self) -> Path:
        """A closed file."""
        path = self.folder / "furnished.sqlite"
        if not path.exists():
            await furnish(f"{SQLITE}{path}")
        return path

    async def postgresql(self, cluster: Cluster) -> str:
        """The URL of one that nobody is connected to."""
        if not self.on_postgresql:
            self.on_postgresql = await cluster.new_database()
            await furnish(self.on_postgresql)
        return self.on_postgresql


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Furnished:
    return Furnished(tmp_path_factory.mktemp("furnished"))


@pytest.fixture(params=["sqlite", "postgresql"])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path, furnished: Furnished) -> AsyncIterator[str]:
    """The URL of a fresh database, empty unless the test asks for `database` as well; it runs once on each kind."""
    has_tables = "database" in request.fixturenames
    if request.param == "sqlite":
        path = tmp_path / "ecabinet.sqlite"
        if has_tables:
            shutil.copy(await furnished.sqlite(), path)
        yield f"{SQLITE}{path}"
        return
    cluster: Cluster = request.getfixturevalue("postgresql")
    url = await cluster.new_database(like=await furnished.postgresql(cluster) if has_tables else "")
    yield url
    await cluster.drop_database(url)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A database with every slice's tables, on each kind."""
    opened = Database(database_url)
    yield opened
    await opened.close()


async def furnish(database_url: str) -> None:
    """Make every slice's tables."""
    declare_every_table()
    database = Database(database_url)
    async with database.writing() as connection:
        await connection.run_sync(metadata.create_all)
    await database.close()


def declare_every_table() -> None:
    """Tables are declared on import of their slice's sql.py or …_sql.py (and of the adapters that keep some)."""
    for module in pkgutil.walk_packages(ecabinet.__path__, "ecabinet."):
        if module.name.endswith((".sql", "_sql")) or module.name.startswith("ecabinet.adapters."):
            importlib.import_module(module.name)
