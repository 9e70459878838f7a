"""The memory storage, with real transactions: for tests, simulations and small clubs."""

from ygs.adapters.memory.storage import MemoryStorage

__all__ = ["MemoryStorage"]
