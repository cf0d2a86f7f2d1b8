/* file_pages.h - pages of memory that show a file or that processes share.
 *
 * They stay readable whatever happens to the file: what it has lost shows zeros from then on, where the system would end the
 * process (SIGBUS). And they can be let go while another thread still looks at them: they show zeros until they are unmapped.
 *
 * Threads: any, at any time. */

#ifndef MINI_BASE_FILE_PAGES_H
#define MINI_BASE_FILE_PAGES_H

#include <stddef.h>
#include <stdint.h>

/* As mmap(2): NULL with errno set. fd -1: pages of no file. */
void *file_pages_map(size_t n_bytes, int protection, int flags, int fd, int64_t offset);
/* The file is let go; the pages can still be read and written. */
void file_pages_detach(void *pages, size_t n_bytes);
/* Nobody looks at them any more. */
void file_pages_unmap(void *pages, size_t n_bytes);

#endif
