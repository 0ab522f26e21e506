"""The topic's PubMed query as a local match, for files that hold more than the topic."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from db.model import Article
from db.topics import TopicQuery

#: Characters that are a hyphen to a reader.
_HYPHENS = re.compile("[-‐‑‒–—―−﹣－]")
_INVISIBLE = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff]")
_LIGATURES = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ı": "i"})
#: British endings and vowels to their American form; both sides of a comparison go through it.
_SPELLINGS = (
    (re.compile(r"[ao]e"), "e"),
    (re.compile(r"our\b"), "or"),
    (re.compile(r"is(?=(?:e|ed|es|ing|ation|ations)\b)"), "iz"),
)
_WORD_BREAKS = re.compile(r"\W+")
#: One search term of a query: quoted or bare, its field, and for proximity how far apart its words may be.
_TERM = re.compile(r'(?:"([^"]+)"|([^\s"()\[\]]+))\[([a-zA-Z: ]+?)(?::~(\d+))?\]')


@lru_cache(maxsize=16)
def matchers(query: TopicQuery) -> tuple[tuple[str, tuple[re.Pattern[str], ...]], ...]:
    """Each part that searches text, with the patterns that must all be found in folded text."""
    parts = [(part.name, _patterns(part.query)) for part in query.parts]
    if query.vernacular:
        parts.append(("V", (_pattern((term, 0) for term in query.vernacular),)))
    return tuple((name, patterns) for name, patterns in parts if patterns)


def matches(article: Article, topic: TopicQuery) -> tuple[str, ...]:
    """Names the parts of the topic that an article belongs to; none where it is about something else.

    "A" stands for a MeSH heading, "V" for a name in another language, the rest for the query's parts as PubMed would
    apply them to title, abstract, other abstracts and keywords.
    """
    found = ["A"] if any(heading.ui in topic.mesh for heading in article.mesh_headings) else []
    text = "\n".join(_texts(article))
    if may_match(text, topic):
        text = fold_for_match(text)
        found += [
            name for name, patterns in matchers(topic) if all(pattern.search(text) is not None for pattern in patterns)
        ]
    return tuple(found)


def may_match(text: str, topic: TopicQuery) -> bool:
    """Says quickly whether a text can hold any term of the topic: whether it holds one of the topic's hints."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("-", "")
    if not text.isascii():
        text = _HYPHENS.sub("", _INVISIBLE.sub("", text)).translate(_LIGATURES)
        text += unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()  # without its accents
    return any(hint in text for hint in topic.hints)


def _texts(article: Article) -> Iterator[str]:
    yield article.title
    if article.vernacular_title:
        yield article.vernacular_title
    if article.abstract:
        yield article.abstract
    for other in article.other_abstracts:
        yield other.text
    for keyword in article.keywords:
        yield keyword.term


def fold_for_match(text: str) -> str:
    """Folds text so that spelling doesn't matter: case, accents, ligatures, invisible characters, British spelling.

    Every run of other characters than letters and digits becomes one space, a line break "|". A text with hyphens
    comes twice, with them as spaces and without them.
    """
    text = _INVISIBLE.sub("", text).casefold().translate(_LIGATURES)
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(character for character in decomposed if not unicodedata.combining(character))
    for pattern, replacement in _SPELLINGS:
        text = pattern.sub(replacement, text)
    spaced = _as_words(_HYPHENS.sub(" ", text))
    return f"{spaced} | {_as_words(_HYPHENS.sub('', text))}" if _HYPHENS.search(text) else spaced


def _as_words(text: str) -> str:
    return " | ".join(_WORD_BREAKS.sub(" ", line).strip() for line in text.split("\n"))


def text_terms(query: str) -> list[list[str]]:
    """Returns what a part of a query looks for in text, the alternatives of each side that AND joins; none for MeSH."""
    return [[term.rstrip("*") for term, _ in side] for side in _sides(query)]


def _sides(query: str) -> list[list[tuple[str, int]]]:
    """The [tiab] terms of each side of a query, with how many words may stand between the two of one."""
    sides = ([term.groups() for term in _TERM.finditer(side)] for side in query.split(" AND "))
    found = [
        [(quoted or bare, int(near or 0)) for quoted, bare, field, near in side if field == "tiab"] for side in sides
    ]
    return [side for side in found if side]


def _patterns(query: str) -> tuple[re.Pattern[str], ...]:
    """Makes one pattern for each of the alternatives that a query joins with AND; none for MeSH terms."""
    return tuple(_pattern(side) for side in _sides(query))


def _pattern(terms: Iterable[tuple[str, int]]) -> re.Pattern[str]:
    """Makes the pattern of alternative terms, each with how many words may stand between its two, for folded text."""
    forms: dict[str, None] = {}
    for term, near in terms:
        ending = r"\w*" if term.endswith("*") else ""
        for form in fold_for_match(term).split(" | "):
            if near:
                first, second = form.split()
                between = rf"(?: \w+){{0,{near}}} "
                forms[first + between + second] = forms[second + between + first] = None
            else:
                forms[form + ending] = None
    return re.compile(rf"\b(?:{'|'.join(forms)})\b")
