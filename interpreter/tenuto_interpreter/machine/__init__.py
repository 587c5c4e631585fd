"""The machine: a workflow as a pure function from events to snapshots and commands.

    step(executable, snapshot, event) -> (snapshot, commands)

*What a run is.* A configuration of active states, fibers (durable blocks in progress), operations in flight, timers, a
mailbox, an undo stack and variables; `snapshot` holds them all as plain data. One event changes them once, completely,
and then the run rests until the next. Nothing happens between two events, and nothing happens that no event caused.

*Why it is pure.* Time, identity, randomness and every outcome arrive inside events, so a history is enough to compute
the same snapshots again: for recovery, verification, time travel, virtual time and model checking, by the same code.

*The order within one event* is SCXML's, extended by fibers and a mailbox:

1. the event changes something: an outcome resumes its fiber, a timer fires, a message joins the mailbox;
2. eventless transitions (`when`) are taken until none is enabled;
3. internal events, oldest first: a state is complete (`done`), something failed (`error`);
4. fibers that can run run, each until it waits, ends or fails;
5. the oldest message that anybody takes is taken, by receivers first, then by transitions, innermost state first;
6. back to 2 until nothing moves.

A `do` therefore does not begin when an eventless transition leaves its state at once, and a message never sees a state
that has not come to rest. Changing this order changes what workflows mean.

*Errors and faults.* An error (a failed call, `fail`) belongs to the workflow: it looks for a handler in its block, then
for `on error` from its state up; nobody's error ends the run as failed, after compensation. A fault (an expression
that fails, a budget that is spent) belongs to the program: the step is undone and the run parked.

*Leaving a state* interrupts what belongs to it. Calls in flight are asked to stop and stay tracked: a late success
pushes its undo, an unknown outcome does too where the undo needs no result; when a compensation that covers the call
has passed, the undo is run at once. A block that is interrupted within a `try` with a `finally` is owed that `finally`:
it runs to its end, as part of no state, while whatever interrupted it goes on. A run whose outcome is decided first
lets all of these end, then runs its undos (unless it completed), newest first, and closes when nothing tracked is left.

The files, in the order in which they use each other: `snapshot` (data), `executable` (a program made ready), `turn`
(working memory of one step), `limits` (of an operation), `children` (starting them), `operations` (calls, retries,
undo), `interruption` (of what is at work, and what it owes), `waits` (conditions, messages, compensation, forks),
`fibers` (running blocks), `timers`, `states` (the configuration), `selection` (which transitions), `ending`,
`macrostep` (the order above), `watch` (properties), `step` (events), and `migration` (from one program to another, with
an essay of its own). An arrow never points back.
"""

from tenuto_interpreter.machine.executable import Executable
from tenuto_interpreter.machine.record import read_record, record
from tenuto_interpreter.machine.snapshot import Snapshot
from tenuto_interpreter.machine.step import query, step
from tenuto_interpreter.machine.turn import Fault, Observe

__all__ = ["Executable", "Fault", "Observe", "Snapshot", "query", "read_record", "record", "step"]
