"""The radar chart as a picture for Word, which knows no SVG: the same figures, drawn as in `award_portal.charts_scores` (第十七条)."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import Any

from award_portal.charts import ACCENT, BENCH, INK, LINE, QUIET
from award_portal.documents import REGULAR

WIDTH, HEIGHT, RADIUS = 1440, 1080, 360
RINGS = (0.25, 0.5, 0.75, 1.0)
PALE = 28  # of 255: the first series is filled, faintly
Series = Sequence[tuple[str, Sequence[float]]]
Spot = tuple[float, float]


def radar(axes: Sequence[str], series: Series) -> bytes:
    """第十七条: this function will draw shares (0 to 1) on as many axes as there are categories, as a PNG; two series at most."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    pen, type_ = ImageDraw.Draw(image, "RGBA"), ImageFont.truetype(str(REGULAR), 34)
    for ring in RINGS:
        pen.polygon([_spot(ring, place, len(axes)) for place in range(len(axes))], outline=LINE, width=3)
        x, y = _spot(ring, 0, len(axes))
        pen.text((x + 8, y - 4), f"{ring:.0%}", font=ImageFont.truetype(str(REGULAR), 24), fill=QUIET)
    for place, axis in enumerate(axes):
        pen.line([_spot(0, place, len(axes)), _spot(1, place, len(axes))], fill=LINE, width=3)
        pen.text(_spot(1.13, place, len(axes)), axis, font=type_, fill=INK, anchor=_anchor(place, len(axes)))
    for number, (name, shares) in enumerate(series[:2]):
        _series(pen, [_spot(share, place, len(axes)) for place, share in enumerate(shares)], dashed=bool(number))
        left = 40 + number * 420
        _stroke(pen, (left, 50), (left + 80, 50), dashed=bool(number))
        pen.text((left + 96, 50), name, font=type_, fill=INK, anchor="lm")
    saved = io.BytesIO()
    image.save(saved, "PNG", dpi=(300, 300))
    return saved.getvalue()


def described(axes: Sequence[str], series: Series) -> str:
    """第十七条: this function will say what the picture shows, for those who do not see it."""
    return "".join(
        f"{name}：{'，'.join(f'{axis}{share:.0%}' for axis, share in zip(axes, shares, strict=True))}。"
        for name, shares in series
    )


def _spot(share: float, place: int, count: int) -> Spot:
    angle = 2 * math.pi * place / count - math.pi / 2
    return WIDTH / 2 + RADIUS * share * math.cos(angle), HEIGHT / 2 + 40 + RADIUS * share * math.sin(angle)


def _anchor(place: int, count: int) -> str:
    side = math.cos(2 * math.pi * place / count - math.pi / 2)
    return "mm" if abs(side) < 0.2 else ("lm" if side > 0 else "rm")


def _series(pen: Any, spots: list[Spot], *, dashed: bool) -> None:
    if not dashed:
        pen.polygon(spots, fill=(*bytes.fromhex(ACCENT.removeprefix("#")), PALE))
    for start, end in zip(spots, [*spots[1:], spots[0]], strict=True):
        _stroke(pen, start, end, dashed=dashed)


def _stroke(pen: Any, start: Spot, end: Spot, *, dashed: bool) -> None:
    if not dashed:
        pen.line([start, end], fill=ACCENT, width=6)
        return
    length = math.dist(start, end)
    for done in range(0, max(1, int(length)), 26):
        near, far = done / (length or 1), min(1.0, (done + 16) / (length or 1))
        pen.line([_between(start, end, near), _between(start, end, far)], fill=BENCH, width=5)


def _between(start: Spot, end: Spot, share: float) -> Spot:
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share
