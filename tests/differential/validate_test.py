#!/usr/bin/env python3
"""validate_test - each type x each way to be wrong, checked by Python's own rules: all caught, none refused wrongly

A value stands in the third data row of a CSV of three columns; what is wrong must be said in one line with file, line,
column and value, and a right one must pass `joist validate` and land. NDJSON carries the same values in its own types.
"""
import datetime
import json
import os
import re
import subprocess
import tempfile
import unittest
import uuid
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

JOIST = os.environ["JOIST_COMMAND"]


def integer(bits):
    def good(text):
        return bool(re.fullmatch(r"-?[0-9]+", text)) and -(2 ** (bits - 1)) <= int(text) < 2 ** (bits - 1)
    return good


def real(text):
    return bool(re.fullmatch(r"-?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?", text)) or text in ("NaN", "-Infinity")


def decimal(precision, scale):
    def good(text):
        if not re.fullmatch(r"-?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?", text):
            return False
        unscaled = Fraction(Decimal(text)) * 10 ** scale
        return unscaled.denominator == 1 and abs(unscaled) < 10 ** precision
    return good


def calendar(pattern, *formats):
    def good(text):
        if not re.fullmatch(pattern, text):
            return False
        for form in formats:
            try:
                datetime.datetime.strptime(text.replace("Z", "+0000"), form)
                return True
            except ValueError:
                pass
        return False
    return good


def is_uuid(text):
    return bool(re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text)) and bool(uuid.UUID(text))


DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
TIME = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
NUMBERS = ["0", "-0", "7", "-7", "2147483647", "2147483648", "-2147483648", "-2147483649", "9223372036854775807",
           "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "1.5", "x", "1x", "--1", "1e3", "NaN",
           "12 ", " 12", "0x10", "1_000", "1,5", "٣", "1.", "-"]
TYPES = {
    "boolean": (lambda text: text in ("true", "false"), ["true", "false", "yes", "2", "tru", "truefalse", "null"]),
    "int": (integer(32), NUMBERS),
    "long": (integer(64), NUMBERS),
    "double": (real, ["0", "-0.0", "1.5", "1e308", "1.5e-300", "NaN", "x", "1.5.5", "1e", "e5", "--1", "1.5x", "0x1p3", "1,5"]),
    "decimal(9,2)": (decimal(9, 2), ["0", "1.5", "1.25", "-1.25", "1.255", "9999999.99", "10000000.00", "-9999999.99",
                                     "99999999", "x", "1.2.3", "1e2", "NaN", "1.2x", ".", "--1.00"]),
    "decimal(38,10)": (decimal(38, 10), ["9" * 28 + ".0123456789", "9" * 29, "1.01234567891", "-" + "9" * 28]),
    "date": (calendar(DAY, "%Y-%m-%d"), ["2026-11-21", "2024-02-29", "2023-02-29", "2026-13-01", "2026-00-10", "2026-11-31",
                                         "2026-1-1", "21.11.2026", "2026-11-21x", "2026-11-21T10:00:00", "20261121", "x",
                                         "1996-13-01", "1969-12-31", "0001-01-01"]),
    "time": (calendar(TIME, "%H:%M:%S", "%H:%M:%S.%f"), ["10:20:30", "10:20:30.123456", "24:00:01", "10:60:00", "10:20:61",
                                                         "10:20:30.1234567", "x", "10-20-30"]),
    "timestamp": (calendar(DAY + "[T ]" + TIME, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f",
                           "%Y-%m-%d %H:%M:%S.%f"),
                  ["2026-11-21T10:20:30", "2026-11-21 10:20:30", "2026-11-21T10:20:30.123456", "2026-11-21T25:00:00",
                   "2026-11-31T10:00:00", "2026-11-21T10:20:30.1234567", "x", "2026-11-21T10:20:30 x"]),
    "timestamptz": (calendar(DAY + "[T ]" + TIME + r"(Z|[-+][0-9]{2}:[0-9]{2})", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S%z",
                             "%Y-%m-%dT%H:%M:%S.%f%z"),
                    ["2026-11-21T10:20:30Z", "2026-11-21T10:20:30+05:30", "2026-11-21T10:20:30.5-08:00",
                     "2026-11-21T10:20:30+25:00", "2026-11-31T10:20:30Z", "x"]),
    "uuid": (is_uuid, ["f79c3e09-677c-4bbd-a479-3f349cb785e7", "F79C3E09-677C-4BBD-A479-3F349CB785E7",
                       "f79c3e09-677c-4bbd-a479-3f349cb785e", "f79c3e09-677c-4bbd-a479-3f349cb785eg", "x"]),
    "string": (lambda text: True, ["", "x", "Tromsø", "日本", "a\u0000b".replace("\u0000", "\u0001"), "'; drop"]),
}


class Validate(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.root = Path(cls.folder.name)
        cls.tables = {}

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def joist(self, *arguments):
        return subprocess.run([JOIST, *map(str, arguments), "--warehouse", str(self.root / "warehouse"), "--threads", "1"],
                              capture_output=True)

    def table(self, type_text, required=False):
        key = (type_text, required)
        if key not in self.tables:
            name = f"checks.t{len(self.tables)}"
            columns = f"id long required, value {type_text}{' required' if required else ''}, tail string"
            done = self.joist("create", name, "--columns", columns)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.tables[key] = name
        return self.tables[key]

    def validate(self, table, path):
        done = self.joist("validate", table, path)
        return done.returncode, done.stderr.decode("utf-8", "replace")

    def expect(self, table, path, good, line, column, value):
        code, said = self.validate(table, path)
        context = f"{table} {value!r}: {said}"
        if good:
            self.assertEqual(code, 0, context)
            return
        self.assertEqual(code, 3, context)
        self.assertEqual(len(said.strip().splitlines()), 1, context)
        self.assertIn(path.name, said)
        self.assertIn(f"line {line}", said)
        self.assertIn(f"'{column}'", said)
        if value.strip() and value.isascii() and value.isprintable():
            self.assertIn(value.strip()[:20], said)

    def csv(self, value, quote=True):
        text = '"' + value.replace('"', '""') + '"' if quote else value
        path = self.root / "input.csv"
        path.write_bytes(b"id,value,tail\n1,,a\n2,,b\n3," + text.encode() + b",c\n4,,d\n")
        return path

    def test_each_type_and_each_wrong_value_in_csv(self):
        for type_text, (good, values) in TYPES.items():
            table = self.table(type_text)
            for value in values:
                with self.subTest(type=type_text, value=value):
                    self.expect(table, self.csv(value, quote="," in value), good(value), 4, "value", value)

    def test_numbers_and_strings_in_ndjson(self):
        cases = {
            "int": [("7", True), ("2147483648", False), ("1.5", False), ('"x"', False), ("true", False), ("[1]", False)],
            "long": [("9223372036854775807", True), ("9223372036854775808", False), ("{}", False)],
            "double": [("1.5", True), ("7", True), ('"x"', False)],
            "boolean": [("true", True), ("1", False), ('"yes"', False)],
            "date": [('"2026-11-21"', True), ('"2026-13-01"', False), ("5.5", False)],
            "string": [('"x"', True), ("{}", False)],
            "decimal(9,2)": [("1.25", True), ("1.255", False), ("12345678.00", False)],
        }
        for type_text, values in cases.items():
            table = self.table(type_text)
            for value, good in values:
                with self.subTest(type=type_text, value=value):
                    path = self.root / "input.ndjson"
                    path.write_text('{"id":1,"tail":"a"}\n{"id":2,"value":' + value + ',"tail":"b"}\n')
                    self.expect(table, path, good, 2, "value", "")

    def test_null_in_required_column(self):
        path = self.csv("", quote=False)
        code, said = self.validate(self.table("long", required=True), path)
        self.assertEqual(code, 3, said)
        self.assertIn("'value'", said)
        self.assertIn("line 2", said)

    def test_missing_required_column(self):
        path = self.root / "missing.csv"
        path.write_text("id,tail\n1,a\n")
        code, said = self.validate(self.table("long", required=True), path)
        self.assertEqual(code, 3, said)
        self.assertIn("'value'", said)
        self.assertEqual(self.validate(self.table("long"), path)[0], 0)

    def test_extra_column(self):
        path = self.root / "extra.csv"
        path.write_text("id,value,tail,surprise\n1,2,a,b\n")
        code, said = self.validate(self.table("long"), path)
        self.assertEqual(code, 3, said)
        self.assertIn("'surprise'", said)
        nested = self.root / "extra.ndjson"
        nested.write_text('{"id":1,"surprise":{"a":[1,{}]},"value":2}\n{"value":3,"id":2,"more":null}\n')
        code, said = self.validate(self.table("long"), nested)
        self.assertEqual(code, 3, said)
        self.assertIn("'surprise'", said)
        for good in (path, nested):
            done = self.joist("validate", self.table("long"), good, "--ignore-extra")
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_ragged_rows(self):
        for text in ("id,value,tail\n1,2,a\n3,4\n", "id,value,tail\n1,2,a\n3,4,b,c\n"):
            path = self.root / "ragged.csv"
            path.write_text(text)
            code, said = self.validate(self.table("long"), path)
            self.assertEqual(code, 3, said)
            self.assertIn("line 3", said)

    def test_text_that_is_not_utf8(self):
        path = self.root / "latin.csv"
        path.write_bytes(b"id,value,tail\n1,x,a\n2,Troms\xf8,b\n")
        code, said = self.validate(self.table("string"), path)
        self.assertEqual(code, 3, said)
        self.assertIn("line 3", said)

    def test_refused_append_leaves_nothing(self):
        table = self.table("date")
        before = sorted(str(path) for path in (self.root / "warehouse").rglob("*"))
        done = self.joist("append", table, self.csv("2026-13-01"))
        self.assertEqual(done.returncode, 3)
        self.assertEqual(sorted(str(path) for path in (self.root / "warehouse").rglob("*")), before)
        history = self.joist("history", table, "--json").stdout
        self.assertEqual(history, b"")

    def test_good_rows_land_as_they_are(self):
        table = self.table("decimal(9,2)")
        self.assertEqual(self.joist("append", table, self.csv("1.25")).returncode, 0)
        rows = [json.loads(line) for line in self.joist("cat", table, "--json").stdout.splitlines()]
        self.assertEqual([str(row["value"]) for row in rows], ["None", "None", "1.25", "None"])


if __name__ == "__main__":
    unittest.main()
