"""What is read from the kernel and made of the samples."""

import os
import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PAGE_KB = os.sysconf("SC_PAGE_SIZE") / 1024
_FULL = 0.95


def cpu_s(pid: int) -> float:
    """User and system time of a process, all threads, from the scheduler's own nanosecond count."""
    used = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            used += int((task / "schedstat").read_text(encoding="ascii").split()[0])
        except OSError:
            pass  # a thread that has just ended
    return used / 1e9


def resident_kb(pid: int) -> float:
    """Memory of a process that is in RAM."""
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * _PAGE_KB


def busy_s() -> float:
    """What all cores of this machine have worked, whoever it was for."""
    fields = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:]
    user, nice, system, _, _, irq, softirq, *_ = (int(word) for word in fields)
    return (user + nice + system + irq + softirq) / _TICKS_PER_S


def overflowed(ports: set[int]) -> int:
    """Datagrams the kernel threw away because one of these UDP ports was not read in time."""
    dropped = 0
    for line in Path("/proc/net/udp").read_text(encoding="ascii").splitlines()[1:]:
        words = line.split()
        if int(words[1].rpartition(":")[2], 16) in ports:
            dropped += int(words[-1])
    return dropped


@dataclass(frozen=True, slots=True)
class Moment:
    """Counters at one time."""

    at_s: float
    server_cpu_s: float
    client_cpu_s: float
    busy_s: float

    @classmethod
    def now(cls, pid: int) -> "Moment":
        """`pid` is the server's."""
        return cls(time.monotonic(), cpu_s(pid), cpu_s(os.getpid()), busy_s())


@dataclass(frozen=True, slots=True)
class Shares:
    """Who used how much of a core between two moments."""

    server: float
    client: float
    others: float

    @classmethod
    def between(cls, begin: Moment, end: Moment) -> "Shares":
        """Of the time from one to the other."""
        wall_s = end.at_s - begin.at_s
        server, client = end.server_cpu_s - begin.server_cpu_s, end.client_cpu_s - begin.client_cpu_s
        others = max(0.0, end.busy_s - begin.busy_s - server - client)
        return cls(server / wall_s, client / wall_s, others / wall_s)

    def limit(self) -> str | None:
        """What was full, if anything was."""
        if self.client > _FULL:
            return "client"
        if self.server + self.client + self.others > _FULL * cores():
            return "machine"
        return "server" if self.server > _FULL else None


def percentiles_ms(values_ns: Sequence[int]) -> dict[str, float] | None:
    """Median and 99th percentile; None of nothing."""
    if not values_ns:
        return None
    ranked = sorted(values_ns)
    return {
        name: round(ranked[int((len(ranked) - 1) * share)] / 1e6, 3) for name, share in (("p50", 0.5), ("p99", 0.99))
    }


def lag_ms(before: dict[float, float] | None, after: dict[float, float] | None) -> dict[str, float] | None:
    """Median and 99th percentile between two states of a histogram, evenly spread within a bucket."""
    if before is None or after is None:
        return None
    counts = [(bound, after[bound] - before.get(bound, 0)) for bound in sorted(after)]
    total = counts[-1][1]
    if not total:
        return None
    return {"p50": _quantile_ms(counts, 0.5 * total), "p99": _quantile_ms(counts, 0.99 * total)}


def _quantile_ms(counts: Sequence[tuple[float, float]], rank: float) -> float:
    lower_s, below = 0.0, 0.0
    for bound_s, cumulative in counts:
        if cumulative >= rank and cumulative > below:
            if bound_s == float("inf"):
                return round(lower_s * 1000, 2)
            return round((lower_s + (bound_s - lower_s) * (rank - below) / (cumulative - below)) * 1000, 2)
        lower_s, below = bound_s, cumulative
    return round(lower_s * 1000, 2)


def cores() -> int:
    """How many this machine has."""
    return os.cpu_count() or 1


def machine() -> dict[str, Any]:
    """Where the figures are from."""
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        if line.startswith("model name")
    ]
    return {
        "cores": cores(),
        "cpu": names[0] if names else platform.machine(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "aiortc": version("aiortc"),
        "load_average": [round(one, 2) for one in os.getloadavg()],
    }
