"""The scripts lead to the very shape that the code declares, on both databases."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.engine import Connection

from ecabinet import migrations
from ecabinet.adapters.database import Database, metadata
from tests.conftest import declare_every_table

TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name",
    "postgresql": "SELECT DISTINCT trigger_name FROM information_schema.triggers ORDER BY 1",
}


def differences(connection: Connection) -> list[object]:
    declare_every_table()
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return [each for each in compare_metadata(context, metadata) if "alembic_version" not in str(each)]


async def triggers(database: Database) -> list[str]:
    async with database.reading() as connection:
        return list((await connection.execute(text(TRIGGERS[database.engine.dialect.name]))).scalars())


async def test_an_empty_database_gets_the_declared_shape(database_url: str) -> None:
    database = Database(database_url)
    await migrations.migrate(database)
    async with database.reading() as connection:
        assert await connection.run_sync(migrations.revision) == migrations.HEAD
        assert await connection.run_sync(differences) == []
    await migrations.migrate(database)
    await database.close()


async def test_what_keeps_the_record_is_there_after_a_migration_too(database_url: str, database: Database) -> None:
    declared = await triggers(database)
    fresh = Database(database_url)
    async with fresh.writing() as connection:
        await connection.run_sync(metadata.drop_all)
    await migrations.migrate(fresh)
    assert await triggers(fresh) == declared != []
    await fresh.close()


def test_the_revision_that_the_program_knows_is_the_newest() -> None:
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert scripts.get_heads() == [migrations.HEAD]


@pytest.mark.parametrize("script", sorted((Path(migrations.__file__).parent / "versions").glob("*.py")))
def test_migrations_lead_forward_only(script: Path) -> None:
    assert "def downgrade" not in script.read_text(encoding="utf-8")
