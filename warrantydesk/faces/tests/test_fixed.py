"""What is rendered once: the same in every request, its own in every language, and nothing of anybody."""

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils import translation


def test_fixed_part_is_rendered_once_and_anew_in_another_language() -> None:
    template = Template("{% load desk i18n %}{% fixed %}{% translate 'Close' %}{% endfixed %} {{ who }}")
    assert template.render(Context({"who": "Ada"})) == "Close Ada"
    with translation.override("de"):
        german = template.render(Context({"who": "Bob"}))
    assert german.endswith(" Bob")
    assert german != "Close Bob"
    assert template.render(Context({"who": "Eve"})) == "Close Eve"


@pytest.mark.parametrize(
    "inside", ["{{ who }}", "{% if who %}x{% endif %}", "{% for one in who %}x{% endfor %}", "{% csrf_token %}"]
)
def test_fixed_part_is_refused_when_it_depends_on_somebody(inside: str) -> None:
    with pytest.raises(TemplateSyntaxError, match="depend on nothing"):
        Template("{% load desk %}{% fixed %}" + inside + "{% endfixed %}")
