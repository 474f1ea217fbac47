#!/usr/bin/env python3
"""sort_memory_test - sorts of several hundred megabytes within 64 MiB, their equality with pyarrow's, and their ends

Each sort runs free, where its peak resident size is read afterwards, and under RLIMIT_DATA of the same size. What is spilled
has no name: nothing of it is left, whatever ends the process.
"""
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

JOIST = os.environ["JOIST_COMMAND"]
SHIM = os.environ["JOIST_SHIM"]
MEMORY = 64 << 20
ROWS = 2_500_000
NOTE_BYTES = 72
ENOSPC = 28
# The kernel's peak of a child counts the process that it was forked from: a small one is between.
LAUNCHER = """
import os, resource, sys
child = os.fork()
if child == 0:
    if sys.argv[1] != "0":
        resource.setrlimit(resource.RLIMIT_DATA, (int(sys.argv[1]),) * 2)
    os.execv(sys.argv[2], sys.argv[2:])
_, status, usage = os.wait4(child, 0)
print("peak", usage.ru_maxrss * 1024, file=sys.stderr)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def make_rows():
    """About 300 MB: keys with ties and nulls, text, and the number of each row, which tells equal rows apart."""
    rng = np.random.default_rng(20261121)
    letters = rng.integers(97, 123, ROWS * NOTE_BYTES, dtype=np.uint8)
    lengths = rng.integers(NOTE_BYTES // 2, NOTE_BYTES, ROWS)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    note = pa.StringArray.from_buffers(ROWS, pa.py_buffer(offsets), pa.py_buffer(letters))
    few = pa.array(rng.integers(0, 500, ROWS, dtype=np.int32), mask=rng.random(ROWS) < 0.05)
    return pa.table({
        "id": pa.array(np.arange(ROWS)),
        "few": few,
        "day": pa.array(rng.integers(0, 20_000, ROWS, dtype=np.int32)).cast(pa.date32()),
        "ratio": pa.array(rng.random(ROWS)),
        "number": pa.array(rng.integers(0, 1 << 60, ROWS)),
        "city": pa.array(np.array(["Bergen", "Oslo", "Voss"])[rng.integers(0, 3, ROWS)]).dictionary_encode(),
        "note": note,
    })


class SortMemory(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.root = Path(cls.folder.name)
        cls.source = cls.root / "rows.parquet"
        cls.spill = cls.root / "spill"
        cls.spill.mkdir()
        cls.rows = make_rows()
        pq.write_table(cls.rows, cls.source, compression="NONE", use_dictionary=["city"], row_group_size=700_000)
        assert cls.source.stat().st_size > 200 << 20

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def start(self, *arguments, launcher=(), out=subprocess.DEVNULL, environment=None):
        return subprocess.Popen([*launcher, JOIST, *map(str, arguments), "--memory", str(MEMORY), "--scratch",
                                 str(self.spill), "--quiet"], stdout=out,
                                stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment)

    def run_within(self, *arguments, data_limit=0, out=subprocess.DEVNULL):
        launcher = (sys.executable, "-I", "-S", "-c", LAUNCHER, str(data_limit))
        process = self.start(*arguments, launcher=launcher, out=out)
        _, message = process.communicate()
        self.assertEqual(process.returncode, 0, message)
        self.assertLessEqual(int(message.split()[-1]), MEMORY, message)

    def wanted(self, *keys):
        """The order of the rows: pyarrow's, with the row's number last, for equal rows keep theirs."""
        order = self.rows.select([name for name, _ in keys] + ["id"]).sort_by([*keys, ("id", "ascending")])
        return order["id"]

    def check_file(self, out, ids):
        got = pq.read_table(out)
        self.assertTrue(got["id"].combine_chunks().equals(ids.combine_chunks()))
        wanted = self.rows.take(ids)
        for name in ("few", "day", "ratio", "number", "note"):
            self.assertTrue(got[name].equals(wanted[name].cast(got[name].type)), name)
        self.assertTrue(got["city"].cast(pa.string()).equals(wanted["city"].cast(pa.string())))

    def test_convert(self):
        ids = self.wanted(("few", "descending"), ("day", "ascending"))
        for name, limits in (("free", {}), ("held", {"data_limit": MEMORY})):
            out = self.root / f"{name}.parquet"
            self.run_within("convert", self.source, out, "--sort", "few desc, day", "--threads", "2", **limits)
            self.check_file(out, ids)
            sorting = pq.ParquetFile(out).metadata.row_group(0).sorting_columns
            self.assertEqual([(column.column_index, column.descending) for column in sorting], [(1, True), (2, False)])
            out.unlink()

    def test_convert_of_text_with_one_thread(self):
        csv = self.root / "rows.csv"
        out = self.root / "text.parquet"
        subprocess.run([JOIST, "convert", self.source, csv, "--quiet"], check=True, stdin=subprocess.DEVNULL)
        self.assertGreater(csv.stat().st_size, 200 << 20)
        self.run_within("convert", csv, out, "--sort", "number", "--threads", "1", "--doubles")
        csv.unlink()
        self.check_file(out, self.wanted(("number", "ascending")))
        out.unlink()

    def test_order_by(self):
        ids = self.wanted(("note", "ascending"))
        with open(self.root / "ids.csv", "w+") as file:
            self.run_within("sql", "--csv", f"select id, note from '{self.source}' order by note", "--threads", "2",
                            data_limit=MEMORY, out=file)
            file.seek(0)
            self.assertEqual(next(file), "id,note\n")
            got = pa.array(np.fromiter((int(line.split(",", 1)[0]) for line in file), dtype=np.int64, count=ROWS))
        self.assertTrue(got.equals(ids.combine_chunks()))

    def spilled(self, pid):
        """How many nameless files the process has, and their bytes."""
        count, size = 0, 0
        for link in Path(f"/proc/{pid}/fd").iterdir():
            try:
                if os.readlink(link).startswith(f"{self.spill}/#"):
                    count, size = count + 1, size + link.stat().st_size
            except FileNotFoundError:
                pass
        return count, size

    def end_while_spilling(self, number):
        out = self.root / "ended.parquet"
        process = self.start("convert", self.source, out, "--sort", "number", "--threads", "2")
        while self.spilled(process.pid)[1] < 20 << 20:
            self.assertIsNone(process.poll(), "it ended before it spilled")
            time.sleep(0.01)
        process.send_signal(number)
        process.stderr.read()
        process.stderr.close()
        code = process.wait()
        self.assertFalse(out.exists())
        self.assertEqual(list(self.spill.iterdir()), [])
        return code

    def test_a_kill_leaves_nothing(self):
        self.assertEqual(self.end_while_spilling(signal.SIGKILL), -signal.SIGKILL)

    def test_a_signal_ends_it(self):
        self.assertEqual(self.end_while_spilling(signal.SIGINT), 3)

    def test_a_full_disk_is_told(self):
        out = self.root / "full.parquet"
        environment = dict(os.environ, LD_PRELOAD=SHIM, SHIM_FAIL_CALL="write", SHIM_ERRNO=str(ENOSPC))
        for at in (1, 2, 40):
            environment["SHIM_FAIL_AT"] = str(at)
            process = self.start("convert", self.source, out, "--sort", "number", "--threads", "1",
                                 environment=environment)
            message = process.stderr.read()
            process.stderr.close()
            self.assertEqual(process.wait(), 3, message)
            self.assertRegex(message, rf"^joist: sort: a scratch file in {self.spill}: no space left on the device")
            self.assertFalse(out.exists())


if __name__ == "__main__":
    unittest.main()
