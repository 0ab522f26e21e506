"""The words by which a cell says what was decided, and the column of a table that holds them."""

import re
from collections.abc import Iterable, Mapping, Sequence

from db.errors import TrackerError
from db.screening.spreadsheet import whole_cell
from db.store.people.verdicts import Verdict

VERDICT_WORDS: Mapping[str, Verdict] = {
    **dict.fromkeys("1 yes true include included relevant wahr vrai verdadero vero ja oui sí".split(), "include"),
    **dict.fromkeys("0 no false exclude excluded irrelevant falsch faux falso nein non".split(), "exclude"),
    **dict.fromkeys("maybe undecided unclear".split(), "maybe"),
}
#: The words that say so whatever the column is called; 1 and 0, yes and no may be about anything.
PLAIN_WORDS = frozenset("include included exclude excluded maybe relevant irrelevant".split())
#: What stands in a cell where nobody has decided yet.
_NOTHING_YET = frozenset(
    (
        "",
        "not seen",
        "not screened",
        "to screen",
        *"- -1 ? na n/a nan none null not_seen unlabeled unlabelled pending unscreened".split(),
    )
)
#: The columns in which ASReview, its older versions and labelled data sets keep the decision.
LABEL_COLUMNS = (
    "asreview_label included label_included final_included included_label included_final label include decision".split()
)
#: Headers that people write; they count where nothing but decisions stands below.
_OTHER_HEADERS = frozenset(
    "inclusion relevant relevance eligible eligibility screening status selected keep vote outcome".split()
)
_HEADER_ENDS = re.compile(r"[ _-](?:decision|status|vote|label|inclusion|included|include)$")
_WITH_REASON = re.compile(r"(includ\w+|exclud\w+|irrelevant|relevant|maybe)\s*[-–—:;,(/]\s*(.+?)\)?", re.IGNORECASE)


class DecisionWordError(TrackerError):
    """A cell of a column of decisions that says nothing known, or more than one column of decisions."""


def read_decision(cell: str) -> tuple[Verdict | None, str | None]:
    """Returns what a cell decides and the reason that it gives ("Exclude - wrong population"), None where it is empty.

    Raises DecisionWordError for a word that is not known: taken for undecided it would change what is learnt.
    """
    word = whole_cell(cell).lower()
    if word in VERDICT_WORDS:
        return VERDICT_WORDS[word], None
    if word in _NOTHING_YET:
        return None, None
    found = _WITH_REASON.fullmatch(cell.strip())
    if found and found[1].lower() in VERDICT_WORDS:
        return VERDICT_WORDS[found[1].lower()], found[2].strip()
    raise DecisionWordError(
        f"{cell.strip()[:40]!r} is no decision that is known; write include, exclude, maybe or nothing"
    )


def decision_column(names: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str | None:
    """Returns the column of a table that says what was decided; None where none does. `names` are in small letters.

    That is one with a known name, else one in which nothing but "include", "exclude" and the like stands. Raises
    DecisionWordError where several do.
    """
    known = next((name for name in LABEL_COLUMNS if name in names), None)
    if known is not None:
        return known
    held = list(rows)
    found = [name for name in names if name and _says(name, [row.get(name, "") for row in held])]
    if len(found) > 1:
        shown = " and ".join(f"'{' '.join(name.split())[:40]}'" for name in found[:2])
        more = f" and {len(found) - 2} more" if len(found) > 2 else ""
        raise DecisionWordError(f"the columns {shown}{more} all hold decisions; name the one that counts 'included'")
    return found[0] if found else None


def _says(name: str, cells: Sequence[str]) -> bool:
    try:
        told = {read_decision(cell)[0] for cell in cells}
    except DecisionWordError:
        return False
    if not told & {"include", "exclude"}:
        return False
    words = {re.split(r"\W", cell.strip().lower(), maxsplit=1)[0] for cell in cells if read_decision(cell)[0]}
    return words <= PLAIN_WORDS or name in _OTHER_HEADERS or _HEADER_ENDS.search(name) is not None
