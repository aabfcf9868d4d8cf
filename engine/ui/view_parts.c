/* SPDX-License-Identifier: Apache-2.0
 * The parts of a printer for people: options, settings, what paper passes through, parts that
 * wear. */
#include "engine/ui/view_internal.h"

#include "proto/base/limits.h"

#include <string.h>

static void put_index(struct view_table *t, uint32_t device, uint32_t index)
{
	char both[24];
	(void)snprintf(both, sizeof both, "%u.%u", device, index);
	view_table_text(t, text_of(both));
}

int view_options(FILE *out, const struct reading *r)
{
	static const char *const names[] = {"OPTION", "KIND", "VALUE"};
	struct view_table t;
	view_table_begin(&t, out, names, 3);
	for (const struct option *o = r->options; o != NULL; o = o->next) {
		if (o->kind == OPTION_SETTING)
			continue;
		view_table_text(&t, o->name);
		view_table_text(&t, text_of(option_kind_name((enum option_kind)o->kind)));
		view_table_text(&t, o->value);
		view_table_end_row(&t);
	}
	return view_table_end(&t);
}

int view_settings(FILE *out, const struct reading *r)
{
	static const char *const names[] = {"SETTING", "VALUE"};
	struct view_table t;
	view_table_begin(&t, out, names, 2);
	for (const struct option *o = r->options; o != NULL; o = o->next) {
		if (o->kind != OPTION_SETTING)
			continue;
		view_table_text(&t, o->name);
		view_table_text(&t, o->value);
		view_table_end_row(&t);
	}
	return view_table_end(&t);
}

static void put_status(struct view_table *t, const struct subunit *s)
{
	char text[128] = "";
	const char *words[SUBUNIT_STATUS_WORDS] = {cover_status_name(s->status)};
	size_t n = s->kind == SUBUNIT_COVER ? 1 : subunit_status_words(s->status, words);
	for (size_t i = 0; i < n && s->has_status; i++) {
		size_t len = strlen(text);
		(void)snprintf(text + len, sizeof text - len, "%s%s", i > 0 ? ", " : "", words[i]);
	}
	view_table_text(t, text_of(text));
}

/* RFC 3805's negative codes; "" for what was not answered. */
static void put_amount(struct view_table *t, bool is_there, int32_t amount)
{
	static const char *const codes[] = {NULL, "other", "unknown", "some"};
	char text[24] = "";
	if (is_there && amount < 0 && amount >= -3)
		(void)str_copy(text, sizeof text, codes[-amount]);
	else if (is_there)
		(void)snprintf(text, sizeof text, "%ld", (long)amount);
	view_table_text(t, text_of(text));
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
	struct view_table t;
	view_table_begin(&t, out, names, sizeof names / sizeof names[0]);
	for (const struct subunit *s = r->subunits; s != NULL; s = s->next) {
		enum subunit_kind kind = (enum subunit_kind)s->kind;
		view_table_text(&t, text_of(subunit_kind_name(kind)));
		put_index(&t, s->device, s->index);
		view_table_text(&t, s->name);
		view_table_text(&t, text_of(s->type == 0 ? "" : subunit_type_name(kind, s->type)));
		put_status(&t, s);
		put_amount(&t, s->has_level, s->level);
		put_amount(&t, s->has_max, s->max);
		view_table_text(&t, text_of(unit_of(s)));
		view_table_text(&t, s->media);
		/* Most printers describe a tray by its name. */
		bool is_same = s->description.len == s->name.len && s->name.len > 0 &&
			       memcmp(s->description.p, s->name.p, s->name.len) == 0;
		view_table_text(&t, is_same ? (struct text){NULL, 0} : s->description);
		view_table_end_row(&t);
	}
	return view_table_end(&t);
}

static void put_amount_or_blank(struct view_table *t, int64_t amount)
{
	if (amount >= 0)
		view_table_number(t, (uint64_t)amount);
	else
		view_table_text(t, (struct text){NULL, 0});
}

int view_maintenance(FILE *out, const struct reading *r)
{
	static const char *const names[] = {"PART", "TYPE", "COLORANT", ">LEFT", ">REMAINS",
		">USED", ">LIFE", "OF", "INSTALLED"};
	struct view_table t;
	view_table_begin(&t, out, names, sizeof names / sizeof names[0]);
	for (const struct maintenance *m = r->maintenance; m != NULL; m = m->next) {
		char percent[24] = "";
		if (m->percent_x100 >= 0)
			(void)snprintf(
				percent, sizeof percent, "%.0f %%", (double)m->percent_x100 / 100);
		view_table_text(&t, m->name);
		view_table_text(&t, text_of(m->type == 0 ? "" : supply_type_name(m->type)));
		view_table_text(&t, m->colorant);
		view_table_text(&t, text_of(percent));
		put_amount_or_blank(&t, m->left);
		put_amount_or_blank(&t, m->used);
		put_amount_or_blank(&t, m->life);
		view_table_text(&t, text_of(m->unit == 0 ? "" : supply_unit_name(m->unit)));
		view_table_text(&t, m->installed);
		view_table_end_row(&t);
	}
	return view_table_end(&t);
}
