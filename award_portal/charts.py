"""Charts of the results' tables as SVG: the same picture on the screen and in the PDF.

Presentation attributes only, never `style`: the portal's Content-Security-Policy forbids it. Every text is escaped. A chart repeats
what its table says, so its title and description name the figures for those who do not see it.
"""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape

ACCENT, BENCH, INK, QUIET, LINE = "#17475f", "#9b2a1e", "#23282c", "#565c61", "#ddd8cc"
SCREEN_FONT = "PingFang SC, Hiragino Sans GB, Microsoft YaHei, Noto Sans CJK SC, sans-serif"
PAPER_FONT = "Portal Serif"

WIDTH, HEIGHT = 304, 212  # of one panel; two stand side by side on A4
LEFT, RIGHT, TOP, BOTTOM = 46, 12, 52, 26
LEAN = 14
FEWEST_FOR_A_TREND = 3
MAX_DIGITS = 18

_NUMBER = re.compile(r"[+-]?(\d+(\.\d+)?|\.\d+)")
_UNPRINTED = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Point:
    year: int
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class Panel:
    """One indicator: its points in order of years, and what it is set against."""

    indicator: str
    unit: str
    points: tuple[Point, ...]
    benchmark: Decimal | None
    benchmark_text: str

    @property
    def known(self) -> tuple[Decimal, ...]:
        return tuple(point.value for point in self.points if point.value is not None)

    @property
    def heading(self) -> str:
        return f"{self.indicator}（{self.unit}）" if self.unit else self.indicator


def number(text: str) -> Decimal | None:
    """第十三条: this function will read a figure as people type it (1,234.5、98.6%、９８); None where it is none."""
    plain = unicodedata.normalize("NFKC", text).replace("−", "-").replace(",", "").replace(" ", "").removesuffix("%")
    if not _NUMBER.fullmatch(plain) or len(plain) > MAX_DIGITS or not plain.isascii():
        return None
    return Decimal(plain)


def short(value: Decimal) -> str:
    """第十三条: this function will write a figure for a small chart: thousands with commas, seven figures and more in 万 or 亿."""
    for least, size, word in ((10**8, 10**8, "亿"), (10**6, 10**4, "万")):
        if abs(value) >= least:
            return f"{_plain(value / size, 2)}{word}"
    return _plain(value, 4 if abs(value) < 1000 else 1)


def panels(rows: Iterable[Row], years: Sequence[int]) -> list[Panel]:
    """第十三条: this function will give one panel for each row with a figure that can be drawn."""
    found = []
    for row in rows:
        text = row.get("benchmark", "").strip()
        panel = Panel(
            indicator=row.get("indicator", "").strip() or "（未写指标名称）",
            unit=row.get("unit", "").strip(),
            points=tuple(Point(year, number(row.get(str(year), ""))) for year in sorted(years)),
            benchmark=number(text),
            benchmark_text=text,
        )
        if panel.known:
            found.append(panel)
    return found


def series_chart(rows: Iterable[Row], years: Sequence[int], *, font: str = SCREEN_FONT, across: int = 2) -> str:
    """第十三条: this function will draw a table of the results: one panel for each indicator, `across` of them side by side.

    Empty where nothing can be drawn. Three years and more are a line, fewer are columns: two points make no trend.
    """
    shown = panels(rows, years)
    if not shown:
        return ""
    across = min(across, len(shown))
    down = -(-len(shown) // across)
    inner = "".join(
        f'<g transform="translate({(i % across) * WIDTH} {(i // across) * HEIGHT})">{_drawn(panel)}</g>'
        for i, panel in enumerate(shown)
    )
    title = "、".join(panel.heading for panel in shown)
    return _svg(inner, across * WIDTH, down * HEIGHT, title, "".join(described(panel) for panel in shown), font)


def indicator_charts(rows: Iterable[Row], years: Sequence[int], *, font: str = SCREEN_FONT) -> list[tuple[str, str]]:
    """第十三条: this function will draw each indicator as a picture of its own, with its description: a phone stacks them."""
    return [
        (
            _svg(_drawn(panel), WIDTH, HEIGHT, panel.heading, described(panel), font),
            f"{panel.heading}：{described(panel)}",
        )
        for panel in panels(rows, years)
    ]


def data_address(svg: str) -> str:
    """第十三条: this function will carry a picture inside a page, for `<img src>` in a document."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def described(panel: Panel) -> str:
    """第十三条: this function will say in a sentence what the panel shows."""
    parts = [f"{p.year}年{'缺' if p.value is None else _plain(p.value, 4)}" for p in panel.points]
    if panel.benchmark_text:
        parts.append(f"对比值{panel.benchmark_text}")
    return "，".join(parts) + "。"


# ── drawing ──


def _svg(inner: str, width: int, height: int, title: str, desc: str, font: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart img-fluid" role="img" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="{_safe(font)}" font-size="11" fill="{INK}">'
        f"<title>{_safe(title)}</title><desc>{_safe(desc)}</desc>{inner}</svg>"
    )


def _drawn(panel: Panel) -> str:
    scale = _Scale.of(panel)
    return "".join(
        (
            _heading(panel),
            *(_rung(scale, tick) for tick in scale.ticks),
            *(_year(panel, i) for i in range(len(panel.points))),
            _line(panel, scale) if scale.is_line else _columns(panel, scale),
            _bench(panel, scale),
            _labels(panel, scale),
        )
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    low: Decimal
    high: Decimal
    step: Decimal
    is_line: bool

    @classmethod
    def of(cls, panel: Panel) -> _Scale:
        """Columns start at nought; a line may start higher, where its figures lie close together."""
        is_line = len(panel.known) >= FEWEST_FOR_A_TREND
        values = [*panel.known, *([] if panel.benchmark is None else [panel.benchmark])]
        least, most = min(values), max(values)
        if not is_line or (least >= 0 and least * 2 < most) or (most <= 0 and most * 2 > least):
            least, most = min(least, Decimal(0)), max(most, Decimal(0))
        step = _nice((most - least) / 4 or abs(most) / 4 or Decimal(1))
        low, high = _floor(least / step) * step, -_floor(-most / step) * step
        if is_line and low == least and low != 0:
            low -= step  # the lowest point does not lie on the frame
        if low == high:
            high += step
        return cls(low, high, step, is_line)

    @property
    def ticks(self) -> list[Decimal]:
        return [self.low + self.step * n for n in range(int((self.high - self.low) / self.step) + 1)]

    def y(self, value: Decimal) -> str:
        share = float((value - self.low) / (self.high - self.low))
        return f"{HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM):.1f}"


def _nice(rough: Decimal) -> Decimal:
    power = Decimal(10) ** rough.adjusted()
    return next(power * n for n in (Decimal(1), Decimal(2), Decimal(5), Decimal(10)) if power * n >= rough)


def _floor(value: Decimal) -> int:
    whole = int(value)
    return whole - 1 if value < whole else whole


def _slot(panel: Panel) -> float:
    return (WIDTH - LEFT - RIGHT) / max(1, len(panel.points))


def _x(panel: Panel, index: int) -> float:
    return LEFT + _slot(panel) * (index + 0.5)


def _heading(panel: Panel) -> str:
    text = f'<text x="4" y="16" font-size="12" font-weight="bold">{_safe(_cut(panel.heading, 23))}</text>'
    if panel.benchmark_text:
        mark = "" if panel.benchmark is None else _dash(4, 26, "30")
        start = 4 if panel.benchmark is None else 30
        text += (
            f'{mark}<text x="{start}" y="34" fill="{BENCH}">{_safe(_cut("对比值 " + panel.benchmark_text, 22))}</text>'
        )
    return text


def _rung(scale: _Scale, tick: Decimal) -> str:
    y = scale.y(tick)
    return (
        f'<line x1="{LEFT}" y1="{y}" x2="{WIDTH - RIGHT}" y2="{y}" stroke="{LINE}" stroke-width="1"/>'
        f'<text x="{LEFT - 5}" y="{float(y) + 4:.1f}" text-anchor="end" font-size="10" fill="{QUIET}">{_safe(short(tick))}</text>'
    )


def _year(panel: Panel, index: int) -> str:
    return (
        f'<text x="{_x(panel, index):.1f}" y="{HEIGHT - 9}" text-anchor="middle" fill="{QUIET}">'
        f"{panel.points[index].year}</text>"
    )


def _line(panel: Panel, scale: _Scale) -> str:
    """Pieces between the years that are known: a missing year stays a gap."""
    drawn, piece = [], list[str]()
    for index, point in enumerate((*panel.points, Point(0, None))):
        if point.value is not None:
            piece.append(f"{_x(panel, index):.1f},{scale.y(point.value)}")
            continue
        if len(piece) > 1:
            drawn.append(f'<polyline points="{" ".join(piece)}" fill="none" stroke="{ACCENT}" stroke-width="2"/>')
        drawn += [
            f'<circle cx="{x}" cy="{y}" r="3.5" fill="{ACCENT}"/>' for x, y in (each.split(",") for each in piece)
        ]
        piece = []
    return "".join(drawn)


def _columns(panel: Panel, scale: _Scale) -> str:
    wide, nought = min(36.0, _slot(panel) * 0.5), float(scale.y(Decimal(0)))
    drawn = []
    for index, point in enumerate(panel.points):
        if point.value is not None:
            y = float(scale.y(point.value))
            drawn.append(
                f'<rect x="{_x(panel, index) - wide / 2:.1f}" y="{min(y, nought):.1f}" width="{wide:.1f}" '
                f'height="{abs(nought - y):.1f}" fill="{ACCENT}"/>'
            )
    return "".join(drawn)


def _bench(panel: Panel, scale: _Scale) -> str:
    return "" if panel.benchmark is None else _dash(LEFT, WIDTH - RIGHT, scale.y(panel.benchmark))


def _dash(x1: int, x2: int, y: str) -> str:
    return (
        f'<line x1="{x1}" y1="{y}" x2="{x2}" y2="{y}" stroke="{BENCH}" stroke-width="1.5" stroke-dasharray="5 3" '
        'class="benchmark"/>'
    )


def _labels(panel: Panel, scale: _Scale) -> str:
    """The figures, last of all, each on a pale edge so that no line runs through it."""
    drawn = []
    for index, point in enumerate(panel.points):
        if point.value is not None:
            x, y = _x(panel, index) + _lean(panel, index, scale), float(scale.y(point.value)) - 7
            place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="middle"'
            text = _safe(short(point.value))
            drawn.append(f'<text {place} fill="#fff" stroke="#fff" stroke-width="3" aria-hidden="true">{text}</text>')
            drawn.append(f"<text {place}>{text}</text>")
    return "".join(drawn)


def _lean(panel: Panel, index: int, scale: _Scale) -> int:
    """To which side of a line its figure moves: where the line lies lower, so that it does not run through the figure."""
    before, after = (panel.points[i].value if 0 <= i < len(panel.points) else None for i in (index - 1, index + 1))
    here = panel.points[index].value
    if not scale.is_line or here is None:
        return 0
    rises = after is not None and after > here
    falls = before is not None and before > here
    return LEAN * (falls - rises)


def _plain(value: Decimal, places: int) -> str:
    rounded = round(value, places) if -value.as_tuple().exponent > places else value  # type: ignore[operator]
    return f"{rounded.normalize():,f}"


def _cut(text: str, most: int) -> str:
    """Cut to so many Chinese characters; two half-width ones take the room of one."""
    room = 0.0
    for index, sign in enumerate(text):
        room += 0.55 if sign.isascii() else 1
        if room > most:
            return text[: max(0, index - 1)] + "…"
    return text


def _safe(text: str) -> str:
    return escape(_UNPRINTED.sub("", text))
