#!/bin/sh
# install_test BUILD - installs a build in an empty place and builds the examples against it, by CMake and by pkg-config
set -eu
build=$1
source=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$build" --prefix "$work/usr" >"$work/log" 2>&1 || {
    cat "$work/log"
    exit 1
}
cmake -S "$source/examples" -B "$work/examples" -DCMAKE_PREFIX_PATH="$work/usr" >>"$work/log" 2>&1 &&
    cmake --build "$work/examples" >>"$work/log" 2>&1 || {
    cat "$work/log"
    exit 1
}
libraries=$(dirname "$(find "$work/usr" -name joist.pc | head -1)")
flags=$(PKG_CONFIG_PATH="$libraries" pkg-config --define-variable=prefix="$work/usr" --cflags --libs joist)
# shellcheck disable=SC2086
cc -std=c11 "$source/examples/query.c" -o "$work/query" $flags

LD_LIBRARY_PATH=$(dirname "$libraries")
export LD_LIBRARY_PATH
"$work/examples/land_rows" "$work/warehouse"
printf 'id,name\n1,oak\n2,ash\n' >"$work/trees.csv"
"$work/examples/land_stream" "$work/warehouse" parks.trees "$work/trees.csv"
"$work/examples/query" "$work/warehouse" "select id from parks.trees order by id" | diff - "$(dirname "$0")/query.expected"
"$work/query" "$work/warehouse" "select count(*) from parks.counts" | grep -qx 100
test -s "$work/usr/share/man/man1/joist.1"
echo "1 passed, 0 failed"
