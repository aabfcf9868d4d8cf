/* SPDX-License-Identifier: Apache-2.0
 * Between the files of proto/model/model: the set under construction, and the reader of one file.
 *
 *   model_set.c       the set: arrays that grow until it is sealed, the built-in files
 *   model_yaml.c      a file as a tree, with marks; maps, lists and words of it
 *   model_read.c      what the tree means: family, vendors, quirks, lines
 *   model_targets.c   likewise: scalars and targets
 *   model_tables.c    likewise: tables and their columns
 *   model_recognise.c whose printer it is */
#ifndef PLATEN_MODEL_MODEL_INTERNAL_H
#define PLATEN_MODEL_MODEL_INTERNAL_H

#include "proto/model/model.h"

#include <yaml.h>

/* An array that grows: `used` rows of `row` bytes. */
struct model_vec {
	uint8_t *rows;
	size_t row;
	size_t used;
	size_t capacity;
};

enum model_array {
	ARRAY_MODEL,
	ARRAY_VENDOR,
	ARRAY_WORD,
	ARRAY_OID,
	ARRAY_GET,
	ARRAY_TABLE,
	ARRAY_COLUMN,
	ARRAY_TARGET,
	ARRAY_DEVICE_TYPE,
	ARRAY_LINE,
	ARRAY_EXCLUDED,
	ARRAY_COUNT
};

struct model_chunk;

struct model_memory {
	struct model_vec array[ARRAY_COUNT];
	struct model_chunk *chunks; /* texts and OIDs; newest first */
	size_t bytes;
	bool is_finished;
};

/* A file being read. Its first error stays; everything after it is passed over. */
struct model_reader {
	struct model_memory *memory;
	const char *file;
	struct text file_copy; /* the same, for as long as the set lives */
	yaml_document_t *document;
	char *why; /* LIMIT_WHY */
	int err;
	/* What is being built. */
	struct model family;
	struct oid root;
	bool has_root;
	/* Only vendors with a root of their own, the one with this number; -1: those without. */
	int only_vendor;
};

/* Zeroed rows at the end of an array, or NULL and an error in the reader. */
void *model_add(struct model_reader *r, enum model_array array, yaml_node_t *at);
uint16_t model_count(const struct model_reader *r, enum model_array array);

/* Bytes that live as long as the set. NULL and an error when the set's maximum is reached. */
void *model_copy(struct model_reader *r, const void *bytes, size_t n, yaml_node_t *at);

/* The first error, with the place of the node. Returns false, for convenience. */
bool model_fail(struct model_reader *r, const yaml_node_t *at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void model_fail_memory(struct model_reader *r, const yaml_node_t *at);

/* ---- the tree --------------------------------------------------------------------------- */

/* Reads the bytes of a file as one document, and hands its tree to model_read_file. */
void model_load(struct model_reader *r, const uint8_t *bytes, size_t len);

/* A key of a map and what takes its value. */
struct model_key {
	const char *name;
	void (*parse)(struct model_reader *r, yaml_node_t *value, void *ctx);
};

/* Every pair of a map: unknown keys, keys that come twice and anything but a map are errors. */
void model_each_key(struct model_reader *r, yaml_node_t *map, const struct model_key *keys,
	size_t count, void *ctx);

/* The i-th item of a list, or NULL behind the last. An error (and NULL) if it is no list. */
yaml_node_t *model_item(struct model_reader *r, yaml_node_t *list, size_t i);
/* Whether the map has this key; its value, or NULL. */
yaml_node_t *model_find(struct model_reader *r, yaml_node_t *map, const char *key);

/* Scalars. An error leaves the result at 0. */
struct text model_text(struct model_reader *r, yaml_node_t *n, size_t max);
struct text model_copy_text(struct model_reader *r, yaml_node_t *n, size_t max);
long model_number(struct model_reader *r, yaml_node_t *n, long min, long max);
bool model_bool(struct model_reader *r, yaml_node_t *n);
bool model_is_null(const yaml_node_t *n);
/* The place of the word among names (holes are NULL). */
unsigned model_word(struct model_reader *r, yaml_node_t *n, const char *const *names, size_t count);
/* "1.3.6.1.4.1.253", or ".8.53" on the family's root, kept as BER. */
struct oid_ber model_oid(struct model_reader *r, yaml_node_t *n);

#define MODEL_NAMES(a) (a), sizeof(a) / sizeof((a)[0])

/* ---- what it means ---------------------------------------------------------------------- */

/* A whole file: one family, and one more for each vendor with a root of its own. */
void model_read_file(struct model_reader *r, yaml_node_t *root);
/* `get:` and `tables:` of a family. */
void model_parse_gets(struct model_reader *r, yaml_node_t *list, void *ctx);
void model_parse_tables(struct model_reader *r, yaml_node_t *list, void *ctx);
/* The number of a role's name. */
uint8_t model_role_of(struct model_reader *r, yaml_node_t *n);

/* What targets belong to, and thus what they can ask of a row. */
struct model_place {
	bool is_codes; /* the records of a scalar; else the rows of a table */
	bool is_each_device;
	bool has_label;
	unsigned keys; /* key columns */
};
void model_parse_targets(struct model_reader *r, yaml_node_t *list, const struct model_place *place,
	struct model_targets *ret);
/* "1.*.33" into index and index_count. */
void model_parse_index(struct model_reader *r, yaml_node_t *v, struct model_target *to);

struct embedded_model {
	const char *name;
	const unsigned char *bytes;
	size_t len;
};
/* Made by the build from proto/models; ends with a row of NULL. */
extern const struct embedded_model embedded_models[];

#endif
