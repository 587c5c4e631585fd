"""Activities: their parameters, binding, limits and policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from tenuto_interpreter import ir

from tenuto_dsl.check.facts import ActivityFacts
from tenuto_dsl.syntax import tree

if TYPE_CHECKING:
    from tenuto_dsl.lower.program import ProgramLowering

Effect = Literal["pure", "idempotent", "keyed", "transactional", "once"]


def lower_activity(program: ProgramLowering, activity: ActivityFacts) -> ir.Activity:
    node = activity.node
    python = http = sql = None
    match node.binding:
        case tree.PythonBinding(target=target):
            python = ir.Python(target)
        case tree.SqlBinding(statement=statement):
            sql = ir.Sql(statement)
        case tree.HttpBinding() as binding:
            http = ir.Http(
                method=binding.method,
                url=program.expression(binding.url),
                headers=tuple((header.name, program.expression(header.value)) for header in binding.headers),
                body=program.maybe(binding.body),
                result=program.maybe(binding.result),
            )
    return ir.Activity(
        name=activity.name,
        params=program.params(activity.params),
        returns=activity.returns,
        python=python,
        http=http,
        sql=sql,
        raises=tuple(
            ir.Raises(tuple(program.error(code.text) for code in raises.codes), program.maybe(raises.when))
            for raises in node.raises
        ),
        timeout=lower_timeout(program, node.timeout),
        retry=lower_retry(program, node.retry),
        effect=cast("Effect", node.effect.text) if node.effect is not None else None,
        queue=program.maybe(node.queue),
        priority=program.maybe(node.priority),
        rate=None if node.rate is None else (program.expression(node.rate.count), program.expression(node.rate.per)),
    )


def lower_timeout(program: ProgramLowering, timeout: tree.Timeout | None) -> ir.Timeout:
    if timeout is None:
        return ir.Timeout()
    return ir.Timeout(
        attempt=program.maybe(timeout.attempt),
        overall=program.maybe(timeout.overall),
        queued=program.maybe(timeout.queued),
        heartbeat=program.maybe(timeout.heartbeat),
    )


def lower_retry(program: ProgramLowering, retry: tree.Retry | None) -> ir.Retry | None:
    if retry is None:
        return None
    return ir.Retry(
        times=program.expression(retry.times),
        backoff=program.maybe(retry.backoff),
        factor=program.maybe(retry.factor),
        up_to=program.maybe(retry.up_to),
        unless=tuple(program.error(code.text) for code in retry.unless),
    )
