/* SPDX-License-Identifier: Apache-2.0
 * Shared by the spool's tests: a fresh directory, a loop, a spool, records whose bytes follow
 * from their number, and calls that run the loop until the result is there. */
#ifndef PLATEN_TESTS_KIT_SPOOL_FIXTURE_H
#define PLATEN_TESTS_KIT_SPOOL_FIXTURE_H

#include "engine/loop/workers.h"
#include "engine/loop/loop.h"
#include "engine/store/spool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sqlite3.h>

struct fixture {
	char dir[256];
	struct loop *loop;
	struct workers *workers;
	struct spool *spool;
	struct spool_batch batch;
	uint64_t linger_ms;
	uint64_t max_bytes;
	uint64_t max_devices;
	size_t record_len; /* 0: from the number */
	int kept;
	int failed;
	int out;      /* puts without their on_kept yet */
	int last_err; /* of the last put or on_kept that failed */
	int result;   /* of peek, done */
	uint64_t took_seq[4096];
	bool has_result;
	/* A deadline alone does not keep the loop running: a job that waits for this pipe does. */
	struct worker_job awake;
	int awake_pipe[2];
};

/* ---- records -----------------------------------------------------------------------------------
 */

size_t record_len_of(uint64_t seq, size_t fixed);

uint64_t record_step(uint64_t x);

/* Number and length first, then bytes that follow from the number. */
void record_make(uint8_t *dst, uint64_t seq, size_t len);

/* The number of the whole, unchanged record at the front, its length in *len; 0 if it is wrong. */
uint64_t record_verify(const uint8_t *bytes, size_t left, size_t *len);

/* ---- the loop ----------------------------------------------------------------------------------
 */

struct fixture_put {
	struct spool_put put;
	struct fixture *f;
};

void fixture_on_kept(struct spool_put *put, int err);

/* Puts up to n records; returns the number that was accepted. */
int fixture_put(struct fixture *f, int n);

/* Runs the loop until every put has had its callback. */
void fixture_settle(struct fixture *f);

int fixture_await(struct fixture *f);

void fixture_result(struct fixture *f, int err);

int fixture_peek(struct fixture *f, size_t max_records);

int fixture_done(struct fixture *f, uint64_t last);

/* Owner and callback are the fixture's. */
int fixture_run_done(struct fixture *f, struct spool_done *done);

/* The same by a receipt. */
int fixture_done_receipted(struct fixture *f, uint64_t last);

int fixture_renew(struct fixture *f);

int fixture_freeze(struct fixture *f);

/* Every record of the batch is what was put, numbers increase from first to last. */
void fixture_check_body(const struct fixture *f);

/* ---- opening -----------------------------------------------------------------------------------
 */

int fixture_try_open(struct fixture *f, char why[LIMIT_WHY]);

void fixture_open(struct fixture *f);

void fixture_on_closed(void *owner);

void fixture_close(struct fixture *f);

int fixture_setup(void **state);

/* In memory, if there is such a place: for tests that open hundreds of stores. */
int fixture_setup_fast(void **state);

void fixture_path(const struct fixture *f, char path[512], const char *name);

/* Removes the files that salvages have left. */
void fixture_forget_damaged(const char *dir);

void fixture_forget_files(const struct fixture *f);

int fixture_teardown(void **state);

#define fixture_test_fast(name)                                                                    \
	cmocka_unit_test_setup_teardown(name, fixture_setup_fast, fixture_teardown)
#define fixture_test(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

/* ---- files -------------------------------------------------------------------------------------
 */

uint8_t *fixture_read_file(const struct fixture *f, const char *name, size_t *len);

void fixture_write_file(
	const struct fixture *f, const char *name, const uint8_t *bytes, size_t len);

void fixture_copy_file(const struct fixture *f, const char *from, const char *to);

void fixture_rename(const struct fixture *f, const char *from, const char *to);

/* SQL behind the spool's back, while it is closed. */
void fixture_exec(const struct fixture *f, const char *sql);

#endif
