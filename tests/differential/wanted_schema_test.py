"""Files of pyarrow read as the columns that somebody wants: found by id or name, promoted, reordered, filled.

    wanted_schema_test.py              the library at JOIST_LIBRARY, the command at JOIST_COMMAND; JOIST_SEED and
                                       JOIST_ROUNDS choose the cases

Random tables, nested and flat; of each a random schema that its columns become by Iceberg's rules: some renamed, some
left out, some promoted, some that the file lacks, laid out in any way. What must come is made from pyarrow's values.
"""
import datetime
import decimal
import os
import random
import subprocess
import tempfile
import uuid

import pyarrow as pa
import pyarrow.parquet as pq

from joist_library import Joist, JoistError

JOIST = os.environ["JOIST_COMMAND"]
INTEGERS = {
    pa.int8(): [pa.int16(), pa.int32(), pa.int64()],
    pa.int16(): [pa.int32(), pa.int64()],
    pa.int32(): [pa.int64()],
    pa.uint8(): [pa.uint16(), pa.uint32(), pa.uint64(), pa.int16(), pa.int32(), pa.int64()],
    pa.uint16(): [pa.uint32(), pa.uint64(), pa.int32(), pa.int64()],
    pa.uint32(): [pa.uint64(), pa.int64()],
}
SCALARS = [*INTEGERS, pa.int64(), pa.float32(), pa.float64(), pa.bool_(), pa.decimal128(7, 2), pa.decimal128(18, 4),
           pa.decimal128(25, 3), pa.string(), pa.binary(), pa.date32(), pa.timestamp("us", "UTC"), pa.time32("ms"),
           pa.binary(16), pa.null()]


def value_of(rng, kind):
    if pa.types.is_null(kind) or rng.random() < 0.2:
        return None
    if pa.types.is_integer(kind):
        most = 2 ** (kind.bit_width - (0 if str(kind).startswith("u") else 1)) - 1
        return rng.choice([most, 0, rng.randint(0, most), rng.randint(0, most) if str(kind)[0] == "u" else -most - 1])
    if pa.types.is_floating(kind):
        return rng.randint(-1000, 1000) / 8
    if pa.types.is_boolean(kind):
        return rng.random() < 0.5
    if pa.types.is_decimal(kind):
        most = 10**kind.precision - 1
        return decimal.Decimal(rng.choice([most, -most, rng.randint(-most, most)])).scaleb(-kind.scale)
    if kind == pa.binary(16):
        return rng.randbytes(16)
    if pa.types.is_date(kind):
        return datetime.date.fromordinal(rng.randint(700000, 740000))
    if pa.types.is_timestamp(kind):
        return datetime.datetime.fromtimestamp(rng.randint(0, 10**9), datetime.timezone.utc)
    if pa.types.is_time(kind):
        return datetime.time(rng.randint(0, 23), 1, 2, 3000)
    if pa.types.is_dictionary(kind):
        return value_of(rng, kind.value_type)
    text = rng.choice(["", "oak", "a tree with a long name", f"tree {rng.randint(0, 99)}"])
    is_binary = kind in (pa.binary(), pa.large_binary(), pa.binary_view())
    if is_binary or kind in (pa.string(), pa.large_string(), pa.string_view()):
        return text.encode() if is_binary else text
    if pa.types.is_map(kind):
        return [(f"k{index}", value_of(rng, kind.item_type)) for index in range(rng.randint(0, 2))]
    if pa.types.is_struct(kind):
        return {field.name: value_of(rng, field.type) for field in kind}
    return [value_of(rng, kind.value_type) for _ in range(rng.choice([0, 0, 1, 3]))]


class Maker:
    """Schemas of files, and what may be wanted of them."""

    def __init__(self, rng, file_has_ids, wanted_has_ids):
        self.rng = rng
        self.file_has_ids, self.wanted_has_ids = file_has_ids, wanted_has_ids
        self.count = 0

    def field(self, kind, prefix="c"):
        self.count += 1
        ids = {"PARQUET:field_id": str(self.count)} if self.file_has_ids else None
        return pa.field(f"{prefix}{self.count}", kind, metadata=ids)

    def kind(self, depth):
        way = self.rng.random()
        if depth == 0 or way < 0.5:
            return self.rng.choice(SCALARS)
        if way < 0.65:
            return pa.list_(pa.field("element", self.kind(depth - 1)))
        if way < 0.75:
            return pa.map_(pa.string(), self.kind(depth - 1))
        return pa.struct([self.field(self.kind(depth - 1)) for _ in range(self.rng.randint(1, 3))])

    def fields(self, count):
        return [self.field(self.kind(3)) for _ in range(count)]

    def wanted_fields(self, fields):
        """Some of them, in any order, and some that are not there."""
        rng = self.rng
        wanted = [self.wanted_field(field) for field in fields if rng.random() < 0.7]
        for _ in range(rng.choice([0, 0, 1, 2])):
            self.count += 1
            field = self.field(self.laid_out(self.kind(2)), "lacking")
            wanted.append(field if self.wanted_has_ids else field.with_metadata(None))
        rng.shuffle(wanted)
        return wanted

    def wanted_field(self, field):
        renames = self.file_has_ids and self.wanted_has_ids and self.rng.random() < 0.5
        name = f"new_{field.name}" if renames else field.name
        metadata = field.metadata if self.wanted_has_ids else None
        return pa.field(name, self.promoted(field.type), metadata=metadata)

    def promoted(self, kind):
        rng = self.rng
        if pa.types.is_null(kind):
            return self.laid_out(self.kind(1))
        if kind in INTEGERS:
            return rng.choice([kind, *INTEGERS[kind]])
        if kind == pa.float32():
            return rng.choice([kind, pa.float64()])
        if pa.types.is_decimal(kind):
            more = rng.choice([0, 1, 12, 38 - kind.precision])
            precision = min(kind.precision + more, 38)
            return rng.choice([pa.decimal128, pa.decimal256])(precision, kind.scale)
        if kind == pa.binary(16):
            return rng.choice([kind, pa.uuid()])
        if pa.types.is_struct(kind):
            wanted = self.wanted_fields(list(kind))
            return pa.struct(wanted or [self.wanted_field(kind[0])])
        if pa.types.is_map(kind):
            return pa.map_(pa.string(), self.promoted(kind.item_type))
        if pa.types.is_list(kind):
            return rng.choice([pa.list_, pa.large_list])(pa.field("element", self.promoted(kind.value_type)))
        return self.laid_out(kind)

    def laid_out(self, kind):
        rng = self.rng
        if kind == pa.string():
            return rng.choice([kind, pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), kind)])
        if kind == pa.binary():
            return rng.choice([kind, pa.large_binary(), pa.binary_view()])
        if kind == pa.date32():
            return rng.choice([kind, pa.date64()])
        return kind


def find(wanted, fields):
    """The field that `wanted` means."""
    ids = [(field.metadata or {}).get(b"PARQUET:field_id") for field in fields]
    own = (wanted.metadata or {}).get(b"PARQUET:field_id")
    by_id = own is not None and any(each is not None for each in ids)
    for field, each in zip(fields, ids):
        if (each == own) if by_id else (field.name == wanted.name):
            return field
    return None


def become(value, kind, wanted, default):
    """What a value of one type is as the other."""
    if value is None or pa.types.is_null(kind):
        return None
    if pa.types.is_struct(kind):
        return become_fields(value, list(kind), list(wanted), default)
    if pa.types.is_map(kind):
        return [(key, become(item, kind.item_type, wanted.item_type, None)) for key, item in value]
    if pa.types.is_list(kind):
        return [become(item, kind.value_type, wanted.value_type, None) for item in value]
    return uuid.UUID(bytes=value) if wanted == pa.uuid() else value


def become_fields(row, fields, wanted, default):
    made = {}
    for each in wanted:
        field = find(each, fields)
        own = None if default is None else default[each.name]
        made[each.name] = own if field is None else become(row[field.name], field.type, each.type, own)
    return made


def check(joist, folder, rng, number):
    maker = Maker(rng, rng.random() < 0.6, rng.random() < 0.6)
    fields = maker.fields(rng.randint(1, 6))
    rows = [{field.name: value_of(rng, field.type) for field in fields} for _ in range(rng.choice([0, 1, 57, 300]))]
    path = os.path.join(folder, f"{number}.parquet")
    pq.write_table(pa.Table.from_pylist(rows, pa.schema(fields)), path, row_group_size=rng.choice([20, 1000]),
                   use_dictionary=rng.random() < 0.7, store_schema=rng.random() < 0.5)
    wanted = pa.schema(maker.wanted_fields(fields))
    defaults, row = None, None
    # pyarrow makes no arrays of structs with uuids from values, and null structs have codes in dictionaries of nothing.
    is_odd = any("dictionary" in str(kind) and not pa.types.is_dictionary(kind) for kind in wanted.types)
    if len(wanted) > 0 and not is_odd and rng.random() < 0.6:
        row = {field.name: None if "uuid" in str(field.type) else value_of(rng, field.type) for field in wanted}
        arrays = [pa.nulls(1, field.type) if "uuid" in str(field.type) else pa.array([row[field.name]], field.type)
                  for field in wanted]
        defaults = pa.RecordBatch.from_arrays(arrays, schema=wanted)
    start, count = rng.choice([(0, 0), (0, 0), (10, 33)])
    read = joist.read_parquet(path, schema=wanted, defaults=defaults, row_start=start, row_count=count,
                              batch_rows=rng.choice([0, 7]))
    due = [become_fields(each, fields, list(wanted), row) for each in rows[start:start + count if count else None]]
    read.validate(full=True)
    assert read.schema.equals(wanted), (read.schema, wanted)
    assert read.num_rows == len(due), (read.num_rows, len(due))
    for at, (own, theirs) in enumerate(zip(read.to_pylist(), due)):
        assert own == theirs, (number, at, own, theirs, fields, wanted)


def refused(joist, path, schema, words, defaults=None):
    try:
        joist.read_parquet(path, schema=schema, defaults=defaults)
    except (JoistError, OSError, pa.ArrowInvalid) as error:
        assert words in str(error), (words, str(error))
    else:
        raise AssertionError(f"read: {words}")


def refusals(joist, folder):
    path = os.path.join(folder, "refused.parquet")
    table = pa.table({"d": pa.array([1, None], pa.duration("s")), "t": pa.array([1, 2], pa.timestamp("us")),
                      "f": pa.array([[1, 2], None], pa.list_(pa.int32(), 2)), "n": pa.array([5, None], pa.int32())})
    pq.write_table(table, path)
    assert joist.read_parquet(path, schema=table.schema).equals(table)
    refused(joist, path, pa.schema([("d", pa.duration("ms"))]), "column 'd' is no duration in that unit")
    refused(joist, path, pa.schema([("n", pa.duration("ms"))]), "column 'n'")
    refused(joist, path, pa.schema([("t", pa.timestamp("ns"))]), "column 't' is timestamp")
    refused(joist, path, pa.schema([("f", pa.list_(pa.int32(), 3))]), "column 'f' is no list of 3 elements")
    refused(joist, path, pa.schema([("n", pa.int16())]), "column 'n' is int, which does not become")
    refused(joist, path, pa.schema([("n", pa.int32()), pa.field("x", pa.int32(), False)]), "required column 'x'")
    refused(joist, path, pa.schema([pa.field("n", pa.int64(), False)]), "column 'n': row 2 is null")
    wanted = pa.schema([pa.field("x", pa.int32(), False), pa.field("d", pa.int64()), pa.field("f", pa.list_(pa.int64()))])
    defaults = pa.RecordBatch.from_arrays([pa.array([7], pa.int32()), pa.array([None], pa.int64()),
                                           pa.array([None], pa.list_(pa.int64()))], schema=wanted)
    assert joist.read_parquet(path, schema=wanted, defaults=defaults).to_pylist() == [
        {"x": 7, "d": 1, "f": [1, 2]}, {"x": 7, "d": None, "f": None}]
    one = pa.schema([("x", pa.int32())])
    refused(joist, path, one, "defaults of 2 rows", pa.RecordBatch.from_arrays([pa.array([1, 2], pa.int32())], schema=one))
    twice = pa.table([[1, 2], ["a", "b"], [3, 4]], names=["x", "x", "y"])
    pq.write_table(twice, path)
    assert joist.read_parquet(path, schema=twice.schema).equals(twice)
    nothing = joist.read_parquet(path, schema=pa.schema([]))
    assert nothing.num_columns == 0


def run(*arguments):
    done = subprocess.run([JOIST, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, (arguments, done.stderr)
    return done.stdout


def command(folder):
    """Files of an old and a new schema as one, by the command."""
    old, new = os.path.join(folder, "old.parquet"), os.path.join(folder, "new.parquet")
    out = os.path.join(folder, "out.parquet")
    pq.write_table(pa.table({"id": pa.array([1, 2], pa.int32()), "x": pa.array([0.5, None], pa.float32())}), old)
    pq.write_table(pa.table({"city": ["Oslo"], "x": pa.array([2.5]), "id": pa.array([2**40])}), new)
    run("convert", old, new, out, "--schema", "id long, x double, city string", "--quiet")
    table = pq.read_table(out)
    assert table.schema.types == [pa.int64(), pa.float64(), pa.string()], table.schema
    assert table.to_pylist() == [{"id": 1, "x": 0.5, "city": None}, {"id": 2, "x": None, "city": None},
                                 {"id": 2**40, "x": 2.5, "city": "Oslo"}]
    # Folders give columns as they did, of the type that is wanted.
    for region, path in (("7", old), ("eu", new)):
        os.makedirs(os.path.join(folder, "parts", f"region={region}"))
        os.rename(path, os.path.join(folder, "parts", f"region={region}", "a.parquet"))
    run("convert", os.path.join(folder, "parts"), out, "--schema", "region string, x double", "--quiet", "--force")
    assert pq.read_table(out).to_pylist() == [{"x": 0.5, "region": "7"}, {"x": None, "region": "7"},
                                              {"x": 2.5, "region": "eu"}]
    old = os.path.join(folder, "parts", "region=7", "a.parquet")
    assert run("cat", old, "--schema", "city string, id long", "--where", "id > 1") == "city,id\n,2\n"
    assert run("count", old, "--schema", "y int").strip() == "2"
    assert run("scan", "--discard", "--digest", old, "--schema", "id long, x double").split()[0] == run(
        "scan", "--discard", "--digest", old, "--columns", "id", "--schema", "x float, id long").split()[0]


def main():
    seed = int(os.environ.get("JOIST_SEED", random.randrange(10**6)))
    rounds = int(os.environ.get("JOIST_ROUNDS", "150"))
    print(f"JOIST_SEED={seed} JOIST_ROUNDS={rounds}")
    rng = random.Random(seed)
    decimal.getcontext().prec = 76
    with tempfile.TemporaryDirectory() as folder:
        joist = Joist(threads=2)
        for number in range(rounds):
            check(joist, folder, rng, number)
        refusals(joist, folder)
        command(folder)
        joist.close()
    print(f"{rounds} files read as what was wanted of them")


if __name__ == "__main__":
    main()
