"""The store in memory: the same semantics without durability, for tests in virtual time."""

from tenuto.store.memory.store import MemoryStore

__all__ = ["MemoryStore"]
