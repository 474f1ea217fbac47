"""Statistics that must not be used prune nothing; a full scan says what is right.

Each file's footer is given bounds that no value of the file lies within. Where the format says that such bounds mean
nothing, every row is found all the same, and no row group is left out; where they are to be believed the rows
disappear, which shows that the lie would have been one. The rest of what bounds may and may not prove (inexact ones,
missing counts of nulls, zeros of both signs, NaN, literals that do not fit) is asked of whole files.
"""
import contextlib
import datetime
import decimal
import os
import struct
import sys
import tempfile
import uuid

import numpy
import pyarrow as pa
import pyarrow.parquet as pq

from footer_edit import BINARY, I64, TRUE, Footer, Statistics, chunks_of, edit_footer, orders
from joist_library import Joist
from prune_test import pruned_of

PLAIN = {"use_dictionary": False, "compression": "none", "version": "2.6"}
TYPE, IEEE754, INT96, UNHEARD_OF = 1, 2, 3, 15
EARLY = b"parquet-mr version 1.7.0 (build 1af5e5e)"
LATER = b"parquet-mr version 1.8.0 (build 1af5e5e)"
NAN = float("nan")


class Lie:
    """A column, an equality that one of its rows satisfies, and bounds far from all of them."""

    def __init__(self, arrow, values, literal, bound, **options):
        self.arrow, self.values, self.literal, self.bound, self.options = arrow, values, literal, bound, options


def le32(value):
    return struct.pack("<i", value)


def le64(value):
    return struct.pack("<q", value)


MOMENT = datetime.datetime(2020, 5, 17, 12)
FIXED = {"store_decimal_as_integer": False}
WHOLE = {"store_decimal_as_integer": True}
LIES = {
    "bool": Lie(pa.bool_(), [True, True], "true", b"\0"),
    "int32": Lie(pa.int32(), [5, 6], "5", le32(90)),
    "int64": Lie(pa.int64(), [5, 6], "5", le64(90)),
    "date": Lie(pa.date32(), [datetime.date(2020, 5, 17)], "date '2020-05-17'", le32(1)),
    "timestamp": Lie(pa.timestamp("us"), [MOMENT], "timestamp '2020-05-17 12:00:00'", le64(1)),
    "float": Lie(pa.float32(), [1.5, 2.5], "1.5", struct.pack("<f", 90)),
    "double": Lie(pa.float64(), [1.5, 2.5], "1.5", struct.pack("<d", 90)),
    "float16": Lie(pa.float16(), [numpy.float16(1.5)], "1.5", struct.pack("<e", 90)),
    "uint8": Lie(pa.uint8(), [5, 6], "5", le32(90)),
    "uint32": Lie(pa.uint32(), [5, 6], "5", le32(90)),
    "uint64": Lie(pa.uint64(), [5, 6], "5", le64(90)),
    "decimal of int32": Lie(pa.decimal128(7, 2), [decimal.Decimal("1.25")], "1.25", le32(9000), **WHOLE),
    "decimal of int64": Lie(pa.decimal128(15, 2), [decimal.Decimal("1.25")], "1.25", le64(9000), **WHOLE),
    "decimal of bytes": Lie(pa.decimal128(15, 2), [decimal.Decimal("1.25")], "1.25", b"\0\0\0\0\0\x23\x28", **FIXED),
    "string": Lie(pa.string(), ["ab", "cd"], "'ab'", b"zz"),
    "binary": Lie(pa.binary(), [b"ab", b"cd"], "cast('ab' as binary)", b"zz"),
    "uuid": Lie(pa.uuid(), [uuid.UUID(int=7)], f"'{uuid.UUID(int=7)}'", b"z" * 16),
    "int96": Lie(pa.timestamp("ns"), [MOMENT], "timestamp '2020-05-17 12:00:00'", le64(0) + le32(2440589),
                 use_deprecated_int96_timestamps=True),
}
SIGNED = {"bool", "int32", "int64", "date", "timestamp", "float", "double"}
BYTES = {"string", "binary", "uuid"}
REALS = {"float", "double", "float16"}


def write(lie, path):
    table = pa.table({"x": pa.array(lie.values, lie.arrow)})
    pq.write_table(table, path, **PLAIN, **lie.options)


def tell(path, statistics, order, created_by=None):
    """The file's one chunk gets these statistics and its column this order (0: the file has no orders)."""
    def change(footer):
        chunks_of(footer)[0][Statistics.FIELD] = [12, statistics]
        footer.pop(Footer.COLUMN_ORDERS, None)
        if order != 0:
            footer[Footer.COLUMN_ORDERS] = orders(1, order)
        if created_by is not None:
            footer[Footer.CREATED_BY] = [BINARY, created_by]
    edit_footer(path, change)


def rows_of(joist, path, where):
    return sum(batch.num_rows for batch in joist.query(f"select x from '{path}' where {where}"))


def hidden(where):
    return f"case when {where} then true else false end"


def is_believed(joist, path, lie):
    """Whether the bounds were used; never anything but all rows or none."""
    where = f"x = {lie.literal}"
    whole = rows_of(joist, path, hidden(where))
    assert whole == sum(1 for value in lie.values if value == lie.values[0]), (where, whole)
    got = rows_of(joist, path, where)
    left = pruned_of(path, where, "x")[0]
    assert (got, left) in ((whole, 1), (0, 0)), (where, got, left)
    return left == 0


def new_bounds(bound):
    return {Statistics.MIN: [BINARY, bound], Statistics.MAX: [BINARY, bound], Statistics.NULL_COUNT: [I64, 0]}


def old_bounds(bound):
    return {Statistics.OLD_MIN: [BINARY, bound], Statistics.OLD_MAX: [BINARY, bound], Statistics.NULL_COUNT: [I64, 0]}


def check_who_is_believed(joist, path):
    """Deprecated bounds, early parquet-mr's of bytes, INT96 without its order, orders that nobody knows."""
    asked = 0
    for name, lie in LIES.items():
        own = {TYPE} if name != "int96" else {INT96}
        own |= {IEEE754} if name in REALS else set()
        cases = [(new_bounds, order, None, order in own) for order in (0, TYPE, IEEE754, INT96, UNHEARD_OF)]
        cases += [(old_bounds, order, None, name in SIGNED and order in (0, TYPE))
                  for order in (0, TYPE, IEEE754, INT96, UNHEARD_OF)]
        cases += [(new_bounds, TYPE, EARLY, name not in BYTES and name != "int96"),
                  (new_bounds, TYPE, LATER, name != "int96"),
                  (old_bounds, 0, EARLY, name in SIGNED), (old_bounds, 0, LATER, name in SIGNED)]
        for bounds, order, created_by, wanted in cases:
            write(lie, path)
            tell(path, bounds(lie.bound), order, created_by)
            got = is_believed(joist, path, lie)
            assert got == wanted, f"{name}: {bounds.__name__}, order {order}, {created_by}: believed {got}"
            asked += 1
    return asked


def ask(joist, path, where, pruned=None):
    """Rows as in a full scan; `pruned`: whether the one row group is left out."""
    whole, got = rows_of(joist, path, hidden(where)), rows_of(joist, path, where)
    assert got == whole, f"{where}: {got} rows, should be {whole}"
    left = pruned_of(path, where, "x")[0]
    assert pruned is None or left == (0 if pruned else 1), f"{where}: {left} row groups left"
    return got


def check_null_counts(joist, path):
    """One that is missing is never zero."""
    lie = Lie(pa.int64(), [1, None, 3], "1", b"")
    bounds = {Statistics.MIN: [BINARY, le64(1)], Statistics.MAX: [BINARY, le64(3)]}
    for nulls, is_left_out in ((None, False), (1, False), (0, True), (-1, False), (4, False)):
        write(lie, path)
        tell(path, bounds if nulls is None else {**bounds, Statistics.NULL_COUNT: [I64, nulls]}, TYPE)
        got, left = rows_of(joist, path, "x is null"), pruned_of(path, "x is null", "x")[0]
        assert (got, left) == ((0, 0) if is_left_out else (1, 1)), (nulls, got, left)
    write(Lie(pa.int64(), [None, None], "", b""), path)
    tell(path, {}, TYPE)
    assert ask(joist, path, "x is null", False) == 2
    ask(joist, path, "x is not null", False)


def check_inexact(joist, path):
    """Bounds that are not exact prune, and are no answer to min and max."""
    lie = Lie(pa.string(), ["bb", "cc"], "", b"")
    for exact in (True, False):
        write(lie, path)
        tell(path, {Statistics.MIN: [BINARY, b"a"], Statistics.MAX: [BINARY, b"d"], Statistics.NULL_COUNT: [I64, 0],
                    Statistics.MIN_EXACT: [TRUE, exact], Statistics.MAX_EXACT: [TRUE, exact]}, TYPE)
        ask(joist, path, "x = 'ab'", False)
        ask(joist, path, "x < 'a'", True)
        ask(joist, path, "x > 'd'", True)
        if not exact:
            found = [batch.to_pydict() for batch in joist.query(f"select min(x) as a, max(x) as b from '{path}'")]
            assert found == [{"a": ["bb"], "b": ["cc"]}], found


def check_zeros(joist, path):
    """Both signs are one value, for bounds, for Bloom filters and for dictionaries."""
    asked = 0
    for arrow, pack in ((pa.float32(), "<f"), (pa.float64(), "<d"), (pa.float16(), "<e")):
        for here in (0.0, -0.0):
            values = [numpy.float16(here) if arrow == pa.float16() else here] * 3
            for low in (0.0, -0.0):
                write(Lie(arrow, values, "", b""), path)
                bound = struct.pack(pack, low)
                tell(path, {**new_bounds(bound), Statistics.NAN_COUNT: [I64, 0]}, TYPE)
                for literal in ("0e0", "-0e0", "0", "0.0"):
                    for op, count in (("=", 3), ("<=", 3), (">=", 3), ("<", 0), ("<>", 0)):
                        assert ask(joist, path, f"x {op} {literal}", True if op in ("<", "<>") else None) == count
                        asked += 1
            if arrow == pa.float16():
                continue
            table = pa.table({"x": pa.array(values, arrow)})
            for options in ({"use_dictionary": False, "bloom_filter_options": {"x": {"ndv": 100, "fpp": 0.001}}},
                            {"use_dictionary": True}):
                pq.write_table(table, path, write_statistics=False, **options)
                for literal in ("0e0", "-0e0"):
                    assert ask(joist, path, f"x = {literal}", False) == 3
                ask(joist, path, "x = 2.5", True)
    return asked


def check_nan(joist, path):
    """NaN may lie outside of bounds, but where it is counted."""
    for arrow, pack in ((pa.float32(), "<f"), (pa.float64(), "<d"), (pa.float16(), "<e")):
        make = numpy.float16 if arrow == pa.float16() else float
        bounds = {Statistics.MIN: [BINARY, struct.pack(pack, 1)], Statistics.MAX: [BINARY, struct.pack(pack, 2)],
                  Statistics.NULL_COUNT: [I64, 0]}
        for order in (TYPE, IEEE754):
            for values, counts in (([1, 2, NAN], (None, 1)), ([1, 2, 2], (0,))):
                for nans in counts:
                    write(Lie(arrow, [make(value) for value in values], "", b""), path)
                    told = bounds if nans is None else {**bounds, Statistics.NAN_COUNT: [I64, nans]}
                    tell(path, told, order)
                    assert ask(joist, path, "x > 5e0", nans == 0) == (nans != 0)
                    assert ask(joist, path, "x = cast('nan' as double)", nans == 0) == (nans != 0)
                    assert ask(joist, path, "x <> 1e0", False) == 2
                    ask(joist, path, "x < 1e0", True)
                    ask(joist, path, "x = 1.5", False)
            # A bound that is NaN is none, and neither is the one beside it.
            write(Lie(arrow, [make(1), make(NAN)], "", b""), path)
            tell(path, {**bounds, Statistics.MAX: [BINARY, struct.pack(pack, NAN)]}, order)
            for where in ("x < 0e0", "x > 5e0", "x = 1e0"):
                ask(joist, path, where, False)


def check_own_nan_counts(joist, path):
    """Our writer counts them, of the chunk and of pages: what is above all numbers is pruned where there is none."""
    rows = 30000
    for arrow, make in ((pa.float32(), float), (pa.float64(), float), (pa.float16(), numpy.float16)):
        values = [make(row // 100) for row in range(rows)]
        odd = [make(NAN) if row == 12345 else value for row, value in enumerate(values)]
        for column, nans in ((values, 0), (odd, 1)):
            schema = pa.schema([("x", arrow)])
            batch = pa.record_batch([pa.array(column, arrow)], schema)
            joist.write_parquet(path, schema, [batch], page_rows_max=1000)
            assert ask(joist, path, "x > 1000e0", nans == 0) == nans
            assert ask(joist, path, "x > 298.5e0", False) == 100 + nans
            left, pages = pruned_of(path, "x > 298.5e0", "x")[2:]
            assert pages > 20 and left == 1 + nans, (left, pages)


def check_literals(joist, path):
    """What does not fit the physical type exactly prunes by range, and is not asked of filters."""
    bloom = {"bloom_filter_options": {"x": {"ndv": 100, "fpp": 0.001}}, "use_dictionary": False}
    columns = [(pa.int32(), [1, 2, 300], [("x = 2.5", None), ("x = 4294967298", True), ("x = -1.5", True), ("x >= 2.5", False)]),
               (pa.int8(), [1, 2, 3], [("x = 258", True), ("x < 300", False), ("x > 300", True)]),
               (pa.uint8(), [1, 2, 255], [("x = -1", True), ("x > -1", False), ("x = 511", True)]),
               (pa.float32(), [0.05, 0.1, 0.5], [("x = 0.1", False), ("x > 0.1", False), ("x = 0.7", True)]),
               (pa.decimal128(9, 2), [decimal.Decimal("1.25")], [("x = 1.250", False), ("x = 1.255", True)]),
               (pa.date32(), [datetime.date(2020, 5, 17)], [("x = timestamp '2020-05-17 00:00:00'", False),
                                                            ("x = timestamp '2020-05-17 01:00:00'", None)]),
               (pa.timestamp("ms"), [MOMENT], [("x = date '2020-05-17'", True), ("x > date '2020-05-17'", False),
                                               ("x = timestamp '2020-05-17 12:00:00.000001'", None)])]
    for arrow, values, questions in columns:
        pq.write_table(pa.table({"x": pa.array(values, arrow)}), path, **bloom)
        for where, pruned in questions:
            ask(joist, path, where, pruned)


def main():
    with tempfile.TemporaryDirectory() as folder, contextlib.closing(Joist()) as joist:
        path = os.path.join(folder, "lying.parquet")
        asked = check_who_is_believed(joist, path)
        check_null_counts(joist, path)
        check_inexact(joist, path)
        asked += check_zeros(joist, path)
        check_nan(joist, path)
        check_own_nan_counts(joist, path)
        check_literals(joist, path)
    print(f"{asked} questions and more: lies are believed where the format says so, and nowhere else")
    return 0


if __name__ == "__main__":
    sys.exit(main())
