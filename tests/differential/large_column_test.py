#!/usr/bin/env python3
"""large_column_test - a column of more than 2 GiB, in one row group and in one stream

Offsets of 32 bits cannot reach it: batches of utf8 are cut, chunks are longer than such numbers, and all in bounded memory.
pyarrow writes the file and reads ours; every value is compared. Without JOIST_LONG the column has 40 MiB.
"""
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

import pyarrow
import pyarrow.parquet

JOIST = os.environ["JOIST_COMMAND"]
MIB = 1 << 20
BYTES = 2200 * MIB if os.environ.get("JOIST_LONG") else 40 * MIB
CHUNK_ROWS = 8000
VALUE_BYTES = 1000
MEMORY = 64 * MIB
BASE = "".join(random.Random(20261121).choices("abcdefghijklmnopqrstuvwxyz äöü", k=40_000))
SCHEMA = pyarrow.schema([("number", pyarrow.int64()), ("text", pyarrow.large_string())])


def chunks():
    """Record batches, the same each time."""
    row = 0
    for _ in range(BYTES // (CHUNK_ROWS * VALUE_BYTES) + 1):
        rows = range(row, row + CHUNK_ROWS)
        texts = [f"{i}:{BASE[i * 61 % 38_000:][:900 + i % 211]}" for i in rows]
        yield pyarrow.record_batch([pyarrow.array(rows, pyarrow.int64()), pyarrow.array(texts, pyarrow.large_string())],
                                   schema=SCHEMA)
        row += CHUNK_ROWS


class LargeColumn(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.one_group = Path(cls.folder.name) / "one_group.parquet"
        table = pyarrow.Table.from_batches(chunks())
        pyarrow.parquet.write_table(table, cls.one_group, row_group_size=table.num_rows, use_dictionary=False,
                                    compression="zstd", store_schema=False)
        cls.rows = table.num_rows
        footer = pyarrow.parquet.ParquetFile(cls.one_group).metadata
        assert footer.num_row_groups == 1 and footer.row_group(0).column(1).total_uncompressed_size > BYTES

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def joist(self, *arguments, **how):
        command = [JOIST, *map(str, arguments), "--memory", str(MEMORY), "--threads", "2"]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **how)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return done.stdout.decode()

    def digest(self, path):
        """What `scan --digest` says of rows and columns, where the kernel gives it no more memory than it says to take."""
        def limit_data():
            resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        said = json.loads(self.joist("scan", "--discard", "--digest", "--json", path, preexec_fn=limit_data))
        return said["rows"], said["digests"]

    def check_rows(self, batches):
        """Whatever their cuts, the rows are those that were made; none has more text than 32-bit offsets reach."""
        expected = chunks()
        due = next(expected)
        rows = 0
        for batch in batches:
            self.assertLess(batch.nbytes, 64 * MIB)
            while batch.num_rows > 0:
                take = min(batch.num_rows, due.num_rows)
                self.assertTrue(batch.column(0).slice(0, take).equals(due.column(0).slice(0, take)), rows)
                text = batch.column(1).slice(0, take).cast(pyarrow.large_string())
                self.assertTrue(text.equals(due.column(1).slice(0, take)), rows)
                rows += take
                batch, due = batch.slice(take), due.slice(take)
                if due.num_rows == 0:
                    due = next(expected, due)
        self.assertEqual(rows, self.rows)

    def test_one_row_group_is_read_into_batches_of_utf8(self):
        command = [JOIST, "convert", self.one_group, "-", "--to", "arrows", "--codec", "none", "--memory", str(MEMORY)]
        with subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE) as process:
            stream = pyarrow.ipc.open_stream(process.stdout)
            self.assertEqual(stream.schema.field("text").type, pyarrow.string())
            self.check_rows(stream)
        self.assertEqual(process.returncode, 0)

    def test_a_stream_is_written_as_one_chunk_and_as_many(self):
        digest = self.digest(self.one_group)
        for options in (("--rows-per-group", 1 << 30, "--codec", "none"), ("--rows-per-group", 100_000)):
            path = Path(self.folder.name) / "ours.parquet"
            process = subprocess.Popen([JOIST, "convert", "-", path, *map(str, options), "--format", "arrows", "--quiet",
                                        "--force", "--memory", str(MEMORY)], stdin=subprocess.PIPE)

            def feed():
                with pyarrow.ipc.new_stream(process.stdin, SCHEMA) as writer:
                    for batch in chunks():
                        writer.write_batch(batch)
                process.stdin.close()
            feeder = threading.Thread(target=feed)
            feeder.start()
            feeder.join()
            self.assertEqual(process.wait(), 0)
            footer = pyarrow.parquet.ParquetFile(path).metadata
            if options[1] == 1 << 30:
                self.assertEqual(footer.num_row_groups, 1)
                self.assertGreater(footer.row_group(0).column(1).total_compressed_size, BYTES)
            self.assertEqual(self.digest(path), digest)
            self.check_rows(pyarrow.parquet.ParquetFile(path).iter_batches(8000))
            path.unlink()


if __name__ == "__main__":
    unittest.main()
