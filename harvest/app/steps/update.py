"""The update of an older store: its tables are brought up to date under the store's lock, whatever verb comes first."""

import logging
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

from db.store.store import is_older, open_store
from harvest.app.common import pass_settings
from harvest.app.lock import locked
from harvest.app.settings import Settings

log = logging.getLogger(__name__)

Function = TypeVar("Function", bound=Callable[..., Any])

#: So long somebody else may be at work on the older store, perhaps a night of the older version.
_WAIT_SECONDS = 60


def update_store(db: Path) -> None:
    """Brings an older store up to date, once, while nobody else is at work on it; raises LockedError."""
    if not is_older(db):
        return
    with locked(db, "update", wait=_WAIT_SECONDS), open_store(db, create=False):
        log.info("%s: its tables are up to date", db)


def pass_settings_of_store(function: Function) -> Function:
    """Hands the Settings in force to a verb that opens the store without its lock, after `update_store`."""

    @pass_settings
    @wraps(function)
    def call(settings: Settings, *args: Any, **options: Any) -> Any:
        update_store(settings.db)
        return function(settings, *args, **options)

    return call  # type: ignore[return-value]
