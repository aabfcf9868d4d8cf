/* SPDX-License-Identifier: Apache-2.0
 * Meters that a vendor splits: the sums that its model file declares (`sum`), each with the objects
 * of its parts. A meter that the device gives itself is never replaced by a sum. */
#include "proto/mib/mib_internal.h"

#include <string.h>

struct sum_part {
	struct sum_part *next; /* in the order of the objects */
	struct oid_ber object;
};

struct mib_sum {
	struct mib_sum *next;
	uint8_t origin; /* its parts come from one place: the scalars, or the tables of one entry */
	uint8_t name;   /* enum meter_name */
	uint8_t needs;
	uint16_t count;
	uint64_t value;
	struct sum_part *parts;
};

/* The unit that docs/json.md gives this meter. */
static uint8_t unit_of(enum meter_name name)
{
	enum { IMPRESSIONS = 7, SHEETS = 8 };
	switch (name) {
	case METER_SHEETS_TOTAL:
	case METER_SHEETS_DUPLEX:
		return SHEETS;
	case METER_SCAN_IMAGES_TOTAL:
	case METER_SCAN_IMAGES_NETWORK:
	case METER_SCAN_IMAGES_EMAIL:
		return 0;
	default:
		return IMPRESSIONS;
	}
}

static struct mib_sum *sum_of(
	struct mib_plan *plan, struct reading *r, uint8_t origin, uint8_t name)
{
	struct mib_sum **at = &plan->sums;
	while (*at != NULL &&
		((*at)->origin < origin || ((*at)->origin == origin && (*at)->name < name)))
		at = &(*at)->next;
	if (*at != NULL && (*at)->origin == origin && (*at)->name == name)
		return *at;
	struct mib_sum *sum = arena_take(&r->arena, sizeof *sum);
	if (sum == NULL)
		return NULL;
	sum->origin = origin;
	sum->name = name;
	sum->next = *at;
	*at = sum;
	return sum;
}

/* Tables of the same entry are columns of one table: their origin is the first of them. */
static uint8_t table_origin(const struct mib_plan *plan, unsigned table)
{
	unsigned first = 0;
	struct oid_ber entry = mib_family_table(plan, table)->entry;
	while (first < table && !oid_ber_is_equal(mib_family_table(plan, first)->entry, entry))
		first++;
	return (uint8_t)(ORIGIN_TABLES + first);
}

bool mib_add_to_sums(struct mib_plan *plan, struct reading *r, const struct model_target *t,
	uint64_t value, uint8_t origin, struct oid_ber object)
{
	if (origin >= ORIGIN_TABLES)
		origin = table_origin(plan, origin - ORIGIN_TABLES);
	for (unsigned i = 0; i < t->sum_count; i++) {
		struct mib_sum *sum = sum_of(plan, r, origin, t->sum[i]);
		struct sum_part *part = arena_take(&r->arena, sizeof *part);
		if (sum == NULL || part == NULL)
			return false;
		struct sum_part **at = &sum->parts;
		while (*at != NULL && oid_ber_compare((*at)->object, object) < 0)
			at = &(*at)->next;
		if (*at != NULL && oid_ber_is_equal((*at)->object, object))
			continue; /* two targets of one row */
		part->object = object;
		part->next = *at;
		*at = part;
		sum->count++;
		sum->value += value / (t->divisor > 1 ? t->divisor : 1);
		if (t->sum_needs > sum->needs)
			sum->needs = t->sum_needs;
	}
	return true;
}

/* ---- the parts as text ------------------------------------------------------------------ */

/* Writes a part behind the one before; 0 if there is no space. */
static size_t put_part(char *dst, size_t space, const struct oid *oid, const struct oid *before)
{
	char whole[READING_SOURCE];
	size_t n = oid_to_text(whole, sizeof whole, oid), from = 0;
	bool is_sibling = before->len == oid->len;
	for (unsigned i = 0; is_sibling && i + 1 < oid->len && oid->sub[i] == before->sub[i]; i++) {
		do
			from++;
		while (whole[from] != '.');
	}
	size_t blank = before->len > 0 ? 1 : 0;
	if (n == 0 || n - from + blank > space)
		return 0;
	if (blank > 0)
		dst[0] = ' ';
	memcpy(dst + blank, whole + from, n - from);
	return n - from + blank;
}

/* See reading_next_part. Empty if there is no space. */
static struct text parts_text(struct reading *r, const struct sum_part *part)
{
	char text[LIMIT_TEXT_LONG];
	size_t len = 0;
	struct oid before = {0}, oid;
	for (; part != NULL; part = part->next) {
		size_t n = oid_decode(&oid, part->object) < 0
				   ? 0
				   : put_part(text + len, sizeof text - len, &oid, &before);
		if (n == 0)
			return (struct text){NULL, 0};
		len += n;
		before = oid;
	}
	return reading_text(r, (const uint8_t *)text, len, LIMIT_TEXT_LONG);
}

/* ---- at the end ------------------------------------------------------------------------- */

static bool has_meter(const struct reading *r, uint8_t name)
{
	const struct meter *m = r->meters;
	while (m != NULL && m->name != name)
		m = m->next;
	return m != NULL;
}

static bool add_sum(struct reading *r, const struct mib_sum *sum)
{
	struct mib_meter *row = (struct mib_meter *)reading_add_meter_of(r, sizeof *row, NULL);
	if (row == NULL)
		return false;
	struct meter *m = &row->meter;
	m->origin = ORIGIN_SUMS;
	m->name = sum->name;
	m->unit = unit_of((enum meter_name)sum->name);
	m->value = sum->value;
	row->subs = 1;
	row->sub[0] = sum->name;
	if (sum->count == 1)
		m->object = sum->parts->object;
	else
		m->parts = parts_text(r, sum->parts);
	return sum->count == 1 || m->parts.len > 0;
}

void mib_conclude_sums(struct mib_plan *plan, struct reading *r)
{
	/* A part may be missing: a sum without it would be a lower counter. Of a table that is too
	 * long the scalars lack nothing. */
	bool is_broken = (plan->groups_broken & 1u << GROUP_METERS) != 0;
	bool is_long = (plan->groups_endless & 1u << GROUP_METERS) != 0;
	for (const struct mib_sum *sum = plan->sums; sum != NULL; sum = sum->next) {
		bool is_whole = !is_broken || (is_long && sum->origin == ORIGIN_GETS);
		if (!is_whole || sum->count < sum->needs || has_meter(r, sum->name))
			continue;
		if (!add_sum(r, sum)) {
			plan->groups_broken |= 1u << GROUP_METERS;
			return;
		}
	}
}
