"""A council's session with two secretaries, a tellers' board of three, and votes taken in the hall."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from ecabinet.kernel.access import Role
from ecabinet.kernel.ids import BodyId, PersonId, ProfileId, QuestionId
from ecabinet.meetings.model import Meeting, Participant
from ecabinet.register.model import Body
from ecabinet.voting.model import (
    BallotPapers,
    Board,
    Candidate,
    Levels,
    Method,
    Outcome,
    PaperCount,
    Phase,
    Question,
    Verdict,
    Way,
)
from tests.voting.halls import AT, MEETING, PROFILES, person, put, vote

CHAIR = person(0)
LAN, MAI, NAM = (PersonId(name.ljust(26, "0")) for name in ("lan", "mai", "nam"))
"""Two secretaries, and somebody who is none."""
HEAD, SECOND, THIRD = person(10), person(11), person(12)
"""The tellers."""
BODY = Body(BodyId("body"), "Hội đồng nhân dân tỉnh Minh Sơn", "Council", "Hội đồng nhân dân", ProfileId("hdnd-tinh"))
PROFILE = PROFILES["hdnd-tinh"]
DEPUTIES = 15
BOARD = Board(HEAD, (HEAD, SECOND, THIRD))
FIRST, ASKED = QuestionId("board"), QuestionId("asked")


def session() -> Meeting:
    """Fifteen deputies, the first of them presiding, and two secretaries."""
    deputies = [
        Participant(
            person(place), f"Đại biểu {place:02d}", "Đại biểu", Role.CHAIR if place == 0 else Role.MEMBER, place, True
        )
        for place in range(DEPUTIES)
    ]
    secretaries = [
        Participant(who, name, "", Role.SECRETARY, 90 + place, False)
        for place, (who, name) in enumerate([(LAN, "Thư ký Lan"), (MAI, "Thư ký Mai")])
    ]
    return replace(MEETING, title="Kỳ họp thứ 4", participants=(*deputies, *secretaries))


def passed() -> Verdict:
    """Everybody for it."""
    return vote("hdnd-tinh", ["for"] * DEPUTIES)


def elected(question: QuestionId = FIRST, number: int = 1, board: Board = BOARD) -> Question:
    """The vote that elected the tellers."""
    asked = put("hdnd-tinh", DEPUTIES, range(DEPUTIES))
    verdict = passed()
    assert verdict.outcome is Outcome.PASSED
    return replace(
        asked,
        id=question,
        number=number,
        board=board,
        phase=Phase.CLOSED,
        closed_at=AT + timedelta(minutes=2),
        verdict=verdict,
    )


def by_hands() -> Question:
    """Asked while the devices were down."""
    return replace(put("hdnd-tinh", DEPUTIES, range(14)), id=ASKED, number=2, way=Way.HANDS)


def on_paper() -> Question:
    """An ordinary decision by secret ballot."""
    return replace(by_hands(), way=Way.PAPER, text="Cho thôi nhiệm vụ đại biểu.")


def election(seats: int = 2, names: int = 3) -> Question:
    """Two seats, three names; the last of them is a deputy."""
    candidates = tuple(
        Candidate(f"candidate-{place}", f"Ứng cử viên {place}", person(13) if place == names else None)
        for place in range(1, names + 1)
    )
    text = "Bầu bổ sung Phó Chủ tịch Ủy ban nhân dân tỉnh."
    return replace(on_paper(), text=text, method=Method.ELECTION, options=(), candidates=candidates, seats=seats)


def rating() -> Question:
    """Two names, three levels."""
    candidates = (Candidate("candidate-1", "Chủ tịch UBND tỉnh"), Candidate("candidate-2", "Chánh Thanh tra tỉnh"))
    return replace(
        on_paper(), text="Lấy phiếu tín nhiệm.", method=Method.RATING, options=(), candidates=candidates, seats=None
    )


def papers(issued: int = 14, returned: int = 14, valid: int = 13, invalid: int = 1) -> BallotPapers:
    return BallotPapers(issued, returned, valid, invalid)


def counted(votes: Mapping[str, int], of: BallotPapers | None = None) -> PaperCount:
    return PaperCount(of or papers(), votes)


def elections(first: int = 12, second: int = 9, third: int = 4) -> PaperCount:
    return counted({"candidate-1": first, "candidate-2": second, "candidate-3": third})


def rated(first: Levels, second: Levels) -> PaperCount:
    return PaperCount(papers(), {}, {"candidate-1": first, "candidate-2": second})
