/* SPDX-License-Identifier: Apache-2.0
 * Values of the vendor's objects, as its model file describes them: scalars, coded records, rows of
 * tables. The meaning of a row may depend on columns that arrive later, so rows are kept until the
 * end. */
#include "proto/mib/mib_internal.h"

#include "proto/text/charset.h"

#include <string.h>

/* ---- scalars ---------------------------------------------------------------------------- */

/* HP's texts begin with two bytes for the symbol set. */
static struct text pml_text(
	const struct mib_plan *plan, struct reading *r, const struct varbind *vb)
{
	struct varbind rest = *vb;
	char utf8[LIMIT_TEXT_LONG + 1];
	if (vb->type != BER_OCTETS || vb->len < 2 || vb->value[0] >= 0x20)
		return mib_octets(plan, r, vb, LIMIT_TEXT_LONG);
	int set = charset_of_pml(vb->value, vb->len);
	rest.value += 2;
	rest.len -= 2;
	size_t n = charset_to_utf8(
		utf8, sizeof utf8, set != 0 ? set : plan->charset, rest.value, rest.len);
	return reading_text(r, (const uint8_t *)utf8, n, LIMIT_TEXT_LONG);
}

/* A number in digits; some agents send counters as text. */
static bool number_in_text(struct text t, int64_t *ret)
{
	t = text_trimmed(t);
	if (t.len == 0 || t.len > 15)
		return false;
	int64_t v = 0;
	for (size_t i = 0; i < t.len; i++) {
		if (t.p[i] < '0' || t.p[i] > '9')
			return false;
		v = v * 10 + (t.p[i] - '0');
	}
	*ret = v;
	return true;
}

/* The value of an INTEGER or of an unsigned type. */
static bool number_of(const struct varbind *vb, int64_t *ret)
{
	uint64_t u;
	if (varbind_integer(vb, ret) == 0)
		return true;
	if (varbind_unsigned(vb, &u) < 0 || u > INT64_MAX)
		return false;
	*ret = (int64_t)u;
	return true;
}

static bool is_text_field(enum model_field f)
{
	return f == FIELD_MODEL || f == FIELD_SERIAL || f == FIELD_FIRMWARE ||
	       f == FIELD_DEVICE_ID || f == FIELD_ASSET || f == FIELD_OPTION ||
	       f == FIELD_SETTING || f == FIELD_INSTALLED;
}

/* Records of fixed size, each a code and a value. A length that is no multiple of the size is
 * another layout, and ignored. */
static bool store_records(struct mib_plan *plan, struct reading *r, const struct model_codes *codes,
	unsigned get, const struct varbind *vb)
{
	enum { END = 0xff };
	size_t len = vb->len;
	if (vb->type != BER_OCTETS || codes->size == 0)
		return true;
	if (len % codes->size == 1 && vb->value[len - 1] == END)
		len--;
	if (len % codes->size != 0)
		return true;
	bool fits = true;
	struct oid_ber object = mib_object(r, vb->name);
	for (size_t at = 0; at < len; at += codes->size) {
		const uint8_t *record = vb->value + at;
		uint32_t value = 0;
		if (record[0] == END)
			break;
		for (unsigned i = codes->size - codes->value_bytes; i < codes->size; i++)
			value = value << 8 | record[i];
		const int32_t key[MODEL_KEYS] = {record[0]};
		struct mib_facts facts = {.key = key};
		const struct model_target *t =
			mib_find_target(plan->models, &codes->targets, &facts);
		struct mib_value v = {.number = value,
			.is_number = true,
			.index = get << 8 | record[0],
			.order = get << 8 | record[0],
			.is_frequent = true,
			.object = object};
		if (t != NULL && !t->is_skipped && !mib_apply_target(plan, r, t, &v))
			fits = false;
	}
	return fits;
}

bool mib_store_get(struct mib_plan *plan, struct reading *r, unsigned n, const struct varbind *vb)
{
	const struct model_get *get = &plan->models->get[plan->model->first_get + n];
	enum model_field field = (enum model_field)get->target.field;
	struct mib_value v = {.index = n << 8, .order = n << 8};
	if (field == FIELD_CODES)
		return store_records(plan, r, &get->codes, n, vb);
	v.is_number = number_of(vb, &v.number);
	if (vb->type == BER_OCTETS) {
		v.text = get->is_pml ? pml_text(plan, r, vb)
				     : mib_octets(plan, r, vb, LIMIT_TEXT_LONG);
		if (!is_text_field(field))
			v.is_number = number_in_text(v.text, &v.number);
	}
	if (!v.is_number && v.text.len == 0)
		return true;
	bool is_part = get->target.sum_count > 0 && v.is_number && v.number >= 0;
	if (mib_needs_object(&get->target) || is_part)
		v.object = mib_object(r, vb->name);
	if (is_part &&
		!mib_add_to_sums(plan, r, &get->target, (uint64_t)v.number, ORIGIN_GETS, v.object))
		return false;
	return get->target.is_sum_only || mib_apply_target(plan, r, &get->target, &v);
}

void mib_store_shared_serial(struct mib_plan *plan, struct reading *r, const struct model_get *get,
	unsigned family, const struct varbind *vb)
{
	struct text t = text_known(
		get->is_pml ? pml_text(plan, r, vb) : mib_octets(plan, r, vb, LIMIT_TEXT_SHORT));
	mib_keep_serial(&plan->shared_serial, t, family);
}

/* ---- meters of tables ------------------------------------------------------------------- */

/* Orders two rows of a table by their index. */
static int compare_rows(const uint32_t *a, unsigned a_len, const uint32_t *b, size_t b_len)
{
	for (size_t i = 0; i < a_len && i < b_len; i++) {
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	}
	return a_len == b_len ? 0 : a_len < b_len ? -1 : 1;
}

static bool is_meter(const struct meter *m, uint8_t origin, const uint32_t *sub, size_t n)
{
	const struct mib_meter *row = (const struct mib_meter *)m;
	return m->origin == origin && compare_rows(row->sub, row->subs, sub, n) == 0;
}

/* The meter of a row that exists already, or NULL. Columns of a walk advance side by side: it is
 * the row used last or the next one; a row after all rows of its walk is new. */
static struct meter *find_meter(const struct mib_plan *plan, const struct reading *r, unsigned walk,
	uint8_t origin, const uint32_t *sub, size_t n)
{
	struct meter *m = plan->last_of_walk[walk];
	const struct mib_meter *furthest = plan->furthest_of_walk[walk];
	for (unsigned tries = 0; tries < 2 && m != NULL; tries++, m = m->next) {
		if (is_meter(m, origin, sub, n))
			return m;
	}
	if (furthest == NULL || compare_rows(furthest->sub, furthest->subs, sub, n) < 0)
		return NULL;
	for (m = r->meters; m != NULL && !is_meter(m, origin, sub, n);)
		m = m->next;
	return m;
}

static struct mib_meter *meter_row(struct mib_plan *plan, struct reading *r,
	const struct mib_cursor *c, const uint32_t *sub, size_t n)
{
	unsigned walk = c->walk - (unsigned)TABLE_COUNT;
	uint8_t origin = (uint8_t)(ORIGIN_TABLES + c->table);
	struct meter *found = find_meter(plan, r, walk, origin, sub, n);
	if (found != NULL) {
		plan->last_of_walk[walk] = found;
		return (struct mib_meter *)found;
	}
	/* Inserted after the last row of its walk, so that the list stays in order. A row that the
	 * first columns left out goes to the end; it is sorted later. */
	struct mib_meter *furthest = plan->furthest_of_walk[walk];
	bool is_furthest =
		furthest == NULL || compare_rows(furthest->sub, furthest->subs, sub, n) < 0;
	struct mib_meter *row = (struct mib_meter *)reading_add_meter_of(
		r, sizeof *row, is_furthest && furthest != NULL ? &furthest->meter : NULL);
	if (row == NULL)
		return NULL;
	row->meter.origin = origin;
	row->meter.name = METER_NAME_COUNT; /* not named yet */
	row->subs = (uint8_t)n;
	memcpy(row->sub, sub, n * sizeof *sub);
	for (unsigned i = 0; i < MODEL_KEYS; i++)
		row->key[i] = MODEL_ANY;
	plan->last_of_walk[walk] = row;
	if (is_furthest)
		plan->furthest_of_walk[walk] = row;
	return row;
}

static struct mib_facts facts_of(const struct mib_plan *plan, const struct model_table *t,
	const uint32_t *sub, size_t n, const int32_t *key, struct text label)
{
	return (struct mib_facts){.sub = sub,
		.subs = n,
		.key = key,
		.role = t->is_each_device ? mib_device_role(plan, sub[0]) : ROLE_ANY,
		.label = label};
}

static bool store_meter(struct mib_plan *plan, struct reading *r, const struct mib_cursor *c,
	const uint32_t *sub, size_t n, const struct varbind *vb)
{
	const struct model_column *column = mib_family_column(plan, c);
	const struct model_table *table = mib_family_table(plan, c->table);
	struct mib_facts facts;
	uint64_t value = 0;
	int32_t key;
	if (column->role == COLUMN_IS_VALUE && varbind_unsigned(vb, &value) < 0)
		return true;
	struct mib_meter *row = meter_row(plan, r, c, sub, n);
	if (row == NULL) {
		/* A table whose unknown rows are kept may have more of them than a reading. */
		if (r->meter_count == LIMIT_METERS && table->keeps_unknown)
			plan->groups_endless |= 1u << GROUP_METERS;
		return false;
	}
	switch ((enum model_column_role)column->role) {
	case COLUMN_IS_VALUE:
		row->meter.value = value;
		row->meter.object = mib_object(r, vb->name);
		return row->meter.object.len > 0;
	case COLUMN_IS_LABEL:
		facts = facts_of(plan, table, sub, n, row->key, (struct text){NULL, 0});
		row->target = mib_find_target_without_label(plan->models, &table->targets, &facts);
		if (row->target == NULL)
			row->meter.label = mib_octets(plan, r, vb, LIMIT_TEXT_SHORT);
		break;
	case COLUMN_IS_KEY:
		if (mib_int32(vb, &key) && column->key < MODEL_KEYS)
			row->key[column->key] = key;
		break;
	default:
		break;
	}
	return true;
}

/* ---- other rows ------------------------------------------------------------------------- */

static bool is_other(
	const struct mib_row *row, const struct mib_cursor *c, const uint32_t *sub, size_t n)
{
	return row->table == c->table && compare_rows(row->sub, row->subs, sub, n) == 0;
}

static struct mib_row *find_other(const struct mib_plan *plan, const struct mib_cursor *c,
	unsigned walk, const uint32_t *sub, size_t n)
{
	struct mib_row *row = plan->last_of_walk[walk];
	const struct mib_row *furthest = plan->furthest_of_walk[walk];
	if (row != NULL && is_other(row, c, sub, n))
		return row;
	if (furthest == NULL || compare_rows(furthest->sub, furthest->subs, sub, n) < 0)
		return NULL;
	for (row = plan->model_rows; row != NULL && !is_other(row, c, sub, n);)
		row = row->next;
	return row;
}

static struct mib_row *other_row(struct mib_plan *plan, struct reading *r,
	const struct mib_cursor *c, const uint32_t *sub, size_t n)
{
	unsigned walk = c->walk - (unsigned)TABLE_COUNT;
	struct mib_row *row = find_other(plan, c, walk, sub, n);
	if (row == NULL) {
		row = arena_take(&r->arena, sizeof *row);
		if (row == NULL)
			return NULL;
		row->table = c->table;
		row->subs = (uint8_t)n;
		memcpy(row->sub, sub, n * sizeof *sub);
		row->life = row->used = row->left = -1;
		for (unsigned i = 0; i < MODEL_KEYS; i++)
			row->key[i] = MODEL_ANY;
		row->next = plan->model_rows;
		plan->model_rows = row;
		const struct mib_row *furthest = plan->furthest_of_walk[walk];
		if (furthest == NULL || compare_rows(furthest->sub, furthest->subs, sub, n) < 0)
			plan->furthest_of_walk[walk] = row;
	}
	plan->last_of_walk[walk] = row;
	return row;
}

/* "2019-04-08,00:00:00.0" or Unix seconds -> "2019-04-08"; empty for 0 and for an empty text. */
static struct text date_of(const struct mib_plan *plan, struct reading *r, const struct varbind *vb)
{
	int64_t seconds;
	if (vb->type == BER_OCTETS) {
		struct text t = mib_known_octets(plan, r, vb, LIMIT_TEXT_SHORT);
		return mib_text_before(t, ',');
	}
	if (!number_of(vb, &seconds))
		return (struct text){NULL, 0};
	return mib_date(r, seconds);
}

/* The first "*" in a target's index pattern is the index of the supply or part that the value
 * belongs to. */
static uint32_t joined_index(const struct model_target *t, const uint32_t *sub, size_t n)
{
	for (unsigned i = 0; i < t->index_count && i < n; i++) {
		if (t->index[i] == MODEL_ANY)
			return sub[n - t->index_count + i];
	}
	return sub[n - 1];
}

/* A table of one column needs no rows: the index alone gives the meaning. */
static bool store_alone(struct mib_plan *plan, struct reading *r, const struct model_table *table,
	const uint32_t *sub, size_t n, const struct varbind *vb)
{
	struct mib_facts facts = facts_of(plan, table, sub, n, NULL, (struct text){NULL, 0});
	const struct model_target *t = mib_find_target(plan->models, &table->targets, &facts);
	if (t == NULL || t->is_skipped)
		return true;
	struct mib_value v = {.index = joined_index(t, sub, n)};
	v.is_number = number_of(vb, &v.number);
	v.text = mib_octets(plan, r, vb, LIMIT_TEXT);
	if (mib_needs_object(t))
		v.object = mib_object(r, vb->name);
	return (!v.is_number && v.text.len == 0) || mib_apply_target(plan, r, t, &v);
}

bool mib_store_family(struct mib_plan *plan, struct reading *r, const struct mib_cursor *c,
	const uint32_t *sub, size_t n, const struct varbind *vb)
{
	const struct model_column *column = mib_family_column(plan, c);
	int32_t key;
	if (n == 0 || n > MODEL_KEYS + 1)
		return n > 0; /* an index that is too long is no row of any table here */
	if (mib_family_table(plan, c->table)->rows == ROWS_METERS)
		return store_meter(plan, r, c, sub, n, vb);
	const struct model_table *table = mib_family_table(plan, c->table);
	if (table->column_count == 1 && column->role == COLUMN_IS_VALUE)
		return store_alone(plan, r, table, sub, n, vb);
	struct mib_row *row = other_row(plan, r, c, sub, n);
	if (row == NULL)
		return false;
	switch ((enum model_column_role)column->role) {
	case COLUMN_IS_VALUE:
		row->has_value = number_of(vb, &row->value);
		row->text = mib_octets(plan, r, vb, LIMIT_TEXT);
		break;
	case COLUMN_IS_LABEL:
		row->label = mib_octets(plan, r, vb, LIMIT_TEXT);
		break;
	case COLUMN_IS_KEY:
		if (mib_int32(vb, &key) && column->key < MODEL_KEYS)
			row->key[column->key] = key;
		break;
	case COLUMN_IS_PART:
		row->part = mib_known_octets(plan, r, vb, LIMIT_TEXT_SHORT);
		break;
	case COLUMN_IS_SERIAL:
		row->serial = mib_known_octets(plan, r, vb, LIMIT_TEXT_SHORT);
		break;
	case COLUMN_IS_LIFE:
	case COLUMN_IS_USED:
	case COLUMN_IS_LEFT: {
		int64_t *at = column->role == COLUMN_IS_LIFE   ? &row->life
			      : column->role == COLUMN_IS_USED ? &row->used
							       : &row->left;
		if (!number_of(vb, at))
			*at = -1;
		break;
	}
	case COLUMN_IS_INSTALLED:
		row->installed = date_of(plan, r, vb);
		break;
	case COLUMN_ROLE_COUNT:
		break;
	}
	return true;
}

/* ---- at the end ------------------------------------------------------------------------- */

/* Adds the row's value to each sum that it is a part of, whatever its destination. */
static void sum_meter(struct mib_plan *plan, struct reading *r, const struct model_table *table,
	const struct mib_meter *row)
{
	const struct meter *m = &row->meter;
	struct mib_facts facts = facts_of(plan, table, row->sub, row->subs, row->key, m->label);
	const struct model_target *t = NULL;
	while ((t = mib_next_sum(plan->models, &table->targets, &facts, t)) != NULL) {
		if (!mib_add_to_sums(plan, r, t, m->value, m->origin, m->object))
			plan->groups_broken |= 1u << GROUP_METERS;
	}
}

/* Names a meter by its target. False: the row is no meter. */
static bool name_meter(struct mib_plan *plan, struct reading *r, struct mib_meter *row)
{
	const struct model_table *table = mib_family_table(plan, row->meter.origin - ORIGIN_TABLES);
	struct meter *m = &row->meter;
	const struct model_target *t = row->target;
	if (m->object.len == 0)
		return false; /* a label or a unit without a value */
	if (table->targets.has_sums)
		sum_meter(plan, r, table, row);
	if (t == NULL) {
		struct mib_facts facts =
			facts_of(plan, table, row->sub, row->subs, row->key, m->label);
		t = mib_find_target(plan->models, &table->targets, &facts);
	}
	if (t == NULL) {
		m->name = METER_VENDOR;
		return table->keeps_unknown && m->label.len > 0;
	}
	if (t->is_skipped)
		return false;
	if (t->field != FIELD_METER) {
		struct mib_value v = {.number = (int64_t)(m->value & INT64_MAX),
			.is_number = true,
			.label = m->label,
			.index = row->sub[row->subs - 1],
			.object = m->object};
		if (!mib_apply_target(plan, r, t, &v))
			plan->groups_broken |= 1u << GROUP_METERS;
		return false;
	}
	m->name = t->meter;
	m->unit = t->unit;
	m->value /= t->divisor > 1 ? t->divisor : 1;
	if (t->meter != METER_VENDOR)
		m->label = (struct text){NULL, 0};
	else if (t->label.len > 0)
		m->label = t->label;
	return t->meter != METER_VENDOR || m->label.len > 0;
}

static void name_meters(struct mib_plan *plan, struct reading *r)
{
	struct meter **at = &r->meters;
	while (*at != NULL) {
		if ((*at)->origin >= ORIGIN_TABLES &&
			!name_meter(plan, r, (struct mib_meter *)*at)) {
			*at = (*at)->next;
			r->meter_count--;
		} else {
			at = &(*at)->next;
		}
	}
	r->meters_end = at;
}

/* The object that the row's value was read from, or what is left of a supply. */
static struct oid_ber object_of(
	const struct mib_plan *plan, struct reading *r, const struct mib_row *row)
{
	const struct model_table *table = mib_family_table(plan, row->table);
	uint8_t role = row->has_value || row->text.len > 0 ? COLUMN_IS_VALUE : COLUMN_IS_LEFT;
	uint8_t ber[LIMIT_OID_BER];
	unsigned c = 0;
	while (c < table->column_count &&
		plan->models->column[table->first_column + c].role != role)
		c++;
	if (c == table->column_count)
		return (struct oid_ber){NULL, 0};
	struct oid_ber column = plan->models->column[table->first_column + c].oid;
	size_t len = column.len;
	memcpy(ber, column.p, len);
	for (unsigned i = 0; i < row->subs && len + 5 <= sizeof ber; i++)
		len += oid_put_sub(ber + len, row->sub[i]);
	return mib_object(r, (struct oid_ber){ber, len});
}

/* The order of levels of rows, which are concluded in the order of their tables. */
#define BEHIND_GETS (UINT32_C(1) << 31)

static bool conclude_row(struct mib_plan *plan, struct reading *r, struct mib_row *row)
{
	const struct model_table *table = mib_family_table(plan, row->table);
	struct mib_facts facts = facts_of(plan, table, row->sub, row->subs, row->key, row->label);
	const struct model_target *t = mib_find_target(plan->models, &table->targets, &facts);
	if (t != NULL && t->is_skipped)
		return true;
	bool is_level = table->rows == ROWS_SUPPLIES || table->rows == ROWS_SUPPLY_DETAILS;
	struct mib_value v = {.number = row->value,
		.is_number = row->has_value,
		.text = row->text,
		.label = row->label,
		.part = row->part,
		.serial = row->serial,
		.index = t != NULL ? joined_index(t, row->sub, row->subs) : row->sub[row->subs - 1],
		.order = BEHIND_GETS};
	if (t != NULL ? mib_needs_object(t) : is_level)
		v.object = object_of(plan, r, row);
	if (t != NULL)
		return (!row->has_value && row->text.len == 0) || mib_apply_target(plan, r, t, &v);
	return mib_apply_row(plan, r, (enum model_rows)table->rows, row, &v);
}

void mib_conclude_family(struct mib_plan *plan, struct reading *r)
{
	if (plan->model == NULL)
		return;
	name_meters(plan, r);
	for (struct mib_row *row = plan->model_rows; row != NULL; row = row->next) {
		if (!conclude_row(plan, r, row))
			plan->groups_broken |=
				(uint16_t)(1u
					   << mib_table_group(mib_family_table(plan, row->table)));
	}
}
