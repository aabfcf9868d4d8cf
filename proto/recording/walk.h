/* SPDX-License-Identifier: Apache-2.0
 * Recordings of printers, in the six formats that other projects publish, become one sorted table
 * of typed varbinds. Bytes in, table out: no files here. The table owns its memory, which never
 * exceeds LIMIT_WALK_BYTES; walk_close gives it back.
 *
 * Formats without types get them from what the MIBs say of the column (walk_type.c). A line that is
 * not a varbind (headings, web pages pasted by hand) is passed over and counted. */
#ifndef PLATEN_RECORDING_WALK_H
#define PLATEN_RECORDING_WALK_H

#include "proto/base/buf.h"
#include "proto/base/err.h"
#include "proto/base/limits.h"
#include "proto/smi/varbind.h"

#include <stddef.h>
#include <stdint.h>

enum walk_format {
	WALK_SNMPREC,  /* OID|TAG|VALUE (snmpsim) */
	WALK_SNMPWALK, /* NAME = TYPE: VALUE (net-snmp) */
	WALK_PDUS,     /* JSON array of {oid, type, value, hex_value} */
	WALK_OIDVALUE, /* JSON array of {oid, value} */
	WALK_OIDMAP,   /* JSON object oid: value */
	WALK_VALUEOID  /* value: "oid" */
};

/* Which of several varbinds with one name is kept. */
enum walk_keep { WALK_KEEP_FIRST, WALK_KEEP_LAST };

struct walk {
	struct varbind *rows; /* sorted by name, each name once */
	size_t count;
	size_t duplicates; /* varbinds dropped because their name was there */
	size_t skipped;    /* lines or entries that are no varbind, or have no value */
	struct buf arena;  /* names and values */
};

/* The format that a file name says ("x.snmpwalk", "x.pdus.json"), or ERR_FORMAT. */
int walk_format_of(const char *file_name) MUST_USE;

/* Reads the whole recording. 0, or ERR_FORMAT, ERR_RANGE, ERR_LIMIT, -ENOMEM: then `why` says
 * "line N: reason" (JSON: also "entry N: reason") and *w is closed. */
int walk_parse(struct walk *w, enum walk_format format, enum walk_keep keep, const void *bytes,
	size_t len, char why[LIMIT_WHY]) MUST_USE;

/* Idempotent. */
void walk_close(struct walk *w);

/* The row with this name, or NULL. */
const struct varbind *walk_find(const struct walk *w, struct oid_ber name);

#endif
