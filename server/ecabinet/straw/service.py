"""Asking the room without names."""

from collections.abc import Sequence
from dataclasses import dataclass

from ecabinet.kernel.clock import Clock
from ecabinet.kernel.ids import ItemId, MeetingId, PersonId, StrawPollId
from ecabinet.kernel.ports import Ids, Transaction
from ecabinet.meetings.model import Act

from . import rules
from .model import Status, StrawPoll
from .ports import AttendanceOf, MeetingsOf, StrawPolls, VotingOf


@dataclass(frozen=True, slots=True)
class Straw:
    """Built afresh for each act, inside its transaction."""

    tx: Transaction
    polls: StrawPolls
    meetings: MeetingsOf
    attendance: AttendanceOf
    voting: VotingOf
    ids: Ids
    clock: Clock

    async def ask(self, meeting: MeetingId, text: str, labels: Sequence[str], by: PersonId) -> StrawPollId:
        """Ask those who are there. Raises as rules.ask does; QuestionOpen, StrawPollOpen."""
        held = await self.meetings.get(meeting)
        rules.require_no_vote(await self.voting.open_question(meeting))
        present = [each.person for each in await self.attendance.present_voters(held)]
        item = held.current_item
        recused = await self.attendance.recused(held, [item.id]) if item else frozenset()
        wanted = (StrawPollId(self.ids.new()), text, labels)
        poll = rules.ask(held, wanted, rules.who_answers(present, recused), Act(by, self.clock.now()))
        await self.polls.add(poll)
        await self.tx.record(rules.opened(poll))
        return poll.id

    async def answer(self, meeting: MeetingId, poll: StrawPollId, choice: str, by: PersonId) -> None:
        """Drop an answer into the box. Nothing is recorded of it: who, what and when must not stand together.

        Raises as rules.answer does; NotFound.
        """
        asked = await self.polls.lock(meeting, poll)
        has_answered = await self.polls.has_answered(poll, by)
        rules.answer(asked, await self.meetings.get(meeting), choice, by, has_answered=has_answered)
        await self.polls.put(poll, by, choice)

    async def close(self, meeting: MeetingId, poll: StrawPollId, by: PersonId) -> None:
        """Count, and destroy what was counted. Raises as rules.close does; NotFound."""
        asked = await self.polls.lock(meeting, poll)
        ended, event = rules.close(asked, await self.polls.box(poll), Act(by, self.clock.now()))
        await self.polls.finish(ended)
        await self.tx.record(event)

    async def cancel(self, meeting: MeetingId, poll: StrawPollId, reason: str, by: PersonId) -> None:
        """Call it off and destroy what came in. Raises as rules.cancel does; NotFound."""
        asked = await self.polls.lock(meeting, poll)
        ended, event = rules.cancel(asked, reason, Act(by, self.clock.now()))
        await self.polls.finish(ended)
        await self.tx.record(event)

    async def end_all(self, meeting: MeetingId, by: PersonId) -> None:
        """The meeting ends: what is still open is called off, and nothing stays in its box. Records what it ends."""
        for poll in await self.polls.of(meeting):
            if poll.status is Status.OPEN:
                await self.cancel(meeting, poll.id, rules.MEETING_ENDED, by)

    async def subject(self, meeting: MeetingId, poll: StrawPollId | None = None) -> ItemId | None:
        """The item a poll is about, or that a new one would be about; None when none is before the meeting. Raises
        NotFound."""
        if poll is not None:
            return (await self.polls.get(meeting, poll)).item
        current = (await self.meetings.get(meeting)).current_item
        return current.id if current else None

    async def of(self, meeting: MeetingId) -> list[StrawPoll]:
        """All of a meeting, oldest first."""
        return await self.polls.of(meeting)

    async def answered(self, meeting: MeetingId, poll: StrawPollId) -> int:
        """How many have answered so far, or had at the end. Raises NotFound."""
        asked = await self.polls.get(meeting, poll)
        return asked.answered if asked.answered is not None else await self.polls.answered(poll)

    async def has_answered(self, meeting: MeetingId, poll: StrawPollId, person: PersonId) -> bool:
        """Whether the person's answer is in the box of an open poll. Raises NotFound."""
        return await self.polls.has_answered((await self.polls.get(meeting, poll)).id, person)
