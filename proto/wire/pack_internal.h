/* SPDX-License-Identifier: Apache-2.0
 * Shared by pack*.c and unpack*.c: the field numbers of proto/wire/SCHEMA.md, and rows
 * that are collected before they are written, because a map's count comes first. */
#ifndef PLATEN_WIRE_PACK_INTERNAL_H
#define PLATEN_WIRE_PACK_INTERNAL_H

#include "proto/wire/pack.h"
#include "proto/wire/policy.h"

#include <msgpack/pack.h>
#include <stddef.h>

/* A record. The groups follow at RECORD_GROUP + enum reading_group. */
enum {
	RECORD_SEQ = 1,
	RECORD_READ_AT = 2,
	RECORD_POLICY = 3,
	RECORD_IS_FULL = 4,
	RECORD_ADDRESS = 5,
	RECORD_DEVICE_KEY = 6,
	RECORD_AGE = 7,
	RECORD_GROUP = 10
};
/* 18 is the next field of a record: a ninth group would come there. */
_Static_assert(RECORD_GROUP + GROUP_COUNT == 18, "proto/wire/SCHEMA.md numbers the groups");

/* A row of coverage (coverage.c). */
enum { COVERAGE_ADDRESS = 5 };

/* Every group. */
enum {
	GROUP_STATUS = 1,
	GROUP_ASKED = 2,   /* milliseconds before the record's read_at */
	GROUP_TOOK = 3,    /* milliseconds from asked to answered */
	GROUP_SOURCES = 4, /* mask of enum reading_source; absent: SNMP */
	GROUP_BEFORE = 5,  /* milliseconds from when the old content was last seen to read_at */
	GROUP_ROWS = 10    /* of every group but identity and state */
};

/* Beside the fields of row_types.c: the rows in the identity, and the speeds of the media group. */
enum { IDENTITY_FIRMWARE = 19, MEDIA_PPM = 11, MEDIA_PPM_COLOR = 12 };

/* How a field is packed, and which values are left out. */
enum field_kind {
	FIELD_NONE,       /* not packed as a member */
	FIELD_BOOL,       /* without false */
	FIELD_UINT,       /* without zero */
	FIELD_INT,        /* int32_t, without zero */
	FIELD_GIVEN_UINT, /* if the bool at `other` is set; zero is a value */
	FIELD_GIVEN_INT,
	FIELD_AMOUNT,    /* without negative values, which mean unknown */
	FIELD_UPTIME,    /* FIELD_UINT that is no part of a digest */
	FIELD_PROTOCOL,  /* enum reading_source, without SNMP */
	FIELD_TEXT,      /* LIMIT_TEXT bytes */
	FIELD_TEXT_LONG, /* LIMIT_TEXT_LONG bytes */
	FIELD_OID,       /* dotted text: as BER contents */
	FIELD_OBJECT,    /* FIELD_OID; the struct oid_ber at `other` comes first */
	FIELD_MAC        /* aa:bb:cc:dd:ee:ff: as six bytes */
};

struct field {
	uint8_t kind; /* enum field_kind */
	uint8_t size; /* of the member */
	uint16_t at;  /* its offset */
	uint16_t other;
	const char *name; /* as in SCHEMA.md */
	uint8_t leaves;   /* enum leaves */
	bool is_vendor;   /* confidential technical data of the vendor */
	bool is_contact;  /* a person: its opt-in allows the address and the telephone number */
};

enum row_kind {
	ROW_IDENTITY,
	ROW_FIRMWARE,
	ROW_METER,
	ROW_SUPPLY,
	ROW_ALERT,
	ROW_STATE,
	ROW_OPTION,
	ROW_SUBUNIT,
	ROW_MAINTENANCE,
	ROW_KIND_COUNT,
	/* Parts without a struct of rows: their own code packs them. */
	PART_SPEED = ROW_KIND_COUNT, /* of the media group */
	PART_GROUP,                  /* of every group */
	PART_RECORD,
	PART_BATCH, /* the batch's head */
	PART_COVERAGE,
	PART_HEARTBEAT,
	PART_SITE, /* the site information in a head */
	PART_COUNT
};
_Static_assert((int)PART_COUNT <= (int)POLICY_PARTS, "struct policy has a mask for each part");

/* The fields first, first + 1 ... of a part, and the size of its row's struct. */
struct row_type {
	const char *name;
	const struct field *field;
	uint8_t first;
	uint8_t count;      /* at most 32: the bits of a policy's mask */
	uint8_t data_class; /* enum data_class */
	uint16_t size;
};
extern const struct row_type row_types[PART_COUNT];

/* The rows of a group: a list of at most `max` in struct reading. Without rows `max` is 0. */
struct group_table {
	uint8_t row; /* enum row_kind */
	uint8_t max;
	uint16_t list; /* offset of the first row's pointer */
	uint16_t count;
	uint16_t end; /* offset of the place where the next row's pointer goes */
};
extern const struct group_table group_tables[GROUP_COUNT];

/* One map under construction: its fields as msgpack, and their number, which comes first in a map.
 * The longest is that of the identity with every field; one text of a row at most is longer than
 * LIMIT_TEXT. */
enum { ROW_FIELDS = 24, ROW_BYTES = ROW_FIELDS * (LIMIT_TEXT + 4) + LIMIT_TEXT_LONG };

struct row {
	uint16_t n;
	uint16_t len;
	bool for_digest;
	char bytes[ROW_BYTES];
};

static inline void row_open(struct row *row)
{
	row->n = 0;
	row->len = 0;
	row->for_digest = false;
}

/* The key, below 128, of a field whose value follows with up to n bytes. False: no space. */
static inline bool row_key(struct row *row, uint8_t key, size_t n)
{
	if (n >= sizeof row->bytes - row->len)
		return false;
	row->bytes[row->len++] = (char)key;
	row->n++;
	return true;
}

void row_long(struct row *row, uint8_t key, int64_t v);
void row_long_uint(struct row *row, uint8_t key, uint64_t v);

/* Below 128 a number is its own msgpack: most values. */
static inline void row_int(struct row *row, uint8_t key, int64_t v) /* also when zero */
{
	if (v < 0 || v > 0x7f)
		row_long(row, key, v);
	else if (row_key(row, key, 1))
		row->bytes[row->len++] = (char)v;
}

/* Absent is left out: zero, empty. */
static inline void row_uint(struct row *row, uint8_t key, uint64_t v)
{
	if (v > 0x7f)
		row_long_uint(row, key, v);
	else if (v != 0 && row_key(row, key, 1))
		row->bytes[row->len++] = (char)v;
}

void row_true(struct row *row, uint8_t key, bool v);
void row_text(struct row *row, uint8_t key, struct text t, size_t max);
void row_bytes(struct row *row, uint8_t key, const uint8_t *bytes, size_t n);

/* Header and fields. `more`: fields that the caller packs right after it. The packer's callback
 * keeps the first error, so results are read once, at the end. */
void row_write(msgpack_packer *pk, const struct row *row, unsigned more);

/* A group's map. for_digest: without the times and without sysUpTime. */
void pack_group(msgpack_packer *pk, const struct reading *r, enum reading_group g,
	uint64_t read_at_ms, bool for_digest);

#endif
