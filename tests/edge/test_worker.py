"""Workers outlive what they trip over."""

from ecabinet.edge.worker import until_done


async def test_work_that_fails_is_done_again_until_it_is_done() -> None:
    failures = [OSError("the database is away"), ValueError("a mistake of ours")]

    async def work() -> None:
        if failures:
            raise failures.pop()

    await until_done(work, again_s=0)
    assert failures == []
