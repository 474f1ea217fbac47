"""The slow reader in tests/support finds each lie that is put into a file: else it would prove nothing of ours."""
import os
import sys
import tempfile
import unittest

import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(1, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support"))

import footer_edit
import slow_check
from joist_library import Joist

ROWS = 500
# A reader that believes nothing wrong ends somehow, but it ends.
REFUSED = (AssertionError, IndexError, KeyError, ValueError, MemoryError, TypeError, AttributeError)
TABLE = pa.table({
    "l": pa.array([None if row % 7 == 0 else row * 37 % 1000 - 500 for row in range(ROWS)], pa.int64()),
    "d": [float("nan") if row % 50 == 0 else row / 8 - 20 for row in range(ROWS)],
    "s": [None if row % 11 == 0 else f"text {row % 40}" * (row % 9) for row in range(ROWS)],
    "e": [[row] * (row % 4) for row in range(ROWS)],
})


class Lies(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.path = os.path.join(cls.folder.name, "a.parquet")
        joist = Joist(threads=1)
        joist.write_parquet(cls.path, TABLE.schema, TABLE.to_batches(), row_group_rows_max=300, page_rows_max=40, bloom=2, codec="none")
        joist.close()
        with open(cls.path, "rb") as file:
            cls.data = file.read()

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def setUp(self):
        with open(self.path, "wb") as file:
            file.write(self.data)

    def check(self):
        return list(slow_check.check(self.path))

    def lies(self, change):
        footer_edit.edit_footer(self.path, change)
        self.assertRaises(REFUSED, self.check)
        self.setUp()

    def lies_in_chunk(self, change):
        """In the metadata of each column in turn."""
        for number in range(8):
            self.lies(lambda footer, number=number: change(footer_edit.chunks_of(footer)[number]))

    def test_what_is_true_is_found_true(self):
        values = {name: [] for name in TABLE.column_names}
        for chunk in self.check():
            values[chunk.leaf.path[0]] += chunk.values
        self.assertEqual(pq.read_table(self.path)["s"].drop_null().to_pylist(), [value.decode() for value in values["s"]])

    def test_statistics_that_lie(self):
        def more(field, statistic):
            def change(metadata):
                metadata[field][1][statistic][1] += 1
            return change

        def other(statistic):
            def change(metadata):
                text = metadata[12][1][statistic]
                text[1] = bytes([text[1][0] ^ 1]) + text[1][1:] if text[1] else b"a"
            return change

        self.lies_in_chunk(more(12, 3))
        self.lies_in_chunk(other(5))
        self.lies_in_chunk(other(6))
        for number in (1, 5):
            self.lies(lambda footer, number=number: more(12, 9)(footer_edit.chunks_of(footer)[number]))

        def exact(metadata):
            metadata[12][1][7][1] = not metadata[12][1][7][1]
        self.lies_in_chunk(exact)

    def test_sizes_counts_and_encodings_that_lie(self):
        def add(field):
            def change(metadata):
                metadata[field][1] += 1
            return change

        for field in (5, 6, 7, 9, 14, 15):
            self.lies_in_chunk(add(field))

        def pages(metadata):
            metadata[13][1][1][0][3][1] += 1
        self.lies_in_chunk(pages)

        def histogram(metadata):
            metadata[16][1][3][1][1][0] += 1
        for number in (0, 2, 3, 4, 6, 7):
            self.lies(lambda footer, number=number: histogram(footer_edit.chunks_of(footer)[number]))

        def unencoded(metadata):
            metadata[16][1][1][1] += 1
        self.lies(lambda footer: unencoded(footer_edit.chunks_of(footer)[2]))

        def rows(footer):
            footer[3][1] += 1
        self.lies(rows)

    def test_any_byte_of_pages_indexes_and_filters(self):
        """Whatever stands before the footer says something that is looked at."""
        missed = []
        end = len(self.data) - 8 - int.from_bytes(self.data[-8:-4], "little")
        for at in range(4, end, 397):
            with open(self.path, "r+b") as file:
                file.seek(at)
                file.write(bytes([self.data[at] ^ 0x11]))
            try:
                self.check()
                missed.append(at)
            except REFUSED:
                pass
            self.setUp()
        self.assertEqual(missed, [])


if __name__ == "__main__":
    unittest.main()
