/* json.c - writes JSON to a stream. See json.h. */

#include "interp/trace/json.h"

#include <inttypes.h>
#include <string.h>

#include "runtime/base/utf8.h"

static void write_quoted(FILE *out, const char *text, size_t n_bytes) {
    static const char escapes[] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    fputc('"', out);
    while (n_bytes > 0) {
        const size_t n_valid = utf8_check(text, n_bytes);
        for (size_t i = 0; i < n_valid; i++) {
            const unsigned char c = (unsigned char)text[i];
            if (c == '"' || c == '\\') {
                fputc('\\', out);
                fputc(c, out);
            } else if (c >= 0x20 && c != 0x7F) {
                fputc(c, out);
            } else if (c < sizeof escapes && escapes[c] != 0) {
                fprintf(out, "\\%c", escapes[c]);
            } else {
                fprintf(out, "\\u%04x", c);
            }
        }
        text += n_valid;
        n_bytes -= n_valid;
        if (n_bytes > 0) {
            fputs("\\ufffd", out);
            text++;
            n_bytes--;
        }
    }
    fputc('"', out);
}

static void begin_item(Json *json, const char *key) {
    if (json->needs_comma) {
        fputc(',', json->out);
    }
    json->needs_comma = true;
    if (key != NULL) {
        write_quoted(json->out, key, strlen(key));
        fputc(':', json->out);
    }
}

void json_open(Json *json, const char *key, char bracket) {
    begin_item(json, key);
    fputc(bracket, json->out);
    json->needs_comma = false;
}

void json_close(Json *json, char bracket) {
    fputc(bracket, json->out);
    json->needs_comma = true;
}

void json_text(Json *json, const char *key, const char *text) {
    json_text_n(json, key, text, strlen(text));
}

void json_text_n(Json *json, const char *key, const char *text, size_t n_bytes) {
    begin_item(json, key);
    write_quoted(json->out, text, n_bytes);
}

void json_uint(Json *json, const char *key, uint64_t n) {
    begin_item(json, key);
    fprintf(json->out, "%" PRIu64, n);
}

void json_int(Json *json, const char *key, int64_t n) {
    begin_item(json, key);
    fprintf(json->out, "%" PRId64, n);
}

void json_us(Json *json, const char *key, uint64_t ns) {
    begin_item(json, key);
    fprintf(json->out, "%" PRIu64 ".%03u", ns / 1000, (unsigned)(ns % 1000));
}

void json_us_less(Json *json, const char *key, uint64_t ns, unsigned n_tenths) {
    if (n_tenths == 0) {
        json_us(json, key, ns);
        return;
    }
    const uint64_t tenths = ns * 10 > n_tenths ? ns * 10 - n_tenths : 0;
    begin_item(json, key);
    fprintf(json->out, "%" PRIu64 ".%04u", tenths / 10000, (unsigned)(tenths % 10000));
}

void json_double(Json *json, const char *key, double d) {
    begin_item(json, key);
    fprintf(json->out, "%.6f", d);
}

void json_bool(Json *json, const char *key, bool is_true) {
    begin_item(json, key);
    fputs(is_true ? "true" : "false", json->out);
}

void json_null(Json *json, const char *key) {
    begin_item(json, key);
    fputs("null", json->out);
}

void json_newline(Json *json) {
    if (json->needs_comma) {
        fputc(',', json->out);
        json->needs_comma = false;
    }
    fputc('\n', json->out);
}
