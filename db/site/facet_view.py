"""Facets as a list shows them: the values with most articles in the order of the vocabulary, each a link."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from db.evidence.articles import ConceptLine
from db.select.facets import FACETS, LAST_RUN, Facet, Mode
from db.select.filter import ArticleFilter
from db.select.switches import SWITCHES
from db.site.page import PageContext
from db.site.show.formatting import facet_value
from db.terms import STUDY_DESIGNS

#: Facets in the order of the page; the first three are open from the start.
ORDER = (
    "intervention", "risk_factor", "outcome", "study_design", "level", "site", "aetiology", "species",
    "diagnostic_test", "mechanism", "journal", "language",
)  # fmt: skip
OPEN_FACETS = ORDER[:5]
_SHOWN = 9
_MODES: tuple[Mode, ...] = ("any", "all", "not")
_DESIGN_PLACES = {design: place for place, design in enumerate(STUDY_DESIGNS)}


@dataclass(frozen=True, slots=True)
class Value:
    """One value: its count under the other filters, its depth in the tree, and where its links lead."""

    value: str
    name: str
    count: int
    depth: int
    state: str
    href: str
    exclude_href: str


@dataclass(frozen=True, slots=True)
class FacetView:
    """One facet as shown: some of its values, how many there are in all, and how choices are joined."""

    facet: Facet
    values: tuple[Value, ...]
    total: int
    is_open: bool
    joint: str
    joint_href: str | None
    all_href: str


def facet_views(context: PageContext, chosen: ArticleFilter, lines: Sequence[ConceptLine]) -> list[FacetView]:
    """Returns all facets of a list, each with its values of most articles and those that are chosen."""
    counts = context.index.facet_counts(context.conn, chosen)
    return [
        facet_view(context, chosen, FACETS[name], counts[name], lines, _SHOWN)
        for name in ORDER
        if counts[name] or chosen.chosen(name)
    ]


def facet_view(
    context: PageContext,
    chosen: ArticleFilter,
    facet: Facet,
    counts: Mapping[str, int],
    lines: Sequence[ConceptLine],
    limit: int,
) -> FacetView:
    """Returns one facet with at most about `limit` values; parents of what is shown are shown too."""
    required = bool(facet.kind and chosen.chosen(facet.name, "all"))
    picked = {*chosen.chosen(facet.name), *chosen.chosen(facet.name, "all"), *chosen.chosen(facet.name, "not")}
    ranked = sorted(counts, key=lambda value: (-counts[value], value))[:limit]
    shown = set(ranked) | picked
    if facet.kind:
        tree = {line.id: line for line in lines if line.kind == facet.kind}
        for value in list(shown):
            while value in tree and tree[value].parent_id:
                value = tree[value].parent_id or ""
                shown.add(value)
        ordered = [(line.id, line.name, line.depth) for line in _by_count(tree, counts) if line.id in shown]
    else:
        ordered = [(value, facet_value(value, facet.name), 0) for value in _in_order(facet, shown, counts)]
    values = tuple(
        _value(context, chosen, facet, value, name, depth, counts.get(value, 0), required)
        for value, name, depth in ordered
    )
    return FacetView(
        facet,
        values,
        len(counts),
        facet.name in OPEN_FACETS or bool(picked),
        "all" if required else "any",
        _joint_href(context, chosen, facet, required),
        context.url(f"articles/values/{facet.name}", chosen.query_string()),
    )


def _value(
    context: PageContext,
    chosen: ArticleFilter,
    facet: Facet,
    value: str,
    name: str,
    depth: int,
    count: int,
    required: bool,
) -> Value:
    state = next((mode for mode in _MODES if value in chosen.chosen(facet.name, mode)), None)
    if state:
        toggled = chosen.without_choice(facet.name, value, state)
    else:
        toggled = chosen.with_choice(facet.name, value, "all" if required else "any")
    excluded = (
        chosen.without_choice(facet.name, value)
        .without_choice(facet.name, value, "all")
        .with_choice(facet.name, value, "not")
    )
    return Value(
        value, name, count, min(depth, 4), state or "",
        context.url("articles", toggled.query_string()), context.url("articles", excluded.query_string()),
    )  # fmt: skip


def _joint_href(context: PageContext, chosen: ArticleFilter, facet: Facet, required: bool) -> str | None:
    """Returns the list with OR turned into AND inside one facet, or back; None where nothing is chosen."""
    if not facet.kind:
        return None
    modes: tuple[Mode, Mode] = ("all", "any") if required else ("any", "all")
    mine = chosen.chosen(facet.name, modes[0])
    if len(mine) < (1 if required else 2):
        return None
    moved = chosen
    for value in mine:
        moved = moved.without_choice(facet.name, value, modes[0]).with_choice(facet.name, value, modes[1])
    return context.url("articles", moved.query_string())


def _by_count(tree: Mapping[str, ConceptLine], counts: Mapping[str, int]) -> Iterable[ConceptLine]:
    """Yields a kind's concepts, siblings by number of articles, children after their parent."""
    children: dict[str | None, list[ConceptLine]] = {}
    for line in tree.values():
        parent = line.parent_id if line.parent_id in tree else None
        children.setdefault(parent, []).append(line)
    for siblings in children.values():
        siblings.sort(key=lambda line: (-counts.get(line.id, 0), line.name))

    def walk(parent: str | None) -> Iterable[ConceptLine]:
        for line in children.get(parent, ()):
            yield line
            yield from walk(line.id)

    return walk(None)


def _in_order(facet: Facet, shown: Iterable[str], counts: Mapping[str, int]) -> list[str]:
    if facet.name == "study_design":
        return sorted(shown, key=lambda value: (_DESIGN_PLACES.get(value, 99), value))
    if facet.name == "level":
        return sorted(shown)
    return sorted(shown, key=lambda value: (-counts.get(value, 0), value))


@dataclass(frozen=True, slots=True)
class SwitchView:
    """A yes-or-no filter as shown: its label, count, and where choosing or dropping it leads."""

    label: str
    count: int
    chosen: bool
    href: str


def switch_views(context: PageContext, chosen: ArticleFilter) -> list[SwitchView]:
    """Returns the yes-or-no filters with the number of articles under all other filters."""
    offered = [("new in the last run", replace(chosen, run=LAST_RUN), replace(chosen, run=None))]
    for switch in SWITCHES.values():
        for label, value in ((switch.label, True), (switch.label_no, False)):
            if label is not None:
                on, off = chosen.switched(switch.parameter, value), chosen.switched(switch.parameter, None)
                offered.append((label, on, off))
    offered.append(("also those not about HO", replace(chosen, topic="all"), replace(chosen, topic="ho")))
    return [
        SwitchView(
            label,
            context.index.count(context.conn, on),
            on == chosen,
            context.url("articles", (off if on == chosen else on).query_string()),
        )
        for label, on, off in offered
    ]
