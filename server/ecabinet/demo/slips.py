"""The demo's written opinions: one of the ministry's that passed, one under way, one before the Minister and one still
being written; and the province's urgent one, that did not pass and has to go before a session."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from ecabinet.adapters.unit_of_work import Act
from ecabinet.kernel.ids import PersonId, SlipId
from ecabinet.opinions.model import Answer, Plan, Secrecy, Slip, Wording
from ecabinet.opinions.service import Given, Opinions
from ecabinet.papers.model import Upload
from ecabinet.register.model import Matter

from .cast import COMMITTEE, MINISTRY, PROVINCE
from .printing import PaperPlan, Printer
from .stage import Stage, upload

_T = TypeVar("_T")
_REGULATIONS = PaperPlan("du-thao-quy-che-du-lieu", "Quy chế dữ liệu dùng chung (bản hoàn thiện)", "Cục Hạ tầng số")
_RELIEF = PaperPlan("to-trinh-cuu-tro", "Tờ trình hỗ trợ khẩn cấp sau mưa lũ", "Sở Nông nghiệp và Môi trường")
_DECREE = PaperPlan("du-thao-nghi-dinh", "Nghị định về dịch vụ công không tiếp xúc (dự thảo lần 3)", "Vụ Pháp chế")
_OTHER = (
    "Đề nghị quy định thêm thời hạn 02 ngày làm việc để trả lời yêu cầu chia sẻ dữ liệu, quá hạn thì hệ thống "
    "tự chuyển lên người đứng đầu đơn vị."
)
_REPLY = "Tiếp thu: bổ sung khoản 3 Điều 8 về thời hạn 02 ngày làm việc và cơ chế chuyển cấp khi quá hạn."


@dataclass(slots=True)
class Asking:
    """A slip being played."""

    stage: Stage
    printer: Printer
    body: str
    staff: str
    head: str
    id: SlipId = SlipId("")  # noqa: RUF009 (a name without a body: nothing is shared)

    async def draft(self, at: datetime, plan: Plan, papers: Sequence[PaperPlan] = ()) -> None:
        """The staff writes it."""
        body, staff = self.stage.bodies[self.body], self._who(self.staff)
        self.id = await self.act(at, lambda opinions: opinions.draft(body, plan, staff))
        for each in papers:
            await self._give(at, await upload(self.stage.house, await self.printer.set(each, at), each))

    async def _give(self, at: datetime, paper: Upload) -> None:
        body, staff = self.stage.bodies[self.body], self._who(self.staff)
        await self.act(at, lambda opinions: opinions.add_paper(body, self.id, paper, staff))

    async def submit(self, at: datetime) -> None:
        """Before the head."""
        body, staff = self.stage.bodies[self.body], self._who(self.staff)
        await self.act(at, lambda opinions: opinions.submit(body, self.id, staff))

    async def send(self, at: datetime) -> None:
        """The head approves."""
        body, head = self.stage.bodies[self.body], self._who(self.head)
        await self.act(at, lambda opinions: opinions.approve(body, self.id, None, head))

    async def answer(self, at: datetime, username: str, choices: Sequence[str], text: str = "") -> None:
        """A member answers all questions; the text goes with the first."""
        body, who = self.stage.bodies[self.body], self._who(username)
        questions = (await self._slip()).questions
        answers = tuple(
            Answer(question.id, choice, text if question.number == 1 else "")
            for question, choice in zip(questions, choices, strict=True)
        )
        await self.act(at, lambda opinions: opinions.answer(body, self.id, Given(1, answers), who))

    async def look(self, at: datetime) -> None:
        """The clock strikes: a reminder, or the end."""
        body = self.stage.bodies[self.body]
        await self.act(at, lambda opinions: opinions.keep_time(body, self.id))

    async def act(self, at: datetime, work: Callable[[Opinions], Awaitable[_T]]) -> _T:
        """One act at that moment."""

        async def run(act: Act) -> _T:
            return await work(self.stage.house.opinions(act))

        return await self.stage.act(at, run)

    def _who(self, username: str) -> PersonId:
        return self.stage.people[username]

    async def _slip(self) -> Slip:
        async with self.stage.house.uow.reading() as act:
            slips = self.stage.house.opinions(act).slips
            found = await slips.get(self.stage.bodies[self.body], self.id)
        assert found is not None, "it has been drafted"
        return found


def _plan(title: str, text: str, deadline: datetime, *questions: Wording) -> Plan:
    return Plan(
        title=title,
        text=text,
        secrecy=Secrecy.OPEN,
        deadline=deadline,
        reminders_h=(24, 4),
        ends_when_all_answered=True,
        questions=questions,
    )


def _ministry(stage: Stage, printer: Printer) -> Asking:
    return Asking(stage, printer, MINISTRY, "thu-ky-1", "bo-truong")


async def ask_for_regulations(stage: Stage, printer: Printer, since: datetime) -> None:
    """Last month's regulations once more, as completed: five for, one with another opinion, one silent; extended."""
    slip, deadline = _ministry(stage, printer), since + timedelta(days=3)
    await slip.draft(
        since,
        _plan(
            "Bản hoàn thiện Quy chế quản lý, chia sẻ dữ liệu dùng chung",
            "Cục Hạ tầng số đã hoàn thiện Quy chế theo kết luận tại phiên họp giao ban; xin ý kiến trước khi ký.",
            deadline,
            Wording("Ban hành Quy chế theo bản hoàn thiện", Matter.RESOLUTION),
        ),
        [_REGULATIONS],
    )
    await slip.submit(since + timedelta(minutes=20))
    sent = since + timedelta(hours=2)
    await slip.send(sent)
    for hours, username in ((1, "thu-truong-3"), (3, "bo-truong"), (4, "thu-truong-4"), (22, "thu-truong-6")):
        await slip.answer(sent + timedelta(hours=hours), username, ["for"])
    await slip.look(deadline - timedelta(hours=24))
    await slip.answer(deadline - timedelta(hours=20), "thu-truong-2", ["other"], _OTHER)
    later, staff, head = deadline + timedelta(days=1), stage.people["thu-ky-1"], stage.people["bo-truong"]
    body = stage.bodies[MINISTRY]
    why = "đồng chí TV05 và đồng chí TV07 đi công tác nước ngoài"
    await slip.act(deadline - timedelta(hours=6), lambda opinions: opinions.extend(body, slip.id, later, why, head))
    await slip.answer(deadline + timedelta(hours=1), "thu-truong-5", ["for"])
    await slip.look(later - timedelta(hours=4))
    await slip.look(later)
    async with stage.house.uow.reading() as act:
        [said] = await stage.house.opinions(act).slips.opinions(slip.id)
    await slip.act(later + timedelta(hours=15), lambda opinions: opinions.reply(body, slip.id, said.id, _REPLY, staff))


async def ask_for_relief(stage: Stage, printer: Printer, since: datetime) -> None:
    """Twenty-one asked, seventeen answered in a day, ten for and seven against: eleven would have been needed."""
    slip = Asking(stage, printer, PROVINCE, "thu-ky-ubnd", "chu-tich")
    deadline = since + timedelta(hours=26)
    await slip.draft(
        since,
        replace(
            _plan(
                "Hỗ trợ khẩn cấp sau mưa lũ",
                "Việc cấp bách, chưa họp được Ủy ban nhân dân tỉnh; Chủ tịch quyết định lấy ý kiến bằng phiếu.",
                deadline,
                Wording("Thông qua mức và nguồn kinh phí hỗ trợ khẩn cấp sau mưa lũ", Matter.RESOLUTION),
            ),
            reminders_h=(4,),
        ),
        [_RELIEF],
    )
    await slip.submit(since + timedelta(minutes=10))
    await slip.send(since + timedelta(minutes=30))
    against = {"so-tai-chinh": "Chưa rõ nguồn dự phòng còn lại sau đợt hỗ trợ thứ nhất."}
    for place, seat in enumerate(COMMITTEE[:17]):
        choice = "for" if place < 9 or seat.username == "so-nnmt" else "against"
        at = since + timedelta(hours=1, minutes=40 * place)
        await slip.answer(at, seat.username, [choice], against.get(seat.username, ""))
    await slip.look(deadline - timedelta(hours=4))
    await slip.look(deadline)


async def ask_for_two_things(stage: Stage, printer: Printer, now: datetime) -> None:
    """Under way since yesterday: four of seven have answered, the Minister has not."""
    slip, since = _ministry(stage, printer), now - timedelta(hours=25)
    await slip.draft(
        since,
        _plan(
            "Kế hoạch kiểm tra công tác cải cách hành chính năm sau",
            "Văn phòng Bộ trình Kế hoạch kiểm tra tại 12 đơn vị và thời điểm hội nghị tổng kết.",
            now + timedelta(days=2),
            Wording("Ban hành Kế hoạch kiểm tra công tác cải cách hành chính", Matter.RESOLUTION),
            Wording(
                "Thời điểm tổ chức hội nghị tổng kết năm", Matter.CHOICE, ("Tuần cuối tháng 12", "Tuần đầu tháng 1")
            ),
        ),
    )
    await slip.submit(since + timedelta(minutes=5))
    await slip.send(since + timedelta(minutes=40))
    answers: Mapping[str, Sequence[str]] = {
        "thu-truong-4": ("for", "option-1"),
        "thu-truong-6": ("for", "option-2"),
        "thu-truong-3": ("for", "option-1"),
        "thu-truong-7": ("against", "option-1"),
    }
    for place, (username, choices) in enumerate(answers.items(), start=1):
        await slip.answer(since + timedelta(minutes=40 + 45 * place), username, choices)
    body, staff, to = stage.bodies[MINISTRY], stage.people["thu-ky-1"], stage.people["thu-truong-5"]
    said = "Cục phía Nam đề nghị đồng ý với Kế hoạch; chọn hội nghị vào tuần đầu tháng 1 để kịp số liệu."
    await slip.act(
        since + timedelta(hours=4, minutes=30), lambda opinions: opinions.comment(body, slip.id, to, said, staff)
    )


async def prepare_two_more(stage: Stage, printer: Printer, now: datetime) -> None:
    """One before the Minister, in a closed form; and one for after the session, that the staff is still writing."""
    since = now - timedelta(hours=19)
    closed = _ministry(stage, printer)
    plan = _plan(
        "Phương án bố trí trụ sở tiếp công dân",
        "Hai địa điểm đã khảo sát; lấy ý kiến kín theo đề nghị của Văn phòng Bộ.",
        now + timedelta(days=4),
        Wording("Chọn địa điểm", Matter.CHOICE, ("Trụ sở chính, tầng 1", "Cơ sở 2, khu hành chính mới")),
    )
    await closed.draft(since, replace(plan, secrecy=Secrecy.CLOSED))
    await closed.submit(since + timedelta(minutes=15))
    decree = _ministry(stage, printer)
    await decree.draft(
        since + timedelta(hours=1),
        _plan(
            "Hồ sơ trình Chính phủ dự thảo Nghị định về dịch vụ công không tiếp xúc",
            "Lấy ý kiến sau phiên họp giao ban, trước khi trình Chính phủ.",
            now + timedelta(days=5),
            Wording("Trình Chính phủ dự thảo Nghị định", Matter.RESOLUTION),
        ),
        [_DECREE],
    )
