"""The full-text index: what it holds, and how it is built.

`evidence.db` carries the index; on a store, `ensure_search` makes the same one in the connection's TEMP schema. The
index stems English words, so beginnings of words (`osteo*`) are looked up in a list of the unstemmed words first.
"""

import sqlite3

from db.text import fold_letters

SEARCH_TABLE = "articles_fts"
WORDS_TABLE = "search_words"
#: Weights of the columns when results are put in order of relevance.
SEARCH_COLUMNS = {"title": 10.0, "abstract": 1.0, "authors": 2.0, "terms": 4.0, "identifiers": 10.0}
#: The relevance of a row of the search table: the lower the better.
RELEVANCE = f"bm25({SEARCH_TABLE}, {', '.join(map(str, SEARCH_COLUMNS.values()))})"


def ensure_search(conn: sqlite3.Connection) -> None:
    """Makes sure that a search can run on this connection: builds a TEMP index where the file has none."""
    if not conn.execute(
        "SELECT 1 FROM sqlite_master WHERE name = :name UNION ALL SELECT 1 FROM sqlite_temp_master WHERE name = :name",
        {"name": SEARCH_TABLE},
    ).fetchone():
        build_search(conn, "temp")


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
