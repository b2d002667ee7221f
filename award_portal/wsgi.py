"""The door for the web server."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "award_portal.settings")
portal = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """This function will hand a request to the portal, without a charset that the caller names: forms are UTF-8.

    An unknown or strange one would break the request before any page could refuse it.
    """
    parts = environ.get("CONTENT_TYPE", "").split(";")
    environ["CONTENT_TYPE"] = ";".join(part for part in parts if not part.strip().lower().startswith("charset"))
    return portal(environ, start_response)
