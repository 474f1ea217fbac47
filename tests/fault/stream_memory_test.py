#!/usr/bin/env python3
"""stream_memory_test - what comes through a pipe is written in memory that does not depend on how much it is

Wide rows and row groups of many rows stay within `--memory` with the row groups that were asked for, also where the
kernel lets the process have no more; ten times the input takes no more memory, whatever it becomes. The input is made as
it is read. With JOIST_LONG the sizes are those of docs/benchmarks.md: 2,000 columns x 1 M rows, groups of 10 M rows,
1 GB against 10 GB; scratch files take some gigabytes in /var/tmp.
"""
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

import numpy
import pyarrow
import pyarrow.parquet

JOIST = os.environ["JOIST_COMMAND"]
LONG = bool(os.environ.get("JOIST_LONG"))
MIB = 1 << 20
SPREAD = 1.05  # of peaks
# Starts its arguments and says their peak resident size; a process as large as this one would be counted in.
MEASURE = """
import os, sys
child = os.fork()
if child == 0:
    os.execv(sys.argv[2], sys.argv[2:])
_, status, usage = os.wait4(child, 0)
with open(sys.argv[1], "w") as out:
    out.write(str(usage.ru_maxrss * 1024))
sys.exit(os.waitstatus_to_exitcode(status))
"""


def mixed_column(kind, rows, rng):
    if kind == 0:
        return pyarrow.array(rng.integers(0, 1 << 62, rows))
    if kind == 1:
        return pyarrow.array(numpy.arange(rows))
    if kind == 2:
        return pyarrow.array(rng.random(rows))
    if kind == 3:
        return pyarrow.array(numpy.array(["air", "rail", "ship", "truck"])[rng.integers(0, 4, rows)])
    if kind == 4:
        return pyarrow.array(numpy.char.add("https://joist.example/", rng.integers(0, 1 << 40, rows).astype(str)))
    if kind == 5:
        return pyarrow.array(rng.integers(0, 2, rows).astype(bool))
    if kind == 6:
        return pyarrow.array(rng.integers(0, 20000, rows).astype(numpy.int32)).cast(pyarrow.date32())
    if kind == 7:
        return pyarrow.array(rng.integers(0, 1000, rows).astype(numpy.int32), mask=rng.random(rows) < 0.1)
    return pyarrow.array(rng.integers(0, 10**12, rows)).cast(pyarrow.timestamp("us"))


def batches_as_bytes(columns, batch_rows, count=4):
    """An Arrow stream's beginning with one batch in it, and other batches that may follow, each any number of times."""
    rng = numpy.random.default_rng(20261121)
    sink = pyarrow.BufferOutputStream()
    ends = []
    names = [f"c{i}" for i in range(columns)]
    for i in range(count + 1):
        batch = pyarrow.record_batch([mixed_column(k % 9, batch_rows, rng) for k in range(columns)], names=names)
        if i == 0:
            writer = pyarrow.ipc.new_stream(sink, batch.schema)
        writer.write_batch(batch)
        ends.append(sink.tell())
    stream = sink.getvalue()
    return [stream[0:ends[0]]] + [stream[ends[i]:ends[i + 1]] for i in range(count)]


def arrow_stream(columns, rows, batch_rows):
    parts = batches_as_bytes(columns, batch_rows)
    yield parts[0]
    for i in range(rows // batch_rows - 1):
        yield parts[1 + i % (len(parts) - 1)]


def csv_rows(size):
    rng = random.Random(20261121)
    words = "final deposits sleep furiously regular accounts ironic packages blithely express requests".split()
    blocks = []
    for _ in range(4):
        blocks.append("".join(
            f"{rng.randrange(1 << 40)},{rng.randrange(10 ** 7) / 100:.2f},{rng.random():.12f},2026-{rng.randrange(1, 13):02}-"
            f"{rng.randrange(1, 29):02},{rng.choice(('air', 'rail', 'ship', 'truck'))},"
            f"{'' if rng.random() < 0.1 else rng.randrange(50)},{' '.join(rng.choices(words, k=rng.randrange(3, 9)))},"
            f"https://joist.example/{rng.randrange(1 << 32):x}\n" for _ in range(20_000)).encode())
    yield b"number,price,ratio,day,mode,score,note,url\n"
    sent = 0
    while sent < size:
        for block in blocks:
            yield block
            sent += len(block)


class StreamMemory(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = Path(self.folder.name)

    def tearDown(self):
        self.folder.cleanup()

    def joist(self, *arguments, rows=None, memory=64 * MIB, data_limit=None, out=None):
        """Its standard output and its peak; `rows` is what comes through its standard input."""
        command = [sys.executable, "-I", "-S", "-c", MEASURE, str(self.root / "peak"), JOIST, *map(str, arguments),
                   "--memory", str(memory), "--threads", "2"]

        def limit_data():
            if data_limit is not None:
                resource.setrlimit(resource.RLIMIT_DATA, (data_limit, data_limit))

        def feed(pipe):
            try:
                for part in rows or ():
                    pipe.write(part)
                pipe.close()
            except BrokenPipeError:
                pass
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out or subprocess.PIPE, stderr=subprocess.PIPE,
                                   preexec_fn=limit_data, bufsize=0)
        feeder = threading.Thread(target=feed, args=(process.stdin,))
        feeder.start()
        messages = process.stderr.read()
        said = process.stdout.read() if out is None else b""
        process.wait()
        feeder.join()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
        self.assertEqual(process.returncode, 0, f"{arguments}: {messages.decode()}")
        return said.decode(), int((self.root / "peak").read_text())

    def check_one_group(self, columns, rows, batch_rows, memory):
        for data_limit in (None, memory):
            path = self.root / "one.parquet"
            said, peak = self.joist(
                "convert", "-", path, "--format", "arrows", "--rows-per-group", rows, "--force", "--json", memory=memory,
                rows=arrow_stream(columns, rows, batch_rows), data_limit=data_limit)
            self.assertEqual(json.loads(said.splitlines()[-1])["rows"], rows)
            self.assertLessEqual(peak, memory)
            footer = pyarrow.parquet.ParquetFile(path).metadata
            self.assertEqual([footer.row_group(i).num_rows for i in range(footer.num_row_groups)], [rows])
            print(f"{columns} columns x {rows} rows, one row group: {path.stat().st_size / MIB:.0f} MiB in a peak of "
                  f"{peak / MIB:.1f} of {memory // MIB} MiB", flush=True)
            if not LONG:
                self.joist("check", path)
            path.unlink()

    def test_many_columns(self):
        if LONG:
            self.check_one_group(2000, 1_000_448, 512, 128 * MIB)
        else:
            self.check_one_group(400, 20_480, 512, 64 * MIB)

    def test_row_groups_of_many_rows(self):
        if LONG:
            self.check_one_group(9, 10_000_000, 10_000, 128 * MIB)
        else:
            self.check_one_group(5, 2_000_000, 10_000, 64 * MIB)

    def test_values_that_become_long(self):
        """How many rows are taken at once follows from those before: here they were short."""
        memory, path = 64 * MIB, self.root / "grown.parquet"
        schema = pyarrow.schema([("number", pyarrow.int64()), ("text", pyarrow.string())])
        letters = numpy.random.default_rng(20261121).integers(97, 123, 50_000 * 1000, dtype=numpy.uint8).tobytes().decode()
        texts = pyarrow.array([letters[i * 1000:(i + 1) * 1000] for i in range(50_000)])
        with pyarrow.parquet.ParquetWriter(path, schema, compression="none", use_dictionary=False) as writer:
            writer.write_table(pyarrow.table({"number": numpy.arange(300_000), "text": ["x"] * 300_000}, schema=schema))
            for _ in range(4):
                writer.write_table(pyarrow.table({"number": numpy.arange(50_000), "text": texts}, schema=schema))
        _, peak = self.joist("convert", path, self.root / "out.parquet", "--quiet", "--rows-per-group", 500_000, memory=memory)
        self.assertLessEqual(peak, memory)
        footer = pyarrow.parquet.ParquetFile(self.root / "out.parquet").metadata
        self.assertEqual([footer.row_group(i).num_rows for i in range(footer.num_row_groups)], [500_000])
        self.joist("check", self.root / "out.parquet")
        print(f"texts of 1 byte, then of 1,000: peak {peak / MIB:.1f} of {memory // MIB} MiB", flush=True)

    def test_many_row_groups(self):
        """What the footer will say of them does not stay in memory."""
        groups, memory, path = 100_000 if LONG else 20_000, 64 * MIB, self.root / "many.parquet"
        said, peak = self.joist("convert", "-", path, "--format", "arrows", "--rows-per-group", 10, "--json", memory=memory,
                                rows=arrow_stream(9, groups * 10, 10_000))
        self.assertEqual(json.loads(said.splitlines()[-1])["rows"], groups * 10)
        self.assertLessEqual(peak, memory)
        footer = pyarrow.parquet.ParquetFile(path).metadata
        self.assertEqual((footer.num_row_groups, footer.num_rows), (groups, groups * 10))
        self.assertGreater(footer.serialized_size, memory // 8)
        _, peak_read = self.joist("scan", "--discard", path, memory=memory)
        self.assertLessEqual(peak_read, memory)
        self.joist("check", path, memory=4 * memory)
        print(f"{groups} row groups, a footer of {footer.serialized_size / MIB:.0f} MiB: peak {peak / MIB:.1f} of "
              f"{memory // MIB} MiB", flush=True)

    def check_growth(self, sink, arguments, before=(), out=None):
        """`arguments` with ten times the rows take no more memory, but for a few parts in a hundred."""
        sizes = (10 ** 9, 10 ** 10) if LONG else (12_000_000, 120_000_000)
        memory = (128 if LONG else 64) * MIB
        peaks = []
        for size in sizes:
            if before:
                self.joist(*before)
            _, peak = self.joist(*arguments, rows=csv_rows(size), memory=memory, out=out)
            peaks.append(peak)
            shutil.rmtree(self.root / "out", ignore_errors=True)
        print(f"{sink}: {sizes[0] / 1e6:.0f} MB in {peaks[0] / MIB:.1f} MiB, {sizes[1] / 1e6:.0f} MB in "
              f"{peaks[1] / MIB:.1f} MiB", flush=True)
        self.assertLessEqual(peaks[1], memory)
        if LONG:
            self.assertLessEqual(peaks[1], peaks[0] * SPREAD)
        return peaks

    def test_parquet_does_not_grow(self):
        self.check_growth("parquet", ("convert", "-", self.root / "out/rows.parquet", "--format", "csv", "--quiet"))

    def test_partitions_do_not_grow(self):
        self.check_growth("folders of partitions", ("convert", "-", self.root / "out/parts", "--format", "csv", "--quiet",
                                                    "--partition-by", "mode"))

    def test_a_table_does_not_grow(self):
        sample = self.root / "sample.csv"
        sample.write_bytes(b"".join(csv_rows(1)))
        warehouse = ("--warehouse", self.root / "out/house")
        self.check_growth("table", ("append", "a.t", "-", "--format", "csv", "--quiet", *warehouse),
                          before=("create", "a.t", "--like", sample, "--infer-decimals", *warehouse))

    def test_text_and_arrow_do_not_grow(self):
        for name in ("csv", "ndjson", "arrows", "arrow"):
            with open(os.devnull, "wb") as nowhere:
                peaks = self.check_growth(name, ("convert", "-", "-", "--format", "csv", "--to", name), out=nowhere)
            self.assertLessEqual(peaks[1], peaks[0] * SPREAD)


if __name__ == "__main__":
    unittest.main()
