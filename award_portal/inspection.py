"""What an uploaded file really is: judged by its name and its content, in a process that may be lost."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from award_portal.verdict import Refused

log = logging.getLogger(__name__)

CHILD = Path(__file__).with_name("inspection_child.py")
WALL_SECONDS = 5
CHUNK = 1 << 20

KINDS = {".pdf": "pdf", ".jpg": "jpeg", ".jpeg": "jpeg", ".png": "png", ".docx": "docx", ".xlsx": "xlsx", ".ofd": "ofd"}
CONTENT_TYPES = {
    "pdf": "application/pdf",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ofd": "application/ofd",
}
TITLES = {
    "pdf": "PDF",
    "jpeg": "JPG图片",
    "png": "PNG图片",
    "docx": "Word（docx）",
    "xlsx": "Excel（xlsx）",
    "ofd": "OFD",
}
ACCEPT = ",".join(KINDS)  # for the file field's accept attribute

REASONS = {
    "type": "“{name}”的类型不能上传。可以上传PDF、JPG、PNG、DOCX、XLSX或OFD文件。",
    "macro_type": "“{name}”是带宏的Office文件。请另存为不带宏的DOCX或XLSX后上传。",
    "old_type": "“{name}”是旧版Office格式。请另存为DOCX、XLSX或PDF后上传。",
    "empty": "“{name}”是空文件，请检查后重新上传。",
    "mismatch": "“{name}”的内容不是{title}文件，请确认后重新上传。",
    "program": "“{name}”是可执行程序，不能上传。",
    "program_inside": "“{name}”内含可执行程序，不能上传。",
    "old_office": "“{name}”设有密码或者是旧版Office格式。请取消密码，另存为{title}后上传。",
    "encrypted": "“{name}”已加密或者设有权限密码。请取消密码后上传。",
    "damaged": "“{name}”已损坏，无法打开。请重新导出后上传。",
    "script": "“{name}”含有脚本，请另存为不含脚本的{title}后上传。",
    "launch": "“{name}”含有启动其他程序的动作，请重新导出{title}后上传。",
    "sends_data": "“{name}”含有提交或者导入数据的动作，请打印为{title}后上传。",
    "embedded": "“{name}”内嵌了其他文件或者对象。请去掉后上传，内嵌的文件请单独上传。",
    "xfa": "“{name}”是XFA动态表单，请打印为普通PDF后上传。",
    "media": "“{name}”含有音视频或者三维内容，请去掉后上传。",
    "too_many_pages": "“{name}”超过2000页，请拆分后上传。",
    "too_many_pixels": "“{name}”的像素超过6000万，请缩小后上传。",
    "too_many_entries": "“{name}”内部文件过多，请重新导出后上传。",
    "bomb": "“{name}”解压后体积异常，不能上传。请重新导出后上传。",
    "nested": "“{name}”内含压缩包。请去掉后上传，其中的文件请单独上传。",
    "hidden": "“{name}”的末尾附有另一个压缩包。请重新导出{title}后上传。",
    "outside_file": "“{name}”含有打开其他文件的动作，请重新导出{title}后上传。",
    "huge_picture": "“{name}”内的图片尺寸异常，请缩小后重新导出{title}。",
    "bad_names": "“{name}”内部文件名异常，请重新导出后上传。",
    "macros": "“{name}”含有宏。请另存为不带宏的{title}后上传。",
    "outside_part": "“{name}”引用了外部模板或者对象。请断开链接后上传。",
    "too_heavy": "“{name}”过于复杂，无法在限定时间和内存内检查。请简化或者拆分后上传。",
}


@dataclass(frozen=True)
class Inspection:
    """What the content proved to be."""

    kind: str
    content_type: str
    size: int
    sha256: str


def inspect(path_or_file: str | Path | IO[bytes], name: str) -> Inspection:
    """Judge a file by the extension of `name` and by its content.

    Takes a path or an open binary file (rewound before and after). Raises Refused with the reason for the person who uploads.
    """
    kind = kind_of(name)
    with _on_disk(path_or_file) as path:
        size, sha256 = _measure(path)
        code = "empty" if size == 0 else _ask_child(kind, path)
    if code is not None:
        raise _refusal(code, name, kind)
    return Inspection(kind=kind, content_type=CONTENT_TYPES[kind], size=size, sha256=sha256)


def kind_of(name: str) -> str:
    """The kind the extension promises. Raises Refused for one that is not taken."""
    suffix = Path(name.strip()).suffix.lower()
    if suffix in KINDS:
        return KINDS[suffix]
    if suffix in {".docm", ".dotm", ".xlsm", ".xltm", ".xlsb"}:
        raise _refusal("macro_type", name)
    if suffix in {".doc", ".xls", ".wps", ".et"}:
        raise _refusal("old_type", name)
    raise _refusal("type", name)


def _refusal(code: str, name: str, kind: str = "pdf") -> Refused:
    sentence = REASONS.get(code, REASONS["damaged"])
    return Refused(sentence.format(name=_short(name), title=TITLES[kind]))


def _short(name: str) -> str:
    """The name as it may stand in a sentence: one line, nothing invisible, not endless."""
    seen = "".join(c for c in name.replace("\\", "/").rsplit("/", 1)[-1] if c.isprintable())
    return seen if len(seen) <= 60 else f"{seen[:40]}…{seen[-15:]}"


@contextmanager
def _on_disk(path_or_file: str | Path | IO[bytes]) -> Iterator[Path]:
    """A path the child can open; a file held in memory is written to a temporary one first."""
    if isinstance(path_or_file, (str, Path)):
        yield Path(path_or_file)
        return
    with tempfile.NamedTemporaryFile(prefix="inspect-", suffix=".bin") as copy:
        path_or_file.seek(0)
        while chunk := path_or_file.read(CHUNK):
            copy.write(chunk)
        copy.flush()
        path_or_file.seek(0)
        yield Path(copy.name)


def _measure(path: Path) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return size, digest.hexdigest()


def _ask_child(kind: str, path: Path) -> str | None:
    """The code of the refusal, or None for a clean file. Every way the child can die is a refusal."""
    try:
        done = subprocess.run(  # noqa: S603 - our own file, no shell, two arguments of ours
            [sys.executable, "-I", str(CHILD), kind, str(path.resolve())],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=WALL_SECONDS,
            cwd="/",
            env=_bare_environment(),
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "too_heavy"
    verdict = _read_verdict(done.stdout)
    if done.returncode != 0 or verdict is None:
        if done.returncode > 0 and b"ModuleNotFoundError" in done.stderr:
            raise RuntimeError(
                "the upload check cannot load its libraries: " + done.stderr.decode(errors="replace")[-300:]
            )
        log.warning("upload check of a %s ended with %s: %s", kind, done.returncode, done.stderr[-500:])
        # A negative code is a signal: the processor limit, or a parser that crashed on this very file.
        return "too_heavy" if done.returncode < 0 else "damaged"
    return None if verdict.get("ok") is True else str(verdict.get("code", "damaged"))


def _read_verdict(output: bytes) -> dict[str, Any] | None:
    try:
        verdict = json.loads(output)
    except ValueError:
        return None
    return verdict if isinstance(verdict, dict) else None


def _bare_environment() -> dict[str, str]:
    """No secret of the portal's environment goes to the process that reads strangers' files."""
    return {"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
