"""Template in, PDF out: the same facts always give the same bytes. The only module that imports WeasyPrint, and only when asked.

A document may show nothing but the template's words, the portal's own style sheet and fonts, and pictures carried inside the page
as data addresses (`qr_svg`). It fetches nothing, from outside or from this machine.
"""

from __future__ import annotations

import hashlib
import html
import threading
import unicodedata
import warnings
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.template.loader import render_to_string

from award_portal.outbox import NotYet

STATIC = Path(settings.BASE_DIR) / "static"
STYLE = STATIC / "document.css"
FONTS = STATIC / "fonts"
REGULAR, BOLD = FONTS / "PortalSerif-Regular.ttf", FONTS / "PortalSerif-Bold.ttf"
VARIANT = "pdf/a-2a"  # archival and tagged: kept for years, read aloud by a screen reader
MISSING_MARK = "〓"  # what Chinese typesetting has always put where the type is not at hand

NOT_INSTALLED = (
    "本机缺少生成PDF所需的组件，文件暂存待发。请系统管理员执行："
    "apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0，装好后自动补发。"
)

# Pango's font map belongs to one thread at a time; the web server and the worker have several.
_lock = threading.Lock()


class NotReady(NotYet):
    """The PDF cannot be made now: the outbox keeps the row waiting. Its text is Chinese, for the people who can help."""


class MissingCharacters(NotReady):
    """The portal's fonts lack a character of this text. A legal document is not issued with an empty box in a name."""

    def __init__(self, characters: str) -> None:
        self.characters = characters
        listed = "、".join(f"“{c}”（U+{ord(c):04X}）" for c in characters[:10])
        super().__init__(f"字库中没有以下字，文件暂存待发，请系统管理员补充字库：{listed}。")


class ForbiddenAddress(Exception):
    """A template or a text in it asked for something outside the page. A programming error: the document is not made."""


def render(template: str, context: Mapping[str, Any], *, on_missing: Literal["refuse", "mark"] = "refuse") -> bytes:
    """The PDF of a template under templates/documents/.

    Raises NotReady if this machine cannot make PDFs yet, and MissingCharacters if the fonts lack a character, unless `on_missing`
    is "mark": then 〓 stands in its place (for a copy of what an applicant typed, never for an issued document).
    """
    if not template.startswith("documents/") or ".." in template:
        raise ValueError(f"not a document's template: {template}")
    page: str = render_to_string(template, dict(context))
    if lacking := unprintable(html.unescape(page)):
        if on_missing == "refuse":
            raise MissingCharacters(lacking)
        page = page.translate(dict.fromkeys(map(ord, lacking), MISSING_MARK))
    with _lock:
        return _write_pdf(page)


def why_not_ready() -> str:
    """Empty if PDFs can be made here; otherwise the sentence for the health page and the outbox."""
    try:
        with _lock:
            _press()
    except NotReady as reason:
        return str(reason)
    return ""


def unprintable(text: str) -> str:
    """The characters of this text that the portal's fonts lack, each once, in order. Forms ask it before a name is accepted."""
    known = _characters()
    lacking = [c for c in dict.fromkeys(text) if ord(c) not in known and not _invisible(c)]
    return "".join(lacking)


def qr_svg(text: str) -> str:
    """A QR code of this text as a data address for `<img src>`: drawn as lines, sharp at any size."""
    import segno

    return segno.make(text, error="m", micro=False).svg_data_uri(border=2, scale=4, dark="#000", light="#fff")


def _write_pdf(page: str) -> bytes:
    weasyprint, fetcher, style, fonts = _press()
    from weasyprint.urls import FatalURLFetchingError

    document = weasyprint.HTML(string=page, base_url=STATIC.as_uri() + "/", url_fetcher=fetcher)
    # An identifier made from the page itself: a document issued twice is the same file and is stored once.
    identifier = hashlib.sha256(page.encode()).digest()[:16]
    try:
        with warnings.catch_warnings():
            # WeasyPrint leaves its colour profile to the garbage collector instead of closing it.
            warnings.filterwarnings("ignore", "unclosed file .*sRGB2014", ResourceWarning)
            result: bytes = document.write_pdf(
                stylesheets=[style], font_config=fonts, pdf_identifier=identifier, pdf_variant=VARIANT
            )
    except FatalURLFetchingError as forbidden:  # no Exception in WeasyPrint's family tree: it would end the worker
        raise ForbiddenAddress(str(forbidden)) from None
    return result


@lru_cache(maxsize=1)
def _press() -> tuple[Any, Any, Any, Any]:
    """WeasyPrint, what it may fetch, the parsed style and its fonts: once per process. Callers hold the lock."""
    try:
        import weasyprint
        from weasyprint.text.fonts import FontConfiguration
        from weasyprint.urls import FatalURLFetchingError, URLFetcher
    except (ImportError, OSError) as missing:
        raise NotReady(NOT_INSTALLED) from missing
    if not (REGULAR.is_file() and BOLD.is_file() and STYLE.is_file()):
        raise NotReady(
            "文件版式或者字库不完整（static/document.css、static/fonts），文件暂存待发，请系统管理员重新部署。"
        )

    class HouseFetcher(URLFetcher):
        """Hands over the portal's own style and fonts and data addresses; anything else stops the rendering."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            if not may_fetch(url):
                raise FatalURLFetchingError(f"a document may not fetch {url[:200]}")
            return super().fetch(url, headers)

    fetcher = HouseFetcher(allowed_protocols={"file", "data"}, allow_redirects=False)
    fonts = FontConfiguration()
    style = weasyprint.CSS(filename=str(STYLE), base_url=STYLE.as_uri(), font_config=fonts, url_fetcher=fetcher)
    return weasyprint, fetcher, style, fonts


def may_fetch(url: str) -> bool:
    """Data addresses, the style sheet and the files in static/fonts; links and `..` are followed before the answer."""
    parts = urlsplit(url)
    if parts.scheme == "data":
        return True
    if parts.scheme != "file" or parts.netloc:
        return False
    path = Path(unquote(parts.path)).resolve()
    return path == STYLE.resolve() or path.parent == FONTS.resolve()


@lru_cache(maxsize=1)
def _characters() -> frozenset[int]:
    try:
        from fontTools.ttLib import TTFont

        with TTFont(REGULAR, lazy=True) as regular, TTFont(BOLD, lazy=True) as bold:
            return frozenset(regular.getBestCmap()) & frozenset(bold.getBestCmap())
    except (ImportError, OSError) as missing:
        raise NotReady(NOT_INSTALLED) from missing


def _invisible(character: str) -> bool:
    """White space, controls and selectors draw nothing, so no font needs them."""
    return character.isspace() or unicodedata.category(character) in {"Cc", "Cf", "Mn"}
