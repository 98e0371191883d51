"""Why an act on a question is refused. Those of counting: verdicts.py."""

from ecabinet.kernel.errors import Conflict, Invalid, NotAllowed, WrongPhase


class ItemNotCurrent(Conflict):
    """Only what is before the meeting can be voted on. Detail: current."""

    code = "item_not_current"


class TooManyAttachments(Invalid):
    """This person has uploaded as many files for the question as anybody may. Detail: most."""

    code = "too_many_attachments"


class QuestionInvalid(Invalid):
    """The question itself cannot be put. Detail: reason."""

    code = "question_invalid"


class WayNotAllowed(Invalid):
    """The vote cannot be taken this way. Detail: way, allowed."""

    code = "way_not_allowed"


class PartsFirst(Conflict):
    """Parts and amendments are decided or dropped before the whole is put. Detail: plans."""

    code = "parts_first"


class NotAsPlanned(Conflict):
    """A planned question is put as the plan has it; whoever wants it otherwise changes the plan. Detail: fields."""

    code = "not_as_planned"


class WholeIsDecided(Conflict):
    """The whole was voted on as its parts then stood: they change no more while that vote stands. Detail: question."""

    code = "whole_is_decided"


class PlanIsPut(Conflict):
    """What was put stays in the plan as it was put. Detail: question."""

    code = "plan_is_put"


class BlockNotPossible(Conflict):
    """Not all of these items can be adopted together. Detail: items, item → reason."""

    code = "block_not_possible"


class BoardInvalid(Invalid):
    """Such a tellers' board cannot be elected. Detail: reason."""

    code = "board_invalid"


class NoTellers(Conflict):
    """Papers are counted by a tellers' board, and none has been elected."""

    code = "no_tellers"


class TellerIsCandidate(Conflict):
    """Whoever is voted on does not count the votes. Detail: people."""

    code = "teller_is_candidate"


class QuestionNotOpen(WrongPhase):
    """The act does not exist in this phase of the question. Detail: phase."""

    code = "question_not_open"


class VoteIsPaused(Conflict):
    """The chair has stopped the vote for the moment; it will go on."""

    code = "question_paused"


class NotElectronic(Conflict):
    """This vote is taken by hands or on paper. Detail: way."""

    code = "not_electronic"


class CountFirst(Conflict):
    """A show of hands ends with its sheet, a ballot on paper with its count. Detail: way."""

    code = "count_first"


class NotTieBreaker(NotAllowed):
    """Only whoever settles ties may."""

    code = "not_tie_breaker"


class NotUndecided(Conflict):
    """No tie waits to be settled here."""

    code = "not_undecided"


class TooLateToReport(Conflict):
    """The vote ended too long ago. Detail: limit_s."""

    code = "too_late_to_report"


class NotEntitled(NotAllowed):
    """Not on the roll that was frozen when the question opened."""

    code = "not_entitled"


class StandInNeverVotes(NotAllowed):
    """A stand-in speaks for the absent member and never votes."""

    code = "stand_in_never_votes"


class NoSuchChoice(Invalid):
    """Detail: allowed."""

    code = "no_such_choice"


class BallotVersionInvalid(Invalid):
    """Versions are 1, 2, 3 … up to a limit."""

    code = "ballot_version_invalid"


class Equivocation(Conflict):
    """The same version was already received with another answer."""

    code = "equivocation"


class OpinionWithoutText(Invalid):
    """Whoever answers with another opinion says which."""

    code = "opinion_without_text"


class OpinionWithoutOther(Invalid):
    """An opinion and its attachment go with the answer "ý kiến khác" and with no other."""

    code = "opinion_without_other"


class ProxyNotPossible(Conflict):
    """This member cannot vote for that one. Detail: reason."""

    code = "proxy_not_possible"
