"""The tree of commands. Their modules are light: what is heavy, a command imports when it runs."""

from __future__ import annotations

from cyclopts import App, Group

from tenuto.cli import (
    about,
    daemon,
    database,
    deploy,
    evaluate,
    explain,
    formatting,
    graph,
    inspect,
    lint,
    lsp,
    operate,
    run,
    schema,
    test,
    types,
)

_AUTHORS = Group("Authors", sort_key=1)
_RUNNING = Group("Running", sort_key=2)
_RUNS = Group("Runs", sort_key=3)
_OTHER = Group("Other", sort_key=4)

_EPILOGUE = """\
Data goes to stdout, messages to stderr. Exit codes: 0 ok, 1 workflow failed, 2 usage, 3 lint errors, 4 not found,
5 unreachable, 6 timeout, 130 interrupted. Flags win over the environment (TENUTO_DB, TENUTO_HOME, TENUTO_OUTPUT,
NO_COLOR), it wins over tenuto.toml. With --debug, an unexpected error shows its traceback.
"""


def installed_version() -> str:
    from importlib import metadata  # slow to load, and only versions need it

    return metadata.version("tenuto")


app = App(
    name="tenuto",
    help="Durable workflows as files, on Postgres alone.",
    help_epilogue=_EPILOGUE,
    help_flags=["--help", "-h"],
    version=installed_version,
    version_flags=["--version"],
    default_parameter=None,
)

_NAMES = {"eval_": "eval", "list_runs": "list", "run_tests": "test"}
"""Commands whose functions cannot be called what they are."""

for _group, _functions in (
    (_AUTHORS, (lint.lint, test.run_tests, explain.explain, evaluate.eval_, lsp.lsp)),
    (_AUTHORS, (formatting.fmt, formatting.convert, graph.graph, schema.schema)),
    (_RUNNING, (run.run, daemon.daemon, deploy.deploy)),
    (_RUNS, (operate.start, operate.signal, operate.update, operate.query)),
    (_RUNS, (operate.cancel, operate.terminate, operate.retry)),
    (_RUNS, (inspect.show, inspect.list_runs, inspect.history, inspect.result)),
    (_OTHER, (about.version,)),
):
    for _function in _functions:
        app.command(_function, name=_NAMES.get(_function.__name__, _function.__name__), group=_group, help_epilogue="")

db = App(name="db", help="The database: the embedded server, and the schema in any.", group=_OTHER, help_epilogue="")
for _command in (database.status, database.start, database.stop, database.migrate, database.url):
    db.command(_command, name=_command.__name__, help_epilogue="")
app.command(db)

types_app = App(
    name="types", help="Types to JSON Schema and pydantic models, and back.", group=_AUTHORS, help_epilogue=""
)
types_app.command(types.export, name="export", help_epilogue="")
types_app.command(types.import_, name="import", help_epilogue="")
app.command(types_app)
