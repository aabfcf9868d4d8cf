/* SPDX-License-Identifier: Apache-2.0
 * Shared by the parsers of the six formats: the growing table, values from text, names. */
#ifndef PLATEN_RECORDING_RECORDING_INTERNAL_H
#define PLATEN_RECORDING_RECORDING_INTERNAL_H

#include "proto/base/str.h"
#include "proto/recording/recording.h"

/* A varbind whose bytes are at offsets in the arena, which may still move. */
struct recording_item {
	uint32_t name_at, value_at;
	uint32_t value_len;
	uint16_t name_len;
	uint8_t type;
};

struct recording_reader {
	struct recording *w;
	struct buf items;
	size_t line;      /* of the input, from 1; JSON: the entry, from 0 */
	const char *unit; /* "line" or "entry" */
	char *why;
	recording_on_damage *on_damage; /* NULL: a damaged line ends the parse */
	void *owner;
	bool is_over; /* out of memory or above a limit of the whole recording: no line is to blame
		       */
	char first_damage[LIMIT_WHY];
};

/* Sets why; returns err. */
int recording_fail(struct recording_reader *r, int err, const char *reason);

/* The error of a line or an entry: 0 if that is skipped and reported, else err itself. */
int recording_damaged(struct recording_reader *r, int err);

/* Adds a varbind. 0, or ERR_LIMIT or -ENOMEM with `why` set. */
int recording_add(struct recording_reader *r, const struct oid *name, uint8_t type,
	const void *value, size_t len) MUST_USE;

/* The same of a buffer, which is closed; `err`: what filled it. */
int recording_add_buf(struct recording_reader *r, const struct oid *name, uint8_t type,
	struct buf *value, int err) MUST_USE;

/* Adds a varbind with its value as text: decimal (INTEGER to Counter64), dotted (OID, IpAddress),
 * empty (NULL); for OCTETS the bytes themselves. Also returns ERR_FORMAT, ERR_RANGE. */
int recording_add_text(struct recording_reader *r, const struct oid *name, uint8_t type,
	struct text value) MUST_USE;

/* The same without a type, which is derived (recording_type.c). */
int recording_add_typeless(struct recording_reader *r, const struct oid *name,
	struct text name_text, struct text value) MUST_USE;

/* Also "iso.3.6", "SNMPv2-SMI::enterprises.253", "HOST-RESOURCES-MIB::hrDeviceDescr.1". */
int recording_name(struct oid *o, struct text t) MUST_USE;

/* Appends bytes from pairs of hexadecimal digits, with blanks or colons between them allowed, up to
 * the first other character. *ret_used: bytes of the text consumed. */
int recording_hex(struct buf *out, struct text t, size_t *ret_used) MUST_USE;

/* The type of the column by its MIB: enum ber_type, or 0; *is_mac for physical addresses. */
uint8_t recording_type_of(struct text name, bool *is_mac);

int recording_read_snmprec(struct recording_reader *r, struct text in) MUST_USE;
int recording_read_snmpwalk(struct recording_reader *r, struct text in) MUST_USE;
int recording_read_valueoid(struct recording_reader *r, struct text in) MUST_USE;
int recording_read_json(
	struct recording_reader *r, enum recording_format format, struct text in) MUST_USE;

/* Cuts the next line off *rest; without its line end. */
struct text recording_line(struct text *rest);
bool recording_starts(struct text t, const char *with);

#endif
