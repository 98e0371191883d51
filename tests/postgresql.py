"""A PostgreSQL server of our own, for the length of a test run: no service, no password."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

START_LIMIT_S = 30


def binaries() -> Path:
    """Where initdb and postgres are: $POSTGRESQL_BIN, the path, or Debian's place."""
    if chosen := os.environ.get("POSTGRESQL_BIN"):
        return Path(chosen)
    if found := shutil.which("initdb"):
        return Path(found).parent
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    assert debian, "the PostgreSQL server is missing: ./run test installs it, or says how"
    return debian[0].parent


def owner() -> str | None:
    """Whom to run the server as: PostgreSQL refuses to be root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def free_port() -> int:
    """A TCP port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(slots=True)
class Cluster:
    """A running server. Without fsync, what it acknowledged outlives its own crash, not the machine's."""

    folder: Path
    port: int
    server: subprocess.Popen[bytes]
    databases: int = 0
    """How many were made so far."""

    @classmethod
    def start(cls, *, fsync: bool = False) -> "Cluster":
        """A new, empty cluster. Takes about a second. With fsync what it acknowledged is on the disk."""
        folder, user = Path(tempfile.mkdtemp(prefix="ecabinet-postgresql-")), owner()
        if user is not None:
            os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
        store, port = folder / "store", free_port()
        initdb = f"initdb --no-sync -U postgres -A trust -E UTF8 --locale=C.UTF-8 -D {store}".split()
        postgres = f"postgres -D {store} -c listen_addresses=127.0.0.1 -c port={port} -c max_connections=200".split()
        postgres += ["-c", "unix_socket_directories=", "-c", f"fsync={'on' if fsync else 'off'}"]
        with (folder / "log").open("wb") as out:
            subprocess.run(
                [binaries() / initdb[0], *initdb[1:]],
                user=user,
                cwd=folder,
                stdout=out,
                stderr=out,
                check=True,
            )
        return cls(folder, port, _serve(folder, [str(binaries() / postgres[0]), *postgres[1:]]))

    def crash(self) -> None:
        """As `pg_ctl stop -m immediate`: no checkpoint, no goodbye."""
        self.server.send_signal(signal.SIGQUIT)
        self.server.wait(timeout=10)

    def restart(self) -> None:
        """Again, after a crash, in the same place."""
        self.server = _serve(self.folder, self.server.args)

    def url(self, database: str) -> str:
        """As the application's settings take it."""
        return f"postgresql+asyncpg://postgres@127.0.0.1:{self.port}/{database}"

    async def new_database(self, *, like: str = "") -> str:
        """The URL of a fresh database: empty, or a copy of the one at that URL, to which nobody may be connected."""
        self.databases += 1
        name = f"test_{self.databases}"
        template = f' TEMPLATE "{_name(like)}" STRATEGY FILE_COPY' if like else ""
        await self._execute(f'CREATE DATABASE "{name}"{template}')
        return self.url(name)

    async def drop_database(self, url: str) -> None:
        """Ends the connections that are left and removes the database."""
        await self._execute(f'DROP DATABASE IF EXISTS "{_name(url)}" WITH (FORCE)')

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(f"postgresql://postgres@127.0.0.1:{self.port}/postgres")
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def stop(self) -> None:
        """Ends the server at once and removes its files."""
        self.server.send_signal(signal.SIGQUIT)
        self.server.wait(timeout=10)
        shutil.rmtree(self.folder, ignore_errors=True)


def _name(url: str) -> str:
    return url.rpartition("/")[2]


def _serve(folder: Path, command: Any) -> subprocess.Popen[bytes]:
    """The server, ready."""
    log, pid_file = folder / "log", folder / "store" / "postmaster.pid"
    pid_file.unlink(missing_ok=True)
    with log.open("ab") as out:
        server = subprocess.Popen(command, user=owner(), cwd=folder, stdout=out, stderr=out)
    limit = time.monotonic() + START_LIMIT_S
    while not (pid_file.exists() and "ready" in pid_file.read_text()):
        assert server.poll() is None, log.read_text()
        assert time.monotonic() < limit, log.read_text()
        time.sleep(0.02)
    return server
