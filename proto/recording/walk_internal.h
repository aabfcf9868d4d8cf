/* SPDX-License-Identifier: Apache-2.0
 * Shared by the readers of the six formats: the table while it grows, values from text, names. */
#ifndef PLATEN_RECORDING_WALK_INTERNAL_H
#define PLATEN_RECORDING_WALK_INTERNAL_H

#include "proto/base/str.h"
#include "proto/recording/walk.h"

/* A varbind whose bytes lie in the arena, which still moves: offsets. */
struct walk_item {
	uint32_t name_at, value_at;
	uint32_t value_len;
	uint16_t name_len;
	uint8_t type;
};

struct walk_reader {
	struct walk *w;
	struct buf items;
	size_t line;      /* of the input, from 1; JSON: the entry, from 0 */
	const char *unit; /* "line" or "entry" */
	char *why;
};

/* Sets why; returns err. */
int walk_fail(struct walk_reader *r, int err, const char *reason);

/* Adds a varbind. 0, ERR_LIMIT or -ENOMEM, with why. */
int walk_add(struct walk_reader *r, const struct oid *name, uint8_t type, const void *value,
	size_t len) MUST_USE;

/* Adds a varbind whose value is given as text of its type: decimal (INTEGER to Counter64), dotted
 * (OID, IpAddress), nothing (NULL); for OCTETS the bytes themselves. Adds ERR_FORMAT, ERR_RANGE. */
int walk_add_text(
	struct walk_reader *r, const struct oid *name, uint8_t type, struct text value) MUST_USE;

/* The same without a type: it is derived (walk_type.c). */
int walk_add_typeless(struct walk_reader *r, const struct oid *name, struct text name_text,
	struct text value) MUST_USE;

/* A dotted name, with or without a leading dot. */
int walk_oid(struct oid *o, struct text t) MUST_USE;

/* Also "iso.3.6", "SNMPv2-SMI::enterprises.253", "HOST-RESOURCES-MIB::hrDeviceDescr.1". */
int walk_name(struct oid *o, struct text t) MUST_USE;

/* Contents bytes of a value in text: the length, or ERR_FORMAT, ERR_RANGE. */
int walk_encode(uint8_t type, struct text value, uint8_t *dst, size_t cap) MUST_USE;

/* Pairs of hexadecimal digits, blanks (or colons) between them allowed, up to the first other
 * thing: bytes into `out`. *ret_used is how much of the text was taken. */
int walk_hex(struct buf *out, struct text t, size_t *ret_used) MUST_USE;

/* What the MIBs say of the column: an enum ber_type, or 0; *is_mac for physical addresses. */
uint8_t walk_type_of(struct text name, bool *is_mac);

int walk_read_snmprec(struct walk_reader *r, struct text in) MUST_USE;
int walk_read_snmpwalk(struct walk_reader *r, struct text in) MUST_USE;
int walk_read_valueoid(struct walk_reader *r, struct text in) MUST_USE;
int walk_read_json(struct walk_reader *r, enum walk_format format, struct text in) MUST_USE;

/* The next line without its end, taken off *rest. */
struct text walk_line(struct text *rest);
bool walk_starts(struct text t, const char *with);

#endif
