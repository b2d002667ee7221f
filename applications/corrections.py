"""补正: what a correction changed, and a correction that did not come (第十七条)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from applications import letters, permissions_screening, screening, signals
from applications.materials import manifest_of
from applications.models import Application, ApplicationVersion
from award_portal import audit
from award_portal.lifecycle import Step, act, advance, lock, store
from award_portal.roles import Role
from award_portal.verdict import require

S = Application.State
PROCEED = Step((S.RETURNED,), S.SUBMITTED, article=17)
TITLES = {
    "fields": "申报表",
    "figures": "指标",
    "self_assessment": "自我评价报告",
    "evidence": "证实性材料",
    "name": "单位名称",
}
QUIET = {"size", "sha256"}  # of a file, its name says enough; another content of the same name is said in words


class Change(NamedTuple):
    """One difference: where, what stood there, what stands there now."""

    label: str
    before: str
    after: str


def diff(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """第十七条: this function will list what differs between two manifests, in the order of the first: path, before, after.

    Files are compared by their content; a list is compared by its members' names.
    """
    return list(_differ((), before, after))


def _differ(path: tuple[str, ...], before: Any, after: Any) -> Iterator[Change]:
    if before == after:
        return
    if _is_file(before) or _is_file(after):
        yield Change(_label(path), _file(before), _file(after, changed=bool(before) and _file(before) == _file(after)))
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in [*before, *[key for key in after if key not in before]]:
            yield from _differ((*path, str(key)), before.get(key), after.get(key))
    elif isinstance(before, list) and isinstance(after, list) and _all_files([*before, *after]):
        yield from _lists(path, before, after)
    else:
        yield Change(_label(path), _text(before), _text(after))


def _lists(path: tuple[str, ...], before: list[Any], after: list[Any]) -> Iterator[Change]:
    """Rows of evidence: matched by their content first, then by their title; what is left went or came."""
    left = [row for row in before if row not in after]
    right = [row for row in after if row not in before]
    for row in left:
        same = next((other for other in right if other.get("title") == row.get("title")), None)
        if same is not None:
            right.remove(same)
        yield Change(
            _label((*path, str(row.get("title") or row.get("file")))),
            _file(row),
            _file(same, changed=same is not None and _file(row) == _file(same)),
        )
    for row in right:
        yield Change(_label((*path, str(row.get("title") or row.get("file")))), "", _file(row))


def _all_files(rows: list[Any]) -> bool:
    return all(_is_file(row) for row in rows)


def _is_file(value: Any) -> bool:
    return isinstance(value, Mapping) and "sha256" in value


def _file(value: Any, *, changed: bool = False) -> str:
    if not value:
        return ""
    return f"{value.get('file', '')}（内容已更换）" if changed else str(value.get("file", ""))


def _text(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "；".join(_text(row) for row in value)
    if isinstance(value, Mapping):
        return "，".join(f"{key}：{_text(cell)}" for key, cell in value.items())
    return str(value)


def _label(path: tuple[str, ...]) -> str:
    return "›".join([TITLES.get(path[0], path[0]), *path[1:]]) if path else ""


def changes_of(application: Application) -> list[Change]:
    """第十七条: this function will give what the last version changed against the first one handed in; labels as on the form."""
    versions = list(application.versions.order_by("number"))
    if len(versions) < 2:
        return []
    return [
        change._replace(label=_spoken(application, change.label))
        for change in diff(versions[0].manifest, versions[-1].manifest)
    ]


def _spoken(application: Application, label: str) -> str:
    from applications.screening_facts import field_label

    section, *rest = label.split("›")
    return "›".join([section, *(field_label(application, part) for part in rest)])


@act("逾期未补正，按现有材料审查", 17, role=Role.SECRETARIAT)
def close_correction(application: Application, *, by: Any, at: datetime) -> Application:
    """第十七条: this function will go on with what is there when the correction did not come in time; no material changes any more."""
    lock(application)
    require(permissions_screening.may_close_correction(by, application, at))
    manifest = manifest_of(application)
    digest = audit.digest(manifest)
    if (
        digest != application.manifest_hash
    ):  # saved in time, never handed in: it is what is there, and it is frozen with it
        number = application.versions.count() + 1
        store(
            ApplicationVersion(application=application, number=number, manifest=manifest, sha256=digest, at=at, by=by)
        )
    screening.replace_proposal(application, by=by, at=at)
    advance(application, PROCEED, by=by, at=at, manifest_hash=digest)
    signals.raise_signals(application, by, at)
    letters.to_unit(
        application, f"补正期限已过（{application.number}）", "贵单位未在期限内提交补正。资格审查按现有材料继续进行（第十七条）。",
        key=f"correction-closed:{application.pk}:{application.corrections}", at=at,
    )  # fmt: skip
    return application
