/* SPDX-License-Identifier: Apache-2.0
 * What pack*.c and unpack*.c share: the field numbers of proto/wire/SCHEMA.md, and rows
 * that are collected before they are written, because a map's count comes first. */
#ifndef PLATEN_WIRE_PACK_INTERNAL_H
#define PLATEN_WIRE_PACK_INTERNAL_H

#include "proto/wire/pack.h"

#include <msgpack/pack.h>

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

/* Every group. */
enum {
	GROUP_STATUS = 1,
	GROUP_ASKED = 2,   /* milliseconds before the record's read_at */
	GROUP_TOOK = 3,    /* milliseconds from asked to answered */
	GROUP_SOURCES = 4, /* mask of enum reading_source; absent: SNMP */
	GROUP_ROWS = 10    /* of every group but identity and state */
};

enum {
	IDENTITY_IS_PRINTER = 10,
	IDENTITY_VENDOR = 11,
	IDENTITY_MODEL = 12,
	IDENTITY_SERIAL = 13,
	IDENTITY_SYS_DESCR = 14,
	IDENTITY_SYS_OBJECT_ID = 15,
	IDENTITY_MAC = 16,
	IDENTITY_NAME = 17,
	IDENTITY_UPTIME = 18,
	IDENTITY_FIRMWARE = 19,
	IDENTITY_WHY = 20,
	IDENTITY_CONFIDENCE = 21,
	IDENTITY_DEVICE_ID = 22
};

enum { FIRMWARE_NAME = 1, FIRMWARE_VERSION = 2 };

enum {
	METER_F_NAME = 1,
	METER_F_VALUE = 2,
	METER_F_UNIT = 3,
	METER_F_QUALITY = 4,
	METER_F_LABEL = 5,
	METER_F_SOURCE = 6
};

enum {
	SUPPLY_DEVICE = 1,
	SUPPLY_INDEX = 2,
	SUPPLY_TYPE = 3,
	SUPPLY_CLASS = 4,
	SUPPLY_UNIT = 5,
	SUPPLY_LEVEL_KIND = 6,
	SUPPLY_LEVEL = 7,
	SUPPLY_MAX = 8,
	SUPPLY_COLORANT_INDEX = 9,
	SUPPLY_COLORANT = 10,
	SUPPLY_DESCRIPTION = 11,
	SUPPLY_PART = 12,
	SUPPLY_SERIAL = 13,
	SUPPLY_SOURCE = 14
};

enum {
	ALERT_DEVICE = 1,
	ALERT_INDEX = 2,
	ALERT_SEVERITY = 3,
	ALERT_TRAINING = 4,
	ALERT_GROUP = 5,
	ALERT_GROUP_INDEX = 6,
	ALERT_LOCATION = 7,
	ALERT_CODE = 8,
	ALERT_TIME = 9,
	ALERT_DESCRIPTION = 10
};

enum {
	STATE_DEVICE_STATUS = 10,
	STATE_PRINTER_STATUS = 11,
	STATE_ERRORS = 12,
	STATE_CRITICAL_EVENTS = 13,
	STATE_ALL_EVENTS = 14,
	STATE_CONSOLE = 15,
	STATE_SERVICE_MODE = 16
};

enum { OPTION_KIND = 1, OPTION_DEVICE = 2, OPTION_INDEX = 3, OPTION_NAME = 4, OPTION_VALUE = 5 };

/* Of the media group, beside its rows. */
enum { MEDIA_PPM = 11, MEDIA_PPM_COLOR = 12 };

enum {
	SUBUNIT_KIND = 1,
	SUBUNIT_TYPE = 2,
	SUBUNIT_DEVICE = 3,
	SUBUNIT_INDEX = 4,
	SUBUNIT_STATUS = 5, /* 5, 6, 7: also when zero, as 0 is an answer */
	SUBUNIT_LEVEL = 6,
	SUBUNIT_MAX = 7,
	SUBUNIT_UNIT = 8,
	SUBUNIT_NAME = 9,
	SUBUNIT_DESCRIPTION = 10,
	SUBUNIT_MEDIA = 11
};

enum {
	MAINTENANCE_DEVICE = 1,
	MAINTENANCE_INDEX = 2,
	MAINTENANCE_TYPE = 3,
	MAINTENANCE_UNIT = 4,
	MAINTENANCE_LIFE = 5, /* 5 to 8: also when zero, absent when not known */
	MAINTENANCE_USED = 6,
	MAINTENANCE_LEFT = 7,
	MAINTENANCE_PERCENT = 8, /* hundredths */
	MAINTENANCE_NAME = 9,
	MAINTENANCE_COLORANT = 10,
	MAINTENANCE_INSTALLED = 11,
	MAINTENANCE_SOURCE = 12
};

/* One map under construction. The longest is that of the identity, with every field answered. */
struct row {
	unsigned n;
	struct row_field {
		uint8_t key;
		uint8_t kind;
		uint16_t len; /* of text and bytes */
		union {
			uint64_t u;
			int64_t i;
			const char *p;
		} v;
	} field[20];
};

static inline void row_open(struct row *row)
{
	row->n = 0;
}

/* Absent is left out: zero, empty. */
void row_uint(struct row *row, uint8_t key, uint64_t v);
void row_int(struct row *row, uint8_t key, int64_t v);    /* also when zero */
void stored_row(struct row *row, uint8_t key, int64_t v); /* also when zero, not when negative */
void row_true(struct row *row, uint8_t key, bool v);
void row_text(struct row *row, uint8_t key, struct text t, size_t max);
void row_bytes(struct row *row, uint8_t key, const uint8_t *bytes, size_t n);
/* Announces a field whose value the caller packs itself, right after row_write. Always the last. */
void row_more(struct row *row, uint8_t key);

/* Header and fields. The packer's callback keeps the first error, so results are read once, at the
 * end. */
void row_write(msgpack_packer *pk, const struct row *row);

/* A group's map. for_digest: without the times and without sysUpTime. */
void pack_group(msgpack_packer *pk, const struct reading *r, enum reading_group g,
	uint64_t read_at_ms, bool for_digest);

/* An OID as text -> BER contents. Bytes written, or 0 if the text is not exactly what the way back
 * would give. dst has room for LIMIT_OID_BER. */
size_t pack_oid(uint8_t dst[LIMIT_OID_BER], struct text dotted);

#endif
