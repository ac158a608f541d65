"""People in the administration. Staff log in through the same throttled page as everybody else."""

from typing import TYPE_CHECKING, ClassVar

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm

from identity.models import Address, User

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

if TYPE_CHECKING:
    _CreationForm = AdminUserCreationForm[User]
    _Inline = admin.TabularInline[Address, User]
    _UserAdmin = DjangoUserAdmin[User]
else:
    _CreationForm, _Inline, _UserAdmin = AdminUserCreationForm, admin.TabularInline, DjangoUserAdmin


class UserCreationForm(_CreationForm):
    class Meta:
        model = User
        fields = ("email",)


class AddressInline(_Inline):
    model = Address
    extra = 0
    fields = ("name", "line1", "line2", "postal_code", "city", "region", "country", "phone", "is_default")


@admin.register(User)
class UserAdmin(_UserAdmin):
    add_form = UserCreationForm
    ordering = ("email",)
    list_display = ("email", "full_name", "is_active", "is_staff", "joined_at", "last_login")
    list_filter = ("is_staff", "is_active")
    search_fields = ("email", "full_name")
    readonly_fields = ("joined_at", "last_login")
    inlines: ClassVar = [AddressInline]
    fieldsets = (
        (None, {"fields": ("email", "full_name", "password")}),
        ("What they may do", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Dates", {"fields": ("joined_at", "last_login")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("email", "usable_password", "password1", "password2")}),)
