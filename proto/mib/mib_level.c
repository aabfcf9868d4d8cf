/* SPDX-License-Identifier: Apache-2.0
 * Levels in the vendor's own objects: they fill the levels that prtMarkerSuppliesTable does not
 * give
 * (-2, -3, or none), and they are the supplies where that table is empty. A level belongs to the
 * supply with its colorant, else to the one with its name, else to the one at its place. */
#include "proto/mib/mib_internal.h"

#include <string.h>

enum { TYPE_UNKNOWN = 2, UNIT_PERCENT = 19 };
enum { CODE_EMPTY = -100 }; /* Ricoh */

/* Colorants, toner or ink, loose or in a cartridge, count as one type: a printer has one kind only.
 */
static uint8_t kind_of(uint8_t type, struct text name)
{
	enum { TONER = 3, INK = 5, INK_CARTRIDGE = 6, TONER_CARTRIDGE = 21 };
	if (type <= TYPE_UNKNOWN)
		type = mib_type_of(name);
	return type == TONER_CARTRIDGE || type == INK || type == INK_CARTRIDGE ? TONER : type;
}

static bool is_same_kind(const struct mib_level *l, const struct supply *s)
{
	uint8_t a = kind_of(l->type, l->label), b = kind_of(s->type, s->description);
	return a == b || a == 0 || b == 0;
}

/* ---- collecting ------------------------------------------------------------------------- */

/* Keeps the levels in the order of their objects, whatever that of the responses. */
static bool add_level(struct mib_plan *plan, struct reading *r, const struct mib_level *level)
{
	struct mib_level *l = arena_take(&r->arena, sizeof *l);
	struct mib_level **at = &plan->levels;
	if (l == NULL)
		return false;
	while (*at != NULL && (*at)->order <= level->order)
		at = &(*at)->next;
	*l = *level;
	l->next = *at;
	*at = l;
	return true;
}

bool mib_add_level(struct mib_plan *plan, struct reading *r, const struct model_target *t,
	const struct mib_value *v)
{
	struct mib_level l = {.type = t->type,
		.colorant = t->colorant,
		.label = t->label.len > 0 ? t->label : v->label,
		.part = v->part,
		.serial = v->serial,
		.divisor = t->divisor > 1 ? t->divisor : 1,
		.number = v->number,
		.index = v->index,
		.order = v->order,
		.object = v->object,
		.fills_only = t->field != FIELD_SUPPLY_PERCENT};
	return !v->is_number || add_level(plan, r, &l);
}

bool mib_add_level_row(struct mib_plan *plan, struct reading *r, const struct mib_row *row,
	const struct mib_value *v, bool fills_only)
{
	uint8_t type = mib_type_of(row->label);
	struct mib_level l = {.type = type,
		.colorant = reading_colorant_of(row->label),
		.label = row->label,
		.part = row->part,
		.serial = row->serial,
		.divisor = 1,
		.number = v->number,
		.index = v->index,
		.order = v->order,
		.object = v->object,
		.fills_only = fills_only};
	return !v->is_number || add_level(plan, r, &l);
}

/* ---- which supply ----------------------------------------------------------------------- */

/* The standard gives no number that means a share, or may mean one. */
static bool is_open(const struct supply *s)
{
	return supply_percent(s) < 0 && s->level_kind != LEVEL_EMPTY &&
	       s->level_kind != LEVEL_UNLIMITED && s->level_kind != LEVEL_DIRECTION_UNKNOWN;
}

typedef bool is_match(const struct mib_level *l, const struct supply *s);

static bool fits_colorant(const struct mib_level *l, const struct supply *s)
{
	return l->colorant.len > 0 && text_is_equal_nocase(l->colorant, s->colorant) &&
	       is_same_kind(l, s);
}

static bool fits_name(const struct mib_level *l, const struct supply *s)
{
	return l->label.len > 0 && text_is_equal_nocase(l->label, s->description);
}

/* One of several under one colorant: an open one first (Brother lists a toner twice). */
static void pair_by(struct mib_plan *plan, struct reading *r, is_match *match)
{
	for (struct mib_level *l = plan->levels; l != NULL; l = l->next) {
		struct supply *found = NULL;
		for (struct supply *s = r->supplies; s != NULL && l->supply == NULL; s = s->next) {
			if (!match(l, s) || mib_level_of(plan, s) != NULL)
				continue;
			if (found == NULL || (!is_open(found) && is_open(s)))
				found = s;
		}
		if (l->supply == NULL)
			l->supply = found;
	}
}

const struct mib_level *mib_level_of(const struct mib_plan *plan, const struct supply *s)
{
	const struct mib_level *l = plan->levels;
	while (l != NULL && l->supply != s)
		l = l->next;
	return l;
}

static bool is_contradiction(const struct mib_level *l, const struct supply *s)
{
	return l->colorant.len > 0 && s->colorant.len > 0 &&
	       !text_is_equal_nocase(l->colorant, s->colorant);
}

/* The kind of a level is that of its supply, once it has one. */
static uint8_t level_kind_of(const struct mib_level *l)
{
	return l->supply != NULL ? kind_of(l->supply->type, l->supply->description)
				 : kind_of(l->type, l->label);
}

/* By place: the n-th level of a kind and the n-th supply of it, if both tables have as many. */
static void pair_by_place(struct mib_plan *plan, struct reading *r, uint8_t kind)
{
	int levels = 0, supplies = 0;
	for (const struct mib_level *l = plan->levels; l != NULL; l = l->next)
		levels += level_kind_of(l) == kind;
	for (const struct supply *s = r->supplies; s != NULL; s = s->next)
		supplies += kind_of(s->type, s->description) == kind;
	if (levels != supplies)
		return;
	struct supply *s = r->supplies;
	for (struct mib_level *l = plan->levels; l != NULL; l = l->next) {
		if (level_kind_of(l) != kind)
			continue;
		while (kind_of(s->type, s->description) != kind)
			s = s->next;
		if (l->supply == NULL && mib_level_of(plan, s) == NULL && !is_contradiction(l, s))
			l->supply = s;
		s = s->next;
	}
}

/* ---- the effect ------------------------------------------------------------------------- */

static bool is_share(const struct mib_level *l)
{
	return l->number >= 0 && l->number <= (int64_t)100 * l->divisor;
}

static void set_level(struct supply *s, const struct mib_level *l)
{
	if (l->number == CODE_EMPTY) {
		s->level_kind = LEVEL_EMPTY;
		s->has_level = false;
	} else {
		s->has_level = s->has_max = true;
		s->level = (int32_t)(is_share(l) ? (l->number + l->divisor / 2) / l->divisor
						 : l->number);
		s->max = 100;
		s->unit = UNIT_PERCENT;
		/* The model file says of such an object that it is what is left. */
		s->direction = supply_is_receptacle(s) ? DIRECTION_SPACE_LEFT : DIRECTION_UNKNOWN;
		supply_set_level_kind(s);
	}
	s->object = l->object;
}

static bool is_waste(uint8_t type)
{
	return strncmp(supply_type_name(type), "waste", 5) == 0;
}

/* The vendor's level is a supply that the standard table does not show. is_alone: that table is
 * empty. */
static bool add_supply(struct reading *r, const struct mib_level *l, bool is_alone)
{
	enum { BEHIND_STANDARD = 1000 }; /* no row of the standard table has such an index */
	const struct supply *first = r->supplies;
	struct supply *s = reading_add_supply(r);
	if (s == NULL)
		return false;
	/* Of a scalar or a record: its number is no row's. */
	s->index = (l->index & 0xff) != 0 ? l->index & 0xff : r->supply_count;
	if (!is_alone) {
		s->device = first->device;
		s->index += BEHIND_STANDARD;
	}
	s->type = l->type;
	s->supply_class = is_waste(l->type) ? CLASS_RECEPTACLE : CLASS_CONSUMED;
	s->colorant = l->colorant;
	s->description = l->label;
	s->part = l->part;
	s->serial = l->serial;
	set_level(s, l);
	return true;
}

/* A maintenance box that no standard row shows: it fills up like a supply, and a technician
 * replaces it. */
static bool add_box(
	struct mib_plan *plan, struct reading *r, const struct mib_level *l, bool is_alone)
{
	if (!add_supply(r, l, is_alone))
		return false;
	if (plan->is_incremental)
		return true;
	struct maintenance *m = reading_add_maintenance(r);
	if (m == NULL)
		return false;
	m->index = l->index & 0xff;
	m->type = l->type;
	m->name = l->label;
	m->life = m->used = m->left = -1;
	m->percent_x100 = (int32_t)(l->number * 100 / l->divisor);
	m->object = l->object;
	return true;
}

void mib_conclude_levels(struct mib_plan *plan, struct reading *r)
{
	enum { WASTE_INK = 8, CODE_SOME = -3, KINDS = 64 };
	bool is_alone = r->supplies == NULL;
	pair_by(plan, r, fits_colorant);
	pair_by(plan, r, fits_name);
	for (unsigned kind = 0; kind < KINDS && plan->levels != NULL && !is_alone; kind++)
		pair_by_place(plan, r, (uint8_t)kind);
	for (const struct mib_level *l = plan->levels; l != NULL; l = l->next) {
		bool is_told = is_share(l) || l->number == CODE_EMPTY;
		if (l->supply != NULL && is_told && is_open(l->supply))
			set_level(l->supply, l);
		if (l->supply != NULL && l->supply->colorant.len == 0)
			l->supply->colorant = l->colorant;
		if (l->supply != NULL || l->fills_only || l->label.len == 0)
			continue;
		if (l->type == WASTE_INK) {
			if (is_share(l) && !add_box(plan, r, l, is_alone))
				plan->groups_broken |=
					1u << GROUP_SUPPLIES | 1u << GROUP_MAINTENANCE;
		} else if (is_alone && (is_told || (l->number < 0 && l->number >= CODE_SOME)) &&
			   !add_supply(r, l, is_alone)) {
			plan->groups_broken |= 1u << GROUP_SUPPLIES;
		}
	}
}
