# One object library a layer, in the order of the house: a layer sees itself and what stands before it.
set(JOIST_LAYERS base codec kernel wire store arrow expr parquet text scan table query sql)

add_library(joist_flags INTERFACE)
target_compile_definitions(joist_flags INTERFACE _POSIX_C_SOURCE=200809L _GNU_SOURCE)
target_compile_options(joist_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes
    -Wpointer-arith -Wcast-qual -Wundef -Wvla -Wimplicit-fallthrough -fno-common -fstack-protector-strong)
if(JOIST_SANITIZE)
    target_compile_options(joist_flags INTERFACE -fsanitize=${JOIST_SANITIZE} -fno-omit-frame-pointer
        -fno-sanitize-recover=all)
    target_link_options(joist_flags INTERFACE -fsanitize=${JOIST_SANITIZE})
endif()
target_include_directories(joist_flags INTERFACE ${PROJECT_SOURCE_DIR}/include)
target_link_libraries(joist_flags INTERFACE PkgConfig::JOIST_DEPS Threads::Threads)

function(joist_layers)
    set(objects "")
    foreach(layer IN LISTS JOIST_LAYERS)
        file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${layer}/*.c)
        if(sources)
            add_library(joist_${layer} OBJECT ${sources})
            target_link_libraries(joist_${layer} PRIVATE joist_flags)
            target_include_directories(joist_${layer} PRIVATE ${PROJECT_SOURCE_DIR}/src)
            list(APPEND objects $<TARGET_OBJECTS:joist_${layer}>)
        endif()
    endforeach()
    add_library(joist_static STATIC ${objects})
    set_target_properties(joist_static PROPERTIES OUTPUT_NAME joist)
    target_link_libraries(joist_static PUBLIC joist_flags m)
    add_library(joist SHARED ${objects})
    set_target_properties(joist PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
    target_link_libraries(joist PRIVATE joist_flags m)
endfunction()
