"""What the Measures leave open, question by question: help and nearest precedent of every rule, as data (第七条).

The precedents are other places' practice in short. READ: the text itself was read; TOLD: only a report of it; RECALLED: from
memory, to be confirmed before relying on it; NONE: no text was found, the value is a proposal.
"""

from __future__ import annotations

from dataclasses import dataclass

LEFT = "办法未作规定，由评委会决定（第七条）。"
READ, TOLD, RECALLED, NONE = "已核对原文", "据报道，未核对原文", "待核实", "未查到先例，为拟议值"


@dataclass(frozen=True)
class Rule:
    """One rule: its column, what it is asked as, what it does, who else does it so."""

    name: str
    label: str
    help: str
    precedent: str
    mark: str

    @property
    def source(self) -> str:
        """This property is the precedent with the mark of how well it is known."""
        return f"先例：{self.precedent}（{self.mark}）。" if self.precedent else f"{self.mark}。"


@dataclass(frozen=True)
class Question:
    """One question that the committee answers, with its rules."""

    title: str
    rules: tuple[Rule, ...]


QUESTIONS = (
    Question(
        "一、评审标准与评分分歧",
        (
            Rule("rubric", "评审标准", "评审条款和分值的数据，办法规定主要依据GB/T 19580-2012，总分1000分（第十三条）。",
                 "办法第十三条", READ),
            Rule("spread_points", "分歧标记：相差百分点", "同一条款评审人员的得分相差达到此数的，提示合议。", "", NONE),
            Rule("spread_bands", "分歧标记：相差档数", "同一条款评审人员的得分相差达到此档数的，提示合议。", "", NONE),
        ),
    ),
    Question(
        "二、补正、复核与部门答复",
        (
            Rule("correction_days", "补正期限（工作日）", "一次列明全部问题，单位在此期限内补正；逾期按现有材料作出结论。",
                 "质量奖办法未见规定天数，参照行政许可一次告知的做法", RECALLED),
            Rule("recheck_days", "复核申请期限（工作日）", "单位收到不符合资格的决定后，可在此期限内申请程序复核。", "", NONE),
            Rule("answer_days", "部门答复期限（工作日）", "有关部门答复资格核查的期限；到期未答复不视为通过。", "", NONE),
        ),
    ),
    Question(
        "三、评审组与回避",
        (
            Rule("panel_size", "评审组最少人数（单数）", "每个评审组不得少于此数，含组长一人。",
                 "上虞3人，据报道；浙江5人以上、开封5至7人", READ),
            Rule("conflict_years", "利害关系回溯年数", "近几年内任职、咨询、持股等，应当申报并回避（第九条）。",
                 "政府采购评审专家为3年", RECALLED),
        ),
    ),
    Question(
        "四、材料评审与现场评审",
        (
            Rule("site_cutoff", "进入现场评审的最低分", "材料评审得分达到此分，才进入现场评审（满分1000）。",
                 "深圳按差额产生，未见规定具体分数线的", READ),
            Rule("site_top_factor", "进入现场评审的家数（名额的倍数）", "达到最低分的单位中，按名次取名额的几倍。",
                 "马鞍山17家取6家，日照取10家", TOLD),
        ),
    ),
    Question(
        "五、权重与同分",
        (
            Rule("desk_weight", "材料评审权重（%）", "综合评价时材料评审得分所占比例，与现场评审之和为100。",
                 "济宁材料40%，另有答辩40%、满意度20%", TOLD),
            Rule("site_weight", "现场评审权重（%）", "综合评价时现场评审得分所占比例（第十四条）。", "鄂州现场90%、答辩100分", READ),
            Rule("tie_break", "同分处理", "总分相同时依次比较；仍相同的名次并列，由评委会表决。", "", NONE),
        ),
    ),
    Question(
        "六、表决",
        (
            Rule("quorum", "法定人数（到会比例）", "到会评委达到全体评委的此比例，会议才能召开。请写成分数，如2/3。",
                 "国家优质工程到会不少于1/2", TOLD),
            Rule("threshold", "通过比例（到会且未回避者）", "赞成票达到到会且未回避者的此比例为通过。请写成分数，如2/3。",
                 "国家优质工程金奖为到会者的2/3", TOLD),
            Rule("ballot_form", "表决方式", "会议召开前确定，会后不能更改。", "马鞍山、国家优质工程为记名，安宁为无记名", TOLD),
        ),
    ),
    Question(
        "七、异议",
        (
            Rule("objection_accept_days", "异议受理期限（工作日）", "收到异议后，在此期限内决定是否受理（第十九条）。", "", NONE),
            Rule("objection_conclude_days", "异议办结期限（工作日）", "受理异议后，在此期限内办结，可以延长一次。", "", NONE),
        ),
    ),
    Question(
        "八、字数与文件上限",
        (
            Rule("profile_limit", "组织概述字数上限", "自我评价报告中组织概述的字数。", "武汉、六安等地均为3000字", TOLD),
            Rule("report_limit", "自评报告字数上限", "自我评价报告全文的字数，含图表中的文字。",
                 "武汉、深圳为30000字，六安为50000字", TOLD),
            Rule("file_limit_mb", "单个文件上限（MB）", "申报单位每次上传的一个文件的大小。", "", NONE),
            Rule("application_limit_mb", "一份申报文件合计上限（MB）", "一份申报全部文件的大小之和。", "", NONE),
        ),
    ),
    Question(
        "九、宽限",
        (
            Rule("grace_minutes", "提交宽限（分钟）",
                 "截止后在此时间内到达的提交仍予接收，并记录为宽限内接收。只供秘书处、评委会和审计查看，不对外公布；填0为不设宽限。",
                 "", NONE),
        ),
    ),
)  # fmt: skip
RULES = {rule.name: rule for question in QUESTIONS for rule in question.rules}
