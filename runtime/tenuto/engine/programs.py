"""Definitions made ready to run, once per process and definition: compiled, with what runs their activities.

A definition that cannot be made ready (a newer format, config that is missing) is a reason to park the runs pinned to
it, never to stop the engine.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Collection
from typing import Any

from tenuto_interpreter import ir
from tenuto_interpreter.events import Event
from tenuto_interpreter.expr import Context
from tenuto_interpreter.expr.errors import ExpressionError
from tenuto_interpreter.machine import Executable, Snapshot
from tenuto_interpreter.machine.secrets import in_event, in_snapshot
from tenuto_interpreter.types import Optional, Record, RecordField, Type
from tenuto_interpreter.values import reader
from tenuto_interpreter.values.concealing import conceal_texts
from tenuto_interpreter.values.texts import duration_to_us

from tenuto.activities.binding import Binding
from tenuto.activities.dispatcher import Dispatcher
from tenuto.activities.job import Job
from tenuto.activities.limiter import Rate
from tenuto.activities.registry import ActivityLoadError
from tenuto.engine.config import ConfigError, ConfigSource
from tenuto.engine.queues import Queues
from tenuto.store.protocol import ClientStore, Definition

_MOST = 2**31 - 1

Read = Callable[[Any, str], Any]


class Unready(Exception):
    """A run cannot go on here; the message is the reason it is parked with."""


class Unfit(Unready):
    """This process lacks activities or config of the definition, or does not serve it: its runs are for others."""


class Ready:
    """One definition: its executable, the bindings of its activities, readers for the messages it takes."""

    def __init__(
        self, digest: bytes, program: ir.Program, dispatcher: Dispatcher, config: ConfigSource, queues: Queues
    ) -> None:
        self.digest = digest
        self.program = program
        self.executable = Executable(program)
        self._dispatcher = dispatcher
        self._config = config
        self._queues = queues
        self.rates = {index: each.rate for index, each in enumerate(program.activities) if each.rate is not None}
        self._bindings: dict[int, Binding] = {}
        types: dict[str, Type] = {decl.name: decl.type for decl in program.types}
        self.messages: dict[str, Read] = {
            declared.name: reader(_fields(declared), types, False) for declared in _messages(program)
        }
        self._has_sensitive = b'["sensitive",' in program.encode()
        self.signals = frozenset(signal.name for signal in program.signals)

    def shown(self, value: Any, old: Ready, before: Snapshot, event: Event, after: Snapshot) -> Any:
        """What a log may show of a value that was written on this event: nothing that the run has, had or got by it and
        declares sensitive. `old` is the definition it was in before."""
        if not (self._has_sensitive or old._has_sensitive):
            return value
        found = [in_snapshot(old.program, before), in_event(old.program, before, event)]
        texts = frozenset(itertools.chain(*found, in_snapshot(self.program, after)))
        return conceal_texts(value, texts) if texts else value

    def config(self) -> dict[str, Any]:
        """What a starting run captures. Raises Unready."""
        try:
            return self._config.values(self.program)
        except ConfigError as error:
            raise Unready(str(error)) from error

    def binding(self, activity: int) -> Binding:
        """What runs an activity here. Raises Unready when nobody does."""
        binding = self._bindings.get(activity)
        if binding is None:
            try:
                binding = self._dispatcher.bind(self.executable, self.program.activities[activity])
            except ActivityLoadError as error:
                raise Unready(str(error)) from error
            self._bindings[activity] = binding
        return binding

    def rate(self, activity: int, job: Job) -> Rate:
        """How often attempts of an activity may begin, given its arguments. Raises Unready when it cannot be told."""
        name = self.program.activities[activity].name
        context = Context()
        context.config = job.config or {}
        values = []
        for expression in self.rates[activity]:
            try:
                values.append(self.executable.evaluate[expression]([], list(job.args), context))
            except ExpressionError as error:
                raise Unready(f"the rate of {name} cannot be computed: {error}") from error
        count, period_us = int(values[0]), duration_to_us(values[1])
        if count < 1 or period_us < 1:
            per = f"{count} per {period_us / 1_000_000:g} s"
            raise Unready(f"the rate of {name} is {per}: nothing could ever begin")
        return Rate(name, min(count, _MOST), period_us)

    def problems(self) -> list[str]:
        """Every activity that nobody provides here, unless its queue is not served; every config value that is missing
        or of another type."""
        found = []
        for index in range(len(self.program.activities)):
            if not self._queues.needs(self.program, self.executable.constants, index):
                continue
            try:
                self.binding(index)
            except Unready as error:
                found.append(str(error))
        try:
            self.config()
        except Unready as error:
            found.append(str(error))
        return found


class Programs:
    """The definitions of one process, by digest. Asked by all lanes."""

    def __init__(
        self, store: ClientStore, dispatcher: Dispatcher, config: ConfigSource, only: Collection[str] | None = None,
        queues: Queues | None = None,
    ) -> None:  # fmt: skip
        self._store = store
        self._only = only
        self.queues = queues or Queues()
        self._dispatcher = dispatcher
        self._config = config
        self.lock = threading.Lock()
        self._ready: dict[bytes, Ready] = {}
        self.unfit: dict[bytes, str] = {}
        """The definitions that do not run here, with what is lacking (nothing, when this process does not serve them).
        Entries are added, never taken away."""

    def get(self, digest: bytes) -> Ready:
        """Raises Unready when the definition is missing or of a format this program cannot run."""
        known = self._ready.get(digest)
        if known is not None:
            return known
        with self.lock:
            if digest not in self._ready:
                definition = self._store.definition_by_digest(digest)
                if definition is None:
                    raise Unready(f"its definition {digest.hex()[:12]} is not in the store")
                ready = self._ready[digest] = self._make(definition)
                if self._only is not None and definition.workflow not in self._only:
                    self.unfit[digest] = ""
                elif problems := ready.problems():
                    self.unfit[digest] = f"{definition.workflow}: {'; '.join(problems)}"
            return self._ready[digest]

    def fit(self, digest: bytes) -> Ready:
        """Like `get`. Raises Unfit when the definition's runs are for others."""
        ready = self.get(digest)
        if digest in self.unfit:
            raise Unfit(self.unfit[digest])
        return ready

    def executable(self, digest: str) -> Executable:
        """Raises Unready. The digest is in hexadecimal, as events have it."""
        return self.get(bytes.fromhex(digest)).executable

    def latest(self, workflow: str) -> Definition | None:
        """The definition a new run of a workflow uses."""
        with self.lock:
            return self._store.definition(workflow)

    def deployed(self) -> list[Ready]:
        """Every deployed workflow, made ready. Raises Unready."""
        with self.lock:
            names = self._store.workflows()
            definitions = [self._store.definition(name) for name in names]
        return [self.get(definition.digest) for definition in definitions if definition is not None]

    def check(self) -> list[str]:
        """What would keep the deployed workflows from running here: one line each."""
        problems: list[str] = []
        ready: list[Ready] = []
        with self.lock:
            names = self._store.workflows()
        for name in names:
            definition = self.latest(name)
            if definition is None:
                continue
            try:
                found = self.get(definition.digest)
            except Unready as error:
                problems.append(f"workflow {name}: {error}")
                continue
            ready.append(found)
            problems += [f"workflow {name}: {problem}" for problem in found.problems()]
        try:
            self._config.check_known(item.program for item in ready)
        except ConfigError as error:
            problems.append(str(error))
        return problems

    def _make(self, definition: Definition) -> Ready:
        try:
            program = ir.Program.decode(definition.program)
            return Ready(definition.digest, program, self._dispatcher, self._config, self.queues)
        except Exception as error:
            raise Unready(f"its definition cannot be run by this version: {error}") from error


def _fields(declared: ir.Signal | ir.Update) -> Record:
    """What a message brings. A field with a default may be left out: the run fills it in."""
    return Record(
        tuple(RecordField(p.name, p.type if p.default is None else Optional(p.type)) for p in declared.params)
    )


def _messages(program: ir.Program) -> list[ir.Signal | ir.Update]:
    return [*program.signals, *program.updates]
