"""The cases of the W3C's SCXML implementation report that concern us, one small workflow each.

The numbers are those of the report's tests, the letters its parts; what they assert is said in our words. `way`
collects what happened; in a case `say x` stands for `way = way + " x"`, and `saying s` for an entry and an exit that
say +s and -s.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from tests.interpreter.machine.written import run, status

SIGNALS = "signal e(); signal f(); signal g(); signal h()"


@dataclass(frozen=True)
class Case:
    test: str
    asserts: str
    body: str
    way: str
    states: str = ""
    """The innermost active states in the end, or how the run has closed."""
    sends: str = ""
    """The messages, in order; a number is seconds that pass."""


CASES = [
    Case(
        "144", "internal events are processed in the order in which they were raised",
        """initial state p {
             region a { initial state a1 { done { say a1 }; initial state x { when n == 1 -> y }; final state y {} } }
             region b { initial state b1 { done { say b1 }; initial state x { when n == 1 -> y }; final state y {} } }
             on e { n = 1 }
           }""",
        "a1 b1", "p.a.a1.y p.b.b1.y", "e",
    ),
    Case(
        "355/364", "the initial child is entered, and its initial child",
        """initial state s { initial state t { initial state u {}; state v {} } ; state w {} }""",
        "", "s.t.u",
    ),
    Case(
        "387", "history that was never recorded enters as the state itself does",
        """initial state o { on e -> history(s) }
           state s { initial state s1 { initial state x {}; state y {} }; state s2 {} }""",
        "", "s.s1.x", "e",
    ),
    Case(
        "388", "deep history is what was active when the state was last left, at every depth",
        """initial state s {
             on g -> o
             initial state s1 { on f -> s2 }
             state s2 { initial state x { on f -> y }; state y { on h -> s1 } }
           }
           state o { on g -> history(s) { say back } }""",
        "back back", "s.s1", "f f g g h g g",
    ),
    Case(
        "401/402", "an error is an internal event: taken before a message that was there first",
        """initial state s { do { wait 1s; fail Worse }; on error -> t { say error } }
           state t { on e { say e } }""",
        "error e", "t", "e 1",
    ),
    Case(
        "403a", "the first transition in document order, of the innermost state that has one whose guard holds",
        """on e { say root }
           initial state s {
             on e { say s }
             initial state x { on e when n == 1 { say no }; on e when n == 0 { say first }; on e { say second } }
           }""",
        "first", "s.x", "e",
    ),
    Case(
        "403b", "a transition that several branches select is taken once",
        """initial state p { on e { say e }; region a { initial state x {} }; region b { initial state y {} } }""",
        "e", "p.a.x p.b.y", "e",
    ),
    Case(
        "403c", "of two that would leave the same states that of the inner source preempts, else the first",
        """initial state p {
             on e -> p { say outer }
             region a { initial state a1 {} }
             region b { initial state b1 { on e -> b2 { say inner } }; state b2 { on f -> q { say b } } }
             region c { initial state c1 { on f -> c2 { say c } }; state c2 {} }
           }
           state q {}""",
        "inner b", "q", "e f",
    ),
    Case(
        "403c, targetless", "a transition without a target leaves nothing and preempts nothing",
        """initial state p {
             region a { initial state a1 { on e { say a } } }
             region b { initial state b1 { on e -> q { say b } } }
             region c { initial state c1 { on e { say c } } }
           }
           state q {}""",
        "a b c", "q", "e",
    ),
    Case(
        "404", "states are left children first, last in document order first, before any content is executed",
        """initial state p {
             saying p
             region a { saying a; initial state a1 { saying a1 } }
             region b { saying b; initial state b1 { saying b1 } }
             on e -> q { say e }
           }
           state q { entry { say +q } }""",
        "+p +a +a1 +b +b1 -b1 -b -a1 -a -p e +q", "q", "e",
    ),
    Case(
        "405", "several transitions at once: all leave, then all act in document order, then all enter",
        """initial state p {
             region a { initial state a1 { exit { say -a1 }; on e -> a2 { say a } }
                        state a2 { entry { say +a2 } } }
             region b { initial state b1 { exit { say -b1 }; on e -> b2 { say b } }
                        state b2 { entry { say +b2 } } }
           }""",
        "-b1 -a1 a b +a2 +b2", "p.a.a2 p.b.b2", "e",
    ),
    Case(
        "405, eventless", "the same for `when`",
        """on e { n = 1 }
           initial state p {
             region a { initial state a1 { exit { say -a1 }; when n == 1 -> a2 { say a } }
                        state a2 { entry { say +a2 } } }
             region b { initial state b1 { exit { say -b1 }; when n == 1 -> b2 { say b } }
                        state b2 { entry { say +b2 } } }
           }""",
        "-b1 -a1 a b +a2 +b2", "p.a.a2 p.b.b2", "e",
    ),
    Case(
        "406/576", "a target within a region: states are entered parents first, other regions by their initial states",
        """initial state o { on e -> p.b.b2 }
           state p {
             saying p
             region a { saying a; initial state a1 { saying a1 } }
             region b { saying b; initial state b1 { saying b1 }; state b2 { saying b2 } }
             region c { saying c; initial state c1 { saying c1 } }
           }""",
        "+p +a +a1 +b +b2 +c +c1", "p.a.a1 p.b.b2 p.c.c1", "e",
    ),
    Case(
        "409", "a state is active until its exit is over, those inside it no longer",
        """initial state s {
             exit { if active("s") { say s }; if active("s.x") { say x } }
             initial state x { on e -> o; exit { if active("s.x") { say x } } } }
           state o { entry { if !active("s") { say gone } } }""",
        "x s gone", "o", "e",
    ),
    Case(
        "411", "a state is active when its entry begins, those inside it not yet",
        """initial state s {
             entry { if active("s") { say s }; if active("s.x") { say no } }
             initial state x { entry { if active("s.x") { say x } } } }""",
        "s x", "s.x",
    ),
    Case(
        "415", "nothing is done in a run whose final state was entered",
        """initial state s { on e -> u; exit { say -s } }
           final state u {}
           when active("u") -> s { say no }
           on f { say no }""",
        "-s", "completed", "e f",
    ),
    Case(
        "416", "a state is done when its final child was entered, whatever is inside around it",
        """initial state s { done -> o { say done }
             initial state t { done -> u { say t }; initial state x { on e -> y }; final state y {} }
             final state u {} }
           state o {}""",
        "t done", "o", "e",
    ),
    Case(
        "417/570", "a parallel state is done when all its regions are, the states inside first",
        """initial state p {
             done -> o { say p }
             region a { initial state a1 { done { say a1 }; on f -> a2
                          initial state x { on e -> y }; final state y {} }
                        final state a2 {} }
             region b { initial state b1 { on g -> b2 }; final state b2 {} }
           }
           state o {}""",
        "a1 p", "o", "e g f",
    ),
    Case(
        "417, again", "a parallel state that becomes complete once more is done once more",
        """initial state p {
             done when n == 1 -> o { say p }
             region a { initial state a1 { on e -> a2 }; final state a2 {}; on f -> a1 { n = 1 } }
             region b { initial state b1 {on e -> b2 }; final state b2 {} }
           }
           state o {}""",
        "p", "o", "e f e",
    ),
    Case(
        "417, reactions", "a reaction is a region that is idle in the end: when it ends, the state is done once more",
        """initial state p {
             done when n == 2 -> o { say p }
             do { n = 1 }
             on e do { wait 1s; n = n + 1 }
           }
           state o {}""",
        "p", "o", "e 1",
    ),
    Case(
        "419", "eventless transitions come before internal events",
        """initial state s { done -> t { say done }; when active("s.y") -> u { say when }
             initial state x { on e -> y }; final state y {} }
           state t {}
           state u {}""",
        "when", "u", "e",
    ),
    Case(
        "421", "internal events come before messages, one by one, with the eventless transitions between them",
        """initial state o { on e -> s }
           state s { done -> t { say done }; on f { say no }; initial state x { when true -> y }; final state y {} }
           state t { when true -> v { say when } }
           state v { on f { say f } }""",
        "done when f", "v", "f e",
    ),
    Case(
        "422", "the work of a state begins when everything has come to rest, in those that are still active then",
        """initial state s { do { say s }; when true -> t }
           state t { do { say t }; initial state x { do { say x }; when true -> y }; state y { do { say y } } }""",
        "t y", "t.y",
    ),
    Case(
        "503", "a transition without a target does not leave its state",
        """initial state s { saying s; on e { say e } ; initial state x { saying x } }""",
        "+s +x e", "s.x", "e",
    ),
    Case(
        "504", "a transition leaves everything up to what contains source and target",
        """initial state s {
             saying s
             initial state t { saying t; on e -> t.y { say e }
               initial state x { saying x }; state y { saying y } }
           }""",
        "+s +t +x -x -t e +t +y", "s.t.y", "e",
    ),
    Case(
        "505", "a handler of the workflow, or of a region, that leads into it does not leave it",
        """on f -> p { say f }
           initial state p {
             saying p
             region a { saying a; on e -> a2 { say e }
               initial state a1 { saying a1 }; state a2 { saying a2 } }
             region b { initial state b1 { saying b1 } }
           }""",
        "+p +a +a1 +b1 -a1 e +a2 -b1 -a2 -a -p f +p +a +a1 +b1", "p.a.a1 p.b.b1", "e f",
    ),
    Case(
        "506", "one that leads out of its region leaves it, and all others",
        """initial state p {
             saying p
             region a { saying a; on e -> q { say e }; initial state a1 {} }
             region b { saying b; initial state b1 {} }
           }
           state q {}""",
        "+p +a +b -b -a -p e", "q", "e",
    ),
    Case(
        "533", "a handler of a state with regions that leads into one leaves them all",
        """initial state p {
             saying p
             on e -> p.a.a2 { say e }
             region a { initial state a1 {}; state a2 { saying a2 } }
             region b { initial state b1 { saying b1 } }
           }""",
        "+p +b1 -b1 -p e +p +a2 +b1", "p.a.a2 p.b.b1", "e",
    ),
    Case(
        "525", "a loop goes over what the list was when it began",
        """var all: [int] = [1, 2]
           initial state s { do { for x in all { all = all + [x]; say x } } }""",
        "x x", "s",
    ),
    Case(
        "580", "history is in each state that was left, also in one left with what was around it",
        """initial state s {
             on f -> o
             initial state t { initial state x { on e -> y }; state y {} }
             state u {}
           }
           state o { on g -> history(s.t) }""",
        "", "s.t.y", "e f g",
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.test)
def test_a_case_of_the_report(case: Case) -> None:
    source = f'workflow w() {{ {SIGNALS}; var n: int = 0; var way: string = ""\n{case.body} }}'
    source = re.sub(r"\bsaying (\w+)", r"entry { say +\1 }; exit { say -\1 }", source)
    made = run(re.sub(r"\bsay (\S+)", r'way = way + " \1"', source))
    for sent in case.sends.split():
        if sent.isdigit():
            made.advance(int(sent))
        else:
            made.signal(sent)
    slot = [v.name for v in made.exe.program.variables].index("way")
    assert made.snapshot.vars[slot].split() == case.way.split(), case.asserts
    assert " ".join(made.states()) == case.states or status(made) == case.states
    assert made.replayed().encode() == made.snapshot.encode()
