/* SPDX-License-Identifier: Apache-2.0
 * JSON (RFC 8259), compact, on a writer: commas, quotes and nesting are kept here. A member of an
 * object has its key; an element of an array, and the outermost value, have the key NULL.
 *
 *	jw_object(&w, NULL);
 *	jw_text(&w, "serial", serial);
 *	jw_array(&w, "alerts");
 *	jw_str(&w, NULL, "jam");
 *	jw_end(&w);
 *	jw_end(&w);
 */
#ifndef PLATEN_TEXT_JSON_WRITER_H
#define PLATEN_TEXT_JSON_WRITER_H

#include "proto/base/str.h"
#include "proto/base/writer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* At most 63 levels deep; deeper is ERR_LIMIT. */
void jw_object(struct writer *w, const char *key);
void jw_array(struct writer *w, const char *key);
/* Ends the innermost object or array. */
void jw_end(struct writer *w);
/* Ends all that is open and the line, and closes the writer. */
int jw_close(struct writer *w) MUST_USE;

/* Strings: quotes, backslashes, control characters and those of char_is_hidden
 * (proto/base/unicode.h) are escaped, bytes that are not UTF-8 become U+FFFD. jw_str with NULL
 * writes null. */
void jw_text(struct writer *w, const char *key, struct text t);
void jw_str(struct writer *w, const char *key, const char *text);
/* Nothing if t is empty. */
void jw_text_if(struct writer *w, const char *key, struct text t);

/* Above 2^63 - 1, where signed readers end, 2^63 - 1 is written. */
void jw_uint(struct writer *w, const char *key, uint64_t v);
void jw_int(struct writer *w, const char *key, int64_t v);
/* Rounded to `places` digits behind the point (at most 9), without trailing zeros: 0.096, 12.5, 3.
 * A value that is not finite is null. */
void jw_decimal(struct writer *w, const char *key, double v, int places);
void jw_bool(struct writer *w, const char *key, bool v);
void jw_null(struct writer *w, const char *key);
/* Lower-case hexadecimal string. */
void jw_hex(struct writer *w, const char *key, const uint8_t *bytes, size_t n);
/* RFC 3339 string in UTC; null for 0. */
void jw_utc(struct writer *w, const char *key, uint64_t unix_ms);
/* Two members: KEY_ms as a number and KEY as jw_utc. */
void jw_time(struct writer *w, const char *key, uint64_t unix_ms);
/* The next value begins on a line of its own: for lists that people read with grep. */
void jw_newline(struct writer *w);

#endif
