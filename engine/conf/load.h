/* SPDX-License-Identifier: Apache-2.0
 * What the files of conf share among themselves: memory, messages, and the steps of a load. */
#ifndef PLATEN_CONF_LOAD_H
#define PLATEN_CONF_LOAD_H

#include "engine/conf/conf.h"
#include "engine/conf/table.h"
#include "proto/base/buf.h"

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

enum { CONF_KEYS_MAX = 64 };

/* A place in a file as people count, from 1; line 0: nowhere. */
struct conf_mark {
	unsigned line, column;
	const char *file; /* NULL: the main one (conf_say) */
};

struct conf_load {
	const char *file;    /* the main one: relative paths begin in its folder */
	size_t dir_len;      /* of `file`, the last '/' included */
	const char *current; /* that is read now: `file`, or one of its drop-ins */
	const struct conf_table *table;
	struct conf_memory *memory;
	struct conf_error *error;
	struct conf_mark given[CONF_KEYS_MAX]; /* where each key's value stands, by its place */
	bool is_whole;                         /* every file was read to its end */
};

/* Adds one message about a place in at.file: line 0 leaves the position out, column 0 only the
 * column. Returns ERR_CONF. */
int conf_error_say(struct conf_error *e, struct conf_mark at, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

/* The same about a place in the main file where at.file is NULL. */
int conf_say(const struct conf_load *l, struct conf_mark at, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

/* A whole file. */
static inline struct conf_mark conf_in_file(const char *file)
{
	return (struct conf_mark){.file = file};
}

/* The *.yaml of a folder that only this user or root can write, in the order of their names. Hidden
 * files are left out: editors leave them behind. */
struct conf_folder {
	size_t count;
	char name[LIMIT_MODELS][NAME_MAX + 1];
};

/* 0, or ERR_CONF with a message. If is_optional, a folder that does not exist is an empty one. */
int conf_list_folder(struct conf_folder *f, const char *folder, bool is_optional,
	struct conf_error *error) MUST_USE;

/* Reads a secret of the configuration: from a private file, or from the environment ("env:NAME")
 * where secrets.allow_env is on. False after a message about `key`. */
bool conf_read_secret(struct conf_load *l, const struct agent_conf *c, struct secret *s,
	const char *key, const char *source, struct conf_mark at);

/* The place of an entry of a list. */
struct conf_mark conf_mark_of(const struct conf_item *item);

/* Adds a message that has its place in it already. Returns ERR_CONF. */
int conf_say_line(struct conf_error *e, const char *line);

int conf_memory_open(struct conf_memory **ret) MUST_USE;
void conf_memory_close(struct conf_memory *m); /* wipes all of it; NULL is harmless */
size_t conf_memory_bytes(const struct conf_memory *m);
void *conf_take(struct conf_memory *m, size_t n) MUST_USE;                    /* zeroed, or NULL */
char *conf_keep(struct conf_memory *m, const char *bytes, size_t n) MUST_USE; /* or NULL */
/* The same bytes give the same pointer. */
const char *conf_intern(struct conf_memory *m, const char *bytes, size_t n) MUST_USE;

/* Reads a whole file of at most `max` bytes. ERR_CONF and a message that names it. */
int conf_read_file(
	struct buf *dst, const char *path, size_t max, struct conf_error *error) MUST_USE;

/* Converts one scalar by the key's type and stores it. 0, or ERR_CONF after a message at `at`. */
int conf_store(struct conf_load *l, const struct conf_key *k, void *base, const char *value,
	size_t len, struct conf_mark at);

/* "1 to 100000", "1s to 7d": the bounds of a number, in the units that people write. */
void conf_show_bounds(char *dst, size_t cap, const struct conf_key *k);

/* Stores the defaults of a table into a zeroed struct. */
int conf_store_presets(struct conf_load *l, const struct conf_table *t, void *base);

/* Reads the YAML of l->current into the struct at `base` by l->table, collecting messages: lists
 * are appended to, other values replaced. 0 or ERR_CONF. */
int conf_yaml_read(struct conf_load *l, void *base, const uint8_t *bytes, size_t len) MUST_USE;

/* The checks across the keys of the credentials; numbers them in their order and reads their
 * secrets. Leaves messages. */
void conf_check_credentials(struct conf_load *l, struct agent_conf *c);

/* The same of one target, after the credentials. */
void conf_check_target(struct conf_load *l, const struct agent_conf *c, struct conf_target *t);

/* Copies version and community from t->credential. */
void conf_target_use(struct conf_target *t);

/* https://host[:port][/path]: cut into parts, the host without brackets. 0, or ERR_CONF with a
 * short reason in why. */
struct conf_url {
	char host[256];
	uint16_t port;
	char path[512]; /* begins and ends with '/' */
};
int conf_url_parse(struct conf_url *ret, const char *text, char *why, size_t why_cap) MUST_USE;

/* `path` made absolute by the folder of the file that named it. NULL: no memory. */
const char *conf_resolve(struct conf_load *l, const char *path, size_t len);

#endif
