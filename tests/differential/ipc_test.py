"""Arrow's IPC format, file and stream: what pyarrow and Polars write is read, what joist writes they read.

Random schemas of every type that joist takes, nested; each codec; dictionaries that are replaced and that grow; views and
large types; batches of no row; files cut short and pipes.
"""
import ctypes
import os
import random
import sys
import tempfile
import threading

import polars
import pyarrow as pa
import pyarrow.ipc

import random_files
from joist_library import IpcOptions, Joist, JoistError, lent

CODECS = {None: 0, "lz4": 1, "zstd": 2}
TABLES = 60


def read(joist, path, keep_layout=False):
    source = joist.open_source(path)
    options = IpcOptions(ctypes.sizeof(IpcOptions), keep_layout=keep_layout)
    try:
        reader = joist.rows("joist_ipc_open", joist.ctx, source, ctypes.byref(options))
    except JoistError:
        joist.library.joist_source_close(ctypes.byref(source))
        raise
    return reader.read_all()


def write(joist, path, table, codec=None, as_stream=False, rows=None):
    options = IpcOptions(ctypes.sizeof(IpcOptions), as_stream, CODECS[codec])
    sink = joist.open_sink(path)
    try:
        with lent(table.to_reader(max_chunksize=rows)) as stream:
            joist.call("joist_ipc_write", joist.ctx, ctypes.byref(stream), sink, ctypes.byref(options))
    except JoistError:
        joist.library.joist_sink_abort(ctypes.byref(sink))
        raise
    joist.call("joist_sink_commit", ctypes.byref(sink))


def by_pyarrow(path, table, codec, as_stream, rows, **wanted):
    options = pa.ipc.IpcWriteOptions(compression=codec, **wanted)
    make = pa.ipc.new_stream if as_stream else pa.ipc.new_file
    with make(path, table.schema, options=options) as writer:
        for batch in table.to_batches(max_chunksize=rows):
            writer.write_batch(batch)


def read_back(path, as_stream):
    with pa.OSFile(path) as file:
        return (pa.ipc.open_stream if as_stream else pa.ipc.open_file)(file).read_all()


def rows_of(table):
    """Values alone, so that layouts may differ; repr tells NaN from NaN by its text, and -0.0 from 0.0."""
    return [repr(column.to_pylist()) for column in table.columns]


def check(what, table, got):
    assert table.column_names == got.column_names, (what, got.schema)
    assert table.num_rows == got.num_rows, (what, table.num_rows, got.num_rows)
    for name, one, other in zip(table.column_names, rows_of(table), rows_of(got)):
        assert one == other, (what, name, table.schema.field(name), one[:300], other[:300])


def special_tables():
    text = ["oak", None, "a text of more than twelve bytes", "", "ash", "oak"]
    yield "views", pa.table({"s": pa.array(text, pa.string_view()),
                             "b": pa.array([t and t.encode() for t in text], pa.binary_view())})
    yield "large", pa.table({"s": pa.array(text, pa.large_string()),
                             "l": pa.array([[1], None, [], [2, 3], [None], [4]], pa.large_list(pa.int16()))})
    yield "dictionary", pa.table({
        "d": pa.array(text).dictionary_encode(),
        "n": pa.DictionaryArray.from_arrays(pa.array([0, 1, None, 1, 0, 1], pa.int8()), pa.array([7, None])),
        "l": pa.array([["x"], ["y", None], None, [], ["x"], ["z"]], pa.list_(pa.dictionary(pa.int32(), pa.string())))})
    yield "fixed", pa.table({"f": pa.array([[1, 2], None, [3, 4], [5, 6], [7, 8], [9, None]], pa.list_(pa.int32(), 2)),
                             "m": pa.array([[("a", 1)], None, [], [("b", None)], [], []],
                                           pa.map_(pa.string(), pa.int64()))})
    inner = pa.StructArray.from_arrays([pa.array([1, 2, 3]), pa.array(["x", None, "x"]).dictionary_encode()], ["a", "d"])
    maps = pa.array([[("k", 1)], [], None], pa.map_(pa.string(), pa.int64()))
    yield "nested dictionaries", pa.table({
        "s": pa.DictionaryArray.from_arrays(pa.array([0, 2, None, 1, 0, 2], pa.int8()), inner),
        "l": pa.DictionaryArray.from_arrays(pa.array([0, 1, None, 1, 2, 0], pa.int64()), pa.array([[1, 2], [], None])),
        "m": pa.DictionaryArray.from_arrays(pa.array([0, 1, None, 2, 0, 1], pa.uint16()), maps),
        "b": pa.DictionaryArray.from_arrays(pa.array([0, 1, None, 1, 0, 1], pa.uint8()), pa.array([True, False])),
        "o": pa.DictionaryArray.from_arrays(pa.array([1, 0, None, 1, 0, 1], pa.int32()), pa.array(["b", "a"]), ordered=True),
        "n": pa.DictionaryArray.from_arrays(pa.array([0, None, 0, 0, 0, 0], pa.int8()), pa.nulls(1))})
    yield "list views", pa.table({"v": pa.array([[1], None, [], [2, 3], [None], [4]], pa.list_view(pa.int8())),
                                  "w": pa.array([["x"], None, [], ["y"], [None], [""]],
                                                pa.large_list_view(pa.string_view()))})
    yield "nulls", pa.table({"n": pa.nulls(6), "d": pa.array([0, 86400000, None, -86400000, 1, 2], pa.int64())
                             .cast(pa.timestamp("ms")).cast(pa.date64(), safe=False)})
    yield "times", pa.table({unit: pa.array([0, 1, None, -5, 9, 10], pa.timestamp(unit, "Europe/Berlin"))
                             for unit in ("s", "ms", "us", "ns")})
    yield "empty", pa.table({"a": pa.array([], pa.int64()), "s": pa.array([], pa.string())})


def check_pyarrow(joist, folder, seed):
    path = os.path.join(folder, "theirs")
    tables = list(special_tables())
    for number in range(TABLES):
        table = random_files.table(random.Random(f"{seed}-{number}"))[0]
        if "duration" not in str(table.schema) and "decimal256" not in str(table.schema):
            tables.append((f"{seed}-{number}", table))
    assert len(tables) > TABLES / 2
    for name, table in tables:
        rng = random.Random(f"{name}-{seed}")
        for as_stream in (False, True):
            codec = rng.choice([None, "lz4", "zstd"])
            rows = rng.choice([1, 3, 7, 100, None]) if table.num_rows < 500 else rng.choice([100, None])
            by_pyarrow(path, table, codec, as_stream, rows)
            check((name, codec, as_stream, rows), table, read(joist, path))
            codec = rng.choice([None, "lz4", "zstd"])
            write(joist, path, table, codec, as_stream, rows)
            got = read_back(path, as_stream)
            got.validate(full=True)
            assert got.schema.types == table.schema.types, (name, got.schema, table.schema)
            assert read(joist, path, keep_layout=True).schema.types == table.schema.types, name
            check(("ours", name, codec, as_stream, rows), table, got)
            check(("again", name, codec, as_stream, rows), table, read(joist, path))


def check_dictionaries(joist, folder):
    path = os.path.join(folder, "dictionaries")
    schema = pa.schema([("d", pa.dictionary(pa.int16(), pa.string()))])

    def batch(codes, values):
        return pa.record_batch(
            [pa.DictionaryArray.from_arrays(pa.array(codes, pa.int16()), pa.array(values))], schema=schema)
    grown = [batch([0, 1, None], ["a", "b"]), batch([2, 0], ["a", "b", "c"]), batch([3, 3, 1], ["a", "b", "c", None])]
    replaced = [batch([0, 1], ["a", "b"]), batch([0, 1], ["c", "d"]), batch([None, 0], ["a", "b"])]
    for batches, as_stream in ((grown, True), (grown, False), (replaced, True)):
        options = pa.ipc.IpcWriteOptions(emit_dictionary_deltas=True)
        make = pa.ipc.new_stream if as_stream else pa.ipc.new_file
        with make(path, schema, options=options) as writer:
            for one in batches:
                writer.write_batch(one)
        table = pa.Table.from_batches(batches)
        check("dictionaries", table, read(joist, path))
        for again in (True, False):
            write(joist, path, table, as_stream=again)
            got = read_back(path, again)
            got.validate(full=True)
            assert got.schema == schema
            check("our dictionaries", table, got)
            assert (polars.read_ipc_stream if again else polars.read_ipc)(path).to_dicts() == table.to_pylist(), again


def check_polars(joist, folder):
    path = os.path.join(folder, "polars")
    frame = polars.DataFrame({"i": [1, None, 3], "s": ["x", None, "a text of more than twelve bytes"], "f": [1.5, None, 2.0],
                              "l": [[1, 2], None, []], "st": [{"a": 1, "b": "q"}, {"a": None, "b": None}, {"a": 2, "b": "r"}],
                              "c": polars.Series(["u", "v", "u"], dtype=polars.Categorical),
                              "b": [True, None, False]})
    for codec in ("uncompressed", "lz4", "zstd"):
        frame.write_ipc(path, compression=codec)
        check(("polars", codec), frame.to_arrow(), read(joist, path))
        frame.write_ipc_stream(path, compression=codec)
        check(("polars stream", codec), frame.to_arrow(), read(joist, path))
    for codec in (None, "lz4", "zstd"):
        write(joist, path, frame.to_arrow(), codec)
        assert polars.read_ipc(path).to_dicts() == frame.to_dicts(), codec
        assert polars.scan_ipc(path).select("s", "l").collect().to_dicts() == frame.select("s", "l").to_dicts(), codec
        write(joist, path, frame.to_arrow(), codec, as_stream=True)
        assert polars.read_ipc_stream(path).to_dicts() == frame.to_dicts(), codec


def check_pipe(joist, folder):
    """Both forms in order, through a pipe."""
    path, pipe = os.path.join(folder, "whole"), os.path.join(folder, "pipe")
    table = pa.table({"a": list(range(100000)), "d": pa.array(["x", "y"] * 50000).dictionary_encode()})
    os.mkfifo(pipe)
    for as_stream in (False, True):
        by_pyarrow(path, table, "lz4", as_stream, 7000)

        def feed():
            with open(path, "rb") as source, open(pipe, "wb") as sink:
                sink.write(source.read())
        thread = threading.Thread(target=feed)
        thread.start()
        check("pipe", table, read(joist, pipe))
        thread.join()


def check_refusals(joist, folder):
    path = os.path.join(folder, "broken")
    table = pa.table({"a": [1, 2, 3], "s": ["x", "yy", "zzz"]})
    for as_stream in (False, True):
        by_pyarrow(path, table, "zstd", as_stream, 2)
        whole = open(path, "rb").read()
        for end in range(len(whole)):
            with open(path, "wb") as out:
                out.write(whole[:end])
            try:
                got = read(joist, path)
                assert as_stream and got.num_rows in (0, 2, 3), (end, got.num_rows)
            except JoistError as error:
                assert error.status == "CORRUPT", (end, error)
            except (OSError, pa.ArrowException) as error:
                assert path in str(error), (end, error)
    unsupported = pa.table({"r": pa.RunEndEncodedArray.from_arrays([2, 3], ["a", "b"])})
    by_pyarrow(path, unsupported, None, False, None)
    try:
        read(joist, path)
        raise AssertionError("run-end encoded arrays came in")
    except JoistError as error:
        assert error.status == "UNSUPPORTED" and "'r'" in str(error), error


def main():
    seed = sys.argv[1] if len(sys.argv) > 1 else "1"
    print("seed", seed)
    joist = Joist(threads=1)
    with tempfile.TemporaryDirectory() as folder:
        check_pyarrow(joist, folder, seed)
        check_dictionaries(joist, folder)
        check_polars(joist, folder)
        check_pipe(joist, folder)
        check_refusals(joist, folder)
    joist.close()


main()
