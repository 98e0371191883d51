"""A recording at each step of its life."""

from dataclasses import replace
from datetime import timedelta

from ecabinet.kernel.ids import RecordingId
from ecabinet.recordings.model import Cause, Fault, Filed, Kept, Part, Phase, Recording
from tests.fakes.gathering import CHAIR, MEETING
from tests.fakes.kernel import NOON

RECORDING, ANOTHER = (RecordingId(name.ljust(26, "0")) for name in ("recording", "another"))
LATER = NOON + timedelta(hours=1)
KEPT = Kept(film=Filed(digest="a" * 64, size_bytes=1_000_000), manifest=Filed(digest="b" * 64, size_bytes=900))
RUNNING = Recording(RECORDING, MEETING, 1, Phase.RUNNING, NOON, CHAIR)
PART = Part(n=1, take="EG_1", name="film1", begun_at=NOON)
RECORDED = replace(RUNNING, parts=(PART,))
STOPPED = replace(RECORDED, phase=Phase.COMPOSING, stopped_at=LATER, cause=Cause.CHAIR)
FINISHED = replace(STOPPED, phase=Phase.FINISHED, parts=(replace(PART, kept=KEPT),))
FAILED = replace(
    STOPPED, phase=Phase.FAILED, fault=Fault.NOT_COMPOSED, parts=(replace(PART, fault=Fault.NOT_COMPOSED),)
)
