/* SPDX-License-Identifier: Apache-2.0
 * Any bytes through the pull reader: a value that can be skipped lies within the bytes, and every
 * typed reader either takes exactly that value or nothing. */
#include "proto/msgpack/mpread.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_so)
{
	if (!is_so)
		abort();
}

/* A reader that fails must leave the value where it is; one that succeeds takes what skip takes,
 * or, for containers, only the head. */
static void one_value(const struct mpread *start, const uint8_t *behind)
{
	struct mpread r = *start;
	uint64_t u;
	int64_t i;
	int32_t i32;
	uint8_t u8;
	bool flag;
	struct text t;
	const uint8_t *p;
	size_t n;
	uint32_t count;
	check(mpread_uint(&r, UINT64_MAX, &u) == 0 ? r.p == behind : r.p == start->p);
	r = *start;
	check(mpread_u8(&r, &u8) == 0 ? r.p == behind : r.p == start->p);
	r = *start;
	check(mpread_i64(&r, &i) == 0 ? r.p == behind : r.p == start->p);
	r = *start;
	check(mpread_i32(&r, &i32) == 0 ? r.p == behind && i32 == i : r.p == start->p);
	r = *start;
	check(mpread_bool(&r, &flag) == 0 ? r.p == behind : r.p == start->p);
	r = *start;
	if (mpread_str(&r, SIZE_MAX, &t) == 0)
		check(r.p == behind && (const uint8_t *)t.p + t.len == behind &&
			str_is_utf8((const uint8_t *)t.p, t.len));
	r = *start;
	if (mpread_bin(&r, SIZE_MAX, &p, &n) == 0)
		check(r.p == behind && p + n == behind);
	r = *start;
	if (mpread_array(&r, LIMIT_MP_ITEMS, &count) == 0)
		check(r.p <= behind && count <= (size_t)(r.end - r.p));
	r = *start;
	struct mpread_fields fields;
	if (mpread_fields_open(&r, &fields) == 0)
		check(r.p <= behind && 2 * (size_t)fields.left <= (size_t)(r.end - r.p));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mpread r;
	mpread_open(&r, data, size);
	for (;;) {
		struct mpread start = r;
		int type = mpread_type(&r);
		int err = mpread_skip(&r);
		if (err < 0) {
			check(r.p == start.p);
			return 0;
		}
		check(type >= MP_NIL && type <= MP_EXT);
		check(r.p > start.p && r.p <= r.end);
		one_value(&start, r.p);
	}
}
