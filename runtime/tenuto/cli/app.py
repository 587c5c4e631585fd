"""The tree of commands. Names their modules; imports none of them before it is used."""

from __future__ import annotations

from importlib import metadata

from cyclopts import App, Group

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

# The sentences stand here so that the list of commands needs no command's module.
for _group, _name, _function, _help in (
    (_AUTHORS, "lint", "lint:lint", "Check workflow files."),
    (_AUTHORS, "explain", "explain:explain", "Explain a diagnostic's code."),
    (_RUNNING, "run", "run:run", "Run a workflow to its end, with progress."),
    (_RUNNING, "daemon", "daemon:daemon", "Run workflows until told to stop."),
    (_RUNNING, "deploy", "deploy:deploy", "Store workflow files, for new runs to use."),
    (_RUNS, "start", "operate:start", "Start a run; a daemon carries it on."),
    (_RUNS, "signal", "operate:signal", "Send a signal to a run."),
    (_RUNS, "update", "operate:update", "Send an update to a run and print its reply."),
    (_RUNS, "query", "operate:query", "Ask a run a question it declares."),
    (_RUNS, "cancel", "operate:cancel", "Ask a run to cancel: it undoes and ends."),
    (_RUNS, "terminate", "operate:terminate", "End a run at once, undoing nothing."),
    (_RUNS, "retry", "operate:retry", "Let a parked run go on, or a waiting retry happen now."),
    (_RUNS, "show", "inspect:show", "Show one run."),
    (_RUNS, "list", "inspect:list_runs", "List runs, newest first."),
    (_RUNS, "history", "inspect:history", "Show what happened to a run, event by event."),
    (_RUNS, "result", "inspect:result", "Wait for a run's end and print its result."),
    (_OTHER, "version", "about:version", "Show the versions of Tenuto and of what it runs on."),
):
    app.command(f"tenuto.cli.{_function}", name=_name, group=_group, help=_help)

db = App(name="db", help="The database: the embedded server, and the schema in any.", group=_OTHER)
for _name, _help in (
    ("status", "Show which database is used, and whether it answers."),
    ("start", "Start the embedded server; print its URL."),
    ("stop", "Stop the embedded server."),
    ("migrate", "Bring the database's schema to this program's version."),
    ("url", "Print the URL of the database that commands use."),
):
    db.command(f"tenuto.cli.database:{_name}", name=_name, help=_help)
app.command(db)
