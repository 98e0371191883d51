"""Who is who in the demo: fictional bodies, offices instead of names."""

from dataclasses import dataclass
from datetime import date

from ecabinet.founding import AccountPlan, BodyPlan, MemberPlan, Plan, TermPlan

PASSWORD = "ecabinet-demo"  # noqa: S105 (printed at every start of the demo; nothing real is behind it)
MINISTRY = "Tập thể Lãnh đạo Bộ"
PROVINCE = "Ủy ban nhân dân tỉnh Minh Sơn"
COUNCIL = "Hội đồng nhân dân tỉnh Minh Sơn"
SINCE = date(2026, 1, 1)
"""When everybody took office."""


@dataclass(frozen=True, slots=True)
class Seat:
    """An office in a body, and the account of whoever holds it."""

    username: str
    name: str
    post: str
    post_en: str
    votes: bool = True
    head: bool = False


LEADERSHIP = (
    Seat("bo-truong", "Bộ trưởng", "Bộ trưởng", "Minister", head=True),
    *(Seat(f"thu-truong-{n}", f"Thứ trưởng TV{n:02d}", "Thứ trưởng", "Deputy Minister") for n in range(2, 8)),
    Seat("chanh-van-phong", "Chánh Văn phòng", "Chánh Văn phòng", "Chief of Office", votes=False),
    Seat(
        "vu-truong-khtc",
        "Vụ trưởng Vụ Kế hoạch – Tài chính",
        "Vụ trưởng",
        "Director, Planning and Finance",
        votes=False,
    ),
)
_DEPARTMENTS = (
    ("noi-vu", "Nội vụ", "Home Affairs"),
    ("tu-phap", "Tư pháp", "Justice"),
    ("tai-chinh", "Tài chính", "Finance"),
    ("cong-thuong", "Công Thương", "Industry and Trade"),
    ("nnmt", "Nông nghiệp và Môi trường", "Agriculture and Environment"),
    ("xay-dung", "Xây dựng", "Construction"),
    ("khcn", "Khoa học và Công nghệ", "Science and Technology"),
    ("vhttdl", "Văn hóa, Thể thao và Du lịch", "Culture, Sports and Tourism"),
    ("gddt", "Giáo dục và Đào tạo", "Education and Training"),
    ("y-te", "Y tế", "Health"),
    ("ngoai-vu", "Ngoại vụ", "Foreign Affairs"),
    ("dan-toc", "Dân tộc và Tôn giáo", "Ethnic and Religious Affairs"),
)
COMMITTEE = (
    Seat("chu-tich", "Chủ tịch UBND tỉnh", "Chủ tịch", "Chairman", head=True),
    *(Seat(f"pho-chu-tich-{n}", f"Phó Chủ tịch {n}", "Phó Chủ tịch", "Vice Chairman") for n in range(1, 5)),
    Seat("cvp-ubnd", "Chánh Văn phòng UBND tỉnh", "Ủy viên", "Member"),
    Seat("cong-an", "Giám đốc Công an tỉnh", "Ủy viên", "Member"),
    Seat("quan-su", "Chỉ huy trưởng Bộ Chỉ huy quân sự tỉnh", "Ủy viên", "Member"),
    Seat("thanh-tra", "Chánh Thanh tra tỉnh", "Ủy viên", "Member"),
    *(Seat(f"so-{code}", f"Giám đốc Sở {name}", "Ủy viên", "Member") for code, name, _en in _DEPARTMENTS),
)
DEPUTIES = (
    Seat("ct-hdnd", "Chủ tịch HĐND tỉnh", "Chủ tịch HĐND tỉnh", "Chairman of the Council", head=True),
    *(Seat(f"pct-hdnd-{n}", f"Phó Chủ tịch HĐND {n}", "Phó Chủ tịch HĐND tỉnh", "Vice Chairman") for n in (1, 2)),
    Seat("ban-phap-che", "Trưởng Ban Pháp chế", "Ủy viên Thường trực", "Head of Committee"),
    Seat("ban-ktns", "Trưởng Ban Kinh tế – Ngân sách", "Ủy viên Thường trực", "Head of Committee"),
    Seat("ban-vhxh", "Trưởng Ban Văn hóa – Xã hội", "Ủy viên Thường trực", "Head of Committee"),
    Seat("ban-dan-toc", "Trưởng Ban Dân tộc", "Ủy viên Thường trực", "Head of Committee"),
    *(
        Seat(f"dai-bieu-{n:02d}", f"Đại biểu {n:02d} - Tổ số {n - 6}", "Đại biểu HĐND tỉnh", "Deputy")
        for n in range(8, 16)
    ),
)
"""A small council: fifteen of the seventy-five that a real one would have."""
OTHERS = (
    ("thu-ky-1", "Thư ký 1"),
    ("thu-ky-2", "Thư ký 2"),
    ("pho-vu-truong-khtc", "Phó Vụ trưởng Vụ Kế hoạch – Tài chính"),
    ("vu-truong-phap-che", "Vụ trưởng Vụ Pháp chế"),
    ("cuc-truong-ha-tang", "Cục trưởng Cục Hạ tầng số"),
    ("cuc-phia-nam", "Điểm cầu Cục phía Nam"),
    ("thu-ky-ubnd", "Thư ký UBND tỉnh"),
    ("thu-ky-hdnd-1", "Thư ký kỳ họp 1"),
    ("thu-ky-hdnd-2", "Thư ký kỳ họp 2"),
)
"""People without a seat: secretaries, guests, a stand-in."""
ADMIN = ("quan-tri", "Quản trị hệ thống")


def plan() -> Plan:
    """Accounts and bodies, as a founding file would have them."""
    seats = (*LEADERSHIP, *COMMITTEE, *DEPUTIES)
    accounts = [AccountPlan(username=seat.username, name=seat.name, password=PASSWORD) for seat in seats]
    accounts += [AccountPlan(username=username, name=name, password=PASSWORD) for username, name in OTHERS]
    accounts.append(AccountPlan(username=ADMIN[0], name=ADMIN[1], password=PASSWORD, admin=True))
    ministry = BodyPlan(
        name=MINISTRY,
        name_en="Leadership of the Ministry",
        unit="Bộ Hạ tầng số và Dịch vụ công",
        profile="lanh-dao-bo",
        secretaries=["thu-ky-1", "thu-ky-2"],
        member=[_member(seat) for seat in LEADERSHIP],
    )
    province = BodyPlan(
        name=PROVINCE,
        name_en="People's Committee of Minh Sơn Province",
        unit="Ủy ban nhân dân tỉnh Minh Sơn",
        profile="ubnd-tinh",
        secretaries=["thu-ky-ubnd"],
        term=TermPlan(name="2026–2031", since=SINCE, seats=len(COMMITTEE)),
        member=[_member(seat) for seat in COMMITTEE],
    )
    council = BodyPlan(
        name=COUNCIL,
        name_en="People's Council of Minh Sơn Province",
        unit="Hội đồng nhân dân tỉnh Minh Sơn",
        profile="hdnd-tinh",
        salutation="quý đại biểu",
        secretaries=["thu-ky-hdnd-1", "thu-ky-hdnd-2"],
        term=TermPlan(name="Khóa XX, 2026–2031", since=SINCE, seats=len(DEPUTIES)),
        member=[_member(seat) for seat in DEPUTIES],
    )
    return Plan(account=accounts, body=[ministry, province, council])


def _member(seat: Seat) -> MemberPlan:
    return MemberPlan(
        username=seat.username, post=seat.post, post_en=seat.post_en, votes=seat.votes, head=seat.head, since=SINCE
    )
