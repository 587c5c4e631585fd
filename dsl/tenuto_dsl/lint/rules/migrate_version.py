"""TEN620: a migration without a version to migrate to

The workflow says how runs of an older version are carried over, and has no `version` itself, or one that is not later
than the one it migrates from. No run is ever older, so none is migrated.

Bad:

```tenuto bad
workflow w() {
  version 2
  initial state asking { after 1d -> over }
  final state over {}
  migrate from 2 { waiting -> asking }
}
```

Good:

```tenuto good
workflow w() {
  version 3
  initial state asking { after 1d -> over }
  final state over {}
  migrate from 2 { waiting -> asking }
}
```
"""

from __future__ import annotations

from tenuto_dsl.lint.rule import Report, workflow_rule
from tenuto_dsl.lint.terms import head
from tenuto_dsl.lint.views import WorkflowView


@workflow_rule("TEN620")
def check(view: WorkflowView, report: Report) -> None:
    version = view.node.version
    for migration in view.node.migrations:
        if version is None:
            hint = f"add `version {migration.version + 1}`"
            report(head(migration, 7), f"{view.name} has no version that runs could be migrated to", hint)
        elif migration.version >= version:
            message = f"{view.name} is at version {version}: no run of version {migration.version} is older"
            report(head(migration, 7), message, "raise `version`, or migrate from an earlier one")
