#!/usr/bin/env python3
"""memory_test - `--memory M` bounds the process: its peak resident size, and what the kernel lets it have

Each command runs twice: free, where its peak resident size is read afterwards, and under RLIMIT_DATA of the same M,
where the kernel itself refuses what is beyond. Answers are checked against the rows that were generated.
"""
import os
import random
import resource
import subprocess
import tempfile
import unittest
from pathlib import Path

JOIST = os.environ["JOIST_COMMAND"]
MIB = 1 << 20
MEMORY = 64 * MIB
ROWS = 640_000
CITIES = ("Bergen", "Bodø", "Hamar", "Molde", "Oslo", "Skien", "Tromsø", "Voss")
BLOCK = 4_000  # rows repeat after so many, but for their number: making them is the slow part


def write_rows(path):
    """About 80 MB; returns what the queries must answer."""
    rng = random.Random(20261121)
    amounts, tail = [], []
    for _ in range(BLOCK):
        amount = rng.randrange(1, 1_000_000)
        text = "".join(rng.choices("abcdefghijklmnopqrstuvwxyz ", k=rng.randrange(20, 80)))
        amounts.append(amount)
        tail.append(f"{amount // 100}.{amount % 100:02},{rng.choice(CITIES)},2026-{rng.randrange(1, 13):02}-"
                    f"{rng.randrange(1, 29):02},{rng.randrange(1 << 40)},{rng.random():.9f},"
                    f"{'' if rng.random() < 0.1 else rng.randrange(1000)},x{text}\n")
    with open(path, "w", encoding="utf-8") as file:
        file.write("id,price,city,day,number,ratio,score,note\n")
        for start in range(0, ROWS, BLOCK):
            file.writelines(f"{start + i},{tail[i]}" for i in range(BLOCK))
    return sum(amounts) * (ROWS // BLOCK)


class Memory(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.root = Path(cls.folder.name)
        cls.csv = cls.root / "sales.csv"
        cls.cents = write_rows(cls.csv)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def joist(self, *arguments, threads=2, data_limit=None, code=0):
        """Its standard output, where it ended with `code` and never held more than MEMORY."""
        command = [JOIST, *map(str, arguments), "--warehouse", str(self.root / "warehouse"), "--memory", str(MEMORY),
                   "--threads", str(threads)]

        def limit_data():
            if data_limit is not None:
                resource.setrlimit(resource.RLIMIT_DATA, (data_limit, data_limit))
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as messages:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=messages,
                                       preexec_fn=limit_data)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            messages.seek(0)
            self.message = messages.read().decode()
            context = f"{' '.join(command)}: {self.message}"
            self.assertEqual(process.returncode, code, context)
            self.assertLessEqual(usage.ru_maxrss * 1024, MEMORY, context)
            return out.read(1 << 20).decode()

    def check_rows(self, table, **limits):
        rows = self.joist("sql", "--csv", "select count(*), sum(price), min(id), max(id), sum(id) "
                          f"from {table}", **limits).splitlines()[1]
        cents = f"{self.cents // 100}.{self.cents % 100:02}"
        self.assertEqual(rows, f"{ROWS},{cents},0,{ROWS - 1},{ROWS * (ROWS - 1) // 2}")

    def check_append(self, table, partition, **limits):
        create = ["create", table, "--like", self.csv, "--infer-decimals"]
        self.joist(*create, *(["--partition", partition] if partition else []))
        self.joist("append", table, self.csv, "--quiet", **limits)
        self.check_rows(table, **limits)

    def test_append(self):
        self.check_append("a.plain", None)

    def test_append_with_one_thread(self):
        self.check_append("a.single", None, threads=1)

    def test_append_to_partitions(self):
        self.check_append("a.city", "city")

    def test_append_to_as_many_partitions_as_may_be_open(self):
        self.check_append("a.bucket", "bucket(64, id)")
        buckets = [path for path in self.root.glob("warehouse/a/bucket/data/*") if path.is_dir()]
        self.assertEqual(len(buckets), 64)
        self.assertEqual([len(list(bucket.glob("*.parquet"))) for bucket in buckets], [1] * 64)

    def test_append_to_more_partitions_than_may_be_open(self):
        csv = self.root / "few.csv"
        rows = 3000
        csv.write_text("id,day\n" + "".join(f"{i},{i % 100}\n" for i in range(rows)))
        self.joist("create", "a.days", "--like", csv, "--partition", "day")
        self.joist("append", "a.days", csv)
        self.assertEqual(self.joist("count", "a.days").strip().replace(",", ""), str(rows))

    def test_append_of_ndjson(self):
        path = self.root / "sales.ndjson"
        with open(path, "wb") as out:
            subprocess.run([JOIST, "cat", str(self.csv), "--json"], stdout=out, check=True)
        self.joist("create", "a.lines", "--like", self.csv, "--infer-decimals")
        self.joist("append", "a.lines", path)
        self.check_rows("a.lines")

    def check_queries(self, name, **limits):
        """Asked of the file itself and of a table: both are answered within the limit, or refused by name."""
        table = f"{name}.asked"
        self.check_append(table, None, **limits)
        for rows in (f"'{self.csv}'", table):
            few = self.joist("sql", "--csv", f"select city, count(*) from {rows} group by city order by city", **limits)
            self.assertEqual([line.split(",")[0] for line in few.splitlines()[1:]], sorted(CITIES))
            best = self.joist("sql", "--csv", f"select id from {rows} order by id desc limit 3", **limits)
            self.assertEqual(best.split(), ["id", str(ROWS - 1), str(ROWS - 2), str(ROWS - 3)])
            self.joist("sql", "--csv", f"select note, id, count(*) from {rows} group by note, id", code=3, **limits)
            self.assertRegex(self.message, "^joist: aggregate: .*memory limit of 40 MiB: .* held by 'aggregate' [23]")
            notes = self.joist("sql", "--csv", f"select note, id from {rows} order by note", **limits).splitlines()[1:-1]
            self.assertGreater(len(notes), ROWS // 100)
            self.assertEqual(notes, sorted(notes, key=lambda line: (line.split(",")[0], int(line.split(",")[1]))))
        self.assertEqual(len(self.joist("head", table, **limits).splitlines()), 16)
        for given in (self.csv, table):
            self.assertEqual(self.joist("cat", given, **limits)[:3], "id,")

    def test_queries(self):
        self.check_queries("q")

    def test_queries_with_one_thread(self):
        self.check_queries("s", threads=1)

    def test_queries_where_the_kernel_has_the_limit(self):
        self.check_queries("l", data_limit=MEMORY)

    def test_append_where_the_kernel_has_the_limit(self):
        self.check_append("k.plain", None, data_limit=MEMORY)

    def test_append_to_partitions_where_the_kernel_has_the_limit(self):
        self.check_append("k.bucket", "bucket(64, id)", data_limit=MEMORY)


if __name__ == "__main__":
    unittest.main()
