"""The parts of a page that are the same for everybody, rendered once in a process and language.

They are rendered without a context, so nothing of a request or a person can get into them: what asks for a variable
is refused when the template is read.
"""

from typing import Any

from django import template
from django.template.base import NodeList, VariableNode
from django.template.defaulttags import CsrfTokenNode, ForNode, IfNode
from django.template.loader_tags import BlockNode
from django.utils.translation import get_language

OF_A_REQUEST = (VariableNode, IfNode, ForNode, BlockNode, CsrfTokenNode)


class FixedNode(template.Node):
    child_nodelists = ()  # there is no block within, so nobody has to look for one on every page

    def __init__(self, nodes: NodeList) -> None:
        if any(nodes.get_nodes_by_type(kind) for kind in OF_A_REQUEST):
            raise template.TemplateSyntaxError("fixed: what is rendered once may depend on nothing")
        self._nodes = nodes
        self._rendered: dict[str | None, str] = {}

    def render(self, context: Any) -> str:
        language = get_language()
        if language not in self._rendered:
            alone = template.Context()
            with alone.bind_template(context.template):
                self._rendered[language] = self._nodes.render(alone)
        return self._rendered[language]
