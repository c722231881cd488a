"""The `langchain-openai` package, over chat completions and over responses."""

from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from pydantic import BaseModel

from checks import ECHO, KEY, PROMPT, QUESTION, TOLD, TOOLS, URL, check, run


class Report(BaseModel):
    """A weather report."""

    city: str
    celsius: float


@tool
def weather(city: str) -> str:
    """Tells the weather of a city."""
    return TOLD


def checked(kind, use_responses_api):
    def model(name):
        return ChatOpenAI(
            model=name, api_key=KEY, base_url=f"{URL}/v1", max_retries=0, use_responses_api=use_responses_api
        )

    @check(f"langchain-openai invokes, {kind}")
    def invoke():
        assert PROMPT in str(model(ECHO).invoke(PROMPT).content)

    @check(f"langchain-openai streams, {kind}")
    def stream():
        whole = None
        for chunk in model(ECHO).stream(PROMPT):
            whole = chunk if whole is None else whole + chunk
        assert PROMPT in str(whole.content)

    @check(f"langchain-openai calls tools, {kind}")
    def tools():
        bound = model(TOOLS).bind_tools([weather])
        messages = [HumanMessage(QUESTION)]
        first = bound.invoke(messages)
        assert first.tool_calls[0]["name"] == "weather"
        messages += [first, ToolMessage(tool_call_id=first.tool_calls[0]["id"], content=TOLD)]
        assert TOLD in str(bound.invoke(messages).content)

    @check(f"langchain-openai parses into a model, {kind}")
    def structured():
        parsed = model(ECHO).with_structured_output(Report, method="json_schema").invoke(QUESTION)
        assert isinstance(parsed, Report)


checked("chat", False)
checked("responses", True)
run()
