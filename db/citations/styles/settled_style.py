"""The part of a style that one kind of item can reach: what its type and variables decide is decided once.

A style asks of every reference again what type it is and which variables it has; APA's many types make these questions
most of the work. Items of one type with the same variables get the same answers, so that each kind of item is given a
copy of the style in which they are settled: branches that cannot be taken are gone, what is left is the style's own.
"""

from collections.abc import Iterable
from typing import Any

_NAMESPACE = "{http://purl.org/net/xbiblio/csl}"
_CHOOSE, _ELSE = f"{_NAMESPACE}choose", f"{_NAMESPACE}else"
#: What a branch asks, and whether a bibliography's answer hangs on nothing but the kind of item.
_SETTLED = ("type", "variable", "position")
_OPEN = ("is-numeric", "is-uncertain-date", "locator", "disambiguate")
#: Whether an element names a variable, as the whole style has it: a group is left out where those it names are empty.
CALLS = "kept-calls"


def settle(root: Any, kind: str, variables: Iterable[str]) -> None:
    """Takes away what an item of a type with these variables (CSL's names) never reaches, in place.

    How conditions add up follows citeproc-py's `If`: the answers to all its attributes, by `match` (CSL 1.0.2, Choose).
    """
    held = frozenset(variables)
    for element in root.iter(f"{_NAMESPACE}*"):
        calls = getattr(element, "calls_variable", None)
        if calls is not None:
            element.set(CALLS, "1" if calls() else "0")
    for choose in list(root.iter(_CHOOSE)):
        if any(parent.tag == f"{_NAMESPACE}citation" for parent in choose.iterancestors()):
            continue
        _settle_choice(choose, kind, held)


def _settle_choice(choose: Any, kind: str, held: frozenset[str]) -> None:
    taken = False
    for branch in list(choose):
        answer = True if branch.tag == _ELSE else _answer(branch, kind, held)
        if taken or answer is False:
            choose.remove(branch)
        elif answer:
            taken = True
            if branch.tag != _ELSE:
                _always(branch)


def _always(branch: Any) -> None:
    """Makes a branch one whose condition holds: nothing is asked, and of no answers all are yes."""
    for name in (*_SETTLED, "match"):
        branch.attrib.pop(name, None)


def _answer(branch: Any, kind: str, held: frozenset[str]) -> bool | None:
    """Returns whether a branch is taken; None where that hangs on more than the kind of item."""
    known = [name.lower() == kind for name in branch.get("type", "").split()]
    known += [name != "locator" and name in held for name in branch.get("variable", "").split()]
    known += [False] if "position" in branch.attrib else []
    is_open = any(name in branch.attrib for name in _OPEN)
    match = branch.get("match")
    if match == "any":
        return True if any(known) else None if is_open else False
    if match == "none":
        return False if any(known) else None if is_open else True
    return False if not all(known) else None if is_open else True
