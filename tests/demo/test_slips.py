"""The demo's written opinions went as they are told."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from ecabinet import migrations
from ecabinet.demo.cast import MINISTRY, PROVINCE
from ecabinet.demo.stage import StoryClock
from ecabinet.demo.story import load
from ecabinet.house import House
from ecabinet.kernel.ids import PersonId
from ecabinet.opinions.entries import SlipEntry
from ecabinet.settings import Settings

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    clock = StoryClock(NOW)
    house = House(Settings(data=tmp_path_factory.mktemp("demo")), clock=clock)
    await migrations.migrate(house.database)
    await load(house, clock, NOW)
    yield house
    await house.database.close()


async def slips(house: House, body: str, username: str) -> list[SlipEntry]:
    """Those the person may know of, oldest first."""
    async with house.uow.reading() as act:
        account = await house.identity(act).accounts.by_username(username)
        assert account is not None
        who: PersonId = account.person
        [own] = [each for each, _ in await house.register(act).bodies_of(who, NOW) if each.name == body]
        found = await house.opinions(act).listed(own.id, who)
        return [await house.opinions(act).get(own.id, each["id"], who) for each in found["slips"][::-1]]  # type: ignore[arg-type]


async def test_the_ministry_has_one_in_each_state(house: House) -> None:
    assert [each["phase"] for each in await slips(house, MINISTRY, "thu-ky-1")] == [
        "ended",
        "sent",
        "submitted",
        "draft",
    ]
    assert [each["phase"] for each in await slips(house, MINISTRY, "bo-truong")] == ["ended", "sent", "submitted"]
    assert [each["phase"] for each in await slips(house, MINISTRY, "thu-truong-5")] == ["ended", "sent"]


async def test_the_ministrys_first_passed_with_one_other_opinion_and_one_silent(house: House) -> None:
    first = (await slips(house, MINISTRY, "thu-truong-7"))[0]
    result = first["questions"][0]["result"]
    assert result is not None
    assert result["counts"] == {"for": 5, "against": 0, "other": 1}
    assert (result["of_sent"]["for"], result["of_answered"]["for"]) == ("71.43", "83.33")
    assert (result["verdict"]["outcome"], result["verdict"]["is_binding"]) == ("passed", False)
    assert [each["hours"] for each in first["reminders"]] == [24, 4]
    assert len(first["extensions"]) == 1
    assert [each["reply"][:8] for each in first["opinions"] or []] == ["Tiếp thu"]


async def test_the_provinces_did_not_pass_and_may_go_before_a_session(house: House) -> None:
    [relief] = await slips(house, PROVINCE, "thu-ky-ubnd")
    result = relief["questions"][0]["result"]
    assert result is not None
    assert (result["sent"], result["answered"], result["counts"]) == (21, 17, {"for": 10, "against": 7, "other": 0})
    assert (result["verdict"]["outcome"], result["verdict"]["needed"]) == ("not_passed", 11)
    assert "to_agenda" in relief["actions"]


async def test_the_desk_says_what_waits(house: House) -> None:
    async with house.uow.reading() as act:
        accounts = house.identity(act).accounts
        waiting = {}
        for username in ("bo-truong", "thu-truong-5", "thu-truong-3"):
            account = await accounts.by_username(username)
            assert account is not None
            waiting[username] = sorted(each["kind"] for each in await house.opinions(act).waiting(account.person))
    assert waiting == {"bo-truong": ["slip", "slip_approval"], "thu-truong-5": ["slip"], "thu-truong-3": []}
