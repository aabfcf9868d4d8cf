/* SPDX-License-Identifier: Apache-2.0
 * Shared by the files of proto/model: the set under construction, and the parser of one file.
 *
 *   model_set.c the set: growing arrays, the built-in files
 *   model_yaml.c the YAML tree of a file, with line numbers
 *   model_read.c its meaning: family, vendors, quirks, lines
 *   model_targets.c its meaning: scalars and targets
 *   model_tables.c its meaning: tables and their columns
 *   model_recognise.c recognition of a device */
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

/* A file being parsed. The first error stays and stops everything after it. */
struct model_reader {
	struct model_memory *memory;
	const char *file;
	struct text file_copy; /* the same, valid as long as the set */
	yaml_document_t *document;
	char *why; /* LIMIT_WHY */
	int err;
	/* The family under construction. */
	struct model family;
	struct oid root;
	bool has_root;
	/* Parses only the vendor with this number, which has a root of its own; -1: all without
	 * one. */
	int only_vendor;
};

/* Appends a zeroed row; NULL and an error if the set is full. */
void *model_add(struct model_reader *r, enum model_array array, yaml_node_t *at);
uint16_t model_count(const struct model_reader *r, enum model_array array);

/* Copies bytes for the lifetime of the set; NULL and an error if the set is full. */
void *model_copy(struct model_reader *r, const void *bytes, size_t n, yaml_node_t *at);

/* Sets the first error, with the line of the node. Always returns false. */
bool model_fail(struct model_reader *r, const yaml_node_t *at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void model_fail_memory(struct model_reader *r, const yaml_node_t *at);

/* ---- the tree --------------------------------------------------------------------------- */

/* Parses the bytes of a file as one YAML document and passes its tree to model_read_file. */
void model_load(struct model_reader *r, const uint8_t *bytes, size_t len);

/* A key of a map and the function for its value. */
struct model_key {
	const char *name;
	void (*parse)(struct model_reader *r, yaml_node_t *value, void *ctx);
};

/* Defines parse_NAME: assigns the value `v` to a member of the struct being built. */
#define MODEL_SETTER(name, type, assignment)                                                       \
	static void parse_##name(struct model_reader *r, yaml_node_t *v, void *ctx)                \
	{                                                                                          \
		(void)r;                                                                           \
		((type *)ctx)->assignment;                                                         \
	}

/* Calls the function of every pair. Unknown keys, duplicate keys and values other than a map are
 * errors. */
void model_each_key(struct model_reader *r, yaml_node_t *map, const struct model_key *keys,
	size_t count, void *ctx);

/* The i-th item of a list; NULL after the last. NULL and an error if the node is no list. */
yaml_node_t *model_item(struct model_reader *r, yaml_node_t *list, size_t i);
/* The value of a key, or NULL. */
yaml_node_t *model_find(struct model_reader *r, yaml_node_t *map, const char *key);

/* Scalars. An error leaves the result at 0. */
struct text model_text(struct model_reader *r, yaml_node_t *n, size_t max);
struct text model_copy_text(struct model_reader *r, yaml_node_t *n, size_t max);
long model_number(struct model_reader *r, yaml_node_t *n, long min, long max);
bool model_bool(struct model_reader *r, yaml_node_t *n);
bool model_is_null(const yaml_node_t *n);
/* The index of the word among names (which may have gaps). */
unsigned model_word(struct model_reader *r, yaml_node_t *n, const char *const *names, size_t count);
/* "1.3.6.1.4.1.253", or ".8.53" relative to the family's root, as BER that lives as long as the
 * set. */
struct oid_ber model_oid(struct model_reader *r, yaml_node_t *n);

#define MODEL_NAMES(a) (a), sizeof(a) / sizeof((a)[0])

/* ---- what it means ---------------------------------------------------------------------- */

/* Parses a file: one family, and another for each vendor with a root of its own. */
void model_read_file(struct model_reader *r, yaml_node_t *root);
/* `get:` and `tables:` of a family. */
void model_parse_gets(struct model_reader *r, yaml_node_t *list, void *ctx);
void model_parse_tables(struct model_reader *r, yaml_node_t *list, void *ctx);
/* The number of a role. */
uint8_t model_role_of(struct model_reader *r, yaml_node_t *n);

/* The context of targets, which limits what they may require of a row. */
struct model_place {
	bool is_codes; /* records of a scalar; else rows of a table */
	bool is_each_device;
	bool has_label;
	unsigned keys; /* key columns */
};
void model_parse_targets(struct model_reader *r, yaml_node_t *list, const struct model_place *place,
	struct model_targets *ret);
/* Parses "1.*.33" into index and index_count. */
void model_parse_index(struct model_reader *r, yaml_node_t *v, struct model_target *to);

struct embedded_model {
	const char *name;
	const unsigned char *bytes;
	size_t len;
};
/* Generated by the build from proto/model/models; ends with a NULL name. */
extern const struct embedded_model embedded_models[];

#endif
