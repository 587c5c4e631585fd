"""Randomised stress of the durability protocol: real engines, real Postgres, real deaths.

    python -m tests.faults.stress SECONDS SEED [--mutation NAME] [--db DSN]

Several engine processes with a short lease, several client processes, and a nemesis that kills, freezes and cuts. When
the storm is over, everything is given time to come to rest, and the oracle compares histories, acknowledgements and the
ledger of activities. Prints one JSON line of figures, then every violation; the exit code is 1 when there is one.

Under an odd seed the lanes' role may not end other sessions, so that who is declared dead lives on and meets the fence.

With a mutation, one rule of the protocol is broken on purpose. The storm ends as soon as a violation shows.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from tenuto.server import EmbeddedServer
from tenuto.store.migrate import migrate
from tenuto.store.postgres import PostgresClient

from tests.faults import audit, client_process, engine_process, rounds
from tests.faults.checks import Oracle
from tests.faults.mutations import NAMES, forbid_cut, mutate
from tests.faults.nemesis import Nemesis
from tests.faults.workload import definitions
from tests.quick_disk import QUICK_DISK

ENGINES = 3
CLIENTS = 3
QUIET_S = 6.0
"""Nothing recorded for so long: everything is at rest."""
DRAIN_S = 60.0
"""The longest the engines get to finish after the storm."""
GLANCE_S = 0.5

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([engine_process.__name__, client_process.__name__])


@dataclass
class Report:
    figures: dict[str, Any]
    violations: list[str] = field(default_factory=list)


def stress(dsn: str, seconds: float, seed: int, mutation: str | None = None) -> Report:
    """Storm for so long on an empty database, then judge; stop as soon as a violation shows."""
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="tenuto-stress-", dir=QUICK_DISK))
    try:
        report = _Storm(dsn, folder, seed, mutation).run(seconds)
        kept = folder.with_name(f"{folder.name}-violations")
        if report.violations and mutation is None:
            shutil.copytree(folder, kept)
            report.figures["kept"] = str(kept)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report.figures |= {"seconds": round(time.monotonic() - began, 1)}
    return report


class _Storm:
    def __init__(self, dsn: str, folder: Path, seed: int, mutation: str | None) -> None:
        self._dsn = dsn
        self._folder = folder
        self._seed = seed
        self._mutation = mutation
        self._chance = random.Random(seed)
        self._lives = 0
        self._oracle = Oracle(dsn, folder)
        migrate(dsn)
        audit.install(dsn)
        if seed % 2:
            forbid_cut(dsn)
        if mutation:
            mutate(dsn, mutation)
        client = PostgresClient(dsn, name="harness")
        for definition in [*definitions(), *rounds.definitions()]:
            client.deploy(definition)
        client.close()

    def run(self, seconds: float) -> Report:
        clients = [self._client(number) for number in range(CLIENTS)]
        nemesis = Nemesis(self._chance, [self._engine(place) for place in range(ENGINES)], self._engine, self._dsn)
        try:
            violations = self._storm(nemesis, seconds)
            if not violations:
                (self._folder / client_process.STOP).touch()
                nemesis.rest()
                violations = self._calm(clients)
                if not violations:
                    nemesis.end()
                    violations = self._oracle.verdict() + self._unexpected()
        finally:
            nemesis.end()
            for client in clients:
                if client.is_alive():
                    client.kill()
                client.join(10)
        figures = {"seed": self._seed, "mutation": self._mutation} | self._oracle.figures
        figures |= {
            "killed": nemesis.killed,
            "frozen": nemesis.frozen,
            "cut": nemesis.cut,
            "misjudged": nemesis.misjudged,
        }
        return Report(figures | {"violations": len(violations)}, violations)

    def _storm(self, nemesis: Nemesis, seconds: float) -> list[str]:
        end = time.monotonic() + seconds
        look = time.monotonic() + GLANCE_S
        while time.monotonic() < end:
            time.sleep(self._chance.random() * 0.25)
            nemesis.strike()
            if time.monotonic() >= look:
                if found := self._oracle.glance():
                    return found
                look = time.monotonic() + GLANCE_S
        return []

    def _calm(self, clients: list[BaseProcess]) -> list[str]:
        """Wait until all is done, or nothing moves any more."""
        end = time.monotonic() + DRAIN_S
        moved, last = time.monotonic(), (-1, -1)
        with psycopg.connect(self._dsn, autocommit=True, application_name="harness") as connection:
            while time.monotonic() < end:
                row = connection.execute(
                    "select (select count(*) from tenuto.run where status in (0, 1, 7)),"
                    " (select count(*) from tenuto.history)"
                ).fetchone()
                assert row is not None
                if row[0] == 0 and not any(client.is_alive() for client in clients):
                    return []
                if row != last:
                    moved, last = time.monotonic(), row
                elif time.monotonic() - moved > QUIET_S:
                    return []
                if found := self._oracle.glance():
                    return found
                time.sleep(0.2)
        return []

    def _unexpected(self) -> list[str]:
        """Exceptions that an engine survived and nobody had foreseen."""
        found = []
        for log in sorted(self._folder.glob("log.*")):
            lines = log.read_text(errors="replace").splitlines()
            found += [f"unexpected in an engine: {line[:2000]}" for line in lines if "level=error" in line]
        return found[:20]

    def _engine(self, place: int) -> BaseProcess:
        self._lives += 1
        seed = f"{self._seed}.engine{place}.{self._lives}"
        arguments = (self._dsn, self._folder, seed, self._mutation, place, os.getpid())
        process = _FORKS.Process(target=engine_process.serve, args=arguments, daemon=True)
        process.start()
        return process

    def _client(self, number: int) -> BaseProcess:
        arguments = (self._dsn, self._folder, str(self._seed), f"c{number}", os.getpid())
        process = _FORKS.Process(target=client_process.serve, args=arguments, daemon=True)
        process.start()
        return process


def with_own_server(home: Path) -> str:
    """The DSN of an embedded server in that home, in memory, without fsync: processes die here, not machines."""
    home.chmod(0o711)  # as root, the server runs as another user and has to pass through
    return EmbeddedServer(home, settings={"fsync": "off", "max_wal_size": "512MB"}).ensure()


def fresh_database(dsn: str, name: str) -> str:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(f"drop database if exists {name} with (force)".encode())
        connection.execute(f"create database {name}".encode())
    return make_conninfo(dsn, dbname=name)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seconds", type=float)
    parser.add_argument("seed", type=int)
    parser.add_argument("--mutation", choices=NAMES)
    parser.add_argument("--db", help="a server to make the database on; by default one of its own")
    arguments = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="tenuto-stress-home-", dir=QUICK_DISK))
    try:
        server = arguments.db or with_own_server(home)
        dsn = fresh_database(server, f"tenuto_stress_{os.getpid()}")
        print(f"seed {arguments.seed}", flush=True)
        report = stress(dsn, arguments.seconds, arguments.seed, arguments.mutation)
        print(json.dumps(report.figures))
        for violation in report.violations[:40]:
            print(f"VIOLATION {violation}")
        print("all invariants hold" if not report.violations else f"{len(report.violations)} violations")
    finally:
        if not arguments.db:
            EmbeddedServer(home).stop()
        shutil.rmtree(home, ignore_errors=True)
    return 1 if report.violations else 0


if __name__ == "__main__":
    sys.exit(main())
