/* report_page.h - the page of --report, as text inside the binary: interp/trace/report_page.html, cut in two where
 * the traces go (see embed_page.cmake). */

#ifndef MINI_INTERP_TRACE_REPORT_PAGE_H
#define MINI_INTERP_TRACE_REPORT_PAGE_H

#include <stddef.h>

extern const char report_page_head[];
extern const size_t report_page_head_bytes;
extern const char report_page_tail[];
extern const size_t report_page_tail_bytes;

#endif
