"""Tokens and what the shop sent, to look at; webhooks out to set up, with the log of their deliveries."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from products.admin.keeping import KeptAdmin
from products.admin.looking import RecordAdmin
from products.errors import Refused
from warrantydesk.api.models import ApiToken, HookDelivery, HookEndpoint, ShopHook
from warrantydesk.api.outgoing.sending import checked_address, send_again
from warrantydesk.api.outgoing.signing import new_secret
from warrantydesk.api.scopes import SCOPES
from warrantydesk.api.tokens import make_service_token, revoke_token


class ServiceTokenForm(forms.ModelForm):
    """A token for a service; people make their own on the page of their account."""

    email = forms.EmailField(
        label=_("acts as"), widget=UnfoldAdminTextInputWidget,
        help_text=_("The address of an account nobody logs in with; made where there is none."),
    )  # fmt: skip
    role = forms.ModelChoiceField(
        Group.objects.order_by("name"), to_field_name="name", label=_("with the role"), widget=UnfoldAdminSelectWidget
    )
    scopes = forms.MultipleChoiceField(
        label=_("may"),
        choices=[(scope, f"{scope}: {says}") for scope, (_permission, says) in SCOPES.items()],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    class Meta:
        model = ApiToken
        fields = ("name", "expires_at")

    def clean(self) -> dict[str, Any]:
        """Made here: what stands in the way is said beside its field."""
        data = super().clean() or {}
        if not self.errors:
            role = data["role"].name
            more = {name: data[name] for name in ("name", "email", "scopes", "expires_at")}
            try:
                self.instance, self.text = make_service_token(role=role, now=timezone.now(), **more)
            except Refused as refusal:
                self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal))
        return data


@admin.register(ApiToken)
class ApiTokenAdmin(RecordAdmin):
    list_display = ("name", "kind", "user", "begins_with", "used_at", "expires_at", "revoked_at")
    list_select_related = ("user",)
    fields = ("name", "kind", "user", "begins_with", "scopes", "created_at", "used_at", "expires_at", "revoked_at")
    actions = ("revoke",)

    @admin.action(description=_("Revoke these tokens"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, tokens: QuerySet[ApiToken]) -> None:
        now = timezone.now()
        for token in tokens:
            revoke_token(token, now)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("accounts.change_user"))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("api.add_apitoken"))

    def get_fieldsets(self, request: HttpRequest, obj: ApiToken | None = None) -> Any:
        if obj is not None:
            return super().get_fieldsets(request, obj)
        return ((None, {"fields": ("name", "email", "role", "scopes", "expires_at")}),)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs |= {"form": ServiceTokenForm, "fields": ("name", "expires_at")}
        return super().get_form(request, obj, change, **kwargs)

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        words = _("The token of %(name)s is %(text)s. Copy it now: it is told only once.")
        messages.warning(request, words % {"name": obj.name, "text": form.text})


@admin.register(ShopHook)
class ShopHookAdmin(RecordAdmin):
    list_display = ("topic", "order_key", "received_at", "outcome", "problem", "times_seen")
    list_filter = ("outcome",)
    fields = (
        "topic", "order_key", "delivery", "said_at", "received_at", "times_seen", "attempts", "outcome", "read_at",
        "problem",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("body")


class HookEndpointForm(forms.ModelForm):
    url = forms.URLField(label=_("address"), max_length=500, assume_scheme="https", widget=UnfoldAdminTextInputWidget)

    class Meta:
        model = HookEndpoint
        fields = ("url", "topics")

    def clean_url(self) -> str:
        try:
            return checked_address(self.cleaned_data["url"])
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def clean_topics(self) -> list[str]:
        topics = self.cleaned_data["topics"] or []
        if not (isinstance(topics, list) and all(isinstance(one, str) for one in topics)):
            raise forms.ValidationError(_("A list of topics: [“case.transition”, “clock.moved”], or empty."))
        return topics


@admin.register(HookEndpoint)
class HookEndpointAdmin(KeptAdmin):
    form = HookEndpointForm
    list_display = ("url", "topics", "failing_since", "disabled_at", "created_by")
    list_select_related = ("created_by",)
    readonly_fields = ("created_at", "failing_since", "disabled_at")
    fields = ("url", "topics", "created_at", "failing_since", "disabled_at")
    actions = ("enable", "change_secret")

    def save_model(self, request: HttpRequest, obj: HookEndpoint, form: Any, change: bool) -> None:
        if not change:
            obj.secret, obj.created_by_id = new_secret(), request.user.pk
        super().save_model(request, obj, form, change)
        if not change:
            self._tell_secret(request, obj)

    @admin.action(description=_("Enable again"), permissions=["change"])
    def enable(self, request: HttpRequest, endpoints: QuerySet[HookEndpoint]) -> None:
        endpoints.update(disabled_at=None, failing_since=None, told_at=None)

    @admin.action(description=_("Change the secret; the old one signs too"), permissions=["change"])
    def change_secret(self, request: HttpRequest, endpoints: QuerySet[HookEndpoint]) -> None:
        for endpoint in endpoints:
            endpoint.old_secret, endpoint.secret = endpoint.secret, new_secret()
            endpoint.save(update_fields=["old_secret", "secret"])
            self._tell_secret(request, endpoint)

    def _tell_secret(self, request: HttpRequest, endpoint: HookEndpoint) -> None:
        words = _("%(url)s: its calls are signed with %(secret)s. Copy it now.")
        messages.warning(request, words % {"url": endpoint.url, "secret": endpoint.secret})


@admin.register(HookDelivery)
class HookDeliveryAdmin(RecordAdmin):
    list_display = ("event", "endpoint", "attempts", "last_status", "tried_at", "delivered_at", "given_up")
    list_select_related = ("event", "endpoint")
    list_filter = ("given_up",)
    fields = ("event", "endpoint", "attempts", "next_try_at", "tried_at", "last_status", "last_problem", "delivered_at",
              "given_up")  # fmt: skip
    actions = ("again",)

    @admin.action(description=_("Send again"), permissions=["again"])
    def again(self, request: HttpRequest, deliveries: QuerySet[HookDelivery]) -> None:
        for delivery in deliveries:
            send_again(delivery.pk, timezone.now())

    def has_again_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("api.change_hookendpoint"))
