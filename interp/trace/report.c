/* report.c - the page of --report: head, the traces, tail.
 *
 * Each trace stands in a <script type="text/plain"> as base64 of its text compressed by zlib: a tenth of its size, and
 * no byte of it can be taken for markup, whatever names and sources a script has. The page unpacks it with
 * DecompressionStream("deflate"), which every browser has since 2023. */

#include <errno.h>
#include <string.h>
#include <zlib.h>

#include "interp/trace/report_page.h"
#include "interp/trace/views.h"

enum {
    CHUNK_BYTES =
        3 * 8192,         /* a multiple of 3: base64 of a whole chunk needs no padding */
    COMPRESSION_LEVEL = 3 /* a million spans: 0.6 s and 9.7 MB; at 6, 1.8 s and 7.3 MB */
};

/* What is compressed and not yet written; never full between two calls. */
typedef struct Encoder {
    FILE *out;
    unsigned char bytes[CHUNK_BYTES];
    char text[CHUNK_BYTES / 3 * 4];
} Encoder;

static size_t encode_base64(const unsigned char *bytes, size_t n, char *text) {
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t length = 0;
    for (size_t i = 0; i < n; i += 3) {
        const size_t n_here = n - i < 3 ? n - i : 3;
        const unsigned second = n_here > 1 ? bytes[i + 1] : 0;
        const unsigned third = n_here > 2 ? bytes[i + 2] : 0;
        const unsigned group = (unsigned)bytes[i] << 16 | second << 8 | third;
        text[length++] = digits[group >> 18];
        text[length++] = digits[group >> 12 & 63];
        text[length++] = n_here > 1 ? digits[group >> 6 & 63] : '=';
        text[length++] = n_here > 2 ? digits[group & 63] : '=';
    }
    return length;
}

static bool write_encoded(Encoder *encoder, size_t n) {
    const size_t length = encode_base64(encoder->bytes, n, encoder->text);
    return fwrite(encoder->text, 1, length, encoder->out) == length;
}

/* zlib counts input in 32 bits, so a large text is given to it in pieces. */
static bool write_compressed(Encoder *encoder, z_stream *stream, const char *text,
                             size_t n_bytes) {
    int result = Z_OK;
    while (result != Z_STREAM_END) {
        if (stream->avail_in == 0 && n_bytes > 0) {
            const size_t piece = n_bytes < (1u << 30) ? n_bytes : 1u << 30;
            stream->next_in = (unsigned char *)text;
            stream->avail_in = (uInt)piece;
            text += piece;
            n_bytes -= piece;
        }
        result = deflate(stream, n_bytes == 0 ? Z_FINISH : Z_NO_FLUSH);
        const bool is_end = result == Z_STREAM_END;
        if (is_end || stream->avail_out == 0) {
            if (!write_encoded(encoder, CHUNK_BYTES - stream->avail_out)) {
                return false;
            }
            stream->next_out = encoder->bytes;
            stream->avail_out = CHUNK_BYTES;
        }
    }
    return true;
}

static bool write_trace(const char *text, size_t n_bytes, FILE *out) {
    Encoder encoder = {.out = out};
    z_stream stream = {.next_out = encoder.bytes, .avail_out = CHUNK_BYTES};
    if (deflateInit(&stream, COMPRESSION_LEVEL) != Z_OK) {
        errno = ENOMEM;
        return false;
    }
    bool is_ok = fputs("<script type=\"text/plain\" class=\"trace\">", out) >= 0;
    is_ok = is_ok && write_compressed(&encoder, &stream, text, n_bytes);
    deflateEnd(&stream);
    return is_ok && fputs("</script>\n", out) >= 0;
}

bool view_report(const char *const *traces, const size_t *n_bytes, size_t n_traces,
                 FILE *out) {
    bool is_ok = fwrite(report_page_head, 1, report_page_head_bytes, out) ==
                 report_page_head_bytes;
    for (size_t i = 0; is_ok && i < n_traces; i++) {
        is_ok = write_trace(traces[i], n_bytes[i], out);
    }
    is_ok = is_ok && fwrite(report_page_tail, 1, report_page_tail_bytes, out) ==
                         report_page_tail_bytes;
    return is_ok && fflush(out) == 0;
}
