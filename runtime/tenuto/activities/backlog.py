"""Attempts that wait, by priority: 1 before 2 before … 5, and of one priority the one that came first.

Priorities are strict: while more urgent attempts keep coming, others wait. Threads put in and take out without a lock;
a deque's own operations are atomic.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from tenuto.activities.job import NORMAL_PRIORITY, Job


class Backlog:
    __slots__ = ("_levels", "_mixed", "_normal")

    def __init__(self) -> None:
        self._levels: tuple[deque[Job], ...] = tuple(deque() for _ in range(5))
        self._normal = self._levels[NORMAL_PRIORITY - 1]
        self._mixed = False
        """Whether there ever was an attempt of another priority: without, there is one deque to look at"""

    def extend(self, jobs: Iterable[Job]) -> None:
        for job in jobs:
            if job.priority != NORMAL_PRIORITY:
                self._mixed = True
            self._levels[job.priority - 1].append(job)

    def put_back(self, jobs: Iterable[Job]) -> None:
        """Before those of their priority that wait, in the order they have."""
        for job in reversed(list(jobs)):
            if job.priority != NORMAL_PRIORITY:
                self._mixed = True
            self._levels[job.priority - 1].appendleft(job)

    def popleft(self) -> Job:
        """The next. Raises IndexError when none waits."""
        if self._mixed:
            for level in self._levels:
                if level:
                    try:
                        return level.popleft()
                    except IndexError:  # another thread was faster
                        continue
        return self._normal.popleft()

    def remove(self, job: Job) -> bool:
        """Whether it was there."""
        try:
            self._levels[job.priority - 1].remove(job)
        except ValueError:
            return False
        return True

    def __len__(self) -> int:
        return sum(map(len, self._levels)) if self._mixed else len(self._normal)

    def __iter__(self) -> Iterator[Job]:
        for level in self._levels:
            yield from list(level)
