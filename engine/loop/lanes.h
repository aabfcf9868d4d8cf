/* SPDX-License-Identifier: Apache-2.0
 * Work off the loop. A lane runs one job at a time, in order, on a thread of libuv's pool, so jobs
 * of one lane never race each other: DISK owns the database connection, READ has its read-only
 * ones, HASH is for slow password hashes. A job is embedded in its owner; the pool touches only
 * what the job itself points to, never the engine's state. */
#ifndef PLATEN_LOOP_LANES_H
#define PLATEN_LOOP_LANES_H

#include "proto/base/err.h"
#include "proto/base/list.h"
#include "engine/loop/loop.h"

enum lane { LANE_DISK, LANE_READ, LANE_HASH, LANE_COUNT };

struct lane_job {
	struct list node; /* lanes: waiting */
	/* On a pool thread; its return value is handed to on_done. */
	int (*work)(struct lane_job *job);
	/* On the loop, once, never before lane_submit has returned. */
	void (*on_done)(struct lane_job *job, int result);
};

struct lanes;

int lanes_open(struct lanes **ret, struct loop *l) MUST_USE;

/* Cannot fail once the lanes are open: a job is queued in its own node. The number of jobs is
 * bounded by their owners. */
void lane_submit(struct lanes *lanes, enum lane lane, struct lane_job *job);

/* Whether a lane has nothing running or waiting. */
bool lane_is_idle(const struct lanes *lanes, enum lane lane);

/* Jobs already submitted still run and report; then loop_run can end. Frees `lanes` after that. */
void lanes_close(struct lanes *lanes);

#endif
