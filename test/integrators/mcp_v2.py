"""The second generation of the Python package `mcp` at the gateway's MCP endpoint: URL, key, name of a tool that asks."""

import asyncio
import sys

import httpx2
from mcp import Client, types
from mcp.client.streamable_http import streamable_http_client

URL, KEY, ASKING_TOOL = sys.argv[1:]


async def answer(_context, params: types.ElicitRequestParams) -> types.ElicitResult:
    properties = params.requested_schema["properties"]
    return types.ElicitResult(action="accept", content={name: "Ada" for name in properties})


async def use(mode: str) -> str:
    steps = []

    async def step(progress: float, total: float | None, message: str | None) -> None:
        steps.append((progress, total))

    async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {KEY}"}, timeout=30) as http:
        transport = streamable_http_client(URL, http_client=http)
        async with Client(transport, mode=mode, elicitation_callback=answer) as client:
            names = [tool.name for tool in (await client.list_tools()).tools]
            assert ASKING_TOOL in names, names
            [said] = (await client.call_tool("test_simple_text")).content
            assert said.text == "This is a simple text response for testing.", said
            [image] = (await client.call_tool("test_image_content")).content
            assert image.mime_type == "image/png" and image.data, image
            assert (await client.call_tool("test_error_handling")).is_error
            asked = await client.call_tool(ASKING_TOOL, {"message": "Who?"})
            assert "Ada" in asked.content[0].text, asked
            await client.call_tool("test_tool_with_progress", progress_callback=step)
            assert steps[0] == (0, 100) and len(steps) >= 2, steps
            [read_text] = (await client.read_resource("test://static-text")).contents
            assert read_text.text == "This is the content of the static text resource.", read_text
            prompt = await client.get_prompt("test_prompt_with_arguments", {"arg1": "a", "arg2": "b"})
            assert "arg1='a'" in prompt.messages[0].content.text, prompt
            return client.protocol_version


async def main() -> None:
    assert await use("auto") == "2026-07-28"
    assert await use("legacy") == "2025-11-25"


asyncio.run(main())
