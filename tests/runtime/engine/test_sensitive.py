"""What is declared `sensitive` is in no log, no history, no answer, unless somebody asks for it."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
import structlog
from tenuto.cli.history import _rows
from tenuto.cli.terminal import wire
from tenuto.client import WorkflowFailed

from tests.runtime.engine.kit import VIRTUAL, VirtualWorld, eventually

SECRETS = ("4111-1111", "tok-99887", "pass-word", "child-secret", "new-secret")
SOURCE = """
error Bad { card: sensitive string, why: string }
type Card = { owner: string, number: sensitive string }
activity issue(card: Card) -> { token: sensitive string, shown: int } { python "play:issue"; timeout 1m; raises Bad }
workflow deeper(key: sensitive string) -> sensitive string { do { return key } }
workflow pay(card: Card, fail: bool = false) -> { token: sensitive string, n: int } { version 1
  signal unlock(code: sensitive string)
  signal told(text: string)
  update change(code: sensitive string) -> sensitive string
  query peek -> sensitive string = card.number
  query plain -> { card: string, n: int } = { "card": "no ${card.number}", "n": 7 }
  attribute who: keyword = card.owner
  var last: string = ""
  on update change as u { reply "was ${u.code}" }
  initial state working {
    do {
      let made = call issue(card: card)
      log "issued ${made.token}"
      wait 1h
      log { "still": made.token, "shown": made.shown }
      receive unlock as given
      log "unlocked by ${given.code}"
      let under = call deeper(key: "child-secret")
      send told(text: "is ${made.token}") to "nobody"
      last = made.token
    }
    done when fail -> bad
    done -> over
  }
  final state over { return { "token": last, "n": 1 } }
  final state bad { fail Bad(card: card.number, why: "because ${last}") }
}
"""


def issue(card: dict[str, Any]) -> dict[str, Any]:
    return {"token": "tok-99887", "shown": 5}


def run(world: VirtualWorld, *, fail: bool) -> list[Any]:
    """Run it to its end; what it logged."""
    world.deploy(SOURCE)
    client = world.client
    client.start("pay", {"card": {"owner": "Ada", "number": "4111-1111"}, "fail": fail}, id="p")
    with structlog.testing.capture_logs() as logs, world.engine(VIRTUAL, issue=issue):
        eventually(lambda: client.view("p").owner is None and client.describe("p").next_timer)
        assert client.update("p", "change", {"code": "new-secret"}) == "was new-secret"
        world.advance(3601)
        client.signal("p", "unlock", {"code": "pass-word"})
        eventually(lambda: client.view("p").status.closed)
    return [line["value"] for line in logs if line["event"] == "log"]


@pytest.mark.parametrize("fail", [False, True])
def test_nothing_sensitive_is_told(virtual: VirtualWorld, fail: bool) -> None:
    logged = run(virtual, fail=fail)
    assert logged == ["issued ***", {"still": "***", "shown": 5}, "unlocked by ***"]
    client = virtual.client
    for words in (True, False):
        rows = list(_rows(client, "p", 0, None, words=words, unmasked=False))
        text = orjson.dumps(rows, default=wire).decode()
        assert [secret for secret in SECRETS if secret in text] == []
        assert "Ada" in text or words
        end = rows[len(rows) // 2]["seq"]
        late = orjson.dumps(list(_rows(client, "p", end, 3, words=words, unmasked=False)), default=wire).decode()
        assert [secret for secret in SECRETS if secret in late] == []
    raw = orjson.dumps(list(_rows(client, "p", 0, None, words=False, unmasked=True)), default=wire).decode()
    assert [secret for secret in SECRETS if secret not in raw] == []
    shown, open_ = client.describe("p"), client.describe("p", unmasked=True)
    if fail:
        assert shown.failure is not None
        why = "because tok-99887"  # a plain string, and the run remembers no token any more to compare it with
        assert shown.failure.details == {"card": "***", "why": why}
        assert open_.failure is not None
        assert open_.failure.details == {"card": "4111-1111", "why": "because tok-99887"}
        with pytest.raises(WorkflowFailed):
            client.result("p", 1)
    else:
        assert shown.result == {"token": "***", "n": 1}
        assert open_.result == client.result("p", 1) == {"token": "tok-99887", "n": 1}
    assert open_.variables["card"]["number"] == "4111-1111"
    assert client.query("p", "peek", masked=True) == "***"
    assert client.query("p", "plain", masked=True) == {"card": "no ***", "n": 7}
    assert client.query("p", "peek") == "4111-1111"
    assert json.dumps(shown.attributes) == '{"who": "Ada"}'
