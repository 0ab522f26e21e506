"""Full-text search: what is indexed, and what a reader's typed words mean.

`evidence.db` carries the index; on `ho.db`, `ensure_search` makes the same one in the connection's TEMP schema. The
index stems English words, so beginnings of words (`ossif*`) are looked up in a list of the unstemmed words first.
"""

import re
import sqlite3
import unicodedata
from dataclasses import dataclass

from db.errors import TrackerError
from db.text import fold_letters

SEARCH_TABLE = "articles_fts"
WORDS_TABLE = "search_words"
#: Weights of the columns when results are put in order of relevance.
SEARCH_COLUMNS = {"title": 10.0, "abstract": 1.0, "authors": 2.0, "terms": 4.0, "identifiers": 10.0}
#: The relevance of a row of the search table: the lower the better.
RELEVANCE = f"bm25({SEARCH_TABLE}, {', '.join(map(str, SEARCH_COLUMNS.values()))})"

MAX_CHARACTERS = 1000
MAX_WORDS = 60
_MAX_DEPTH = 12
_WORDS_OF_A_PREFIX = 300

_COLUMN_NAMES = {
    "title": "title",
    "ti": "title",
    "abstract": "abstract",
    "author": "authors",
    "authors": "authors",
    "au": "authors",
    "mesh": "terms",
    "keyword": "terms",
    "pmid": "identifiers",
    "pmcid": "identifiers",
    "pmc": "identifiers",
    "doi": "identifiers",
    "nct": "identifiers",
}
_LITTLE_WORDS = frozenset("a an and by for in of on or the to with".split())
_PUBMED_TAG = re.compile(
    r"(?<=\S)\s?\[(?:tiab|ti|ab|tw|au|author|all(?: fields)?|title(?:/abstract)?|text word|mesh(?: terms)?(?::noexp)?|"
    r"mh|majr|pt|publication type|dp|la|ot|nm|pmid|uid|doi|aid)\]",
    re.IGNORECASE,
)
#: The number of an article as a citation prints it ("PMID: 1", "doi: 10.1/x") or as an address holds it.
_NAMED_NUMBER = re.compile(r"\b(pmid|pmcid|doi):\s+(?=\S)", re.IGNORECASE)
_ADDRESS = re.compile(
    r"(?<!\S)https?://(?:www\.|dx\.)?(?:doi\.org|pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed"
    r"|(?:pmc\.)?ncbi\.nlm\.nih\.gov(?:/pmc)?/articles)/",
    re.IGNORECASE,
)
#: What stands for characters of some categories: nothing for soft hyphens and direction marks.
_BLANKS = {"Cc": " ", "Zs": " ", "Cf": ""}
_TYPOGRAPHY = str.maketrans("“”„«»−–", '"""""--')
_TOKEN = re.compile(
    r"(?P<minus>-(?=[^\s\-]))?(?:(?P<column>[A-Za-z]+):(?=[^\s:)]))?"
    r'(?:"(?P<phrase>[^"]*)(?:"|$)|(?P<paren>[()])|(?P<word>[^\s()"]+))'
)


class SearchError(TrackerError):
    """A search text that is too long to be run."""


@dataclass(frozen=True, slots=True)
class Prefix:
    """The beginning of a word, as typed with a star."""

    text: str


#: An expression for FTS5, in pieces: text, or a prefix that becomes the words that begin so.
Pieces = tuple[str | Prefix, ...]


@dataclass(frozen=True, slots=True)
class ParsedSearch:
    """What a search text means: what must be found, what must not, and how it was understood.

    Both empty: the text holds nothing to look for, and finds nothing.
    """

    include: Pieces = ()
    exclude: Pieces = ()
    understood: str = ""


@dataclass(frozen=True, slots=True)
class _Group:
    """Alternatives or requirements that were put together; `shown` is the group as a reader would write it."""

    pieces: Pieces
    shown: str


def parse_search(text: str) -> ParsedSearch:
    """Returns what a reader's text means; never fails on syntax.

    Words are all required; `OR` joins its two neighbours, `-` or `NOT` excludes, quotes make a phrase, a star ends the
    beginning of a word, parentheses group, `title:` and the like name a column. Anything else is looked up as text.
    Raises SearchError for more than 1,000 characters or 60 words.
    """
    if len(text) > MAX_CHARACTERS:
        raise SearchError(f"the search text is longer than {MAX_CHARACTERS:,} characters; search for fewer words")
    tokens = list(_TOKEN.finditer(_clean(text)))
    if len(tokens) > MAX_WORDS:
        raise SearchError(f"the search text has more than {MAX_WORDS} words; search for fewer")
    parser = _Parser(tokens)
    included, excluded = parser.group(0)
    include = _join(included, "AND")
    exclude = _join(excluded, "OR")
    shown = " AND ".join(part.shown for part in included)
    for part in excluded:
        shown = f"{shown} NOT {part.shown}".strip()
    return ParsedSearch(include, exclude, shown)


def match_sql(pieces: Pieces, name: str) -> tuple[str, dict[str, str]]:
    """Returns an SQL expression for the right side of MATCH and its parameters, whose names begin with `name`."""
    terms, params = [], {}
    for number, piece in enumerate(pieces):
        parameter = f"{name}{number}"
        if isinstance(piece, str):
            terms.append(f":{parameter}")
            params[parameter] = piece
        else:
            params[parameter] = piece.text
            params[f"{parameter}_end"] = piece.text + "\U0010ffff"
            terms.append(
                f"(SELECT '(\"' || :{parameter} || '\"*' || coalesce(group_concat(' OR \"' || word || '\"', ''), '') "
                f"|| ')' FROM (SELECT word FROM {WORDS_TABLE} WHERE word >= :{parameter} AND word < :{parameter}_end "
                f"LIMIT {_WORDS_OF_A_PREFIX}))"
            )
    return " || ".join(terms), params


def ensure_search(conn: sqlite3.Connection) -> None:
    """Makes sure that a search can run on this connection: builds a TEMP index where the file has none."""
    if not conn.execute(
        "SELECT 1 FROM sqlite_master WHERE name = :name UNION ALL SELECT 1 FROM sqlite_temp_master WHERE name = :name",
        {"name": SEARCH_TABLE},
    ).fetchone():
        build_search(conn, "temp")


#: The name that other modules use for `ensure_search`.
ensure_fts = ensure_search


def build_search(conn: sqlite3.Connection, schema: str = "main") -> None:
    """Builds the index and its list of words from the articles, in place of what was there."""
    for table in (SEARCH_TABLE, WORDS_TABLE):
        conn.execute(f"DROP TABLE IF EXISTS {schema}.{table}")
    columns = ", ".join(SEARCH_COLUMNS)
    conn.create_function("fold_letters", 1, fold_letters, deterministic=True)
    conn.execute(
        f"CREATE VIRTUAL TABLE {schema}.{SEARCH_TABLE} USING fts5({columns}, content='', "
        "tokenize='porter unicode61 remove_diacritics 2')"
    )
    conn.execute(f"INSERT INTO {schema}.{SEARCH_TABLE} (rowid, {columns}) {_TEXTS}")
    conn.execute(f"INSERT INTO {schema}.{SEARCH_TABLE} ({SEARCH_TABLE}) VALUES ('optimize')")
    conn.execute(
        f"CREATE VIRTUAL TABLE temp.unstemmed USING fts5({columns}, content='', detail=none, columnsize=0, "
        "tokenize='unicode61 remove_diacritics 2')"
    )
    conn.execute(f"INSERT INTO temp.unstemmed (rowid, {columns}) {_TEXTS}")
    conn.execute("CREATE VIRTUAL TABLE temp.unstemmed_words USING fts5vocab(temp, unstemmed, row)")
    conn.execute(f"CREATE TABLE {schema}.{WORDS_TABLE} (word TEXT PRIMARY KEY) WITHOUT ROWID")
    conn.execute(f"INSERT INTO {schema}.{WORDS_TABLE} SELECT term FROM temp.unstemmed_words ORDER BY term")
    conn.execute("DROP TABLE temp.unstemmed_words")
    conn.execute("DROP TABLE temp.unstemmed")


def _parts(column: str, table: str) -> str:
    return f"coalesce((SELECT group_concat({column}, ' | ') FROM {table} WHERE {table}.pmid = articles.pmid), '')"


#: The place of an article without page range: its number in the journal ("e42692"); short ones would be mere numbers.
_ARTICLE_NUMBER = "CASE WHEN pages NOT LIKE '%-%' AND length(pages) > 3 THEN pages ELSE '' END"
_TEXTS = f"""SELECT pmid, fold_letters(title || ' ' || coalesce(vernacular_title, '')),
  fold_letters(coalesce(abstract, '') || ' ' || {_parts("text", "other_abstracts")}),
  fold_letters(coalesce(authors, '')),
  fold_letters({_parts("term", "mesh_headings")} || ' | ' || {_parts("term", "keywords")} || ' | '
    || {_parts("term", "supplementary_concepts")} || ' | ' || {_parts("term", "publication_types")}),
  pmid || ' ' || coalesce(doi, '') || ' ' || coalesce(pmcid, '') || ' ' || {_parts("number", "registry_numbers")}
    || ' ' || coalesce({_ARTICLE_NUMBER}, '')
FROM articles ORDER BY pmid"""


class _Parser:
    """Reads the tokens of one search text from left to right."""

    def __init__(self, tokens: list[re.Match[str]]) -> None:
        self.tokens = tokens
        self.place = 0

    def group(self, depth: int) -> tuple[list[_Group], list[_Group]]:
        """Reads up to the closing parenthesis or the end; returns what is required and what is excluded."""
        included: list[_Group] = []
        excluded: list[_Group] = []
        little: list[_Group] = []
        joined = negated = False
        while self.place < len(self.tokens):
            token = self.tokens[self.place]
            self.place += 1
            if token["paren"] == ")":
                if depth:
                    break
                continue
            if token["word"] in ("OR", "|", "AND", "&", "NOT"):
                joined = token["word"] in ("OR", "|") and bool(included)
                negated = token["word"] == "NOT" or (negated and token["word"] != "OR")
                continue
            minus = negated or bool(token["minus"])
            negated = False
            found = self._nested(depth, excluded) if token["paren"] else _term(token)
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

    def _nested(self, depth: int, excluded: list[_Group]) -> _Group | None:
        if depth >= _MAX_DEPTH:
            return None
        inner, inner_excluded = self.group(depth + 1)
        if not inner:
            excluded.extend(inner_excluded)
            return None
        pieces = _join(inner, "AND")
        shown = " AND ".join(part.shown for part in inner)
        if inner_excluded:
            pieces = ("((", *pieces, ") NOT (", *_join(inner_excluded, "OR"), "))")
            shown += "".join(f" NOT {part.shown}" for part in inner_excluded)
        elif len(inner) > 1:
            pieces = ("(", *pieces, ")")
        return _Group(pieces, f"({shown})" if len(inner) + len(inner_excluded) > 1 else shown)


def _either(first: _Group, second: _Group) -> _Group:
    shown = first.shown.removeprefix("(").removesuffix(")") if " OR " in first.shown else first.shown
    return _Group(("(", *first.pieces, " OR ", *second.pieces, ")"), f"({shown} OR {second.shown})")


def _term(token: re.Match[str]) -> _Group | None:
    """Returns one word, beginning of a word or phrase; None where it holds no letter and no digit."""
    text = token["phrase"] if token["phrase"] is not None else token["word"]
    column = _COLUMN_NAMES.get((token["column"] or "").lower())
    if token["column"] and column is None:
        text = f"{token['column']} {text}"
    star = token["word"] is not None and text.endswith("*")
    words = _words(text)
    if not words:
        return None
    quoted = '"' + " ".join(words) + '"'
    if star and len(words) == 1:
        pieces: Pieces = (Prefix(_fold(words[0])),)
        shown = f"{words[0]}*"
    else:
        pieces = (quoted,)
        shown = quoted if len(words) > 1 else words[0]
    if column:
        return _Group((f"{{{column}}} : (", *pieces, ")"), f"{column}:{shown}")
    return _Group(pieces, shown)


def _join(groups: list[_Group], word: str) -> Pieces:
    pieces: list[str | Prefix] = []
    for group in groups:
        if pieces:
            pieces.append(f" {word} ")
        pieces.extend(group.pieces)
    return tuple(pieces)


def _words(text: str) -> list[str]:
    """Returns the stretches of letters, digits and marks, as the index parts them."""
    kept = "".join(char if char.isalnum() or unicodedata.category(char)[0] == "M" else " " for char in text)
    return [word for word in kept.split() if any(char.isalnum() for char in word)]


def _fold(word: str) -> str:
    """Returns a word as the list of unstemmed words spells it: lower case, no diacritics."""
    parts = unicodedata.normalize("NFD", word)
    return "".join(char for char in parts if unicodedata.category(char) != "Mn").lower()


def _clean(text: str) -> str:
    text = fold_letters(text.encode("utf-8", "replace").decode())
    text = "".join(_BLANKS.get(unicodedata.category(char), char) for char in text)
    text = text.translate(_TYPOGRAPHY)
    text = _NAMED_NUMBER.sub(r"\1:", _ADDRESS.sub(" ", text))
    return _PUBMED_TAG.sub("", text)
