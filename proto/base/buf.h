/* SPDX-License-Identifier: Apache-2.0
 * A bounded byte buffer. It cannot be made without its maximum; full is a result, ERR_FULL, and
 * leaves what was there untouched. Two kinds: over memory of the caller (never grows, never
 * frees), and owned (grows up to its maximum, freed by buf_close). */
#ifndef PLATEN_BASE_BUF_H
#define PLATEN_BASE_BUF_H

#include "proto/base/err.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	uint8_t *data;
	size_t len; /* bytes in use */
	size_t cap; /* bytes that data has room for now */
	size_t max; /* bytes that it may ever have room for */
	bool is_owned;
};

/* Over `cap` bytes of the caller, who keeps them. */
void buf_over(struct buf *b, void *mem, size_t cap);

/* Owned, empty; nothing is allocated before the first byte. */
void buf_open(struct buf *b, size_t max);

/* Frees an owned buffer; idempotent. */
void buf_close(struct buf *b);

/* Room for `n` more bytes: 0, ERR_FULL or -ENOMEM. */
int buf_reserve(struct buf *b, size_t n) MUST_USE;

int buf_put(struct buf *b, const void *bytes, size_t n) MUST_USE;
int buf_put_text(struct buf *b, const char *text) MUST_USE;
int buf_printf(struct buf *b, const char *fmt, ...) MUST_USE PRINTF_LIKE(2, 3);
int buf_vprintf(struct buf *b, const char *fmt, va_list ap) MUST_USE PRINTF_LIKE(2, 0);

/* Takes `n` bytes (at most len) from the front; the rest moves down. */
void buf_drop(struct buf *b, size_t n);

static inline void buf_clear(struct buf *b)
{
	b->len = 0;
}

#endif
