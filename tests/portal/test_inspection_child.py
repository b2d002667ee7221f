"""The process that looks into uploads may be lost: by memory, time or a crash. Each loss is a refusal."""

import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest

from award_portal import inspection
from award_portal.inspection import CHILD, inspect
from award_portal.verdict import Refused


def pdf() -> bytes:
    document = pikepdf.new()
    document.add_blank_page()
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def refusal(data: bytes, name: str) -> str:
    with pytest.raises(Refused) as caught:
        inspect(io.BytesIO(data), name)
    return caught.value.reason


def run_in_child(tmp_path, monkeypatch, body: str) -> str:
    """What the parent says when the child, under its real limits, does this instead of a check."""
    child = tmp_path / "child.py"
    source = CHILD.read_text(encoding="utf-8").replace(
        "        check_magic(kind, path)\n",
        "        check_magic(kind, path)\n" + "".join(f"        {x}\n" for x in body.split("\n")),
    )
    assert source != CHILD.read_text(encoding="utf-8")
    child.write_text(source, encoding="utf-8")
    shutil.copy(CHILD.with_name("inspection_package.py"), tmp_path)
    monkeypatch.setattr(inspection, "CHILD", child)
    return refusal(pdf(), "x.pdf")


def test_a_child_that_asks_for_too_much_memory_is_a_refusal(tmp_path, monkeypatch):
    assert "过于复杂" in run_in_child(tmp_path, monkeypatch, "bytearray(600 * 1024 * 1024)")


def test_a_child_that_crashes_is_a_refusal(tmp_path, monkeypatch):
    assert "过于复杂" in run_in_child(tmp_path, monkeypatch, "import os\nos.kill(os.getpid(), 11)")


def test_a_child_that_spins_is_stopped_by_the_processor_limit(tmp_path, monkeypatch):
    body = "resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass"
    assert "过于复杂" in run_in_child(tmp_path, monkeypatch, body)


def test_a_child_that_waits_is_stopped_by_the_clock(tmp_path, monkeypatch):
    monkeypatch.setattr(inspection, "WALL_SECONDS", 0.5)
    assert "过于复杂" in run_in_child(tmp_path, monkeypatch, "import time\ntime.sleep(30)")


def test_the_child_can_write_nothing(tmp_path, monkeypatch):
    target = tmp_path / "written"
    run_in_child(tmp_path, monkeypatch, f"open({str(target)!r}, 'wb', buffering=0).write(b'a')")
    assert not target.exists() or target.stat().st_size == 0


def test_the_child_sees_no_secret_and_carries_the_limits(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "must not travel")
    seen: dict = {}
    real = subprocess.run

    def spy(command, **options):
        seen.update(options, command=command)
        return real(command, **options)

    monkeypatch.setattr(inspection.subprocess, "run", spy)
    inspect(io.BytesIO(pdf()), "x.pdf")
    assert "SECRET_KEY" not in seen["env"]
    assert seen["timeout"] == 5
    assert seen["command"][1] == "-I"


def test_a_missing_library_is_a_fault_of_ours_and_no_refusal(tmp_path, monkeypatch):
    child = tmp_path / "child.py"
    child.write_text("import no_such_library_here", encoding="utf-8")
    monkeypatch.setattr(inspection, "CHILD", child)
    with pytest.raises(RuntimeError, match="cannot load"):
        inspect(io.BytesIO(pdf()), "x.pdf")


def test_the_child_imports_nothing_of_the_portal():
    script = (
        "import sys, json, runpy; sys.argv=['c','pdf','/nonexistent'];\n"
        f"runpy.run_path({str(CHILD)!r}, run_name='c');\n"
        "print(json.dumps(sorted(m for m in sys.modules if m.split('.')[0] in {'django','celery','award_portal','weasyprint'})))"
    )
    done = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
    assert Path(CHILD).is_file()
