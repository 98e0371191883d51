"""Every response's headers, and which writing requests are taken for our own."""

import pytest

from ecabinet.edge.headers import Origins, SameOriginOnly, require_same_origin, security_headers

OVER_TLS = Origins("https://hop.example.gov.vn", ("wss://hop.example.gov.vn/relay",))
LOCAL = Origins("http://localhost:8080", ("ws://localhost:7880",))


def test_the_page_may_load_only_itself_and_reach_only_us_and_the_relay() -> None:
    policy = dict(part.split(" ", 1) for part in security_headers(LOCAL)["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["connect-src"].split() == [
        "'self'",
        "ws://localhost:8080",
        "ws://localhost:7880",
        "http://localhost:7880",
    ]
    assert policy["require-trusted-types-for"] == "'script'"
    assert not any("unsafe-inline" in value or "*" in value for value in policy.values())


def test_each_media_server_may_be_reached() -> None:
    two = Origins("http://localhost:8080", ("ws://localhost:7880", "ws://localhost:7881"))
    policy = dict(part.split(" ", 1) for part in security_headers(two)["Content-Security-Policy"].split("; "))
    assert {"ws://localhost:7881", "http://localhost:7881"} <= set(policy["connect-src"].split())


def test_a_media_server_elsewhere_may_be_reached_at_every_path_of_its_own() -> None:
    # A source with a path allows that very path (CSP3 §6.7.2.7); a client adds its own to it.
    two = Origins(
        "https://hop.example.gov.vn", ("wss://media.example.gov.vn/relay", "wss://media.example.gov.vn/relay/2")
    )
    policy = dict(part.split(" ", 1) for part in security_headers(two)["Content-Security-Policy"].split("; "))
    assert policy["connect-src"].split() == [
        "'self'",
        "wss://hop.example.gov.vn",
        "wss://media.example.gov.vn",
        "https://media.example.gov.vn",
    ]


def test_strict_transport_and_the_host_cookie_come_with_tls_only() -> None:
    assert "Strict-Transport-Security" in security_headers(OVER_TLS)
    assert "Strict-Transport-Security" not in security_headers(LOCAL)
    assert (OVER_TLS.cookie_name, LOCAL.cookie_name) == ("__Host-sid", "sid")


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Req": "1"},
        {"X-Req": "1", "Sec-Fetch-Site": "same-origin"},
        {"X-Req": "1", "Origin": LOCAL.page},
        {"X-Req": "1", "Sec-Fetch-Site": "same-origin", "Origin": LOCAL.page},
    ],
)
def test_our_own_page_may_write(headers: dict[str, str]) -> None:
    require_same_origin("POST", headers, LOCAL)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin", "Origin": LOCAL.page},
        {"X-Req": "1", "Sec-Fetch-Site": "cross-site"},
        {"X-Req": "1", "Sec-Fetch-Site": "same-site"},
        {"X-Req": "1", "Origin": "http://localhost:8081"},
        {"X-Req": "1", "Origin": "null"},
    ],
)
def test_another_page_may_not_write(method: str, headers: dict[str, str]) -> None:
    with pytest.raises(SameOriginOnly):
        require_same_origin(method, headers, LOCAL)


def test_reading_needs_no_mark() -> None:
    require_same_origin("GET", {}, LOCAL)
