"""Arrow over the C interfaces: every type that pyarrow lays out goes in and comes back as the same rows.

One direction: pyarrow -> stream -> joist_show as NDJSON, held against pyarrow's own values. The other:
joist_builder -> stream -> pyarrow, held against the values that were built. Nothing but the library
is loaded, by ctypes.
"""
import ctypes
import datetime
import decimal
import json
import random
import struct
import sys
import uuid

import pyarrow as pa

from joist_library import Joist, JoistError, ShowOptions, lent

ROWS = 1000


class SinkOps(ctypes.Structure):
    _fields_ = [
        ("struct_size", ctypes.c_size_t),
        ("append", ctypes.CFUNCTYPE(
            ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(ctypes.c_char), ctypes.c_size_t, ctypes.c_void_p)),
        ("commit", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)),
        ("abort", ctypes.CFUNCTYPE(None, ctypes.c_void_p)),
    ]


class Sink(ctypes.Structure):
    _fields_ = [("ops", ctypes.POINTER(SinkOps)), ("self", ctypes.c_void_p)]


def show(joist, table):
    """The rows of a pyarrow table as joist reads them, one object a row."""
    out = bytearray()

    def append(_self, data, size, _err):
        out.extend(ctypes.string_at(data, size))
        return 0

    ops = SinkOps(ctypes.sizeof(SinkOps), SinkOps._fields_[1][1](append), SinkOps._fields_[2][1](lambda *_: 0),
                  SinkOps._fields_[3][1](lambda *_: None))
    options = ShowOptions(ctypes.sizeof(ShowOptions), 2, 0, 0)
    count = ctypes.c_uint64()
    with lent(table.to_reader(max_chunksize=333)) as stream:
        joist.call("joist_show", joist.ctx, ctypes.byref(stream), Sink(ctypes.pointer(ops), None),
                   ctypes.byref(options), ctypes.byref(count))
    assert count.value == table.num_rows
    return [json.loads(line, parse_float=str, parse_int=str) for line in out.decode().splitlines()]


def expected(value, kind):
    """A Python value as the JSON that joist prints for its type."""
    if value is None:
        return None
    if pa.types.is_dictionary(kind):
        return expected(value, kind.value_type)
    if pa.types.is_boolean(kind):
        return value
    if pa.types.is_integer(kind):
        return str(value)
    if pa.types.is_decimal(kind):
        return format(value, "f")
    if pa.types.is_floating(kind):
        return ("double" if kind == pa.float64() else "float", float(value))
    if pa.types.is_date(kind):
        return str(value)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return value
    if pa.types.is_time(kind):
        return ("time", value)
    if pa.types.is_timestamp(kind):
        return ("timestamp", value)
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).hex()
    if pa.types.is_struct(kind):
        return {field.name: expected(value[field.name], field.type) for field in kind}
    if pa.types.is_map(kind):
        return [{"key": expected(k, kind.key_type), "value": expected(v, kind.item_type)} for k, v in value]
    return [expected(item, kind.value_type) for item in value]


def same(shown, wanted):
    if isinstance(wanted, tuple):
        kind, value = wanted
        if kind in ("double", "float"):
            number = float(shown)
            if kind == "float":
                number = struct.unpack("f", struct.pack("f", number))[0]
            return number == value or (number != number and value != value)
        if kind == "time":
            return datetime.time.fromisoformat(shown) == value
        text = shown.replace("Z", "+00:00")
        if "." in text and len(text.split(".")[1].split("+")[0]) == 9:
            text = text.replace(text.split(".")[1].split("+")[0], text.split(".")[1][:6])
        got = datetime.datetime.fromisoformat(text)
        if value.tzinfo is not None:
            return got == value.astimezone(datetime.timezone.utc)
        return got == value.replace(tzinfo=None)
    if isinstance(wanted, list):
        return isinstance(shown, list) and len(shown) == len(wanted) and all(map(same, shown, wanted))
    if isinstance(wanted, dict):
        return shown.keys() == wanted.keys() and all(same(shown[key], wanted[key]) for key in wanted)
    return shown == wanted


def some(rng, make, nulls=0.2):
    return [None if rng.random() < nulls else make() for _ in range(ROWS)]


def columns(rng):
    """Name -> array: each layout that Arrow has for the types that we read."""
    word = lambda: "".join(rng.choice("abcdé木🙂") for _ in range(rng.randrange(0, 20)))
    blob = lambda: rng.randbytes(rng.randrange(0, 30))
    stamp = lambda: datetime.datetime(1970, 1, 1) + datetime.timedelta(
        microseconds=rng.randrange(-10**15, 4 * 10**15))
    found = {}
    for bits in (8, 16, 32, 64):
        signed = getattr(pa, f"int{bits}")()
        found[f"int{bits}"] = pa.array(
            some(rng, lambda: rng.randrange(-2 ** (bits - 1), 2 ** (bits - 1))), signed)
        found[f"uint{bits}"] = pa.array(some(rng, lambda: rng.randrange(2**bits)), getattr(pa, f"uint{bits}")())
    for kind in (pa.float16(), pa.float32(), pa.float64()):
        values = some(rng, lambda: rng.uniform(-100, 100))
        found[str(kind)] = pa.array(values, pa.float64()).cast(kind, safe=False)
    found["special"] = pa.array(
        [float("nan"), float("inf"), -float("inf"), -0.0, 5e-324, 1.7976931348623157e308] * (ROWS // 6)
        + [None] * (ROWS % 6), pa.float64())
    found["null"] = pa.nulls(ROWS)
    found["bool"] = pa.array(some(rng, lambda: rng.random() < 0.5))
    for kind in (pa.decimal32(7, 2), pa.decimal64(18, 6), pa.decimal128(15, 2), pa.decimal128(38, 10),
                 pa.decimal256(38, 5)):
        digits = kind.precision
        make = lambda: decimal.Decimal(rng.randrange(-10**digits + 1, 10**digits)).scaleb(
            -kind.scale, decimal.Context(prec=76))
        found[str(kind)] = pa.array(some(rng, make), kind)
    day = lambda: datetime.date(1970, 1, 1) + datetime.timedelta(days=rng.randrange(-30000, 60000))
    found["date32"] = pa.array(some(rng, day), pa.date32())
    found["date64"] = pa.array(some(rng, day), pa.date64())
    clock = lambda unit: (datetime.datetime.min + datetime.timedelta(
        microseconds=rng.randrange(86400 * 10**6) // unit * unit)).time()
    found["time_s"] = pa.array(some(rng, lambda: clock(10**6)), pa.time32("s"))
    found["time_ms"] = pa.array(some(rng, lambda: clock(1000)), pa.time32("ms"))
    found["time_us"] = pa.array(some(rng, lambda: clock(1)), pa.time64("us"))
    found["time_ns"] = pa.array(some(rng, lambda: clock(1)), pa.time64("us")).cast(pa.time64("ns"))
    for unit, step in (("s", 10**6), ("ms", 1000), ("us", 1), ("ns", 1)):
        for zone in (None, "UTC", "Europe/Oslo"):
            values = some(rng, lambda: stamp())
            values = [v and v - datetime.timedelta(microseconds=int(v.microsecond % step)) for v in values]
            found[f"timestamp_{unit}_{zone}"] = pa.array(values, pa.timestamp("us")).cast(
                pa.timestamp(unit)).cast(pa.timestamp(unit, zone))
    for kind in (pa.string(), pa.large_string(), pa.string_view()):
        found[str(kind)] = pa.array(some(rng, word), kind)
    for kind in (pa.binary(), pa.large_binary(), pa.binary_view()):
        found[str(kind)] = pa.array(some(rng, blob), kind)
    found["fixed"] = pa.array(some(rng, lambda: rng.randbytes(5)), pa.binary(5))
    words = pa.array([word() for _ in range(20)] + [None])
    for index in (pa.int8(), pa.uint8(), pa.int16(), pa.uint16(), pa.int32(), pa.uint32(), pa.int64(), pa.uint64()):
        codes = pa.array(some(rng, lambda: rng.randrange(21)), index)
        found[f"dictionary_{index}"] = pa.DictionaryArray.from_arrays(codes, words)
    found["dictionary_long"] = pa.array(some(rng, lambda: rng.randrange(5)), pa.int64()).dictionary_encode()
    ints = lambda: [rng.choice([None, rng.randrange(99)]) for _ in range(rng.randrange(5))]
    found["list"] = pa.array(some(rng, ints), pa.list_(pa.int32()))
    found["large_list"] = pa.array(some(rng, lambda: [word() for _ in range(rng.randrange(4))]),
                                   pa.large_list(pa.large_string()))
    found["fixed_list"] = pa.array(some(rng, lambda: [rng.randrange(9) for _ in range(3)]), pa.list_(pa.int64(), 3))
    found["map"] = pa.array(some(rng, lambda: [(word(), i) for i in range(rng.randrange(3))]),
                            pa.map_(pa.string(), pa.int64()))
    inner = pa.struct([pa.field("x", pa.int64(), nullable=False), pa.field("y", pa.list_(pa.string()))])
    found["struct"] = pa.array(some(rng, lambda: {"x": rng.randrange(9), "y": [word()]}), inner)
    # What stands beneath a null struct says nothing: pyarrow has code 0 there, and dictionaries of nothing.
    coded = pa.struct([("c", pa.dictionary(pa.int8(), pa.string()))])
    found["hidden"] = pa.array([None] * ROWS, pa.struct([("s", coded), ("d", coded.field(0).type)]))
    assert found["hidden"].field(1).null_count == 0 and len(found["hidden"].field(1).dictionary) == 0
    found["deep"] = pa.array(some(rng, lambda: [{"x": 1, "y": None}, None]), pa.list_(inner))
    return found


def rows_go_in():
    rng = random.Random(20261121)
    joist = Joist(memory_bytes_max=512 << 20)
    found = columns(rng)
    for name, array in found.items():
        for start, stop in ((0, ROWS), (13, ROWS - 7), (8, 8)):
            piece = array[start:stop]
            table = pa.table({name: piece})
            shown = show(joist, table)
            for row, (line, value) in enumerate(zip(shown, piece.to_pylist(), strict=True)):
                wanted = expected(value, array.type)
                assert same(line[name], wanted), f"{name}[{start}+{row}]: {line[name]!r}, not {wanted!r}"
    table = pa.table(found).slice(5, 900)
    assert len(show(joist, table)) == 900
    joist.close()
    print(f"{len(found)} layouts read as pyarrow reads them")


def told():
    """Types that the engine does not compute with are told as what they are."""
    joist = Joist()
    rows = show(joist, pa.table({
        "duration": pa.array([7, None], pa.duration("s")),
        "interval": pa.array([(14, 2, 3 * 10**9), None], pa.month_day_nano_interval()),
        "decimal": pa.array([decimal.Decimal("1.50"), None], pa.decimal256(60, 2)),
    }))
    joist.close()
    assert rows == [{"duration": "7", "interval": "P14M2DT3S", "decimal": "1.50"}, dict.fromkeys(rows[0])], rows


def refused():
    joist = Joist(memory_bytes_max=512 << 20)
    bad = {
        "run": pa.RunEndEncodedArray.from_arrays([2], [1]),
        "negative scale": pa.array([decimal.Decimal(100)], pa.decimal128(5, -2)),
        "utf8": pa.Array.from_buffers(
            pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\1\0\0\0"), pa.py_buffer(b"\xff")]),
        "offsets": pa.Array.from_buffers(
            pa.string(), 2, [None, pa.py_buffer(b"\0\0\0\0\2\0\0\0\1\0\0\0"), pa.py_buffer(b"ab")]),
        "digits": pa.Array.from_buffers(pa.decimal128(3, 0), 1, [None, pa.py_buffer((1000).to_bytes(16, "little"))]),
        "date64": pa.Array.from_buffers(pa.date64(), 1, [None, pa.py_buffer((5).to_bytes(8, "little"))]),
        "code": pa.DictionaryArray.from_arrays(pa.array([5], pa.int8()), pa.array(["a"]), safe=False),
    }
    bad["code 5"] = pa.StructArray.from_arrays([bad["code"]], ["s"])
    for name, array in bad.items():
        try:
            show(joist, pa.table({name: array}))
        except JoistError as error:
            assert name in str(error), f"{name}: {error}"
        else:
            raise AssertionError(f"{name} was read")
    schema = pa.schema([pa.field("a", pa.int64(), nullable=False)])
    try:
        show(joist, pa.Table.from_arrays([pa.array([1, None, 3])], schema=schema))
        raise AssertionError("a null in a required column was read")
    except JoistError as error:
        assert "row 2" in str(error), error
    joist.close()
    print(f"{len(bad) + 1} bad arrays refused")


def rows_come_out():
    """Rows by joist_builder, read by pyarrow after builder and context are gone."""
    joist = Joist(memory_bytes_max=512 << 20)
    builder = ctypes.c_void_p()
    text = (b"a boolean, b int required, c long, d float, e double, f decimal(9,2), g decimal(30,3), h date,"
            b" i time, j timestamp, k timestamptz, l string, m uuid, n fixed(3), o binary, p list<string>,"
            b" q map<string, int>, r struct<x int required, y timestamptz>")
    joist.call("joist_builder_open", joist.ctx, text, ctypes.byref(builder))

    def put(value):
        joist.call("joist_builder_text", builder, value, ctypes.c_size_t(len(value)))

    texts = [b"true", b"7", b"-9", b"0.5", b"1e300", b"12.50", b"-3.125", b"2026-11-21", b"23:59:59.000001",
             b"2026-11-21T10:00:00.5", b"2026-11-21T10:00:00Z", "tøy".encode(),
             b"8c5a4c9e-0f1b-4f0e-9c1d-2b9a7f4e3d21", b"00ff10", b"dead"]
    for row in range(70000):
        for position, value in enumerate(texts):
            if row % 3 == 1 and position != 1:
                joist.call("joist_builder_null", builder)
            else:
                put(value)
        for values in ([b"x", b"y"], [b"k", b"1"], [b"5", b"2026-01-01T00:00:00Z"]):
            joist.call("joist_builder_begin", builder)
            for value in values:
                put(value)
            joist.call("joist_builder_end", builder)
        joist.call("joist_builder_end_row", builder)
    reader = joist.rows("joist_builder_take", builder)
    joist.library.joist_builder_close(builder)
    joist.close()
    table = reader.read_all()
    table.validate(full=True)
    assert table.num_rows == 70000
    assert max(batch.num_rows for batch in table.to_batches()) <= 65536
    first = table.slice(0, 1).to_pylist()[0]
    utc = datetime.timezone.utc
    assert first["f"] == decimal.Decimal("12.50") and first["g"] == decimal.Decimal("-3.125")
    assert first["h"] == datetime.date(2026, 11, 21) and first["i"] == datetime.time(23, 59, 59, 1)
    assert first["j"] == datetime.datetime(2026, 11, 21, 10, 0, 0, 500000)
    assert first["k"] == datetime.datetime(2026, 11, 21, 10, tzinfo=utc), first["k"]
    assert first["m"] == uuid.UUID("8c5a4c9e-0f1b-4f0e-9c1d-2b9a7f4e3d21"), first["m"]
    assert first["l"] == "tøy" and first["n"] == b"\x00\xff\x10" and first["o"] == b"\xde\xad"
    assert first["p"] == ["x", "y"] and first["q"] == [("k", 1)]
    assert first["r"] == {"x": 5, "y": datetime.datetime(2026, 1, 1, tzinfo=utc)}
    for name in table.column_names:
        nulls = 0 if name in "bpqr" else 23333
        assert table[name].null_count == nulls, (name, table[name].null_count)
    assert not table.schema.field("b").nullable and table.schema.field("a").nullable
    assert table.schema.field("k").type == pa.timestamp("us", "UTC")
    print("70000 rows of 18 types came out as they went in")


rows_go_in()
told()
refused()
rows_come_out()
sys.exit(0)
