"""What PubMed's notices mean, each kind once: its words, its weight, its mark in citation lists, its MEDLINE tag.

Kinds are the RefTypes of PubMed's DTD (CommentsCorrections). A kind that ends in "In" or "For Patients" stands on the
article that it is about and names the notice; one that ends in "Of", "On", "For" or "From" stands on the notice itself.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Gravity = Literal["grave", "mild"]


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """One kind of notice.

    `kind` is PubMed's RefType, `tag` its MEDLINE tag, `words` how a page says it, `reason` how a citation note begins
    ("Retraction in"), `mark` what stands before the title of the article in a citation list. `retracts`: the article
    no longer counts. `about_article`: something was found wrong with this very article, or a later version replaces
    it (a comment or a reprint says nothing of the kind).
    """

    kind: str
    tag: str
    words: str
    gravity: Gravity = "mild"
    reason: str | None = None
    mark: str | None = None
    retracts: bool = False
    about_article: bool = False


_RETRACTED, _PARTIALLY, _CONCERN, _CORRECTED = (
    "RETRACTED",
    "PARTIALLY RETRACTED",
    "EXPRESSION OF CONCERN",
    "CORRECTED",
)
_KINDS = (
    NoticeKind("RetractionIn", "RIN", "Retracted", "grave", "Retraction in", _RETRACTED, True, True),
    NoticeKind(
        "RetractedandRepublishedIn", "RRI", "Retracted and republished", "grave", "Retracted and republished in",
        _RETRACTED, True, True,
    ),
    NoticeKind(
        "PartialRetractionIn", "PRIN", "Partially retracted", "grave", "Partial retraction in", _PARTIALLY, False, True
    ),
    NoticeKind(
        "ExpressionOfConcernIn", "ECI", "Expression of concern", "grave", "Expression of concern in", _CONCERN, False,
        True,
    ),
    NoticeKind("ErratumIn", "EIN", "Corrected", "mild", "Erratum in", _CORRECTED, False, True),
    NoticeKind(
        "CorrectedandRepublishedIn", "CRI", "Corrected and republished", "mild", "Corrected and republished in",
        _CORRECTED, False, True,
    ),
    NoticeKind("Reinstatement", "", "Reinstated after a retraction"),
    NoticeKind("UpdateIn", "UIN", "Updated", about_article=True),
    NoticeKind("CommentIn", "CIN", "Commented on"),
    NoticeKind("RepublishedIn", "RPI", "Republished"),
    NoticeKind("ReprintIn", "RPI", "Reprinted"),
    NoticeKind("SummaryForPatientsIn", "SPIN", "Summary for patients"),
    NoticeKind("OriginalReportIn", "ORI", "Original report"),
    NoticeKind("AssociatedDataset", "DDIN", "Dataset"),
    NoticeKind("AssociatedPublication", "DRIN", "Publication on this dataset"),
    NoticeKind("RetractionOf", "ROF", "This is the retraction of"),
    NoticeKind("PartialRetractionOf", "PROF", "This is the partial retraction of"),
    NoticeKind("RetractedandRepublishedFrom", "RRF", "This is the new version of the retracted"),
    NoticeKind("CorrectedandRepublishedFrom", "CRF", "This is the corrected version of"),
    NoticeKind("ErratumFor", "EFR", "This corrects"),
    NoticeKind("ExpressionOfConcernFor", "ECF", "This expresses concern about"),
    NoticeKind("CommentOn", "CON", "This comments on"),
    NoticeKind("UpdateOf", "UOF", "This updates"),
    NoticeKind("RepublishedFrom", "RPF", "This is a new edition of"),
    NoticeKind("ReprintOf", "RPF", "This is a reprint of"),
    NoticeKind("Cites", "", "This cites"),
)  # fmt: skip
#: Kinds of notice by PubMed's RefType, the gravest first.
NOTICES: Mapping[str, NoticeKind] = {notice.kind: notice for notice in _KINDS}
#: Notices by which an article is retracted.
RETRACTING: frozenset[str] = frozenset(notice.kind for notice in _KINDS if notice.retracts)
#: Notices that something is wrong with the article, or that a later version replaces it.
ABOUT_ARTICLE: frozenset[str] = frozenset(notice.kind for notice in _KINDS if notice.about_article)
#: Kinds that stand on the notice of a retraction.
RETRACTION_NOTICES: frozenset[str] = frozenset(("RetractionOf", "PartialRetractionOf"))
#: The publication type of a retracted article, and of a retraction (MeSH).
RETRACTED_PUBLICATION, RETRACTION_OF_PUBLICATION = "D016441", "D016440"
#: How titles begin that say it themselves, of the article or of the notice that the record is; small letters, after
#: any "[". Publishers put them there, PubMed's type and notice may come later or never. What a surgeon retracts
#: ("Retraction of the patella") has no colon.
_TITLES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "that it was retracted",
        ("retracted:", "retracted :", "retracted.", "retracted]", "retracted article:", "retracted article :",
         "retracted article.", "retracted article]"),
    ),
    (
        "that it was withdrawn",
        ("withdrawn:", "withdrawn :", "withdrawn.", "withdrawn]", "withdrawn article:", "withdrawn article]"),
    ),
    ("that it was removed", ("removed:", "removed :", "removed]", "temporary removal:", "temporary removal :")),
    (
        "that this is the notice of a retraction",
        ("retraction:", "retraction :", "retraction to:", "retraction of:", "retraction notice to",
         "retraction notice:", "retraction notice for", "retraction note:", "retraction note to", "retraction]",
         "retraction statement:",
         "notice of retraction:", "withdrawal:", "withdrawal notice to", "withdrawal notice:"),
    ),
)  # fmt: skip
#: All of them, for SQL: each with a `%` after it makes a pattern of LIKE, over the title without its leading "[".
RETRACTED_TITLES: tuple[str, ...] = tuple(begins for _, some in _TITLES for begins in some)
_BEFORE_TITLE = "[ "
#: Marks of a citation list, the gravest first.
MARKS: tuple[str, ...] = tuple(dict.fromkeys(notice.mark for notice in _KINDS if notice.mark))
#: Kinds that have a mark.
MARKED: tuple[str, ...] = tuple(notice.kind for notice in _KINDS if notice.mark)
#: MEDLINE tags by kind, and the kind that a tag means: the first of two with one tag; OID is what ORI was called.
TAG_OF: Mapping[str, str] = {notice.kind: notice.tag for notice in _KINDS if notice.tag}
KIND_OF_TAG: Mapping[str, str] = {
    **{notice.tag: notice.kind for notice in reversed(_KINDS) if notice.tag},
    "OID": "OriginalReportIn",
}

_OWN_MARK = re.compile(rf"(?:{'|'.join(map(re.escape, MARKS))}): ", re.IGNORECASE)


def title_says(title: str) -> str | None:
    """Returns what a title itself says of a retraction ("that it was withdrawn"), None where it says nothing.

    Letters count without case as in SQLite's LIKE: those of ASCII alone.
    """
    begins = title.lstrip(_BEFORE_TITLE)[:40]
    small = "".join(char.lower() if char.isascii() else char for char in begins)
    return next((said for said, some in _TITLES if small.startswith(some)), None)


def sql_title_says(column: str) -> str:
    """Returns SQL that is true where `title_says` says something of the title in a column."""
    some = " OR ".join(f"ltrim({column}, '{_BEFORE_TITLE}') LIKE '{begins}%'" for begins in RETRACTED_TITLES)
    return f"({some})"


def gravest_mark(kinds: Iterable[str], retracted: bool = False) -> str | None:
    """Returns the gravest mark of an article with notices of these kinds, None where it has none."""
    if retracted:
        return _RETRACTED
    marks = {NOTICES[kind].mark for kind in kinds if kind in NOTICES} - {None}
    return next((mark for mark in MARKS if mark in marks), None)


def says_mark(title: str, mark: str) -> bool:
    """Returns whether a title begins with a mark, as PubMed's own do: "RETRACTED: ...", "[Retracted article] ...".

    Of the mark of retracted articles, titles say more: "WITHDRAWN: ...", "Retraction notice to ...".
    """
    if mark == _RETRACTED and title_says(title):
        return True
    return bool(re.match(rf"\[?{mark}(?: ARTICLE)?\s*\]?\s*[:.\]]", title, re.IGNORECASE))


def marked_title(title: str, mark: str | None) -> str:
    """Returns the title with the mark before it, once: PubMed's own title may say it already.

    "Retracted: ..." and "RETRACTED ARTICLE: ..." say so; "Corrected calcium in bone" does not.
    """
    return title if mark is None or says_mark(title, mark) else f"{mark}: {title}"


def without_mark(title: str) -> str:
    """Returns a title without the mark that a citation list of ours puts before it."""
    return _OWN_MARK.sub("", title, count=1) if _OWN_MARK.match(title) else title
