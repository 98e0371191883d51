"""Documents that are made from the code are those of this code."""

from ecabinet.settings import document
from tests.architecture.repository import ROOT


def test_the_settings_page_is_current() -> None:
    page = (ROOT / "server/docs/settings.md").read_text(encoding="utf-8")
    assert page == document(), "./run ecabinet settings-doc > server/docs/settings.md"
