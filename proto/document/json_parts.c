/* SPDX-License-Identifier: Apache-2.0
 * Options and settings, what paper passes through, and parts that wear. */
#include "proto/document/json_internal.h"

void json_set_options(struct vendor *m, json_t *device, const struct reading *r)
{
	json_t *options = vendor_array(m);
	json_t *settings = vendor_array(m);
	for (const struct option *x = r->options; x != NULL; x = x->next) {
		bool is_setting = x->kind == OPTION_SETTING;
		json_t *o = vendor_object(m);
		if (!is_setting)
			vendor_set_word(m, o, "kind", option_kind_name((enum option_kind)x->kind));
		vendor_set(m, o, "name", vendor_text(x->name));
		vendor_set(m, o, "value", vendor_text(x->value));
		vendor_append(m, is_setting ? settings : options, o);
	}
	vendor_set(m, device, "options", options);
	vendor_set(m, device, "settings", settings);
}

/* A cover is open or closed; the others have a sum of conditions. */
static json_t *status_words(struct vendor *m, const struct subunit *s)
{
	const char *words[SUBUNIT_STATUS_WORDS] = {cover_status_name(s->status)};
	size_t n = s->kind == SUBUNIT_COVER ? 1 : subunit_status_words(s->status, words);
	json_t *list = vendor_array(m);
	for (size_t i = 0; i < n; i++)
		vendor_append(m, list, json_string(words[i]));
	return list;
}

static json_t *subunit(struct vendor *m, const struct subunit *s)
{
	enum subunit_kind kind = (enum subunit_kind)s->kind;
	json_t *o = vendor_object(m);
	vendor_set_index(m, o, s->device, s->index);
	if (s->type != 0)
		vendor_set_word(m, o, "type", subunit_type_name(kind, s->type));
	vendor_set_text(m, o, "name", s->name);
	vendor_set_text(m, o, "description", s->description);
	if (s->has_status)
		vendor_set(m, o, "status", status_words(m, s));
	if (s->has_level)
		vendor_set_int(m, o, "level", s->level);
	if (s->has_max)
		vendor_set_int(m, o, "max", s->max);
	if (s->unit != 0)
		vendor_set_word(m, o, "unit",
			kind == SUBUNIT_PATH ? speed_unit_name(s->unit)
					     : capacity_unit_name(s->unit));
	if (kind == SUBUNIT_BIN && s->has_level)
		vendor_set_word(m, o, "meaning", "space_left");
	vendor_set_text(m, o, "media", s->media);
	return o;
}

void json_set_media(struct vendor *m, json_t *device, const struct reading *r)
{
	static const char *const keys[SUBUNIT_KIND_COUNT] = {[SUBUNIT_TRAY] = "trays",
		[SUBUNIT_BIN] = "bins",
		[SUBUNIT_COVER] = "covers",
		[SUBUNIT_PATH] = "media_paths"};
	for (unsigned kind = 0; kind < SUBUNIT_KIND_COUNT; kind++) {
		json_t *list = vendor_array(m);
		for (const struct subunit *s = r->subunits; s != NULL; s = s->next) {
			if (s->kind == kind)
				vendor_append(m, list, subunit(m, s));
		}
		vendor_set(m, device, keys[kind], list);
	}
	json_t *speed = vendor_object(m);
	if (r->pages_per_minute > 0)
		vendor_set_number(m, speed, "mono", r->pages_per_minute);
	if (r->pages_per_minute_color > 0)
		vendor_set_number(m, speed, "color", r->pages_per_minute_color);
	vendor_set(m, device, "rated_speed", speed);
}

static void set_amount(struct vendor *m, json_t *o, const char *key, int64_t amount)
{
	if (amount >= 0)
		vendor_set_int(m, o, key, amount);
}

void json_set_maintenance(struct vendor *m, json_t *device, const struct reading *r)
{
	json_t *list = vendor_array(m);
	for (const struct maintenance *x = r->maintenance; x != NULL; x = x->next) {
		json_t *o = vendor_object(m);
		vendor_set_index(m, o, x->device, x->index);
		vendor_set(m, o, "name", vendor_text(x->name));
		if (x->type != 0)
			vendor_set_word(m, o, "type", supply_type_name(x->type));
		vendor_set_text(m, o, "colorant", x->colorant);
		set_amount(m, o, "life", x->life);
		set_amount(m, o, "used", x->used);
		set_amount(m, o, "left", x->left);
		if (x->unit != 0)
			vendor_set_word(m, o, "unit", supply_unit_name(x->unit));
		if (x->percent_x100 >= 0)
			vendor_set(m, o, "percent", json_real((double)x->percent_x100 / 100));
		vendor_set_text(m, o, "installed", x->installed);
		vendor_set_source(m, o, x->object, x->source);
		vendor_append(m, list, o);
	}
	vendor_set(m, device, "maintenance", list);
}
