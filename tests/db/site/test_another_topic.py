"""A site of another topic says that topic's names on every page, and nothing of the usual one."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from db.publish.publish import publish
from db.store.store import StoreError
from tests.support.stores import fill
from tests.support.topics import in_force, topic_folder

#: Run apart: a process has one topic, and other tests of this one have the usual one.
ASK = """
import asyncio, json, sys
from pathlib import Path
from db.site.server import build_datasette

async def ask():
    datasette = build_datasette(Path(sys.argv[1]))
    await datasette.invoke_startup()
    answers = {}
    for path in json.loads(sys.argv[2]):
        answer = await datasette.client.get(path)
        answers[path] = (answer.status_code, answer.text)
    print(json.dumps(answers))

asyncio.run(ask())
"""
PATHS = [
    *("/", "/articles", "/articles?topic=all", "/articles?topic=not_gout", "/articles?topic=not_ho", "/overview"),
    *(
        "/matrix",
        "/plots",
        "/methods",
        "/methods.json",
        "/trials",
        "/new",
        "/help",
        "/llms.txt",
        "/feed.atom",
        "/overlap",
    ),
    *("/opensearch.xml", "/searches", "/evidence", "/answer?q=what+prevents+gout", "/articles/1", "/review"),
]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, str]]:
    folder = tmp_path_factory.mktemp("gout")
    topic = topic_folder(folder / "topic", questions='examples = ["Does colchicine prevent gout?"]')
    with in_force(topic):
        publish(fill(folder / "gout.db", 40), folder / "evidence.db")
    command = [sys.executable, "-c", ASK, str(folder / "evidence.db"), json.dumps(PATHS)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    found: dict[str, tuple[int, str]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("path", PATHS)
def test_no_page_says_the_usual_topic(answers: dict[str, tuple[int, str]], path: str) -> None:
    status, text = answers[path]
    assert status == (404 if path == "/articles/1" else 400 if path == "/articles?topic=not_ho" else 200)
    ours = re.sub(r"<(?:article|li|tr|td|entry)\b.*?</(?:article|li|tr|td|entry)>", "", text, flags=re.DOTALL)
    shown = re.sub(r"topic (?:is|=) .{0,60}|not_ho", "", ours)
    assert "eterotopic" not in shown
    assert not re.search(r"\bHO\b", shown)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/", "What is known about gouty arthritis"),
        ("/", "Does colchicine prevent gout?"),
        ("/", "does colchicine prevent gout"),
        ("/articles", "Gout tracker"),
        ("/overview", "Nobody has written an overview"),
        ("/llms.txt", "# Gout tracker"),
        ("/feed.atom", "<generator>Gout tracker</generator>"),
        ("/opensearch.xml", "<ShortName>Gout tracker</ShortName>"),
        ("/methods.json", '"about_gout"'),
        ("/evidence", "Evidence on gouty arthritis"),
        ("/articles/1", "It may not be about gouty arthritis, or be newer"),
    ],
)
def test_pages_say_its_names(answers: dict[str, tuple[int, str]], path: str, said: str) -> None:
    assert said in answers[path][1].replace("&#39;", "'")


def test_a_site_is_not_written_over_by_another_topic(tmp_path: Path) -> None:
    publish(fill(tmp_path / "usual.db", 1), tmp_path / "evidence.db")
    with in_force(topic_folder(tmp_path / "topic")):
        store = fill(tmp_path / "gout.db", 1)
        with pytest.raises(StoreError, match=r"the topic 'ho', and the topic in force is 'gout'.*--topic"):
            publish(store, tmp_path / "evidence.db")
