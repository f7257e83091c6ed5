"""The site of the administration: Unfold's, with a side that is not worked out anew on every page.

What somebody finds in the side follows from what they may do, and from the language: no `has_…_permission` of ours
that is asked without a row looks at anything else.
"""

from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from tablib.formats import registry
from unfold.sites import UnfoldAdminSite

APP = (
    '<div class="app-{label} module{current}"><ol class="px-6"><li><h2><a href="{url}" class="block font-semibold mb-2 '
    'mt-4 text-font-important-light text-sm truncate dark:text-font-important-dark" title="{title}">{name}</a></h2>'
    '<ol class="flex flex-col gap-0.5">{models}</ol></li></ol></div>'
)
MODEL = (
    '<li class="model-{}{}"><a href="{}" id="link-{}-{}" class="flex items-center h-[38px] -mx-3 px-3 rounded-default '
    'truncate hover:text-primary-600 dark:hover:text-primary-500 {}">{}</a></li>'
)
CURRENT = "bg-base-100 font-semibold text-primary-600 dark:bg-white/[.06] dark:text-primary-500 active"


class AdministrationConfig(AdminConfig):
    default = False
    default_site = "warrantydesk.faces.administration.Administration"

    def ready(self) -> None:
        registry.register("xlsx", _XlsxOnceUsed())
        super().ready()


class _XlsxOnceUsed:
    """Tablib's XLSX. django-import-export asks every format whether it is there while it is imported itself, which
    loads openpyxl and Pillow, 8 MB, into every process; this one is there, and loads them when more is asked of it."""

    def __getattr__(self, name: str) -> Any:
        return getattr(import_string("tablib.formats._xlsx.XLSXFormat"), name)


class Administration(UnfoldAdminSite):
    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        user: Any = request.user
        may = None if user.is_superuser and user.is_active else frozenset(user.get_all_permissions())
        known = self._app_list(may, get_language(), app_label)
        return [{**app, "models": [dict(model) for model in app["models"]]} for app in known]

    @lru_cache(maxsize=64)  # noqa: B019  # there is one site, as long as the process lives
    def _app_list(self, may: frozenset[str] | None, _language: str | None, app_label: str | None) -> Any:
        """`may` None: a superuser."""
        return super().get_app_list(_asking(may), app_label)


class _Somebody:
    """Stands for everybody who may do the same."""

    is_active = is_staff = is_authenticated = True

    def __init__(self, may: frozenset[str] | None) -> None:
        self._may, self.is_superuser = may, may is None

    def has_perm(self, name: str, _row: Any = None) -> bool:
        return self._may is None or name in self._may

    def has_module_perms(self, app_label: str) -> bool:
        return self._may is None or any(name.startswith(f"{app_label}.") for name in self._may)


def _asking(may: frozenset[str] | None) -> Any:
    return SimpleNamespace(user=_Somebody(may))


def side_of(app_list: list[dict[str, Any]], path: str) -> SafeString:
    """As Unfold's admin/app_list.html draws it: the lists somebody may open."""
    lines = (
        {
            "label": app["app_label"],
            "current": " current-app" if app["app_url"] in path else "",
            "url": app["app_url"],
            "title": _("Models in the %(name)s application") % {"name": app["name"]},
            "name": app["name"],
            "models": format_html_join(
                "", MODEL, [_model(app, one, path) for one in app["models"] if one["admin_url"]]
            ),
        }
        for app in app_list
    )
    return format_html_join("", "{}", ((format_html(APP, **line),) for line in lines))


def _model(app: dict[str, Any], model: dict[str, Any], path: str) -> tuple[Any, ...]:
    url, name = model["admin_url"], model["object_name"].lower()
    is_current = url in path
    words = (" current-model", CURRENT) if is_current else ("", "")
    return name, words[0], url, app["app_label"], name, words[1], model["name"]
