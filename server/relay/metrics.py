"""Figures for Prometheus, counted when asked for."""

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from relay.rooms.registry import Registry
from relay.transport.front import FrontDoor


def render(registry: Registry, front: FrontDoor) -> str:
    """The exposition text."""
    collectors = CollectorRegistry()
    collectors.register(_Figures(registry, front))
    return generate_latest(collectors).decode()


class _Figures:
    def __init__(self, registry: Registry, front: FrontDoor) -> None:
        self._registry = registry
        self._front = front

    def collect(self) -> list[Metric]:
        peers = list(self._registry.peers())
        tracks = sum(len(peer.publications) for peer in peers)
        subscriptions = sum(len(peer.subscriptions) for peer in peers)
        return [
            GaugeMetricFamily("relay_rooms", "Open rooms.", value=len(self._registry.rooms)),
            GaugeMetricFamily("relay_participants", "Participants in rooms.", value=len(peers)),
            GaugeMetricFamily("relay_tracks", "Published tracks.", value=tracks),
            GaugeMetricFamily("relay_subscriptions", "Tracks on their way to a receiver.", value=subscriptions),
            CounterMetricFamily("relay_datagrams_received", "Datagrams read.", value=self._front.received),
            CounterMetricFamily("relay_datagrams_strange", "Datagrams of strangers.", value=self._front.strangers),
            CounterMetricFamily("relay_datagrams_unsent", "Datagrams the socket refused.", value=self._front.unsent),
        ]
