#!/usr/bin/env python3
"""Write the secrets docker-compose.yml reads, as random values in secrets/ (`make secrets`). What is there is kept."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "secrets"
NAMES = ("secret_key", "database_password", "redis_password")


def write_missing(folder: Path) -> list[str]:
    """Write the secrets that are not there yet; return their names."""
    folder.mkdir(mode=0o700, exist_ok=True)
    written = []
    for name in NAMES:
        try:
            # O_EXCL: a secret in use is never written over. The containers read as another user: hence 0444, in a closed folder.
            handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444)
        except FileExistsError:
            continue
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(64 if name == "secret_key" else 32))
        written.append(name)
    return written


if __name__ == "__main__":
    new = write_missing(FOLDER)
    print(f"Written: {', '.join(new)}" if new else "All secrets are there already; nothing was changed.")
    sys.exit(0)
