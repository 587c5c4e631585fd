"""Migration: a run of one version goes on in another, at a moment between two of its events.

    migrate(old, new, snapshot, event) -> (snapshot, commands)

*What stays.* Same-named states map to themselves, and a `migrate` declaration says where the others go. Variables keep
their values by name, messages stay in the mailbox, operations in flight go on. A block in progress keeps its place when
it is unchanged, call for call and expression for expression; otherwise it begins again once the calls it had in flight
have resolved, so that nothing is called twice at the same time. Timers that both versions have keep their time; one
whose `after` has another length counts from the same entry. No entry, no exit and no action runs for a state that maps
to another: nothing was left, nothing entered.

*What is new* is entered: a region or a child that the old version did not have, the `do` of a state that had none.

*What cannot be* is refused as a whole, by `Refused`, and the run is as it was. Some of it is known from the two
programs alone (`plan`, which `tenuto_dsl.migration` turns into diagnostics); the rest depends on where the run is, and
another moment may do: an undo that is still needed, a `finally` still running.

A migration is an event like any other, `Migrated`: recorded in history with its commands, and replayed with both
programs at hand (`follow`). A parked run goes on, as after a retry.

`shapes` compares blocks, `plan` compares programs, `work` carries what is in progress over, `apply` does it all, and
`preview` says what it would do.
"""

from tenuto_interpreter.machine.migration.apply import follow, migrate
from tenuto_interpreter.machine.migration.plan import Plan, Problem, plan
from tenuto_interpreter.machine.migration.preview import Preview, preview
from tenuto_interpreter.machine.migration.work import Refused

__all__ = ["Plan", "Preview", "Problem", "Refused", "follow", "migrate", "plan", "preview"]
