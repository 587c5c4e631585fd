"""One checked workflow becomes one program: what its parts refer to is gathered as they are lowered.

Activities, errors, config and types of the file enter a program only when it refers to them, so that another
declaration in the same file does not change the definition of workflows that have nothing to do with it.
"""

from __future__ import annotations

import dataclasses

from tenuto_interpreter import ir

from tenuto_dsl.check.declarations import Declarations
from tenuto_dsl.check.facts import (
    ActivityFacts,
    Facts,
    Invocation,
    MessageFacts,
    Parameter,
    WorkflowFacts,
    WorkflowSignature,
)
from tenuto_dsl.lower.activities import lower_activity, lower_retry, lower_timeout
from tenuto_dsl.lower.blocks import BlockLowering, Inherited
from tenuto_dsl.lower.pool import ExpressionPool
from tenuto_dsl.lower.references import config_read, referenced_types
from tenuto_dsl.lower.source_map import SourceMap
from tenuto_dsl.lower.states import lower_states
from tenuto_dsl.syntax import tree


def lower_workflow(workflow: WorkflowFacts, facts: Facts, declarations: Declarations) -> tuple[ir.Program, SourceMap]:
    """The program of a workflow that checked without errors."""
    return ProgramLowering(workflow, facts, declarations).lower()


class ProgramLowering:
    """Collects the parts of one program. `slots` maps the names of parameters and variables to their slots."""

    def __init__(self, workflow: WorkflowFacts, facts: Facts, declarations: Declarations) -> None:
        self.workflow = workflow
        self.facts = facts
        self.declarations = declarations
        self.pool = ExpressionPool()
        self.slots = {v.name: v.slot for v in workflow.variables.values()}
        self.blocks: list[ir.Block | None] = []
        self.code_spans: list[tuple[tree.Span, ...]] = []
        self.calls: list[ir.Call | None] = []
        self.call_spans: list[tree.Span] = []
        self.activities: list[ir.Activity | None] = []
        self._activity_indices: dict[str, int] = {}
        self._errors: set[str] = set()

    def lower(self) -> tuple[ir.Program, SourceMap]:
        node, signature = self.workflow.node, self.workflow.signature
        params = tuple(self.param(p) for p in signature.params)
        variables = tuple(
            ir.Variable(v.name, v.type, None if v.node.value is None else self.expression(v.node.value))
            for v in self.workflow.variables.values()
            if isinstance(v.node, tree.VarDecl)
        )
        states = lower_states(self)
        messages = self.workflow.messages.values()
        signals = tuple(ir.Signal(m.name, self.params(m.params)) for m in messages if m.kind == "signal")
        updates = tuple(ir.Update(m.name, self.params(m.params), m.returns) for m in messages if m.kind == "update")
        queries = tuple(
            ir.Query(q.name.text, self.workflow.query_types[q.name.text], self.expression(q.value))
            for q in node.queries
        )
        attributes = tuple(ir.Attribute(a.name.text, a.type.text, self.expression(a.value)) for a in node.attributes)
        properties = tuple(ir.Property(p.name.text, p.kind, self.expression(p.value)) for p in node.properties)
        migrations = tuple(self.migration(migration) for migration in node.migrations)
        config = self.config()
        errors = self.errors()
        program = ir.Program(
            name=node.name.text,
            version=node.version if node.version is not None else 1,
            params=params,
            returns=signature.returns,
            variables=variables,
            states=states,
            blocks=tuple(block for block in self.blocks if block is not None),
            calls=tuple(call for call in self.calls if call is not None),
            expressions=tuple(self.pool.expressions),
            activities=tuple(activity for activity in self.activities if activity is not None),
            errors=errors,
            config=config,
            signals=signals,
            updates=updates,
            queries=queries,
            attributes=attributes,
            properties=properties,
            migrations=migrations,
            doc=node.doc,
        )
        types = referenced_types(program, self.declarations.types)
        return dataclasses.replace(program, types=types), self.source_map()

    def source_map(self) -> SourceMap:
        states = self.workflow.states
        return SourceMap(
            tuple(state.span for state in states),
            tuple(tuple(t.span for t in state.body.transitions) for state in states),
            tuple(self.code_spans),
            tuple(self.pool.spans),
            tuple(self.call_spans),
            tuple(self.declarations.activities[name].node.name.span for name in self._activity_indices),
        )

    # -- what parts ask for -------------------------------------------------------------------------------------------

    def expression(self, node: tree.Expr) -> ir.ExprIndex:
        """The index of a checked expression."""
        return self.pool.add(self.facts.expressions[node].ir, node.span)

    def maybe(self, node: tree.Expr | None) -> ir.ExprIndex | None:
        return None if node is None else self.expression(node)

    def param(self, param: Parameter) -> ir.Param:
        return ir.Param(param.name, param.type, self.maybe(param.node.default))

    def params(self, params: tuple[Parameter, ...]) -> tuple[ir.Param, ...]:
        return tuple(self.param(param) for param in params)

    def migration(self, migration: tree.MigrateDecl) -> ir.Migration:
        states = tuple(
            (".".join(name.text for name in mapping.source.names), self.facts.targets[mapping])
            for mapping in migration.states
        )
        sets = tuple((self.slots[item.name.text], self.expression(item.value)) for item in migration.sets)
        return ir.Migration(migration.version, states, sets)

    def error(self, code: str) -> str:
        """Note that the program refers to an error."""
        self._errors.add(code)
        return code

    def error_fields(self, step: tree.FailStep) -> tuple[tuple[str, ir.ExprIndex], ...]:
        """The fields of a `fail`, in the order of their declaration, the message last."""
        names = [name for name, _ in self.declarations.errors[step.error.text].fields]
        given = dict(zip(names, [arg for arg in step.args if arg.name is None], strict=False))
        given.update({arg.name.text: arg for arg in step.args if arg.name is not None})
        ordered = [*names, *(["message"] if "message" not in names else [])]
        return tuple((name, self.expression(given[name].value)) for name in ordered if name in given)

    def activity(self, activity: ActivityFacts) -> int:
        """The index of an activity, lowered when it is first referred to."""
        index = self._activity_indices.get(activity.name)
        if index is None:
            index = self._activity_indices[activity.name] = len(self.activities)
            self.activities.append(None)
            self.activities[index] = lower_activity(self, activity)
        return index

    def block(self, block: tree.Block, place: str, inherited: Inherited | None = None) -> ir.BlockIndex:
        """Lower a block with a frame of its own."""
        index = len(self.blocks)
        self.blocks.append(None)
        self.code_spans.append(())
        lowering = BlockLowering(self, place)
        if inherited is not None:
            lowering.marks = [inherited.mark]
            lowering.accumulators = [inherited.accumulator]
        self.blocks[index] = lowering.lower(block)
        self.code_spans[index] = tuple(lowering.spans)
        return index

    # -- operations ---------------------------------------------------------------------------------------------------

    def call(self, step: tree.CallStep, result: int | None) -> int:
        """The index of a call, its undo included."""
        index = self._reserve_call(step)
        invocation = self.facts.invocations[step]
        activity, workflow = self._callee(invocation)
        self.calls[index] = ir.Call(
            activity=activity,
            workflow=workflow,
            args=self.arguments(invocation, step.span),
            arg_names=tuple(p.name for p in invocation.callee.params) if workflow is not None else (),
            timeout=lower_timeout(self, step.timeout),
            retry=lower_retry(self, step.retry),
            queue=self.maybe(step.queue),
            priority=self.maybe(step.priority),
            undo=self._undo(step.undo, result),
        )
        return index

    def start(self, step: tree.StartStep) -> int:
        """The index of a child started and not waited for."""
        index = self._reserve_call(step)
        invocation = self.facts.invocations[step]
        _, workflow = self._callee(invocation)
        self.calls[index] = ir.Call(
            activity=None,
            workflow=workflow,
            args=self.arguments(invocation, step.span),
            arg_names=tuple(p.name for p in invocation.callee.params),
            id=self.maybe(step.id),
            on_close=step.on_close or "terminate",
        )
        return index

    def arguments(self, invocation: Invocation, span: tree.Span) -> tuple[ir.ExprIndex, ...]:
        return tuple(
            self.pool.add(("const", None), span) if arg is None else self.expression(arg) for arg in invocation.args
        )

    def named_arguments(self, invocation: Invocation) -> tuple[tuple[str, ir.ExprIndex], ...]:
        """The arguments of a message by name; what was left out is left to the receiver."""
        return tuple(
            (param.name, self.expression(arg))
            for param, arg in zip(invocation.callee.params, invocation.args, strict=True)
            if arg is not None
        )

    def _reserve_call(self, step: tree.Node) -> int:
        self.calls.append(None)
        self.call_spans.append(step.span)
        return len(self.calls) - 1

    def _callee(self, invocation: Invocation) -> tuple[int | None, str | None]:
        match invocation.callee:
            case ActivityFacts() as activity:
                return self.activity(activity), None
            case WorkflowSignature(name=name):
                # Whatever the child declares it may raise here.
                self._errors.update(self.declarations.errors)
                return None, name
            case MessageFacts():
                raise AssertionError("a message is sent, not called")

    def _undo(self, undo: tree.Undo | None, result: int | None) -> ir.Undo | None:
        if undo is None:
            return None
        invocation = self.facts.invocations[undo]
        args = self.arguments(invocation, undo.span)
        uses = result is not None and any(_mentions(self.pool.expressions[arg], ("local", result)) for arg in args)
        activity, workflow = self._callee(invocation)
        names = tuple(p.name for p in invocation.callee.params) if workflow is not None else ()
        return ir.Undo(activity, args, uses, workflow, names)

    # -- what was referred to -----------------------------------------------------------------------------------------

    def config(self) -> tuple[ir.Config, ...]:
        """The config that expressions read, and that the defaults of that config read in turn."""
        found: dict[str, ir.Config] = {}
        before = -1
        while len(found) != before:
            before = len(found)
            for name in config_read(self.pool.expressions):
                config = self.declarations.config.get(name)
                if config is not None and name not in found:
                    found[name] = ir.Config(name, config.type, self.maybe(config.node.default))
        return tuple(found[name] for name in self.declarations.config if name in found)

    def errors(self) -> tuple[ir.ErrorDecl, ...]:
        return tuple(
            ir.ErrorDecl(error.code, error.fields)
            for error in self.declarations.errors.values()
            if error.node is not None and error.code in self._errors
        )


def _mentions(expression: ir.Expr, wanted: ir.Expr) -> bool:
    pending: list[object] = [expression]
    while pending:
        item = pending.pop()
        if item == wanted:
            return True
        if isinstance(item, tuple):
            pending.extend(item)
    return False
