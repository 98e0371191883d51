"""The council's session: under way since this morning, at an election, with its tellers elected a while ago."""

from datetime import timedelta

from ecabinet.attendance.model import Mark
from ecabinet.kernel.ids import ItemId
from ecabinet.meetings.model import Answer, ItemPlan, ItemType, Kind, Mode, Plan

from .cast import COUNCIL, DEPUTIES
from .printing import PaperPlan
from .stage import Ballots, Scene

_DAY = 24 * 60
"""Minutes."""
_USERNAMES = tuple(seat.username for seat in DEPUTIES)
_AWAY = "dai-bieu-15"
_THERE = tuple(username for username in _USERNAMES if username != _AWAY)
_TELLERS = ("dai-bieu-08", "dai-bieu-09", "dai-bieu-10")
"""The head first."""
_TASKS_PAPER = PaperPlan(
    "du-thao-nghi-quyet-nhiem-vu",
    "Nghị quyết về nhiệm vụ kinh tế – xã hội năm sau (dự thảo)",
    "Ban Kinh tế – Ngân sách",
)
_ELECTION_PAPER = PaperPlan("to-trinh-nhan-su", "Tờ trình giới thiệu nhân sự", "Thường trực Hội đồng nhân dân tỉnh")

_AGENDA = (
    ItemPlan("Thông qua chương trình kỳ họp", ItemType.DECISION, "Thường trực HĐND tỉnh", 10),
    ItemPlan("Nghị quyết về nhiệm vụ kinh tế – xã hội năm sau", ItemType.DECISION, "Ban Kinh tế – Ngân sách", 45),
    ItemPlan("Bầu bổ sung Phó Chủ tịch và Ủy viên UBND tỉnh", ItemType.DECISION, "Thường trực HĐND tỉnh", 40),
    ItemPlan("Nghị quyết về sắp xếp trường học vùng cao", ItemType.DECISION, "Ban Văn hóa – Xã hội", 40),
    ItemPlan("Lấy phiếu tín nhiệm", ItemType.DECISION, "Thường trực HĐND tỉnh", 40),
    ItemPlan("Bế mạc", ItemType.INFORMATION, "", 10),
)


async def prepare(scene: Scene) -> list[ItemId]:
    """Called twenty days before, as the law wants it."""
    plan = Plan(
        title="Kỳ họp thứ 4 (thường lệ cuối năm) HĐND tỉnh khóa XX",
        kind=Kind.REGULAR,
        mode=Mode.IN_PERSON,
        place="Hội trường HĐND tỉnh",
        starts_at=scene.starts_at,
        ends_at=scene.starts_at + timedelta(hours=8),
        floor_controls_microphone=True,
    )
    await scene.create(-20 * _DAY, COUNCIL, plan)
    items = await scene.add_items(-20 * _DAY + 20, _AGENDA)
    await scene.hang(-20 * _DAY + 30, items[1], [_TASKS_PAPER])
    await scene.hang(-20 * _DAY + 35, items[2], [_ELECTION_PAPER])
    await scene.convene(-20 * _DAY + 40)
    for place, username in enumerate(_THERE):
        await scene.answer(-19 * _DAY + 20 * place, username, Answer.IN_PERSON)
    await scene.answer(-19 * _DAY + 600, _AWAY, Answer.ABSENT, "đi điều trị")
    return items


async def play(scene: Scene, items: list[ItemId]) -> None:
    """An hour of it: the agenda and a resolution adopted, the tellers elected, the election before the council."""
    agenda, tasks, election = items[:3]
    await scene.mark(-4, [*_THERE, "thu-ky-hdnd-1", "thu-ky-hdnd-2"], Mark.PRESENT)
    await scene.mark(-3, [_AWAY], Mark.EXCUSED, "đi điều trị")
    await scene.open(2)
    await scene.start(3, agenda)
    everybody = dict.fromkeys(_THERE, "for")
    await scene.vote(5, agenda, Ballots("Thông qua chương trình kỳ họp.", everybody))
    await scene.conclude(8, agenda, "Thông qua chương trình kỳ họp.")
    await scene.start(9, tasks)
    await scene.speak(10, "ban-ktns", 8)
    await scene.speak(20, "dai-bieu-11", 4)
    choices = everybody | {"dai-bieu-12": "against", "dai-bieu-13": "abstain"}
    await scene.vote(28, tasks, Ballots("Thông qua Nghị quyết về nhiệm vụ kinh tế – xã hội năm sau.", choices))
    await scene.conclude(32, tasks, "Thông qua Nghị quyết. Giao Ủy ban nhân dân tỉnh tổ chức thực hiện.")
    await scene.start(34, election)
    await scene.speak(35, "ct-hdnd", 5)
    tellers = Ballots("Bầu Ban kiểm phiếu gồm 3 đại biểu.", everybody, board=_TELLERS)
    await scene.vote(44, election, tellers)
