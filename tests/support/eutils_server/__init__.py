"""An E-utilities server for tests: PubMed's wire format over real HTTP, a corpus that changes, faults on demand."""

from tests.support.eutils_server.corpus import Corpus, Record
from tests.support.eutils_server.faults import FAULTS, Fault
from tests.support.eutils_server.server import EutilsServer

__all__ = ["FAULTS", "Corpus", "EutilsServer", "Fault", "Record"]
