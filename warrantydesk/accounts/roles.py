"""The roles of the desk as groups, each with its permissions by verb (contracts.md, "Roles").

viewer < support < reviewer < manager, each with all the former may do; administrator stands beside them.
"""

from typing import Any

VIEWER = (
    "products.view_product", "products.view_kitpart",
    "products.view_warrantyterms", "products.view_voidreason",
    "products.view_customer", "products.view_invoice", "products.view_invoiceline", "products.view_soldunit",
    "products.view_coveredpart", "products.view_pausewindow", "products.view_serialchange", "products.view_partvoid",
    "products.view_clockchange", "products.view_salecorrection",
    "cases.view_case", "cases.view_claimedpart", "cases.view_evidence", "cases.view_quote", "cases.view_quoteline",
    "cases.view_message", "cases.view_outgoingmail", "cases.view_caseevent",
    "cases.view_evidenceupload", "cases.view_uploadedpiece",
    "cases.view_deskcalendar", "cases.view_holiday", "cases.view_tag", "cases.view_absence",
    "cases.view_assignmentrule",
    "cases.view_decisionletter", "cases.view_rightsnotice", "cases.view_cannedreply",
    "cases.view_quotetemplate", "cases.view_quotetemplateline", "cases.view_repairreport", "cases.view_usedpart",
    "shipments.view_repairshipment", "shipments.view_packedpart", "shipments.view_trackingevent",
    "intake.view_incomingmail",
)  # fmt: skip
SUPPORT = (*VIEWER, "cases.handle_case", "shipments.handle_shipment", "intake.handle_mail", "products.import_invoices")
REVIEWER = (*SUPPORT, "cases.decide_case", "cases.grant_goodwill", "products.confirm_pause")
MANAGER = (
    *REVIEWER, "cases.see_reports", "cases.export_data", "cases.erase_customer", "products.change_invoice",
    "audit.view_auditentry",
)  # fmt: skip
ADMINISTRATOR = (
    *VIEWER,
    "products.import_invoices", "products.import_catalogue", "products.add_product", "products.change_product",
    "products.add_kitpart", "products.change_kitpart",
    "products.delete_kitpart", "products.add_warrantyterms",
    "products.change_warrantyterms", "products.change_voidreason",
    "cases.add_deskcalendar", "cases.change_deskcalendar", "cases.delete_deskcalendar",
    "cases.add_holiday", "cases.change_holiday", "cases.delete_holiday",
    "cases.add_tag", "cases.change_tag", "cases.delete_tag",
    "cases.add_absence", "cases.change_absence", "cases.delete_absence",
    "cases.add_assignmentrule", "cases.change_assignmentrule", "cases.delete_assignmentrule",
    "cases.add_cannedreply", "cases.change_cannedreply", "cases.delete_cannedreply",
    "cases.add_quotetemplate", "cases.change_quotetemplate", "cases.delete_quotetemplate",
    "cases.add_quotetemplateline", "cases.change_quotetemplateline", "cases.delete_quotetemplateline",
    "cases.add_rightsnotice", "cases.change_rightsnotice", "cases.delete_rightsnotice",
    "accounts.view_user", "accounts.add_user", "accounts.change_user", "auth.view_group",
    "faces.view_limitcount", "faces.delete_limitcount", "api.view_apitoken", "api.add_apitoken", "api.view_shophook",
    "api.view_hookendpoint", "api.add_hookendpoint", "api.change_hookendpoint", "api.delete_hookendpoint",
    "api.view_hookdelivery",
    "products.view_importrun",
)  # fmt: skip

ROLES: dict[str, tuple[str, ...]] = {
    "viewer": VIEWER,
    "support": SUPPORT,
    "reviewer": REVIEWER,
    "manager": MANAGER,
    "administrator": ADMINISTRATOR,
}


def install_roles(using: str = "default", **_kwargs: Any) -> None:
    """Make every role and give it exactly the permissions of the table above. Run by `migrate`; may run again."""
    from django.apps import apps
    from django.contrib.auth.management import create_permissions
    from django.contrib.auth.models import Group, Permission

    for label in {permission.split(".")[0] for permissions in ROLES.values() for permission in permissions}:
        create_permissions(apps.get_app_config(label), verbosity=0, using=using)
    known = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.using(using).select_related("content_type")
    }
    for role, permissions in ROLES.items():
        group, _made = Group.objects.using(using).get_or_create(name=role)
        group.permissions.set([known[name] for name in permissions])
