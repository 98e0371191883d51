"""The command line as an administrator types it."""

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from ecabinet.adapters.database import Database
from ecabinet.cli import commands
from tests.journeys.house import plan


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("ECABINET_DATA", str(tmp_path / "data"))
    return CliRunner()


def run(shell: CliRunner, *words: str) -> tuple[int, str]:
    result = shell.invoke(commands, words)
    return result.exit_code, result.output


PLAN = """
[[account]]
username = "thu-ky"
name = "Thư ký"

[[body]]
name = "Ủy ban"
name_en = "Committee"
unit = "Tỉnh"
profile = "ubnd-tinh"
secretaries = ["thu-ky"]
"""


def test_an_installation_is_founded_from_a_file_and_its_record_audited(shell: CliRunner, tmp_path: Path) -> None:
    file = tmp_path / "plan.toml"
    file.write_text(PLAN, encoding="utf-8")
    code, said = run(shell, "found", str(file))
    assert code == 0, said
    assert said.splitlines()[0] == "1 bodies, 1 accounts"
    # The password was made here and is told once.
    assert len(said.splitlines()[1].removeprefix("thu-ky\t")) >= 12
    assert run(shell, "audit")[1] == "3 entries, all as they were signed\n"


def test_an_altered_record_is_found(shell: CliRunner, tmp_path: Path) -> None:
    file = tmp_path / "plan.toml"
    file.write_text(PLAN, encoding="utf-8")
    run(shell, "found", str(file))

    async def alter() -> None:
        database = Database(f"sqlite+aiosqlite:///{tmp_path / 'data' / 'ecabinet.db'}")
        async with database.writing() as connection:
            await connection.execute(text("DROP TRIGGER ledger_entry_refuses_update"))
            await connection.execute(text("UPDATE ledger_entry SET type = 'x' WHERE number = 2"))
        await database.close()

    asyncio.run(alter())
    code, said = run(shell, "audit")
    assert code == 1
    assert "record_broken" in said


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('profile = "ubnd-tinh"', 'profile = "khong-co"', "profile"),
        ('secretaries = ["thu-ky"]', 'secretaries = ["ai-do"]', "no such account: ai-do"),
        ('name = "Thư ký"', 'name = ""', "account.0.name"),
        ("[[account]]", "[[account", "file"),
    ],
)
def test_a_file_that_cannot_be_carried_out_founds_nothing(
    shell: CliRunner, tmp_path: Path, old: str, new: str, where: str
) -> None:
    file = tmp_path / "plan.toml"
    file.write_text(PLAN.replace(old, new), encoding="utf-8")
    code, said = run(shell, "found", str(file))
    assert code != 0
    assert where in said
    file.write_text(plan(), encoding="utf-8")
    assert run(shell, "found", str(file))[0] == 0


def test_the_key_is_made_once_and_printed_for_publication(shell: CliRunner) -> None:
    first, again = run(shell, "key"), run(shell, "key")
    assert first == again
    line, digits = first[1].splitlines()
    assert len(digits.split()) == 16
    assert line.count("+") >= 2


def test_a_setting_that_is_none_stops_the_start(shell: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECABINET_PROT", "8081")
    code, said = run(shell, "key")
    assert code == 2
    assert "no such setting: ECABINET_PROT" in said


def test_the_settings_page_is_what_the_program_says(shell: CliRunner) -> None:
    code, said = run(shell, "settings-doc")
    assert code == 0
    assert "| `ECABINET_PORT` | int | `8080` |" in said
