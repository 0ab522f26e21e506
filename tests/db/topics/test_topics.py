"""A topic folder is read whole or refused in one line that names the file and the key."""

from pathlib import Path

import pytest

from db.store.store import StoreError, open_store
from db.topics import (
    TopicError,
    bundled,
    choice,
    choose,
    choose_published,
    current,
    load,
    per_topic,
    read_published,
    to_publish,
    topic_query,
)
from tests.support.topics import QUERY, TOPIC, in_force, topic_folder


def test_every_bundled_topic_is_whole() -> None:
    for name in bundled():
        with in_force(name) as topic:
            assert topic.home.name == name
            assert topic_query().parts
            assert (topic.home / "vocabulary").is_dir()


def test_a_bundled_topic_is_known_by_its_name_and_by_its_id() -> None:
    ids = []
    for name in bundled():
        with in_force(name) as topic:
            ids.append(topic.id)
            assert choose(topic.id) is topic
    assert len(set(ids)) == len(ids)


def test_names_have_usual_values(tmp_path: Path) -> None:
    topic = load(topic_folder(tmp_path))
    assert (topic.id, topic.beside, topic.models, topic.own_models) == ("gout", "not_gout", "open", False)
    assert topic.named == "gouty arthritis"
    assert "gouty arthritis" in topic.about


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id = ", "not valid TOML"),
        (TOPIC.replace("gout", "Gout", 1), "topic.toml, id: must be small letters"),
        (TOPIC.replace('id = "gout"', ""), "topic.toml, id: is missing"),
        (TOPIC + "colour = 'red'", "topic.toml, colour: is no key of this file"),
        (TOPIC.replace('"Gout tracker"', "3"), "topic.toml, title: must be a text"),
        (TOPIC.replace('"Gout tracker"', '" "'), "topic.toml, title: must be a text"),
        (TOPIC + 'models = "mine"', "topic.toml, models: 'mine' is neither of open, own"),
    ],
)
def test_wrong_names_are_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(TopicError, match=said):
        load(topic_folder(tmp_path, topic=text))


@pytest.mark.parametrize("stem", ["topic", "query"])
def test_a_needed_file_that_is_missing_is_named(tmp_path: Path, stem: str) -> None:
    with pytest.raises(TopicError, match=rf"{stem}\.toml: is missing"):
        load(topic_folder(tmp_path, **{stem: None}))


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    folder = topic_folder(tmp_path)
    (folder / "overview.toml").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(TopicError, match=r"overview\.toml: cannot be read"):
        load(folder)


def test_no_folder_no_topic(tmp_path: Path) -> None:
    with pytest.raises(TopicError, match="no such topic folder, and no bundled topic"):
        choose(tmp_path / "nowhere")
    with pytest.raises(TopicError, match="no such topic folder"):
        load(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (QUERY.replace("version = 1", ""), "query.toml, version: is missing"),
        (QUERY.replace("version = 1", "version = true"), "query.toml, version: must be a whole number"),
        (QUERY.replace('title = "Names"', ""), "query.toml, part 2 title: is missing"),
        (QUERY.replace('title = "Names"', 'title = ""'), "query.toml, part 2 title: is empty"),
        (QUERY.replace("mesh = [", "meshes = ["), "query.toml, match meshes: is no key here"),
        (
            QUERY.replace('words = ["gout", ', 'words = ["gout", 3, '),
            "query.toml, outside words: must be a list of texts",
        ),
        ("version = 1\nparts = []\nmatch = {}\noutside = {}", "query.toml, parts: is empty"),
        ("version = 1\nparts = [3]\nmatch = {}\noutside = {}", "query.toml, parts: must be written as"),
    ],
)
def test_a_wrong_query_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with in_force(topic_folder(tmp_path, query=text)), pytest.raises(TopicError, match=said):
        topic_query()


def test_what_was_kept_for_one_topic_is_not_shown_for_another(tmp_path: Path) -> None:
    calls = []

    @per_topic
    def kept(name: str) -> str:
        calls.append(name)
        return f"{name} of {current().id}"

    usual = current().id
    assert (kept("a"), kept("a")) == (f"a of {usual}",) * 2
    with in_force(topic_folder(tmp_path)):
        assert kept("a") == "a of gout"
    assert kept("a") == f"a of {usual}"
    assert calls == ["a", "a"]


def test_a_folder_that_changed_is_read_anew(tmp_path: Path) -> None:
    folder = topic_folder(tmp_path)
    with in_force(folder) as first:
        assert choose(folder) is first
        (folder / "topic.toml").write_text(TOPIC.replace("Gout tracker", "A tracker of gout"), encoding="utf-8")
        assert choose(folder).title == "A tracker of gout"


def test_the_environment_names_a_topic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HO_TRACKER_TOPIC", str(topic_folder(tmp_path)))
    assert choose().id == "gout"
    with in_force("osteonecrosis") as named:
        assert named.home.name == "osteonecrosis"  # who names a topic means it, whatever the environment says
    monkeypatch.delenv("HO_TRACKER_TOPIC")
    assert choose().id == bundled()[0]


def test_a_published_file_carries_what_its_pages_need(tmp_path: Path) -> None:
    topic = load(topic_folder(tmp_path, overview="section = []", questions='examples = ["Does colchicine help?"]'))
    carried = read_published(to_publish(topic))
    assert (carried.id, carried.title, carried.folder) == ("gout", "Gout tracker", None)
    assert carried.data("questions.toml") == {"examples": ["Does colchicine help?"]}
    assert "query.toml" not in carried.files
    with pytest.raises(TopicError, match="came with a published file"):
        _ = carried.home


def test_the_topic_in_force_stays_where_the_file_carries_the_same(tmp_path: Path) -> None:
    with in_force(topic_folder(tmp_path)) as topic:
        assert choose_published(to_publish(topic)) is topic
        other = to_publish(topic).replace("Gout tracker", "Another")
        assert choose_published(other).title == "Another"


def test_what_is_kept_for_a_topic_chooses_one_where_nobody_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "_in_force", [])
    assert topic_query().parts
    assert current().home.name == bundled()[0]


def test_a_store_keeps_to_its_topic(tmp_path: Path) -> None:
    with open_store(tmp_path / "usual.db"):
        pass
    with in_force(topic_folder(tmp_path / "gout")):
        with open_store(tmp_path / "gout.db"):
            pass
        with pytest.raises(StoreError, match=r"on the topic 'ho', and the topic in force is 'gout'.*--topic"):
            open_store(tmp_path / "usual.db").__enter__()
    with pytest.raises(StoreError, match="on the topic 'gout'"):
        open_store(tmp_path / "gout.db").__enter__()
