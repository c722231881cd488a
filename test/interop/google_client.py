"""The `google-genai` package."""

from google import genai
from google.genai import types
from pydantic import BaseModel

from checks import ECHO, KEY, PROMPT, QUESTION, TOLD, TOOLS, URL, check, run

client = genai.Client(api_key=KEY, http_options=types.HttpOptions(base_url=URL))


class Report(BaseModel):
    city: str
    celsius: float


@check("google-genai generates")
def generate():
    answer = client.models.generate_content(model=ECHO, contents=PROMPT)
    assert PROMPT in answer.text
    assert answer.usage_metadata.prompt_token_count > 0


@check("google-genai streams")
def stream():
    chunks = client.models.generate_content_stream(model=ECHO, contents=PROMPT)
    assert PROMPT in "".join(chunk.text or "" for chunk in chunks)


@check("google-genai calls functions by itself")
def tools():
    asked = []

    def weather(city: str) -> str:
        """Tells the weather of a city."""
        asked.append(city)
        return TOLD

    chat = client.chats.create(model=TOOLS, config=types.GenerateContentConfig(tools=[weather]))
    assert TOLD in chat.send_message(QUESTION).text
    assert len(asked) == 1


@check("google-genai parses into a model")
def structured():
    config = types.GenerateContentConfig(response_mime_type="application/json", response_schema=Report)
    answer = client.models.generate_content(model=ECHO, contents=QUESTION, config=config)
    assert isinstance(answer.parsed, Report)


run()
