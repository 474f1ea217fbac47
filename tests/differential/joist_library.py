"""joist_library.py - libjoist.so through ctypes, as far as the differential tests need it.

Only the public headers' structs and calls; rows and schemas cross by Arrow's C interfaces. Each struct stands
here once, its fields in the order of its header.
"""

import contextlib
import ctypes
import os

import pyarrow

LIBRARY = os.environ.get("JOIST_LIBRARY") or os.path.join(os.getcwd(), "libjoist.so")

CODECS = {"default": 0, "none": 1, "snappy": 2, "gzip": 3, "brotli": 4, "zstd": 5, "lz4_raw": 6}
TEXT_FORMS = {"utf8": 0, "large": 1, "view": 2}
STATUS_INVALID, STATUS_NOT_FOUND = 1, 5
RELEASE = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


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
        ("scratch_folder", ctypes.c_char_p),
        ("scratch_bytes_max", ctypes.c_uint64),
    ]


class Handle(ctypes.Structure):
    """joist_source and joist_sink: {ops, self}."""

    _fields_ = [("ops", ctypes.c_void_p), ("self", ctypes.c_void_p)]


class Stream(ctypes.Structure):
    """ArrowArrayStream."""

    _fields_ = [("calls", ctypes.c_void_p * 3), ("release", RELEASE), ("private", ctypes.c_void_p)]


class Schema(ctypes.Structure):
    """ArrowSchema."""

    _fields_ = [("words", ctypes.c_void_p * 7), ("release", RELEASE), ("private", ctypes.c_void_p)]


class Array(ctypes.Structure):
    """ArrowArray."""

    _fields_ = [("words", ctypes.c_void_p * 8), ("release", RELEASE), ("private", ctypes.c_void_p)]


ARROW_STRUCTS = {pyarrow.RecordBatchReader: Stream, pyarrow.Schema: Schema, pyarrow.RecordBatch: Array}


class ColumnOptions(ctypes.Structure):
    _fields_ = [
        ("struct_size", ctypes.c_size_t),
        ("column", ctypes.c_char_p),
        ("encoding", ctypes.c_int),
        ("no_dictionary", ctypes.c_bool),
        ("bloom", ctypes.c_int),
        ("bloom_rate", ctypes.c_double),
        ("annotation", ctypes.c_int),
        ("shredding", ctypes.c_char_p),
    ]


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
        ("compat", ctypes.c_int),
        ("columns", ctypes.POINTER(ColumnOptions)),
        ("column_count", ctypes.c_size_t),
        ("bloom", ctypes.c_int),
        ("bloom_rate", ctypes.c_double),
        ("bound_bytes_max", ctypes.c_size_t),
        ("sorting", ctypes.c_void_p),
        ("sorting_count", ctypes.c_size_t),
        ("no_arrow_schema", ctypes.c_bool),
        ("encryption", ctypes.c_void_p),
        ("int96", ctypes.c_bool),
    ]


ANNOTATIONS = {"ENUM": 1, "JSON": 2, "BSON": 3, "FILE": 4, "INT96": 5}
COMPATS = {"default": 0, "v1": 1, "wide": 2, "new": 3}
ENCODINGS = {"PLAIN": 1, "RLE_DICTIONARY": 2, "RLE": 3, "DELTA_BINARY_PACKED": 4, "DELTA_LENGTH_BYTE_ARRAY": 5,
             "DELTA_BYTE_ARRAY": 6, "BYTE_STREAM_SPLIT": 7, "ALP": 8}


class Key(ctypes.Structure):
    _fields_ = [
        ("key", ctypes.c_char_p),
        ("key_bytes", ctypes.c_size_t),
        ("metadata", ctypes.c_char_p),
        ("metadata_bytes", ctypes.c_size_t),
    ]


class ColumnKey(ctypes.Structure):
    _fields_ = [("column", ctypes.c_char_p), ("key", Key)]


class Encryption(ctypes.Structure):
    _fields_ = [
        ("struct_size", ctypes.c_size_t),
        ("cipher", ctypes.c_int),
        ("footer", Key),
        ("plain_footer", ctypes.c_bool),
        ("columns", ctypes.POINTER(ColumnKey)),
        ("column_count", ctypes.c_size_t),
        ("aad_prefix", ctypes.c_char_p),
        ("aad_prefix_bytes", ctypes.c_size_t),
        ("no_aad_prefix", ctypes.c_bool),
    ]


class Written(ctypes.Structure):
    _fields_ = [("rows", ctypes.c_uint64), ("bytes", ctypes.c_uint64), ("row_groups", ctypes.c_uint64)]


class MemoryUse(ctypes.Structure):
    _fields_ = [("bytes", ctypes.c_uint64), ("bytes_peak", ctypes.c_uint64), ("bytes_max", ctypes.c_uint64)]


class KeyRequest(ctypes.Structure):
    _fields_ = [
        ("column", ctypes.c_char_p),
        ("metadata", ctypes.c_void_p),
        ("metadata_bytes", ctypes.c_size_t),
    ]


KEY_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(KeyRequest), ctypes.POINTER(ctypes.c_uint8),
    ctypes.POINTER(ctypes.c_size_t), ctypes.c_void_p)


class Keys(ctypes.Structure):
    _fields_ = [
        ("user", ctypes.c_void_p),
        ("key", KEY_CALLBACK),
        ("aad_prefix", ctypes.c_char_p),
        ("aad_prefix_bytes", ctypes.c_size_t),
        ("no_signature", ctypes.c_bool),
        ("plain_allowed", ctypes.c_bool),
    ]


class OpenOptions(ctypes.Structure):
    _fields_ = [
        ("struct_size", ctypes.c_size_t),
        ("no_arrow_schema", ctypes.c_bool),
        ("int96_unit", ctypes.c_int),
        ("keys", ctypes.POINTER(Keys)),
    ]


def keys_of(find, aad_prefix=None):
    """Keys from find(column or None, metadata), which returns bytes, or None where it has no such key."""

    def give(_user, request, key, key_bytes, _error):
        column = request.contents.column
        metadata = ctypes.string_at(request.contents.metadata, request.contents.metadata_bytes)
        try:
            found = find(column.decode() if column is not None else None, metadata)
        except (ValueError, KeyError, TypeError, AssertionError):
            return STATUS_INVALID
        if found is None:
            return STATUS_NOT_FOUND
        ctypes.memmove(key, found, min(len(found), 32))
        key_bytes[0] = len(found)
        return 0

    return Keys(None, KEY_CALLBACK(give), aad_prefix, len(aad_prefix or b""), False, False)


class ReadOptions(ctypes.Structure):
    _fields_ = [
        ("struct_size", ctypes.c_size_t),
        ("columns", ctypes.POINTER(ctypes.c_char_p)),
        ("column_count", ctypes.c_size_t),
        ("row_start", ctypes.c_uint64),
        ("row_count", ctypes.c_uint64),
        ("no_crc", ctypes.c_bool),
        ("cancel", ctypes.c_void_p),
        ("field_ids", ctypes.c_void_p),
        ("field_id_count", ctypes.c_size_t),
        ("text", ctypes.c_int),
        ("keep_dictionary", ctypes.c_bool),
        ("batch_rows", ctypes.c_size_t),
        ("batch_bytes", ctypes.c_size_t),
        ("io_bytes", ctypes.c_size_t),
        ("read_ahead", ctypes.c_size_t),
        ("progress", ctypes.c_void_p * 2),
        ("schema", ctypes.c_void_p),
        ("defaults", ctypes.c_void_p),
    ]


class TextOptions(ctypes.Structure):
    _fields_ = [
        ("struct_size", ctypes.c_size_t),
        ("delimiter", ctypes.c_char),
        ("quote", ctypes.c_char),
        ("no_header", ctypes.c_bool),
        ("null_text", ctypes.c_char_p),
        ("infer_decimals", ctypes.c_bool),
        ("sample_bytes", ctypes.c_uint64),
        ("types", ctypes.POINTER(ctypes.c_char_p)),
        ("type_count", ctypes.c_size_t),
        ("schema", ctypes.c_void_p),
        ("skip_extra", ctypes.c_bool),
        ("cancel", ctypes.c_void_p),
        ("progress", ctypes.c_void_p * 2),
    ]


class IpcOptions(ctypes.Structure):
    _fields_ = [
        ("struct_size", ctypes.c_size_t),
        ("as_stream", ctypes.c_bool),
        ("codec", ctypes.c_int),
        ("level", ctypes.c_int),
        ("cancel", ctypes.c_void_p),
        ("progress", ctypes.c_void_p * 2),
        ("keep_layout", ctypes.c_bool),
    ]


class ShowOptions(ctypes.Structure):
    _fields_ = [
        ("struct_size", ctypes.c_size_t),
        ("style", ctypes.c_int),
        ("rows_max", ctypes.c_uint64),
        ("width_max", ctypes.c_uint),
    ]


class CreateOptions(ctypes.Structure):
    _fields_ = [
        ("struct_size", ctypes.c_size_t),
        ("schema", ctypes.c_void_p),
        ("schema_json", ctypes.c_char_p),
        ("partition", ctypes.c_char_p),
        ("properties", ctypes.c_void_p),
        ("property_count", ctypes.c_size_t),
    ]


class Choice(ctypes.Structure):
    _fields_ = [
        ("snapshot_id", ctypes.c_int64),
        ("ref", ctypes.c_char_p),
        ("has_as_of", ctypes.c_bool),
        ("as_of_us", ctypes.c_int64),
    ]


class ScanOptions(ctypes.Structure):
    _fields_ = [
        ("struct_size", ctypes.c_size_t),
        ("snapshot", Choice),
        ("columns", ctypes.c_void_p),
        ("column_count", ctypes.c_size_t),
        ("where", ctypes.c_char_p),
        ("limit", ctypes.c_uint64),
        ("cancel", ctypes.c_void_p),
    ]


class JoistError(Exception):
    """A status other than OK: its name, and the library's text."""

    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


@contextlib.contextmanager
def lent(value):
    """A pyarrow reader, schema or batch as its C struct, which the library borrows: releasing it stays with us."""
    given = ARROW_STRUCTS[type(value)]()
    value._export_to_c(ctypes.addressof(given))
    try:
        yield given
    finally:
        assert given.release, "what was lent was released"
        given.release(ctypes.addressof(given))


class Joist:
    """One context; zero asks for the library's defaults."""

    def __init__(self, memory_bytes_max=0, threads=0, keep_warm_bytes=0, scratch_folder=None):
        self.library = ctypes.CDLL(LIBRARY)
        self.library.joist_status_name.restype = ctypes.c_char_p
        self.library.joist_ctx_memory.restype = MemoryUse
        self.ctx = ctypes.c_void_p()
        options = CtxOptions(ctypes.sizeof(CtxOptions), memory_bytes_max, threads, keep_warm_bytes)
        options.scratch_folder = scratch_folder
        self.call("joist_ctx_open", ctypes.byref(options), ctypes.byref(self.ctx))

    def close(self):
        self.library.joist_ctx_close(self.ctx)

    def call(self, name, *arguments):
        error = Error()
        status = getattr(self.library, name)(*arguments, ctypes.byref(error))
        if status != 0:
            status_name = self.library.joist_status_name(status).decode()
            raise JoistError(status_name, error.text.decode("utf-8", "replace"))

    def rows(self, name, *arguments):
        """A call whose output is a stream, as a pyarrow reader; what fails later raises from that."""
        stream = Stream()
        self.call(name, *arguments, ctypes.byref(stream))
        return pyarrow.RecordBatchReader._import_from_c(ctypes.addressof(stream))

    def memory(self):
        return self.library.joist_ctx_memory(self.ctx)

    def query(self, statement):
        return self.rows("joist_sql_query", self.ctx, statement.encode(), None)

    def open_source(self, path):
        source = Handle()
        self.call("joist_source_open", self.ctx, os.fsencode(path), ctypes.byref(source))
        return source

    def open_sink(self, path, mode=1):
        sink = Handle()
        self.call("joist_sink_open", self.ctx, os.fsencode(path), ctypes.c_uint(mode), ctypes.byref(sink))
        return sink

    def read_parquet(self, path, columns=None, text="utf8", keys=None, schema=None, defaults=None, **wanted):
        """The rows of a Parquet file as a pyarrow table, of a wanted schema where there is one, with defaults as a
        record batch of one row; `wanted` are fields of the read options."""
        opening = OpenOptions(struct_size=ctypes.sizeof(OpenOptions))
        if keys is not None:
            opening.keys = ctypes.pointer(keys)
        source, file = self.open_source(path), ctypes.c_void_p()
        try:
            self.call("joist_parquet_open", self.ctx, source, ctypes.byref(opening), ctypes.byref(file))
        except JoistError:
            self.library.joist_source_close(ctypes.byref(source))
            raise
        options = ReadOptions(struct_size=ctypes.sizeof(ReadOptions), text=TEXT_FORMS[text], **wanted)
        if columns is not None:
            options.columns = (ctypes.c_char_p * max(len(columns), 1))(*[name.encode() for name in columns])
            options.column_count = len(columns)
        try:
            with contextlib.ExitStack() as loans:
                if schema is not None:
                    options.schema = ctypes.addressof(loans.enter_context(lent(schema)))
                if defaults is not None:
                    options.defaults = ctypes.addressof(loans.enter_context(lent(defaults)))
                reader = self.rows("joist_parquet_read", file, ctypes.byref(options))
        finally:
            self.library.joist_parquet_close(file)
        return reader.read_all()

    def append_parquet(self, path, out, batches, copies=(), **options):
        """A new file of the row groups of one, of those of others, and of the rows of batches."""
        wanted = WriteOptions(struct_size=ctypes.sizeof(WriteOptions))
        for name, value in options.items():
            setattr(wanted, name, value)
        files = []
        for each in (path, *copies):
            source, file = self.open_source(each), ctypes.c_void_p()
            self.call("joist_parquet_open", self.ctx, source, None, ctypes.byref(file))
            files.append(file)
        sink, writer, written = self.open_sink(out), ctypes.c_void_p(), Written()
        self.library.joist_parquet_row_group_count.restype = ctypes.c_size_t
        try:
            try:
                self.call("joist_parquet_append_open", self.ctx, files[0], sink, ctypes.byref(wanted),
                          ctypes.byref(writer))
            except JoistError:
                self.library.joist_sink_abort(ctypes.byref(sink))
                raise
            try:
                for file in files[1:]:
                    count = self.library.joist_parquet_row_group_count(file)
                    self.call("joist_parquet_writer_copy", writer, file, ctypes.c_size_t(0), ctypes.c_size_t(count))
                for batch in batches:
                    with lent(batch) as array:
                        self.call("joist_parquet_writer_append", writer, ctypes.byref(array))
            except JoistError:
                self.library.joist_parquet_writer_abort(writer)
                raise
            self.call("joist_parquet_writer_finish", writer, ctypes.byref(written))
        finally:
            for file in files:
                self.library.joist_parquet_close(file)
        return written

    def write_parquet(self, path, schema, batches, codec="default", key_values=(), as_arrays=False, encodings=None,
                      annotations=None, shreddings=None, **options):
        """Writes record batches to a file and returns what finish tells. With as_arrays, array by array;
        `encodings` are those that columns must have, by column, as are annotations and shreddings."""
        pairs = [text.encode() for pair in key_values for text in pair]
        keys = (ctypes.c_char_p * len(pairs))(*pairs)
        wanted = WriteOptions(ctypes.sizeof(WriteOptions), CODECS[codec])
        wanted.key_values, wanted.key_value_count = keys, len(pairs) // 2
        named = [ColumnOptions(ctypes.sizeof(ColumnOptions), name.encode(), ENCODINGS[encoding])
                 for name, encoding in (encodings or {}).items()]
        named += [ColumnOptions(ctypes.sizeof(ColumnOptions), name.encode(), annotation=ANNOTATIONS[annotation])
                  for name, annotation in (annotations or {}).items()]
        named += [ColumnOptions(ctypes.sizeof(ColumnOptions), name.encode(), shredding=shredding.encode())
                  for name, shredding in (shreddings or {}).items()]
        wanted.columns, wanted.column_count = (ColumnOptions * len(named))(*named), len(named)
        for name, value in options.items():
            setattr(wanted, name, value)
        sink, writer, written = self.open_sink(path), ctypes.c_void_p(), Written()
        try:
            with lent(schema) as c_schema:
                self.call("joist_parquet_writer_open", self.ctx, sink, ctypes.byref(c_schema), ctypes.byref(wanted),
                          ctypes.byref(writer))
        except JoistError:
            self.library.joist_sink_abort(ctypes.byref(sink))
            raise
        try:
            if as_arrays:
                for batch in batches:
                    with lent(batch) as array:
                        self.call("joist_parquet_writer_append", writer, ctypes.byref(array))
            else:
                with lent(pyarrow.RecordBatchReader.from_batches(schema, batches)) as stream:
                    self.call("joist_parquet_writer_append_stream", writer, ctypes.byref(stream))
        except JoistError:
            self.library.joist_parquet_writer_abort(writer)
            raise
        self.call("joist_parquet_writer_finish", writer, ctypes.byref(written))
        return written
