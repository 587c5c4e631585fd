"""Activities: the decorator and context that authors use, and what runs them in this process.

Knows nothing of lanes, stores and history: a `Job` goes in, an outcome comes out at its sink.
"""

from tenuto.activities.context import ActivityContext, context
from tenuto.activities.errors import ActivityCancelled, ActivityError
from tenuto.activities.registry import ActivityLoadError, Registry, activity

__all__ = [
    "ActivityCancelled",
    "ActivityContext",
    "ActivityError",
    "ActivityLoadError",
    "Registry",
    "activity",
    "context",
]
