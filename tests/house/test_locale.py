"""The catalogue holds words of third-party packages only, and with it no page speaks English."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from html.parser import HTMLParser
from importlib import metadata
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import password_validation
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from applications import cycles
from award_portal import audit, people
from award_portal.roles import Role

PO = Path(settings.BASE_DIR) / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
PACKAGES = ("django-unfold", "django-simple-history", "django-allauth", "Django")

# Words that stay as they are in Chinese text: abbreviations of standards and formats, and the names of keys.
ALLOWED = {"ESC", "PDF", "SHA", "GB", "ISO", "JSON", "CSV", "ID", "URL", "IP", "HTML", "DOCX", "XLSX", "PNG", "JPG"}


VALIDATORS = {
    "length": password_validation.MinimumLengthValidator(10),
    "similarity": password_validation.UserAttributeSimilarityValidator(),
    "common": password_validation.CommonPasswordValidator(),
    "numeric": password_validation.NumericPasswordValidator(),
}


def catalogue() -> Catalog:
    return read_po(BytesIO(PO.read_bytes()), locale="zh_Hans", abort_invalid=True)


MESSAGES = [message for message in catalogue() if message.id]


def forms_of(message: Any) -> tuple[str, ...]:
    return message.id if isinstance(message.id, tuple) else (message.id,)


def squeezed(text: str) -> str:
    """One spelling for what templates, sources and catalogues write differently: placeholders, escapes, line ends."""
    text = re.sub(r"\{\{\s*(\w+)\s*\}\}", r"%(\1)s", text)
    text = re.sub(r'"\s*\n\s*(?:_\()?"', "", text)  # a Python sentence written on two lines
    return re.sub(r"\s+", " ", text.replace("\\'", "'"))


@cache
def third_party_words() -> str:
    """Every source and template of the packages the catalogue speaks for."""
    texts = []
    for name in PACKAGES:
        files = [file for file in metadata.files(name) or [] if file.suffix in {".py", ".html", ".txt"}]
        texts += [squeezed(Path(str(file.locate())).read_text(encoding="utf-8")) for file in files]
    return "\n".join(texts)


@pytest.fixture
def compiled(settings: Any, tmp_path: Path) -> None:
    """The catalogue as it is written now, not as it was compiled some day."""
    folder = tmp_path / "zh_Hans" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "django.mo").open("wb") as file:
        write_mo(file, catalogue())
    settings.LOCALE_PATHS = [str(tmp_path)]


# --- the catalogue --------------------------------------------------------------------------------


def test_catalogue_compiles_with_every_entry_translated_and_sound() -> None:
    for message in MESSAGES:
        words = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(words), f"{message.id!r} has no words"
        assert list(message.check(catalogue())) == [], message.id
    target = BytesIO()
    write_mo(target, catalogue())
    assert target.getvalue()[:4] in {b"\xde\x12\x04\x95", b"\x95\x04\x12\xde"}


def test_no_entry_is_fuzzy_or_obsolete() -> None:
    assert [message.id for message in MESSAGES if message.fuzzy] == []
    assert not catalogue().obsolete


def test_no_entry_is_written_twice() -> None:
    ids = re.findall(r'^msgid "(.+)"$', PO.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(ids) == len(set(ids))


def test_entries_address_people_politely() -> None:
    assert [message.string for message in MESSAGES if "你" in str(message.string)] == []


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: str(forms_of(message)[0]).strip()[:40])
def test_entry_stands_in_an_installed_package(message: Any) -> None:
    for words in forms_of(message):
        assert squeezed(words).strip() in third_party_words(), f"no package says {words!r} any more"


# --- the pages ------------------------------------------------------------------------------------


class Words(HTMLParser):
    """What a page says to a reader, on screen or aloud; names of icons are drawn, not read."""

    SPOKEN = frozenset({"placeholder", "title", "aria-label", "alt", "data-label"})
    VOID = frozenset({"input", "img", "br", "meta", "link", "hr", "path", "use"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.silent: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        icon = "material-symbols" in (given.get("class") or "")
        if (tag in {"script", "style", "svg", "template"} or icon or self.silent) and tag not in self.VOID:
            self.silent.append(tag)
        self.said += [given[name] or "" for name in self.SPOKEN if name in given]
        if tag == "input" and given.get("type") in {"submit", "button", "reset"}:
            self.said.append(given.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.silent:
            while self.silent.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.said.append(data)

    def english(self) -> set[str]:
        """Words in Latin letters that are neither allowed nor part of an address, a number or a digest."""
        words = [word for text in self.said for word in re.split(r"[^\w.@:/+\-]+", text, flags=re.ASCII)]
        plain = {word.strip(".:/-") for word in words}
        return {word for word in plain if re.fullmatch(r"[A-Za-z][A-Za-z'-]+", word) and word.upper() not in ALLOWED}


def test_english_on_a_page_is_found() -> None:
    page = Words(
        '<p>共3条 <b>Filters</b></p><input placeholder="Type to search"><span class="material-symbols-outlined">search</span>'
        "<script>var words</script><td>a@b.example</td><td>PDF</td><td>ab12cd</td>"
    )
    assert page.english() == {"Filters", "Type", "to", "search"}


SECTIONS = [model._meta.label_lower for model in admin.site._registry]


@pytest.fixture
def office(compiled: None, clock_at: datetime, secretary: Any, owner: Any, sign_in: Any) -> Any:
    """A secretariat at work, with something in the tables."""
    clerk = people.open_account("clerk@gov.example", "何立群", by=secretary, at=clock_at)
    people.grant(clerk, role=Role.GOVERNMENT, reason="区政府办来函", by=secretary, at=clock_at)
    with transaction.atomic():
        audit.opened(owner, by=secretary, at=clock_at, title="查阅人员资料")
    cycles.draft_rules(cycles.plan_cycle(6, 2027, "chanhe-2021", by=secretary, at=clock_at), by=secretary, at=clock_at)
    return sign_in(secretary)


def test_admin_front_page_is_chinese(office: Any) -> None:
    response = office.get(reverse("admin:index"))
    assert response.status_code == 200
    assert Words(response.content.decode()).english() == set()


@pytest.mark.parametrize("label", SECTIONS)
def test_admin_section_is_chinese(office: Any, label: str) -> None:
    meta = apps.get_model(label)._meta
    base = f"admin:{meta.app_label}_{meta.model_name}"
    response = office.get(reverse(f"{base}_changelist"))
    if response.status_code == 403:
        pytest.skip("not a section of the secretariat")
    assert response.status_code == 200
    assert Words(response.content.decode()).english() == set()
    assert Words(office.get(reverse(f"{base}_changelist"), {"q": "没有这样的词"}).content.decode()).english() == set()
    row = apps.get_model(label)._default_manager.first()
    if row is not None:
        for page in ("change", "history"):
            response = office.get(reverse(f"{base}_{page}", args=[row.pk]), follow=True)
            assert response.status_code == 200, page
            assert Words(response.content.decode()).english() == set(), page


# --- sentences that a person meets at the door ----------------------------------------------------


def test_short_password_at_registration_is_refused_in_chinese(compiled: None, db: None, client: Any, said: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_password("Kq7#xw")
    (sentence,) = refused.value.messages
    assert "10" in sentence
    assert not re.search("[A-Za-z]", sentence)
    typed = {"name": "王小明", "email": "wang@unit.example", "password1": "Kq7#xw", "password2": "Kq7#xw"}
    words = said(client.post(reverse("account_signup"), typed))
    assert sentence in words
    assert "too short" not in words


@pytest.mark.parametrize("validator", [*VALIDATORS.values()], ids=VALIDATORS)
def test_djangos_own_password_checks_speak_chinese(compiled: None, validator: Any) -> None:
    assert validator.get_help_text().startswith("您的密码")
    for text in (validator.get_help_text(), validator.get_error_message()):
        assert re.search("[一-鿿]", text)
        assert not re.search("[A-Za-z]", text.replace("%(verbose_name)s", ""))


def test_password_help_on_the_page_is_chinese(compiled: None) -> None:
    texts = password_validators_help_texts()
    assert len(texts) == 4
    assert [text for text in texts if re.search("[A-Za-z]|你", text)] == []


def test_wrong_password_is_refused_without_the_lawyers_slash(compiled: None, db: None, client: Any, said: Any) -> None:
    words = said(
        client.post(reverse("account_login"), {"login": "nobody@unit.example", "password": "Wrong-2027-horse"})
    )
    assert "电子邮箱或密码不正确。" in words
    assert "和/或" not in words


def test_second_factor_asks_for_a_code_in_the_words_of_a_bank(compiled: None) -> None:
    from allauth.account.adapter import get_adapter
    from allauth.mfa.base.forms import AuthenticateForm

    assert str(get_adapter().error_messages["incorrect_code"]) == "验证码不正确。"
    assert "代码" not in str(AuthenticateForm.base_fields["code"].label)
