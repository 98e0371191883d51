"""Two people write down the same vote, each alone; what they agree on counts. Pure.

Source: Luật Tổ chức chính quyền địa phương (open vote or secret ballot, as the body chooses); the tellers' board and
its minutes as in Nghị quyết 31/2023/UBTVQH15 for the National Assembly, whose pattern councils follow.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from ecabinet.kernel.errors import Invalid
from ecabinet.kernel.ids import PersonId, QuestionId
from ecabinet.kernel.official import per_cent
from ecabinet.meetings.model import Act
from ecabinet.voting.model import (
    BallotPapers,
    ElectionVerdict,
    Levels,
    Method,
    NoSuchChoice,
    Outcome,
    PaperCount,
    Phase,
    Question,
    RatingOutcome,
    Way,
)

from .model import (
    Answers,
    Content,
    CountDiffered,
    CountEntered,
    Facts,
    HandsDiffered,
    HandsEntered,
    Kind,
    NeedsSecondPerson,
    NotATeller,
    NothingToConfirm,
    NotInTheHall,
    NotOnTheRoll,
    Occasion,
    Seated,
    SecretariesConfirm,
    Sheet,
    SheetIsThere,
    Step,
    SumsDoNotAgree,
    Teller,
    TellerIsCandidate,
)

WAYS = {Kind.HANDS: Way.HANDS, Kind.COUNT: Way.PAPER}
_PAPERS = ("issued", "returned", "valid", "invalid")
_LEVELS = ("high", "mid", "low")


# --- who ---


def require_confirmer(by: PersonId, chair: PersonId | None, secretaries: Iterable[PersonId]) -> None:
    """Whether this person may hold a second sheet against the first. The chair may where one secretary is there.

    secretaries  those who are present
    Raises SecretariesConfirm.
    """
    here = set(secretaries)
    if by == chair and by not in here and len(here) > 1:
        raise SecretariesConfirm()


def require_teller(question: Question, seated: Seated | None, by: PersonId) -> None:
    """Whether this person counts the papers of the question: any of the board, so that it goes on when one leaves.

    Raises NotATeller, TellerIsCandidate.
    """
    if seated is None or by not in seated.board.members:
        raise NotATeller()
    if by in {candidate.person for candidate in question.candidates}:
        raise TellerIsCandidate()


def boards(questions: Iterable[Question]) -> list[Seated]:
    """The boards a meeting has elected, in order. A question that was annulled afterwards elected none."""
    return _seated(each for each in questions if each.is_passed)


def board_for(question: Question, questions: Iterable[Question]) -> Seated | None:
    """Who counts the papers of this question: the board elected last before it was put. An election that was annulled
    only afterwards had elected it, and what the board counted stays counted.

    questions  those that elect a board, whatever became of them
    """
    numbers = {each.id: each for each in questions}
    before = _seated(each for each in numbers.values() if _stood_before(each, question, numbers))
    return before[-1] if before else None


def _stood_before(election: Question, question: Question, numbers: Mapping[QuestionId, Question]) -> bool:
    """Whether a board had been elected when the question was put. Who annuls puts the same again at once: the number of
    the repetition says when that was."""
    if election.verdict is None or election.verdict.outcome is not Outcome.PASSED or election.number >= question.number:
        return False
    if election.settled is not None and election.settled.at > question.opened_at:
        return False
    if election.phase is not Phase.ANNULLED:
        return True
    again = numbers.get(election.repeated_by) if election.repeated_by else None
    return again is not None and question.number < again.number


def _seated(elections: Iterable[Question]) -> list[Seated]:
    return [
        Seated(each.id, each.number, each.board, each.closed_at)
        for each in sorted(elections, key=lambda election: election.number)
        if each.board is not None and each.closed_at is not None
    ]


def require_way(question: Question, kind: Kind) -> None:
    """Raises NotInTheHall."""
    if question.way is not WAYS[kind]:
        raise NotInTheHall(way=question.way.value)


# --- what ---


def hands(question: Question, answers: Answers) -> Content:
    """A show of hands as a sheet. Raises NotOnTheRoll, NoSuchChoice."""
    strangers = sorted(person for person in answers if person not in question.roll)
    if strangers:
        raise NotOnTheRoll(people=strangers)
    allowed = {option.key for option in question.options}
    if not set(answers.values()) <= allowed:
        raise NoSuchChoice(allowed=sorted(allowed))
    return dict(answers.items())


def answers_of(content: Content) -> dict[PersonId, str]:
    """The answers of a sheet of hands."""
    return {PersonId(person): str(option) for person, option in content.items()}


def lines(question: Question) -> tuple[str, ...]:
    """What votes are counted by: the candidates, or the answers on the ballot."""
    if question.method in {Method.ELECTION, Method.RATING}:
        return tuple(candidate.id for candidate in question.candidates)
    return tuple(option.key for option in question.options)


def count(question: Question, counted: PaperCount) -> Content:
    """A count as a sheet, once its sums agree.

    Raises Invalid when a line is missing or one too many, SumsDoNotAgree.
    """
    _check_lines(question, counted)
    _check_papers(question, counted.papers)
    if question.method is Method.RATING:
        _check_levels(counted)
    else:
        _check_votes(question, counted)
    return {
        **{name: getattr(counted.papers, name) for name in _PAPERS},
        **{f"votes.{line}": votes for line, votes in counted.votes.items()},
        **{
            f"ratings.{line}.{level}": getattr(levels, level)
            for line, levels in counted.ratings.items()
            for level in _LEVELS
        },
    }


def _check_lines(question: Question, counted: PaperCount) -> None:
    told: tuple[Mapping[str, object], Mapping[str, object]] = (counted.votes, counted.ratings)
    field, other = ("ratings", "votes") if question.method is Method.RATING else ("votes", "ratings")
    wanted, unwanted = reversed(told) if question.method is Method.RATING else told
    if set(wanted) != set(lines(question)):
        raise Invalid(fields={field: "not_the_lines"})
    if unwanted:
        raise Invalid(fields={other: "not_the_lines"})


def _check_papers(question: Question, papers: BallotPapers) -> None:
    voters = len(question.roll.voters)
    if papers.issued > voters:
        raise SumsDoNotAgree(reason="issued_more_than_roll", fields=["issued"], limit=voters)
    if papers.returned > papers.issued:
        raise SumsDoNotAgree(reason="returned_more_than_issued", fields=["issued", "returned"], limit=papers.issued)
    if papers.valid + papers.invalid != papers.returned:
        fields = ["returned", "valid", "invalid"]
        raise SumsDoNotAgree(reason="valid_and_invalid", fields=fields, limit=papers.returned)


def _check_votes(question: Question, counted: PaperCount) -> None:
    valid, given = counted.papers.valid, sum(counted.votes.values())
    over = [f"votes.{line}" for line, votes in counted.votes.items() if votes > valid]
    if over:
        raise SumsDoNotAgree(reason="votes_more_than_valid", fields=over, limit=valid)
    fields = [f"votes.{line}" for line in counted.votes]
    if question.method is Method.ELECTION:
        most = valid * (question.seats or 1)
        if given > most:
            raise SumsDoNotAgree(reason="votes_more_than_seats", fields=fields, limit=most)
    elif given != valid:
        raise SumsDoNotAgree(reason="votes_are_not_valid", fields=fields, limit=valid)


def _check_levels(counted: PaperCount) -> None:
    # A valid ballot may leave one name without a level, so the three together may be fewer.
    valid = counted.papers.valid
    over = [f"ratings.{line}" for line, each in counted.ratings.items() if each.high + each.mid + each.low > valid]
    if over:
        raise SumsDoNotAgree(reason="levels_more_than_valid", fields=over, limit=valid)


def count_of(content: Content) -> PaperCount:
    """The count of a sheet."""
    votes: dict[str, int] = {}
    ratings: dict[str, dict[str, int]] = {}
    for name, number in content.items():
        kind, _, rest = name.partition(".")
        if kind == "votes":
            votes[rest] = int(number)
        elif kind == "ratings":
            line, _, level = rest.rpartition(".")
            ratings.setdefault(line, {})[level] = int(number)
    papers = BallotPapers(**{name: int(content[name]) for name in _PAPERS})
    return PaperCount(papers, votes, {line: Levels(**levels) for line, levels in ratings.items()})


# --- the two sheets ---


def enter(question: Question, before: Sheet | None, content: Content, replaces: PersonId | None, by: Act) -> Step:
    """Write the first sheet. Whatever was held against the one before is void; the same again changes nothing.

    replaces  whose sheet this one replaces, where it is somebody else's
    Raises SheetIsThere.
    """
    if before is not None and before.entered_by not in {by.actor, replaces}:
        raise SheetIsThere(entered_by=before.entered_by)
    if before is not None and before.entered_by == by.actor and before.content == content:
        return Step(before, None)
    kind = Kind.HANDS if question.way is Way.HANDS else Kind.COUNT
    version = 1 if before is None else before.version + 1
    sheet = Sheet(question.id, question.meeting, question.item, kind, version, content, by.actor, by.at)
    entered = HandsEntered if kind is Kind.HANDS else CountEntered
    event = entered(question=question.id, version=version, at=by.at, actor=by.actor, meeting=question.meeting)
    return Step(sheet, event)


def confirm(before: Sheet | None, content: Content, by: Act) -> Step:
    """Hold a second sheet against the first. They agree when `Sheet.is_agreed`; where they do not, the event says on
    which lines. The same difference again is told once.

    Raises NothingToConfirm, NeedsSecondPerson.
    """
    if before is None:
        raise NothingToConfirm()
    if before.entered_by == by.actor:
        raise NeedsSecondPerson()
    sheet = replace(before, second=content, second_by=by.actor, second_at=by.at)
    if sheet.is_agreed or sheet.differs == before.differs:
        return Step(sheet, None)
    return Step(sheet, _differed(sheet, by))


def _differed(sheet: Sheet, by: Act) -> HandsDiffered | CountDiffered:
    if sheet.kind is Kind.HANDS:
        people = tuple(PersonId(line) for line in sheet.differs)
        return HandsDiffered(
            question=sheet.question,
            version=sheet.version,
            people=people,
            at=by.at,
            actor=by.actor,
            meeting=sheet.meeting,
        )
    return CountDiffered(
        question=sheet.question,
        version=sheet.version,
        fields=sheet.differs,
        at=by.at,
        actor=by.actor,
        meeting=sheet.meeting,
    )


def was_confirmed(sheet: Sheet | None, content: Content, by: PersonId) -> bool:
    """Whether this very confirmation has been kept: a retry finds the vote closed, and nothing is wrong."""
    return sheet is not None and sheet.is_agreed and sheet.second_by == by and sheet.content == content


# --- the tellers' minutes ---


def facts(question: Question, closed_at: datetime, sheet: Sheet, seated: Seated, occasion: Occasion) -> Facts:
    """What the minutes of an agreed count are made of."""
    assert sheet.second_by is not None, "two have agreed"
    held = occasion.meeting
    people = {each.person: each for each in held.participants}

    def name(person: PersonId) -> str:
        return people[person].name if person in people else "…"

    def teller(person: PersonId) -> Teller:
        post = people[person].post if person in people else ""
        return Teller(name(person), post, is_head=person == seated.board.head)

    return Facts(
        unit=occasion.body.name,
        meeting=held.title,
        place=held.place,
        zone=occasion.zone,
        question=question,
        closed_at=closed_at,
        counted=count_of(sheet.content),
        tellers=tuple(sorted(map(teller, seated.board.members), key=lambda each: not each.is_head)),
        entered_by=name(sheet.entered_by),
        confirmed_by=name(sheet.second_by),
        member=occasion.profile.electorate.member.vi,
        results=_results(question),
    )


def _results(question: Question) -> tuple[str, ...]:
    """What follows from the numbers. Candidates are called by their names, as the paper has them."""
    names = {candidate.id: candidate.name for candidate in question.candidates}
    said = [f"{question.verdict.words.vi}."] if question.verdict is not None else []
    if question.election is not None:
        said += _elected(question.election, names)
    for rating in question.ratings:
        said.append(f"{names[rating.name]}: {_FOLLOWS[rating.outcome]}.")
    return tuple(said)


_FOLLOWS = {
    RatingOutcome.NONE: "không thuộc trường hợp phải xem xét",
    RatingOutcome.MAY_RESIGN: "có thể xin từ chức; không từ chức thì đưa ra bỏ phiếu tín nhiệm",
    RatingOutcome.RELIEVE: "thuộc trường hợp đề nghị miễn nhiệm",
}


def _elected(election: ElectionVerdict, names: Mapping[str, str]) -> list[str]:
    votes = {each.candidate: each for each in election.standings}
    said = [f"Số phiếu cần đạt để trúng cử: ít nhất {election.needed}, tính trên {election.base_number}."]
    if election.elected:
        told = "; ".join(
            f"{names[each]} ({votes[each].votes} phiếu, {per_cent(votes[each].share)})" for each in election.elected
        )
        said.append(f"Người trúng cử: {told}.")
    else:
        said.append("Không có người trúng cử.")
    if election.seats_left:
        again = "; ".join(names[each] for each in election.run_off)
        said.append(
            f"Còn thiếu {election.seats_left} người. {f'Những người được bầu lại: {again}.' if again else ''}".strip()
        )
    return said
