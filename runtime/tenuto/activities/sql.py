"""Activities that are SQL statements, run once in the transaction that records their success.

What a statement answers becomes a value of the declared type: of a record or a scalar the one row, of a list all rows,
of nothing nothing. An error of the database's is a failure of the attempt (`SqlError`, or what `raises … when` makes of
it); what only a repair can change (an unknown table, a syntax error, a privilege) is a fault, and parks the run.
"""

from __future__ import annotations

import random
import time
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from tenuto_interpreter import ir
from tenuto_interpreter.events import Failure
from tenuto_interpreter.expr import Context, ExpressionError
from tenuto_interpreter.machine import Executable
from tenuto_interpreter.statements import parameters, pieces
from tenuto_interpreter.types import ListOf, MapOf, Optional, Record, Ref, Scalar, Sensitive, Type

from tenuto.activities.binding import Kind, Outcomes
from tenuto.activities.conversion import to_wire
from tenuto.activities.errors import TIMEOUT, ActivityError, ActivityFault
from tenuto.activities.job import Job
from tenuto.activities.transactions import Transaction, Transactions, again
from tenuto.store.protocol import Unreachable

SQL_ERROR = "SqlError"
MOST_ROWS = 10_000

_FAULTS = ("42", "3F", "3D", "0A", "28", "2D", "25")
"""Classes of errors that a repair ends, not a repetition."""
_RETRYABLE = ("08", "40", "53", "55", "57", "58", "XX")
_CONTENTION = ("40001", "40P01", "55P03")
_AGAIN = 3
_BUDGET = 100_000


class SqlBinding:
    """`sql "statement"`."""

    kind: Kind = "sync"
    transactional = True

    def __init__(self, executable: Executable, declared: ir.Activity, transactions: Transactions) -> None:
        assert declared.sql is not None, "only for activities with an sql binding"
        self.name = declared.name
        self.outcomes = Outcomes(executable.program, declared)
        self._transactions = transactions
        names = [param.name for param in declared.params]
        self._order = [names.index(name) for name in parameters(declared.sql.statement)]
        self._statement = "".join(
            text.replace("%", "%%") + ("" if name is None else f"%(p{names.index(name)})s")
            for text, name in pieces(declared.sql.statement)
        )
        self._raises = [(raises.codes[0], raises.when) for raises in declared.raises if raises.when is not None]
        self._fields = {error.code: [name for name, _ in error.fields] for error in executable.program.errors}
        self._params = names
        self._evaluate = executable.evaluate
        types = {item.name: item.type for item in executable.program.types}
        self._json = frozenset(n for n, param in enumerate(declared.params) if _is_json(param.type, types))
        self._returns = None if declared.returns is None else _plain(declared.returns, types)
        self._nullable = isinstance(declared.returns, Optional)
        self._item = _plain(self._returns.item, types) if isinstance(self._returns, ListOf) else self._returns

    async def call_async(self, job: Job) -> Any:  # noqa: ARG002 - the protocol's
        raise AssertionError("SQL activities run on a thread")

    def failure(self, failure: Failure) -> Failure:
        return self.outcomes.failure(failure)

    def call(self, job: Job) -> Any:
        attempt, lost = 1, 0
        while True:
            try:
                transaction = self._transactions.begin(None if job.timeout is None else max(int(job.timeout * 1000), 1))
            except Unreachable as error:
                raise ActivityError(SQL_ERROR, str(error)) from None
            job.transaction = transaction
            try:
                return self.outcomes.result(self._run(job, transaction))
            except psycopg.Error as error:
                if again(job, lost):
                    lost += 1
                    continue
                job.discard()
                if error.sqlstate not in _CONTENTION or attempt == _AGAIN or job.cancelled:
                    raise self._error(job, error) from None
                time.sleep(random.uniform(0.005, 0.02) * attempt)  # noqa: S311 - jitter, no secret
                attempt += 1

    def _run(self, job: Job, transaction: Transaction) -> Any:
        values = {f"p{n}": _jsonb(job.args[n]) if n in self._json else job.args[n] for n in self._order}
        with transaction.connection.cursor(row_factory=dict_row) as cursor:
            cursor.execute(self._statement.encode(), values)
            value = self._value(cursor)
        transaction.check(f"activity {self.name}: its statement ends the transaction it runs in")
        return value

    def _value(self, cursor: psycopg.Cursor[dict[str, Any]]) -> Any:
        if self._returns is None:
            return None
        if cursor.description is None:
            raise ActivityFault(f"activity {self.name}: its statement returns no rows; write `returning …`")
        rows = cursor.fetchmany(MOST_ROWS + 1)
        many = isinstance(self._returns, ListOf)
        if len(rows) > (MOST_ROWS if many else 1):
            limit = f"more than {MOST_ROWS} rows" if many else f"{cursor.rowcount} rows where one is expected"
            raise ActivityError(SQL_ERROR, f"{self.name} returned {limit}", retryable=False)
        if not many and not rows:
            if self._nullable:
                return None
            raise ActivityError(SQL_ERROR, f"{self.name} returned no row", retryable=False)
        whole = isinstance(self._item, Record | MapOf)
        if not whole and len(cursor.description) != 1:
            raise ActivityFault(
                f"activity {self.name}: its statement returns {len(cursor.description)} columns, not one"
            )
        found = [to_wire(row if whole else next(iter(row.values()))) for row in rows]
        return found if many else found[0]

    def _error(self, job: Job, error: psycopg.Error) -> Exception:
        state = error.sqlstate or ""
        message = (
            (error.diag.message_primary or str(error).strip().splitlines()[0]) if str(error) else type(error).__name__
        )
        if state == "57014":
            return ActivityError(TIMEOUT, f"{self.name}: {message}", kind="attempt")
        seen = {"sqlstate": state, "message": message, "constraint": error.diag.constraint_name or ""}
        for code, when in self._raises:
            if self._holds(when, [*job.args, seen]):
                declared = ActivityError(code, message, retryable=False)
                known = dict(zip(self._params, job.args, strict=True)) | seen
                declared.details = {name: known[name] for name in self._fields.get(code, ()) if name in known}
                return declared
        if state[:2] in _FAULTS or isinstance(error, psycopg.ProgrammingError):
            return ActivityFault(f"{message} ({state})" if state else message)
        retryable = not state or state[:2] in _RETRYABLE
        return ActivityError(SQL_ERROR, message, retryable, sqlstate=state, constraint=seen["constraint"])

    def _holds(self, when: int, values: list[Any]) -> bool:
        context = Context()
        context.budget = _BUDGET
        try:
            return self._evaluate[when]([], values, context) is True
        except ExpressionError as error:
            raise ActivityFault(f"an expression of activity {self.name} failed: {error}") from error


def _plain(type_: Type, types: dict[str, Type]) -> Type:
    """The type behind names, `?` and `sensitive`."""
    while True:
        match type_:
            case Ref(name):
                type_ = types[name]
            case Optional(item) | Sensitive(item):
                type_ = item
            case _:
                return type_


def _is_json(type_: Type, types: dict[str, Type]) -> bool:
    """Records, maps, `any` and lists of them go as jsonb; the rest as PostgreSQL's own types and arrays."""
    match _plain(type_, types):
        case ListOf(item):
            return isinstance(_plain(item, types), ListOf) or _is_json(item, types)
        case Record() | MapOf() | Scalar("any"):
            return True
        case _:
            return False


def _jsonb(value: Any) -> Any:
    return None if value is None else Jsonb(to_wire(value))
