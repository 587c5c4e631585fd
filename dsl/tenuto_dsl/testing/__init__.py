"""Tests that stand in workflow files: planned as plain data, run in virtual time, measured.

    suite = plan_source(name, source, sink)
    runner = Runner(suite)
    result = runner.run(suite.plans[0])

Nothing here reads a clock: how long a test took is for whoever runs it to say.
"""

from tenuto_dsl.testing.coverage import Coverage, Covered
from tenuto_dsl.testing.plan import Plan, Suite
from tenuto_dsl.testing.planning import plan_checked, plan_source
from tenuto_dsl.testing.run import Failed, Result, Runner

__all__ = ["Coverage", "Covered", "Failed", "Plan", "Result", "Runner", "Suite", "plan_checked", "plan_source"]
