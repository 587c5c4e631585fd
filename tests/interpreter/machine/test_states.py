"""States and transitions: SCXML's order, completion, errors, timers, messages and cancellation."""

from __future__ import annotations

from tenuto_interpreter import types as t
from tenuto_interpreter.commands import CloseRun, ParkRun
from tenuto_interpreter.events import CancelRequested, Failure, RetryRequested, TerminateRequested
from tenuto_interpreter.ir import Ending, ErrorDecl, Transition, Variable
from tenuto_interpreter.machine import Executable
from tenuto_interpreter.virtual import HANGS, SECOND, VirtualRun

from .build import Builder, state, to


def nothing(name, args, attempt):
    return None


def ending(b: Builder, value: object) -> Ending:
    return Ending("return", None, (("", b.const(value)),))


def test_done_moves_on_in_document_order_of_guards() -> None:
    b = Builder()
    f = b.activity("f")
    do = b.block(("call", b.call(f), None))
    exe = Executable(
        b.program(
            {"children": (1, 2, 3), "initial": 1},
            state("a", do=do, transitions=(to(2, guard=b.const(False)), to(3))),
            state("no", kind="final", ending=ending(b, "no")),
            state("yes", kind="final", ending=ending(b, "yes")),
        )
    )
    assert VirtualRun(exe, nothing).closed.result == "yes"


def test_eventless_transition_leaves_before_do_begins() -> None:
    b = Builder()
    do = b.block(("call", b.call(b.activity("f")), None))
    exe = Executable(
        b.program(
            {"children": (1, 2), "initial": 1},
            state("a", do=do, transitions=(to(2, "when", guard=b.const(True)),)),
            state("end", kind="final"),
        )
    )
    run = VirtualRun(exe, nothing)
    assert run.closed.status == "completed"
    assert run.calls == []


def test_errors_look_for_a_handler_from_their_state_up() -> None:
    b = Builder()
    do = b.block(("fail", "Broken", (("why", b.const("x")), ("message", b.const("m")))))
    note = b.block(("set", 0, b.local(0)))
    exe = Executable(
        b.program(
            {
                "children": (1, 3),
                "initial": 1,
                "transitions": (to(3, "error", codes=("Broken",), binding=True, actions=note),),
            },
            state("outer", children=(2,), initial=2, transitions=(to(3, "error", codes=("Other",)),)),
            state("inner", 1, do=do),
            state("end", kind="final", ending=Ending("return", None, (("", b.var(0)),))),
            variables=(Variable("seen", t.ANY),),
        )
    )
    assert VirtualRun(exe, nothing).closed.result == {"code": "Broken", "message": "m", "why": "x"}


def test_unhandled_error_fails_the_run() -> None:
    b = Builder()
    exe = Executable(b.program({"children": (1,), "initial": 1}, state("a", do=b.block(("fail", "Broken", ())))))
    assert VirtualRun(exe, nothing).closed == CloseRun("failed", None, Failure("Broken", retryable=False))


def waiting_program(b: Builder, *transitions: Transition, root: tuple[Transition, ...] = (), **more) -> Executable:
    """One state that waits, with two ways out: `left` and `right`."""
    return Executable(
        b.program(
            {"children": (1, 2, 3), "initial": 1, "transitions": root},
            state("waiting", transitions=transitions, **more),
            state("left", kind="final", ending=ending(b, "left")),
            state("right", kind="final", ending=ending(b, "right")),
            variables=(Variable("seen", t.ANY, b.const(None)),),
        )
    )


def test_after_counts_from_entry() -> None:
    b = Builder()
    exe = waiting_program(b, to(3, "after", time=b.seconds(60)), to(2, "after", time=b.seconds(30)))
    run = VirtualRun(exe, nothing)
    assert run.snapshot.wakeup() == 30 * SECOND
    assert run.run_to_end().result == "left"


def test_internal_transition_does_not_reset_timers() -> None:
    b = Builder()
    seen = b.block(("set", 0, b.local(0)))
    exe = waiting_program(
        b, to(2, "after", time=b.seconds(30)), Transition("signal", "ping", binding=True, actions=seen)
    )
    run = VirtualRun(exe, nothing)
    run.advance(20)
    run.signal("ping", n=1)
    run.advance(10)
    assert run.closed.result == "left"
    assert run.snapshot.vars == [{"n": 1}]


def test_messages_wait_until_somebody_takes_them() -> None:
    b = Builder()
    exe = Executable(
        b.program(
            {"children": (1, 2, 3), "initial": 1},
            state("a", transitions=(to(2, "signal", name="go"),)),
            state("b", transitions=(to(3, "signal", name="stop"),)),
            state("end", kind="final"),
        )
    )
    run = VirtualRun(exe, nothing)
    run.signal("stop")
    assert run.states() == ["a"]
    run.signal("go")
    assert run.closed.status == "completed"


def test_a_false_guard_keeps_the_message() -> None:
    b = Builder()
    note = b.block(("set", 0, b.const(True)))
    exe = waiting_program(
        b,
        to(2, "signal", name="go", guard=b.e("var", 0)),
        Transition("signal", "arm", actions=note),
    )
    run = VirtualRun(exe, nothing)
    run.signal("go")
    assert run.closed is None
    run.signal("arm")
    assert run.closed.result == "left"


def test_a_message_nobody_names_any_more_is_dropped_by_an_empty_reaction() -> None:
    b = Builder()
    exe = waiting_program(b, Transition("signal", "noise"), to(2, "signal", name="go"))
    run = VirtualRun(exe, nothing)
    run.signal("noise")
    assert run.snapshot.mailbox == []


def test_deferral_holds_an_ancestors_handler_off() -> None:
    b = Builder()
    do = b.block(("call", b.call(b.activity("f")), None))
    exe = Executable(
        b.program(
            {"children": (1, 2, 3), "initial": 1, "transitions": (to(3, "signal", name="stop"),)},
            state("critical", do=do, defers=("stop",), transitions=(to(2),)),
            state("open"),
            state("end", kind="final"),
        )
    )
    run = VirtualRun(exe, lambda *_: HANGS)
    run.signal("stop")
    assert run.states() == ["critical"]
    run._answer = nothing
    from tenuto_interpreter.events import ActivityCompleted

    run.feed(ActivityCompleted(run.at, next(iter(run.snapshot.ops)), 1, None))
    assert run.closed.status == "completed"


# -- cancellation --------------------------------------------------------------------------------------------------


def test_cancel_without_a_handler_interrupts_and_ends_as_cancelled() -> None:
    b = Builder()
    exe = Executable(b.program({"do": b.block(("call", b.call(b.activity("f")), None))}))
    run = VirtualRun(exe, lambda *_: HANGS)
    run.cancel("enough")
    assert run.closed.status == "cancelled"
    assert run.closed.failure.message == "enough"


def test_cancel_can_be_handled() -> None:
    b = Builder()
    exe = waiting_program(b, to(2, "cancel"))
    run = VirtualRun(exe, nothing)
    run.cancel()
    assert run.closed.result == "left"


def test_cancel_can_be_deferred() -> None:
    b = Builder()
    exe = waiting_program(b, to(2, "signal", name="go"), defers_cancel=True)
    run = VirtualRun(exe, nothing)
    run.cancel()
    run.feed(CancelRequested(run.at))
    assert run.closed is None
    run.signal("go")
    assert run.closed.result == "left"


def test_failing_with_cancelled_ends_as_cancelled() -> None:
    b = Builder()
    exe = Executable(
        b.program({"children": (1,), "initial": 1}, state("x", kind="final", ending=Ending("fail", "Cancelled")))
    )
    assert VirtualRun(exe, nothing).closed.status == "cancelled"


def test_terminate_ends_at_once() -> None:
    b = Builder()
    exe = Executable(b.program({"do": b.block(("call", b.call(b.activity("f")), None))}))
    run = VirtualRun(exe, lambda *_: HANGS)
    run.feed(TerminateRequested(run.at, "now"))
    assert run.closed.status == "terminated"
    assert run.snapshot.ops == {}


# -- regions, history, nesting -------------------------------------------------------------------------------------


def test_done_waits_for_every_region() -> None:
    b = Builder()
    quick = b.block(("call", b.call(b.activity("quick")), None))
    slow = b.block(("wait", b.seconds(60)))
    exe = Executable(
        b.program(
            {"children": (1, 4), "initial": 1},
            state("both", regions=(2, 3), transitions=(to(4),)),
            state("one", 1, kind="region", do=quick),
            state("two", 1, kind="region", do=slow),
            state("end", kind="final", ending=ending(b, "end")),
        )
    )
    run = VirtualRun(exe, nothing)
    assert run.states() == ["one", "two"]
    assert run.run_to_end().result == "end"
    assert run.at == 60 * SECOND


def test_a_failed_region_raises_in_its_parent_and_interrupts_its_siblings() -> None:
    b = Builder()
    failing = b.block(("wait", b.seconds(1)), ("fail", "Broken", ()))
    slow = b.block(("call", b.call(b.activity("slow")), None))
    exe = Executable(
        b.program(
            {"children": (1, 4), "initial": 1},
            state("both", regions=(2, 3), transitions=(to(4, "error"),)),
            state("one", 1, kind="region", do=failing),
            state("two", 1, kind="region", do=slow),
            state("end", kind="final", ending=ending(b, "caught")),
        )
    )
    run = VirtualRun(exe, lambda *_: HANGS)
    assert run.run_to_end().result == "caught"


def test_deep_history() -> None:
    b = Builder()
    exe = Executable(
        b.program(
            {"children": (1, 4), "initial": 1},
            state("outer", children=(2, 3), initial=2, transitions=(to(4, "signal", name="leave"),)),
            state("first", 1, transitions=(to(3, "signal", name="next"),)),
            state("second", 1),
            state("away", transitions=(to(1, "signal", name="back", history=True),)),
        )
    )
    run = VirtualRun(exe, nothing)
    run.signal("next")
    run.signal("leave")
    assert run.states() == ["away"]
    run.signal("back")
    assert run.states() == ["second"]


# -- faults --------------------------------------------------------------------------------------------------------


def test_a_fault_parks_the_run_and_keeps_its_event() -> None:
    b = Builder()
    broken = b.block(("put", 0, (("name", "x"),), b.const(1)))  # the variable is null: nothing to assign into
    exe = waiting_program(b, to(2, "signal", name="go", actions=broken))
    run = VirtualRun(exe, nothing)
    run.signal("go")
    assert run.snapshot.status == "parked"
    assert run.states() == ["waiting"]
    assert [type(c) for c in run.log[-1][1]] == [ParkRun]
    run.signal("more")
    assert len(run.snapshot.held) == 2
    run.feed(RetryRequested(run.at))
    assert run.snapshot.status == "parked"
    assert len(run.snapshot.held) == 2
    run.feed(TerminateRequested(run.at))
    assert run.closed.status == "terminated"
    assert run.replayed().encode() == run.snapshot.encode()


def test_a_loop_that_never_waits_is_a_fault() -> None:
    b = Builder()
    run = VirtualRun(Executable(b.program({"do": b.block(("jump", 0))})), nothing)
    assert run.snapshot.status == "parked"
    assert "without waiting" in run.snapshot.parked[0]


def test_transitions_that_never_rest_are_a_fault() -> None:
    b = Builder()
    always = b.const(True)
    exe = Executable(
        b.program(
            {"children": (1, 2), "initial": 1},
            state("a", transitions=(to(2, "when", guard=always),)),
            state("b", transitions=(to(1, "when", guard=always),)),
        )
    )
    assert VirtualRun(exe, nothing).snapshot.status == "parked"


def test_on_error_fault_may_catch_it() -> None:
    b = Builder()
    do = b.block(("put", 0, (("name", "x"),), b.const(1)))
    exe = waiting_program(b, to(2, "error", codes=("Fault",)), do=do)
    assert VirtualRun(exe, nothing).closed.result == "left"


def test_a_childs_undeclared_error_is_childfailed() -> None:
    from tenuto_interpreter.events import ChildFailed
    from tenuto_interpreter.ir import Call

    b = Builder()
    b.calls.append(Call(None, "other", ()))
    do = b.block(("call", 0, 0), ("return", b.local(0)))
    exe = Executable(b.program({"do": do}, errors=(ErrorDecl("Known", ()),)))
    for code, seen in (("Known", "Known"), ("Strange", "ChildFailed")):
        run = VirtualRun(exe, nothing)
        run.feed(ChildFailed(run.at, next(iter(run.snapshot.ops)), Failure(code)))
        assert run.closed.failure.code == seen
