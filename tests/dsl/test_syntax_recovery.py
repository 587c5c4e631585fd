"""Recovery: one mistake gives one diagnostic, two give two, and what is sound is read all the same.

The mistakes are made in a sound file, one by one and in pairs. That all of them are found, and nothing else, is what
makes an editor usable while somebody types.
"""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.syntax import parse_text, tree

SOUND = (Path(__file__).parent.parent / "language" / "ok" / "order_fulfilment.tenuto").read_text()

# What stands in the file, what is written instead, and what has to be said.
MISTAKES = [
    ('type Item    = { sku', 'type Item    { sku', 'expected `=` before `{`'),
    ('type Order   = {', 'typ Order   = {', 'unexpected `typ`; did you mean `type`?'),
    ('error Declined', 'error', 'the line ends too early; expected the name of an error'),
    ('config payments_url: string =', 'config payments_url string =', 'expected `:` before `string`'),
    ('  raises  OutOfStock\n', '  raise  OutOfStock\n', 'unexpected `raise`; did you mean `raises`?'),
    ('timeout 30s\n  retry', 'timeout\n  retry', 'the line ends too early'),
    ('retry   5 times backoff', 'retry   5 backoff', 'unexpected `backoff`; expected `times`'),
    ('effect  keyed                       # safe', 'effect                         # safe',
     'unexpected `}`; expected an effect'),
    ('charge(order_id: string, amount', 'charge(order_id string, amount', 'expected `:` before `string`'),
    ('"""Capture the payment."""', 'Capture the payment.', 'unexpected `Capture`'),
    ('POST config.payments_url + "/charges"', 'POST config.payments_url + "/charges',
     'this string is not closed on its line'),
    ('header  "Authorization" =', 'header  "Authorization"', 'expected `=` before `"Bearer ${secret(\'PAYMENTS_TO…`'),
    ('response.body.id }', 'response.body.id', 'this `{` is not closed'),
    ('response.status == 402', 'response.status = 402', 'unexpected `=`; expected `==`'),
    ('version 3', 'version three', 'unexpected `three`; expected a whole number'),
    ('signal    cancel_order(reason: string)', 'signal    cancel_order(reason: string', 'this `(` is not closed'),
    ('signal    approve(by: string)', 'sginal    approve(by: string)', 'unexpected `sginal`; did you mean `signal`?'),
    ('update    change_email(email: string) -> bool', 'update    change_email(email: string) - bool',
     'unexpected `-`; expected `->`'),
    ('var tracking: string', 'var tracking string', 'expected `:` before `string`'),
    ('e.email.contains("@") {', 'e.email.contains("@" {', 'this `(` is not closed'),
    ('on cancel_order -> cancelled', 'on cancel_order => cancelled', 'unexpected `=>`; an arrow is written `->`'),
    ('after 90d -> rejected', 'after 90x -> rejected', '`90x` is no number'),
    ('initial state reserving', 'inital state reserving', 'unexpected `inital`; did you mean `initial`?'),
    ('let stock = call', 'let = call', 'unexpected `=`; expected a name'),
    ('undo release_stock(reservation: stock.reservation)', 'undo release_stock(reservation: stock.)',
     'unexpected `)`; expected a name'),
    ('done when order.total', 'done wen order.total', 'unexpected `wen`; did you mean `when`?'),
    ('on error OutOfStock                     -> rejected', 'on error OutOfStock                     -> ',
     'unexpected `}`; expected a state name or `history`'),
    ('state awaiting_approval {', 'state {', 'unexpected `{`; expected a state name'),
    ('on approve -> charging', 'on approve charging', 'expected `->` before `charging`'),
    ('after 24h  -> rejected\n  }', 'after 24h  -> rejected\n', 'this `{` is not closed'),
    ('state charging {', 'state charging', 'expected `{`'),
    ('payment_id = paid.payment_id', 'payment_id paid.payment_id', 'expected `=` before `paid`'),
    ('on error Declined -> rejected', 'on eror Declined -> rejected', 'unexpected `eror`; did you mean `error`?'),
    ('region packing {', 'regoin packing {', 'unexpected `regoin`; did you mean `region`?'),
    ('tracking = parcel.tracking', 'tracking = = parcel.tracking', 'unexpected `=`'),
    ('region invoicing { do {', 'region invoicing { do', 'expected `{`'),
    ('done -> delivered', 'done -> delivered @', '`@` means nothing here'),
    ('"payment_id": payment_id, "tracking"', '"payment_id" payment_id, "tracking"', 'expected `:` before `payment_id`'),
    ('fail Rejected(message: "order was not accepted")', 'fail Rejected(message: "order was not accepted)',
     'this string is not closed on its line'),
    ('billing   -> charging', 'billing   - charging', 'unexpected `-`; expected `->`'),
    ('mock reserve_stock returns', 'mock reserve_stock return', 'unexpected `return`; did you mean `returns`?'),
    ('given (order:', 'given order:', 'expected `(`'),
]  # fmt: skip

# A closing brace that is missing and an opening one that is, in one declaration, make up for each other.
CANCEL_OUT = {"after 24h  -> rejected\n", "state charging", "region invoicing { do"}


def read(source: str) -> tuple[tree.File, list[tuple[int, str]]]:
    sink = Diagnostics()
    file = parse_text(source, "order.tenuto", sink)
    return file, [(item.span.line, item.message) for item in sink.items]


@pytest.mark.parametrize(("sound", "wrong", "message"), MISTAKES, ids=[wrong.strip() for _, wrong, _ in MISTAKES])
def test_one_mistake_gives_one_diagnostic(sound: str, wrong: str, message: str) -> None:
    file, said = read(SOUND.replace(sound, wrong, 1))
    assert [text[: len(message)] for _, text in said] == [message]
    where = SOUND[: SOUND.index(sound)].count("\n") + 1
    assert where - 2 <= said[0][0] <= where + sound.count("\n")  # an unclosed bracket is shown where it opens
    assert len(file.declarations) >= len(read(SOUND)[0].declarations) - 1


def pairs() -> list[tuple[str, str, str, str]]:
    found = []
    for (sound, wrong, _), (other, otherwise, _) in itertools.combinations(MISTAKES, 2):
        first, second = (SOUND[: SOUND.index(text)].count("\n") for text in (sound, other))
        together = SOUND.replace(sound, wrong, 1)
        if abs(first - second) > 1 and other in together and not {wrong.strip(" "), otherwise.strip(" ")} <= CANCEL_OUT:
            found.append((sound, wrong, other, otherwise))
    return found


def test_two_mistakes_give_two_diagnostics() -> None:
    amiss = []
    for sound, wrong, other, otherwise in pairs()[::4]:
        _, said = read(SOUND.replace(sound, wrong, 1).replace(other, otherwise, 1))
        if len(said) != 2:
            amiss.append((wrong, otherwise, said))
    assert amiss == []


@pytest.mark.slow
def test_any_two_mistakes_give_two_diagnostics() -> None:
    amiss = []
    for sound, wrong, other, otherwise in pairs():
        _, said = read(SOUND.replace(sound, wrong, 1).replace(other, otherwise, 1))
        if len(said) != 2:
            amiss.append((wrong, otherwise, said))
    assert amiss == []


def test_any_token_left_out_is_noticed_or_harmless() -> None:
    """Leaving a token out gives a sound file or a few diagnostics near it, never a cascade."""
    source = SOUND[SOUND.index("workflow order_fulfilment") :]
    words = [(i, w) for i, w in enumerate(source.split(" ")) if w and "\n" not in w]
    for index, word in words[::5]:
        parts = source.split(" ")
        del parts[index]
        _, said = read(" ".join(parts))
        assert len(said) <= 2, (word, said)


def test_a_misspelt_keyword_hides_nothing() -> None:
    file, said = read("workflow w() {\n  inital state a { do { x = = 1 } }\n  stat b { done -> a }\n}\n")
    assert [text for _, text in said][1:] == [
        "unexpected `=`; expected an expression, `call`, `for`, `parallel` or `start`",
        "unexpected `stat`; did you mean `state`?",
    ]
    [workflow] = file.declarations
    assert isinstance(workflow, tree.WorkflowDecl)
    assert [state.name.text for state in workflow.body.states] == ["a", "b"]


def test_misspelt_keywords_on_lines_that_follow_each_other() -> None:
    """A line is told from itself: that the next one is wrong as well does not hide what was meant."""
    sink = Diagnostics()
    parse_text('workflow w() {\n  do {\n    wiat 1h\n    lgo "a"\n    cal f()\n  }\n}\n', "w.tenuto", sink)
    assert [item.fix.text for item in sink.items if item.fix is not None] == ["wait", "log", "call"]


def test_fixes_are_exact() -> None:
    sink = Diagnostics()
    source = "type T  { a: int }\nerorr E\n"
    parse_text(source, "f", sink)
    lines = source.split("\n")
    for item in sink.items:
        assert item.fix is not None
        span = item.fix.span
        line = lines[span.line - 1]
        lines[span.line - 1] = line[: span.col - 1] + item.fix.text + line[span.end_col - 1 :]
    assert lines == ["type T=  { a: int }", "error E", ""]


def test_after_many_mistakes_it_stops() -> None:
    _, said = read("workflow w() { do {\n" + "x y z\n" * 1000 + "} }")
    assert 10 < len(said) < 100
