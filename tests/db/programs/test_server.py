"""The server as a client of the protocol sees it, over standard input and output. Needs the extra `programs`."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.generate_articles import make_evidence

mcp = pytest.importorskip("mcp")


async def _talk(site: Path) -> tuple[list[str], str, list[Any]]:
    command = mcp.StdioServerParameters(
        command=sys.executable, args=["-m", "harvest.app.cli", "--site", str(site), "mcp"], env=_environment()
    )
    async with mcp.Client(command) as client:
        tools = [tool.name for tool in (await client.list_tools()).tools]
        asked = [
            ("about", {}),
            ("search", {"query": "ossification", "limit": 3}),
            ("article", {"pmid": 12}),
            ("search", {"filters": {"colour": "red"}}),
        ]
        return tools, client.instructions or "", [await client.call_tool(name, words) for name, words in asked]


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": ":".join(path for path in sys.path if path)}


def test_a_client_finds_the_tools_and_gets_claims_and_errors(tmp_path: Path) -> None:
    make_evidence(tmp_path / "evidence.db", 40)
    tools, instructions, (about, found, missing, wrong) = asyncio.run(_talk(tmp_path / "evidence.db"))
    assert tools == ["search", "article", "concept_card", "answer", "trials", "about"]
    assert "cite the PMID" in instructions
    assert json.loads(about.content[0].text)["records_held"] == 40
    assert len(json.loads(found.content[0].text)["articles"]) == 3
    assert missing.is_error
    assert "PMID 12 is not held here" in missing.content[0].text
    assert wrong.is_error
    assert "there is no filter" in wrong.content[0].text
