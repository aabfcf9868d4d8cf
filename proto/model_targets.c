/* SPDX-License-Identifier: Apache-2.0
 * What a model file asks for, and what the answers become: scalars (`get`), tables, targets. */
#include "proto/model_internal.h"

#include <stdio.h>
#include <string.h>

enum { LABEL_BYTES = 96, GETS_MOST = 64, TABLES_MOST = 16, COLUMNS_MOST = 8, DIVISOR_MOST = 10000 };

/* ---- words ------------------------------------------------------------------------------ */

static const char *const field_names[FIELD_COUNT] = {[FIELD_METER] = "meter",
	[FIELD_MODEL] = "model",
	[FIELD_SERIAL] = "serial",
	[FIELD_FIRMWARE] = "firmware",
	[FIELD_DEVICE_ID] = "device_id",
	[FIELD_OPTION] = "option",
	[FIELD_SETTING] = "setting",
	[FIELD_PPM] = "ppm",
	[FIELD_PPM_COLOR] = "ppm_color",
	[FIELD_LIFE_LEFT] = "life_left",
	[FIELD_LIFE_PERCENT] = "life_percent",
	[FIELD_LIFE_USED] = "life_used",
	[FIELD_LIFE_TOTAL] = "life_total",
	[FIELD_INSTALLED] = "installed",
	[FIELD_SUPPLY_PERCENT] = "supply_percent",
	[FIELD_CODES] = "codes"};

/* Finds the number whose word this is, among the words of reading_names.c. */
static uint8_t number_of(struct model_reader *r, yaml_node_t *n, const char *(*name)(unsigned),
	unsigned count, const char *what)
{
	struct text t = model_text(r, n, LIMIT_TEXT_SHORT);
	for (unsigned i = 0; r->err == 0 && i < count; i++) {
		if (strcmp(name(i), "unknown") != 0 && text_is(t, name(i)))
			return (uint8_t)i;
	}
	(void)model_fail(r, n, "\"%.*s\" is no %s (docs/json.md lists them)", TEXT_ARG(t), what);
	return 0;
}

static uint8_t unit_of(struct model_reader *r, yaml_node_t *n)
{
	enum { UNITS = 32 };
	return number_of(r, n, supply_unit_name, UNITS, "unit");
}

/* ---- targets ---------------------------------------------------------------------------- */

/* The maps of a target also hold the keys of the scalar that they belong to. */
struct target_in {
	struct model_target t;
	struct model_get *get; /* of a scalar, or NULL */
	yaml_node_t *targets;  /* of coded records */
	bool has_field;
};

static void take_to(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	struct target_in *in = ctx;
	in->t.field = (uint8_t)model_word(r, v, MODEL_NAMES(field_names));
	in->has_field = true;
}

static void take_meter(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	struct target_in *in = ctx;
	struct text t = model_text(r, v, LIMIT_TEXT_SHORT);
	int meter = r->err == 0 ? meter_name_from_text(t) : 0;
	if (meter < 0)
		(void)model_fail(
			r, v, "\"%.*s\" is no meter (docs/json.md lists them)", TEXT_ARG(t));
	else
		in->t.meter = (uint8_t)meter;
}

static void take_unit(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	((struct target_in *)ctx)->t.unit = unit_of(r, v);
}

static void take_type(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	enum { TYPES = 64 };
	((struct target_in *)ctx)->t.type = number_of(r, v, supply_type_name, TYPES, "supply type");
}

static void take_role(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	((struct target_in *)ctx)->t.role = model_role_of(r, v);
}

static void take_divisor(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	((struct target_in *)ctx)->t.divisor = (uint16_t)model_number(r, v, 1, DIVISOR_MOST);
}

static void take_skip(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	((struct target_in *)ctx)->t.is_skipped = model_bool(r, v);
}

static void take_label(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	((struct target_in *)ctx)->t.label = model_kept_text(r, v, LABEL_BYTES);
}

static void take_colorant(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	((struct target_in *)ctx)->t.colorant = model_kept_text(r, v, LABEL_BYTES);
}

static void take_match(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	((struct target_in *)ctx)->t.match = model_kept_text(r, v, LABEL_BYTES);
}

static void take_code(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	((struct target_in *)ctx)->t.key[0] = (int32_t)model_number(r, v, 0, 254);
}

static void take_key(struct model_reader *r, yaml_node_t *list, void *ctx)
{
	struct target_in *in = ctx;
	yaml_node_t *item;
	size_t i = 0;
	for (; (item = model_item(r, list, i)) != NULL && i < MODEL_KEYS; i++)
		in->t.key[i] = model_is_null(item) ? MODEL_ANY
						   : (int32_t)model_number(r, item, 0, INT32_MAX);
	if (item != NULL)
		(void)model_fail(r, item, "at most %d keys", MODEL_KEYS);
}

/* "1.*.33": the last sub-identifiers of the row's index. */
static void take_index(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	struct target_in *in = ctx;
	struct text t = model_text(r, v, LIMIT_TEXT_SHORT);
	size_t at = 0;
	while (r->err == 0 && at < t.len) {
		uint64_t n = 0;
		size_t begin = at;
		bool is_any = t.p[at] == '*';
		if (is_any)
			at++;
		while (!is_any && at < t.len && t.p[at] >= '0' && t.p[at] <= '9' && n <= INT32_MAX)
			n = n * 10 + (uint64_t)(t.p[at++] - '0');
		bool ends = at == t.len || (t.p[at] == '.' && at + 1 < t.len);
		if (at == begin || n > INT32_MAX || !ends || in->t.index_count == MODEL_KEYS) {
			(void)model_fail(r, v,
				"an index is at most %d numbers or \"*\" with dots between them",
				MODEL_KEYS);
			return;
		}
		in->t.index[in->t.index_count++] = is_any ? MODEL_ANY : (int32_t)n;
		at++;
	}
}

static void take_oid(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	((struct target_in *)ctx)->get->oid = model_oid(r, v);
}

static void take_pml(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	((struct target_in *)ctx)->get->is_pml = model_bool(r, v);
}

static void take_size(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	((struct target_in *)ctx)->get->codes.size = (uint8_t)model_number(r, v, 2, 64);
}

static void take_value_bytes(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	((struct target_in *)ctx)->get->codes.value_bytes = (uint8_t)model_number(r, v, 1, 4);
}

static void take_code_targets(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	(void)r;
	((struct target_in *)ctx)->targets = v;
}

static void target_begin(struct target_in *in, struct model_get *get)
{
	memset(in, 0, sizeof *in);
	in->get = get;
	for (unsigned i = 0; i < MODEL_KEYS; i++)
		in->t.key[i] = in->t.index[i] = MODEL_ANY;
}

static void check_target(struct model_reader *r, yaml_node_t *at, const struct target_in *in)
{
	enum model_field f = (enum model_field)in->t.field;
	if (r->err < 0 || in->t.is_skipped)
		return;
	if (!in->has_field)
		(void)model_fail(r, at, "says nowhere what it is \"to\" become");
	else if (f == FIELD_METER && model_find(r, at, "meter") == NULL)
		(void)model_fail(r, at, "a meter needs its name: \"meter: impressions_total\"");
	else if ((f == FIELD_OPTION || f == FIELD_SETTING) && in->get != NULL &&
		 in->t.label.len == 0)
		(void)model_fail(r, at, "an option or setting needs a \"label\"");
	else if (f == FIELD_SUPPLY_PERCENT && in->t.type == 0)
		(void)model_fail(r, at, "a supply is found by its \"type\" and \"colorant\"");
}

/* Targets of a table's rows, or of coded records. */
static void take_targets(
	struct model_reader *r, yaml_node_t *list, uint16_t *first, uint16_t *count)
{
	static const struct model_key keys[] = {{"to", take_to}, {"meter", take_meter},
		{"unit", take_unit}, {"type", take_type}, {"role", take_role},
		{"divisor", take_divisor}, {"skip", take_skip}, {"label", take_label},
		{"colorant", take_colorant}, {"match", take_match}, {"code", take_code},
		{"key", take_key}, {"index", take_index}};
	yaml_node_t *item;
	*first = model_count(r, ARRAY_TARGET);
	for (size_t i = 0; (item = model_item(r, list, i)) != NULL; i++) {
		struct target_in in;
		target_begin(&in, NULL);
		model_each_key(r, item, keys, sizeof keys / sizeof keys[0], &in);
		check_target(r, item, &in);
		if (r->err == 0 && in.t.field == FIELD_CODES)
			(void)model_fail(r, item, "coded records are a scalar's only");
		struct model_target *row = model_add(r, ARRAY_TARGET, item);
		if (row != NULL)
			*row = in.t;
		(*count)++;
	}
}

/* ---- scalars ---------------------------------------------------------------------------- */

static void take_get(struct model_reader *r, yaml_node_t *map)
{
	static const struct model_key keys[] = {{"oid", take_oid}, {"to", take_to},
		{"meter", take_meter}, {"unit", take_unit}, {"type", take_type},
		{"divisor", take_divisor}, {"label", take_label}, {"colorant", take_colorant},
		{"pml", take_pml}, {"size", take_size}, {"value_bytes", take_value_bytes},
		{"targets", take_code_targets}};
	struct model_get get = {0};
	struct target_in in;
	target_begin(&in, &get);
	model_each_key(r, map, keys, sizeof keys / sizeof keys[0], &in);
	check_target(r, map, &in);
	bool is_codes = in.t.field == FIELD_CODES;
	if (r->err == 0 && get.oid.len == 0)
		(void)model_fail(r, map, "a scalar needs its \"oid\"");
	if (r->err == 0 && is_codes &&
		(in.targets == NULL || get.codes.size <= get.codes.value_bytes ||
			get.codes.value_bytes == 0))
		(void)model_fail(r, map,
			"coded records need \"size\", a smaller \"value_bytes\" and \"targets\"");
	if (r->err == 0 && !is_codes && in.targets != NULL)
		(void)model_fail(r, map, "\"targets\" are of coded records: \"to: codes\"");
	if (r->err == 0 && is_codes)
		take_targets(r, in.targets, &get.codes.first, &get.codes.count);
	get.target = in.t;
	struct model_get *row = model_add(r, ARRAY_GET, map);
	if (row != NULL)
		*row = get;
}

void model_take_gets(struct model_reader *r, yaml_node_t *list, void *ctx)
{
	yaml_node_t *item;
	(void)ctx;
	r->family.first_get = model_count(r, ARRAY_GET);
	for (size_t i = 0; (item = model_item(r, list, i)) != NULL; i++) {
		if (i == GETS_MOST)
			(void)model_fail(r, item, "at most %d scalars of one family", GETS_MOST);
		take_get(r, item);
		r->family.get_count++;
	}
}

/* ---- tables ----------------------------------------------------------------------------- */

struct table_in {
	struct model_table t;
	struct oid_ber entry;
	yaml_node_t *columns;
	bool has_rows;
};

static void take_rows(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	static const char *const names[ROWS_KIND_COUNT] = {[ROWS_METERS] = "meters",
		[ROWS_FIRMWARE] = "firmware",
		[ROWS_OPTIONS] = "options",
		[ROWS_SETTINGS] = "settings",
		[ROWS_SUPPLY_DETAILS] = "supply_details",
		[ROWS_SUPPLIES] = "supplies",
		[ROWS_MAINTENANCE] = "maintenance"};
	struct table_in *in = ctx;
	in->t.rows = (uint8_t)model_word(r, v, MODEL_NAMES(names));
	in->has_rows = true;
}

static void take_entry(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	((struct table_in *)ctx)->entry = model_oid(r, v);
}

static void take_columns(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	(void)r;
	((struct table_in *)ctx)->columns = v; /* when the entry is known */
}

static void take_unknown(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	static const char *const words[] = {"drop", "keep"};
	((struct table_in *)ctx)->t.keeps_unknown = model_word(r, v, MODEL_NAMES(words)) == 1;
}

static void take_first_rows(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	((struct table_in *)ctx)->t.first_rows = (uint8_t)model_number(r, v, 1, 100);
}

static void take_each_device(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	((struct table_in *)ctx)->t.is_each_device = model_bool(r, v);
}

/* "20" or "1.3": a fixed part of the index. */
static void take_under(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	struct table_in *in = ctx;
	struct target_in index;
	target_begin(&index, NULL);
	take_index(r, v, &index);
	for (unsigned i = 0; r->err == 0 && i < index.t.index_count; i++) {
		if (index.t.index[i] == MODEL_ANY || in->t.under_len + 5u > sizeof in->t.under) {
			(void)model_fail(r, v, "\"under\" is one or two numbers");
			return;
		}
		in->t.under_len =
			(uint8_t)(in->t.under_len + oid_put_sub(in->t.under + in->t.under_len,
							    (uint32_t)index.t.index[i]));
	}
}

static void take_table_targets(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	struct table_in *in = ctx;
	take_targets(r, v, &in->t.first_target, &in->t.target_count);
}

/* ---- columns ---------------------------------------------------------------------------- */

static void add_column(struct model_reader *r, yaml_node_t *v, struct table_in *in,
	enum model_column_role role, unsigned key)
{
	uint8_t ber[LIMIT_OID_BER + 5];
	long number = model_number(r, v, 1, 100000);
	if (r->err < 0)
		return;
	if (in->t.column_count == COLUMNS_MOST || in->entry.len + 5 > LIMIT_OID_BER) {
		(void)model_fail(r, v, "at most %d columns of one table", COLUMNS_MOST);
		return;
	}
	memcpy(ber, in->entry.p, in->entry.len);
	size_t len = in->entry.len + oid_put_sub(ber + in->entry.len, (uint32_t)number);
	const uint8_t *kept = model_keep(r, ber, len, v);
	struct model_column *row = model_add(r, ARRAY_COLUMN, v);
	if (kept == NULL || row == NULL)
		return;
	row->oid = (struct oid_ber){kept, len};
	row->role = (uint8_t)role;
	row->key = (uint8_t)key;
	in->t.column_count++;
}

#define COLUMN_TAKER(name, role)                                                                   \
	static void take_##name##_column(struct model_reader *r, yaml_node_t *v, void *ctx)        \
	{                                                                                          \
		add_column(r, v, ctx, role, 0);                                                    \
	}

COLUMN_TAKER(value, COLUMN_IS_VALUE)
COLUMN_TAKER(label, COLUMN_IS_LABEL)
COLUMN_TAKER(part, COLUMN_IS_PART)
COLUMN_TAKER(serial, COLUMN_IS_SERIAL)
COLUMN_TAKER(life, COLUMN_IS_LIFE)
COLUMN_TAKER(used, COLUMN_IS_USED)
COLUMN_TAKER(left, COLUMN_IS_LEFT)
COLUMN_TAKER(installed, COLUMN_IS_INSTALLED)

static void take_key_columns(struct model_reader *r, yaml_node_t *list, void *ctx)
{
	yaml_node_t *item;
	for (size_t i = 0; (item = model_item(r, list, i)) != NULL; i++) {
		if (i == MODEL_KEYS)
			(void)model_fail(r, item, "at most %d key columns", MODEL_KEYS);
		add_column(r, item, ctx, COLUMN_IS_KEY, (unsigned)i);
	}
}

static void take_table(struct model_reader *r, yaml_node_t *map)
{
	static const struct model_key keys[] = {{"rows", take_rows}, {"entry", take_entry},
		{"columns", take_columns}, {"unknown", take_unknown},
		{"first_rows", take_first_rows}, {"each_device", take_each_device},
		{"under", take_under}, {"targets", take_table_targets}};
	static const struct model_key columns[] = {{"value", take_value_column},
		{"label", take_label_column}, {"key", take_key_columns}, {"part", take_part_column},
		{"serial", take_serial_column}, {"life", take_life_column},
		{"used", take_used_column}, {"left", take_left_column},
		{"installed", take_installed_column}};
	struct table_in in = {.t = {.first_rows = 4}};
	model_each_key(r, map, keys, sizeof keys / sizeof keys[0], &in);
	if (r->err == 0 && (!in.has_rows || in.entry.len == 0 || in.columns == NULL))
		(void)model_fail(r, map, "a table needs \"rows\", \"entry\" and \"columns\"");
	if (r->err < 0)
		return;
	in.t.first_column = model_count(r, ARRAY_COLUMN);
	model_each_key(r, in.columns, columns, sizeof columns / sizeof columns[0], &in);
	struct model_table *row = model_add(r, ARRAY_TABLE, map);
	if (row != NULL)
		*row = in.t;
}

void model_take_tables(struct model_reader *r, yaml_node_t *list, void *ctx)
{
	yaml_node_t *item;
	(void)ctx;
	r->family.first_table = model_count(r, ARRAY_TABLE);
	for (size_t i = 0; (item = model_item(r, list, i)) != NULL; i++) {
		if (i == TABLES_MOST)
			(void)model_fail(r, item, "at most %d tables of one family", TABLES_MOST);
		take_table(r, item);
		r->family.table_count++;
	}
}
