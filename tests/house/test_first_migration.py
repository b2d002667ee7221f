"""The first migrations, carried out in one go, make the same tables as Django makes them one operation after the other."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
import django; django.setup()
from django.core.management import call_command
from django.db import connection, migrations
if {plain}:
    from award_portal.first_migration import FirstMigration
    FirstMigration.apply = migrations.Migration.apply
call_command("migrate", verbosity=0)
with connection.cursor() as cursor:
    cursor.execute("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    for row in cursor.fetchall():
        print("|".join(str(cell).replace(chr(10), " ") for cell in row))
"""


def schema(folder: Path, *, plain: bool) -> set[str]:
    environment = os.environ | {"DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "award_portal.settings"}
    script = SCRIPT.format(plain=plain)
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return {line for line in done.stdout.splitlines() if "|" in line}


def told_apart(lines: set[str]) -> set[str]:
    """Every clause of every table: the order of columns and constraints says nothing."""
    parts = set()
    for line in lines:
        kind, name, table, sql = line.split("|", 3)
        for clause in re.split(r", (?=\"|CONSTRAINT)", sql) if kind == "table" else [sql]:
            parts.add(f"{kind} {table if kind == 'table' else name} {clause.strip('() ')}")
    return parts


@pytest.mark.long
def test_tables_are_the_same_either_way(tmp_path: Path) -> None:
    quick, plain = schema(tmp_path / "quick", plain=False), schema(tmp_path / "plain", plain=True)
    assert len(quick) > 100
    assert told_apart(quick) == told_apart(plain)
