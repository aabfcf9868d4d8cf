/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/base/log.h"

#include "proto/base/limits.h"
#include "proto/base/str.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static enum log_level lowest = LOG_INFO;
static int out_fd = STDERR_FILENO;

void log_set_level(enum log_level level)
{
	lowest = level;
}

bool log_is_on(enum log_level level)
{
	return level <= lowest;
}

void log_set_fd(int fd)
{
	out_fd = fd;
}

/* `len` less what a cut left of a UTF-8 character at the end. */
static size_t whole_text(const char *text, size_t len)
{
	size_t at = len;
	while (at > 0 && len - at < 3 && ((unsigned char)text[at - 1] & 0xc0) == 0x80)
		at--;
	if (at == 0)
		return len;
	unsigned char lead = (unsigned char)text[at - 1];
	size_t need = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
	return need > len - at + 1 ? at - 1 : len;
}

void log_line(enum log_level level, const char *mod, const char *fmt, ...)
{
	static const char *const names[] = {"error", "warn", "info", "debug"};
	if (!log_is_on(level))
		return;
	int saved = errno;
	struct timespec ts;
	char utc[25] = "";
	if (clock_gettime(CLOCK_REALTIME, &ts) == 0)
		str_utc(utc, (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000);
	char line[LIMIT_LOG_LINE];
	int head = snprintf(line, sizeof line, "%s level=%s mod=%s ", utc, names[level], mod);
	if (head < 0 || (size_t)head >= sizeof line - 1)
		return;
	size_t room = sizeof line - (size_t)head - 1;
	va_list ap;
	va_start(ap, fmt);
	int body = vsnprintf(line + head, room, fmt, ap);
	va_end(ap);
	size_t len = (size_t)head;
	if (body > 0)
		len += (size_t)body < room ? (size_t)body : whole_text(line + head, room - 1);
	for (size_t i = 0; i < len; i++) {
		/* One event is one line, also where a caller forgot log_quote. */
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = ' ';
	}
	line[len++] = '\n';
	/* A log that cannot be written must not stop the engine: the result is read and dropped. */
	ssize_t done = write(out_fd, line, len);
	(void)done;
	errno = saved;
}

bool log_gate_pass(struct log_gate *g, uint64_t now_ms, unsigned *missed)
{
	if (g->passed == 0 || now_ms - g->since_ms >= 1000) {
		g->since_ms = now_ms;
		g->passed = 0;
	}
	if (g->passed == LIMIT_LOG_GATE) {
		g->missed++;
		return false;
	}
	g->passed++;
	*missed = g->missed;
	g->missed = 0;
	return true;
}

const char *log_quote(char *dst, size_t cap, const char *src, size_t len)
{
	if (cap < 8) {
		if (cap > 0)
			dst[0] = '\0';
		return dst;
	}
	bool is_text = str_is_utf8((const uint8_t *)src, len);
	size_t out = 0;
	dst[out++] = '"';
	for (size_t i = 0; i < len;) {
		unsigned char c = (unsigned char)src[i];
		/* A character is written whole or not at all; 2 more are the closing quote and NUL.
		 */
		size_t n = !is_text || c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
		bool is_control = c < 0x20 || c == 0x7f || (c >= 0x80 && !is_text) ||
				  (c == 0xc2 && (unsigned char)src[i + 1] < 0xa0);
		bool is_special = c == '"' || c == '\\';
		if (out + (is_control ? 4 * n : is_special ? 2 : n) + 2 > cap)
			break;
		for (size_t k = 0; k < n; k++) {
			if (is_special)
				dst[out++] = '\\';
			if (is_control) {
				(void)snprintf(dst + out, 5, "\\x%02x", (unsigned char)src[i + k]);
				out += 4;
			} else {
				dst[out++] = src[i + k];
			}
		}
		i += n;
	}
	dst[out++] = '"';
	dst[out] = '\0';
	return dst;
}
