"""Figures for operators, in Prometheus' text."""

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, Histogram, generate_latest

REGISTRY = CollectorRegistry()

REQUESTS = Histogram(
    "ecabinet_request_seconds",
    "HTTP requests by path template",
    ["method", "path", "status"],
    registry=REGISTRY,
)
SOCKETS = Gauge("ecabinet_sockets", "Live socket.io connections", registry=REGISTRY)
MESSAGES = Histogram("ecabinet_push_seconds", "From the commit's moment to the push of its message", registry=REGISTRY)


def page() -> tuple[bytes, str]:
    """The text and its content type."""
    return generate_latest(REGISTRY), CONTENT_TYPE_LATEST
