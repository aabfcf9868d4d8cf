/* SPDX-License-Identifier: Apache-2.0
 * Shared by the files that unpack records: unpack.c finds the groups, unpack_groups.c reads one,
 * unpack_rows.c its rows, unpack_values.c what stands in them. */
#ifndef PLATEN_WIRE_UNPACK_INTERNAL_H
#define PLATEN_WIRE_UNPACK_INTERNAL_H

#include "proto/msgpack/mpread.h"
#include "proto/wire/pack_internal.h"

/* SQLite and JSON hold signed numbers: none of ours needs the upper half. */
#define NUMBER_MAX ((uint64_t)INT64_MAX)

/* Text of at most `max` bytes into the reading's arena. */
int read_text(struct mpread *in, struct reading *r, size_t max, struct text *ret) MUST_USE;
/* BER contents or text; dotted text is kept. */
int read_oid(struct mpread *in, struct reading *r, struct text *ret) MUST_USE;
/* Six bytes or text; aa:bb:cc:dd:ee:ff is kept. */
int read_mac(struct mpread *in, struct reading *r, struct text *ret) MUST_USE;

/* The value of a row's field, whose key was read, into its member of `dst`: the row's struct. */
int read_field(
	struct mpread *in, struct reading *r, enum row_kind kind, uint64_t key, void *dst) MUST_USE;
/* An array of rows into the reading. A row of an unknown kind is left out, which makes the group in
 * `info` GROUP_PARTIAL. */
int read_rows(struct mpread *in, struct reading *r, struct group_info *info, size_t max,
	enum row_kind kind) MUST_USE;

/* One group's map. 0 or an error. */
int read_group(struct mpread *in, struct reading *r, enum reading_group group,
	uint64_t read_at_ms) MUST_USE;

#endif
