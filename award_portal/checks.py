"""What `manage.py check` says about the machine: PDFs wait where their library is missing."""

from __future__ import annotations

import ctypes.util
from typing import Any

from django.core.checks import Info, register


@register()
def pdf_libraries(app_configs: Any, **_: Any) -> list[Info]:
    """This function will say where PDFs cannot be made on this machine."""
    if ctypes.util.find_library("pango-1.0"):
        return []
    return [
        Info(
            "Pango is not installed: PDFs wait in the outbox.",
            hint="apt-get install libpango-1.0-0",
            id="award_portal.I001",
        )
    ]
