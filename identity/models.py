"""People who log in, and the addresses that they keep for their parcels."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from common.ids import MAX_LENGTH, new_public_id
from identity.enums import country_name

EMAIL_MAX_LENGTH = 254

if TYPE_CHECKING:
    _Manager = BaseUserManager["User"]
else:
    _Manager = BaseUserManager


def new_address_id() -> str:
    return new_public_id("adr")


class UserManager(_Manager):
    """Makes users by e-mail address. Addresses are kept in lower case: nobody owns two that differ by case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Without a password the user can only log in after a password reset."""
        if not email:
            raise ValueError("a user needs an e-mail address")
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, **{"is_staff": True, "is_superuser": True, **fields})

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=self.normalize_email(username))

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        return (email or "").strip().lower()


class User(AbstractBaseUser, PermissionsMixin):
    """One person: buyer, artisan or staff. Logs in with an e-mail address that was verified."""

    email = models.EmailField(max_length=EMAIL_MAX_LENGTH, unique=True, db_comment="Log-in name, always lower case")
    full_name = models.CharField("name", max_length=120, blank=True, default="", db_comment="As the person writes it")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False, help_text="May enter the administration.")
    joined_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        db_table_comment = "People who log in: buyers, artisans and staff"
        constraints = [models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_is_lower_case")]

    def __str__(self) -> str:
        return self.email

    def clean(self) -> None:
        self.email = UserManager.normalize_email(self.email)

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.full_name.split(" ")[0] if self.full_name else self.email.split("@")[0]


class Address(models.Model):
    """Where a buyer wants parcels sent. An order copies it: changing it here changes no order."""

    public_id = models.CharField(max_length=MAX_LENGTH, unique=True, default=new_address_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="addresses")
    name = models.CharField("recipient", max_length=120)
    line1 = models.CharField("street and number", max_length=120)
    line2 = models.CharField("flat, floor, company", max_length=120, blank=True, default="")
    city = models.CharField("town or city", max_length=80)
    region = models.CharField("region or state", max_length=80, blank=True, default="")
    postal_code = models.CharField("postcode", max_length=16, blank=True, default="")
    country = models.CharField(max_length=2, db_comment="ISO 3166-1 alpha-2")
    phone = models.CharField(max_length=30, blank=True, default="", help_text="Only for the carrier.")
    is_default = models.BooleanField("my usual address", default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table_comment = "Addresses that buyers keep; orders hold their own copy"
        ordering = ["-is_default", "created_at", "id"]
        verbose_name_plural = "addresses"
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(is_default=True), name="address_one_default_per_user"),
            models.CheckConstraint(condition=Q(country__regex="^[A-Z]{2}$"), name="address_country_is_a_code"),
        ]

    def __str__(self) -> str:
        return ", ".join(
            part for part in (self.name, self.line1, f"{self.postal_code} {self.city}", self.country) if part
        )

    @property
    def country_name(self) -> str:
        return country_name(self.country)

    def as_dict(self) -> dict[str, str]:
        """As a checkout fills its form with it."""
        return {
            "id": self.public_id,
            "name": self.name,
            "line1": self.line1,
            "line2": self.line2,
            "city": self.city,
            "region": self.region,
            "postal_code": self.postal_code,
            "country": self.country,
            "phone": self.phone,
        }


class AccountMail(models.Model):
    """A letter about an account that is still to be sent, and gone once it is.

    It says to whom, which letter and about what, and never holds a link: the links that let somebody in are made in the
    moment of sending, from the user and the address.
    """

    template = models.CharField(max_length=80, db_comment="Which letter: account/email/password_reset_key, ...")
    email = models.EmailField(max_length=EMAIL_MAX_LENGTH, db_comment="To whom; may be of nobody who has an account")
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    facts = models.JSONField(db_comment="What a notice tells: when, from which network address, which addresses")
    created_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Letters about accounts that wait to be sent; a row is deleted once its letter is"
        default_permissions = ()

    def __str__(self) -> str:
        return self.template
