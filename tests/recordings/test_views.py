"""That there is a recording is for everybody; what is in it, for those who keep it."""

import pytest

from ecabinet.kernel.access import Role, Standing
from ecabinet.kernel.ids import ItemId, PersonId
from ecabinet.recordings.model import Acknowledgement
from ecabinet.recordings.views import acknowledgement_entry, of_mine_or_kept, recording_entry, without_files
from tests.fakes.gathering import AN, CHAIR
from tests.fakes.kernel import NOON

from .films import FAILED, FINISHED, RECORDING, RUNNING


def standing(role: Role, recused: frozenset[ItemId] = frozenset(), person: PersonId = AN) -> Standing:
    return Standing(person, frozenset({role}), recused=recused)


def test_a_recording_that_runs() -> None:
    assert recording_entry(RUNNING) == {
        "id": RECORDING,
        "number": 1,
        "phase": "running",
        "started_at": "2026-11-25T05:00:00.000Z",
        "started_by": CHAIR,
        "stopped_at": None,
        "cause": None,
        "fault": None,
        "parts": [],
    }


def test_a_recording_of_which_there_is_a_film() -> None:
    entry = recording_entry(FINISHED)
    assert (entry["phase"], entry["stopped_at"], entry["cause"]) == ("finished", "2026-11-25T06:00:00.000Z", "chair")
    assert entry["parts"] == [
        {
            "n": 1,
            "begun_at": "2026-11-25T05:00:00.000Z",
            "size_bytes": 1_000_000,
            "digest": "a" * 64,
            "manifest_digest": "b" * 64,
            "fault": None,
        }
    ]


def test_a_recording_of_which_nothing_came() -> None:
    entry = recording_entry(FAILED)
    assert entry["fault"] == "not_composed"
    assert entry["parts"] is not None
    [part] = entry["parts"]
    assert (part["size_bytes"], part["digest"], part["manifest_digest"], part["fault"]) == (
        *(None, None, None),
        "not_composed",
    )


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        (standing(Role.CHAIR), True),
        (standing(Role.SECRETARY), True),
        (standing(Role.SECRETARY, frozenset({ItemId("i")})), False),
        (standing(Role.MEMBER), False),
        (standing(Role.STAND_IN), False),
        (standing(Role.GUEST), False),
    ],
)
def test_its_files_are_for_the_chair_and_the_secretaries_who_have_withdrawn_from_nothing(
    who: Standing, sees: bool
) -> None:
    entry = dict(recording_entry(FINISHED))
    shown = without_files(entry, who)
    assert shown == (entry if sees else {**entry, "parts": None})
    assert shown.keys() == entry.keys()


def test_everybody_sees_his_own_word_and_those_who_keep_recordings_everybodys() -> None:
    entry = acknowledgement_entry(Acknowledgement(RECORDING, CHAIR, NOON))
    assert entry == {
        "id": f"{RECORDING}:chair",
        "recording": RECORDING,
        "person": "chair",
        "at": "2026-11-25T05:00:00.000Z",
    }
    looks = [standing(Role.SECRETARY), standing(Role.MEMBER, person=CHAIR), standing(Role.MEMBER)]
    assert [of_mine_or_kept("", entry, each) for each in looks] == [True, True, False]
