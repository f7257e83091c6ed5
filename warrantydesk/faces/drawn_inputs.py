"""Plain fields of forms, drawn in one pass: Django takes two templates for each, and a page has dozens of them.

What they look like is what Django's own templates make of them, which a test compares; any other widget is rendered
as ever.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.forms.renderers import TemplatesSetting
from django.utils.html import conditional_escape
from django.utils.safestring import mark_safe

Widget = Mapping[str, Any]


class DrawingInputs(TemplatesSetting):
    """Django's renderer of forms (FORM_RENDERER)."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        draw = DRAWN.get(template_name)
        if draw is None:
            return super().render(template_name, context, request)
        return mark_safe(draw(context["widget"], self))  # noqa: S308 - every piece is escaped below


def _input(widget: Widget, _renderer: DrawingInputs) -> str:
    value = "" if widget["value"] is None else f' value="{_escaped(widget["value"])}"'
    return f'<input type="{_escaped(widget["type"])}" name="{_escaped(widget["name"])}"{value}{_attributes(widget)}>'


def _textarea(widget: Widget, _renderer: DrawingInputs) -> str:
    written = _escaped(widget["value"]) if widget["value"] else ""
    return f'<textarea name="{_escaped(widget["name"])}"{_attributes(widget)}>\n{written}</textarea>'


def _select(widget: Widget, renderer: DrawingInputs) -> str:
    lines = [f'<select name="{_escaped(widget["name"])}"{_attributes(widget)}>']
    for group, options, _place in widget["optgroups"]:
        drawn = (f"  {renderer.render(one['template_name'], {'widget': one})}\n" for one in options)
        lines += [f'  <optgroup label="{_escaped(group)}">', *drawn, "  </optgroup>"] if group else drawn
    return "\n".join([*lines, "</select>"])


def _option(widget: Widget, _renderer: DrawingInputs) -> str:
    return f'<option value="{_escaped(widget["value"])}"{_attributes(widget)}>{_escaped(widget["label"])}</option>'


def _attributes(widget: Widget) -> str:
    given = ((_escaped(name), value) for name, value in widget["attrs"].items() if value is not False)
    return "".join(f" {name}" if value is True else f' {name}="{_escaped(value)}"' for name, value in given)


def _escaped(value: Any) -> str:
    return conditional_escape(str(value))


INPUTS = ("text", "hidden", "email", "number", "file", "checkbox")
DRAWN: dict[str, Callable[[Widget, DrawingInputs], str]] = {
    **{f"django/forms/widgets/{kind}.html": _input for kind in INPUTS},
    "django/forms/widgets/textarea.html": _textarea,
    "django/forms/widgets/select.html": _select,
    "django/forms/widgets/select_option.html": _option,
}
