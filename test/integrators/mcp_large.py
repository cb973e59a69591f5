"""The package `mcp`, set up as Open WebUI's own MCP client is: a large answer of a slow tool. URL, key, tool, characters of the answer."""

import asyncio
import math
import sys

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

URL, KEY, TOOL, CHARACTERS = sys.argv[1:]


async def main() -> None:
    headers = {"Authorization": f"Bearer {KEY}"}
    async with httpx2.AsyncClient(headers=headers, timeout=httpx2.Timeout(30, read=300)) as http:
        async with Client(streamable_http_client(URL, http_client=http), read_timeout_seconds=10) as client:
            assert client.protocol_version == "2026-07-28", client.protocol_version
            [said] = (await client.call_tool(TOOL, {}, read_timeout_seconds=math.inf)).content
            assert len(said.text) == int(CHARACTERS), len(said.text)


asyncio.run(main())
