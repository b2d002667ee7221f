"""Every "no" has a reason in Chinese that names its article or field."""

from __future__ import annotations

from dataclasses import dataclass

from award_portal.wording import article_label


@dataclass(frozen=True)
class Verdict:
    """Yes, or no with a reason and its article. True where it is yes."""

    allowed: bool
    reason: str = ""
    article: int | None = None

    def __bool__(self) -> bool:
        return self.allowed

    @property
    def sentence(self) -> str:
        """The reason as it is shown, with its article in front."""
        return f"{article_label(self.article)}：{self.reason}" if self.article else self.reason


YES = Verdict(True)


def no(reason: str, article: int | None = None) -> Verdict:
    """This function will give a refusal with its reason and article."""
    return Verdict(False, reason, article)


class Refused(Exception):
    """A verb says no. `field` names the form's field where one is to blame."""

    def __init__(self, reason: str, article: int | None = None, field: str | None = None) -> None:
        self.reason, self.article, self.field = reason, article, field
        super().__init__(Verdict(False, reason, article).sentence)

    def __reduce__(self) -> tuple[type[Refused], tuple[str, int | None, str | None]]:
        return (type(self), (self.reason, self.article, self.field))

    @property
    def sentence(self) -> str:
        """The reason as it is shown, with its article in front."""
        return str(self)


def require(verdict: Verdict) -> None:
    """This function will raise Refused where the verdict is no."""
    if not verdict:
        raise Refused(verdict.reason, verdict.article)
