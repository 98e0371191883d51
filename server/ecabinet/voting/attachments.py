"""PDFs that go with an opinion: uploaded before the ballot that names them, read when the vote has ended."""

from dataclasses import dataclass

from ecabinet.kernel.clock import Clock
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import AttachmentId, ItemId, MeetingId, PersonId, QuestionId
from ecabinet.kernel.ports import Ids
from ecabinet.papers.model import Upload

from .ballots import counted
from .model import RUNNING, Attachment, NotEntitled, Phase, Question, QuestionNotOpen
from .ports import Ballots, Questions
from .refusals import TooManyAttachments
from .views import was_closed

ATTACHMENTS_LIMIT = 10
"""Files of one person for one question: each may be as large as a paper, and what was uploaded is kept."""


@dataclass(frozen=True, slots=True)
class Attachments:
    """Built afresh for each act, inside its transaction."""

    questions: Questions
    kept: Ballots
    ids: Ids
    clock: Clock

    async def require_adding(self, meeting: MeetingId, question: QuestionId, by: PersonId) -> None:
        """Whether this person may upload now: the vote runs, he answers in it for himself or for another, and has not
        uploaded too much.

        Raises NotFound, NotEntitled, QuestionNotOpen, TooManyAttachments, the first that applies.
        """
        asked = await self._question(meeting, question)
        if not any(by in {voter.person, voter.proxy} for voter in asked.roll.voters):
            raise NotEntitled()
        if asked.phase not in RUNNING:
            raise QuestionNotOpen(phase=asked.phase.value)
        if await self.kept.uploaded(question, by) >= ATTACHMENTS_LIMIT:
            raise TooManyAttachments(most=ATTACHMENTS_LIMIT)

    async def add(self, meeting: MeetingId, question: QuestionId, upload: Upload, by: PersonId) -> AttachmentId:
        """Keep what has arrived, for a ballot of this person to name. Raises as `require_adding`."""
        # Under the lock of the ballots: whoever uploads twice at once is counted one after the other.
        await self.kept.lock(meeting, question)
        await self.require_adding(meeting, question, by)
        added = Attachment(
            AttachmentId(self.ids.new()), question, by, upload.digest, upload.names.filename, upload.size_bytes
        )
        await self.kept.add_attachment(added, self.clock.now())
        return added.id

    async def get(
        self, meeting: MeetingId, question: QuestionId, attachment: AttachmentId
    ) -> tuple[tuple[ItemId, ...], Attachment]:
        """An attachment of a ballot that counts, with every item it was voted on under. Raises NotFound for any other,
        and for all of them until the vote has closed; one that was annulled afterwards has told what it told."""
        asked = await self._question(meeting, question)
        if asked.phase is Phase.CLOSED or was_closed(asked):
            for each in counted(await self.kept.of(question)):
                if each.file is not None and each.file.id == attachment:
                    return asked.subjects, each.file
        raise NotFound()

    async def _question(self, meeting: MeetingId, question: QuestionId) -> Question:
        found = await self.questions.get(meeting, question)
        if found is None:
            raise NotFound()
        return found
