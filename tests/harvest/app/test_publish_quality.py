"""A site shows the figures that were measured on its own disease, or none."""

import json
import sqlite3
from pathlib import Path

from harvest.app.settings import Settings
from harvest.app.steps.publish import publish_step
from tests.support.stores import fill
from tests.support.topics import in_force, topic_folder


def told(settings: Settings) -> object:
    publish_step(settings)
    with sqlite3.connect(settings.site) as conn:
        row = conn.execute("SELECT value FROM properties WHERE name = 'tagger_quality'").fetchone()
    return json.loads(row[0]) if row else None


def test_figures_of_another_disease_are_not_shown(tmp_path: Path) -> None:
    folder = topic_folder(tmp_path / "gout")
    with in_force(folder):
        settings = Settings(fill(tmp_path / "gout.db", 3), tmp_path / "evidence.db")
        assert told(settings) is None
        (folder / "quality.json").write_text('{"gold": "40 made-up records"}', encoding="utf-8")
        assert told(settings) == {"gold": "40 made-up records"}


def test_the_topic_of_the_models_has_theirs(tmp_path: Path) -> None:
    found = told(Settings(fill(tmp_path / "ho.db", 3), tmp_path / "evidence.db"))
    assert isinstance(found, dict)
    assert "findings (who, outcome, direction)" in found["kinds"]
