"""A form with a file that proves what it says: stored before the transaction that names it, gone again if refused."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django import forms
from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _

from products.errors import Refused
from shipments.services.proofs import KeptProof, keep_proof
from warrantydesk.staff.forms.base import VerbForm


def proof_file_field() -> forms.FileField:
    return forms.FileField(
        label=_("The proof itself"),
        required=False,
        help_text=_("A photo or a PDF, 20 MB at most."),
        widget=forms.FileInput(attrs={"accept": "image/*,application/pdf,.heic,.heif"}),
    )


class ProvedForm(VerbForm):
    """What happened, in words that prove it, and the paper itself where there is one."""

    proof = forms.CharField(
        label=_("What proves it"), max_length=500, help_text=_("A receipt, the carrier's page, the customer's mail …")
    )
    proof_file = proof_file_field()

    @contextmanager
    def kept(self) -> Iterator[KeptProof | None]:
        """The file, stored; removed again where the service refuses."""
        file = self.cleaned_data["proof_file"]
        proof = keep_proof(file.name, file, file.size, self.on_desk.now) if file else None
        try:
            yield proof
        except Exception:
            if proof:
                default_storage.delete(proof.key)
            raise

    def refuse(self, refused: Refused, words: str = "") -> None:
        super().refuse(refused, words)
        self._ask_for_the_file_again()

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.errors:
            self._ask_for_the_file_again()
        return cleaned

    def _ask_for_the_file_again(self) -> None:
        """Browsers keep what was typed, but never a file."""
        if self.files.get("proof_file") and "proof_file" not in self.errors:
            self.add_error("proof_file", _("Choose the file once more: it was not kept."))
