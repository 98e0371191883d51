"""What `./run` opens on: five meetings, each played through the services, with a record that holds."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pypdfium2
import pytest

from ecabinet import migrations
from ecabinet.demo.cast import COUNCIL, MINISTRY, PASSWORD, PROVINCE
from ecabinet.demo.stage import StoryClock
from ecabinet.demo.start import fill, told
from ecabinet.demo.story import DemoAccount, accounts, is_empty, load
from ecabinet.house import House
from ecabinet.kernel.access import Role
from ecabinet.meetings.model import Answer, Meeting, Phase
from ecabinet.minutes.model import MinutesVersion
from ecabinet.register.model import Matter
from ecabinet.settings import Settings
from ecabinet.speaking.model import Status
from ecabinet.voting.casting import Vote
from ecabinet.voting.model import StandInNeverVotes
from ecabinet.voting.service import Wanted

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


@dataclass
class Loaded:
    """A house with the demo in it."""

    house: House
    accounts: list[DemoAccount]

    async def meeting(self, start: str) -> Meeting:
        """The one whose title begins so."""
        async with self.house.uow.reading() as act:
            for username in ("bo-truong", "thu-ky-ubnd", "ct-hdnd"):
                account = await self.house.identity(act).accounts.by_username(username)
                assert account is not None
                for each in await self.house.meetings(act).meetings.of_person(account.person, None, None):
                    if each.title.startswith(start):
                        return each
        raise AssertionError(start)

    async def last_month(self) -> Meeting:
        return await self.meeting("Phiên họp giao ban Lãnh đạo Bộ tháng 10")

    async def this_month(self) -> Meeting:
        return await self.meeting("Phiên họp giao ban Lãnh đạo Bộ tháng 11")


@pytest.fixture(scope="module")
async def loaded(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Loaded]:
    clock = StoryClock(NOW)
    house = House(Settings(data=tmp_path_factory.mktemp("demo")), clock=clock)
    await migrations.migrate(house.database)
    assert await is_empty(house)
    yield Loaded(house, await load(house, clock, NOW))
    await house.database.close()


async def test_everybody_may_sign_in_and_only_one_runs_the_system(loaded: Loaded) -> None:
    assert len(loaded.accounts) == 55
    assert [each.username for each in loaded.accounts if each.is_admin] == ["quan-tri"]
    async with loaded.house.uow.reading() as act:
        for username in ("bo-truong", "thu-ky-1", "quan-tri"):
            identity = loaded.house.identity(act)
            assert (await identity.prove(await identity.known(username), PASSWORD)).username == username


async def test_the_bodies_have_their_numbers_of_votes(loaded: Loaded) -> None:
    async with loaded.house.uow.reading() as act:
        for start, name, votes in (
            ("Phiên họp giao ban", MINISTRY, 7),
            ("Phiên họp thường kỳ", PROVINCE, 21),
            ("Kỳ họp thứ 4", COUNCIL, 15),
        ):
            meeting = await loaded.meeting(start)
            assert (await loaded.house.register(act).body(meeting.body)).name == name
            assert len(meeting.voters) == votes


async def test_a_session_is_under_way_on_its_second_item(loaded: Loaded) -> None:
    meeting = await loaded.this_month()
    assert (meeting.phase, meeting.title) == (Phase.OPEN, "Phiên họp giao ban Lãnh đạo Bộ tháng 11/2026")
    assert meeting.current_item == meeting.items[1]
    assert meeting.items[0].conclusion.startswith("Ghi nhận báo cáo")
    assert meeting.opened_at is not None
    assert (NOW - meeting.opened_at, meeting.starts_at.minute % 5) == (timedelta(minutes=38), 0)
    async with loaded.house.uow.reading() as act:
        quorum = await loaded.house.attendance(act).quorum(meeting)
        assert (quorum.members, quorum.present, quorum.is_quorate) == (7, 6, True)
        turns = await loaded.house.speaking(act).turns(meeting.id)
        assert [each.status for each in turns].count(Status.WAITING) == 3
        assert await loaded.house.speaking(act).floor(meeting.id) is None


async def test_one_paper_came_late_and_all_have_pages(loaded: Loaded) -> None:
    meeting = await loaded.this_month()
    async with loaded.house.uow.reading() as act:
        papers = await loaded.house.papers(act).of(meeting.id)
    assert [each.title for each in papers if each.is_late] == ["Dự thảo Kế hoạch họp không giấy toàn ngành"]
    assert len(papers) == 10
    for paper in papers:
        content = await loaded.house.blobs.get(paper.digest)
        assert (len(pypdfium2.PdfDocument(content)), len(content)) == (paper.pages, paper.size_bytes)


async def test_the_stand_in_is_there_and_does_not_vote(loaded: Loaded) -> None:
    meeting = await loaded.this_month()
    stand_in = next(each for each in meeting.participants if each.role is Role.STAND_IN)
    assert stand_in.name == "Phó Vụ trưởng Vụ Kế hoạch – Tài chính"
    assert meeting.current_item is not None
    assert meeting.chair is not None
    wanted = Wanted(meeting.current_item.id, "Thông qua?", Matter.RESOLUTION)
    chair = meeting.chair.person
    question = await loaded.house.uow.run(lambda act: loaded.house.voting(act).put(meeting.id, wanted, chair))
    with pytest.raises(StandInNeverVotes):
        await loaded.house.uow.run(
            lambda act: loaded.house.casting(act).cast(meeting.id, question, Vote("for", 1), stand_in.person)
        )
    await loaded.house.uow.run(lambda act: loaded.house.voting(act).cancel(meeting.id, question, "thử", chair))


async def minutes_of(loaded: Loaded, meeting: Meeting) -> MinutesVersion:
    async with loaded.house.uow.reading() as act:
        (version,) = await loaded.house.minutes(act).of(meeting.id)
    return version


async def test_last_months_votes_went_as_told(loaded: Loaded) -> None:
    figures = {each.name: each.value for each in (await minutes_of(loaded, await loaded.last_month())).text.figures}
    assert figures["Thành viên có mặt khi khai mạc"] == "6/7"
    assert figures["Thứ trưởng TV07 có mặt"] == "từ 08 giờ 58 phút"
    assert [figures[f"Nội dung 2: {name}"] for name in ("tán thành", "vắng mặt", "kết quả")] == [
        "6/7",
        "1/7",
        "thông qua",
    ]
    told = [figures[f"Nội dung 3: {name}"] for name in ("tán thành", "không tán thành", "không biểu quyết", "kết quả")]
    assert told == ["4/7", "2/7", "1/7", "thông qua"]
    assert figures["Nội dung 4: kết quả"] == "không phương án nào đạt số phiếu cần thiết"
    assert figures["Nội dung 5: tán thành"] == "7/7"


async def test_every_figure_of_the_minutes_is_proved_by_entries_of_that_meeting(loaded: Loaded) -> None:
    meeting = await loaded.last_month()
    version = await minutes_of(loaded, meeting)
    async with loaded.house.uow.reading() as act:
        own = {each.number: each.type for each in await loaded.house.ledger(act).entries(meeting.id)}
    for figure in version.text.figures:
        assert figure.entries, figure.name
        assert set(figure.entries) <= set(own), figure.name
    ballots = next(each for each in version.text.figures if each.name == "Nội dung 5: tán thành")
    assert sorted(own[number] for number in ballots.entries) == ["ballot.cast"] * 7 + ["question.closed"]


async def test_the_minutes_as_pages_say_the_same(loaded: Loaded) -> None:
    version = await minutes_of(loaded, await loaded.last_month())
    pdf = pypdfium2.PdfDocument(await loaded.house.blobs.get(version.digest))
    whole = " ".join(" ".join(page.get_textpage().get_text_range() for page in pdf).split())
    for line in (line for section in version.text.sections for line in section.lines):
        assert " ".join((" ".join(line.cells) if line.cells else line.text).split()) in whole


async def test_people_are_asked_to_another_and_a_province_has_a_draft(loaded: Loaded) -> None:
    thematic = await loaded.meeting("Phiên họp chuyên đề")
    assert thematic.phase is Phase.CONVENED
    assert [each.answer for each in thematic.voters].count(Answer.PENDING) == 5
    draft = await loaded.meeting("Phiên họp thường kỳ UBND tỉnh")
    assert (draft.phase, len(draft.items)) == (Phase.DRAFT, 6)
    assert draft.starts_at > NOW
    assert thematic.starts_at > NOW


async def test_the_record_holds_from_its_first_entry(loaded: Loaded) -> None:
    async with loaded.house.uow.reading() as act:
        assert await loaded.house.ledger(act).audit() > 250
    async with loaded.house.uow.reading() as act:
        entries = [each async for each in loaded.house.ledger(act).records.entries(0, 10_000)]
    assert [each.at for each in entries] == sorted(each.at for each in entries)


async def test_an_installation_in_use_is_left_alone(loaded: Loaded, tmp_path: Path) -> None:
    assert await fill(loaded.house.settings) is False


def test_the_start_says_who_may_come_in() -> None:
    said = "\n".join(told("http://localhost:8080", accounts()))
    for expected in ("http://localhost:8080", PASSWORD, "bo-truong", "thu-ky-ubnd"):
        assert expected in said


async def test_the_council_is_about_to_elect_with_its_tellers_seated(loaded: Loaded) -> None:
    meeting = await loaded.meeting("Kỳ họp thứ 4")
    assert meeting.phase is Phase.OPEN
    assert meeting.current_item is not None
    assert meeting.current_item.title.startswith("Bầu bổ sung")
    async with loaded.house.uow.reading() as act:
        names = {each.person: each.name for each in meeting.participants}
        tellers = await loaded.house.hall(act).tellers(meeting.id)
        quorum = await loaded.house.attendance(act).quorum(meeting)
    assert sorted(names[each][:10] for each in tellers) == ["Đại biểu 0", "Đại biểu 0", "Đại biểu 1"]
    assert (quorum.members, quorum.present, quorum.is_quorate) == (15, 14, True)
