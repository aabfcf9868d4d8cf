/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/loop/workers.h"

#include "engine/loop/loop_internal.h"

#include <errno.h>
#include <stdlib.h>

struct worker_state {
	uv_work_t work;
	struct list waiting;
	struct worker_job *running;
	int result;
	struct workers *workers;
};

struct workers {
	struct loop *loop;
	struct worker_state worker[WORKER_COUNT];
	bool is_closing;
	unsigned telling; /* on_done callbacks under way: workers_close may be called from one */
};

static void start_next(struct worker_state *worker);

static void on_pool_thread(uv_work_t *work)
{
	struct worker_state *worker = work->data;
	const struct worker_job *job = worker->running;
	worker->result = job->work == NULL ? 0 : job->work(worker->running);
}

static bool all_idle(const struct workers *workers)
{
	for (int i = 0; i < WORKER_COUNT; i++) {
		if (!worker_is_idle(workers, (enum worker)i))
			return false;
	}
	return true;
}

static void on_loop_thread(uv_work_t *work, int status)
{
	struct worker_state *worker = work->data;
	struct workers *workers = worker->workers;
	struct worker_job *job = worker->running;
	loop_refresh(workers->loop);
	worker->running = NULL;
	workers->telling++;
	job->on_done(job, status < 0 ? loop_uv_err(status) : worker->result);
	workers->telling--;
	if (worker->running == NULL)
		start_next(worker);
	if (workers->is_closing && all_idle(workers))
		free(workers);
}

static void start_next(struct worker_state *worker)
{
	struct list *node = list_pop(&worker->waiting);
	if (node == NULL)
		return;
	worker->running = container_of(node, struct worker_job, node);
	worker->work.data = worker;
	/* Fails only without a work callback. */
	if (uv_queue_work(loop_uv(worker->workers->loop), &worker->work, on_pool_thread,
		    on_loop_thread) < 0)
		abort();
}

int workers_open(struct workers **ret, struct loop *l)
{
	struct workers *workers = calloc(1, sizeof *workers);
	if (workers == NULL)
		return -ENOMEM;
	workers->loop = l;
	for (int i = 0; i < WORKER_COUNT; i++) {
		list_init(&workers->worker[i].waiting);
		workers->worker[i].workers = workers;
	}
	*ret = workers;
	return 0;
}

void worker_submit(struct workers *workers, enum worker worker, struct worker_job *job)
{
	struct worker_state *state = &workers->worker[worker];
	list_init(&job->node);
	list_push(&state->waiting, &job->node);
	if (state->running == NULL)
		start_next(state);
}

void worker_start(struct workers *workers, enum worker worker, struct worker_job *job,
	int (*work)(struct worker_job *job), void (*on_done)(struct worker_job *job, int result))
{
	job->work = work;
	job->on_done = on_done;
	worker_submit(workers, worker, job);
}

bool worker_is_idle(const struct workers *workers, enum worker worker)
{
	const struct worker_state *state = &workers->worker[worker];
	return state->running == NULL && list_is_empty(&state->waiting);
}

void workers_close(struct workers *workers)
{
	if (workers == NULL || workers->is_closing)
		return;
	workers->is_closing = true;
	if (workers->telling == 0 && all_idle(workers))
		free(workers);
}
