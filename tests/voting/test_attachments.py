"""Another opinion with its file, and a vote cast for somebody who is not there, over HTTP."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from ecabinet.adapters.blobs import FileBlobs
from ecabinet.adapters.database import Database
from ecabinet.adapters.pdf import PdfReader
from ecabinet.adapters.unit_of_work import Act
from ecabinet.kernel.ids import PersonId, QuestionId
from ecabinet.meetings.sql import SqlMeetings
from ecabinet.papers.http import PapersHttp
from ecabinet.papers.service import Papers
from ecabinet.papers.sql import SqlPapers
from ecabinet.register.model import Meaning, Words
from ecabinet.voting.attachments import ATTACHMENTS_LIMIT, Attachments
from ecabinet.voting.ballots_http import AttachmentsHttp, BallotsHttp
from ecabinet.voting.ballots_sql import SqlBallots
from ecabinet.voting.casting import Casting
from ecabinet.voting.model import Option, Phase, Question, Roll, Verdict, Voter
from ecabinet.voting.realtime import VotingRealtime
from ecabinet.voting.sql import SqlQuestions, questions
from tests.fakes.door import Here, People, a_house
from tests.fakes.gathering import AN, BINH, CHAIR, FIRST, GUEST, MEETING, SECOND, SECRETARY, a_meeting
from tests.fakes.kernel import CountingIds
from tests.hall.halls import passed
from tests.papers.test_http import GOOD, PDF
from tests.voting.furnished import MovingClock, a_lane, stores_of
from tests.voting.halls import put

QUESTION = QuestionId("q" * 26)
AT_QUESTION = f"/api/meetings/{MEETING}/questions/{QUESTION}"
UPLOAD = "/attachments?filename=%C3%BD%20ki%E1%BA%BFn.pdf"
OTHER = Option("other", Meaning.OTHER, Words("Ý kiến khác", "Another opinion"))
OPINION = {"choice": "other", "n": 1, "opinion": "Đề nghị bỏ Điều 4"}


def asked() -> Question:
    """The chair and An answer, and the chair for Bình as well, who is not there."""
    roll = Roll((Voter(CHAIR, "Chủ tọa"), Voter(AN, "An"), Voter(BINH, "Bình", proxy=CHAIR)))
    question = replace(put("lanh-dao-bo", 3, range(3)), id=QUESTION, meeting=MEETING, item=FIRST, roll=roll)
    options = [each for each in question.options if each.meaning is not Meaning.OTHER]
    return replace(question, opened_by=CHAIR, options=(*options, OTHER))


@dataclass
class Hall:
    here: Here
    people: People

    async def ask(self, person: PersonId | None, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Status, and the answer or the refusal's code."""
        status, answer, _ = await self.people.ask(person, method, AT_QUESTION + path, body, **headers)
        return status, answer["error"]["code"] if status >= 400 else answer

    async def upload(self, person: PersonId, body: bytes = GOOD) -> Any:
        return await self.ask(person, "POST", UPLOAD, body, **PDF)

    async def cast(self, person: PersonId, **ballot: Any) -> Any:
        return await self.ask(person, "POST", "/ballots", ballot)

    async def stand(self, phase: Phase, verdict: Verdict | None = None) -> None:
        """As the chair would have it."""
        async with self.here.uow.database.writing() as connection:
            await SqlQuestions(connection).keep(replace(asked(), phase=phase, verdict=verdict))


@pytest.fixture
async def hall(database: Database, tmp_path: Path) -> AsyncIterator[Hall]:
    ids, clock, blobs = CountingIds(), MovingClock(), FileBlobs(tmp_path)

    def casting(act: Act) -> Casting:
        asked_of, kept = SqlQuestions(act.connection), SqlBallots(act.connection)
        return Casting(act, asked_of, kept, SqlMeetings(act.connection), clock)

    def attachments(act: Act) -> Attachments:
        return Attachments(SqlQuestions(act.connection), SqlBallots(act.connection), ids, clock)

    def papers(act: Act) -> Papers:
        return Papers(act, SqlPapers(act.connection), SqlMeetings(act.connection), ids, clock)

    async with (
        a_house(database, a_meeting(), VotingRealtime(stores_of).projectors()) as here,
        a_lane(here.uow, casting) as lane,
    ):
        async with database.writing() as connection:
            await SqlQuestions(connection).add(asked())
        uploads = PapersHttp(here.uow, papers, blobs, PdfReader(), 100_000)
        routes = [
            *BallotsHttp(here.uow, casting, lane.cast).routes(),
            *AttachmentsHttp(here.uow, attachments, uploads, blobs).routes(),
        ]
        async with here.serving(routes) as people:
            yield Hall(here, people)


async def test_another_opinion_goes_in_with_its_file_and_comes_out_after_the_end(hall: Hall) -> None:
    status, made = await hall.upload(AN)
    assert status == 201
    status, receipt = await hall.cast(AN, **OPINION, attachment=made["id"])
    assert (status, receipt["voter"], receipt["is_current"]) == (201, AN, True)
    status, mine = await hall.ask(AN, "GET", "/ballots/mine")
    assert (mine["opinion"], mine["attachment"]["filename"]) == ("Đề nghị bỏ Điều 4", "ý kiến.pdf")
    one = f"/attachments/{made['id']}"
    for person in (AN, CHAIR):
        assert await hall.ask(person, "GET", one) == (404, "not_found"), "nobody before the end"
    await hall.stand(Phase.CLOSED)
    assert await hall.ask(CHAIR, "GET", one) == (200, GOOD)
    assert await hall.ask(GUEST, "GET", one) == (404, "not_found")
    assert await hall.cast(AN, **OPINION, attachment=made["id"]) == (201, receipt)


async def test_a_vote_annulled_after_its_end_goes_on_showing_its_files(hall: Hall) -> None:
    _, made = await hall.upload(AN)
    assert (await hall.cast(AN, **OPINION, attachment=made["id"]))[0] == 201
    one = f"/attachments/{made['id']}"
    await hall.stand(Phase.ANNULLED)
    assert await hall.ask(CHAIR, "GET", one) == (404, "not_found"), "annulled before its end: nobody ever learns"
    await hall.stand(Phase.ANNULLED, passed())
    assert await hall.ask(CHAIR, "GET", one) == (200, GOOD)


async def test_only_a_ballot_that_counts_shows_its_file(hall: Hall) -> None:
    _, made = await hall.upload(AN)
    assert (await hall.cast(AN, **OPINION, attachment=made["id"]))[0] == 201
    assert (await hall.cast(AN, choice="for", n=2))[0] == 201
    await hall.stand(Phase.CLOSED)
    assert await hall.ask(CHAIR, "GET", f"/attachments/{made['id']}") == (404, "not_found")


async def test_who_does_not_answer_uploads_nothing_and_nobody_names_anothers_file(hall: Hall) -> None:
    assert await hall.upload(SECRETARY) == (403, "not_allowed")
    assert await hall.upload(AN, b"Hello, I am not a PDF at all.") == (400, "not_a_pdf")
    _, made = await hall.upload(AN)
    assert await hall.cast(CHAIR, **OPINION, attachment=made["id"]) == (404, "not_found")
    assert await hall.cast(AN, **OPINION, attachment="none") == (404, "not_found")
    assert await hall.cast(AN, choice="for", n=1, attachment=made["id"]) == (400, "opinion_without_other")
    await hall.stand(Phase.PAUSED)
    assert (await hall.upload(AN))[0] == 201
    await hall.stand(Phase.CANCELLED)
    assert await hall.upload(AN) == (409, "question_not_open")


async def test_one_person_uploads_no_more_than_so_many_for_a_question(hall: Hall) -> None:
    for _ in range(ATTACHMENTS_LIMIT):
        assert (await hall.upload(AN))[0] == 201
    assert await hall.upload(AN) == (400, "too_many_attachments")
    assert (await hall.upload(CHAIR))[0] == 201


async def test_a_file_of_a_vote_on_several_items_is_for_whoever_may_know_of_them_all(hall: Hall) -> None:
    _, made = await hall.upload(AN)
    assert (await hall.cast(AN, **OPINION, attachment=made["id"]))[0] == 201
    await hall.stand(Phase.CLOSED)
    async with hall.here.uow.database.writing() as connection:
        # A block whose first item is the one the guest is asked for.
        await connection.execute(update(questions).values(item=SECOND, items=[SECOND, FIRST]))
    assert (await hall.ask(CHAIR, "GET", f"/attachments/{made['id']}"))[0] == 200
    assert await hall.ask(GUEST, "GET", f"/attachments/{made['id']}") == (404, "not_found")


async def test_a_retry_says_the_same_and_nothing_else(hall: Hall) -> None:
    first = await hall.cast(AN, **OPINION)
    assert first[0] == 201
    assert await hall.cast(AN, **OPINION) == first
    assert await hall.cast(AN, **{**OPINION, "opinion": "Giữ Điều 4"}) == (409, "equivocation")
    await hall.stand(Phase.PAUSED)
    assert await hall.cast(AN, **OPINION) == first
    assert await hall.cast(AN, choice="for", n=2) == (409, "question_paused")


async def test_a_vote_is_cast_for_whoever_gave_it_and_for_nobody_else(hall: Hall) -> None:
    status, own = await hall.cast(CHAIR, choice="for", n=1)
    assert status == 201
    status, given = await hall.cast(CHAIR, choice="against", n=1, **{"for": BINH})
    assert (status, given["voter"], given["choice"]) == (201, BINH, "against")
    assert own["number"] != given["number"]
    assert await hall.cast(CHAIR, choice="for", n=1, **{"for": AN}) == (403, "not_entitled")
    assert await hall.cast(AN, choice="for", n=1, **{"for": BINH}) == (403, "not_entitled")
    recorded = hall.here.recorder.events[-1]
    assert recorded.actor == CHAIR
    assert recorded.payload()["ballot"]["cast_by"] == CHAIR
    assert (await hall.ask(CHAIR, "GET", "/ballots/mine"))[1]["receipt"] == own
    assert (await hall.ask(CHAIR, "GET", f"/ballots/mine?for={BINH}"))[1]["receipt"] == given
    assert await hall.ask(AN, "GET", f"/ballots/mine?for={BINH}") == (404, "not_found")
