#!/usr/bin/env python3
"""kill_test - an append killed, failed or robbed of its unsynced bytes at each of its system calls

After each: the table is the old or the new one, joist and PyIceberg agree on it, every Parquet file under its final name
is whole, and the next append works. What was acknowledged is there.
"""
import os
import shutil
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

import pyarrow.parquet
from pyiceberg.catalog.sql import SqlCatalog

JOIST = os.environ["JOIST_COMMAND"]
SHIM = os.environ["JOIST_SHIM"]
ROWS = 120
ENOSPC, EIO, EROFS = 28, 5, 30


class Kill(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.root = Path(cls.folder.name)
        cls.csv = cls.root / "oaks.csv"
        cls.csv.write_text("id,city,day\n" + "".join(
            f"{i},{'Oslo' if i % 3 else 'Bergen'},2026-{1 + i % 12:02}-01\n" for i in range(ROWS)))
        cls.warehouse = cls.root / "warehouse"
        cls.pristine = cls.root / "pristine"
        cls.run_joist("create", "parks.oaks", "--like", cls.csv, "--partition", "city")
        cls.run_joist("append", "parks.oaks", cls.csv)
        shutil.copytree(cls.warehouse, cls.pristine)
        cls.calls = cls.count_calls()

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def joist(cls, *arguments, shim=None):
        environment = dict(os.environ, JOIST_WAREHOUSE=str(cls.warehouse))
        if shim is not None:
            environment.update({name: str(value) for name, value in shim.items()}, LD_PRELOAD=SHIM)
        return subprocess.run([JOIST, *map(str, arguments), "--threads", "1"], env=environment, capture_output=True,
                              text=True, stdin=subprocess.DEVNULL)

    @classmethod
    def run_joist(cls, *arguments):
        done = cls.joist(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @classmethod
    def restore(cls):
        shutil.rmtree(cls.warehouse)
        shutil.copytree(cls.pristine, cls.warehouse)

    @classmethod
    def count_calls(cls, call=None):
        cls.restore()
        shim = {"SHIM_COUNT": cls.root / "count"}
        if call:
            shim["SHIM_FAIL_CALL"] = call
        done = cls.joist("append", "parks.oaks", cls.csv, shim=shim)
        assert done.returncode == 0, done.stderr
        return int((cls.root / "count").read_text())

    def rows_of_pyiceberg(self):
        catalog = SqlCatalog("default", uri=f"sqlite:///{self.warehouse}/catalog.db")
        try:
            return catalog.load_table("parks.oaks").scan().to_arrow().num_rows
        finally:
            catalog.engine.dispose()

    def check_table(self, wanted, context):
        rows = int(self.run_joist("count", "parks.oaks"))
        self.assertIn(rows, wanted, context)
        self.assertEqual(self.rows_of_pyiceberg(), rows, context)
        for path in self.warehouse.rglob("*.parquet"):
            if not path.name.startswith("."):
                pyarrow.parquet.read_table(path)
        return rows

    def check_next_append(self, rows, context):
        self.run_joist("append", "parks.oaks", self.csv)
        self.assertEqual(int(self.run_joist("count", "parks.oaks")), rows + ROWS, context)

    def sweep_kills(self, lose):
        seen = set()
        for call in range(1, self.calls + 1):
            self.restore()
            done = self.joist("append", "parks.oaks", self.csv, shim={"SHIM_KILL_AT": call, "SHIM_LOSE": lose})
            context = f"killed at call {call} of {self.calls}, lose {lose}"
            self.assertEqual(done.returncode, -signal.SIGKILL, context)
            rows = self.check_table((ROWS, 2 * ROWS), context)
            seen.add(rows)
            self.check_next_append(rows, context)
        self.assertIn(ROWS, seen)

    def test_killed_at_each_call(self):
        self.sweep_kills(0)

    def test_killed_at_each_call_and_unsynced_bytes_lost(self):
        self.sweep_kills(1)

    def test_acknowledged_commit_survives_a_power_cut(self):
        self.restore()
        done = self.joist("append", "parks.oaks", self.csv, shim={"SHIM_LOSE": 1})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.check_table((2 * ROWS,), "power cut after the answer")

    def sweep_failures(self, call, number):
        count = self.count_calls(call)
        self.assertGreater(count, 0)
        refused = 0
        for at in range(1, count + 1):
            self.restore()
            files = len(list(self.warehouse.rglob("*.parquet")))
            done = self.joist("append", "parks.oaks", self.csv,
                              shim={"SHIM_FAIL_CALL": call, "SHIM_FAIL_AT": at, "SHIM_ERRNO": number})
            context = f"{call} {at} of {count} failed with {number}: {done.stderr}"
            if done.returncode == 0:
                self.check_table((2 * ROWS,), context)
                continue
            refused += 1
            self.assertEqual(done.returncode, 3, context)
            self.assertEqual(len(done.stderr.strip().splitlines()), 1, context)
            rows = self.check_table((ROWS, 2 * ROWS), context)
            if rows == ROWS:
                self.assertEqual(len(list(self.warehouse.rglob("*.parquet"))), files, context)
        self.assertGreater(refused, 0)

    def test_full_disk(self):
        self.sweep_failures("write", ENOSPC)

    def test_fsync_that_fails(self):
        self.sweep_failures("fsync", EIO)

    def test_link_that_fails(self):
        self.sweep_failures("link", EIO)

    def test_read_only_file_system(self):
        self.restore()
        for call in ("create", "mkdir", "link", "write"):
            done = self.joist("append", "parks.oaks", self.csv, shim={"SHIM_FAIL_CALL": call, "SHIM_ERRNO": EROFS})
            if call == "mkdir" and done.returncode == 0:
                self.restore()
                continue
            self.assertEqual(done.returncode, 3, done.stderr)
            self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
            self.check_table((ROWS,), call)

    def test_read_only_copy_reads(self):
        self.restore()
        copy = self.root / "copy"
        shutil.copytree(self.warehouse, copy)
        for path in [copy, *copy.rglob("*")]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        os.chmod(self.root, 0o755)

        def become_nobody():
            if os.getuid() == 0:
                os.setgid(65534)
                os.setuid(65534)

        command = self.root / "joist"
        shutil.copy(JOIST, command)
        command.chmod(0o755)
        for warehouse in (copy,):
            done = subprocess.run([command, "count", "parks.oaks", "--warehouse", warehouse], capture_output=True, text=True,
                                  preexec_fn=become_nobody)
            self.assertEqual(done.stdout.strip(), str(ROWS), done.stderr)

    def test_four_processes_of_25_appends_are_one_chain(self):
        self.restore()
        script = "for i in $(seq 25); do \"$0\" append parks.oaks \"$1\" --threads 1 --quiet || exit 1; done"
        environment = dict(os.environ, JOIST_WAREHOUSE=str(self.warehouse))
        children = [subprocess.Popen(["sh", "-c", script, JOIST, str(self.csv)], env=environment) for _ in range(4)]
        self.assertEqual([child.wait() for child in children], [0] * 4)
        self.check_table((101 * ROWS,), "races")
        catalog = SqlCatalog("default", uri=f"sqlite:///{self.warehouse}/catalog.db")
        metadata = catalog.load_table("parks.oaks").metadata
        catalog.engine.dispose()
        parents = {snapshot.snapshot_id: snapshot.parent_snapshot_id for snapshot in metadata.snapshots}
        chain = []
        at = metadata.current_snapshot_id
        while at is not None:
            chain.append(at)
            at = parents[at]
        self.assertEqual(len(chain), 101)
        self.assertEqual(len(set(chain)), 101)


if __name__ == "__main__":
    unittest.main()
