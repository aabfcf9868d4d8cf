/* SPDX-License-Identifier: Apache-2.0
 * One reading for people: in full, and in the short words of a report's row. */
#include "engine/ui/view_internal.h"

#include "proto/model/kind.h"
#include "proto/base/limits.h"
#include "proto/document/json.h"
#include "proto/text/escape.h"

#include <string.h>

enum { SHORT_MAX = 8 }; /* supplies or alerts in one cell */

/* The number of a receptacle, as the printer gave it. */
static int view_undirected(char *dst, size_t cap, const struct supply *s)
{
	if (s->has_max && s->max > 0)
		return snprintf(
			dst, cap, "%ld of %ld (direction unknown)", (long)s->level, (long)s->max);
	return snprintf(dst, cap, "%ld%s%s (direction unknown)", (long)s->level,
		s->unit != 0 ? " " : "", s->unit != 0 ? supply_unit_name(s->unit) : "");
}

size_t view_level(char *dst, size_t cap, const struct supply *s)
{
	double percent = supply_percent(s);
	const char *left = supply_is_receptacle(s) ? " left" : ""; /* the space in it */
	int n;
	if (percent >= 0)
		n = snprintf(dst, cap, "%.0f %%%s", percent, left);
	else if (s->level_kind == LEVEL_DIRECTION_UNKNOWN)
		n = view_undirected(dst, cap, s);
	else if (s->level_kind == LEVEL_ALMOST_FULL)
		n = snprintf(dst, cap, "almost full");
	else if (s->level_kind == LEVEL_UNITS && s->has_level)
		n = snprintf(dst, cap, "%ld %s", (long)s->level,
			s->unit == 0 ? "units" : supply_unit_name(s->unit));
	else
		n = snprintf(dst, cap, "%s", level_kind_name((enum level_kind)s->level_kind));
	return n < 0 ? 0 : (size_t)n < cap ? (size_t)n : cap - 1;
}

/* PrtMarkerSuppliesTypeTC: a supply that people call by its colorant. */
static bool is_named_by_colorant(unsigned type)
{
	enum { TONER = 3, INK = 5, INK_CARTRIDGE, INK_RIBBON, SOLID_WAX = 12, RIBBON_WAX };
	enum { TONER_CARTRIDGE = 21, MATTE_TONER = 35, MATTE_INK };
	switch (type) {
	case TONER:
	case INK:
	case INK_CARTRIDGE:
	case INK_RIBBON:
	case SOLID_WAX:
	case RIBBON_WAX:
	case TONER_CARTRIDGE:
	case MATTE_TONER:
	case MATTE_INK:
		return true;
	default:
		return false;
	}
}

struct text view_supply_name(const struct supply *s, char dst[VIEW_SUPPLY_NAME])
{
	struct text words =
		s->description.len > 0 ? s->description : text_of(supply_type_name(s->type));
	if (s->colorant.len == 0)
		return words;
	if (is_named_by_colorant(s->type))
		return s->colorant;
	size_t len = s->colorant.len + 1 + words.len;
	if (reading_colorant_of(words).len > 0 || len >= VIEW_SUPPLY_NAME)
		return words;
	(void)snprintf(dst, VIEW_SUPPLY_NAME, "%.*s %.*s", (int)s->colorant.len, s->colorant.p,
		(int)words.len, words.p);
	return (struct text){dst, len};
}

/* A second row of a supply that has a level: Konica Minolta's "Toner (Cyan) detail" says "some". */
static bool is_detail(const struct reading *r, const struct supply *s)
{
	if (s->level_kind != LEVEL_SOME || s->colorant.len == 0)
		return false;
	for (const struct supply *of = r->supplies; of != NULL; of = of->next) {
		struct text begin = s->description;
		begin.len = of->description.len < begin.len ? of->description.len : 0;
		if (of->device == s->device && of->type == s->type && begin.len > 0 &&
			of->level_kind == LEVEL_PERCENT &&
			text_is_equal(of->colorant, s->colorant) &&
			text_is_equal(of->description, begin))
			return true;
	}
	return false;
}

void view_supplies(struct writer *w, const struct reading *r)
{
	size_t shown = 0, count = 0;
	for (const struct supply *s = r->supplies; s != NULL; s = s->next)
		count += !is_detail(r, s);
	for (const struct supply *s = r->supplies; s != NULL; s = s->next) {
		char level[48], name[VIEW_SUPPLY_NAME];
		if (is_detail(r, s))
			continue;
		if (shown++ == SHORT_MAX) {
			writer_printf(w, "; and %u more", (unsigned)(count - SHORT_MAX));
			return;
		}
		(void)view_level(level, sizeof level, s);
		writer_str(w, shown > 1 ? "; " : "");
		writer_text(w, view_supply_name(s, name));
		writer_printf(w, " %s", level);
	}
}

struct text view_alert_words(const struct alert *a, char dst[ALERT_CODE_NAME])
{
	enum { CODE_UNKNOWN = 2 };
	if (a->description.len > 0)
		return a->description;
	return text_of(a->code > CODE_UNKNOWN ? alert_code_name(a->code, dst)
					      : alert_group_name(a->group));
}

void view_alerts(struct writer *w, const struct reading *r)
{
	size_t shown = 0, count = 0;
	for (const struct alert *a = r->alerts; a != NULL; a = a->next)
		count += alert_kind(a) != ALERT_STATE;
	for (int kind = ALERT_FAULT; kind < ALERT_STATE; kind++) {
		for (const struct alert *a = r->alerts; a != NULL; a = a->next) {
			char words[ALERT_CODE_NAME];
			if ((int)alert_kind(a) != kind)
				continue;
			if (shown++ == SHORT_MAX) {
				writer_printf(w, "; and %zu more", count - SHORT_MAX);
				return;
			}
			writer_printf(w, "%s%s: ", shown > 1 ? "; " : "", alert_kind_name(a));
			writer_text(w, view_alert_words(a, words));
		}
	}
}

/* "complete", or what is missing: "partial: supplies". */
static void view_completeness(struct writer *w, const struct reading *r)
{
	static const enum group_status bad[] = {GROUP_PARTIAL, GROUP_FAILED, GROUP_NOT_REQUESTED};
	bool is_complete = true;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		const char *name =
			bad[i] == GROUP_NOT_REQUESTED ? "not asked" : group_status_name(bad[i]);
		bool is_first = true;
		for (int g = 0; g < GROUP_COUNT; g++) {
			if (r->group[g].status != bad[i])
				continue;
			if (is_first)
				writer_printf(w, "%s%s: ", is_complete ? "" : "; ", name);
			else
				writer_str(w, ", ");
			writer_str(w, group_name((enum reading_group)g));
			is_first = false;
			is_complete = false;
		}
	}
	if (is_complete)
		writer_str(w, "complete");
}

/* ---- in full ---- */

static void put_field(struct writer *w, const char *name, struct text value)
{
	if (value.len == 0)
		return;
	writer_printf(w, "  %-12s ", name);
	writer_shown(w, value);
	writer_char(w, '\n');
}

static void put_identity(struct writer *w, const struct identity *i)
{
	uint32_t minutes = i->uptime_cs / 6000;
	writer_shown(w, i->vendor.len > 0 ? i->vendor : TEXT("Unknown vendor"));
	writer_str(w, i->model.len > 0 ? " " : "");
	writer_shown(w, i->model);
	if (!i->is_printer && i->why == WHY_NOTHING)
		writer_str(w, " (not known to be a printer)");
	else if (!i->is_printer)
		writer_printf(w, " (not a printer: %s)", device_kind_name(device_kind_of(i)));
	writer_char(w, '\n');
	put_field(w, "serial", i->serial);
	if (i->why != WHY_NOTHING && !i->is_printer)
		put_field(w, "because", text_of(identity_why_name((enum identity_why)i->why)));
	put_field(w, "MAC", i->mac);
	put_field(w, "name", i->name);
	put_field(w, "location", i->location);
	put_field(w, "contact", i->contact);
	put_field(w, "asset", i->asset);
	put_field(w, "description", i->sys_descr);
	put_field(w, "object id", i->sys_object_id);
	put_field(w, "device id", i->device_id);
	if (i->uptime_cs != 0)
		writer_printf(w, "  %-12s %u d %u h %u min\n", "up for", minutes / 1440,
			minutes / 60 % 24, minutes % 60);
	for (const struct firmware *f = i->firmware; f != NULL; f = f->next) {
		if (f->name.len + f->version.len == 0)
			continue;
		writer_printf(w, "  %-12s ", "firmware");
		writer_shown(w, f->name);
		writer_str(w, f->name.len > 0 ? " " : "");
		writer_shown(w, f->version);
		writer_char(w, '\n');
	}
}

static void put_state(struct writer *w, const struct printer_state *s)
{
	const char *before = "  conditions   ";
	if (s->printer_status != 0)
		put_field(w, "printer", text_of(printer_status_name(s->printer_status)));
	if (s->device_status != 0)
		put_field(w, "device", text_of(device_status_name(s->device_status)));
	for (unsigned bit = 0; s->has_errors && bit < 16 && error_bit_name(bit) != NULL; bit++) {
		if ((s->errors >> (15 - bit) & 1) == 0)
			continue;
		writer_printf(w, "%s%s", before, error_bit_name(bit));
		before = ", ";
	}
	writer_str(w, before[0] == ',' ? "\n" : "");
	if (s->service_mode == 2)
		put_field(w, "service mode", TEXT("yes"));
	put_field(w, "panel", s->console);
}

/* "35 pages a minute, 30 in colour" */
static void put_speed(struct writer *w, const struct reading *r)
{
	unsigned mono = r->pages_per_minute, color = r->pages_per_minute_color;
	if (mono == 0 && color == 0)
		return;
	writer_printf(w, "  %-12s %u pages a minute", "rated speed", mono > 0 ? mono : color);
	if (mono > 0 && color > 0)
		writer_printf(w, ", %u", color);
	writer_str(w, color > 0 ? " in colour\n" : "\n");
}

static int print_meters(FILE *out, const struct reading *r)
{
	static const char *const names[] = {"METER", ">VALUE", "UNIT", "OID"};
	struct table t;
	view_table(&t, out, names, 4);
	for (const struct meter *m = r->meters; m != NULL; m = m->next) {
		char name[LIMIT_TEXT + 16], source[READING_SOURCE];
		(void)snprintf(name, sizeof name, "%s%s%.*s%s",
			meter_name_text((enum meter_name)m->name), m->label.len > 0 ? ":" : "",
			TEXT_ARG(m->label), m->quality == QUALITY_OK ? "" : " (suspect)");
		table_str(&t, name);
		table_number(&t, m->value);
		table_str(&t, m->unit == 0 ? "" : meter_unit_name(m->unit));
		if (m->parts.len > 0) {
			(void)snprintf(source, sizeof source, "sum of %.*s", TEXT_ARG(m->parts));
			table_str(&t, source);
		} else {
			table_text(&t, reading_source(m->object, m->source, source));
		}
		table_end_row(&t);
	}
	return table_end(&t);
}

static int print_supplies(FILE *out, const struct reading *r)
{
	static const char *const names[] = {
		"SUPPLY", "TYPE", "COLORANT", ">LEVEL", "OF", "DESCRIPTION", "PART", "SERIAL"};
	struct table t;
	view_table(&t, out, names, 8);
	for (const struct supply *s = r->supplies; s != NULL; s = s->next) {
		char text[64];
		view_index(&t, s->device, s->index);
		table_str(&t, supply_type_name(s->type));
		table_text(&t, s->colorant);
		(void)view_level(text, sizeof text, s);
		table_str(&t, text);
		text[0] = '\0';
		if (s->has_level && s->level >= 0 && s->has_max && s->max >= 0)
			(void)snprintf(text, sizeof text, "%ld / %ld %s", (long)s->level,
				(long)s->max, s->unit == 0 ? "" : supply_unit_name(s->unit));
		table_str(&t, text);
		table_text(&t, s->description);
		table_text(&t, s->part);
		table_text(&t, s->serial);
		table_end_row(&t);
	}
	return table_end(&t);
}

static int print_alerts(FILE *out, const struct reading *r)
{
	static const char *const names[] = {"ALERT", "SEVERITY", "GROUP", ">CODE", "DESCRIPTION"};
	struct table t;
	view_table(&t, out, names, 5);
	for (const struct alert *a = r->alerts; a != NULL; a = a->next) {
		char code[16], words[ALERT_CODE_NAME];
		view_index(&t, a->device, a->index);
		table_str(&t, alert_severity_name(a->severity));
		table_str(&t, alert_group_name(a->group));
		(void)snprintf(code, sizeof code, "%ld", (long)a->code);
		table_str(&t, code);
		table_text(&t, view_alert_words(a, words));
		table_end_row(&t);
	}
	return table_end(&t);
}

static unsigned count_settings(const struct reading *r)
{
	unsigned n = 0;
	for (const struct option *o = r->options; o != NULL; o = o->next)
		n += o->kind == OPTION_SETTING;
	return n;
}

int view_reading_text(FILE *out, const struct reading *r)
{
	unsigned settings = count_settings(r);
	const struct {
		unsigned rows;
		int (*print)(FILE *out, const struct reading *r);
	} tables[] = {{r->meter_count, print_meters}, {r->supply_count, print_supplies},
		{r->alert_count, print_alerts}, {r->option_count - settings, view_options},
		{settings, view_settings}, {r->subunit_count, view_subunits},
		{r->maintenance_count, view_maintenance}};
	struct writer w;
	writer_open_file(&w, out);
	put_identity(&w, &r->identity);
	put_state(&w, &r->state);
	put_speed(&w, r);
	writer_str(&w, "  read         ");
	view_completeness(&w, r);
	if ((r->sources & SOURCE_IPP) != 0)
		writer_str(&w, (r->sources & SOURCE_SNMP) != 0 ? "; by SNMP and IPP" : "; by IPP");
	writer_char(&w, '\n');
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
		if (tables[i].rows == 0)
			continue;
		writer_char(&w, '\n');
		writer_fail(&w, tables[i].print(out, r));
	}
	return writer_close(&w);
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
