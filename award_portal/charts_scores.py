"""Charts of scores as SVG, under the rules of `award_portal.charts`: attributes only, every text escaped, figures in the description."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from award_portal.charts import ACCENT, BENCH, INK, LINE, QUIET, SCREEN_FONT, _cut, _safe, _svg

WIDTH, NAMES, EDGE = 640, 210, 16
ROW, HEAD, FOOT = 20, 12, 28
RADIUS, RADAR_WIDTH, RADAR_HEIGHT = 120, 480, 360
RINGS = (0.25, 0.5, 0.75, 1.0)
MARKS = ((ACCENT, ""), (BENCH, "5 3"))


@dataclass(frozen=True, slots=True)
class Interval:
    """One line of a chart: a value between its lower and its upper end."""

    label: str
    value: float
    low: float
    high: float


def intervals(
    title: str, rows: Sequence[Interval], *, nought: bool = False, mark: float | None = None, whole: bool = False,
    font: str = SCREEN_FONT,
) -> str:  # fmt: skip
    """第十七条: this function will draw values with their intervals, one below the other; empty where there are none.

    `nought` draws the line of nought, `mark` another that counts (a quota); `whole` writes figures without decimals.
    """
    if not rows:
        return ""
    marked = [*([0.0] if nought else []), *([mark] if mark is not None else [])]
    least = min([row.low for row in rows] + marked)
    most = max([row.high for row in rows] + marked)
    scale = _scale(least, most)
    height = HEAD + ROW * len(rows) + FOOT
    bottom = height - FOOT
    drawn = [_tick(scale, tick, bottom, whole) for tick in _ticks(least, most)]
    drawn += [_upright(scale(value), bottom, dashed=True) for value in marked]
    drawn += [_interval(scale, row, HEAD + ROW * place + ROW / 2) for place, row in enumerate(rows)]
    said = "".join(
        f"{row.label}：{_figure(row.value, whole)}（{_figure(row.low, whole)}至{_figure(row.high, whole)}）。"
        for row in rows
    )
    return _svg("".join(drawn), WIDTH, height, title, said, font)


def _scale(least: float, most: float):  # type: ignore[no-untyped-def]
    wide = (most - least) or 1.0
    return lambda value: NAMES + (WIDTH - NAMES - EDGE) * (value - least) / wide


def _ticks(least: float, most: float) -> list[float]:
    rough = (most - least) / 6 or 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * n for n in (1, 2, 5, 10) if power * n >= rough)
    first = math.ceil(least / step)
    return [step * n for n in range(first, math.floor(most / step) + 1)]


def _tick(scale, tick: float, bottom: int, whole: bool) -> str:  # type: ignore[no-untyped-def]
    x = scale(tick)
    return _upright(x, bottom) + (
        f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle" font-size="10" fill="{QUIET}">{_figure(tick, whole)}</text>'
    )


def _upright(x: float, bottom: int, dashed: bool = False) -> str:
    said = (
        f'stroke="{BENCH}" stroke-dasharray="5 3" stroke-width="1.5"' if dashed else f'stroke="{LINE}" stroke-width="1"'
    )
    return f'<line x1="{x:.1f}" y1="{HEAD - 6}" x2="{x:.1f}" y2="{bottom}" {said}/>'


def _interval(scale, row: Interval, y: float) -> str:  # type: ignore[no-untyped-def]
    left, right, middle = scale(row.low), scale(row.high), scale(row.value)
    return (
        f'<text x="{NAMES - 8}" y="{y + 4:.1f}" text-anchor="end" fill="{INK}">{_safe(_cut(row.label, 17))}</text>'
        f'<line x1="{left:.1f}" y1="{y:.1f}" x2="{right:.1f}" y2="{y:.1f}" stroke="{ACCENT}" stroke-width="2"/>'
        f'<circle cx="{middle:.1f}" cy="{y:.1f}" r="4" fill="{ACCENT}"/>'
    )


def _figure(value: float, whole: bool) -> str:
    text = f"{value:.0f}" if whole else f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def radar(
    title: str, axes: Sequence[str], series: Sequence[tuple[str, Sequence[float]]], *, font: str = SCREEN_FONT
) -> str:
    """第十七条: this function will draw shares (0 to 1) on as many axes as there are categories, two series at most."""
    if not axes or not series:
        return ""
    middle = RADAR_WIDTH / 2, RADAR_HEIGHT / 2 + 4
    drawn = [_ring(middle, share, len(axes)) for share in RINGS]
    for place, axis in enumerate(axes):
        x, y = _spot(middle, 1.0, place, len(axes))
        drawn.append(f'<line x1="{middle[0]:.1f}" y1="{middle[1]:.1f}" x2="{x:.1f}" y2="{y:.1f}" stroke="{LINE}"/>')
        x, y = _spot(middle, 1.14, place, len(axes))
        anchor = "middle" if abs(x - middle[0]) < 20 else ("start" if x > middle[0] else "end")
        drawn.append(f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="{anchor}">{_safe(_cut(axis, 12))}</text>')
    for (_, shares), (colour, dash) in zip(series, MARKS, strict=False):
        spots = " ".join(
            "{:.1f},{:.1f}".format(*_spot(middle, share, place, len(axes))) for place, share in enumerate(shares)
        )
        line = f' stroke-dasharray="{dash}"' if dash else f' fill-opacity="0.12" fill="{colour}"'
        fill = ' fill="none"' if dash else ""
        drawn.append(f'<polygon points="{spots}" stroke="{colour}" stroke-width="2"{line}{fill}/>')
    for place, ((name, _), (colour, dash)) in enumerate(zip(series, MARKS, strict=False)):
        x = 12 + place * 250
        drawn.append(
            f'<line x1="{x}" y1="14" x2="{x + 26}" y2="14" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash or "none"}"/>'
        )
        drawn.append(f'<text x="{x + 32}" y="18">{_safe(_cut(name, 16))}</text>')
    said = "".join(
        f"{name}：{'，'.join(f'{axis}{share:.0%}' for axis, share in zip(axes, shares, strict=True))}。"
        for name, shares in series
    )
    return _svg("".join(drawn), RADAR_WIDTH, RADAR_HEIGHT, title, said, font)


def _spot(middle: tuple[float, float], share: float, place: int, count: int) -> tuple[float, float]:
    angle = 2 * math.pi * place / count - math.pi / 2
    return middle[0] + RADIUS * share * math.cos(angle), middle[1] + RADIUS * share * math.sin(angle)


def _ring(middle: tuple[float, float], share: float, count: int) -> str:
    spots = " ".join("{:.1f},{:.1f}".format(*_spot(middle, share, place, count)) for place in range(count))
    return f'<polygon points="{spots}" fill="none" stroke="{LINE}"/>'
