"""What may be put to the vote, and who may answer. Pure.

Which article speaks through which function: docs/rules.md.
"""

from dataclasses import replace

from ecabinet.kernel.access import Role
from ecabinet.kernel.canonical import digest
from ecabinet.kernel.ids import ItemId
from ecabinet.meetings import model as meetings
from ecabinet.meetings.model import Act, ItemPhase, ItemType, Meeting, Mode, QuestionOpen, QuorumNotMet
from ecabinet.register.model import Matter, Quorum, RuleProfile, Secrecy
from ecabinet.register.rules import check_in_order

from .asking import NAMED, check_wording, needs_of, options_for, rule_of, ways_for, wording
from .events import QuestionPut
from .methods import check_reduced, check_strength, quorum_of
from .model import (
    BlockNotPossible,
    Board,
    BoardInvalid,
    CountsInconsistent,
    ItemNotCurrent,
    Kind,
    Method,
    NoTellers,
    Question,
    TellerIsCandidate,
    Way,
    WayNotAllowed,
)
from .plans import check_as_planned, check_parts, is_decided
from .proposals import Proposal, Situation


def put_question(proposal: Proposal, situation: Situation, profile: RuleProfile, by: Act) -> QuestionPut:
    """Put a question to the members present. The roll and the numbers are frozen here: a latecomer votes from
    the next question on, and one who leaves stays on the roll.

    Raises MeetingWrongPhase, ItemNotCurrent, QuestionOpen, MatterUnknown, MotionUnknown, ReducedRequired,
    ReducedNotApplicable, QuestionInvalid, NotFound, NotAsPlanned, WayNotAllowed, MotionOutOfOrder, BlockNotPossible,
    PartsFirst, BoardInvalid, NoTellers, TellerIsCandidate, CountsInconsistent, QuorumNotMet, the first that applies.
    """
    meeting = situation.meeting
    meeting.require(frozenset({meetings.Phase.OPEN}))
    _check_place(proposal, meeting)
    if situation.open_question is not None:
        raise QuestionOpen(question=situation.open_question)
    needs = needs_of(profile, proposal)
    if proposal.method not in NAMED and proposal.motion is None:
        check_reduced(profile, proposal.matter, situation.seats, _remaining(situation))
    check_wording(proposal)
    check_as_planned(proposal, situation.planned)
    _check_way(proposal, meeting, profile)
    if proposal.motion is not None:
        check_in_order(profile, pending(proposal, situation), proposal.motion)
    if proposal.kind is Kind.BLOCK:
        _check_block(proposal, situation)
        check_parts(situation.planned, situation.earlier)
    elif proposal.kind is Kind.WHOLE and proposal.motion is None and proposal.board is None:
        check_parts(situation.planned, situation.earlier, proposal.plan)
    check_seats(proposal, profile)
    _check_board(proposal, situation, profile)
    check_strength(profile, situation.strength)
    reached = reached_quorum(profile, proposal.matter, proposal.motion, situation)
    if not reached.is_quorate:
        raise QuorumNotMet(members=reached.members, present=reached.present, needed=reached.needed)
    assert len(situation.roll.voters) == situation.strength.voting, "the roll is those who may answer"
    question = Question(
        id=proposal.id,
        meeting=meeting.id,
        item=proposal.item,
        number=proposal.number,
        text=proposal.text.strip(),
        matter=proposal.matter,
        profile=profile.id,
        profile_version=profile.version,
        rule=needs.sentence,
        article=needs.article,
        options=options_for(proposal, profile),
        secrecy=Secrecy.SECRET if proposal.way is Way.PAPER else Secrecy.OPEN,
        roll=situation.roll,
        strength=situation.strength,
        opened_at=by.at,
        opened_by=by.actor,
        digest="",
        method=proposal.method,
        way=proposal.way,
        kind=proposal.kind,
        items=proposal.items,
        motion=proposal.motion,
        candidates=proposal.candidates,
        seats=proposal.seats,
        board=proposal.board,
        plan=proposal.plan,
        until=proposal.until,
        repeats=proposal.repeats,
    )
    return QuestionPut(
        question=replace(question, digest=digest(wording(question))),
        quorum=reached,
        at=by.at,
        actor=by.actor,
        meeting=meeting.id,
    )


def reached_quorum(profile: RuleProfile, matter: Matter, motion: str | None, situation: Situation) -> Quorum:
    """Whether enough are there for this vote. Raises MatterUnknown, MotionUnknown."""
    return quorum_of(profile, rule_of(profile, matter, motion), situation.strength)


def pending(proposal: Proposal, situation: Situation) -> list[str]:
    """The motions that are before the meeting: the item's own proposal until it is decided, and every amendment that
    is planned for it and waits."""
    decided = {each.id for each in situation.earlier if is_decided(each)}
    whole = [each for each in situation.earlier if each.item == proposal.item and each.kind is Kind.WHOLE]
    if any(each.id in decided and each.motion is None for each in whole):
        return []
    waiting = [
        each
        for each in situation.planned
        if each.kind is Kind.AMENDMENT and each.question not in decided and each.id != proposal.plan
    ]
    return [MAIN, *[AMEND] * len(waiting)]


def _remaining(situation: Situation) -> int:
    remaining = situation.strength.remaining
    return situation.strength.members if remaining is None else remaining


# --- what it is about ---


def _check_place(proposal: Proposal, meeting: Meeting) -> None:
    """On the item before the meeting; a block on items of which none but theirs is. Raises ItemNotCurrent."""
    current = meeting.current_item
    if proposal.kind is Kind.BLOCK:
        if current is not None and current.id not in proposal.items:
            raise ItemNotCurrent(current=current.id)
    elif current is None or proposal.item != current.id:
        raise ItemNotCurrent(current=current.id if current else None)


MAIN, AMEND = "main", "amend"
"""Keys of the two motions that an agenda of ours knows: what the item proposes, and to change it."""
BLOCK_TYPES = frozenset({ItemType.DECISION})


def _check_block(proposal: Proposal, situation: Situation) -> None:
    """Raises BlockNotPossible."""
    against: dict[str, str] = {}
    on_agenda = {each.id: each for each in situation.meeting.items}
    for item in proposal.items:
        reason = _not_in_block(on_agenda.get(item), item, situation)
        if reason is not None:
            against[item] = reason
    if len(set(proposal.items)) != len(proposal.items) or len(proposal.items) < 2:
        against.setdefault(proposal.item, "at_least_two_different_items")
    is_ordinary = proposal.method is Method.APPROVAL and proposal.matter is Matter.RESOLUTION
    # A motion passes by a rule of its own, which need not be the one that decides the items.
    if not is_ordinary or proposal.motion is not None:
        against.setdefault(proposal.item, "not_an_ordinary_decision")
    if against:
        raise BlockNotPossible(items=against)


def _not_in_block(held: meetings.Item | None, item: ItemId, situation: Situation) -> str | None:
    """Why an item cannot be adopted with others."""
    if held is None:
        return "not_on_the_agenda"
    if held.phase is ItemPhase.DONE:
        return "item_done"
    if held.type not in BLOCK_TYPES:
        return "not_a_decision"
    return "objection" if situation.objections.get(item) else None


# --- how it is taken ---


def _check_way(proposal: Proposal, meeting: Meeting, profile: RuleProfile) -> None:
    """Raises WayNotAllowed, NoTellers."""
    allowed = ways_for(profile, proposal)
    if meeting.mode is Mode.REMOTE:
        # Papers are handed out and put into a box: there is a hall or there is no such vote.
        allowed = [way for way in allowed if way is not Way.PAPER]
    if proposal.way not in allowed:
        raise WayNotAllowed(way=proposal.way.value, allowed=[way.value for way in allowed])


def _check_board(proposal: Proposal, situation: Situation, profile: RuleProfile) -> None:
    """Raises BoardInvalid, NoTellers, TellerIsCandidate."""
    if proposal.board is not None:
        _check_elected(proposal.board, situation.meeting, profile)
    if proposal.way is not Way.PAPER:
        return
    seated = situation.board
    if seated is None:
        raise NoTellers()
    barred = profile.tellers is not None and profile.tellers.candidates_barred
    both = sorted({each.person for each in proposal.candidates if each.person in seated.members} - {None})
    if barred and both:
        raise TellerIsCandidate(people=both)


def _check_elected(board: Board, meeting: Meeting, profile: RuleProfile) -> None:
    if profile.tellers is None:
        raise BoardInvalid(reason="the_rules_know_no_tellers")
    if board.head not in board.members or len(set(board.members)) != len(board.members):
        raise BoardInvalid(reason="head_is_one_of_the_members")
    if len(board.members) < max(2, profile.tellers.least):
        # One counts and another confirms.
        raise BoardInvalid(reason="too_few", least=max(2, profile.tellers.least))
    # Whoever comes for single items, or in another's place, counts no votes of the body.
    of_the_body = {each.person for each in meeting.participants if each.role not in {Role.GUEST, Role.STAND_IN}}
    strangers = [each for each in board.members if each not in of_the_body]
    if strangers:
        raise BoardInvalid(reason="not_participants", people=strangers)


def check_seats(proposal: Proposal, profile: RuleProfile) -> None:
    """Raises CountsInconsistent when the rules want no more candidates than seats."""
    rule = profile.elections
    if proposal.seats is None or rule is None:
        return
    if len(proposal.candidates) > proposal.seats and not rule.more_candidates:
        raise CountsInconsistent(
            reason="more_candidates_than_seats", candidates=len(proposal.candidates), seats=proposal.seats
        )
