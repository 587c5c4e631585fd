"""The engine: claims runs, steps them, makes what happened durable, and only then acts.

`docs/durability.md` is the argument; `lane` the loop; `processes` several engines under one supervisor.
"""

from tenuto.engine.config import ConfigError, ConfigSource
from tenuto.engine.engine import Engine, NotReady, Observation, Observer
from tenuto.engine.metrics import Metrics
from tenuto.engine.settings import Settings
from tenuto.engine.stores import Stores, memory_stores, postgres_stores

__all__ = [
    "ConfigError",
    "ConfigSource",
    "Engine",
    "Metrics",
    "NotReady",
    "Observation",
    "Observer",
    "Settings",
    "Stores",
    "memory_stores",
    "postgres_stores",
]
