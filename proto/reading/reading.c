/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/reading/reading.h"

#include <string.h>

void reading_open(struct reading *r, struct slab *blocks)
{
	memset(r, 0, sizeof *r);
	arena_open(&r->arena, blocks, LIMIT_ARENA_BLOCKS_ONE);
	r->meters_end = &r->meters;
	r->supplies_end = &r->supplies;
	r->alerts_end = &r->alerts;
	r->options_end = &r->options;
	r->subunits_end = &r->subunits;
	r->maintenance_end = &r->maintenance;
}

void reading_close(struct reading *r)
{
	struct slab *blocks = r->arena.slab;
	arena_close(&r->arena);
	reading_open(r, blocks);
}

/* Defines reading_add_NAME: appends a zeroed row. */
#define DEFINE_ADD(name, list_end, counter, most)                                                  \
	struct name *reading_add_##name(struct reading *r)                                         \
	{                                                                                          \
		if (r->counter == (most))                                                          \
			return NULL;                                                               \
		struct name *row = arena_take(&r->arena, sizeof *row);                             \
		if (row == NULL)                                                                   \
			return NULL;                                                               \
		*r->list_end = row;                                                                \
		r->list_end = &row->next;                                                          \
		r->counter++;                                                                      \
		return row;                                                                        \
	}

struct meter *reading_add_meter_of(struct reading *r, size_t size, struct meter *after)
{
	if (r->meter_count == LIMIT_METERS)
		return NULL;
	struct meter *m = arena_take(&r->arena, size);
	if (m == NULL)
		return NULL;
	struct meter **at = after != NULL ? &after->next : r->meters_end;
	m->next = *at;
	*at = m;
	if (r->meters_end == at)
		r->meters_end = &m->next;
	r->meter_count++;
	return m;
}

struct meter *reading_add_meter(struct reading *r)
{
	return reading_add_meter_of(r, sizeof(struct meter), NULL);
}

DEFINE_ADD(supply, supplies_end, supply_count, LIMIT_SUPPLIES)
DEFINE_ADD(alert, alerts_end, alert_count, LIMIT_ALERTS)
DEFINE_ADD(option, options_end, option_count, LIMIT_OPTIONS)
DEFINE_ADD(subunit, subunits_end, subunit_count, LIMIT_SUBUNITS)
DEFINE_ADD(maintenance, maintenance_end, maintenance_count, LIMIT_MAINTENANCE)

/* A printer has few of these, so the end is searched. */
struct firmware *reading_add_firmware(struct reading *r)
{
	if (r->identity.firmware_count == LIMIT_FIRMWARE)
		return NULL;
	struct firmware *f = arena_take(&r->arena, sizeof *f);
	if (f == NULL)
		return NULL;
	struct firmware **end = &r->identity.firmware;
	while (*end != NULL)
		end = &(*end)->next;
	*end = f;
	r->identity.firmware_count++;
	return f;
}

/* Text that scrubbing leaves unchanged: printable ASCII without outer blanks. */
static bool is_plain(const uint8_t *bytes, size_t len)
{
	return str_is_printable(bytes, len) &&
	       (len == 0 || (bytes[0] != ' ' && bytes[len - 1] != ' '));
}

struct text reading_text(struct reading *r, const uint8_t *bytes, size_t len, size_t max)
{
	char scrubbed[LIMIT_TEXT_LONG + 1];
	if (max > LIMIT_TEXT_LONG)
		max = LIMIT_TEXT_LONG;
	size_t n = len;
	const char *kept;
	if (len <= max && is_plain(bytes, len)) {
		kept = arena_copy(&r->arena, bytes, len);
	} else {
		n = str_scrub(scrubbed, max + 1, bytes, len);
		kept = arena_copy(&r->arena, scrubbed, n);
	}
	if (kept == NULL)
		return (struct text){NULL, 0};
	return (struct text){kept, n};
}

struct text reading_source(struct oid_ber object, struct text source, char dst[READING_SOURCE])
{
	struct oid oid;
	if (object.len == 0 || oid_decode(&oid, object) < 0)
		return source;
	return (struct text){dst, oid_to_text(dst, READING_SOURCE, &oid)};
}

/* The length of a dotted OID without its last n sub-identifiers and the dots before them. */
static size_t without_last(const char *dotted, unsigned n)
{
	size_t len = strlen(dotted);
	while (len > 0 && n > 0)
		n -= dotted[--len] == '.';
	return len;
}

bool reading_next_part(struct text parts, size_t *at, char dst[READING_SOURCE])
{
	while (*at < parts.len && parts.p[*at] == ' ')
		(*at)++;
	const char *word = parts.p + *at;
	size_t len = 0;
	unsigned dots = 0;
	while (*at + len < parts.len && word[len] != ' ')
		dots += word[len++] == '.';
	size_t kept = len > 0 && word[0] == '.' && *at > 0 ? without_last(dst, dots) : 0;
	if (len == 0 || kept + len >= READING_SOURCE)
		return false;
	memcpy(dst + kept, word, len);
	dst[kept + len] = '\0';
	*at += len;
	return true;
}

unsigned reading_group_sources(const struct reading *r, const struct group_info *info)
{
	unsigned sources = info->sources != 0 ? info->sources : r->sources;
	return sources != 0 ? sources : SOURCE_SNMP;
}

/* PrtMarkerSuppliesSupplyUnitTC percent: the level is a share already; printers give 100 as the
 * maximum, or none. */
enum { SUPPLY_UNIT_PERCENT = 19 };

/* The maximum that makes the level a share, or 0. */
static int32_t supply_whole(const struct supply *s)
{
	if (s->has_max && s->max > 0)
		return s->max;
	/* RFC 3805 requires 100 here; many printers return -2 or omit it, and the unit is
	 * sufficient. */
	if (s->unit == SUPPLY_UNIT_PERCENT && s->level <= 100)
		return 100;
	return 0;
}

double supply_percent(const struct supply *s)
{
	if (s->level_kind != LEVEL_PERCENT || !s->has_level || s->level < 0)
		return -1;
	int32_t whole = supply_whole(s);
	/* A level above its own maximum is wrong or means something else: no percentage. */
	if (whole == 0 || s->level > whole)
		return -1;
	double share = 100.0 * (double)s->level / (double)whole;
	return s->direction == DIRECTION_FILL_LEVEL ? 100.0 - share : share;
}

/* A level in percent above 100 is a count of something, and the maximum belongs to the percentage:
 * HP Laser (Samsung's engine) counts the pages of a roller so. */
static void drop_wrong_percent(struct supply *s)
{
	if (s->unit != SUPPLY_UNIT_PERCENT || s->level <= 100 || (s->has_max && s->max > 100))
		return;
	s->unit = 0;
	s->has_max = false;
	s->max = 0;
}

void supply_set_level_kind(struct supply *s)
{
	s->level_kind = LEVEL_UNKNOWN;
	if (s->has_level)
		drop_wrong_percent(s);
	if (!s->has_level)
		return;
	if (s->level == -3)
		s->level_kind = LEVEL_SOME;
	else if (s->level == -1)
		s->level_kind = LEVEL_UNLIMITED;
	else if (s->level >= 0 && s->direction == DIRECTION_UNKNOWN && supply_is_receptacle(s))
		s->level_kind = LEVEL_DIRECTION_UNKNOWN;
	else if (s->level >= 0 && supply_whole(s) >= s->level && supply_whole(s) > 0)
		s->level_kind = LEVEL_PERCENT;
	else if (s->level >= 0)
		s->level_kind = LEVEL_UNITS;
}
