"""The tree of commands. Their modules are light: what is heavy, a command imports when it runs."""

from __future__ import annotations

from cyclopts import App, Group

_FILES = Group("Workflow files", sort_key=1)
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

_COMMANDS: tuple[tuple[Group, dict[str, str]], ...] = (
    (
        _FILES,
        {
            "lint": "lint:lint",
            "test": "test:run_tests",
            "check": "check:check",
            "explain": "explain:explain",
            "eval": "evaluate:eval_",
            "lsp": "lsp:lsp",
            "fmt": "formatting:fmt",
            "convert": "formatting:convert",
            "graph": "graph:graph",
            "schema": "schema:schema",
        },
    ),
    (
        _RUNNING,
        {
            "run": "run:run",
            "daemon": "daemon:daemon",
            "deploy": "deploy:deploy",
        },
    ),
    (
        _RUNS,
        {
            "start": "operate:start",
            "signal": "operate:signal",
            "update": "operate:update",
            "query": "operate:query",
            "cancel": "operate:cancel",
            "terminate": "operate:terminate",
            "retry": "operate:retry",
            "migrate": "migrating:migrate",
            "show": "inspect:show",
            "list": "inspect:list_runs",
            "history": "history:history",
            "result": "inspect:result",
        },
    ),
    (
        _OTHER,
        {
            "version": "about:version",
        },
    ),
)
"""Where each command is, by its name. Only the module of the one that runs is loaded; a list of all loads them all."""

for _group, _commands in _COMMANDS:
    for _name, _place in _commands.items():
        app.command(f"tenuto.cli.{_place}", name=_name, group=_group, help_epilogue="")

db = App(name="db", help="The database: the embedded server, and the schema in any.", group=_OTHER, help_epilogue="")
for _name in ("status", "start", "stop", "migrate", "url"):
    db.command(f"tenuto.cli.database:{_name}", name=_name, help_epilogue="")
app.command(db)

types_app = App(
    name="types", help="Types to JSON Schema and pydantic models, and back.", group=_FILES, help_epilogue=""
)
types_app.command("tenuto.cli.types:export", name="export", help_epilogue="")
types_app.command("tenuto.cli.types:import_", name="import", help_epilogue="")
app.command(types_app)


def load_all() -> None:
    """Load every command: what a list of them with their descriptions needs."""
    for group in (app, db, types_app):
        for name in group:
            if not name.startswith("-"):
                group[name]
