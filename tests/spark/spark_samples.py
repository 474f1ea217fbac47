#!/usr/bin/env python3
"""spark_samples - files and tables of ours for Spark, and a comparison of what Spark made of them

    spark_samples.py make FOLDER      FOLDER/in/NAME.parquet, FOLDER/warehouse, and what each holds in FOLDER/truth/NAME.arrow
    spark_samples.py compare FOLDER   FOLDER/out/NAME, written by Spark, against the truth

Random tables (JOIST_SEED, JOIST_FILES: 40 each) and TPC-H's lineitem, each for readers of v1 and of `wide`.
"""
import glob
import json
import os
import random
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(1, os.path.join(TESTS, "differential"))

import random_files
from joist_library import COMPATS, Joist
from table_parts import compare

COMMAND = os.environ["JOIST_COMMAND"]
# What Spark 4.0 has no type for, and what Iceberg has none for.
NOT_SPARK = ("time32", "time64", "decimal256", "null")
NOT_ICEBERG = NOT_SPARK + ("uint", "int8", "int16", "[s", "[ms", "[ns", "duration", "Europe", "dictionary")
ROW = "joist_row"


def known(table, words):
    types = {field.name: str(field.type).replace(" not null", "") for field in table.schema}
    names = [name for name, kind in types.items() if not any(word in kind for word in words)]
    whole = [name for name in names if not table[name].type == pa.null()]
    return table.select(whole)


def is_whole(table):
    try:
        table.validate(full=True)
    except pa.ArrowInvalid:  # pyarrow's own: codes of an empty dictionary
        return False
    return True


def sample(rng, words):
    """A random table with rows that these words let pass, its rows numbered."""
    while True:
        table = known(random_files.table(rng)[0], words)
        if table.num_columns and table.num_rows > 1 and is_whole(table):
            numbers = pa.array(range(table.num_rows), pa.int64())
            return table.append_column(pa.field(ROW, pa.int64(), nullable=False), numbers)


def joist(*arguments):
    done = subprocess.run([COMMAND, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, f"{arguments}: {done.stderr}"


def keep(folder, name, table):
    with pa.ipc.new_file(os.path.join(folder, "truth", f"{name}.arrow"), table.schema) as file:
        file.write_table(table)


def make_file(library, rng, folder, number, compat):
    table, name = sample(rng, NOT_SPARK), f"file{number:03}-{compat}"
    options = {
        "compat": COMPATS[compat], "page_rows_max": rng.choice([0, 0, 7, 64]), "row_group_rows_max": rng.choice([0, 0, 100]),
        "no_dictionary": rng.random() < 0.3, "bloom": rng.choice([0, 2]),
        "codec": rng.choice(["default", "none", "snappy", "gzip", "zstd", "lz4_raw"]),
    }
    library.write_parquet(os.path.join(folder, "in", f"{name}.parquet"), table.schema, table.to_batches(), **options)
    keep(folder, name, table)


def make_table(folder, name, compat, source, *options):
    place = ("--warehouse", os.path.join(folder, "warehouse"))
    joist("create", f"samples.{name}", "--like", source, "--property", f"joist.parquet.compat={compat}", *options, *place)
    joist("append", f"samples.{name}", source, *place)


def make_lineitem(folder):
    tool = os.path.join(os.path.dirname(sys.executable), "tpchgen-cli")
    subprocess.run([tool, "parquet", "-s", "0.02", "--tables", "lineitem", "--output-dir", folder], check=True, capture_output=True)
    source = os.path.join(folder, "lineitem.parquet")
    numbered = os.path.join(folder, "numbered.parquet")
    table = pq.read_table(source)
    table = table.append_column(ROW, pa.array(range(table.num_rows), pa.int64()))
    pq.write_table(table, numbered)
    for compat in ("v1", "wide"):
        joist("convert", "--compat", compat, numbered, os.path.join(folder, "in", f"lineitem-{compat}.parquet"))
        make_table(folder, f"lineitem_{compat}", compat, numbered)
        keep(folder, f"lineitem-{compat}", table)
        keep(folder, f"lineitem_{compat}", table)


def make(folder):
    seed, count = os.environ.get("JOIST_SEED") or str(random.randrange(2**32)), int(os.environ.get("JOIST_FILES", "40"))
    print(f"JOIST_SEED={seed}")
    for name in ("in", "truth"):
        os.makedirs(os.path.join(folder, name))
    library = Joist(threads=1)
    make_lineitem(folder)
    for number in range(count):
        rng = random.Random(f"{seed}-{number}")
        compat = ("v1", "wide")[number % 2]
        make_file(library, rng, folder, number, compat)
        table, name = sample(rng, NOT_ICEBERG), f"table{number:03}_{compat}"
        source = os.path.join(folder, "source.parquet")
        library.write_parquet(source, table.schema, table.to_batches())
        make_table(folder, name, compat, source)
        keep(folder, name, table)
    library.close()


def compare_all(folder):
    names = sorted(os.path.splitext(name)[0] for name in os.listdir(os.path.join(folder, "truth")))
    with open(os.path.join(folder, "failed.json"), encoding="utf-8") as file:
        failed = json.load(file)
    for name in names:
        try:
            assert name not in failed, failed.get(name)
            truth = pa.ipc.open_file(os.path.join(folder, "truth", f"{name}.arrow")).read_all()
            [path] = glob.glob(os.path.join(folder, "out", name, "*.parquet"))
            found = pq.read_table(path)
            compare("Spark", truth, found.take(pa.compute.sort_indices(found[ROW])), truth.column_names)
        except Exception as error:
            failed[name] = str(error)
            print(f"{name}: {type(error).__name__}: {str(error)[:1500]}", file=sys.stderr)
    if failed:
        sys.exit(f"{len(failed)} of {len(names)} differ")
    print(f"{len(names)} files and tables read by Spark the same")


def main():
    {"make": make, "compare": compare_all}[sys.argv[1]](sys.argv[2])


if __name__ == "__main__":
    main()
