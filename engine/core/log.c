/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/core/log.h"

#include "engine/core/limits.h"
#include "engine/core/str.h"

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
		len += (size_t)body < room ? (size_t)body : room - 1;
	line[len++] = '\n';
	/* A log that cannot be written must not stop the engine: the result is read and dropped. */
	ssize_t done = write(out_fd, line, len);
	(void)done;
	errno = saved;
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
	for (size_t i = 0; i < len && out + 6 < cap; i++) {
		unsigned char c = (unsigned char)src[i];
		if (c == '"' || c == '\\') {
			dst[out++] = '\\';
			dst[out++] = (char)c;
		} else if (c < 0x20 || c == 0x7f || (c >= 0x80 && !is_text)) {
			(void)snprintf(dst + out, 5, "\\x%02x", c);
			out += 4;
		} else {
			dst[out++] = (char)c;
		}
	}
	dst[out++] = '"';
	dst[out] = '\0';
	return dst;
}
