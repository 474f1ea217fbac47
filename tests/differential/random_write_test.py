"""Random tables, written by us with random options: pyarrow, DuckDB, Polars and we read them back the same.

    JOIST_SEED chooses the files, JOIST_FILES how many (300), JOIST_FILE=N takes the N-th alone

The tables are those of the reader's test. `joist check` finds nothing in any file; counts, bounds and the page index
are held against the values once more here, slowly.
"""
import ctypes
import json
import os
import random
import subprocess
import sys
import tempfile

import duckdb
import numpy
import pyarrow as pa
import pyarrow.parquet as pq

import polars_rows
import random_files
from joist_library import COMPATS, ENCODINGS, ColumnOptions, Joist

LEVELS = {"zstd": [0, 1, 3, 12], "gzip": [0, 1, 9], "brotli": [0, 1, 7]}
BLOOM_OFF, BLOOM_ON, BLOOM_AUTO = 1, 2, 3
BOUND_BYTES = 64
PAGES_LOOKED_AT = 12
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
        "compat": COMPATS[rng.choice(["v1", "wide", "wide", "new"])],
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
    if rng.random() < 0.4:
        chosen["compat"] = COMPATS["new"]
        columns = []
        for path, encodings in leaves:
            kinds = encodings + ["RLE_DICTIONARY"] if "RLE" not in encodings else encodings
            asked = ENCODINGS[rng.choice(kinds)] if rng.random() < 0.7 else 0
            columns.append(ColumnOptions(ctypes.sizeof(ColumnOptions), path.encode(), asked, False,
                                         rng.choice([0, BLOOM_OFF, BLOOM_AUTO]), 0))
        chosen["columns"], chosen["column_count"] = (ColumnOptions * len(columns))(*columns), len(columns)
    return {name: value for name, value in chosen.items() if value}


def is_list(kind):
    return pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_map(kind)


def lengths(array):
    """Of lists and maps; 0 where null."""
    offsets = numpy.asarray(array.offsets)
    valid = numpy.asarray(array.is_valid())
    return numpy.where(valid, numpy.diff(offsets), 0).astype(numpy.int64)


def items(array):
    """What lists and maps hold, without what nulls hide; pyarrow flattens no map."""
    kind, offsets, sizes = array.type, numpy.asarray(array.offsets), lengths(array)
    values = array.values
    if pa.types.is_map(kind):
        values = pa.StructArray.from_arrays([array.keys, array.items], fields=[kind.key_field, kind.item_field])
    if len(offsets) and sizes.sum() == offsets[-1] - offsets[0]:
        return values.slice(offsets[0], offsets[-1] - offsets[0])
    shown = [numpy.arange(start, start + size) for start, size in zip(offsets, sizes)]
    return values.take(pa.array(numpy.concatenate(shown) if shown else [], pa.int64()))


def parts(array, kind, path):
    """(path, flat array) of all that an array is made of, in one form for each `kind`, whoever read it."""
    if pa.types.is_null(kind):
        assert array.null_count == len(array) or pa.types.is_null(array.type), f"{path}: values of no type"
        yield path, pa.array([len(array)])
    elif pa.types.is_struct(kind):
        yield path, array.is_valid()
        assert [field.name for field in array.type] == [field.name for field in kind], f"{path}: {array.type}"
        for child, field in zip(array.flatten(), kind):
            yield from parts(child, field.type, f"{path}.{field.name}")
    elif is_list(kind):
        yield path, array.is_valid()
        yield path, pa.array(lengths(array))
        inner = pa.struct([("key", kind.key_type), ("value", kind.item_type)]) if pa.types.is_map(kind) else kind.value_type
        yield from parts(items(array), inner, f"{path}.item")
    else:
        yield path, flat(array, kind)


def flat(array, kind):
    if isinstance(array.type, pa.BaseExtensionType):
        array = array.storage
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_duration(kind) and pa.types.is_integer(array.type):
        return array.cast(pa.int64())
    if pa.types.is_decimal(kind):
        return array.cast(pa.decimal256(76, kind.scale))
    if pa.types.is_temporal(kind):
        return array.cast(kind).view(pa.int64() if kind.bit_width == 64 else pa.int32())
    if pa.types.is_floating(kind):
        assert array.type == kind, f"{array.type}, not {kind}"
        return array.view(pa.int64() if kind.bit_width == 64 else pa.int32())
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return array.cast(kind)
    if "view" in str(array.type):
        array = array.cast(pa.large_string() if pa.types.is_string_view(array.type) else pa.large_binary())
    return array.cast(pa.large_binary())


def whole(column):
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def compare(who, wanted, found, names):
    assert found.num_rows == wanted.num_rows, f"{who}: {found.num_rows} rows, should be {wanted.num_rows}"
    for name in names:
        kind = wanted[name].type
        ours = parts(whole(wanted[name].unify_dictionaries()), kind, name)
        theirs = parts(whole(found[name].unify_dictionaries()), kind, name)
        for (path, one), (_, other) in zip(ours, theirs, strict=True):
            if one.equals(other):
                continue
            assert len(one) == len(other), f"{who}: {path}: {len(other)} of them, should be {len(one)}"
            for row, (left, right) in enumerate(zip(one.to_pylist(), other.to_pylist())):
                assert left == right, f"{who}: {path}[{row}] is {right!r}, should be {left!r}"
            raise AssertionError(f"{who}: {path}: {other.type}, should be {one.type}")


def leaf_values(array, path):
    """(path in the file, type, entries, values that are there) of each leaf."""
    kind = array.type
    if pa.types.is_struct(kind):
        for child, field in zip(array.flatten(), kind):
            yield from leaf_values(child, f"{path}.{field.name}")
    elif is_list(kind):
        bare = int((lengths(array) == 0).sum())
        step = "key_value" if pa.types.is_map(kind) else f"list.{kind.value_field.name}"
        for leaf, inner, entries, values in leaf_values(items(array), f"{path}.{step}"):
            yield leaf, inner, entries + bare, values
    else:
        if pa.types.is_dictionary(kind):
            array = array.dictionary_decode()
        if "view" in str(kind):  # pyarrow cannot filter those
            array = flat(array, kind)
        yield path, array.type, len(array), array.drop_null()


def facts_of(table, start, count):
    """By leaf: its type, entries and values in these rows."""
    found = {}
    for name in table.column_names:
        array = whole(table[name].unify_dictionaries().slice(start, count))
        for path, kind, entries, values in leaf_values(array, name):
            found[path] = kind, entries, values
    return found


def physical(values, kind):
    """Values as Python numbers or bytes in the order that the file's bounds have; no NaN."""
    if pa.types.is_decimal(kind):
        return [int(value.scaleb(kind.scale, random_files.decimal.Context(prec=80))) for value in values.to_pylist()]
    if pa.types.is_floating(kind):
        return [value for value in values.to_pylist() if value == value]
    made = flat(values, kind).to_pylist()
    return made


def check_bounds(what, kind, values, low, high, cut):
    """`low` and `high` as the file has them, None where it has none. Those of a fixed length are whole."""
    if pa.types.is_fixed_size_binary(kind):
        cut = BOUND_BYTES
    if not values:
        assert low is None and high is None, f"{what}: bounds {low!r} .. {high!r} of nothing"
        return
    least, most = min(values), max(values)
    if not isinstance(least, bytes):
        assert (low, high) == (least, most), f"{what}: bounds {low!r} .. {high!r}, should be {least!r} .. {most!r}"
        return
    if low is None or high is None:
        assert len(most) > cut, f"{what}: no bounds of {least!r} .. {most!r}"
        return
    assert low == least if len(least) <= cut else least.startswith(low), f"{what}: least {low!r}, is {least!r}"
    assert high == most if len(most) <= cut else high >= most, f"{what}: greatest {high!r}, is {most!r}"
    assert len(low) <= cut and len(high) <= cut, f"{what}: bounds {low!r} .. {high!r} of over {cut} bytes"


def raw_bound(value, kind):
    if pa.types.is_decimal(kind) and isinstance(value, bytes):
        return int.from_bytes(value, "big", signed=True)
    if pa.types.is_unsigned_integer(kind):
        return value % 2**(64 if kind.bit_width == 64 else 32)
    return value


def check_statistics(path, table, options):
    metadata = pq.ParquetFile(path).metadata
    assert metadata.num_rows == table.num_rows
    start, cut = 0, options.get("bound_bytes_max", BOUND_BYTES)
    for group in range(metadata.num_row_groups):
        row_group = metadata.row_group(group)
        assert row_group.num_rows <= options.get("row_group_rows_max", 1 << 20), f"group {group}: {row_group.num_rows} rows"
        facts = facts_of(table, start, row_group.num_rows)
        start += row_group.num_rows
        assert row_group.num_columns == len(facts)
        for index in range(row_group.num_columns):
            chunk = row_group.column(index)
            kind, entries, values = facts[chunk.path_in_schema]
            what = f"group {group}: {chunk.path_in_schema}"
            assert chunk.num_values == entries, f"{what}: {chunk.num_values} values, should be {entries}"
            found = chunk.statistics
            if "no_statistics" in options:
                assert found is None or not found.has_min_max, f"{what}: statistics that nobody wanted"
                continue
            missing = entries - len(values)
            assert found.null_count == missing, f"{what}: {found.null_count} nulls, should be {missing}"
            low, high = (found.min_raw, found.max_raw) if found.has_min_max else (None, None)
            if low is not None:
                low, high = raw_bound(low, kind), raw_bound(high, kind)
            check_bounds(what, kind, physical(values, kind), low, high, cut)
    assert start == table.num_rows


def check_pages(path, rng, table, options):
    """Some pages of each chunk: which rows, how many nulls, bounds of integers."""
    said = subprocess.run([os.environ["JOIST_COMMAND"], "inspect", "--pages", "--json", path],
                          capture_output=True, check=True)
    start = 0
    for number, group in enumerate(json.loads(said.stdout)["row_groups"]):
        for column in group["columns"]:
            assert column["has_offset_index"] == ("no_page_index" not in options), column["path"]
            pages = column.get("offset_index", [])
            index = column.get("column_index", {}).get("pages")
            firsts = [page["first_row"] for page in pages] + [group["rows"]]
            assert not pages or firsts == sorted(set(firsts)) and firsts[0] == 0, f"group {number}: rows {firsts}"
            assert index is None or len(index) == len(pages), f"group {number}: {column['path']}"
            name = column["path"].split(".")[0]
            for page in rng.sample(range(len(pages)), min(len(pages), PAGES_LOOKED_AT)) if index else ():
                facts = facts_of(table.select([name]), start + firsts[page], firsts[page + 1] - firsts[page])
                check_page(f"group {number}: {column['path']}: page {page}", index[page], *facts[column["path"]])
        start += group["rows"]


def check_page(what, page, kind, entries, values):
    assert page["null_page"] == (len(values) == 0), f"{what}: null_page {page['null_page']}, {len(values)} values"
    missing = entries - len(values)
    assert page.get("null_count", missing) == missing, f"{what}: {page['null_count']} nulls, should be {missing}"
    if len(values) and pa.types.is_integer(kind):
        known = values.to_pylist()
        assert (int(page["min"]), int(page["max"])) == (min(known), max(known)), f"{what}: {page}"


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
    return [name for name in table.column_names if not any(word in str(table[name].type) for word in words)]


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


def check(joists, connection, rng, folder):
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
        rng.choice(joists).write_parquet(path, table.schema, batches, as_arrays=rng.random() < 0.3, **options)
        compare("joist", table, rng.choice(joists).read_parquet(path), table.column_names)
        found = read_pyarrow(path)
        if found is not None:
            compare("pyarrow", table, found, table.column_names)
        if options["compat"] != COMPATS["new"]:
            check_peers(connection, path, table)
        check_file(joists[0], path)
        check_statistics(path, table, options)
        if rng.random() < 0.3:
            check_pages(path, rng, table, options)
    except Exception as error:
        schema = table.schema.to_string(truncate_metadata=True)
        raise AssertionError(f"{type(error).__name__}: {error}\n{shown} {asked}\n{table.num_rows} rows of {schema}") from error


def main():
    seed = os.environ.get("JOIST_SEED") or str(random.randrange(2**32))
    print(f"JOIST_SEED={seed}")
    only = os.environ.get("JOIST_FILE")
    numbers = [int(only)] if only else range(int(os.environ.get("JOIST_FILES", "300")))
    joists = [Joist(threads=1), Joist(threads=2)]
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for number in numbers:
            try:
                check(joists, connection, random.Random(f"{seed}-{number}"), folder)
            except AssertionError as error:
                failed += 1
                print(f"JOIST_FILE={number}: {str(error)[:2500]}", file=sys.stderr)
                if failed == 10:
                    break
    for joist in joists:
        joist.close()
    if failed:
        sys.exit(f"{failed} files differ")
    print(f"{len(numbers)} files written and read back the same")


if __name__ == "__main__":
    main()
