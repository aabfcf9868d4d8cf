/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/base/log.h"

#include "proto/base/limits.h"
#include "proto/base/str.h"
#include "proto/base/writer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static enum log_level lowest = LOG_INFO;

void log_set_level(enum log_level level)
{
	lowest = level;
}

bool log_is_on(enum log_level level)
{
	return level <= lowest;
}

/* ---- one value ---- */

/* A value while it is put together; what exceeds its room is cut. */
struct value {
	char text[LIMIT_LOG_LINE];
	size_t len;
};

static void append(struct value *v, const char *p, size_t n)
{
	size_t room = sizeof v->text - v->len;
	n = n < room ? n : room;
	memcpy(v->text + v->len, p, n);
	v->len += n;
}

struct arguments {
	va_list ap;
};

/* A conversion of printf without its argument. */
struct conversion {
	bool has_zero; /* the flag */
	int width;
	int precision;  /* -1: none */
	unsigned longs; /* l: 1, ll: 2, z: 3, j: 4 */
};

static int number_at(const char **fmt, struct arguments *a)
{
	int n = 0;
	if (**fmt == '*') {
		(*fmt)++;
		return va_arg(a->ap, int);
	}
	for (; **fmt >= '0' && **fmt <= '9'; (*fmt)++)
		n = n * 10 + (**fmt - '0');
	return n;
}

/* Reads up to the conversion's letter. */
static struct conversion conversion_at(const char **fmt, struct arguments *a)
{
	struct conversion c = {.precision = -1};
	c.has_zero = **fmt == '0';
	c.width = number_at(fmt, a);
	if (**fmt == '.') {
		(*fmt)++;
		c.precision = number_at(fmt, a);
	}
	for (; **fmt == 'l' || **fmt == 'z' || **fmt == 'j'; (*fmt)++)
		c.longs = **fmt == 'z' ? 3 : **fmt == 'j' ? 4 : c.longs + 1;
	return c;
}

static uint64_t unsigned_of(const struct conversion *c, struct arguments *a)
{
	return c->longs == 0   ? va_arg(a->ap, unsigned)
	       : c->longs == 1 ? va_arg(a->ap, unsigned long)
	       : c->longs == 2 ? va_arg(a->ap, unsigned long long)
	       : c->longs == 3 ? va_arg(a->ap, size_t)
			       : va_arg(a->ap, uintmax_t);
}

static int64_t signed_of(const struct conversion *c, struct arguments *a)
{
	return c->longs == 0   ? va_arg(a->ap, int)
	       : c->longs == 1 ? va_arg(a->ap, long)
	       : c->longs == 2 ? va_arg(a->ap, long long)
	       : c->longs == 3 ? va_arg(a->ap, ptrdiff_t)
			       : va_arg(a->ap, intmax_t);
}

static void append_string(struct value *v, const char *text, int precision)
{
	text = text == NULL ? "" : text;
	append(v, text, precision < 0 ? strlen(text) : strnlen(text, (size_t)precision));
}

/* Appends the argument of the conversion at *fmt, which is behind the '%'. */
static void append_argument(struct value *v, const char **fmt, struct arguments *a)
{
	char digits[64] = "";
	struct conversion c = conversion_at(fmt, a);
	char letter = *(*fmt)++;
	switch (letter) {
	case 's':
		append_string(v, va_arg(a->ap, const char *), c.precision);
		return;
	case 'd':
	case 'i':
		(void)snprintf(digits, sizeof digits, c.has_zero ? "%0*lld" : "%*lld", c.width,
			(long long)signed_of(&c, a));
		break;
	case 'u':
		(void)snprintf(digits, sizeof digits, c.has_zero ? "%0*llu" : "%*llu", c.width,
			(unsigned long long)unsigned_of(&c, a));
		break;
	case 'x':
		(void)snprintf(digits, sizeof digits, c.has_zero ? "%0*llx" : "%*llx", c.width,
			(unsigned long long)unsigned_of(&c, a));
		break;
	case 'c':
		digits[0] = (char)va_arg(a->ap, int);
		break;
	case 'f':
	case 'g':
		(void)snprintf(digits, sizeof digits, letter == 'f' ? "%.*f" : "%.*g",
			c.precision < 0 ? 6 : c.precision, va_arg(a->ap, double));
		break;
	default: /* "%%" */
		digits[0] = letter;
	}
	append(v, digits, strlen(digits));
}

/* ---- one line ---- */

static size_t key_len(const char *fmt)
{
	size_t n = strspn(fmt, "abcdefghijklmnopqrstuvwxyz0123456789_");
	return n > 0 && fmt[n] == '=' ? n : 0;
}

/* Reads the value at *fmt up to its end: a quote, a blank, or the end of fmt. */
static void read_value(struct value *v, const char **fmt, const char *ends, struct arguments *a)
{
	v->len = 0;
	while (**fmt != '\0' && strchr(ends, **fmt) == NULL) {
		if (**fmt == '%') {
			(*fmt)++;
			append_argument(v, fmt, a);
		} else {
			append(v, (*fmt)++, 1);
		}
	}
}

/* Appends " key=value". False: the line is full, and the value was cut. */
static bool put_pair(struct buf *line, struct text key, const struct value *v)
{
	struct writer w;
	struct text value = {v->text, v->len};
	size_t room = line->max - line->len;
	if (room < key.len + 4)
		return false;
	struct text cut = logfmt_cut(value, room - key.len - 2);
	writer_open(&w, line);
	writer_char(&w, ' ');
	writer_text(&w, key);
	writer_char(&w, '=');
	writer_logfmt(&w, cut);
	return writer_close(&w) == 0 && cut.len == value.len;
}

/* A log that cannot be written must not stop the program: the rest of the line is dropped. */
static void write_line(const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(STDERR_FILENO, bytes, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		bytes += n;
		len -= (size_t)n;
	}
}

void log_line(enum log_level level, const char *mod, const char *fmt, ...)
{
	static const char *const names[] = {"error", "warn", "info", "debug"};
	struct arguments a;
	struct value v;
	struct timespec ts;
	struct buf line;
	char bytes[LIMIT_LOG_LINE], utc[25] = "";
	if (!log_is_on(level))
		return;
	int saved = errno;
	if (clock_gettime(CLOCK_REALTIME, &ts) == 0)
		str_utc(utc, (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000);
	buf_over(&line, bytes, sizeof bytes - 1);
	int err = buf_printf(&line, "%s level=%s mod=%s", utc, names[level], mod);
	bool has_room = err == 0;
	va_start(a.ap, fmt);
	while (has_room && *fmt != '\0') {
		const char *key = fmt;
		size_t n = key_len(fmt);
		fmt += n > 0 ? n + 1 : 0;
		bool is_quoted = n > 0 && *fmt == '"';
		fmt += is_quoted ? 1 : 0;
		read_value(&v, &fmt, n == 0 ? "" : is_quoted ? "\"" : " ", &a);
		fmt += is_quoted && *fmt == '"' ? 1 : 0;
		fmt += strspn(fmt, " ");
		has_room = put_pair(&line, n > 0 ? (struct text){key, n} : TEXT("msg"), &v);
	}
	va_end(a.ap);
	bytes[line.len++] = '\n';
	write_line(bytes, line.len);
	errno = saved;
}

bool log_rate_limit_pass(struct log_rate_limit *r, uint64_t now_ms, unsigned *suppressed)
{
	if (r->passed == 0 || now_ms - r->since_ms >= 1000) {
		r->since_ms = now_ms;
		r->passed = 0;
	}
	if (r->passed == LIMIT_LOG_RATE) {
		r->suppressed++;
		return false;
	}
	r->passed++;
	*suppressed = r->suppressed;
	r->suppressed = 0;
	return true;
}
