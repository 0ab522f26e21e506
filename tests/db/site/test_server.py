"""What is looked at before a site is served: the file, the port, the desk, the main pages."""

import shutil
import socket
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from db.errors import TrackerError
from db.site import server
from db.site.served import holds_sample
from db.site.server import ServeError, build_datasette, check_desk, check_port, check_servable, serve, smoke_test
from db.site.serving.accounts import AccountsError
from db.site.serving.desk import ReviewDesk
from db.store.store import open_store


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_file_that_cannot_show_its_pages_is_not_published(evidence: Path, tmp_path: Path) -> None:
    broken = tmp_path / "evidence.db"
    shutil.copy(evidence, broken)
    with closing(sqlite3.connect(broken)) as conn:
        conn.execute("DROP TABLE articles_fts")
        conn.commit()
    with pytest.raises(ServeError, match="not published, the page / answers 503"):
        smoke_test(broken)
    with closing(sqlite3.connect(tmp_path / "other.db")) as conn:
        conn.execute("CREATE TABLE articles (id INTEGER)")
    with pytest.raises(ServeError, match="not published, the page / answers"):
        smoke_test(tmp_path / "other.db")


def test_what_cannot_be_served_is_one_line(evidence: Path, tmp_path: Path) -> None:
    port = free_port()
    check_servable(evidence, "127.0.0.1", port)
    with pytest.raises(ServeError, match="there is nothing to serve; run: ho-tracker publish"):
        check_servable(tmp_path / "missing.db", "127.0.0.1", port)
    (tmp_path / "text").write_text("no database")
    with pytest.raises(TrackerError):
        check_servable(tmp_path / "text", "127.0.0.1", port)
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        with pytest.raises(ServeError, match=f"port {held.getsockname()[1]} on 127.0.0.1 cannot be used"):
            check_port("127.0.0.1", held.getsockname()[1])
    check_port("127.0.0.1", port)


def test_a_desk_needs_a_store_that_can_be_written_and_a_readable_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = ReviewDesk(tmp_path / "ho.db", "a secret that is long enough", tmp_path / "people")
    with pytest.raises(TrackerError):
        check_desk(desk)  # no store yet
    with open_store(desk.store):
        pass
    check_desk(desk)
    desk.reviewers.write_text("ada:no hash\n")
    with pytest.raises(AccountsError, match="line 1: not NAME:HASH"):
        check_desk(desk)
    desk.reviewers.unlink()
    monkeypatch.setattr(server, "is_read_only", lambda _: True)
    with pytest.raises(ServeError, match="writes to the store; make the file and its folder writable"):
        check_desk(desk)


def test_the_site_is_served_where_it_was_asked_for(
    evidence: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[Any] = []
    monkeypatch.setattr("uvicorn.run", lambda app, **options: ran.append(options))
    made: list[Any] = []
    build = server.build_datasette

    def building(*given: Any) -> Any:
        made.append(build(*given))
        return made[-1]

    monkeypatch.setattr(server, "build_datasette", building)
    port = free_port()
    serve(evidence, "127.0.0.1", port, "/base/", {"site_url": "https://ho.example"})
    assert ran == [{"host": "127.0.0.1", "port": port, "log_level": "warning", "lifespan": "on"}]
    (datasette,) = made
    assert datasette.setting("base_url") == "/base/"
    assert datasette.metadata("site_url") == "https://ho.example"
    assert "table.html" in {name for _, name in datasette.jinja_env.cache}
    assert set(datasette.databases) == {"_internal", "evidence"}
    desk = ReviewDesk(tmp_path / "missing.db", "a secret that is long enough", tmp_path / "people")
    with pytest.raises(TrackerError):
        serve(evidence, "127.0.0.1", port, desk=desk)
    assert len(ran) == 1


async def test_whether_a_file_is_the_sample_is_read_from_it(evidence: Path, tmp_path: Path) -> None:
    path = tmp_path / "evidence.db"
    shutil.copy(evidence, path)
    for value, sample in (("1", True), ("0", False), (None, False)):
        with closing(sqlite3.connect(path)) as conn:
            conn.execute("DELETE FROM properties WHERE name = 'sample'")
            conn.execute("INSERT INTO properties SELECT 'sample', ?1 WHERE ?1 IS NOT NULL", [value])
            conn.commit()
        datasette = build_datasette(path)
        assert await holds_sample(datasette) is False  # before it was looked for
        await datasette.invoke_startup()
        assert await holds_sample(datasette) is sample


def test_a_file_of_another_name_has_the_same_descriptions(evidence: Path, tmp_path: Path) -> None:
    path = tmp_path / "served.db"
    shutil.copy(evidence, path)
    tables = build_datasette(path).metadata("tables", database="served")
    assert tables == build_datasette(evidence).metadata("tables", database="evidence")
    assert "articles" in tables


@pytest.mark.parametrize("fixed", [True, False])
def test_only_a_file_that_nobody_can_change_is_opened_as_immutable(
    evidence: Path, monkeypatch: pytest.MonkeyPatch, fixed: bool
) -> None:
    monkeypatch.setattr(server, "is_read_only", lambda _: fixed)
    assert build_datasette(evidence).get_database("evidence").is_mutable is not fixed
