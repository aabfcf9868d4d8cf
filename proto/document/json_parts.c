/* SPDX-License-Identifier: Apache-2.0
 * Options and settings, what paper passes through, and parts that wear. */
#include "proto/document/json_internal.h"

void json_set_options(struct maker *m, json_t *device, const struct reading *r)
{
	json_t *options = maker_array(m);
	json_t *settings = maker_array(m);
	for (const struct option *x = r->options; x != NULL; x = x->next) {
		bool is_setting = x->kind == OPTION_SETTING;
		json_t *o = maker_object(m);
		if (!is_setting)
			maker_set_word(m, o, "kind", option_kind_name((enum option_kind)x->kind));
		maker_set(m, o, "name", maker_text(x->name));
		maker_set(m, o, "value", maker_text(x->value));
		maker_append(m, is_setting ? settings : options, o);
	}
	maker_set(m, device, "options", options);
	maker_set(m, device, "settings", settings);
}

/* A cover is open or closed; the others have a sum of conditions. */
static json_t *status_words(struct maker *m, const struct subunit *s)
{
	const char *words[SUBUNIT_STATUS_WORDS] = {cover_status_name(s->status)};
	size_t n = s->kind == SUBUNIT_COVER ? 1 : subunit_status_words(s->status, words);
	json_t *list = maker_array(m);
	for (size_t i = 0; i < n; i++)
		maker_append(m, list, json_string(words[i]));
	return list;
}

static json_t *subunit(struct maker *m, const struct subunit *s)
{
	enum subunit_kind kind = (enum subunit_kind)s->kind;
	json_t *o = maker_object(m);
	maker_set_index(m, o, s->device, s->index);
	if (s->type != 0)
		maker_set_word(m, o, "type", subunit_type_name(kind, s->type));
	maker_set_text(m, o, "name", s->name);
	maker_set_text(m, o, "description", s->description);
	if (s->has_status)
		maker_set(m, o, "status", status_words(m, s));
	if (s->has_level)
		maker_set_int(m, o, "level", s->level);
	if (s->has_max)
		maker_set_int(m, o, "max", s->max);
	if (s->unit != 0)
		maker_set_word(m, o, "unit",
			kind == SUBUNIT_PATH ? speed_unit_name(s->unit)
					     : capacity_unit_name(s->unit));
	if (kind == SUBUNIT_BIN && s->has_level)
		maker_set_word(m, o, "meaning", "space_left");
	maker_set_text(m, o, "media", s->media);
	return o;
}

void json_set_media(struct maker *m, json_t *device, const struct reading *r)
{
	static const char *const keys[SUBUNIT_KIND_COUNT] = {[SUBUNIT_TRAY] = "trays",
		[SUBUNIT_BIN] = "bins",
		[SUBUNIT_COVER] = "covers",
		[SUBUNIT_PATH] = "media_paths"};
	for (unsigned kind = 0; kind < SUBUNIT_KIND_COUNT; kind++) {
		json_t *list = maker_array(m);
		for (const struct subunit *s = r->subunits; s != NULL; s = s->next) {
			if (s->kind == kind)
				maker_append(m, list, subunit(m, s));
		}
		maker_set(m, device, keys[kind], list);
	}
	json_t *speed = maker_object(m);
	if (r->pages_per_minute > 0)
		maker_set_number(m, speed, "mono", r->pages_per_minute);
	if (r->pages_per_minute_color > 0)
		maker_set_number(m, speed, "color", r->pages_per_minute_color);
	maker_set(m, device, "rated_speed", speed);
}

static void set_amount(struct maker *m, json_t *o, const char *key, int64_t amount)
{
	if (amount >= 0)
		maker_set_int(m, o, key, amount);
}

void json_set_maintenance(struct maker *m, json_t *device, const struct reading *r)
{
	json_t *list = maker_array(m);
	for (const struct maintenance *x = r->maintenance; x != NULL; x = x->next) {
		json_t *o = maker_object(m);
		maker_set_index(m, o, x->device, x->index);
		maker_set(m, o, "name", maker_text(x->name));
		if (x->type != 0)
			maker_set_word(m, o, "type", supply_type_name(x->type));
		maker_set_text(m, o, "colorant", x->colorant);
		set_amount(m, o, "life", x->life);
		set_amount(m, o, "used", x->used);
		set_amount(m, o, "left", x->left);
		if (x->unit != 0)
			maker_set_word(m, o, "unit", supply_unit_name(x->unit));
		if (x->percent_x100 >= 0)
			maker_set(m, o, "percent", json_real((double)x->percent_x100 / 100));
		maker_set_text(m, o, "installed", x->installed);
		maker_set_source(m, o, x->object, x->source);
		maker_append(m, list, o);
	}
	maker_set(m, device, "maintenance", list);
}
