"""Reads an OpenAPI document from stdin; writes what Open WebUI makes of it, as fetched and as its models get it."""

import json
import sys

from open_webui.utils.tools import clean_openai_tool_schema, convert_openapi_to_tool_payload

fetched = convert_openapi_to_tool_payload(json.load(sys.stdin))
cleaned = [clean_openai_tool_schema(tool) for tool in fetched]
# Importing Open WebUI prints: the answer is the last line.
print("\n" + json.dumps({"fetched": fetched, "cleaned": cleaned}))
