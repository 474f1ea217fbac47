#!/usr/bin/env python3
"""tpch_test - the main job on TPC-H lineitem: lands, equals the CSV elsewhere, and Q1 and Q6 equal DuckDB's

JOIST_TPCH_SCALE (0.02) says how much; 1 is the demo's size.
"""
import datetime
import json
import math
import os
import subprocess
import sys
import tempfile
import unittest
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow
import pyarrow.csv
import pyarrow.parquet
from pyiceberg.catalog.sql import SqlCatalog

JOIST = os.environ["JOIST_COMMAND"]
SCALE = os.environ.get("JOIST_TPCH_SCALE", "0.02")
Q1 = """select l_returnflag, l_linestatus, sum(l_quantity) as sum_qty, sum(l_extendedprice) as sum_base_price,
 sum(l_extendedprice * (1 - l_discount)) as sum_disc_price,
 sum(l_extendedprice * (1 - l_discount) * (1 + l_tax)) as sum_charge, avg(l_quantity) as avg_qty,
 avg(l_extendedprice) as avg_price, avg(l_discount) as avg_disc, count(*) as count_order from {table}
 where l_shipdate <= date '1998-12-01' - interval '90' day
 group by l_returnflag, l_linestatus order by l_returnflag, l_linestatus"""
Q6 = """select sum(l_extendedprice * l_discount) as revenue from {table}
 where l_shipdate >= date '1994-01-01' and l_shipdate < date '1994-01-01' + interval '1' year
 and l_discount between 0.06 - 0.01 and 0.06 + 0.01 and l_quantity < 24"""


class Tpch(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.root = Path(cls.folder.name)
        tool = Path(sys.executable).parent / "tpchgen-cli"
        subprocess.run([tool, "csv", "-s", SCALE, "--tables", "lineitem", "--output-dir", cls.root], check=True,
                       capture_output=True)
        cls.csv = cls.root / "lineitem.csv"
        cls.warehouse = cls.root / "warehouse"
        cls.joist("create", "sales.lineitem", "--like", cls.csv, "--infer-decimals", "--partition", "year(l_shipdate)")
        cls.report = json.loads(cls.joist("append", "sales.lineitem", cls.csv, "--memory", "256MiB", "--json"))
        cls.files = [str(path) for path in cls.warehouse.rglob("*.parquet")]

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def joist(cls, *arguments, code=0):
        done = subprocess.run([JOIST, *map(str, arguments), "--warehouse", str(cls.warehouse)], capture_output=True,
                              text=True)
        assert done.returncode == code, (arguments, done.returncode, done.stderr)
        return done.stdout if code == 0 else done.stderr

    def ours(self, query):
        lines = self.joist("sql", query.format(table="sales.lineitem"), "--csv").strip().splitlines()[1:]
        return [line.split(",") for line in lines]

    def theirs(self, query):
        return duckdb.sql(query.format(table=f"read_parquet({self.files})")).fetchall()

    def compare(self, query):
        ours, theirs = self.ours(query), self.theirs(query)
        self.assertEqual(len(ours), len(theirs))
        for our_row, their_row in zip(ours, theirs):
            for our, their in zip(our_row, their_row):
                if isinstance(their, float):
                    self.assertLessEqual(abs(float(our) - their), math.ulp(their))
                elif isinstance(their, (Decimal, int)):
                    self.assertEqual(Decimal(our), their)
                else:
                    self.assertEqual(our, str(their))

    def test_q1_equals_duckdb(self):
        self.compare(Q1)

    def test_q6_equals_duckdb(self):
        self.compare(Q6)

    def expected(self):
        decimal = pyarrow.decimal128(15, 2)
        return pyarrow.csv.read_csv(self.csv, convert_options=pyarrow.csv.ConvertOptions(column_types={
            name: decimal for name in ("l_extendedprice", "l_discount", "l_tax")}))

    def test_pyiceberg_reads_every_row_equal_to_the_csv(self):
        catalog = SqlCatalog("default", uri=f"sqlite:///{self.warehouse}/catalog.db")
        rows = catalog.load_table("sales.lineitem").scan().to_arrow()
        catalog.engine.dispose()
        expected = self.expected()
        keys = [("l_orderkey", "ascending"), ("l_linenumber", "ascending")]
        rows = rows.cast(pyarrow.schema([field.with_nullable(True) for field in expected.schema]))
        self.assertTrue(rows.sort_by(keys).equals(expected.sort_by(keys)))
        self.assertEqual(self.report["rows"], expected.num_rows)

    def test_each_file_has_the_right_types_elsewhere(self):
        types = {"l_orderkey": "BIGINT", "l_extendedprice": "DECIMAL(15,2)", "l_shipdate": "DATE", "l_comment": "VARCHAR"}
        years = set()
        for path in self.files:
            described = {row[0]: row[1] for row in duckdb.sql(f"describe select * from read_parquet('{path}')").fetchall()}
            self.assertEqual({name: described[name] for name in types}, types)
            table = pyarrow.parquet.read_table(path, page_checksum_verification=True)
            self.assertEqual(table.schema.field("l_extendedprice").type, pyarrow.decimal128(15, 2))
            self.assertEqual(table.schema.field("l_shipdate").type, pyarrow.date32())
            seen = {day.year for day in table.column("l_shipdate").unique().to_pylist()}
            self.assertEqual(len(seen), 1)
            years |= seen
        self.assertEqual(years, set(range(1992, 1999)))

    def test_pruned_counts_equal_full_scans(self):
        for where in ("l_shipdate >= date '1997-06-01'", "l_orderkey = 3", "l_orderkey between 100 and 200",
                      "l_shipmode in ('AIR', 'RAIL') and l_tax > 0.05", "l_comment like 'fur%'", "not (l_quantity > 3)",
                      "year(l_shipdate) = 1994", "l_shipdate is null"):
            with self.subTest(where=where):
                query = "select count(*), min(l_orderkey), max(l_shipdate) from {table} where " + where
                ours = [[value or None for value in row] for row in self.ours(query)]
                theirs = [[None if value is None else str(value) for value in row] for row in self.theirs(query)]
                self.assertEqual(ours, theirs)

    def test_bad_value_far_in_is_named_and_leaves_nothing(self):
        lines = self.csv.read_text().splitlines()
        place = len(lines) * 5 // 6
        fields = lines[place - 1].split(",")
        fields[10] = "1996-13-01"
        lines[place - 1] = ",".join(fields)
        bad = self.root / "bad.csv"
        bad.write_text("\n".join(lines) + "\n")
        before = sorted(self.warehouse.rglob("*"))
        said = self.joist("append", "sales.lineitem", bad, code=3)
        self.assertEqual(len(said.splitlines()), 1)
        self.assertIn(f"bad.csv: line {place}, column 'l_shipdate': '1996-13-01'", said)
        self.assertEqual(sorted(self.warehouse.rglob("*")), before)

    def test_time_travel_sees_what_was_then(self):
        table = "sales.twice"
        self.joist("create", table, "--like", self.csv, "--infer-decimals")
        self.joist("append", table, self.csv)
        first = json.loads(self.joist("history", table, "--json").splitlines()[0])["snapshot_id"]
        self.joist("append", table, self.csv)
        count = "select count(*) from sales.twice"
        later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
        for clause, times in (("", 2), (f" for version as of {first}", 1), (" for version as of 'main'", 2),
                              (f" for timestamp as of timestamp '{later:%Y-%m-%d %H:%M:%S}'", 2)):
            rows = int(self.joist("sql", count + clause, "--csv").splitlines()[1])
            self.assertEqual(rows, times * self.report["rows"], clause)


if __name__ == "__main__":
    unittest.main()
