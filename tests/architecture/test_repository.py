"""What no file of ours may say, and where every file belongs."""

import re

from tests.architecture.repository import ROOT, our_files, text_of

TOP = {
    "run", "pyproject.toml", "requirements.lock", "requirements-dev.lock", "README.md", "LICENSE", "NOTICE",
    "server", "web", "tests", "deploy",
}  # fmt: skip
MACHINE_PATH = re.compile(r"(?<![\w.:/-])/(?:work|root|Users|home/\w+)/[\w.]")
"""A folder of somebody's machine. (/etc, /usr, /var and /opt are the same on every one.)"""


def test_the_top_level_holds_nothing_else() -> None:
    assert {path.parts[0] for path in our_files() if not path.parts[0].startswith(".")} <= TOP


def test_no_file_names_a_path_of_the_machine_it_was_written_on() -> None:
    found = [f"{path}: {match[0]}" for path in our_files() for match in MACHINE_PATH.finditer(text_of(path) or "")]
    assert found == []


def test_every_font_lies_beside_its_licence_and_is_named_in_the_notice() -> None:
    folders = {path.parent for path in our_files() if path.suffix in {".ttf", ".otf", ".woff2"}}
    bare = [str(folder) for folder in folders if not list((ROOT / folder).glob("LICENSE*"))]
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    assert bare == []
    assert [str(folder) for folder in folders if f"{folder}/" not in notice] == []
