"""`make bench`: the README's figures, measured on this machine. Nothing here passes or fails; it prints."""

import os
import platform
import sys
import tempfile
from pathlib import Path

from scripts.programs import find_postgresql
from tests.bench import curves, paging, phone, rules, server
from tests.postgres import PostgresCluster

PARTS = ("rules", "server", "paging", "phone")


def main() -> None:
    """Run the parts named on the command line, or all but the curves, which take long."""
    parts = [word for word in sys.argv[1:] if not word.startswith("-")] or list(PARTS)
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as folder:
        if "rules" in parts:
            rules.measure()
        if "server" in parts:
            server.measure("SQLite", f"sqlite:///{Path(folder) / 'bench.sqlite'}")
            binaries = find_postgresql()
            if binaries is None:
                print("PostgreSQL is not installed: its figures are missing.")
            else:
                with PostgresCluster(binaries) as cluster:
                    server.measure("PostgreSQL", cluster.create("bench"))
        if "curves" in parts:
            million = "--million" in sys.argv
            curves.measure("SQLite", f"sqlite:///{Path(folder) / 'curves.sqlite'}", million=million)
            binaries = find_postgresql()
            if binaries is not None:
                with PostgresCluster(binaries) as cluster:
                    curves.measure("PostgreSQL", cluster.create("curves"), million=million)
        if "paging" in parts:
            paging.measure("SQLite", f"sqlite:///{Path(folder) / 'paging.sqlite'}")
            binaries = find_postgresql()
            if binaries is not None:
                with PostgresCluster(binaries) as cluster:
                    paging.measure("PostgreSQL", cluster.create("paging"))
            paging.measure_memory()
        if "phone" in parts:
            phone.measure()


if __name__ == "__main__":
    main()
