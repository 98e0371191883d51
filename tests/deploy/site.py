"""The deployment on one machine: the application as systemd would start it, and Debian's nginx with our site."""

import asyncio
import contextlib
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import aiohttp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.postgresql import free_port

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "deploy/nginx/ecabinet.conf"
START_LIMIT_S = 30
PASSWORD = "mật khẩu để thử nghiệm"
PLAN = f"""
[[account]]
username = "thu-ky"
name = "Nguyễn Thị Thử"
password = "{PASSWORD}"
"""


@dataclass(frozen=True, slots=True)
class Ports:
    http: int
    https: int
    application: int
    relay: int
    """Of the first; the second has the one after it."""
    media: int
    """The same."""

    @classmethod
    def free(cls) -> "Ports":
        return cls(free_port(), free_port(), free_port(), pair_of_ports(), pair_of_ports())


def pair_of_ports() -> int:
    """A port that is free, as is the one after it."""
    while True:
        with socket.socket() as first, socket.socket() as second, contextlib.suppress(OSError):
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            second.bind(("127.0.0.1", port + 1))
            return port


@dataclass(frozen=True, slots=True)
class Deployment:
    ports: Ports
    folder: Path
    trust: ssl.SSLContext
    application: asyncio.subprocess.Process

    @property
    def page(self) -> str:
        """What people type, and what the application believes to be its address."""
        return f"https://localhost:{self.ports.https}"

    def log(self) -> str:
        """What nginx wrote down, errors included."""
        return "".join(path.read_text(encoding="utf-8") for path in sorted(self.folder.glob("nginx/*.log")))


def certify(folder: Path) -> None:
    """A certificate for localhost that only this test trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def site_for(ports: Ports, folder: Path) -> str:
    """Our site with only addresses, paths and the name replaced. Fails when one of them is no longer in it."""
    changes = {
        "meeting.example.gov.vn": "localhost",
        "/etc/ssl/ecabinet": str(folder),
        "/var/log/nginx": str(folder / "nginx"),
        "listen 80;": f"listen 127.0.0.1:{ports.http};",
        "listen 443 ssl;": f"listen 127.0.0.1:{ports.https} ssl;",
        "127.0.0.1:8080": f"127.0.0.1:{ports.application}",
        "127.0.0.1:7880": f"127.0.0.1:{ports.relay}",
        "127.0.0.1:7881": f"127.0.0.1:{ports.relay + 1}",
        "https://$host$request_uri": f"https://$host:{ports.https}$request_uri",
    }
    text = SITE.read_text(encoding="utf-8")
    for ours, here in changes.items():
        assert ours in text, f"{SITE.name} no longer says {ours}"
        text = text.replace(ours, here)
    return re.sub(r"^\s*listen \[::\].*\n", "", text, flags=re.MULTILINE)


def nginx_conf(folder: Path) -> str:
    """Debian's nginx.conf as far as the site needs it, in a folder of its own."""
    scratch = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;\n" if os.geteuid() == 0 else ""
    return (
        f"{user}daemon off;\nworker_processes 2;\npid {folder}/nginx.pid;\nerror_log {folder}/nginx/main.log warn;\n"
        f"events {{ worker_connections 768; }}\nhttp {{\n{scratch}include {folder}/site.conf;\n}}\n"
    )


@asynccontextmanager
async def running_nginx(ports: Ports, folder: Path) -> AsyncIterator[None]:
    """nginx with our site, until the end."""
    program = os.environ.get("NGINX") or shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    assert program, "nginx is missing: ./run test --all installs it, or says how"
    (folder / "nginx").mkdir()
    (folder / "site.conf").write_text(site_for(ports, folder), encoding="utf-8")
    (folder / "nginx.conf").write_text(nginx_conf(folder), encoding="utf-8")
    command = (program, "-p", str(folder), "-e", str(folder / "nginx/main.log"), "-c", str(folder / "nginx.conf"))
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    server = await asyncio.create_subprocess_exec(*command)
    try:
        await answers(f"http://127.0.0.1:{ports.http}/", server)
        yield
    finally:
        server.terminate()
        await server.wait()


def settings_for(ports: Ports, folder: Path) -> dict[str, str]:
    """The environment of the unit: deploy/environment's settings, with this test's places."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ECABINET_")}
    return inherited | {
        "ECABINET_DATA": str(folder / "kept"),
        "ECABINET_WEB": str(ROOT / "web/dist"),
        "ECABINET_PORT": str(ports.application),
        "ECABINET_RELAYS": "2",
        "ECABINET_RELAY_PORT": str(ports.relay),
        "ECABINET_RELAY_MEDIA_PORT": str(ports.media),
        "ECABINET_PUBLIC_URL": f"https://localhost:{ports.https}",
        "ECABINET_BEHIND_PROXY": "true",
        "ECABINET_LOG_JSON": "true",
    }


@asynccontextmanager
async def running_application(
    ports: Ports, settings: Mapping[str, str], log: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    """An installation with one account, serving, until SIGTERM."""
    Path(settings["ECABINET_DATA"]).mkdir(exist_ok=True)
    program = (sys.executable, "-m", "ecabinet")
    plan = log.with_name("plan.toml")
    plan.write_text(PLAN, encoding="utf-8")
    subprocess.run([*program, "found", plan], env=settings, check=True, stdout=subprocess.DEVNULL)
    with log.open("wb") as out:
        server = await asyncio.create_subprocess_exec(*program, "serve", env=settings, stdout=out, stderr=out)
    try:
        await answers(f"http://127.0.0.1:{ports.application}/healthz", server)
        for relay in (ports.relay, ports.relay + 1):
            await answers(f"http://127.0.0.1:{relay}/healthz", server)
        yield server
    finally:
        with contextlib.suppress(ProcessLookupError):
            server.terminate()
        await server.wait()


async def answers(url: str, server: asyncio.subprocess.Process) -> None:
    """Returns when something answers there; fails when the server has ended or takes too long."""
    async with aiohttp.ClientSession() as web, asyncio.timeout(START_LIMIT_S):
        while True:
            assert server.returncode is None, f"the server for {url} ended with {server.returncode}"
            with contextlib.suppress(aiohttp.ClientConnectionError):
                async with web.get(url, allow_redirects=False):
                    return
            await asyncio.sleep(0.05)


@asynccontextmanager
async def deployed(folder: Path) -> AsyncIterator[Deployment]:
    """Application, two relays and nginx, up and answering."""
    ports = Ports.free()
    certify(folder)
    trust = ssl.create_default_context(cafile=folder / "fullchain.pem")
    settings = settings_for(ports, folder)
    async with (
        running_application(ports, settings, folder / "application.log") as application,
        running_nginx(ports, folder),
    ):
        yield Deployment(ports, folder, trust, application)
