"""Files of the demo: small, real PDFs, made without any drawing library, so that every upload passes the same inspection."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile


def pdf(title: str, lines: int = 12) -> bytes:
    """This function will give a valid one-page PDF whose title is written in its metadata."""
    text = "".join(f"0 -24 Td (Section {number + 1}) Tj " for number in range(lines))
    stream = f"BT /F1 14 Tf 72 770 Td {text}ET".encode()
    name = "<FEFF" + title.encode("utf-16-be").hex().upper() + ">"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length " + str(len(stream)).encode() + b" >>\nstream\n" + stream + b"\nendstream",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Title " + name.encode() + b" >>",
    ]
    body, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    start = len(body)
    body += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    body += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    body += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info 6 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return body


def upload(title: str) -> SimpleUploadedFile:
    """This function will give a PDF as a browser would send it."""
    return SimpleUploadedFile(f"{title}.pdf", pdf(title), content_type="application/pdf")
