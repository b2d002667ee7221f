"""发文字号: how a government document is named (第十九、二十八、二十九条)."""

from __future__ import annotations

import re
import unicodedata

from award_portal.verdict import Refused

SHAPE = re.compile(r"(?P<prefix>[一-鿿㐀-䶿\U00020000-\U0003134F]{1,10})[〔\[［【(](?P<year>[12][0-9]{3})[〕\]］】)](?:第)?(?P<serial>[1-9][0-9]{0,4})号")


def document_number(text: str, prefix: str, article: int, field: str = "document_number") -> str:
    """This function will read a number such as 瀍政[2027]8号 and write it as it is printed: 瀍政〔2027〕8号."""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    match = SHAPE.fullmatch(plain)
    if match is None or match["prefix"] != prefix:
        raise Refused(f"发文字号应如“{prefix}〔2027〕8号”。", article, field)
    return f"{prefix}〔{match['year']}〕{match['serial']}号"
