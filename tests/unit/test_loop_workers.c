/* SPDX-License-Identifier: Apache-2.0
 * Workers: jobs of one worker run one at a time and report in order; on_done never comes before
 * worker_submit has returned, and no job of the worker runs meanwhile; closing drains. */
#include "engine/loop/workers.h"
#include "engine/loop/loop.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>

#include <cmocka.h>

enum { JOBS = 200 };

static struct loop *loop;
static struct workers *workers;
static pthread_t loop_thread;

static int setup(void **state)
{
	(void)state;
	loop_thread = pthread_self();
	if (loop_open(&loop, 4) < 0)
		return -1;
	return workers_open(&workers, loop);
}

static int teardown(void **state)
{
	(void)state;
	workers_close(workers);
	if (loop_run(loop) < 0)
		return -1;
	return loop_close(loop);
}

/* ---- order ---- */

struct counted {
	struct worker_job job;
	int number;
};

static atomic_int running; /* jobs of the worker at this moment */
static atomic_int started;
static int reported;
static int misses; /* counted, as cmocka's assertions are for one thread */
static bool is_submitting;

static int count_work(struct worker_job *job)
{
	const struct counted *c = container_of(job, struct counted, job);
	if (atomic_fetch_add(&running, 1) != 0 || atomic_fetch_add(&started, 1) != c->number ||
		pthread_equal(pthread_self(), loop_thread))
		return -EINVAL;
	atomic_fetch_sub(&running, 1);
	return c->number;
}

static void count_done(struct worker_job *job, int result)
{
	const struct counted *c = container_of(job, struct counted, job);
	/* Nothing of the worker runs while its on_done does. */
	misses += is_submitting || result != c->number || reported != c->number ||
		  atomic_load(&running) != 0 || atomic_load(&started) != c->number + 1 ||
		  !pthread_equal(pthread_self(), loop_thread);
	reported++;
}

static void test_jobs_of_a_queue_run_in_order(void **state)
{
	(void)state;
	static struct counted jobs[JOBS];
	assert_true(worker_is_idle(workers, WORKER_DISK));
	is_submitting = true;
	for (int i = 0; i < JOBS; i++) {
		jobs[i].number = i;
		jobs[i].job.work = count_work;
		jobs[i].job.on_done = count_done;
		worker_submit(workers, WORKER_DISK, &jobs[i].job);
	}
	is_submitting = false;
	assert_false(worker_is_idle(workers, WORKER_DISK));
	assert_true(worker_is_idle(workers, WORKER_READ));
	assert_int_equal(reported, 0);
	assert_int_equal(loop_run(loop), 0);
	assert_int_equal(reported, JOBS);
	assert_int_equal(misses, 0);
	assert_true(worker_is_idle(workers, WORKER_DISK));
}

/* ---- two workers ---- */

static pthread_barrier_t meeting;

static int meet(struct worker_job *job)
{
	(void)job;
	int rc = pthread_barrier_wait(&meeting);
	return rc == 0 || rc == PTHREAD_BARRIER_SERIAL_THREAD ? 0 : -rc;
}

static void count_ok(struct worker_job *job, int result)
{
	(void)job;
	reported += result == 0;
}

/* Ends only if the three are on the pool at the same time. */
static void test_queues_are_independent(void **state)
{
	(void)state;
	struct worker_job jobs[WORKER_COUNT];
	reported = 0;
	assert_int_equal(pthread_barrier_init(&meeting, NULL, WORKER_COUNT), 0);
	for (int i = 0; i < WORKER_COUNT; i++) {
		jobs[i].work = meet;
		jobs[i].on_done = count_ok;
		worker_submit(workers, (enum worker)i, &jobs[i]);
	}
	assert_int_equal(loop_run(loop), 0);
	assert_int_equal(reported, WORKER_COUNT);
	assert_int_equal(pthread_barrier_destroy(&meeting), 0);
}

/* ---- again, and closing ---- */

static int rounds;

static int add_round(struct worker_job *job)
{
	(void)job;
	return ++rounds;
}

static void again(struct worker_job *job, int result)
{
	if (result < 5)
		worker_submit(workers, WORKER_READ, job);
}

static void test_job_may_resubmit_itself(void **state)
{
	(void)state;
	struct worker_job job = {.work = add_round, .on_done = again};
	rounds = 0;
	worker_submit(workers, WORKER_READ, &job);
	assert_int_equal(loop_run(loop), 0);
	assert_int_equal(rounds, 5);
}

static void test_close_drains_the_queue(void **state)
{
	(void)state;
	static struct counted jobs[JOBS];
	reported = misses = 0;
	atomic_store(&started, 0);
	for (int i = 0; i < JOBS; i++) {
		jobs[i].number = i;
		jobs[i].job.work = count_work;
		jobs[i].job.on_done = count_done;
		worker_submit(workers, WORKER_HASH, &jobs[i].job);
	}
	workers_close(workers);
	workers_close(workers);
	workers = NULL;
	assert_int_equal(reported, 0);
	assert_int_equal(loop_run(loop), 0);
	assert_int_equal(reported, JOBS);
	assert_int_equal(misses, 0);
}

static int pushed_on; /* jobs that came after the closing one and ran all the same */

static void close_at_first(struct worker_job *job, int result)
{
	const struct counted *c = container_of(job, struct counted, job);
	if (c->number == 0)
		workers_close(workers);
	else
		pushed_on++;
	count_done(job, result);
}

static struct worker_job last_job;

static void add_result(struct worker_job *job, int result)
{
	(void)job;
	reported += result;
}

static void close_and_submit(struct worker_job *job, int result)
{
	add_result(job, result);
	workers_close(workers);
	last_job = (struct worker_job){.work = add_round, .on_done = add_result};
	worker_submit(workers, WORKER_READ, &last_job);
}

static int begin_rounds(struct worker_job *job)
{
	(void)job;
	rounds = 0;
	return 1;
}

/* The workers are still there until on_done has returned, whether more is waiting, nothing is, or
 * the last on_done submits once more. */
static void test_close_inside_on_done(void **state)
{
	(void)state;
	for (int count = 1; count <= 3; count++) {
		static struct counted jobs[3];
		reported = misses = pushed_on = 0;
		atomic_store(&started, 0);
		for (int i = 0; i < count; i++) {
			jobs[i].number = i;
			jobs[i].job.work = count_work;
			jobs[i].job.on_done = close_at_first;
			worker_submit(workers, WORKER_DISK, &jobs[i].job);
		}
		assert_int_equal(loop_run(loop), 0);
		assert_int_equal(reported, count);
		assert_int_equal(pushed_on, count - 1);
		assert_int_equal(misses, 0);
		assert_int_equal(workers_open(&workers, loop), 0);
	}
	struct worker_job closing = {.work = begin_rounds, .on_done = close_and_submit};
	reported = 0;
	worker_submit(workers, WORKER_READ, &closing);
	assert_int_equal(loop_run(loop), 0);
	assert_int_equal(rounds, 1);
	assert_int_equal(reported, 2);
	workers = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_jobs_of_a_queue_run_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_queues_are_independent, setup, teardown),
		cmocka_unit_test_setup_teardown(test_job_may_resubmit_itself, setup, teardown),
		cmocka_unit_test_setup_teardown(test_close_drains_the_queue, setup, teardown),
		cmocka_unit_test_setup_teardown(test_close_inside_on_done, setup, teardown),
	};
	return cmocka_run_group_tests_name("loop/workers", tests, NULL, NULL);
}
