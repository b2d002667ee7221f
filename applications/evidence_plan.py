"""What evidence an application may carry, category by category, and who brings each piece (第十、十六条).

国务院令第716号第七条: what the state already has is not asked of the unit; the secretariat obtains it from the office named.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from applications.models import Evidence

C = Evidence.Category
NOT_ASKED = "国务院令第716号第七条"  # 《国务院关于在线政务服务的若干规定》


@dataclass(frozen=True)
class Piece:
    """One thing that is expected in a category; `office` is whom the secretariat asks for it, "" where the unit brings it."""

    title: str
    office: str = ""

    @property
    def source(self) -> str:
        """Who brings it, as the pages say it."""
        return "秘书处核查取得" if self.office else "申报单位提供"


@dataclass(frozen=True)
class Category:
    """One category of evidence: the section of the form it belongs to, by its letter, and what is expected in it."""

    code: str
    section: str
    article: int
    help: str
    pieces: tuple[Piece, ...]
    optional: bool = False

    @property
    def title(self) -> str:
        """第十六条: the category's Chinese name."""
        return str(C(self.code).label)

    @cached_property
    def brought(self) -> tuple[Piece, ...]:
        """第十六条: what the unit uploads here."""
        return tuple(piece for piece in self.pieces if not piece.office)

    @cached_property
    def obtained(self) -> tuple[Piece, ...]:
        """第十六条: what the secretariat obtains itself."""
        return tuple(piece for piece in self.pieces if piece.office)

    @property
    def source(self) -> str:
        """第十六条: who provides for the category as a whole."""
        return "申报单位提供" if self.brought else "秘书处核查取得"


CATEGORIES = (
    Category(C.LICENCE, "A", 10, "行业许可证、资质证书等，须在基准日有效。营业执照等登记信息不用传。", (
        Piece("行业许可证、资质证书"),
        Piece("营业执照等登记信息、经营异常名录", "区市场监管局"),
    )),
    Category(C.SYSTEM, "E", 10, "持证单位应与申报单位名称一致，并在基准日有效。", (
        Piece("质量管理体系认证证书"), Piece("环境、职业健康安全等其他体系证书"), Piece("卓越绩效自我评价记录"),
    )),
    Category(C.FINANCE, "C", 10, "近三年的审计报告；未经审计的，传加盖公章的财务报表。纳税证明不用传。", (
        Piece("近三年审计报告或财务报表"),
        Piece("在本区的纳税和欠税情况", "区税务局"),
        Piece("纳入统计的经济指标", "区统计局"),
    )),
    Category(C.MARKET, "C", 10, "列明主要竞争对手、主要顾客及所占份额；涉及商业秘密的请标明。", (
        Piece("主要竞争对手名单"), Piece("主要顾客名单"),
    )),
    Category(C.QUALITY, "D", 10, "产品或服务的检验、检测报告，与国内外先进水平的对比数据。", (
        Piece("检验、检测报告"), Piece("质量水平对比数据"),
    )),
    Category(C.SAMPLING, "D", 11, "由秘书处查询，不用上传。", (Piece("近三年产品质量监督抽查结果", "区市场监管局"),)),
    Category(C.SATISFACTION, "D", 10, "注明调查时间、方法和样本量。", (Piece("顾客满意度调查报告"),)),
    Category(C.INNOVATION, "F", 10, "专利、主持或参与制定的标准、研发机构、商标、质量奖项。", (
        Piece("专利证书"), Piece("标准文本的首页和前言"), Piece("奖励、荣誉证书"),
    )),
    Category(C.RESPONSIBILITY, "G", 10, "公益、环境保护、员工权益等方面的证明。", (Piece("社会责任报告或证明"),)),
    Category(C.CLEAN_RECORD, "G", 11, "由秘书处向有关部门核查，不用上传。", (
        Piece("质量、食品安全事故和投诉记录", "区市场监管局"), Piece("安全生产事故记录", "区应急管理局"),
        Piece("环境污染事故和处罚记录", "市生态环境局瀍河分局"), Piece("公共卫生事故记录", "区卫生健康委"),
        Piece("劳动保障违法记录", "区人力资源社会保障局"), Piece("严重失信记录", "区发展改革委"),
    )),
    Category(C.RANKING, "C", 10, "主管部门证明、行业协会函件或第三方调查报告，写明指标和名次（第十条）。", (
        Piece("主管部门、行业协会或第三方的排名证明"),
    )),
    Category(C.CONTROLLED, "A", 10, "集团申报的，控股的每个单位各传一份；其他单位不用传。", (
        Piece("控股关系证明"), Piece("各控股单位的资质和合规证明"),
    ), optional=True),
    Category(C.PUBLICITY, "J", 16, "在本单位内部公示过申报意向的，可以上传公示照片或截图。", (
        Piece("内部公示的照片或截图"),
    ), optional=True),
    Category(C.OTHER, "K", 16, "不属于以上各类的材料。", (Piece("其他证明材料"),), optional=True),
)  # fmt: skip
BY_CODE = {category.code: category for category in CATEGORIES}
ASKED = tuple(category for category in CATEGORIES if category.brought)
CHOICES = tuple((category.code, category.title) for category in ASKED)


def obtained() -> list[tuple[str, str]]:
    """第十六条: this function will list what the secretariat obtains itself, each with the office it asks."""
    return [(piece.title, piece.office) for category in CATEGORIES for piece in category.obtained]
