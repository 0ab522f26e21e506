"""A topic's store out of a lake: the import of the same files in their order, without reading them anew."""

from pathlib import Path

from db.store.store import Store
from harvest.lake.extra import LakeError
from harvest.lake.folder import Lake
from harvest.lake.records import LakeFile
from harvest.pubmed.version import parser_version
from harvest.sync.bulk import Selection, import_sources
from harvest.sync.files import RecordFile, RecordSource
from harvest.sync.report import RunReport


def subset(lake: Lake, store: Store, selection: Selection) -> RunReport:
    """Imports what a selection keeps of a lake's records; row by row what `import_files` makes of the same files.

    A file is one transaction, and one that the store has already is not read again. Raises LakeError where there is no
    lake, or another parser made it.
    """
    lake.check()
    files = [LakeFile(lake.records_of(name)) for name in lake.names()]
    for file in files:
        if file.made.parser != parser_version():
            told = (
                f"{file.path.name} was read by another version of the parser; run first: ho-tracker lake build --again"
            )
            raise LakeError(f"{lake.root}: {told}")
    by_path = {file.path: file for file in files}

    def reopen(path: Path) -> RecordSource:
        return by_path.get(path) or RecordFile(path)

    return import_sources(store, files, selection, reopen=reopen)
