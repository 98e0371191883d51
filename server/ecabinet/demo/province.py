"""The province's meeting: still a draft, for its secretary to finish and send."""

from datetime import timedelta

from ecabinet.meetings.model import ItemPlan, ItemType, Kind, Mode, Plan

from .cast import PROVINCE
from .printing import PaperPlan
from .stage import Scene

_RELIEF = PaperPlan("to-trinh-cuu-tro", "Tờ trình hỗ trợ khẩn cấp sau mưa lũ", "Sở Nông nghiệp và Môi trường")


async def prepare(scene: Scene, month: str, called_at: float) -> None:
    """Six items, one paper, nobody asked yet.

    called_at  minutes from the start, well before it
    """
    plan = Plan(
        title=f"Phiên họp thường kỳ UBND tỉnh tháng {month}",
        kind=Kind.REGULAR,
        mode=Mode.HYBRID,
        place="Phòng họp số 1, trụ sở UBND tỉnh",
        starts_at=scene.starts_at,
        ends_at=scene.starts_at + timedelta(minutes=210),
        floor_controls_microphone=True,
    )
    await scene.create(called_at, PROVINCE, plan)
    items = await scene.add_items(
        called_at + 6,
        [
            ItemPlan("Tình hình kinh tế – xã hội trong tháng", ItemType.INFORMATION, "Sở Tài chính", 30),
            ItemPlan("Hỗ trợ khẩn cấp sau mưa lũ", ItemType.DECISION, "Sở Nông nghiệp và Môi trường", 40),
            ItemPlan("Dự toán ngân sách địa phương năm sau", ItemType.DECISION, "Sở Tài chính", 45),
            ItemPlan("Đề án sắp xếp trường học vùng cao", ItemType.DISCUSSION, "Sở Giáo dục và Đào tạo", 40),
            ItemPlan("Chọn địa điểm trung tâm hành chính công khu vực", ItemType.CHOICE, "Văn phòng UBND tỉnh", 30),
            ItemPlan("Việc khác", ItemType.INFORMATION, "", 10),
        ],
    )
    await scene.hang(called_at + 15, items[1], [_RELIEF])
