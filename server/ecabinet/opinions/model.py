"""Slips: what is asked in writing, of whom, what they answered, and what the body's rule makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from ecabinet.kernel.errors import Conflict, Invalid, WrongPhase
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import BodyId, ItemId, MeetingId, OpinionId, PaperId, PersonId, ProfileId, QuestionId, SlipId
from ecabinet.register.model import Matter, Words
from ecabinet.voting.model import Option, Strength, Verdict


class Phase(StrEnum):
    """Where a slip stands. `rules.NEXT` says what leads where."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    """Before the head of the body, who sends or returns it."""
    RETURNED = "returned"
    """Back with those who prepare it: a draft again, with a reason."""
    SENT = "sent"
    ENDED = "ended"
    RECALLED = "recalled"
    """Taken back after it was sent: nothing that was answered counts."""


WRITTEN_IN = frozenset({Phase.DRAFT, Phase.RETURNED})
"""While what is asked may still change."""
KNOWN_TO_MEMBERS = frozenset({Phase.SENT, Phase.ENDED, Phase.RECALLED})


class Secrecy(StrEnum):
    """Whether an answer is shown with its name once the slip has ended."""

    OPEN = "open"
    CLOSED = "closed"
    """Names and answers are never shown together, to anybody but the member himself."""


class EndCause(StrEnum):
    """Why no answer is waited for any more."""

    DEADLINE = "deadline"
    ALL_ANSWERED = "all_answered"


class ReportKind(StrEnum):
    """As what a slip came before a meeting."""

    REPORT = "report"
    """Its result, for information."""
    AGENDA = "agenda"
    """The matter itself, for decision."""


@dataclass(frozen=True, slots=True)
class Named:
    """A person under the name of the day."""

    person: PersonId
    name: str


@dataclass(frozen=True, slots=True)
class Wording:
    """One content of a slip as it is drafted."""

    text: str
    matter: Matter
    """RESOLUTION (the body's answer words) or CHOICE."""
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a slip is to be: the part that is written before it is sent."""

    title: str
    text: str
    """What it is about, for who answers; may be empty."""
    secrecy: Secrecy
    deadline: datetime
    """The first moment at which no answer is taken any more."""
    reminders_h: tuple[int, ...]
    """Hours before the deadline at which those who have not answered are reminded, the longest first."""
    ends_when_all_answered: bool
    """Whether the last answer ends the slip, or the head does."""
    questions: tuple[Wording, ...]


@dataclass(frozen=True, slots=True)
class SlipQuestion:
    """One content of a slip with what may be answered."""

    id: QuestionId
    number: int
    """1, 2, 3 … on its slip."""
    text: str
    matter: Matter
    alternatives: tuple[str, ...]
    options: tuple[Option, ...]
    rule: Words
    """What the decision needs, in one sentence."""
    article: Words


@dataclass(frozen=True, slots=True)
class Asked:
    """A member to whom the slip was sent."""

    person: PersonId
    name: str
    post: str
    """In Vietnamese, as official papers write it."""
    order: int
    """Order of protocol."""
    is_head: bool = False


@dataclass(frozen=True, slots=True)
class Sending:
    """What was frozen when the slip was sent."""

    at: datetime
    by: Named
    roll: tuple[Asked, ...]
    """Every member with a vote, in order of protocol."""
    strength: Strength
    profile: ProfileId
    profile_version: str
    digest: str
    """SHA-256 of what was asked and handed out (`sheets.wording`): what each answer names. Lower-case hex."""
    silence: Words | None
    """What it means not to answer, by the body's rules."""


@dataclass(frozen=True, slots=True)
class Extension:
    """The deadline was put off."""

    at: datetime
    since: datetime
    """The deadline until then."""
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Reminder:
    """Those who had not answered were reminded."""

    at: datetime
    hours: int
    """So long before the deadline it was due."""
    deadline: datetime


@dataclass(frozen=True, slots=True)
class SlipPaper:
    """A PDF given with the slip."""

    id: PaperId
    title: str
    filename: str
    size_bytes: int
    pages: int
    digest: str
    position: int
    """1, 2, 3 …, with gaps where papers were removed."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one question."""

    question: QuestionId
    counts: Mapping[str, int]
    """Answers given, by option key; silence is not among them, whatever it means."""
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Ending:
    """How a slip ended."""

    at: datetime
    cause: EndCause
    answered: int
    """How many answered it."""
    results: tuple[Result, ...]
    """In the order of the questions."""


@dataclass(frozen=True, slots=True)
class Recall:
    """That a slip was taken back, and why."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """A meeting before which the slip came."""

    meeting: MeetingId
    item: ItemId
    kind: ReportKind
    at: datetime


@dataclass(frozen=True, slots=True)
class Slip:
    """A decision asked in writing of all members of a body with a vote."""

    id: SlipId
    body: BodyId
    number: int
    """1, 2, 3 … in the body."""
    plan: Plan
    questions: tuple[SlipQuestion, ...]
    drafted_at: datetime
    drafted_by: Named
    phase: Phase = Phase.DRAFT
    version: int = 1
    """Grows with everything that anybody may see change."""
    submitted_at: datetime | None = None
    return_reason: str | None = None
    """Why the head gave it back the last time; None once it has been submitted again."""
    papers: tuple[SlipPaper, ...] = ()
    sending: Sending | None = None
    due_since: datetime | None = None
    """When the present deadline was set: reminders that were due earlier are not made up for."""
    extensions: tuple[Extension, ...] = ()
    reminders: tuple[Reminder, ...] = ()
    ending: Ending | None = None
    recall: Recall | None = None
    reports: tuple[Report, ...] = ()

    def require(self, phases: frozenset[Phase]) -> None:
        """Raises SlipWrongPhase when the slip is in none of them."""
        if self.phase not in phases:
            raise SlipWrongPhase(phase=self.phase.value)

    @property
    def roll(self) -> tuple[Asked, ...]:
        """Who is asked; nobody before it is sent."""
        return self.sending.roll if self.sending else ()

    @property
    def deadline(self) -> datetime:
        """As it stands."""
        return self.plan.deadline

    def asks(self, person: PersonId) -> bool:
        """Whether the person is on the frozen roll."""
        return any(each.person == person for each in self.roll)

    def is_overdue(self, at: datetime) -> bool:
        """Whether the deadline has passed and the answers have not been counted yet."""
        return self.phase is Phase.SENT and at >= self.deadline

    def remind_at(self, hours: int) -> datetime:
        """When that reminder is due."""
        return self.deadline - timedelta(hours=hours)

    def question(self, question: QuestionId) -> SlipQuestion:
        """Raises KeyError when the slip does not ask it."""
        return {each.id: each for each in self.questions}[question]

    def moved(self, **changed: Any) -> "Slip":
        """The slip with these fields, one version on."""
        return replace(self, version=self.version + 1, **changed)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a member says to one question."""

    question: QuestionId
    choice: str
    """An option's key; empty in an unfinished draft."""
    text: str = ""
    """Another opinion or a comment."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One version of one member's answers to all questions."""

    slip: SlipId
    voter: PersonId
    n: int
    """1, 2, 3 …, chosen by the member's own device: the highest one counts, however late it arrives."""
    answers: tuple[Answer, ...]
    """In the order of the questions."""
    sent_at: datetime
    """When the server received it, UTC."""


@dataclass(frozen=True, slots=True)
class KeptSheet:
    """A sheet as it stands in the record."""

    sheet: Sheet
    number: int
    """Its entry in the ledger."""
    hash: str
    """SHA-256 of the canonical sheet, lower-case hex."""


@dataclass(frozen=True, slots=True)
class SheetReceipt:
    """What a member is given, after the commit and never before."""

    slip: SlipId
    n: int
    number: int
    hash: str
    at: datetime
    is_current: bool
    """Whether no higher version is stored."""


CanonicalSheet = dict[str, Any]
"""{v, slip, slip_hash, voter, n, answers: [{question, choice, text}]}: what is hashed into the record."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """A text somebody gave, set free at the end to be replied to."""

    id: OpinionId
    slip: SlipId
    question: QuestionId
    position: int
    """1, 2, 3 … on its slip: by question, then by protocol; in a closed slip by the text itself."""
    by: Named | None
    """None in a closed slip: whose it is lies with the sheet alone."""
    choice: str
    text: str
    reply: str = ""
    """What the drafter says to it."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """What somebody is to a body."""

    person: PersonId
    prepares: bool = False
    """A secretary of the body."""
    decides: bool = False
    """Its head."""
    sits: bool = False
    """A member of it, with or without a vote."""


@dataclass(frozen=True, slots=True)
class Change:
    """What an act does: the slip afterwards, and the event that says so."""

    slip: Slip
    event: Event


# --- refusals ---


class SlipWrongPhase(WrongPhase):
    """The act does not exist in this phase of the slip. Detail: phase."""


class SlipEnded(WrongPhase):
    """No answer is taken any more: ended, recalled, or the deadline has passed. Detail: phase."""

    code = "slip_ended"


class SlipsNotKnown(Conflict):
    """The body's rules know no decisions in writing."""

    code = "slips_not_known"


class DeadlinePassed(Conflict):
    """The deadline lies behind us."""

    code = "deadline_passed"


class DeadlineNotLater(Conflict):
    """An extension ends later than the deadline it puts off, and in the future."""

    code = "deadline_not_later"


class NobodyToAsk(Conflict):
    """No member of the body has a vote today."""

    code = "nobody_to_ask"


class NotAllAnswered(Conflict):
    """Before its deadline a slip ends only when everybody has answered. Detail: asked, answered."""

    code = "not_all_answered"


class SheetIncomplete(Invalid):
    """A sheet answers every question once, and none that is not asked. Detail: missing."""

    code = "sheet_incomplete"


class OpinionWithoutText(Invalid):
    """Another opinion has to be said. Detail: question."""

    code = "opinion_without_text"


class SlipIsOnAgenda(Conflict):
    """That meeting has it already. Detail: meeting, item."""

    code = "slip_is_on_agenda"


class SlipSettled(Conflict):
    """Everything was adopted and nobody had another opinion: there is nothing to bring before a meeting."""

    code = "slip_settled"
