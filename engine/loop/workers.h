/* SPDX-License-Identifier: Apache-2.0
 * Work off the loop. A worker runs one job at a time, in order, on a thread of libuv's pool, so
 * jobs of one worker never race each other: DISK owns the database connection, READ has its
 * read-only ones, HASH is for slow password hashes, NAMES for the system's
 * resolver, which may wait for seconds. A job is embedded in its owner; the pool
 * touches only what the job itself points to, never the engine's state. */
#ifndef PLATEN_LOOP_WORKERS_H
#define PLATEN_LOOP_WORKERS_H

#include "proto/base/err.h"
#include "proto/base/list.h"
#include "engine/loop/loop.h"

enum worker { WORKER_DISK, WORKER_READ, WORKER_HASH, WORKER_NAMES, WORKER_COUNT };

struct worker_job {
	struct list node; /* workers: waiting */
	/* On a pool thread; its return value is handed to on_done. NULL: 0 is. */
	int (*work)(struct worker_job *job);
	/* On the loop, once, never before worker_submit has returned. */
	void (*on_done)(struct worker_job *job, int result);
};

struct workers;

int workers_open(struct workers **ret, struct loop *l) MUST_USE;

/* Cannot fail once the workers are open: a job is queued in its own node. The number of jobs is
 * bounded by their owners. */
void worker_submit(struct workers *workers, enum worker worker, struct worker_job *job);
/* The same, with the job's functions set before. */
void worker_start(struct workers *workers, enum worker worker, struct worker_job *job,
	int (*work)(struct worker_job *job), void (*on_done)(struct worker_job *job, int result));

/* Whether a worker has nothing running or waiting. */
bool worker_is_idle(const struct workers *workers, enum worker worker);

/* Jobs already submitted still run and report; then loop_run can end. Frees `workers` after that.
 */
void workers_close(struct workers *workers);

#endif
