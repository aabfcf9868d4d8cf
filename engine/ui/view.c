/* SPDX-License-Identifier: Apache-2.0
 * One reading for people: in full, and in the short words of a report's row. */
#include "engine/ui/view_internal.h"

#include "proto/base/limits.h"
#include "proto/document/json.h"
#include "proto/text/sheet.h"

#include <errno.h>
#include <string.h>

enum { SHORT_MAX = 8 }; /* supplies or alerts in one cell */

size_t view_level(char *dst, size_t cap, const struct supply *s)
{
	double percent = supply_percent(s);
	const char *left = s->supply_class == 4 ? " left" : ""; /* a waste box: the space in it */
	int n;
	if (percent >= 0)
		n = snprintf(dst, cap, "%.0f %%%s", percent, left);
	else if (s->level_kind == LEVEL_UNITS && s->has_level)
		n = snprintf(dst, cap, "%ld %s", (long)s->level,
			s->unit == 0 ? "units" : supply_unit_name(s->unit));
	else
		n = snprintf(dst, cap, "%s", level_kind_name((enum level_kind)s->level_kind));
	return n < 0 ? 0 : (size_t)n < cap ? (size_t)n : cap - 1;
}

static struct text supply_words(const struct supply *s)
{
	if (s->colorant.len > 0)
		return s->colorant;
	if (s->description.len > 0)
		return s->description;
	return text_of(supply_type_name(s->type));
}

int view_supplies(struct buf *dst, const struct reading *r)
{
	size_t shown = 0;
	int err = 0;
	for (const struct supply *s = r->supplies; s != NULL && err == 0; s = s->next) {
		char level[48];
		if (shown++ == SHORT_MAX)
			return buf_printf(
				dst, "; and %u more", (unsigned)r->supply_count - SHORT_MAX);
		(void)view_level(level, sizeof level, s);
		struct text words = supply_words(s);
		err = buf_printf(dst, "%s%.*s %s", shown > 1 ? "; " : "", TEXT_ARG(words), level);
	}
	return err;
}

/* Critical first, then warnings, then the rest. */
static int rank(const struct alert *a)
{
	return a->severity == 3 ? 0 : a->severity == 4 || a->severity == 5 ? 1 : 2;
}

int view_alerts(struct buf *dst, const struct reading *r)
{
	size_t shown = 0;
	for (int wanted = 0; wanted <= 2; wanted++) {
		for (const struct alert *a = r->alerts; a != NULL; a = a->next) {
			if (rank(a) != wanted)
				continue;
			if (shown++ == SHORT_MAX)
				return buf_printf(
					dst, "; and %u more", (unsigned)r->alert_count - SHORT_MAX);
			struct text words = a->description.len > 0
						    ? a->description
						    : text_of(alert_group_name(a->group));
			int err = buf_printf(dst, "%s%s: %.*s", shown > 1 ? "; " : "",
				alert_severity_name(a->severity), TEXT_ARG(words));
			if (err < 0)
				return err;
		}
	}
	return 0;
}

int view_completeness(struct buf *dst, const struct reading *r)
{
	static const enum group_status bad[] = {GROUP_PARTIAL, GROUP_FAILED, GROUP_NOT_REQUESTED};
	bool is_first = true;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		const char *before = is_first ? "" : "; ";
		const char *comma = NULL;
		for (int g = 0; g < GROUP_COUNT; g++) {
			if (r->group[g].status != bad[i])
				continue;
			int err = comma == NULL ? buf_printf(dst, "%s%s: ", before,
							  bad[i] == GROUP_NOT_REQUESTED
								  ? "not asked"
								  : group_status_name(bad[i]))
						: buf_put_text(dst, comma);
			if (err == 0)
				err = buf_put_text(dst, group_name((enum reading_group)g));
			if (err < 0)
				return err;
			comma = ", ";
			is_first = false;
		}
	}
	return is_first ? buf_put_text(dst, "complete") : 0;
}

/* ---- in full ---- */

/* What is printed is gathered first, so that an error leaves nothing half on the screen. */
static int put_field(struct buf *b, const char *name, struct text value)
{
	if (value.len == 0)
		return 0;
	int err = buf_printf(b, "  %-12s ", name);
	if (err == 0)
		err = sheet_put_shown(b, value);
	return err < 0 ? err : buf_put_text(b, "\n");
}

static int put_uptime(struct buf *b, uint32_t cs)
{
	char text[48];
	uint32_t minutes = cs / 6000;
	if (cs == 0)
		return 0;
	(void)snprintf(text, sizeof text, "%u d %u h %u min", minutes / 1440, minutes / 60 % 24,
		minutes % 60);
	return put_field(b, "up for", text_of(text));
}

static int put_identity(struct buf *b, const struct identity *i)
{
	struct text vendor = i->vendor.len > 0 ? i->vendor : TEXT("Unknown vendor");
	int err = sheet_put_shown(b, vendor);
	if (err == 0 && i->model.len > 0)
		err = buf_put_text(b, " ");
	if (err == 0)
		err = sheet_put_shown(b, i->model);
	if (err == 0)
		err = buf_put_text(b, i->is_printer ? "\n" : " (not known to be a printer)\n");
	if (err == 0)
		err = put_field(b, "serial", i->serial);
	if (err == 0 && i->why != WHY_NOTHING && !i->is_printer)
		err = put_field(
			b, "because", text_of(identity_why_name((enum identity_why)i->why)));
	if (err == 0)
		err = put_field(b, "MAC", i->mac);
	if (err == 0)
		err = put_field(b, "name", i->name);
	if (err == 0)
		err = put_field(b, "description", i->sys_descr);
	if (err == 0)
		err = put_field(b, "object id", i->sys_object_id);
	if (err == 0)
		err = put_field(b, "device id", i->device_id);
	if (err == 0)
		err = put_uptime(b, i->uptime_cs);
	for (const struct firmware *f = i->firmware; f != NULL && err == 0; f = f->next) {
		char text[2 * LIMIT_TEXT];
		(void)snprintf(text, sizeof text, "%.*s%s%.*s", TEXT_ARG(f->name),
			f->name.len > 0 ? " " : "", TEXT_ARG(f->version));
		err = put_field(b, "firmware", text_of(text));
	}
	return err;
}

static int put_state(struct buf *b, const struct printer_state *s)
{
	char text[LIMIT_TEXT_LONG] = "";
	size_t len = 0;
	int err = 0;
	if (s->printer_status != 0)
		err = put_field(b, "printer", text_of(printer_status_name(s->printer_status)));
	if (err == 0 && s->device_status != 0)
		err = put_field(b, "device", text_of(device_status_name(s->device_status)));
	for (unsigned bit = 0; s->has_errors && bit < 16 && error_bit_name(bit) != NULL; bit++) {
		if ((s->errors >> (15 - bit) & 1) == 0)
			continue;
		(void)snprintf(text + len, sizeof text - len, "%s%s", len > 0 ? ", " : "",
			error_bit_name(bit));
		len = strlen(text);
	}
	if (err == 0)
		err = put_field(b, "conditions", text_of(text));
	if (err == 0 && s->service_mode == 2)
		err = put_field(b, "service mode", TEXT("yes"));
	return err < 0 ? err : put_field(b, "panel", s->console);
}

/* "35 pages a minute, 30 in colour" */
static int put_speed(struct buf *b, const struct reading *r)
{
	char text[64] = "";
	unsigned mono = r->pages_per_minute, color = r->pages_per_minute_color;
	if (mono > 0 && color > 0)
		(void)snprintf(text, sizeof text, "%u pages a minute, %u in colour", mono, color);
	else if (mono > 0 || color > 0)
		(void)snprintf(text, sizeof text, "%u pages a minute%s", mono > 0 ? mono : color,
			mono > 0 ? "" : " in colour");
	return put_field(b, "rated speed", text_of(text));
}

static int print_meters(FILE *out, const struct reading *r)
{
	static const char *const names[] = {"METER", ">VALUE", "UNIT", "OID"};
	struct view_table t;
	view_table_begin(&t, out, names, 4);
	for (const struct meter *m = r->meters; m != NULL; m = m->next) {
		char name[LIMIT_TEXT + 16], source[READING_SOURCE];
		(void)snprintf(name, sizeof name, "%s%s%.*s%s",
			meter_name_text((enum meter_name)m->name), m->label.len > 0 ? ":" : "",
			TEXT_ARG(m->label), m->quality == QUALITY_OK ? "" : " (suspect)");
		view_table_text(&t, text_of(name));
		view_table_number(&t, m->value);
		view_table_text(&t, text_of(m->unit == 0 ? "" : meter_unit_name(m->unit)));
		view_table_text(&t, reading_source(m->object, m->source, source));
		view_table_end_row(&t);
	}
	return view_table_end(&t);
}

static int print_supplies(FILE *out, const struct reading *r)
{
	static const char *const names[] = {
		"SUPPLY", "TYPE", "COLORANT", ">LEVEL", "OF", "DESCRIPTION", "PART", "SERIAL"};
	struct view_table t;
	view_table_begin(&t, out, names, 8);
	for (const struct supply *s = r->supplies; s != NULL; s = s->next) {
		char text[64];
		(void)snprintf(text, sizeof text, "%u.%u", s->device, s->index);
		view_table_text(&t, text_of(text));
		view_table_text(&t, text_of(supply_type_name(s->type)));
		view_table_text(&t, s->colorant);
		(void)view_level(text, sizeof text, s);
		view_table_text(&t, text_of(text));
		text[0] = '\0';
		if (s->has_level && s->level >= 0 && s->has_max && s->max >= 0)
			(void)snprintf(text, sizeof text, "%ld / %ld %s", (long)s->level,
				(long)s->max, s->unit == 0 ? "" : supply_unit_name(s->unit));
		view_table_text(&t, text_of(text));
		view_table_text(&t, s->description);
		view_table_text(&t, s->part);
		view_table_text(&t, s->serial);
		view_table_end_row(&t);
	}
	return view_table_end(&t);
}

static int print_alerts(FILE *out, const struct reading *r)
{
	static const char *const names[] = {"ALERT", "SEVERITY", "GROUP", ">CODE", "DESCRIPTION"};
	struct view_table t;
	view_table_begin(&t, out, names, 5);
	for (const struct alert *a = r->alerts; a != NULL; a = a->next) {
		char text[64];
		(void)snprintf(text, sizeof text, "%u.%u", a->device, a->index);
		view_table_text(&t, text_of(text));
		view_table_text(&t, text_of(alert_severity_name(a->severity)));
		view_table_text(&t, text_of(alert_group_name(a->group)));
		(void)snprintf(text, sizeof text, "%ld", (long)a->code);
		view_table_text(&t, text_of(text));
		view_table_text(&t, a->description);
		view_table_end_row(&t);
	}
	return view_table_end(&t);
}

static unsigned count_settings(const struct reading *r)
{
	unsigned n = 0;
	for (const struct option *o = r->options; o != NULL; o = o->next)
		n += o->kind == OPTION_SETTING;
	return n;
}

typedef int print_table(FILE *out, const struct reading *r);

/* A table with a blank line before it, or nothing. */
static int print_if(FILE *out, const struct reading *r, unsigned rows, print_table *print)
{
	if (rows == 0)
		return 0;
	(void)fputc('\n', out);
	return print(out, r);
}

int view_reading_text(FILE *out, const struct reading *r)
{
	struct buf b;
	buf_open(&b, LIMIT_REPORT_ROW);
	int err = put_identity(&b, &r->identity);
	if (err == 0)
		err = put_state(&b, &r->state);
	if (err == 0)
		err = put_speed(&b, r);
	if (err == 0)
		err = buf_put_text(&b, "  read         ");
	if (err == 0)
		err = view_completeness(&b, r);
	if (err == 0 && (r->sources & SOURCE_IPP) != 0)
		err = buf_put_text(
			&b, (r->sources & SOURCE_SNMP) != 0 ? "; by SNMP and IPP" : "; by IPP");
	if (err == 0)
		err = buf_put_text(&b, "\n");
	if (err == 0 && fwrite(b.data, 1, b.len, out) != b.len)
		err = -EIO;
	buf_close(&b);
	unsigned settings = count_settings(r);
	if (err == 0)
		err = print_if(out, r, r->meter_count, print_meters);
	if (err == 0)
		err = print_if(out, r, r->supply_count, print_supplies);
	if (err == 0)
		err = print_if(out, r, r->alert_count, print_alerts);
	if (err == 0)
		err = print_if(out, r, r->option_count - settings, view_options);
	if (err == 0)
		err = print_if(out, r, settings, view_settings);
	if (err == 0)
		err = print_if(out, r, r->subunit_count, view_subunits);
	if (err == 0)
		err = print_if(out, r, r->maintenance_count, view_maintenance);
	return err < 0 ? err : fflush(out) != 0 || ferror(out) != 0 ? -EIO : 0;
}

int view_reading(const struct reading *r, bool is_json)
{
	struct writer w;
	if (!is_json)
		return view_reading_text(stdout, r);
	writer_open_file(&w, stdout);
	json_device(&w, NULL, NULL, r, ALL_GROUPS);
	writer_char(&w, '\n');
	return writer_close(&w);
}
