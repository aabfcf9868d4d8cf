/* SPDX-License-Identifier: Apache-2.0
 * What the readers of records share: unpack.c finds the groups, unpack_groups.c reads one,
 * unpack_rows.c its rows, unpack_values.c what stands in them. With a reading of NULL all is
 * checked and nothing kept. */
#ifndef PLATEN_WIRE_UNPACK_INTERNAL_H
#define PLATEN_WIRE_UNPACK_INTERNAL_H

#include "proto/msgpack/mpread.h"
#include "proto/wire/pack_internal.h"

/* SQLite and JSON hold signed numbers: none of ours needs the upper half. */
#define NUMBER_MAX ((uint64_t)INT64_MAX)

/* Text of at most `max` bytes into the reading's arena. */
int take_text(struct mpread *in, struct reading *r, size_t max, struct text *ret) MUST_USE;
/* BER contents or text; dotted text is kept. */
int take_oid(struct mpread *in, struct reading *r, struct text *ret) MUST_USE;
/* Six bytes or text; aa:bb:cc:dd:ee:ff is kept. */
int take_mac(struct mpread *in, struct reading *r, struct text *ret) MUST_USE;

/* One field of a map, whose key was read, into `dst`: the struct that the map is of. */
typedef int field_reader(struct mpread *in, struct reading *r, uint64_t key, void *dst);
/* A whole map. 0 or an error. */
int take_map(struct mpread *in, struct reading *r, field_reader *field, void *dst) MUST_USE;

/* One row into the reading. A row of a kind that we do not know is left out, and `info` says so. */
typedef int row_reader(struct mpread *in, struct reading *r, struct group_info *info);
int take_rows(struct mpread *in, struct reading *r, struct group_info *info, size_t max,
	row_reader *row) MUST_USE;

row_reader firmware_row;
row_reader meter_row;
row_reader supply_row;
row_reader alert_row;
row_reader option_row;
row_reader subunit_row;
row_reader maintenance_row;

/* One group's map. 0 or an error. */
int take_group(struct mpread *in, struct reading *r, enum reading_group group,
	uint64_t read_at_ms) MUST_USE;

#endif
