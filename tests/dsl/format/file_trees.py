"""Whole files for Hypothesis: every declaration, state, transition, step and test step that a source can give."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from tenuto_dsl.syntax import tree

from tests.dsl.format.expression_trees import AT, expressions, texts, types

_WORDS = ("alpha", "beta", "gamma", "delta", "omega", "x1", "_y", "long_name_of_something", "items", "total")
names = st.sampled_from(_WORDS).map(lambda text: tree.Name(text, span=AT))
args_names = st.sampled_from((*_WORDS, "when", "type", "state", "id", "on")).map(lambda text: tree.Name(text, span=AT))
expr = st.deferred(lambda: expressions)
docs = st.none() | st.sampled_from(
    [
        "${x} and $${y}",
        '"quoted" at its ends, """"thrice"',
        "One line.",
        "Two\nlines.",
        "First.\n\n  Indented.\nLast.",
        'With "quotes"',
        "a\n  b",
    ]
)
maybe = st.none() | expr


def make(kind: Any, *parts: st.SearchStrategy[Any], **named: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Nodes of a kind. By a composite strategy, which Hypothesis does not try to print with all that it is made of."""

    @st.composite
    def node(draw: st.DrawFn) -> Any:
        more = {name: draw(part) for name, part in named.items()}
        return kind(*(draw(part) for part in parts), span=AT, **more)

    return node()


def several(inner: st.SearchStrategy[Any], least: int = 0, most: int = 2) -> st.SearchStrategy[Any]:
    return st.lists(inner, min_size=least, max_size=most).map(tuple)


def named(inner: st.SearchStrategy[Any], least: int = 0, most: int = 2) -> st.SearchStrategy[Any]:
    """Several nodes, each of another name."""
    return st.lists(inner, min_size=least, max_size=most, unique_by=lambda node: node.name).map(tuple)


args = named(make(tree.Arg, args_names, expr)) | several(make(tree.Arg, st.none(), expr))
params = named(make(tree.Param, args_names, types, maybe))
codes = several(names, 1)
paths = make(tree.Path, several(names, 1, 3))
timeouts = st.one_of(
    make(tree.Timeout, attempt=expr),
    make(tree.Timeout, overall=expr, heartbeat=expr),
    make(tree.Timeout, attempt=expr, queued=expr),
)
retries = make(tree.Retry, expr, maybe, maybe, maybe, several(names))

# -- steps ---------------------------------------------------------------------------------------------------------

_undo = make(tree.Undo, names, args)
_calls = make(
    tree.CallStep, names, args, timeout=st.none() | timeouts, retry=st.none() | retries, queue=maybe, priority=maybe,
    undo=st.none() | _undo,
)  # fmt: skip
_starts = make(tree.StartStep, names, args, maybe, st.sampled_from([None, "abandon", "cancel", "terminate"]))
_places = several(names | expr)
_LEAVES = st.one_of(
    make(tree.LetStep, names, st.none() | types, expr | _calls | _starts),
    make(tree.AssignStep, names, _places, expr | _calls),
    _calls,
    _starts,
    make(tree.WaitStep, expr),
    make(tree.WaitUntilStep, expr),
    make(tree.WaitForStep, expr, maybe),
    make(tree.ReceiveStep, names, st.none() | names, maybe, maybe),
    make(tree.SendStep, names, args, expr),
    make(tree.CompensateStep),
    make(tree.CommitStep),
    make(tree.DiscardStep, names),
    make(tree.ReplyStep, expr),
    make(tree.LogStep, expr),
    make(tree.YieldStep, expr),
    make(tree.ReturnStep, maybe),
    make(tree.FailStep, names, args),
)


def _blocks(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    block = make(tree.Block, several(inner))
    loops = make(tree.ForStep, names, expr, block, maybe)
    parallels = make(tree.ParallelStep, named(make(tree.Branch, names, block), 1))
    catches = make(tree.Catch, several(names), st.none() | names, block)
    return st.one_of(
        loops,
        parallels,
        make(tree.LetStep, names, st.none(), loops | parallels),
        make(tree.IfStep, expr, block, st.none() | block),
        make(tree.RepeatStep, block, expr, maybe, maybe),
        make(tree.TryStep, block, several(catches, 1), st.none() | block),
        make(tree.TryStep, block, st.just(()), block),
    )


steps = st.recursive(_LEAVES, _blocks, max_leaves=4)
blocks = make(tree.Block, several(steps, 0, 3))

# -- states --------------------------------------------------------------------------------------------------------

_targets = make(tree.Target, paths, st.booleans())
_triggers = st.one_of(
    make(tree.DoneTrigger),
    make(tree.SignalTrigger, names, st.none() | names),
    make(tree.UpdateTrigger, names, st.none() | names),
    make(tree.ErrorTrigger, several(names), st.none() | names),
    make(tree.CancelTrigger),
    make(tree.AfterTrigger, expr),
    make(tree.AtTrigger, expr),
    make(tree.EveryTrigger, expr),
)
_reactions = st.one_of(
    st.builds(lambda t: {"target": t}, st.none() | _targets),
    st.builds(lambda t, a: {"target": t, "actions": a}, st.none() | _targets, blocks),
    st.builds(lambda t, w: {"target": t, "work": w}, st.none() | _targets, blocks),
)
transitions = st.one_of(
    st.builds(lambda t, g, r: tree.Transition(t, g, **r, span=AT), _triggers, maybe, _reactions),
    st.builds(lambda t, g, r: tree.Transition(t, g, **r, span=AT), make(tree.WhenTrigger), expr, _reactions),
)
_defers = make(tree.Defer, several(names | st.just(tree.Name("cancel", span=AT)), 1, 3))
_endings = st.one_of(
    st.none(), make(tree.ReturnStep, maybe), make(tree.FailStep, names, args), make(tree.ContinueStep, args)
)


def _bodies(states: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    block = st.none() | blocks
    regions = make(tree.Region, names, states.flatmap(lambda s: st.just(s.body)), docs)
    return make(
        tree.StateBody, block, block, block, several(_defers), several(transitions, 0, 3), named(states),
        named(regions, 0, 1), _endings,
    )  # fmt: skip


_kinds = st.sampled_from(["plain", "initial", "final"])
_empty = make(tree.StateBody)
states = st.recursive(
    make(tree.State, names, _kinds, _empty, docs),
    lambda s: make(tree.State, names, _kinds, _bodies(s), docs),
    max_leaves=3,
)

# -- declarations --------------------------------------------------------------------------------------------------

_plain = texts.filter(bool)
_bindings = st.one_of(
    st.none(),
    make(tree.PythonBinding, texts),
    make(tree.SqlBinding, texts | st.just("select 1\n  from t")),
    make(
        tree.HttpBinding, st.sampled_from(["GET", "POST", "PUT"]), expr, named(make(tree.Header, _plain, expr)), maybe,
        maybe,
    ),
)  # fmt: skip
activities = make(
    tree.ActivityDecl, names, params, st.none() | types, _bindings, raises=several(make(tree.Raises, codes, maybe)),
    timeout=st.none() | timeouts, retry=st.none() | retries, effect=st.none() | names, queue=maybe,
    rate=st.none() | make(tree.Rate, expr, expr), priority=maybe, doc=docs,
)  # fmt: skip
workflows = make(
    tree.WorkflowDecl, names, params, st.none() | types, _bodies(states), docs, st.none() | st.integers(0, 9),
    named(make(tree.SignalDecl, names, params, docs)),
    named(make(tree.UpdateDecl, names, params, st.none() | types, docs)),
    named(make(tree.QueryDecl, names, st.none() | types, expr, docs)),
    named(make(tree.AttributeDecl, names, names, expr, docs)),
    named(make(tree.VarDecl, names, types, maybe, docs)),
    named(make(tree.PropertyDecl, names, st.sampled_from(["never", "always", "eventually"]), expr, docs)),
    several(make(
        tree.MigrateDecl, st.integers(0, 99),
        st.lists(make(tree.MigrateState, paths, paths), max_size=2, unique_by=lambda m: m.source).map(tuple),
        named(make(tree.MigrateSet, names, expr)),
    )),
)  # fmt: skip
_outcomes = st.one_of(
    make(tree.Outcome, st.just("returns"), expr),
    make(tree.Outcome, st.just("fails"), st.none(), names, args, st.booleans()),
    make(tree.Outcome, st.just("hangs")),
)
_test_steps = st.one_of(
    make(tree.GivenStep, args, maybe, maybe),
    make(tree.ConfigStep, names, expr),
    make(tree.MockStep, names, st.none() | args, several(_outcomes, 1)),
    make(tree.TestSend, names, args, maybe),
    make(tree.TestUpdate, names, args, maybe),
    make(tree.TestUpdate, names, args, st.none(), st.just(True)),
    make(tree.TestCancel),
    make(tree.AdvanceStep, expr),
    make(tree.AdvanceStep, st.none(), expr),
    make(tree.ExpectStep, expr),
)
_parts: dict[str, st.SearchStrategy[Any]] = {
    "imports": several(make(tree.Import, texts)),
    "types": named(make(tree.TypeDecl, names, types, docs)),
    "errors": named(make(tree.ErrorDecl, names, several(make(tree.Field, names, types)), docs)),
    "config": named(make(tree.ConfigDecl, names, types, maybe, docs)),
    "activities": named(activities),
    "workflows": named(workflows, 0, 1),
    "tests": named(make(tree.TestDecl, texts, several(_test_steps, 0, 3), st.none() | names), 0, 1),
}


def _file(parts: list[Any]) -> tree.File:
    return tree.File(tuple(declaration for part in parts for declaration in part), span=AT)


files = st.one_of(
    *(part.map(lambda found: tree.File(tuple(found), span=AT)) for part in _parts.values()),
    st.tuples(*_parts.values()).map(lambda parts: _file(list(parts))),
)
"""Declarations stand by kind, as the YAML form has them."""
