"""Egress: recordings, as LiveKit's applications ask for them.

Of LiveKit's ways this relay has one: a whole room, into files of its own folder. What it cannot do it refuses by name
rather than do something else.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NoReturn

from google.protobuf.message import Message
from livekit.protocol.egress import (
    EgressInfo,
    EgressStatus,
    EncodedFileOutput,
    EncodedFileType,
    FileInfo,
    ListEgressRequest,
    ListEgressResponse,
    ParticipantEgressRequest,
    RoomCompositeEgressRequest,
    StopEgressRequest,
    TrackCompositeEgressRequest,
    TrackEgressRequest,
    UpdateLayoutRequest,
    UpdateStreamRequest,
    WebEgressRequest,
)

from relay.recording import recordings as kept
from relay.recording.recordings import Recordings
from relay.recording.state import MANIFEST, State
from relay.tokens import Claims
from relay.twirp import Calls, TwirpError, require

_CODES: Final[dict[type[kept.Refused], str]] = {
    kept.NoFolder: "failed_precondition",
    kept.BadName: "invalid_argument",
    kept.NoSuchRoom: "not_found",
    kept.Underway: "already_exists",
    kept.DiskFull: "resource_exhausted",
    kept.NoSuchRecording: "not_found",
}
_STATUS: Final = {
    "recording": EgressStatus.EGRESS_ACTIVE,
    "finishing": EgressStatus.EGRESS_ENDING,
    "complete": EgressStatus.EGRESS_COMPLETE,
    "limited": EgressStatus.EGRESS_LIMIT_REACHED,
    "failed": EgressStatus.EGRESS_FAILED,
}
_OTHERS: Final[Mapping[str, type[Message]]] = {
    "StartWebEgress": WebEgressRequest,
    "StartParticipantEgress": ParticipantEgressRequest,
    "StartTrackCompositeEgress": TrackCompositeEgressRequest,
    "StartTrackEgress": TrackEgressRequest,
    "UpdateLayout": UpdateLayoutRequest,
    "UpdateStream": UpdateStreamRequest,
}
_UNFINISHED: Final = (EgressStatus.EGRESS_ACTIVE, EgressStatus.EGRESS_ENDING)
_ELSEWHERE: Final = ("stream", "segments", "stream_outputs", "segment_outputs", "image_outputs")
_REFINED: Final = ("custom_base_url", "preset", "advanced", "video_only", "audio_mixing", "webhooks")


class Egress:
    """The calls, each a method named after what it does."""

    def __init__(self, recordings: Recordings, new_id: Callable[[], str]) -> None:
        self._recordings = recordings
        self._new_id = new_id
        others: Calls = {method: (kind, _refuse) for method, kind in _OTHERS.items()}
        self.calls: Final[Calls] = {
            **others,
            "StartRoomCompositeEgress": (RoomCompositeEgressRequest, self._start),
            "ListEgress": (ListEgressRequest, self._list),
            "StopEgress": (StopEgressRequest, self._stop),
        }

    async def _start(self, request: RoomCompositeEgressRequest, claims: Claims) -> EgressInfo:
        require(claims.room_record)
        name = _output(request).filepath
        egress_id = self._new_id()
        try:
            state = await self._recordings.start(
                egress_id, request.room_name, name or egress_id, audio_only=request.audio_only
            )
        except kept.Refused as refused:
            raise _told(refused) from refused
        return describe(state, self._recordings.root)

    async def _stop(self, request: StopEgressRequest, claims: Claims) -> EgressInfo:
        require(claims.room_record)
        try:
            state = await self._recordings.stop(request.egress_id)
        except kept.Refused as refused:
            raise _told(refused) from refused
        return describe(state, self._recordings.root)

    async def _list(self, request: ListEgressRequest, claims: Claims) -> ListEgressResponse:
        require(claims.room_record)
        found = [
            describe(state, self._recordings.root)
            for state in await self._recordings.states(request.room_name, request.egress_id)
        ]
        return ListEgressResponse(items=[info for info in found if not request.active or info.status in _UNFINISHED])


def _output(request: RoomCompositeEgressRequest) -> EncodedFileOutput:
    """Where it is to be written. Raises TwirpError for what this relay cannot do."""
    asked = {field.name for field, _ in request.ListFields()}
    for name in (*_ELSEWHERE, *_REFINED):
        if name in asked:
            raise TwirpError("unimplemented", f"{name} is not among what this relay can do")
    outputs = [*request.file_outputs, *([request.file] if request.HasField("file") else [])]
    if len(outputs) > 1:
        raise TwirpError("unimplemented", "a recording has one file output")
    output = outputs[0] if outputs else EncodedFileOutput()
    if output.WhichOneof("output"):
        raise TwirpError("unimplemented", "recordings are kept in the relay's folder")
    if output.file_type != EncodedFileType.DEFAULT_FILETYPE:
        raise TwirpError("unimplemented", "recordings are WebM files")
    if request.layout and not request.layout.startswith("speaker"):
        raise TwirpError("unimplemented", "the layout is that of the speaker")
    return output


def _told(refused: kept.Refused) -> TwirpError:
    return TwirpError(_CODES[type(refused)], str(refused))


def _refuse(_: Message, claims: Claims) -> NoReturn:
    require(claims.room_record)
    raise TwirpError("unimplemented", "this relay records whole rooms: StartRoomCompositeEgress")


def describe(state: State, root: Path | None) -> EgressInfo:
    """A recording as LiveKit tells of it, in nanoseconds; `details` is the percentage while its files are made."""
    info = EgressInfo(
        egress_id=state.id,
        room_id=state.room_sid,
        room_name=state.room,
        status=_STATUS[state.phase],
        started_at=state.started_at_us * 1000,
        ended_at=state.ended_at_us * 1000,
        updated_at=state.updated_at_us * 1000,
        error=state.error,
        details=str(state.percent) if state.phase == "finishing" else "",
        manifest_location=f"{state.name}/{MANIFEST}",
        room_composite=RoomCompositeEgressRequest(
            room_name=state.room, audio_only=state.audio_only, file_outputs=[EncodedFileOutput(filepath=state.name)]
        ),
    )
    if state.phase in ("complete", "limited"):
        name = f"{state.name}/{state.composed}"
        info.file_results.append(
            FileInfo(
                filename=name,
                started_at=info.started_at,
                ended_at=info.ended_at,
                duration=state.duration_us * 1000,
                size=state.size_bytes,
                location=str(root / name) if root is not None else "",
            )
        )
    return info
