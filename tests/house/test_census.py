"""Counted over the whole house: every page has a policy, every table a memory, every guard stands, no file grows too long."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from award_portal import guards

OURS = ("award_portal", "applications", "review", "committee", "monitoring", "demo")
THEIRS = ("admin/", "accounts/")  # Django's admin asks PortalModelAdmin, allauth has its own rules: see their tests
LONGEST = 450

WITHOUT_MEMORY = {
    "award_portal.AuditHead": "one row, moved forward by each act and never otherwise (guard audit_head_forward)",
    "award_portal.OutboxMessage": "a queue: what it carries is on record where it was made",
    "award_portal.StoredFile": "content-addressed, its content frozen by guard stored_file_content",
    "applications.ReceiptCounter": "a number that is counted up under its own lock; the receipts that carry it are kept",
    "monitoring.CertificateCounter": "a number that is counted up under its own lock; the certificates that carry it are kept",
    "award_portal.DemoState": "one row, forward only (guard demo_time_forward), each step an act on record",
}


def _patterns(resolver: URLResolver, prefix: str = "", space: str = "") -> Iterator[tuple[str, str, URLPattern]]:
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from _patterns(entry, path, inner)
        else:
            yield path, f"{space}{entry.name}", entry


PAGES = [(path, name, entry) for path, name, entry in _patterns(get_resolver()) if not path.startswith(THEIRS)]
MODELS = [
    model
    for app in OURS
    for model in apps.get_app_config(app).get_models(include_auto_created=True)
    if not model.__name__.startswith("Historical")
]


@pytest.mark.parametrize(("path", "name", "entry"), PAGES, ids=[path or "/" for path, _, _ in PAGES])
def test_every_page_declares_who_may_open_it(path: str, name: str, entry: URLPattern) -> None:
    assert getattr(entry.callback, "policy", None), f"{name} carries no decorator of award_portal.policy"
    assert entry.name, f"{path} has no name"


def test_no_two_pages_have_one_address_or_one_name() -> None:
    for position in (0, 1):
        found = [page[position] for page in PAGES]
        assert sorted({one for one in found if found.count(one) > 1}) == []


def test_every_object_page_asks_who_may_see() -> None:
    named = {model.__name__: model for model in MODELS}
    for path, _, entry in PAGES:
        kind, _, rest = entry.callback.policy.partition(":")
        if kind == "permit":
            model = named[rest.partition(":")[0]]
            assert hasattr(model._default_manager, "visible_to"), (
                f"{path}: {model.__name__} does not say who may see it"
            )


def test_every_verb_leads_to_its_own_page() -> None:
    seen = 0
    for path, name, entry in PAGES:
        verb = getattr(entry.callback, "verb", None)
        if verb is None:
            continue
        seen += 1
        assert verb.route == name, f"{path} shows the verb {verb.route}"
        assert "<int:pk>" in path
        assert reverse(verb.route, args=[1])
    assert seen > 5


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_table_remembers_or_never_changes(model: Any) -> None:
    table = model._meta.db_table
    never_changes = {(guard.table, guard.event) for guard in guards.REGISTERED.values() if guard.when == "1 = 1"}
    append_only = {(table, "UPDATE"), (table, "DELETE")} <= never_changes
    remembers = hasattr(model, "history")
    listed = model._meta.label in WITHOUT_MEMORY
    assert remembers or append_only or listed, f"{model._meta.label} has neither history nor append-only guards"
    assert not (listed and (remembers or append_only)), f"{model._meta.label} needs no exception any more"


@pytest.mark.django_db
def test_every_guard_stands_in_the_database() -> None:
    assert set(guards.REGISTERED) - guards.standing() == set()
    assert guards.standing() - set(guards.REGISTERED) == set()
    tables = {model._meta.db_table for model in apps.get_models()}
    assert {guard.table for guard in guards.REGISTERED.values()} <= tables


@pytest.mark.django_db
def test_a_guard_taken_down_is_put_up_by_the_next_migrate() -> None:
    guard = guards.REGISTERED["audit_event_no_update"]
    guards.take_down(guard)
    assert guard.name not in guards.standing()
    guards.after_migrate(sender=None)
    assert guard.name in guards.standing()


@pytest.mark.parametrize(
    ("vendor", "foreign"),
    [
        ("sqlite", r"\bIS (TRUE|FALSE)\b|\bILIKE\b|::|AT TIME ZONE|CREATE OR REPLACE"),
        ("postgresql", r"\bIS (TRUE|FALSE)\b|strftime|julianday|\bdatetime\(|'[+-]\d+ (hours|days)'"),
    ],
)
def test_every_guard_is_written_for_both_databases(vendor: str, foreign: str) -> None:
    for guard in guards.REGISTERED.values():
        assert len(f"guard_{guard.name}") <= 63  # what PostgreSQL keeps of a name
        assert re.search(r"[\u4e00-\u9fff]", guard.message), f"{guard.name} does not speak Chinese"
        written = "".join(guard.statements(vendor))
        assert not re.search(foreign, written), guard.name
        assert "%" not in written, guard.name  # cursors would read it as a parameter


# ── files ──


def _files() -> list[Path]:
    root = Path(settings.BASE_DIR)
    known = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if known.returncode == 0 and known.stdout:
        found = [root / name for name in known.stdout.splitlines()]
    else:  # an unpacked copy: everything but what set-up and runs make
        made = {
            ".venv",
            "var",
            "secrets",
            ".git",
            "__pycache__",
            ".hypothesis",
            ".mypy_cache",
            ".ruff_cache",
            ".pytest_cache",
        }
        found = [path for path in root.rglob("*") if not made & set(path.relative_to(root).parts)]
    return [path for path in found if path.is_file()]


def test_no_file_grows_too_long() -> None:
    root, long = Path(settings.BASE_DIR), []
    for path in _files():
        parts = path.relative_to(root).parts
        if path.suffix not in {".py", ".html"} or "migrations" in parts or parts[0] == "tests" or "vendor" in parts:
            continue
        length = len(path.read_text(encoding="utf-8").splitlines())
        if length > LONGEST:
            long.append(f"{path.relative_to(root)}: {length}")
    assert long == []


TEXT = {".py", ".md", ".html", ".toml", ".txt", ".yml", ".yaml", ".css", ".js", ".json", ".cfg", ".sh", ".rst", ""}
REGISTRIES = re.compile(
    "|".join(
        (
            "pypi" + r"\.org",
            "python" + "hosted",
            "npm" + r"js\.",
            r"(?<!emit-)index" + "-url",
            "registry" + r"\.[a-z]+\.[a-z]",
            "tuna\\." + "tsinghua",
        )
    )
)
MACHINE = re.compile("|".join(("/" + "work/", "/" + "root/", "/" + "home/[a-z]+/")))


NAMES_WHAT_IT_FORBIDS = {"tests/house/test_locks.py"}


def test_no_text_names_a_package_registry_or_a_machines_path() -> None:
    root, found = Path(settings.BASE_DIR), []
    for path in _files():
        name = path.relative_to(root).as_posix()
        if path.suffix not in TEXT or "vendor" in path.parts or name in NAMES_WHAT_IT_FORBIDS:
            continue
        words = path.read_text(encoding="utf-8", errors="ignore")
        found += [
            f"{path.relative_to(root)}: {match[0]}" for match in (*REGISTRIES.finditer(words), *MACHINE.finditer(words))
        ]
    assert found == []


def test_models_are_models() -> None:
    assert len(MODELS) > 20
    assert all(issubclass(model, models.Model) for model in MODELS)
    assert set(WITHOUT_MEMORY) <= {model._meta.label for model in MODELS}
