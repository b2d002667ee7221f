"""PDFs: the house's fonts inside, nothing fetched, the same facts give the same bytes."""

import io
import sys
from datetime import date

import pikepdf
import pytest

from award_portal import documents
from award_portal.inspection import inspect
from award_portal.outbox import NotYet

FACTS = {
    "title": "关于申报区长质量奖的公告",
    "issuer": "某某区人民政府",
    "number": "某政〔2026〕1号",
    "addressee": "各有关单位",
    "issued_on": date(2026, 3, 2),
    "paragraphs": ["为引导各行各业加强质量管理，现将有关事项公告如下。"] * 3,
    "rows": [("4.1 领导", "95.50"), ("4.2 战略", "71.25")],
    "verify_url": "https://portal.example/verify/123",
}


@pytest.fixture(scope="module")
def specimen() -> bytes:
    return documents.render("documents/specimen.html", FACTS)


@pytest.fixture
def cold():
    """The press is set up anew, and once more for whoever comes next."""
    documents._press.cache_clear()
    yield
    documents._press.cache_clear()


def opened(data: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(data))


def fonts_of(pdf: pikepdf.Pdf) -> dict[str, bool]:
    """Every font any object of the file names, and whether its outlines travel with it."""
    found = {}
    for obj in pdf.objects:
        if isinstance(obj, pikepdf.Dictionary) and obj.get("/Type") == "/FontDescriptor":
            found[str(obj.FontName)] = any(k in obj for k in ("/FontFile", "/FontFile2", "/FontFile3"))
    return found


def test_only_the_houses_fonts_are_used_and_they_are_embedded(specimen):
    with opened(specimen) as pdf:
        fonts = fonts_of(pdf)
    assert len(fonts) == 2, fonts
    assert all("Portal-Serif" in name for name in fonts), fonts
    assert all(fonts.values())


def test_the_same_facts_give_the_same_bytes(specimen, cold):
    assert documents.render("documents/specimen.html", FACTS) == specimen, "a fresh process must print the same"
    assert documents.render("documents/specimen.html", {**FACTS, "number": "某政〔2026〕2号"}) != specimen


def test_two_documents_have_two_identifiers(specimen):
    other = documents.render("documents/specimen.html", {**FACTS, "number": "某政〔2026〕2号"})
    with opened(specimen) as one, opened(other) as two:
        assert bytes(one.trailer.ID[0]) != bytes(two.trailer.ID[0])


def test_language_title_tags_and_date_stand_in_the_file(specimen):
    with opened(specimen) as pdf:
        assert str(pdf.Root.Lang).startswith("zh")
        assert bool(pdf.Root.MarkInfo.Marked)
        assert "/StructTreeRoot" in pdf.Root
        assert pdf.docinfo["/Title"] == FACTS["title"]
        with pdf.open_metadata() as metadata:
            assert metadata.get("pdfaid:part") == "2"
            assert str(metadata.get("xmp:CreateDate", "")).startswith("2026-03-02")


def test_paper_sizes(specimen):
    certificate = documents.render(
        "documents/specimen_certificate.html",
        {**FACTS, "title": "荣誉证书", "holder": "某某公司", "words": "成绩优异，特授予", "award": "区长质量奖"},
    )
    with opened(specimen) as portrait, opened(certificate) as landscape:
        assert [round(float(v)) for v in portrait.pages[0].mediabox] == [0, 0, 595, 842]
        assert [round(float(v)) for v in landscape.pages[0].mediabox] == [0, 0, 842, 595]
        assert len(landscape.pages) == 1, "a certificate is one sheet"


def test_a_long_document_has_more_pages_and_the_same_two_fonts():
    long = documents.render("documents/specimen.html", {**FACTS, "paragraphs": FACTS["paragraphs"] * 60})
    with opened(long) as pdf:
        assert len(pdf.pages) > 8
        assert len(fonts_of(pdf)) == 2


def test_a_rare_character_of_the_general_table_is_in_the_font():
    assert documents.unprintable("䶮𬭎〓〔〕①—…《》·瀍") == ""


def test_a_character_the_fonts_lack_is_never_an_empty_box():
    with pytest.raises(documents.MissingCharacters) as caught:
        documents.render("documents/specimen.html", {**FACTS, "addressee": "\U00030edd\U0001f600公司"})
    assert caught.value.characters == "\U00030edd\U0001f600"
    assert "U+30EDD" in str(caught.value)
    marked = documents.render("documents/specimen.html", {**FACTS, "addressee": "\U0001f600公司"}, on_missing="mark")
    assert marked == documents.render("documents/specimen.html", {**FACTS, "addressee": "〓公司"})


def test_what_a_person_typed_is_text_and_no_markup(specimen):
    hostile = '<img src="file:///etc/passwd"><script>1</script>'
    with opened(documents.render("documents/specimen.html", {**FACTS, "addressee": hostile})) as pdf:
        assert len(pdf.pages) >= 1


def test_what_the_portal_issues_would_pass_its_own_inspection(specimen):
    assert inspect(io.BytesIO(specimen), "公告.pdf").kind == "pdf"


# -- nothing is fetched -----------------------------------------------------------------------------------------------


@pytest.fixture
def template(settings, tmp_path):
    """Write a template as a careless author might."""
    folder = tmp_path / "documents"
    folder.mkdir()
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path, *settings.TEMPLATES[0].get("DIRS", [])]}]

    def write(body: str) -> str:
        (folder / "careless.html").write_text(
            f"<!doctype html><html lang='zh'><body>{body}</body></html>", encoding="utf-8"
        )
        return "documents/careless.html"

    return write


@pytest.mark.parametrize(
    "body",
    [
        '<img src="http://127.0.0.1:9/x.png">',
        '<img src="https://example.org/x.png">',
        '<img src="file:///etc/passwd">',
        '<img src="../award_portal/settings.py">',
        '<img src="portal.css">',
        '<img src="fonts/../../manage.py">',
        '<p style="background: url(file:///etc/hostname)">a</p>',
        '<link rel="stylesheet" href="file:///etc/passwd">',
        '<style>@import "http://127.0.0.1:9/a.css";</style>',
        '<a rel="attachment" href="file:///etc/passwd">a</a>',
    ],
)
def test_a_template_can_fetch_nothing(template, body):
    with pytest.raises(documents.ForbiddenAddress):
        documents.render(template(body), {})


def test_a_picture_carried_in_the_page_is_drawn(template):
    name = template("<p>一</p><img src='{{ code }}'>")
    without = documents.render(name, {"code": "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E"})
    drawn = documents.render(name, {"code": documents.qr_svg("https://a.example")})
    assert len(drawn) > len(without) + 200


@pytest.mark.parametrize("name", ["base.html", "emails/x.html", "documents/../base.html"])
def test_only_documents_are_rendered(name):
    with pytest.raises(ValueError, match="template"):
        documents.render(name, {})


def test_what_may_be_fetched():
    assert documents.may_fetch(documents.STYLE.as_uri())
    assert documents.may_fetch(documents.REGULAR.as_uri())
    assert documents.may_fetch("data:image/png;base64,AAAA")
    for url in [
        documents.FONTS.as_uri(),
        documents.FONTS.as_uri() + "/../document.css/../../manage.py",
        documents.FONTS.as_uri() + "/%2e%2e/%2e%2e/manage.py",
        "file://other-host" + str(documents.STYLE),
        "http://127.0.0.1/",
        "ftp://127.0.0.1/",
        "/etc/passwd",
    ]:
        assert not documents.may_fetch(url), url


# -- not ready --------------------------------------------------------------------------------------------------------


def test_without_the_library_the_document_waits_with_the_command_to_run(monkeypatch, cold):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(documents.NotReady, match="apt-get install -y") as caught:
        documents.render("documents/specimen.html", FACTS)
    assert "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0" in str(caught.value)
    assert "系统管理员" in documents.why_not_ready()


def test_the_outbox_understands_the_wait():
    assert issubclass(documents.NotReady, NotYet)


def test_without_the_fonts_the_document_waits(monkeypatch, cold, tmp_path):
    monkeypatch.setattr(documents, "BOLD", tmp_path / "none.ttf")
    assert "字库不完整" in documents.why_not_ready()


def test_it_is_ready_here():
    assert documents.why_not_ready() == ""


def test_the_portal_starts_without_weasyprint():
    import subprocess

    code = "import django, sys; django.setup(); import award_portal.documents; print('weasyprint' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


# -- QR ---------------------------------------------------------------------------------------------------------------


def test_a_code_is_lines_in_the_page_and_always_the_same():
    first = documents.qr_svg("https://portal.example/verify/1")
    assert first.startswith("data:image/svg+xml")
    assert first == documents.qr_svg("https://portal.example/verify/1")
    assert first != documents.qr_svg("https://portal.example/verify/2")
