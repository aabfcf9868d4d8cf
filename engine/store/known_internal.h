/* SPDX-License-Identifier: Apache-2.0
 * What the files of known share. Two halves: struct known_disk belongs to the job that runs on
 * WORKER_DISK (to the main thread at start), the rest of struct known to the loop. A batch belongs
 * to the loop while it is filled and to the worker while it is written. */
#ifndef PLATEN_STORE_KNOWN_INTERNAL_H
#define PLATEN_STORE_KNOWN_INTERNAL_H

#include "proto/base/due.h"
#include "engine/store/db.h"
#include "engine/store/known.h"

#include <limits.h>

/* ---- known_pack.c: rows as bytes ------------------------------------------------------------- */

/* The address as the row's key: family, port, address, scope. */
enum { KNOWN_ADDRESS_BYTES = 23, KNOWN_PART_BYTES = 640 };
void known_pack_address(uint8_t dst[KNOWN_ADDRESS_BYTES], const struct known_device *row);
int known_unpack_address(struct known_device *row, const uint8_t *bytes, size_t len) MUST_USE;

/* One part with its checksum; returns the length. */
size_t known_pack(
	uint8_t dst[KNOWN_PART_BYTES], const struct known_device *row, enum known_part part);
/* ERR_STORE_CORRUPT leaves the part of the row zeroed. */
int known_unpack(
	struct known_device *row, enum known_part part, const uint8_t *bytes, size_t len) MUST_USE;

/* ---- known_disk.c ---------------------------------------------------------------------------- */

extern const struct db_schema known_schema;
extern const char known_select[]; /* rows, as known_read_row takes them */

struct known_batch {
	uint64_t wall_ms; /* when it was filled */
	size_t rows;
	size_t events;
	unsigned parts[LIMIT_KNOWN_BATCH];
	struct known_device row[LIMIT_KNOWN_BATCH];
	struct known_event event[LIMIT_KNOWN_EVENTS_WAITING];
};

struct known_disk {
	char dir[PATH_MAX];
	bool has_lock;
	struct db *db;
	struct db_stmt put_row, has_row, drop_oldest, put_event, drop_events;
	uint64_t rows;
	/* Told to the loop when a job is done. */
	uint64_t dropped_rows, moved_aside;
};

/* 0, or 1 when a damaged file was moved aside. */
int known_disk_open(struct known_disk *d, char *why, size_t why_cap) MUST_USE;
int known_disk_write(struct known_disk *d, const struct known_batch *batch) MUST_USE;
void known_disk_close(struct known_disk *d);
/* The row that the statement stands on; returns how many of its parts were damaged, or an error. */
int known_read_row(struct db_stmt *st, struct known_device *row) MUST_USE;

/* ---- known.c ----------------------------------------------------------------------------------
 */

struct known {
	struct loop *loop;
	struct workers *workers;
	struct list waiting; /* struct known_put */
	size_t waiting_count;
	struct due due; /* the next commit */
	struct known_event event[LIMIT_KNOWN_EVENTS_WAITING];
	size_t events;
	struct known_counts counts;
	bool is_writing; /* batch and disk are the worker's */
	bool is_again;   /* batch could not be written, and waits for `due` */
	bool is_closing;
	struct worker_job job;
	struct known_batch batch;
	struct known_disk disk;
	void (*on_closed)(void *owner);
	void *owner;
};

#endif
