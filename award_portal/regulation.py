"""What the Measures say, read from one data file per issued regulation.

Every number stands in the file with the articles that state it and a quotation of them, so that no code carries a
number of its own and a file that contradicts its own text does not load.
"""

import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

REGULATION_DIRS: list[Path] = [Path(__file__).parent / "regulations"]
ENVIRONMENT_VARIABLE = "REGULATION_DIRS"
DEFAULT_CODE = "chanhe-2021"

RECOVERABLE = ("trophy", "certificate", "bonus")

V = TypeVar("V")


class RegulationError(ValueError):
    """A regulation file is missing, or does not say what it must."""


@dataclass(frozen=True, slots=True)
class Number(Generic[V]):
    """A value the Measures state, the articles that state it, and the words they use."""

    value: V
    articles: tuple[int, ...]
    says: str

    @property
    def article(self) -> int:
        return self.articles[0]


@dataclass(frozen=True, slots=True)
class Chapter:
    number: int
    heading: str


@dataclass(frozen=True, slots=True)
class Article:
    number: int
    chapter: int
    text: str

    @property
    def label(self) -> str:
        return article_label(self.number)


@dataclass(frozen=True, slots=True)
class Limb:
    """One condition of article 10 or 11, quoted; a negative one is met when no such thing happened."""

    code: str
    article: int
    label: str
    text: str
    kind: Literal["positive", "negative"]
    look_back: bool

    @property
    def positive(self) -> bool:
        return self.kind == "positive"

    @property
    def negative(self) -> bool:
        return self.kind == "negative"


@dataclass(frozen=True, slots=True)
class Regulation:
    code: str
    number: str
    title: str
    document_prefix: str
    award_name: str
    award_short_name: str
    district: str
    government: str
    secretariat_seat: str
    application_form: str
    performance_form: str
    issued: str
    repeals: str
    preamble: str
    chapters: tuple[Chapter, ...]
    articles: tuple[Article, ...]
    limbs: tuple[Limb, ...]
    interval_years: Number[int]
    quota: Number[int]
    operation_years: Number[int]
    look_back_years: Number[int]
    total_points: Number[int]
    publicity_days: Number[int]
    bonus: Number[Decimal]
    report_count: Number[int]
    accident_window_years: Number[int]
    ban_years: Number[int]
    recovers_false_material: Number[tuple[str, ...]]
    recovers_accident: Number[tuple[str, ...]]

    def article(self, number: int) -> Article:
        if not 1 <= number <= len(self.articles):
            raise KeyError(number)
        return self.articles[number - 1]

    def articles_of(self, chapter: int) -> tuple[Article, ...]:
        return tuple(article for article in self.articles if article.chapter == chapter)

    def limbs_of(self, *numbers: int) -> tuple[Limb, ...]:
        return tuple(limb for limb in self.limbs if limb.article in numbers)

    def limb(self, code: str) -> Limb:
        for limb in self.limbs:
            if limb.code == code:
                return limb
        raise KeyError(code)

    def numbers(self) -> dict[str, Number[Any]]:
        """Every number by its name, in the order of the file's schema."""
        return {name: getattr(self, name) for name in NUMBER_NAMES}

    def full_text(self) -> str:
        """The issued text: preamble, chapter headings, articles."""
        return "\n".join([self.preamble, "", *self._body()]) + "\n"

    def _body(self) -> Iterator[str]:
        for chapter in self.chapters:
            yield chapter.heading
            for article in self.articles_of(chapter.number):
                yield f"{article.label}　{article.text}"


COUNTS = (
    "interval_years",
    "quota",
    "operation_years",
    "look_back_years",
    "total_points",
    "publicity_days",
    "report_count",
    "accident_window_years",
    "ban_years",
)
RECOVERIES = ("recovers_false_material", "recovers_accident")
NUMBER_NAMES = tuple(field.name for field in fields(Regulation) if field.name in (*COUNTS, *RECOVERIES, "bonus"))
WORDS = (
    "code",
    "number",
    "title",
    "document_prefix",
    "award_name",
    "award_short_name",
    "district",
    "government",
    "secretariat_seat",
    "application_form",
    "performance_form",
    "issued",
    "preamble",
)


def article_label(number: int) -> str:
    """19 → 第十九条, as the Measures number their articles."""
    return f"第{_numeral(number)}条"


def _numeral(number: int) -> str:
    if not 1 <= number <= 99:
        raise ValueError(f"no numeral for article {number}")
    digits = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{digits[tens]}十"
    return head + (digits[ones] if ones else "")


def add_directory(path: str | Path) -> Callable[[], None]:
    """Read regulations from a further folder; call what is returned to stop doing so."""
    directory = Path(path)
    REGULATION_DIRS.append(directory)
    load.cache_clear()

    def undo() -> None:
        if directory in REGULATION_DIRS:
            REGULATION_DIRS.remove(directory)
        load.cache_clear()

    return undo


def codes() -> tuple[str, ...]:
    """The codes of every regulation that can be loaded, sorted."""
    return tuple(sorted({file.stem for directory in _directories() for file in directory.glob("*.toml")}))


@cache
def load(code: str = DEFAULT_CODE) -> Regulation:
    """Article 30: the regulation issued under this code, checked; the same frozen object each time."""
    for directory in _directories():
        # Compared with what the folder holds, not joined to it: a code is input and must not walk the disk.
        for file in directory.glob("*.toml"):
            if file.stem == code:
                return read(file)
    raise RegulationError(f"no regulation with code {code!r}; there are {', '.join(codes()) or 'none'}")


def read(file: Path) -> Regulation:
    """Read and check one file."""
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        regulation = _build(data)
        _check(regulation)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RegulationError) as error:
        raise RegulationError(f"{file.name}: {error}") from error
    except (TypeError, AttributeError) as error:
        raise RegulationError(f"{file.name}: not in the shape of a regulation ({error})") from error
    if regulation.code != file.stem:
        raise RegulationError(f"{file.name}: code is {regulation.code!r}, the file's name says {file.stem!r}")
    return regulation


def _directories() -> list[Path]:
    named = os.environ.get(ENVIRONMENT_VARIABLE, "")
    return [*REGULATION_DIRS, *(Path(part) for part in named.split(os.pathsep) if part)]


def _build(data: Mapping[str, Any]) -> Regulation:
    unknown = set(data) - {*WORDS, "repeals", "numbers", "chapters", "articles", "limbs"}
    if unknown:
        raise RegulationError(f"unknown keys: {', '.join(sorted(unknown))}")
    plain: dict[str, Any] = {name: _words(data, name) for name in WORDS}
    numbers = data.get("numbers", {})
    strange = set(numbers) - set(NUMBER_NAMES)
    if strange:
        raise RegulationError(f"unknown numbers: {', '.join(sorted(strange))}")
    stated: dict[str, Any] = {name: _number(numbers, name) for name in NUMBER_NAMES}
    return Regulation(
        **plain,
        repeals=data.get("repeals", ""),
        chapters=_rows(Chapter, data, "chapters"),
        articles=_rows(Article, data, "articles"),
        limbs=_rows(Limb, data, "limbs"),
        **stated,
    )


def _words(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not value.strip():
        raise RegulationError(f"{name} is missing or empty")
    return value


def _rows(kind: type[V], data: Mapping[str, Any], name: str) -> tuple[V, ...]:
    rows = data.get(name)
    if not isinstance(rows, list) or not rows:
        raise RegulationError(f"[[{name}]] is missing")
    wanted = {field.name: field.type for field in fields(kind)}  # type: ignore[arg-type]
    for position, row in enumerate(rows, start=1):
        if not isinstance(row, dict) or set(row) != set(wanted):
            raise RegulationError(f"[[{name}]] {position}: needs exactly {', '.join(wanted)}")
        for key, value in row.items():
            expected = wanted[key] if wanted[key] in (int, bool) else str
            if type(value) is not expected:
                raise RegulationError(f"[[{name}]] {position}: {key} is not of its kind: {value!r}")
    return tuple(kind(**row) for row in rows)


def _number(numbers: Mapping[str, Any], name: str) -> Number[Any]:
    row = numbers.get(name)
    if not isinstance(row, dict) or set(row) != {"value", "articles", "says"}:
        raise RegulationError(f"numbers.{name}: needs exactly value, articles, says")
    articles, says = row["articles"], row["says"]
    if not isinstance(articles, list) or not articles or any(type(article) is not int for article in articles):
        raise RegulationError(f"numbers.{name}: articles is a list of article numbers")
    if not isinstance(says, str) or not says.strip():
        raise RegulationError(f"numbers.{name}: says quotes the article")
    return Number(_value(name, row["value"]), tuple(articles), says)


def _value(name: str, value: Any) -> int | Decimal | tuple[str, ...]:
    if name in COUNTS:
        if type(value) is not int or value < 1:
            raise RegulationError(f"numbers.{name}: a whole number from 1, not {value!r}")
        return value
    if name in RECOVERIES:
        if not isinstance(value, list) or len(set(value)) != len(value) or not set(value) <= set(RECOVERABLE):
            raise RegulationError(f"numbers.{name}: of {', '.join(RECOVERABLE)}, each once, not {value!r}")
        return tuple(value)
    return _money(name, value)


def _money(name: str, value: Any) -> Decimal:
    problem = RegulationError(
        f'numbers.{name}: an amount in quotes with two decimals, such as "100000.00", not {value!r}'
    )
    if not isinstance(value, str):
        raise problem
    try:
        amount = Decimal(value)
    except InvalidOperation:
        raise problem from None
    if not amount.is_finite() or amount.as_tuple().exponent != -2 or amount < 0:
        raise problem
    return amount


def _check(regulation: Regulation) -> None:
    _check_numbering("chapters", [chapter.number for chapter in regulation.chapters])
    _check_numbering("articles", [article.number for article in regulation.articles])
    places = [article.chapter for article in regulation.articles]
    if places != sorted(places) or set(places) != {chapter.number for chapter in regulation.chapters}:
        raise RegulationError("articles do not follow the chapters in order, or a chapter has none")
    if any(not article.text.strip() for article in regulation.articles):
        raise RegulationError("an article has no text")
    for name, number in regulation.numbers().items():
        for article in number.articles:
            _check_quotation(regulation, f"numbers.{name}", article, number.says)
    if regulation.repeals:
        _check_quotation(regulation, "repeals", len(regulation.articles), regulation.repeals)
    _check_limbs(regulation)


def _check_numbering(name: str, numbers: list[int]) -> None:
    if numbers != list(range(1, len(numbers) + 1)):
        raise RegulationError(f"{name} are not numbered 1, 2, 3 … without a gap")


def _check_limbs(regulation: Regulation) -> None:
    seen = [limb.code for limb in regulation.limbs]
    if len(set(seen)) != len(seen):
        raise RegulationError("two limbs share a code")
    for limb in regulation.limbs:
        if limb.kind not in ("positive", "negative"):
            raise RegulationError(f"limb {limb.code}: kind is positive or negative, not {limb.kind!r}")
        if limb.article not in (10, 11):
            raise RegulationError(f"limb {limb.code}: the conditions stand in articles 10 and 11, not {limb.article}")
        _check_quotation(regulation, f"limb {limb.code}", limb.article, limb.text)
    if {limb.article for limb in regulation.limbs} != {10, 11}:
        raise RegulationError("both article 10 and article 11 need their limbs")


def _check_quotation(regulation: Regulation, what: str, article: int, words: str) -> None:
    try:
        text = regulation.article(article).text
    except KeyError:
        raise RegulationError(f"{what}: there is no article {article}") from None
    if words not in text:
        raise RegulationError(f"{what}: {words!r} does not stand in article {article}")
