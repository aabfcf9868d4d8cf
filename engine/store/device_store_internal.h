/* SPDX-License-Identifier: Apache-2.0
 * What the files of the device store share. Two halves: struct device_store_disk belongs to the job
 * that runs on WORKER_DISK (to the main thread at start), the rest of struct known to the loop. A
 * batch belongs to the loop while it is filled and to the worker while it is written. */
#ifndef PLATEN_STORE_DEVICE_STORE_INTERNAL_H
#define PLATEN_STORE_DEVICE_STORE_INTERNAL_H

#include "proto/base/due.h"
#include "engine/store/db.h"
#include "engine/store/device_store.h"

#include <limits.h>

/* ---- device_store_pack.c: rows as bytes
 * ------------------------------------------------------------- */

enum { DEVICE_STORE_PART_BYTES = 640 };
int device_store_unpack_address(struct device_row *row, const uint8_t *bytes, size_t len) MUST_USE;

/* One part with its checksum; returns the length. */
size_t device_store_pack(uint8_t dst[DEVICE_STORE_PART_BYTES], const struct device_row *row,
	enum device_row_part part);
/* ERR_STORE_CORRUPT leaves the part of the row zeroed. */
/* What the first version of the schema kept of an SNMPv3 engine, beside the profile. */
int device_store_unpack_engine(struct device_row *row, const uint8_t *bytes, size_t len) MUST_USE;
int device_store_unpack(struct device_row *row, enum device_row_part part, const uint8_t *bytes,
	size_t len) MUST_USE;

/* ---- device_store_disk.c
 * ---------------------------------------------------------------------------- */

extern const struct db_schema device_store_schema;
extern const char device_store_select[]; /* rows, as device_store_read_row takes them */

struct device_store_batch {
	uint64_t wall_ms;             /* when it was filled */
	uint64_t drop_before_wall_ms; /* rows not written since are dropped; 0: none */
	size_t rows;
	size_t events;
	unsigned parts[LIMIT_DEVICE_STORE_BATCH];
	struct device_row row[LIMIT_DEVICE_STORE_BATCH];
	struct device_event event[LIMIT_DEVICE_EVENTS_WAITING];
};

struct device_store_disk {
	char dir[PATH_MAX];
	bool has_lock;
	struct db *db;
	struct db_stmt put_row, has_row, drop_oldest, drop_unwritten, put_event, drop_events;
	uint64_t rows;
	/* Told to the loop when a job is done. */
	uint64_t dropped_rows, moved_aside;
};

/* 0, or 1 when a damaged file was moved aside. */
int device_store_disk_open(struct device_store_disk *d, char *why, size_t why_cap) MUST_USE;
int device_store_disk_write(
	struct device_store_disk *d, const struct device_store_batch *batch) MUST_USE;
void device_store_disk_close(struct device_store_disk *d);
/* The row that the statement stands on; returns how many of its parts were damaged, or an error. */
int device_store_read_row(struct db_stmt *st, struct device_row *row) MUST_USE;

/* ---- known.c ---- */

struct device_store {
	struct loop *loop;
	struct workers *workers;
	struct list waiting; /* struct device_store_put */
	size_t waiting_count;
	struct due due;      /* the next commit */
	uint64_t drop_at_ms; /* when rows of devices that are gone are dropped next */
	struct device_event event[LIMIT_DEVICE_EVENTS_WAITING];
	size_t events;
	struct device_store_counts counts;
	bool is_writing; /* batch and disk are the worker's */
	bool is_again;   /* batch could not be written, and waits for `due` */
	bool is_closing;
	struct worker_job job;
	struct device_store_batch batch;
	struct device_store_disk disk;
	void (*on_closed)(void *owner);
	void *owner;
};

#endif
