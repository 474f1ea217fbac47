#!/usr/bin/env python3
"""convert_kill_test - a conversion, or a putting together of row groups, killed, failed or robbed of its unsynced bytes at each of its system calls

After each: under a final name there is nothing, the file that was there before, or a whole one; the next conversion works
and leaves no file of the dead one behind.
"""
import hashlib
import os
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

import pyarrow.parquet

JOIST = os.environ["JOIST_COMMAND"]
SHIM = os.environ["JOIST_SHIM"]
ROWS = 300
ENOSPC, EIO, EXDEV = 28, 5, 18


class ConvertKill(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.root = Path(cls.folder.name)
        cls.csv = cls.root / "oaks.csv"
        cls.csv.write_text("id,city,day\n" + "".join(
            f"{i},{'Oslo' if i % 3 else 'Bergen'},2026-{1 + i % 12:02}-01\n" for i in range(ROWS)))
        cls.old = cls.root / "old.csv"
        cls.old.write_text("id,city,day\n1,old,2026-01-01\n")
        cls.parts = []
        for name, begin, end in (("one", 0, 1), ("most", 1, 200), ("rest", 200, ROWS), ("all", 0, ROWS)):
            part = cls.root / f"{name}.csv"
            part.write_text("id,hash\n" + "".join(
                f"{i},{hashlib.sha256(bytes([i % 256, i // 256])).hexdigest()}\n" for i in range(begin, end)))
            cls.parts.append(part)
            if name in ("one", "most", "rest"):
                subprocess.run([JOIST, "convert", part, part.with_suffix(".parquet"), "--quiet"], check=True)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def command(self, out, options, source):
        """Of the files in `parts` where row groups stay as they are."""
        one, most, rest, whole = self.parts
        parquet = [path.with_suffix(".parquet") for path in (one, most, rest)]
        if "concat" in options:
            options = [option for option in options if option != "concat"]
            return ["concat", *(parquet[1:] if "--append" in options else parquet), out, *options]
        if "--append" in options:
            return ["convert", most, rest, out, *options]
        if "parts" in options:
            return ["convert", source or whole, out, *[option for option in options if option != "parts"]]
        return ["convert", source or self.csv, out, *options]

    def convert(self, out, *options, shim=None, source=None):
        environment = dict(os.environ)
        if shim is not None:
            environment.update({name: str(value) for name, value in shim.items()}, LD_PRELOAD=SHIM)
        return subprocess.run([JOIST, *self.command(out, options, source), "--threads", "1", "--quiet"], env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)

    def count_calls(self, out, *options, call=None, before=None):
        if before:
            before()
        shim = {"SHIM_COUNT": self.root / "count"}
        if call:
            shim["SHIM_FAIL_CALL"] = call
        done = self.convert(out, *options, shim=shim)
        self.assertEqual(done.returncode, 0, done.stderr)
        return int((self.root / "count").read_text())

    def rows_below(self, folder, context):
        """Rows of every file under a final name, all of which must be whole."""
        rows = 0
        for path in folder.rglob("*.parquet"):
            if not path.name.startswith("."):
                rows += pyarrow.parquet.ParquetFile(path).read().num_rows
        return rows

    def sweep(self, name, options, first, shims):
        """`first` makes what is there before; `shims` are what the process meets, by call number."""
        out = self.root / name
        place = out if not name.endswith(".parquet") else out.parent

        def restore():
            subprocess.run(["rm", "-rf", place], check=True)
            place.mkdir(parents=True)
            if first:
                done = self.convert(out, source=self.parts[0] if "--append" in options else self.old)
                self.assertEqual(done.returncode, 0, done.stderr)

        for make_shim, call, code in shims:
            calls = self.count_calls(out, *options, call=call, before=restore)
            self.assertGreater(calls, 0)
            for at in range(1, calls + 1):
                restore()
                done = self.convert(out, *options, shim=make_shim(at))
                context = f"{name}: {call or 'call'} {at} of {calls}: {done.returncode} {done.stderr}"
                self.check_outcome(place, first, done, code, context)
                self.check_next(out, place, options, restore, context)

    def check_outcome(self, place, first, done, code, context):
        rows = self.rows_below(place, context)
        if done.returncode == 0:
            self.assertEqual(rows, ROWS, context)
            return
        self.assertEqual(done.returncode, code, context)
        if first is not None and place.name == "one":
            self.assertIn(rows, (1, ROWS) if first else (0, ROWS), context)
        if code == 3:
            self.assertEqual(len(done.stderr.strip().splitlines()), 1, context)
            left = [path for path in place.rglob(".tmp-*")]
            self.assertEqual(left, [], context)

    def check_next(self, out, place, options, restore, context):
        if out.suffix != ".parquet":
            return
        kept = [option for option in options if option not in ("--force", "--append")]
        done = self.convert(out, "--force", *kept, *["parts"] * ("--append" in options and "concat" not in options))
        self.assertEqual(done.returncode, 0, context + done.stderr)
        self.assertEqual(self.rows_below(place, context), ROWS, context)
        self.assertEqual([path.name for path in place.rglob(".tmp-*")], [], context)

    SHIMS = [
        (lambda at: {"SHIM_KILL_AT": at, "SHIM_LOSE": 0}, None, -signal.SIGKILL),
        (lambda at: {"SHIM_KILL_AT": at, "SHIM_LOSE": 1}, None, -signal.SIGKILL),
        (lambda at: {"SHIM_FAIL_CALL": "write", "SHIM_FAIL_AT": at, "SHIM_ERRNO": ENOSPC}, "write", 3),
        (lambda at: {"SHIM_FAIL_CALL": "fsync", "SHIM_FAIL_AT": at, "SHIM_ERRNO": EIO}, "fsync", 3),
        (lambda at: {"SHIM_FAIL_CALL": "link", "SHIM_FAIL_AT": at, "SHIM_ERRNO": EIO}, "link", 3),
    ]

    def test_a_new_file(self):
        self.sweep("one/new.parquet", ("--rows-per-group", "100"), False, self.SHIMS)

    def test_a_file_that_is_replaced(self):
        self.sweep("one/old.parquet", ("--force",), True, self.SHIMS)

    COPIES = SHIMS + [
        (lambda at: {"SHIM_FAIL_CALL": "copy", "SHIM_FAIL_AT": at, "SHIM_ERRNO": ENOSPC}, "copy", 3),
        (lambda at: {"SHIM_FAIL_CALL": "copy", "SHIM_FAIL_AT": at, "SHIM_ERRNO": EXDEV}, "copy", 0),
    ]

    def test_row_groups_of_files_in_a_new_one(self):
        self.sweep("one/groups.parquet", ("concat",), False, self.COPIES)

    def test_row_groups_behind_those_of_a_file(self):
        self.sweep("one/behind.parquet", ("concat", "--append"), True, self.COPIES)

    def test_rows_behind_the_row_groups_of_a_file(self):
        self.sweep("one/rows.parquet", ("--append",), True, self.SHIMS)

    def test_the_next_run_sweeps_what_a_killed_one_left(self):
        folder = self.root / "left"
        folder.mkdir()
        (folder / ".tmp-0a0b0c").write_text("PAR1")
        done = self.convert(folder / "new.parquet")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([path.name for path in folder.iterdir()], ["new.parquet"])

    def test_files_that_are_split(self):
        self.sweep("many", ("--split-rows", "120"), None, self.SHIMS)

    def test_files_of_partitions(self):
        self.sweep("folders", ("--partition-by", "city"), None, self.SHIMS)

    def test_acknowledged_files_survive_a_power_cut(self):
        for name, options in (("cut/new.parquet", ()), ("cut_many", ("--partition-by", "city"))):
            out = self.root / name
            (out.parent if out.suffix else out).mkdir()
            done = self.convert(out, *options, shim={"SHIM_LOSE": 1})
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(self.rows_below(out.parent if out.suffix else out, name), ROWS)


if __name__ == "__main__":
    unittest.main()
