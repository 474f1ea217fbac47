//! other_writer FOLDER - files of the Rust crate parquet: ALP, IEEE 754 order with nan_count, INT96 order, all encodings.
//!
//! Each value is a formula of its row, which the test knows too.
use std::{fs::File, path::Path, sync::Arc};

use parquet::basic::{Compression, Encoding};
use parquet::data_type::*;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

const ROWS: usize = 5000;
const SCHEMA: &str = "message rows {
  required int32 i; required int64 l; required float f; required double d; optional double holes;
  required double odd; required binary text (UTF8); required fixed_len_byte_array(5) fixed; required boolean flag;
  required int96 moment; required double level; }";

fn double(row: usize) -> f64 {
    ((row * 37) % 10000) as f64 / 100.0
}

/// One row in eleven is a NaN, an infinity or a zero of either sign.
fn odd(row: usize) -> f64 {
    match row % 44 {
        11 => f64::NAN,
        22 => f64::INFINITY,
        33 => -0.0,
        0 => 0.0,
        _ => double(row) - 50.0,
    }
}

fn moment(row: usize) -> Int96 {
    let nanos = (row as u64 % 86400) * 1_000_000_000 + 123;
    let mut value = Int96::new();
    value.set_data(nanos as u32, (nanos >> 32) as u32, 2_440_588 + row as u32 % 3000);
    value
}

/// Rises; NaN now and then in the second 700 rows, alone in the third; both zeros in the fourth.
fn level(row: usize) -> f64 {
    match row / 700 {
        1 if row % 10 == 0 => f64::NAN,
        2 => f64::NAN,
        3 if row % 3 == 0 => -0.0,
        3 if row % 3 == 1 => 0.0,
        _ => row as f64 / 10.0 - 50.0,
    }
}

fn put<T: DataType>(group: &mut SerializedRowGroupWriter<'_, File>, values: &[T::T], levels: Option<&[i16]>) {
    let mut column: SerializedColumnWriter<'_> = group.next_column().unwrap().unwrap();
    column.typed::<T>().write_batch(values, levels, None).unwrap();
    column.close().unwrap();
}

fn write_group(group: &mut SerializedRowGroupWriter<'_, File>) {
    let rows = 0..ROWS;
    put::<Int32Type>(group, &rows.clone().map(|r| (r * 7) as i32 - 1000).collect::<Vec<_>>(), None);
    put::<Int64Type>(group, &rows.clone().map(|r| (r * r) as i64 * 1_000_003).collect::<Vec<_>>(), None);
    put::<FloatType>(group, &rows.clone().map(|r| ((r * 37) % 1000) as f32 / 8.0).collect::<Vec<_>>(), None);
    put::<DoubleType>(group, &rows.clone().map(double).collect::<Vec<_>>(), None);
    let holes: Vec<f64> = rows.clone().filter(|r| r % 3 != 0).map(double).collect();
    let levels: Vec<i16> = rows.clone().map(|r| (r % 3 != 0) as i16).collect();
    put::<DoubleType>(group, &holes, Some(&levels));
    put::<DoubleType>(group, &rows.clone().map(odd).collect::<Vec<_>>(), None);
    let text = |r: usize| ByteArray::from(format!("/shop/item/{}", r % 700).into_bytes());
    put::<ByteArrayType>(group, &rows.clone().map(text).collect::<Vec<_>>(), None);
    let fixed = |r: usize| FixedLenByteArray::from(format!("{:05}", (r * 13) % 100000).into_bytes());
    put::<FixedLenByteArrayType>(group, &rows.clone().map(fixed).collect::<Vec<_>>(), None);
    put::<BoolType>(group, &rows.clone().map(|r| r % 5 < 2).collect::<Vec<_>>(), None);
    put::<Int96Type>(group, &rows.clone().map(moment).collect::<Vec<_>>(), None);
    put::<DoubleType>(group, &rows.map(level).collect::<Vec<_>>(), None);
}

fn write(path: &Path, encodings: &[(&str, Encoding)], version: WriterVersion, codec: Compression, dictionary: bool) {
    let mut properties = WriterProperties::builder()
        .set_writer_version(version)
        .set_compression(codec)
        .set_dictionary_enabled(dictionary)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_data_page_row_count_limit(700)
        .set_write_batch_size(100);
    for (column, encoding) in encodings {
        properties = properties.set_column_encoding((*column).into(), *encoding);
    }
    let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
    let file = File::create(path).unwrap();
    let mut writer = SerializedFileWriter::new(file, schema, Arc::new(properties.build())).unwrap();
    for _ in 0..2 {
        let mut group = writer.next_row_group().unwrap();
        write_group(&mut group);
        group.close().unwrap();
    }
    writer.close().unwrap();
}

fn main() {
    use Encoding::*;
    let folder = std::env::args().nth(1).expect("usage: other_writer FOLDER");
    let folder = Path::new(&folder);
    let plain: [(&str, Encoding); 0] = [];
    let alp = [("f", ALP), ("d", ALP), ("holes", ALP), ("odd", ALP)];
    let delta = [("i", DELTA_BINARY_PACKED), ("l", DELTA_BINARY_PACKED), ("text", DELTA_BYTE_ARRAY),
        ("fixed", DELTA_BYTE_ARRAY), ("flag", RLE), ("d", BYTE_STREAM_SPLIT), ("f", BYTE_STREAM_SPLIT)];
    let split = [("i", BYTE_STREAM_SPLIT), ("l", BYTE_STREAM_SPLIT), ("fixed", BYTE_STREAM_SPLIT),
        ("text", DELTA_LENGTH_BYTE_ARRAY)];
    let (v1, v2) = (WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0);
    write(&folder.join("dictionary.parquet"), &plain, v1, Compression::SNAPPY, true);
    write(&folder.join("plain.parquet"), &plain, v2, Compression::UNCOMPRESSED, false);
    write(&folder.join("alp.parquet"), &alp, v1, Compression::ZSTD(Default::default()), false);
    write(&folder.join("alp_v2.parquet"), &alp, v2, Compression::UNCOMPRESSED, false);
    write(&folder.join("delta.parquet"), &delta, v2, Compression::ZSTD(Default::default()), false);
    write(&folder.join("split.parquet"), &split, v1, Compression::UNCOMPRESSED, false);
}
