"""Playing a meeting: every act goes through the services and the unit of work, at the moment the story says.

So the record of the demo is a real record: its entries were made one after the other, each by the service that makes
them in life, and `ecabinet verify` holds it.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from ecabinet.adapters.pdf import count_pages
from ecabinet.adapters.unit_of_work import Act
from ecabinet.attendance.model import Mark
from ecabinet.house import House
from ecabinet.kernel.access import Role
from ecabinet.kernel.ids import BodyId, ItemId, MeetingId, PersonId, QuestionId
from ecabinet.meetings.model import Answer, ItemPlan, Plan
from ecabinet.meetings.service import Wanted as WantedParticipant
from ecabinet.papers.model import Names, Upload
from ecabinet.register.model import Matter
from ecabinet.voting.casting import Vote
from ecabinet.voting.model import Board
from ecabinet.voting.service import Wanted

from .printing import PaperPlan, Printer

_T = TypeVar("_T")
_LIMIT_BYTES = 20_000_000
_SPEECH_S = 300


@dataclass
class StoryClock:
    """Stands where the story is. See the Clock port."""

    at: datetime

    def now(self) -> datetime:
        return self.at


@dataclass(frozen=True, slots=True)
class Stage:
    """The house in which the story is played."""

    house: House
    clock: StoryClock
    people: Mapping[str, PersonId]
    bodies: Mapping[str, BodyId]

    async def act(self, at: datetime, work: Callable[[Act], Awaitable[_T]]) -> _T:
        """One act of someone, at that moment. The story never goes back."""
        assert at >= self.clock.at, f"the story is at {self.clock.at} already"
        self.clock.at = at
        return await self.house.uow.run(work)


@dataclass(frozen=True, slots=True)
class Ballots:
    """A vote as it went."""

    text: str
    choices: Mapping[str, str]
    """Username → what they chose in the end."""
    alternatives: tuple[str, ...] = ()
    """For a choice among several."""
    second_thoughts: Mapping[str, str] | None = None
    """Username → what they had chosen first."""
    lasts_s: int = 90
    board: tuple[str, ...] = ()
    """The tellers this vote elects, the head first."""


@dataclass(slots=True)
class Scene:
    """One meeting being played. Moments are minutes from its planned start."""

    stage: Stage
    printer: Printer
    starts_at: datetime
    chair: str
    secretary: str
    id: MeetingId = field(init=False)

    def moment(self, minute: float) -> datetime:
        """So many minutes after the planned start; before it when negative."""
        return self.starts_at + timedelta(minutes=minute)

    async def _act(self, minute: float, work: Callable[[Act], Awaitable[_T]]) -> _T:
        return await self.stage.act(self.moment(minute), work)

    def _who(self, username: str) -> PersonId:
        return self.stage.people[username]

    @property
    def _house(self) -> House:
        return self.stage.house

    # --- preparing ---

    async def create(self, minute: float, body: str, plan: Plan) -> None:
        """The secretary calls the meeting."""
        in_body, chair = self.stage.bodies[body], self._who(self.chair)
        self.id = await self._act(
            minute, lambda act: self._house.meetings(act).create(in_body, plan, chair, self._who(self.secretary))
        )

    async def add_items(self, minute: float, plans: Sequence[ItemPlan]) -> list[ItemId]:
        """The agenda."""
        by = self._who(self.secretary)

        async def add(act: Act) -> list[ItemId]:
            return [await self._house.meetings(act).add_item(self.id, each, by) for each in plans]

        return await self._act(minute, add)

    async def hang(self, minute: float, item: ItemId, papers: Sequence[PaperPlan]) -> None:
        """The secretary hangs papers on an item, all at one moment."""
        uploads = [await self._upload(each, self.moment(minute)) for each in papers]

        async def add(act: Act) -> None:
            for upload in uploads:
                await self._house.papers(act).add(self.id, item, upload, self._who(self.secretary))

        await self._act(minute, add)

    async def _upload(self, paper: PaperPlan, at: datetime) -> Upload:
        return await upload(self._house, await self.printer.set(paper, at), paper)

    async def after_papers_due(self, by: timedelta) -> float:
        """The minute so long after the papers were due."""
        async with self._house.uow.reading() as act:
            due = (await self._house.meetings(act).get(self.id)).papers_due
        assert due is not None, "the body's rules say when papers are due"
        return (due.at + by - self.starts_at) / timedelta(minutes=1)

    async def invite(self, minute: float, guests: Mapping[str, Sequence[ItemId]]) -> None:
        """Guests, each for certain items."""
        by = self._who(self.secretary)

        async def add(act: Act) -> None:
            for username, items in guests.items():
                wanted = WantedParticipant(self._who(username), Role.GUEST, frozenset(items))
                await self._house.meetings(act).set_participant(self.id, wanted, by)

        await self._act(minute, add)

    async def convene(self, minute: float) -> None:
        """The invitations go out."""
        await self._act(minute, lambda act: self._house.meetings(act).convene(self.id, self._who(self.secretary)))

    async def answer(
        self, minute: float, username: str, answer: Answer, reason: str | None = None, stand_in: str | None = None
    ) -> None:
        """Someone answers the invitation."""
        sent = self._who(stand_in) if stand_in else None
        await self._act(
            minute,
            lambda act: self._house.meetings(act).answer(self.id, answer, reason, sent, self._who(username)),
        )

    # --- who is there ---

    async def mark(self, minute: float, usernames: Sequence[str], mark: Mark | None, reason: str | None = None) -> None:
        """The secretary calls the roll."""
        by = self._who(self.secretary)

        async def call(act: Act) -> None:
            meeting = await self._house.meetings(act).get(self.id)
            for username in usernames:
                await self._house.attendance(act).mark(meeting, self._who(username), mark, reason, by)

        await self._act(minute, call)

    async def connect(self, minute: float, *usernames: str) -> None:
        """People come in from elsewhere."""

        async def enter(act: Act) -> None:
            for username in usernames:
                await self._house.attendance(act).connected(self.id, self._who(username))

        await self._act(minute, enter)

    async def disconnect(self, minute: float, *usernames: str) -> None:
        """Their connections end."""

        async def leave(act: Act) -> None:
            for username in usernames:
                await self._house.attendance(act).disconnected(self.id, self._who(username))

        await self._act(minute, leave)

    # --- leading ---

    async def open(self, minute: float) -> None:
        """The chair opens."""
        await self._act(minute, lambda act: self._house.meetings(act).open(self.id, self._who(self.chair)))

    async def close(self, minute: float) -> None:
        """The chair closes."""
        await self._act(minute, lambda act: self._house.meetings(act).close(self.id, self._who(self.chair)))

    async def start(self, minute: float, item: ItemId) -> None:
        """The next item."""
        await self._act(minute, lambda act: self._house.meetings(act).start_item(self.id, item, self._who(self.chair)))

    async def finish(self, minute: float, item: ItemId) -> None:
        """Done with an item, before the next one."""
        await self._act(minute, lambda act: self._house.meetings(act).finish_item(self.id, item, self._who(self.chair)))

    async def note(self, minute: float, item: ItemId, text: str) -> None:
        """The secretary writes down what is said."""
        by = self._who(self.secretary)
        await self._act(minute, lambda act: self._house.meetings(act).note_item(self.id, item, text, by))

    async def conclude(self, minute: float, item: ItemId, text: str) -> None:
        """The chair concludes."""
        by = self._who(self.chair)
        await self._act(minute, lambda act: self._house.meetings(act).conclude_item(self.id, item, text, by))

    async def speak(self, minute: float, username: str, minutes: float) -> None:
        """Someone is given the floor and speaks."""
        chair, who = self._who(self.chair), self._who(username)
        turn = await self._act(minute, lambda act: self._house.speaking(act).give_to(self.id, who, _SPEECH_S, chair))
        await self._act(minute + minutes, lambda act: self._house.speaking(act).end(self.id, turn, who, may_give=False))

    async def ask(self, minute: float, username: str) -> None:
        """Someone wants to speak."""
        await self._act(minute, lambda act: self._house.speaking(act).ask(self.id, self._who(username)))

    async def vote(self, minute: float, item: ItemId, ballots: Ballots) -> None:
        """A question is put, ballots come in one after the other, the chair closes."""
        matter = Matter.CHOICE if ballots.alternatives else Matter.RESOLUTION
        board = tuple(self._who(username) for username in ballots.board)
        seats = Board(board[0], board) if board else None
        wanted = Wanted(item, ballots.text, matter, ballots.alternatives, board=seats)
        chair = self._who(self.chair)
        question = await self._act(minute, lambda act: self._house.voting(act).put(self.id, wanted, chair))
        first = ballots.second_thoughts or {}
        for place, (username, choice) in enumerate(ballots.choices.items(), start=1):
            step = minute + ballots.lasts_s * place / (60 * (len(ballots.choices) + 2))
            if username in first:
                await self._cast(step - 0.05, question, username, Vote(first[username], 1))
            await self._cast(step, question, username, Vote(choice, 2 if username in first else 1))
        await self._act(
            minute + ballots.lasts_s / 60, lambda act: self._house.voting(act).close(self.id, question, chair)
        )

    async def _cast(self, minute: float, question: QuestionId, username: str, vote: Vote) -> None:
        who = self._who(username)
        await self._act(minute, lambda act: self._house.casting(act).cast(self.id, question, vote, who))


async def upload(house: House, content: bytes, paper: PaperPlan) -> Upload:
    """A paper that has been set, checked and kept."""
    pages: list[int] = []

    async def check(path: str) -> None:
        pages.append(count_pages(path) or 0)

    digest, size_bytes = await house.blobs.put(_once(content), _LIMIT_BYTES, check)
    return Upload(Names(paper.title, paper.filename), digest, size_bytes, pages[0])


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
