/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/text/sheet.h"

#include "proto/text/escape.h"

int sheet_put_shown(struct buf *dst, struct text t)
{
	struct writer w;
	writer_open(&w, dst);
	writer_shown(&w, t);
	return writer_close(&w);
}

int sheet_put_html(struct buf *dst, struct text t)
{
	struct writer w;
	writer_open(&w, dst);
	writer_html(&w, t);
	return writer_close(&w);
}

int sheet_put_csv(struct buf *dst, struct text t)
{
	struct writer w;
	writer_open(&w, dst);
	writer_csv(&w, t);
	return writer_close(&w);
}

size_t sheet_width(struct text t)
{
	return text_columns(t);
}

/* ---- tables ---- */

static const char style[] =
	"body{font:14px/1.4 system-ui,sans-serif;margin:1.5em;color:#222;background:#fff}"
	"h1{font-size:1.4em;margin:0 0 .2em}p{margin:0 0 1em;color:#555}"
	"table{border-collapse:collapse}caption{text-align:left;color:#555;padding:.3em 0}"
	"th,td{border:1px solid #ccc;padding:.25em .6em;text-align:left;vertical-align:top;"
	"overflow-wrap:anywhere}th{background:#f0f0f0}td.n{text-align:right;"
	"font-variant-numeric:tabular-nums;white-space:nowrap}";

static int begin_html(struct sheet *s, const struct sheet_head *head)
{
	struct buf *dst = s->dst;
	int err = buf_put_text(dst,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		"style-src 'unsafe-inline'\">\n<title>");
	if (err == 0)
		err = sheet_put_html(dst, text_of(head->title));
	if (err == 0)
		err = buf_printf(dst, "</title>\n<style>%s</style>\n</head>\n<body>\n<h1>", style);
	if (err == 0)
		err = sheet_put_html(dst, text_of(head->title));
	if (err == 0)
		err = buf_put_text(dst, "</h1>\n<p>");
	if (err == 0)
		err = sheet_put_html(dst, text_of(head->note));
	if (err == 0)
		err = buf_put_text(dst, "</p>\n<table>\n<thead>\n<tr>");
	for (size_t i = 0; i < head->columns && err == 0; i++) {
		err = buf_put_text(dst, "<th scope=\"col\">");
		if (err == 0)
			err = sheet_put_html(dst, text_of(head->names[i]));
		if (err == 0)
			err = buf_put_text(dst, "</th>");
	}
	return err < 0 ? err : buf_put_text(dst, "</tr>\n</thead>\n<tbody>\n");
}

int sheet_begin(
	struct sheet *s, struct buf *dst, enum sheet_format format, const struct sheet_head *head)
{
	*s = (struct sheet){.dst = dst, .format = format, .columns = head->columns};
	if (format == SHEET_HTML)
		return begin_html(s, head);
	for (size_t i = 0; i < head->columns; i++) {
		int err = sheet_text(s, text_of(head->names[i]));
		if (err < 0)
			return err;
	}
	s->column = 0;
	return buf_put_text(dst, "\r\n");
}

/* What stands between the cells. ERR_LIMIT: more cells than columns. */
static int begin_cell(struct sheet *s, const char *html)
{
	if (s->column == s->columns)
		return ERR_LIMIT;
	size_t place = s->column++;
	if (s->format == SHEET_CSV)
		return place > 0 ? buf_put_text(s->dst, ",") : 0;
	int err = place == 0 ? buf_put_text(s->dst, "<tr>") : 0;
	return err < 0 ? err : buf_put_text(s->dst, html);
}

static int end_cell(struct sheet *s)
{
	return s->format == SHEET_HTML ? buf_put_text(s->dst, "</td>") : 0;
}

int sheet_text(struct sheet *s, struct text t)
{
	int err = begin_cell(s, "<td>");
	if (err == 0)
		err = s->format == SHEET_CSV ? sheet_put_csv(s->dst, t) : sheet_put_html(s->dst, t);
	return err < 0 ? err : end_cell(s);
}

int sheet_number(struct sheet *s, uint64_t v)
{
	int err = begin_cell(s, "<td class=\"n\">");
	if (err == 0)
		err = buf_printf(s->dst, "%llu", (unsigned long long)v);
	return err < 0 ? err : end_cell(s);
}

int sheet_empty(struct sheet *s)
{
	int err = begin_cell(s, "<td>");
	return err < 0 ? err : end_cell(s);
}

int sheet_end_row(struct sheet *s)
{
	while (s->column < s->columns) {
		int err = sheet_empty(s);
		if (err < 0)
			return err;
	}
	s->column = 0;
	s->rows++;
	return buf_put_text(s->dst, s->format == SHEET_CSV ? "\r\n" : "</tr>\n");
}

int sheet_end(struct sheet *s)
{
	return s->format == SHEET_CSV
		       ? 0
		       : buf_put_text(s->dst, "</tbody>\n</table>\n</body>\n</html>\n");
}
