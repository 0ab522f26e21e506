"""How evidence is shown in templates: designs, balances and cells in words."""

from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from db.evidence.effects.balance import Balance, ClassBalance
from db.evidence.effects.finding_words import against, against_short, effect_legend, effect_sign, effect_words
from db.evidence.effects.findings_table import Tally
from db.select.sought import SOUGHT_EFFECTS
from db.site.plots.forest import adjusted_words, interval_words
from db.terms import DESIGNS, STUDY_DESIGNS, design_words

_NAMED_DESIGNS = 4


def tally_effects(tally: Tally) -> list[tuple[str, int]]:
    """Returns the effects that have an article, with their numbers."""
    return [(name, number) for name, number in zip(SOUGHT_EFFECTS, tally.effects, strict=True) if number]


def class_words(entry: ClassBalance) -> str:
    """Returns one class of comparators in words: "against nothing or placebo: 3 better, 1 no difference"."""
    said = [
        f"{number} {effect_words(effect, entry.comparator_class)}"
        for effect, number in zip(SOUGHT_EFFECTS, entry.effects, strict=True)
        if number
    ]
    return f"{against(entry.comparator_class)}: {', '.join(said)}"


def class_signs(entry: ClassBalance) -> str:
    """Returns one class of comparators in signs: "+3 =1"."""
    signs = (effect_sign(effect) for effect in SOUGHT_EFFECTS)
    return " ".join(f"{sign}{number}" for sign, number in zip(signs, entry.effects, strict=True) if number)


def balance_words(balance: Balance) -> str:
    """Returns a balance in words for screen readers, a class of comparators after the other."""
    return "; ".join(class_words(entry) for entry in balance.classes)


def designs_words(balance: Balance) -> str:
    """Returns a balance's designs, the strongest first: "2 meta-analyses, 4 cohorts"."""
    named = [f"{number} {design_words(design, number)}" for design, number in balance.designs[:_NAMED_DESIGNS]]
    others = sum(number for _, number in balance.designs[_NAMED_DESIGNS:])
    return ", ".join([*named, *([f"{others} of other designs"] if others else [])])


def best_design(balance: Balance) -> str:
    """Returns a balance's strongest design in short: "RCT 4"."""
    design, number = balance.designs[0]
    return f"{DESIGNS[design].short if design in DESIGNS else design} {number}"


def effect_bar(entry: ClassBalance) -> Markup:
    """Returns one class of comparators as a small bar, a stretch an effect; numbers beside it say the same."""
    total, x, parts = sum(entry.effects), 0, []
    for place, count in enumerate(entry.effects):
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


def uncapital(words: str) -> str:
    """Returns words with a small letter at the beginning and the rest as it was."""
    return words[:1].lower() + words[1:]


FILTERS: Mapping[str, Callable[..., Any]] = {
    "design_words": design_words,
    "effect_words": effect_words,
    "against": against,
    "against_short": against_short,
    "tally_effects": tally_effects,
    "class_words": class_words,
    "class_signs": class_signs,
    "balance_words": balance_words,
    "designs_words": designs_words,
    "best_design": best_design,
    "capital": capital,
    "uncapital": uncapital,
    "figure": figure,
    "figure_columns": figure_columns,
    "interval_words": interval_words,
    "adjusted_words": adjusted_words,
}
GLOBALS: Mapping[str, Any] = {
    "effect_bar": effect_bar,
    "study_designs": STUDY_DESIGNS,
    "effect_legend": effect_legend,
}
