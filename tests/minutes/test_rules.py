"""When minutes may be drafted."""

from dataclasses import replace

import pytest

from ecabinet.kernel.ids import MinutesId
from ecabinet.meetings.model import Phase
from ecabinet.minutes.compose import compose
from ecabinet.minutes.model import MeetingNotClosed, MinutesVersion
from ecabinet.minutes.rules import drafted, require_closed
from tests.fakes.gathering import MEETING, SECRETARY, a_meeting
from tests.fakes.kernel import NOON
from tests.minutes.facts import FACTS

VERSION = MinutesVersion(MinutesId("v1"), MEETING, 3, NOON, SECRETARY, "d" * 64, 98_000, compose(FACTS))


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase is not Phase.CLOSED])
def test_there_are_no_minutes_before_the_end(phase: Phase) -> None:
    with pytest.raises(MeetingNotClosed) as refused:
        require_closed(replace(a_meeting(), phase=phase))
    assert refused.value.detail == {"phase": phase.value}


def test_after_the_end_there_may_be() -> None:
    require_closed(replace(a_meeting(), phase=Phase.CLOSED))


def test_the_record_keeps_the_digest_and_the_figures() -> None:
    payload = drafted(VERSION).payload()
    assert (payload["digest"], payload["version"], payload["size_bytes"]) == ("d" * 64, 3, 98_000)
    assert {"name": "Nội dung 2: tán thành", "value": "6/7", "entries": [61, 62, 63, 64, 65, 66, 69]} in payload[
        "figures"
    ]
