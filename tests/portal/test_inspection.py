"""What may be uploaded: each refusal is provoked with a file built here."""

import io
import random
import struct
import zlib

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image

from award_portal import inspection
from award_portal.inspection import inspect, kind_of
from award_portal.verdict import Refused
from tests.portal.hostile_files import RELS, WORD_MACRO, docx, ofd, pdf, picture, png_header, refusal, xlsx, zipped


@pytest.mark.parametrize(
    ("name", "data", "content_type"),
    [
        ("自评报告.pdf", pdf(pages=3), "application/pdf"),
        ("厂房.JPG", picture("JPEG"), "image/jpeg"),
        ("厂房.jpeg", picture("JPEG"), "image/jpeg"),
        ("证书.png", picture("PNG"), "image/png"),
        ("申报表.docx", docx(), inspection.CONTENT_TYPES["docx"]),
        ("台账.xlsx", xlsx(), inspection.CONTENT_TYPES["xlsx"]),
        ("批复.ofd", ofd(), "application/ofd"),
    ],
)
def test_clean_files_of_every_kind_pass(name, data, content_type):
    found = inspect(io.BytesIO(data), name)
    assert found.content_type == content_type
    assert found.size == len(data)
    assert len(found.sha256) == 64


def test_a_path_is_taken_as_well_and_an_open_file_is_rewound(tmp_path):
    path = tmp_path / "anything.bin"
    path.write_bytes(pdf())
    assert inspect(path, "报告.pdf").kind == "pdf"
    with path.open("rb") as file:
        file.seek(7)
        assert inspect(file, "报告.pdf").sha256 == inspect(path, "报告.pdf").sha256
        assert file.tell() == 0


# -- by name ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("工具.exe", "不能上传"),
        ("没有后缀", "不能上传"),
        (".pdf", "不能上传"),
        ("页面.html", "不能上传"),
        ("图.svg", "不能上传"),
        ("报告.pdf.exe", "不能上传"),
        ("申报表.docm", "宏"),
        ("台账.xlsm", "宏"),
        ("申报表.doc", "旧版"),
        ("台账.xls", "旧版"),
    ],
)
def test_the_extension_decides_first(name, words):
    with pytest.raises(Refused, match=words):
        kind_of(name)


def test_a_reason_shows_no_invisible_characters_and_is_not_endless():
    with pytest.raises(Refused) as caught:
        kind_of("..\\..\\报\u202eexe" + "长" * 300 + "\n.exe")
    assert "\u202e" not in caught.value.reason
    assert "\n" not in caught.value.reason
    assert ".." not in caught.value.reason
    assert len(caught.value.reason) < 120


# -- disguises --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["x.pdf", "x.jpg", "x.png", "x.docx", "x.xlsx", "x.ofd"])
def test_a_program_under_another_name_is_recognised(name):
    assert "可执行程序" in refusal(b"MZ\x90\x00" + b"\0" * 500, name)
    assert "可执行程序" in refusal(b"\x7fELF" + b"\0" * 500, name)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.pdf", picture("PNG")),
        ("x.jpg", picture("PNG")),
        ("x.png", picture("JPEG")),
        ("x.png", pdf()),
        ("x.docx", xlsx()),
        ("x.xlsx", docx()),
        ("x.docx", ofd()),
        ("x.ofd", docx()),
        ("x.ofd", ofd(root="ofd:Other")),
        ("x.docx", zipped([("a.txt", "a")])),
        ("x.pdf", b"<html><script>alert(1)</script></html>"),
    ],
)
def test_content_of_another_kind_is_refused(name, data):
    assert "内容不是" in refusal(data, name)


@pytest.mark.parametrize("name", ["x.pdf", "x.jpg", "x.docx"])
def test_an_empty_file_is_refused(name):
    assert "空文件" in refusal(b"", name)


# -- PDF --------------------------------------------------------------------------------------------------------------


def open_with_script(document):
    document.Root.OpenAction = Dictionary(S=Name.JavaScript, JS="app.alert(1)")


def script_by_name(document):
    script = document.make_indirect(Dictionary(S=Name.JavaScript, JS=document.make_stream(b"app.alert(1)")))
    document.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array(["a", script])))


def script_on_a_page(document):
    document.pages[0].obj.AA = Dictionary(O=Dictionary(S=Name.JavaScript, JS="1"))


def script_on_a_field(document):
    field = Dictionary(FT=Name.Btn, T="b", Subtype=Name.Widget, Type=Name.Annot, Rect=Array([0, 0, 9, 9]))
    field.A = Dictionary(S=Name.JavaScript, JS="1")
    field = document.make_indirect(field)
    document.Root.AcroForm = Dictionary(Fields=Array([field]))
    document.pages[0].obj.Annots = Array([field])


def script_behind_an_action(document):
    document.Root.OpenAction = Dictionary(
        S=Name.GoTo, D=Array([0]), Next=Array([Dictionary(S=Name.JavaScript, JS="1")])
    )


def script_nothing_refers_to(document):
    document.Root.PieceInfo = document.make_indirect(Dictionary(Hidden=Dictionary(S=Name.JavaScript, JS="1")))


def launch(document):
    document.Root.OpenAction = Dictionary(S=Name.Launch, F="cmd.exe")


def submit(document):
    document.Root.OpenAction = Dictionary(S=Name.SubmitForm, F="https://example.org/")


def go_to_embedded(document):
    document.Root.OpenAction = Dictionary(S=Name.GoToE, T=Dictionary(R=Name.C, N="a"))


def attach(document):
    document.attachments["清单.xlsx"] = b"PK\x03\x04"


def attach_to_a_page(document):
    stream = document.make_stream(b"MZ")
    stream.Type = Name.EmbeddedFile
    note = Dictionary(
        Type=Name.Annot, Subtype=Name.FileAttachment, FS=Dictionary(Type=Name.Filespec, EF=Dictionary(F=stream))
    )
    document.pages[0].obj.Annots = Array([document.make_indirect(note)])


def xfa(document):
    document.Root.AcroForm = Dictionary(Fields=Array([]), XFA=document.make_stream(b"<xdp/>"))


def media(document):
    document.pages[0].obj.Annots = Array([document.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.RichMedia))])


def open_another_file(document):
    document.Root.OpenAction = Dictionary(S=Name.GoToR, F="//server/share/a.pdf", D=Array([0, Name.Fit]))


def content_from_outside(document):
    document.pages[0].obj.Contents = document.make_stream(b"", Dictionary(F="//server/share/a"))


def picture_of_a_billion_points(document):
    image = document.make_stream(b"\0", Type=Name.XObject, Subtype=Name.Image, Width=60_000, Height=60_000)
    document.pages[0].obj.Resources = Dictionary(XObject=Dictionary(A=image))


@pytest.mark.parametrize("object_streams", [pikepdf.ObjectStreamMode.disable, pikepdf.ObjectStreamMode.generate])
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (open_with_script, "含有脚本，请另存为不含脚本的PDF后上传。"),
        (script_by_name, "含有脚本"),
        (script_on_a_page, "含有脚本"),
        (script_on_a_field, "含有脚本"),
        (script_behind_an_action, "含有脚本"),
        (script_nothing_refers_to, "含有脚本"),
        (launch, "启动其他程序"),
        (submit, "提交或者导入数据"),
        (go_to_embedded, "内嵌了其他文件"),
        (attach, "内嵌了其他文件"),
        (attach_to_a_page, "内嵌了其他文件"),
        (xfa, "XFA"),
        (media, "音视频"),
        (open_another_file, "打开其他文件"),
        (content_from_outside, "外部模板或者对象"),
        (picture_of_a_billion_points, "图片尺寸异常"),
    ],
)
def test_a_pdf_that_does_something_is_refused(change, words, object_streams):
    assert words in refusal(pdf(change, object_stream_mode=object_streams), "x.pdf")


def test_content_packed_twice_is_refused():
    def twice(document):
        packed = zlib.compress(zlib.compress(b"q Q " * 1000))
        document.pages[0].obj.Contents = pikepdf.Stream(document, packed, Filter=Array([Name.FlateDecode] * 2))

    data = pdf(twice, stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False)
    assert "解压后体积异常" in refusal(data, "x.pdf")


def test_a_script_under_an_escaped_name_is_found():
    data = pdf(open_with_script, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    assert b"/JavaScript" in data
    assert "含有脚本" in refusal(data.replace(b"/JavaScript", b"/J#61v#61Script"), "x.pdf")


def test_a_pdf_that_only_writes_about_scripts_passes():
    def title(document):
        document.docinfo["/Title"] = "关于 /JavaScript 与 /Launch 的说明 (/JS)"

    assert inspect(io.BytesIO(pdf(title)), "x.pdf").kind == "pdf"


def test_numbers_and_texts_that_stand_alone_pass():
    bodies = (
        b"<</Type/Catalog/Pages 2 0 R>>|<</Type/Pages/Kids[3 0 R]/Count 5 0 R>>|"
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Resources<<>>/Contents 4 0 R>>|<</Length 6 0 R>>stream\nq Q\nendstream|"
        b"1|3|(/JS /Launch)|null|true|/JavaScript|2.5"
    ).split(b"|")
    data, table = b"%PDF-1.4\n", b""
    for number, body in enumerate(bodies, start=1):
        table += b"%010d 00000 n \n" % len(data)
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    size = len(bodies) + 1
    tail = b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n"
    data += tail % (size, table, size, len(data))
    assert inspect(io.BytesIO(data), "x.pdf").kind == "pdf"


def test_a_catalogue_hidden_in_the_trailer_is_looked_at_too():
    root = b"<</Type/Catalog/Pages 1 0 R/OpenAction<</S/J#61vaScript/#4aS(1)>>>>"
    page = b"2 0 obj\n<</Type/Page/Parent 1 0 R/MediaBox[0 0 9 9]/Resources<<>>>>\nendobj\n"
    data = b"%PDF-1.4\n1 0 obj\n<</Type/Pages/Kids[2 0 R]/Count 1>>\nendobj\n" + page
    assert "含有脚本" in refusal(data + b"trailer<</Size 3/Root" + root + b">>\nstartxref\n0\n%%EOF\n", "x.pdf")


@pytest.mark.parametrize("secrets", [{"owner": "a", "user": "b"}, {"owner": "a", "user": ""}])
def test_a_pdf_with_a_password_is_refused(secrets):
    assert "已加密" in refusal(pdf(encryption=pikepdf.Encryption(**secrets)), "x.pdf")


def test_more_than_two_thousand_pages_are_refused():
    assert inspect(io.BytesIO(pdf(pages=2000)), "x.pdf").kind == "pdf"
    assert "2000页" in refusal(pdf(pages=2001), "x.pdf")


@pytest.mark.parametrize("data", [b"%PDF-1.7\n", b"%PDF-1.7\n" + b"\xff" * 5000, pdf()[:120]])
def test_a_broken_pdf_is_refused(data):
    assert "已损坏" in refusal(data, "x.pdf")


def test_a_repaired_pdf_is_read_twice():
    data = pdf(object_stream_mode=pikepdf.ObjectStreamMode.disable)
    cut = data[: data.rindex(b"startxref")]
    assert inspect(io.BytesIO(cut), "x.pdf").kind == "pdf"
    assert "含有脚本" in refusal(cut + b"\n(9 0 obj << /S /JavaScript /JS (1) >> endobj\n", "x.pdf")


# -- pictures ---------------------------------------------------------------------------------------------------------


def test_a_flood_of_pixels_is_refused_before_decoding():
    assert "像素超过6000万" in refusal(png_header(60_000, 60_000), "x.png")
    assert "像素超过6000万" in refusal(png_header(7746, 7747), "x.png")


@pytest.mark.parametrize(("name", "kind"), [("x.png", "PNG"), ("x.jpg", "JPEG")])
def test_a_broken_picture_is_refused(name, kind):
    out = io.BytesIO()
    Image.effect_noise((200, 200), 90).convert("RGB").save(out, kind)
    assert "已损坏" in refusal(out.getvalue()[: len(out.getvalue()) // 2], name)


def test_a_large_honest_photo_passes():
    assert inspect(io.BytesIO(picture("JPEG", (9000, 6600))), "x.jpg").kind == "jpeg"


# -- zipped documents -------------------------------------------------------------------------------------------------


def test_a_zip_bomb_is_refused_by_its_ratio_and_by_its_size():
    assert "解压后体积异常" in refusal(docx(("word/a.xml", b"\0" * 20_000_000)), "x.docx")
    large = bytearray(docx(("word/media/a.png", random.Random(1).randbytes(5_000_000))))
    entry = large.rindex(b"PK\x01\x02")
    large[entry + 24 : entry + 28] = struct.pack("<I", 400 * 1024 * 1024)  # eighty times its packed size, but too much
    assert "解压后体积异常" in refusal(bytes(large), "x.docx")


def test_a_part_longer_than_it_says_is_refused():
    data = bytearray(docx(("word/a.xml", b"ab" * 3000)))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.rindex(mark)
        data[at + offset : at + offset + 4] = struct.pack("<I", 10)
    assert "已损坏" in refusal(bytes(data), "x.docx")


def test_a_small_form_that_packs_tightly_passes():
    assert inspect(io.BytesIO(docx(("word/a.xml", b" " * 2_000_000))), "x.docx").kind == "docx"


def test_too_many_entries_are_refused():
    assert "内部文件过多" in refusal(docx(*((f"word/{i}.xml", "a") for i in range(5000))), "x.docx")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (docx(("word/vbaProject.bin", b"\xd0\xcf")), "x.docx"),
        (xlsx(("xl/VBAPROJECT.BIN", b"\xd0\xcf")), "x.xlsx"),
        (docx(content_type=WORD_MACRO), "x.docx"),
        (xlsx(("xl/macrosheets/sheet1.xml", "<a/>")), "x.xlsx"),
        (docx(("word/activeX/activeX1.bin", b"a")), "x.docx"),
    ],
)
def test_macros_are_refused(data, name):
    assert "含有宏" in refusal(data, name)


@pytest.mark.parametrize(
    "member", ["../../etc/cron.d/x", "/etc/passwd", "word\\..\\x.xml", "C:/x.xml", "word/../../x.xml"]
)
def test_names_that_lead_outside_are_refused(member):
    assert "内部文件名异常" in refusal(docx((member, "a")), "x.docx")


def test_two_parts_of_one_name_are_refused():
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = docx(("word/document.xml", "<w:other/>"))
    assert "内部文件名异常" in refusal(data, "x.docx")


def test_an_encrypted_package_is_refused():
    data = bytearray(docx())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.rindex(mark)
        data[at + offset] |= 1
    assert "已加密" in refusal(bytes(data), "x.docx")


def test_an_office_file_with_a_password_is_told_from_a_document():
    assert "密码" in refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "x.docx")


@pytest.mark.parametrize("member", ["word/setup.exe", "Doc_0/Attachs/run.JS", "word/media/a.bat"])
def test_programs_inside_are_refused(member):
    assert "内含可执行程序" in refusal(docx((member, "a")), "x.docx")
    assert "内含可执行程序" in refusal(ofd((member, "a")), "x.ofd")


def test_an_embedded_object_is_refused():
    assert "内嵌" in refusal(docx(("word/embeddings/oleObject1.bin", b"a")), "x.docx")


@pytest.mark.parametrize("kind", ["attachedTemplate", "oleObject", "frame"])
def test_a_template_or_object_from_outside_is_refused(kind):
    assert "外部模板" in refusal(docx(("word/_rels/settings.xml.rels", RELS.format(type=kind))), "x.docx")


def test_a_link_to_a_web_page_passes():
    data = docx(("word/_rels/document.xml.rels", RELS.format(type="hyperlink")))
    assert inspect(io.BytesIO(data), "x.docx").kind == "docx"


def test_entities_in_a_control_part_are_refused():
    bomb = '<!DOCTYPE a [<!ENTITY b "cc"><!ENTITY d "&b;&b;&b;">]><Relationships>&d;</Relationships>'
    assert "已损坏" in refusal(docx(("_rels/.rels", bomb)), "x.docx")
    assert "已损坏" in refusal(docx(("_rels/.rels", bomb.encode("utf-16"))), "x.docx")


@pytest.mark.parametrize("name", ["x.docx", "x.xlsx", "x.ofd"])
def test_a_broken_package_is_refused(name):
    assert "已损坏" in refusal(docx()[:80], name)
    assert "已损坏" in refusal(b"PK\x03\x04" + b"\xff" * 400, name)
