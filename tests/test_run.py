"""The door itself: a gate that lies is worse than none."""

import importlib.machinery
import importlib.util
import os
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]

REPORT = """<testsuites><testsuite>
  <testcase name="a"/><testcase name="b"/>
  <testcase name="c"><failure message="no"/></testcase>
  <testcase name="d"><error message="no"/></testcase>
  <testcase name="e"><skipped message="later"/></testcase>
</testsuite></testsuites>"""
GREEN = '<testsuites><testsuite><testcase name="a"/><testcase name="b"/></testsuite></testsuites>'


@pytest.fixture(scope="module")
def run() -> ModuleType:
    """The script as a module. It has no suffix, so the ordinary import does not find it."""
    loader = importlib.machinery.SourceFileLoader("run", str(ROOT / "run"))
    spec = importlib.util.spec_from_loader("run", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["run"] = module
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    loader.exec_module(module)
    sys.dont_write_bytecode = before
    return module


def writes(run: ModuleType, report: Path, content: str, code: int = 0) -> object:
    """A step that leaves this report and ends with this code."""
    script = f"from pathlib import Path; Path({str(report)!r}).write_text({content!r}); raise SystemExit({code})"
    return run.Step("suite", (sys.executable, "-c", script), report=report)


def test_a_green_gate_ends_with_its_counts(run: ModuleType, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    gate = run.Gate(dict(os.environ))
    gate.run(run.Step("lint", (sys.executable, "-c", "")))
    gate.run(writes(run, tmp_path / "one.xml", GREEN))
    gate.run(writes(run, tmp_path / "two.xml", GREEN))
    assert gate.close() == 0
    assert capfd.readouterr().out.splitlines()[-1] == "4 passed, 0 failed"


def test_failures_errors_and_skips_all_make_it_red(
    run: ModuleType, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    gate = run.Gate(dict(os.environ))
    gate.run(writes(run, tmp_path / "report.xml", REPORT))
    assert gate.close() == 1
    assert capfd.readouterr().out.splitlines()[-1] == "2 passed, 3 failed"


def test_a_skip_alone_makes_it_red(run: ModuleType, tmp_path: Path) -> None:
    gate = run.Gate(dict(os.environ))
    gate.run(writes(run, tmp_path / "report.xml", GREEN.replace('name="b"/>', 'name="b"><skipped/></testcase>')))
    assert gate.close() == 1


def test_a_runner_that_ends_badly_is_red_whatever_its_report_says(run: ModuleType, tmp_path: Path) -> None:
    gate = run.Gate(dict(os.environ))
    gate.run(writes(run, tmp_path / "report.xml", GREEN, code=3))
    assert gate.close() == 1


def test_a_suite_without_a_report_is_red(run: ModuleType, tmp_path: Path) -> None:
    gate = run.Gate(dict(os.environ))
    gate.run(writes(run, tmp_path / "one.xml", GREEN))
    gate.run(run.Step("suite", (sys.executable, "-c", ""), report=tmp_path / "none.xml"))
    assert gate.close() == 1


def test_a_gate_that_ran_no_test_is_red(run: ModuleType) -> None:
    gate = run.Gate(dict(os.environ))
    gate.run(run.Step("lint", (sys.executable, "-c", "")))
    assert gate.close() == 1


def test_nothing_runs_after_the_first_failing_step(
    run: ModuleType, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    gate = run.Gate(dict(os.environ))
    gate.run(run.Step("lint", (sys.executable, "-c", "raise SystemExit(1)")))
    gate.run(writes(run, tmp_path / "report.xml", GREEN))
    assert gate.close() == 1
    assert not (tmp_path / "report.xml").exists()
    assert "not run  suite" in capfd.readouterr().out


def test_a_step_over_its_limit_is_ended_with_all_it_started(run: ModuleType, tmp_path: Path) -> None:
    noted = tmp_path / "pid"
    command = ("sh", "-c", 'sleep 600 & echo $! > "$0"; wait', str(noted))
    gate = run.Gate(dict(os.environ))
    began = time.monotonic()
    gate.run(run.Step("stuck", command, limit_s=2))
    assert gate.close() == 1
    assert time.monotonic() - began < 12
    assert not is_running(int(noted.read_text()))


def is_running(pid: int) -> bool:
    """Whether the program is there and has not ended (an ended one may wait to be collected)."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def test_a_fingerprint_changes_with_content_names_and_words(run: ModuleType) -> None:
    licence, notice = ROOT / "LICENSE", ROOT / "pyproject.toml"
    prints = [
        run.fingerprint([licence]),
        run.fingerprint([notice]),
        run.fingerprint([licence, notice]),
        run.fingerprint([licence], "moved"),
    ]
    assert len(set(prints)) == len(prints)
    assert run.fingerprint([licence]) == prints[0]


def test_an_environment_that_tests_is_never_cut_back_to_serving(run: ModuleType) -> None:
    assert run.lock_for({}, dev=False) == "requirements.lock"
    assert run.lock_for({"requirements.lock": "digest"}, dev=True) == "requirements-dev.lock"
    assert run.lock_for({"requirements-dev.lock": "digest"}, dev=False) == "requirements-dev.lock"


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        (["tests/voting", "-k", "tally"], False),
        (["tests/voting", "tests/browser/test_screens.py"], True),
        (["tests/deploy", "-m", "slow"], True),
        (["-k", "tally"], True),
    ],
)
def test_the_page_is_built_for_the_tests_that_load_it(run: ModuleType, arguments: list[str], needed: bool) -> None:
    assert run.needs_page(arguments) is needed


def without_root(there: Path, statement: str) -> subprocess.CompletedProcess[str]:
    """Run a statement of the script as a person without root, on a machine with only these programs."""
    env = {**os.environ, "PATH": str(there), "CHROMIUM": "", "FIREFOX": ""}
    script = (
        "import importlib.machinery, importlib.util, os, sys\n"
        f"loader = importlib.machinery.SourceFileLoader('run', {str(ROOT / 'run')!r})\n"
        "run = importlib.util.module_from_spec(importlib.util.spec_from_loader('run', loader))\n"
        "sys.modules['run'] = run; sys.dont_write_bytecode = True; loader.exec_module(run)\n"
        f"try:\n    {statement}\n"
        "except run.Trouble as trouble:\n    sys.exit(str(trouble))\n"
    )
    return subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True, check=False)


def test_what_is_missing_is_said_with_the_command_to_type(tmp_path: Path) -> None:
    """As a person without root on a machine without Chromium: the exact command, and failure."""
    said = without_root(tmp_path, "run.need('Chromium', run.chromium, ['chromium'])")
    assert said.returncode == 1
    assert "apt-get install -y --no-install-recommends chromium" in said.stderr


def test_only_the_slow_suites_want_a_second_browser(tmp_path: Path) -> None:
    for program in ("chromium", "initdb", "nginx"):
        (tmp_path / program).touch(mode=0o755)
    assert without_root(tmp_path, "run.driven_programs(slow=False)").returncode == 0
    said = without_root(tmp_path, "run.driven_programs(slow=True)")
    assert said.returncode == 1
    assert said.stderr.startswith("Firefox ESR is missing.")
    assert said.stderr.endswith("apt-get install -y --no-install-recommends firefox-esr\n")
    (tmp_path / "firefox-esr").touch(mode=0o755)
    assert (
        without_root(tmp_path, "print(run.driven_programs(slow=True)['FIREFOX'])").stdout == f"{tmp_path}/firefox-esr\n"
    )


def test_help_needs_no_set_up(tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, ROOT / "run", "--help"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert said.returncode == 0
    assert "./run test" in said.stdout


def test_an_unknown_command_is_refused() -> None:
    said = subprocess.run([sys.executable, ROOT / "run", "fly"], capture_output=True, text=True, check=False)
    assert said.returncode == 2
    assert "./run fly" in said.stderr


def test_without_a_compiler_there_is_a_reason_and_what_was_built_stays(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(run.Trouble, match="no C compiler"):
        run.build_native()
    assert run.native_fits()
