"""The `pydantic-ai` package, over the models of all four dialects."""

import asyncio

from pydantic import BaseModel
from pydantic_ai import Agent
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.google import GoogleModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.google import GoogleProvider
from pydantic_ai.providers.openai import OpenAIProvider

from checks import ECHO, KEY, PROMPT, QUESTION, TOLD, TOOLS, URL, check, run


class Report(BaseModel):
    city: str
    celsius: float


def checked(kind, model):
    @check(f"pydantic-ai runs, {kind}")
    def whole():
        assert PROMPT in asyncio.run(Agent(model(ECHO)).run(PROMPT)).output

    @check(f"pydantic-ai streams, {kind}")
    def stream():
        async def streamed():
            async with Agent(model(ECHO)).run_stream(PROMPT) as result:
                return await result.get_output()

        assert PROMPT in asyncio.run(streamed())

    @check(f"pydantic-ai calls tools, {kind}")
    def tools():
        agent = Agent(model(TOOLS))
        asked = []

        @agent.tool_plain
        def weather(city: str) -> str:
            """Tells the weather of a city."""
            asked.append(city)
            return TOLD

        assert TOLD in asyncio.run(agent.run(QUESTION)).output
        assert len(asked) == 1

    @check(f"pydantic-ai makes objects, {kind}")
    def structured():
        assert isinstance(asyncio.run(Agent(model(TOOLS), output_type=Report).run(QUESTION)).output, Report)


def openai():
    return OpenAIProvider(base_url=f"{URL}/v1", api_key=KEY)


checked("chat", lambda name: OpenAIChatModel(name, provider=openai()))
checked("responses", lambda name: OpenAIResponsesModel(name, provider=openai()))
checked("messages", lambda name: AnthropicModel(name, provider=AnthropicProvider(base_url=URL, api_key=KEY)))
checked("gemini", lambda name: GoogleModel(name, provider=GoogleProvider(base_url=URL, api_key=KEY)))
run()
