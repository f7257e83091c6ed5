"""Accounts of the staff, and their roles. Whoever keeps the accounts can raise neither their own nor a superuser's."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as PlainUserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from products.admin.keeping import KeptAdmin
from products.admin.looking import NobodyEdits
from warrantydesk.accounts.models import User


class AddUserForm(UserCreationForm):
    class Meta:
        model = User
        fields = ("email", "name")

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()  # as the log-in looks for it


class ChangeUserForm(UserChangeForm):
    class Meta:
        model = User
        fields = "__all__"  # what of them is shown, and to whom, is said below

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()


@admin.register(User)
class UserAdmin(PlainUserAdmin, KeptAdmin):  # type: ignore[misc]  # the same method, less precisely
    form = ChangeUserForm
    add_form = AddUserForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("name", "email", "roles", "is_active", "is_staff", "last_login")
    list_display_links = ("name", "email")
    list_filter = ("groups", "is_active")
    search_fields = ("email", "name")
    ordering = ("name", "pk")
    filter_horizontal = ()
    readonly_fields = ("last_login", "joined_at")
    add_fieldsets = (
        (None, {"fields": ("email", "name", "password1", "password2")}),
        (_("May"), {"fields": ("is_staff", "groups")}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description=_("roles"))
    def roles(self, user: User) -> str:
        return ", ".join(sorted(group.name for group in user.groups.all()))

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        if obj is None:
            return self.add_fieldsets
        # Permissions come with the roles alone; a superuser is made by a superuser.
        may = ("is_active", "is_staff", "groups", *(("is_superuser",) if _is_superuser(request) else ()))
        return (
            (None, {"fields": ("email", "name", "password")}),
            (_("May"), {"fields": may}),
            (_("Times"), {"fields": ("joined_at", "last_login")}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        own = obj is not None and obj.pk == request.user.pk and not _is_superuser(request)
        # Nobody gives themselves a role, or locks themselves out.
        return (*self.readonly_fields, *(("groups", "is_staff", "is_active") if own else ()))

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Also asked before a password is set: nobody becomes a superuser by taking over the account of one."""
        out_of_reach = obj is not None and obj.is_superuser and not _is_superuser(request)
        return super().has_change_permission(request, obj) and not out_of_reach

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False  # what somebody did keeps their name: switch the account off instead

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            kwargs |= {"widget": UnfoldAdminCheckboxSelectMultipleWidget(), "label": _("Roles"), "help_text": ""}
        return super().formfield_for_manytomany(db_field, request, **kwargs)


admin.site.unregister(Group)
# django-allauth's own pages: addresses it never uses, and the secrets of second factors.
admin.site.unregister([EmailAddress, Authenticator])


@admin.register(Group)
class RoleAdmin(NobodyEdits, ModelAdmin):
    """A role is what the table in accounts/roles.py says; here one can look what that is."""

    list_display = ("name", "people")
    ordering = ("name",)
    fields = ("name", "may")
    readonly_fields = ("may",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("user_set", "permissions__content_type")

    @admin.display(description=_("people"))
    def people(self, role: Group) -> str:
        return ", ".join(sorted(str(user) for user in role.user_set.all() if user.is_active))

    @admin.display(description=_("may"))
    def may(self, role: Group) -> str:
        names = sorted(permission.name for permission in role.permissions.all())
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", ((name,) for name in names)))


def _is_superuser(request: HttpRequest) -> bool:
    return bool(request.user.is_superuser)
