#!/usr/bin/env python3
"""spark_parquet_check - plain Parquet files of Spark's parquet-java, read by joist and held against Spark's own rows

Pages v1 and v2, dictionaries or none, every codec, INT96 and micros, legacy and modern lists, maps and decimals,
Bloom filters. `joist check` has nothing to say of any of them but one: parquet-java makes Bloom filters of boolean
columns and puts no value into them. A reader that asked them would lose all rows; we do not ask filters of booleans.
"""
import datetime
import decimal
import json
import os
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

os.environ["TZ"] = "UTC"
time.tzset()

from pyspark.sql import Row, SparkSession

JOIST = os.environ["JOIST_COMMAND"]
ROWS = 3000
COLUMNS = """id, cast(id % 7 as int) few, if(id % 5 = 0, null, id * 1.5D) real, cast(id as float) / 4 single,
    id % 2 = 0 even, concat('s', id % 11) word, if(id % 3 = 0, null, repeat('x', cast(id % 9 as int))) text,
    cast(concat('b', id) as binary) raw, cast(id % 100 as byte) tiny, cast(id as short) short,
    cast(id - 500 as decimal(7,2)) d7, cast(id * 7 as decimal(15,3)) d15, cast(-id as decimal(30,4)) d30,
    date_add(date '1969-12-20', cast(id as int)) day, timestamp_micros(id * 1234567890123 - 5) moment,
    cast(timestamp_micros(id * 1000003) as timestamp_ntz) clock,
    case when id % 4 = 0 then null when id % 4 = 1 then array() else array(cast(id as int), null, 3) end list,
    if(id % 6 = 0, null, map(concat('k', id), id, 'z', null)) pairs,
    if(id % 3 = 0, null, named_struct('a', id, 'n', array(named_struct('q', concat('q', id))))) tree"""
PAGES = [{"parquet.writer.version": version, "parquet.enable.dictionary": dictionary}
         for version in ("v1", "v2") for dictionary in ("true", "false")]
CODECS = ("snappy", "gzip", "zstd", "lz4_raw", "uncompressed")


def plain(value):
    """A value of Spark's as joist's JSON has it; moments stay moments."""
    if isinstance(value, Row):
        return {name: plain(value[name]) for name in value.__fields__}
    if isinstance(value, dict):
        return [{"key": key, "value": plain(value[key])} for key in sorted(value)]
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).hex()
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value.isoformat()
    return value


def ours(line):
    row = json.loads(line, parse_float=decimal.Decimal)
    for name in ("moment", "clock"):
        row[name] = datetime.datetime.fromisoformat(row[name]).replace(tzinfo=None)
    if row["pairs"] is not None:
        row["pairs"].sort(key=lambda pair: pair["key"])
    return row


class SparkParquet(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.root = Path(cls.folder.name)
        cls.spark = (SparkSession.builder.master("local[2]").config("spark.sql.session.timeZone", "UTC")
                     .config("spark.ui.enabled", "false").config("spark.driver.memory", "1g").getOrCreate())
        cls.spark.sparkContext.setLogLevel("ERROR")
        cls.rows = cls.spark.range(0, ROWS, 1, 1).selectExpr(*cls.split(COLUMNS)).cache()
        cls.wanted = [plain(row) for row in cls.rows.collect()]

    @staticmethod
    def split(columns):
        """At the commas that no parenthesis holds."""
        parts, depth = [""], 0
        for letter in columns:
            depth += (letter == "(") - (letter == ")")
            if letter == "," and depth == 0:
                parts.append("")
            else:
                parts[-1] += letter
        return [part.strip() for part in parts]

    @classmethod
    def tearDownClass(cls):
        cls.spark.stop()
        cls.folder.cleanup()

    def joist(self, *arguments, code=0):
        done = subprocess.run([JOIST, *map(str, arguments)], capture_output=True, text=True)
        self.assertEqual(done.returncode, code, (arguments, done.stdout[:2000], done.stderr))
        return done.stdout

    def is_clean(self, path):
        self.assertIn(": ok, ", self.joist("check", path))

    def write(self, name, codec, options, moments="TIMESTAMP_MICROS", legacy=False):
        self.spark.conf.set("spark.sql.parquet.outputTimestampType", moments)
        self.spark.conf.set("spark.sql.parquet.writeLegacyFormat", str(legacy).lower())
        folder = self.root / name
        self.rows.write.option("compression", codec).options(**options).parquet(str(folder))
        [path] = folder.glob("*.parquet")
        return path

    def compare(self, path):
        found = [ours(line) for line in self.joist("cat", "--json", path).splitlines()]
        self.assertEqual(len(found), ROWS)
        for row, wanted in zip(found, self.wanted):
            self.assertEqual(row, wanted)

    def test_every_page_version_and_codec(self):
        for number, options in enumerate(PAGES):
            for at, codec in enumerate(CODECS):
                moments = ("INT96", "TIMESTAMP_MICROS")[(number + at) % 2]
                with self.subTest(codec=codec, moments=moments, **options):
                    path = self.write(f"{number}-{codec}", codec, options, moments, (number + at) % 3 == 0)
                    self.is_clean(path)
                    self.compare(path)

    def test_pages_of_few_rows(self):
        for options in PAGES:
            small = {**options, "parquet.page.row.count.limit": "70", "parquet.block.size": "65536"}
            with self.subTest(**small):
                path = self.write("small-" + "-".join(options.values()), "zstd", small)
                self.is_clean(path)
                self.compare(path)

    def test_bloom_filters(self):
        options = {"parquet.bloom.filter.enabled": "true", "parquet.enable.dictionary": "false"}
        path = self.write("bloom", "snappy", options)
        findings = self.joist("check", path, code=1).splitlines()
        self.assertTrue(findings)
        for line in findings:
            self.assertRegex(line, "column 'even', .*: bloom-filter: |^and [0-9]+ more$")
        self.compare(path)
        self.assertEqual(self.joist("cat", "--columns", "id", "--where", "word = 's7' and id < 20", path).split(),
                         ["id", "7", "18"])
        self.assertEqual(self.joist("count", "--where", "even = true", path).strip(), str(ROWS // 2))
        self.assertEqual(self.joist("count", "--where", "word = 'nowhere'", path).strip(), "0")


if __name__ == "__main__":
    unittest.main()
