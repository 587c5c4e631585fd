"""What is offered: the things that may stand at a place, each with what an editor shows of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from tenuto_interpreter.ir import BUILTIN_ERRORS
from tenuto_interpreter.types import SCALARS

from tenuto_dsl.check.facts import StateFacts, WorkflowFacts
from tenuto_dsl.check.states import StateNames
from tenuto_dsl.diagnostics import Diagnostics
from tenuto_dsl.editor.analysis import Analysis
from tenuto_dsl.editor.describe import doc_of, parameter, parameters, returning, written
from tenuto_dsl.editor.words import SNIPPETS, WORDS
from tenuto_dsl.syntax import tree

ItemKind: TypeAlias = Literal[
    "keyword", "state", "type", "error", "config", "activity", "workflow", "signal", "update", "variable", "field",
    "parameter", "function", "method", "value", "file", "key",
]  # fmt: skip

ATTRIBUTE_NOTES = {
    "keyword": "an exact text", "keywords": "several exact texts", "text": "words to search in", "int": "",
    "double": "", "bool": "", "timestamp": "",
}  # fmt: skip
EFFECT_NOTES = {
    "pure": "changes nothing", "idempotent": "a repeat changes nothing more",
    "keyed": "a repeat under the same idempotency key changes nothing more",
    "transactional": "happens in the engine's own transaction", "once": "is never repeated",
}  # fmt: skip
SCALAR_NOTES = {
    "string": "text", "int": "a whole number of 64 bits", "double": "a number with a fraction, in 64 bits",
    "decimal": "an exact number with a fraction; travels as text", "duration": "a length of time: 90s, 1h30m",
    "timestamp": "a moment", "any": "whatever JSON can say; cast before use",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """`insert` is the text, or the snippet, that goes in; the label without it. `rank` orders groups: low is first."""

    label: str
    kind: ItemKind
    detail: str = ""
    doc: str = ""
    insert: str | None = None
    snippet: bool = False
    rank: int = 5


def keywords(words: Iterable[str], *, whole: bool) -> Iterator[Item]:
    """Words of the language; with `whole`, the constructs that they begin."""
    for word in words:
        snippet = SNIPPETS.get(word) if whole else None
        yield Item(word, "keyword", doc=WORDS.get(word, ""), insert=snippet, snippet=snippet is not None, rank=6)


def types(analysis: Analysis) -> Iterator[Item]:
    for name, node in analysis.table.types.items():
        yield Item(name, "type", written(node.type), doc_of(node), rank=3)
    for scalar in SCALARS:
        yield Item(scalar, "type", SCALAR_NOTES.get(scalar, ""), rank=4)


def errors(analysis: Analysis) -> Iterator[Item]:
    for name, node in analysis.table.errors.items():
        fields = ", ".join(f"{f.name.text}: {written(f.type)}" for f in node.fields)
        yield Item(name, "error", f"{{ {fields} }}" if fields else "", doc_of(node), rank=3)
    for name in BUILTIN_ERRORS:
        yield Item(name, "error", "built in", rank=4)


def failures(analysis: Analysis) -> Iterator[Item]:
    """Errors with their arguments, for `fail`."""
    for item in errors(analysis):
        node = analysis.table.errors.get(item.label)
        names = [field.name.text for field in node.fields] if node is not None else ["message"]
        yield Item(item.label, "error", item.detail, item.doc, _with_arguments(item.label, names), True, item.rank)


def callables(analysis: Analysis, *, activities: bool, workflows: bool, arguments: bool) -> Iterator[Item]:
    """Activities and workflows; with `arguments`, as a call with a place for each argument that must be there."""
    for name, node in analysis.table.callables.items():
        is_activity = isinstance(node, tree.ActivityDecl)
        if not (activities if is_activity else workflows):
            continue
        detail = parameters(node.params).replace("\n", "") + returning(node.returns)
        required = [p.name.text for p in node.params if p.default is None and not isinstance(p.type, tree.OptionalType)]
        insert = _with_arguments(name, required) if arguments else None
        kind: ItemKind = "activity" if is_activity else "workflow"
        yield Item(name, kind, detail, doc_of(node), insert, insert is not None, 3 if is_activity else 4)


def _with_arguments(name: str, required: list[str]) -> str:
    inner = ", ".join(f"{argument}: ${{{number}}}" for number, argument in enumerate(required, 1))
    return f"{name}({inner})"


def messages(workflow: tree.WorkflowDecl | None, *, signals: bool, updates: bool) -> Iterator[Item]:
    if workflow is None:
        return
    declared: list[tree.SignalDecl | tree.UpdateDecl] = [*workflow.signals, *workflow.updates]
    for message in declared:
        is_signal = isinstance(message, tree.SignalDecl)
        if signals if is_signal else updates:
            kind: ItemKind = "signal" if is_signal else "update"
            yield Item(message.name.text, kind, parameters(message.params), doc_of(message), rank=2)


def states(workflow: WorkflowFacts, seen_from: int) -> Iterator[Item]:
    """The states that a transition can name, by the shortest name that means them from there."""
    names = StateNames(workflow.states)
    for state in workflow.states[1:]:
        if state.kind != "region":
            label = _shortest(names, state, seen_from)
            near = state.parent in (workflow.states[seen_from].parent, seen_from)
            yield state_item(state, label, rank=2 if near else 3)


def state_item(state: StateFacts, label: str | None = None, *, rank: int) -> Item:
    """A state or a region, by its name or by another that means it."""
    detail = {"final": "final state", "region": "region"}.get(state.kind, "state")
    return Item(label or state.name, "state", detail, doc_of(state.node), rank=rank)


def _shortest(names: StateNames, state: StateFacts, seen_from: int) -> str:
    for text in (state.name, state.path):
        parts = tuple(tree.Name(part, span=state.span) for part in text.split("."))
        if names.resolve(tree.Path(parts, span=state.span), seen_from, Diagnostics()) == state.index:
            return text
    return state.path


def arguments(members: Iterable[tree.Param | tree.Field], given: set[str], *, is_fail: bool = False) -> Iterator[Item]:
    """Names of arguments that are not given yet."""
    seen = set(given)
    for member in members:
        if member.name.text not in given:
            optional = isinstance(member, tree.Param) and member.default is not None
            text = (
                parameter(member) if isinstance(member, tree.Param) else f"{member.name.text}: {written(member.type)}"
            )
            yield Item(
                member.name.text, "parameter", text, insert=f"{member.name.text}: ", rank=1 if not optional else 2
            )
        seen.add(member.name.text)
    if is_fail and "message" not in seen:
        yield Item("message", "parameter", "message: string", "What every error may say.", "message: ", rank=2)


def named(notes: dict[str, str]) -> Iterator[Item]:
    for name, note in notes.items():
        yield Item(name, "value", note, rank=1)
