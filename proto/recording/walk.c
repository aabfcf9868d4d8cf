/* SPDX-License-Identifier: Apache-2.0
 * The table of a recording: growing, sorting, and looking up. */
#include "proto/recording/walk_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int walk_format_of(const char *file_name)
{
	static const struct {
		const char *ending;
		enum walk_format format;
	} endings[] = {{".snmprec", WALK_SNMPREC}, {".snmpwalk", WALK_SNMPWALK},
		{".pdus.json", WALK_PDUS}, {".oidvalue.json", WALK_OIDVALUE},
		{".oidmap.json", WALK_OIDMAP}, {".valueoid.txt", WALK_VALUEOID}};
	size_t len = strlen(file_name);
	for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
		size_t n = strlen(endings[i].ending);
		if (len > n && strcmp(file_name + len - n, endings[i].ending) == 0)
			return (int)endings[i].format;
	}
	return ERR_FORMAT;
}

int walk_fail(struct walk_reader *r, int err, const char *reason)
{
	snprintf(r->why, LIMIT_WHY, "%s %zu: %s", r->unit, r->line, reason);
	return err;
}

struct text walk_line(struct text *rest)
{
	const char *end = rest->len == 0 ? NULL : memchr(rest->p, '\n', rest->len);
	struct text line = {rest->p, end == NULL ? rest->len : (size_t)(end - rest->p)};
	size_t used = end == NULL ? line.len : line.len + 1;
	rest->p += used;
	rest->len -= used;
	if (line.len > 0 && line.p[line.len - 1] == '\r')
		line.len--;
	return line;
}

bool walk_starts(struct text t, const char *with)
{
	size_t n = strlen(with);
	return t.len >= n && memcmp(t.p, with, n) == 0;
}

int walk_add(
	struct walk_reader *r, const struct oid *name, uint8_t type, const void *value, size_t len)
{
	struct buf *arena = &r->w->arena;
	uint8_t ber[LIMIT_OID_SUBIDS * 5];
	int n = oid_encode(ber, sizeof ber, name);
	if (n < 0)
		return walk_fail(r, n, "a name that cannot be encoded");
	if (len > LIMIT_WALK_VALUE)
		return walk_fail(r, ERR_LIMIT, "the value is too long");
	struct walk_item item = {.name_at = (uint32_t)arena->len,
		.name_len = (uint16_t)n,
		.value_at = (uint32_t)(arena->len + (size_t)n),
		.value_len = (uint32_t)len,
		.type = type};
	int err = buf_put(arena, ber, (size_t)n);
	if (err == 0 && len > 0)
		err = buf_put(arena, value, len);
	if (err == 0)
		err = buf_put(&r->items, &item, sizeof item);
	if (err == ERR_FULL)
		return walk_fail(r, ERR_LIMIT, "the recording is too large");
	return err < 0 ? walk_fail(r, err, "out of memory") : 0;
}

struct sorted {
	struct varbind vb;
	size_t order;
};

static int by_name(const void *a, const void *b)
{
	const struct sorted *x = a, *y = b;
	int c = oid_ber_compare(x->vb.name, y->vb.name);
	return c != 0 ? c : x->order < y->order ? -1 : x->order > y->order;
}

/* Sorts, drops what is there twice, and makes the offsets pointers. */
static int finish(struct walk_reader *r, enum walk_keep keep)
{
	struct walk *w = r->w;
	size_t n = r->items.len / sizeof(struct walk_item);
	w->count = 0;
	struct sorted *list = malloc((n + 1) * sizeof *list);
	w->rows = malloc((n + 1) * sizeof *w->rows);
	if (list == NULL || w->rows == NULL) {
		free(list);
		return walk_fail(r, -ENOMEM, "out of memory");
	}
	for (size_t i = 0; i < n; i++) {
		struct walk_item item;
		memcpy(&item, r->items.data + i * sizeof item, sizeof item);
		const uint8_t *base = w->arena.data;
		list[i] = (struct sorted){{{base + item.name_at, item.name_len}, item.type,
						  base + item.value_at, item.value_len},
			i};
	}
	qsort(list, n, sizeof *list, by_name);
	for (size_t i = 0; i < n; i++) {
		bool is_same = w->count > 0 &&
			       oid_ber_is_equal(w->rows[w->count - 1].name, list[i].vb.name);
		if (!is_same) {
			w->rows[w->count++] = list[i].vb;
			continue;
		}
		w->duplicates++;
		if (keep == WALK_KEEP_LAST)
			w->rows[w->count - 1] = list[i].vb;
	}
	free(list);
	return 0;
}

static int read_all(struct walk_reader *r, enum walk_format format, struct text in)
{
	switch (format) {
	case WALK_SNMPREC:
		return walk_read_snmprec(r, in);
	case WALK_SNMPWALK:
		return walk_read_snmpwalk(r, in);
	case WALK_VALUEOID:
		return walk_read_valueoid(r, in);
	case WALK_PDUS:
	case WALK_OIDVALUE:
	case WALK_OIDMAP:
		return walk_read_json(r, format, in);
	}
	return ERR_FORMAT;
}

int walk_parse(struct walk *w, enum walk_format format, enum walk_keep keep, const void *bytes,
	size_t len, char why[LIMIT_WHY])
{
	*w = (struct walk){0};
	struct walk_reader r = {.w = w, .unit = "line", .why = why};
	why[0] = '\0';
	if (len > LIMIT_WALK_INPUT)
		return walk_fail(&r, ERR_LIMIT, "the recording is too large");
	buf_open(&w->arena, LIMIT_WALK_BYTES);
	buf_open(&r.items, LIMIT_WALK_ROWS * sizeof(struct walk_item));
	int err = read_all(&r, format, (struct text){bytes, len});
	if (err == 0)
		err = finish(&r, keep);
	buf_close(&r.items);
	if (err < 0)
		walk_close(w);
	return err;
}

void walk_close(struct walk *w)
{
	free(w->rows);
	buf_close(&w->arena);
	*w = (struct walk){0};
}

const struct varbind *walk_find(const struct walk *w, struct oid_ber name)
{
	size_t low = 0, high = w->count;
	while (low < high) {
		size_t mid = (low + high) / 2;
		int c = oid_ber_compare(w->rows[mid].name, name);
		if (c == 0)
			return &w->rows[mid];
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}
