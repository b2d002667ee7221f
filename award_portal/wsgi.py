"""The door for the web server."""

import gc
import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "award_portal.settings")
portal = get_wsgi_application()
get_resolver().url_patterns  # noqa: B018 - loads every view now, not in the first request
gc.collect()
gc.freeze()  # what is loaded stays: the collector need not walk a million objects of it again and again


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """This function will hand a request to the portal, without a charset that the caller names: forms are UTF-8.

    An unknown or strange one would break the request before any page could refuse it.
    """
    parts = environ.get("CONTENT_TYPE", "").split(";")
    environ["CONTENT_TYPE"] = ";".join(part for part in parts if not part.strip().lower().startswith("charset"))
    return portal(environ, start_response)
