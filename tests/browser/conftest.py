"""A browser for the run, and a house with the demonstration in it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from tests.journeys.house import House

from .pages import launch


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """One browser process; each visitor gets a context of its own."""
    async with async_playwright() as playwright:
        browser = await launch(playwright)
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """The demonstration, as `./run` shows it."""
    folder: Path = tmp_path_factory.mktemp("demo")
    house = House(folder, "")
    await house.start("demo")
    yield house
    await house.stop()
