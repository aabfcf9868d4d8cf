/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/msgpack/mpmap.h"

#include <string.h>

/* A pointer to bytes and their number, as they lie in a struct. */
struct bytes {
	const uint8_t *p;
	size_t len;
};

static void put_limited(struct mpwrite *w, const struct mp_member *m, const void *p)
{
	const struct text *text = p;
	const struct bytes *bytes = p;
	size_t len = m->kind == MP_TEXT ? text->len : bytes->len;
	if (len > m->max && w->err == 0)
		w->err = ERR_LIMIT;
	else if (m->kind == MP_TEXT)
		mpwrite_text(w, *text);
	else
		mpwrite_bin(w, bytes->p, len);
}

/* Whether nothing in the map is set. There are two levels of maps. */
static bool is_empty(const struct mp_table *t, const void *object);

static void put_rows(struct mpwrite *w, const struct mp_member *m, const void *object)
{
	const uint64_t *number = (const void *)((const char *)object + m->at);
	const unsigned *rows = (const void *)((const char *)object + m->count_at);
	mpwrite_array(w, (size_t)*rows * m->width);
	for (size_t i = 0; i < (size_t)*rows * m->width; i++)
		mpwrite_uint(w, number[i]);
}

static bool is_zero(const void *p, size_t n)
{
	const uint8_t *byte = p;
	for (size_t i = 0; i < n; i++) {
		if (byte[i] != 0)
			return false;
	}
	return true;
}

static bool is_empty_member(const struct mp_member *m, const void *object)
{
	const void *p = (const char *)object + m->at;
	switch ((enum mp_kind)m->kind) {
	case MP_U8:
		return is_zero(p, sizeof(uint8_t));
	case MP_U32:
		return is_zero(p, sizeof(uint32_t));
	case MP_U64:
	case MP_NUMBER:
		return is_zero(p, sizeof(uint64_t));
	case MP_TEXT:
		return ((const struct text *)p)->len == 0;
	case MP_STRING:
		return *(const char *)p == '\0';
	case MP_BYTES:
		return ((const struct bytes *)p)->len == 0;
	case MP_FIXED:
		return is_zero(p, m->max);
	case MP_NESTED:
		return is_empty(m->nested, p);
	case MP_ROWS:
	case MP_OWN:
		break;
	}
	return false;
}

static bool is_empty(const struct mp_table *t, const void *object)
{
	for (size_t i = 0; i < t->count; i++) {
		if (!is_empty_member(&t->member[i], object))
			return false;
	}
	return true;
}

static bool is_written(const struct mp_member *m, const void *object)
{
	return !m->is_optional || !is_empty_member(m, object);
}

void mpmap_write(struct mpwrite *w, const struct mp_table *t, const void *object)
{
	size_t written = 0;
	for (size_t i = 0; i < t->count; i++)
		written += is_written(&t->member[i], object);
	mpwrite_map(w, written);
	for (size_t i = 0; i < t->count; i++) {
		const struct mp_member *m = &t->member[i];
		const void *p = (const char *)object + m->at;
		if (!is_written(m, object))
			continue;
		mpwrite_uint(w, m->key);
		switch ((enum mp_kind)m->kind) {
		case MP_U8:
			mpwrite_uint(w, *(const uint8_t *)p);
			break;
		case MP_U32:
			mpwrite_uint(w, *(const uint32_t *)p);
			break;
		case MP_U64:
		case MP_NUMBER:
			mpwrite_uint(w, *(const uint64_t *)p);
			break;
		case MP_TEXT:
		case MP_BYTES:
			put_limited(w, m, p);
			break;
		case MP_STRING:
			mpwrite_text(w, (struct text){p, strnlen(p, m->max)});
			break;
		case MP_FIXED:
			mpwrite_bin(w, p, m->max);
			break;
		case MP_NESTED:
			mpmap_write(w, m->nested, p);
			break;
		case MP_ROWS:
			put_rows(w, m, object);
			break;
		case MP_OWN:
			m->put(w, object);
			break;
		}
	}
}

static int read_rows(struct mpread *in, const struct mp_member *m, void *object)
{
	uint64_t *number = (void *)((char *)object + m->at);
	unsigned *rows = (void *)((char *)object + m->count_at);
	uint32_t items = 0;
	int err = mpread_array(in, (size_t)m->max * m->width, &items);
	if (err == 0 && items % m->width != 0)
		err = ERR_FORMAT;
	for (uint32_t i = 0; err == 0 && i < items; i++)
		err = mpread_uint(in, UINT64_MAX, &number[i]);
	*rows = err == 0 ? items / m->width : 0;
	return err;
}

static int read_string(struct mpread *in, char *dst, size_t cap)
{
	struct text text;
	int err = mpread_str(in, cap - 1, &text);
	if (err < 0)
		return err;
	memcpy(dst, text.p, text.len);
	dst[text.len] = '\0';
	return 0;
}

static int read_member(struct mpread *in, const struct mp_member *m, void *object)
{
	void *p = (char *)object + m->at;
	struct bytes *bytes = p;
	switch ((enum mp_kind)m->kind) {
	case MP_U8:
		return mpread_u8(in, p);
	case MP_U32:
		return mpread_u32(in, p);
	case MP_U64:
		return mpread_uint(in, UINT64_MAX, p);
	case MP_NUMBER:
		return mpread_uint(in, INT64_MAX, p);
	case MP_TEXT:
		return mpread_str(in, m->max, p);
	case MP_STRING:
		return read_string(in, p, m->max);
	case MP_BYTES:
		return mpread_bin(in, m->max, &bytes->p, &bytes->len);
	case MP_FIXED:
		return mpread_bin_fixed(in, p, m->max);
	case MP_NESTED:
		return mpmap_read(in, m->nested, p);
	case MP_ROWS:
		return read_rows(in, m, object);
	case MP_OWN:
		return m->read(in, object);
	}
	return ERR_TYPE;
}

int mpmap_read(struct mpread *in, const struct mp_table *t, void *object)
{
	struct mpread_fields fields;
	uint64_t key;
	int err = mpread_fields_open(in, &fields);
	while (err == 0 && (err = mpread_key(in, &fields, &key)) > 0) {
		size_t i = 0;
		while (i < t->count && t->member[i].key != key)
			i++;
		err = i < t->count ? read_member(in, &t->member[i], object) : mpread_skip(in);
	}
	for (size_t i = 0; err == 0 && i < t->count; i++) {
		if (t->member[i].is_needed && !mpread_has(&fields, t->member[i].key))
			err = ERR_FORMAT;
	}
	return err;
}

void mpmap_clear(const struct mp_member *m, void *object)
{
	void *p = (char *)object + m->at;
	switch ((enum mp_kind)m->kind) {
	case MP_U8:
		*(uint8_t *)p = 0;
		break;
	case MP_U32:
		*(uint32_t *)p = 0;
		break;
	case MP_U64:
	case MP_NUMBER:
		*(uint64_t *)p = 0;
		break;
	case MP_TEXT:
		*(struct text *)p = (struct text){NULL, 0};
		break;
	case MP_FIXED:
		memset(p, 0, m->max);
		break;
	case MP_STRING:
	case MP_BYTES:
	case MP_NESTED:
	case MP_ROWS:
	case MP_OWN:
		break;
	}
}
