"""The name and version that the ledger keeps with every run."""

from importlib.metadata import PackageNotFoundError, version


def _installed() -> str:
    try:
        return version("ho-tracker")
    except PackageNotFoundError:
        return "source"


SOFTWARE = f"ho-tracker {_installed()}"
