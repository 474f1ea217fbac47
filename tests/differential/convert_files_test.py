"""Every file of parquet-testing that reads, converted by us to Parquet and to Arrow IPC: the same values and logical types.

    JOIST_PARQUET_TESTING says where the files are, else ../shared/parquet-testing; without them it is skipped, but not in CI

pyarrow reads the file and what we made of it; where it cannot, we do. Logical types are those of the leaves, as the files'
schemas have them. What differs stands in the tables below with its reason.
"""
import json
import os
import subprocess
import sys
import tempfile

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq

from joist_library import Joist, JoistError
from table_parts import compare

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FILES = os.environ.get("JOIST_PARQUET_TESTING") or os.path.join(ROOT, os.pardir, "shared", "parquet-testing")
JOIST = os.environ["JOIST_COMMAND"]
COMPATS = ("v1", "wide", "new")

# Refused when they are read, with a word of what is said.
REFUSED = {
    "datapage_v1-corrupt-checksum.parquet": "checksum",  # wrong on purpose
    "rle-dict-uncompressed-corrupt-checksum.parquet": "checksum",
}
# Logical types that do not come through.
OTHER_TYPES = {
    "map_no_value.parquet",  # a map of keys alone is read as a list of them, and a list is written
}
# Not converted here: a row of 1 GiB takes 8 GiB of memory.
TOO_LARGE = {"large_string_map.brotli.parquet"}
# Variants that break the format on purpose: refused too. The files' cases.json says which.
BAD_VARIANTS = "shredded_variant"


def run(*arguments):
    return subprocess.run([JOIST, *arguments], capture_output=True, text=True, check=False)


def elements(path):
    done = run("inspect", "--json", path)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["schema"]


def logical(element):
    """The logical type of a leaf, as a reader would know it: that of a converted type where there is no other."""
    found, converted = element.get("logical"), element.get("converted")
    if element.get("physical") == "INT96":
        return {"type": "TIMESTAMP", "unit": "NANOS", "utc": False}  # which is what we read it as, and write
    if found and found["type"] == "TIME":
        return {"type": "TIME", "unit": found["unit"]}  # of a day: ours have no zone
    if found:
        return found
    if converted == "DECIMAL":
        return {"type": "DECIMAL", "precision": element["precision"], "scale": element.get("scale", 0)}
    if converted == "UTF8":
        return {"type": "STRING"}
    if converted and converted.startswith("TIMESTAMP"):
        return {"type": "TIMESTAMP", "unit": converted.split("_")[1], "utc": True}
    if converted and converted.startswith("TIME"):
        return {"type": "TIME", "unit": converted.split("_")[1]}
    if converted and ("INT_" in converted):
        # Signed integers of the physical type's width have no logical type of their own.
        width, signed = int(converted.split("_")[1]), converted.startswith("INT")
        return None if signed and width >= 32 else {"type": "INTEGER", "bits": width, "signed": signed}
    return {"type": converted} if converted else None


def leaf_types(path):
    """Of each leaf: its logical type, whether it may be null, and what the groups above it are."""
    made, above = [], []
    for element in elements(path)[1:]:
        while above and above[-1][1] == 0:
            above.pop()
        if above:
            above[-1][1] -= 1
        kind = logical(element)
        if "children" in element and "physical" not in element:
            above.append([kind["type"] if kind else None, element["children"]])
            continue
        if kind and kind["type"] == "INTEGER" and kind.get("signed", True) and kind.get("bits", 0) >= 32:
            kind = None
        groups = [name for name, _ in above if name in ("MAP", "VARIANT", "FILE")]
        made.append((kind, groups))
    return made


def storage(table):
    """Extension arrays as what they are made of: readers know different ones."""
    columns = [pa.chunked_array([chunk.storage if isinstance(chunk, pa.ExtensionArray) else chunk for chunk in column.chunks],
                                column.type.storage_type if isinstance(column.type, pa.BaseExtensionType) else column.type)
               for column in table.columns]
    return pa.table(columns, names=[f"c{number}" for number in range(len(columns))])


def same(what, wanted, found):
    wanted, found = storage(wanted), storage(found)
    compare(what, wanted, found, wanted.column_names)


def read_both(joist, path, made):
    """What pyarrow reads of both, or we do where it cannot read the first."""
    try:
        return pq.read_table(path), pq.read_table(made)
    except (pa.ArrowException, OSError):
        return joist.read_parquet(path), joist.read_parquet(made)


def check_parquet(joist, path, folder, compat):
    made = os.path.join(folder, "made.parquet")
    done = run("convert", path, made, "--force", "--quiet", "--compat", compat)
    assert done.returncode == 0, done.stderr
    done = run("check", made)
    assert done.returncode == 0, done.stdout
    is_shredded = any(groups and groups[-1] == "VARIANT" for _, groups in leaf_types(path))
    if not is_shredded:
        before, after = leaf_types(path), leaf_types(made)
        assert before == after or os.path.basename(path) in OTHER_TYPES, f"{compat}: {before} became {after}"
        same(compat, *read_both(joist, path, made))
    ours, again = joist.read_parquet(path), joist.read_parquet(made)
    assert ours.schema.equals(again.schema, check_metadata=False), f"{ours.schema} became {again.schema}"
    same(f"{compat}, by us", ours, again)


def check_arrow(joist, path, folder, name):
    made = os.path.join(folder, "made." + name)
    done = run("convert", path, made, "--force", "--quiet")
    assert done.returncode == 0, done.stderr
    with pa.OSFile(made) as file:
        found = (pa.ipc.open_stream if name == "arrows" else pa.ipc.open_file)(file).read_all()
    found.validate(full=True)
    ours = joist.read_parquet(path)
    assert found.schema.types == ours.schema.types, f"{found.schema} of {ours.schema}"
    same(name, ours, found)


def check_file(joist, path, name, folder):
    """Whether it was compared."""
    if name in TOO_LARGE:
        return False
    try:
        joist.read_parquet(path)
    except (JoistError, OSError) as error:
        refused = REFUSED.get(name)
        assert (refused and refused in str(error)) or BAD_VARIANTS in path, f"does not read: {error}"
        done = run("convert", path, os.path.join(folder, "made.parquet"), "--force")
        assert done.returncode == 3, "what does not read was converted"
        return False
    for compat in COMPATS:
        check_parquet(joist, path, folder, compat)
    for name in ("arrow", "arrows"):
        check_arrow(joist, path, folder, name)
    return True


def main():
    if not os.path.isdir(FILES):
        print(f"skipped: no conformance files in {FILES}")
        sys.exit(1 if os.environ.get("CI") else 0)
    joist = Joist(threads=2)
    done, failed = 0, []
    with tempfile.TemporaryDirectory() as folder:
        for part in ("data", "shredded_variant"):
            for where, _, names in sorted(os.walk(os.path.join(FILES, part))):
                for name in sorted(names):
                    if not name.endswith(".parquet"):
                        continue
                    try:
                        done += check_file(joist, os.path.join(where, name), name, folder)
                    except (AssertionError, JoistError, OSError) as error:
                        failed.append(f"{name}: {str(error)[:600]}")
    joist.close()
    if failed:
        sys.exit("\n".join(failed))
    print(f"{done} conformance files came through as they were")


main()
