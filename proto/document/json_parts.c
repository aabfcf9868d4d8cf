/* SPDX-License-Identifier: Apache-2.0
 * Options, settings, media paths and maintenance parts. */
#include "proto/document/json.h"
#include "proto/document/json_internal.h"

#include <stdio.h>
#include <string.h>

void json_index(struct writer *w, uint32_t device, uint32_t index)
{
	char both[24];
	(void)snprintf(both, sizeof both, "%u.%u", device, index);
	jw_str(w, "index", both);
}

void json_source(struct writer *w, struct oid_ber object, struct text text)
{
	char dotted[READING_SOURCE];
	struct text source = reading_source(object, text, dotted);
	bool is_attribute = source.len > 4 && memcmp(source.p, "ipp:", 4) == 0;
	jw_text_if(w, is_attribute ? "attribute" : "oid", source);
}

static void put_options(struct writer *w, const struct reading *r, bool is_settings)
{
	jw_array(w, is_settings ? "settings" : "options");
	for (const struct option *x = r->options; x != NULL; x = x->next) {
		if ((x->kind == OPTION_SETTING) != is_settings)
			continue;
		jw_object(w, NULL);
		if (!is_settings)
			jw_str(w, "kind", option_kind_name((enum option_kind)x->kind));
		jw_text(w, "name", x->name);
		jw_text(w, "value", x->value);
		jw_end(w);
	}
	jw_end(w);
}

void json_options(struct writer *w, const struct reading *r)
{
	put_options(w, r, false);
	put_options(w, r, true);
}

/* A cover has one status, open or closed; the other subunits a sum of conditions. */
static void status_words(struct writer *w, const struct subunit *s)
{
	const char *words[SUBUNIT_STATUS_WORDS] = {cover_status_name(s->status)};
	size_t n = s->kind == SUBUNIT_COVER ? 1 : subunit_status_words(s->status, words);
	jw_array(w, "status");
	for (size_t i = 0; i < n; i++)
		jw_str(w, NULL, words[i]);
	jw_end(w);
}

static void subunit(struct writer *w, const struct subunit *s)
{
	enum subunit_kind kind = (enum subunit_kind)s->kind;
	jw_object(w, NULL);
	json_index(w, s->device, s->index);
	if (s->type != 0)
		jw_str(w, "type", subunit_type_name(kind, s->type));
	jw_text_if(w, "name", s->name);
	jw_text_if(w, "description", s->description);
	if (s->has_status)
		status_words(w, s);
	if (s->has_level)
		jw_int(w, "level", s->level);
	if (s->has_max)
		jw_int(w, "max", s->max);
	if (s->unit != 0)
		jw_str(w, "unit",
			kind == SUBUNIT_PATH ? speed_unit_name(s->unit)
					     : capacity_unit_name(s->unit));
	if (kind == SUBUNIT_BIN && s->has_level)
		jw_str(w, "meaning", "space_left");
	jw_text_if(w, "media", s->media);
	jw_end(w);
}

void json_media(struct writer *w, const struct reading *r)
{
	static const char *const keys[SUBUNIT_KIND_COUNT] = {[SUBUNIT_TRAY] = "trays",
		[SUBUNIT_BIN] = "bins",
		[SUBUNIT_COVER] = "covers",
		[SUBUNIT_PATH] = "media_paths"};
	for (unsigned kind = 0; kind < SUBUNIT_KIND_COUNT; kind++) {
		jw_array(w, keys[kind]);
		for (const struct subunit *s = r->subunits; s != NULL; s = s->next) {
			if (s->kind == kind)
				subunit(w, s);
		}
		jw_end(w);
	}
	jw_object(w, "rated_speed");
	if (r->pages_per_minute > 0)
		jw_uint(w, "mono", r->pages_per_minute);
	if (r->pages_per_minute_color > 0)
		jw_uint(w, "color", r->pages_per_minute_color);
	jw_end(w);
}

static void put_amount(struct writer *w, const char *key, int64_t amount)
{
	if (amount >= 0)
		jw_int(w, key, amount);
}

void json_maintenance(struct writer *w, const struct reading *r)
{
	jw_array(w, "maintenance");
	for (const struct maintenance *x = r->maintenance; x != NULL; x = x->next) {
		jw_object(w, NULL);
		json_index(w, x->device, x->index);
		jw_text(w, "name", x->name);
		if (x->type != 0)
			jw_str(w, "type", supply_type_name(x->type));
		jw_text_if(w, "colorant", x->colorant);
		put_amount(w, "life", x->life);
		put_amount(w, "used", x->used);
		put_amount(w, "left", x->left);
		if (x->unit != 0)
			jw_str(w, "unit", supply_unit_name(x->unit));
		if (x->percent_x100 >= 0)
			jw_decimal(w, "percent", (double)x->percent_x100 / 100, 2);
		jw_text_if(w, "installed", x->installed);
		json_source(w, x->object, x->source);
		jw_end(w);
	}
	jw_end(w);
}
