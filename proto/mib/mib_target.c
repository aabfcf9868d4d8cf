/* SPDX-License-Identifier: Apache-2.0
 * The meaning of a vendor's value, by the target in its model file. */
#include "proto/mib/mib_internal.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { TYPE_UNKNOWN = 2 };

/* ---- which target ----------------------------------------------------------------------- */

static bool fits_index(const struct model_target *t, const struct mib_facts *f)
{
	if (t->index_count > f->subs)
		return false;
	for (unsigned i = t->index_count; i-- > 0;) {
		int32_t want = t->index[i];
		if (want != MODEL_ANY && (uint32_t)want != f->sub[f->subs - t->index_count + i])
			return false;
	}
	return true;
}

static bool fits_keys(const struct model_target *t, const struct mib_facts *f)
{
	for (unsigned i = 0; i < t->key_count; i++) {
		if (t->key[i] != MODEL_ANY && (f->key == NULL || t->key[i] != f->key[i]))
			return false;
	}
	return true;
}

/* The whole label, or its beginning ("Total*"). */
static bool fits_label(const struct model_target *t, const struct mib_facts *f)
{
	struct text want = t->match;
	if (want.len == 0)
		return true;
	if (want.p[want.len - 1] == '*') {
		want.len--;
		return f->label.len >= want.len && strncasecmp(f->label.p, want.p, want.len) == 0;
	}
	return f->label.len == want.len && strncasecmp(f->label.p, want.p, want.len) == 0;
}

/* The targets that may match, in the order of the file: two chains merged. */
struct candidates {
	const struct model_target *all; /* of the set */
	uint16_t own;                   /* next of the chain for the row's index or key */
	uint16_t any;
};

static struct candidates candidates_of(
	const struct models *set, const struct model_targets *list, const struct mib_facts *f)
{
	struct candidates c = {set->target, TARGET_NONE, TARGET_NONE};
	if (list->count == 0)
		return c;
	c.any = list->chain[TARGET_BUCKETS];
	if (list->is_by_index && f->subs > 0)
		c.own = list->chain[f->sub[f->subs - 1] % TARGET_BUCKETS];
	else if (!list->is_by_index && f->key != NULL && f->key[0] != MODEL_ANY)
		c.own = list->chain[(uint32_t)f->key[0] % TARGET_BUCKETS];
	return c;
}

static const struct model_target *next_candidate(struct candidates *c)
{
	uint16_t *first = c->own < c->any ? &c->own : &c->any;
	if (*first == TARGET_NONE)
		return NULL;
	const struct model_target *t = &c->all[*first];
	*first = t->next;
	return t;
}

/* A key that has not arrived yet excludes nothing. */
static inline bool is_out(const struct model_target *t, const struct mib_facts *f)
{
	if (t->role != ROLE_ANY && t->role != f->role)
		return true;
	if (t->index_count > 0) {
		int32_t want = t->index[t->index_count - 1];
		if (f->subs == 0 || (want != MODEL_ANY && (uint32_t)want != f->sub[f->subs - 1]))
			return true;
	}
	int32_t key = f->key != NULL ? f->key[0] : MODEL_ANY;
	return key != MODEL_ANY && t->key[0] != MODEL_ANY && t->key[0] != key;
}

const struct model_target *mib_find_target(
	const struct models *set, const struct model_targets *list, const struct mib_facts *facts)
{
	struct candidates c = candidates_of(set, list, facts);
	for (const struct model_target *t; (t = next_candidate(&c)) != NULL;) {
		if (!t->is_sum_only && !is_out(t, facts) && fits_index(t, facts) &&
			fits_keys(t, facts) && fits_label(t, facts))
			return t;
	}
	return NULL;
}

const struct model_target *mib_next_sum(const struct models *set, const struct model_targets *list,
	const struct mib_facts *facts, const struct model_target *after)
{
	const struct model_target *end = set->target + list->first + list->count;
	const struct model_target *t = after != NULL ? after + 1 : set->target + list->first;
	if (!list->has_sums)
		return NULL;
	for (; t < end; t++) {
		if (t->sum_count > 0 && !is_out(t, facts) && fits_index(t, facts) &&
			fits_keys(t, facts) && fits_label(t, facts))
			return t;
	}
	return NULL;
}

bool mib_needs_object(const struct model_target *t)
{
	switch ((enum model_field)t->field) {
	case FIELD_METER:
	case FIELD_SUPPLY_PERCENT:
	case FIELD_LIFE_PERCENT:
		return true;
	case FIELD_LIFE_LEFT:
	case FIELD_LIFE_USED:
	case FIELD_LIFE_TOTAL:
	case FIELD_INSTALLED:
		return t->index_count == 0; /* joined to an existing part */
	case FIELD_MODEL:
	case FIELD_SERIAL:
	case FIELD_FIRMWARE:
	case FIELD_DEVICE_ID:
	case FIELD_ASSET:
	case FIELD_OPTION:
	case FIELD_SETTING:
	case FIELD_PPM:
	case FIELD_PPM_COLOR:
	case FIELD_CODES:
	case FIELD_COUNT:
		break;
	}
	return false;
}

/* Whether a target needs a key column that has not arrived. */
static bool needs_missing_key(const struct model_target *t, const struct mib_facts *f)
{
	for (unsigned i = 0; i < t->key_count; i++) {
		if (t->key[i] != MODEL_ANY && f->key[i] == MODEL_ANY)
			return true;
	}
	return false;
}

const struct model_target *mib_find_target_without_label(
	const struct models *set, const struct model_targets *list, const struct mib_facts *facts)
{
	struct candidates c = candidates_of(set, list, facts);
	if (list->has_label_sums)
		return NULL; /* the label is needed for the sums */
	if (!list->is_by_index && facts->key[0] == MODEL_ANY)
		return NULL; /* its chain is unknown until the key arrives */
	for (const struct model_target *t; (t = next_candidate(&c)) != NULL;) {
		if (t->is_sum_only || is_out(t, facts) || !fits_index(t, facts))
			continue; /* independent of the missing keys */
		bool is_open = needs_missing_key(t, facts);
		if (!is_open && !fits_keys(t, facts))
			continue;
		/* The first possible match decides, unless it depends on the label or on a missing
		 * key. */
		bool has_name =
			t->label.len > 0 || (t->field == FIELD_METER && t->meter != METER_VENDOR);
		return !is_open && t->match.len == 0 && (t->is_skipped || has_name) ? t : NULL;
	}
	return NULL;
}

/* ---- at once ---------------------------------------------------------------------------- */

static bool add_meter(struct mib_plan *plan, struct reading *r, const struct model_target *t,
	const struct mib_value *v)
{
	bool is_vendor = t->meter == METER_VENDOR;
	struct text label = t->label.len > 0 ? t->label : v->label;
	if (!v->is_number || v->number < 0 || (is_vendor && label.len == 0))
		return true;
	struct meter *m = reading_add_meter(r);
	if (m == NULL)
		return false;
	plan->last_meter = m;
	m->origin = ORIGIN_GETS;
	m->index = v->index;
	m->name = t->meter;
	m->unit = t->unit;
	m->value = (uint64_t)v->number / (t->divisor > 1 ? t->divisor : 1);
	m->label = is_vendor ? label : (struct text){NULL, 0};
	m->object = v->object;
	return m->object.len > 0;
}

static struct text number_text(struct reading *r, int64_t number)
{
	char text[24];
	int n = snprintf(text, sizeof text, "%lld", (long long)number);
	return reading_text(r, (const uint8_t *)text, (size_t)n, LIMIT_TEXT_SHORT);
}

static bool add_option(
	struct reading *r, enum option_kind kind, struct text name, const struct mib_value *v)
{
	if (name.len == 0)
		return true;
	struct option *o = reading_add_option(r);
	if (o == NULL)
		return false;
	o->kind = (uint8_t)kind;
	o->index = v->index;
	o->name = name;
	o->value = v->is_number && v->text.len == 0 ? number_text(r, v->number) : v->text;
	return true;
}

/* ---- later ------------------------------------------------------------------------------ */

struct mib_deferred {
	struct mib_deferred *next;
	const struct model_target *target;
	struct mib_value value;
};

static bool defer(struct mib_plan *plan, struct reading *r, const struct model_target *t,
	const struct mib_value *v)
{
	struct mib_deferred *l = arena_take(&r->arena, sizeof *l);
	if (l == NULL)
		return false;
	l->target = t;
	l->value = *v;
	l->next = plan->deferred;
	plan->deferred = l;
	return true;
}

void mib_keep_serial(struct mib_serial *serial, struct text t, uint32_t rank)
{
	if (t.len > 0 && (serial->text.len == 0 || rank < serial->rank))
		*serial = (struct mib_serial){t, rank};
}

static uint16_t ppm_of(const struct mib_value *v)
{
	enum { FASTEST = 2000 };
	return v->is_number && v->number > 0 && v->number <= FASTEST ? (uint16_t)v->number : 0;
}

bool mib_apply_target(struct mib_plan *plan, struct reading *r, const struct model_target *t,
	const struct mib_value *v)
{
	struct text label = t->label.len > 0 ? t->label : v->label;
	switch ((enum model_field)t->field) {
	case FIELD_METER:
		return add_meter(plan, r, t, v);
	case FIELD_MODEL:
		if (plan->vendor_model.len == 0)
			plan->vendor_model = text_known(v->text);
		return true;
	case FIELD_SERIAL:
		mib_keep_serial(&plan->vendor_serial, text_known(v->text), v->index);
		plan->has_serial = plan->has_serial || plan->vendor_serial.text.len > 0;
		return true;
	case FIELD_FIRMWARE:
		return mib_add_firmware(plan, r, label, v->text);
	case FIELD_DEVICE_ID:
		if (r->identity.device_id.len == 0)
			r->identity.device_id = text_known(v->text);
		return true;
	case FIELD_ASSET:
		if (r->identity.asset.len == 0)
			r->identity.asset = text_known(v->text);
		return true;
	case FIELD_OPTION:
		return add_option(r, OPTION_MODULE, label, v);
	case FIELD_SETTING:
		return add_option(r, OPTION_SETTING, label, v);
	case FIELD_PPM:
		r->pages_per_minute = ppm_of(v);
		return true;
	case FIELD_PPM_COLOR:
		r->pages_per_minute_color = ppm_of(v);
		return true;
	case FIELD_SUPPLY_PERCENT:
		return mib_add_level(plan, r, t, v);
	case FIELD_LIFE_PERCENT:
		/* The part may be a supply whose level the standard table does not give. A level
		 * that only a full poll reads would come and go. */
		return (!v->is_frequent || t->type <= TYPE_UNKNOWN ||
			       mib_add_level(plan, r, t, v)) &&
		       defer(plan, r, t, v);
	case FIELD_LIFE_LEFT:
	case FIELD_LIFE_USED:
	case FIELD_LIFE_TOTAL:
	case FIELD_INSTALLED:
		return defer(plan, r, t, v);
	case FIELD_CODES:
	case FIELD_COUNT:
		break;
	}
	return true;
}

/* ---- at the end ------------------------------------------------------------------------- */

/* The only part of this type and colorant, under any name. */
static struct maintenance *only_part(const struct reading *r, const struct model_target *t)
{
	struct maintenance *only = NULL;
	for (struct maintenance *m = r->maintenance; m != NULL; m = m->next) {
		if (t->type <= TYPE_UNKNOWN || m->type != t->type || m->object.len > 0 ||
			!text_is_equal_nocase(m->colorant, t->colorant))
			continue;
		if (only != NULL)
			return NULL;
		only = m;
	}
	return only;
}

/* The numbers of a part have one unit. If the standard gives percent and the vendor counts in
 * another unit, the percentage stays and the numbers are the vendor's. */
static bool fits_unit(struct maintenance *m, uint8_t unit)
{
	enum { UNIT_PERCENT = 19 };
	if (unit == 0 || m->unit == unit)
		return true;
	if (m->unit != 0 && m->unit != UNIT_PERCENT)
		return false;
	if (m->unit == UNIT_PERCENT)
		m->life = m->used = m->left = -1;
	m->unit = unit;
	return true;
}

/* The part of the value: by the row of the supply that it is, or by its name. */
static struct maintenance *part_of(struct mib_plan *plan, struct reading *r,
	const struct model_target *t, const struct mib_value *v)
{
	struct text name = t->label.len > 0 ? t->label : v->label;
	bool is_joined = t->index_count > 0;
	for (struct maintenance *m = r->maintenance; m != NULL; m = m->next) {
		if (is_joined ? m->index == v->index
			      : text_is_equal_nocase(m->name, name) &&
					text_is_equal_nocase(m->colorant, t->colorant))
			return m;
	}
	if (is_joined || name.len == 0)
		return NULL; /* a consumable, or a value without a name */
	struct maintenance *m = only_part(r, t);
	if (m != NULL)
		return m;
	m = reading_add_maintenance(r);
	if (m == NULL) {
		plan->groups_broken |= 1u << GROUP_MAINTENANCE;
		return NULL;
	}
	m->index = v->index;
	m->type = t->type;
	m->name = name;
	m->colorant = t->colorant;
	m->life = m->used = m->left = -1;
	m->percent_x100 = -1;
	m->object = v->object;
	return m;
}

static void apply_part(struct mib_plan *plan, struct reading *r, const struct model_target *t,
	const struct mib_value *v)
{
	struct maintenance *m = part_of(plan, r, t, v);
	int64_t divisor = t->divisor > 1 ? t->divisor : 1;
	if (m == NULL)
		return;
	if (t->field == FIELD_INSTALLED) {
		m->installed =
			v->text.len > 0 ? mib_text_before(v->text, ',') : mib_date(r, v->number);
		return;
	}
	if (!v->is_number || v->number < 0)
		return;
	if (t->field == FIELD_LIFE_PERCENT) {
		if (v->number <= 100 * divisor)
			m->percent_x100 = (int32_t)(v->number * 100 / divisor);
		return;
	}
	int64_t units = v->number / divisor;
	if (!fits_unit(m, t->unit))
		return;
	if (t->field == FIELD_LIFE_LEFT)
		m->left = units;
	else if (t->field == FIELD_LIFE_USED)
		m->used = units;
	else
		m->life = units;
}

void mib_apply_deferred(struct mib_plan *plan, struct reading *r)
{
	/* In the order in which they were stored. */
	struct mib_deferred *list = NULL;
	while (plan->deferred != NULL) {
		struct mib_deferred *l = plan->deferred;
		plan->deferred = l->next;
		l->next = list;
		list = l;
	}
	for (; list != NULL; list = list->next) {
		if (!plan->is_incremental)
			apply_part(plan, r, list->target, &list->value);
	}
}

/* ---- rows by their columns -------------------------------------------------------------- */

static void set_supply_details(struct reading *r, const struct mib_row *row)
{
	uint32_t index = row->sub[row->subs - 1];
	struct supply *found = NULL;
	for (struct supply *s = r->supplies; s != NULL; s = s->next) {
		bool is_named =
			row->label.len > 0 && text_is_equal_nocase(s->description, row->label);
		if (is_named || (row->label.len == 0 && s->index == index)) {
			found = s;
			break;
		}
	}
	if (found == NULL)
		return;
	if (found->part.len == 0)
		found->part = row->part;
	if (found->serial.len == 0)
		found->serial = row->serial;
}

/* The share of a supply's capacity that is left, if the row has both. */
static bool add_share(struct mib_plan *plan, struct reading *r, const struct mib_row *row,
	const struct mib_value *v, bool fills_only)
{
	struct mib_value level = *v;
	if (row->life <= 0 || row->left < 0 || row->left > row->life)
		return true;
	level.is_number = true;
	level.number = (int64_t)(100.0 * (double)row->left / (double)row->life + 0.5);
	return mib_add_level_row(plan, r, row, &level, fills_only);
}

static bool add_part(struct reading *r, const struct mib_row *row)
{
	if (row->label.len == 0)
		return true;
	struct maintenance *m = reading_add_maintenance(r);
	if (m == NULL)
		return false;
	m->index = row->sub[row->subs - 1];
	m->name = row->label;
	m->type = mib_type_of(row->label);
	m->life = row->life;
	m->used = row->used;
	m->left = row->left;
	m->percent_x100 = -1;
	if (m->life > 0 && m->left >= 0 && m->left <= m->life)
		m->percent_x100 = (int32_t)(10000.0 * (double)m->left / (double)m->life);
	m->installed = row->installed;
	return true;
}

bool mib_apply_row(struct mib_plan *plan, struct reading *r, enum model_rows rows,
	const struct mib_row *row, const struct mib_value *v)
{
	switch (rows) {
	case ROWS_FIRMWARE:
		return mib_add_firmware(plan, r, row->label, row->text);
	case ROWS_OPTIONS:
		return add_option(r, OPTION_MODULE, row->label, v);
	case ROWS_SETTINGS:
		return add_option(r, OPTION_SETTING, row->label, v);
	case ROWS_SUPPLY_DETAILS:
		set_supply_details(r, row);
		return add_share(plan, r, row, v, true);
	case ROWS_SUPPLIES:
		return row->has_value ? mib_add_level_row(plan, r, row, v, false)
				      : add_share(plan, r, row, v, false);
	case ROWS_MAINTENANCE:
		return add_part(r, row);
	case ROWS_METERS:
	case ROWS_KIND_COUNT:
		break;
	}
	return true;
}

struct text mib_date(struct reading *r, int64_t seconds)
{
	enum { DATE_LEN = 10 };
	char utc[25];
	if (seconds <= 0 || seconds > UINT32_MAX)
		return (struct text){NULL, 0};
	str_utc(utc, (uint64_t)seconds * 1000);
	return reading_text(r, (const uint8_t *)utc, DATE_LEN, LIMIT_TEXT_SHORT);
}
