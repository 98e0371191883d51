"""Meetings in memory, and the neighbours of a meeting as a test wants them."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from ecabinet.kernel.access import Role
from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import BodyId, ItemId, MeetingId, MembershipId, PersonId, PostId, ProfileId, QuestionId
from ecabinet.meetings.model import Act, Meeting, Seat
from ecabinet.meetings.ports import Neighbours
from ecabinet.meetings.seating import seat_of
from ecabinet.meetings.views import Waiting
from ecabinet.register.model import Body, Membership, Quorum, RuleProfile, Term, Words
from ecabinet.register.profiles import shipped

BODY = BodyId("body".ljust(26, "0"))


def person(name: str) -> PersonId:
    """An id as long as real ones."""
    return PersonId(name.ljust(26, "0"))


HEAD, SECRETARY, OFFICER = person("head"), person("secretary"), person("officer")
MEMBERS = tuple(person(f"member{number}") for number in range(1, 7))
"""With the head they are the seven who vote."""
GUEST, DEPUTY, STRANGER = person("guest"), person("deputy"), person("stranger")


def membership(who: PersonId, order: int, *, votes: bool = True, is_head: bool = False) -> Membership:
    """A place in the body."""
    return Membership(
        id=MembershipId(f"ms{order}".ljust(26, "0")),
        body=BODY,
        post=PostId(f"post{order}".ljust(26, "0")),
        person=who,
        name=f"Thành viên {order}",
        title=Words("Ủy viên", "Member"),
        order=order,
        votes=votes,
        since=date(2026, 1, 1),
        is_head=is_head,
    )


COMMITTEE = (
    membership(HEAD, 1, is_head=True),
    *(membership(who, order) for order, who in enumerate(MEMBERS, 2)),
    membership(OFFICER, 8, votes=False),
)
"""Seven with a vote and the chief of office without one."""


@dataclass
class MemoryMeetings:
    """See the MeetingStore port."""

    kept: dict[MeetingId, Meeting] = field(default_factory=dict)

    async def add(self, meeting: Meeting) -> None:
        self.kept[meeting.id] = meeting

    async def get(self, meeting: MeetingId) -> Meeting:
        if meeting not in self.kept:
            raise NotFound()
        return self.kept[meeting]

    async def lock(self, meeting: MeetingId) -> None:
        await self.get(meeting)

    async def save(self, before: Meeting, after: Meeting) -> None:
        assert self.kept[after.id] == before
        self.kept[after.id] = after

    async def seats(self, meeting: MeetingId, people: Set[PersonId]) -> dict[PersonId, Seat]:
        found = self.kept.get(meeting)
        return {person: seat_of(found, person) for person in people if found and found.takes_part(person)}

    async def of_person(self, person: PersonId, since: datetime | None, until: datetime | None) -> list[Meeting]:
        mine = [
            each
            for each in self.kept.values()
            if each.takes_part(person)
            and (since is None or each.starts_at >= since)
            and (until is None or each.starts_at < until)
        ]
        return sorted(mine, key=lambda each: (each.starts_at, each.id))


@dataclass
class OneBody:
    """A register with one body in it. See the RegisterOf ports of meetings and attendance."""

    profile_id: str = "ubnd-tinh"
    sitting: tuple[Membership, ...] = COMMITTEE
    prepares: tuple[PersonId, ...] = (SECRETARY,)
    seats: int | None = None

    async def body(self, body: BodyId) -> Body:
        if body.rstrip("0") != "body":
            raise NotFound()
        return Body(body, "Ủy ban nhân dân tỉnh A", "", "Tỉnh A", ProfileId(self.profile_id))

    async def members(self, body: BodyId, at: datetime) -> tuple[Membership, ...]:
        return self.sitting

    async def secretaries(self, body: BodyId) -> tuple[PersonId, ...]:
        return self.prepares

    async def term(self, body: BodyId, at: datetime) -> Term | None:
        return None

    async def profile(self, profile: ProfileId, at: datetime) -> RuleProfile:
        return next(each for each in shipped() if each.id == profile)


class EverybodysName:
    """Everyone but STRANGER has an account."""

    async def names(self, people: frozenset[PersonId] | None = None) -> dict[PersonId, str]:
        known = {HEAD, SECRETARY, OFFICER, *MEMBERS, GUEST, DEPUTY} if people is None else people - {STRANGER}
        return {each: each.rstrip("0").title() for each in known}


@dataclass
class Counted:
    """A quorum of so many out of seven. See the QuorumOf port."""

    present: int = 5

    async def of(self, meeting: Meeting) -> Quorum:
        return Quorum(7, self.present, 5, self.present >= 5, Words("Điều 114", "Art. 114"))


@dataclass
class EndedPolls:
    """See StrawOf."""

    ended: list[MeetingId]

    async def end_all(self, meeting: MeetingId, by: PersonId) -> None:
        self.ended.append(meeting)


@dataclass
class EndedRecordings:
    """See RecordingsOf."""

    ended: list[bool]

    async def end_all(self, meeting: MeetingId, by: PersonId, *, is_over: bool) -> None:
        self.ended.append(is_over)


@dataclass
class Above:
    """The slices above meetings: see PapersOf, QuestionsOf, FloorOf, MinutesOf, WaitingOf and
    PositionsOf."""

    papers: set[ItemId] = field(default_factory=set)
    late: dict[MeetingId, int] = field(default_factory=dict)
    question: QuestionId | None = None
    voted: Mapping[ItemId, QuestionId] = field(default_factory=dict)
    tied: QuestionId | None = None
    """The question whose tie waits for somebody."""
    ended: list[MeetingId] = field(default_factory=list)
    quieted: set[PersonId] = field(default_factory=set)
    with_minutes: frozenset[MeetingId] = frozenset()
    elsewhere: list[Waiting] = field(default_factory=list)
    begun_items: list[ItemId] = field(default_factory=list)
    polled: list[MeetingId] = field(default_factory=list)
    """Meetings whose straw polls were ended."""
    recorded: list[bool] = field(default_factory=list)
    """Ends of recordings: with the meeting, or by a break."""

    async def has_papers(self, meeting: MeetingId, item: ItemId) -> bool:
        return item in self.papers

    async def late_papers(self, meetings: frozenset[MeetingId]) -> Mapping[MeetingId, int]:
        return self.late

    async def open_question(self, meeting: MeetingId) -> QuestionId | None:
        return self.question

    async def voted_on(self, meeting: MeetingId) -> Mapping[ItemId, QuestionId]:
        return self.voted

    async def waiting_tie(self, meeting: MeetingId) -> QuestionId | None:
        return self.tied

    async def drop_plans(self, meeting: Meeting, item: ItemId, by: Act) -> None:
        pass

    async def end_all(
        self, meeting: Meeting, by: PersonId | None = None, of: frozenset[PersonId] | None = None
    ) -> None:
        if of is None:
            self.ended.append(meeting.id)
        else:
            self.quieted |= of

    async def begun(self, meeting: Meeting, item: ItemId) -> None:
        self.begun_items.append(item)

    async def drafted(self, meetings: frozenset[MeetingId]) -> frozenset[MeetingId]:
        return self.with_minutes & meetings

    async def waiting(self, person: PersonId) -> list[Waiting]:
        return self.elsewhere

    def neighbours(self) -> Neighbours:
        """As the service takes them."""
        return Neighbours(self, self, self, self, self, self, EndedPolls(self.polled), EndedRecordings(self.recorded))


def in_role(meeting: Meeting, who: PersonId, role: Role) -> Meeting:
    """The meeting with someone in another role."""
    return meeting.with_participant(replace(meeting.participant(who), role=role))
