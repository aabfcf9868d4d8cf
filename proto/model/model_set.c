/* SPDX-License-Identifier: Apache-2.0
 * The set of families: arrays that grow until models_finish, and chunks for texts and OIDs. A file
 * with an error leaves nothing behind. */
#include "proto/model/model_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_BYTES = 16384, FILE_NAME_BYTES = 255 };

struct model_chunk {
	struct model_chunk *next;
	size_t used;
	uint8_t bytes[CHUNK_BYTES];
};

static const size_t row_bytes[ARRAY_COUNT] = {[ARRAY_MODEL] = sizeof(struct model),
	[ARRAY_VENDOR] = sizeof(struct model_vendor),
	[ARRAY_WORD] = sizeof(struct text),
	[ARRAY_OID] = sizeof(struct oid_ber),
	[ARRAY_GET] = sizeof(struct model_get),
	[ARRAY_TABLE] = sizeof(struct model_table),
	[ARRAY_COLUMN] = sizeof(struct model_column),
	[ARRAY_TARGET] = sizeof(struct model_target),
	[ARRAY_DEVICE_TYPE] = sizeof(struct model_device_type),
	[ARRAY_LINE] = sizeof(struct model_line),
	[ARRAY_EXCLUDED] = sizeof(struct oid_ber)};

/* ---- memory ----------------------------------------------------------------------------- */

static bool is_too_large(struct model_reader *r, size_t more, const yaml_node_t *at)
{
	if (r->err < 0)
		return true;
	if (r->memory->bytes + more <= LIMIT_MODELS_MEMORY)
		return false;
	(void)model_fail(r, at, "model files need more than %u KiB of memory together",
		LIMIT_MODELS_MEMORY >> 10);
	r->err = ERR_LIMIT;
	return true;
}

void model_fail_memory(struct model_reader *r, const yaml_node_t *at)
{
	(void)model_fail(r, at, "out of memory");
	r->err = -ENOMEM;
}

void *model_add(struct model_reader *r, enum model_array array, yaml_node_t *at)
{
	struct model_vec *v = &r->memory->array[array];
	if (r->err < 0)
		return NULL;
	if (v->used == LIMIT_MODEL_ROWS) {
		(void)model_fail(
			r, at, "more than %d of these in all model files", LIMIT_MODEL_ROWS);
		r->err = ERR_LIMIT;
		return NULL;
	}
	if (v->used == v->capacity) {
		size_t capacity = v->capacity == 0 ? 16 : v->capacity * 2;
		if (is_too_large(r, (capacity - v->capacity) * v->row, at))
			return NULL;
		uint8_t *rows = realloc(v->rows, capacity * v->row);
		if (rows == NULL) {
			model_fail_memory(r, at);
			return NULL;
		}
		r->memory->bytes += (capacity - v->capacity) * v->row;
		v->rows = rows;
		v->capacity = capacity;
	}
	void *row = v->rows + v->used++ * v->row;
	memset(row, 0, v->row);
	return row;
}

uint16_t model_count(const struct model_reader *r, enum model_array array)
{
	return (uint16_t)r->memory->array[array].used;
}

/* With a NUL at the end. */
void *model_copy(struct model_reader *r, const void *bytes, size_t n, yaml_node_t *at)
{
	struct model_memory *m = r->memory;
	if (r->err < 0)
		return NULL;
	if (m->chunks == NULL || CHUNK_BYTES - m->chunks->used < n + 1) {
		if (is_too_large(r, sizeof(struct model_chunk), at))
			return NULL;
		struct model_chunk *c = malloc(sizeof *c);
		if (c == NULL) {
			model_fail_memory(r, at);
			return NULL;
		}
		c->used = 0;
		c->next = m->chunks;
		m->chunks = c;
		m->bytes += sizeof *c;
	}
	uint8_t *p = m->chunks->bytes + m->chunks->used;
	if (n > 0)
		memcpy(p, bytes, n);
	p[n] = 0;
	m->chunks->used += n + 1;
	return p;
}

int models_open(struct models *set)
{
	memset(set, 0, sizeof *set);
	struct model_memory *m = calloc(1, sizeof *m);
	if (m == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < ARRAY_COUNT; i++)
		m->array[i].row = row_bytes[i];
	set->memory = m;
	return 0;
}

void models_close(struct models *set)
{
	struct model_memory *m = set->memory;
	if (m == NULL)
		return;
	for (unsigned i = 0; i < ARRAY_COUNT; i++)
		free(m->array[i].rows);
	while (m->chunks != NULL) {
		struct model_chunk *next = m->chunks->next;
		free(m->chunks);
		m->chunks = next;
	}
	free(m);
	memset(set, 0, sizeof *set);
}

size_t models_memory(const struct models *set)
{
	const struct model_memory *m = set->memory;
	return m == NULL ? 0 : m->bytes + sizeof *m;
}

/* ---- files ------------------------------------------------------------------------------ */

/* The fill level of the set, to undo a file with an error. */
struct fill {
	size_t used[ARRAY_COUNT];
	struct model_chunk *chunk;
	size_t chunk_used;
};

static struct fill fill_of(const struct model_memory *m)
{
	struct fill f = {.chunk = m->chunks, .chunk_used = m->chunks != NULL ? m->chunks->used : 0};
	for (unsigned i = 0; i < ARRAY_COUNT; i++)
		f.used[i] = m->array[i].used;
	return f;
}

static void undo_file(struct model_memory *m, const struct fill *f)
{
	for (unsigned i = 0; i < ARRAY_COUNT; i++)
		m->array[i].used = f->used[i];
	while (m->chunks != f->chunk) {
		struct model_chunk *next = m->chunks->next;
		free(m->chunks);
		m->chunks = next;
		m->bytes -= sizeof *next;
	}
	if (m->chunks != NULL)
		m->chunks->used = f->chunk_used;
}

int models_add(
	struct models *set, const char *file, const uint8_t *bytes, size_t len, char why[LIMIT_WHY])
{
	struct model_memory *m = set->memory;
	struct model_reader r = {.memory = m, .file = file, .why = why, .only_vendor = -1};
	struct fill before = fill_of(m);
	why[0] = '\0';
	r.file_copy.len = strlen(file);
	if (r.file_copy.len > FILE_NAME_BYTES)
		(void)model_fail(&r, NULL, "has too long a name");
	r.file_copy.p = model_copy(&r, file, r.file_copy.len, NULL);
	if (m->is_finished)
		(void)model_fail(&r, NULL, "models_finish was called already");
	else if (len > LIMIT_MODEL_BYTES)
		(void)model_fail(&r, NULL, "larger than a model file may be (%u KiB)",
			LIMIT_MODEL_BYTES >> 10);
	else if (r.err == 0)
		model_load(&r, bytes, len);
	if (r.err < 0)
		undo_file(m, &before);
	for (size_t i = 0; r.err == 0 && i < len; i++)
		set->digest = (set->digest ^ bytes[i]) * UINT64_C(0x100000001b3);
	return r.err;
}

int models_add_builtin(struct models *set, char why[LIMIT_WHY])
{
	for (const struct embedded_model *e = embedded_models; e->name != NULL; e++) {
		int err = models_add(set, e->name, e->bytes, e->len, why);
		if (err < 0)
			return err;
	}
	return 0;
}

/* ---- the end ---------------------------------------------------------------------------- */

/* "lexmark" of "lexmark@dell". */
static struct text file_family(const struct model *model)
{
	const char *at = memchr(model->name.p, '@', model->name.len);
	size_t len = at != NULL ? (size_t)(at - model->name.p) : model->name.len;
	return (struct text){model->name.p, len};
}

/* A later file replaces an earlier one with the same family, and all families made of it: families
 * of one file share the same file name in memory. */
static bool is_replaced_by(const struct model *old, const struct model *new)
{
	struct text a = file_family(old), b = file_family(new);
	return old->file.p != new->file.p &&a.len == b.len &&memcmp(a.p, b.p, a.len) == 0;
}

static void drop_replaced(struct model_memory *m)
{
	struct model_vec *v = &m->array[ARRAY_MODEL];
	struct model *rows = (struct model *)(void *)v->rows;
	size_t kept = 0;
	for (size_t i = 0; i < v->used; i++) {
		bool is_replaced = false;
		for (size_t k = i + 1; k < v->used && !is_replaced; k++)
			is_replaced = is_replaced_by(&rows[i], &rows[k]);
		if (!is_replaced)
			rows[kept++] = rows[i];
	}
	v->used = kept;
}

static const struct oid_ber *excluded_meeting(const struct models *set, struct oid_ber oid)
{
	for (unsigned i = 0; i < set->excluded_count; i++) {
		if (oid_ber_has_prefix(oid, set->excluded[i]) ||
			oid_ber_has_prefix(set->excluded[i], oid))
			return &set->excluded[i];
	}
	return NULL;
}

static int fail_excluded(const struct model *model, struct oid_ber oid, char why[LIMIT_WHY])
{
	struct oid o;
	char dotted[128] = "";
	if (oid_decode(&o, oid) == 0)
		(void)oid_to_text(dotted, sizeof dotted, &o);
	(void)snprintf(why, LIMIT_WHY, "%.*s: family %.*s requests %s in an excluded sub-tree",
		TEXT_ARG(model->file), TEXT_ARG(model->name), dotted);
	return ERR_CONF;
}

/* No family may request an object that any family excludes, but for the asset number: what is
 * excluded is not recorded either, and the asset number is requested by opt-in. */
static int check_excluded(const struct models *set, char why[LIMIT_WHY])
{
	for (unsigned f = 0; f < set->count; f++) {
		const struct model *model = &set->model[f];
		for (unsigned i = 0; i < model->get_count; i++) {
			const struct model_get *get = &set->get[model->first_get + i];
			if (get->target.field != FIELD_ASSET &&
				excluded_meeting(set, get->oid) != NULL)
				return fail_excluded(model, get->oid, why);
		}
		for (unsigned t = 0; t < model->table_count; t++) {
			const struct model_table *table = &set->table[model->first_table + t];
			for (unsigned c = 0; c < table->column_count; c++) {
				struct oid_ber oid = set->column[table->first_column + c].oid;
				if (excluded_meeting(set, oid) != NULL)
					return fail_excluded(model, oid, why);
			}
		}
	}
	return 0;
}

int models_finish(struct models *set, char why[LIMIT_WHY])
{
	struct model_memory *m = set->memory;
	why[0] = '\0';
	drop_replaced(m);
	m->is_finished = true;
	set->model = (const struct model *)(void *)m->array[ARRAY_MODEL].rows;
	set->count = (uint16_t)m->array[ARRAY_MODEL].used;
	set->vendor = (const struct model_vendor *)(void *)m->array[ARRAY_VENDOR].rows;
	set->word = (const struct text *)(void *)m->array[ARRAY_WORD].rows;
	set->oid = (const struct oid_ber *)(void *)m->array[ARRAY_OID].rows;
	set->get = (const struct model_get *)(void *)m->array[ARRAY_GET].rows;
	set->table = (const struct model_table *)(void *)m->array[ARRAY_TABLE].rows;
	set->column = (const struct model_column *)(void *)m->array[ARRAY_COLUMN].rows;
	set->target = (const struct model_target *)(void *)m->array[ARRAY_TARGET].rows;
	set->device_type =
		(const struct model_device_type *)(void *)m->array[ARRAY_DEVICE_TYPE].rows;
	set->line = (const struct model_line *)(void *)m->array[ARRAY_LINE].rows;
	set->excluded = (const struct oid_ber *)(void *)m->array[ARRAY_EXCLUDED].rows;
	set->excluded_count = (uint16_t)m->array[ARRAY_EXCLUDED].used;
	if (set->count > LIMIT_MODELS) {
		(void)snprintf(why, LIMIT_WHY, "%.*s: more than %d families in all model files",
			TEXT_ARG(set->model[LIMIT_MODELS].file), LIMIT_MODELS);
		return ERR_LIMIT;
	}
	return check_excluded(set, why);
}

/* The only state of this folder: made once, before the loop runs. */
static struct models builtin;

const struct models *models_builtin(void)
{
	char why[LIMIT_WHY];
	if (builtin.memory != NULL)
		return &builtin;
	if (models_open(&builtin) < 0)
		return NULL;
	if (models_add_builtin(&builtin, why) == 0 && models_finish(&builtin, why) == 0)
		return &builtin;
	(void)fprintf(stderr, "platen: built-in model files: %s\n", why);
	models_close(&builtin);
	return NULL;
}

const char *model_evidence_name(enum model_evidence e)
{
	static const char *const names[EVIDENCE_COUNT] = {[EVIDENCE_NONE] = "none",
		[EVIDENCE_MIB] = "mib",
		[EVIDENCE_CASE] = "case",
		[EVIDENCE_RECORDING] = "recording"};
	return e < EVIDENCE_COUNT ? names[e] : "none";
}
