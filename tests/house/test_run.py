"""The two commands: what make offers, what set-up says, how the portal starts and stops."""

import importlib.util
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "scripts"))
import make_secrets  # noqa: E402 - the scripts' folder is put on the path above
import run  # noqa: E402
import servers  # noqa: E402
import setup  # noqa: E402

PATIENCE = 20.0


def load_test_script():
    """scripts/test.py shares its name with a module of the standard library."""
    spec = importlib.util.spec_from_file_location("portal_test_script", ROOT / "scripts" / "test.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


prove = load_test_script()


def clean_environment(**more: str) -> dict[str, str]:
    """Without what an outer make passes down to an inner one, and without a chosen address."""
    dropped = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES", "HOST", "PORT"}
    return {name: value for name, value in os.environ.items() if name not in dropped} | more


def wait_for(condition: Callable[[], object], seconds: float = PATIENCE) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def alive(pid: int) -> bool:
    """Whether a process still runs; one that has ended and is only not yet waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


# --- make -------------------------------------------------------------------------------------------


def test_make_alone_prints_every_target_with_a_line() -> None:
    text = (ROOT / "Makefile").read_text()
    targets = re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)[1].split()
    shown = subprocess.run(
        ["make"], cwd=ROOT, env=clean_environment(), capture_output=True, text=True, check=True
    ).stdout
    lines = dict(re.findall(r"^  make ([a-z-]+) +(\S.*)$", shown, re.MULTILINE))
    assert list(lines) == targets
    assert len(lines) == len(shown.splitlines())


def test_every_target_calls_a_script_that_is_there() -> None:
    scripts = re.findall(r"^\t@\$\(PY\) (scripts/\S+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert len(scripts) == 10
    assert [script for script in scripts if not (ROOT / script).is_file()] == []


def test_ci_calls_make_test_and_says_that_it_is_ci() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    lines = [line for line in script.read_text().splitlines() if not line.startswith("#")]
    assert lines[-1] == "exec make test"
    assert {"set -eu", "CI=true", "export CI"} <= set(lines)


# --- set-up -------------------------------------------------------------------------------------------


def absent(package: str) -> setup.Need:
    return setup.Need(package, "a test", lambda: False)


def test_setup_prints_the_exact_command_where_it_may_not_install(capsys: pytest.CaptureFixture[str]) -> None:
    needs = (absent("libpango-1.0-0"), setup.Need("bash", "a test", lambda: True), absent("chromium"))
    missing = setup.ensure_system(needs, install=lambda packages: False)
    assert [need.package for need in missing] == ["libpango-1.0-0", "chromium"]
    said = capsys.readouterr().out.splitlines()
    assert said[-1].strip() == (
        "sudo apt-get update && sudo apt-get install -y --no-install-recommends libpango-1.0-0 chromium"
    )


def test_setup_installs_only_what_is_missing_and_looks_again(capsys: pytest.CaptureFixture[str]) -> None:
    present, asked = set(), []
    needs = tuple(setup.Need(name, "a test", lambda name=name: name in present) for name in ("one", "two"))
    present.add("one")

    def install(packages: list[str]) -> bool:
        asked.append(packages)
        present.update(packages)
        return True

    assert setup.ensure_system(needs, install=install) == []
    assert asked == [["two"]]
    assert "Please run" not in capsys.readouterr().out


def test_nothing_is_called_where_nothing_is_missing() -> None:
    def install(packages: list[str]) -> bool:
        raise AssertionError(packages)

    assert setup.ensure_system((setup.Need("bash", "a test", lambda: True),), install=install) == []


@pytest.mark.parametrize(("uid", "sudo", "expected"), [(0, 1, []), (1000, 0, ["sudo", "-n"]), (1000, 1, None)])
def test_how_apt_may_be_called(
    monkeypatch: pytest.MonkeyPatch, uid: int, sudo: int, expected: list[str] | None
) -> None:
    monkeypatch.setattr(setup.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(setup.os, "geteuid", lambda: uid)
    monkeypatch.setattr(setup.subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, sudo))
    assert setup.apt_prefix() == expected


def test_packages_are_installed_again_only_when_the_lock_changed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    runtime, dev, done = tmp_path / "requirements.txt", tmp_path / "requirements-dev.txt", []
    runtime.write_text("one")
    dev.write_text("one two")
    for name, value in (("RUNTIME_LOCK", runtime), ("DEV_LOCK", dev), ("MARKER", tmp_path / "installed.json")):
        monkeypatch.setattr(setup, name, value)
    monkeypatch.setattr(setup, "install_locked", lambda lock: done.append(lock.name))
    for tests in (False, False, True, True, False):
        setup.ensure_packages(tests=tests)
    assert done == ["requirements.txt", "requirements-dev.txt"]
    runtime.write_text("another")
    setup.ensure_packages(tests=False)
    assert done[2:] == ["requirements.txt"]


def test_the_installer_itself_is_taken_from_the_lock_with_its_digests() -> None:
    block = setup.locked_block(setup.DEV_LOCK, "uv")
    assert block.startswith("uv==")
    assert block.count("--hash=sha256:") > 5
    assert len(re.findall(r"^[a-z0-9-]+==", block, re.MULTILINE)) == 1


def test_a_catalogue_is_compiled_when_it_is_missing_or_older(tmp_path: Path) -> None:
    folder = tmp_path / "zh_Hans" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    po = folder / "django.po"
    po.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Filters"\nmsgstr "筛选"\n')
    setup.compile_catalogues(tmp_path)
    assert "筛选".encode() in (folder / "django.mo").read_bytes()
    assert setup.stale_catalogues(tmp_path) == []
    later = time.time() + 10
    os.utime(po, (later, later))
    assert setup.stale_catalogues(tmp_path) == [po]


# --- run ----------------------------------------------------------------------------------------------


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_taken_port_is_refused_before_anything_is_done(taken_port: int) -> None:
    script = [sys.executable, "scripts/run.py"]
    env = clean_environment(PORT=str(taken_port))
    done = subprocess.run(script, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 1
    assert f"127.0.0.1:{taken_port} cannot be used" in done.stdout
    assert f"PORT={taken_port + 1} make run" in done.stdout
    assert "Set-up" not in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("port", ["0", "65536", "-1", "8000x", "８０００", "9" * 30])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(run.CannotRun, match="PORT must be"):
        run.address({"PORT": port})


def test_the_address_is_loopback_unless_asked_otherwise() -> None:
    assert run.address({}) == ("127.0.0.1", 8000)
    assert run.address({"HOST": "0.0.0.0", "PORT": "9000"}) == ("0.0.0.0", 9000)  # noqa: S104 - not bound


def test_what_the_caller_set_stands_and_production_gets_no_names() -> None:
    demo = run.portal_environment({}, "127.0.0.1", 8123)
    assert (demo["PORTAL_MODE"], demo["PORTAL_URL"]) == ("demo", "http://127.0.0.1:8123")
    assert run.portal_environment({"PORTAL_URL": "http://x.test"}, "127.0.0.1", 1)["PORTAL_URL"] == "http://x.test"
    production = run.portal_environment({"PORTAL_MODE": "production"}, "127.0.0.1", 8123)
    assert not {"PORTAL_URL", "ALLOWED_HOSTS"} & set(production)


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_child_that_ends_stops_all_and_its_last_lines_are_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    children = run.Children(tmp_path, os.environ)
    wanted = {
        "web": python("import time; time.sleep(60)"),
        "worker": python("print('the broker is gone'); raise SystemExit(3)"),
    }
    start = time.monotonic()
    assert run.supervise(children, wanted, lambda: False, "ready") == 1
    said = capsys.readouterr().out
    assert "worker ended by itself (3)" in said
    assert "the broker is gone" in said
    assert "ready" not in said
    assert not any(alive(process.pid) for process in children.processes.values())
    assert time.monotonic() - start < PATIENCE
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL  # the caller's signals are the caller's again


SUPERVISOR = """
import os, sys
sys.path.append("scripts")
from pathlib import Path
import run
grandchild = "import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
grandchild += "print(p.pid, flush=True); time.sleep(60)"
stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('set', flush=True); time.sleep(60)"
run.STOP_SECONDS = 2
logs = Path(sys.argv[1])
wanted = {"web": [sys.executable, "-c", grandchild], "beat": [sys.executable, "-c", stubborn]}
children = run.Children(logs, os.environ)
def ready():
    written = all(children.log(name).read_text().strip() for name in wanted)
    return written and print("pids", *[p.pid for p in children.processes.values()], flush=True) is None
sys.exit(run.supervise(children, wanted, ready, "the portal is there"))
"""


def started_supervisor(logs: Path) -> tuple[subprocess.Popen[str], list[int]]:
    process = subprocess.Popen([*python(SUPERVISOR), str(logs)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    pids = [int(word) for word in process.stdout.readline().split()[1:]]
    pids.append(int((logs / "web.log").read_text().split()[0]))
    assert process.stdout.readline().strip() == "the portal is there"
    assert all(map(alive, pids))
    return process, pids


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_who_asks_to_stop_leaves_no_child_behind(tmp_path: Path, name: str) -> None:
    process, pids = started_supervisor(tmp_path)
    process.send_signal(signal.Signals[name])
    time.sleep(0.2)
    process.send_signal(signal.Signals[name])  # the second Ctrl-C of an impatient person
    out, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert "Stopping" in out
    assert [pid for pid in pids if alive(pid)] == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks the Linux kernel")
def test_a_supervisor_killed_outright_takes_its_children_along(tmp_path: Path) -> None:
    process, pids = started_supervisor(tmp_path)
    process.kill()
    process.communicate(timeout=PATIENCE)
    web, _stubborn, _grandchild = pids
    try:
        assert wait_for(lambda: not alive(web))
    finally:
        for pid in filter(alive, pids):
            os.kill(pid, signal.SIGKILL)


def test_one_portal_per_data_folder(tmp_path: Path) -> None:
    with run.alone(tmp_path), pytest.raises(run.CannotRun, match="already runs"), run.alone(tmp_path):
        pass
    with run.alone(tmp_path):  # free again
        pass


# --- test ---------------------------------------------------------------------------------------------


def outcomes(*words: str) -> list:
    return [prove.Outcome(f"check {number}", word, 1.0) for number, word in enumerate(words)]


@pytest.mark.parametrize(
    ("words", "not_run", "ci", "code", "last"),
    [
        (("passed", "passed"), (), True, 0, "Everything passed."),
        (("FAILED", "passed"), (), False, 1, "FAILED: check 0"),
        (("passed", "not run"), ("servers",), False, 0, "Passed, as far as it could be run."),
        (("passed", "not run"), ("servers",), True, 1, "FAILED: in CI everything must run."),
        (("FAILED", "not run"), ("servers",), True, 1, "FAILED: check 0"),
    ],
)
def test_how_a_run_ends(words: tuple[str, ...], not_run: tuple[str, ...], ci: bool, code: int, last: str) -> None:
    text, ended = prove.verdict(outcomes(*words), not_run, ci=ci)
    assert (ended, text.splitlines()[-1]) == (code, last)
    assert all(f"Could not be run: {what}" in text for what in not_run)


def test_no_test_is_left_out_of_both_runs() -> None:
    suite = [check for check in prove.checks(long=False, browser=True) if check.name.startswith("tests")]
    assert [check.command[-1] for check in suite] == ["not postgres and not long", "postgres and not long"]
    suite = [check for check in prove.checks(long=True, browser=True) if check.name.startswith("tests")]
    assert [check.command[-1] for check in suite] == ["not postgres", "postgres"]


def test_the_callers_environment_decides_nothing_but_where_servers_are() -> None:
    given = {
        "DATABASE_URL": "postgres://x",
        "REDIS_URL": "redis://x",
        "SECRET_KEY_FILE": "/x",
        "PORTAL_MODE": "production",
    }
    embedded = prove.environment(given, "/data", real_servers=False, long=False)
    assert not {"DATABASE_URL", "REDIS_URL", "SECRET_KEY_FILE"} & set(embedded)
    assert (embedded["PORTAL_MODE"], embedded["DATA_DIR"]) == ("demo", "/data")
    real = prove.environment(given, "/data", real_servers=True, long=True)
    assert (real["DATABASE_URL"], real["REDIS_URL"], real["HYPOTHESIS_PROFILE"]) == (
        "postgres://x",
        "redis://x",
        "long",
    )


def test_a_named_server_that_does_not_answer_is_not_silently_replaced() -> None:
    env = clean_environment(DATABASE_URL="postgres://nobody@127.0.0.1:1/nothing")
    command = [str(setup.PYTHON), "scripts/servers.py", "--", *python("print('ran')")]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == servers.UNAVAILABLE
    assert "Not available: DATABASE_URL" in done.stdout
    assert "ran" not in done.stdout


def test_a_password_is_not_shown() -> None:
    assert servers.shown("postgres://me:geheim@127.0.0.1/x") == "postgres://me:***@127.0.0.1/x"


@pytest.mark.postgres
def test_servers_leave_nothing_behind_and_touch_nothing_else() -> None:
    import psycopg
    import redis

    given, cache = os.environ["DATABASE_URL"], os.environ["REDIS_URL"]
    code = (
        "import os, psycopg, redis; token = os.environ['CELERY_QUEUE']; print(token);"
        "c = psycopg.connect(os.environ['DATABASE_URL'], autocommit=True);"
        "c.execute(f'CREATE DATABASE test_{token}_gw0');"
        "redis.Redis.from_url(os.environ['REDIS_URL']).set(os.environ['REDIS_PREFIX'] + 'key', 'x')"
    )
    command = [str(setup.PYTHON), "scripts/servers.py", "--", str(setup.PYTHON), "-c", code]
    with redis.Redis.from_url(cache) as client:
        mine = os.environ["REDIS_PREFIX"] + "of another run"
        client.set(mine, "kept", ex=600)  # a busy machine drops a database slowly
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        token = done.stdout.splitlines()[-1]
        assert client.get(mine) == b"kept"
        assert list(client.scan_iter(match=f"*{token}*", count=1000)) == []
    with psycopg.connect(given) as connection:
        names = [name for (name,) in connection.execute("SELECT datname FROM pg_database")]
    assert [name for name in names if token in name] == []
    assert any(os.environ["CELERY_QUEUE"] in name for name in names)


# --- secrets ------------------------------------------------------------------------------------------


def test_secrets_are_written_once_and_kept(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    assert make_secrets.write_missing(folder) == list(make_secrets.NAMES)
    before = {file.name: file.read_text() for file in folder.iterdir()}
    assert len(set(before.values())) == len(before)
    assert all(len(value) > 40 for value in before.values())
    assert folder.stat().st_mode & 0o077 == 0
    (folder / "redis_password").unlink()
    assert make_secrets.write_missing(folder) == ["redis_password"]
    after = {file.name: file.read_text() for file in folder.iterdir()}
    assert {name: after[name] for name in ("secret_key", "database_password")} == {
        name: before[name] for name in ("secret_key", "database_password")
    }
    assert after["redis_password"] != before["redis_password"]
