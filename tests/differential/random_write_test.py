"""Random tables, written by us with random options: all who read such files, and we, read them back the same.

    JOIST_SEED chooses the files, JOIST_FILES how many (1,000), JOIST_FILE=N takes the N-th alone

`v1` is read by pyarrow, DuckDB, Polars, fastparquet and hyparquet, `wide` by the first three, `new` by pyarrow. The tables are
those of the reader's test. `joist check` finds nothing in any file. Each third is read once more by tests/support/slow_parquet.py,
which shares no code with anyone, and everything that the file says of its values is held against them.
"""
import ctypes
import os
import random
import subprocess
import sys
import tempfile

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(1, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support"))

import node_place
import peer_rows
import polars_rows
import random_files
import slow_check
import slow_parquet
from joist_library import COMPATS, ENCODINGS, ColumnOptions, Joist
from table_parts import compare, flat, leaf_values, whole

LEVELS = {"zstd": [0, 1, 3, 12], "gzip": [0, 1, 9], "brotli": [0, 1, 7]}
BLOOM_OFF, BLOOM_ON, BLOOM_AUTO = 1, 2, 3
SLOW_RATE = 0.34
# Files of a row a group take the slow ones seconds.
GROUPS_MAX = 64
# What a peer has no type for: words in the text of a column's type.
NOT_DUCKDB = ("decimal256", "time64[ns]", "timestamp[ns, tz", "null")
NOT_POLARS = ("decimal256", "null")


class Checked(ctypes.Structure):
    """joist_parquet_checked"""

    _fields_ = [("struct_size", ctypes.c_size_t)] + [
        (name, ctypes.c_uint64) for name in ("faults", "unverified", "notes", "told", "pages", "values")]


def settings(rng, leaves):
    """Options for write_parquet; an encoding that is asked for may need readers that know it."""
    codec = rng.choice(["default", "none", "snappy", "gzip", "brotli", "zstd", "lz4_raw"])
    chosen = {
        "codec": codec,
        "codec_level": rng.choice(LEVELS.get(codec, [0])),
        "compat": COMPATS[rng.choice(["v1", "v1", "wide", "wide", "new"])],
        "row_group_rows_max": rng.choice([0, 0, 1, 50, 333]),
        "row_group_bytes_max": rng.choice([0, 0, 0, 3000]),
        "page_rows_max": rng.choice([0, 0, 1, 7, 64, 500]),
        "page_bytes_max": rng.choice([0, 0, 100, 2000]),
        "no_dictionary": rng.random() < 0.2,
        "no_statistics": rng.random() < 0.1,
        "no_page_index": rng.random() < 0.1,
        "no_crc": rng.random() < 0.1,
        "bloom": rng.choice([0, 0, BLOOM_ON, BLOOM_AUTO]),
        "bloom_rate": rng.choice([0, 0.05, 0.001]),
        "bound_bytes_max": rng.choice([0, 0, 1, 4, 16]),
        "no_arrow_schema": rng.random() < 0.3,
    }
    if rng.random() < 0.3:
        chosen["compat"] = COMPATS["new"]
        columns = []
        for path, encodings in leaves:
            kinds = encodings + ["RLE_DICTIONARY"] if "RLE" not in encodings else encodings
            asked = ENCODINGS[rng.choice(kinds)] if rng.random() < 0.7 else 0
            columns.append(ColumnOptions(ctypes.sizeof(ColumnOptions), path.encode(), asked, False,
                                         rng.choice([0, BLOOM_OFF, BLOOM_AUTO]), 0))
        chosen["columns"], chosen["column_count"] = (ColumnOptions * len(columns))(*columns), len(columns)
    else:
        chosen["int96"] = rng.random() < 0.1
    return {name: value for name, value in chosen.items() if value}


def facts_of(table, start, count):
    """By leaf: its type, entries and values in these rows."""
    found = {}
    for name in table.column_names:
        array = whole(table[name].unify_dictionaries().slice(start, count))
        for path, kind, entries, values in leaf_values(array, name):
            found[path] = kind, entries, values
    return found


def plain_values(values, kind, leaf):
    """As slow_parquet has them: the bytes of each in PLAIN."""
    if pa.types.is_null(kind):
        return []
    if pa.types.is_boolean(kind):
        return [bytes([value]) for value in values.to_pylist()]
    if pa.types.is_decimal(kind):
        context, order = random_files.decimal.Context(prec=80), "little" if leaf.physical in (1, 2) else "big"
        numbers = [int(value.scaleb(kind.scale, context)) for value in values.to_pylist()]
        return [number.to_bytes(leaf.width, order, signed=True) for number in numbers]
    made = flat(values, kind)
    if leaf.width is None or leaf.physical == slow_parquet.FIXED:
        return made.to_pylist()
    if made.type.bit_width < 32:
        made = made.cast(pa.int32())
    data = made.to_numpy(zero_copy_only=False).tobytes()
    return [data[at:at + leaf.width] for at in range(0, len(data), leaf.width)]


def check_slowly(path, table, options):
    """Each chunk's values, and all that the file says of them."""
    start, group, facts = 0, None, {}
    names = {number: name for name, number in COMPATS.items()}
    for chunk in slow_check.check(path, names[options["compat"]], "no_statistics" not in options, "no_page_index" not in options,
                                  "no_crc" not in options, options.get("bound_bytes_max", slow_check.BOUND_BYTES)):
        if chunk.group is not group:
            start += group[3] if group else 0
            group = chunk.group
            assert group[3] <= options.get("row_group_rows_max", 1 << 20), f"a group of {group[3]} rows"
            facts = facts_of(table, start, group[3])
        kind, entries, values = facts[".".join(chunk.leaf.path)]
        found, wanted = chunk.values, plain_values(values, kind, chunk.leaf)
        what = f"rows from {start}: {'.'.join(chunk.leaf.path)}"
        assert chunk.metadata[5] == entries, f"{what}: {chunk.metadata[5]} values, should be {entries}"
        assert found == wanted, f"{what}: {found}, should be {wanted}"
    assert start + (group[3] if group else 0) == table.num_rows


def check_file(joist, path):
    source, file, checked = joist.open_source(path), ctypes.c_void_p(), Checked(ctypes.sizeof(Checked))
    joist.call("joist_parquet_open", joist.ctx, source, None, ctypes.byref(file))
    try:
        joist.call("joist_parquet_check", file, None, ctypes.byref(checked))
    finally:
        joist.library.joist_parquet_close(file)
    if checked.faults or checked.unverified:
        told = subprocess.run([os.environ["JOIST_COMMAND"], "check", path], capture_output=True, text=True, check=False)
        raise AssertionError(f"joist check: {told.stdout}{told.stderr}")


def without(table, words):
    types = {field.name: str(field.type).replace(" not null", "") for field in table.schema}
    return [name for name, kind in types.items() if not any(word in kind for word in words)]


def read_pyarrow(path):
    """None where pyarrow cannot make dictionaries: in what is nested of several row groups, and of deltas asked for."""
    try:
        return pq.ParquetFile(path, page_checksum_verification=True).read()
    except (pa.ArrowNotImplementedError, OSError) as error:
        if "Nested data conversions" in str(error) or "DictAccumulator" in str(error):
            return None
        raise


def is_whole(column):
    """Nulls of a struct may hide codes of an empty dictionary: pyarrow makes them, and finds fault with them."""
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def check_peers(connection, path, table):
    known = without(table, NOT_DUCKDB)
    if known:
        select = ", ".join(known)
        compare("DuckDB", table, connection.sql(f"select {select} from '{path}'").to_arrow_table(), known)
    for name in known:
        if pa.types.is_integer(table[name].type) and table.num_rows and table[name][0].as_py() is not None:
            value = table[name][0].as_py()  # through bounds and Bloom filters
            found = connection.sql(f"select count(*) from '{path}' where {name} = {value}").fetchall()[0][0]
            wanted = sum(other == value for other in table[name].to_pylist())
            assert found == wanted, f"DuckDB: {found} rows where {name} = {value}, should be {wanted}"
    known = without(table, NOT_POLARS)
    if known:
        found = polars_rows.read(path, columns=known)
        if found is not None:
            compare("Polars", table, found, known)


def check(joists, connection, hyparquet, rng, folder):
    table, leaves = random_files.table(rng)
    table = table.select([name for name in table.column_names if is_whole(table[name])])
    leaves = [leaf for leaf in leaves if leaf[0].split(".")[0] in table.column_names]
    if table.num_columns == 0:
        return
    options = settings(rng, leaves)
    shown = {name: value for name, value in options.items() if name != "columns"}
    asked = {each.column.decode(): each.encoding for each in options.get("columns", [])}
    path = os.path.join(folder, "random.parquet")
    try:
        batches = table.to_batches(max_chunksize=rng.choice([1, 64, 997, 1 << 20]))
        written = rng.choice(joists).write_parquet(path, table.schema, batches, as_arrays=rng.random() < 0.3, **options)
        compare("joist", table, rng.choice(joists).read_parquet(path), table.column_names)
        found = read_pyarrow(path)
        if found is not None:
            compare("pyarrow", table, found, table.column_names)
        # Of 12 bytes peers make microseconds, or what they please; the slow reader has no word for them.
        in_12_bytes = "int96" in options and "timestamp" in str(table.schema)
        if in_12_bytes:
            table = table.select(without(table, ("timestamp",)))
        if options["compat"] != COMPATS["new"]:
            check_peers(connection, path, table)
        if options["compat"] == COMPATS["v1"] and not in_12_bytes and written.row_groups <= GROUPS_MAX:
            peer_rows.check_fastparquet(path, table)
            if hyparquet:
                hyparquet.check(path, table)
        check_file(joists[0], path)
        if rng.random() < SLOW_RATE and not in_12_bytes and written.row_groups <= GROUPS_MAX:
            check_slowly(path, table, options)
    except Exception as error:
        schema = table.schema.to_string(truncate_metadata=True)
        raise AssertionError(f"{type(error).__name__}: {error}\n{shown} {asked}\n{table.num_rows} rows of {schema}") from error


def main():
    seed = os.environ.get("JOIST_SEED") or str(random.randrange(2**32))
    print(f"JOIST_SEED={seed}")
    only = os.environ.get("JOIST_FILE")
    numbers = [int(only)] if only else range(int(os.environ.get("JOIST_FILES", "1000")))
    joists = [Joist(threads=1), Joist(threads=2)]
    place = node_place.hyparquet("files of v1 read by hyparquet")
    hyparquet = peer_rows.Hyparquet(place) if place else None
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for number in numbers:
            if number and number % 1000 == 0:
                print(f"{number} files", flush=True)
            try:
                check(joists, connection, hyparquet, random.Random(f"{seed}-{number}"), folder)
            except AssertionError as error:
                failed += 1
                print(f"JOIST_FILE={number}: {str(error)[:2500]}", file=sys.stderr)
                if failed == 10:
                    break
    if hyparquet:
        hyparquet.close()
    for joist in joists:
        joist.close()
    if failed:
        sys.exit(f"{failed} files differ")
    print(f"{len(numbers)} files written and read back the same")


if __name__ == "__main__":
    main()
