"""What every stage needs: people and what they may be, the record of every act, what must leave, what was handed in."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q

from award_portal.history import HistoricalRecords
from award_portal.roles import Role


class Visible(models.QuerySet):
    """The base of every queryset: whoever forgets to say who may see, shows nothing."""

    def visible_to(self, user: Any) -> Visible:
        """This function will keep the rows that `user` may see; a table that does not say shows none."""
        return self.none()


class UserQuerySet(Visible):
    """People as people ask for them."""

    def visible_to(self, user: Any) -> UserQuerySet:
        """第八条: the secretariat and auditors see every account, everybody else their own."""
        from award_portal import clock, roles

        if roles.of(user, clock.now()) & {Role.SECRETARIAT, Role.AUDITOR}:
            return self.all()
        return self.filter(pk=user.pk) if getattr(user, "is_authenticated", False) else self.none()


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Accounts are known by their e-mail address, in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """This function will make an account; roles are granted by `people.grant` and never here."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, email: str | None) -> User:
        """This function will find the account whatever the case the address is typed in."""
        return self.get(email__iexact=email)


class User(AbstractBaseUser):
    """A person with an account. There is no superuser: what somebody may do follows from the roles granted."""

    email = models.EmailField("电子邮箱", unique=True)
    name = models.CharField("姓名", max_length=50)
    is_active = models.BooleanField("在用", default=True)
    joined_at = models.DateTimeField("注册时间", auto_now_add=True)

    objects = UserManager()
    history = HistoricalRecords(excluded_fields=["password", "last_login"])

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = verbose_name_plural = "账号"

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """This function will give the person's name, as third-party pages ask for it."""
        return str(self)

    get_short_name = get_full_name

    @property
    def is_staff(self) -> bool:
        """Whether the admin's door opens: secretariat and auditors; what lies behind it still asks the policy."""
        from award_portal import clock, roles

        return self.is_active and bool(roles.of(self, clock.now()) & {Role.SECRETARIAT, Role.AUDITOR})

    is_superuser = False

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """This function will say no: the admin asks the portal's own policy."""
        return False

    def has_perms(self, perms: Any, obj: Any = None) -> bool:
        """This function will say no: see `has_perm`."""
        return False

    def has_module_perms(self, app_label: str) -> bool:
        """This function will say no: see `has_perm`."""
        return False


class RoleGrantQuerySet(Visible):
    """Roles granted, as people ask for them."""

    def visible_to(self, user: Any) -> RoleGrantQuerySet:
        """第八条: who may see an account may see its roles."""
        return self.filter(user__in=User.objects.visible_to(user))


class RoleGrant(models.Model):
    """A role held by a person from one moment to another, and who granted it."""

    user = models.ForeignKey(User, models.PROTECT, related_name="grants", verbose_name="人员")
    role = models.CharField("角色", max_length=20, choices=Role.choices)
    starts_at = models.DateTimeField("起")
    ends_at = models.DateTimeField("止", null=True, blank=True)
    granted_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="授予人")
    reason = models.CharField("事由", max_length=200, blank=True)

    objects = RoleGrantQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "角色授予"
        constraints = [
            models.UniqueConstraint(fields=["user", "role"], condition=Q(ends_at=None), name="one_open_grant_per_role"),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gte=F("starts_at")), name="grant_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}（{self.get_role_display()}）"


class AuditHead(models.Model):
    """The one row that every act locks before it appends: two writers cannot fork the chain."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    height = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_audit_head")]

    def __str__(self) -> str:
        return f"{self.height}:{self.hash}"


class AuditEvent(models.Model):
    """One act, or one opening of confidential material: append-only, chained by hash (第二十七条)."""

    height = models.PositiveBigIntegerField("序号", unique=True)
    previous_hash = models.CharField("前一记录", max_length=64, unique=True)
    hash = models.CharField("本记录", max_length=64, unique=True)
    at = models.DateTimeField("时间", db_index=True)
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="人员")
    actor_name = models.CharField("姓名", max_length=50)
    role = models.CharField("身份", max_length=60)
    verb = models.CharField("行为", max_length=80, db_index=True)
    title = models.CharField("事项", max_length=80)
    object_type = models.CharField("对象类型", max_length=80, blank=True)
    object_id = models.CharField("对象编号", max_length=40, blank=True)
    object_label = models.CharField("对象", max_length=200, blank=True)
    article = models.PositiveSmallIntegerField("条款", null=True)
    reason = models.TextField("理由", blank=True)
    change = models.CharField("变更摘要", max_length=64, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "留痕"
        ordering = ["height"]
        indexes = [models.Index(fields=["object_type", "object_id"])]

    def __str__(self) -> str:
        return f"{self.height} {self.title}"


class OutboxMessage(models.Model):
    """What must leave the building: written with the change, delivered by a sweeper, taken up again when a worker died."""

    class State(models.TextChoices):
        WAITING = "waiting", "待办"
        DONE = "done", "已办"
        FAILED = "failed", "失败"

    kind = models.CharField("种类", max_length=40)
    key = models.CharField("唯一键", max_length=160, unique=True)
    payload = models.JSONField("内容", default=dict)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField("登记时间")
    due_at = models.DateTimeField("不早于")
    leased_until = models.DateTimeField("办理中至", null=True)
    lease = models.CharField(max_length=32, blank=True)
    attempts = models.PositiveIntegerField("次数", default=0)
    error = models.TextField("原因", blank=True)
    done_at = models.DateTimeField("办结时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "发件箱"
        indexes = [models.Index(fields=["state", "due_at"])]

    def __str__(self) -> str:
        return self.key


class StoredFile(models.Model):
    """A file handed in or issued: its content lies in the store under its SHA-256 and never changes."""

    class Scan(models.TextChoices):
        NOT_REQUIRED = "not_required", "无需查杀"  # the portal made it itself
        PENDING = "pending", "待查杀"  # handed in, and no scanner has judged it yet
        CLEAN = "clean", "已查杀"
        INFECTED = "infected", "已隔离"

    sha256 = models.CharField("SHA-256", max_length=64, db_index=True)
    name = models.CharField("文件名", max_length=200)
    content_type = models.CharField("类型", max_length=100)
    size = models.PositiveBigIntegerField("字节数")
    uploaded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间")
    scan = models.CharField("病毒查杀", max_length=12, choices=Scan.choices, default=Scan.PENDING)
    scanned_at = models.DateTimeField("查杀时间", null=True, blank=True)
    signature = models.CharField("病毒名称", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "文件"
        indexes = [models.Index(fields=["scan"], condition=Q(scan="pending"), name="files_to_scan")]
        constraints = [
            models.CheckConstraint(
                condition=Q(scan__in=["not_required", "pending"], scanned_at=None, signature="")
                | Q(scan="clean", scanned_at__isnull=False, signature="")
                | Q(scan="infected", scanned_at__isnull=False, signature__gt=""),
                name="scan_has_its_moment",
            )
        ]

    def __str__(self) -> str:
        return self.name


class LegalDay(models.Model):
    """A day that the State Council's notice makes a day off or a working day, for a year the package does not hold."""

    day = models.DateField("日期", unique=True)
    day_off = models.BooleanField("放假", default=True)
    note = models.CharField("依据", max_length=100)

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "节假日安排"
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day}"


class LegalYear(models.Model):
    """A year whose table of days off the secretariat has entered in full; without it nothing is guessed."""

    year = models.PositiveSmallIntegerField("年份", unique=True)
    source = models.CharField("依据", max_length=100)

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "节假日年度"
        ordering = ["year"]

    def __str__(self) -> str:
        return f"{self.year}年"


class DemoState(models.Model):
    """The mark of a demo database, and how far its time has been moved forward."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    offset_seconds = models.BigIntegerField(default=0)
    stage = models.CharField(max_length=20, blank=True)
    seed = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="one_demo_state"),
            models.CheckConstraint(condition=Q(offset_seconds__gte=0), name="demo_time_only_forward"),
        ]

    def __str__(self) -> str:
        return f"{settings.PORTAL_MODE} +{self.offset_seconds}s"


def stamp(moment: datetime) -> str:
    """This function will write a moment for the chain: UTC, ISO 8601, microseconds."""
    from datetime import UTC

    return moment.astimezone(UTC).isoformat(timespec="microseconds")
