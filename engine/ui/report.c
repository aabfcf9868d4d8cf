/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/ui/report.h"

#include "proto/base/limits.h"
#include "engine/ui/event.h"
#include "proto/document/json.h"
#include "proto/text/json_writer.h"

#include <string.h>

static const char *const columns[] = {"device", "vendor", "model", "serial", "address", "last read",
	"status", ">total", ">colour", ">mono", "supplies", "alerts", "sums", "days left"};

/* The last column needs the hub's history. */
static size_t column_count(const struct report_options *o)
{
	return sizeof columns / sizeof columns[0] - (o->has_evaluation ? 0 : 1);
}

int report_format_from_text(const char *text)
{
	static const char *const names[REPORT_FORMAT_COUNT] = {"text", "csv", "html", "json"};
	for (int i = 0; i < REPORT_FORMAT_COUNT; i++) {
		if (strcmp(names[i], text) == 0)
			return i;
	}
	return ERR_FORMAT;
}

void report_begin(struct report *r, FILE *out, const struct report_options *o)
{
	char utc[25], note[128];
	*r = (struct report){.options = *o};
	str_utc(utc, o->now_ms);
	if (o->format == REPORT_JSON) {
		writer_open_file(&r->json, out);
		jw_object(&r->json, NULL);
		jw_str(&r->json, "title", o->title);
		jw_str(&r->json, "generated_at", utc);
		jw_str(&r->json, "software", o->software);
		jw_array(&r->json, "devices");
		return;
	}
	if (o->format == REPORT_TEXT) {
		view_table(&r->table, out, columns, column_count(o));
		return;
	}
	(void)snprintf(note, sizeof note, "Made %s by %s.", utc, o->software);
	const struct table_head head = {.format = o->format == REPORT_HTML ? TABLE_HTML : TABLE_CSV,
		.title = o->title,
		.note = note,
		.names = columns,
		.columns = column_count(o)};
	table_begin(&r->table, out, &head);
}

/* ---- one row ---- */

static const struct meter *meter_named(const struct report_device *d, enum meter_name name)
{
	const struct meter *m = d->reading->meters;
	while (m != NULL && m->name != name)
		m = m->next;
	return m;
}

/* Where no total is read: the life count of the only marker, if it counts impressions. With several
 * markers none of them is the total. */
static const struct meter *total_by_marker(const struct report_device *d)
{
	enum { UNIT_IMPRESSIONS = 7 };
	const struct meter *m = meter_named(d, METER_MARKER_LIFE);
	if (m == NULL || m->unit != UNIT_IMPRESSIONS ||
		meter_named(d, METER_IMPRESSIONS_TOTAL) != NULL)
		return NULL;
	for (const struct meter *other = m->next; other != NULL; other = other->next) {
		if (other->name == METER_MARKER_LIFE)
			return NULL;
	}
	return m;
}

/* The billed value: it is not a total that fell back to 0. */
static void put_meter(struct report *r, const struct report_device *d, enum meter_name name)
{
	const struct meter *m = meter_named(d, name);
	if (m == NULL && name == METER_IMPRESSIONS_TOTAL)
		m = total_by_marker(d);
	if (m == NULL)
		table_empty(&r->table);
	else
		table_number(&r->table,
			d->evaluation != NULL ? history_billed(d->evaluation, m) : m->value);
}

typedef void put_words(struct writer *w, const struct report_device *d);

static void put_made(struct report *r, const struct report_device *d, put_words *words)
{
	struct buf b;
	struct writer w;
	buf_open(&b, LIMIT_REPORT_ROW / 4);
	writer_open(&w, &b);
	words(&w, d);
	writer_fail(&r->table.w, writer_close(&w));
	table_text(&r->table, (struct text){(const char *)b.data, b.len});
	buf_close(&b);
}

static void put_supplies(struct writer *w, const struct report_device *d)
{
	view_supplies(w, d->reading);
}

static void put_alerts(struct writer *w, const struct report_device *d)
{
	view_alerts(w, d->reading);
}

/* Which of the meters above are sums, or another meter: the printer has no object of them. */
static void put_sums(struct writer *w, const struct report_device *d)
{
	static const struct {
		uint8_t name;
		const char *column;
	} billed[] = {{METER_IMPRESSIONS_TOTAL, "total"}, {METER_IMPRESSIONS_COLOR, "colour"},
		{METER_IMPRESSIONS_MONO, "mono"}};
	bool is_first = true;
	for (size_t i = 0; i < sizeof billed / sizeof billed[0]; i++) {
		const struct meter *m = meter_named(d, (enum meter_name)billed[i].name);
		if (m == NULL || m->parts.len == 0)
			continue;
		writer_printf(w, "%s%s", is_first ? "" : ", ", billed[i].column);
		is_first = false;
	}
	if (total_by_marker(d) != NULL)
		writer_str(w, is_first ? "total: marker_life" : ", total: marker_life");
}

static void put_status(struct writer *w, const struct report_device *d)
{
	const struct reading *r = d->reading;
	if (r->group[GROUP_STATE].status == GROUP_NOT_REQUESTED || r->state.printer_status == 0)
		return;
	writer_str(w, printer_status_name(r->state.printer_status));
	for (unsigned bit = 0; r->state.has_errors && bit < 16; bit++) {
		if ((r->state.errors >> (15 - bit) & 1) != 0 && error_bit_name(bit) != NULL)
			writer_printf(w, ", %s", error_bit_name(bit));
	}
}

/* "black 12 (9-16); cyan 80 (50-140)": days, and their range. */
static void put_days_left(struct writer *w, const struct report_device *d)
{
	bool is_first = true;
	for (const struct supply *s = d->reading->supplies; s != NULL; s = s->next) {
		struct history_estimate e;
		char name[VIEW_SUPPLY_NAME];
		history_estimate(&e, d->evaluation, history_supply_of(d->evaluation, s));
		if (!e.is_known)
			continue;
		writer_str(w, is_first ? "" : "; ");
		writer_text(w, view_supply_name(s, name));
		writer_printf(w, " %.0f (%.0f-%.0f)", e.days, e.days_min, e.days_max);
		is_first = false;
	}
}

static void put_row(struct report *r, const struct report_device *d)
{
	const struct identity *i = &d->reading->identity;
	char utc[25] = "";
	if (d->read_at_ms != 0)
		str_utc(utc, d->read_at_ms);
	table_text(&r->table, d->device_key);
	table_text(&r->table, i->vendor);
	table_text(&r->table, i->model);
	table_text(&r->table, i->serial);
	table_text(&r->table, d->address);
	table_str(&r->table, utc);
	put_made(r, d, put_status);
	put_meter(r, d, METER_IMPRESSIONS_TOTAL);
	put_meter(r, d, METER_IMPRESSIONS_COLOR);
	put_meter(r, d, METER_IMPRESSIONS_MONO);
	put_made(r, d, put_supplies);
	put_made(r, d, put_alerts);
	put_made(r, d, put_sums);
	if (r->options.has_evaluation)
		put_made(r, d, put_days_left);
	table_end_row(&r->table);
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
	if (d->evaluation != NULL)
		event_evaluation_json(w, d->evaluation, d->reading);
	jw_end(w);
}

int report_device(struct report *r, const struct report_device *d)
{
	if (r->options.format == REPORT_JSON)
		put_object(r, d);
	else
		put_row(r, d);
	return r->options.format == REPORT_JSON ? r->json.err : r->table.w.err;
}

int report_end(struct report *r)
{
	if (r->options.format != REPORT_JSON)
		return table_end(&r->table);
	jw_end(&r->json);
	jw_end(&r->json);
	writer_char(&r->json, '\n');
	return writer_close(&r->json);
}
