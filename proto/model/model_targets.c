/* SPDX-License-Identifier: Apache-2.0
 * The scalars (`get`) and targets of a model file. */
#include "proto/model/model_internal.h"

#include "proto/base/closest.h"

#include <string.h>

enum { LABEL_BYTES = 96, DIVISOR_MAX = 10000 };

/* ---- words ------------------------------------------------------------------------------ */

static const char *const field_names[FIELD_COUNT] = {[FIELD_METER] = "meter",
	[FIELD_MODEL] = "model",
	[FIELD_SERIAL] = "serial",
	[FIELD_FIRMWARE] = "firmware",
	[FIELD_DEVICE_ID] = "device_id",
	[FIELD_ASSET] = "asset",
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

/* The names of reading_names.c: of a unit, supply type or meter. */
typedef const char *word_of(unsigned number);

static const char *meter_word(unsigned number)
{
	return meter_name_text((enum meter_name)number);
}

/* The number with this name. */
static uint8_t number_of(
	struct model_reader *r, yaml_node_t *n, word_of *name, unsigned count, const char *what)
{
	enum { WORDS_MAX = 64 };
	struct text t = model_text(r, n, LIMIT_TEXT_SHORT);
	const char *words[WORDS_MAX];
	size_t known = 0;
	for (unsigned i = 0; r->err == 0 && i < count; i++) {
		if (strcmp(name(i), "unknown") == 0)
			continue;
		if (text_is(t, name(i)))
			return (uint8_t)i;
		if (known < WORDS_MAX)
			words[known++] = name(i);
	}
	if (r->err < 0)
		return 0;
	const char *meant = closest_word(t.p, t.len, words, known);
	if (meant != NULL)
		(void)model_fail(
			r, n, "\"%.*s\" is no %s; did you mean \"%s\"?", TEXT_ARG(t), what, meant);
	else
		(void)model_fail(
			r, n, "\"%.*s\" is no %s (docs/json.md lists them)", TEXT_ARG(t), what);
	return 0;
}

enum { STANDARD_UNITS = 32 };

static const char *unit_word(unsigned number)
{
	return number < STANDARD_UNITS ? supply_unit_name(number) : meter_unit_name(number);
}

static uint8_t unit_of(struct model_reader *r, yaml_node_t *n)
{
	return number_of(r, n, unit_word, METER_UNIT_COUNT, "unit");
}

/* ---- targets ---------------------------------------------------------------------------- */

/* The map of a scalar holds the keys of its target too. */
struct target_in {
	struct model_target t;
	struct model_get *get; /* of a scalar, or NULL */
	yaml_node_t *targets;  /* of coded records */
	unsigned keys;         /* given in `key` */
	bool has_field;
};

static void parse_to(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	struct target_in *in = ctx;
	in->t.field = (uint8_t)model_word(r, v, MODEL_NAMES(field_names));
	in->has_field = true;
}

MODEL_SETTER(
	meter, struct target_in, t.meter = number_of(r, v, meter_word, METER_NAME_COUNT, "meter"))
MODEL_SETTER(unit, struct target_in, t.unit = unit_of(r, v))

static void parse_type(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	enum { TYPES = 64 };
	((struct target_in *)ctx)->t.type = number_of(r, v, supply_type_name, TYPES, "supply type");
}

MODEL_SETTER(role, struct target_in, t.role = model_role_of(r, v))
MODEL_SETTER(divisor, struct target_in, t.divisor = (uint16_t)model_number(r, v, 1, DIVISOR_MAX))

/* The sums that a value is a part of: names of meters. */
static void parse_sum(struct model_reader *r, yaml_node_t *list, void *ctx)
{
	struct model_target *t = &((struct target_in *)ctx)->t;
	yaml_node_t *item;
	for (size_t i = 0; (item = model_item(r, list, i)) != NULL; i++) {
		if (i == MODEL_SUMS) {
			(void)model_fail(
				r, item, "a value is a part of at most %d sums", MODEL_SUMS);
			return;
		}
		t->sum[i] = number_of(r, item, meter_word, METER_VENDOR, "meter");
		t->sum_count++;
	}
}

MODEL_SETTER(needs, struct target_in, t.sum_needs = (uint8_t)model_number(r, v, 2, 16))
MODEL_SETTER(skip, struct target_in, t.is_skipped = model_bool(r, v))
MODEL_SETTER(label, struct target_in, t.label = model_copy_text(r, v, LABEL_BYTES))
MODEL_SETTER(colorant, struct target_in, t.colorant = model_copy_text(r, v, LABEL_BYTES))
MODEL_SETTER(match, struct target_in, t.match = model_copy_text(r, v, LABEL_BYTES))
MODEL_SETTER(code, struct target_in, t.key[0] = (int32_t)model_number(r, v, 0, 254))

static void parse_key(struct model_reader *r, yaml_node_t *list, void *ctx)
{
	struct target_in *in = ctx;
	yaml_node_t *item;
	unsigned i = 0;
	for (; (item = model_item(r, list, i)) != NULL && i < MODEL_KEYS; i++)
		in->t.key[i] = model_is_null(item) ? MODEL_ANY
						   : (int32_t)model_number(r, item, 0, INT32_MAX);
	if (item != NULL)
		(void)model_fail(r, item, "at most %d keys", MODEL_KEYS);
	in->keys = i;
}

/* "1.*.33": required last sub-identifiers of the row's index. */
void model_parse_index(struct model_reader *r, yaml_node_t *v, struct model_target *to)
{
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
		if (at == begin || n > INT32_MAX || !ends || to->index_count == MODEL_KEYS) {
			(void)model_fail(r, v,
				"an index is at most %d numbers or \"*\" with dots between them",
				MODEL_KEYS);
			return;
		}
		to->index[to->index_count++] = is_any ? MODEL_ANY : (int32_t)n;
		at++;
	}
	if (r->err == 0 && t.len == 0)
		(void)model_fail(r, v, "an index is numbers or \"*\" with dots between them");
}

static void parse_index(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	model_parse_index(r, v, &((struct target_in *)ctx)->t);
}

MODEL_SETTER(oid, struct target_in, get->oid = model_oid(r, v))
MODEL_SETTER(pml, struct target_in, get->is_pml = model_bool(r, v))
MODEL_SETTER(shared, struct target_in, get->is_shared = model_bool(r, v))
MODEL_SETTER(size, struct target_in, get->codes.size = (uint8_t)model_number(r, v, 2, 64))
MODEL_SETTER(
	value_bytes, struct target_in, get->codes.value_bytes = (uint8_t)model_number(r, v, 1, 4))
MODEL_SETTER(code_targets, struct target_in, targets = v)

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
	bool is_scalar = in->get != NULL;
	if (r->err < 0 || in->t.is_skipped)
		return;
	if (!in->has_field && in->t.sum_count > 0)
		return;
	if (in->t.sum_needs > 0 && in->t.sum_count == 0)
		(void)model_fail(r, at, "\"needs\" counts the parts of a \"sum\"");
	else if (!in->has_field)
		(void)model_fail(r, at, "needs \"to\", the destination of its value");
	else if (f == FIELD_METER && model_find(r, at, "meter") == NULL)
		(void)model_fail(r, at, "a meter needs its name: \"meter: impressions_total\"");
	else if (f != FIELD_METER && model_find(r, at, "meter") != NULL)
		(void)model_fail(r, at, "\"meter\" names what is \"to: meter\"");
	else if (is_scalar && in->t.label.len == 0 &&
		 (f == FIELD_OPTION || f == FIELD_SETTING ||
			 (f == FIELD_METER && in->t.meter == METER_VENDOR)))
		(void)model_fail(r, at, "a scalar has no name of its own: it needs a \"label\"");
	else if (f != FIELD_METER && in->t.unit >= STANDARD_UNITS)
		(void)model_fail(r, at, "this unit is of meters only");
	else if (f == FIELD_SUPPLY_PERCENT && in->t.type == 0)
		(void)model_fail(r, at, "a supply is found by its \"type\" and \"colorant\"");
}

/* A target that requires a column that the table lacks would never match. */
static void check_place(struct model_reader *r, yaml_node_t *at, const struct target_in *in,
	const struct model_place *place)
{
	static const char *const of_rows[] = {"key", "index", "match", "role", "skip", "sum"};
	if (r->err < 0)
		return;
	if (in->t.field == FIELD_CODES)
		(void)model_fail(r, at, "coded records are a scalar's only");
	if (in->t.field == FIELD_ASSET)
		(void)model_fail(r, at, "an asset number is a scalar's only");
	for (size_t i = 0; place->is_codes && i < sizeof of_rows / sizeof of_rows[0]; i++) {
		if (model_find(r, at, of_rows[i]) != NULL)
			(void)model_fail(r, at,
				"\"%s\" is for the rows of tables; a record has its \"code\"",
				of_rows[i]);
	}
	if (place->is_codes && in->t.key[0] == MODEL_ANY)
		(void)model_fail(r, at, "a record is known by its \"code\"");
	if (place->is_codes)
		return;
	if (model_find(r, at, "code") != NULL)
		(void)model_fail(r, at, "\"code\" is for the records of \"to: codes\"");
	else if (in->keys > place->keys)
		(void)model_fail(r, at, "%u values in \"key\", and the table has %u key columns",
			in->keys, place->keys);
	else if (in->t.match.len > 0 && !place->has_label)
		(void)model_fail(r, at, "\"match\" needs a \"label\" among the columns");
	else if (in->t.role != ROLE_ANY && !place->is_each_device)
		(void)model_fail(r, at, "\"role\" needs \"each_device: true\"");
}

static bool has_index(const struct model_target *t)
{
	return t->index_count > 0 && t->index[t->index_count - 1] != MODEL_ANY;
}

/* From the last target to the first, so that each chain keeps their order. */
static void chain_targets(struct model_target *rows, struct model_targets *ret)
{
	for (unsigned c = 0; c <= TARGET_BUCKETS; c++)
		ret->chain[c] = TARGET_NONE;
	for (unsigned i = 0; i < ret->count; i++) {
		const struct model_target *t = &rows[ret->first + i];
		ret->is_by_index = ret->is_by_index || has_index(t);
		ret->has_sums = ret->has_sums || t->sum_count > 0;
		ret->has_label_sums = ret->has_label_sums || (t->sum_count > 0 && t->match.len > 0);
	}
	for (unsigned i = ret->count; i-- > 0;) {
		struct model_target *t = &rows[ret->first + i];
		int32_t value = !ret->is_by_index ? t->key[0]
				: has_index(t)    ? t->index[t->index_count - 1]
						  : MODEL_ANY;
		uint16_t *chain =
			&ret->chain[value == MODEL_ANY ? (unsigned)TARGET_BUCKETS
						       : (uint32_t)value % TARGET_BUCKETS];
		t->next = *chain;
		for (t->key_count = MODEL_KEYS;
			t->key_count > 0 && t->key[t->key_count - 1] == MODEL_ANY;)
			t->key_count--;
		*chain = (uint16_t)(ret->first + i);
	}
}

void model_parse_targets(struct model_reader *r, yaml_node_t *list, const struct model_place *place,
	struct model_targets *ret)
{
	static const struct model_key keys[] = {{"to", parse_to}, {"meter", parse_meter},
		{"unit", parse_unit}, {"type", parse_type}, {"role", parse_role},
		{"divisor", parse_divisor}, {"skip", parse_skip}, {"label", parse_label},
		{"colorant", parse_colorant}, {"match", parse_match}, {"code", parse_code},
		{"key", parse_key}, {"index", parse_index}, {"sum", parse_sum},
		{"needs", parse_needs}};
	yaml_node_t *item;
	ret->first = model_count(r, ARRAY_TARGET);
	for (size_t i = 0; (item = model_item(r, list, i)) != NULL; i++) {
		struct target_in in;
		target_begin(&in, NULL);
		model_each_key(r, item, keys, sizeof keys / sizeof keys[0], &in);
		check_target(r, item, &in);
		check_place(r, item, &in, place);
		in.t.is_sum_only = in.t.sum_count > 0 && !in.has_field;
		struct model_target *row = model_add(r, ARRAY_TARGET, item);
		if (row != NULL)
			*row = in.t;
		ret->count++;
	}
	if (r->err == 0)
		chain_targets(
			(struct model_target *)(void *)r->memory->array[ARRAY_TARGET].rows, ret);
}

/* ---- scalars ---------------------------------------------------------------------------- */

static void parse_get(struct model_reader *r, yaml_node_t *map)
{
	static const struct model_key keys[] = {{"oid", parse_oid}, {"to", parse_to},
		{"meter", parse_meter}, {"unit", parse_unit}, {"type", parse_type},
		{"divisor", parse_divisor}, {"label", parse_label}, {"colorant", parse_colorant},
		{"pml", parse_pml}, {"shared", parse_shared}, {"size", parse_size},
		{"value_bytes", parse_value_bytes}, {"targets", parse_code_targets},
		{"sum", parse_sum}, {"needs", parse_needs}};
	struct model_get get = {0};
	struct target_in in;
	target_begin(&in, &get);
	model_each_key(r, map, keys, sizeof keys / sizeof keys[0], &in);
	check_target(r, map, &in);
	in.t.is_sum_only = in.t.sum_count > 0 && !in.has_field;
	bool is_codes = in.t.field == FIELD_CODES;
	if (r->err == 0 && get.oid.len == 0)
		(void)model_fail(r, map, "a scalar needs its \"oid\"");
	if (r->err == 0 && get.is_shared && in.t.field != FIELD_SERIAL)
		(void)model_fail(r, map, "\"shared\" is of \"to: serial\"");
	if (r->err == 0 && is_codes &&
		(in.targets == NULL || get.codes.size <= get.codes.value_bytes ||
			get.codes.value_bytes == 0))
		(void)model_fail(r, map,
			"coded records need \"size\", a smaller \"value_bytes\" and \"targets\"");
	if (r->err == 0 && !is_codes &&
		(in.targets != NULL || get.codes.size + get.codes.value_bytes > 0))
		(void)model_fail(
			r, map, "\"size\", \"value_bytes\" and \"targets\" are of \"to: codes\"");
	if (r->err == 0 && is_codes)
		model_parse_targets(
			r, in.targets, &(struct model_place){.is_codes = true}, &get.codes.targets);
	get.target = in.t;
	struct model_get *row = model_add(r, ARRAY_GET, map);
	if (row != NULL)
		*row = get;
}

void model_parse_gets(struct model_reader *r, yaml_node_t *list, void *ctx)
{
	yaml_node_t *item;
	(void)ctx;
	r->family.first_get = model_count(r, ARRAY_GET);
	for (size_t i = 0; (item = model_item(r, list, i)) != NULL; i++) {
		if (i == LIMIT_MODEL_GETS)
			(void)model_fail(
				r, item, "at most %d scalars of one family", LIMIT_MODEL_GETS);
		parse_get(r, item);
		r->family.get_count++;
	}
}
