# Writes the C file that carries runtime/lib/*.mini inside the binary (see
# runtime/modules/lib_sources.h):
#   cmake -D OUTPUT=lib_sources.c -P embed.cmake threading.mini queue.mini ...

include(${CMAKE_CURRENT_LIST_DIR}/embed_bytes.cmake)

math(EXPR last "${CMAKE_ARGC} - 1")
set(texts "")
set(table "")
set(in_files OFF)
foreach(i RANGE ${last})
    set(file "${CMAKE_ARGV${i}}")
    if(NOT in_files)
        if(file MATCHES "embed\\.cmake$")
            set(in_files ON)
        endif()
        continue()
    endif()
    get_filename_component(name "${file}" NAME_WLE)
    string(REPLACE "." "__" variable "${name}")
    file(SIZE "${file}" n_bytes)
    embed_bytes("${file}" 0 ${n_bytes} bytes)
    string(APPEND texts "static const unsigned char ${variable}_text[] = {\n    ${bytes}0};\n\n")
    string(APPEND table "    {\"${name}\", (const char *)${variable}_text, ${n_bytes}},\n")
endforeach()

file(WRITE "${OUTPUT}" "/* Made by runtime/lib/embed.cmake from runtime/lib/; changes here are lost. */

#include \"runtime/modules/lib_sources.h\"

${texts}const LibSource lib_sources[] = {
${table}    {NULL, NULL, 0},
};
")
