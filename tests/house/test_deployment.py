"""docker-compose.yml and Dockerfile against the settings: commands, variables, versions, health, no root."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "scripts"))
import make_secrets  # noqa: E402 - the scripts' folder is put on the path above

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()
SERVICES = COMPOSE["services"]
OURS = {name for name, service in SERVICES.items() if service.get("image", "").startswith("award-portal:")}
IMAGE_ENVIRONMENT = dict(re.findall(r"\b([A-Z_]+)=(\S+)", DOCKERFILE.split("ENV ")[1].split("\n\n")[0]))
CHOSEN = {"PORTAL_HOST": "award.example.gov.cn", "DEFAULT_FROM_EMAIL": "award@example.gov.cn"}  # what .env holds
FOR_OTHERS = {"PYTHONUNBUFFERED", "PIP_NO_CACHE_DIR", "PIP_DISABLE_PIP_VERSION_CHECK", "XDG_CACHE_HOME"}


def names_the_settings_read() -> set[str]:
    """First argument of every env(…) and env.kind(…) in the settings."""
    tree = ast.parse((ROOT / "award_portal" / "settings.py").read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
    asked = [call for call in calls if re.fullmatch(r"env(\.\w+)?", ast.unparse(call.func))]
    return {call.args[0].value for call in asked if isinstance(call.args[0], ast.Constant)}


def plain(name: str) -> str:
    return name.removesuffix("_FILE")


def filled_in(text: str, chosen: dict[str, str]) -> str:
    """A value as Compose reads it: ${NAME:?…} must be given, ${NAME:-default} need not."""

    def value(found: re.Match[str]) -> str:
        name, kind, rest = found.groups()
        if name in chosen:
            return chosen[name]
        if kind == ":-":
            return rest
        raise LookupError(name)

    return re.sub(r"\$\{([A-Z_]+)(:[?-])?([^}]*)\}", value, text)


def environment_of(service: str, secrets: Path) -> dict[str, str]:
    """The environment a service starts with, its secrets lying in another folder."""
    given = {**IMAGE_ENVIRONMENT, **SERVICES[service]["environment"]}
    return {name: filled_in(value, CHOSEN).replace("/run/secrets", str(secrets)) for name, value in given.items()}


def test_the_services_are_those_of_make_run_and_their_servers() -> None:
    assert set(SERVICES) == {"migrate", "web", "worker", "beat", "postgres", "redis"}
    assert sorted(OURS) == ["beat", "migrate", "web", "worker"]


def test_every_variable_is_one_the_settings_read() -> None:
    known = names_the_settings_read()
    assert len(known) > 15
    for name in OURS:
        assert {plain(variable) for variable in SERVICES[name]["environment"]} - known == set(), name
    assert {plain(variable) for variable in IMAGE_ENVIRONMENT} - known == FOR_OTHERS


def test_the_guide_explains_every_variable_and_no_other() -> None:
    guide = (ROOT / "docs" / "deployment.md").read_text()
    rows = [line.split("|")[1] for line in guide.splitlines() if line.startswith("| `")]
    explained = {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}
    of_developers = {"DEBUG", "UPLOAD_MAX_BYTES", "REGULATION", "SECURE_SSL_REDIRECT"}
    assert explained <= names_the_settings_read()
    assert names_the_settings_read() - explained <= of_developers


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_command_is_one_the_environment_has(name: str) -> None:
    command = SERVICES[name]["command"]
    if command[0] == "sh":
        asked = re.findall(r"python manage\.py (\w+)", command[-1])
        assert asked == ["migrate", "collectstatic"]
        known = subprocess.run(
            [sys.executable, "manage.py", "help", "--commands"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert set(asked) <= set(known.stdout.split())
        return
    program = Path(sys.executable).parent / command[0]
    assert program.exists()
    usage = [program, command[3], "--help"] if command[0] == "celery" else [program, "--help"]
    told = subprocess.run(usage, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    options = [word for word in command if word.startswith("--") and word != "--app"]
    assert options
    assert [option for option in options if option not in told] == []


def test_the_application_named_is_there() -> None:
    for name in ("web", "worker", "beat"):
        assert "award_portal" in " ".join(SERVICES[name]["command"])
    assert "award_portal.wsgi" in SERVICES["web"]["command"]
    assert (ROOT / "award_portal" / "wsgi.py").is_file()
    assert (ROOT / "award_portal" / "celery.py").is_file()


def test_the_images_command_is_that_of_web() -> None:
    command = re.search(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)[1]
    assert yaml.safe_load(command) == SERVICES["web"]["command"]


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_images_are_pinned(name: str) -> None:
    tag = SERVICES[name]["image"].partition(":")[2]
    assert re.match(r"\d+\.\d+", tag), SERVICES[name]["image"]


def test_the_versions_are_those_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    base = re.search(r"^FROM python:(\d+\.\d+)-slim-bookworm$", DOCKERFILE, re.MULTILINE)[1]
    assert project["requires-python"] == f">={base}"
    assert SERVICES["postgres"]["image"].startswith("postgres:15.")
    assert SERVICES["redis"]["image"].startswith("redis:7.")
    assert all(SERVICES[name]["image"] == f"award-portal:{project['version']}" for name in OURS)


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_who_stays_has_a_health_check(name: str) -> None:
    service = SERVICES[name]
    if service["restart"] == "no":  # runs once and ends; the others wait for its success
        assert name == "migrate"
        return
    assert service["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}
    assert {"interval", "timeout", "start_period"} <= set(service["healthcheck"])


def test_nobody_starts_before_what_he_needs() -> None:
    for name in ("web", "worker", "beat"):
        waits = {what: how["condition"] for what, how in SERVICES[name]["depends_on"].items()}
        assert waits["migrate"] == "service_completed_successfully"
        assert waits["postgres"] == waits["redis"] == "service_healthy"


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_nobody_runs_as_root(name: str) -> None:
    user = SERVICES[name].get("user") or re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE)[-1]
    assert user not in {"root", "0"}
    assert SERVICES[name]["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in SERVICES[name]["security_opt"]


def test_only_web_is_reached_and_only_from_the_machine_itself() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"web"}
    assert [filled_in(port, {}) for port in SERVICES["web"]["ports"]] == ["127.0.0.1:8000:8000"]
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert SERVICES["postgres"]["networks"] == SERVICES["redis"]["networks"] == ["inside"]


def test_secrets_come_from_files_and_none_is_written_down() -> None:
    declared = set(COMPOSE["secrets"])
    assert set(make_secrets.NAMES) | {"email_url"} == declared
    for name, service in SERVICES.items():
        assert set(service.get("secrets", ())) <= declared, name
        for variable, value in service.get("environment", {}).items():
            secret = re.search(r"SECRET|PASSWORD|EMAIL_URL", variable)
            assert bool(secret) == str(value).startswith("/run/secrets/"), f"{name}: {variable}"
            if secret:
                assert value.removeprefix("/run/secrets/") in service["secrets"]
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert "/secrets/" in ignored
    assert "secrets" not in (ROOT / ".dockerignore").read_text()


def test_volumes_used_are_volumes_declared() -> None:
    used = {volume.partition(":")[0] for service in SERVICES.values() for volume in service.get("volumes", ())}
    assert used == set(COMPOSE["volumes"])
    data = {volume for name in OURS for volume in SERVICES[name]["volumes"]}
    assert data == {f"data:{IMAGE_ENVIRONMENT['DATA_DIR']}"}


def test_all_code_of_the_portal_is_in_the_image() -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert packages | {"static", "templates", "manage.py", "requirements.txt"} <= let_in


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    folder = tmp_path / "secrets"
    make_secrets.write_missing(folder)
    (folder / "email_url").write_text("smtp+tls://award:p%40ss@mail.example.gov.cn:587")
    return folder


def under_production(secrets: Path, *command: str, drop: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = environment_of("web", secrets) | {
        "DATA_DIR": str(secrets.parent / "data"),
        "PATH": os.environ["PATH"],
    }
    if drop:
        del environment[drop]
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


def test_the_deployment_check_is_clean_in_production(secrets: Path) -> None:
    done = under_production(secrets, "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


SHOW = """
import django; from django.conf import settings as s; django.setup()
from django.urls import resolve; resolve("/health/")
d = s.DATABASES["default"]
print(d["ENGINE"].rpartition(".")[2], d["HOST"], len(d["PASSWORD"]), s.REDIS_URL.count(":"), s.EMAIL_HOST, s.PORTAL_URL)
"""


def test_production_takes_its_secrets_from_the_files(secrets: Path) -> None:
    done = under_production(
        secrets, "-c", "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'award_portal.settings'\n" + SHOW
    )
    assert done.returncode == 0, done.stderr
    password = len((secrets / "database_password").read_text())
    expected = f"postgresql postgres {password} 3 mail.example.gov.cn https://award.example.gov.cn"
    assert done.stdout.strip() == expected


@pytest.mark.parametrize("name", ["SECRET_KEY_FILE", "PORTAL_URL", "ALLOWED_HOSTS", "DATABASE_URL"])
def test_production_does_not_start_without(secrets: Path, name: str) -> None:
    done = under_production(secrets, "manage.py", "check", drop=name)
    assert done.returncode != 0
    assert "ImproperlyConfigured" in done.stderr
