"""Every file of parquet-testing's data, read by us and by pyarrow: the same types and values.

    JOIST_PARQUET_TESTING says where the files are, else ../shared/parquet-testing; without them it is skipped, but not in CI

What differs stands in the two tables below with its reason.
"""
import os
import sys

import pyarrow.parquet as pq

from joist_library import Joist, JoistError
from random_read_test import compare

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FILES = os.environ.get("JOIST_PARQUET_TESTING") or os.path.join(ROOT, os.pardir, "shared", "parquet-testing")

# A checksum in them is wrong on purpose: refused, and the same without looking at checksums.
BAD_CHECKSUM = {"datapage_v1-corrupt-checksum.parquet", "rle-dict-uncompressed-corrupt-checksum.parquet"}
# pyarrow cannot read them: rows, and what the values are held against.
NOT_BY_PYARROW = {
    # Strings of 1 GiB: what Arrow's 32-bit offsets cannot hold in one array. The file's README says what is in it.
    "large_string_map.brotli.parquet": 2,
}


def check_large(joist, path, rows):
    """A map with one key of 1 GiB in each row."""
    table = joist.read_parquet(path, text="view", batch_rows=1)
    assert table.num_rows == rows, table.num_rows
    for row in range(rows):
        (key, value), = table[0][row].as_py()
        assert len(key) == 1 << 30 and value is not None, (len(key), value)


def memory_bytes():
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES")


def check_file(joist, path, name):
    """Whether the file was compared."""
    if name in BAD_CHECKSUM:
        try:
            joist.read_parquet(path)
            raise AssertionError(f"{name}: a wrong checksum was not seen")
        except OSError as error:
            assert "checksum" in str(error), error
        compare(joist.read_parquet(path, no_crc=True), pq.read_table(path), name)
        return True
    if name in NOT_BY_PYARROW:
        if memory_bytes() < 10 << 30:
            print(f"skipped: {name}, which takes 8 GiB")
            return False
        large = Joist(memory_bytes_max=8 << 30, threads=2)
        check_large(large, path, NOT_BY_PYARROW[name])
        large.close()
        return True
    compare(joist.read_parquet(path), pq.read_table(path), name)
    return True


def main():
    folder = os.path.join(FILES, "data")
    if not os.path.isdir(folder):
        print(f"skipped: no conformance files in {folder}")
        sys.exit(1 if os.environ.get("CI") else 0)
    joist = Joist(threads=2)
    same = 0
    failed = []
    for where, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            if not name.endswith(".parquet"):
                continue
            try:
                same += check_file(joist, os.path.join(where, name), name)
            except (AssertionError, JoistError, OSError) as error:
                failed.append(f"{name}: {str(error)[-400:]}")
    joist.close()
    if failed:
        sys.exit("\n".join(failed))
    print(f"{same} conformance files read the same")


if __name__ == "__main__":
    main()
