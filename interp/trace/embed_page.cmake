# Writes the C file that carries interp/trace/report_page.html inside the binary (see
# interp/trace/report_page.h):
#   cmake -D OUTPUT=report_page.c -D PAGE=report_page.html -P embed_page.cmake

include(${CMAKE_CURRENT_LIST_DIR}/../../runtime/lib/embed_bytes.cmake)

set(mark "<!-- traces -->")
file(READ "${PAGE}" text)
string(FIND "${text}" "${mark}" head_bytes)
if(head_bytes EQUAL -1)
    message(FATAL_ERROR "${PAGE} does not hold ${mark}")
endif()
string(LENGTH "${mark}" mark_bytes)
math(EXPR tail_at "${head_bytes} + ${mark_bytes}")
file(SIZE "${PAGE}" page_bytes)
math(EXPR tail_bytes "${page_bytes} - ${tail_at}")
embed_bytes("${PAGE}" 0 ${head_bytes} head)
embed_bytes("${PAGE}" ${tail_at} ${tail_bytes} tail)

file(WRITE "${OUTPUT}" "/* Made by embed_page.cmake from interp/trace/report_page.html; changes here are lost. */

#include \"interp/trace/report_page.h\"

const char report_page_head[] = {
    ${head}0};
const size_t report_page_head_bytes = ${head_bytes};

const char report_page_tail[] = {
    ${tail}0};
const size_t report_page_tail_bytes = ${tail_bytes};
")
