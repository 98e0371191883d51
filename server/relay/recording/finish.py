"""Everything that is made of a recording after its end; may be begun again at any time, and goes on where it can."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import chain
from pathlib import Path

from relay import __version__
from relay.recording import journal, state
from relay.recording.clock import Curve, participant_clock
from relay.recording.manifest import Composed, Manifest, Stream, finished, pack
from relay.recording.mux import Source, digest, survey, write_stream
from relay.recording.picture import compose
from relay.recording.scene import History, Scene, history, scene
from relay.recording.sound import mix
from relay.recording.stage import HEIGHT, WIDTH
from relay.recording.state import JOURNAL, MANIFEST, SPOOL, State

_SURVEYED, _WRITTEN, _MIXED = 5, 12, 30
"""Percent that are done when the spools are read, the streams written, the sound mixed."""


class Altered(Exception):
    """What was made is not there as it was made, and cannot be made again; nothing is changed."""


def finish(folder: Path, advanced: Callable[[int], None]) -> None:
    """Make the stream files, the composed file and the manifest; `advanced` is told percentages. Raises Altered.

    What cannot be made leaves nothing half made: it may be the disk that is full.
    """
    try:
        _finish(folder, advanced)
    finally:
        for part in folder.glob("*.part"):
            if part.stem != state.FILE:  # which the relay writes meanwhile
                part.unlink(missing_ok=True)


def _finish(folder: Path, advanced: Callable[[int], None]) -> None:
    recorded = state.read(folder)
    assert recorded is not None, "the relay writes the state before anything else"
    if _is_finished(folder, folder / recorded.composed):
        return
    sources = _survey(folder, advanced)
    span = _span(recorded, folder, sources)
    told = history(_events(folder), span[1])
    streams = [*_write(sources, recorded, told, advanced), *told.kept_out()]
    manifest = Manifest(
        recording=recorded.id,
        room=recorded.room,
        room_sid=recorded.room_sid,
        started_at_ms=span[0] // 1000,
        ended_at_ms=span[1] // 1000,
        software=f"relay {__version__}",
        interrupted=not told.was_stopped,
        ended_because=recorded.error,
        composed=None,
        participants=told.participants(),
        streams=tuple(streams),
    )
    state.write_whole(folder / MANIFEST, pack(manifest))
    composed, left_out = _compose(folder, recorded, scene(recorded.room, span, told, streams, folder), advanced)
    streams = [replace(stream, left_out=left_out.get(stream.track, 0)) for stream in streams]
    state.write_whole(folder / MANIFEST, pack(replace(manifest, composed=composed, streams=tuple(streams))))
    _drop_spools(folder)


def _is_finished(folder: Path, film: Path) -> bool:
    """Whether all is made, and the film still the one that the manifest speaks of. Raises Altered."""
    made = finished(folder)
    if made is None:
        return False
    if film.exists() and digest(film) == made.sha256:
        _drop_spools(folder)  # what was left when the program was killed over it
        return True
    if not all((folder / f"{track}{SPOOL}").exists() for track in made.tracks):
        raise Altered("the composed file is not the one that was made, and the packets are gone")
    return False


def _drop_spools(folder: Path) -> None:
    """Remove the packets of what is made, once that is on disk for good."""
    state.sync(folder)
    made = finished(folder)
    for track in made.tracks if made is not None else ():
        (folder / f"{track}{SPOOL}").unlink(missing_ok=True)


def _events(folder: Path) -> list[journal.Event]:
    path = folder / JOURNAL
    return journal.read(path.read_bytes()) if path.exists() else []


def _span(recorded: State, folder: Path, sources: Iterable[Source]) -> tuple[int, int]:
    """From when to when it runs: to its end, or to the last thing that is known if the relay was killed."""
    events = _events(folder)
    last_us = max(chain((one["at_us"] for one in events), (source.last_at_us for source in sources)), default=0)
    return recorded.started_at_us, max(last_us, recorded.started_at_us)


def _survey(folder: Path, advanced: Callable[[int], None]) -> list[Source]:
    paths = sorted(folder.glob(f"*{SPOOL}"))
    sources = []
    for number, path in enumerate(paths):
        source = survey(path)
        if source is not None:
            sources.append(source)
        advanced(_SURVEYED * (number + 1) // len(paths))
    return sorted(sources, key=lambda source: source.description.began_at_us)


def _write(sources: list[Source], recorded: State, told: History, advanced: Callable[[int], None]) -> list[Stream]:
    clocks: dict[str, Curve | None] = {
        who: participant_clock(
            run for source in sources if source.description.participant == who for run in source.times.runs
        )
        for who in {source.description.participant for source in sources}
    }
    streams = []
    for number, source in enumerate(sources):
        description = source.description
        known = told.known_gaps(description.track)
        streams.append(write_stream(source, clocks[description.participant], recorded.started_at_us, known))
        advanced(_SURVEYED + (_WRITTEN - _SURVEYED) * (number + 1) // len(sources))
    return streams


def _compose(
    folder: Path, recorded: State, played: Scene, advanced: Callable[[int], None]
) -> tuple[Composed, dict[str, int]]:
    """The film, and how many pictures of each track are not in it."""
    path = folder / recorded.composed
    sound, part = folder / "sound.part", folder / "composed.part"
    mixed = mix(played, sound, lambda share: advanced(_WRITTEN + int((_MIXED - _WRITTEN) * share)))
    left_out: dict[str, int] = {}
    if recorded.audio_only:
        sound.replace(part)
    else:
        left_out = compose(played, mixed, sound, part, lambda share: advanced(_MIXED + int((99 - _MIXED) * share)))
        sound.unlink()
    state.sync(part)
    part.replace(path)
    width, height = (0, 0) if recorded.audio_only else (WIDTH, HEIGHT)
    made = Composed(path.name, path.stat().st_size, digest(path), played.duration_us // 1000, width, height)
    return made, left_out
