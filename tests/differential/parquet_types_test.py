"""Every type of Arrow through pyarrow's Parquet files, read by us and by pyarrow: equal schemas, equal values.

    parquet_types_test.py          the library at JOIST_LIBRARY

Files with the Arrow schema of their writer inside and without it, read with it and without it, in all text
forms, with dictionaries kept, by path and by field id. Every batch of ours is validated in full.
"""

import ctypes
import datetime
import decimal
import os
import tempfile

import pyarrow as pa
import pyarrow.parquet as pq

from joist_library import Joist, JoistError, ReadOptions, TEXT_FORMS

ROWS = 1000


class OpenOptions(ctypes.Structure):
    _fields_ = [
        ("struct_size", ctypes.c_size_t),
        ("no_arrow_schema", ctypes.c_bool),
        ("int96_unit", ctypes.c_int),
        ("keys", ctypes.c_void_p),
    ]


def read(joist, path, columns=None, field_ids=None, text="utf8", no_arrow_schema=False, int96_unit=0, **wanted):
    """Our table, each batch of which pyarrow has validated; and what joist_parquet_schema says."""
    source, file = joist.open_source(path), ctypes.c_void_p()
    options = OpenOptions(ctypes.sizeof(OpenOptions), no_arrow_schema, int96_unit)
    try:
        joist.call("joist_parquet_open", joist.ctx, source, ctypes.byref(options), ctypes.byref(file))
    except JoistError:
        joist.library.joist_source_close(ctypes.byref(source))
        raise
    wishes = ReadOptions(struct_size=ctypes.sizeof(ReadOptions), text=TEXT_FORMS[text], **wanted)
    if columns is not None:
        wishes.columns = (ctypes.c_char_p * len(columns))(*[name.encode() for name in columns])
        wishes.column_count = len(columns)
    if field_ids is not None:
        ids = (ctypes.c_int32 * len(field_ids))(*field_ids)
        wishes.field_ids = ctypes.cast(ids, ctypes.c_void_p)
        wishes.field_id_count = len(field_ids)
    try:
        reader = joist.rows("joist_parquet_read", file, ctypes.byref(wishes))
    finally:
        joist.library.joist_parquet_close(file)
    batches = list(reader)
    for batch in batches:
        batch.validate(full=True)
    return pa.Table.from_batches(batches, reader.schema)


def cycle(values, rows=ROWS):
    return [None if index % 7 == 3 else values[index % len(values)] for index in range(rows)]


TEXTS = ["", "a", "twelve bytes", "thirteen byte", "a text of more than twelve bytes", "ßøé"]
BYTES = [text.encode() + b"\xff" for text in TEXTS]
TIMES = [0, 1, -1, 10**12, 1577836800 * 10**6]


def decimals(digits, scale):
    with decimal.localcontext() as context:
        context.prec = 80
        tops = [10**digits - 1, -(10**digits) + 1, 0, 1, -1, 10 ** (digits // 2)]
        return [decimal.Decimal(top).scaleb(-scale) for top in tops]


def columns():
    made = {}
    for name, kind, values in [
        ("int8", pa.int8(), [-128, 0, 127]), ("int16", pa.int16(), [-(2**15), 2**15 - 1]),
        ("int32", pa.int32(), [-(2**31), 2**31 - 1]), ("int64", pa.int64(), [-(2**63), 2**63 - 1]),
        ("uint8", pa.uint8(), [0, 255]), ("uint16", pa.uint16(), [0, 65535]), ("uint32", pa.uint32(), [0, 2**32 - 1]),
        ("uint64", pa.uint64(), [0, 2**64 - 1]), ("half", pa.float16(), [0.5, -2.0]), ("float", pa.float32(), [0.5]),
        ("double", pa.float64(), [1e300]), ("bool", pa.bool_(), [True, False]), ("date", pa.date32(), [0, -1, 20000]),
        ("time_ms", pa.time32("ms"), [0, 86399999]), ("time_us", pa.time64("us"), [0, 86399999999]),
        ("time_ns", pa.time64("ns"), [0, 86399999999999]), ("null", pa.null(), [None]),
        ("fixed", pa.binary(5), [b"12345", b"\0\0\0\0\0"]), ("text", pa.string(), TEXTS), ("bytes", pa.binary(), BYTES),
        ("large_text", pa.large_string(), TEXTS), ("large_bytes", pa.large_binary(), BYTES),
        ("text_view", pa.string_view(), TEXTS), ("bytes_view", pa.binary_view(), BYTES),
        ("took_s", pa.duration("s"), TIMES), ("took_ns", pa.duration("ns"), TIMES),
        ("pair", pa.list_(pa.int32(), 2), [[1, 2], [3, None]]),
        ("texts", pa.list_(pa.string()), [TEXTS, [], [None]]), ("large_list", pa.large_list(pa.large_string()), [TEXTS]),
        ("list_view", pa.list_view(pa.int32()), [[1, None], [], [7]]),
        ("large_list_view", pa.large_list_view(pa.list_view(pa.large_string())), [[TEXTS, None, []], []]),
        ("struct_view", pa.struct([("v", pa.list_view(pa.duration("us")))]), [{"v": [1, 2]}, {"v": None}, None]),
        ("map", pa.map_(pa.string(), pa.large_string()), [[("a", "b"), ("c", None)], []]),
        ("struct", pa.struct([("x", pa.large_string()), ("y", pa.duration("us")), ("z", pa.list_(pa.int8()))]),
         [{"x": "q", "y": 7, "z": [1]}, {"x": None, "y": None, "z": None}]),
    ]:
        made[name] = pa.array(cycle(values) if name != "pair" else [values[i % 2] for i in range(ROWS)], kind)
    for unit in ["ms", "us", "ns"]:
        made[f"local_{unit}"] = pa.array(cycle(TIMES), pa.timestamp(unit))
        made[f"utc_{unit}"] = pa.array(cycle(TIMES), pa.timestamp(unit, "UTC"))
        made[f"zone_{unit}"] = pa.array(cycle(TIMES), pa.timestamp(unit, "Europe/Oslo"))
        made[f"offset_{unit}"] = pa.array(cycle(TIMES), pa.timestamp(unit, "+07:30"))
    for digits, scale in [(1, 0), (9, 2), (18, 18), (19, 1), (38, 10), (39, 0), (50, 20), (76, 76)]:
        kind = pa.decimal128(digits, scale) if digits <= 38 else pa.decimal256(digits, scale)
        made[f"decimal_{digits}"] = pa.array(cycle(decimals(digits, scale)), kind)
    made["decimal32"] = pa.array(cycle(decimals(9, 2)), pa.decimal32(9, 2))
    made["decimal64"] = pa.array(cycle(decimals(18, 2)), pa.decimal64(18, 2))
    made["decimal256"] = pa.array(cycle(decimals(20, 2)), pa.decimal256(20, 2))
    for name, kind, values in [("codes8", pa.int8(), TEXTS), ("codes32", pa.int32(), TEXTS), ("codes_b", pa.int16(), BYTES)]:
        value_kind = pa.binary() if name == "codes_b" else pa.string()
        made[name] = pa.array(cycle(values), value_kind).dictionary_encode().cast(pa.dictionary(kind, value_kind))
    made["uuid"] = pa.ExtensionArray.from_storage(pa.uuid(), pa.array(cycle([bytes(range(16)), b"\xff" * 16]), pa.binary(16)))
    made["json"] = pa.ExtensionArray.from_storage(pa.json_(), pa.array(cycle(['{"a": 1}', "[]"]), pa.string()))
    made["bool8"] = pa.ExtensionArray.from_storage(pa.bool8(), pa.array(cycle([0, 1]), pa.int8()))
    return made


def same(ours, theirs, what):
    assert ours.schema.equals(theirs.schema, check_metadata=False), f"{what}:\n{ours.schema}\n-- pyarrow:\n{theirs.schema}"
    for name in theirs.column_names:
        left, right = ours[name].combine_chunks(), theirs[name].combine_chunks()
        if pa.types.is_dictionary(right.type):
            left, right = ours[name].cast(right.type.value_type), theirs[name].cast(right.type.value_type)
        assert left.to_pylist() == right.to_pylist() if not left.equals(right) else True, f"{what}: {name}"
    assert ours.num_rows == theirs.num_rows


def every_type(joist, folder):
    count = 0
    for name, values in columns().items():
        table = pa.table({name: values})
        for store in [True, False]:
            for dictionary in [True, False]:
                for version in ["1.0", "2.0"]:
                    path = os.path.join(folder, "types.parquet")
                    pq.write_table(table, path, store_schema=store, use_dictionary=dictionary,
                                   data_page_version=version, data_page_size=2000)
                    same(read(joist, path), pq.read_table(path), f"{name} store={store} dictionary={dictionary}")
                    count += 1
    return count


def without_the_arrow_schema(joist, folder):
    """The same file as one that has no such schema: as pyarrow reads what was written without it."""
    plain, stored = os.path.join(folder, "plain.parquet"), os.path.join(folder, "stored.parquet")
    for name, values in columns().items():
        table = pa.table({name: values})
        pq.write_table(table, plain, store_schema=False)
        pq.write_table(table, stored, store_schema=True)
        same(read(joist, stored, no_arrow_schema=True), pq.read_table(plain), f"{name} without its schema")


def metadata_of_fields(joist, folder):
    path = os.path.join(folder, "metadata.parquet")
    fields = [pa.field("a", pa.int64(), metadata={"k": "v"}), pa.field("b", pa.struct([pa.field("c", pa.string(), metadata={"x": "y"})]))]
    table = pa.table([pa.array([1]), pa.array([{"c": "d"}])], schema=pa.schema(fields, metadata={"owner": "me"}))
    pq.write_table(table, path)
    assert read(joist, path).schema.equals(pq.read_schema(path), check_metadata=True)


def text_forms(joist, folder):
    path = os.path.join(folder, "texts.parquet")
    long_texts = [f"{number:03d} {'x' * (number % 40)}" for number in range(3000)]
    table = pa.table({"t": TEXTS * 500, "l": [TEXTS] * 3000, "u": long_texts,
                      "s": pa.array([{"b": b"\0" * (i % 20)} for i in range(3000)])})
    for dictionary in [True, False]:
        pq.write_table(table, path, use_dictionary=dictionary, data_page_size=500, row_group_size=1100)
        for form, kinds in [("utf8", (pa.string(), pa.binary())), ("large", (pa.large_string(), pa.large_binary())),
                            ("view", (pa.string_view(), pa.binary_view()))]:
            for rows in [0, 7]:
                ours = read(joist, path, text=form, batch_rows=rows)
                assert ours.schema.field("t").type == kinds[0] and ours.schema.field("l").type.value_type == kinds[0]
                assert ours.schema.field("s").type.field("b").type == kinds[1]
                for name in table.column_names:
                    assert ours[name].to_pylist() == table[name].to_pylist(), (form, name)
            kept = read(joist, path, text=form, keep_dictionary=True)
            assert kept.schema.field("t").type == pa.dictionary(pa.int32(), kinds[0]), kept.schema
            for name in table.column_names:
                assert kept[name].to_pylist() == table[name].to_pylist(), (form, name, "codes")


def int96(joist, folder):
    path = os.path.join(folder, "int96.parquet")
    table = pa.table({"t": pa.array(cycle(TIMES), pa.timestamp("us")), "l": pa.array([[1, None, -10**15]] * ROWS, pa.list_(pa.timestamp("us")))})
    pq.write_table(table, path, use_deprecated_int96_timestamps=True)
    for number, unit in enumerate(["ns", "us", "ms"]):
        same(read(joist, path, int96_unit=number, no_arrow_schema=True),
             pq.read_table(path, coerce_int96_timestamp_unit=unit), f"int96 {unit}")
    far = pa.table({"t": pa.array([datetime.datetime(9999, 12, 31)], pa.timestamp("us"))})
    pq.write_table(far, path, use_deprecated_int96_timestamps=True)
    assert read(joist, path, int96_unit=1)["t"].to_pylist() == far["t"].to_pylist()
    try:
        read(joist, path)
        raise AssertionError("a timestamp of the year 9999 in nanoseconds")
    except (JoistError, OSError, pa.ArrowException) as error:
        assert "column 't'" in str(error), error


def parts_of_columns(joist, folder):
    path = os.path.join(folder, "parts.parquet")
    inner = pa.struct([pa.field("p", pa.int32()), pa.field("q", pa.list_(pa.struct([("m", pa.string()), ("n", pa.int8())])))])
    rows = [{"p": i, "q": [{"m": str(i), "n": i % 100}] * (i % 3)} if i % 5 else None for i in range(ROWS)]
    table = pa.table({"s": pa.array(rows, inner), "k": pa.array(range(ROWS)),
                      "w": pa.array([[("a", {"v": i, "u": "t"})] for i in range(ROWS)],
                                    pa.map_(pa.string(), pa.struct([("v", pa.int32()), ("u", pa.string())])))})
    pq.write_table(table, path, data_page_size=700)
    for wanted in [["s.p"], ["s.q"], ["s.q.list.element.m"], ["s.q.list.element.n", "k"], ["s.p", "s.q.list.element.m"]]:
        same(read(joist, path, columns=wanted), pq.ParquetFile(path).read(columns=wanted).select(
            list(dict.fromkeys(name.split(".")[0] for name in wanted))), wanted)
    ours = read(joist, path, columns=["s.q.element.m", "k"])
    assert ours.schema.field("s").type == pa.struct([("q", pa.list_(pa.field("element", pa.struct([("m", pa.string())]))))])
    assert ours.column_names == ["s", "k"]
    values = read(joist, path, columns=["w.key_value.value.v"])["w"].to_pylist()
    assert values == [[("a", {"v": i})] for i in range(ROWS)], values[:3]
    keys = read(joist, path, columns=["w.key_value.key"])
    assert keys["w"].to_pylist() == table["w"].to_pylist()
    for missing in ["s.z", "s.q.list", "z", "k.", ".", ""]:
        try:
            found = read(joist, path, columns=[missing])
            assert missing == "s.q.list", f"'{missing}' found: {found.schema}"
        except JoistError as error:
            assert error.status == "NOT_FOUND", error


def by_field_id(joist, folder):
    path = os.path.join(folder, "ids.parquet")
    field = lambda name, kind, number: pa.field(name, kind, metadata={"PARQUET:field_id": str(number)})
    struct = pa.struct([field("x", pa.int32(), 4), field("y", pa.string(), 5)])
    schema = pa.schema([field("a", pa.int64(), 1), field("s", struct, 2), field("l", pa.list_(field("element", struct, 6)), 3)])
    table = pa.table([pa.array([1, 2]), pa.array([{"x": 1, "y": "a"}, None], struct),
                      pa.array([[{"x": 3, "y": "b"}], []], pa.list_(field("element", struct, 6)))], schema=schema)
    pq.write_table(table, path)
    assert read(joist, path, field_ids=[3, 1]).column_names == ["l", "a"]
    assert read(joist, path, field_ids=[5])["s"].to_pylist() == [{"y": "a"}, None]
    assert read(joist, path, field_ids=[2, 1]).to_pylist() == table.select(["s", "a"]).to_pylist()
    try:
        read(joist, path, field_ids=[99])
        raise AssertionError("field id 99 found")
    except JoistError as error:
        assert error.status == "NOT_FOUND", error


def main():
    joist = Joist(memory_bytes_max=256 << 20, threads=2)
    with tempfile.TemporaryDirectory() as folder:
        count = every_type(joist, folder)
        for check in [without_the_arrow_schema, metadata_of_fields, text_forms, int96, parts_of_columns, by_field_id]:
            check(joist, folder)
    joist.close()
    print(f"parquet_types: {count} files, all equal")


if __name__ == "__main__":
    main()
