"""random_files - Parquet files of random schemas, values and settings, by pyarrow and DuckDB

    for number in range(count): what, path = make_file(random.Random(f"{seed}-{number}"), folder)

Types of every kind, nested to depth 4, with and without nulls, small and large domains; every encoding that the writer has for
a type, every codec, both kinds of page, pages of some bytes to some hundred rows, groups of some rows. A file depends on its
own number alone, so that one that fails can be made again.
"""
import datetime
import decimal
import math
import os

import pyarrow as pa
import pyarrow.parquet as pq

CODECS = ["none", "snappy", "gzip", "brotli", "zstd", "lz4"]
TEXTS = ["", "oak", "Eiche \u00e4", "\u6a2b\u6728", "larch, spruce and fir", "x" * 13, "\U0001f332" * 5, "y" * 300]


def _integer(rng, bits, signed):
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    style = rng.random()
    if style < 0.3:
        return lambda: rng.randint(low, high)
    if style < 0.6:
        return lambda: rng.randint(max(low, -5), min(high, 40))
    state = [rng.randint(low // 4, high // 4)]
    step = max(1, min(1000, high // 1000))

    def rising():
        state[0] = min(high, state[0] + rng.randint(0, step))
        return state[0]
    return rising


def _decimal(rng, precision, scale):
    context = decimal.Context(prec=80)
    digits = precision if rng.random() < 0.5 else max(1, precision - 3)
    return lambda: context.scaleb(decimal.Decimal(rng.randint(-(10**digits) + 1, 10**digits - 1)), -scale)


def _real(rng):
    return lambda: rng.choice([rng.uniform(-1e9, 1e9), round(rng.uniform(0, 100), 2), math.inf, -math.inf, -0.0, 0.0,
                               math.nan, 1e-300, 5e-324])


def _single(rng):
    return lambda: rng.choice([rng.randint(-1000, 1000) / 8, math.nan, -0.0, math.inf, 2.0**-140])


def _text(rng):
    return lambda: rng.choice(TEXTS) if rng.random() < 0.5 else f"{rng.choice(TEXTS)}{rng.randint(0, 10**6)}"


def _bytes(rng, size=None):
    return lambda: rng.randbytes(rng.randint(0, 30) if size is None else size)


def _number_in(rng, low, high):
    return lambda: rng.randint(low, high)


def _timestamp(rng, encodings):
    """Within what nanoseconds can say: INT96 becomes those."""
    unit = rng.choice(["ms", "us", "ns"])
    most = {"ms": 9 * 10**12, "us": 9 * 10**15, "ns": 9 * 10**18}[unit]
    return pa.timestamp(unit, rng.choice([None, "UTC", "Europe/Oslo"])), _number_in(rng, -most, most), encodings


def scalar(rng):
    """A type, what makes a value of it, and the encodings that the writer has for it."""
    ints = ["PLAIN", "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"]
    texts = ["PLAIN", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"]
    fixed = ["PLAIN", "DELTA_BYTE_ARRAY", "BYTE_STREAM_SPLIT"]
    reals = ["PLAIN", "BYTE_STREAM_SPLIT"]
    wide = rng.randint(1, 38)
    width = rng.choice([1, 2, 5, 7, 12, 16, 33])
    choices = [
        lambda: (pa.bool_(), lambda: rng.random() < 0.3, ["PLAIN", "RLE"]),
        lambda: (pa.int8(), _integer(rng, 8, True), ints),
        lambda: (pa.int16(), _integer(rng, 16, True), ints),
        lambda: (pa.int32(), _integer(rng, 32, True), ints),
        lambda: (pa.int64(), _integer(rng, 64, True), ints),
        lambda: (pa.uint8(), _integer(rng, 8, False), ints),
        lambda: (pa.uint16(), _integer(rng, 16, False), ints),
        lambda: (pa.uint32(), _integer(rng, 32, False), ints),
        lambda: (pa.uint64(), _integer(rng, 64, False), ints),
        lambda: (pa.float32(), _single(rng), reals),
        lambda: (pa.float64(), _real(rng), reals),
        lambda: (pa.decimal128(wide, rng.randint(0, wide)), None, []),
        lambda: (pa.decimal256(rng.randint(39, 76), 10), None, []),
        lambda: (pa.date32(), _number_in(rng, -700000, 2000000), ints),
        lambda: (pa.time32("ms"), _number_in(rng, 0, 86399999), ints),
        lambda: (pa.time64("us"), _number_in(rng, 0, 86399999999), ints),
        lambda: (pa.time64("ns"), _number_in(rng, 0, 86399999999999), ints),
        lambda: _timestamp(rng, ints),
        lambda: (pa.duration(rng.choice(["s", "ms", "us", "ns"])), _number_in(rng, -(10**12), 10**12), ints),
        lambda: (pa.string(), _text(rng), texts),
        lambda: (pa.large_string(), _text(rng), texts),
        lambda: (pa.string_view(), _text(rng), texts),
        lambda: (pa.binary(), _bytes(rng), texts),
        lambda: (pa.large_binary(), _bytes(rng), texts),
        lambda: (pa.binary(width), _bytes(rng, width), fixed),
        lambda: (pa.dictionary(pa.int32(), pa.string()), _text(rng), []),
        lambda: (pa.null(), lambda: None, []),
    ]
    kind, make, encodings = rng.choice(choices)()
    if pa.types.is_decimal(kind):
        make = _decimal(rng, kind.precision, kind.scale)
    return kind, make, encodings


def nested(rng, depth, path, leaves):
    """A type of at most this depth and what makes a value of it; its leaves' paths and encodings go to `leaves`."""
    style = rng.random()
    if depth == 0 or style < 0.4:
        kind, make, encodings = scalar(rng)
        leaves.append((path, encodings))
        return kind, make
    if style < 0.65:
        inner, make = nested(rng, depth - 1, f"{path}.list.element", leaves)
        nulls = rng.choice([0, 0.3])
        field = pa.field("element", inner, nullable=nulls > 0 or pa.types.is_null(inner))
        shape = rng.choice([pa.list_, pa.list_, pa.large_list])
        sizes = rng.choice([[0, 0, 1, 2, 5], [1], [0, 30]])
        return shape(field), lambda: [None if rng.random() < nulls else make() for _ in range(rng.choice(sizes))]
    if style < 0.78:
        leaves.append((f"{path}.key_value.key", ["PLAIN"]))
        inner, make = nested(rng, depth - 1, f"{path}.key_value.value", leaves)
        return pa.map_(pa.string(), inner), lambda: [
            (f"k{index}", None if rng.random() < 0.2 else make()) for index in range(rng.choice([0, 1, 3]))]
    parts = [nested(rng, depth - 1, f"{path}.f{index}", leaves) for index in range(rng.randint(1, 3))]
    fields = [pa.field(f"f{index}", part[0], nullable=pa.types.is_null(part[0]) or rng.random() < 0.7)
              for index, part in enumerate(parts)]
    return pa.struct(fields), lambda: {
        field.name: None if field.nullable and rng.random() < 0.25 else part[1]() for field, part in zip(fields, parts)}


def table(rng):
    """A random table, and the encodings that each of its leaves may have."""
    rows = rng.choice([0, 1, 7, 100, 300, 300, 1000])
    depth = rng.choice([0, 0, 0, 1, 2, 4])
    arrays, fields, leaves = [], [], []
    for index in range(rng.randint(1, 5)):
        kind, make = nested(rng, depth, f"c{index}", leaves)
        nulls = rng.choice([0, 0, 0.1, 0.9, 1])
        distinct = rng.choice([0, 1, 3, 40])
        pool = [make() for _ in range(distinct)]
        values = [None if rng.random() < nulls else rng.choice(pool) if pool else make() for _ in range(rows)]
        nullable = nulls > 0 or pa.types.is_null(kind) or rng.random() < 0.5
        fields.append(pa.field(f"c{index}", kind, nullable=nullable))
        arrays.append(pa.array(values, kind))
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields)), leaves


def settings(rng, leaves):
    """Settings of pq.write_table."""
    chosen = {
        "compression": rng.choice(CODECS),
        "version": rng.choice(["1.0", "2.4", "2.6", "2.6"]),
        "data_page_version": rng.choice(["1.0", "2.0"]),
        "data_page_size": rng.choice([100, 2000, 1 << 20]),
        "write_batch_size": rng.choice([5, 64, 1024]),
        "row_group_size": rng.choice([50, 700, 1 << 20]),
        "write_page_index": rng.random() < 0.5,
        "write_page_checksum": rng.random() < 0.5,
        "write_statistics": rng.random() < 0.9,
        "store_schema": rng.random() < 0.5,
        "dictionary_pagesize_limit": rng.choice([64, 1000, 1 << 20]),
        "store_decimal_as_integer": rng.random() < 0.5,
        "use_compliant_nested_type": True,
    }
    if rng.random() < 0.1:
        chosen["use_deprecated_int96_timestamps"] = True
    if rng.random() < 0.5 or "use_deprecated_int96_timestamps" in chosen:
        chosen["use_dictionary"] = rng.random() < 0.7
        return chosen
    plain = {path: rng.choice(encodings) for path, encodings in leaves if encodings and rng.random() < 0.9}
    chosen["use_dictionary"] = False
    if plain:
        chosen["column_encoding"] = plain
    return chosen


def by_pyarrow(rng, path):
    made, leaves = table(rng)
    chosen = settings(rng, leaves)
    if "string_view" in str(made.schema):
        chosen["row_group_size"] = 1 << 20  # pyarrow cannot slice views
    if "ns" in str(made.schema) and chosen["version"] != "2.6":
        chosen.update(coerce_timestamps="us", allow_truncated_timestamps=True)
    try:
        pq.write_table(made, path, **chosen)
    except (pa.ArrowIndexError, pa.ArrowNotImplementedError):  # dictionaries of nothing in lists, views in small pages
        made = made.select([name for name in made.column_names
                            if not any(word in str(made.schema.field(name).type) for word in ("dictionary", "view"))])
        chosen.pop("column_encoding", None)
        if made.num_columns == 0:
            made = pa.table({"c0": pa.array([1, None, 3])})
        pq.write_table(made, path, **chosen)
    return f"pyarrow {chosen} {made.schema.to_string(truncate_metadata=True)}"


def by_duckdb(rng, path, connection):
    rows = rng.choice([0, 1, 100, 3000])
    holes = rng.choice([1, 2, 10, 1000000])
    columns = {
        "small": "(i % 7)::tinyint", "unsigned": "(i * 3)::uinteger", "number": "i * 1000003",
        "real": "i / 8.0", "single": "(i / 16)::float", "money": "(i * 1.25)::decimal(15, 2)", "wide": "i::decimal(38, 5)",
        "narrow": "(i % 100)::decimal(4, 1)", "day": "date '2020-01-01' + (i % 900)::int",
        "moment": "timestamp '2021-01-01' + interval (i) second", "zoned": "timestamptz '2021-01-01 00:00:00+00' + interval (i) second",
        "clock": "time '01:02:03.456'", "flag": "i % 3 = 0", "text": "'v' || (i % 40)", "long": "repeat('z', (i % 50)::int)",
        "bytes": "('b' || i)::blob", "list": "[i, null, i + 1]", "nested": "{'a': i, 'b': [['x', null], []]}",
        "pairs": "map {'k': i}", "id": "md5(i::varchar)::uuid", "nothing": "null::int", "word": "('e' || i % 3)",
        "span": "interval (i) day",
    }
    chosen = rng.sample(sorted(columns), rng.randint(1, 8))
    select = ", ".join(f"case when i % {holes} = 1 then null else {columns[name]} end as {name}" for name in chosen)
    form = f"format parquet, compression {rng.choice(['uncompressed', 'snappy', 'zstd', 'gzip', 'brotli', 'lz4_raw'])}, " \
           f"row_group_size {rng.choice([2048, 122880])}, parquet_version '{rng.choice(['v1', 'v2'])}'"
    connection.sql(f"copy (select {select} from range({rows}) t(i)) to '{path}' ({form})")
    return f"DuckDB {form}: {select}"


def make_file(rng, folder, connection):
    """Writes one file; says what it is, and where."""
    path = os.path.join(folder, "random.parquet")
    if rng.random() < 0.12:
        return by_duckdb(rng, path, connection), path
    return by_pyarrow(rng, path), path
