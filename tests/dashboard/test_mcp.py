"""The endpoints as tools of the Model Context Protocol, through its own client. Skips where the optional package is missing."""

import asyncio
import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.dashboard.served import running_app

pytest.importorskip("mcp", reason="needs the optional package mcp (pip install 'mcp>=1.21,<2')")

from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client


@pytest.mark.slow
def test_tools_score_a_picture_and_fetch_no_address(
    tiny_model: Path, tiny_finder: Path, make_photo: Callable[..., Path], tmp_path: Path
) -> None:
    picture = base64.b64encode(make_photo("a.png", "red").read_bytes()).decode()

    async def ask(address: str) -> tuple[set[str], Any]:
        async with (
            streamable_http_client(f"{address}/gradio_api/mcp/") as (reading, writing, _),
            ClientSession(reading, writing) as session,
        ):
            await session.initialize()
            names = {tool.name for tool in (await session.list_tools()).tools}
            return names, await session.call_tool("classify_encoded", {"pictures": [picture], "students": "whole"})

    arguments = ["--mcp", "--model", str(tiny_model), "--finder", str(tiny_finder), "--provider", "cpu"]
    with running_app(arguments, tmp_path) as served:
        names, answer = asyncio.run(ask(served.address))
    assert {"classify_encoded", "class_summary", "model_info"} <= names
    assert not answer.isError
    assert "'label': 'red'" in answer.content[0].text
