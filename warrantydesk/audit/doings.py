"""What happens to accounts by doors that are Django's and its libraries' own, heard where they tell of it.

These are the signals of log-in, second factors, roles and exports of the admin: every way in and out sends them, so no
door can be forgotten. What is ours puts itself on record (products/auditing.py).
"""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db.models.signals import m2m_changed, post_delete, post_save
from import_export.signals import post_export, post_import

from products.auditing import put_on_record

ROLES = {"post_add": "account.role_given", "post_remove": "account.role_taken", "pre_clear": "account.role_taken"}


def follow_accounts() -> None:
    user_logged_in.connect(_logged_in, dispatch_uid="audit: logged in")
    user_logged_out.connect(_logged_out, dispatch_uid="audit: logged out")
    roles: Any = get_user_model()
    m2m_changed.connect(_roles_changed, sender=roles.groups.through, dispatch_uid="audit: roles")
    # By its rows: allauth's own signals are sent after the commit, and lost with a process that dies just then.
    post_save.connect(_factor_saved, sender=Authenticator, dispatch_uid="audit: factor added")
    post_delete.connect(_factor_gone, sender=Authenticator, dispatch_uid="audit: factor removed")
    post_export.connect(_exported, dispatch_uid="audit: admin's export")
    post_import.connect(_imported, dispatch_uid="audit: admin's import")


def _logged_in(user: Any, **_kwargs: Any) -> None:
    put_on_record("account.logged_in", "user", user.pk, who="staff", person=user.pk)


def _logged_out(user: Any, **_kwargs: Any) -> None:
    if user is not None:  # nobody was signed in
        put_on_record("account.logged_out", "user", user.pk, who="staff", person=user.pk)


def _roles_changed(instance: Any, action: str, reverse: bool, pk_set: set[int] | None, **_kwargs: Any) -> None:
    if action not in ROLES or (pk_set is not None and not pk_set):
        return
    if reverse:  # somebody was put into a role, or all of them out of it
        people = instance.user_set.all() if pk_set is None else instance.user_set.model.objects.filter(pk__in=pk_set)
        changed = [(key, [instance.name]) for key in people.values_list("pk", flat=True)]
    else:
        roles = instance.groups.all() if pk_set is None else Group.objects.filter(pk__in=pk_set)
        changed = [(instance.pk, sorted(roles.values_list("name", flat=True)))]
    for key, names in changed:
        if names:
            put_on_record(ROLES[action], "user", key, facts={"roles": names})


def _factor_saved(instance: Authenticator, created: bool, **_kwargs: Any) -> None:
    if created:  # saved again it was used
        put_on_record("account.factor_added", "user", instance.user_id, facts={"factor": str(instance.type)})


def _factor_gone(instance: Authenticator, **_kwargs: Any) -> None:
    put_on_record("account.factor_removed", "user", instance.user_id, facts={"factor": str(instance.type)})


def _exported(model: Any, **_kwargs: Any) -> None:
    put_on_record("export.admin", model._meta.model_name, None)


def _imported(model: Any, **_kwargs: Any) -> None:
    put_on_record("admin.imported", model._meta.model_name, None)
