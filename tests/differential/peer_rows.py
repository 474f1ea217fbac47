"""peer_rows - fastparquet and hyparquet read a file; their rows are held against the table that was written

Both have types of their own: rows are compared as plain Python, instants as the numbers in the file, decimals as the
nearest real. What a peer cannot say, or says wrongly of any file, is left out by column and named here.
"""
import json
import math
import subprocess

import pandas

pandas.options.future.infer_string = False  # else fastparquet loses PLAIN pages of text beside pages of codes
import fastparquet
import pyarrow as pa

from table_parts import flat, is_list, items, lengths, whole

DAYS_MAX = 106751


class Near(float):
    """A decimal: the peers have none."""


def plain(array):
    """Numbers, bytes, text, lists, dicts of structs, and maps as lists of pairs."""
    kind = array.type
    if pa.types.is_null(kind):
        return [None] * len(array)
    if pa.types.is_struct(kind):
        names = [field.name for field in kind]
        columns = zip(*(plain(child) for child in array.flatten()))
        return [dict(zip(names, row)) if there else None for there, row in zip(array.is_valid().to_pylist(), columns)]
    if is_list(kind):
        inner, sizes, made, at = plain(items(array)), lengths(array).tolist(), [], 0
        if pa.types.is_map(kind):
            inner = [(pair["key"], pair["value"]) for pair in inner]
        for there, size in zip(array.is_valid().to_pylist(), sizes):
            made.append(inner[at:at + size] if there else None)
            at += size
        return made
    if pa.types.is_dictionary(kind):
        return plain(array.dictionary_decode())
    if pa.types.is_decimal(kind):
        return [None if value is None else Near(value) for value in array.to_pylist()]
    if pa.types.is_floating(kind):
        return array.to_pylist()
    if "string" in str(kind):
        return array.cast(pa.large_string()).to_pylist()
    return flat(array, kind).to_pylist()


def equal(wanted, found):
    if wanted is None or found is None:
        return wanted is found
    if isinstance(wanted, Near):
        return math.isclose(wanted, found, rel_tol=1e-12, abs_tol=1e-300)
    if isinstance(wanted, float):
        return wanted != wanted and found != found or wanted == found and math.copysign(1, wanted) == math.copysign(1, found)
    if isinstance(wanted, (list, tuple)):
        return len(wanted) == len(found) and all(map(equal, wanted, found))
    if isinstance(wanted, dict):
        return wanted.keys() == found.keys() and all(equal(wanted[name], found[name]) for name in wanted)
    return wanted == found


def compare(who, table, columns):
    """`columns`: name -> rows."""
    for name, found in columns.items():
        wanted = plain(whole(table[name].unify_dictionaries()))
        assert len(wanted) == len(found), f"{who}: {name}: {len(found)} rows, should be {len(wanted)}"
        for row, (one, other) in enumerate(zip(wanted, found)):
            assert equal(one, other), f"{who}: {name}[{row}] is {other!r}, should be {one!r}"


def fastparquet_rows(series, kind):
    """A column of a frame as plain() has it; what is missing is None, but for reals, where it is NaN."""
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        unit = "ns" if pa.types.is_date(kind) else kind.unit
        step = 86400 * 10**9 if pa.types.is_date(kind) else 1
        numbers = series.to_numpy(f"datetime64[{unit}]").view("int64").tolist()
        return [None if missing else number // step for missing, number in zip(series.isna().tolist(), numbers)]
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return series.tolist()
    if is_list(kind):
        return [list(value.items()) if isinstance(value, dict) else value for value in series.tolist()]
    return [None if missing else value for missing, value in zip(series.isna().tolist(), series.tolist())]


def as_fastparquet_has_it(rows, kind):
    """Its reals know no null, its texts of a fixed length no zeros at their ends."""
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return [math.nan if value is None else value for value in rows]
    if pa.types.is_fixed_size_binary(kind):
        return [value and value.rstrip(b"\0") for value in rows]
    return rows


def flat_columns(array, path):
    """Columns that no list holds, by their names in a frame."""
    if pa.types.is_struct(array.type):
        for child, field in zip(array.flatten(), array.type):
            yield from flat_columns(child, f"{path}.{field.name}")
    elif not is_list(array.type):
        yield path, array


def fastparquet_frame(file, names):
    """Those that it can read: it fails on some columns with nulls, of pyarrow's files too."""
    try:
        return file.to_pandas(columns=names)
    except TypeError as error:
        if "NA" not in str(error):
            raise
    return {} if len(names) == 1 else {
        name: part[name] for name in names for part in [fastparquet_frame(file, [name])] if name in part}


def is_beyond_nanoseconds(array):
    """fastparquet's days are nanoseconds."""
    return pa.types.is_date(array.type) and DAYS_MAX < max(map(abs, array.view(pa.int32()).drop_null().to_pylist()), default=0)


def check_fastparquet(path, table):
    """What is in no list."""
    columns = dict(pair for name in table.column_names
                   for pair in flat_columns(whole(table[name].unify_dictionaries()), name))
    names = [name for name, array in columns.items() if not is_beyond_nanoseconds(array)]
    frame = fastparquet_frame(fastparquet.ParquetFile(path), names) if names else {}
    for name in names:
        if name not in frame:
            continue
        kind = columns[name].type
        found = as_fastparquet_has_it(fastparquet_rows(frame[name], kind), kind)
        rows = as_fastparquet_has_it(plain(columns[name]), kind)
        assert len(rows) == len(found), f"fastparquet: {name}: {len(found)} rows, should be {len(rows)}"
        for row, (one, other) in enumerate(zip(rows, found)):
            assert equal(one, other), f"fastparquet: {name}[{row}] is {other!r}, should be {one!r}"


class Hyparquet:
    """A node process that reads one file after another."""

    def __init__(self, place):
        self.process = subprocess.Popen(["node", "read.mjs"], cwd=place, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, encoding="utf-8")

    def close(self):
        self.process.stdin.close()
        self.process.wait()

    def read(self, path, table):
        self.process.stdin.write(f"{path}\n")
        self.process.stdin.flush()
        said = json.loads(self.process.stdout.readline())
        assert "error" not in said, f"hyparquet: {said['error']}"
        return {name: [from_json(row[index], table[name].type) for row in said["rows"]]
                for index, name in enumerate(table.column_names)}

    def check(self, path, table):
        compare("hyparquet", table, self.read(path, table))


def from_json(value, kind):
    if isinstance(value, list):
        return [from_json(part, kind.value_type) for part in value]
    if not isinstance(value, dict):
        return value
    [(tag, inner)] = value.items()
    if tag == "n":
        return int(inner)
    if tag == "f":
        return float(inner)
    if tag == "b":
        return bytes.fromhex(inner)
    if pa.types.is_map(kind):
        return [(name, from_json(part, kind.item_type)) for name, part in inner]
    return {name: from_json(part, kind.field(name).type) for name, part in inner}
