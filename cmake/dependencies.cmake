# The libraries that joist stands on; see docs/architecture.md, Dependencies.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(JOIST_DEPS REQUIRED IMPORTED_TARGET
    libzstd liblz4 libbrotlienc libbrotlidec libdeflate libxxhash sqlite3)
