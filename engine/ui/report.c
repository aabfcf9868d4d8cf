/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/ui/report.h"

#include "proto/base/limits.h"
#include "engine/ui/event.h"
#include "proto/document/json.h"
#include "proto/text/json_writer.h"

#include <errno.h>
#include <string.h>

static const char *const columns[] = {"device", "vendor", "model", "serial", "address", "last read",
	"status", "total", "colour", "mono", "supplies", "alerts"};
static const char *const text_columns[] = {"DEVICE", "VENDOR", "MODEL", "SERIAL", "ADDRESS",
	"LAST READ", "STATUS", ">TOTAL", ">COLOUR", ">MONO", "SUPPLIES", "ALERTS"};

enum { COLUMNS = sizeof columns / sizeof columns[0] };

int report_format_from_text(const char *text)
{
	static const char *const names[REPORT_FORMAT_COUNT] = {"text", "csv", "html", "json"};
	for (int i = 0; i < REPORT_FORMAT_COUNT; i++) {
		if (strcmp(names[i], text) == 0)
			return i;
	}
	return ERR_FORMAT;
}

static void keep_err(struct report *r, int err)
{
	if (r->err == 0 && err < 0)
		r->err = err;
}

/* What was gathered goes out. */
static void flush(struct report *r)
{
	if (r->err == 0 && r->buf.len > 0 &&
		fwrite(r->buf.data, 1, r->buf.len, r->out) != r->buf.len)
		r->err = -EIO;
	buf_clear(&r->buf);
}

static void begin_json(struct report *r)
{
	struct writer *w = &r->json;
	writer_open_file(w, r->out);
	jw_object(w, NULL);
	jw_str(w, "title", r->options.title);
	jw_utc(w, "generated_at", r->options.now_ms);
	jw_str(w, "software", r->options.software);
	jw_array(w, "devices");
}

void report_begin(struct report *r, FILE *out, const struct report_options *o)
{
	char utc[25], note[128];
	*r = (struct report){.out = out, .options = *o};
	buf_open(&r->buf, LIMIT_REPORT_ROW);
	str_utc(utc, o->now_ms);
	(void)snprintf(note, sizeof note, "Made %s by %s.", utc, o->software);
	struct sheet_head head = {
		.title = o->title, .note = note, .names = columns, .columns = COLUMNS};
	switch (o->format) {
	case REPORT_TEXT:
		view_table_begin(&r->table, out, text_columns, COLUMNS);
		break;
	case REPORT_CSV:
		keep_err(r, sheet_begin(&r->sheet, &r->buf, SHEET_CSV, &head));
		break;
	case REPORT_HTML:
		keep_err(r, sheet_begin(&r->sheet, &r->buf, SHEET_HTML, &head));
		break;
	case REPORT_JSON:
		begin_json(r);
		break;
	case REPORT_FORMAT_COUNT:
		r->err = ERR_FORMAT;
		break;
	}
	if (o->format != REPORT_TEXT)
		flush(r);
}

/* ---- one row, in either kind of table ---- */

static void put_text(struct report *r, struct text t)
{
	if (r->options.format == REPORT_TEXT)
		view_table_text(&r->table, t);
	else
		keep_err(r, sheet_text(&r->sheet, t));
}

/* A column has the value that counts: a total that slipped to 0 is nothing to make a bill of. */
static void put_meter(struct report *r, const struct report_device *d, enum meter_name name)
{
	const struct meter *m = d->reading->meters;
	while (m != NULL && m->name != name)
		m = m->next;
	uint64_t value = m == NULL ? 0 : m->value;
	if (m != NULL && d->judgement != NULL)
		value = history_billed(d->judgement, m);
	if (r->options.format != REPORT_TEXT)
		keep_err(r, m == NULL ? sheet_empty(&r->sheet) : sheet_number(&r->sheet, value));
	else if (m == NULL)
		view_table_text(&r->table, (struct text){NULL, 0});
	else
		view_table_number(&r->table, value);
}

typedef int put_words(struct buf *dst, const struct reading *r);

static void put_made(struct report *r, const struct reading *reading, put_words *words)
{
	struct buf b;
	buf_open(&b, LIMIT_REPORT_ROW / 4);
	keep_err(r, words(&b, reading));
	put_text(r, (struct text){(const char *)b.data, b.len});
	buf_close(&b);
}

static int put_status(struct buf *dst, const struct reading *r)
{
	if (r->group[GROUP_STATE].status == GROUP_NOT_REQUESTED || r->state.printer_status == 0)
		return 0;
	int err = buf_put_text(dst, printer_status_name(r->state.printer_status));
	for (unsigned bit = 0; r->state.has_errors && bit < 16 && err == 0; bit++) {
		if ((r->state.errors >> (15 - bit) & 1) != 0 && error_bit_name(bit) != NULL)
			err = buf_printf(dst, ", %s", error_bit_name(bit));
	}
	return err;
}

static void put_row(struct report *r, const struct report_device *d)
{
	const struct identity *i = &d->reading->identity;
	char utc[25] = "";
	if (d->read_at_ms != 0)
		str_utc(utc, d->read_at_ms);
	put_text(r, d->device_key);
	put_text(r, i->vendor);
	put_text(r, i->model);
	put_text(r, i->serial);
	put_text(r, d->address);
	put_text(r, text_of(utc));
	put_made(r, d->reading, put_status);
	put_meter(r, d, METER_IMPRESSIONS_TOTAL);
	put_meter(r, d, METER_IMPRESSIONS_COLOR);
	put_meter(r, d, METER_IMPRESSIONS_MONO);
	put_made(r, d->reading, view_supplies);
	put_made(r, d->reading, view_alerts);
	if (r->options.format == REPORT_TEXT)
		view_table_end_row(&r->table);
	else
		keep_err(r, sheet_end_row(&r->sheet));
}

/* The reading's own object, with what the report knows of the device in front. */
static void put_object(struct report *r, const struct report_device *d)
{
	struct writer *w = &r->json;
	jw_newline(w);
	jw_object(w, NULL);
	jw_text(w, "device_key", d->device_key);
	jw_text(w, "address", d->address);
	jw_time(w, "read_at", d->read_at_ms);
	json_device_members(w, NULL, d->reading, d->mask);
	if (d->judgement != NULL)
		event_judgement_json(w, d->judgement, d->reading);
	jw_end(w);
}

int report_device(struct report *r, const struct report_device *d)
{
	if (r->err < 0)
		return r->err;
	if (r->options.format == REPORT_JSON)
		put_object(r, d);
	else
		put_row(r, d);
	r->devices++;
	if (r->options.format == REPORT_TEXT)
		keep_err(r, r->table.err);
	else if (r->options.format == REPORT_JSON)
		keep_err(r, r->json.err);
	else
		flush(r);
	return r->err;
}

int report_end(struct report *r)
{
	switch (r->options.format) {
	case REPORT_TEXT:
		keep_err(r, view_table_end(&r->table));
		break;
	case REPORT_CSV:
	case REPORT_HTML:
		if (r->err == 0)
			keep_err(r, sheet_end(&r->sheet));
		break;
	case REPORT_JSON:
		jw_end(&r->json);
		jw_end(&r->json);
		writer_char(&r->json, '\n');
		keep_err(r, writer_close(&r->json));
		break;
	case REPORT_FORMAT_COUNT:
		break;
	}
	flush(r);
	buf_close(&r->buf);
	if (fflush(r->out) != 0 || ferror(r->out) != 0)
		keep_err(r, -EIO);
	return r->err;
}
