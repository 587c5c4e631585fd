"""Rates of the in-memory store, as `tenuto.admit` keeps them."""

from __future__ import annotations

from tenuto.store.memory.tables import RateRow, Tables

_GROUPS = 64


class MemoryAdmissions:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def admit(self, key: str, count: int, period_us: int, wanted: int) -> tuple[int, int]:
        tables = self._tables
        with tables.changed:
            row = tables.rates.get(key)
            if row is None:
                size = -(-count // _GROUPS)
                row = tables.rates[key] = RateRow(size, [None] * (count // size), used=size)
            now = tables.clock()
            period_us += min(period_us // 20, 50_000)
            admitted = 0
            while admitted < wanted:
                if row.used >= row.size:
                    following = (row.place + 1) % len(row.marks)
                    before = row.marks[following]
                    if before is not None and before + period_us > now:
                        return admitted, max(before + period_us - now, 1)
                    row.place, row.used = following, 0
                taken = min(wanted - admitted, row.size - row.used)
                row.used += taken
                row.marks[row.place] = now
                admitted += taken
            return admitted, 0

    def close(self) -> None:
        pass
