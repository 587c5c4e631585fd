"""The shapes of the YAML form as the loader knows them. Made of `models` by `python3 dev.py models`: change those."""

# fmt: off

from tenuto_dsl.syntax.yaml.known import KnownShape, KnownUnion, Needed

ACTIVITY = KnownShape(
    "the activity",
    {
        "doc": "text", "params": "params", "returns": "type", "python": "text", "http": "http", "sql": "text",
        "headers": "headers", "body": "value", "result": "value", "raises": "list of raises", "timeout": "timeout",
        "retry": "retry", "effect": "name", "queue": "value", "rate": "rate", "priority": "value",
    },
)
ATTRIBUTE = KnownShape(
    "the attribute",
    {"type": "name", "value": "expression", "doc": "text"},
    {"type": Needed("type"), "value": Needed("value")},
)
CALL_OPTIONS = KnownShape(
    "the options of a call",
    {"timeout": "timeout", "retry": "retry", "queue": "value", "priority": "value"},
)
CONFIG_VALUE = KnownShape(
    "the config value",
    {"type": "type", "default": "value", "doc": "text"},
    {"type": Needed("type")},
)
ERROR = KnownShape("the error", {"fields": "fields", "doc": "text"})
FAIL = KnownShape("fail", {"fail": "name", "args": "args"}, {"fail": Needed("fail")})
HANDLER = KnownShape(
    "a handler",
    {"error": "caught", "as": "name", "do": "block"},
    {"do": Needed("do", may_be_empty=True)},
)
HTTP_REQUEST = KnownShape(
    "http",
    {"method": "method", "url": "value"},
    {"method": Needed("method"), "url": Needed("url", may_be_empty=True)},
)
LIMITS = KnownShape(
    "timeout",
    {"attempt": "expression", "overall": "expression", "queued": "expression", "heartbeat": "expression"},
)
MIGRATION = KnownShape(
    "a migration",
    {"from": "integer", "states": "state names", "set": "values"},
    {"from": Needed("from")},
)
OUTCOME = KnownShape(
    "an outcome",
    {"returns": "value", "fails": "name", "args": "args", "attempt": "flag", "hangs": "nothing"},
)
PARAMETER = KnownShape("the parameter", {"type": "type", "default": "value"}, {"type": Needed("type")})
PROPERTY = KnownShape(
    "the property",
    {"never": "expression", "always": "expression", "eventually": "expression", "doc": "text"},
)
QUERY = KnownShape(
    "the query",
    {"type": "type", "value": "value", "doc": "text"},
    {"value": Needed("value", may_be_empty=True)},
)
RAISES = KnownShape("raises", {"error": "names", "when": "expression"}, {"error": Needed("error")})
RATE = KnownShape(
    "rate",
    {"count": "expression", "per": "expression"},
    {"count": Needed("count"), "per": Needed("per")},
)
REGION = KnownShape(
    "the region",
    {
        "doc": "text", "do": "block", "entry": "block", "exit": "block", "defer": "messages",
        "transitions": "transitions", "states": "states", "regions": "regions", "return": "value", "fail": "ending",
        "continue_with": "args",
    },
)
RETRY = KnownShape(
    "retry",
    {
        "times": "expression", "backoff": "expression", "factor": "expression", "up_to": "expression",
        "unless": "names",
    },
    {"times": Needed("times")},
)
SIGNAL = KnownShape("the signal", {"params": "params", "doc": "text"}, {"params": Needed("params")})
STATE = KnownShape(
    "the state",
    {
        "doc": "text", "do": "block", "entry": "block", "exit": "block", "defer": "messages",
        "transitions": "transitions", "states": "states", "regions": "regions", "return": "value", "fail": "ending",
        "continue_with": "args", "initial": "flag", "final": "flag",
    },
)
TEST = KnownShape("a test", {"workflow": "name", "steps": "test steps"}, {"steps": Needed("steps")})
TRANSITION = KnownShape(
    "a transition",
    {"when": "expression", "to": "target", "actions": "block", "do": "block"},
)
TYPE = KnownShape("the type", {"type": "type", "doc": "text"}, {"type": Needed("type")})
UNDO = KnownShape("an undo", {"call": "name", "args": "args"}, {"call": Needed("call")})
UPDATE = KnownShape("the update", {"params": "params", "returns": "type", "doc": "text"})
VARIABLE = KnownShape(
    "the variable",
    {"type": "type", "value": "value", "doc": "text"},
    {"type": Needed("type")},
)
WORKFLOW = KnownShape(
    "the workflow",
    {
        "doc": "text", "do": "block", "entry": "block", "exit": "block", "defer": "messages",
        "transitions": "transitions", "states": "states", "regions": "regions", "return": "value", "fail": "ending",
        "continue_with": "args", "input": "params", "output": "type", "version": "integer", "signals": "signals",
        "updates": "updates", "queries": "queries", "attributes": "attributes", "vars": "variables",
        "properties": "properties", "migrate": "migrations",
    },
)
WORKFLOW_FILE = KnownShape(
    "a workflow file",
    {
        "tenuto": "version", "import": "imports", "types": "types", "errors": "errors", "config": "config",
        "activities": "activities", "workflows": "workflows", "tests": "tests",
    },
    {"tenuto": Needed("tenuto")},
)
STEPS = KnownUnion(
    "step",
    {
        "call": KnownShape(
            "a map",
            {
                "call": "name", "args": "args", "with": "options", "undo": "undo", "as": "name", "into": "place",
                "type": "type",
            },
            {"call": Needed("call")},
        ),
        "start": KnownShape(
            "a map",
            {
                "start": "name", "args": "args", "id": "value", "on_close": "on_close", "as": "name", "into": "place",
                "type": "type",
            },
            {"start": Needed("start")},
        ),
        "let": KnownShape("a map", {"let": "values", "type": "type"}, {"let": Needed("let")}),
        "set": KnownShape("a map", {"set": "assignments"}, {"set": Needed("set")}),
        "wait": KnownShape("a map", {"wait": "expression"}, {"wait": Needed("the duration")}),
        "wait_until": KnownShape("a map", {"wait_until": "expression"}, {"wait_until": Needed("the time")}),
        "wait_for": KnownShape(
            "a map",
            {"wait_for": "expression", "within": "expression"},
            {"wait_for": Needed("the condition")},
        ),
        "receive": KnownShape(
            "a map",
            {"receive": "name", "as": "name", "when": "expression", "within": "expression"},
            {"receive": Needed("receive")},
        ),
        "if": KnownShape(
            "a map",
            {"if": "expression", "then": "block", "else": "block"},
            {"if": Needed("the condition"), "then": Needed("then", may_be_empty=True)},
        ),
        "for": KnownShape(
            "a map",
            {
                "for": "name", "in": "expression", "do": "block", "at_most": "expression", "as": "name",
                "into": "place", "type": "type",
            },
            {"for": Needed("for"), "in": Needed("in"), "do": Needed("do", may_be_empty=True)},
        ),
        "parallel": KnownShape(
            "a map",
            {"parallel": "branches", "as": "name", "into": "place", "type": "type"},
            {"parallel": Needed("parallel")},
        ),
        "repeat": KnownShape(
            "a map",
            {"repeat": "block", "until": "expression", "every": "expression", "at_most": "expression"},
            {"repeat": Needed("repeat", may_be_empty=True), "until": Needed("until")},
        ),
        "try": KnownShape(
            "a map",
            {"try": "block", "catch": "handlers", "finally": "block"},
            {"try": Needed("try", may_be_empty=True)},
        ),
        "send": KnownShape(
            "a map",
            {"send": "name", "args": "args", "to": "value"},
            {"send": Needed("send"), "to": Needed("to", hint="say to which workflow id", may_be_empty=True)},
        ),
        "reply": KnownShape("a map", {"reply": "value"}, {"reply": Needed("reply", may_be_empty=True)}),
        "discard": KnownShape("a map", {"discard": "name"}, {"discard": Needed("discard")}),
        "log": KnownShape("a map", {"log": "value"}, {"log": Needed("log", may_be_empty=True)}),
        "yield": KnownShape("a map", {"yield": "value"}, {"yield": Needed("yield", may_be_empty=True)}),
        "return": KnownShape("a map", {"return": "value"}, {"return": Needed("return", may_be_empty=True)}),
        "fail": KnownShape("a map", {"fail": "name", "args": "args"}, {"fail": Needed("fail")}),
        "compensate": KnownShape(
            "a map",
            {"compensate": "nothing"},
            {"compensate": Needed("compensate", may_be_empty=True)},
        ),
        "commit": KnownShape("a map", {"commit": "nothing"}, {"commit": Needed("commit", may_be_empty=True)}),
    },
    ("compensate", "commit", "return"),
)
TEST_STEPS = KnownUnion(
    "test step",
    {
        "given": KnownShape(
            "a map",
            {"given": "args", "id": "value", "at": "expression"},
            {"given": Needed("given", may_be_empty=True)},
        ),
        "config": KnownShape("a map", {"config": "values"}, {"config": Needed("config")}),
        "mock": KnownShape(
            "a map",
            {"mock": "name", "args": "args", "outcomes": "outcomes"},
            {"mock": Needed("mock"), "outcomes": Needed("outcomes", hint="`outcomes: [{ returns: … }]`")},
        ),
        "send": KnownShape(
            "a map",
            {"send": "name", "args": "args", "to": "value"},
            {"send": Needed("send")},
        ),
        "update": KnownShape(
            "a map",
            {"update": "name", "args": "args", "replies": "value", "rejected": "flag"},
            {"update": Needed("update")},
        ),
        "cancel": KnownShape("a map", {"cancel": "nothing"}, {"cancel": Needed("cancel", may_be_empty=True)}),
        "advance": KnownShape("a map", {"advance": "expression"}, {"advance": Needed("the duration")}),
        "advance_until": KnownShape("a map", {"advance_until": "expression"}, {"advance_until": Needed("the time")}),
        "expect": KnownShape("a map", {"expect": "expression"}, {"expect": Needed("the condition")}),
    },
)
TRANSITIONS = KnownUnion(
    "transition",
    {
        "done": KnownShape(
            "a transition",
            {"when": "expression", "to": "target", "actions": "block", "do": "block", "done": "nothing"},
            {"done": Needed("done", may_be_empty=True)},
        ),
        "on": KnownShape(
            "a transition",
            {"when": "expression", "to": "target", "actions": "block", "do": "block", "on": "name", "as": "name"},
            {"on": Needed("on")},
        ),
        "update": KnownShape(
            "a transition",
            {
                "when": "expression", "to": "target", "actions": "block", "do": "block", "update": "name",
                "as": "name",
            },
            {"update": Needed("update")},
        ),
        "error": KnownShape(
            "a transition",
            {
                "when": "expression", "to": "target", "actions": "block", "do": "block", "error": "names",
                "as": "name",
            },
            {"error": Needed("error", may_be_empty=True)},
        ),
        "cancel": KnownShape(
            "a transition",
            {"when": "expression", "to": "target", "actions": "block", "do": "block", "cancel": "nothing"},
            {"cancel": Needed("cancel", may_be_empty=True)},
        ),
        "after": KnownShape(
            "a transition",
            {"when": "expression", "to": "target", "actions": "block", "do": "block", "after": "expression"},
            {"after": Needed("the duration")},
        ),
        "at": KnownShape(
            "a transition",
            {"when": "expression", "to": "target", "actions": "block", "do": "block", "at": "expression"},
            {"at": Needed("the time")},
        ),
        "every": KnownShape(
            "a transition",
            {"when": "expression", "to": "target", "actions": "block", "do": "block", "every": "expression"},
            {"every": Needed("the schedule")},
        ),
        "when": KnownShape(
            "a transition",
            {"when": "expression", "to": "target", "actions": "block", "do": "block"},
            {"when": Needed("when")},
        ),
    },
)
