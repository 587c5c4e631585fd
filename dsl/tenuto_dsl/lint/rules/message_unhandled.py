"""TEN335: a message that nothing handles

A signal or an update that is declared, and that no transition, `receive` or `discard` ever takes. A signal of that
name is kept in the mailbox until the run ends; an update is refused, always. Its senders believe that they are heard.

Bad:

```tenuto bad members
signal hurry()
```

Good:

```tenuto good members
signal hurry()
on hurry { note = "in a hurry" }
```
"""

from __future__ import annotations

from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.views import WorkflowView
from tenuto_dsl.syntax import tree


@workflow_rule("TEN335")
def check(view: WorkflowView, report: Report) -> None:
    taken = {trigger.signal.text for trigger in view.all(tree.SignalTrigger)}
    taken |= {trigger.update.text for trigger in view.all(tree.UpdateTrigger)}
    taken |= {step.signal.text for step in view.all(tree.ReceiveStep)}
    taken |= {step.signal.text for step in view.all(tree.DiscardStep)}
    messages = [(s.name, "signal", "is kept and never read") for s in view.node.signals]
    messages += [(u.name, "update", "is refused") for u in view.node.updates]
    for name, what, fate in messages:
        if name.text not in taken:
            hint = "handle it in a state or in the whole workflow, or remove the declaration"
            report(name.span, f"nothing handles the {what} {name.text}: it {fate}", hint)
