/* SPDX-License-Identifier: Apache-2.0
 * YAML into a struct, by the key table. libyaml's event parser supplies the position of each token;
 * a small stack of levels holds what may come next. Wrong keys and values are collected and reading
 * goes on, so that one run shows them all; a syntax error ends it. There is no recursion: the value
 * of an unknown key is skipped by counting. Anchors, aliases and tags are refused, because no key
 * needs them and a few lines of them can expand to a gigabyte. */
#include "engine/conf/load.h"

#include "proto/base/limits.h"
#include "proto/base/writer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

enum { LEVELS_MAX = 5, NAME_SHOWN = 64, PATH_MAX_BYTES = 128 };

enum pending {
	PENDING_NONE,    /* a key comes next */
	PENDING_KEY,     /* the value of `key` */
	PENDING_SECTION, /* the map of section `section_next` */
	PENDING_UNKNOWN  /* something to pass over */
};

/* One map or list that the reader is inside of. */
struct level {
	bool is_list;
	enum pending pending;
	const struct conf_table *table;
	void *base;
	const char *section; /* its name is the start of a key's path; "" with length 0: none */
	size_t section_len;
	const struct conf_key *key; /* of the pending value; of a list: the list's own */
	const char *section_next;
	size_t section_next_len;
	struct conf_item *item; /* a map in a list */
	struct conf_item **end; /* a list of maps: where the next item is hung */
	size_t count;           /* a list: items so far */
	struct conf_mark at;    /* a list: where it begins */
};

struct reader {
	struct conf_load *l;
	void *base;
	const uint8_t *bytes;
	size_t len;
	struct level levels[LEVELS_MAX];
	size_t depth;
	size_t nested;  /* maps and lists open, those passed over included */
	size_t skipped; /* of those, passed over */
	unsigned documents;
	struct conf_mark sections[CONF_KEYS_MAX]; /* by the place of the section's first key */
	struct conf_mark item_given[CONF_KEYS_MAX];
};

static struct conf_mark mark_of(const struct reader *r, yaml_mark_t m)
{
	return (struct conf_mark){(unsigned)m.line + 1, (unsigned)m.column + 1, r->l->current};
}

static bool is_start(const yaml_event_t *e)
{
	return e->type == YAML_MAPPING_START_EVENT || e->type == YAML_SEQUENCE_START_EVENT;
}

static const char *kind_of(const yaml_event_t *e)
{
	return e->type == YAML_MAPPING_START_EVENT    ? "a map"
	       : e->type == YAML_SEQUENCE_START_EVENT ? "a list"
						      : "a single value";
}

static bool is_null(const yaml_event_t *e)
{
	if (e->type != YAML_SCALAR_EVENT || e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	const char *v = (const char *)e->data.scalar.value;
	return strcmp(v, "") == 0 || strcmp(v, "~") == 0 || strcmp(v, "null") == 0;
}

static struct level *top(struct reader *r)
{
	return r->depth == 0 ? NULL : &r->levels[r->depth - 1];
}

static struct level *push(struct reader *r, const struct conf_table *table)
{
	/* root, section, list, item, a list of networks: the tables go no deeper. */
	struct level *level = &r->levels[r->depth++];
	*level = (struct level){.section = "", .table = table};
	return level;
}

/* Passes over a value that begins with `e`. */
static void skip(struct reader *r, const yaml_event_t *e)
{
	if (is_start(e))
		r->skipped = 1;
}

/* ---- keys ---- */

static int section_of(const struct conf_table *t, const char *name, size_t len)
{
	for (size_t i = 0; i < t->count; i++) {
		const char *path = t->keys[i].path;
		if (strncmp(path, name, len) == 0 && path[len] == '.')
			return (int)i;
	}
	return -1;
}

static void say_unknown(
	struct reader *r, const struct level *level, const char *name, struct conf_mark at)
{
	char shown[NAME_SHOWN], hint[2 * PATH_MAX_BYTES], in[PATH_MAX_BYTES] = "";
	(void)str_quote(shown, sizeof shown, name, strlen(name));
	if (level->section_len > 0)
		(void)snprintf(
			in, sizeof in, " in \"%.*s\"", (int)level->section_len, level->section);
	else if (level->item != NULL)
		(void)snprintf(in, sizeof in, " in an entry of \"%s\"", level->table->title);
	conf_closest_hint(
		hint, sizeof hint, level->table, level->section, level->section_len, name);
	conf_say(r->l, at, "unknown key %s%s%s", shown, in, hint);
}

/* Whether the key stands here for the first time in this file. */
static bool take_mark(struct reader *r, struct conf_mark *first, const char *name, size_t len,
	struct conf_mark at)
{
	if (first->line == 0 || first->file != at.file) {
		*first = at;
		return true;
	}
	conf_say(
		r->l, at, "\"%.*s\" is given twice, first on line %u", (int)len, name, first->line);
	return false;
}

static void on_key(struct reader *r, struct level *level, const yaml_event_t *e)
{
	struct conf_mark at = mark_of(r, e->start_mark);
	level->pending = PENDING_UNKNOWN;
	if (e->type != YAML_SCALAR_EVENT) {
		conf_say(r->l, at, "a key is a single word, not %s", kind_of(e));
		skip(r, e);
		return;
	}
	const char *name = (const char *)e->data.scalar.value;
	size_t len = e->data.scalar.length;
	char path[PATH_MAX_BYTES];
	int n = snprintf(path, sizeof path, "%.*s%s%s", (int)level->section_len, level->section,
		level->section_len > 0 ? "." : "", name);
	bool is_whole = n > 0 && (size_t)n < sizeof path && strlen(name) == len;
	bool is_dotted = strchr(name, '.') != NULL;
	int place = is_whole && !is_dotted ? conf_table_find(level->table, path) : -1;
	if (place >= 0) {
		struct conf_mark *given = level->item != NULL ? r->item_given : r->l->given;
		if (!take_mark(r, &given[place], path, (size_t)n, at))
			return;
		if (level->item != NULL)
			level->item->given |= 1u << place;
		level->key = &level->table->keys[place];
		level->pending = PENDING_KEY;
		return;
	}
	place = is_whole && !is_dotted && level->section_len == 0
			? section_of(level->table, name, len)
			: -1;
	if (place < 0) {
		say_unknown(r, level, name, at);
		return;
	}
	if (!take_mark(r, &r->sections[place], name, len, at))
		return;
	level->section_next = level->table->keys[place].path;
	level->section_next_len = len;
	level->pending = PENDING_SECTION;
}

/* ---- values ---- */

static void say_kind(struct reader *r, const struct conf_key *k, const yaml_event_t *e)
{
	struct conf_mark at = mark_of(r, e->start_mark);
	if (is_null(e))
		conf_say(r->l, at, "\"%s\" has no value", k->path);
	else if (k->type == CONF_LIST)
		conf_say(r->l, at, "\"%s\" takes a list, not %s", k->path, kind_of(e));
	else
		conf_say(r->l, at, "\"%s\" takes a single value, not %s", k->path, kind_of(e));
}

static void on_list(struct reader *r, struct level *level, struct conf_mark at)
{
	const struct conf_key *key = level->key;
	struct level *list = push(r, key->items);
	list->is_list = true;
	list->key = key;
	list->at = at;
	list->base = level->base;
	if (key->type == CONF_LIST)
		list->end = (struct conf_item **)(void *)((char *)level->base + key->offset);
	/* The entries of the files before this one. */
	for (; list->end != NULL && *list->end != NULL; list->end = &(*list->end)->next)
		list->count++;
	if (level->item == NULL)
		r->l->given[key - level->table->keys] = at;
}

static bool is_list_of_texts(const struct conf_key *k)
{
	return k->type == CONF_NETS || k->type == CONF_ACCEPT || k->type == CONF_TIMES ||
	       k->type == CONF_WEEKDAYS || k->type == CONF_FIELDS || k->type == CONF_PINS;
}

static const char *entry_of(const struct conf_key *k)
{
	switch (k->type) {
	case CONF_TIMES:
		return "time";
	case CONF_WEEKDAYS:
		return "weekday";
	case CONF_FIELDS:
		return "field";
	case CONF_PINS:
		return "digest";
	default:
		return "network";
	}
}

/* Of a list of networks, times, days or digests: one, or several with commas between. */
static void on_text(struct reader *r, struct level *list, const yaml_event_t *e)
{
	struct conf_mark at = mark_of(r, e->start_mark);
	const struct conf_key *k = list->key;
	bool is_text = e->type == YAML_SCALAR_EVENT && !is_null(e) && e->data.scalar.length > 0;
	size_t nth = list->count++;
	if (!is_text) {
		conf_say(r->l, at, "each entry of \"%s\" is a %s, not %s", k->path, entry_of(k),
			e->type == YAML_SCALAR_EVENT ? "nothing" : kind_of(e));
		skip(r, e);
	} else if (nth < LIMIT_CONF_NETS_LIST) {
		(void)conf_store(r->l, k, list->base, (const char *)e->data.scalar.value,
			e->data.scalar.length, at);
	} else if (nth == LIMIT_CONF_NETS_LIST) {
		conf_say(
			r->l, at, "\"%s\" has more than %d entries", k->path, LIMIT_CONF_NETS_LIST);
	}
}

/* An empty list differs from a missing key: an empty access.allow must not allow everything. */
static void end_list(struct reader *r, const struct level *list)
{
	if (is_list_of_texts(list->key) && list->count == 0)
		conf_say(r->l, list->at, "\"%s\" is empty: leave the key out, or name a %s",
			list->key->path, entry_of(list->key));
}

/* A wrong value leaves its message, and nothing is stored. */
static int store_value(struct reader *r, struct level *level, const yaml_event_t *e)
{
	const struct conf_key *k = level->key;
	struct conf_mark at = mark_of(r, e->start_mark);
	if (e->type == YAML_SEQUENCE_START_EVENT && (k->type == CONF_LIST || is_list_of_texts(k))) {
		on_list(r, level, at);
		return 0;
	}
	if (k->type == CONF_LIST || e->type != YAML_SCALAR_EVENT || is_null(e)) {
		say_kind(r, k, e);
		skip(r, e);
		return ERR_CONF;
	}
	if (k->type == CONF_COUNT && e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return conf_say(
			r->l, at, "\"%s\" takes a whole number, not a text in quotes", k->path);
	const char *value = (const char *)e->data.scalar.value;
	size_t len = e->data.scalar.length;
	if (len == 0)
		return conf_say(r->l, at, "\"%s\" is empty", k->path);
	int err = conf_store(r->l, k, level->base, value, len, at);
	if (level->item == NULL)
		r->l->given[k - level->table->keys] = at;
	return err;
}

static void on_key_value(struct reader *r, struct level *level, const yaml_event_t *e)
{
	size_t place = (size_t)(level->key - level->table->keys);
	bool is_in_item = level->item != NULL;
	if (store_value(r, level, e) < 0 && !is_in_item)
		r->l->is_refused[place] = true;
}

static void on_section(struct reader *r, struct level *level, const yaml_event_t *e)
{
	if (is_null(e))
		return; /* a section whose keys are all commented out */
	if (e->type != YAML_MAPPING_START_EVENT) {
		conf_say(r->l, mark_of(r, e->start_mark), "\"%.*s\" takes a map of keys, not %s",
			(int)level->section_next_len, level->section_next, kind_of(e));
		skip(r, e);
		return;
	}
	struct level *section = push(r, level->table);
	section->base = level->base;
	section->section = level->section_next;
	section->section_len = level->section_next_len;
}

static void on_item(struct reader *r, struct level *list, const yaml_event_t *e)
{
	struct conf_mark at = mark_of(r, e->start_mark);
	if (is_list_of_texts(list->key)) {
		on_text(r, list, e);
		return;
	}
	if (e->type != YAML_MAPPING_START_EVENT) {
		conf_say(r->l, at, "each entry of \"%s\" is a map, not %s", list->key->path,
			kind_of(e));
		skip(r, e);
		return;
	}
	struct conf_item *item = NULL;
	if (list->count < list->key->max)
		item = conf_take(r->l->memory, list->table->item_bytes);
	if (item == NULL) {
		/* One message, for the first entry over the limit. */
		if (list->count++ <= list->key->max)
			conf_say(r->l, at, "\"%s\" has more than %llu entries", list->key->path,
				(unsigned long long)list->key->max);
		list->count = list->key->max + 1;
		skip(r, e);
		return;
	}
	list->count++;
	item->line = at.line;
	item->column = at.column;
	item->file = at.file;
	*list->end = item;
	list->end = &item->next;
	memset(r->item_given, 0, sizeof r->item_given);
	struct level *map = push(r, list->table);
	map->base = item;
	map->item = item;
	(void)conf_store_presets(r->l, map->table, item);
}

static void on_root(struct reader *r, const yaml_event_t *e)
{
	if (is_null(e))
		return; /* an empty file: all defaults */
	if (e->type != YAML_MAPPING_START_EVENT) {
		conf_say(r->l, mark_of(r, e->start_mark),
			"a configuration is a map of keys, not %s", kind_of(e));
		skip(r, e);
		return;
	}
	struct level *root = push(r, r->l->table);
	root->base = r->base;
}

/* A scalar, or the start of a map or list. */
static void on_node(struct reader *r, const yaml_event_t *e)
{
	struct level *level = top(r);
	if (r->skipped > 0) {
		r->skipped += is_start(e) ? 1 : 0;
		return;
	}
	if (level == NULL) {
		on_root(r, e);
		return;
	}
	if (level->is_list) {
		on_item(r, level, e);
		return;
	}
	enum pending pending = level->pending;
	level->pending = PENDING_NONE;
	switch (pending) {
	case PENDING_NONE:
		on_key(r, level, e);
		break;
	case PENDING_KEY:
		on_key_value(r, level, e);
		break;
	case PENDING_SECTION:
		on_section(r, level, e);
		break;
	case PENDING_UNKNOWN:
		skip(r, e);
		break;
	}
}

static void on_end(struct reader *r)
{
	r->nested--;
	if (r->skipped > 0) {
		r->skipped--;
	} else if (r->depth > 0) {
		if (top(r)->is_list)
			end_list(r, top(r));
		r->depth--;
	}
}

/* Why the event is refused for its anchor, alias or tag, or NULL. */
static const char *refused_form(const yaml_event_t *e)
{
	const yaml_char_t *anchor = NULL, *tag = NULL;
	switch ((int)e->type) {
	case YAML_SCALAR_EVENT:
		anchor = e->data.scalar.anchor;
		tag = e->data.scalar.tag;
		break;
	case YAML_SEQUENCE_START_EVENT:
		anchor = e->data.sequence_start.anchor;
		tag = e->data.sequence_start.tag;
		break;
	case YAML_MAPPING_START_EVENT:
		anchor = e->data.mapping_start.anchor;
		tag = e->data.mapping_start.tag;
		break;
	default:
		break;
	}
	if (anchor != NULL || e->type == YAML_ALIAS_EVENT)
		return "anchors and aliases (& and *) are not allowed; quote a text that begins so";
	return tag != NULL ? "tags (!) are not allowed; quote a text that begins so" : NULL;
}

static int on_event(struct reader *r, const yaml_event_t *e)
{
	struct conf_mark at = mark_of(r, e->start_mark);
	if (e->type == YAML_DOCUMENT_START_EVENT && ++r->documents > 1)
		return conf_say(
			r->l, at, "a second document begins here; one file is one configuration");
	const char *refused = refused_form(e);
	if (refused != NULL)
		return conf_say(r->l, at, "%s", refused);
	if (is_start(e) && ++r->nested > LIMIT_CONF_DEPTH)
		return conf_say(r->l, at, "nested deeper than %d levels", LIMIT_CONF_DEPTH);
	if (is_start(e) || e->type == YAML_SCALAR_EVENT)
		on_node(r, e);
	else if (e->type == YAML_MAPPING_END_EVENT || e->type == YAML_SEQUENCE_END_EVENT)
		on_end(r);
	return r->l->error->count >= LIMIT_CONF_MESSAGES ? ERR_CONF : 0;
}

/* ---- form ---- */

/* The line that the mark is in, up to the mark, has a tab in its indentation. */
static bool is_tab_trouble(const struct reader *r, struct conf_mark at)
{
	size_t begin = 0;
	for (unsigned line = 1; line < at.line; line++) {
		const uint8_t *newline = memchr(r->bytes + begin, '\n', r->len - begin);
		if (newline == NULL)
			return false;
		begin = (size_t)(newline - r->bytes) + 1;
	}
	while (begin < r->len && r->bytes[begin] == ' ')
		begin++;
	return begin < r->len && r->bytes[begin] == '\t';
}

static struct conf_mark mark_of_offset(const struct reader *r, size_t offset)
{
	struct conf_mark at = {1, 1, r->l->current};
	for (size_t i = 0; i < offset && i < r->len; i++) {
		at.column++;
		if (r->bytes[i] == '\n')
			at = (struct conf_mark){at.line + 1, 1, at.file};
	}
	return at;
}

static void say_form(struct reader *r, const yaml_parser_t *p)
{
	const char *problem = p->problem != NULL ? p->problem : "no memory";
	if (p->error == YAML_READER_ERROR) {
		conf_say(r->l, mark_of_offset(r, p->problem_offset), "is not plain UTF-8 text: %s",
			problem);
		return;
	}
	struct conf_mark at = mark_of(r, p->problem_mark);
	if (is_tab_trouble(r, at))
		conf_say(r->l, at, "a tab; YAML is indented with blanks only");
	else if (p->context != NULL)
		conf_say(r->l, at, "is not YAML: %s, %s that began on line %u", problem, p->context,
			mark_of(r, p->context_mark).line);
	else
		conf_say(r->l, at, "is not YAML: %s", problem);
}

int conf_yaml_read(struct conf_load *l, void *base, const uint8_t *bytes, size_t len)
{
	static const char mark[] = "\xef\xbb\xbf";
	if (len >= 3 && memcmp(bytes, mark, 3) == 0) {
		/* The byte order mark that some editors write. */
		bytes += 3;
		len -= 3;
	}
	struct reader r = {.l = l, .base = base, .bytes = bytes, .len = len};
	yaml_parser_t parser;
	if (!yaml_parser_initialize(&parser))
		return -ENOMEM;
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, bytes, len);
	int err = 0;
	bool is_over = false;
	while (err == 0 && !is_over) {
		yaml_event_t event;
		if (!yaml_parser_parse(&parser, &event)) {
			say_form(&r, &parser);
			err = ERR_CONF;
			break;
		}
		is_over = event.type == YAML_STREAM_END_EVENT;
		err = on_event(&r, &event);
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	return l->error->count > 0 ? ERR_CONF : err;
}
