"""Figures: how busy the relay is, for whoever places rooms, and counters for Prometheus."""

from bisect import bisect_left
from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from relay.rooms.registry import Registry
from relay.transport.front import FrontDoor

LOAD_TICKS: Final = 100
"""Ticks that the load is taken over: five seconds."""
_LAG_BOUNDS_S: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0)


class _Sample(NamedTuple):
    at_s: float
    cpu_s: float
    packets_out: int
    lag_s: float


class LoadMeter:
    """What this process did in the last five seconds; told of every tick of its clock."""

    def __init__(self, cpu_s: Callable[[], float], packets_out: Callable[[], int]) -> None:
        """`cpu_s` is the time the process has used, `packets_out` how many packets it has sent, both ever rising."""
        self._cpu_s = cpu_s
        self._packets_out = packets_out
        self._samples: deque[_Sample] = deque(maxlen=LOAD_TICKS)
        self.lag_counts = [0] * (len(_LAG_BOUNDS_S) + 1)
        """Ticks by lateness; the last one is for those above every bound."""
        self.lag_sum_s = 0.0

    def tick(self, now_s: float, lag_s: float) -> None:
        """`lag_s` is how much later than asked the event loop came round, or how long a tick held it up."""
        self._samples.append(_Sample(now_s, self._cpu_s(), self._packets_out(), lag_s))
        self.lag_counts[bisect_left(_LAG_BOUNDS_S, lag_s)] += 1
        self.lag_sum_s += lag_s

    def describe(self) -> dict[str, float]:
        """cpu is the share of one core, more than 1 only with threads; all zero before the second tick."""
        first, last = (self._samples[0], self._samples[-1]) if self._samples else (None, None)
        if first is None or last is None or last.at_s <= first.at_s:
            return {"cpu": 0.0, "packets_out_per_s": 0.0, "loop_lag_ms_p99": 0.0}
        span_s = last.at_s - first.at_s
        return {
            "cpu": round((last.cpu_s - first.cpu_s) / span_s, 3),
            "packets_out_per_s": round((last.packets_out - first.packets_out) / span_s, 1),
            "loop_lag_ms_p99": round(1000 * self._lag_p99_s(), 2),
        }

    def _lag_p99_s(self) -> float:
        lags = sorted(sample.lag_s for sample in self._samples)
        return lags[len(lags) * 99 // 100 - 1] if len(lags) >= LOAD_TICKS else lags[-1]


class Events(Protocol):
    """What is told to the application."""

    @property
    def waiting(self) -> int: ...
    @property
    def dropped(self) -> int: ...


def render(registry: Registry, front: FrontDoor, load: LoadMeter, events: Events) -> str:
    """The exposition text."""
    collectors = CollectorRegistry()
    collectors.register(_Figures(registry, front, load, events))
    return generate_latest(collectors).decode()


class _Figures:
    def __init__(self, registry: Registry, front: FrontDoor, load: LoadMeter, events: Events) -> None:
        self._events = events
        self._registry = registry
        self._front = front
        self._load = load

    def collect(self) -> list[Metric]:
        peers = list(self._registry.peers())
        traffic = self._front.traffic
        tracks = sum(len(peer.publications) for peer in peers)
        subscriptions = sum(len(peer.subscriptions) for peer in peers)
        return [
            GaugeMetricFamily("relay_rooms", "Open rooms.", value=len(self._registry.rooms)),
            GaugeMetricFamily("relay_participants", "Participants in rooms.", value=len(peers)),
            GaugeMetricFamily("relay_tracks", "Published tracks.", value=tracks),
            GaugeMetricFamily("relay_subscriptions", "Tracks on their way to a receiver.", value=subscriptions),
            CounterMetricFamily("relay_datagrams_received", "Datagrams and TCP frames read.", value=traffic.received),
            CounterMetricFamily("relay_received_bytes", "Bytes in them.", value=traffic.received_bytes),
            CounterMetricFamily("relay_datagrams_sent", "Datagrams and TCP frames sent.", value=traffic.sent),
            CounterMetricFamily("relay_sent_bytes", "Bytes in them.", value=traffic.sent_bytes),
            CounterMetricFamily("relay_datagrams_unsent", "Datagrams the socket refused.", value=traffic.unsent),
            CounterMetricFamily(
                "relay_unsegmented", "Addresses to which datagrams go one by one.", value=traffic.unsegmented
            ),
            _dropped(self._front),
            GaugeMetricFamily("relay_tcp_connections", "Clients' TCP connections.", value=self._front.tcp_connections),
            GaugeMetricFamily(
                "relay_handshakes_waiting", "DTLS handshakes in line.", value=self._front.handshakes.waiting
            ),
            CounterMetricFamily(
                "relay_handshakes_refused", "DTLS handshakes that found the line full.", self._front.handshakes.refused
            ),
            GaugeMetricFamily("relay_events_waiting", "Events for the application.", value=self._events.waiting),
            CounterMetricFamily("relay_events_dropped", "Events it never took.", value=self._events.dropped),
            _lag(self._load),
        ]


def _dropped(front: FrontDoor) -> Metric:
    dropped = CounterMetricFamily("relay_dropped", "What arrived and went no further.", labels=["reason"])
    for reason, count in front.dropped.items():
        dropped.add_metric([reason], count)
    return dropped


def _lag(load: LoadMeter) -> Metric:
    buckets, so_far = [], 0
    for bound, count in zip((*map(str, _LAG_BOUNDS_S), "+Inf"), load.lag_counts, strict=True):
        so_far += count
        buckets.append((bound, so_far))
    return HistogramMetricFamily(
        "relay_loop_lag_seconds", "How late the event loop came round.", buckets=buckets, sum_value=load.lag_sum_s
    )
