"""One load on one server: who comes, what is sent, what is counted."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from heapq import heapify, heapreplace
from typing import Final

from tests.bench.relaying import figures
from tests.bench.relaying.figures import Moment, Shares
from tests.bench.relaying.line import Line
from tests.bench.relaying.loads import Load
from tests.bench.relaying.participant import Participant, Publishing, Server

_WAVE: Final = 20
"""Participants who come at the same time."""
_PATIENCE_S: Final = 60.0
_SETTLE_S: Final = 1.5
_SETTLE_LAYERS_S: Final = 4.0
"""Until everybody is on the layer they asked for: key frames come once a second."""
_IN_FLIGHT_S: Final = 0.3
_LANDINGS: Final = 10
"""After so many waits a server is no longer waited for: what comes later is lost."""
_REPORT_S: Final = 1.0
_TOO_LATE_S: Final = 0.5
_LOSS_NOTED: Final = 0.0005


@dataclass(frozen=True)
class Run:
    """One row of the result."""

    server: str
    load: str
    participants: int
    packets_out: int
    packets_out_per_s: float
    cpu_us_per_packet: float | None
    cpu_us_per_participant_s: float
    """CPU time in a second for each of them, however much they send."""
    cpu_share: float
    """Of one core; threads may make it more than 1."""
    delay_ms: dict[str, float] | None
    """From the publisher's stamp to the kernel's receive time: p50, p99 of the decrypted packets."""
    loss: float
    decrypted: int
    undecryptable: int
    """Decrypted packets that failed to, or whose content was not what was sent."""
    memory_kb_per_participant: float
    loop_lag_ms: dict[str, float] | None
    client_share: float
    """What the clients of this measurement used, of one core."""
    others_share: float
    """What everybody else on this machine used, in cores."""
    client_overflow: int
    """Packets that came to a client's socket and were not read in time: part of the loss, and not the server's."""
    remark: str
    """What else must be known about this server."""
    limited_by: str | None
    """`client`, `server` or `machine` when the figures are of something that was full."""


class Sender:
    """Sends the streams of all publishers, each at its own even pace, publishers out of step with one another."""

    def __init__(self, publishing: Sequence[Publishing]) -> None:
        """Begins paused."""
        self.sent = 0
        self._publishing = publishing
        self._is_paused = True
        self._due: list[tuple[float, int]] = []
        self._streams = [(one, source) for one in publishing for source in one.sources]

    def resume(self) -> None:
        """From now on, at the full pace."""
        now_s = time.monotonic()
        frame_s = [1 / source.stream.per_s for _, source in self._streams]
        share = 1 / max(1, len(self._streams))
        self._due = [(now_s + period * number * share, number) for number, period in enumerate(frame_s)]
        heapify(self._due)
        self._is_paused = False

    def pause(self) -> None:
        """Nothing more until resumed."""
        self._is_paused = True

    async def run(self) -> None:
        """Send until cancelled."""
        reported_s = 0.0
        while True:
            now_s = time.monotonic()
            if self._is_paused:
                await asyncio.sleep(0.005)
                continue
            if now_s - reported_s > _REPORT_S:
                reported_s = now_s
                for one in self._publishing:
                    one.report()
            while self._due[0][0] <= now_s:
                self._send_next(now_s)
            await asyncio.sleep(max(0.0, self._due[0][0] - time.monotonic()))

    def _send_next(self, now_s: float) -> None:
        due_s, number = self._due[0]
        publishing, source = self._streams[number]
        self.sent += publishing.send(source)
        if now_s - due_s > _TOO_LATE_S:
            due_s = now_s  # what was missed is not made up for
        heapreplace(self._due, (due_s + 1 / source.stream.per_s, number))


@dataclass
class _Room:
    """Those who came."""

    server: Server
    load: Load
    tasks: asyncio.TaskGroup
    names: dict[str, Participant] = field(default_factory=dict)
    running: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def publishers(self) -> dict[str, Participant]:
        return {name: one for name, one in self.names.items() if one.publishing is not None}

    @property
    def watchers(self) -> dict[str, Participant]:
        if self.load.is_meeting:
            return self.publishers
        return {name: one for name, one in self.names.items() if one.publishing is None}

    def lines(self) -> list[Line]:
        return [line for one in self.names.values() for line in one.lines]

    async def publish(self) -> Sender:
        """Let the publishers in."""
        names = [f"publisher-{number}" for number in range(self.load.publishers)]
        for begin in range(0, len(names), _WAVE):
            wave = names[begin : begin + _WAVE]
            self._enter(wave, publishes=True)
            await _until(lambda: all(_is_published(one) for one in self.names.values()), "publishers")
        sender = Sender([one.publishing for one in self.names.values() if one.publishing is not None])
        self.running.append(self.tasks.create_task(sender.run()))
        return sender

    async def receive(self) -> None:
        """Let the receivers in, and have everybody watch."""
        if self.load.is_meeting:
            await self._watch(list(self.publishers))
        names = [f"receiver-{number}" for number in range(self.load.receivers)]
        for begin in range(0, len(names), _WAVE):
            wave = names[begin : begin + _WAVE]
            self._enter(wave, publishes=False)
            await self._watch(wave)

    def _enter(self, names: Sequence[str], *, publishes: bool) -> None:
        for name in names:
            self.names[name] = one = self.server.participant(name, self.load, publishes=publishes)
            self.running.append(self.tasks.create_task(one.run()))

    async def _watch(self, names: Sequence[str]) -> None:
        publishers = list(self.publishers)
        async with asyncio.timeout(_PATIENCE_S), asyncio.TaskGroup() as asking:
            for name in names:
                others = [one for one in publishers if one != name]
                asking.create_task(self.names[name].watch(others, others[0] if others else ""))
        await _until(lambda: all(self._sees(self.names[name]) for name in names), "receivers")

    def _sees(self, one: Participant) -> bool:
        heard = sum(len(line.heard) for line in one.lines)
        return all(line.up.is_set() for line in one.lines) and heard >= self.load.received_tracks


def _is_published(one: Participant) -> bool:
    return one.publishing is not None and one.publishing.line.up.is_set()


async def _until(condition: Callable[[], bool], who: str) -> None:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            while not condition():
                await asyncio.sleep(0.02)
    except TimeoutError as error:
        raise TimeoutError(f"{who} were not connected within {_PATIENCE_S:.0f} s") from error


@dataclass(frozen=True, slots=True)
class _Arrived:
    """Counters of all lines at one time."""

    packets: int
    numbers: int
    """How far the sequence numbers of all streams have come."""
    decrypted: int
    overflow: int

    @classmethod
    def at(cls, lines: Sequence[Line]) -> "_Arrived":
        return cls(
            sum(line.received for line in lines),
            sum(highest for line in lines for highest in line.heard.values()),
            sum(line.decrypted for line in lines),
            figures.overflowed({line.address[1] for line in lines}),
        )


async def measure(name: str, opened: AbstractAsyncContextManager[Server], load: Load, seconds: float) -> Run:
    """Raises TimeoutError when a participant could not connect or did not get what was published."""
    async with opened as server:
        resident_before_kb = figures.resident_kb(server.pid)
        async with asyncio.TaskGroup() as tasks:
            room = _Room(server, load, tasks)
            sender = await room.publish()
            if load.streams:
                sender.resume()
            await room.receive()
            await asyncio.sleep(_SETTLE_LAYERS_S if load.has_simulcast else _SETTLE_S)
            run = await _counted(name, room, sender, seconds, resident_before_kb)
            for task in room.running:
                task.cancel()
        return run


async def _landed(lines: Sequence[Line]) -> None:
    """What was sent has arrived: for some time nothing more did."""
    for _ in range(_LANDINGS):
        before = sum(line.received for line in lines)
        await asyncio.sleep(_IN_FLIGHT_S)
        if sum(line.received for line in lines) == before:
            return


async def _counted(name: str, room: _Room, sender: Sender, seconds: float, resident_before_kb: float) -> Run:
    server, load, lines = room.server, room.load, room.lines()
    sender.pause()
    await _landed(lines)
    for line in lines:
        line.delays_ns.clear()
    lag_before = await server.loop_lag()
    arrived, sent, begin = _Arrived.at(lines), sender.sent, Moment.now(server.pid)
    if load.streams:
        sender.resume()
    await asyncio.sleep(seconds)
    sender.pause()
    shares = Shares.between(begin, Moment.now(server.pid))
    await _landed(lines)
    used_s = Moment.now(server.pid).server_cpu_s - begin.server_cpu_s
    then, lag_after = _Arrived.at(lines), await server.loop_lag()
    packets, overflow = then.packets - arrived.packets, then.overflow - arrived.overflow
    counts_alike = server.forwards and not load.is_meeting
    expected = (sender.sent - sent) * len(room.watchers) if counts_alike else then.numbers - arrived.numbers
    loss = max(0.0, 1 - packets / expected) if expected else 0.0
    return Run(
        server=name,
        load=load.name,
        participants=load.participants,
        packets_out=packets,
        packets_out_per_s=round(packets / seconds, 1),
        cpu_us_per_packet=round(used_s / packets * 1e6, 2) if load.streams and packets else None,
        cpu_us_per_participant_s=round(shares.server / load.participants * 1e6, 1),
        cpu_share=round(shares.server, 3),
        delay_ms=figures.percentiles_ms([delay for line in lines for delay in line.delays_ns]),
        loss=round(loss, 5),
        decrypted=then.decrypted - arrived.decrypted,
        undecryptable=sum(line.undecryptable for line in lines),
        memory_kb_per_participant=round((figures.resident_kb(server.pid) - resident_before_kb) / load.participants, 1),
        loop_lag_ms=figures.lag_ms(lag_before, lag_after),
        client_share=round(shares.client, 3),
        others_share=round(shares.others, 2),
        client_overflow=overflow,
        remark=server.remark,
        limited_by="client" if overflow else shares.limit() or ("server" if loss > _LOSS_NOTED else None),
    )
