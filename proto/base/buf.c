/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/base/buf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUF_FIRST = 256 };

void buf_over(struct buf *b, void *mem, size_t cap)
{
	*b = (struct buf){.data = mem, .cap = cap, .max = cap};
}

void buf_open(struct buf *b, size_t max)
{
	*b = (struct buf){.max = max, .is_owned = true};
}

void buf_close(struct buf *b)
{
	if (b->is_owned)
		free(b->data);
	*b = (struct buf){.max = b->max, .is_owned = b->is_owned};
}

int buf_reserve(struct buf *b, size_t n)
{
	if (n <= b->cap - b->len)
		return 0;
	if (!b->is_owned || n > b->max - b->len)
		return ERR_FULL;
	size_t want = b->cap < BUF_FIRST ? BUF_FIRST : b->cap * 2;
	if (want < b->len + n)
		want = b->len + n;
	if (want > b->max)
		want = b->max;
	uint8_t *data = realloc(b->data, want);
	if (data == NULL)
		return -ENOMEM;
	b->data = data;
	b->cap = want;
	return 0;
}

int buf_put(struct buf *b, const void *bytes, size_t n)
{
	int err = buf_reserve(b, n);
	if (err < 0)
		return err;
	if (n > 0)
		memcpy(b->data + b->len, bytes, n);
	b->len += n;
	return 0;
}

int buf_put_text(struct buf *b, const char *text)
{
	return buf_put(b, text, strlen(text));
}

int buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	char small[512];
	va_list again;
	va_copy(again, ap);
	int n = vsnprintf(small, sizeof small, fmt, again);
	va_end(again);
	if (n < 0)
		return ERR_FORMAT;
	char *text = (size_t)n < sizeof small ? small : malloc((size_t)n + 1);
	if (text == NULL)
		return -ENOMEM;
	if (text != small)
		(void)vsnprintf(text, (size_t)n + 1, fmt, ap);
	int err = buf_put(b, text, (size_t)n);
	if (text != small)
		free(text);
	return err;
}

int buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int err = buf_vprintf(b, fmt, ap);
	va_end(ap);
	return err;
}

void buf_drop(struct buf *b, size_t n)
{
	if (n >= b->len) {
		b->len = 0;
		return;
	}
	memmove(b->data, b->data + n, b->len - n);
	b->len -= n;
}
