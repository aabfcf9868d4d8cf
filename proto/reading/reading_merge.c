/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/reading/reading_merge.h"

#include <string.h>

/* Both readings, and the groups gained so far. */
struct merge {
	struct reading *into;
	const struct reading *from;
	bool has_snmp; /* SNMP had a response */
	unsigned gained;
	unsigned broken; /* groups that lost something because a table or the arena was full */
};

static void gain(struct merge *m, enum reading_group g)
{
	m->gained |= 1u << g;
}

static void lose(struct merge *m, enum reading_group g)
{
	m->broken |= 1u << g;
}

/* Whether a group may gain anything: SNMP requested it, or had no response at all. */
static bool is_open(const struct merge *m, enum reading_group g)
{
	return !m->has_snmp || m->into->group[g].status != GROUP_NOT_REQUESTED;
}

static struct text copy(struct merge *m, enum reading_group g, struct text t, size_t max)
{
	if (t.len == 0)
		return (struct text){NULL, 0};
	struct text kept = reading_text(m->into, (const uint8_t *)t.p, t.len, max);
	if (kept.p == NULL)
		lose(m, g);
	return kept;
}

/* ---- identity --------------------------------------------------------------------------- */

/* Copies `from` if *into is empty. True if *into gained something. */
static bool fill(struct merge *m, struct text *into, struct text from, size_t max)
{
	if (into->len > 0 || from.len == 0)
		return false;
	*into = copy(m, GROUP_IDENTITY, from, max);
	if (into->len == 0)
		return false;
	gain(m, GROUP_IDENTITY);
	return true;
}

static void take_firmware(struct merge *m)
{
	if (m->into->identity.firmware_count > 0)
		return;
	for (const struct firmware *w = m->from->identity.firmware; w != NULL; w = w->next) {
		struct firmware *kept = reading_add_firmware(m->into);
		if (kept == NULL) {
			lose(m, GROUP_IDENTITY);
			return;
		}
		kept->name = copy(m, GROUP_IDENTITY, w->name, LIMIT_TEXT);
		kept->version = copy(m, GROUP_IDENTITY, w->version, LIMIT_TEXT);
		gain(m, GROUP_IDENTITY);
	}
}

static void merge_identity(struct merge *m)
{
	enum { SURE_OF_ONE = 30, SURE = 100 }; /* docs/json.md, identity.confidence */
	struct identity *into = &m->into->identity;
	const struct identity *from = &m->from->identity;
	unsigned filled = 0;
	filled += fill(m, &into->vendor, from->vendor, LIMIT_TEXT);
	filled += fill(m, &into->model, from->model, LIMIT_TEXT);
	filled += fill(m, &into->serial, from->serial, LIMIT_TEXT_SHORT);
	unsigned confidence = into->confidence + filled * SURE_OF_ONE;
	into->confidence = (uint8_t)(confidence < SURE ? confidence : SURE);
	(void)fill(m, &into->mac, from->mac, LIMIT_TEXT_SHORT);
	(void)fill(m, &into->device_id, from->device_id, LIMIT_TEXT_LONG);
	take_firmware(m);
	if (!m->has_snmp)
		into->uptime_cs = from->uptime_cs;
	if (from->is_printer && !into->is_printer) {
		into->is_printer = true;
		into->why = from->why;
		gain(m, GROUP_IDENTITY);
	}
}

/* ---- meters ----------------------------------------------------------------------------- */

static bool has_meter(const struct reading *r, const struct meter *wanted)
{
	for (const struct meter *m = r->meters; m != NULL; m = m->next) {
		if (m->name == wanted->name &&
			(m->name != METER_VENDOR || text_is_equal(m->label, wanted->label)))
			return true;
	}
	return false;
}

static void merge_meters(struct merge *m)
{
	for (const struct meter *from = m->from->meters; from != NULL; from = from->next) {
		if (has_meter(m->into, from))
			continue;
		struct meter *kept = reading_add_meter(m->into);
		if (kept == NULL) {
			lose(m, GROUP_METERS);
			return;
		}
		kept->name = from->name;
		kept->unit = from->unit;
		kept->quality = from->quality;
		kept->index = from->index;
		kept->value = from->value;
		kept->label = copy(m, GROUP_METERS, from->label, LIMIT_TEXT_SHORT);
		char room[READING_SOURCE];
		struct text source = reading_source(from->object, from->source, room);
		kept->source = copy(m, GROUP_METERS, source, LIMIT_TEXT_LONG);
		kept->parts = copy(m, GROUP_METERS, from->parts, LIMIT_TEXT_LONG);
		gain(m, GROUP_METERS);
	}
}

/* ---- supplies --------------------------------------------------------------------------- */

/* PrtMarkerSuppliesTypeTC; toner cartridge and toner count as the same type. */
enum { TYPE_TONER = 3, TYPE_INK = 5, TYPE_INK_CARTRIDGE = 6, TYPE_TONER_CARTRIDGE = 21 };

static unsigned plain_type(unsigned type)
{
	switch (type) {
	case TYPE_TONER_CARTRIDGE:
		return TYPE_TONER;
	case TYPE_INK_CARTRIDGE:
		return TYPE_INK;
	default:
		return type;
	}
}

static bool has_no_number(const struct supply *s)
{
	return s->level_kind == LEVEL_SOME || s->level_kind == LEVEL_UNKNOWN;
}

static bool is_like(const struct supply *a, const struct supply *b)
{
	return a->type != 0 && plain_type(a->type) == plain_type(b->type) &&
	       (a->supply_class == b->supply_class || a->supply_class == 0 ||
		       b->supply_class == 0) &&
	       text_is_equal(a->colorant, b->colorant);
}

/* The only supply of this type and colorant, or NULL: two black toners cannot be told apart. */
static const struct supply *only_like(const struct reading *r, const struct supply *wanted)
{
	const struct supply *found = NULL;
	for (const struct supply *s = r->supplies; s != NULL; s = s->next) {
		if (!is_like(s, wanted))
			continue;
		if (found != NULL)
			return NULL;
		found = s;
	}
	return found;
}

static void copy_level(struct supply *into, const struct supply *from)
{
	into->has_level = from->has_level;
	into->has_max = from->has_max;
	into->level = from->level;
	into->max = from->max;
	into->unit = from->unit;
	into->level_kind = from->level_kind;
	into->direction = from->direction;
	into->source = SOURCE_IPP;
}

static void take_supplies(struct merge *m)
{
	for (const struct supply *from = m->from->supplies; from != NULL; from = from->next) {
		struct supply *kept = reading_add_supply(m->into);
		if (kept == NULL) {
			lose(m, GROUP_SUPPLIES);
			return;
		}
		copy_level(kept, from);
		kept->device = from->device;
		kept->index = from->index;
		kept->type = from->type;
		kept->supply_class = from->supply_class;
		kept->colorant_index = from->colorant_index;
		kept->colorant = copy(m, GROUP_SUPPLIES, from->colorant, LIMIT_TEXT_SHORT);
		kept->description = copy(m, GROUP_SUPPLIES, from->description, LIMIT_TEXT);
		kept->part = copy(m, GROUP_SUPPLIES, from->part, LIMIT_TEXT_SHORT);
		kept->serial = copy(m, GROUP_SUPPLIES, from->serial, LIMIT_TEXT_SHORT);
		gain(m, GROUP_SUPPLIES);
	}
}

/* A receptacle is full by a state that SNMP does not have. */
static void take_state(struct merge *m, struct supply *into, const struct supply *from)
{
	bool is_state = from->level_kind == LEVEL_FULL || from->level_kind == LEVEL_ALMOST_FULL;
	if (!is_state || into->level_kind == LEVEL_FULL || into->level_kind == from->level_kind)
		return;
	into->level_kind = from->level_kind;
	gain(m, GROUP_SUPPLIES);
}

static void merge_supplies(struct merge *m)
{
	if (m->into->supply_count == 0) {
		take_supplies(m);
		return;
	}
	for (struct supply *s = m->into->supplies; s != NULL; s = s->next) {
		if (only_like(m->into, s) != s)
			continue;
		const struct supply *from = only_like(m->from, s);
		if (from != NULL && supply_is_receptacle(s))
			take_state(m, s, from);
		if (from == NULL || !has_no_number(s) || supply_percent(from) < 0)
			continue;
		copy_level(s, from);
		gain(m, GROUP_SUPPLIES);
	}
}

/* ---- alerts, state, media --------------------------------------------------------------- */

static void merge_alerts(struct merge *m)
{
	enum { LAST_VAGUE_CODE = 2 }; /* other, unknown: no fault in particular */
	if (m->into->alert_count > 0)
		return;
	for (const struct alert *from = m->from->alerts; from != NULL; from = from->next) {
		if (from->code <= LAST_VAGUE_CODE)
			continue;
		struct alert *kept = reading_add_alert(m->into);
		if (kept == NULL) {
			lose(m, GROUP_ALERTS);
			return;
		}
		*kept = *from;
		kept->next = NULL;
		kept->description = copy(m, GROUP_ALERTS, from->description, LIMIT_TEXT_LONG);
		gain(m, GROUP_ALERTS);
	}
}

static void merge_state(struct merge *m)
{
	struct printer_state *into = &m->into->state;
	const struct printer_state *from = &m->from->state;
	if (into->printer_status != 0 || into->has_errors)
		return;
	if (from->printer_status == 0 && !from->has_errors)
		return;
	into->printer_status = from->printer_status;
	into->has_errors = from->has_errors;
	into->errors = from->errors;
	gain(m, GROUP_STATE);
}

static void fill_speed(struct merge *m, uint16_t *into, uint16_t from)
{
	if (*into != 0 || from == 0)
		return;
	*into = from;
	gain(m, GROUP_MEDIA);
}

static bool has_kind(const struct reading *r, uint8_t kind)
{
	for (const struct subunit *s = r->subunits; s != NULL; s = s->next) {
		if (s->kind == kind)
			return true;
	}
	return false;
}

static void merge_media(struct merge *m)
{
	bool is_taken[SUBUNIT_KIND_COUNT];
	for (unsigned k = 0; k < SUBUNIT_KIND_COUNT; k++)
		is_taken[k] = !has_kind(m->into, (uint8_t)k);
	fill_speed(m, &m->into->pages_per_minute, m->from->pages_per_minute);
	fill_speed(m, &m->into->pages_per_minute_color, m->from->pages_per_minute_color);
	for (const struct subunit *from = m->from->subunits; from != NULL; from = from->next) {
		if (!is_taken[from->kind])
			continue;
		struct subunit *kept = reading_add_subunit(m->into);
		if (kept == NULL) {
			lose(m, GROUP_MEDIA);
			return;
		}
		*kept = *from;
		kept->next = NULL;
		kept->name = copy(m, GROUP_MEDIA, from->name, LIMIT_TEXT);
		kept->description = copy(m, GROUP_MEDIA, from->description, LIMIT_TEXT);
		kept->media = copy(m, GROUP_MEDIA, from->media, LIMIT_TEXT);
		gain(m, GROUP_MEDIA);
	}
}

/* ---- the whole -------------------------------------------------------------------------- */

/* The time window of a group that has values of both sources. */
static void merge_times(struct group_info *into, const struct group_info *from)
{
	if (into->requested_at_ms == 0 ||
		(from->requested_at_ms != 0 && from->requested_at_ms < into->requested_at_ms))
		into->requested_at_ms = from->requested_at_ms;
	if (from->responded_at_ms > into->responded_at_ms)
		into->responded_at_ms = from->responded_at_ms;
}

static void merge_group(struct merge *m, enum reading_group g)
{
	struct group_info *into = &m->into->group[g];
	const struct group_info *from = &m->from->group[g];
	bool is_gained = (m->gained >> g & 1) != 0;
	/* A group of which nothing could be read says nothing beside SNMP. */
	bool is_from_told = from->status == GROUP_COMPLETE ||
			    (from->status == GROUP_PARTIAL && (is_gained || !m->has_snmp));
	bool is_lacking = into->status == GROUP_FAILED || into->status == GROUP_NOT_REQUESTED;
	bool is_broken = (m->broken >> g & 1) != 0;
	bool is_alone = is_lacking || !m->has_snmp;
	if (is_lacking && is_from_told && is_open(m, g)) {
		into->status = from->status;
		gain(m, g);
	}
	if (is_broken && into->status == GROUP_COMPLETE)
		into->status = GROUP_PARTIAL;
	if ((m->gained >> g & 1) != 0) {
		merge_times(into, from);
		into->sources = is_alone ? SOURCE_IPP : SOURCE_SNMP | SOURCE_IPP;
	}
}

/* The reading has two sources now: groups with one of them record which. */
static void name_sources(struct merge *m)
{
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		if (m->into->group[g].sources == 0)
			m->into->group[g].sources = SOURCE_SNMP;
	}
	m->into->sources = SOURCE_SNMP | SOURCE_IPP;
}

static bool has_answered(const struct reading *r)
{
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		if (r->group[g].responded_at_ms != 0)
			return true;
	}
	return false;
}

unsigned reading_merge(struct reading *into, const struct reading *ipp)
{
	static void (*const mergers[GROUP_COUNT])(struct merge * m) = {
		[GROUP_IDENTITY] = merge_identity,
		[GROUP_METERS] = merge_meters,
		[GROUP_SUPPLIES] = merge_supplies,
		[GROUP_ALERTS] = merge_alerts,
		[GROUP_STATE] = merge_state,
		[GROUP_MEDIA] = merge_media,
	};
	struct merge m = {.into = into,
		.from = ipp,
		.has_snmp = into->sources != SOURCE_IPP && has_answered(into)};
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		if (mergers[g] != NULL && is_open(&m, (enum reading_group)g))
			mergers[g](&m);
	}
	for (unsigned g = 0; g < GROUP_COUNT; g++)
		merge_group(&m, (enum reading_group)g);
	if (m.gained == 0)
		return 0;
	if (m.has_snmp)
		name_sources(&m);
	else
		into->sources = SOURCE_IPP;
	return m.gained;
}

static bool is_colour_supply(const struct supply *s)
{
	unsigned type = plain_type(s->type);
	return type == TYPE_TONER || type == TYPE_INK;
}

bool reading_is_poor(const struct reading *snmp)
{
	bool has_honest = false;
	if (snmp->identity.model.len == 0 || snmp->identity.serial.len == 0 ||
		snmp->meter_count == 0)
		return true;
	for (const struct supply *s = snmp->supplies; s != NULL; s = s->next) {
		if (has_no_number(s) && is_colour_supply(s))
			return true;
		has_honest = has_honest || !has_no_number(s);
	}
	return !has_honest;
}
