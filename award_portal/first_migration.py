"""The first migration of an app, carried out in one go: a fresh database in seconds instead of half a minute.

Django renders every related model anew after each operation, and here nearly every model hangs on the user. A first
migration meets empty tables only, so that all its models can be rendered once and each table made in its final form.
The schema is the same to the letter; a test compares them.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.migrations.state import ProjectState

# All of these leave their mark on the final models, from which the tables are made.
STRUCTURE = (migrations.AddField, migrations.AddConstraint, migrations.AddIndex, migrations.AlterUniqueTogether)


class FirstMigration(migrations.Migration):
    """Base class for 0001_initial.py: `class Migration(FirstMigration)`."""

    initial = True

    def apply(self, project_state: ProjectState, schema_editor: Any, collect_sql: bool = False) -> ProjectState:
        if collect_sql:  # sqlmigrate shows one operation after the other
            return super().apply(project_state, schema_editor, collect_sql)
        before = project_state.clone()
        project_state.__dict__.pop("apps", None)  # rendered again once, when first asked for
        for operation in self.operations:
            operation.state_forwards(self.app_label, project_state)
        for operation in self.operations:
            if isinstance(operation, migrations.CreateModel):
                model = project_state.apps.get_model(self.app_label, operation.name)
                if operation.allow_migrate_model(schema_editor.connection.alias, model):
                    schema_editor.create_model(model)
            elif not isinstance(operation, STRUCTURE):
                operation.database_forwards(self.app_label, schema_editor, before, project_state)
        return project_state
