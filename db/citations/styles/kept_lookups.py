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

from db.citations.styles.settled_style import CALLS

_MACRO = "{http://purl.org/net/xbiblio/csl}macro"


@lru_cache(maxsize=1000)
def _expression(expression: str, names: tuple[tuple[str, str], ...]) -> etree.XPath:
    return etree.XPath(expression, namespaces=dict(names))


def _search(element: Any, expression: str) -> Any:
    """Finds by an expression that is read once; of an element that is kept, what was found is kept too."""
    kept = element.__dict__.get("kept_finds")
    if kept is None:
        return _expression(expression, tuple(element.nsmap.items()))(element)
    if expression not in kept:
        kept[expression] = _expression(expression, tuple(element.nsmap.items()))(element)
    return kept[expression]


def _macros(root: Any) -> Mapping[str, Any]:
    """Returns the macros of a style by name, the first of each name; they stay with its root."""
    kept: Mapping[str, Any] | None = getattr(root, "kept_macros", None)
    if kept is None:
        kept = {macro.get("name"): macro for macro in reversed(root.findall(_MACRO))}
        root.kept_macros = kept
    return kept


def _get_macro(element: Any, name: str) -> Any:
    return _macros(element.get_root())[name]


def _calls_variable(kind: Any) -> Any:
    """Returns the method of a kind of element that says whether it names a variable: by what was written on it."""
    own = kind.calls_variable

    def calls_variable(element: Any) -> bool:
        kept = element.get(CALLS)
        return bool(own(element)) if kept is None else kept == "1"

    return calls_variable


def _get_root(element: Any) -> Any:
    kept = getattr(element, "kept_root", None)
    return element.getroottree().getroot() if kept is None else kept


def _get_formatter(element: Any) -> Any:
    root = _get_root(element)
    return root.style.formatter if isinstance(root, model.Locale) else root.formatter


def _term(locale: Any, name: str, form: str | None = None, zero_padded: bool = False) -> Any:
    """Finds a term of a locale once; a locale that lacks it says so as often as it is asked."""
    kept = locale.__dict__.setdefault("kept_terms", {})
    asked = name, form, zero_padded
    if asked not in kept:
        try:
            kept[asked] = _FIND_TERM(locale, name, form, zero_padded=zero_padded)
        except IndexError:
            kept[asked] = None
    if kept[asked] is None:
        raise IndexError(name)
    return kept[asked]


_FIND_TERM: Any = model.Locale.get_term
_FONTS = {"font-style", "font-variant", "font-weight", "text-decoration", "vertical-align"}
_FORMAT: Any = model.Formatted.format
_WRAP: Any = model.Affixed.wrap
_QUOTE: Any = model.Quoted.quote


def _format(element: Any, text: Any) -> Any:
    if _FONTS & set(element.keys()):
        return _FORMAT(element, text)
    return str(text) if isinstance(text, int | float) else text


def _quote(element: Any, text: Any) -> Any:
    return text if element.get("quotes") is None else _QUOTE(element, text)


def _wrap(element: Any, text: Any) -> Any:
    """Puts prefix and suffix round a text; one without either stays the same object."""
    return _WRAP(element, text) if element.get("prefix") or element.get("suffix") else text


def keep_elements(root: Any) -> None:
    """Keeps the objects that stand for a style's elements, and for those of its locales, as long as the style."""
    for top in (root, *root.locales):
        top.kept_elements = list(top.iter())
        for element in top.kept_elements:
            element.kept_root, element.kept_finds = top, {}


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


_CALLERS = (model.Parent, model.Text, model.Date, model.Number, model.Names, model.Label, model.Group)
_CALLS_VARIABLE = {kind: _calls_variable(kind) for kind in _CALLERS}


def keep_lookups() -> None:
    """Has citeproc-py keep what it looks up in a style."""
    for kind, name, kept in (
        (model.CitationStylesElement, "xpath_search", _search),
        (model.CitationStylesElement, "get_macro", _get_macro),
        (model.CitationStylesElement, "get_root", _get_root),
        (model.CitationStylesElement, "get_formatter", _get_formatter),
        (model.Locale, "get_formatter", _get_formatter),
        (model.Locale, "get_term", _term),
        (model.Formatted, "format", _format),
        (model.Quoted, "quote", _quote),
        (model.Affixed, "wrap", _wrap),
        *((kind, "calls_variable", _CALLS_VARIABLE[kind]) for kind in _CALLERS),
        (model.If, "_type", _type),
    ):
        setattr(kind, name, kept)
