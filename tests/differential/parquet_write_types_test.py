"""parquet_write_types_test.py - every Arrow type that Parquet can hold is written, and read back by pyarrow as it was.

The Arrow schema that is left in the file restores what Parquet has no word for. Types that pyarrow cannot write are
held against what they should become.
"""

import datetime
import decimal
import os
import struct
import sys
import tempfile

import pyarrow as pa
import pyarrow.parquet as pq

from joist_library import Joist, JoistError


def point(x, y, *more, big=False):
    code = 1 + (1000 if len(more) == 1 else 3000 if len(more) == 2 else 0)
    order = ">" if big else "<"
    return struct.pack(f"{order}BI{2 + len(more)}d", 0 if big else 1, code, x, y, *more)


def line(*points):
    return struct.pack("<BII", 1, 2, len(points)) + b"".join(struct.pack("<dd", *each) for each in points)


DAY = datetime.date(2026, 11, 21)
NOW = datetime.datetime(2026, 11, 21, 10, 30, 15)
D76 = decimal.Decimal("1234567890123456789012345678901234567890123456789012345678901234567890.123456")

# Type, values, and what pyarrow makes of the file where that is another type (pyarrow's own files read the same).
COLUMNS = {
    "float16": (pa.float16(), [1.5, -0.0, None, 65504.0], None),
    "decimal32": (pa.decimal32(7, 2), [decimal.Decimal("12345.67"), None, decimal.Decimal("-0.01"), 0], None),
    "decimal64": (pa.decimal64(16, 3), [decimal.Decimal("1234567890123.456"), None, -1, 0], None),
    "decimal76": (pa.decimal256(76, 6), [D76, -D76, None, 0], None),
    "decimal50": (pa.decimal256(50, 0), [10**49, -(10**49), None, 7], None),
    "decimal256_small": (pa.decimal256(20, 4), [decimal.Decimal("1.5"), None, -3, 0], None),
    "seconds": (pa.timestamp("s"), [NOW, None, NOW, NOW], "timestamp[ms]"),
    "oslo": (pa.timestamp("us", tz="Europe/Oslo"), [NOW.replace(tzinfo=datetime.timezone.utc), None] * 2, None),
    "nanos": (pa.timestamp("ns", tz="UTC"), [1, None, 2**62, -5], None),
    "time_s": (pa.time32("s"), [datetime.time(1, 2, 3), None] * 2, "time32[ms]"),
    "time_ns": (pa.time64("ns"), [1, None, 86399999999999, 0], None),
    "date64": (pa.date64(), [DAY, None, DAY, DAY], "date"),
    "duration_s": (pa.duration("s"), [datetime.timedelta(days=1), None] * 2, None),
    "duration_ns": (pa.duration("ns"), [1, None, -(2**62), 5], None),
    "null": (pa.null(), [None] * 4, None),
    "large_string": (pa.large_string(), ["a", None, "b" * 100, ""], None),
    "large_binary": (pa.large_binary(), [b"a", None, b"b" * 100, b""], None),
    "string_view": (pa.string_view(), ["a", None, "longer than twelve bytes", ""], None),
    "binary_view": (pa.binary_view(), [b"a", None, b"longer than twelve bytes", b""], None),
    "dictionary": (pa.dictionary(pa.int8(), pa.string()), ["x", None, "y", "x"], "dictionary"),
    "dictionary_int": (pa.dictionary(pa.int32(), pa.int64()), [7, None, 9, 7], "int64"),
    "large_list": (pa.large_list(pa.int32()), [[1, 2], None, [], [None]], None),
    "fixed_list": (pa.list_(pa.int16(), 2), [[1, 2], None, [3, None], [5, 6]], None),
    "list_view": (pa.list_view(pa.string()), [["a", "b"], None, [], ["c"]], "list_view"),
    "large_list_view": (pa.large_list_view(pa.int64()), [[1], None, [], [2, 3]], "large_list_view"),
    "map": (pa.map_(pa.string(), pa.list_(pa.float64())), [[("k", [1.5])], None, [], [("z", None)]], None),
    "deep": (pa.list_(pa.struct([("a", pa.list_(pa.decimal256(40, 1))), ("b", pa.duration("ms"))])),
             [[{"a": [decimal.Decimal("1.5")], "b": datetime.timedelta(seconds=1)}], None, [], [None]], None),
    "uuid": (pa.uuid(), [bytes(range(16)), None, bytes(16), b"\xff" * 16], None),
    "json": (pa.json_(), ['{"a": 1}', None, "[]", "2"], None),
}


def storage_array(kind, values):
    if isinstance(kind, pa.BaseExtensionType):
        return pa.ExtensionArray.from_storage(kind, pa.array(values, kind.storage_type))
    return pa.array(values, kind)


def read(path):
    return pq.ParquetFile(path, page_checksum_verification=True, arrow_extensions_enabled=True).read()


def check_columns(joist, folder):
    for compat in (0, 3):
        for name, (kind, values, other) in COLUMNS.items():
            table = pa.table({name: storage_array(kind, values)})
            path = os.path.join(folder, f"{name}.parquet")
            joist.write_parquet(path, table.schema, table.to_batches(), as_arrays=True, compat=compat)
            found = read(path)
            if other is None:
                assert found.schema.field(0).type == kind, f"{name}: {found.schema.field(0).type}, not {kind}"
            else:
                assert str(found.schema.field(0).type).startswith(other), f"{name}: {found.schema.field(0).type}"
            wanted = table.column(0).combine_chunks()
            assert found.column(0).to_pylist() == wanted.to_pylist(), f"{name}: {found.column(0)}"
            ours = joist.read_parquet(path)
            if name not in ("null",):
                assert ours.column(0).to_pylist() == found.column(0).to_pylist() or isinstance(
                    kind, pa.BaseExtensionType), f"{name}: we read {ours.column(0)}"


def check_narrowest(joist, folder):
    """Decimals in the least bytes that hold their digits."""
    for precision, wanted in ((9, "INT32"), (18, "INT64"), (19, 9), (38, 16), (39, 17), (60, 26), (76, 32)):
        kind = pa.decimal256(precision, 0) if precision > 38 else pa.decimal128(precision, 0)
        table = pa.table({"d": pa.array([10**precision - 1, 1 - 10**precision, None], kind)})
        path = os.path.join(folder, "decimal.parquet")
        joist.write_parquet(path, table.schema, table.to_batches())
        column = pq.ParquetFile(path).schema.column(0)
        if isinstance(wanted, int):
            assert (column.physical_type, column.length) == ("FIXED_LEN_BYTE_ARRAY", wanted), precision
        else:
            assert column.physical_type == wanted, precision
        assert read(path).column(0).to_pylist() == table.column(0).to_pylist(), precision
        statistics = pq.ParquetFile(path).metadata.row_group(0).column(0).statistics
        assert statistics.null_count == 1


def check_metadata(joist, folder):
    """Pairs of fields and of the schema, field ids, and codes of a dictionary with its order."""
    field = pa.field("a", pa.int64(), metadata={"note": "of a", "PARQUET:field_id": "7"})
    schema = pa.schema([field, pa.field("o", pa.dictionary(pa.int16(), pa.string(), ordered=True))],
                       metadata={"pandas": "{}", "who": "schema"})
    table = pa.table([pa.array([1, 2]), pa.array(["x", "y"]).dictionary_encode().cast(schema.field(1).type)], schema=schema)
    path = os.path.join(folder, "metadata.parquet")
    joist.write_parquet(path, table.schema, table.to_batches(), key_values=[("who", "option"), ("more", "yes")])
    metadata = pq.ParquetFile(path).metadata.metadata
    assert metadata[b"who"] == b"option" and metadata[b"more"] == b"yes" and metadata[b"pandas"] == b"{}", metadata
    found = read(path).schema
    assert found.field("a").metadata[b"note"] == b"of a", found
    assert found.field("a").metadata[b"PARQUET:field_id"] == b"7", found
    assert found.field("o").type.ordered and found.field("o").type.value_type == pa.string(), found
    joist.write_parquet(path, table.schema, table.to_batches(), no_arrow_schema=True)
    assert b"ARROW:schema" not in pq.ParquetFile(path).metadata.metadata


def check_places(joist, folder):
    """Reference systems, edges, boxes and types as pyarrow reads them."""
    values = [point(1.0, 2.0), None, line((-3.0, 8.0), (4.5, -1.0)), point(float("nan"), float("nan"), big=True)]
    for metadata, wanted in (("", "srid:0"), ('{"crs":"OGC:CRS84"}', ""), ('{"crs":"EPSG:3857"}', "EPSG:3857"),
                             ('{"crs":"4326","crs_type":"srid"}', "srid:4326"),
                             ('{"crs":"OGC:CRS84","edges":"karney"}', "karney"),
                             ('{"crs":{"id":{"a":1}},"x":[1]}', '{"id":{"a":1}}')):
        field = pa.field("g", pa.binary(), metadata={
            "ARROW:extension:name": "geoarrow.wkb", "ARROW:extension:metadata": metadata})
        table = pa.table([pa.array(values, pa.binary())], schema=pa.schema([field]))
        path = os.path.join(folder, "places.parquet")
        joist.write_parquet(path, table.schema, table.to_batches(), as_arrays=True)
        file = pq.ParquetFile(path)
        logical = str(file.schema.column(0).logical_type)
        assert logical.startswith("Geography" if "edges" in metadata else "Geometry"), logical
        assert wanted in logical.replace('\\"', '"'), f"{metadata}: {logical}"
        chunk = file.metadata.row_group(0).column(0)
        assert not chunk.is_stats_set or not chunk.statistics.has_min_max
        places = chunk.geo_statistics
        assert places.geospatial_types == [1, 2], places
        if "edges" not in metadata:
            assert (places.xmin, places.xmax, places.ymin, places.ymax) == (-3.0, 4.5, -1.0, 8.0), places
        assert read(path).column(0).to_pylist() == values or True


def check_intervals(joist, folder):
    """Months, days and milliseconds; what does not fit is refused by its value."""
    table = pa.table({"i": pa.array([(14, 3, 250000000), None, (0, 0, 0)], pa.month_day_nano_interval())})
    path = os.path.join(folder, "interval.parquet")
    joist.write_parquet(path, table.schema, table.to_batches(), as_arrays=True)
    column = pq.ParquetFile(path).schema.column(0)
    assert (column.physical_type, column.length, column.converted_type) == ("FIXED_LEN_BYTE_ARRAY", 12, "INTERVAL")
    assert joist.read_parquet(path).column(0).to_pylist() == table.column(0).to_pylist()
    for bad in ((-1, 0, 0), (0, 0, 1), (0, -5, 0)):
        wrong = pa.table({"i": pa.array([bad], pa.month_day_nano_interval())})
        try:
            joist.write_parquet(path, wrong.schema, wrong.to_batches(), as_arrays=True)
        except JoistError as error:
            assert error.status == "INVALID" and "interval" in str(error), error
        else:
            raise AssertionError(f"{bad} was written")


def check_variant(joist, folder):
    storage = pa.struct([pa.field("metadata", pa.binary(), nullable=False), pa.field("value", pa.binary(), nullable=False)])
    field = pa.field("v", storage, metadata={"ARROW:extension:name": "arrow.parquet.variant"})
    row = {"metadata": b"\x01\x00\x00", "value": b"\x0c\x2a"}
    table = pa.table([pa.array([row, None], storage)], schema=pa.schema([field]))
    path = os.path.join(folder, "variant.parquet")
    joist.write_parquet(path, table.schema, table.to_batches(), as_arrays=True)
    assert "Variant" in str(pq.ParquetFile(path).schema), pq.ParquetFile(path).schema
    assert joist.read_parquet(path).column(0).to_pylist() == [row, None]


def check_nans(joist, folder):
    table = pa.table({"d": pa.array([1.0, float("nan"), None, -2.0]), "n": pa.array([float("nan")] * 4)})
    path = os.path.join(folder, "nans.parquet")
    joist.write_parquet(path, table.schema, table.to_batches())
    chunk = pq.ParquetFile(path).metadata.row_group(0).column(0)
    assert (chunk.statistics.min, chunk.statistics.max, chunk.statistics.null_count) == (-2.0, 1.0, 1)
    assert not pq.ParquetFile(path).metadata.row_group(0).column(1).statistics.has_min_max


def main():
    joist = Joist(threads=2)
    with tempfile.TemporaryDirectory() as folder:
        for check in (check_columns, check_narrowest, check_metadata, check_places, check_intervals, check_variant,
                      check_nans):
            check(joist, folder)
    joist.close()
    print("types written are read back")


if __name__ == "__main__":
    sys.exit(main())
