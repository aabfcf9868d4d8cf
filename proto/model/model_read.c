/* SPDX-License-Identifier: Apache-2.0
 * The meaning of a model file: family, vendors, quirks, device types, excluded sub-trees, and the
 * lines of `platen models`. */
#include "proto/model/model_internal.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { WORD_BYTES = 48, FAMILY_BYTES = 32, NOTE_BYTES = 160 };

/* ---- lists of words and OIDs ------------------------------------------------------------ */

static void parse_words(struct model_reader *r, yaml_node_t *list, uint16_t *first, uint16_t *count)
{
	yaml_node_t *item;
	*first = model_count(r, ARRAY_WORD);
	for (size_t i = 0; (item = model_item(r, list, i)) != NULL; i++) {
		struct text t = model_copy_text(r, item, WORD_BYTES);
		if (r->err == 0 && t.len == 0)
			(void)model_fail(r, item, "an empty word fits everything");
		struct text *word = model_add(r, ARRAY_WORD, item);
		if (word != NULL)
			*word = t;
		(*count)++;
	}
}

static void parse_oids(struct model_reader *r, yaml_node_t *list, enum model_array array,
	uint16_t *first, uint16_t *count)
{
	yaml_node_t *item;
	*first = model_count(r, array);
	for (size_t i = 0; (item = model_item(r, list, i)) != NULL; i++) {
		struct oid_ber oid = model_oid(r, item);
		struct oid_ber *row = model_add(r, array, item);
		if (row != NULL)
			*row = oid;
		(*count)++;
	}
}

/* ---- lines of `platen models` ------------------------------------------------------------ */

MODEL_SETTER(name, struct model_line, name = model_copy_text(r, v, NOTE_BYTES))

static void parse_evidence(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	static const char *const names[EVIDENCE_COUNT] = {"none", "mib", "case", "recording"};
	((struct model_line *)ctx)->evidence = (uint8_t)model_word(r, v, MODEL_NAMES(names));
}

MODEL_SETTER(note, struct model_line, note = model_copy_text(r, v, NOTE_BYTES))

static void parse_lines(struct model_reader *r, yaml_node_t *list)
{
	static const struct model_key keys[] = {
		{"name", parse_name}, {"evidence", parse_evidence}, {"note", parse_note}};
	yaml_node_t *item;
	r->family.first_line = model_count(r, ARRAY_LINE);
	for (size_t i = 0; (item = model_item(r, list, i)) != NULL; i++) {
		struct model_line line = {0};
		model_each_key(r, item, keys, sizeof keys / sizeof keys[0], &line);
		if (r->err == 0 && line.name.len == 0)
			(void)model_fail(r, item, "a line needs the \"name\" of its models");
		struct model_line *row = model_add(r, ARRAY_LINE, item);
		if (row != NULL)
			*row = line;
		r->family.line_count++;
	}
}

/* ---- evidence of the family ------------------------------------------------------------ */

enum { EVIDENCE_MAX = 9999 };

MODEL_SETTER(recordings, struct model, recordings = (uint16_t)model_number(r, v, 0, EVIDENCE_MAX))
MODEL_SETTER(cases, struct model, cases = (uint16_t)model_number(r, v, 0, EVIDENCE_MAX))

static void parse_documents(struct model_reader *r, yaml_node_t *list, void *ctx)
{
	yaml_node_t *item;
	for (size_t i = 0; (item = model_item(r, list, i)) != NULL; i++) {
		if (r->err == 0 && model_text(r, item, NOTE_BYTES).len == 0)
			(void)model_fail(r, item, "a document has a name");
		((struct model *)ctx)->documents++;
	}
}

static void parse_family_evidence(struct model_reader *r, yaml_node_t *map)
{
	static const struct model_key keys[] = {{"recordings", parse_recordings},
		{"cases", parse_cases}, {"documents", parse_documents}};
	model_each_key(r, map, keys, sizeof keys / sizeof keys[0], &r->family);
}

static void parse_own_evidence(struct model_reader *r, yaml_node_t *map, void *ctx)
{
	(void)ctx;
	if (r->only_vendor < 0)
		(void)model_fail(
			r, map, "a vendor has \"evidence\" of its own if it has a \"root\"");
	else
		parse_family_evidence(r, map);
}

/* ---- vendors ----------------------------------------------------------------------------- */

MODEL_SETTER(vendor_pattern, struct model_vendor, vendor = model_copy_text(r, v, WORD_BYTES))

static void parse_vendor_words(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	struct model_vendor *m = ctx;
	parse_words(r, v, &m->first_word, &m->word_count);
}

static void parse_vendor_ids(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	struct model_vendor *m = ctx;
	parse_words(r, v, &m->first_vendor, &m->vendor_count);
}

static void parse_objects(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	struct model_vendor *m = ctx;
	parse_oids(r, v, ARRAY_OID, &m->first_object, &m->object_count);
}

MODEL_SETTER(needs_object, struct model_vendor, needs_object = model_bool(r, v))

static void parse_printer_words(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	struct model_vendor *m = ctx;
	parse_words(r, v, &m->first_printer_word, &m->printer_word_count);
}

static void parse_printer_objects(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	struct model_vendor *m = ctx;
	parse_oids(r, v, ARRAY_OID, &m->first_printer_object, &m->printer_object_count);
}

static void parse_vendor_lines(struct model_reader *r, yaml_node_t *list, void *ctx)
{
	(void)ctx;
	if (r->only_vendor < 0)
		(void)model_fail(r, list, "a vendor has \"lines\" of its own if it has a \"root\"");
	else
		parse_lines(r, list);
}

static void parse_vendor(struct model_reader *r, yaml_node_t *map)
{
	static const struct model_key keys[] = {{"vendor", parse_vendor_pattern},
		{"words", parse_vendor_words}, {"device_id", parse_vendor_ids},
		{"objects", parse_objects}, {"needs_object", parse_needs_object},
		{"printer_words", parse_printer_words}, {"printer_objects", parse_printer_objects},
		{"root", NULL}, {"lines", parse_vendor_lines}, {"evidence", parse_own_evidence}};
	struct model_vendor vendor = {0};
	model_each_key(r, map, keys, sizeof keys / sizeof keys[0], &vendor);
	if (r->err == 0 && vendor.vendor.len == 0)
		(void)model_fail(r, map, "a vendor needs its \"vendor\"");
	struct model_vendor *row = model_add(r, ARRAY_VENDOR, map);
	if (row != NULL)
		*row = vendor;
}

/* Vendors with the family's root; one with a root of its own belongs to another family. */
static void parse_vendors(struct model_reader *r, yaml_node_t *list, void *ctx)
{
	yaml_node_t *item;
	(void)ctx;
	r->family.first_vendor = model_count(r, ARRAY_VENDOR);
	for (size_t i = 0; (item = model_item(r, list, i)) != NULL; i++) {
		bool has_root = model_find(r, item, "root") != NULL;
		if (r->only_vendor < 0 ? has_root : (size_t)r->only_vendor != i)
			continue;
		parse_vendor(r, item);
		r->family.vendor_count++;
	}
}

/* ---- the rest of a family --------------------------------------------------------------- */

static void parse_family(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	(void)ctx;
	struct text t = model_copy_text(r, v, FAMILY_BYTES);
	for (size_t i = 0; i < t.len; i++) {
		if (!isalnum((unsigned char)t.p[i]) && t.p[i] != '-')
			(void)model_fail(r, v, "a family is called by letters, digits and \"-\"");
	}
	r->family.name = t;
}

static void parse_receptacles(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	static const char *const words[] = {
		[DIRECTION_SPACE_LEFT] = "space_left", [DIRECTION_FILL_LEVEL] = "fill_level"};
	(void)ctx;
	r->family.receptacles = (uint8_t)model_word(r, v, MODEL_NAMES(words));
}

static void parse_mark(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	(void)ctx;
	struct text t = model_text(r, v, 1);
	r->family.firmware_mark = t.len == 1 ? t.p[0] : '\0';
}

MODEL_SETTER(max_varbinds, struct model_quirks, max_varbinds = (uint8_t)model_number(r, v, 1, 48))
MODEL_SETTER(bulk, struct model_quirks, has_no_bulk = !model_bool(r, v))
MODEL_SETTER(context, struct model_quirks, context = model_copy_text(r, v, 32))

static void parse_quirks(struct model_reader *r, yaml_node_t *map, void *ctx)
{
	static const struct model_key keys[] = {{"max_varbinds", parse_max_varbinds},
		{"bulk", parse_bulk}, {"context", parse_context}};
	(void)ctx;
	model_each_key(r, map, keys, sizeof keys / sizeof keys[0], &r->family.quirks);
}

/* Vendor sub-trees, 1.3.6.1.4.1.N and below. Standard objects, and the PWG's (2699), are requested
 * whatever a file excludes, so excluding them is an error. */
static bool is_vendors_own(struct oid_ber oid)
{
	static const uint8_t vendors[] = {0x2b, 6, 1, 4, 1}, pwg[] = {0x2b, 6, 1, 4, 1, 0x95, 0x0b};
	return oid.len > sizeof vendors && memcmp(oid.p, vendors, sizeof vendors) == 0 &&
	       !oid_ber_has_prefix(oid, (struct oid_ber){pwg, sizeof pwg});
}

static void parse_never(struct model_reader *r, yaml_node_t *list, void *ctx)
{
	(void)ctx;
	parse_oids(r, list, ARRAY_EXCLUDED, &r->family.first_excluded, &r->family.excluded_count);
	for (size_t i = 0; r->err == 0 && i < r->family.excluded_count; i++) {
		const struct oid_ber *rows =
			(const struct oid_ber *)(void *)r->memory->array[ARRAY_EXCLUDED].rows;
		if (!is_vendors_own(rows[r->family.first_excluded + i]))
			(void)model_fail(r, model_item(r, list, i),
				"only sub-trees of vendors (1.3.6.1.4.1.N) can be excluded");
	}
}

uint8_t model_role_of(struct model_reader *r, yaml_node_t *n)
{
	static const char *const names[ROLE_COUNT] = {[ROLE_PRINTER] = "printer",
		[ROLE_COPIER] = "copier",
		[ROLE_SCANNER] = "scanner",
		[ROLE_FAX] = "fax",
		[ROLE_OTHER_FAX] = "other_fax"};
	return (uint8_t)model_word(r, n, MODEL_NAMES(names));
}

MODEL_SETTER(type, struct model_device_type, type = model_oid(r, v))
MODEL_SETTER(role, struct model_device_type, role = model_role_of(r, v))

static void parse_device_types(struct model_reader *r, yaml_node_t *list, void *ctx)
{
	static const struct model_key keys[] = {{"type", parse_type}, {"role", parse_role}};
	yaml_node_t *item;
	(void)ctx;
	r->family.first_device_type = model_count(r, ARRAY_DEVICE_TYPE);
	for (size_t i = 0; (item = model_item(r, list, i)) != NULL; i++) {
		struct model_device_type t = {0};
		model_each_key(r, item, keys, sizeof keys / sizeof keys[0], &t);
		if (r->err == 0 && (t.type.len == 0 || t.role == ROLE_ANY))
			(void)model_fail(r, item, "a device type needs \"type\" and \"role\"");
		struct model_device_type *row = model_add(r, ARRAY_DEVICE_TYPE, item);
		if (row != NULL)
			*row = t;
		r->family.device_type_count++;
	}
}

/* Evidence for one root is none for another: a vendor with its own root has its own lines. */
static void parse_family_lines(struct model_reader *r, yaml_node_t *list, void *ctx)
{
	(void)ctx;
	if (r->only_vendor < 0)
		parse_lines(r, list);
}

static void parse_evidence_of_all(struct model_reader *r, yaml_node_t *map, void *ctx)
{
	(void)ctx;
	if (r->only_vendor < 0)
		parse_family_evidence(r, map);
}

/* ---- a file ----------------------------------------------------------------------------- */

static void read_root(struct model_reader *r, yaml_node_t *n)
{
	if (n == NULL)
		return;
	char dotted[LIMIT_TEXT + 1];
	struct text t = model_text(r, n, LIMIT_TEXT);
	if (r->err < 0)
		return;
	memcpy(dotted, t.p, t.len);
	dotted[t.len] = '\0';
	if (dotted[0] == '.' || oid_from_text(&r->root, dotted) < 0)
		(void)model_fail(r, n, "\"%s\" is no OID", dotted);
	r->has_root = true;
}

static void parse_common_root(struct model_reader *r, yaml_node_t *v, void *ctx)
{
	(void)ctx;
	r->family.has_common_root = model_bool(r, v);
}

static void keep_root(struct model_reader *r, yaml_node_t *map)
{
	uint8_t ber[LIMIT_OID_SUBIDS * 5];
	int n = r->has_root ? oid_encode(ber, sizeof ber, &r->root) : 0;
	const uint8_t *kept = n > 0 ? model_copy(r, ber, (size_t)n, map) : NULL;
	r->family.root = (struct oid_ber){kept, kept != NULL ? (size_t)n : 0};
}

/* Parses one family of the file. */
static void read_family(struct model_reader *r, yaml_node_t *map)
{
	static const struct model_key keys[] = {{"family", parse_family}, {"root", NULL},
		{"vendors", parse_vendors}, {"quirks", parse_quirks}, {"firmware_mark", parse_mark},
		{"never", parse_never}, {"device_types", parse_device_types},
		{"get", model_parse_gets}, {"tables", model_parse_tables},
		{"evidence", parse_evidence_of_all}, {"lines", parse_family_lines},
		{"common_root", parse_common_root}, {"receptacles", parse_receptacles}};
	memset(&r->family, 0, sizeof r->family);
	model_each_key(r, map, keys, sizeof keys / sizeof keys[0], NULL);
	if (r->err == 0 && r->family.name.len == 0)
		(void)model_fail(r, map, "a model file needs its \"family\"");
	if (r->err < 0)
		return;
	r->family.file = r->file_copy;
	keep_root(r, map);
	if (r->only_vendor >= 0) {
		const struct model_vendor *vendor =
			(const struct model_vendor *)(void *)r->memory->array[ARRAY_VENDOR].rows +
			r->family.first_vendor;
		char name[FAMILY_BYTES + WORD_BYTES + 2];
		int n = snprintf(name, sizeof name, "%.*s@%.*s", TEXT_ARG(r->family.name),
			TEXT_ARG(vendor->vendor));
		for (int i = 0; i < n; i++)
			name[i] = (char)tolower((unsigned char)name[i]);
		const char *kept = model_copy(r, name, (size_t)n, map);
		r->family.name = (struct text){kept, kept == NULL ? 0 : (size_t)n};
	}
	struct model *row = model_add(r, ARRAY_MODEL, map);
	if (row != NULL)
		*row = r->family;
}

void model_read_file(struct model_reader *r, yaml_node_t *root)
{
	yaml_node_t *vendors = model_find(r, root, "vendors"), *item;
	read_root(r, model_find(r, root, "root"));
	r->only_vendor = -1;
	read_family(r, root);
	for (size_t i = 0; vendors != NULL && (item = model_item(r, vendors, i)) != NULL; i++) {
		yaml_node_t *own = model_find(r, item, "root");
		if (own == NULL)
			continue;
		read_root(r, own);
		r->only_vendor = (int)i;
		read_family(r, root);
	}
}
