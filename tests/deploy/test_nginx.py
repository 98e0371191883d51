"""deploy/nginx in front of the real application: what a browser does goes through, and nothing else."""

import base64
import io
import os
from collections.abc import AsyncIterator

import aiohttp
import pytest
from livekit import api
from livekit.protocol.models import ClientInfo
from livekit.protocol.rtc import JoinRequest, SignalResponse, WrappedJoinRequest

from ecabinet.settings import Settings
from tests.deploy.site import PASSWORD, Deployment, deployed

pytestmark = pytest.mark.slow

WRITES = {"X-Req": "1", "Sec-Fetch-Site": "same-origin"}
RELAYS = ["/relay", "/relay/2"]
OFFER_BYTES = 25_000
"""As large as a browser's first offer gets."""


@pytest.fixture(scope="module")
async def deployment(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Deployment]:
    async with deployed(tmp_path_factory.mktemp("deploy")) as running:
        yield running


@pytest.fixture
async def visitor(deployment: Deployment) -> AsyncIterator[aiohttp.ClientSession]:
    """A client that trusts the certificate and keeps cookies, as a browser does."""
    connector = aiohttp.TCPConnector(ssl=deployment.trust)
    async with aiohttp.ClientSession(deployment.page, connector=connector, headers=WRITES) as session:
        yield session


async def sign_in(visitor: aiohttp.ClientSession) -> aiohttp.ClientResponse:
    return await visitor.post("/api/sign-in", json={"username": "thu-ky", "password": PASSWORD})


def ticket(deployment: Deployment) -> str:
    """What the application gives a participant, made with the key it shares with its relay."""
    key, secret = (deployment.folder / "kept/relay.key").read_text(encoding="ascii").split()
    grants = api.VideoGrants(room_join=True, room="thu-nghiem")
    return api.AccessToken(key, secret).with_identity("thu-ky").with_grants(grants).to_jwt()


def join_request() -> str:
    """A join with a body as long as a real offer; it does not compress."""
    join = JoinRequest(client_info=ClientInfo(sdk=ClientInfo.JS, protocol=17), metadata="")
    join.participant_attributes["filler"] = base64.b64encode(os.urandom(OFFER_BYTES // 2)).decode()
    wrapped = WrappedJoinRequest(join_request=join.SerializeToString())
    return base64.urlsafe_b64encode(wrapped.SerializeToString()).decode()


async def test_plain_http_is_sent_to_https(deployment: Deployment) -> None:
    async with (
        aiohttp.ClientSession() as web,
        web.get(f"http://127.0.0.1:{deployment.ports.http}/api/me?a=b", allow_redirects=False) as answer,
    ):
        assert answer.status == 301
        assert answer.headers["Location"] == f"https://127.0.0.1:{deployment.ports.https}/api/me?a=b"


async def test_the_page_comes_with_its_headers_once(visitor: aiohttp.ClientSession) -> None:
    async with visitor.get("/") as answer:
        assert answer.status == 200
        assert answer.headers.getall("Strict-Transport-Security") == ["max-age=63072000; includeSubDomains"]
        assert len(answer.headers.getall("Content-Security-Policy")) == 1
        assert "nginx/" not in answer.headers["Server"]


async def test_a_person_signs_in_and_is_known(visitor: aiohttp.ClientSession) -> None:
    async with await sign_in(visitor) as answer:
        assert answer.status == 204
        cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-sid=")
    assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    async with visitor.get("/api/me") as answer:
        assert (await answer.json())["username"] == "thu-ky"


async def test_a_page_from_elsewhere_writes_nothing(visitor: aiohttp.ClientSession) -> None:
    await sign_in(visitor)
    stranger = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    async with visitor.post("/api/sign-out", headers=stranger) as answer:
        assert answer.status == 400
        assert (await answer.json())["error"]["code"] == "same_origin_only"


async def test_the_live_socket_opens_and_answers(visitor: aiohttp.ClientSession, deployment: Deployment) -> None:
    await sign_in(visitor)
    headers = {"Origin": deployment.page}
    async with visitor.ws_connect("/socket.io/?EIO=4&transport=websocket", headers=headers) as socket:
        assert (await socket.receive_str(timeout=5)).startswith("0{")
        await socket.send_str("40")
        assert (await socket.receive_str(timeout=5)).startswith("40")
        await socket.send_str('420["enter",{"meeting":"khong-co-phien-nay"}]')
        answer = await socket.receive_str(timeout=5)
    assert answer.startswith("430[")
    assert '"not_found"' in answer


async def test_nobody_opens_the_live_socket_unknown(visitor: aiohttp.ClientSession, deployment: Deployment) -> None:
    headers = {"Origin": deployment.page}
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await visitor.ws_connect("/socket.io/?EIO=4&transport=websocket", headers=headers)
    assert refused.value.status == 401


@pytest.mark.parametrize("relay", RELAYS)
async def test_each_relay_checks_tickets(visitor: aiohttp.ClientSession, deployment: Deployment, relay: str) -> None:
    async with visitor.get(f"{relay}/rtc/v1/validate", params={"access_token": "forged"}) as answer:
        assert (answer.status, await answer.text()) == (401, "invalid token")
    async with visitor.get(f"{relay}/rtc/v1/validate", params={"access_token": ticket(deployment)}) as answer:
        assert (answer.status, await answer.text()) == (200, "success")


@pytest.mark.parametrize(("number", "relay"), list(enumerate(RELAYS)))
async def test_a_join_reaches_the_relay_its_address_names(
    visitor: aiohttp.ClientSession, deployment: Deployment, number: int, relay: str
) -> None:
    query = {"access_token": ticket(deployment), "join_request": join_request()}
    async with visitor.ws_connect(f"{relay}/rtc/v1", params=query) as socket:
        assert SignalResponse.FromString(await socket.receive_bytes(timeout=5)).HasField("join")
        async with visitor.get(f"http://127.0.0.1:{deployment.ports.relay + number}/healthz") as answer:
            assert (await answer.json())["participants"] == 1


def test_the_second_relay_is_where_the_application_says(deployment: Deployment) -> None:
    settings = Settings.from_env(
        {"ECABINET_PUBLIC_URL": deployment.page, "ECABINET_RELAYS": "2", "ECABINET_RELAY_PORT": "7880"}
    )
    assert settings.media_page_urls == tuple(deployment.page.replace("https", "wss") + relay for relay in RELAYS)


async def test_a_join_with_a_whole_offer_in_its_url_reaches_the_relay(
    visitor: aiohttp.ClientSession, deployment: Deployment
) -> None:
    query = {"access_token": ticket(deployment), "join_request": join_request()}
    assert len(query["join_request"]) > OFFER_BYTES * 0.8
    async with visitor.ws_connect("/relay/rtc/v1", params=query) as socket:
        answer = SignalResponse.FromString(await socket.receive_bytes(timeout=5))
    assert answer.WhichOneof("message") == "join"
    assert answer.join.participant.identity == "thu-ky"


@pytest.mark.parametrize(
    "path",
    [
        "/metrics",
        "/api/media/events",
        "/relay/metrics",
        "/relay/healthz",
        "/relay/twirp/livekit.RoomService/ListRooms",
        "/relay/2/metrics",
        "/relay/2/healthz",
        "/relay/2/twirp/livekit.RoomService/ListRooms",
        "/relay/2/rtc%20HTTP/1.1%0d%0aX:%20y",
        # Not ours: it must not come out at the first.
        "/relay/64/",
        "/relay/64/rtc/v1/validate",
    ],
)
async def test_what_is_not_for_browsers_ends_at_the_door(visitor: aiohttp.ClientSession, path: str) -> None:
    async with visitor.post(path) as answer:
        assert answer.status in {404, 405}
    async with visitor.get(path) as answer:
        assert answer.status == 404


async def test_only_papers_may_be_large(visitor: aiohttp.ClientSession) -> None:
    large = b"%PDF-1.7\n" + bytes(3_000_000)
    async with visitor.post("/api/sign-in", data=io.BytesIO(large)) as answer:
        assert answer.status == 413
    async with visitor.post("/api/meetings/m/items/i/papers?title=t&filename=f", data=io.BytesIO(large)) as answer:
        assert answer.status == 401
        assert (await answer.json())["error"]["code"] == "not_signed_in"


async def test_nothing_secret_stands_in_the_log(visitor: aiohttp.ClientSession, deployment: Deployment) -> None:
    secret = ticket(deployment)
    async with visitor.get("/relay/rtc/v1/validate", params={"access_token": secret}):
        pass
    log = deployment.log()
    assert "/relay/rtc/v1/validate" in log
    assert secret not in log
    assert "access_token" not in log
