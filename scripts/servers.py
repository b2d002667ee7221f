#!/usr/bin/env python3
"""Run a command with a PostgreSQL and a Redis of its own: `.venv/bin/python scripts/servers.py -- COMMAND …`.

Looked for in this order: DATABASE_URL and REDIS_URL; the default local ports; private servers started from installed
binaries; the same after installing them. The command gets DATABASE_URL (a database made for this run), REDIS_URL,
REDIS_PREFIX and CELERY_QUEUE. At the end the run's own databases and keys are removed, by name; no server is flushed.
Ends with 69 when a server is not to be had, otherwise as the command ended.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import setup

UNAVAILABLE = 69  # EX_UNAVAILABLE of sysexits.h
OLDEST_POSTGRES = 140000  # Django 5.2 asks for PostgreSQL 14
PACKAGES = ("postgresql", "redis-server")
START_SECONDS = 30


class NotToBeHad(Exception):
    """A server is neither there nor to be started; the text says why."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def private_folder(owner: str | None) -> Iterator[Path]:
    """A folder for a private server, readable by the account it runs as."""
    folder = Path(tempfile.mkdtemp(prefix="award-"))
    try:
        if owner:
            shutil.chown(folder, user=owner)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# --- PostgreSQL -----------------------------------------------------------------------------------


def postgres_fault(url: str) -> str | None:
    """Why this server will not do, or None: reachable, new enough, and we may make databases."""
    import psycopg

    try:
        with psycopg.connect(url, connect_timeout=3) as connection:
            row = connection.execute(
                "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
            version = connection.info.server_version
    except psycopg.Error as error:
        return str(error).strip().splitlines()[0]
    if version < OLDEST_POSTGRES:
        return f"PostgreSQL {version // 10000} is too old"
    return None if row and row[0] else "this role may not create databases"


def local_postgres_urls() -> list[str]:
    names = dict.fromkeys([getpass.getuser(), "postgres"])
    folders = ("/var/run/postgresql", "/tmp")  # noqa: S108 - where PostgreSQL puts its socket
    sockets = [f"postgres://{name}@/postgres?host={folder}" for name in names for folder in folders]
    return [f"postgres://{name}@127.0.0.1:5432/postgres" for name in names] + sockets


def postgres_programs() -> Path | None:
    """The folder of initdb and pg_ctl: Debian keeps them off the PATH, one folder per version."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(folders, key=lambda folder: int(folder.parent.name), default=None)


def unprivileged() -> str | None:
    """PostgreSQL refuses to run as root: the account it runs as instead, or None where we are not root."""
    if os.geteuid() != 0:
        return None
    known = Path("/etc/passwd").read_text()
    return "postgres" if "\npostgres:" in known else "nobody"


@contextlib.contextmanager
def private_postgres(programs: Path) -> Iterator[str]:
    owner = unprivileged()
    become = ["runuser", "-u", owner, "--"] if owner else []
    port = free_port()
    with private_folder(owner) as folder:
        data = str(folder / "data")

        def run(program: str, *arguments: str) -> None:
            # Output goes to a file: a pipe would stay open for as long as the server lives.
            with (folder / "log").open("a") as log:
                command = [*become, str(programs / program), *arguments]
                if subprocess.run(command, cwd=folder, stdout=log, stderr=log, check=False).returncode:
                    raise NotToBeHad(f"{program} failed: {(folder / 'log').read_text()[-400:]}")

        run("initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        settings = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} -c fsync=off -c max_connections=200"
        run("pg_ctl", "-D", data, "-w", "-t", str(START_SECONDS), "-o", settings, "start")
        try:
            yield f"postgres://postgres@127.0.0.1:{port}/postgres"
        finally:
            with contextlib.suppress(NotToBeHad):
                run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")


def find_postgres(stack: contextlib.ExitStack) -> str:
    """The address of a PostgreSQL that will do."""
    if given := os.environ.get("DATABASE_URL"):
        if not given.startswith(("postgres://", "postgresql://")):
            raise NotToBeHad("DATABASE_URL does not name a PostgreSQL")
        if fault := postgres_fault(given):
            raise NotToBeHad(f"DATABASE_URL: {fault}")
        return given
    for url in local_postgres_urls():
        if postgres_fault(url) is None:
            return url
    programs = postgres_programs()
    if programs is None and setup.apt_install(PACKAGES):
        programs = postgres_programs()
    if programs is None:
        raise NotToBeHad(f"no PostgreSQL; please run: {setup.apt_command(PACKAGES)}")
    return stack.enter_context(private_postgres(programs))


def with_database(url: str, name: str) -> str:
    """The same server, another database."""
    parts = urlsplit(url)
    return parts._replace(path=f"/{quote(name)}").geturl()


@contextlib.contextmanager
def own_database(url: str, token: str) -> Iterator[str]:
    """A database of this run's own; it and every database named after it (the test runner's) are dropped at the end."""
    import psycopg
    from psycopg import sql

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(token)))
    try:
        yield with_database(url, token)
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            rows = connection.execute(
                "SELECT datname FROM pg_database WHERE strpos(datname, %s) > 0", [token]
            ).fetchall()
            for (name,) in rows:
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


# --- Redis ----------------------------------------------------------------------------------------


def redis_fault(url: str) -> str | None:
    import redis

    try:
        with redis.Redis.from_url(url, socket_connect_timeout=3, socket_timeout=3) as client:
            client.ping()
    except (redis.RedisError, OSError, ValueError) as error:
        return str(error)
    return None


@contextlib.contextmanager
def private_redis(program: str) -> Iterator[str]:
    port = free_port()
    url = f"redis://127.0.0.1:{port}/0"
    with private_folder(None) as folder, (folder / "log").open("w") as log:
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
        server = subprocess.Popen([program, *options], stdout=log, stderr=log, start_new_session=True)
        try:
            deadline = time.monotonic() + START_SECONDS
            while fault := redis_fault(url):
                if server.poll() is not None or time.monotonic() > deadline:
                    raise NotToBeHad(f"redis-server did not start: {fault}")
                time.sleep(0.05)
            yield url
        finally:
            server.terminate()
            server.wait()


def find_redis(stack: contextlib.ExitStack) -> str:
    """The address of a Redis that will do."""
    if given := os.environ.get("REDIS_URL"):
        if fault := redis_fault(given):
            raise NotToBeHad(f"REDIS_URL: {fault}")
        return given
    local = "redis://127.0.0.1:6379/0"
    if redis_fault(local) is None:
        return local
    program = shutil.which("redis-server") or (setup.apt_install(PACKAGES) and shutil.which("redis-server"))
    if not program:
        raise NotToBeHad(f"no Redis; please run: {setup.apt_command(PACKAGES)}")
    return stack.enter_context(private_redis(program))


@contextlib.contextmanager
def own_keys(url: str, token: str) -> Iterator[None]:
    """At the end, remove the keys that carry this run's token, and no others."""
    import redis

    try:
        yield
    finally:
        with redis.Redis.from_url(url) as client:
            for key in client.scan_iter(match=f"*{token}*", count=1000):
                client.delete(key)


# --- both -----------------------------------------------------------------------------------------


def shown(url: str) -> str:
    """An address without its password."""
    parts = urlsplit(url)
    if parts.password:
        url = url.replace(f":{parts.password}@", ":***@", 1)
    return unquote(url)


@contextlib.contextmanager
def real_servers() -> Iterator[dict[str, str]]:
    """The environment in which a command finds its own database, keys and queue."""
    token = f"award_{uuid.uuid4().hex[:12]}"
    with contextlib.ExitStack() as stack:
        postgres = find_postgres(stack)
        redis = find_redis(stack)
        setup.say(f"  PostgreSQL: {shown(postgres)}\n  Redis: {shown(redis)}\n  this run's names begin with: {token}")
        stack.enter_context(own_keys(redis, token))
        database = stack.enter_context(own_database(postgres, token))
        yield {
            "DATABASE_URL": database,
            "REDIS_URL": redis,
            "REDIS_PREFIX": f"{token}:",
            "CELERY_QUEUE": token,
        }


def stop(signum: int, _frame: object) -> None:
    """Leave by the front door, so that everything made is removed."""
    raise SystemExit(128 + signum)


def main(arguments: list[str]) -> int:
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    if not command:
        print(__doc__)
        return 2
    for name in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, stop)
    try:
        with real_servers() as environment:
            child = subprocess.Popen(command, env={**os.environ, **environment})
            try:
                return child.wait()
            finally:
                if child.poll() is None:
                    child.terminate()
                    child.wait()
    except NotToBeHad as reason:
        setup.say(f"  Not available: {reason}")
        return UNAVAILABLE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
