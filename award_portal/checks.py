"""What `manage.py check` says about the machine: PDFs wait where their library is missing."""

from __future__ import annotations

import ctypes.util
from typing import Any

from django.conf import settings
from django.core.checks import Error, Info, register
from django.core.exceptions import ImproperlyConfigured


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


@register()
def virus_scanner(app_configs: Any, **_: Any) -> list[Error]:
    """This function will say where the address of the virus scanner cannot be read: files would wait for ever."""
    from award_portal import scanning

    if not settings.CLAMD_URL:
        return []
    try:
        scanning.address()
    except ImproperlyConfigured as error:
        return [Error(str(error), id="award_portal.E001")]
    return []
