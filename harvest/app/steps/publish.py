"""The step publish: the store into the site's file, after a smoke test of its pages."""

from importlib.resources import files
from importlib.resources.abc import Traversable

from db.publish.publish import PublishReport, publish
from db.site.server import smoke_test
from db.topics import current
from harvest.app.lock import locked
from harvest.app.settings import Settings

#: So long another process may be publishing before this one gives up.
_WAIT_SECONDS = 600


def publish_step(settings: Settings, allow_shrinking: bool = False) -> PublishReport:
    """Publishes the store into the site's file after a smoke test of its pages, one such at a time."""
    with locked(settings.site, "publish", wait=_WAIT_SECONDS):
        return publish(settings.db, settings.site, smoke_test, allow_shrinking, _quality(), settings.show_reviewers)


def _quality() -> dict[str, str]:
    """Returns the tagger's measured quality for the methods page, as benchmarks/tagger_quality.py wrote it.

    What was measured on one disease is told of that one alone: a topic has figures of its own, or none.
    """
    topic = current()
    path: Traversable = topic.home / "quality.json"
    if topic.own_models and not path.is_file():
        path = files("nlp.scoring") / "quality.json"
    return {"tagger_quality": path.read_text(encoding="utf-8")} if path.is_file() else {}
