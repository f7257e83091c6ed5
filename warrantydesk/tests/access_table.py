"""Who may do what, where: every address of the desk × every role × every method, in one reviewed file.

A row is an address (the name of its URL; the route itself where it has no name; `name[verb]` for the verbs of the
admin; `name!action` for an action of a list), what kind of address it is, and who gets in. `*` stands for anything;
the first row that fits decides, so exceptions stand above the rule. An address without a row fails the build, and so
does a row without an address (test_access_table.py).

    Row("staff:archive", verb, SUPPORT),            # one line is all a new address needs
    Row("reports:day", page, MANAGERS, args={"day": "2026-01-31"}),
"""

from warrantydesk.tests.access_kinds import (
    ADMINISTRATORS,
    MANAGERS,
    NOBODY,
    REVIEWERS,
    ROLES,
    STAFF,
    SUPPORT,
    VIEWERS,
    Row,
    action,
    admin,
    admin_any,
    admin_edit,
    admin_look,
    admin_page,
    admin_verb,
    customer_post,
    customer_upload,
    customer_verb,
    of_customer,
    page,
    public,
    public_any,
    public_form,
    public_post,
    public_upload,
    rows,
    signed_in,
    signed_in_any,
    signed_in_verb,
    token,
    verb,
)  # fmt: skip

# What administrators keep on the admin, beside accounts: master data, and how the desk works.
KEPT = "product kitpart voidreason"
HOW_IT_WORKS = "deskcalendar tag assignmentrule absence cannedreply rightsnotice quotetemplate"

IMPORTERS = (*SUPPORT, *ADMINISTRATORS)

TABLE = (
    # The demo's doors, where DEMO is on: for a browser on this very machine.
    Row("demo:front", public),
    Row("demo:enter", public_post, args={"door": "customer"}),
    Row("demo:go_on", public_post),
    # The customer's portal. `customer` came in by the private link of the case the addresses below are about.
    Row("portal:home", public),
    Row("portal:language", public_post),
    Row("portal:ask_link", public_post, opens=(422,)),
    Row("portal:link_asked", public),
    Row("portal:check", public_form, opens=(422, 429)),
    # A request in the making belongs to the browser that began it; these browsers began none.
    Row("portal:request", public_form),
    Row("portal:request_where", public),
    Row("portal:request_sent", public),
    Row("portal:request_step", public_form, args={"name": "product"}),
    Row("portal:request_throw_away", public_post),
    Row("portal:request_remove_file", public_form),
    Row("portal:draft_begin", public_post, opens=(404,)),
    Row("portal:draft_upload", public_upload, opens=(404,)),
    Row("portal:open_link", public_form, opens=(200, 404), args={"token": "no-such-token-at-all-000000000000"}),
    Row("portal:leave", public_post),
    Row("portal:status", of_customer),
    Row("portal:file", of_customer),
    Row("portal:letter", of_customer, opens=(404,)),
    Row("portal:my_data", of_customer),
    Row("portal:packing_slip", of_customer, opens=(404,)),
    Row("portal:begin_upload", customer_post, opens=(400,)),
    Row("portal:upload", customer_upload, opens=(204, 415)),
    *rows(
        "portal:{}", customer_verb, ROLES,
        "message photos numbers description parts quote tracking correct take-back receipt withdraw end-links erase",
    ),
    # Log-in, and one's own account.
    *rows("{}", public_any, ROLES, "login account_login", opens=(302,)),  # who is signed in goes on, by any method
    *rows("{}", public_post, ROLES, "logout account_logout"),
    Row("account", signed_in),
    Row("end_session", signed_in_verb, opens=(404,)),
    Row("end_other_sessions", signed_in_verb),
    Row("own_tokens", signed_in),
    Row("make_own_token", signed_in_verb, opens=(422,)),
    Row("end_own_token", signed_in_verb, opens=(404,)),
    Row("account_reauthenticate", signed_in_any),
    Row("mfa_authenticate", public_any, opens=(302,)),  # to the log-in: nobody here is between password and factor
    *rows("mfa_{}", signed_in, ROLES, "index view_recovery_codes list_webauthn", opens=(404,)),
    Row("mfa_*", signed_in_any, opens=(404,)),
    # The queue, the case and its verbs.
    *rows("staff:{}", page, VIEWERS, "queue case file parcels carriers answer workshop bench"),
    *rows("staff:{}", page, VIEWERS, "packing_slip scan_proof pause_proof letter", opens=(404,)),
    Row("staff:draft_letter", page, VIEWERS, opens=(404,)),
    Row("staff:replay", page, REVIEWERS),
    Row("style", page, VIEWERS),
    *rows(
        "staff:{}", verb, REVIEWERS,
        "approve deny undo record_finding decide_part clear_verdict confirm_pause withdraw_pause close_lost",
    ),
    *rows(
        "staff:{}", verb, SUPPORT,
        "assign_many begin_review request_information reopen start_repair send_back deliver_replacement "
        "return_unrepaired reopen_return withdraw set_purchase describe claim_parts confirm_part drop_part "
        "record_replacement write_quote send_quote answer_quote plan_unrepaired_return drop_unrepaired_return "
        "book_parcel confirm_parcel cancel_parcel enter_scan mark_lost repack_parcel write_to_customer add_note "
        "assign mark_fault note_picture turn_picture look_again send_again take_as_sent send_link "
        "revoke_links receive_parcel receive_unannounced report_repair use_part tag untag tag_many",
    ),
    Row("staff:away", page, SUPPORT),
    Row("staff:say_away", verb, SUPPORT, opens=(422,)),
    Row("staff:take_back_absence", verb, SUPPORT, opens=(404,)),
    Row("staff:presence", page, VIEWERS, opens=(200, 204)),
    *rows("staff:{}", verb, VIEWERS, "keep_view drop_view", opens=(404,)),
    *rows("staff:{}", verb, SUPPORT, "take_back_part fill_reply fill_quote", opens=(404,)),
    # Held mail.
    *rows("intake:{}", page, VIEWERS, "mail held_mail"),
    *rows("intake:{}", verb, SUPPORT, "dismiss_many make_case attach dismiss take_back"),
    # Managers and administrators.
    Row("reports:overview", page, MANAGERS),
    *rows("reports:{}", page, MANAGERS, "report cases print_page export_page export_file", opens=(404,)),
    *rows("reports:{}", verb, MANAGERS, "subscribe save_filter drop_filter ask_export", opens=(404,)),
    # Sales: files to import, serial numbers while packing.
    *rows("sales:{}", page, IMPORTERS, "imports template packing"),
    *rows("sales:{}", page, IMPORTERS, "import rejected", opens=(404,)),
    *rows("sales:{}", verb, IMPORTERS, "upload columns take undo record", opens=(404,)),
    Row("privacy", page, MANAGERS),
    *rows("privacy_{}", verb, MANAGERS, "export erase"),
    *rows("{}", page, MANAGERS, "audit audit_export"),
    Row("system", page, ADMINISTRATORS),
    Row("limits", page, ADMINISTRATORS),
    Row("lift_limit", verb, ADMINISTRATORS, opens=(404,)),
    # Machines. What proves who they are is the business of their own tests; without a proof nothing opens.
    Row("tracking_hook", public_post, opens=(404,), args={"carrier": "dhl"}),
    Row("mail_hook*", public_post, opens=(404,), args={"provider": "mailgun"}),
    Row("csp_report", public_post, opens=(204,)),
    Row("security_txt", public),
    Row("shop_hook", public_post, opens=(404,)),
    *rows("api:{}", public, ROLES, "openapi docs"),
    Row("api:*", token),  # a browser's session is worth nothing there; scopes and roles: warrantydesk/api/tests
    *rows("{}", public, ROLES, "metrics healthz"),
    Row("readyz", public, opens=(200, 500)),  # 500: no worker is alive
    # The admin itself.
    *rows("{}", public_form, ROLES, "/admin/login/ admin:login", opens=(302,)),
    Row("admin:logout", public_form, opens=(302, 405)),
    *rows("admin:{}", admin, STAFF, "index search password_change"),
    *rows("admin:{}", admin_page, STAFF, "password_change_done jsi18n"),
    Row("admin:autocomplete", admin_page, NOBODY),
    *rows("{}", admin_any, ROLES, "admin:view_on_site admin:app_list /admin/(?P<url>.*)$", opens=(404,)),
    Row("/admin/*/<path:object_id>/", admin_any),
    # Its verbs, as on the case page.
    *rows("admin:cases_case_transition[{}]", admin_verb, REVIEWERS, "approve deny undo"),
    Row("admin:cases_case_transition[*]", admin_verb, SUPPORT),
    Row("admin:products_coveredpart_do[replace]", admin_verb, SUPPORT),
    Row("admin:products_coveredpart_do[*]", admin_verb, REVIEWERS),
    Row("admin:products_*_do[*]", admin_verb, MANAGERS),
    *rows("admin:cases_outgoingmail!{}", action, SUPPORT, "send_selected_again take_selected_as_sent"),
    Row("admin:products_kitpart!delete_selected", action, ADMINISTRATORS),
    *rows("admin:cases_{}!delete_selected", action, ADMINISTRATORS, HOW_IT_WORKS),
    Row("admin:api_hookendpoint!*", action, ADMINISTRATORS),
    Row("admin:api_apitoken!revoke", action, ADMINISTRATORS),
    Row("admin:api_hookdelivery!again", action, ADMINISTRATORS),
    Row("admin:*!delete_selected", action, NOBODY),
    # What only a superuser sees: the works of the machine, and the hashes of private links.
    *rows(
        "admin:{}_*", admin, NOBODY,
        "cases_caselink shipments_carrierhealth shipments_trackinghook shipments_pauseproof intake_mailboxstate "
        "cases_filebasket cases_heldfile",
    ),
    # Accounts and roles.
    Row("admin:accounts_user_delete", admin, NOBODY),
    Row("admin:accounts_user_*", admin, ADMINISTRATORS),
    Row("admin:auth_user_password_change", admin, ADMINISTRATORS),
    Row("admin:auth_group_change", admin_look, ADMINISTRATORS),
    *rows("admin:auth_group_{}", admin, ADMINISTRATORS, "changelist history"),
    # Tokens and webhooks.
    Row("admin:api_hookendpoint_*", admin, ADMINISTRATORS),
    Row("admin:api_apitoken_add", admin, ADMINISTRATORS),
    *rows("admin:api_*_{}", admin, NOBODY, "add delete"),
    Row("admin:api_*_change", admin_look, ADMINISTRATORS),
    Row("admin:api_*", admin, ADMINISTRATORS),
    # What administrators keep.
    *rows("admin:products_{}_change", admin_edit, ADMINISTRATORS, KEPT),
    *rows("admin:products_{}_add", admin, ADMINISTRATORS, "product kitpart warrantyterms"),
    Row("admin:products_kitpart_delete", admin, ADMINISTRATORS),
    *rows("admin:cases_{}_change", admin_edit, ADMINISTRATORS, HOW_IT_WORKS),
    *rows("admin:cases_{}_add", admin, ADMINISTRATORS, HOW_IT_WORKS),
    *rows("admin:cases_{}_delete", admin, ADMINISTRATORS, HOW_IT_WORKS.removeprefix("deskcalendar ")),
    Row("admin:*_process_import", admin_verb, ADMINISTRATORS),
    Row("admin:*_import", admin, ADMINISTRATORS),
    Row("admin:*_export", admin, VIEWERS),
    Row("admin:audit_auditentry_change", admin_look, MANAGERS),
    *rows("admin:audit_auditentry_{}", admin, MANAGERS, "changelist history"),
    # Every record.
    *rows("admin:*_{}", admin, NOBODY, "add delete"),
    Row("admin:*_change", admin_look, VIEWERS),  # terms in force too: they are nobody's to change
    *rows("admin:*_{}", admin, VIEWERS, "changelist history"),
)  # fmt: skip
