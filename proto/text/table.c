/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/text/table.h"

#include "proto/base/limits.h"
#include "proto/text/escape.h"

#include <ctype.h>
#include <string.h>

/* The name of column i, and whether it is aligned to the right. */
static const char *name_of(const struct table *t, size_t i, bool *is_right)
{
	const char *name = t->head.names[i];
	*is_right = name[0] == '>';
	return name + (*is_right ? 1 : 0);
}

/* ---- text ---- */

static void hold_cell(struct table *t, struct text cell)
{
	struct writer *w = &t->cells_w;
	size_t before = t->cells.len;
	writer_open(w, &t->cells);
	writer_shown(w, cell);
	writer_char(w, '\0');
	if (writer_close(w) < 0) {
		writer_fail(&t->w, w->err);
		return;
	}
	size_t width = text_columns(text_of((const char *)t->cells.data + before));
	if (width > t->width[t->column])
		t->width[t->column] = width;
}

static void hold_names(struct table *t)
{
	buf_open(&t->cells, LIMIT_VIEW_BYTES);
	for (t->column = 0; t->column < t->head.columns && t->w.err == 0; t->column++) {
		char name[64];
		bool is_right;
		(void)str_copy(name, sizeof name, name_of(t, t->column, &is_right));
		for (char *p = name; *p != '\0'; p++)
			*p = (char)toupper((unsigned char)*p);
		hold_cell(t, text_of(name));
	}
	t->column = 0;
}

enum { GAP = 2, NARROWEST = 6 };

static size_t width_of(const struct table *t)
{
	size_t sum = 0;
	for (size_t i = 0; i < t->head.columns; i++)
		sum += t->width[i] + (i > 0 ? GAP : 0);
	return sum;
}

/* Narrows the widest columns until the table fits, numbers excepted. */
static void fit(struct table *t)
{
	while (width_of(t) > t->head.max_width) {
		size_t widest = 0, second = NARROWEST;
		bool is_right;
		for (size_t i = 0; i < t->head.columns; i++) {
			(void)name_of(t, i, &is_right);
			if (!is_right && t->width[i] > widest)
				widest = t->width[i];
		}
		for (size_t i = 0; i < t->head.columns; i++) {
			(void)name_of(t, i, &is_right);
			if (!is_right && t->width[i] < widest && t->width[i] > second)
				second = t->width[i];
		}
		if (widest <= NARROWEST)
			return;
		for (size_t i = 0; i < t->head.columns && width_of(t) > t->head.max_width; i++) {
			size_t excess = width_of(t) - t->head.max_width;
			size_t room = widest - second;
			(void)name_of(t, i, &is_right);
			if (!is_right && t->width[i] == widest)
				t->width[i] -= excess < room ? excess : room;
		}
	}
}

/* One cell of column i, aligned. Blanks behind a cell are owed until another follows, so that no
 * line ends with blanks. */
static void print_cell(struct table *t, size_t i, struct text cell, size_t *owed)
{
	bool is_right, is_cut = text_columns(cell) > t->width[i];
	if (is_cut)
		cell = text_cut(cell, t->width[i] - 1);
	size_t width = text_columns(cell) + (is_cut ? 1 : 0);
	size_t room = t->width[i] > width ? t->width[i] - width : 0;
	(void)name_of(t, i, &is_right);
	if (cell.len == 0) {
		*owed += t->width[i] + GAP;
		return;
	}
	writer_printf(&t->w, "%*s", (int)(*owed + (is_right ? room : 0)), "");
	writer_text(&t->w, cell);
	if (is_cut)
		writer_str(&t->w, "\xe2\x80\xa6");
	*owed = (is_right ? 0 : room) + GAP;
}

static void print_held(struct table *t)
{
	const char *p = (const char *)t->cells.data;
	const char *end = t->cells.len == 0 ? p : p + t->cells.len;
	/* The names are bold; the attribute ends before the newline does. */
	bool is_bold = t->head.is_bold;
	size_t column = 0, owed = 0;
	if (t->head.max_width > 0)
		fit(t);
	if (is_bold)
		writer_str(&t->w, "\x1b[1m");
	while (p < end) {
		struct text cell = text_of(p);
		print_cell(t, column, cell, &owed);
		p += cell.len + 1;
		if (++column < t->head.columns && p < end)
			continue;
		writer_str(&t->w, is_bold ? "\x1b[0m\n" : "\n");
		is_bold = false;
		column = 0;
		owed = 0;
	}
}

/* ---- HTML ---- */

static const char style[] =
	"body{font:14px/1.4 system-ui,sans-serif;margin:1.5em;color:#222;background:#fff}"
	"h1{font-size:1.4em;margin:0 0 .2em}p{margin:0 0 1em;color:#555}"
	"table{border-collapse:collapse}"
	"th,td{border:1px solid #ccc;padding:.25em .6em;text-align:left;vertical-align:top;"
	"overflow-wrap:break-word}th{background:#f0f0f0;white-space:nowrap}td.n{text-align:right;"
	"font-variant-numeric:tabular-nums;white-space:nowrap}";

static void begin_html(struct table *t)
{
	struct writer *w = &t->w;
	bool is_right;
	writer_str(w, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		      "style-src 'unsafe-inline'\">\n<title>");
	writer_html(w, text_of(t->head.title));
	writer_str(w, "</title>\n<style>");
	writer_str(w, style);
	writer_str(w, "</style>\n</head>\n<body>\n<h1>");
	writer_html(w, text_of(t->head.title));
	writer_str(w, "</h1>\n<p>");
	writer_html(w, text_of(t->head.note));
	writer_str(w, "</p>\n<table>\n<thead>\n<tr>");
	for (size_t i = 0; i < t->head.columns; i++) {
		writer_str(w, "<th scope=\"col\">");
		writer_html(w, text_of(name_of(t, i, &is_right)));
		writer_str(w, "</th>");
	}
	writer_str(w, "</tr>\n</thead>\n<tbody>\n");
}

/* ---- all formats ---- */

/* False: there are more cells than columns. */
static bool begin_cell(struct table *t, const char *html)
{
	if (t->column == t->head.columns) {
		writer_fail(&t->w, ERR_LIMIT);
		return false;
	}
	if (t->head.format == TABLE_CSV && t->column > 0)
		writer_char(&t->w, ',');
	if (t->head.format == TABLE_HTML) {
		writer_str(&t->w, t->column == 0 ? "<tr>" : "");
		writer_str(&t->w, html);
	}
	return true;
}

static void end_cell(struct table *t)
{
	if (t->head.format == TABLE_HTML)
		writer_str(&t->w, "</td>");
	t->column++;
}

void table_text(struct table *t, struct text cell)
{
	if (t->w.err < 0 || !begin_cell(t, "<td>"))
		return;
	if (t->head.format == TABLE_TEXT)
		hold_cell(t, cell);
	else if (t->head.format == TABLE_CSV)
		writer_csv(&t->w, cell);
	else
		writer_html(&t->w, cell);
	end_cell(t);
}

void table_str(struct table *t, const char *cell)
{
	table_text(t, text_of(cell));
}

void table_number(struct table *t, uint64_t v)
{
	char digits[24];
	(void)snprintf(digits, sizeof digits, "%ju", v);
	if (t->head.format == TABLE_TEXT) {
		table_str(t, digits);
		return;
	}
	if (!begin_cell(t, "<td class=\"n\">"))
		return;
	writer_str(&t->w, digits);
	end_cell(t);
}

void table_empty(struct table *t)
{
	if (t->head.format == TABLE_TEXT)
		table_text(t, (struct text){NULL, 0});
	else if (begin_cell(t, "<td>"))
		end_cell(t);
}

void table_begin(struct table *t, FILE *out, const struct table_head *head)
{
	bool is_right;
	*t = (struct table){.head = *head};
	writer_open_file(&t->w, out);
	if (t->head.columns > TABLE_COLUMNS_MAX)
		t->head.columns = TABLE_COLUMNS_MAX;
	if (head->format == TABLE_TEXT) {
		hold_names(t);
		return;
	}
	if (head->format == TABLE_HTML) {
		begin_html(t);
		return;
	}
	for (size_t i = 0; i < t->head.columns; i++)
		table_str(t, name_of(t, i, &is_right));
	writer_str(&t->w, "\r\n");
	t->column = 0;
}

void table_end_row(struct table *t)
{
	while (t->w.err == 0 && t->column < t->head.columns)
		table_empty(t);
	t->column = 0;
	t->rows++;
	if (t->head.format != TABLE_TEXT)
		writer_str(&t->w, t->head.format == TABLE_CSV ? "\r\n" : "</tr>\n");
}

void table_row(struct table *t, const char *const *cells, size_t n)
{
	for (size_t i = 0; i < n; i++)
		table_str(t, cells[i]);
	table_end_row(t);
}

int table_end(struct table *t)
{
	if (t->head.format == TABLE_HTML)
		writer_str(&t->w, "</tbody>\n</table>\n</body>\n</html>\n");
	if (t->head.format == TABLE_TEXT) {
		int err = t->w.err;
		t->w.err = 0; /* the rows before the error are printed */
		print_held(t);
		buf_close(&t->cells);
		writer_fail(&t->w, err);
	}
	return writer_close(&t->w);
}
