"""The databases the suites stand on."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ecabinet.adapters.database import Database
from ecabinet.kernel.errors import Unavailable
from tests.postgresql import free_port


async def test_a_fresh_database_of_each_kind_is_durable_as_start_up_demands(database: Database) -> None:
    await database.require_durability()


async def test_both_kinds_know_vietnamese(database: Database) -> None:
    async with database.reading() as connection:
        answer = await connection.execute(text("SELECT 'Đề nghị biểu quyết'"))
        assert answer.scalar_one() == "Đề nghị biểu quyết"


async def test_who_reads_sees_the_rows_of_one_moment(database: Database) -> None:
    count = text("SELECT count(*) FROM outbox_head")
    async with database.reading() as connection:
        before = (await connection.execute(count)).scalar_one()
        async with database.writing() as other:
            await other.execute(text("INSERT INTO outbox_head (meeting, seq) VALUES ('m', 1)"))
        assert (await connection.execute(count)).scalar_one() == before == 0
    async with database.reading() as connection:
        assert (await connection.execute(count)).scalar_one() == 1


async def test_what_fails_tells_the_log_no_values(database: Database) -> None:
    with pytest.raises(DBAPIError) as failed:
        async with database.writing() as connection:
            await connection.execute(text("INSERT INTO nowhere (choice) VALUES (:choice)"), {"choice": "phản đối"})
    assert "nowhere" in str(failed.value)
    assert "phản đối" not in str(failed.value)


async def test_a_database_that_is_away_is_unavailable() -> None:
    away = Database(f"postgresql+asyncpg://nobody@127.0.0.1:{free_port()}/none")
    for opened in (away.reading, away.writing):
        with pytest.raises(Unavailable):
            async with opened():
                raise AssertionError("nobody listens there")
    await away.close()
