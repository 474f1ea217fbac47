"""table_parts - Arrow tables taken apart: compared whoever read them, and leaf by leaf as a file holds them"""
import numpy
import pyarrow as pa


def is_list(kind):
    return pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_map(kind)


def lengths(array):
    """Of lists and maps; 0 where null."""
    offsets = numpy.asarray(array.offsets)
    valid = numpy.asarray(array.is_valid())
    return numpy.where(valid, numpy.diff(offsets), 0).astype(numpy.int64)


def items(array):
    """What lists and maps hold, without what nulls hide; pyarrow flattens no map."""
    kind, offsets, sizes = array.type, numpy.asarray(array.offsets), lengths(array)
    values = array.values
    if pa.types.is_map(kind):
        values = pa.StructArray.from_arrays([array.keys, array.items], fields=[kind.key_field, kind.item_field])
    if len(offsets) and sizes.sum() == offsets[-1] - offsets[0]:
        return values.slice(offsets[0], offsets[-1] - offsets[0])
    shown = [numpy.arange(start, start + size) for start, size in zip(offsets, sizes)]
    return values.take(pa.array(numpy.concatenate(shown) if shown else [], pa.int64()))


def parts(array, kind, path):
    """(path, flat array) of all that an array is made of, in one form for each `kind`, whoever read it."""
    if pa.types.is_null(kind):
        assert array.null_count == len(array) or pa.types.is_null(array.type), f"{path}: values of no type"
        yield path, pa.array([len(array)])
    elif pa.types.is_struct(kind):
        yield path, array.is_valid()
        assert [field.name for field in array.type] == [field.name for field in kind], f"{path}: {array.type}"
        for child, field in zip(array.flatten(), kind):
            yield from parts(child, field.type, f"{path}.{field.name}")
    elif is_list(kind):
        yield path, array.is_valid()
        yield path, pa.array(lengths(array))
        inner = pa.struct([("key", kind.key_type), ("value", kind.item_type)]) if pa.types.is_map(kind) else kind.value_type
        yield from parts(items(array), inner, f"{path}.item")
    else:
        yield path, flat(array, kind)


def flat(array, kind):
    if isinstance(array.type, pa.BaseExtensionType):
        array = array.storage
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_duration(kind) and pa.types.is_integer(array.type):
        return array.cast(pa.int64())
    if pa.types.is_decimal(kind):
        return array.cast(pa.decimal256(76, kind.scale))
    if pa.types.is_temporal(kind):
        return array.cast(kind).view(pa.int64() if kind.bit_width == 64 else pa.int32())
    if pa.types.is_floating(kind):
        assert array.type == kind, f"{array.type}, not {kind}"
        return array.view({16: pa.int16(), 32: pa.int32(), 64: pa.int64()}[kind.bit_width])
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return array.cast(kind)
    if "view" in str(array.type):
        array = array.cast(pa.large_string() if pa.types.is_string_view(array.type) else pa.large_binary())
    return array.cast(pa.large_binary())


def whole(column):
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def compare(who, wanted, found, names):
    assert found.num_rows == wanted.num_rows, f"{who}: {found.num_rows} rows, should be {wanted.num_rows}"
    for name in names:
        kind = wanted[name].type
        ours = parts(whole(wanted[name].unify_dictionaries()), kind, name)
        theirs = parts(whole(found[name].unify_dictionaries()), kind, name)
        for (path, one), (_, other) in zip(ours, theirs, strict=True):
            if one.equals(other):
                continue
            assert len(one) == len(other), f"{who}: {path}: {len(other)} of them, should be {len(one)}"
            for row, (left, right) in enumerate(zip(one.to_pylist(), other.to_pylist())):
                assert left == right, f"{who}: {path}[{row}] is {right!r}, should be {left!r}"
            raise AssertionError(f"{who}: {path}: {other.type}, should be {one.type}")


def leaf_values(array, path):
    """(path in the file, type, entries, values that are there) of each leaf."""
    kind = array.type
    if pa.types.is_struct(kind):
        for child, field in zip(array.flatten(), kind):
            yield from leaf_values(child, f"{path}.{field.name}")
    elif is_list(kind):
        bare = int((lengths(array) == 0).sum())
        step = "key_value" if pa.types.is_map(kind) else f"list.{kind.value_field.name}"
        for leaf, inner, entries, values in leaf_values(items(array), f"{path}.{step}"):
            yield leaf, inner, entries + bare, values
    else:
        if pa.types.is_dictionary(kind):
            array = array.dictionary_decode()
        if "view" in str(kind):  # pyarrow cannot filter those
            array = flat(array, kind)
        yield path, array.type, len(array), array.drop_null()
