/* SPDX-License-Identifier: Apache-2.0
 * A sim world without sockets, disk and clock: the loop's time is virtual and jumps from deadline
 * to deadline, printers are tables that answer after their latency, and the spool keeps records in
 * memory. It implements the contracts of engine/loop/{loop,client}.h, engine/store/spool.h and
 * conf_each_device, so the fleet above is the real one, driven by a script.
 *
 * The values of a printer are a function of virtual time alone, so every record can be held against
 * the truth at any instant. Order of calls: world_open, the fleet's own calls, world_run_until ...,
 * the fleet's end, world_close. */
#ifndef PLATEN_TESTS_REPLAY_WORLD_H
#define PLATEN_TESTS_REPLAY_WORLD_H

#include "proto/base/due.h"
#include "proto/base/list.h"
#include "engine/conf/conf.h"
#include "engine/loop/workers.h"
#include "engine/snmp/snmp_client.h"
#include "engine/store/device_store.h"
#include "engine/store/spool.h"
#include "proto/wire/pack.h"

#include <stddef.h>
#include <stdint.h>

#define HOUR_MS 3600000ull
#define DAY_MS (24 * HOUR_MS)
/* Virtual time starts at midnight UTC of this day. */
#define WORLD_WALL_MS 1795305600000ull

struct loop {
	struct due_heap heap;
	uint64_t now_ms;
	int64_t wall_off_ms; /* the wall clock was set: from WORLD_WALL_MS */
};

/* Requests that crashed real printers. */
enum crash_fault {
	CRASH_ON_NONE,
	CRASH_ON_MANY,    /* more than 8 objects in a request, or in an answer */
	CRASH_ON_BULK,    /* GETBULK */
	CRASH_ON_MISSING, /* a GET for what is not there */
	CRASH_ON_HURRY    /* a third request within a second */
};

struct printer {
	uint32_t latency_ms;
	uint32_t page_every_ms; /* while it prints, by day; 0: it never prints */
	uint64_t silent_from_ms, silent_until_ms;
	uint64_t low_from_ms, low_until_ms;           /* it has an alert in this time */
	uint64_t nameless_from_ms, nameless_until_ms; /* its serial is empty in this time */
	uint32_t serial_add;    /* its serial number is its own number and this: another one stands
				   there */
	bool is_endless;        /* its supplies table has no end */
	bool has_no_bulk;       /* GETBULK is never answered */
	uint64_t asked;         /* requests, resends not counted */
	uint8_t crash_fault;    /* enum crash_fault */
	uint64_t down_until_ms; /* it crashed, and comes up again then */
	uint64_t down_for_ms;
	uint64_t crashes;
	uint64_t fatal_digest,
		repeats; /* digest of the last fatal request; how often it came again */
	uint64_t last_asked_ms, asked_in_second;
	uint64_t up_since_ms; /* its sysUpTime counts from here */
	size_t in_flight, max_in_flight;
	/* The records of it that the spool received. */
	uint64_t records, unnamed, full_records, meter_records, alert_records;
	uint64_t last_pages;
	uint64_t last_record_ms;
	size_t last_alerts;
};

struct snmp_client {
	struct loop *loop;
	struct list asked; /* struct world_request */
	size_t in_flight, max_in_flight;
	size_t window;
	uint64_t drops; /* that the kernel tells */
	uint64_t timeout_ms;
};

struct spool {
	struct loop *loop;
	struct due commit;
	struct list waiting; /* struct spool_put */
	uint64_t next_seq;
	uint64_t linger_ms;
	uint64_t full_from_ms, full_until_ms;   /* spool_put says ERR_FULL */
	uint64_t fails_from_ms, fails_until_ms; /* commits fail: on_kept with ERR_STORE */
	uint64_t kept, failed, refused;
	struct slab blocks; /* for reading records back */
};

enum { WORLD_DEVICES = 512 };

struct device_store {
	struct loop *loop;
	struct list waiting; /* struct device_store_put */
	struct due due;
	struct device_row rows[WORLD_DEVICES];
	size_t count;
	uint64_t written, events;
	struct device_event last;
};

struct world {
	struct loop loop;
	struct snmp_client client;
	struct spool spool;
	struct printer *printers;
	size_t count;
	uint64_t half_groups; /* in records: not called complete */
	/* The resolver; NULL: no name is known. */
	int (*look_up)(struct world *h, struct conf_device *device);
	struct sockaddr_in denied; /* by access.deny; port 0: none */
	struct worker_job *job;    /* that runs next */
	struct due job_due;
	uint64_t wrong; /* values in records that their printer did not hold when it was asked */
};

/* One world at a time: the fakes find it by `world`. */
extern struct world *world;

void world_open(struct world *h, size_t printers);
void world_close(struct world *h);

/* Rows stay from one opening to the next. */
void world_device_store_open(struct device_store *k, struct loop *l);
/* Writes the rows that wait: the fleet may be closed. */
void world_device_store_flush(struct device_store *k);

/* Runs what is due until this instant of virtual time. */
void world_run_until(struct world *h, uint64_t at_ms);

/* Pages of a printer at an instant. It prints from 8 to 18 o'clock. */
uint64_t world_pages(const struct printer *p, uint64_t at_ms);
bool world_is_low(const struct printer *p, uint64_t at_ms);
bool world_is_silent(const struct printer *p, uint64_t at_ms);

/* The varbinds of an answer to q at an instant; returns how many. They point into static memory
 * that is good until the next call. */
size_t world_answer(const struct printer *p, size_t number, uint64_t at_ms,
	const struct snmp_request *q, struct varbind *vb, size_t max);

/* The spool has a record: read back and held against the truth. */
void world_take_record(struct world *h, const uint8_t *bytes, size_t len);

#endif
