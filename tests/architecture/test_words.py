"""Our vocabulary: a name that could stand for anything stands for nothing."""

import ast
import re
from pathlib import Path

from tests.architecture.repository import ROOT, server_sources

NOT_OUR_WORDS = {
    "data", "info", "manager", "handler", "helper", "helpers", "util", "utils", "process", "misc", "common",
}  # fmt: skip
NAMED_BY_OTHERS = {
    "_handler",  # aiohttp: what answers a route
    "_server_info",  # LiveKit: a field of its join answer
    "data_received",  # asyncio: a protocol
    "process_bind_param", "process_result_value",  # SQLAlchemy calls these
    "_handle_event",  # python-socketio
}  # fmt: skip
LINES_AT_MOST = 440
LONGER_FOR_A_REASON = {
    "server/ecabinet/migrations/versions/0001_first.py",  # the tables of a whole installation, one after the other
    "server/ecabinet/register/model.py",  # a rule profile is one value, every part of it with its citation
}


def words(name: str) -> set[str]:
    """send_HTTPData -> {send, http, data}"""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


def names_in(path: Path) -> list[str]:
    """What the file itself, its folders, its classes and its functions are called."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return [node.name for node in ast.walk(tree) if isinstance(node, kinds)] + [*path.parent.parts, path.stem]


def test_modules_classes_and_functions_are_named_in_our_words() -> None:
    named = [(path, name) for path in server_sources() for name in names_in(path)]
    foreign = [f"{path}: {name}" for path, name in named if words(name) & NOT_OUR_WORDS]
    assert [line for line in foreign if line.rpartition(" ")[2] not in NAMED_BY_OTHERS] == []


def test_a_module_can_be_read_in_one_sitting() -> None:
    lengths = {path: len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in server_sources()}
    long = {str(path): lines for path, lines in lengths.items() if lines > LINES_AT_MOST}
    assert {path: lines for path, lines in long.items() if path not in LONGER_FOR_A_REASON} == {}
