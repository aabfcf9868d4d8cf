/* SPDX-License-Identifier: Apache-2.0
 * Tables on a terminal, its width and colours, and ages in words. */
#include "engine/ui/view.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Columns of the terminal; 0: no limit. */
static size_t terminal_width(FILE *out)
{
	const char *columns = getenv("COLUMNS");
	uint64_t width;
	struct winsize size;
	if (columns != NULL && str_to_u64(columns, 20, 10000, &width) == 0)
		return (size_t)width;
	if (isatty(fileno(out)) == 1 && ioctl(fileno(out), TIOCGWINSZ, &size) == 0)
		return size.ws_col;
	return 0;
}

/* Whether this stream gets colours: it is a terminal, and NO_COLOR is unset or empty
 * (no-color.org). */
static bool view_is_color(FILE *out)
{
	const char *refused = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	return (refused == NULL || refused[0] == '\0') && term != NULL && term[0] != '\0' &&
	       strcmp(term, "dumb") != 0 && isatty(fileno(out)) == 1;
}

void view_table(struct table *t, FILE *out, const char *const *names, size_t columns)
{
	const struct table_head head = {.format = TABLE_TEXT,
		.names = names,
		.columns = columns,
		.max_width = terminal_width(out),
		.is_bold = view_is_color(out)};
	table_begin(t, out, &head);
}

static void put_span(char *dst, size_t cap, uint64_t ms)
{
	uint64_t s = ms / 1000;
	if (s < 60)
		(void)snprintf(dst, cap, "%llu s", (unsigned long long)s);
	else if (s < 3600)
		(void)snprintf(dst, cap, "%llu min", (unsigned long long)(s / 60));
	else if (s < 2 * 86400)
		(void)snprintf(dst, cap, "%llu h", (unsigned long long)(s / 3600));
	else
		(void)snprintf(dst, cap, "%llu d", (unsigned long long)(s / 86400));
}

void view_age(char dst[32], uint64_t at_ms, uint64_t now_ms)
{
	char span[24];
	if (at_ms == 0) {
		(void)str_copy(dst, 32, "never");
		return;
	}
	uint64_t ms = at_ms > now_ms ? at_ms - now_ms : now_ms - at_ms;
	put_span(span, sizeof span, ms);
	if (ms < 1000)
		(void)str_copy(dst, 32, "now");
	else
		(void)snprintf(dst, 32, at_ms > now_ms ? "in %s" : "%s ago", span);
}
