/* SPDX-License-Identifier: Apache-2.0
 * Recordings of printers in the six formats that other projects publish, parsed into one sorted
 * table of typed varbinds. Bytes in, table out; no files here. The table owns its memory, at most
 * LIMIT_WALK_BYTES, until recording_close.
 *
 * A damaged line (a value that is not of its type, a name that is none) ends the parse, or is
 * skipped and reported by recording_parse_lenient.
 *
 * Formats without types get them from the MIB definition of the column (recording_type.c). Lines
 * that are no varbind (headings, pasted web pages) are skipped and counted. */
#ifndef PLATEN_RECORDING_RECORDING_H
#define PLATEN_RECORDING_RECORDING_H

#include "proto/base/buf.h"
#include "proto/base/err.h"
#include "proto/base/limits.h"
#include "proto/smi/varbind.h"

#include <stddef.h>
#include <stdint.h>

enum recording_format {
	RECORDING_SNMPREC,  /* OID|TAG|VALUE (snmpsim) */
	RECORDING_SNMPWALK, /* NAME = TYPE: VALUE (net-snmp) */
	RECORDING_PDUS,     /* JSON array of {oid, type, value, hex_value} */
	RECORDING_OIDVALUE, /* JSON array of {oid, value} */
	RECORDING_OIDMAP,   /* JSON object oid: value */
	RECORDING_VALUEOID  /* value: "oid" */
};

/* The varbind to keep if several have the same name. */
enum recording_keep { RECORDING_KEEP_FIRST, RECORDING_KEEP_LAST };

struct recording {
	struct varbind *rows; /* sorted by name, each name once */
	size_t count;
	size_t duplicates; /* varbinds dropped as duplicates */
	size_t skipped;    /* lines or entries that are no varbind, or have no value */
	size_t damaged;    /* lines or entries that recording_parse_lenient skipped */
	struct buf arena;  /* names and values */
};

/* The format by the ending of a file name ("x.snmpwalk", "x.pdus.json"), or ERR_FORMAT. */
int recording_format_of(const char *file_name) MUST_USE;

/* Parses a whole recording. 0, or ERR_FORMAT, ERR_RANGE, ERR_LIMIT, -ENOMEM; then `why` is "line N:
 * reason" (JSON: also "entry N: reason") and *w is closed. */
int recording_parse(struct recording *w, enum recording_format format, enum recording_keep keep,
	const void *bytes, size_t len, char why[LIMIT_WHY]) MUST_USE;

/* A damaged line or entry was skipped; `why` as in recording_parse. */
typedef void recording_on_damage(void *owner, const char *why);

/* The same, but damaged lines or entries are skipped and reported. A recording without any varbind
 * that is left, one that is too large, and JSON with a syntax error fail as in recording_parse. */
int recording_parse_lenient(struct recording *w, enum recording_format format,
	enum recording_keep keep, const void *bytes, size_t len, recording_on_damage *on_damage,
	void *owner, char why[LIMIT_WHY]) MUST_USE;

/* Idempotent. */
void recording_close(struct recording *w);

/* The row with this name, or NULL. */
const struct varbind *recording_find(const struct recording *w, struct oid_ber name);

#endif
