"""What decides how a run goes on: which values a workflow's control flow reads, and what it compares them with.

An *atom* is a place and a path into it: `("signal", "approve"), ("by",)` is a field of what the outside sends;
`("var", 3), ("items", "*")` the elements of a list in a variable; "#" at the end of a path stands for its size. An atom
is **read** when a guard, a condition, a time, a loop or a property depends on it, at once or through assignments, or
when an expression that may fail does. What is not read cannot change which states a run comes to: the explorer makes no
variants of it and does not tell states apart by it. That is sound, but for overflow, which is taken not to happen.

Where a read atom is compared with a constant (or with another atom), the comparison travels back along plain copies to
where the value comes from, so that the values tried there are those around the constants of the guards.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tenuto_interpreter.expr import constant
from tenuto_interpreter.ir import BUILTIN_ERRORS, Expr, ExprIndex, Program, Transition

from tenuto_dsl.explore.atoms import (
    ELEMENT,
    MAX_PATH,
    SIZE,
    Atom,
    Compared,
    Path,
    Place,
    Where,
    atom_of,
    atoms_of,
    clock_of,
    faults_of,
)


class Flow:
    """The reads and comparisons of a program; see the module's docstring."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.read: set[Atom] = set()
        self.compared: dict[Atom, dict[Compared, None]] = {}
        self.copies: dict[Place, list[tuple[Path, Expr, Where]]] = {}
        self.marks: set[tuple[int, int]] = set()
        self.clock: set[str] = set()
        self._fresh: list[Atom] = []
        self._defaults = {each.name: each.default for each in program.config}
        self._program()
        self._follow()
        self.places: dict[Place, list[Path]] = {}
        for place, path in sorted(self.read, key=repr):
            self.places.setdefault(place, []).append(path)

    def reads(self, place: Place, path: Path) -> bool:
        """Whether anything at, below or around a path is read."""
        return any(all(a == b for a, b in zip(path, other, strict=False)) for other in self.places.get(place, ()))

    def comparisons(self, place: Place, path: Path) -> list[Compared]:
        return list(self.compared.get((place, path), ()))

    def named(self, place: Place) -> str:
        """A place as people know it: a parameter, a signal, the activity that gives a result."""
        program = self.program
        match place:
            case ("var", slot):
                return [*(each.name for each in program.params), *(each.name for each in program.variables)][slot]
            case ("result", number):
                return str(program.activities[number].name)
            case _:
                return str(place[-1])

    # -- the program ---------------------------------------------------------------------------------------------------

    def _program(self) -> None:
        program = self.program
        first = len(program.params)
        for slot, variable in enumerate(program.variables, first):
            if variable.initial is not None:
                self._assign(("var", slot), (), variable.initial, Where())
        for state in program.states:
            for transition in state.transitions:
                self._transition(transition)
            if state.ending is not None:
                slots = {param.name: slot for slot, param in enumerate(program.params)}
                for name, e in state.ending.fields:
                    if state.ending.kind == "continue":
                        self._assign(("var", slots[name]), (), e, Where())
                    self._may_fail(e, Where())
        for number, block in enumerate(program.blocks):
            where = Where(number)
            for code in block.code:
                self._instruction(code, where)
            for handler in block.handlers:
                if handler.local is not None:
                    for place in self._errors(handler.codes):
                        self._copy(("local", number, handler.local), place)
        for declared in program.properties:
            self._control(declared.value, Where())

    def _transition(self, transition: Transition) -> None:
        places: list[Place] = []
        if transition.binding:
            if transition.trigger in ("signal", "update"):
                places = [(transition.trigger, transition.name)]
            elif transition.trigger == "error":
                places = self._errors(transition.codes)
        for place in places or [("tick",)]:
            where = Where(-1, {0: place})
            self._control(transition.guard, where)
            self._control(transition.time, where)
        for block in (transition.actions, transition.work):
            if block is not None:
                for place in places:
                    self._copy(("local", block, 0), place)

    def _errors(self, codes: tuple[str, ...]) -> list[Place]:
        known = [each.code for each in self.program.errors] + list(BUILTIN_ERRORS)
        return [("error", code) for code in (codes or known)]

    def _instruction(self, code: tuple[Any, ...], where: Where) -> None:
        block = where.block
        match code:
            case ("let", n, e):
                self._assign(("local", block, n), (), e, where)
            case ("set", slot, e):
                self._assign(("var", slot), (), e, where)
            case ("put" | "amend" as how, n, path, e):
                place: Place = ("var", n) if how == "put" else ("local", block, n)
                names = tuple(key if kind == "name" else ELEMENT for kind, key in path)
                self._assign(place, names, e, where)
                for kind, key in path:
                    if kind != "name":
                        self._control(key, where)
                        self._reads(place, (SIZE,))
            case ("call", index, n) | ("start", index, n):
                self._call(index, n, where, waits=code[0] == "call")
            case ("unless", e, _):
                self._control(e, where)
            case ("iterate", n_items, _, e):
                self._assign(("local", block, n_items), (), e, where)
                self._reads(("local", block, n_items), (SIZE,))
            case ("next", n_items, _, n_item, _):
                self._copy(("local", block, n_item), ("local", block, n_items), (ELEMENT,))
            case ("yield", n, e):
                self._assign(("local", block, n), (ELEMENT,), e, where)
            case ("wait" | "wait_until", e):
                self._control(e, where)
            case ("wait_for", e, within, _):
                self._control(e, where)
                self._control(within, where)
            case ("receive", signal, n, guard, within):
                self._copy(("local", block, n), ("signal", signal))
                self._control(guard, where)
                self._control(within, where)
            case ("mark", n):
                self.marks.add((block, n))
            case ("fail", _, fields) | ("send", _, fields, _):
                for _, e in fields:
                    self._may_fail(e, where)
            case ("raise", n):
                self._reads(("local", block, n), ())
            case ("return" | "reply" | "log", e):
                self._may_fail(e, where)
            case ("fork", n_items, blocks, limit, n_results):
                self._control(limit, where)
                size = self.program.blocks[block].locals
                if n_items is not None:
                    self._reads(("local", block, n_items), (SIZE,))
                for inner in blocks:
                    for n in range(size):
                        self._copy(("local", inner, n), ("local", block, n))
                    if n_items is not None:
                        self._copy(("local", inner, size), ("local", block, n_items), (ELEMENT,))
                    if n_results is not None:
                        self._copy(("local", block, n_results), ("local", inner, size + 1))
            case _:
                pass

    def _call(self, index: int, n: int | None, where: Where, *, waits: bool) -> None:
        call = self.program.calls[index]
        place: Place = ("child", call.workflow) if call.activity is None else ("result", call.activity)
        if n is not None and waits:
            self._copy(("local", where.block, n), place)
        timeout, retry = call.timeout, call.retry
        options = [timeout.attempt, timeout.overall, timeout.queued, timeout.heartbeat]
        options += [retry.times, retry.backoff, retry.factor, retry.up_to] if retry is not None else []
        for e in options:
            self._control(e, where)
        for e in call.args:
            self._may_fail(e, where)
        if call.undo is not None:
            for e in call.undo.args:
                self._may_fail(e, where)
        if call.activity is not None and self._limits_read_arguments(call.activity):
            for e in call.args:
                self._control(e, where)

    def _limits_read_arguments(self, index: int) -> bool:
        activity = self.program.activities[index]
        timeout, retry = activity.timeout, activity.retry
        options = [timeout.attempt, timeout.overall, timeout.queued, timeout.heartbeat]
        options += [retry.times, retry.backoff, retry.factor, retry.up_to] if retry is not None else []
        return any(e is not None and not constant(self.program.expressions[e])[0] for e in options)

    # -- edges ---------------------------------------------------------------------------------------------------------

    def _copy(self, target: Place, source: Place, path: Path = ()) -> None:
        expression: Expr = ("place", source, path)
        self.copies.setdefault(target, []).append(((), expression, Where()))

    def _assign(self, target: Place, path: Path, e: ExprIndex, where: Where) -> None:
        self.copies.setdefault(target, []).append((path, self.program.expressions[e], where))
        self._may_fail(e, where)

    def _control(self, e: ExprIndex | None, where: Where) -> None:
        if e is not None:
            self._read_all(self.program.expressions[e], where)

    def _may_fail(self, e: ExprIndex | None, where: Where) -> None:
        if e is not None:
            for piece in faults_of(self.program.expressions[e]):
                self._read_all(piece, where)

    def _read_all(self, expression: Expr, where: Where) -> None:
        self.clock.update(clock_of(expression))
        for kind, atom, compared in atoms_of(expression, where, self._value_of):
            self._reads(*atom)
            if kind == "compared" and compared is not None:
                self._compares(atom, compared)

    def _reads(self, place: Place, path: Path) -> None:
        atom = (place, path[:MAX_PATH])
        if atom not in self.read:
            self.read.add(atom)
            self._fresh.append(atom)

    def _compares(self, atom: Atom, compared: Compared) -> None:
        known = self.compared.setdefault(atom, {})
        if compared not in known:
            known[compared] = None
            self._fresh.append(atom)

    def _value_of(self, expression: Expr) -> tuple[bool, Any]:
        """The value of an expression that always has the same, or the default of a config value."""
        if expression[0] == "config":
            default = self._defaults.get(expression[1])
            return constant(self.program.expressions[default]) if default is not None else (False, None)
        return constant(expression)

    def _follow(self) -> None:
        """Carry reads and comparisons back to where the values come from."""
        while self._fresh:
            place, path = self._fresh.pop()
            for target, expression, where in self.copies.get(place, ()):
                rest = _rest(path, target)
                if rest is None:
                    continue
                for inner, left in _into(expression, rest):
                    self._comes_from((place, path), inner, left, where)

    def _comes_from(self, read: Atom, expression: Expr, left: Path, where: Where) -> None:
        """Carry a read, and what it is compared with, to an expression it comes from, at a path within."""
        atom = atom_of(expression, where, {})
        if atom is None:
            self._read_all(expression, where)
            return
        origin = (atom[0], (*atom[1], *left)[:MAX_PATH])
        self._reads(*origin)
        for compared in list(self.compared.get(read, ())):
            self._compares(origin, compared)


def _rest(path: Path, target: Path) -> Path | None:
    """What of a read path lies within what is assigned at `target`; None when they have nothing in common."""
    for a, b in zip(path, target, strict=False):
        if a != b:
            return None
    return path[len(target) :]


def _into(expression: Expr, path: Path) -> Iterator[tuple[Expr, Path]]:
    """The expressions a path within an expression leads to, each with what is left of the path; none when the value
    there is always the same."""
    pending = [(expression, path)]
    while pending:
        node, rest = pending.pop()
        if node[0] == "if":
            yield node[1], ()
            pending += [(branch, rest) for branch in node[2:]]
        elif not rest:
            yield node, rest
        elif node[0] == "record":
            pending += [(item, rest[1:]) for name, item in node[1:] if name == rest[0]]
        elif node[0] == "list":
            pending += [(item, rest[1:]) for item in node[1:] if rest[0] == ELEMENT]
        elif node[0] == "do" and node[1].startswith("add_list"):
            pending += [(part, rest) for part in node[2:]]
        else:
            yield node, rest
