"""Facets as a list shows them: the values with most articles in the order of the vocabulary, each a link."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from db.evidence.articles import ConceptLine
from db.select.addresses.near import NearAddresses
from db.select.facets import FACETS, LAST_RUN, Facet, Mode
from db.select.filter import ArticleFilter
from db.select.switches import SWITCHES
from db.site.page import PageContext
from db.site.show.formatting import facet_value
from db.terms import STUDY_DESIGNS
from db.topics import current

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
    """One value: its count under the other filters, its depth in the tree, and where its links lead.

    `exclude_href` is that of a chosen value: another one is excluded by a form, which adds to what is in force.
    """

    value: str
    name: str
    count: int
    depth: int
    state: str
    href: str
    exclude_href: str | None


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


def facet_views(context: PageContext, chosen: ArticleFilter) -> list[FacetView]:
    """Returns all facets of a list, each with its values of most articles and those that are chosen."""
    counts = context.index.facet_counts(context.conn, chosen)
    return [
        facet_view(context, chosen, FACETS[name], counts[name], _SHOWN)
        for name in ORDER
        if counts[name] or chosen.chosen(name)
    ]


def facet_view(
    context: PageContext,
    chosen: ArticleFilter,
    facet: Facet,
    counts: Mapping[str, int],
    limit: int,
) -> FacetView:
    """Returns one facet with at most about `limit` values; parents of what is shown are shown too."""
    states: dict[str, Mode] = {value: mode for mode in reversed(_MODES) for value in chosen.chosen(facet.name, mode)}
    required = bool(facet.kind and chosen.chosen(facet.name, "all"))
    ranked = sorted(counts, key=lambda value: (-counts[value], value))[:limit]
    shown = {*ranked, *states}
    if facet.kind:
        tree = context.index.lines[facet.kind]
        for value in list(shown):
            while value in tree and tree[value].parent_id:
                value = tree[value].parent_id or ""
                shown.add(value)
        lines = [line for value, line in tree.items() if value in shown]
        ordered = [(line.id, line.name, line.depth) for line in _by_count(lines, counts)]
    else:
        ordered = [(value, facet_value(value, facet.name), 0) for value in _in_order(facet, shown, counts)]
    links = _Links(context, chosen, facet.name, "all" if required else "any")
    values = tuple(
        Value(value, name, counts.get(value, 0), min(depth, 4), state or "", *links.of(value, state))
        for value, name, depth in ordered
        for state in (states.get(value),)
    )
    return FacetView(
        facet,
        values,
        len(counts),
        facet.name in OPEN_FACETS or bool(states),
        "all" if required else "any",
        _joint_href(context, chosen, facet, required),
        context.url(f"articles/values/{facet.name}", chosen.query_string()),
    )


class _Links:
    """Where the values of one facet lead: to choose or drop one, and to exclude it."""

    def __init__(self, context: PageContext, chosen: ArticleFilter, facet: str, mode: Mode) -> None:
        self._context, self._chosen, self._facet, self._mode = context, chosen, facet, mode
        self._near = NearAddresses(chosen)

    def of(self, value: str, state: Mode | None) -> tuple[str, str | None]:
        """Returns the addresses of a value, which is chosen already (`state`) or not."""
        if state is None:
            return self._context.url("articles", self._near.with_choice(self._facet, value, self._mode)), None
        href = self._context.url("articles", self._chosen.without_choice(self._facet, value, state).query_string())
        if state == "not":
            return href, None
        free = self._chosen.without_choice(self._facet, value).without_choice(self._facet, value, "all")
        return href, self._context.url("articles", free.with_choice(self._facet, value, "not").query_string())


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


def _by_count(lines: Sequence[ConceptLine], counts: Mapping[str, int]) -> Iterable[ConceptLine]:
    """Yields concepts of a kind, siblings by number of articles, children after their parent."""
    held = {line.id for line in lines}
    children: dict[str | None, list[ConceptLine]] = {}
    for line in lines:
        children.setdefault(line.parent_id if line.parent_id in held else None, []).append(line)
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
    offered.append(
        (f"also those not about {current().short_name}", replace(chosen, topic="all"), replace(chosen, topic="about"))
    )
    return [
        SwitchView(
            label,
            context.index.count(context.conn, on),
            on == chosen,
            context.url("articles", (off if on == chosen else on).query_string()),
        )
        for label, on, off in offered
    ]
