/* SPDX-License-Identifier: Apache-2.0
 * Text output with a sticky error: the first error is kept, every later call does nothing, and
 * writer_close returns it. So a function that writes returns void, and one place reads the result.
 *
 *	struct writer w;
 *	writer_open(&w, &buf);
 *	writer_str(&w, "serial ");
 *	writer_shown(&w, serial);
 *	int err = writer_close(&w);
 *
 * Escapes for terminals, HTML and CSV are in proto/text/escape.h, JSON in proto/text/json_writer.h,
 * tables in proto/text/table.h. */
#ifndef PLATEN_BASE_WRITER_H
#define PLATEN_BASE_WRITER_H

#include "proto/base/buf.h"
#include "proto/base/err.h"
#include "proto/base/str.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct writer {
	struct buf *buf;     /* the destination, or */
	FILE *file;          /* this one */
	size_t start;        /* buf->len at writer_open */
	int err;             /* the first error */
	unsigned depth;      /* json_writer.h: open objects and arrays */
	uint64_t is_array;   /* bit per depth: 1 array, 0 object */
	uint64_t has_member; /* bit per depth: a comma precedes the next member */
	bool is_new_line;    /* a newline precedes the next value */
};

/* Appends to dst. */
void writer_open(struct writer *w, struct buf *dst);
/* Writes to a stream, which stays open. */
void writer_open_file(struct writer *w, FILE *out);

/* The first error, or 0. ERR_FULL: the buf is at its maximum; -ENOMEM; -errno of the stream, which
 * is flushed here. On an error a buf is as it was at writer_open. May be called more than once. */
int writer_close(struct writer *w) MUST_USE;

/* Records `err` if it is negative and the first. */
void writer_fail(struct writer *w, int err);

void writer_bytes(struct writer *w, const void *bytes, size_t n);
void writer_str(struct writer *w, const char *text);
void writer_text(struct writer *w, struct text t);
void writer_char(struct writer *w, char c);
void writer_uint(struct writer *w, uint64_t v);
void writer_printf(struct writer *w, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* RFC 3339 in UTC with milliseconds; nothing for 0. */
void writer_utc(struct writer *w, uint64_t unix_ms);

/* A logfmt value: as it is, or in quotes if it is empty or holds a blank, '=', '"', '\\' or a
 * control character. Quotes and backslashes get a backslash; controls (C0, DEL, C1), the line
 * separators U+2028 and U+2029, and bytes that are not UTF-8 become \n, \t, \r or \xHH per byte. */
void writer_logfmt(struct writer *w, struct text value);
/* The same always in quotes, as much as fits `cap` bytes with the NUL, cut between characters; ""
 * below 8 bytes. Returns dst. */
const char *str_quote(char *dst, size_t cap, const char *src, size_t len);
/* The front of `value` whose quoted form has at most `max` bytes, cut between characters. */
struct text logfmt_cut(struct text value, size_t max);

#endif
