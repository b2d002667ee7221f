"""Django's own command; a first migration is written on `FirstMigration`, which makes a fresh database in seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.commands.makemigrations import Command as MakeMigrations


class Command(MakeMigrations):
    """Writes migrations as Django does, then puts first ones on their quicker base."""

    def write_migration_files(self, changes: Any, *args: Any, **kwargs: Any) -> None:
        """This function will write the files and set the base class of first migrations."""
        super().write_migration_files(changes, *args, **kwargs)
        if self.dry_run:
            return
        from django.apps import apps

        for label in changes:
            first = Path(apps.get_app_config(label).path) / "migrations" / "0001_initial.py"
            if first.exists():
                text = first.read_text(encoding="utf-8")
                text = text.replace("class Migration(migrations.Migration)", "class Migration(FirstMigration)")
                line = "from award_portal.first_migration import FirstMigration\n"
                if line not in text:
                    text = text.replace("from django.", line + "from django.", 1)
                first.write_text(text, encoding="utf-8")
