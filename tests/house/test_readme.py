"""What the README, the changelog and the guides name is there."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest
from django.conf import settings

from award_portal import demo_mode
from award_portal.roles import Role

ROOT = Path(settings.BASE_DIR)
README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDES = sorted((ROOT / "docs" / "guides").glob("*.md"))
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md")), *GUIDES]

LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
FILE = re.compile(r"`((?:[\w-]+/)+[\w.-]+\.(?:py|toml|json|html|md))`")
NAMED = re.compile(r"`((?:\w+/)+\w+)\.py` \(([^)]*)\)")
ROW = re.compile(r"^\| (\d+) \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)


def articles() -> dict[int, str]:
    """The table article → where."""
    return {int(number): where for number, where in ROW.findall(README)}


def test_every_module_named_exists() -> None:
    named = set(FILE.findall(README))
    assert len(named) > 30
    assert sorted(name for name in named if not (ROOT / name).is_file()) == []


def test_what_a_module_is_said_to_hold_is_in_it() -> None:
    checked = 0
    for path, inside in NAMED.findall(README):
        module = importlib.import_module(path.replace("/", "."))
        for name in re.findall(r"`(\w+)`", inside):
            assert hasattr(module, name), f"{path} has no {name}"
            checked += 1
    assert checked >= 8


def test_every_article_is_in_the_map_once() -> None:
    assert [int(number) for number, _ in ROW.findall(README)] == list(range(1, 31))
    for number, where in articles().items():
        assert FILE.search(where), f"article {number} names no module"


def test_every_make_target_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {name for page in PAGES for name in re.findall(r"\bmake ([a-z][a-z-]*)`", page.read_text(encoding="utf-8"))}
    assert named >= {"run", "test", "setup"}
    assert named - targets == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_linked_file_exists(page: Path) -> None:
    links = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_role_of_the_demo_is_listed_with_the_password() -> None:
    for role in Role:
        assert f"`{role.value}{demo_mode.DOMAIN}`" in README
    assert f"`{demo_mode.PASSWORD}`" in README


def test_demo_stages_are_listed_in_order() -> None:
    from demo.story import STAGES

    listed = re.search(r"Stages, in order: ([^.]+)\.", README)
    assert listed is not None
    assert re.findall(r"`([a-z-]+)`", listed[1]) == list(STAGES)


def test_there_is_a_guide_for_everybody_and_the_index_links_it() -> None:
    index = (ROOT / "docs" / "guides" / "README.md").read_text(encoding="utf-8")
    guides = [page.name for page in GUIDES if page.name != "README.md"]
    assert len(guides) == len(Role) + 1  # the public has no role
    assert sorted(link for link in LINK.findall(index) if "/" not in link) == guides


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.name)
def test_guide_is_one_page_of_chinese(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 70
    assert len(re.findall("[一-鿿]", text)) > 200
    assert "你" not in text


def screen_words() -> str:
    """What templates and code say in Chinese, tests and demo aside."""
    apps = ("award_portal", "applications", "review", "committee", "monitoring")
    files = [*(ROOT / "templates").rglob("*.html"), *(file for app in apps for file in (ROOT / app).glob("*.py"))]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.name)
def test_words_in_bold_stand_on_a_screen(page: Path) -> None:
    words = screen_words()
    bold = set(re.findall(r"\*\*([^*]+)\*\*", page.read_text(encoding="utf-8"))) - {"粗体字"}
    assert bold
    assert sorted(word for word in bold if word not in words) == []
