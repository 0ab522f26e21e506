"""What citeproc-py looks up again for every reference, kept: macros by name, whether one shows a variable, expressions.

A style never changes while a list is written, and most of the time of APA went into finding its macros by XPath.
Only where things are found changes, not what citeproc makes of them.
"""

from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Any

from citeproc import model
from citeproc.source import CitationItem
from lxml import etree

_MACRO = "{http://purl.org/net/xbiblio/csl}macro"


@lru_cache(maxsize=1000)
def _expression(expression: str, names: tuple[tuple[str, str], ...]) -> etree.XPath:
    return etree.XPath(expression, namespaces=dict(names))


def _search(element: Any, expression: str) -> Any:
    """Finds by an expression that is read once."""
    return _expression(expression, tuple(element.nsmap.items()))(element)


def _macros(root: Any) -> Mapping[str, Any]:
    """Returns the macros of a style by name, the first of each name; they stay with its root."""
    kept: Mapping[str, Any] | None = getattr(root, "kept_macros", None)
    if kept is None:
        kept = {macro.get("name"): macro for macro in reversed(root.findall(_MACRO))}
        root.kept_macros = kept
        root.kept_calls = {}
    return kept


def _get_macro(element: Any, name: str) -> Any:
    return _macros(element.get_root())[name]


def _calls_variable(macro: Any) -> bool:
    root = macro.get_root()
    _macros(root)
    calls: dict[str, bool] = root.kept_calls
    name = macro.get("name")
    if name not in calls:
        calls[name] = model.Parent.calls_variable(macro)
    return calls[name]


def _type(condition: Any, item: Any) -> list[bool]:
    kind = item.reference.type
    return [name.lower() == kind for name in condition.get("type").split()]


class KeptItem(CitationItem):
    """An item of one reference, which finds its record once."""

    def __init__(self, key: str) -> None:
        super().__init__(key)  # type: ignore[no-untyped-call]

    @cached_property
    def reference(self) -> Any:
        """The record."""
        return super().reference


def keep_lookups() -> None:
    """Has citeproc-py keep what it looks up in a style."""
    for kind, name, kept in (
        (model.CitationStylesElement, "xpath_search", _search),
        (model.CitationStylesElement, "get_macro", _get_macro),
        (model.Macro, "calls_variable", _calls_variable),
        (model.If, "_type", _type),
    ):
        setattr(kind, name, kept)
