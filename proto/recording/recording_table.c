/* SPDX-License-Identifier: Apache-2.0
 * The table of a recording: building, sorting, look-up. */
#include "proto/recording/recording_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int recording_format_of(const char *file_name)
{
	static const struct {
		const char *ending;
		enum recording_format format;
	} endings[] = {{".snmprec", RECORDING_SNMPREC}, {".snmpwalk", RECORDING_SNMPWALK},
		{".pdus.json", RECORDING_PDUS}, {".oidvalue.json", RECORDING_OIDVALUE},
		{".oidmap.json", RECORDING_OIDMAP}, {".valueoid.txt", RECORDING_VALUEOID}};
	size_t len = strlen(file_name);
	for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
		size_t n = strlen(endings[i].ending);
		if (len > n && strcmp(file_name + len - n, endings[i].ending) == 0)
			return (int)endings[i].format;
	}
	return ERR_FORMAT;
}

int recording_fail(struct recording_reader *r, int err, const char *reason)
{
	snprintf(r->why, LIMIT_WHY, "%s %zu: %s", r->unit, r->line, reason);
	return err;
}

int recording_damaged(struct recording_reader *r, int err)
{
	if (err >= 0 || r->is_over || r->on_damage == NULL)
		return err;
	if (r->w->damaged++ == 0)
		(void)str_copy(r->first_damage, sizeof r->first_damage, r->why);
	r->on_damage(r->owner, r->why);
	r->why[0] = '\0';
	return 0;
}

struct text recording_line(struct text *rest)
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

bool recording_starts(struct text t, const char *with)
{
	size_t n = strlen(with);
	return t.len >= n && memcmp(t.p, with, n) == 0;
}

int recording_add(struct recording_reader *r, const struct oid *name, uint8_t type,
	const void *value, size_t len)
{
	struct buf *arena = &r->w->arena;
	uint8_t ber[LIMIT_OID_SUBIDS * 5];
	int n = oid_encode(ber, sizeof ber, name);
	if (n < 0)
		return recording_fail(r, n, "a name that cannot be encoded");
	if (len > LIMIT_WALK_VALUE)
		return recording_fail(r, ERR_LIMIT, "the value is too long");
	struct recording_item item = {.name_at = (uint32_t)arena->len,
		.name_len = (uint16_t)n,
		.value_at = (uint32_t)(arena->len + (size_t)n),
		.value_len = (uint32_t)len,
		.type = type};
	int err = buf_put(arena, ber, (size_t)n);
	if (err == 0 && len > 0)
		err = buf_put(arena, value, len);
	if (err == 0)
		err = buf_put(&r->items, &item, sizeof item);
	r->is_over = err < 0;
	if (err == ERR_FULL)
		return recording_fail(r, ERR_LIMIT, "the recording is too large");
	return err < 0 ? recording_fail(r, err, "out of memory") : 0;
}

int recording_add_buf(struct recording_reader *r, const struct oid *name, uint8_t type,
	struct buf *value, int err)
{
	err = err < 0 ? recording_fail(r, ERR_LIMIT, "the value is too long")
		      : recording_add(r, name, type, value->data, value->len);
	buf_close(value);
	return err;
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

/* Sorts, drops duplicates, and turns the offsets into pointers. */
static int finish(struct recording_reader *r, enum recording_keep keep)
{
	struct recording *w = r->w;
	size_t n = r->items.len / sizeof(struct recording_item);
	w->count = 0;
	struct sorted *list = malloc((n + 1) * sizeof *list);
	w->rows = malloc((n + 1) * sizeof *w->rows);
	if (list == NULL || w->rows == NULL) {
		free(list);
		return recording_fail(r, -ENOMEM, "out of memory");
	}
	for (size_t i = 0; i < n; i++) {
		struct recording_item item;
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
		if (keep == RECORDING_KEEP_LAST)
			w->rows[w->count - 1] = list[i].vb;
	}
	free(list);
	return 0;
}

static int read_all(struct recording_reader *r, enum recording_format format, struct text in)
{
	switch (format) {
	case RECORDING_SNMPREC:
		return recording_read_snmprec(r, in);
	case RECORDING_SNMPWALK:
		return recording_read_snmpwalk(r, in);
	case RECORDING_VALUEOID:
		return recording_read_valueoid(r, in);
	case RECORDING_PDUS:
	case RECORDING_OIDVALUE:
	case RECORDING_OIDMAP:
		return recording_read_json(r, format, in);
	}
	return ERR_FORMAT;
}

int recording_parse(struct recording *w, enum recording_format format, enum recording_keep keep,
	const void *bytes, size_t len, char why[LIMIT_WHY])
{
	return recording_parse_lenient(w, format, keep, bytes, len, NULL, NULL, why);
}

int recording_parse_lenient(struct recording *w, enum recording_format format,
	enum recording_keep keep, const void *bytes, size_t len, recording_on_damage *on_damage,
	void *owner, char why[LIMIT_WHY])
{
	*w = (struct recording){0};
	struct recording_reader r = {
		.w = w, .unit = "line", .why = why, .on_damage = on_damage, .owner = owner};
	why[0] = '\0';
	if (len > LIMIT_WALK_INPUT)
		return recording_fail(&r, ERR_LIMIT, "the recording is too large");
	buf_open(&w->arena, LIMIT_WALK_BYTES);
	buf_open(&r.items, LIMIT_WALK_ROWS * sizeof(struct recording_item));
	int err = read_all(&r, format, (struct text){bytes, len});
	if (err == 0 && w->damaged > 0 && r.items.len == 0) {
		(void)str_copy(why, LIMIT_WHY, r.first_damage);
		err = ERR_FORMAT;
	}
	if (err == 0)
		err = finish(&r, keep);
	buf_close(&r.items);
	if (err < 0)
		recording_close(w);
	return err;
}

void recording_close(struct recording *w)
{
	free(w->rows);
	buf_close(&w->arena);
	*w = (struct recording){0};
}

const struct varbind *recording_find(const struct recording *w, struct oid_ber name)
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
