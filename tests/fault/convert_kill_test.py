#!/usr/bin/env python3
"""convert_kill_test - a conversion, or row groups put together, killed, failed or robbed of unsynced bytes at each call

After each: under a final name there is nothing, the file that was there before, or a whole one; the next conversion works
and leaves no file of the dead one behind. The same for every kind of file that is written, and where the disk is full
in each part of a Parquet file.
"""
import hashlib
import os
import resource
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

import pyarrow
import pyarrow.parquet

JOIST = os.environ["JOIST_COMMAND"]
SHIM = os.environ["JOIST_SHIM"]
ROWS = 300
ENOSPC, EIO, EXDEV = 28, 5, 18
KEY = "30313233343536373839303132333435"


def csv_rows(path):
    """Rows of a file that must be whole; no last line may be cut."""
    lines = path.read_text().split("\n")
    assert lines[-1] == "" and all(line.count(",") == 2 for line in lines[:-1]), path
    return len(lines) - 2


def ndjson_rows(path):
    lines = path.read_text().split("\n")
    assert lines[-1] == "" and all(line.endswith("}") for line in lines[:-1]), path
    return len(lines) - 1


def arrow_file_rows(path):
    return pyarrow.ipc.open_file(path).read_all().num_rows


def arrow_stream_rows(path):
    assert path.read_bytes().endswith(bytes.fromhex("ffffffff00000000")), path
    return pyarrow.ipc.open_stream(path).read_all().num_rows


def parquet_rows(path):
    if path.read_bytes()[:4] == b"PARE":
        return int(subprocess.run([JOIST, "count", path, "--footer-key", KEY], capture_output=True, text=True,
                                  check=True).stdout.replace(",", ""))
    return pyarrow.parquet.ParquetFile(path).read().num_rows


ROWS_OF = {".parquet": parquet_rows, ".csv": csv_rows, ".ndjson": ndjson_rows, ".arrow": arrow_file_rows,
           ".arrows": arrow_stream_rows}


def parts_of(path):
    """Where each part of a Parquet file begins."""
    footer = pyarrow.parquet.ParquetFile(path).metadata
    size = path.stat().st_size
    parts = {"magic": 0, "footer": size - 8 - footer.serialized_size, "the footer's length": size - 8}
    pages_end = 4
    for group in range(footer.num_row_groups):
        for leaf in range(footer.num_columns):
            chunk = footer.row_group(group).column(leaf)
            begin = chunk.dictionary_page_offset or chunk.data_page_offset
            parts[f"group {group}, column {leaf}, first page"] = begin
            parts[f"group {group}, column {leaf}, data page"] = chunk.data_page_offset + 40
            pages_end = begin + chunk.total_compressed_size
    parts["the last filter"] = pages_end
    parts["page indexes"] = parts["footer"] - 60
    return parts


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

    def convert(self, out, *options, shim=None, source=None, file_bytes=None):
        """`file_bytes`: no file may have more, as on a disk that is full; what would kill the process is ignored."""
        environment = dict(os.environ)

        def limit_files():
            if file_bytes is not None:
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
        if shim is not None:
            environment.update({name: str(value) for name, value in shim.items()}, LD_PRELOAD=SHIM)
        return subprocess.run([JOIST, *self.command(out, options, source), "--threads", "1", "--quiet"],
                              env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              restore_signals=file_bytes is None, preexec_fn=limit_files)

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
        for path in folder.rglob("*"):
            if path.suffix in ROWS_OF and not path.name.startswith("."):
                with self.subTest(context):
                    rows += ROWS_OF[path.suffix](path)
        return rows

    def sweep(self, name, options, first, shims):
        """`first` makes what is there before; `shims` are what the process meets, by call number."""
        out = self.root / name
        place = out if out.suffix == "" else out.parent

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
        if out.suffix == "":
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

    def test_files_of_other_forms(self):
        for name in ("new.csv", "new.ndjson", "new.arrow", "new.arrows"):
            self.sweep(f"one/{name}", (), False, self.SHIMS)

    def test_an_encrypted_file_with_filters(self):
        keys = self.root / "keys"
        keys.write_text(f"{KEY}\n")
        self.sweep("one/secret.parquet", ("--encrypt", keys, "--bloom", "city"), False, self.SHIMS)

    def test_a_disk_that_is_full_in_each_part_of_a_file(self):
        out = self.root / "full" / "new.parquet"
        out.parent.mkdir()
        options = ("--rows-per-group", "200", "--bloom", "city")
        self.assertEqual(self.convert(out, *options).returncode, 0)
        size = out.stat().st_size
        for part, place in parts_of(out).items():
            for room in {place, place + 1, place + 7} - {size}:
                out.unlink(missing_ok=True)
                done = self.convert(out, *options, file_bytes=room)
                context = f"room for {room} of {size} bytes, which is in: {part}: {done.stderr}"
                self.assertEqual(done.returncode, 3, context)
                self.assertIn("file too large", done.stderr, context)
                self.assertEqual(list(out.parent.iterdir()), [], context)
        self.assertEqual(self.convert(out, *options, file_bytes=size).returncode, 0)

    def test_acknowledged_files_survive_a_power_cut(self):
        for name, options in (("cut/new.parquet", ()), ("cut/new.csv", ("--force",)), ("cut/new.arrow", ("--force",)),
                              ("cut_many", ("--partition-by", "city"))):
            out = self.root / name
            folder = out.parent if out.suffix else out
            subprocess.run(["rm", "-rf", folder], check=True)
            folder.mkdir()
            done = self.convert(out, *options, shim={"SHIM_LOSE": 1})
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(self.rows_below(folder, name), ROWS)


if __name__ == "__main__":
    unittest.main()
