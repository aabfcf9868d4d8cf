/* SPDX-License-Identifier: Apache-2.0
 * The loop: one thread, one libuv loop, one timer that drives the deadline heap. No other floor
 * sees uv.h. Time is read once a turn and passed down: loop_now_ms is what every deadline uses.
 * Order of calls: loop_open, then handles of other modules, loop_run, close all handles (each
 * module's close is idempotent and ends in a callback), loop_run again until they have gone,
 * loop_close, which refuses with -EBUSY while anything is still open. */
#ifndef PLATEN_LOOP_LOOP_H
#define PLATEN_LOOP_LOOP_H

#include "proto/base/due.h"
#include "proto/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;

/* `due_max`: how many deadlines may be set at once, of all owners. */
int loop_open(struct loop **ret, size_t due_max) MUST_USE;

/* Until loop_stop, or until nothing is open any more. */
int loop_run(struct loop *l) MUST_USE;
void loop_stop(struct loop *l);

/* 0, or -EBUSY while a handle is open (a leak: every test asserts 0). NULL is harmless. */
int loop_close(struct loop *l) MUST_USE;

/* Monotonic milliseconds, as read at the start of this turn (or at loop_refresh). */
uint64_t loop_now_ms(const struct loop *l);

/* Unix milliseconds by the wall clock, read together with loop_now_ms. Only for records, logs
 * and the schedule: never for deadlines. */
uint64_t loop_wall_ms(const struct loop *l);

/* Reads the clocks again: after a batch of datagrams, whose responses must not be dated too early.
 */
void loop_refresh(struct loop *l);

/* Sets or moves a deadline; its on_time runs on the loop, never before this call has returned,
 * also when at_ms has passed. */
int loop_due_set(struct loop *l, struct due *d, uint64_t at_ms) MUST_USE;
void loop_due_clear(struct loop *l, struct due *d);

/* Signals, as ordinary callbacks, until loop_signals_close. A signal that was blocked is unblocked
 * by the watch, and received if it was pending. */
typedef void loop_on_signal(void *owner, int signo);
int loop_signal_watch(struct loop *l, int signo, loop_on_signal *on_signal, void *owner) MUST_USE;
void loop_signals_close(struct loop *l);

/* Starts the threads of libuv's pool now, once, instead of with the first job: they inherit which
 * signals are blocked. loop_run has to follow. */
void loop_start_threads(struct loop *l);

/* Milliseconds that the loop has spent waiting since it was opened. */
uint64_t loop_idle_ms(const struct loop *l);

/* Loop lag: the duration of the iterations of the last hour (and up to two), in milliseconds; less
 * than one counts as 0. */
struct loop_lag {
	uint64_t turns, slow; /* slow: over 50 ms */
	uint64_t p50_ms, p99_ms, p999_ms, max_ms;
};
void loop_get_lag(const struct loop *l, struct loop_lag *ret);

/* Whether this iteration has lasted LIMIT_LOOP_ITERATION_MS: the caller leaves further work for the
 * next one, so that sockets, timers and signals are all served. Reads the clock. */
bool loop_iteration_is_long(const struct loop *l);
/* The number of this iteration. */
uint64_t loop_iteration(const struct loop *l);

/* The longest iteration since the last call: the loop lag. */
uint64_t loop_take_lag_ms(struct loop *l);

#endif
