/* SPDX-License-Identifier: Apache-2.0
 * A struct as a msgpack map with integer keys. One table of its members packs and reads it, in the
 * order of the table. A key that the table lacks is skipped: a newer program may send more. */
#ifndef PLATEN_MSGPACK_MPMAP_H
#define PLATEN_MSGPACK_MPMAP_H

#include "proto/msgpack/mpread.h"
#include "proto/msgpack/mpwrite.h"

#include <stddef.h>

enum mp_kind {
	MP_U8,
	MP_U32,
	MP_U64,
	MP_NUMBER, /* uint64_t of at most INT64_MAX: SQLite and JSON hold signed numbers */
	MP_TEXT,   /* struct text of at most `max` bytes */
	MP_STRING, /* char[max], with its NUL */
	MP_BYTES,  /* const uint8_t *, and a size_t behind it: at most `max` bytes */
	MP_FIXED,  /* uint8_t[max] */
	MP_NESTED, /* a map inside: of the struct at `at`, or with at 0 of the same one */
	MP_ROWS,   /* rows of `width` uint64_t, at most `max` of them; `unsigned` at `count_at` */
	MP_OWN     /* `put` and `read` */
};

struct mp_member {
	uint8_t key;
	uint8_t kind;     /* enum mp_kind */
	bool is_needed;   /* a map without it is ERR_FORMAT */
	bool is_optional; /* not written if it is zero or empty; of a nested map, if all of it is */
	uint16_t at;      /* its offset in the struct */
	uint32_t max;
	uint16_t count_at;
	uint8_t width;
	const struct mp_table *nested;
	void (*put)(struct mpwrite *w, const void *object);
	int (*read)(struct mpread *in, void *object);
};

struct mp_table {
	const struct mp_member *member;
	size_t count;
};

/* A text or bytes over their maximum are ERR_LIMIT in the writer. */
void mpmap_write(struct mpwrite *w, const struct mp_table *t, const void *object);
/* A field that is absent in the map stays as it was in the struct. Texts and bytes are views. */
int mpmap_read(struct mpread *in, const struct mp_table *t, void *object) MUST_USE;

/* Makes a number, text or fixed bytes of a struct zero or empty; other kinds stay. */
void mpmap_clear(const struct mp_member *m, void *object);

#endif
