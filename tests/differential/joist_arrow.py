"""libjoist from Python: rows of a file as a pyarrow.RecordBatchReader, through Arrow's C stream interface."""
import ctypes

import pyarrow as pa
from joist_library import CtxOptions, Error, Handle


class ReadOptions(ctypes.Structure):
    _fields_ = [
        ("struct_size", ctypes.c_size_t),
        ("columns", ctypes.POINTER(ctypes.c_char_p)),
        ("column_count", ctypes.c_size_t),
        ("row_start", ctypes.c_uint64),
        ("row_count", ctypes.c_uint64),
        ("no_crc", ctypes.c_bool),
        ("cancel", ctypes.c_void_p),
    ]


class ArrowStream(ctypes.Structure):
    _fields_ = [(name, ctypes.c_void_p) for name in ("schema", "next", "error", "release", "private")]


class Failure(Exception):
    def __init__(self, status, text):
        super().__init__(f"{status}: {text}")
        self.status = status
        self.text = text


class Joist:
    def __init__(self, library, memory=0):
        self.lib = ctypes.CDLL(library)
        self.lib.joist_status_name.restype = ctypes.c_char_p
        self.lib.joist_parquet_row_count.restype = ctypes.c_uint64
        self.error = Error()
        self.ctx = ctypes.c_void_p()
        options = CtxOptions(struct_size=ctypes.sizeof(CtxOptions), memory_bytes_max=memory)
        self.check(self.lib.joist_ctx_open(ctypes.byref(options), ctypes.byref(self.ctx), ctypes.byref(self.error)))

    def close(self):
        self.lib.joist_ctx_close(self.ctx)

    def check(self, status):
        if status != 0:
            name = self.lib.joist_status_name(status).decode()
            raise Failure(name, self.error.text.decode("utf-8", "replace"))

    def open(self, path):
        source = Handle()
        file = ctypes.c_void_p()
        err = ctypes.byref(self.error)
        self.check(self.lib.joist_source_open(self.ctx, path.encode(), ctypes.byref(source), err))
        try:
            self.check(self.lib.joist_parquet_open(self.ctx, source, ctypes.byref(file), err))
        except Failure:
            self.lib.joist_source_close(ctypes.byref(source))
            raise
        return file

    def reader(self, path, columns=None, row_start=0, row_count=0):
        """The rows of a Parquet file; what fails later raises from the reader."""
        file = self.open(path)
        options = ReadOptions(struct_size=ctypes.sizeof(ReadOptions), row_start=row_start, row_count=row_count)
        if columns is not None:
            options.columns = (ctypes.c_char_p * max(len(columns), 1))(*[name.encode() for name in columns])
            options.column_count = len(columns)
        stream = ArrowStream()
        try:
            self.check(
                self.lib.joist_parquet_read(
                    file, ctypes.byref(options), ctypes.byref(stream), ctypes.byref(self.error)
                )
            )
        finally:
            self.lib.joist_parquet_close(file)
        return pa.RecordBatchReader._import_from_c(ctypes.addressof(stream))

    def table(self, path, **arguments):
        return self.reader(path, **arguments).read_all()
