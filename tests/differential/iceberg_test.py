"""Tables of ours through PyIceberg and PyIceberg's through us, on one catalog.db.

Both read every row equal after either has written; schemas that PyIceberg evolved are read over old files; a snapshot that
needs delete files is refused by name; what a predicate prunes is held against the whole table.
"""
import ctypes
import datetime
import decimal
import glob
import json
import os
import random
import sqlite3
import sys
import tempfile
import uuid

import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.io.pyarrow import PyArrowFileIO
from pyiceberg.manifest import (DataFile, DataFileContent, FileFormat, ManifestContent, ManifestEntry,
                                ManifestEntryStatus, ManifestWriterV2, write_manifest_list)
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import IdentityTransform
from pyiceberg.typedef import Record
from pyiceberg.types import IntegerType, LongType, NestedField, StringType

from joist_library import Choice, CreateOptions, Joist, JoistError, ScanOptions, lent


class Catalog(Joist):
    """One catalog, in a context of its own."""

    def __init__(self, warehouse):
        super().__init__()
        self.catalog = ctypes.c_void_p()
        self.call("joist_catalog_open", self.ctx, warehouse.encode(), None, ctypes.byref(self.catalog))

    def close(self):
        self.library.joist_catalog_close(self.catalog)
        super().close()

    def create(self, table, schema, partition=None):
        with lent(schema) as c_schema:
            options = CreateOptions(ctypes.sizeof(CreateOptions), ctypes.addressof(c_schema), None,
                                    partition.encode() if partition else None, None, 0)
            self.call("joist_table_create", self.catalog, table.encode(), ctypes.byref(options))

    def append(self, table, rows):
        with lent(pa.RecordBatchReader.from_batches(rows.schema, rows.to_batches())) as stream:
            self.call("joist_table_append", self.catalog, table.encode(), ctypes.byref(stream), None, None)

    def scan(self, table, where=None, snapshot_id=0):
        options = ScanOptions(ctypes.sizeof(ScanOptions), Choice(snapshot_id, None, False, 0), None, 0,
                              where.encode() if where else None, 0, None)
        return self.rows("joist_table_scan", self.catalog, table.encode(), ctypes.byref(options)).read_all()

    def history(self, table):
        return self.rows("joist_table_history", self.catalog, table.encode()).read_all()

    def sync(self):
        renewed = ctypes.c_uint64()
        self.call("joist_catalog_sync", self.catalog, ctypes.byref(renewed))
        return renewed.value


def plain(value):
    """Maps as sorted pairs, so that rows compare."""
    if isinstance(value, dict):
        return tuple(sorted((key, plain(item)) for key, item in value.items()))
    if isinstance(value, (list, tuple)):
        return tuple(plain(item) for item in value)
    return value


def bag(table):
    return sorted((repr(plain(row)) for row in table.select(sorted(table.column_names)).to_pylist()))


def same(ours, theirs, what):
    assert bag(ours) == bag(theirs), f"{what}: {len(ours)} and {len(theirs)} rows differ"


ALL = pa.schema([
    pa.field("id", pa.int64(), nullable=False),
    ("flag", pa.bool_()), ("small", pa.int32()), ("real", pa.float32()), ("wide", pa.float64()),
    ("price", pa.decimal128(9, 2)), ("sum", pa.decimal128(38, 4)), ("day", pa.date32()),
    ("clock", pa.time64("us")), ("at", pa.timestamp("us")), ("instant", pa.timestamp("us", "UTC")),
    ("kind", pa.string()), ("blob", pa.binary()), ("four", pa.binary(4)),
    ("tags", pa.list_(pa.string())),
    ("place", pa.struct([("x", pa.float64()), ("name", pa.string())])),
    ("marks", pa.map_(pa.string(), pa.int64())),
])


def random_rows(dice, count, start=0):
    def maybe(value):
        return None if dice.random() < 0.15 else value

    rows = []
    for i in range(start, start + count):
        days = dice.randrange(-2000, 20000)
        micros = dice.randrange(-10**15, 10**15)
        at = datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=micros)
        rows.append({
            "id": i,
            "flag": maybe(dice.random() < 0.5),
            "small": maybe(dice.randrange(-2**31, 2**31)),
            "real": maybe(dice.choice([0.5, -1.25, 1e10, float("inf")])),
            "wide": maybe(dice.uniform(-1e6, 1e6)),
            "price": maybe(decimal.Decimal(dice.randrange(-10**9 + 1, 10**9)) / 100),
            "sum": maybe(decimal.Decimal(dice.randrange(-10**30, 10**30)).scaleb(-4)),
            "day": maybe(datetime.date(1970, 1, 1) + datetime.timedelta(days=days)),
            "clock": maybe(datetime.time(dice.randrange(24), dice.randrange(60), 1, dice.randrange(10**6))),
            "at": maybe(at),
            "instant": maybe(at.replace(tzinfo=datetime.timezone.utc)),
            "kind": maybe(dice.choice(["oak", "yew", "ash", "x" * 40, "å ö/ä?", ""])),
            "blob": maybe(dice.randbytes(dice.randrange(30))),
            "four": maybe(dice.randbytes(4)),
            "tags": maybe([maybe("t%d" % dice.randrange(9)) for _ in range(dice.randrange(4))]),
            "place": maybe({"x": maybe(dice.random()), "name": maybe("here")}),
            "marks": maybe([("m%d" % k, maybe(k)) for k in range(dice.randrange(3))]),
        })
    with decimal.localcontext() as context:
        context.prec = 50
        return pa.Table.from_pylist(rows, schema=ALL)


def theirs_reads_ours(ours, theirs, dice):
    print("our table, read and appended to by PyIceberg")
    rows = random_rows(dice, 300)
    for name, partition in [("flat", None), ("kinds", "kind"),
                            ("many", "year(day), bucket(4, id), truncate(2, kind), hour(at), flag, price")]:
        table = "n." + name
        ours.create(table, ALL, partition)
        ours.append(table, rows)
        same(ours.scan(table), rows, table)
        loaded = theirs.load_table(table)
        same(loaded.scan().to_arrow().cast(ALL), rows, table + " by PyIceberg")
        assert loaded.inspect.files().num_rows >= 1
        if partition in (None, "kind"):
            more = random_rows(dice, 50, 1000)
            loaded.append(more)
            same(ours.scan(table), pa.concat_tables([rows, more]), table + " after PyIceberg's append")
            ours.append(table, random_rows(dice, 20, 2000))
            loaded.refresh()
            same(ours.scan(table), loaded.scan().to_arrow().cast(ALL), table + " after both")
            history = ours.history(table)
            assert history.column("added_rows").to_pylist() == [300, 50, 20]
            assert history.column("total_rows").to_pylist() == [300, 350, 370]


def prunes_nothing_wrong(ours, dice):
    print("predicates against the whole table")
    table = "n.many"
    whole = ours.scan(table)
    pruned_some = 0
    for _ in range(150):
        day = datetime.date(1970, 1, 1) + datetime.timedelta(days=dice.randrange(-2000, 20000))
        number = dice.randrange(-5, 305)
        kind = dice.choice(["oak", "yew", "x" * 40, "zzz"])
        price = decimal.Decimal(dice.randrange(-10**9, 10**9)) / 100
        cases = [
            (f"day < date '{day}'", pc.less(whole["day"], pa.scalar(day))),
            (f"day >= date '{day}'", pc.greater_equal(whole["day"], pa.scalar(day))),
            (f"id = {number}", pc.equal(whole["id"], number)),
            (f"id in ({number}, {number + 1})", pc.is_in(whole["id"], pa.array([number, number + 1]))),
            (f"kind = '{kind}'", pc.equal(whole["kind"], kind)),
            (f"kind > '{kind}'", pc.greater(whole["kind"], kind)),
            (f"price <= {price:.2f}", pc.less_equal(whole["price"], pa.scalar(price, pa.decimal128(9, 2)))),
            ("kind is null", pc.is_null(whole["kind"])),
            ("day is not null", pc.is_valid(whole["day"])),
        ]
        where, mask = dice.choice(cases)
        other, other_mask = dice.choice(cases)
        if dice.random() < 0.5:
            where, mask = f"({where}) and ({other})", pc.and_kleene(mask, other_mask)
        elif dice.random() < 0.5:
            where, mask = f"({where}) or ({other})", pc.or_kleene(mask, other_mask)
        found = ours.scan(table, where)
        same(found, whole.filter(mask), where)
        pruned_some += len(found) < len(whole)
    assert pruned_some > 50


def ours_reads_theirs(ours, theirs, dice):
    print("PyIceberg's table, read and appended to by us, its schema evolved")
    schema = Schema(NestedField(1, "id", IntegerType(), required=False),
                    NestedField(2, "kind", StringType(), required=False))
    spec = PartitionSpec(PartitionField(2, 1000, IdentityTransform(), "kind"))
    theirs.create_namespace_if_not_exists("p")
    for name, partitioning in [("p.flat", PartitionSpec()), ("p.kinds", spec)]:
        loaded = theirs.create_table(name, schema, partition_spec=partitioning)
        first = pa.table({"id": pa.array([1, 2, None], pa.int32()), "kind": ["oak", None, "a b"]})
        loaded.append(first)
        same(ours.scan(name), first, name)
        ours.append(name, pa.table({"id": pa.array([3], pa.int32()), "kind": ["ash"]}))
        loaded.refresh()
        same(loaded.scan().to_arrow(), ours.scan(name), name)
        before = loaded.current_snapshot().snapshot_id
        with loaded.update_schema() as update:
            update.update_column("id", LongType())
            update.rename_column("kind", "sort")
            update.add_column("note", StringType())
        assert ours.sync() >= 1
        second = pa.table({"id": pa.array([2**40], pa.int64()), "sort": ["oak"], "note": ["new"]})
        ours.append(name, second)
        loaded.refresh()
        same(loaded.scan().to_arrow(), ours.scan(name), name + " evolved")
        assert len(ours.scan(name, "sort = 'oak'")) == 2
        assert len(ours.scan(name, "note is null")) == 4
        assert ours.scan(name, snapshot_id=before).column_names == ["id", "kind"]
        loaded.delete("id = 1")
        same(loaded.scan().to_arrow(), ours.scan(name), name + " after a delete")
        loaded.delete("sort = 'oak'")
        same(loaded.scan().to_arrow(), ours.scan(name), name + " after another")
    with loaded.update_spec() as update:
        update.remove_field("kind")
    ours.append(name, second)
    loaded.refresh()
    same(loaded.scan().to_arrow(), ours.scan(name), name + " with another partitioning")
    loaded.manage_snapshots().create_tag(before, "first").commit()
    assert len(ours.scan(name, snapshot_id=before)) == 4


class DeletesWriter(ManifestWriterV2):
    def content(self):
        return ManifestContent.DELETES

    @property
    def _meta(self):
        return {**super()._meta, "content": "deletes"}


def deletes_are_refused(ours, theirs, warehouse):
    print("a snapshot with delete files is refused by name")
    ours.create("n.deletes", pa.schema([("id", pa.int64())]))
    ours.append("n.deletes", pa.table({"id": [1, 2, 3]}))
    loaded = theirs.load_table("n.deletes")
    io = loaded.io
    folder = loaded.location() + "/metadata"
    snapshot_id, sequence = 4242, 2
    file = DataFile.from_args(_table_format_version=2, content=DataFileContent.POSITION_DELETES,
                              file_path=folder + "/gone-deletes.parquet", file_format=FileFormat.PARQUET,
                              partition=Record(), record_count=1, file_size_in_bytes=99, column_sizes=None,
                              value_counts=None, null_value_counts=None, nan_value_counts=None,
                              lower_bounds=None, upper_bounds=None, key_metadata=None, split_offsets=None,
                              equality_ids=None, sort_order_id=None)
    output = io.new_output(f"{folder}/{uuid.uuid4()}-m0.avro")
    with DeletesWriter(loaded.spec(), loaded.schema(), output, snapshot_id, "deflate") as writer:
        writer.add(ManifestEntry.from_args(_table_format_version=2, status=ManifestEntryStatus.ADDED,
                                           snapshot_id=snapshot_id, data_file=file))
    deletes = writer.to_manifest_file()
    assert deletes.content == ManifestContent.DELETES
    current = loaded.current_snapshot()
    list_path = f"{folder}/snap-{snapshot_id}.avro"
    with write_manifest_list(2, io.new_output(list_path), snapshot_id, current.snapshot_id, sequence,
                             "deflate") as out:
        out.add_manifests([deletes] + current.manifests(io))
    old = loaded.metadata_location
    with open(old.removeprefix("file://"), encoding="utf-8") as source:
        metadata = json.load(source)
    metadata["snapshots"].append({
        "snapshot-id": snapshot_id, "parent-snapshot-id": current.snapshot_id, "sequence-number": sequence,
        "timestamp-ms": metadata["last-updated-ms"] + 1, "manifest-list": list_path,
        "summary": {"operation": "delete"}, "schema-id": 0})
    metadata.update({"last-sequence-number": sequence, "current-snapshot-id": snapshot_id,
                     "last-updated-ms": metadata["last-updated-ms"] + 1})
    metadata["refs"]["main"]["snapshot-id"] = snapshot_id
    new = old.replace("/00001-", "/00002-")
    with open(new.removeprefix("file://"), "w", encoding="utf-8") as target:
        json.dump(metadata, target)
    with sqlite3.connect(warehouse + "/catalog.db") as db:
        db.execute("update iceberg_tables set metadata_location = ? where metadata_location = ?", (new, old))
    db.close()
    try:
        ours.scan("n.deletes")
    except JoistError as refused:
        assert refused.status == "UNSUPPORTED", refused
        assert "position deletes" in str(refused) and "gone-deletes.parquet" in str(refused), refused
    else:
        raise AssertionError("read past delete files")
    assert len(ours.scan("n.deletes", snapshot_id=current.snapshot_id)) == 3
    ours.append("n.deletes", pa.table({"id": [4]}))
    loaded.refresh()
    assert any(manifest.content == ManifestContent.DELETES for manifest in
               loaded.current_snapshot().manifests(io)), "an append dropped the delete manifest"


def the_mirror_is_plain_sql(ours, warehouse):
    print("the mirror of schemas")
    ours.sync()
    with sqlite3.connect(warehouse + "/catalog.db") as db:
        assert db.execute("select count(*) from joist_schema_stale").fetchone()[0] == 0
        rows = db.execute("select schema_version, schema from joist_schema where table_name = 'flat' and "
                          "table_namespace = 'p' order by 1").fetchall()
        assert [row[0] for row in rows] == [0, 1], rows
        assert [field["name"] for field in json.loads(rows[1][1])["fields"]] == ["id", "sort", "note"]
    db.close()


def main():
    seed = int(os.environ.get("JOIST_SEED", random.randrange(2**31)))
    print("seed", seed)
    dice = random.Random(seed)
    with tempfile.TemporaryDirectory(dir=os.getcwd()) as warehouse:
        warehouse = os.path.realpath(warehouse)
        ours = Catalog(warehouse)
        theirs = SqlCatalog("default", uri=f"sqlite:///{warehouse}/catalog.db", warehouse="file://" + warehouse)
        theirs_reads_ours(ours, theirs, dice)
        prunes_nothing_wrong(ours, dice)
        ours_reads_theirs(ours, theirs, dice)
        deletes_are_refused(ours, theirs, warehouse)
        the_mirror_is_plain_sql(ours, warehouse)
        left = [name for name in glob.glob(warehouse + "/**", recursive=True) if ".tmp" in name]
        assert not left, left
        ours.close()


if __name__ == "__main__":
    sys.exit(main())
