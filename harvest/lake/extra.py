"""The libraries of the extra `lake`, loaded when they are first needed."""

from importlib import import_module
from typing import Any

from db.errors import TrackerError


class LakeError(TrackerError):
    """A lake that cannot be made, read or asked."""


def needed(module: str) -> Any:
    """Returns a module of the extra `lake`; raises LakeError where it is not installed."""
    try:
        return import_module(module)
    except ImportError as error:
        raise LakeError(f"the lake needs {module.partition('.')[0]}; run: pip install 'ho-tracker[lake]'") from error
