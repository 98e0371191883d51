"""Headers of every response, and the two checks that a writing request comes from our own page."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from ecabinet.kernel.errors import Invalid


class SameOriginOnly(Invalid):
    """A writing request that does not come from our own page."""

    code = "same_origin_only"


@dataclass(frozen=True, slots=True)
class Origins:
    """Where our page lives, and where it may connect to."""

    page: str
    """Scheme, host and port, e.g. https://hop.example.gov.vn"""
    media: tuple[str, ...]
    """The media servers' WebSocket addresses as the page sees them, e.g. wss://hop.example.gov.vn/relay"""

    @property
    def is_secure(self) -> bool:
        """Whether the page is served over TLS."""
        return self.page.startswith("https://")

    @property
    def cookie_name(self) -> str:
        """``__Host-`` binds the cookie to this host and to TLS; browsers refuse it on http://localhost."""
        return "__Host-sid" if self.is_secure else "sid"


def security_headers(origins: Origins) -> dict[str, str]:
    """For every response. Source: the project's threat model; OWASP ASVS 3.4."""
    # Without their paths: a source with one allows that very path, and the client asks below it.
    servers = [f"{each.scheme}://{each.netloc}" for each in map(urlsplit, origins.media)]
    media = [address for each in servers for address in (each, each.replace("ws", "http", 1))]
    connect = " ".join(dict.fromkeys(["'self'", origins.page.replace("http", "ws", 1), *media]))
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' blob: data:",
        "media-src": "'self' blob:",
        "font-src": "'self'",
        "connect-src": connect,
        "worker-src": "'self'",
        "manifest-src": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "require-trusted-types-for": "'script'",
    }
    headers = {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self), geolocation=()",
    }
    if origins.is_secure:
        headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
    return headers


def require_same_origin(method: str, headers: Mapping[str, str], origins: Origins) -> None:
    """Raises SameOriginOnly for a writing request without our header or from elsewhere.

    A page elsewhere can send neither X-Req nor a matching Origin; a browser tells the site in Sec-Fetch-Site.
    Programs that are no browsers send neither and need only X-Req: a stolen cookie is not what this is against.
    """
    if method in {"GET", "HEAD", "OPTIONS"}:
        return
    site, origin = headers.get("Sec-Fetch-Site"), headers.get("Origin")
    if headers.get("X-Req") != "1" or site not in {None, "same-origin"} or origin not in {None, origins.page}:
        raise SameOriginOnly()
