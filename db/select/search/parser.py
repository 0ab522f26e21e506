"""Reads search texts: quotes, OR, NOT, parentheses, stars, fields, and PubMed's tags; no text is an error."""

import re
import unicodedata

from db.select.search.search import (
    MAX_CHARACTERS,
    MAX_WORDS,
    Fact,
    Node,
    Pieces,
    Prefix,
    Search,
    SearchError,
    Several,
    Term,
)
from db.terms import languages
from db.text import fold_letters

_MAX_DEPTH = 12
#: Columns of the index by the names that readers give them; several are joined by a blank.
_TEXT_FIELDS = {
    "title": "title",
    "ti": "title",
    "abstract": "abstract",
    "ab": "abstract",
    "tiab": "title abstract",
    "author": "authors",
    "authors": "authors",
    "au": "authors",
    "mesh": "terms",
    "mh": "terms",
    "majr": "terms",
    "keyword": "terms",
    "ot": "terms",
    "pt": "terms",
    "nm": "terms",
    "pmid": "identifiers",
    "pmcid": "identifiers",
    "pmc": "identifiers",
    "uid": "identifiers",
    "doi": "identifiers",
    "aid": "identifiers",
    "nct": "identifiers",
}
_FACT_FIELDS = {
    "year": "year",
    "dp": "year",
    "language": "language",
    "la": "language",
    "journal": "journal",
    "ta": "journal",
}
#: Every field that a search may name, for messages and the page of help.
FIELDS = (*_TEXT_FIELDS, *_FACT_FIELDS)
#: PubMed's tags by what stands in the brackets; those that mean any field have no column.
_TAGS = {
    **{name: name for name in FIELDS},
    "title/abstract": "tiab",
    "mesh terms": "mh",
    "mesh": "mh",
    "mh:noexp": "mh",
    "publication type": "pt",
    "all": "",
    "all fields": "",
    "tw": "",
    "text word": "",
    "date - publication": "dp",
}
_LITTLE_WORDS = frozenset("a an and by for in of on or the to with".split())
_ALTERNATIVE, _NEGATION = ("OR", "|", "or"), ("NOT",)
#: What stands for characters of some categories (soft hyphens and direction marks are folded away before).
_BLANKS = {"Cc": " ", "Zs": " "}
_TYPOGRAPHY = str.maketrans("“”„«»−–", '"""""--')
_TOKEN = re.compile(
    r"(?P<minus>-(?=[^\s\-]))?(?:(?P<column>[A-Za-z]+):(?=[^\s:)]))?"
    r'(?:"(?P<phrase>[^"]*)(?:"|$)|(?P<paren>[()])|(?P<word>[^\s()"]+))'
)
_TAGGED = re.compile(r'(?P<words>"[^"]*"|[^\s()"\[\]]+(?:[ ]+[^\s()"\[\]]+)*)\s?\[(?P<tag>[^\[\]"]{1,30})\]')
#: The number of an article as a citation prints it ("PMID: 1", "doi: 10.1/x") or as an address holds it.
_NAMED_NUMBER = re.compile(r"\b(pmid|pmcid|doi):\s+(?=\S)", re.IGNORECASE)
_ADDRESS = re.compile(
    r"(?<!\S)https?://(?:www\.|dx\.)?(?:doi\.org|pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed"
    r"|(?:pmc\.)?ncbi\.nlm\.nih\.gov(?:/pmc)?/articles)/",
    re.IGNORECASE,
)
_INITIALS = re.compile(r"[A-Z]{1,3}")
_YEARS = re.compile(r"(\d{4})?(?:[-:/](\d{4})?)?", re.ASCII)


def parse_search(text: str) -> Search:
    """Returns what a reader's text means; never fails on syntax.

    Words are all required; `OR` joins its two neighbours, `-` or `NOT` excludes, quotes make a phrase, a star ends the
    beginning of a word, parentheses group, `title:` or PubMed's `[ti]` name a field. Anything else is looked up as
    text. Raises SearchError for more than 1,000 characters or 60 words.
    """
    if len(text) > MAX_CHARACTERS:
        raise SearchError(f"the search text is longer than {MAX_CHARACTERS:,} characters; search for fewer words")
    plain = _TAGGED.sub(_field, _clean(text))
    tokens = list(_TOKEN.finditer(plain))
    if len(tokens) > MAX_WORDS:
        raise SearchError(f"the search text has more than {MAX_WORDS} words; search for fewer")
    parser = _Parser(tokens)
    required, excluded = parser.group(0)
    return Search(text.strip(), plain, tuple(required), tuple(excluded), notes=tuple(dict.fromkeys(parser.notes)))


class _Parser:
    """Reads the tokens of one search text from left to right."""

    def __init__(self, tokens: list[re.Match[str]]) -> None:
        self.tokens = tokens
        self.place = 0
        self.notes: list[str] = []

    def group(self, depth: int) -> tuple[list[Node], list[Node]]:
        """Reads up to the closing parenthesis or the end; returns what is required and what is excluded."""
        included: list[Node] = []
        excluded: list[Node] = []
        little: list[Node] = []
        joined = negated = False
        while self.place < len(self.tokens):
            token = self.tokens[self.place]
            self.place += 1
            if token["paren"] == ")":
                if depth:
                    break
                continue
            if token["word"] in (*_ALTERNATIVE, *_NEGATION, "AND", "&"):
                joined = token["word"] in _ALTERNATIVE and bool(included)
                negated = token["word"] in _NEGATION or (negated and token["word"] not in _ALTERNATIVE)
                continue
            minus = negated or bool(token["minus"])
            negated = False
            found = self._nested(depth, excluded) if token["paren"] else self._term(token)
            if found is None:
                continue
            if minus:
                excluded.append(found)
            elif joined:
                included.append(_either(included.pop(), found))
            elif token["word"] and token["word"].lower() in _LITTLE_WORDS:
                little.append(found)
            else:
                included.append(found)
            joined = False
        return (included or ([] if excluded else little)), excluded

    def _nested(self, depth: int, excluded: list[Node]) -> Node | None:
        if depth >= _MAX_DEPTH:
            return None
        inner, inner_excluded = self.group(depth + 1)
        if not inner:
            excluded.extend(inner_excluded)
            return None
        if len(inner) == 1 and not inner_excluded:
            return inner[0]
        return Several("AND", tuple(inner), tuple(inner_excluded))

    def _term(self, token: re.Match[str]) -> Node | None:
        """Returns one word, beginning of a word or phrase; None where it holds no letter and no digit."""
        text: str = token["phrase"] if token["phrase"] is not None else token["word"]
        field = (token["column"] or "").lower()
        if field in _FACT_FIELDS:
            fact = _fact(_FACT_FIELDS[field], text, token.start(), token.end())
            if fact is not None:
                return fact
        columns = _TEXT_FIELDS.get(field)
        if token["column"] and columns is None:
            self.notes.append(f"There is no field {token['column'][:30]}; it was searched for as text.")
            text = f"{token['column']} {text}"
        star = token["word"] is not None and text.endswith("*")
        words = split_words(text)
        if not words:
            return None
        quoted = phrase(words)
        pieces: Pieces = (quoted,)
        shown = quoted if len(words) > 1 else words[0]
        if star and len(words) == 1:
            pieces, shown = (Prefix(fold_word(words[0])),), f"{words[0]}*"
        if columns:
            return Term((f"{{{columns}}} : (", *pieces, ")"), f"{field}:{shown}")
        own = tuple(words) if token["word"] is not None and not star and not token["column"] else ()
        start = token.end() - len(token["word"] or "")
        return Term(pieces, shown, own, start, token.end())


def phrase(words: list[str]) -> str:
    """Returns words as a phrase for FTS5; words hold letters, digits and marks only."""
    return '"' + " ".join(words) + '"'


def split_words(text: str) -> list[str]:
    """Returns the stretches of letters, digits and marks, as the index parts them."""
    kept = "".join(char if char.isalnum() or unicodedata.category(char)[0] == "M" else " " for char in text)
    return [word for word in kept.split() if any(char.isalnum() for char in word)]


def fold_word(word: str) -> str:
    """Returns a word as the list of unstemmed words spells it: lower case, no diacritics."""
    parts = unicodedata.normalize("NFD", word)
    return "".join(char for char in parts if unicodedata.category(char) != "Mn").lower()


def _either(first: Node, second: Node) -> Node:
    parts = first.parts if isinstance(first, Several) and first.joint == "OR" else (first,)
    return Several("OR", (*parts, second))


def _fact(column: str, text: str, start: int, end: int) -> Fact | None:
    """Returns the years, language or journal that a field names; None for years that cannot be read."""
    if column == "language":
        codes = {entry.name.casefold(): code for code, entry in languages().items()}
        return Fact("language", (codes.get(text.casefold(), text),), f"language:{text}", start, end)
    if column != "year":
        return Fact(column, (text,), f"{column}:{text}", start, end)  # type: ignore[arg-type]
    match = _YEARS.fullmatch(text.strip())
    if match is None or not (match[1] or match[2]):
        return None
    first = int(match[1] or 0)
    last = int(match[2] or (9999 if len(text.strip()) > 4 else first))
    shown = str(first) if first == last else f"{match[1] or ''}-{match[2] or ''}"
    return Fact("year", (first, last), f"year:{shown}", start, end)


def _field(match: re.Match[str]) -> str:
    """Returns a text that PubMed's tag follows with our name of the field before each of its words."""
    tag = match["tag"].strip().lower()
    if tag not in _TAGS:
        return match[0]
    field, text = _TAGS[tag], match["words"]
    if not field:
        return text
    if text.startswith('"'):
        return f"{field}:{text}"
    words = text.split(" ")
    reach = 1 if field in _FACT_FIELDS else len(words)
    if field == "au":
        reach = 2 if len(words) > 1 and _INITIALS.fullmatch(words[-1]) else 1
        own = " ".join(words[-reach:])
        return " ".join([*words[:-reach], f'au:"{own}"'])
    operators = [place for place, word in enumerate(words) if word in ("AND", "OR", "NOT")]
    reach = min(reach, len(words) - 1 - operators[-1]) if operators else reach
    named = [f"{field}:{word}" for word in words[len(words) - reach :]]
    return " ".join([*words[: len(words) - reach], *named])


def _clean(text: str) -> str:
    text = fold_letters(text.encode("utf-8", "replace").decode())
    text = "".join(_BLANKS.get(unicodedata.category(char), char) for char in text)
    return _NAMED_NUMBER.sub(r"\1:", _ADDRESS.sub(" ", text.translate(_TYPOGRAPHY)))
