"""The media server records what the chair decided, whatever happened before; and what comes of it is kept."""

import errno
import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from ecabinet.kernel.errors import NotFound
from ecabinet.recordings.model import Fault, Phase, TakePhase
from ecabinet.recordings.rules import GIVEN_UP_AFTER
from tests.fakes.gathering import MEETING, SECRETARY
from tests.fakes.recordings import AnyTake, MemoryTakes, manifest_of

from .studio import FILM, MANIFEST, Studio, studio

__all__ = ["studio"]


async def test_a_meeting_that_was_never_recorded_is_not_asked_about(studio: Studio) -> None:
    assert await studio.jobs.agree(MEETING)
    await studio.jobs.catch_up()
    await studio.jobs.take_in()
    assert studio.recorder.calls == []


async def test_from_the_decision_to_the_film(studio: Studio) -> None:
    made = await studio.start()
    assert await studio.jobs.agree(MEETING)
    await studio.jobs.catch_up()
    assert studio.phases == {"EG_1": "running"}
    assert studio.jobs.is_recorded(made)
    await studio.stop(made)
    assert await studio.jobs.agree(MEETING)
    studio.recorder.turn("EG_1", TakePhase.COMPOSING, 37)
    await studio.jobs.catch_up()
    await studio.jobs.take_in()
    assert (studio.jobs.is_recorded(made), studio.jobs.percent(made)) == (False, 37)
    assert (await studio.get(made)).phase is Phase.COMPOSING

    await studio.compose("EG_1")
    await studio.jobs.take_in()
    found = await studio.get(made)
    assert found.phase is Phase.FINISHED
    [part] = found.parts
    assert part.kept is not None
    assert part.kept.film.digest == hashlib.sha256(FILM).hexdigest()
    assert part.kept.film.size_bytes == len(FILM)
    assert await studio.blobs.get(part.kept.film.digest) == FILM
    assert await studio.blobs.get(part.kept.manifest.digest) == MANIFEST
    # The film has another place now; what it was made of stays, since the manifest speaks of it.
    assert (studio.takes.films, list(studio.takes.manifests)) == ({}, [part.name])


async def test_nothing_is_recorded_while_the_room_is_empty_and_begins_with_the_first_who_comes(studio: Studio) -> None:
    studio.recorder.rooms.clear()
    made = await studio.start()
    assert await studio.jobs.agree(MEETING)
    assert (await studio.get(made)).parts == ()
    studio.recorder.rooms.add(MEETING)
    await studio.jobs.catch_up()
    assert len((await studio.get(made)).parts) == 1


async def test_nothing_is_recorded_before_the_call_is_silent_of_those_who_do_not_know(studio: Studio) -> None:
    studio.is_silent = False
    await studio.start()
    assert await studio.jobs.agree(MEETING)
    await studio.jobs.catch_up()
    assert studio.phases == {}
    studio.is_silent = True
    studio.recorder.calls.clear()
    await studio.jobs.catch_up()
    assert studio.recorder.calls == ["takes", "hush anew", "start"]
    # Of those who come later the media server is told one by one; again at each look, should that have been lost.
    await studio.jobs.catch_up()
    assert studio.recorder.calls[3:] == ["takes", "hush"]


async def test_a_media_server_that_does_not_answer_is_not_said_to_record(studio: Studio) -> None:
    made = await studio.start()
    await studio.jobs.agree(MEETING)
    studio.recorder.is_down = True
    await studio.jobs.catch_up()
    assert not studio.jobs.is_recorded(made)
    studio.recorder.is_down = False
    await studio.jobs.catch_up()
    assert studio.jobs.is_recorded(made)


async def test_a_relay_that_died_records_on_as_another_part(studio: Studio) -> None:
    made = await studio.start()
    await studio.jobs.agree(MEETING)
    studio.recorder.turn("EG_1", TakePhase.COMPOSING)
    await studio.jobs.catch_up()
    assert studio.phases == {"EG_1": "composing", "EG_2": "running"}
    assert [part.take for part in (await studio.get(made)).parts] == ["EG_1", "EG_2"]
    # What the first part left is kept while the second one goes on.
    await studio.compose("EG_1")
    await studio.jobs.take_in()
    first, second = (await studio.get(made)).parts
    assert (first.is_settled, second.is_settled) == (True, False)
    assert (await studio.get(made)).phase is Phase.RUNNING


async def test_what_was_begun_before_a_crash_is_found_and_not_begun_twice(studio: Studio) -> None:
    made = await studio.start()
    await studio.recorder.start(MEETING, "begun-before-the-crash")
    await studio.anew().agree(MEETING)
    assert [part.name for part in (await studio.get(made)).parts] == ["begun-before-the-crash"]
    assert studio.phases == {"EG_1": "running"}


async def test_a_second_decision_does_not_go_on_with_the_first_take(studio: Studio) -> None:
    first = await studio.start()
    await studio.jobs.agree(MEETING)
    await studio.stop(first)
    second = await studio.start()
    await studio.jobs.agree(MEETING)
    assert studio.phases == {"EG_1": "composing", "EG_2": "running"}
    assert [part.take for part in (await studio.get(second)).parts] == ["EG_2"]


async def test_nobody_is_recorded_after_the_end_whatever_the_relay_was_doing(studio: Studio) -> None:
    made = await studio.start()
    await studio.jobs.agree(MEETING)
    await studio.stop(made)
    studio.recorder.is_down = True
    assert not await studio.jobs.agree(MEETING)
    await studio.jobs.take_in()
    studio.recorder.is_down = False
    await studio.jobs.catch_up()
    assert studio.phases == {"EG_1": "composing"}


async def test_a_recording_nobody_could_make_says_so(studio: Studio) -> None:
    studio.recorder.rooms.clear()
    made = await studio.start()
    await studio.jobs.agree(MEETING)
    await studio.stop(made)
    await studio.jobs.take_in()
    assert (await studio.get(made)).fault is Fault.NOTHING_RECORDED


@pytest.mark.parametrize(
    ("phase", "fault"), [(TakePhase.FAILED, Fault.NOT_COMPOSED), (TakePhase.COMPLETE, Fault.NOTHING_RECORDED)]
)
async def test_a_film_that_could_not_be_made_is_told_of_and_tried_again(
    studio: Studio, phase: TakePhase, fault: Fault
) -> None:
    made = await studio.start()
    await studio.jobs.agree(MEETING)
    await studio.stop(made)
    studio.recorder.turn("EG_1", phase)
    await studio.jobs.take_in()
    assert (await studio.get(made)).fault is fault
    await studio.uow.run(lambda act: studio.service(act).retry(MEETING, made, SECRETARY))
    await studio.compose("EG_1")
    await studio.jobs.take_in()
    assert (await studio.get(made)).phase is Phase.FINISHED


async def test_a_disk_that_is_full_keeps_the_film_where_it_is(studio: Studio) -> None:
    studio.takes.free = studio.reserve_bytes + len(FILM) - 1
    made = await studio.start()
    await studio.jobs.agree(MEETING)
    await studio.stop(made)
    await studio.compose("EG_1")
    await studio.jobs.take_in()
    assert (await studio.get(made)).fault is Fault.NO_ROOM
    assert list(studio.takes.films.values()) == [FILM]
    studio.takes.free += 1
    await studio.uow.run(lambda act: studio.service(act).retry(MEETING, made, SECRETARY))
    await studio.jobs.take_in()
    assert (await studio.get(made)).phase is Phase.FINISHED


async def test_a_disk_that_fills_up_while_the_film_is_copied_says_so(studio: Studio) -> None:
    class Full(MemoryTakes):
        async def film(self, name: str) -> AsyncIterator[bytes]:
            yield b"half"
            raise OSError(errno.ENOSPC, "No space left on device")

    studio.takes = Full()
    studio.jobs = studio.anew()
    made = await studio.start()
    await studio.jobs.agree(MEETING)
    await studio.stop(made)
    await studio.compose("EG_1")
    await studio.jobs.take_in()
    assert (await studio.get(made)).fault is Fault.NO_ROOM


@pytest.mark.parametrize("manifest", [manifest_of(b"another film"), b'{"composed": null}', b"[]", b"\xff"])
async def test_a_film_its_manifest_does_not_speak_of_is_not_taken_and_stays_where_it_is(
    studio: Studio, manifest: bytes
) -> None:
    made = await studio.start()
    await studio.jobs.agree(MEETING)
    await studio.stop(made)
    [part] = (await studio.get(made)).parts
    studio.takes.put(part.name, FILM, manifest)
    studio.recorder.turn("EG_1", TakePhase.COMPLETE)
    await studio.jobs.take_in()
    assert (await studio.get(made)).fault is Fault.ALTERED
    assert studio.takes.films == {part.name: FILM}
    with pytest.raises(NotFound):
        await studio.blobs.get(hashlib.sha256(FILM).hexdigest())
    await studio.uow.run(lambda act: studio.service(act).retry(MEETING, made, SECRETARY))
    studio.takes.put(part.name, FILM)
    await studio.jobs.take_in()
    assert (await studio.get(made)).phase is Phase.FINISHED


async def test_a_film_the_relay_does_not_speak_of_is_waited_for_until_its_manifest_does(studio: Studio) -> None:
    made = await studio.start()
    await studio.jobs.agree(MEETING)
    await studio.stop(made)
    [part] = (await studio.get(made)).parts
    studio.recorder.recorded.clear()
    studio.takes.put(part.name, b"half of it", b'{"composed": null}')
    await studio.jobs.take_in()
    assert (await studio.get(made)).phase is Phase.COMPOSING
    studio.takes.put(part.name, FILM)
    await studio.jobs.take_in()
    assert (await studio.get(made)).phase is Phase.FINISHED


async def test_one_that_cannot_be_kept_does_not_keep_the_others_waiting(studio: Studio) -> None:
    class Broken(MemoryTakes):
        async def manifest(self, name: str) -> AsyncIterator[bytes]:
            if name == self.broken:
                raise OSError(errno.EIO, "Input/output error")
            yield self.manifests[name]

        broken = ""

    studio.takes = takes = Broken()
    studio.jobs = studio.anew()
    first = await studio.start()
    await studio.jobs.agree(MEETING)
    await studio.stop(first)
    second = await studio.start()
    await studio.jobs.agree(MEETING)
    await studio.stop(second)
    for take in ("EG_1", "EG_2"):
        await studio.compose(take)
    takes.broken = (await studio.get(first)).parts[0].name
    await studio.jobs.take_in()
    assert [(await studio.get(each)).phase for each in (first, second)] == [Phase.COMPOSING, Phase.FINISHED]
    takes.broken = ""
    # Copying a film that cannot be read over and over would keep the disk from everything else.
    await studio.jobs.take_in()
    assert (await studio.get(first)).phase is Phase.COMPOSING
    studio.jobs.again_s = 0
    await studio.jobs.take_in()
    assert (await studio.get(first)).phase is Phase.FINISHED


async def test_a_film_is_kept_though_the_relay_has_forgotten_it(studio: Studio) -> None:
    made = await studio.start()
    await studio.jobs.agree(MEETING)
    await studio.stop(made)
    await studio.compose("EG_1")
    studio.recorder.recorded.clear()
    await studio.jobs.take_in()
    assert (await studio.get(made)).phase is Phase.FINISHED


async def test_what_the_relay_has_forgotten_is_waited_for_and_then_lost(studio: Studio) -> None:
    made = await studio.start()
    await studio.jobs.agree(MEETING)
    await studio.stop(made)
    studio.recorder.recorded.clear()
    await studio.jobs.take_in()
    assert (await studio.get(made)).phase is Phase.COMPOSING
    studio.jobs.given_up_s = 0
    await studio.jobs.take_in()
    assert (await studio.get(made)).fault is Fault.LOST


async def test_what_nobody_can_make_a_film_of_is_given_up_after_a_day_and_nothing_is_thrown_away(
    studio: Studio,
) -> None:
    made = await studio.start()
    await studio.jobs.agree(MEETING)
    await studio.stop(made)
    studio.recorder.is_down = True
    studio.jobs.given_up_s = studio.jobs.unchanged_s = 0
    studio.clock.pass_time(GIVEN_UP_AFTER - timedelta(seconds=1))
    await studio.jobs.take_in()
    assert (await studio.get(made)).phase is Phase.COMPOSING
    studio.clock.pass_time(timedelta(seconds=1))
    # Not before we have looked for long ourselves: it may be coming back with us.
    studio.jobs = studio.anew()
    await studio.jobs.take_in()
    assert (await studio.get(made)).phase is Phase.COMPOSING
    studio.jobs.unchanged_s = 0
    await studio.jobs.take_in()
    found = await studio.get(made)
    assert (found.phase, found.fault, found.parts[0].fault) == (Phase.FAILED, Fault.GIVEN_UP, Fault.GIVEN_UP)
    studio.recorder.calls.clear()
    await studio.jobs.catch_up()
    await studio.jobs.take_in()
    assert studio.recorder.calls == []

    # The media server is back, and so is what it had.
    studio.recorder.is_down = False
    await studio.uow.run(lambda act: studio.service(act).retry(MEETING, made, SECRETARY))
    studio.jobs.unchanged_s = 3600
    await studio.jobs.catch_up()
    await studio.jobs.take_in()
    assert (await studio.get(made)).phase is Phase.COMPOSING
    await studio.compose("EG_1")
    await studio.jobs.take_in()
    assert (await studio.get(made)).phase is Phase.FINISHED


async def test_what_comes_on_is_not_given_up_and_what_breaks_off_for_ever_is(studio: Studio) -> None:
    class Broken(MemoryTakes):
        async def film(self, name: str) -> AsyncIterator[bytes]:
            yield b"half"
            raise OSError(errno.EIO, "Input/output error")

    now_s = 0.0
    studio.takes = Broken()
    studio.jobs = studio.anew()
    studio.jobs.now_s = lambda: now_s
    made = await studio.start()
    await studio.jobs.agree(MEETING)
    await studio.stop(made)
    await studio.jobs.agree(MEETING)
    studio.clock.pass_time(GIVEN_UP_AFTER)
    for percent in range(4):
        studio.recorder.turn("EG_1", TakePhase.COMPOSING, percent)
        await studio.jobs.take_in()
        now_s += 3600
    assert (await studio.get(made)).phase is Phase.COMPOSING
    await studio.compose("EG_1")
    await studio.jobs.take_in()
    assert (await studio.get(made)).phase is Phase.COMPOSING
    now_s += 7200
    await studio.jobs.take_in()
    assert (await studio.get(made)).fault is Fault.GIVEN_UP
    assert list(studio.takes.films.values()) == [FILM]


async def test_a_film_is_kept_though_its_media_server_is_gone_for_good(studio: Studio) -> None:
    made = await studio.start()
    await studio.jobs.agree(MEETING)
    await studio.stop(made)
    await studio.compose("EG_1")
    studio.recorder.is_down = True
    await studio.jobs.take_in()
    assert (await studio.get(made)).phase is Phase.FINISHED


async def test_what_was_begun_but_not_said_before_the_stop_is_a_part_all_the_same(studio: Studio) -> None:
    made = await studio.start()
    await studio.recorder.start(MEETING, f"{made}-begun-before-the-crash")
    await studio.stop(made)
    await studio.jobs.take_in()
    await studio.jobs.catch_up()
    await studio.compose("EG_1")
    await studio.jobs.take_in()
    found = await studio.get(made)
    assert (found.phase, [part.take for part in found.parts]) == (Phase.FINISHED, ["EG_1"])


async def test_a_take_of_another_room_is_not_ours_to_stop(studio: Studio) -> None:
    studio.recorder.recorded["EG_9"] = (SECRETARY, AnyTake("EG_9", "other"))  # type: ignore[assignment]
    made = await studio.start()
    await studio.jobs.agree(MEETING)
    await studio.stop(made)
    await studio.jobs.agree(MEETING)
    assert studio.phases["EG_9"] == "running"
