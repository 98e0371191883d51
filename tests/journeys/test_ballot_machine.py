"""The real application against a model of what ballots may do, in sequences that Hypothesis thinks of.

The model is the one that tests/voting/test_machine.py tries exhaustively, said once more without the product's rules:
a version is kept once and never changes, the highest one counts however late it came, and a close is wholly after some
ballots and wholly before the others. Here the steps go over HTTP to an application on a real database; what is sent at
once really races, and the application is killed in the middle of it and started again.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeVar

import hypothesis
import pytest
from hypothesis import settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from ecabinet.app import audit
from ecabinet.house import House
from ecabinet.kernel.ids import PersonId
from tests.voting.application import Application
from tests.voting.assembly import (
    CHOICES,
    Answer,
    Council,
    Lost,
    Sitting,
    cast,
    convened,
    counts_of,
    founded,
    put,
    rows_of,
)

T = TypeVar("T")
VOTERS = 3
RESTARTS = 1
"""In one run at most: it takes as long as fifty ballots."""
PATIENCE_S = 60

Ending = Literal["close", "cancel"]


# --- the application, which may be killed and started again ---


@dataclass
class Site:
    """An application in a process of its own; the machine stands in a thread beside the test's loop."""

    council: Council
    loop: asyncio.AbstractEventLoop
    application: Application
    house: House
    """To prepare meetings with, and to look at the database."""

    async def restart(self) -> None:
        """It is killed; the next one has nothing but the database."""
        self.application.end()
        await self.application.start()

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """From the machine's thread."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE_S)

    async def ask(self, person: PersonId, method: str, path: str) -> Answer:
        device = self.council.device(person)
        try:
            return await device.ask(method, path)
        finally:
            device.close()


@asynccontextmanager
async def site_on(url: str, folder: Path) -> AsyncIterator[Site]:
    council = await founded(folder, url, VOTERS)
    site = Site(council, asyncio.get_running_loop(), Application(council.settings), House(council.settings))
    try:
        await site.application.start()
        yield site
    finally:
        site.application.end()
        await site.house.database.close()


# --- the model ---


@dataclass(frozen=True, slots=True, order=True)
class Sent:
    """A ballot as a device sends it."""

    voter: int
    n: int
    choice: str

    @property
    def key(self) -> tuple[int, int]:
        return self.voter, self.n

    def __str__(self) -> str:
        return f"{self.voter}'s version {self.n} ({self.choice})"


@dataclass
class Model:
    """One question, as it must be."""

    phase: str = "open"
    kept: dict[tuple[int, int], str] = field(default_factory=dict)
    receipts: dict[tuple[int, int], tuple[int, str]] = field(default_factory=dict)

    def expected(self, sent: Sent) -> tuple[int, str | None]:
        """What is answered to a ballot that arrives alone: the status and the refusal's code."""
        if self.kept.get(sent.key) == sent.choice:
            return 201, None
        if self.phase != "open":
            return 409, "question_not_open"
        return (409, "equivocation") if sent.key in self.kept else (201, None)

    def acknowledged(self, sent: Sent, receipt: Any) -> None:
        """A receipt was given: once and for all."""
        assert self.kept.setdefault(sent.key, sent.choice) == sent.choice, f"{sent} replaced another answer"
        stated = receipt["number"], receipt["hash"]
        assert self.receipts.setdefault(sent.key, stated) == stated, f"{sent} has two receipts"
        assert (receipt["choice"], receipt["n"]) == (sent.choice, sent.n)

    def newest(self) -> dict[int, tuple[int, str]]:
        """The version of each voter that counts, with its answer."""
        return {voter: (n, choice) for (voter, n), choice in sorted(self.kept.items())}


SENDS = strategies.builds(
    Sent, strategies.integers(0, VOTERS - 1), strategies.integers(1, 4), strategies.sampled_from(CHOICES)
)
RUSHES = strategies.lists(SENDS, min_size=2, max_size=6)
VOTER = strategies.integers(0, VOTERS - 1)
CHOICE = strategies.sampled_from(CHOICES)


class BallotMachine(RuleBasedStateMachine):
    """What a chair and three voters can do, one after the other and at once."""

    def __init__(self, site: Site) -> None:
        super().__init__()
        self.site = site
        self.model = Model()
        self.question = ""
        self.restarts = 0
        self.sitting: Sitting
        self.past: list[tuple[str, Model]] = []

    @property
    def members(self) -> tuple[PersonId, ...]:
        return self.site.council.members

    # --- steps ---

    @initialize()
    def the_council_meets(self) -> None:
        if not self.site.application.is_up:
            # A run that failed in the middle of a restart has left it so.
            self.site.call(self.site.restart())
        self.sitting = self.site.call(convened(self.site.house, self.site.council))
        self._put()

    @precondition(lambda self: self.model.phase != "open")
    @rule()
    def put_the_next_question(self) -> None:
        self.past.append((self.question, self.model))
        self._put()

    @rule(voter=VOTER, choice=CHOICE)
    def change(self, voter: int, choice: str) -> None:
        """As the page does: one version higher than any before."""
        highest = max((n for who, n in self.model.kept if who == voter), default=0)
        self._send(Sent(voter, highest + 1, choice))

    @rule(sent=SENDS)
    def send(self, sent: Sent) -> None:
        """Any version: too late, once more, or with another answer than another device of the same voter sent."""
        self._send(sent)

    @rule(which=strategies.integers(0, 20))
    def send_again(self, which: int) -> None:
        """The answer was lost on its way to the device."""
        # No precondition: what is kept after a race is chance, and Hypothesis could not take the same steps twice.
        if self.model.kept:
            key = sorted(self.model.kept)[which % len(self.model.kept)]
            self._send(Sent(*key, self.model.kept[key]))

    @rule(rush=RUSHES)
    def send_at_once(self, rush: list[Sent]) -> None:
        self._rush(rush, None)

    @precondition(lambda self: self.model.phase == "open")
    @rule(rush=RUSHES, ending=strategies.sampled_from(["close", "close", "cancel"]), place=strategies.integers(0, 6))
    def end_at_the_same_time(self, rush: list[Sent], ending: Ending, place: int) -> None:
        self._rush(rush, ending, place)

    @rule(ending=strategies.sampled_from(["close", "close", "cancel"]))
    def end(self, ending: Ending) -> None:
        answer = self.site.call(self._ended(ending))
        if self.model.phase == "open":
            assert answer.status == 204, answer
            self._has_ended(ending)
        else:
            assert answer == Answer(409, "question_not_open")

    @rule(voter=VOTER)
    def reload(self, voter: int) -> None:
        """The page knows again what it sent, and its receipt."""
        answer = self.site.call(
            self.site.ask(self.members[voter], "GET", self.sitting.ballots(self.question) + "/mine")
        )
        if voter not in self.model.newest():
            assert answer == Answer(404, "not_found")
            return
        n, choice = self.model.newest()[voter]
        assert (answer.value["n"], answer.value["choice"]) == (n, choice)
        receipt = answer.value["receipt"]
        assert (receipt["number"], receipt["hash"]) == self.model.receipts[voter, n]
        assert receipt["is_current"]

    @precondition(lambda self: self.restarts < RESTARTS)
    @rule()
    def restart(self) -> None:
        self.restarts += 1
        self.site.call(self.site.restart())
        self._check()

    @precondition(lambda self: self.restarts < RESTARTS)
    @rule(rush=RUSHES, is_closing=strategies.booleans(), after_ms=strategies.integers(0, 30))
    def crash(self, rush: list[Sent], is_closing: bool, after_ms: int) -> None:
        """With ballots, and perhaps a close, on their way."""
        self.restarts += 1
        self._rush(rush, "close" if is_closing else None, len(rush), crash_after_ms=after_ms)

    def teardown(self) -> None:
        if self.question:
            if self.model.phase == "open":
                self.end("close")
            for question, model in self.past:
                self.question, self.model = question, model
                self._check()

    # --- doing it ---

    def _put(self) -> None:
        async def by_the_chair() -> str:
            device = self.site.council.device(self.site.council.chair)
            try:
                return await put(device, self.sitting)
            finally:
                device.close()

        self.question, self.model = self.site.call(by_the_chair()), Model()

    def _send(self, sent: Sent) -> None:
        expected = self.model.expected(sent)
        answer = self.site.call(self._sent(sent))
        code = answer.value if answer.status >= 400 else None
        assert (answer.status, code) == expected, f"{sent}: {answer}, and {expected} is right"
        if answer.status == 201:
            self.model.acknowledged(sent, answer.value)
            is_current = sent.n == self.model.newest()[sent.voter][0]
            assert answer.value["is_current"] == is_current, f"{sent}: {answer}"

    async def _sent(self, sent: Sent) -> Answer:
        device = self.site.council.device(self.members[sent.voter])
        try:
            return await cast(device, self.sitting, self.question, sent.choice, sent.n)
        finally:
            device.close()

    async def _ended(self, ending: Ending) -> Answer:
        device = self.site.council.device(self.site.council.chair)
        body = {"reason": "mất điện"} if ending == "cancel" else None
        try:
            return await device.ask("POST", self.sitting.at(f"/questions/{self.question}/{ending}"), body)
        finally:
            device.close()

    def _rush(self, rush: list[Sent], ending: Ending | None, place: int = 0, crash_after_ms: int | None = None) -> None:
        was_open = self.model.phase == "open"
        answers, end = self.site.call(self._together(rush, ending, place, crash_after_ms))
        if end is not None and end.status == 204:
            assert was_open, "ended twice"
        if ending and was_open:
            self._has_ended(ending, check=False)
        for sent, answer in zip(rush, answers, strict=True):
            if answer.status == 201:
                self.model.acknowledged(sent, answer.value)
        for sent, answer in zip(rush, answers, strict=True):
            self._refused_rightly(sent, answer, can_be_over=not was_open or ending is not None)
        self._check()

    def _refused_rightly(self, sent: Sent, answer: Answer, *, can_be_over: bool) -> None:
        if answer.status == 201:
            return
        kept = self.model.kept.get(sent.key)
        assert kept != sent.choice, f"{sent} is kept, and was refused: {answer}"
        if answer == Answer(409, "equivocation"):
            assert kept is not None, f"{sent}: nothing else has this version"
        else:
            assert answer == Answer(409, "question_not_open"), f"{sent}: {answer}"
            assert can_be_over, f"{sent} was refused while the vote was open"

    async def _together(
        self, rush: list[Sent], ending: Ending | None, place: int, crash_after_ms: int | None
    ) -> tuple[list[Answer], Answer | None]:
        """All at once. What is left without an answer by a crash is sent again, as the page does."""
        works: list[partial[Coroutine[Any, Any, Answer]]] = [partial(self._sent, sent) for sent in rush]
        if ending:
            works.insert(min(place, len(rush)), partial(self._ended, ending))
        async with asyncio.TaskGroup() as tasks:
            under_way = [tasks.create_task(_unless_lost(work)) for work in works]
            if crash_after_ms is not None:
                await asyncio.sleep(crash_after_ms / 1000)
                await self.site.restart()
        answers = [task.result() for task in under_way]
        if ending:
            # The chair first: whether the vote is over is what the others have to be told.
            at = min(place, len(rush))
            answers.insert(0, answers.pop(at))
            works.insert(0, works.pop(at))
        found = [answer or await work() for answer, work in zip(answers, works, strict=True)]
        return (found[1:], found[0]) if ending else (found, None)

    # --- looking ---

    def _has_ended(self, ending: Ending, *, check: bool = True) -> None:
        self.model.phase = "closed" if ending == "close" else "cancelled"
        if check:
            self._check()

    def _check(self) -> None:
        """What is kept is what was acknowledged, and what was counted is the newest of it."""
        rows = self.site.call(rows_of(self.site.house.database, self.question))
        kept = {(self.members.index(row.voter), row.n): row for row in rows}
        assert len(kept) == len(rows)
        assert {key: row.choice for key, row in kept.items()} == self.model.kept
        assert {key: (row.number, row.hash) for key, row in kept.items()} == self.model.receipts
        if self.model.phase == "closed":
            self._check_verdict()

    def _check_verdict(self) -> None:
        newest = self.model.newest()
        by_hand = Counter(choice for _, choice in newest.values())
        counts = self.site.call(counts_of(self.site.house.database, self.question))
        counted = {"for": counts["votes_for"], "against": counts["votes_against"], "abstain": counts["abstained"]}
        assert counted == {choice: by_hand[choice] for choice in CHOICES}, f"{self.model.kept}"
        assert counts["not_voted"] == VOTERS - len(newest)
        shown = self.site.call(self.site.ask(self.site.council.chair, "GET", self.sitting.at()))
        listed = shown.value["view"]["questions"][self.question]["ballots"]
        assert {entry["person"]: (entry["choice"], entry["number"]) for entry in listed} == {
            self.members[voter]: (choice, self.model.receipts[voter, n][0]) for voter, (n, choice) in newest.items()
        }


async def _unless_lost(work: "partial[Coroutine[Any, Any, Answer]]") -> Answer | None:
    try:
        return await work()
    except Lost:
        return None


GATE = settings(max_examples=8, stateful_step_count=25, print_blob=False)
NIGHT = settings(max_examples=25, stateful_step_count=60, print_blob=False)


@pytest.mark.parametrize(
    ("night", "wanted"),
    [
        pytest.param(None, GATE, id="gate"),
        # Ten times twenty-five on each of the two databases; each another twenty-five.
        *(pytest.param(night, NIGHT, marks=pytest.mark.slow, id=f"night-{night}") for night in range(10)),
    ],
)
async def test_ballots_do_what_the_model_does(
    database_url: str, tmp_path: Path, night: int | None, wanted: settings
) -> None:
    async with site_on(database_url, tmp_path) as site:
        factory: Any = partial(BallotMachine, site)
        if night is not None:
            factory = hypothesis.seed(night)(factory)
        await asyncio.to_thread(run_state_machine_as_test, factory, settings=wanted)
        assert await audit(site.council.settings) > 0
