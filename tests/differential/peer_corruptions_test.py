"""What other libraries shipped broken without a word: one test a line, on bytes that other readers decode.

| shipped broken                                                      | test |
|---------------------------------------------------------------------|------|
| BYTE_STREAM_SPLIT encoded per write call                            | test_split_bytes_of_many_calls_are_one_stream |
| DELTA streams of several calls one behind the other                 | test_deltas_of_many_calls_are_one_stream |
| bits of booleans begun anew with each call                          | test_bits_of_many_calls_are_one_run |
| length prefixes of v1 levels repeated with each call                | test_levels_of_many_calls_have_one_prefix |
| deltas of 33 to 64 bits rounded up to bytes, by writer and reader   | test_wide_deltas_are_packed_bit_by_bit |
| values read past the end of nullable columns                        | test_what_nulls_hide_is_not_written |
| decimals compared unsigned                                          | test_decimals_are_compared_signed |
| a least value of no bytes lost                                      | test_an_empty_text_is_a_least_value |
| null_pages derived from something else than the page's values       | test_pages_of_nulls_alone_are_null_pages |
| offsets in the page index counted from the row group                | test_places_in_the_page_index_are_the_files |
| int8 and int16 read with the stride of int32                        | test_small_integers_have_their_own_stride |
| dictionaries written as their indices                               | test_dictionaries_are_written_as_what_they_mean |
| a failing read taken for the end of the data                        | test_a_file_cut_while_it_is_open_is_an_error |
| "too many rows for so few bytes"                                    | test_millions_of_rows_in_a_few_bytes_are_read |
| memory of others shown behind nulls                                 | test_nulls_show_nothing_of_what_was_before |

What is decoded here is decoded by tests/support/slow_parquet.py, bounds and page index by slow_check.py, values by pyarrow.
"""
import decimal
import os
import random
import sys
import tempfile
import unittest

import numpy
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(1, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support"))

import slow_check
import slow_parquet
from joist_library import COMPATS, Joist, JoistError

ROWS = 1000
CALL_ROWS = 7  # no width, miniblock or byte of bits ends there


class Corruptions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.joist = Joist(threads=1)
        cls.folder = tempfile.TemporaryDirectory()
        cls.path = os.path.join(cls.folder.name, "written.parquet")

    @classmethod
    def tearDownClass(cls):
        cls.joist.close()
        cls.folder.cleanup()

    def write(self, table, encodings=None, call_rows=CALL_ROWS, compat="new", **options):
        """In many calls; the chunks of the only row group by name, everything said of them checked."""
        batches = table.to_batches(max_chunksize=call_rows)
        self.joist.write_parquet(self.path, table.schema, batches, as_arrays=True, encodings=encodings, compat=COMPATS[compat],
                                 **options)
        self.assertTrue(pq.read_table(self.path).cast(table.schema).equals(table), "pyarrow reads other values")
        return {chunk.leaf.path[0]: chunk for chunk in slow_check.check(self.path, compat)}

    def query(self, where):
        """Rows with and without the use of bounds."""
        counts = [sum(batch.num_rows for batch in self.joist.query(f"select * from '{self.path}' where {text}"))
                  for text in (where, f"case when {where} then true else false end")]
        self.assertEqual(*counts, where)
        return counts[0]

    def one_page(self, chunk, encoding):
        [page] = chunk.pages
        self.assertEqual((page.encoding, page.entries), (encoding, ROWS))

    def test_split_bytes_of_many_calls_are_one_stream(self):
        rng = random.Random(1)
        table = pa.table({
            "d": [rng.random() for _ in range(ROWS)], "f": pa.array([rng.random() for _ in range(ROWS)], pa.float32()),
            "i": pa.array([rng.getrandbits(31) for _ in range(ROWS)], pa.int32()),
            "b": pa.array([rng.randbytes(5) for _ in range(ROWS)], pa.binary(5)),
            "n": [None if rng.random() < 0.3 else rng.random() for _ in range(ROWS)]})
        for chunk in self.write(table, {name: "BYTE_STREAM_SPLIT" for name in table.column_names}).values():
            self.one_page(chunk, slow_parquet.SPLIT)

    def test_deltas_of_many_calls_are_one_stream(self):
        rng = random.Random(2)
        table = pa.table({
            "i": pa.array([rng.getrandbits(20) for _ in range(ROWS)], pa.int32()), "l": [rng.getrandbits(60) for _ in range(ROWS)],
            "n": [None if rng.random() < 0.3 else rng.getrandbits(40) for _ in range(ROWS)],
            "s": [f"text {rng.getrandbits(40)}" for _ in range(ROWS)], "p": [f"same front {row:06}" for row in range(ROWS)]})
        encodings = {"i": "DELTA_BINARY_PACKED", "l": "DELTA_BINARY_PACKED", "n": "DELTA_BINARY_PACKED",
                     "s": "DELTA_LENGTH_BYTE_ARRAY", "p": "DELTA_BYTE_ARRAY"}
        chunks = self.write(table, encodings)
        for name, encoding in (("i", 5), ("l", 5), ("n", 5), ("s", 6), ("p", 7)):
            self.one_page(chunks[name], encoding)

    def test_bits_of_many_calls_are_one_run(self):
        rng = random.Random(3)
        table = pa.table({"b": [rng.random() < 0.5 for _ in range(ROWS)],
                          "n": [rng.choice([None, True, False]) for _ in range(ROWS)]})
        for encoding, number in (("PLAIN", slow_parquet.PLAIN), ("RLE", slow_parquet.RLE)):
            for chunk in self.write(table, {"b": encoding, "n": encoding}).values():
                self.one_page(chunk, number)

    def test_levels_of_many_calls_have_one_prefix(self):
        rng = random.Random(4)
        table = pa.table({"n": [None if rng.random() < 0.5 else row for row in range(ROWS)],
                          "l": [rng.choice([None, [], [row], [None, row, row]]) for row in range(ROWS)]})
        for chunk in self.write(table, compat="v1", no_dictionary=True).values():
            self.assertEqual([page.type for page in chunk.pages], [slow_parquet.DATA])

    def test_wide_deltas_are_packed_bit_by_bit(self):
        for width in range(33, 65):
            rng, value, values = random.Random(width), 0, []
            for row in range(ROWS):
                value += (1 << width) - 1 if row % 32 == 1 else rng.getrandbits(width)
                values.append((value + 2**63) % 2**64 - 2**63)
            [chunk] = self.write(pa.table({"l": values}), {"l": "DELTA_BINARY_PACKED"}, codec="none").values()
            [page] = chunk.pages
            packed = (ROWS - 1) * width // 8
            self.assertLess(page.header[2], packed * 1.06 + 64, f"{width} bits a delta")

    def test_what_nulls_hide_is_not_written(self):
        secret, valid = b"\x5a" * 8, numpy.arange(ROWS) % 3 == 0
        hidden = numpy.where(valid, numpy.arange(ROWS), int.from_bytes(secret, "little")).astype("<i8")
        bits = pa.py_buffer(numpy.packbits(valid, bitorder="little").tobytes())
        column = pa.Array.from_buffers(pa.int64(), ROWS, [bits, pa.py_buffer(hidden.tobytes())])
        texts = pa.Array.from_buffers(pa.binary(8), ROWS, [bits, pa.py_buffer(hidden.tobytes())])
        table = pa.table({"l": column, "b": texts}).slice(1, ROWS - 2)
        for options in ({"no_dictionary": True}, {}):
            chunks = self.write(table, codec="none", **options)
            self.assertEqual(len(chunks["l"].values), table["l"].length() - table["l"].null_count)
            with open(self.path, "rb") as file:
                self.assertNotIn(secret[:4], file.read())

    def test_decimals_are_compared_signed(self):
        for precision in (4, 9, 18, 30, 38):
            numbers = [decimal.Decimal(number).scaleb(-2, decimal.Context(prec=80)) for number in (-5, 3, -(10**precision) + 1, 10**precision - 1, 0, -1)]
            table = pa.table({"d": pa.array(numbers, pa.decimal128(precision, 2))})
            self.write(table, page_rows_max=1, compat="v1")
            self.assertEqual(self.query("d < 0"), 3)
            self.assertEqual(self.query("d > 0"), 2)
            self.assertEqual(self.query("d <= -0.05"), 2)

    def test_an_empty_text_is_a_least_value(self):
        table = pa.table({"s": ["b", "", "a"], "only": ["", "", ""]})
        chunks = self.write(table, compat="v1", page_rows_max=1)
        self.assertEqual((chunks["s"].metadata[12][6], chunks["s"].metadata[12][5]), (b"", b"b"))
        self.assertEqual((chunks["only"].metadata[12][6], chunks["only"].metadata[12][5]), (b"", b""))
        self.assertEqual(self.query("s = ''"), 1)
        self.assertEqual(self.query("only = ''"), 3)
        self.assertEqual(self.query("only > ''"), 0)

    def test_pages_of_nulls_alone_are_null_pages(self):
        values = [None if row // 10 % 2 else row for row in range(ROWS)]
        mixed = [None if row % 10 else row for row in range(ROWS)]
        table = pa.table({"l": values, "m": mixed, "s": [None if value is None else f"v{value}" for value in values],
                          "e": [[] if row // 10 % 2 else [row] for row in range(ROWS)]})
        for name, chunk in self.write(table, compat="v1", call_rows=10, page_rows_max=10).items():
            column = chunk.column
            with open(self.path, "rb") as file:
                index = slow_parquet.Thrift(file.read()[column[6]:column[6] + column[7]]).struct()
            self.assertEqual(index[1], [name != "m" and page % 2 == 1 for page in range(len(chunk.pages))], name)
        self.assertEqual(self.query("l is null"), ROWS // 2)
        self.assertEqual(self.query("l >= 0"), ROWS // 2)

    def test_places_in_the_page_index_are_the_files(self):
        table = pa.table({"l": list(range(ROWS)), "s": [f"text {row}" for row in range(ROWS)]})
        self.joist.write_parquet(self.path, table.schema, table.to_batches(), row_group_rows_max=300, page_rows_max=50)
        places = [page.offset for chunk in slow_check.check(self.path) for page in chunk.pages]
        self.assertEqual(len(places), len(set(places)))
        for start in range(0, ROWS, 137):
            found = self.joist.read_parquet(self.path, row_start=start, row_count=60)
            self.assertTrue(found.equals(table.slice(start, 60)))
        self.assertEqual(self.query("l between 620 and 640"), 21)

    def test_small_integers_have_their_own_stride(self):
        for kind, low, high in ((pa.int8(), -128, 127), (pa.uint8(), 0, 255), (pa.int16(), -2**15, 2**15 - 1), (pa.uint16(), 0, 2**16 - 1)):
            rng = random.Random(str(kind))
            values = [rng.choice([None, low, high, rng.randint(low, high)]) for _ in range(ROWS)]
            table = pa.table({"n": pa.array(values, kind), "r": pa.array([value or 0 for value in values], kind)}).slice(3)
            for compat in ("v1", "wide"):
                self.write(table, compat=compat)
                self.assertTrue(self.joist.read_parquet(self.path).equals(table))

    def test_dictionaries_are_written_as_what_they_mean(self):
        kind = pa.dictionary(pa.int8(), pa.string())
        parts = [pa.DictionaryArray.from_arrays(pa.array([1, 0, None, 1], pa.int8()), [f"a{part}", f"b{part}"]) for part in range(20)]
        batches = [pa.record_batch([part], schema=pa.schema([("d", kind)])) for part in parts]
        wanted = [text for part in parts for text in part.to_pylist()]
        self.joist.write_parquet(self.path, batches[0].schema, batches, as_arrays=True, compat=COMPATS["v1"])
        [chunk] = slow_check.check(self.path, "v1")
        self.assertEqual(chunk.leaf.physical, slow_parquet.BYTE_ARRAY)
        self.assertEqual([value.decode() for value in chunk.values], [text for text in wanted if text])
        self.assertEqual(pq.read_table(self.path)["d"].to_pylist(), wanted)
        self.assertEqual(self.joist.read_parquet(self.path)["d"].to_pylist(), wanted)

    def test_a_file_cut_while_it_is_open_is_an_error(self):
        table = pa.table({"l": numpy.random.default_rng(5).integers(0, 2**62, 300000)})
        self.joist.write_parquet(self.path, table.schema, table.to_batches(), row_group_rows_max=100000)
        size = os.path.getsize(self.path)
        reader, rows = self.joist.query(f"select l from '{self.path}'"), 0
        rows += reader.read_next_batch().num_rows
        os.truncate(self.path, size // 3)
        with self.assertRaises((JoistError, OSError)):
            while True:
                try:
                    rows += reader.read_next_batch().num_rows
                except StopIteration:
                    break
        self.assertLess(rows, table.num_rows)

    def test_millions_of_rows_in_a_few_bytes_are_read(self):
        rows = 4_000_000
        table = pa.table({"l": pa.repeat(pa.scalar(7, pa.int64()), rows)})
        self.joist.write_parquet(self.path, table.schema, table.to_batches(), row_group_rows_max=rows)
        self.assertLess(os.path.getsize(self.path), 16 << 10)
        self.assertTrue(self.joist.read_parquet(self.path).equals(table))
        pq.write_table(table, self.path, compression="zstd", row_group_size=rows)
        self.assertTrue(self.joist.read_parquet(self.path).equals(table))

    def test_nulls_show_nothing_of_what_was_before(self):
        secret, clean = b"\x5a" * 8, pa.table({"l": [None if row % 3 else row for row in range(ROWS)]})
        word = int.from_bytes(secret, "little")
        self.joist.write_parquet(self.path, clean.schema, clean.to_batches())
        other = os.path.join(self.folder.name, "secret.parquet")
        full = pa.table({"l": [word] * ROWS})
        self.joist.write_parquet(other, full.schema, full.to_batches(), no_dictionary=True)
        self.joist.read_parquet(other)
        for chunk in self.joist.read_parquet(self.path)["l"].chunks:
            self.assertNotIn(secret[:4], chunk.buffers()[1].to_pybytes())


if __name__ == "__main__":
    unittest.main()
