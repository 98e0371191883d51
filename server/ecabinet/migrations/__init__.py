"""The database's shape through time. Forward only; reviewed as code."""

from importlib.resources import files

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection

from ecabinet.adapters.database import Database

HEAD = "0009"
"""The newest revision; a test compares it with the scripts. Known here so that a start with nothing to migrate
need not load Alembic, which takes longer than everything else together."""


async def migrate(database: Database) -> None:
    """Bring the database to HEAD. Nothing is done, quickly, when it is there already."""
    async with database.reading() as connection:
        if await connection.run_sync(revision) == HEAD:
            return
    async with database.writing() as connection:
        await connection.run_sync(_upgrade)


def revision(connection: Connection) -> str | None:
    """The revision the database is at, or None when it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return found


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(files(__name__)))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
