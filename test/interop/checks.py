"""A few lines in place of a test framework: named checks, one line of outcome for each."""

import os
import sys
import traceback

URL = os.environ["TURNPIKE_URL"]
KEY = os.environ["TURNPIKE_KEY"]

PROMPT = "Hello there"
QUESTION = "What is the weather in Paris?"
ECHO = "sandbox/echo"
TOOLS = "sandbox/tools"
TOLD = "sunny and 21"

_checks = []


def check(statement):
    """Registers a function as a check, named by a statement about the client."""

    def register(function):
        _checks.append((statement, function))
        return function

    return register


def run():
    """Runs every check; prints `ok` or `not ok` with its statement, and ends with 1 when one failed."""
    failed = False
    for statement, function in _checks:
        try:
            function()
            print(f"ok {statement}", flush=True)
        except Exception:
            failed = True
            print(f"not ok {statement}", flush=True)
            traceback.print_exc(file=sys.stderr)
    sys.exit(1 if failed else 0)
