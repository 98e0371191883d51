"""Who may do what: grants as data, asked in one place, denied by default.

A person has roles in a scope: the installation, a body, or a meeting. `GRANTS` says which acts a role carries.
`decide` is the only code that compares roles. Administrators run the system and read no papers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from .errors import NotAllowed, NotFound
from .ids import BodyId, ItemId, MeetingId, PersonId


class Role(StrEnum):
    """What a person is in a scope: the first two in the installation, three in a body, the rest in a meeting."""

    ACCOUNT = "account"
    ADMIN = "admin"
    BODY_SECRETARY = "body_secretary"
    BODY_MEMBER = "body_member"
    BODY_HEAD = "body_head"
    """Holds the post that leads the body; beside being a member of it."""
    CHAIR = "chair"
    SECRETARY = "secretary"
    MEMBER = "member"
    STAND_IN = "stand_in"
    GUEST = "guest"
    TELLER = "teller"
    """On the tellers' board that the meeting elected; beside the role the person has in the meeting anyway."""


class Action(StrEnum):
    """Every act of the wire. A route or socket event declares exactly one; nothing else may be asked."""

    PUBLIC = "public"
    """Open to anyone, signed in or not: sign-in itself, health, the page's own files."""
    BE_SIGNED_IN = "account.be_signed_in"
    READ_METRICS = "system.metrics"

    READ_BODY = "body.read"
    CONVENE = "meeting.create"

    READ_SLIP = "slip.read"
    PREPARE_SLIP = "slip.prepare"
    COMMENT_SLIP = "slip.comment"
    """Say something to one member's sheet; it never counts."""
    DECIDE_SLIP = "slip.decide"
    """Send it or return it, extend, recall, end."""
    ANSWER_SLIP = "slip.answer"

    READ_MEETING = "meeting.read"
    PREPARE_MEETING = "meeting.prepare"
    ANSWER_INVITATION = "meeting.answer"
    LEAD_MEETING = "meeting.lead"
    """Open, pause, close; the next item."""
    ENTER_MEETING = "meeting.enter"
    NOTE_ITEM = "item.note"
    CONCLUDE_ITEM = "item.conclude"

    READ_PAPER = "paper.read"
    ADD_PAPER = "paper.add"

    CALL_ROLL = "attendance.call_roll"
    RECUSE = "attendance.recuse"
    """Withdraw from an item. Oneself; somebody else only for those who call the roll."""

    DECLARE_POSITION = "position.declare"
    """Say before the meeting what one thinks of an item."""

    ASK_FLOOR = "floor.ask"
    GIVE_FLOOR = "floor.give"

    JOIN_MEDIA = "media.join"
    MODERATE_MEDIA = "media.moderate"

    DECIDE_RECORDING = "recording.decide"
    """Whether the session is recorded. The chair's alone."""
    KEEP_RECORDING = "recording.keep"
    """See and hear what was recorded, and who knows of it."""

    PUT_QUESTION = "question.put"
    PLAN_QUESTIONS = "question.plan"
    """Write down what is put on an item, in which order."""
    GIVE_PROXY = "proxy.give"
    """Let a member vote for an absent one. For oneself; for somebody else only those who prepare the meeting."""
    CAST_BALLOT = "ballot.cast"

    ENTER_HANDS = "hall.enter"
    """Write down a show of hands."""
    CONFIRM_HANDS = "hall.confirm"
    """Write it down a second time, without having seen the first sheet."""
    COUNT_PAPERS = "hall.count"
    """Enter and confirm what was in the box."""

    DRAFT_MINUTES = "minutes.draft"
    READ_MINUTES = "minutes.read"
    EXPORT_RECORD = "record.export"


_ATTEND = frozenset(
    {
        Action.READ_MEETING,
        Action.ANSWER_INVITATION,
        Action.ENTER_MEETING,
        Action.READ_PAPER,
        Action.ASK_FLOOR,
        Action.JOIN_MEDIA,
        Action.RECUSE,
    }
)
_STAY = _ATTEND | {Action.READ_MINUTES, Action.EXPORT_RECORD}

GRANTS: Mapping[Role, frozenset[Action]] = {
    Role.ACCOUNT: frozenset({Action.PUBLIC, Action.BE_SIGNED_IN}),
    Role.ADMIN: frozenset({Action.READ_METRICS}),
    # Whoever prepares a slip never answers it, nor does a stand-in: ANSWER_SLIP goes with a seat in the body alone.
    Role.BODY_SECRETARY: frozenset(
        {Action.READ_BODY, Action.CONVENE, Action.READ_SLIP, Action.PREPARE_SLIP, Action.COMMENT_SLIP}
    ),
    Role.BODY_MEMBER: frozenset({Action.READ_BODY, Action.READ_SLIP, Action.ANSWER_SLIP}),
    Role.BODY_HEAD: frozenset({Action.DECIDE_SLIP}),
    Role.CHAIR: _STAY
    | {
        Action.LEAD_MEETING,
        Action.CONCLUDE_ITEM,
        Action.NOTE_ITEM,
        Action.GIVE_FLOOR,
        Action.MODERATE_MEDIA,
        Action.DECIDE_RECORDING,
        Action.KEEP_RECORDING,
        Action.PUT_QUESTION,
        Action.PLAN_QUESTIONS,
        Action.GIVE_PROXY,
        Action.CAST_BALLOT,
        Action.DECLARE_POSITION,
        Action.CONFIRM_HANDS,
        Action.CALL_ROLL,
        Action.DRAFT_MINUTES,
    },
    Role.SECRETARY: _STAY
    | {
        Action.PREPARE_MEETING,
        Action.ADD_PAPER,
        Action.NOTE_ITEM,
        Action.CONCLUDE_ITEM,
        Action.PLAN_QUESTIONS,
        Action.GIVE_PROXY,
        Action.CALL_ROLL,
        Action.MODERATE_MEDIA,
        Action.KEEP_RECORDING,
        Action.DRAFT_MINUTES,
        Action.ENTER_HANDS,
        Action.CONFIRM_HANDS,
    },
    Role.MEMBER: _STAY | {Action.CAST_BALLOT, Action.DECLARE_POSITION, Action.GIVE_PROXY},
    # A stand-in speaks and never votes: no grant of CAST_BALLOT, whatever the absent member may have written.
    Role.STAND_IN: _STAY,
    Role.GUEST: _ATTEND,
    Role.TELLER: frozenset({Action.COUNT_PAPERS}),
}
"""Acts by role. The whole of the authorisation; a change here is a change of the law of the house."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person is, here and now, in the scope of one request."""

    person: PersonId | None
    """None for someone who has not signed in."""
    roles: frozenset[Role]
    body: BodyId | None = None
    meeting: MeetingId | None = None
    items: frozenset[ItemId] | None = None
    """The agenda items this person may know of; None means all. Only guests are limited."""
    recused: frozenset[ItemId] = frozenset()
    """The items this person has withdrawn from: known by their titles, and nothing more."""

    def may(self, action: Action) -> bool:
        """Whether some role carries the act."""
        return action is Action.PUBLIC or action in self.actions()

    def actions(self) -> frozenset[Action]:
        """Every act that some role carries."""
        return frozenset().union(*(GRANTS[role] for role in self.roles))

    def knows(self, item: ItemId) -> bool:
        """Whether this person may know that the item is on the agenda."""
        return self.items is None or item in self.items

    def sees(self, item: ItemId | None) -> bool:
        """Whether this person may see what belongs to the item (None: to the meeting as a whole)."""
        return item is None or (self.knows(item) and item not in self.recused)


NOBODY = Standing(person=None, roles=frozenset())


def decide(standing: Standing, action: Action) -> None:
    """Let the act pass, or raise.

    Raises NotFound when the person has no role in the meeting or body at all, so that a refusal does not tell
    that it exists; NotAllowed when some role is there, but none carries the act.
    """
    if standing.may(action):
        return
    in_scope = standing.roles - {Role.ACCOUNT, Role.ADMIN}
    if (standing.meeting or standing.body) and not in_scope:
        raise NotFound()
    raise NotAllowed(action=action.value)


class RecusedHere(NotAllowed):
    """The person has withdrawn from the item. Detail: item."""

    code = "recused_here"


class RecusedInPart(NotAllowed):
    """What is asked for tells of an item the person has withdrawn from, among others. Detail: items."""

    code = "recused_in_part"


def require_known(standing: Standing, item: ItemId) -> None:
    """Raises NotFound when the item is not among those this person may know of."""
    if not standing.knows(item):
        raise NotFound()


def require_item(standing: Standing, item: ItemId) -> None:
    """Raises NotFound when the item is not among those this person may know of, RecusedHere when the person has
    withdrawn from it."""
    require_known(standing, item)
    if not standing.sees(item):
        raise RecusedHere(item=item)


def require_whole(standing: Standing) -> None:
    """For what tells of every item at once. Raises RecusedInPart when there is one the person has withdrawn
    from."""
    if standing.recused:
        raise RecusedInPart(items=sorted(standing.recused))
