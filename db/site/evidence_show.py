"""How evidence is shown in templates: designs, balances and cells in words."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from db.evidence.balance import DIRECTION_GROUPS
from db.evidence.matrix import Cell
from db.site.plots.forest import adjusted_words, interval_words
from db.terms import DESIGNS, STUDY_DESIGNS, design_words

_NAMED_DESIGNS = 4


def directions_words(cell: Cell) -> str:
    """Returns a cell's directions for screen readers: "3 decreases, 1 unclear"."""
    found = zip(DIRECTION_GROUPS, cell.directions, strict=True)
    return ", ".join(f"{number} {group.words}" for group, number in found if number)


def directions_signs(cell: Cell) -> str:
    """Returns a cell's directions in signs: "▼3 ?1"."""
    found = zip(DIRECTION_GROUPS, cell.directions, strict=True)
    return " ".join(f"{group.sign}{number}" for group, number in found if number)


def designs_words(cell: Cell) -> str:
    """Returns a cell's designs, the strongest first: "2 meta-analyses, 4 cohorts"."""
    named = [f"{number} {design_words(design, number)}" for design, number in cell.designs[:_NAMED_DESIGNS]]
    others = sum(number for _, number in cell.designs[_NAMED_DESIGNS:])
    return ", ".join([*named, *([f"{others} of other designs"] if others else [])])


def best_design(cell: Cell) -> str:
    """Returns a cell's strongest design in short: "RCT 4"."""
    design, number = cell.designs[0]
    return f"{DESIGNS[design].short if design in DESIGNS else design} {number}"


def cell_bar(directions: Sequence[int]) -> Markup:
    """Returns a cell's directions as one small bar, a stretch each; numbers beside it say the same."""
    total, x, parts = sum(directions), 0, []
    for place, count in enumerate(directions):
        width = round(99 * count / total) if total else 0
        if width:
            parts.append(f'<path class="b{place}" d="M{x} 3h{width}"/>')
            x += width
    return Markup(f'<svg class="db" viewBox="0 0 99 6" aria-hidden="true">{"".join(parts)}</svg>')  # noqa: S704


def figure(value: float) -> str:
    """Returns a measured figure: shares with three decimals, counts as they are."""
    if isinstance(value, bool) or not isinstance(value, float):
        return str(value)
    return f"{value:.3f}"


def figure_columns(rows: Mapping[str, Any]) -> list[str]:
    """Returns the names of the figures of a table of qualities, in the order of their first use."""
    figures = (row for row in rows.values() if isinstance(row, Mapping))
    return list(dict.fromkeys(name for row in figures for name, value in row.items() if not isinstance(value, dict)))


def capital(words: str) -> str:
    """Returns words with a capital at the beginning and the rest as it was."""
    return words[:1].upper() + words[1:]


FILTERS: Mapping[str, Callable[..., Any]] = {
    "design_words": design_words,
    "directions_words": directions_words,
    "directions_signs": directions_signs,
    "designs_words": designs_words,
    "best_design": best_design,
    "capital": capital,
    "figure": figure,
    "figure_columns": figure_columns,
    "interval_words": interval_words,
    "adjusted_words": adjusted_words,
}
GLOBALS: Mapping[str, Any] = {"cell_bar": cell_bar, "study_designs": STUDY_DESIGNS}
