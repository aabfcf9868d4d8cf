/* SPDX-License-Identifier: Apache-2.0
 * One entry of the audit ledger, and its line (engine/store/audit.h). */
#ifndef PLATEN_STORE_AUDIT_ENTRY_H
#define PLATEN_STORE_AUDIT_ENTRY_H

#include "proto/base/err.h"
#include "proto/base/limits.h"
#include "proto/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AUDIT_DIGEST 32

enum audit_kind {
	AUDIT_SEGMENT,      /* the first entry of a segment */
	AUDIT_RECOVERED,    /* bytes of an incomplete line were removed */
	AUDIT_DAMAGED,      /* the entries before do not fit together */
	AUDIT_LOST,         /* entries that had no place in memory while the disk was full */
	AUDIT_SYNC,         /* agent: a sync, successful or not */
	AUDIT_MISSED,       /* agent: syncs of the schedule that were left out */
	AUDIT_BATCH,        /* agent: a batch that the hub has receipted */
	AUDIT_UPLOAD,       /* hub: a batch, accepted or refused */
	AUDIT_COVERAGE,     /* hub: a coverage that was refused */
	AUDIT_LOGIN,        /* hub: a failed login */
	AUDIT_CONFIG,       /* start with a changed configuration, or SIGHUP */
	AUDIT_ACCOUNT,      /* hub: an account was made or changed */
	AUDIT_KEY,          /* a key was pinned, changed or rotated */
	AUDIT_IDENTITY,     /* the agent's identity was reset */
	AUDIT_PURGE,        /* data was deleted on request */
	AUDIT_ACTION,       /* another action on request: sync-now, export, import ... */
	AUDIT_RECORDS_LOST, /* hub: records that it has receipted and does not have */
	AUDIT_HEARTBEAT,    /* agent: heartbeats begin to fail, or arrive again */
	AUDIT_KIND_COUNT
};
const char *audit_kind_name(enum audit_kind kind);

struct audit_entry {
	uint64_t number; /* audit_append's */
	uint64_t at_ms;  /* Unix */
	enum audit_kind kind;
	char who[LIMIT_AUDIT_WHO]; /* account, "user 1001" of the system, or peer */
	char result[64];           /* "ok", or the error (err_text) */
	char what[LIMIT_AUDIT_WHAT];
	uint8_t digest[AUDIT_DIGEST]; /* audit_append's */
};

/* Fills in everything but number and digest; `err` 0 is "ok". Longer texts are cut. */
void audit_entry_set(struct audit_entry *e, uint64_t at_ms, enum audit_kind kind, const char *who,
	int err, const char *what_fmt, ...) PRINTF_LIKE(6, 7);
/* "user 1001" of the process. A number: an exported ledger leaves this host, and no login name may.
 */
const char *audit_os_user(char dst[LIMIT_AUDIT_WHO]);

/* ---- as a line ---- */
/* Writes the line with its LF and sets e->digest; texts that do not fit are cut. Returns its
 * length, at most LIMIT_AUDIT_LINE, or ERR_CRYPTO. */
int audit_line_write(char dst[LIMIT_AUDIT_LINE], struct audit_entry *e,
	const uint8_t before[AUDIT_DIGEST]) MUST_USE;
/* A line without its LF: ERR_FORMAT unless it is exactly what audit_line_write writes. The digest
 * is read, not checked. */
int audit_line_read(struct audit_entry *e, const uint8_t *line, size_t len) MUST_USE;

/* SHA-256 over the digest of the entry before and a line up to its last TAB. */
int audit_line_digest(uint8_t digest[AUDIT_DIGEST], const uint8_t before[AUDIT_DIGEST],
	const void *line, size_t len) MUST_USE;

/* The first entry of a segment. */
struct audit_segment_head {
	uint32_t segment;
	uint32_t oldest; /* kept when this one began */
	uint8_t previous[AUDIT_DIGEST];
	char config[2 * AUDIT_DIGEST + 1]; /* of the newest AUDIT_CONFIG entry, or "" */
};
int audit_segment_read(struct audit_segment_head *h, const struct audit_entry *e) MUST_USE;
/* The value of "name=" among the words of `what`; empty if it is not there. */
struct text audit_entry_word(const struct audit_entry *e, const char *name);
/* RFC 3339 in UTC with milliseconds, as str_utc writes it. 0 or ERR_FORMAT. */
int audit_time_read(uint64_t *ms, struct text t) MUST_USE;

/* The digest of an AUDIT_CONFIG entry, or "". */
void audit_config_read(char digest[2 * AUDIT_DIGEST + 1], const struct audit_entry *e);

#endif
