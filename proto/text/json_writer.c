/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/text/json_writer.h"

#include "proto/base/unicode.h"

#include <string.h>

#define DECIMAL_MAX 1e15 /* the range in which every integer is a double */

/* As UTF-16 (RFC 8259, section 7). */
static void put_escaped(struct writer *w, uint32_t c)
{
	if (c > 0xffff) {
		writer_printf(w, "\\u%04x", (unsigned)(0xd7c0 + (c >> 10)));
		c = 0xdc00 | (c & 0x3ff);
	}
	writer_printf(w, "\\u%04x", (unsigned)c);
}

/* Control characters and invisible or reordering ones are written as escapes: JSON is shown on
 * terminals too, and a parser reads the same text. */
static void put_string(struct writer *w, struct text t)
{
	static const char replacement[] = "\xef\xbf\xbd";
	writer_char(w, '"');
	while (t.len > 0) {
		const char *from = t.p;
		uint32_t c = text_next_char(&t);
		if (c == CHAR_NONE)
			writer_bytes(w, replacement, 3);
		else if (c == '"' || c == '\\')
			writer_printf(w, "\\%c", (int)c);
		else if (c == '\n' || c == '\t' || c == '\r')
			writer_str(w, c == '\n' ? "\\n" : c == '\t' ? "\\t" : "\\r");
		else if (char_is_control(c) || char_is_hidden(c))
			put_escaped(w, c);
		else
			writer_bytes(w, from, (size_t)(t.p - from));
	}
	writer_char(w, '"');
}

/* The comma and the key of the next value. */
static void begin_value(struct writer *w, const char *key)
{
	uint64_t bit = UINT64_C(1) << w->depth;
	if ((w->has_member & bit) != 0)
		writer_char(w, ',');
	if (w->depth > 0)
		w->has_member |= bit;
	if (w->is_new_line)
		writer_char(w, '\n');
	w->is_new_line = false;
	if (key == NULL)
		return;
	put_string(w, text_of(key));
	writer_char(w, ':');
}

static void open_level(struct writer *w, const char *key, bool is_array)
{
	begin_value(w, key);
	if (w->depth == 63) {
		writer_fail(w, ERR_LIMIT);
		return;
	}
	uint64_t bit = UINT64_C(1) << ++w->depth;
	w->has_member &= ~bit;
	w->is_array = is_array ? w->is_array | bit : w->is_array & ~bit;
	writer_char(w, is_array ? '[' : '{');
}

void jw_object(struct writer *w, const char *key)
{
	open_level(w, key, false);
}

void jw_array(struct writer *w, const char *key)
{
	open_level(w, key, true);
}

void jw_end(struct writer *w)
{
	if (w->depth == 0)
		return;
	writer_char(w, (w->is_array >> w->depth & 1) != 0 ? ']' : '}');
	w->depth--;
}

int jw_close(struct writer *w)
{
	while (w->depth > 0)
		jw_end(w);
	writer_char(w, '\n');
	return writer_close(w);
}

void jw_text(struct writer *w, const char *key, struct text t)
{
	begin_value(w, key);
	put_string(w, t);
}

void jw_str(struct writer *w, const char *key, const char *text)
{
	if (text == NULL)
		jw_null(w, key);
	else
		jw_text(w, key, text_of(text));
}

void jw_text_if(struct writer *w, const char *key, struct text t)
{
	if (t.len > 0)
		jw_text(w, key, t);
}

void jw_uint(struct writer *w, const char *key, uint64_t v)
{
	begin_value(w, key);
	writer_uint(w, v > INT64_MAX ? INT64_MAX : v);
}

void jw_int(struct writer *w, const char *key, int64_t v)
{
	begin_value(w, key);
	writer_printf(w, "%lld", (long long)v);
}

void jw_decimal(struct writer *w, const char *key, double v, int places)
{
	char digits[32];
	if (!(v >= -DECIMAL_MAX && v <= DECIMAL_MAX)) { /* not a number too */
		jw_null(w, key);
		return;
	}
	places = places < 0 ? 0 : places > 9 ? 9 : places;
	int n = snprintf(digits, sizeof digits, "%.*f", places, v);
	size_t len = n > 0 ? (size_t)n : 0;
	while (places > 0 && digits[len - 1] == '0')
		len--;
	if (places > 0 && digits[len - 1] == '.')
		len--;
	digits[len] = '\0';
	begin_value(w, key);
	writer_str(w, strcmp(digits, "-0") == 0 ? "0" : digits);
}

void jw_bool(struct writer *w, const char *key, bool v)
{
	begin_value(w, key);
	writer_str(w, v ? "true" : "false");
}

void jw_null(struct writer *w, const char *key)
{
	begin_value(w, key);
	writer_str(w, "null");
}

void jw_hex(struct writer *w, const char *key, const uint8_t *bytes, size_t n)
{
	begin_value(w, key);
	writer_char(w, '"');
	for (size_t i = 0; i < n; i++)
		writer_printf(w, "%02x", bytes[i]);
	writer_char(w, '"');
}

void jw_utc(struct writer *w, const char *key, uint64_t unix_ms)
{
	char utc[25];
	if (unix_ms == 0) {
		jw_null(w, key);
		return;
	}
	str_utc(utc, unix_ms);
	jw_str(w, key, utc);
}

void jw_time(struct writer *w, const char *key, uint64_t unix_ms)
{
	char key_ms[64];
	(void)snprintf(key_ms, sizeof key_ms, "%s_ms", key);
	jw_uint(w, key_ms, unix_ms);
	jw_utc(w, key, unix_ms);
}

void jw_newline(struct writer *w)
{
	w->is_new_line = true;
}
