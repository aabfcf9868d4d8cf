/* SPDX-License-Identifier: Apache-2.0
 * The files of a ledger, shared by its writer (audit.c) and its reader (audit_read.c). */
#ifndef PLATEN_STORE_AUDIT_FILES_H
#define PLATEN_STORE_AUDIT_FILES_H

#include "engine/store/audit_entry.h"
#include "proto/base/buf.h"

#include <limits.h>

/* The content of audit.head: zeroes if it is not there. */
struct audit_head {
	uint32_t segment;
	uint64_t number;
	uint8_t digest[AUDIT_DIGEST];
};

void audit_segment_path(char path[PATH_MAX], const char *dir, uint32_t segment);

/* Numbers of segments that are there; 0: none. */
struct audit_segments {
	uint32_t oldest, newest;
	uint32_t foreign; /* the lowest one above `upto` */
};

/* Of the segments with numbers `from` to `upto`. */
int audit_find_segments(
	struct audit_segments *ret, const char *dir, uint32_t from, uint32_t upto) MUST_USE;

/* The highest number that a segment of this ledger can have: audit.head, which is written without
 * fsync, may be a little behind. */
uint32_t audit_highest(const struct audit_head *known);

/* A segment or audit.head, with `flags`: never through a link, and without waiting for a pipe. The
 * descriptor, -errno, or ERR_KEY: it is not a regular file. */
int audit_open_file(const char *path, int flags) MUST_USE;

/* Opens audit.head with `flags` and takes its lock, LOCK_SH or LOCK_EX; closing ends it. */
int audit_head_lock(const char *dir, int flags, int how) MUST_USE;
int audit_head_read(struct audit_head *h, int fd) MUST_USE;
/* Without fsync: after a power cut it may name an older entry, never one that is not there. */
int audit_head_write(const struct audit_head *h, int fd) MUST_USE;

/* Opens `bytes`, which the caller closes. ERR_LIMIT: the segment is longer than any that is written
 * (audit_too_long); `bytes` then has its beginning. */
int audit_read_segment(struct buf *bytes, int fd) MUST_USE;
extern const char audit_too_long[];

#endif
