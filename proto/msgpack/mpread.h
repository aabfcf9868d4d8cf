/* SPDX-License-Identifier: Apache-2.0
 * A pull reader over msgpack from outside. It never allocates, never recurses and never looks
 * beyond the bytes it was given; a declared length or count that the bytes cannot hold is
 * ERR_SHORT before anything is done with it. Texts and byte strings are views into the input.
 *
 * Every reader takes the next value or leaves the reader where it was: on an error the value can
 * still be skipped. Errors: ERR_SHORT, ERR_FORMAT (0xc1, text that is not UTF-8, a key twice),
 * ERR_TYPE, ERR_RANGE, ERR_LIMIT. */
#ifndef PLATEN_MSGPACK_MPREAD_H
#define PLATEN_MSGPACK_MPREAD_H

#include "proto/base/err.h"
#include "proto/base/limits.h"
#include "proto/base/str.h"

#include <stddef.h>
#include <stdint.h>

struct mpread {
	const uint8_t *p;
	const uint8_t *end;
};

enum mp_type {
	MP_NIL,
	MP_BOOL,
	MP_UINT,
	MP_NEGATIVE,
	MP_FLOAT,
	MP_STR,
	MP_BIN,
	MP_ARRAY,
	MP_MAP,
	MP_EXT
};

void mpread_open(struct mpread *r, const uint8_t *bytes, size_t len);

static inline bool mpread_is_end(const struct mpread *r)
{
	return r->p == r->end;
}

/* enum mp_type of the next value, or ERR_SHORT at the end, or ERR_FORMAT. Takes nothing. */
int mpread_type(const struct mpread *r) MUST_USE;

int mpread_bool(struct mpread *r, bool *ret) MUST_USE;
/* An integer from 0 to `max`, in any of msgpack's encodings. */
int mpread_uint(struct mpread *r, uint64_t max, uint64_t *ret) MUST_USE;
int mpread_u8(struct mpread *r, uint8_t *ret) MUST_USE;
int mpread_u16(struct mpread *r, uint16_t *ret) MUST_USE;
int mpread_u32(struct mpread *r, uint32_t *ret) MUST_USE;
int mpread_i32(struct mpread *r, int32_t *ret) MUST_USE;
int mpread_i64(struct mpread *r, int64_t *ret) MUST_USE;
/* Valid UTF-8 of at most `max` bytes; *ret points into the input, without a NUL behind. */
int mpread_str(struct mpread *r, size_t max, struct text *ret) MUST_USE;
int mpread_bin(struct mpread *r, size_t max, const uint8_t **ret, size_t *len) MUST_USE;
/* bin of exactly `len` bytes, copied. */
int mpread_bin_fixed(struct mpread *r, uint8_t *dst, size_t len) MUST_USE;

/* The header; the *count items follow. */
int mpread_array(struct mpread *r, size_t max, uint32_t *count) MUST_USE;

/* One whole value, of at most LIMIT_MP_DEPTH containers in one another and LIMIT_MP_ITEMS items in
 * each; lengths, counts and UTF-8 are checked all the way. */
int mpread_skip(struct mpread *r) MUST_USE;

/* A map with integer keys, which is what all our messages are made of. A key below 64 that comes
 * twice is ERR_FORMAT: two readers must not be able to see two things in one message. */
struct mpread_fields {
	uint32_t left;
	uint64_t seen; /* bit n: key n was there */
};
int mpread_fields_open(struct mpread *r, struct mpread_fields *f) MUST_USE;
/* 1 and the next key, whose value the caller takes or skips; 0 at the end of the map. */
int mpread_key(struct mpread *r, struct mpread_fields *f, uint64_t *key) MUST_USE;

static inline bool mpread_has(const struct mpread_fields *f, unsigned key)
{
	return key < 64 && (f->seen >> key & 1) != 0;
}

#endif
