"""A topic's store out of a lake: the import of the same files in their order, without reading them anew.

Which rows are on the topic is found file by file, by as many workers as there are; the store has one writer, which
reads of the other rows no more than their numbers.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from db.model import Article
from db.store.ledger.imports import file_is_done
from db.store.ledger.ledger import Ledger
from db.store.store import Store
from harvest.lake.extra import LakeError
from harvest.lake.folder import Lake
from harvest.lake.records import LakeArticle, LakeFile, is_as_now, rows_kept
from harvest.sync.bulk import EVERYTHING, Selection, import_sources
from harvest.sync.files import RecordFile, RecordSource
from harvest.sync.report import RunReport

#: Gives of files, by their names, the places of the rows that a selection keeps.
Finding = Callable[[Sequence[str]], Mapping[str, frozenset[int]]]


def subset(lake: Lake, store: Store, selection: Selection, finding: Finding | None = None) -> RunReport:
    """Imports what a selection keeps of a lake's records; row by row what `import_files` makes of the same files.

    A file is one transaction, and one that the store has already is not read again. `finding` does the selection's
    work elsewhere. Raises LakeError where there is no lake, or another parser made it.
    """
    lake.check()
    files = {name: LakeFile(lake.records_of(name)) for name in lake.names()}
    for file in files.values():
        if not is_as_now(file.made):
            told = f"{lake.root}: {file.path.name} was read by another version of ho-tracker"
            raise LakeError(f"{told}; run first: ho-tracker lake build --again")
    if selection is not EVERYTHING:
        ledger = Ledger(store)
        new = [name for name, file in files.items() if not _is_done(ledger, file, selection)]
        found = finding(new) if finding else {name: rows_kept(lake.records_of(name), selection.keeps) for name in new}
        for name, file in files.items():
            file.kept = found.get(name, frozenset())
    by_path = {file.path: file for file in files.values()}

    def reopen(path: Path) -> RecordSource:
        return by_path.get(path) or RecordFile(path)

    return import_sources(store, list(files.values()), Selection(selection.name, _is_kept), reopen=reopen)


def _is_kept(article: Article) -> bool:
    return isinstance(article, LakeArticle) and article.kept


def _is_done(ledger: Ledger, file: LakeFile, selection: Selection) -> bool:
    return file_is_done(ledger, file.checksum(), selection.name, file.path.name if file.origin.source else None)
