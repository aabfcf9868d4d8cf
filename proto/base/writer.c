/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/base/writer.h"

#include "proto/base/unicode.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

void writer_open(struct writer *w, struct buf *dst)
{
	*w = (struct writer){.buf = dst, .start = dst->len};
}

void writer_open_file(struct writer *w, FILE *out)
{
	*w = (struct writer){.file = out};
}

void writer_fail(struct writer *w, int err)
{
	if (w->err == 0 && err < 0)
		w->err = err;
}

/* The error of a stream's last call; a stream that does not set errno has failed all the same. */
static int stream_error(void)
{
	return errno > 0 ? -errno : -EIO;
}

int writer_close(struct writer *w)
{
	if (w->file != NULL && w->err == 0) {
		errno = 0;
		if (fflush(w->file) != 0 || ferror(w->file) != 0)
			w->err = stream_error();
	}
	if (w->buf != NULL && w->err < 0)
		w->buf->len = w->start;
	return w->err;
}

void writer_bytes(struct writer *w, const void *bytes, size_t n)
{
	if (w->err < 0 || n == 0)
		return;
	if (w->buf != NULL) {
		w->err = buf_put(w->buf, bytes, n);
		return;
	}
	errno = 0;
	if (fwrite(bytes, 1, n, w->file) != n)
		w->err = stream_error();
}

void writer_str(struct writer *w, const char *text)
{
	writer_bytes(w, text, strlen(text));
}

void writer_text(struct writer *w, struct text t)
{
	writer_bytes(w, t.p, t.len);
}

void writer_char(struct writer *w, char c)
{
	writer_bytes(w, &c, 1);
}

void writer_uint(struct writer *w, uint64_t v)
{
	writer_printf(w, "%llu", (unsigned long long)v);
}

void writer_printf(struct writer *w, const char *fmt, ...)
{
	va_list ap;
	if (w->err < 0)
		return;
	va_start(ap, fmt);
	errno = 0;
	if (w->buf != NULL)
		w->err = buf_vprintf(w->buf, fmt, ap);
	else if (vfprintf(w->file, fmt, ap) < 0)
		w->err = stream_error();
	va_end(ap);
}

void writer_utc(struct writer *w, uint64_t unix_ms)
{
	char utc[25];
	if (unix_ms == 0)
		return;
	str_utc(utc, unix_ms);
	writer_str(w, utc);
}

/* ---- logfmt ---- */

/* Bytes at the front of t that are written as escapes; 0: none. */
static size_t hidden_at(struct text t)
{
	size_t len = t.len;
	uint32_t c = text_next_char(&t);
	return c == CHAR_NONE || char_is_control(c) || char_is_hidden(c) ? len - t.len : 0;
}

static bool is_bare(struct text value)
{
	if (value.len == 0)
		return false;
	for (; value.len > 0; value.p++, value.len--) {
		if (strchr(" =\"\\", *value.p) != NULL)
			return false;
		size_t n = str_char_bytes((const uint8_t *)value.p, value.len);
		if (hidden_at(value) > 0)
			return false;
		value.p += n - 1;
		value.len -= n - 1;
	}
	return true;
}

static void put_hidden(struct writer *w, unsigned char c)
{
	if (c == '\n' || c == '\t' || c == '\r')
		writer_printf(w, "\\%c", c == '\n' ? 'n' : c == '\t' ? 't' : 'r');
	else
		writer_printf(w, "\\x%02x", c);
}

static void put_quoted(struct writer *w, struct text value)
{
	writer_char(w, '"');
	while (value.len > 0) {
		size_t hidden = hidden_at(value);
		size_t n =
			hidden > 0 ? hidden : str_char_bytes((const uint8_t *)value.p, value.len);
		for (size_t i = 0; i < hidden; i++)
			put_hidden(w, (unsigned char)value.p[i]);
		if (*value.p == '"' || *value.p == '\\')
			writer_char(w, '\\');
		if (hidden == 0)
			writer_bytes(w, value.p, n);
		value.p += n;
		value.len -= n;
	}
	writer_char(w, '"');
}

void writer_logfmt(struct writer *w, struct text value)
{
	if (is_bare(value))
		writer_text(w, value);
	else
		put_quoted(w, value);
}

struct text logfmt_cut(struct text value, size_t max)
{
	struct text rest = value;
	size_t size = 2; /* the quotes */
	while (rest.len > 0) {
		size_t hidden = hidden_at(rest);
		size_t n = hidden > 0 ? hidden : str_char_bytes((const uint8_t *)rest.p, rest.len);
		bool is_special = *rest.p == '"' || *rest.p == '\\';
		size += hidden > 0 ? 4 * n : n + (is_special ? 1 : 0);
		if (size > max)
			break;
		rest.p += n;
		rest.len -= n;
	}
	return (struct text){value.p, value.len - rest.len};
}

const char *str_quote(char *dst, size_t cap, const char *src, size_t len)
{
	struct buf b;
	struct writer w;
	if (cap == 0)
		return dst;
	buf_over(&b, dst, cap - 1);
	if (cap >= 8) {
		writer_open(&w, &b);
		put_quoted(&w, logfmt_cut((struct text){src, len}, cap - 1));
		(void)!writer_close(&w); /* it was cut to fit */
	}
	dst[b.len] = '\0';
	return dst;
}
