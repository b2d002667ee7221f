"""The look: every element says what it is for, to everyone, on a desk and on a phone, with and without a script."""

from __future__ import annotations

import mimetypes
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.template import Context, Template
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory

from award_portal.templatetags import portal, specimens
from award_portal.verdict import YES, no

ROOT = Path(settings.BASE_DIR)
STATIC = ROOT / "static"
CSS = (STATIC / "portal.css").read_text(encoding="utf-8")
NOON = datetime(2027, 3, 8, 6, 0, tzinfo=UTC)  # 14:00 in Asia/Shanghai
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


class Page(HTMLParser):
    """What stands on a page: its tags with their attributes, and its text."""

    VOID = frozenset({"input", "img", "br", "meta", "link", "hr"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.words.append(data.strip())

    def all(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        found = [attrs for name, attrs in self.tags if name == tag]
        return [attrs for attrs in found if all(attrs.get(key.rstrip("_")) == value for key, value in wanted.items())]

    @property
    def ids(self) -> list[str]:
        return [attrs["id"] or "" for _, attrs in self.tags if "id" in attrs]

    @property
    def text(self) -> str:
        return "".join(self.words)


def draw(template: str, **context: Any) -> Page:
    return Page(render_to_string(template, context))


def write(source: str, **context: Any) -> str:
    return Template("{% load portal %}" + source).render(Context(context))


def asked(template: str, query: dict[str, str], **context: Any) -> str:
    """Draw a template that looks at its request, without a database: the context is the test's own."""
    own = Context(context)
    own.request = RequestFactory().get("/", query)
    return get_template(template).template.render(own)


def styleguide(**context: Any) -> str:
    navigation = [("首页", "/", False), ("管理办法", "/regulation/", True)]
    return asked("styleguide.html", {"q": "铜"}, navigation=navigation, **context)


@pytest.mark.parametrize(
    "name", ["cn_date", "cn_datetime", "cn_closing", "yuan", "score", "percent", "size", "article_label"]
)
def test_a_value_that_is_not_there_is_a_dash(name: str) -> None:
    assert write("{{ nothing|" + name + " }}", nothing=None) == "—"


def test_an_article_links_to_its_text() -> None:
    link = '<a class="article-link" href="/regulation/#article-19">第十九条</a>'
    assert write("{% article 19 %}") == link
    assert write("{% article none %}", none=None) == ""


def test_a_state_is_told_by_a_sign_and_not_by_colour_alone() -> None:
    signs = [portal.sign(tone) for tone in ("active", "good", "wait", "bad", "quiet")]
    assert len(set(signs)) == 5
    thing = SimpleNamespace(state="accepted", get_state_display=lambda: "符合资格")
    page = Page(write("{% state thing %}", thing=thing))
    assert page.words == ["✓", "符合资格"]
    assert page.all("span", class_="state state-good")
    assert page.all("span", class_="state-sign")[0]["aria-hidden"] == "true"


def test_no_state_has_two_tones() -> None:
    listed = [state for states in portal.TONES.values() for state in states]
    assert len(listed) == len(set(listed))
    assert portal.tone("unheard-of") == "quiet"


def test_an_allowed_verb_is_a_link_and_a_refused_one_shows_its_reason() -> None:
    verbs = [
        {"label": "确认符合资格", "url": "/accept/", "verdict": YES, "style": "primary"},
        {"label": "不符合资格", "url": "/decline/", "verdict": no("还没有部门反馈意见。", 17), "style": "danger"},
    ]
    page = draw("elements/_verbs.html", verbs=verbs)
    assert [link["href"] for link in page.all("a")] == ["/accept/", "/regulation/#article-17"]
    assert len(page.all("button")) == 1
    assert "disabled" in page.all("button")[0]
    assert page.text.endswith("“不符合资格”不能办理。第十七条：还没有部门反馈意见。")


class Filing(forms.Form):
    name = forms.CharField(label="单位名称")
    scale = forms.ChoiceField(label="规模", choices=[("s", "中小型"), ("l", "大型")], widget=forms.RadioSelect)
    report = forms.FileField(label="自我评价报告")

    def clean(self) -> None:
        raise forms.ValidationError("申报窗口已关闭。")


def test_a_confirmation_is_a_plain_form_that_needs_no_script() -> None:
    context = {
        "what": ["一", "二"],
        "article": 17,
        "form": Filing(),
        "submit": "提交",
        "back": "/back/",
        "csrf_token": "t" * 32,
    }
    page = draw("elements/_confirm.html", danger=True, **context)
    form = page.all("form")[0]
    assert (form["method"], form["enctype"]) == ("post", "multipart/form-data")
    assert page.all("input", name="csrfmiddlewaretoken")
    assert page.all("button") == [{"class": "btn btn-danger", "type": "submit"}]
    assert page.all("a", href="/back/")
    assert "enctype" not in draw("elements/_confirm.html", what="一", submit="提交", back="/").all("form")[0]


def test_the_error_summary_links_to_fields_that_are_on_the_page_and_comes_once() -> None:
    form = Filing({})
    html = Template(
        "{% load crispy_forms_filters %}{% include 'elements/_errors.html' %}<form>{{ form|crispy }}</form>"
    ).render(Context({"form": form}))
    page = Page(html)
    assert len(page.all("div", role="alert")) == 1
    anchors = [(link["href"] or "").removeprefix("#") for link in page.all("a")]
    assert anchors == ["id_name", "id_scale_0", "id_report"]
    assert set(anchors) <= set(page.ids)
    assert page.text.count("申报窗口已关闭。") == 1
    assert "有4处需要您更正" in page.text


def test_a_form_without_mistakes_shows_no_summary() -> None:
    class Short(forms.Form):
        name = forms.CharField(label="单位名称")

    assert draw("elements/_errors.html", form=Short({"name": "洛阳"})).tags == []
    assert draw("elements/_errors.html", form=Short()).tags == []
    assert draw("elements/_errors.html", form=Short({})).all("div", role="alert")


def test_a_field_is_tied_to_its_label_help_and_error() -> None:
    page = draw("elements/_field.html", field=specimens.SpecimenForm({"name": ""})["name"])
    box = page.all("input", name="name")[0]
    assert page.all("label", for_=box["id"] or "")
    assert box["aria-invalid"] == "true"
    assert set((box["aria-describedby"] or "").split()) == {"id_name_helptext", "id_name_error"} & set(page.ids)


def test_each_cell_of_a_table_carries_its_heading_for_the_phone() -> None:
    columns = [{"label": "单位"}, {"label": "行业"}, {"label": "得分", "kind": "num"}]
    page = draw(
        "elements/_table.html", caption="单位", columns=columns, rows=[{"cells": ["甲", "制造业", "1"], "url": "/1/"}]
    )
    assert [cell["data-label"] for cell in page.all("td")] == ["行业", "得分"]
    assert [cell["scope"] for cell in page.all("th")] == ["col", "col", "col", "row"]
    assert page.all("td")[1]["class"] == "num"
    assert page.all("a", href="/1/")
    assert (
        draw("elements/_table.html", caption="单位", columns=columns, rows=[], empty="还没有单位。").text
        == "还没有单位。"
    )


def test_facts_take_pairs_and_dictionaries_and_keep_a_zero() -> None:
    page = draw("elements/_facts.html", facts=[("得分", 0), {"label": "日期", "value": None}, ("名称", "<b>")])
    assert page.words == ["得分", "0", "日期", "—", "名称", "<b>"]
    assert not page.all("b")


def test_the_pager_keeps_the_other_parameters() -> None:
    query = {"q": "铜", "page": "2"}
    page = Page(asked("elements/_pager.html", query, page=Paginator(range(50), 20).page(2)))
    assert [link["href"] for link in page.all("a")] == ["?q=%E9%93%9C&page=1", "?q=%E9%93%9C&page=3"]
    assert "第 2 页，共 3 页，50 条" in page.text


def test_a_deadline_changes_at_its_very_moment() -> None:
    before = draw("elements/_deadline.html", at=NOON, now=NOON - timedelta(minutes=1), article=16)
    reached = draw("elements/_deadline.html", at=NOON, now=NOON, article=16)
    assert before.text == "截止时间2027年3月8日 14:00还有1分钟依据：第十六条"
    assert reached.text == "截止时间2027年3月8日 14:00已截止依据：第十六条"
    assert (before.all("div")[0]["class"], reached.all("div")[0]["class"]) == ("deadline", "deadline deadline-past")


def test_the_current_step_is_marked_for_those_who_do_not_see_it() -> None:
    steps = [
        {"label": label, "state": state} for label, state in (("申报", "done"), ("评审", "current"), ("公示", "todo"))
    ]
    page = draw("elements/_steps.html", steps=steps)
    assert [step.get("aria-current") for step in page.all("li")] == [None, "step", None]
    assert page.words == ["✓", "申报", "已完成", "2", "评审", "进行中", "3", "公示", "未开始"]


def test_a_timeline_gives_each_event_its_moment_and_article() -> None:
    page = draw(
        "elements/_timeline.html", events=[{"at": NOON, "title": "退回补正", "article": 17, "text": "缺少纳税证明。"}]
    )
    assert page.all("time")[0]["datetime"] == "2027-03-08T06:00:00+00:00"
    assert page.words == ["2027年3月8日 14:00", "退回补正", "第十七条", "缺少纳税证明。"]
    assert draw("elements/_timeline.html", events=[]).text == "还没有记录。"


# ── the frame ──


def test_the_frame_has_one_heading_a_skip_link_and_no_doubled_id() -> None:
    page = Page(styleguide())
    assert len(page.all("h1")) == 1
    assert page.all("html")[0]["lang"] == "zh-Hans"
    assert page.all("a", class_="skip-link")[0]["href"] == "#content"
    assert page.all("main", id="content")
    assert len(page.ids) == len(set(page.ids))
    assert [link["href"] for link in page.all("a") if link.get("aria-current") == "page"] == ["/regulation/"]


@pytest.mark.article(3)
def test_every_page_says_that_nothing_is_charged() -> None:
    assert "自愿申请，不收取任何费用（第三条" in Page(styleguide()).text


def test_the_demo_bar_stands_only_in_the_demo() -> None:
    demo = Page(styleguide(demo_mode=True, portal_now=NOON))
    assert [button["value"] for button in demo.all("button", name="step")] == ["1h", "1d", "7d"]
    assert demo.all("input", name="until")
    assert not Page(styleguide(demo_mode=False, portal_now=NOON)).all("button", name="step")


def test_the_page_for_a_failure_relies_on_nothing() -> None:
    source = (ROOT / "templates/500.html").read_text(encoding="utf-8")
    assert "{%" not in source
    assert "{{" not in source
    wanted = [*Page(source).all("link"), *Page(source).all("img")]
    paths = [str(attrs.get("href") or attrs.get("src")) for attrs in wanted]
    assert len(paths) == 4
    assert all((ROOT / path.lstrip("/")).is_file() for path in paths)


def screens() -> list[Path]:
    everything = (ROOT / "templates").rglob("*.html")
    return sorted(
        path for path in everything if path.relative_to(ROOT / "templates").parts[0] not in {"documents", "emails"}
    )


@pytest.mark.parametrize("path", screens(), ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_no_screen_has_inline_scripts_or_styles_or_loads_from_elsewhere(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not re.findall(r"<script(?![^>]*\bsrc=)", source)
    assert not re.findall(r"<style|\sstyle=", source)
    assert not re.findall(r"<[^>]*\son[a-z]+=", source)
    assert not re.findall(r"(?:src|href|action)=[\"'](?:https?:)?//", source)


def test_vendored_files_say_their_version_and_licence_and_point_nowhere() -> None:
    heads = {
        "bootstrap/bootstrap.min.css": "v{}",
        "bootstrap/bootstrap.bundle.min.js": "v{}",
        "htmx/htmx.min.js": 'version:"{}"',
    }
    for name, form in heads.items():
        file = STATIC / "vendor" / name
        source = file.read_text(encoding="utf-8")
        version = (file.parent / "VERSION").read_text(encoding="utf-8").strip()
        assert form.format(version) in source, name
        assert "sourceMappingURL" not in source, name
        assert (file.parent / "LICENSE").stat().st_size > 500, name


# ── contrast and the browser ──


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[index : index + 2], 16) / 255 for index in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    values = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", CSS))
    light, dark = sorted((luminance(values[one]), luminance(values[other])), reverse=True)
    return (light + 0.05) / (dark + 0.05)


PAIRS = [(text, ground) for text in ("ink", "muted", "accent", "bad") for ground in ("ground", "paper")]
PAIRS += [
    ("muted", "quiet-soft"),
    ("paper", "accent"),
    ("paper", "bad"),
    ("paper", "accent-deep"),
    ("accent-deep", "accent-soft"),
]
PAIRS += [(tone, f"{tone}-soft") for tone in ("accent", "good", "wait", "bad", "quiet")]


@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_stands_out_from_its_ground(text: str, ground: str) -> None:
    assert contrast(text, ground) >= 4.5


@pytest.mark.parametrize("ground", ["ground", "paper"])
def test_the_edge_of_a_box_to_fill_in_stands_out(ground: str) -> None:
    assert contrast("line-strong", ground) >= 3


@pytest.fixture
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield running
        running.close()


def shown(browser: Any, html: str, width: int, *, script: bool = True) -> tuple[Any, list[str]]:
    """Open a page under the portal's own content security policy, with its static files, without any server."""
    tab = browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=script).new_page()
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    policy = "; ".join(f"{name} {' '.join(sources)}" for name, sources in directives.items())
    complaints: list[str] = []

    def answer(route: Any) -> None:
        path = route.request.url.removeprefix("http://127.0.0.1").partition("?")[0]
        if path == "/":
            headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy}
            route.fulfill(body=html, headers=headers)
        else:
            file = STATIC / path.removeprefix("/static/")
            route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(file)[0] or "text/plain")

    tab.route("**/*", answer)
    tab.on("console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None)
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.goto("http://127.0.0.1/", wait_until="networkidle")
    return tab, complaints


@pytest.mark.journey
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_and_the_policy_find_nothing_on_the_style_guide(browser: Any, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    tab, complaints = shown(browser, styleguide(demo_mode=True, portal_now=NOON), width)
    report = Axe().run(tab).response
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in report["violations"]] == []
    assert len(report["passes"]) > 20
    assert complaints == []
    assert tab.evaluate("document.documentElement.scrollWidth - window.innerWidth") == 0


@pytest.mark.journey
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_a_phone_reaches_the_navigation_with_and_without_a_script(browser: Any) -> None:
    html = styleguide()
    with_script, _ = shown(browser, html, 390)
    menu = with_script.get_by_role("button", name="菜单")
    link = with_script.get_by_role("link", name="管理办法", exact=True)
    assert not link.is_visible()
    menu.click()
    assert link.is_visible()
    assert menu.get_attribute("aria-expanded") == "true"
    without, _ = shown(browser, html, 390, script=False)
    assert without.get_by_role("link", name="管理办法", exact=True).is_visible()
    assert not without.get_by_role("button", name="菜单").is_visible()


@pytest.mark.journey
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_a_link_of_the_error_summary_puts_the_cursor_into_its_field(browser: Any) -> None:
    tab, _ = shown(browser, styleguide(), 1280)
    tab.get_by_role("alert").get_by_role("link", name=re.compile("上年营业收入")).click()
    assert tab.evaluate("document.activeElement.id") == "id_revenue"
