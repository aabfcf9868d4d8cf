/* SPDX-License-Identifier: Apache-2.0
 * The check of a ledger, line after line (engine/store/audit.h). */
#ifndef PLATEN_STORE_AUDIT_CHECK_H
#define PLATEN_STORE_AUDIT_CHECK_H

#include "engine/store/audit_entry.h"

/* A negative return ends the iteration and is handed back. */
typedef int audit_on_entry(void *owner, const struct audit_entry *e);

struct audit_fault {
	uint32_t segment; /* 0: of an exported file */
	uint64_t number;  /* of the entry; of the last one before it if the line has none */
	const char *cause;
};
typedef void audit_on_fault(void *owner, const struct audit_fault *fault);

struct audit_totals {
	uint64_t entries, faults, recovered;
	uint64_t first, last; /* numbers */
	uint32_t segments;
	uint8_t newest[AUDIT_DIGEST];
};

/* Any of the callbacks may be NULL. */
struct audit_reader {
	audit_on_entry *on_entry;
	audit_on_fault *on_fault;
	int (*on_line)(void *owner, const uint8_t *line, size_t len); /* as it lies there */
	void *owner;
};

/* Goes through a ledger line by line. The first line of a segment or file may follow anything. */
struct audit_check {
	const struct audit_reader *reader;
	struct audit_totals totals;
	uint32_t segment;
	bool has_before;   /* `newest` is the digest of the entry before */
	uint64_t expected; /* number of the next entry; 0: any */
	struct audit_entry entry;
	char config[2 * AUDIT_DIGEST + 1];
};
void audit_check_open(struct audit_check *c, const struct audit_reader *r);
/* `line` without its LF. 0, or what a callback returned below 0. */
int audit_check_line(struct audit_check *c, const uint8_t *line, size_t len) MUST_USE;
/* Bytes behind the last LF. */
void audit_check_rest(struct audit_check *c);
void audit_check_fault(struct audit_check *c, uint64_t number, const char *cause);
/* The lines of `bytes`. Returns how many bytes are whole lines, or a callback's error. */
int64_t audit_check_bytes(struct audit_check *c, const uint8_t *bytes, size_t len) MUST_USE;

#endif
