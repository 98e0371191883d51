"""A voter's own ballot, found again in the record; the vectors are what the browser's arithmetic is judged by."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request

from ecabinet.adapters.unit_of_work import UnitOfWork
from ecabinet.edge.routes import Call, Reply, SignedIn
from ecabinet.kernel.access import Action, Role, Standing
from ecabinet.kernel.canonical import canonical, digest
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import PersonId, QuestionId, SessionId
from ecabinet.ledger.merkle import leaf_hash, verify_inclusion
from ecabinet.ledger.notes import open_checkpoint, parse_key_line
from ecabinet.publication.http import PublicationHttp
from ecabinet.publication.proofs import proof_entry
from ecabinet.voting.events import BallotCast, QuestionPut
from tests.ledger.logs import record
from tests.publication.sessions import SIGNER, Session, held
from tests.publication.test_http import publication as published
from tests.publication.test_http import uow, what_happened
from tests.publication.test_service import Drafts, publication
from tests.voting.halls import MEETING, person

__all__ = ["uow"]
FIXTURE = Path(__file__).parents[1] / "fixtures" / "ballot-proofs.json"
Q1, Q2 = QuestionId("q1"), QuestionId("q2")
AWKWARD = 'Ý kiến “khác”: "a\\b"/\n\t\x1f\x7f\u2028 😀 ﬁ e\u0301'
"""Everything that two writers of JSON may spell differently."""


def past() -> Session:
    """The usual meeting, and a ballot whose text is hard to write down twice alike."""
    session = held()
    ballot = {"v": 1, "question": "q1", "question_hash": "0" * 64, "voter": person(5), "choice": "other", "n": 1}
    session.add(BallotCast(**{**session.next(), "actor": person(5)}, ballot={**ballot, "opinion": AWKWARD}))
    session.elsewhere()
    return session


async def proof_of(session: Session, voter: PersonId, question: QuestionId = Q1) -> Any:
    made = publication(session, Drafts())
    entry = await made.own_ballot(MEETING.id, question, voter)
    return proof_entry(await made.proof(entry, await made.sign(entry)))


def is_proven(proof: Any) -> bool:
    """The check that the protocol describes, step by step."""
    payload, entry, checkpoint = proof["payload"], proof["entry"], proof["checkpoint"]
    commitment = hashlib.sha256(bytes.fromhex(proof["salt"]) + canonical(payload)).hexdigest()
    name, key = parse_key_line(proof["key"])
    size, root = open_checkpoint(checkpoint["note"], name, key)
    leaf = leaf_hash(canonical(entry))
    path = [bytes.fromhex(each) for each in proof["proof"]]
    return (
        commitment == entry["commitment"]
        and (size, root.hex()) == (checkpoint["size"], checkpoint["root"])
        and verify_inclusion(leaf, entry["number"] - 1, size, path, root)
    )


@pytest.mark.parametrize("voter", range(6))
async def test_everybody_finds_his_own_ballot_and_it_is_proven(voter: int) -> None:
    proof = await proof_of(past(), person(voter))
    assert proof["payload"]["ballot"]["voter"] == person(voter)
    assert is_proven(proof)
    assert not is_proven({**proof, "salt": "00" * 16})
    assert not is_proven({**proof, "payload": {"ballot": {**proof["payload"]["ballot"], "choice": "against"}}})


async def test_the_highest_version_counts_however_late_another_came() -> None:
    session = past()
    assert (await proof_of(session, person(4)))["payload"]["ballot"]["n"] == 2
    assert (await proof_of(session, person(0)))["payload"]["ballot"]["n"] == 2


async def test_there_is_no_proof_of_what_is_not_ones_own() -> None:
    made = publication(past(), Drafts())
    for question, voter in ((Q1, PersonId("stranger")), (Q2, person(0)), (QuestionId("none"), person(1))):
        with pytest.raises(NotFound):
            await made.own_ballot(MEETING.id, question, voter)


async def test_a_ballot_that_was_erased_proves_nothing() -> None:
    session = past()
    entry = await publication(session, Drafts()).own_ballot(MEETING.id, Q1, person(1))
    await session.records.erase(entry.number)
    with pytest.raises(NotFound):
        await publication(session, Drafts()).own_ballot(MEETING.id, Q1, person(1))


async def test_the_newest_checkpoint_serves_while_it_covers_the_ballot() -> None:
    session = past()
    made = publication(session, Drafts())
    entry = await made.own_ballot(MEETING.id, Q1, person(1))
    assert await made.covering(entry) is None
    signed = await made.sign(entry)
    session.elsewhere()
    assert await made.covering(entry) == signed
    assert await made.sign(entry) == signed, "of many who ask together, the first has it signed for all"


async def test_the_door_gives_a_voter_his_own_proof_and_signs_when_it_must(uow: UnitOfWork) -> None:
    await record(uow, *what_happened())
    route = PublicationHttp(uow, published).routes()[1]
    assert (route.path, route.needs) == (
        "/api/meetings/{m}/questions/{q}/ballots/mine/proof",
        Action.CAST_BALLOT,
    )
    put = next(event for event in what_happened() if isinstance(event, QuestionPut))
    question = put.question.id
    request = make_mocked_request("GET", "/", match_info={"m": MEETING.id, "q": question})
    voter = person(1)
    signed_in = SignedIn(voter, SessionId("s"), is_admin=False)
    call = Call(request, Standing(voter, frozenset({Role.MEMBER})), signed_in, None)
    first, second = await route.handle(call), await route.handle(call)
    assert isinstance(first, Reply)
    assert isinstance(second, Reply)
    assert first.value == second.value
    assert is_proven(first.value)
    assert first.value["payload"]["ballot"]["voter"] == voter


async def test_the_browsers_vectors_are_those_of_this_code() -> None:
    session = past()
    vectors = []
    for voter in range(6):
        proof = await proof_of(session, person(voter))
        vectors.append({"hash": digest(proof["payload"]["ballot"]), "proof": proof})
    written = json.dumps(vectors, ensure_ascii=False, indent=1) + "\n"
    if os.environ.get("WRITE_FIXTURES"):
        FIXTURE.write_text(written, encoding="utf-8")
    assert FIXTURE.read_text(encoding="utf-8") == written, "WRITE_FIXTURES=1 renews them after a change of the wire"
    assert SIGNER.origin in vectors[0]["proof"]["key"]
