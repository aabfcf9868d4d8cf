/* SPDX-License-Identifier: Apache-2.0
 * The tables of a model file: their columns and the destinations of their rows. */
#include "proto/model/model_internal.h"

#include <string.h>

/* Rows expected of a table without first_rows. */
enum { FIRST_ROWS = 4 };

struct table_in {
	struct model_table t;
	struct model_place place; /* what its targets may require of a row */
	struct oid_ber entry;
	yaml_node_t *columns; /* parsed once the entry is known */
	yaml_node_t *targets; /* parsed once the columns are known */
	bool has_rows;
	bool has_value;
};

static void parse_rows(struct model_reader *r, yaml_node_t *v, void *ctx)
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

MODEL_SETTER(entry, struct table_in, entry = model_oid(r, v))
MODEL_SETTER(columns, struct table_in, columns = v)

static void parse_unknown(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	static const char *const words[] = {"drop", "keep"};
	((struct table_in *)ctx)->t.keeps_unknown = model_word(r, v, MODEL_NAMES(words)) == 1;
}

MODEL_SETTER(first_rows, struct table_in, t.first_rows = (uint8_t)model_number(r, v, 1, 100))

static void parse_each_device(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	struct table_in *in = ctx;
	in->t.is_each_device = in->place.is_each_device = model_bool(r, v);
}

/* "20" or "1.3": a fixed part of the index. */
static void parse_under(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	struct table_in *in = ctx;
	struct model_target index = {0};
	model_parse_index(r, v, &index);
	for (unsigned i = 0; r->err == 0 && i < index.index_count; i++) {
		uint8_t *to = in->t.under + in->t.under_len;
		if (index.index[i] == MODEL_ANY || in->t.under_len + 5u > sizeof in->t.under) {
			(void)model_fail(
				r, v, "\"under\" is a short piece of an index, without \"*\"");
			return;
		}
		in->t.under_len += (uint8_t)oid_put_sub(to, (uint32_t)index.index[i]);
	}
}

MODEL_SETTER(table_targets, struct table_in, targets = v)

/* ---- columns ---------------------------------------------------------------------------- */

static void add_column(struct model_reader *r, yaml_node_t *v, struct table_in *in,
	enum model_column_role role, unsigned key)
{
	uint8_t ber[LIMIT_OID_BER + 5];
	long number = model_number(r, v, 1, 100000);
	if (r->err < 0)
		return;
	if (in->t.column_count == LIMIT_MODEL_COLUMNS) {
		(void)model_fail(r, v, "at most %d columns of one table", LIMIT_MODEL_COLUMNS);
		return;
	}
	if (in->entry.len + 5 + LIMIT_INDEX_BER > LIMIT_OID_BER) {
		(void)model_fail(r, v, "the \"entry\" is too long to have columns");
		return;
	}
	memcpy(ber, in->entry.p, in->entry.len);
	size_t len = in->entry.len + oid_put_sub(ber + in->entry.len, (uint32_t)number);
	const uint8_t *kept = model_copy(r, ber, len, v);
	struct model_column *row = model_add(r, ARRAY_COLUMN, v);
	if (kept == NULL || row == NULL)
		return;
	row->oid = (struct oid_ber){kept, len};
	row->role = (uint8_t)role;
	row->key = (uint8_t)key;
	in->t.column_count++;
	in->has_value = in->has_value || role == COLUMN_IS_VALUE;
	in->place.has_label = in->place.has_label || role == COLUMN_IS_LABEL;
}

#define COLUMN_TAKER(name, role)                                                                   \
	static void parse_##name##_column(struct model_reader *r, yaml_node_t *v, void *ctx)       \
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

static void parse_key_columns(struct model_reader *r, yaml_node_t *list, void *ctx)
{
	yaml_node_t *item;
	for (size_t i = 0; (item = model_item(r, list, i)) != NULL; i++) {
		if (i == MODEL_KEYS)
			(void)model_fail(r, item, "at most %d key columns", MODEL_KEYS);
		add_column(r, item, ctx, COLUMN_IS_KEY, (unsigned)i);
		((struct table_in *)ctx)->place.keys++;
	}
}

static void parse_table(struct model_reader *r, yaml_node_t *map)
{
	static const struct model_key keys[] = {{"rows", parse_rows}, {"entry", parse_entry},
		{"columns", parse_columns}, {"unknown", parse_unknown},
		{"first_rows", parse_first_rows}, {"each_device", parse_each_device},
		{"under", parse_under}, {"targets", parse_table_targets}};
	static const struct model_key columns[] = {{"value", parse_value_column},
		{"label", parse_label_column}, {"key", parse_key_columns},
		{"part", parse_part_column}, {"serial", parse_serial_column},
		{"life", parse_life_column}, {"used", parse_used_column},
		{"left", parse_left_column}, {"installed", parse_installed_column}};
	struct table_in in = {.t = {.first_rows = FIRST_ROWS}};
	model_each_key(r, map, keys, sizeof keys / sizeof keys[0], &in);
	if (r->err == 0 && (!in.has_rows || in.entry.len == 0 || in.columns == NULL))
		(void)model_fail(r, map, "a table needs \"rows\", \"entry\" and \"columns\"");
	if (r->err < 0)
		return;
	in.t.entry = in.entry;
	in.t.first_column = model_count(r, ARRAY_COLUMN);
	model_each_key(r, in.columns, columns, sizeof columns / sizeof columns[0], &in);
	if (r->err == 0 && in.t.column_count == 0)
		(void)model_fail(r, in.columns, "a table needs a column at least");
	if (r->err == 0 && in.t.rows == ROWS_METERS && !in.has_value)
		(void)model_fail(r, in.columns, "meters need a \"value\" among the columns");
	if (r->err == 0 && in.targets != NULL)
		model_parse_targets(r, in.targets, &in.place, &in.t.targets);
	struct model_table *row = model_add(r, ARRAY_TABLE, map);
	if (row != NULL)
		*row = in.t;
}

void model_parse_tables(struct model_reader *r, yaml_node_t *list, void *ctx)
{
	yaml_node_t *item;
	(void)ctx;
	r->family.first_table = model_count(r, ARRAY_TABLE);
	for (size_t i = 0; (item = model_item(r, list, i)) != NULL; i++) {
		if (i == LIMIT_MODEL_TABLES)
			(void)model_fail(
				r, item, "at most %d tables of one family", LIMIT_MODEL_TABLES);
		parse_table(r, item);
		r->family.table_count++;
	}
}
