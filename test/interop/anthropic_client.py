"""The `anthropic` package."""

from anthropic import Anthropic
from pydantic import BaseModel

from checks import ECHO, KEY, PROMPT, QUESTION, TOLD, TOOLS, URL, check, run

client = Anthropic(base_url=URL, api_key=KEY, max_retries=0)


class Report(BaseModel):
    city: str
    celsius: float


def asked(content):
    return {"max_tokens": 300, "messages": [{"role": "user", "content": content}]}


@check("anthropic gets a message")
def message():
    answer = client.messages.create(model=ECHO, **asked(PROMPT))
    assert PROMPT in answer.content[0].text
    assert answer.stop_reason == "end_turn"
    assert answer.usage.output_tokens > 0


@check("anthropic streams")
def stream():
    with client.messages.stream(model=ECHO, **asked(PROMPT)) as events:
        assert PROMPT in events.get_final_text()


@check("anthropic calls tools")
def tools():
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    offered = [{"name": "weather", "input_schema": schema}]
    request = asked(QUESTION)
    first = client.messages.create(model=TOOLS, tools=offered, **request)
    assert first.stop_reason == "tool_use"
    call = next(block for block in first.content if block.type == "tool_use")
    assert "city" in call.input
    result = {"type": "tool_result", "tool_use_id": call.id, "content": TOLD}
    request["messages"] += [{"role": "assistant", "content": first.content}, {"role": "user", "content": [result]}]
    second = client.messages.create(model=TOOLS, tools=offered, **request)
    assert TOLD in "".join(block.text for block in second.content)


@check("anthropic parses into a model")
def structured():
    answer = client.messages.parse(model=ECHO, output_format=Report, **asked(QUESTION))
    assert isinstance(answer.parsed_output, Report)


@check("anthropic counts tokens")
def count():
    counted = client.messages.count_tokens(model=ECHO, messages=[{"role": "user", "content": PROMPT}])
    assert counted.input_tokens > 1


run()
