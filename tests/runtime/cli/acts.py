"""Activities of flow.tenuto."""

import time

import tenuto


@tenuto.activity
def greet(word: str, name: str) -> str:
    if name == "Bob":
        raise tenuto.ActivityError("Refused", "not him", retryable=False, why="\x1b[31mbad\x1b[0m")
    return f"{word}, {name}."


@tenuto.activity
def stumble(key: str) -> str:
    return {"known": "value"}[key]


@tenuto.activity
def nap(seconds: float) -> str:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.02)
    return "rested"
