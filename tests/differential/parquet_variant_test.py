"""Variants that DuckDB shredded and wrote, read by us, against the documents that they were made of; and, shredded by us,
read by us and by DuckDB.

    parquet_variant_test.py            the library at JOIST_LIBRARY; JOIST_SEED and JOIST_ROUNDS choose the cases

The binary values are decoded here, by the specification and nothing of ours.
"""
import json
import os
import random
import re
import struct
import subprocess
import tempfile

import duckdb
import pyarrow as pa

from joist_library import Joist

NAMES = ["a", "b", "c", "list", "element", "value", "typed_value", "metadata", "", "Z", "\u00e4", "\ufb01", "\U0001f422",
         "x" * 300]
SHREDDINGS = [None, "BIGINT", "VARCHAR", "DOUBLE[]", "STRUCT(a INTEGER, b VARCHAR)",
              "STRUCT(a STRUCT(b BIGINT, c VARCHAR[]), list STRUCT(element BOOLEAN)[])", "STRUCT(b DOUBLE[][])[]"]

OUR_SHREDDINGS = ["long", "int8", "string", "double", "boolean", "decimal(18, 6)", "list<double>", "struct<a int, b string>",
                  "struct<a struct<b long, c list<string>>, list list<struct<element boolean>>>",
                  "list<struct<b list<list<double>>>>", "struct<value long, typed_value string, metadata list<boolean>>",
                  "struct<Z struct<Z struct<Z long>>>"]


def document(rng, depth):
    kind = rng.random()
    if depth == 0 or kind < 0.5:
        return rng.choice([None, True, False, rng.randint(-5, 5), rng.randint(-(2**62), 2**62), rng.randint(0, 10**6) / 64,
                           "", "oak", "\u6a2b" * rng.randint(0, 30), "y" * rng.choice([62, 63, 64, 65, 300])])
    if kind < 0.75:
        count = 300 if rng.random() < 0.02 else rng.randint(0, 5)
        return [document(rng, depth - 1 if count < 6 else 0) for _ in range(count)]
    return {name: document(rng, depth - 1) for name in rng.sample(NAMES, rng.randint(0, 5))}


def number(data, at, size):
    return int.from_bytes(data[at:at + size], "little")


def dictionary(metadata):
    assert metadata[0] & 15 == 1
    width = (metadata[0] >> 6) + 1
    count = number(metadata, 1, width)
    offsets = [number(metadata, 1 + width * (1 + index), width) for index in range(count + 1)]
    text = metadata[1 + width * (count + 2):]
    assert len(text) == offsets[-1]
    return [text[begin:end].decode() for begin, end in zip(offsets, offsets[1:])]


def primitive(kind, body):
    """The value, and how many bytes it took."""
    if kind < 3:
        return [None, True, False][kind], 0
    if kind in (15, 16):
        size = number(body, 0, 4)
        return (bytes(body[4:4 + size]) if kind == 15 else body[4:4 + size].decode()), 4 + size
    form = {3: "<b", 4: "<h", 5: "<i", 6: "<q", 7: "<d", 14: "<f"}.get(kind)
    if form:
        return struct.unpack_from(form, body)[0], struct.calcsize(form)
    size = {8: 4, 9: 8, 10: 16}[kind]
    return int.from_bytes(body[1:1 + size], "little", signed=True) / 10 ** body[0], 1 + size


def decode(names, value):
    """The value at the front, and how many bytes it took."""
    basic, header = value[0] & 3, value[0] >> 2
    if basic == 0:
        made, size = primitive(header, value[1:])
        return made, 1 + size
    if basic == 1:
        return value[1:1 + header].decode(), 1 + header
    is_object = basic == 2
    offset_width = (header & 3) + 1
    id_width = (header >> 2 & 3) + 1 if is_object else 0
    count_width = 4 if header >> (4 if is_object else 2) & 1 else 1
    count = number(value, 1, count_width)
    ids_at = 1 + count_width
    offsets_at = ids_at + count * id_width
    ids = [number(value, ids_at + index * id_width, id_width) for index in range(count)]
    offsets = [number(value, offsets_at + index * offset_width, offset_width) for index in range(count + 1)]
    members_at = offsets_at + (count + 1) * offset_width
    members = []
    for offset in offsets[:-1]:
        made, size = decode(names, value[members_at + offset:])
        assert offset + size <= offsets[-1]
        members.append(made)
    whole = members_at + offsets[-1]
    if not is_object:
        return members, whole
    keys = [names[index] for index in ids]
    assert keys == sorted(keys, key=str.encode), "fields stand in the order of their names"
    return dict(zip(keys, members)), whole


def read_documents(joist, path):
    table = joist.read_parquet(path)
    table.validate(full=True)
    field = table.schema.field("v")
    if not isinstance(field.type, pa.BaseExtensionType):
        assert field.metadata[b"ARROW:extension:name"] == b"arrow.parquet.variant", field.metadata
    else:
        assert field.type.extension_name == "arrow.parquet.variant"
    read = []
    for chunk in table.column("v").chunks:
        storage = chunk.storage if isinstance(chunk, pa.ExtensionArray) else chunk
        assert storage.type == pa.struct(
            [pa.field("metadata", pa.binary(), False), pa.field("value", pa.binary(), False)]), storage.type
        for row in storage.to_pylist():
            if row is None:
                read.append(None)
                continue
            made, size = decode(dictionary(row["metadata"]), row["value"])
            assert size == len(row["value"])
            read.append(made)
    return read


def with_empty_names(got, wanted):
    """DuckDB shreds a member named "" as "element", with a number where that is taken. Its dictionary has "" and not the
    other name, which the format forbids; we add that, as the schema is all that a reader has to go by."""
    if isinstance(got, list) and isinstance(wanted, list):
        return [with_empty_names(one, other) for one, other in zip(got, wanted)] + got[len(wanted):]
    if not isinstance(got, dict) or not isinstance(wanted, dict):
        return got
    renamed = [name for name in got if name not in wanted and re.fullmatch("element[0-9]*", name)]
    if "" in wanted and "" not in got and len(renamed) == 1:
        got = {"" if name == renamed[0] else name: one for name, one in got.items()}
    return {name: with_empty_names(one, wanted.get(name)) for name, one in got.items()}


def check(joist, folder, rng):
    count = rng.choice([1, 10, 1000])
    # DuckDB takes a member named "" for none.
    documents = [document(rng, rng.randint(0, 4)) for _ in range(count)]
    shredding = rng.choice(SHREDDINGS)
    path = os.path.join(folder, "variant.parquet")
    rows = pa.table({"id": list(range(count)), "text": [json.dumps(one) for one in documents]})
    with duckdb.connect() as connection:
        connection.register("given", rows)
        connection.execute("create table t as select id, text::json::variant as v from given order by id")
        options = "" if shredding is None else f", shredding {{'v': '{shredding}'}}"
        group_rows = rng.choice([2048, 122880])
        connection.execute(f"copy t to '{path}' (format parquet, row_group_size {group_rows}{options})")
    read = read_documents(joist, path)
    assert len(read) == count, f"{len(read)} rows of {count}"
    for index, (got, wanted) in enumerate(zip(read, documents)):
        got = with_empty_names(got, wanted)
        assert got == wanted, f"row {index}, shredded as {shredding}: {got!r} where {wanted!r} was written"

    check_ours(joist, folder, rng, path, read, not any('""' in json.dumps(one) for one in documents))


def check_ours(joist, folder, rng, path, wanted, by_duckdb):
    shredding = rng.choice(OUR_SHREDDINGS)
    ours = os.path.join(folder, "ours.parquet")
    table = joist.read_parquet(path)
    joist.write_parquet(ours, table.schema, table.to_batches(), shreddings={"v": shredding},
                        row_group_rows_max=rng.choice([100, 1 << 20]), compat=rng.choice([1, 2, 3]))
    checked = subprocess.run([os.environ["JOIST_COMMAND"], "check", ours], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, (shredding, checked.stdout[:1000])
    for index, (got, one) in enumerate(zip(read_documents(joist, ours), wanted, strict=True)):
        assert got == one, f"row {index}, which we shredded as {shredding}: {got!r} where {one!r} was written"
    if by_duckdb:
        query = f"select id, v::json from '{path}' order by id", f"select id, v::json from '{ours}' order by id"
        theirs, again = (duckdb.sql(text).fetchall() for text in query)
        assert theirs == again, f"DuckDB reads what we shredded as {shredding} otherwise"


def main():
    seed = int(os.environ.get("JOIST_SEED", "20261121"))
    rounds = int(os.environ.get("JOIST_ROUNDS", "40"))
    rng = random.Random(seed)
    joist = Joist(memory_bytes_max=256 << 20)
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            check(joist, folder, rng)
    joist.close()
    print(f"{rounds} files of variants read the same, seed {seed}")


main()
