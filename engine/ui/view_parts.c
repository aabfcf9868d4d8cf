/* SPDX-License-Identifier: Apache-2.0
 * The parts of a printer for people: options, settings, what paper passes through, parts that
 * wear. */
#include "engine/ui/view_internal.h"

#include "proto/base/limits.h"

#include <string.h>

void view_index(struct table *t, uint32_t device, uint32_t index)
{
	char both[24];
	(void)snprintf(both, sizeof both, "%u.%u", device, index);
	table_str(t, both);
}

int view_options(FILE *out, const struct reading *r)
{
	static const char *const names[] = {"OPTION", "KIND", "VALUE"};
	struct table t;
	view_table(&t, out, names, 3);
	for (const struct option *o = r->options; o != NULL; o = o->next) {
		if (o->kind == OPTION_SETTING)
			continue;
		table_text(&t, o->name);
		table_str(&t, option_kind_name((enum option_kind)o->kind));
		table_text(&t, o->value);
		table_end_row(&t);
	}
	return table_end(&t);
}

int view_settings(FILE *out, const struct reading *r)
{
	static const char *const names[] = {"SETTING", "VALUE"};
	struct table t;
	view_table(&t, out, names, 2);
	for (const struct option *o = r->options; o != NULL; o = o->next) {
		if (o->kind != OPTION_SETTING)
			continue;
		table_text(&t, o->name);
		table_text(&t, o->value);
		table_end_row(&t);
	}
	return table_end(&t);
}

static void put_status(struct table *t, const struct subunit *s)
{
	char text[128] = "";
	const char *words[SUBUNIT_STATUS_WORDS] = {cover_status_name(s->status)};
	size_t n = s->kind == SUBUNIT_COVER ? 1 : subunit_status_words(s->status, words);
	for (size_t i = 0; i < n && s->has_status; i++) {
		size_t len = strlen(text);
		(void)snprintf(text + len, sizeof text - len, "%s%s", i > 0 ? ", " : "", words[i]);
	}
	table_str(t, text);
}

/* RFC 3805's negative codes; "" for what was not answered. */
static void put_amount(struct table *t, bool is_there, int32_t amount)
{
	static const char *const codes[] = {NULL, "other", "unknown", "some"};
	char text[24] = "";
	if (is_there && amount < 0 && amount >= -3)
		(void)str_copy(text, sizeof text, codes[-amount]);
	else if (is_there)
		(void)snprintf(text, sizeof text, "%ld", (long)amount);
	table_str(t, text);
}

static const char *unit_of(const struct subunit *s)
{
	if (s->unit == 0)
		return "";
	return s->kind == SUBUNIT_PATH ? speed_unit_name(s->unit) : capacity_unit_name(s->unit);
}

int view_subunits(FILE *out, const struct reading *r)
{
	static const char *const names[] = {"UNIT", "INDEX", "NAME", "TYPE", "STATUS", ">LEVEL",
		">MAX", "OF", "MEDIA", "DESCRIPTION"};
	struct table t;
	view_table(&t, out, names, sizeof names / sizeof names[0]);
	for (const struct subunit *s = r->subunits; s != NULL; s = s->next) {
		enum subunit_kind kind = (enum subunit_kind)s->kind;
		table_str(&t, subunit_kind_name(kind));
		view_index(&t, s->device, s->index);
		table_text(&t, s->name);
		table_str(&t, s->type == 0 ? "" : subunit_type_name(kind, s->type));
		put_status(&t, s);
		put_amount(&t, s->has_level, s->level);
		put_amount(&t, s->has_max, s->max);
		table_str(&t, unit_of(s));
		table_text(&t, s->media);
		/* Most printers describe a tray by its name. */
		bool is_same = s->description.len == s->name.len && s->name.len > 0 &&
			       memcmp(s->description.p, s->name.p, s->name.len) == 0;
		table_text(&t, is_same ? (struct text){NULL, 0} : s->description);
		table_end_row(&t);
	}
	return table_end(&t);
}

static void put_amount_or_blank(struct table *t, int64_t amount)
{
	if (amount >= 0)
		table_number(t, (uint64_t)amount);
	else
		table_text(t, (struct text){NULL, 0});
}

int view_maintenance(FILE *out, const struct reading *r)
{
	static const char *const names[] = {"PART", "TYPE", "COLORANT", ">LEFT", ">REMAINS",
		">USED", ">LIFE", "OF", "INSTALLED"};
	struct table t;
	view_table(&t, out, names, sizeof names / sizeof names[0]);
	for (const struct maintenance *m = r->maintenance; m != NULL; m = m->next) {
		char percent[24] = "";
		if (m->percent_x100 >= 0)
			(void)snprintf(
				percent, sizeof percent, "%.0f %%", (double)m->percent_x100 / 100);
		table_text(&t, m->name);
		table_str(&t, m->type == 0 ? "" : supply_type_name(m->type));
		table_text(&t, m->colorant);
		table_str(&t, percent);
		put_amount_or_blank(&t, m->left);
		put_amount_or_blank(&t, m->used);
		put_amount_or_blank(&t, m->life);
		table_str(&t, m->unit == 0 ? "" : supply_unit_name(m->unit));
		table_text(&t, m->installed);
		table_end_row(&t);
	}
	return table_end(&t);
}
