/* SPDX-License-Identifier: Apache-2.0
 * Aligned tables for terminals, and small words about times. */
#include "engine/ui/view.h"

#include "proto/base/limits.h"
#include "proto/text/sheet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COLUMNS_MAX = 16, GAP = 2 };

static void put_cell(struct view_table *t, struct text cell)
{
	if (t->err < 0 || t->column == t->columns)
		return;
	size_t before = t->cells.len;
	int err = sheet_put_shown(&t->cells, cell);
	if (err == 0)
		err = buf_put(&t->cells, "", 1);
	if (err < 0) {
		t->cells.len = before;
		t->err = err;
		return;
	}
	size_t width = sheet_width(text_of((const char *)t->cells.data + before));
	if (width > t->width[t->column])
		t->width[t->column] = width;
	t->column++;
}

void view_table_begin(struct view_table *t, FILE *out, const char *const *names, size_t columns)
{
	*t = (struct view_table){
		.out = out, .columns = columns < COLUMNS_MAX ? columns : COLUMNS_MAX};
	buf_open(&t->cells, LIMIT_VIEW_BYTES);
	for (size_t i = 0; i < t->columns; i++) {
		t->is_number[i] = names[i][0] == '>';
		put_cell(t, text_of(names[i] + (t->is_number[i] ? 1 : 0)));
	}
	t->column = 0;
}

void view_table_text(struct view_table *t, struct text cell)
{
	put_cell(t, cell);
}

void view_table_number(struct view_table *t, uint64_t v)
{
	char digits[24];
	(void)snprintf(digits, sizeof digits, "%llu", (unsigned long long)v);
	put_cell(t, text_of(digits));
}

void view_table_end_row(struct view_table *t)
{
	while (t->err == 0 && t->column < t->columns)
		put_cell(t, (struct text){NULL, 0});
	t->column = 0;
}

static void put_blanks(FILE *out, size_t n)
{
	while (n-- > 0)
		(void)fputc(' ', out);
}

/* One cell of column i, aligned. Blanks that end a cell are owed until something follows, so that
 * no line ends with blanks. */
static void print_cell(const struct view_table *t, size_t i, struct text cell, size_t *owed)
{
	size_t width = cell.len == 0 ? 0 : sheet_width(cell);
	size_t room = t->width[i] > width ? t->width[i] - width : 0;
	if (cell.len == 0) {
		*owed += t->width[i] + GAP;
		return;
	}
	put_blanks(t->out, *owed + (t->is_number[i] ? room : 0));
	(void)fwrite(cell.p, 1, cell.len, t->out);
	*owed = (t->is_number[i] ? 0 : room) + GAP;
}

int view_table_end(struct view_table *t)
{
	const char *p = (const char *)t->cells.data;
	const char *end = t->cells.len == 0 ? p : p + t->cells.len;
	/* The names are bold; the attribute ends before the newline does. */
	bool is_bold = view_is_color(t->out);
	size_t column = 0, owed = 0;
	if (is_bold)
		(void)fputs("\x1b[1m", t->out);
	while (p < end) {
		struct text cell = text_of(p);
		print_cell(t, column, cell, &owed);
		p += cell.len + 1;
		if (++column < t->columns && p < end)
			continue;
		(void)fputs(is_bold ? "\x1b[0m\n" : "\n", t->out);
		is_bold = false;
		column = 0;
		owed = 0;
	}
	buf_close(&t->cells);
	if (fflush(t->out) != 0 || ferror(t->out) != 0)
		return -EIO;
	return t->err;
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

bool view_is_color(FILE *out)
{
	const char *refused = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	return (refused == NULL || refused[0] == '\0') && term != NULL && term[0] != '\0' &&
	       strcmp(term, "dumb") != 0 && isatty(fileno(out)) == 1;
}
