# The libraries that joist stands on; docs/architecture.md says why each.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
set(JOIST_DEP_MODULES libzstd liblz4 libbrotlienc libbrotlidec libdeflate libxxhash sqlite3)
pkg_check_modules(JOIST_DEPS REQUIRED IMPORTED_TARGET ${JOIST_DEP_MODULES})

# The command links them statically (it starts in 2 ms so, not in 6); where an archive is missing, dynamically.
set(JOIST_STATIC_DEPS "")
foreach(name zstd lz4 brotlienc brotlidec brotlicommon deflate xxhash sqlite3)
    find_library(JOIST_ARCHIVE_${name} NAMES lib${name}.a)
    if(JOIST_ARCHIVE_${name})
        list(APPEND JOIST_STATIC_DEPS ${JOIST_ARCHIVE_${name}})
    else()
        set(JOIST_STATIC_DEPS "")
        break()
    endif()
endforeach()
