"""What awaits this person (待办): each app plugs in its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from award_portal.sockets import Socket

items = Socket("what awaits this person?")
shortcuts = Socket("which pages does this person use?")  # answers: (label, url)


@dataclass(frozen=True)
class Item:
    """One thing to do: where, and until when."""

    title: str
    url: str
    text: str = ""
    due_at: datetime | None = None
    article: int | None = None


def awaiting(user: Any, at: datetime) -> list[Item]:
    """This function will list what awaits `user`, the nearest deadline first, then what has none."""
    found = list(items.ask(user, at))
    return sorted(found, key=lambda item: (item.due_at is None, item.due_at or at))
