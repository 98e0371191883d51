"""Signed notes: the published example, our checkpoints, and everything that must not pass for one."""

import base64

import pytest

from ecabinet.ledger import notes
from tests.fakes.ledger import SeededSigner

# The example of golang.org/x/mod/sumdb/note, from which C2SP's signed-note format comes.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETERS_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
SIGNER = SeededSigner()
ROOT = bytes(range(32))


def signed(size: int = 7, root: bytes = ROOT) -> str:
    text = notes.checkpoint_text(SIGNER.origin, size, root)
    return notes.sign(text, SIGNER.origin, SIGNER.public_key, SIGNER.sign)


def opened(note: str) -> tuple[int, bytes]:
    return notes.open_checkpoint(note, SIGNER.origin, SIGNER.public_key)


def signed_text(text: str) -> str:
    return notes.sign(text, SIGNER.origin, SIGNER.public_key, SIGNER.sign)


def test_the_published_example_opens() -> None:
    name, key = notes.parse_key_line(PETER)
    assert notes.open_note(PETERS_NOTE, name, key).startswith("If you think cryptography")
    assert notes.key_line(name, key) == PETER


def test_a_checkpoint_opens_under_its_key() -> None:
    assert opened(signed()) == (7, ROOT)


def test_a_witnesss_signature_beside_ours_does_not_disturb() -> None:
    other = SeededSigner("witness.test", seed=2)
    line = notes.sign("x\n", other.origin, other.public_key, other.sign).split("\n\n")[1]
    assert opened(signed() + line) == (7, ROOT)


def test_every_changed_letter_of_a_checkpoint_is_noticed() -> None:
    note = signed()
    for at, letter in enumerate(note):
        bent = note[:at] + ("A" if letter != "A" else "B") + note[at + 1 :]
        with pytest.raises(notes.NoteInvalid):
            opened(bent)


@pytest.mark.parametrize(
    "text",
    [
        "other.test\n7\nAAAA\n",
        "log.test\n07\n" + base64.b64encode(ROOT).decode() + "\n",
        "log.test\n-7\n" + base64.b64encode(ROOT).decode() + "\n",
        "log.test\n٧\n" + base64.b64encode(ROOT).decode() + "\n",
        "log.test\n7\n" + base64.b64encode(ROOT[:31]).decode() + "\n",
        "log.test\n7\n",
        "log.test\n",
    ],
)
def test_a_signed_text_that_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(notes.NoteInvalid):
        opened(signed_text(text))


@pytest.mark.parametrize(
    "note", ["", "\n", "text\n", "text\n\n", "text\n\nno dash\n", "text\n\n— log.test AAAA\n", "t\n\n— "]
)
def test_what_is_no_note_is_refused(note: str) -> None:
    with pytest.raises(notes.NoteInvalid):
        notes.open_note(note, SIGNER.origin, SIGNER.public_key)


def test_another_key_of_the_same_name_is_refused() -> None:
    with pytest.raises(notes.NoteInvalid):
        notes.open_checkpoint(signed(), SIGNER.origin, SeededSigner(seed=2).public_key)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "a+b",
        PETER[:-1],
        PETER + "A",
        PETER.replace("c74f", "c74e"),
        PETER.replace("Peter", "Pete"),
        "+c74f20a3+ARpc",
    ],
)
def test_a_bent_key_line_is_refused(line: str) -> None:
    with pytest.raises(notes.NoteInvalid):
        notes.parse_key_line(line)


@pytest.mark.parametrize(
    ("name", "is_one"), [("log.gov.vn/so", True), ("", False), ("a b", False), ("a+b", False), ("a\n", False)]
)
def test_a_name_blurs_no_line(name: str, is_one: bool) -> None:
    assert notes.is_name(name) is is_one


def test_a_fingerprint_can_be_read_aloud() -> None:
    groups = notes.fingerprint(SIGNER.public_key).split(" ")
    assert [len(group) for group in groups] == [4] * 16


def test_a_signature_of_another_length_is_none() -> None:
    assert not notes.is_signed(b"x", b"short", SIGNER.public_key)
