/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/loop/lanes.h"

#include "engine/loop/internal.h"

#include <errno.h>
#include <stdlib.h>

struct lane_state {
	uv_work_t work;
	struct list waiting;
	struct lane_job *running;
	int result;
	struct lanes *lanes;
};

struct lanes {
	struct loop *loop;
	struct lane_state lane[LANE_COUNT];
	bool is_closing;
	unsigned telling; /* on_done callbacks under way: lanes_close may be called from one */
};

static void start_next(struct lane_state *lane);

static void on_pool_thread(uv_work_t *work)
{
	struct lane_state *lane = work->data;
	lane->result = lane->running->work(lane->running);
}

static bool all_idle(const struct lanes *lanes)
{
	for (int i = 0; i < LANE_COUNT; i++) {
		if (!lane_is_idle(lanes, (enum lane)i))
			return false;
	}
	return true;
}

static void on_loop_thread(uv_work_t *work, int status)
{
	struct lane_state *lane = work->data;
	struct lanes *lanes = lane->lanes;
	struct lane_job *job = lane->running;
	loop_refresh(lanes->loop);
	lane->running = NULL;
	lanes->telling++;
	job->on_done(job, status < 0 ? loop_uv_err(status) : lane->result);
	lanes->telling--;
	if (lane->running == NULL)
		start_next(lane);
	if (lanes->is_closing && all_idle(lanes))
		free(lanes);
}

static void start_next(struct lane_state *lane)
{
	struct list *node = list_pop(&lane->waiting);
	if (node == NULL)
		return;
	lane->running = container_of(node, struct lane_job, node);
	lane->work.data = lane;
	/* Fails only without a work callback. */
	if (uv_queue_work(loop_uv(lane->lanes->loop), &lane->work, on_pool_thread, on_loop_thread) <
		0)
		abort();
}

int lanes_open(struct lanes **ret, struct loop *l)
{
	struct lanes *lanes = calloc(1, sizeof *lanes);
	if (lanes == NULL)
		return -ENOMEM;
	lanes->loop = l;
	for (int i = 0; i < LANE_COUNT; i++) {
		list_init(&lanes->lane[i].waiting);
		lanes->lane[i].lanes = lanes;
	}
	*ret = lanes;
	return 0;
}

void lane_submit(struct lanes *lanes, enum lane lane, struct lane_job *job)
{
	struct lane_state *state = &lanes->lane[lane];
	list_init(&job->node);
	list_push(&state->waiting, &job->node);
	if (state->running == NULL)
		start_next(state);
}

bool lane_is_idle(const struct lanes *lanes, enum lane lane)
{
	const struct lane_state *state = &lanes->lane[lane];
	return state->running == NULL && list_is_empty(&state->waiting);
}

void lanes_close(struct lanes *lanes)
{
	if (lanes == NULL || lanes->is_closing)
		return;
	lanes->is_closing = true;
	if (lanes->telling == 0 && all_idle(lanes))
		free(lanes);
}
