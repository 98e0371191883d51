"""The contracts know every slice: a new one cannot be left out by forgetting it."""

import tomllib

from tests.architecture.repository import ROOT

APPLICATION = ROOT / "server/ecabinet"
SLICE_FILES = ("model", "rules", "views", "service", "sql", "http", "realtime", "jobs")
EDGES = {"ecabinet.app", "ecabinet.demo", "ecabinet.edge", "ecabinet.adapters"}
"""Packages tied to no slice, whatever their files are called."""


def test_every_slice_stands_under_the_contracts() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    watched = next(each["containers"] for each in contracts if each["name"].startswith("inside a slice"))
    slices = {f"ecabinet.{path.parent.name}" for name in SLICE_FILES for path in APPLICATION.glob(f"*/{name}.py")}
    assert slices - set(watched) - EDGES == set()
