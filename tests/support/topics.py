"""Small topic folders, and a topic in force for as long as a test lasts."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from db.topics import Topic, choose

TOPIC = """
id = "gout"
name = "gouty arthritis"
short_name = "gout"
title = "Gout tracker"
"""
QUERY = """
version = 1

[[parts]]
name = "A"
title = "Headings"
query = '"Arthritis, Gouty"[Mesh]'

[[parts]]
name = "B"
title = "Names"
query = '"gouty arthritis"[tiab] OR gout[tiab]'

[match]
mesh = ["D015210"]
hints = ["gout"]
vernacular = []

[outside]
conditions = "gout"
outcomes = "gout"
preprints = "gout"
notices = "gout"
words = ["gout", "gouty arthritis"]
"""
INTERVENTION = """
[[concept]]
id = "colchicine"
name = "colchicine"
"""
OUTCOME = """
[[concept]]
id = "flare"
name = "gout flare"
synonyms = ["acute attack", "{gout|} flares"]
polarity = "less is better"
"""
ABOUT = """
named = ['gout(?:y arthritis)?\\b']
sure = ['gouty arthritis']
look_alike = ['pseudogout', 'calcium pyrophosphate']
headings = ["Arthritis, Gouty"]
"""
POPULATION = """
beside = ['gout']
[site]
toe = ['toes?', 'hallux']
[aetiology]
diuretics = ['diuretics?', 'thiazides?']
other = []
"""
FILES = {
    "topic.toml": TOPIC,
    "query.toml": QUERY,
    "vocabulary/intervention.toml": INTERVENTION,
    "vocabulary/outcome.toml": OUTCOME,
    "cues/about.toml": ABOUT,
    "cues/population.toml": POPULATION,
}


def topic_folder(folder: Path, **changed: str | None) -> Path:
    """Writes a small topic on gout; `changed` files by name (`about` for cues/about.toml), None leaves one out."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, usual in FILES.items():
        text = changed.pop(name.rpartition("/")[2].removesuffix(".toml"), usual)
        if text is not None:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
    for stem, more in changed.items():
        (folder / f"{stem}.toml").write_text(more or "", encoding="utf-8")
    return folder


@contextmanager
def in_force(folder: Path | str) -> Iterator[Topic]:
    """Puts a topic in force, and afterwards the usual one."""
    try:
        yield choose(folder)
    finally:
        choose()
