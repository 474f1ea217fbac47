# One object library a layer, in the order of the house: a layer sees itself and what stands before it.
set(JOIST_LAYERS base codec kernel wire store arrow expr parquet text scan table query sql)

add_library(joist_flags INTERFACE)
target_compile_definitions(joist_flags INTERFACE _GNU_SOURCE)
target_compile_options(joist_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wcast-qual -Wundef
    -Wvla -Wimplicit-fallthrough -fno-common -fstack-protector-strong)
# A release carries no tables for unwinding: nothing throws through C, and they are an eighth of the library.
# A debugger and perf find frames by the debug information. What nobody calls is left out by the linker.
target_compile_options(joist_flags INTERFACE
    $<$<CONFIG:Release>:-fno-asynchronous-unwind-tables> $<$<CONFIG:Release>:-ffunction-sections>
    $<$<CONFIG:Release>:-fdata-sections>)
target_link_options(joist_flags INTERFACE $<$<CONFIG:Release>:-Wl,--gc-sections>)
# Relative relocations take 24 KiB unpacked; the C library knows packed ones since 2.36.
include(CheckLinkerFlag)
check_linker_flag(C "-Wl,-z,pack-relative-relocs" JOIST_PACKS_RELOCATIONS)
if(JOIST_PACKS_RELOCATIONS)
    target_link_options(joist_flags INTERFACE $<$<CONFIG:Release>:-Wl,-z,pack-relative-relocs>)
endif()
if(JOIST_WERROR)
    target_compile_options(joist_flags INTERFACE -Werror)
endif()
if(JOIST_SANITIZE)
    target_compile_options(joist_flags INTERFACE
        -fsanitize=${JOIST_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(joist_flags INTERFACE -fsanitize=${JOIST_SANITIZE})
endif()
if(JOIST_COVERAGE)
    target_compile_options(joist_flags INTERFACE --coverage -fprofile-update=atomic)
    target_link_options(joist_flags INTERFACE --coverage)
endif()
target_include_directories(joist_flags INTERFACE ${PROJECT_SOURCE_DIR}/include)
target_link_libraries(joist_flags INTERFACE Threads::Threads)

# Runs once a file, a statement or a commit, and never once a row or page: built for size.
set(JOIST_COLD
    "/src/arrow/(arrow_schema|ipc_(dictionaries|fields|message|read|type|write)|schema_|show|type_text)"
    "/src/expr/(bind|expr_|expr\\.c|functions|guess_name|lexer|literal_fit)"
    "/src/expr/(parse_primary|prune|type_name|type_rules)"
    "/src/parquet/(check|copy)/"
    "/src/parquet/format/(crypto_read|footer_write|format_names)"
    "/src/parquet/format/(parquet_schema_write|place_type|variant_shape)"
    "/src/parquet/read/(describe|file_crypto|inspect)"
    "/src/parquet/write/(file_schema|group_send|parquet_writer_(open|finish))"
    "/src/parquet/write/(write_crypto|write_options|writer_choice|writer_spill)"
    "/src/query/"
    "/src/scan/(aggregate_result|export_files|file_list|file_rows|file_source|glob|group_prune|hive_path)"
    "/src/scan/(parquet_source|projection|sort_passes|sort_spill|text_source)"
    "/src/sql/"
    "/src/store/(fd|file_|locate|memory_|scratch|stream_)"
    "/src/table/(catalog|read)/"
    "/src/table/iceberg/(iceberg|json|manifest_list|manifest_schema)"
    "/src/table/iceberg/(metadata|partition_spec|single_value|table_model)"
    "/src/table/write/(append|commit|create|drop)"
    "/src/text/(csv_infer|csv_fail|csv_survey|ndjson_infer|ndjson_shape|text_options|type_guess)"
    "/src/wire/(avro_schema|json_tree|variant_text)")

function(joist_layers)
    set(objects "")
    foreach(layer IN LISTS JOIST_LAYERS)
        file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${layer}/*.c)
        if(sources)
            foreach(pattern IN LISTS JOIST_COLD)
                set(cold ${sources})
                list(FILTER cold INCLUDE REGEX ${pattern})
                set_source_files_properties(${cold} PROPERTIES COMPILE_OPTIONS $<$<CONFIG:Release>:-Os>)
            endforeach()
            add_library(joist_${layer} OBJECT ${sources})
            target_link_libraries(joist_${layer} PRIVATE joist_flags PkgConfig::JOIST_DEPS)
            target_include_directories(joist_${layer} PRIVATE ${PROJECT_SOURCE_DIR}/src)
            list(APPEND objects $<TARGET_OBJECTS:joist_${layer}>)
        endif()
    endforeach()
    add_library(joist_static STATIC ${objects})
    set_target_properties(joist_static PROPERTIES OUTPUT_NAME joist)
    target_include_directories(joist_static INTERFACE ${PROJECT_SOURCE_DIR}/include)
    target_link_libraries(joist_static INTERFACE Threads::Threads m)
    add_library(joist SHARED ${objects})
    set_target_properties(joist PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
    target_link_libraries(joist PRIVATE joist_flags PkgConfig::JOIST_DEPS m)
    if(NOT JOIST_SANITIZE)
        target_link_options(joist PRIVATE -Wl,--no-undefined)
    endif()
endfunction()
