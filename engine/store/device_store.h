/* SPDX-License-Identifier: Apache-2.0
 * Devices over restarts: identity, address, credential and profile of each (discovery.db in the
 * state directory; SQLite, one owner connection on WORKER_DISK). One row an address and port. A
 * lost row is learned anew, so a damaged file is moved aside (discovery.db.damaged) and a new one
 * begun, and a row part whose checksum does not fit is left out and counted.
 *
 * Rows are read once, at start, by device_store_each. Rows
 * are written by device_store_put: the owner embeds a struct device_store_put, and fills the row
 * when a commit is put together, so that a device that changes often waits in one place only, and
 * nothing is ever refused.
 *
 * Order of calls: device_store_open (blocks: before the loop runs), device_store_each, then
 * device_store_put and known_event as things happen, device_store_close (the loop must run for it).
 */
#ifndef PLATEN_STORE_DEVICE_STORE_H
#define PLATEN_STORE_DEVICE_STORE_H

#include "proto/base/err.h"
#include "proto/base/limits.h"
#include "proto/base/list.h"
#include "engine/loop/workers.h"
#include "engine/loop/loop.h"
#include "engine/store/address_key.h"
#include "engine/store/device_profile.h"

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

struct device_store;

/* Which parts of a row are meant; a part that is not meant stays as it was. */
enum device_row_part {
	DEVICE_ROW_IDENTITY = 1u << 0,
	DEVICE_ROW_PROFILE = 1u << 1,
	DEVICE_ROW_ALL = 3
};

/* One device at one address. Texts are empty, numbers 0, where nothing is known. */
struct device_row {
	union {
		struct sockaddr sa;
		struct sockaddr_in in4;
		struct sockaddr_in6 in6;
	} address; /* with its port: the key of the row */

	/* Whatever the parts: a key that is not empty and later times replace what was there. */
	char key[LIMIT_DEVICE_KEY];  /* "serial:xerox/3WX100" */
	uint64_t first_seen_wall_ms; /* the earliest stays */
	uint64_t last_seen_wall_ms;

	/* DEVICE_ROW_IDENTITY */
	char credential[LIMIT_CREDENTIAL_NAME]; /* its name; empty: the target's own community */
	char vendor[LIMIT_TEXT_SHORT];
	char model[LIMIT_TEXT_SHORT];
	char serial[LIMIT_TEXT_SHORT];
	char mac[24];
	uint64_t gone_wall_ms; /* 0: it is there */
	uint8_t version;       /* enum snmp_version that was answered */
	bool is_printer;
	bool is_found; /* by discovery, not by the configuration */

	/* DEVICE_ROW_PROFILE: its times are monotonic here, wall time on disk and in a view. */
	struct device_profile profile;
};

enum device_event_kind {
	DEVICE_EVENT_NEW = 1,
	DEVICE_EVENT_MOVED, /* another address than before */
	DEVICE_EVENT_GONE,
	DEVICE_EVENT_BACK,
	DEVICE_EVENT_ENGINE_CHANGED,     /* another engineID than the pinned one */
	DEVICE_EVENT_STOPPED_RESPONDING, /* after a request; in safe mode from now on */
	DEVICE_EVENT_CONFLICT            /* two devices say that they are the same */
};

struct device_event {
	uint64_t wall_ms;
	uint8_t kind; /* enum device_event_kind */
	char address[LIMIT_ADDRESS];
	char key[LIMIT_DEVICE_KEY];
	char detail[LIMIT_TEXT_SHORT * 2];
};

/* 0; 1: what was there is damaged and was moved aside, `why` says so; else an error. has_lock: the
 * caller holds the state directory's lock (the spool's); else it is taken. */
int device_store_open(struct device_store **ret, struct loop *l, struct workers *workers,
	const char *dir, bool has_lock, char *why, size_t why_cap) MUST_USE;

/* Every row, in no order, at start. A negative return of `each` ends it and is passed on. */
int device_store_each(struct device_store *k,
	int (*each)(void *owner, const struct device_row *row), void *owner) MUST_USE;

/* A row to write. Embedded in its owner, zeroed before its first use. */
struct device_store_put {
	struct list node; /* device_store: waiting */
	bool is_waiting;  /* device_store */
	/* Fills the row (which comes zeroed; the address always) and says which parts it filled:
	 * called once for each device_store_put, from the loop, not before device_store_put has
	 * returned. The put may be used again from inside. 0 parts: nothing is written. */
	unsigned (*fill)(struct device_store_put *put, struct device_row *row);
};

/* The row will be written within LIMIT_DEVICE_STORE_LINGER_MS or two. Harmless if it waits already.
 */
void device_store_put(struct device_store *k, struct device_store_put *put);

/* Kept in the table of events (at most LIMIT_DEVICE_EVENTS, the oldest go first). More than
 * LIMIT_DEVICE_EVENTS_WAITING between two commits are counted and dropped. */
void device_store_add_event(struct device_store *k, const struct device_event *event);

struct device_store_counts {
	uint64_t rows;    /* at start, and new ones since */
	uint64_t written; /* rows, since start */
	uint64_t damaged; /* row parts that were left out */
	uint64_t dropped; /* events */
	uint64_t refused; /* new rows over LIMIT_DEVICE_STORE_ROWS: the longest unseen ones went */
	uint64_t errors;  /* commits that failed: tried again after LIMIT_DEVICE_STORE_RETRY_MS */
	int last_err;     /* why the last one failed; 0: it did not */
	uint64_t commits;
	uint64_t moved_aside; /* times that the file was damaged */
};
void device_store_counts(const struct device_store *k, struct device_store_counts *ret);

/* Writes what waits, then closes; on_closed is the last call. NULL is harmless (on_closed is called
 * from inside). */
void device_store_close(struct device_store *k, void (*on_closed)(void *owner), void *owner);

/* ---- for verbs: read only, beside the daemon or without one --------------------------------- */

struct db;
/* A connection for the two below; db_close ends it. -ENOENT: nothing was ever stored. */
int device_store_view_open(struct db **ret, const char *dir, char *why, size_t why_cap) MUST_USE;
int device_store_view_each(struct db *db, int (*each)(void *owner, const struct device_row *row),
	void *owner) MUST_USE;
/* Newest first, at most `most`. */
int device_store_view_events(struct db *db, size_t most,
	int (*each)(void *owner, const struct device_event *event), void *owner) MUST_USE;

const char *device_event_name(unsigned kind); /* "new", "moved" ... */

#endif
