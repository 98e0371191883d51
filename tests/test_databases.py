"""The databases the suites stand on."""

from sqlalchemy import text

from ecabinet.adapters.database import Database


async def test_a_fresh_database_of_each_kind_is_durable_as_start_up_demands(database: Database) -> None:
    await database.require_durability()


async def test_both_kinds_know_vietnamese(database: Database) -> None:
    async with database.reading() as connection:
        answer = await connection.execute(text("SELECT 'Đề nghị biểu quyết'"))
        assert answer.scalar_one() == "Đề nghị biểu quyết"
