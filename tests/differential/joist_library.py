"""joist_library.py - libjoist.so through ctypes, as far as the differential tests need it.

Only the public headers' structs and calls; pyarrow hands its streams over Arrow's C interface.
"""

import ctypes
import os

import pyarrow

LIBRARY = os.environ.get("JOIST_LIBRARY") or os.path.join(os.getcwd(), "libjoist.so")

CODECS = {"default": 0, "none": 1, "snappy": 2, "gzip": 3, "brotli": 4, "zstd": 5, "lz4_raw": 6}


class Error(ctypes.Structure):
    _fields_ = [("status", ctypes.c_int), ("os_errno", ctypes.c_int), ("text", ctypes.c_char * 1024)]


class CtxOptions(ctypes.Structure):
    _fields_ = [
        ("struct_size", ctypes.c_size_t),
        ("memory_bytes_max", ctypes.c_uint64),
        ("threads", ctypes.c_uint),
        ("keep_warm_bytes", ctypes.c_uint64),
        ("executor", ctypes.c_void_p),
        ("allocator", ctypes.c_void_p),
        ("clock", ctypes.c_void_p),
        ("random", ctypes.c_void_p),
        ("logger", ctypes.c_void_p),
    ]


class Handle(ctypes.Structure):
    """joist_source and joist_sink: {ops, self}."""

    _fields_ = [("ops", ctypes.c_void_p), ("self", ctypes.c_void_p)]


class WriteOptions(ctypes.Structure):
    _fields_ = [
        ("struct_size", ctypes.c_size_t),
        ("codec", ctypes.c_int),
        ("codec_level", ctypes.c_int),
        ("row_group_rows_max", ctypes.c_uint64),
        ("row_group_bytes_max", ctypes.c_uint64),
        ("page_bytes_max", ctypes.c_size_t),
        ("page_rows_max", ctypes.c_size_t),
        ("no_dictionary", ctypes.c_bool),
        ("no_statistics", ctypes.c_bool),
        ("no_page_index", ctypes.c_bool),
        ("no_crc", ctypes.c_bool),
        ("key_values", ctypes.POINTER(ctypes.c_char_p)),
        ("key_value_count", ctypes.c_size_t),
        ("cancel", ctypes.c_void_p),
    ]


class Written(ctypes.Structure):
    _fields_ = [("rows", ctypes.c_uint64), ("bytes", ctypes.c_uint64), ("row_groups", ctypes.c_uint64)]


class MemoryUse(ctypes.Structure):
    _fields_ = [("bytes", ctypes.c_uint64), ("bytes_peak", ctypes.c_uint64), ("bytes_max", ctypes.c_uint64)]


class JoistError(Exception):
    """A status other than OK, with the library's text."""


class Joist:
    """One context."""

    def __init__(self, memory_bytes_max=1 << 30, threads=1):
        self.library = ctypes.CDLL(LIBRARY)
        self.library.joist_ctx_memory.restype = MemoryUse
        self.library.joist_ctx_memory.argtypes = [ctypes.c_void_p]
        options = CtxOptions(ctypes.sizeof(CtxOptions), memory_bytes_max, threads)
        self.ctx = ctypes.c_void_p()
        self.call("joist_ctx_open", ctypes.byref(options), ctypes.byref(self.ctx))

    def close(self):
        self.library.joist_ctx_close(self.ctx)

    def call(self, name, *arguments):
        error = Error()
        if getattr(self.library, name)(*arguments, ctypes.byref(error)) != 0:
            raise JoistError(error.text.decode())

    def memory(self):
        return self.library.joist_ctx_memory(self.ctx)

    def write_parquet(self, path, schema, batches, codec="default", key_values=(), as_arrays=False, **options):
        """Writes record batches to a file and returns what finish tells. With as_arrays, array by array."""
        pairs = [text.encode() for pair in key_values for text in pair]
        keys = (ctypes.c_char_p * len(pairs))(*pairs)
        wanted = WriteOptions(ctypes.sizeof(WriteOptions), CODECS[codec])
        wanted.key_values, wanted.key_value_count = keys, len(pairs) // 2
        for name, value in options.items():
            setattr(wanted, name, value)
        sink, writer, written = Handle(), ctypes.c_void_p(), Written()
        self.call("joist_sink_open", self.ctx, os.fsencode(path), ctypes.c_uint(1), ctypes.byref(sink))
        c_schema = ctypes.create_string_buffer(72 + 64)
        schema._export_to_c(ctypes.addressof(c_schema))
        try:
            self.call("joist_parquet_writer_open", self.ctx, sink, c_schema, ctypes.byref(wanted),
                      ctypes.byref(writer))
        except JoistError:
            self.library.joist_sink_abort(ctypes.byref(sink))
            raise
        finally:
            pyarrow.Schema._import_from_c(ctypes.addressof(c_schema))
        try:
            if as_arrays:
                for batch in batches:
                    c_array = ctypes.create_string_buffer(80 + 64)
                    batch._export_to_c(ctypes.addressof(c_array))
                    try:
                        self.call("joist_parquet_writer_append", writer, c_array)
                    finally:
                        pyarrow.RecordBatch._import_from_c(ctypes.addressof(c_array), schema)
            else:
                c_stream = ctypes.create_string_buffer(40 + 64)
                reader = pyarrow.RecordBatchReader.from_batches(schema, batches)
                reader._export_to_c(ctypes.addressof(c_stream))
                try:
                    self.call("joist_parquet_writer_append_stream", writer, c_stream)
                finally:
                    pyarrow.RecordBatchReader._import_from_c(ctypes.addressof(c_stream)).close()
        except JoistError:
            self.library.joist_parquet_writer_abort(writer)
            raise
        self.call("joist_parquet_writer_finish", writer, ctypes.byref(written))
        return written
