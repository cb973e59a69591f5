"""Chats by OpenAI's own client of Python: `chat.py URL KEY`. Ends with an error where anything is not as it has it."""

import sys

from openai import AuthenticationError, BadRequestError, NotFoundError, OpenAI

url, key = sys.argv[1:]
client = OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0)
HELP = [{"role": "user", "content": "help"}]

models = [model.id for model in client.models.list()]
assert "mcpo-assistant" in models, models

whole = client.chat.completions.create(model="mcpo-assistant", messages=HELP)
assert whole.object == "chat.completion" and whole.model == "mcpo-assistant", whole
assert whole.choices[0].message.role == "assistant" and whole.choices[0].message.content, whole
assert whole.choices[0].finish_reason == "stop" and whole.usage is not None, whole

chunks = list(client.chat.completions.create(model="mcpo-assistant", messages=HELP, stream=True, stream_options={"include_usage": True}))
said = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
assert said == whole.choices[0].message.content, chunks
assert [choice.finish_reason for chunk in chunks for choice in chunk.choices if choice.finish_reason] == ["stop"], chunks
assert chunks[-1].choices == [] and chunks[-1].usage is not None, chunks

with client.chat.completions.stream(model="mcpo-assistant", messages=HELP) as stream:
    assert stream.get_final_completion().choices[0].message.content == said


def refusal(error, **asked):
    try:
        asked.pop("by", client).chat.completions.create(**asked)
    except error as refused:
        return refused
    raise AssertionError(f"not refused: {asked}")


missing = refusal(NotFoundError, model="no-such-model", messages=HELP)
assert (missing.code, missing.param, missing.type) == ("model_not_found", "model", "invalid_request_error"), missing.body
assert refusal(BadRequestError, model="mcpo-assistant", messages=[]).param == "messages"
stranger = OpenAI(base_url=f"{url}/v1", api_key="key-of-nobody", max_retries=0)
assert refusal(AuthenticationError, by=stranger, model="mcpo-assistant", messages=HELP).code == "invalid_api_key"
