"""The first generation of the Python package `mcp` at the gateway's MCP endpoint: URL, key, name of a tool that asks."""

import asyncio
import sys

from mcp import ClientSession, types
from mcp.client.streamable_http import streamablehttp_client

URL, KEY, ASKING_TOOL = sys.argv[1:]


async def answer(_context, params: types.ElicitRequestParams) -> types.ElicitResult:
    properties = params.requestedSchema["properties"]
    return types.ElicitResult(action="accept", content={name: "Ada" for name in properties})


async def main() -> None:
    steps = []

    async def step(progress: float, total: float | None, message: str | None) -> None:
        steps.append((progress, total))

    async with streamablehttp_client(URL, headers={"Authorization": f"Bearer {KEY}"}) as (read, write, _):
        async with ClientSession(read, write, elicitation_callback=answer) as session:
            hello = await session.initialize()
            assert hello.protocolVersion == "2025-11-25", hello
            names = [tool.name for tool in (await session.list_tools()).tools]
            assert ASKING_TOOL in names, names
            [said] = (await session.call_tool("test_simple_text")).content
            assert said.text == "This is a simple text response for testing.", said
            [image] = (await session.call_tool("test_image_content")).content
            assert image.mimeType == "image/png" and image.data, image
            assert (await session.call_tool("test_error_handling")).isError
            asked = await session.call_tool(ASKING_TOOL, {"message": "Who?"})
            assert "Ada" in asked.content[0].text, asked
            await session.call_tool("test_tool_with_progress", progress_callback=step)
            assert steps[0] == (0, 100) and len(steps) >= 2, steps
            [read_text] = (await session.read_resource("test://static-text")).contents
            assert read_text.text == "This is the content of the static text resource.", read_text
            prompt = await session.get_prompt("test_prompt_with_arguments", {"arg1": "a", "arg2": "b"})
            assert "arg1='a'" in prompt.messages[0].content.text, prompt


asyncio.run(main())
