"""现场日程: from 首次会议 to 末次会议, made for the days of the visit; a proposal, changed as the day needs it (第十四条).

A rule of dates and texts: no row of a table, no clock. Times are local.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta

COLUMNS = ("day", "begins", "ends", "what", "who")
LABELS = {"day": "日期", "begins": "开始", "ends": "结束", "what": "内容", "who": "参加人员"}
LIMITS = {"day": 10, "begins": 5, "ends": 5, "what": 200, "who": 200}
MOST_ROWS = 60

Row = dict[str, str]
Line = tuple[str, str, str, str]

OPENING: tuple[Line, ...] = (
    (
        "08:30",
        "09:00",
        "首次会议：介绍双方人员，说明目的、日程、方法和纪律，确认陪同人员",
        "评审组、单位领导班子、部门负责人",
    ),
    ("09:00", "09:40", "单位汇报：概况、关键因素、卓越绩效管理的做法和结果", "评审组、单位领导班子、部门负责人"),
)
HEARING: Line = ("09:40", "10:40", "分类别问询答辩，现场抽题", "评审组、各类别负责人")
TOUR: Line = ("10:40", "12:00", "查看生产（服务）现场、实验室", "评审组、现场负责人")
GROUPS: Line = ("13:30", "15:30", "分组查阅文件和原始记录，与有关部门核实", "评审组各小组、有关部门")
TALK: Line = ("15:30", "16:10", "员工座谈", "评审组、员工代表")
TEAM: Line = ("16:10", "17:00", "评审组内部会议：汇总核实情况", "评审组")
FOREGATHER: Line = ("16:10", "17:00", "评审组内部会议：交流当日情况，安排次日", "评审组")
MORNING: tuple[Line, ...] = (
    ("08:30", "10:40", "分组查阅文件和原始记录，与有关部门核实", "评审组各小组、有关部门"),
    ("10:40", "12:00", "查看生产（服务）现场，访谈一线员工", "评审组、现场负责人"),
)
CLOSING: Line = ("17:00", "17:30", "末次会议：口头反馈优势和改进空间", "评审组、单位领导班子、部门负责人")

ASKED = (
    "请准备会议室和投影设备，安排各类别负责人和部门联络人在岗，备好申报材料所列数据的原始记录。\n"
    "评审不收取任何费用，不安排宴请，不赠送礼品。对评审人员的意见，可以向秘书处反映。"
)


def of_days(days: Sequence[date]) -> list[Row]:
    """第十四条: this function will propose the agenda of a visit of so many days: the first opens it, the last closes it."""
    rows: list[Row] = []
    for number, day in enumerate(days):
        first, last = number == 0, number == len(days) - 1
        lines = [*(OPENING if first else ()), *([HEARING, TOUR] if first else MORNING), GROUPS, TALK]
        lines += [TEAM, CLOSING] if last else [FOREGATHER]
        rows += [dict(zip(COLUMNS, (day.isoformat(), *line), strict=True)) for line in lines]
    return rows


def shifted(rows: Sequence[Mapping[str, str]], by: timedelta, days: Sequence[date]) -> list[Row]:
    """第十四条: this function will carry an agenda to other days, each row by the same distance, none before or after the visit."""
    return [dict(row) | {"day": _shifted(row.get("day", ""), by, days)} for row in rows]


def _shifted(day: str, by: timedelta, days: Sequence[date]) -> str:
    if not day:
        return ""
    return min(max(date.fromisoformat(day) + by, days[0]), days[-1]).isoformat()


def wrong(row: Mapping[str, str], days: Sequence[date]) -> str:
    """第十四条: this function will say what is wrong with a row, "" for nothing: a row may lack what is not known yet."""
    if any(len(row.get(name, "")) > limit for name, limit in LIMITS.items()):
        return "日程的一栏过长，请精简后再填。"
    if row["day"] and row["day"] not in {day.isoformat() for day in days}:
        return "日程的日期须在现场期间。"
    moments = [_moment(row[name]) for name in ("begins", "ends") if row[name]]
    if None in moments:
        return "日程的时间请按“09:30”的样子填写。"
    if len(moments) == 2 and moments[0] >= moments[1]:  # type: ignore[operator]  # neither is None
        return "日程的结束时间须晚于开始时间。"
    return ""


def _moment(text: str) -> time | None:
    try:
        return time.fromisoformat(text) if len(text) == 5 else None
    except ValueError:
        return None


def by_day(rows: Sequence[Mapping[str, str]]) -> list[tuple[date | None, list[Mapping[str, str]]]]:
    """第十四条: this function will give the agenda as it is read: day by day, each in the order of its hours."""
    grouped: dict[str, list[Mapping[str, str]]] = {}
    for row in sorted(rows, key=lambda row: (row["day"] or "9", row["begins"] or "24")):
        grouped.setdefault(row["day"], []).append(row)
    return [(date.fromisoformat(day) if day else None, listed) for day, listed in grouped.items()]
