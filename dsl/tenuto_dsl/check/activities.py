"""Activities: their limits and policy, what their bindings compute, what they say they raise."""

from __future__ import annotations

import re

from tenuto_interpreter.statements import parameters
from tenuto_interpreter.types import BOOL, DURATION, INT, STRING

from tenuto_dsl.check import scopes
from tenuto_dsl.check.context import Context
from tenuto_dsl.check.facts import ActivityFacts
from tenuto_dsl.check.scopes import Names
from tenuto_dsl.diagnostics import Spelled, nearest
from tenuto_dsl.syntax import tree

EFFECTS = ("pure", "idempotent", "keyed", "transactional", "once")

_PYTHON_TARGET = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)


def check_activity(activity: ActivityFacts, context: Context) -> None:
    """Parameters are locals in the order of their declaration; the response of a binding comes after them."""
    node, sink = activity.node, context.sink
    context.defaults(activity.params)
    names = _with_parameters(activity, scopes.activity_names(context.declarations, secret=False), context)
    for param in activity.params:
        if param.name in ("activity", "response") and isinstance(node.binding, tree.HttpBinding):
            sink.error("TEN205", param.node.name.span, f"the name {param.name} is taken by the language")
        if param.name == "error" and isinstance(node.binding, tree.SqlBinding):
            sink.error("TEN205", param.node.name.span, "the name error is taken by the language")
    context.options(node.timeout, node.retry, names)
    context.queue(node.queue, node.priority, names)
    if node.rate is not None:
        context.expression(node.rate.count, names, INT)
        context.expression(node.rate.per, names, DURATION)
    if node.effect is not None and node.effect.text not in EFFECTS:
        close = nearest(node.effect.text, EFFECTS)
        hint = f"did you mean {close}?" if close else "one of " + ", ".join(EFFECTS)
        sink.error("TEN219", node.effect.span, f"{node.effect.text} is no effect", hint)
    context.mark(node, names)
    _binding(activity, context)
    _raises(activity, context)


def _with_parameters(activity: ActivityFacts, names: Names, context: Context, *, quiet: bool = False) -> Names:
    for number, param in enumerate(activity.params):
        if quiet:
            names.enter(param.node.name, param.type, ("local", number), "parameter")
        else:
            names.declare(param.node.name, param.type, ("local", number), "parameter", context.sink)
    return names


def _response_names(activity: ActivityFacts, context: Context) -> Names:
    names = scopes.activity_names(context.declarations, secret=True, dynamic=True)
    names = _with_parameters(activity, names, context, quiet=True)
    names.bind("response", scopes.RESPONSE, ("local", len(activity.params)), "binding")
    return names


def _error_names(activity: ActivityFacts, context: Context) -> Names:
    names = scopes.activity_names(context.declarations, secret=False)
    names = _with_parameters(activity, names, context, quiet=True)
    names.bind("error", scopes.SQL_ERROR, ("local", len(activity.params)), "binding")
    return names


def _binding(activity: ActivityFacts, context: Context) -> None:
    match activity.node.binding:
        case tree.HttpBinding() as binding:
            names = scopes.activity_names(context.declarations, secret=True)
            names = _with_parameters(activity, names, context, quiet=True)
            context.expression(binding.url, names, STRING)
            context.once((h.name.lower(), h.span, f"the header {h.name} is given twice") for h in binding.headers)
            for header in binding.headers:
                context.expression(header.value, names, STRING)
            context.maybe(binding.body, names)
            if binding.result is not None:
                if activity.returns is None:
                    message = f"{activity.name} does not declare that it returns a value"
                    context.sink.error(
                        "TEN220",
                        binding.result.span,
                        message,
                        Spelled("declare what it returns: `-> T`", "declare what it returns: `returns: T`"),
                    )
                context.expression(binding.result, _response_names(activity, context), activity.returns)
        case tree.PythonBinding(target=target) as binding:
            if not _PYTHON_TARGET.fullmatch(target):
                message = f"{target} does not name a callable"
                context.sink.error(
                    "TEN227",
                    binding.span,
                    message,
                    Spelled('write `python "package.module:callable"`', "write `python: package.module:callable`"),
                )
        case tree.SqlBinding() as binding:
            _sql(activity, binding, context)
        case None:
            pass


def _sql(activity: ActivityFacts, binding: tree.SqlBinding, context: Context) -> None:
    params = [param.name for param in activity.params]
    for name in parameters(binding.statement):
        if name not in params:
            close = nearest(name, params)
            hint = f"did you mean :{close}?" if close else None
            context.sink.error("TEN228", binding.span, f":{name} is no parameter of {activity.name}", hint)


def _raises(activity: ActivityFacts, context: Context) -> None:
    always = [code for raises in activity.node.raises if raises.when is None for code in raises.codes]
    context.once((code.text, code.span, f"the error {code.text} is named twice") for code in always)
    for raises in activity.node.raises:
        if raises.when is None:
            for code in raises.codes:
                context.declarations.error(code, context.sink)
            continue
        context.codes(raises.codes)
        for code in raises.codes[1:]:
            message = f"one condition raises one error: by this, {code.text} never is"
            hint = Spelled("give each its own `raises … when`", "give each its own `{ error: …, when: … }`")
            context.sink.error("TEN235", code.span, message, hint)
        if isinstance(activity.node.binding, tree.SqlBinding):
            context.expression(raises.when, _error_names(activity, context), BOOL)
            continue
        if not isinstance(activity.node.binding, tree.HttpBinding):
            message = "`raises … when` looks at the response of an HTTP binding, or the error of SQL, and there is none"
            context.sink.error("TEN229", raises.when.span, message, "raise the error in the activity")
        context.expression(raises.when, _response_names(activity, context), BOOL)
