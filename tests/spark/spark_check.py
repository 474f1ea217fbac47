#!/usr/bin/env python3
"""spark_check - a joist table in Spark with the Iceberg runtime: read, append, delete a partition, delete rows

After each, joist reads the table; after row-level deletes that leave delete files it refuses by name.
"""
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from pyspark.sql import SparkSession

JOIST = os.environ["JOIST_COMMAND"]
JARS = ",".join(str(path) for path in Path(os.environ["JOIST_JARS"]).glob("*.jar"))
ROWS = 1000


def make_csv(path):
    lines = ["id,city,price,day,seen"]
    for i in range(ROWS):
        lines.append(f"{i},{'Oslo' if i % 2 else 'Bergen'},{i}.{i % 100:02},2026-{1 + i % 12:02}-{1 + i % 28:02},"
                     f"2026-11-21T10:{i % 60:02}:00Z")
    path.write_text("\n".join(lines) + "\n")


class Spark(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.root = Path(cls.folder.name)
        cls.warehouse = cls.root / "warehouse"
        cls.csv = cls.root / "orders.csv"
        make_csv(cls.csv)
        cls.joist("create", "sales.orders", "--like", cls.csv, "--infer-decimals", "--partition", "city, month(day)")
        cls.joist("append", "sales.orders", cls.csv)
        name = "spark.sql.catalog.default"
        cls.spark = (
            SparkSession.builder.master("local[2]").config("spark.jars", JARS)
            .config("spark.sql.extensions", "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions")
            .config(name, "org.apache.iceberg.spark.SparkCatalog").config(f"{name}.type", "jdbc")
            .config(f"{name}.uri", f"jdbc:sqlite:{cls.warehouse}/catalog.db").config(f"{name}.jdbc.schema-version", "V1")
            .config(f"{name}.cache-enabled", "false").config(f"{name}.warehouse", str(cls.warehouse)).config("spark.sql.session.timeZone", "UTC")
            .config("spark.ui.enabled", "false").config("spark.driver.memory", "2g").getOrCreate())
        cls.spark.sparkContext.setLogLevel("ERROR")

    @classmethod
    def tearDownClass(cls):
        cls.spark.stop()
        cls.folder.cleanup()

    @classmethod
    def joist(cls, *arguments, code=0):
        done = subprocess.run([JOIST, *map(str, arguments), "--warehouse", str(cls.warehouse)], capture_output=True,
                              text=True)
        assert done.returncode == code, (arguments, done.returncode, done.stderr)
        return done.stdout if code == 0 else done.stderr

    def sql(self, text):
        return [tuple(row) for row in self.spark.sql(text).collect()]

    def ours(self, text):
        lines = self.joist("sql", text, "--csv").strip().splitlines()[1:]
        return [tuple(line.split(",")) for line in lines]

    def compare(self):
        query = "select city, count(*), sum(price), min(day), max(id) from {} group by city order by city"
        theirs = [tuple(str(value) for value in row) for row in self.sql(query.format("default.sales.orders"))]
        self.assertEqual(self.ours(query.format("sales.orders")), theirs)

    def test_1_reads_every_row(self):
        rows = self.sql("select id, city, cast(price as string), cast(day as string) from default.sales.orders order by id")
        lines = [line.split(",") for line in self.csv.read_text().splitlines()[1:]]
        self.assertEqual([tuple(map(str, row)) for row in rows], [tuple(line[:4]) for line in lines])
        self.compare()

    def test_2_appends_and_we_read(self):
        self.sql("insert into default.sales.orders values "
                 "(5000, 'Tromso', 12.34, date '2026-12-24', timestamp '2026-12-24 18:00:00')")
        self.assertEqual(self.joist("count", "sales.orders").strip(), str(ROWS + 1))
        self.compare()
        self.joist("append", "sales.orders", self.csv)
        self.assertEqual(self.sql("select count(*) from default.sales.orders"), [(2 * ROWS + 1,)])
        self.compare()

    def test_3_deletes_a_partition(self):
        self.sql("delete from default.sales.orders where city = 'Bergen'")
        self.assertEqual(self.joist("count", "sales.orders").strip(), str(ROWS + 1))
        self.compare()
        self.joist("append", "sales.orders", self.csv)
        self.compare()

    def test_4_metadata_tables_are_right(self):
        files = self.sql("select count(*), sum(record_count), sum(file_size_in_bytes) from default.sales.orders.files")
        ours = [line.split(",") for line in self.ours_files()]
        self.assertEqual(files, [(len(ours), sum(int(f[0]) for f in ours), sum(int(f[1]) for f in ours))])

    def ours_files(self):
        import json
        lines = self.joist("files", "sales.orders", "--json").strip().splitlines()
        return [f"{json.loads(line)['rows']},{json.loads(line)['bytes']}" for line in lines]

    def test_5_delete_files_are_refused_by_name(self):
        self.sql("alter table default.sales.orders set tblproperties ('write.delete.mode'='merge-on-read')")
        self.sql("delete from default.sales.orders where id = 5")
        said = self.joist("count", "sales.orders", code=3)
        self.assertIn("delete", said)


if __name__ == "__main__":
    unittest.main()
