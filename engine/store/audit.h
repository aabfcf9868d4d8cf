/* SPDX-License-Identifier: Apache-2.0
 * The audit ledger of a program: what it sent or received, changed and was asked to do, one line an
 * entry, in the state directory (docs/decisions/0025-hash-chained-ledger.md).
 *
 *   audit-00000001.log   a segment: lines of at most LIMIT_AUDIT_LINE bytes, fsynced before
 *                        audit_append returns
 *   audit.head           segment, number and digest of the newest entry, written in place after
 *                        each append; its flock admits one writer at a time
 *
 * A line is NUMBER TAB TIME TAB KIND TAB WHO TAB RESULT TAB WHAT TAB DIGEST LF. The digest is
 * SHA-256 over the digest of the entry before (32 bytes) and the line up to its last TAB. The first
 * entry of a segment names the last digest of the segment before it and the oldest segment that is
 * kept, so that a removed segment is distinguished from one beyond LIMIT_AUDIT_SEGMENTS.
 *
 * A kill leaves at most one incomplete line at the end, which was never reported as written: it is
 * removed and counted in an entry "recovered". Anything else that does not fit is damage: it stays
 * as it is, a new segment begins with an entry "damaged", and audit_verify names it from then on.
 *
 * Several processes may append to one ledger (the daemon and a verb). All calls block; in a daemon
 * they belong on WORKER_DISK (audit_queue.h). */
#ifndef PLATEN_STORE_AUDIT_H
#define PLATEN_STORE_AUDIT_H

#include "engine/store/audit_check.h"
#include "engine/store/audit_entry.h"

/* ---- writing ---- */
struct audit;

struct audit_options {
	const char *dir;        /* exists already */
	uint32_t segment_bytes; /* 0: LIMIT_AUDIT_SEGMENT */
	uint32_t segments;      /* 0: LIMIT_AUDIT_SEGMENTS */
};

/* Touches no file: the first append opens the ledger. -ENOMEM, -ENAMETOOLONG. */
int audit_open(struct audit **ret, const struct audit_options *o) MUST_USE;
/* All of the entries, at most LIMIT_AUDIT_PENDING, by one fsync; fills in numbers and digests.
 * After an error none is in the ledger, and it may be tried again. */
int audit_append(struct audit *a, struct audit_entry *entries, size_t count) MUST_USE;
void audit_close(struct audit *a); /* NULL is harmless */

/* The newest digest as of the last append, zeroes before the first; opens the ledger if need be. */
int audit_newest(struct audit *a, uint8_t digest[AUDIT_DIGEST]) MUST_USE;
/* The digest of the configuration by the newest AUDIT_CONFIG entry, whose `what` has a word
 * "digest=HEX"; "" if there is none. Opens the ledger if need be. */
int audit_config(struct audit *a, char digest[2 * AUDIT_DIGEST + 1]) MUST_USE;

/* For a verb: one entry by this process, now. */
int audit_note(const char *dir, enum audit_kind kind, int err, const char *what) MUST_USE;

/* ---- reading ---- */
/* Reads a whole ledger, from its oldest entry, and checks it: beside the daemon, without changing
 * anything. 0 or an error that stopped the reading (-ENOENT: there is none); faults are not errors.
 * audit_read_file: an exported one. */
int audit_read(const char *dir, const struct audit_reader *r, struct audit_totals *ret) MUST_USE;
int audit_read_file(
	const char *path, const struct audit_reader *r, struct audit_totals *ret) MUST_USE;

#endif
