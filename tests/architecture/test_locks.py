"""A lock says what, not from where: a site behind its own mirror installs the same bytes."""

import json
import re
import tomllib
from typing import Any

import pytest

from tests.architecture.repository import ROOT

PYTHON_LOCKS = ("requirements.lock", "requirements-dev.lock")
WEB_LOCK = "web/package-lock.json"
ADDRESS = re.compile(r"\w+://|git\+|\b(?:registry|files|pypi|npmjs)\.\w+|--[\w-]*index")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PYTHON_LOCKS)
def test_a_python_lock_names_no_address_and_no_host(name: str) -> None:
    assert [line for line in read(name).splitlines() if ADDRESS.search(line)] == []


def test_the_web_lock_names_no_address_and_no_host() -> None:
    packages: dict[str, dict[str, Any]] = json.loads(read(WEB_LOCK))["packages"]
    # Whom a package asks to be paid is copied into the lock by npm; it is not where the package comes from.
    said = [json.dumps(facts | {"funding": None}) for facts in packages.values()]
    assert [line for line in said if ADDRESS.search(line)] == []


@pytest.mark.parametrize("name", PYTHON_LOCKS)
def test_every_python_library_is_pinned_and_hashed(name: str) -> None:
    requirements = read(name).replace("\\\n", " ").splitlines()
    loose = [line for line in requirements if not re.match(r"[\w.-]+==\S+.* --hash=sha256:[0-9a-f]{64}", line)]
    assert loose == []


def test_every_web_library_has_its_digest() -> None:
    lock: dict[str, Any] = json.loads(read(WEB_LOCK))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert [name for name, entry in packages.items() if not entry.get("integrity")] == []
    assert [name for name, entry in packages.items() if "resolved" in entry] == []


def test_what_serves_is_part_of_what_tests() -> None:
    serving, testing = (set(read(name).splitlines()) for name in PYTHON_LOCKS)
    assert {line for line in serving - testing if "==" in line} == set()


def test_every_declared_library_is_in_the_lock() -> None:
    project = tomllib.loads(read("pyproject.toml"))
    declared = project["project"]["dependencies"]
    groups = project["dependency-groups"]
    assert unlocked(declared + groups["build"], "requirements.lock") == []
    developing = [entry for entry in groups["dev"] if isinstance(entry, str)]
    assert unlocked(declared + developing, "requirements-dev.lock") == []


def unlocked(requirements: list[str], lock: str) -> list[str]:
    """Those of the requirements whose library the lock does not have."""
    locked = set(re.findall(r"^[\w.-]+(?===)", read(lock), re.MULTILINE))
    return [line for line in requirements if re.split(r"[\[<>=!~ ]", line)[0].lower() not in locked]


def test_the_web_lock_has_every_library_its_libraries_need() -> None:
    """Also those for other machines: npm leaves out what a mirror did not have that day, and then refuses the lock."""
    packages: dict[str, dict[str, Any]] = json.loads(read(WEB_LOCK))["packages"]
    needed = [
        (place, name)
        for place, facts in packages.items()
        for name in [*facts.get("dependencies", ()), *facts.get("optionalDependencies", ())]
    ]
    assert [f"{place}: {name}" for place, name in needed if not can_find(packages, place, name)] == []


def can_find(packages: dict[str, dict[str, Any]], place: str, name: str) -> bool:
    """Node's own search: beside the package, then beside each one it lies in."""
    while True:
        if f"{place}/node_modules/{name}".lstrip("/") in packages:
            return True
        if not place:
            return False
        place = place.rpartition("node_modules/")[0].rstrip("/")
