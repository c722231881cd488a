"""The `openai` package, over chat completions and over responses."""

import json

from openai import OpenAI
from pydantic import BaseModel

from checks import ECHO, KEY, PROMPT, QUESTION, TOLD, TOOLS, URL, check, run

client = OpenAI(base_url=f"{URL}/v1", api_key=KEY, max_retries=0)
PARAMETERS = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}


class Report(BaseModel):
    city: str
    celsius: float


@check("openai chats")
def chat():
    completion = client.chat.completions.create(model=ECHO, messages=[{"role": "user", "content": PROMPT}])
    assert PROMPT in completion.choices[0].message.content
    assert completion.usage.prompt_tokens > 0


@check("openai streams")
def stream():
    with client.chat.completions.stream(model=ECHO, messages=[{"role": "user", "content": PROMPT}]) as events:
        for _ in events:
            pass
        assert PROMPT in events.get_final_completion().choices[0].message.content


@check("openai calls tools")
def tools():
    offered = [{"type": "function", "function": {"name": "weather", "parameters": PARAMETERS}}]
    messages = [{"role": "user", "content": QUESTION}]
    first = client.chat.completions.create(model=TOOLS, messages=messages, tools=offered)
    message = first.choices[0].message
    assert first.choices[0].finish_reason == "tool_calls"
    assert "city" in json.loads(message.tool_calls[0].function.arguments)
    messages += [message, {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": TOLD}]
    second = client.chat.completions.create(model=TOOLS, messages=messages, tools=offered)
    assert TOLD in second.choices[0].message.content


@check("openai parses into a model")
def structured():
    completion = client.chat.completions.parse(
        model=ECHO, messages=[{"role": "user", "content": QUESTION}], response_format=Report
    )
    assert isinstance(completion.choices[0].message.parsed, Report)


@check("openai responds")
def respond():
    assert PROMPT in client.responses.create(model=ECHO, input=PROMPT).output_text


@check("openai streams a response")
def respond_streamed():
    with client.responses.stream(model=ECHO, input=PROMPT) as events:
        for _ in events:
            pass
        assert PROMPT in events.get_final_response().output_text


@check("openai calls tools in responses")
def respond_tools():
    offered = [{"type": "function", "name": "weather", "parameters": PARAMETERS, "strict": True}]
    asked = [{"role": "user", "content": QUESTION}]
    first = client.responses.create(model=TOOLS, input=asked, tools=offered, store=False)
    call = next(item for item in first.output if item.type == "function_call")
    answered = {"type": "function_call_output", "call_id": call.call_id, "output": TOLD}
    second = client.responses.create(model=TOOLS, input=[*asked, *first.output, answered], tools=offered, store=False)
    assert TOLD in second.output_text


@check("openai parses a response into a model")
def respond_structured():
    parsed = client.responses.parse(model=ECHO, input=QUESTION, text_format=Report)
    assert isinstance(parsed.output_parsed, Report)


run()
