"""A meeting that took place on paper: seven members, four items, two votes."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from ecabinet.kernel.access import Role
from ecabinet.kernel.ids import MeetingId, PersonId
from ecabinet.minutes.model import (
    Attendee,
    Choice,
    Count,
    Course,
    Fact,
    Facts,
    OpeningQuorum,
    Result,
    Said,
    Seal,
    Speech,
    Stay,
    Vote,
)

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def at(clock: str) -> datetime:
    """A moment of the day, local time "08:02" or "08:02:07"."""
    return datetime.fromisoformat(f"2026-11-25T{clock}").replace(tzinfo=ZONE).astimezone(UTC)


def member(order: int, *stays: Stay, reason: str | None = None) -> Attendee:
    """The member of this rank."""
    post = "Bộ trưởng" if order == 1 else "Thứ trưởng"
    role = Role.CHAIR if order == 1 else Role.MEMBER
    person = PersonId(f"person-{order:02d}".ljust(26, "0"))
    name = f"{post} TV{order:02d}"
    return Attendee(person, name, post, role, votes=True, order=order, stays=stays, reason=reason)


def other(order: int, name: str, role: Role, **more: object) -> Attendee:
    """Someone without a vote, there all the time."""
    person = PersonId(f"person-{order:02d}".ljust(26, "0"))
    stays = (Stay(at("07:50"), None, order),)
    return Attendee(person, name, "", role, votes=False, order=order, stays=stays, **more)  # type: ignore[arg-type]


def choices(labels: str) -> tuple[Choice, ...]:
    """Answers in order of protocol: f for, a against, o abstained, - no ballot."""
    words = {"f": "Tán thành", "a": "Không tán thành", "o": "Không biểu quyết"}
    told = []
    for order, letter in enumerate(labels, start=1):
        name = member(order).name
        if letter == "-":
            told.append(Choice(name, None))
        else:
            told.append(Choice(name, words[letter], at(f"09:04:{10 + order}"), 60 + order))
    return tuple(told)


def counts(*numbers: int) -> tuple[Count, ...]:
    """For, against, abstained, silent, absent, of seven."""
    labels = ("tán thành", "không tán thành", "không biểu quyết", "không tham gia biểu quyết", "vắng mặt")
    shares = {0: "0.00", 1: "14.29", 2: "28.57", 4: "57.14", 6: "85.71", 7: "100.00"}
    return tuple(Count(label, number, shares[number]) for label, number in zip(labels, numbers, strict=True))


RULE = "Quy định về biểu quyết, Quy chế làm việc của Bộ (bản mẫu)"

FACTS = Facts(
    meeting=MeetingId("meeting-0000000000000000001"[:26]),
    unit="Bộ Hạ tầng số và Dịch vụ công",
    title="Phiên họp giao ban Lãnh đạo Bộ tháng 11/2026",
    place="Phòng họp A, trụ sở Bộ",
    mode="trực tiếp kết hợp trực tuyến",
    member="thành viên",
    zone=ZONE,
    opened=Fact(at("08:02"), (20,)),
    closed=Fact(at("11:26"), (99,)),
    quorum=OpeningQuorum(7, 5, 5, "Quy định về họp lãnh đạo bộ, Quy chế làm việc của Bộ (bản mẫu)"),
    attendees=(
        member(1, Stay(at("07:50"), None, 8)),
        member(2, Stay(at("07:51"), None, 9)),
        member(3, Stay(at("07:52"), at("09:30"), 10, 50), Stay(at("09:31"), None, 51)),
        member(4, Stay(at("07:53"), at("10:00"), 11, 52), Stay(at("10:20"), None, 53)),
        member(5, Stay(at("07:54"), at("11:00"), 12, 54)),
        member(6, reason="đi công tác nước ngoài theo Quyết định cử đoàn"),
        member(7, Stay(at("09:12"), None, 40)),
        other(20, "Chánh Văn phòng", Role.MEMBER),
        other(21, "Thư ký 1", Role.SECRETARY),
        other(22, "Phó Vụ trưởng Vụ Kế hoạch – Tài chính", Role.STAND_IN, stands_in_for="Vụ trưởng Vụ KHTC"),
        other(23, "Vụ trưởng Vụ Pháp chế", Role.GUEST, positions=(2,)),
    ),
    courses=(
        Course(
            1,
            "Báo cáo thực hiện kết luận tháng trước",
            "Văn phòng Bộ",
            Fact(at("08:05"), (21,)),
            Fact(at("08:20"), (25,)),
            note=Said("Hai nhiệm vụ quá hạn cần nêu rõ nguyên nhân.\nĐề nghị bổ sung phụ lục theo dõi.", (23,)),
            conclusion=Said("Ghi nhận báo cáo; Văn phòng Bộ đôn đốc 02 nhiệm vụ quá hạn trước ngày 30/11/2026", (24,)),
        ),
        Course(
            2,
            "Dự thảo Nghị định về dịch vụ công không tiếp xúc",
            "Vụ Pháp chế",
            Fact(at("08:20"), (26,)),
            Fact(at("09:10"), (70,)),
            speeches=(
                Speech("Thứ trưởng TV02", at("08:31"), at("08:35"), (27, 28)),
                Speech("Thứ trưởng TV05", at("08:40"), at("08:40:45"), (29, 30)),
            ),
            votes=(
                Vote(
                    "Thông qua dự thảo 3 Nghị định về dịch vụ công không tiếp xúc để trình Chính phủ.",
                    Fact(at("09:03:10"), (60,)),
                    Fact(at("09:05:10"), (69,)),
                    Result(
                        "thông qua",
                        counts(6, 0, 0, 0, 1),
                        7,
                        6,
                        "6/7 tán thành: cần ≥ 4, quá nửa tổng số thành viên",
                        RULE,
                    ),
                    choices=choices("ffffff-")[:6],
                ),
            ),
            conclusion=Said("Thông qua dự thảo để trình Chính phủ, trình trước ngày 30/11/2026.", (68,)),
        ),
        Course(
            3,
            "Phân bổ dự toán 2027 cho 12 đơn vị",
            "Vụ Kế hoạch – Tài chính",
            Fact(at("09:10"), (70,)),
            Fact(at("11:20"), (90,)),
            votes=(
                Vote("Phương án 0.", Fact(at("09:15"), (71,)), Fact(at("09:16"), (72,)), None, "ghi sai tên đơn vị"),
                Vote(
                    "Thông qua phương án phân bổ dự toán năm 2027.",
                    Fact(at("10:40"), (80,)),
                    Fact(at("10:42"), (89,)),
                    Result(
                        "thông qua",
                        counts(4, 2, 1, 0, 0),
                        7,
                        7,
                        "4/7 tán thành: cần ≥ 4, quá nửa tổng số thành viên",
                        RULE,
                    ),
                    choices=choices("ffaaffo"),
                ),
            ),
        ),
        Course(4, "Việc khác", "", None, None),
    ),
    seal=Seal(104, "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
)
