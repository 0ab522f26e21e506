"""The parser's version: what decides how a kept record is read and stored, so that a better parser reads it again.

It is made of the code itself, so that nobody has to remember to raise a number. Comments and layout do not count; to
read all records once too often costs seconds, to read them too seldom leaves wrong columns for good.
"""

import ast
import hashlib
from functools import cache
from importlib.metadata import version
from importlib.resources import files

#: The modules that decide it, and the data that they read.
DECIDED_BY = (
    "harvest.pubmed/article.py",
    "harvest.pubmed/books.py",
    "harvest.pubmed.values/dates.py",
    "harvest.pubmed/draft.py",
    "harvest.pubmed.values/numbers.py",
    "harvest.pubmed/parts.py",
    "harvest.pubmed/readers.py",
    "harvest.pubmed.values/registries.py",
    "harvest.pubmed.source/source.py",
    "harvest.pubmed.source/buffer.py",
    "harvest.pubmed.source/stream.py",
    "harvest.pubmed.values/text.py",
    "harvest.pubmed/xml.py",
    "harvest.pubmed.values/registries.toml",
    "db.store.records/article_rows.py",
    "db/model.py",
    "db/sections.py",
    "db/terms.py",
    "db/notices.py",
)


@cache
def parser_version() -> str:
    """Returns the version of the parser, 12 hex digits."""
    digest = hashlib.sha256(f"lxml {version('lxml')}".encode())
    for name in DECIDED_BY:
        package, _, file = name.partition("/")
        text = files(package).joinpath(file).read_text(encoding="utf-8")
        digest.update(f"{name}\n{code_of(text) if file.endswith('.py') else text}\n".encode())
    return digest.hexdigest()[:12]


def code_of(source: str) -> str:
    """Returns Python source without comments and layout."""
    return ast.unparse(ast.parse(source))
