"""Every address of the desk (contracts.md, "Addresses")."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import include, path
from django.views.generic import RedirectView

from shipments.webhooks import take_hook
from warrantydesk.accounts.login import DeskLogin
from warrantydesk.api import own_tokens
from warrantydesk.api.shop.views import take_shop_hook
from warrantydesk.audit.views import audit
from warrantydesk.audit.views import export as audit_export
from warrantydesk.faces.access import desk_page
from warrantydesk.faces.limits_page import lift_limit, limits_page
from warrantydesk.faces.styleguide import style_page
from warrantydesk.health import healthz, readyz
from warrantydesk.intake.hooks.views import take_mail
from warrantydesk.metrics import metrics
from warrantydesk.privacy.views import erase, export, privacy
from warrantydesk.security import security_txt, take_csp_report
from warrantydesk.system_page import system_page

handler400 = "warrantydesk.faces.refused.bad_request"
urlpatterns = [
    path("", include("warrantydesk.portal.urls")),
    path("desk/login/", DeskLogin.as_view(), name="login"),
    path("desk/logout/", LogoutView.as_view(), name="logout"),
    # The same two under the names that django-allauth knows them by.
    path("desk/login/", DeskLogin.as_view(), name="account_login"),
    path("desk/logout/", LogoutView.as_view(), name="account_logout"),
    path("desk/account/", include("warrantydesk.accounts.urls")),
    path("desk/account/tokens/", own_tokens.tokens, name="own_tokens"),
    path("desk/account/tokens/make/", own_tokens.make, name="make_own_token"),
    path("desk/account/tokens/<int:token_id>/end/", own_tokens.end, name="end_own_token"),
    path("desk/reports/", include("warrantydesk.reports.urls")),
    path("desk/privacy/", privacy, name="privacy"),
    path("desk/privacy/export/", export, name="privacy_export"),
    path("desk/privacy/erase/", erase, name="privacy_erase"),
    path("desk/audit/", audit, name="audit"),
    path("desk/audit/export/", audit_export, name="audit_export"),
    path("desk/limits/", limits_page, name="limits"),
    path("desk/limits/<int:count_id>/lift/", lift_limit, name="lift_limit"),
    path("desk/system/", system_page, name="system"),
    path("desk/sales/", include("warrantydesk.sales.urls")),
    path("desk/mail/", include("warrantydesk.intake.urls")),
    # Every component with difficult content, for whoever builds a page.
    *([path("desk/style/", desk_page("cases.view_case")(style_page), name="style")] if settings.DEBUG else []),
    path("desk/", include("warrantydesk.staff.urls")),
    *([path("demo/", include("warrantydesk.demo.urls"))] if settings.DEMO else []),
    path("admin/login/", RedirectView.as_view(pattern_name="login", query_string=True)),
    path("admin/", admin.site.urls),
    path("hooks/tracking/<slug:carrier>/", take_hook, name="tracking_hook"),
    path("hooks/mail/<slug:provider>/", take_mail, name="mail_hook"),
    # Mailgun posts a mail raw where the address has "mime" in it, and in pieces everywhere else.
    path("hooks/mail/<slug:provider>/mime/", take_mail, name="mail_hook_mime"),
    path("hooks/shopify/", take_shop_hook, name="shop_hook"),
    path("api/v1/", include("warrantydesk.api.urls")),
    path(".well-known/security.txt", security_txt, name="security_txt"),
    path("csp-report/", take_csp_report, name="csp_report"),
    path("metrics", metrics, name="metrics"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
]
