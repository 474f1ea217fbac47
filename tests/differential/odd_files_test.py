"""Files at the edges of the format: without groups, rows or columns; with parts that no reader knows.

    odd_files_test.py          the library at JOIST_LIBRARY, the command at JOIST_COMMAND

pyarrow writes them, and some get a few bytes changed or put in here, by the format's text: an INDEX page, an unknown
column order, an unknown field of the footer, LZO, a chunk that is said to stand in another file.
"""
import os
import struct
import tempfile

import pyarrow as pa
import pyarrow.parquet as pq

from joist_library import Joist, JoistError
from prune_test import pruned_of

ROWS = 1000
NAME = "column_x"


def write(path, table=None, **options):
    table = pa.table({NAME: pa.array(range(ROWS), pa.int64())}) if table is None else table
    options = {"compression": "snappy", "use_dictionary": False, "write_statistics": False, "store_schema": False} | options
    pq.write_table(table, path, **options)
    return table


def varint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def parts(path):
    """Data with the first magic, and the footer."""
    data = open(path, "rb").read()
    size = struct.unpack("<I", data[-8:-4])[0]
    return data[:-8 - size], data[-8 - size:-8]


def put_together(path, data, footer):
    with open(path, "wb") as file:
        file.write(data + footer + struct.pack("<I", len(footer)) + b"PAR1")


def replace_once(text, old, new):
    assert text.count(old) == 1, (old, text.count(old))
    return text.replace(old, new)


def refused(joist, path, words):
    try:
        joist.read_parquet(path)
    except (JoistError, OSError, pa.ArrowException) as error:
        assert words in str(error), error
        return
    raise AssertionError(f"{path} was read: {words}")


def check_nothing(joist, path):
    """No groups, groups without rows, no columns."""
    schema = pa.schema([("i", pa.int64()), ("s", pa.string()), ("l", pa.list_(pa.struct([("a", pa.int8())])))])
    with pq.ParquetWriter(path, schema):
        pass
    assert joist.read_parquet(path).equals(pq.read_table(path))
    with pq.ParquetWriter(path, schema) as writer:
        writer.write_table(schema.empty_table())
        writer.write_table(schema.empty_table())
    assert joist.read_parquet(path).equals(pq.read_table(path))
    pq.write_table(pa.table({}), path)
    table = joist.read_parquet(path)
    assert table.num_columns == 0 and table.num_rows == 0


def check_index_page(joist, path):
    """An INDEX page before the data page and one behind it are passed over."""
    table = write(path)
    data, footer = parts(path)
    page = bytes([0x15, 2, 0x15, 8, 0x15, 8, 0x3C, 0, 0]) + b"abcd"
    chunk = pq.ParquetFile(path).metadata.row_group(0).column(0)
    for field, size in (("uncompressed", chunk.total_uncompressed_size), ("compressed", chunk.total_compressed_size)):
        old, new = varint(2 * size), varint(2 * (size + 2 * len(page)))
        assert len(old) == len(new), field
        # The field's head; the group's total_byte_size is the same number behind another one.
        footer = footer.replace(b"\x16" + old, b"\x16" + new)
    put_together(path, data[:4] + page + data[4:] + page, footer)
    assert joist.read_parquet(path).equals(table)


def check_unknown_order(joist, path):
    """Bounds whose order nobody knows are no bounds; those of the type's own order are."""
    write(path, write_statistics=True)
    where = f"{NAME} > {2 * ROWS}"
    assert pruned_of(path, where, NAME)[:2] == [0, 1]
    data, footer = parts(path)
    # column_orders: a list of one struct, of which field 1 becomes field 9.
    put_together(path, data, replace_once(footer, b"\x1c\x1c\x00\x00", b"\x1c\x9c\x00\x00"))
    assert pruned_of(path, where, NAME)[:2] == [1, 1]
    assert joist.read_parquet(path)[NAME].to_pylist() == list(range(ROWS))


def check_unknown_field(joist, path):
    """A field of the footer that nobody knows, of a struct with a list of maps in it, is passed over."""
    table = write(path)
    data, footer = parts(path)
    unknown = bytes([0x0C]) + varint(2 * 200) + bytes([0x19, 0x1B, 1, 0x58, 2, 2]) + b"ab" + bytes([0]) + bytes([0])
    put_together(path, data, footer[:-1] + unknown)
    assert joist.read_parquet(path).equals(table)


def check_refusals(joist, path):
    write(path)
    data, footer = parts(path)
    codec = bytes([len(NAME)]) + NAME.encode() + b"\x15"
    put_together(path, data, replace_once(footer, codec + b"\x02", codec + b"\x06"))
    refused(joist, path, "LZO")
    put_together(path, data, replace_once(footer, codec + b"\x02", codec + b"\x40"))
    refused(joist, path, "codec")
    table = write(path)
    metadata = pq.ParquetFile(path).metadata
    metadata.set_file_path("elsewhere.parquet")
    metadata.write_metadata_file(path)
    assert pq.ParquetFile(path).metadata.num_rows == table.num_rows
    refused(joist, path, "elsewhere.parquet")


def main():
    joist = Joist(memory_bytes_max=256 << 20)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "odd.parquet")
        checks = [check_nothing, check_index_page, check_unknown_order, check_unknown_field, check_refusals]
        for check in checks:
            check(joist, path)
    joist.close()
    print(f"{len(checks)} kinds of odd files passed")


if __name__ == "__main__":
    main()
