"""The forms of the status page: a fresh one for every verb, or, for the one that was refused, the one that was sent."""

from typing import Any

from warrantydesk.portal.case_of_customer import CaseOfCustomer
from warrantydesk.portal.forms import CaseForm
from warrantydesk.portal.verbs import VERBS


class Forms:
    def __init__(self, page: CaseOfCustomer, refused: CaseForm | None = None) -> None:
        self._page = page
        self.refused = refused

    def of(self, name: str) -> CaseForm:
        if self.refused is not None and self.refused.name == name:
            return self.refused
        return VERBS[name].form_for(self._page)

    def sent(self, name: str) -> CaseForm | None:
        """The form that was refused, None where the page has an empty one of this name (`blank_forms`)."""
        return self.refused if self.refused is not None and self.refused.name == name else None

    def about(self, name: str, parcel_id: int, **initial: Any) -> CaseForm:
        """The form about one parcel. Its ids are unique on a page with a form for each parcel."""
        if self.refused is not None and self.refused.name == name and self.refused.data.get("parcel") == str(parcel_id):
            return self.refused
        form = VERBS[name].form_for(self._page)
        form.auto_id = f"{name}-{parcel_id}-%s"
        form.initial = {"parcel": parcel_id, **initial}
        return form
