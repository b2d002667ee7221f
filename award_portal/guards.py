"""What the database itself refuses, also to raw SQL: triggers, the same on SQLite and PostgreSQL.

An app lists its guards in `guards.py` and registers them in `ready()`. They are put up after every migrate (post_migrate), so
that a later migration that remakes a table cannot drop one silently.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connections, transaction

REGISTERED: dict[str, Guard] = {}


@dataclass(frozen=True)
class Guard:
    """One trigger: before `event` on `table`, where `when` holds for OLD and NEW, the statement is refused with `message`.

    `when` is SQL that both databases understand, `when_sqlite` is used instead where SQLite needs its own words (moments turned
    into days); `of` limits an update trigger to columns.
    """

    name: str
    table: str
    event: str  # INSERT, UPDATE or DELETE
    when: str
    message: str
    of: tuple[str, ...] = ()
    when_sqlite: str | None = None

    def statements(self, vendor: str) -> list[str]:
        """This function will give the SQL that puts the guard up, replacing an earlier one of the same name."""
        message = self.message.replace("'", "''")
        event = f"UPDATE OF {', '.join(self.of)}" if self.of and self.event == "UPDATE" else self.event
        if vendor == "postgresql":
            result = "OLD" if self.event == "DELETE" else "NEW"
            return [
                f"CREATE OR REPLACE FUNCTION guard_{self.name}() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN "
                f"IF ({self.when}) THEN RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', "
                f"MESSAGE = '{message}'; END IF; RETURN {result}; END $guard$",
                f'DROP TRIGGER IF EXISTS guard_{self.name} ON "{self.table}"',
                f'CREATE TRIGGER guard_{self.name} BEFORE {event} ON "{self.table}" '
                f"FOR EACH ROW EXECUTE FUNCTION guard_{self.name}()",
            ]
        return [
            f"DROP TRIGGER IF EXISTS guard_{self.name}",
            f'CREATE TRIGGER guard_{self.name} BEFORE {event} ON "{self.table}" '
            f"WHEN {self.when_sqlite or self.when} BEGIN SELECT RAISE(ABORT, '{message}'); END",
        ]

    def removal(self, vendor: str) -> str:
        """This function will give the SQL that takes the guard down: for tests that show what it holds."""
        return f"DROP TRIGGER IF EXISTS guard_{self.name}" + (f' ON "{self.table}"' if vendor == "postgresql" else "")


def append_only(table: str, name: str, message: str) -> list[Guard]:
    """This function will give the two guards of a table whose rows are never changed and never deleted."""
    return [
        Guard(f"{name}_no_update", table, "UPDATE", "1 = 1", message),
        Guard(f"{name}_no_delete", table, "DELETE", "1 = 1", message),
    ]


def frozen(table: str, name: str, columns: tuple[str, ...], message: str, when: str = "1 = 1") -> Guard:
    """This function will give the guard of columns that keep their first value (where `when` holds for OLD)."""
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)
    return Guard(name, table, "UPDATE", f"({when}) AND ({changed})", message)


def arrows(table: str, name: str, pairs: list[tuple[str, str]], message: str, column: str = "state") -> Guard:
    """This function will give the guard of a state machine: only listed arrows, whoever writes."""
    listed = " OR ".join(f"(OLD.{column} = '{source}' AND NEW.{column} = '{target}')" for source, target in pairs)
    return Guard(name, table, "UPDATE", f"OLD.{column} <> NEW.{column} AND NOT ({listed or '1 = 0'})", message)


def register(*listed: Guard) -> None:
    """This function will add guards to those put up after every migrate."""
    for guard in listed:
        if REGISTERED.get(guard.name, guard) != guard:  # the later one would take the earlier one down, silently
            raise ValueError(f"two guards are called {guard.name}")
        REGISTERED[guard.name] = guard


def put_up(using: str = "default", only: list[Guard] | None = None) -> None:
    """This function will put up the registered guards whose tables exist."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    with (
        transaction.atomic(using=using),
        connection.cursor() as cursor,
    ):  # at no moment is a guard down while it is renewed
        for guard in only if only is not None else REGISTERED.values():
            if guard.table in tables:
                for statement in guard.statements(connection.vendor):
                    cursor.execute(_dialect(statement, connection.vendor))


def take_down(*listed: Guard, using: str = "default") -> None:
    """This function will take guards down: only tests do, to show what each holds."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for guard in listed:
            cursor.execute(guard.removal(connection.vendor))


def standing(using: str = "default") -> set[str]:
    """This function will name the guards that stand in the database."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE 'guard\\_%'")
        else:
            cursor.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'guard\\_%' ESCAPE '\\'"
            )
        return {row[0].removeprefix("guard_") for row in cursor.fetchall()}


def before_migrate(sender: Any, using: str = "default", plan: Any = None, **_: Any) -> None:
    """This function will take every guard down before tables change: SQLite remakes a table by emptying it, and a trigger of
    another table that reads it would stop the remake. They are put up again when the last app has migrated."""
    if not plan:
        return
    connection = connections[using]
    with transaction.atomic(using=using), connection.cursor() as cursor:
        for name in standing(using):
            if connection.vendor == "postgresql":
                cursor.execute(f"DROP FUNCTION IF EXISTS guard_{name}() CASCADE")
            else:
                cursor.execute(f"DROP TRIGGER IF EXISTS guard_{name}")


def _dialect(statement: str, vendor: str) -> str:
    # SQLite 3.39 and later know IS DISTINCT FROM; IS NOT says the same in all.
    return statement if vendor == "postgresql" else statement.replace("IS DISTINCT FROM", "IS NOT")


def after_migrate(sender: Any, using: str = "default", **_: Any) -> None:
    """This function will put the guards up when the last app has migrated."""
    put_up(using)


MESSAGE = "留痕只增不改（第二十七条）"
register(*append_only("award_portal_auditevent", "audit_event", MESSAGE))
register(
    Guard("audit_head_forward", "award_portal_audithead", "UPDATE", "NEW.height <> OLD.height + 1", MESSAGE),
    Guard("audit_head_no_delete", "award_portal_audithead", "DELETE", "1 = 1", MESSAGE),
    frozen(
        "award_portal_storedfile",
        "stored_file_content",
        ("sha256", "size", "content_type"),
        "已存文件不得改动（第十六条）",
    ),
    arrows(
        "award_portal_storedfile",
        "stored_file_scan",
        [("pending", "clean"), ("pending", "infected")],
        "查杀结果不得改动（第十六条）",
        column="scan",
    ),
    Guard(
        "stored_file_unscanned",
        "award_portal_storedfile",
        "INSERT",
        "NEW.scan NOT IN ('pending', 'not_required')",
        "文件须经查杀，不能直接登记结果（第十六条）",
    ),
    frozen(
        "award_portal_storedfile",
        "stored_file_scanned",
        ("scanned_at", "signature"),
        "查杀结果不得改动（第十六条）",
        "OLD.scan <> 'pending'",
    ),
    Guard(
        "demo_time_forward",
        "award_portal_demostate",
        "UPDATE",
        "NEW.offset_seconds < OLD.offset_seconds",
        "演示时间只能向前推进",
    ),
    Guard(
        "outbox_done_stays",
        "award_portal_outboxmessage",
        "UPDATE",
        "OLD.state = 'done' AND NEW.state <> 'done'",
        "已办结的发件不再重发",
    ),
)
