/* SPDX-License-Identifier: Apache-2.0
 * The YAML tree of a model file. libyaml composes it without recursion; the recursion here is
 * bounded by the format. Errors name FILE:LINE:COLUMN. */
#include "proto/model/model_internal.h"

#include "proto/base/closest.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS_MAX = 32 };

bool model_fail(struct model_reader *r, const yaml_node_t *at, const char *format, ...)
{
	va_list args;
	if (r->err < 0)
		return false;
	r->err = ERR_CONF;
	int n = at != NULL ? snprintf(r->why, LIMIT_WHY, "%s:%zu:%zu: ", r->file,
				     at->start_mark.line + 1, at->start_mark.column + 1)
			   : snprintf(r->why, LIMIT_WHY, "%s: ", r->file);
	if (n < 0 || n >= LIMIT_WHY)
		return false;
	va_start(args, format);
	(void)vsnprintf(r->why + n, LIMIT_WHY - (size_t)n, format, args);
	va_end(args);
	return false;
}

static yaml_node_t *node(struct model_reader *r, int id)
{
	return yaml_document_get_node(r->document, id);
}

static const char *scalar(const yaml_node_t *n, size_t *len)
{
	*len = n->data.scalar.length;
	return (const char *)n->data.scalar.value;
}

static bool is_scalar(struct model_reader *r, const yaml_node_t *n)
{
	if (n == NULL || n->type != YAML_SCALAR_NODE)
		return model_fail(r, n, "a single value is expected here");
	return true;
}

/* ---- maps and lists --------------------------------------------------------------------- */

/* Suggests the nearest word, or lists all of them. */
static void fail_word(struct model_reader *r, const yaml_node_t *at, const char *what,
	struct text name, const char *const *words, size_t count)
{
	char all[LIMIT_WHY] = "";
	size_t len = 0;
	const char *meant = closest_word(name.p, name.len, words, count);
	if (meant != NULL) {
		(void)model_fail(r, at, "unknown %s \"%.*s\"; did you mean \"%s\"?", what,
			TEXT_ARG(name), meant);
		return;
	}
	for (size_t i = 0; i < count && len < sizeof all; i++) {
		int n = snprintf(all + len, sizeof all - len, "%s%s", i > 0 ? ", " : "", words[i]);
		len += n > 0 ? (size_t)n : 0;
	}
	(void)model_fail(r, at, "unknown %s \"%.*s\"; known are %s", what, TEXT_ARG(name), all);
}

static const struct model_key *key_named(
	const struct model_key *keys, size_t count, struct text name)
{
	for (size_t i = 0; i < count; i++) {
		if (text_is(name, keys[i].name))
			return &keys[i];
	}
	return NULL;
}

static void fail_key(struct model_reader *r, const yaml_node_t *at, const struct model_key *keys,
	size_t count, struct text name)
{
	const char *names[KEYS_MAX];
	for (size_t i = 0; i < count; i++)
		names[i] = keys[i].name;
	fail_word(r, at, "key", name, names, count);
}

void model_each_key(struct model_reader *r, yaml_node_t *map, const struct model_key *keys,
	size_t count, void *ctx)
{
	uint32_t seen = 0;
	if (map == NULL || map->type != YAML_MAPPING_NODE) {
		(void)model_fail(r, map, "a map is expected here");
		return;
	}
	for (yaml_node_pair_t *p = map->data.mapping.pairs.start;
		p < map->data.mapping.pairs.top && r->err == 0; p++) {
		yaml_node_t *key = node(r, p->key);
		struct text name = model_text(r, key, LIMIT_TEXT_SHORT);
		if (r->err < 0)
			return;
		const struct model_key *found = key_named(keys, count, name);
		if (found == NULL) {
			fail_key(r, key, keys, count, name);
			return;
		}
		uint32_t bit = 1u << (found - keys);
		if ((seen & bit) != 0) {
			(void)model_fail(r, key, "duplicate key \"%s\"", found->name);
			return;
		}
		seen |= bit;
		if (found->parse != NULL)
			found->parse(r, node(r, p->value), ctx);
	}
}

yaml_node_t *model_find(struct model_reader *r, yaml_node_t *map, const char *key)
{
	if (map == NULL || map->type != YAML_MAPPING_NODE)
		return NULL;
	for (yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top;
		p++) {
		yaml_node_t *name = node(r, p->key);
		if (name->type == YAML_SCALAR_NODE && name->data.scalar.length == strlen(key) &&
			memcmp(name->data.scalar.value, key, strlen(key)) == 0)
			return node(r, p->value);
	}
	return NULL;
}

yaml_node_t *model_item(struct model_reader *r, yaml_node_t *list, size_t i)
{
	if (r->err < 0)
		return NULL;
	if (list == NULL || list->type != YAML_SEQUENCE_NODE) {
		(void)model_fail(r, list, "a list is expected here: [a, b] or lines with \"-\"");
		return NULL;
	}
	size_t count = (size_t)(list->data.sequence.items.top - list->data.sequence.items.start);
	return i < count ? node(r, list->data.sequence.items.start[i]) : NULL;
}

/* ---- scalars ---------------------------------------------------------------------------- */

struct text model_text(struct model_reader *r, yaml_node_t *n, size_t max)
{
	size_t len;
	if (!is_scalar(r, n))
		return (struct text){NULL, 0};
	const char *p = scalar(n, &len);
	if (len > max) {
		(void)model_fail(r, n, "longer than %zu bytes", max);
		return (struct text){NULL, 0};
	}
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)p[i];
		/* C1 is c2 80 to c2 9f; libyaml lets nothing through that is not UTF-8. */
		bool is_c1 = c == 0xc2 && i + 1 < len && (unsigned char)p[i + 1] < 0xa0;
		if (c < 0x20 || c == 0x7f || is_c1) {
			(void)model_fail(r, n, "has a control character");
			return (struct text){NULL, 0};
		}
	}
	return (struct text){p, len};
}

struct text model_copy_text(struct model_reader *r, yaml_node_t *n, size_t max)
{
	struct text t = model_text(r, n, max);
	if (r->err < 0)
		return (struct text){NULL, 0};
	const char *kept = model_copy(r, t.p, t.len, n);
	return kept == NULL ? (struct text){NULL, 0} : (struct text){kept, t.len};
}

long model_number(struct model_reader *r, yaml_node_t *n, long min, long max)
{
	char digits[16], *end;
	struct text t = model_text(r, n, sizeof digits - 1);
	if (r->err < 0)
		return 0;
	memcpy(digits, t.p, t.len);
	digits[t.len] = '\0';
	bool is_hex = t.len > 2 && digits[0] == '0' && digits[1] == 'x';
	long v = strtol(digits, &end, is_hex ? 16 : 10);
	if (t.len == 0 || *end != '\0' || v < min || v > max) {
		(void)model_fail(r, n, "a number from %ld to %ld is expected here", min, max);
		return 0;
	}
	return v;
}

bool model_is_null(const yaml_node_t *n)
{
	return n != NULL && n->type == YAML_SCALAR_NODE &&
	       n->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	       (n->data.scalar.length == 0 ||
		       (n->data.scalar.length == 1 && n->data.scalar.value[0] == '~'));
}

unsigned model_word(struct model_reader *r, yaml_node_t *n, const char *const *names, size_t count)
{
	struct text t = model_text(r, n, LIMIT_TEXT_SHORT);
	const char *words[KEYS_MAX];
	size_t known = 0;
	if (r->err < 0)
		return 0;
	for (size_t i = 0; i < count; i++) {
		if (names[i] == NULL)
			continue;
		if (text_is(t, names[i]))
			return (unsigned)i;
		if (known < KEYS_MAX)
			words[known++] = names[i];
	}
	fail_word(r, n, "word", t, words, known);
	return 0;
}

bool model_bool(struct model_reader *r, yaml_node_t *n)
{
	static const char *const words[] = {"false", "true"};
	return model_word(r, n, MODEL_NAMES(words)) == 1;
}

struct oid_ber model_oid(struct model_reader *r, yaml_node_t *n)
{
	struct oid_ber none = {NULL, 0};
	char dotted[LIMIT_TEXT + 1];
	uint8_t ber[LIMIT_OID_BER];
	struct oid oid, tail;
	struct text t = model_text(r, n, LIMIT_TEXT);
	if (r->err < 0)
		return none;
	memcpy(dotted, t.p, t.len);
	dotted[t.len] = '\0';
	bool is_relative = dotted[0] == '.';
	if (is_relative && !r->has_root) {
		(void)model_fail(r, n, "an OID that hangs on a \"root\", and the file names none");
		return none;
	}
	int err;
	if (is_relative) {
		/* Any valid first two numbers, so that the rest parses as an OID. */
		char whole[LIMIT_TEXT + 8];
		(void)snprintf(whole, sizeof whole, "1.3%s", dotted);
		err = oid_from_text(&tail, whole);
		oid = r->root;
		if (err == 0 && oid.len + tail.len - 2 > LIMIT_OID_SUBIDS)
			err = ERR_LIMIT;
		for (size_t i = 2; err == 0 && i < tail.len; i++)
			oid.sub[oid.len++] = tail.sub[i];
	} else {
		err = oid_from_text(&oid, dotted);
	}
	int len = err == 0 ? oid_encode(ber, sizeof ber, &oid) : err;
	if (len <= 0) {
		(void)model_fail(r, n, "\"%s\" is no OID", dotted);
		return none;
	}
	const uint8_t *kept = model_copy(r, ber, (size_t)len, n);
	return kept == NULL ? none : (struct oid_ber){kept, (size_t)len};
}

/* ---- a file ----------------------------------------------------------------------------- */

/* The line and column of bytes that are no text: libyaml gives only their offset. */
static yaml_mark_t mark_at(const uint8_t *bytes, size_t len, size_t offset)
{
	yaml_mark_t mark = {.index = offset};
	for (size_t i = 0; i < offset && i < len; i++) {
		bool is_line_end = bytes[i] == '\n';
		mark.line += is_line_end ? 1 : 0;
		/* A character counts at its first byte. */
		mark.column = is_line_end ? 0 : mark.column + ((bytes[i] & 0xc0) != 0x80 ? 1 : 0);
	}
	return mark;
}

static void fail_form(
	struct model_reader *r, const yaml_parser_t *parser, const uint8_t *bytes, size_t len)
{
	yaml_node_t at = {.start_mark = parser->problem_mark};
	if (parser->error == YAML_MEMORY_ERROR) {
		model_fail_memory(r, NULL);
		return;
	}
	if (parser->error == YAML_READER_ERROR)
		at.start_mark = mark_at(bytes, len, parser->problem_offset);
	(void)model_fail(r, &at, "%s", parser->problem != NULL ? parser->problem : "no YAML");
}

static bool has_anchor(const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_ALIAS_EVENT:
		return true;
	case YAML_SCALAR_EVENT:
		return e->data.scalar.anchor != NULL;
	case YAML_MAPPING_START_EVENT:
		return e->data.mapping_start.anchor != NULL;
	case YAML_SEQUENCE_START_EVENT:
		return e->data.sequence_start.anchor != NULL;
	default:
		return false;
	}
}

/* Checks the structure of a file before it is loaded. Aliases are refused: a few lines of them can
 * expand to a gigabyte. A second document is refused, as it would be ignored. */
struct form {
	unsigned depth;
	unsigned documents;
};

static void check_event(struct model_reader *r, struct form *form, const yaml_event_t *e)
{
	yaml_node_t at = {.start_mark = e->start_mark};
	if (e->type == YAML_MAPPING_START_EVENT || e->type == YAML_SEQUENCE_START_EVENT)
		form->depth++;
	else if (e->type == YAML_MAPPING_END_EVENT || e->type == YAML_SEQUENCE_END_EVENT)
		form->depth--;
	else if (e->type == YAML_DOCUMENT_START_EVENT)
		form->documents++;
	if (has_anchor(e))
		(void)model_fail(r, &at, "anchors and aliases are not allowed in a model file");
	else if (form->depth > LIMIT_MODEL_DEPTH)
		(void)model_fail(r, &at, "nested too deep");
	else if (form->documents > 1)
		(void)model_fail(r, &at, "a model file has one document, with one family");
}

static void check_form(struct model_reader *r, const uint8_t *bytes, size_t len)
{
	yaml_parser_t parser;
	yaml_event_t e;
	struct form form = {0};
	bool is_over = false;
	if (yaml_parser_initialize(&parser) == 0) {
		model_fail_memory(r, NULL);
		return;
	}
	yaml_parser_set_input_string(&parser, bytes, len);
	while (!is_over && r->err == 0) {
		if (yaml_parser_parse(&parser, &e) == 0) {
			fail_form(r, &parser, bytes, len);
			break;
		}
		check_event(r, &form, &e);
		is_over = e.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&e);
	}
	yaml_parser_delete(&parser);
}

void model_load(struct model_reader *r, const uint8_t *bytes, size_t len)
{
	yaml_parser_t parser;
	yaml_document_t document;
	check_form(r, bytes, len);
	if (r->err < 0)
		return;
	if (yaml_parser_initialize(&parser) == 0) {
		model_fail_memory(r, NULL);
		return;
	}
	yaml_parser_set_input_string(&parser, bytes, len);
	if (yaml_parser_load(&parser, &document) == 0) {
		fail_form(r, &parser, bytes, len);
	} else {
		r->document = &document;
		yaml_node_t *root = yaml_document_get_root_node(&document);
		if (root == NULL)
			(void)model_fail(r, NULL, "is empty");
		else
			model_read_file(r, root);
		yaml_document_delete(&document);
	}
	yaml_parser_delete(&parser);
}
