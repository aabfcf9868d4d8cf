/* SPDX-License-Identifier: Apache-2.0
 * The loop and its one timer. The timer is set to the earliest deadline just before the loop goes
 * to wait (in a uv_prepare, so that many changes in a turn cost one). Deadlines that are set while
 * others are served wait for the next turn, so that one set to "now" cannot starve the sockets. */
#include "proto/base/limits.h"
#include "engine/loop/loop_internal.h"
#include "proto/base/list.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

enum { SIGNALS_MAX = 8, SLOW_MS = 50, LAG_MS = 3600000 };

/* Turns by how long they took: each millisecond up to FINE, then ever longer steps. */
enum { FINE = 64, COARSE = 32, LAG_STEPS = FINE + COARSE };

struct lag_hour {
	uint64_t began_ms;
	uint64_t max_ms;
	uint64_t slow;
	uint64_t turns[LAG_STEPS];
};

struct loop_signal {
	uv_signal_t handle;
	loop_on_signal *on_signal;
	void *owner;
};

struct loop {
	uv_loop_t uv;
	uv_timer_t timer;
	uv_prepare_t prepare;
	struct due_heap heap;
	uint64_t timer_at_ms; /* what the timer is set to; UINT64_MAX: not running */
	uint64_t now_ms;
	uint64_t wall_ms;
	bool is_awake;     /* something ran in this turn */
	uint64_t woke_ms;  /* when the first thing of this turn ran */
	uint64_t slept_ms; /* when the last turn was over */
	uint64_t idle_ms;
	uint64_t turn; /* counts them */
	uint64_t lag_ms;
	struct lag_hour lag[2]; /* this hour and the one before */
	struct loop_signal signals[SIGNALS_MAX];
	unsigned signal_count;
	uv_work_t first_work;
	struct net *net; /* conn's */
};

uv_loop_t *loop_uv(struct loop *l)
{
	return &l->uv;
}

struct net **loop_net(struct loop *l)
{
	return &l->net;
}

int loop_uv_err(int uv_err)
{
	if (uv_err >= 0)
		return uv_err;
	if (uv_err == UV_EOF)
		return ERR_CLOSED;
	if (uv_err <= -3000 && uv_err > -3100)
		return ERR_NAME; /* libuv's range of getaddrinfo errors */
	return uv_err > -4095 ? uv_err : -EIO;
}

static uint64_t read_clock(clockid_t clock)
{
	struct timespec ts;
	if (clock_gettime(clock, &ts) < 0)
		abort(); /* these two clocks exist on every Linux */
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

void loop_refresh(struct loop *l)
{
	l->now_ms = read_clock(CLOCK_MONOTONIC);
	l->wall_ms = read_clock(CLOCK_REALTIME);
	if (!l->is_awake) {
		l->is_awake = true;
		l->woke_ms = l->now_ms;
		l->idle_ms += l->now_ms - l->slept_ms;
	}
}

bool loop_iteration_is_long(const struct loop *l)
{
	return l->is_awake && read_clock(CLOCK_MONOTONIC) - l->woke_ms >= LIMIT_LOOP_ITERATION_MS;
}

uint64_t loop_iteration(const struct loop *l)
{
	return l->turn;
}

static void on_timer(uv_timer_t *timer)
{
	struct loop *l = timer->data;
	l->timer_at_ms = UINT64_MAX;
	loop_refresh(l);
	uint64_t newest = l->heap.ties;
	struct due *d;
	while ((d = due_first(&l->heap)) != NULL && d->at_ms <= l->now_ms && d->tie < newest) {
		due_clear(&l->heap, d);
		d->on_time(d);
		if (loop_iteration_is_long(l))
			return; /* the others are due at once, in the next turn */
	}
}

/* Sets the timer to the earliest deadline. One at the end of all time is no reason to wait. */
static void arm(struct loop *l)
{
	const struct due *first = due_first(&l->heap);
	if (first == NULL || first->at_ms == UINT64_MAX) {
		(void)uv_timer_stop(&l->timer);
		l->timer_at_ms = UINT64_MAX;
		return;
	}
	if (first->at_ms == l->timer_at_ms)
		return;
	uint64_t wait = first->at_ms > l->now_ms ? first->at_ms - l->now_ms : 0;
	uv_update_time(&l->uv);
	if (uv_timer_start(&l->timer, on_timer, wait, 0) < 0)
		abort(); /* only possible without a callback */
	l->timer_at_ms = first->at_ms;
}

/* Beyond FINE: four steps for each doubling. */
static size_t step_of(uint64_t ms)
{
	size_t step = FINE;
	if (ms < FINE)
		return (size_t)ms;
	for (uint64_t end = FINE; step < LAG_STEPS - 1 && ms >= end + end / 4; step++)
		end += end / 4;
	return step;
}

/* The longest turn that a step stands for. */
static uint64_t end_of(size_t step)
{
	uint64_t end = FINE;
	if (step < FINE)
		return step;
	for (size_t i = FINE; i <= step; i++)
		end += end / 4;
	return end - 1;
}

static void count_turn(struct loop *l, uint64_t took_ms)
{
	struct lag_hour *hour = &l->lag[0];
	if (took_ms > l->lag_ms)
		l->lag_ms = took_ms;
	if (l->now_ms - hour->began_ms >= LAG_MS) {
		l->lag[1] = *hour;
		*hour = (struct lag_hour){.began_ms = l->now_ms};
	}
	hour->turns[step_of(took_ms)]++;
	hour->slow += took_ms > SLOW_MS;
	if (took_ms > hour->max_ms)
		hour->max_ms = took_ms;
}

static void on_prepare(uv_prepare_t *prepare)
{
	struct loop *l = prepare->data;
	loop_refresh(l);
	count_turn(l, l->now_ms - l->woke_ms);
	l->is_awake = false;
	l->slept_ms = l->now_ms;
	l->turn++;
	arm(l);
}

int loop_open(struct loop **ret, size_t due_max)
{
	struct loop *l = calloc(1, sizeof *l);
	if (l == NULL)
		return -ENOMEM;
	int err = loop_memory_open();
	if (err < 0)
		goto no_heap;
	if ((err = due_heap_open(&l->heap, due_max)) < 0)
		goto no_heap;
	if ((err = uv_loop_init(&l->uv)) < 0)
		goto no_loop;
	/* Neither of these can fail in libuv 1.44: they only fill the handle. */
	(void)uv_timer_init(&l->uv, &l->timer);
	(void)uv_prepare_init(&l->uv, &l->prepare);
	(void)uv_prepare_start(&l->prepare, on_prepare);
	uv_unref((uv_handle_t *)&l->prepare);
	l->timer.data = l;
	l->prepare.data = l;
	l->timer_at_ms = UINT64_MAX;
	l->is_awake = true;
	loop_refresh(l);
	l->woke_ms = l->now_ms;
	l->lag[0].began_ms = l->lag[1].began_ms = l->now_ms;
	*ret = l;
	return 0;
no_loop:
	due_heap_close(&l->heap);
no_heap:
	free(l);
	return err;
}

int loop_run(struct loop *l)
{
	/* Work done before this is start-up, not an iteration. */
	loop_refresh(l);
	l->woke_ms = l->now_ms;
	int err = uv_run(&l->uv, UV_RUN_DEFAULT);
	return err < 0 ? loop_uv_err(err) : 0;
}

void loop_stop(struct loop *l)
{
	uv_stop(&l->uv);
}

int loop_close(struct loop *l)
{
	if (l == NULL)
		return 0;
	loop_signals_close(l);
	if (!uv_is_closing((uv_handle_t *)&l->timer)) {
		uv_close((uv_handle_t *)&l->timer, NULL);
		uv_close((uv_handle_t *)&l->prepare, NULL);
	}
	/* Twice: a loop_stop outside of loop_run ends the first at once. */
	(void)uv_run(&l->uv, UV_RUN_NOWAIT);
	(void)uv_run(&l->uv, UV_RUN_NOWAIT);
	int err = uv_loop_close(&l->uv);
	if (err < 0)
		return loop_uv_err(err);
	due_heap_close(&l->heap);
	free(l);
	return 0;
}

uint64_t loop_now_ms(const struct loop *l)
{
	return l->now_ms;
}

uint64_t loop_wall_ms(const struct loop *l)
{
	return l->wall_ms;
}

int loop_due_set(struct loop *l, struct due *d, uint64_t at_ms)
{
	int err = due_set(&l->heap, d, at_ms);
	/* libuv checks for active handles before it calls the prepare handle. */
	if (err == 0 && l->timer_at_ms == UINT64_MAX)
		arm(l);
	return err;
}

void loop_due_clear(struct loop *l, struct due *d)
{
	due_clear(&l->heap, d);
}

static int unblock(int signo)
{
	sigset_t one;
	(void)sigemptyset(&one);
	return sigaddset(&one, signo) < 0 || sigprocmask(SIG_UNBLOCK, &one, NULL) < 0 ? -errno : 0;
}

static void on_uv_signal(uv_signal_t *handle, int signo)
{
	struct loop_signal *s = container_of(handle, struct loop_signal, handle);
	s->on_signal(s->owner, signo);
}

int loop_signal_watch(struct loop *l, int signo, loop_on_signal *on_signal, void *owner)
{
	if (l->signal_count == SIGNALS_MAX)
		return ERR_FULL;
	struct loop_signal *s = &l->signals[l->signal_count];
	int err = uv_signal_init(&l->uv, &s->handle);
	if (err < 0)
		return loop_uv_err(err);
	l->signal_count++;
	s->on_signal = on_signal;
	s->owner = owner;
	uv_unref((uv_handle_t *)&s->handle);
	err = uv_signal_start(&s->handle, on_uv_signal, signo);
	return err < 0 ? loop_uv_err(err) : unblock(signo);
}

static void work_nothing(uv_work_t *work)
{
	(void)work;
}

static void after_nothing(uv_work_t *work, int status)
{
	(void)work;
	(void)status;
}

void loop_start_threads(struct loop *l)
{
	/* Fails only without a work callback. */
	if (uv_queue_work(&l->uv, &l->first_work, work_nothing, after_nothing) < 0)
		abort();
}

void loop_signals_close(struct loop *l)
{
	for (unsigned i = 0; i < l->signal_count; i++)
		uv_close((uv_handle_t *)&l->signals[i].handle, NULL);
	l->signal_count = 0;
}

uint64_t loop_idle_ms(const struct loop *l)
{
	return l->idle_ms;
}

/* The lag that so many of a thousand iterations did not exceed. */
static uint64_t quantile(
	const uint64_t sum[LAG_STEPS], const struct loop_lag *lag, uint64_t per_mille)
{
	uint64_t wanted = (lag->turns * per_mille + 999) / 1000, seen = sum[0];
	size_t i = 0;
	while (seen < wanted && i + 1 < LAG_STEPS)
		seen += sum[++i];
	return end_of(i) < lag->max_ms ? end_of(i) : lag->max_ms;
}

void loop_get_lag(const struct loop *l, struct loop_lag *ret)
{
	uint64_t sum[LAG_STEPS];
	*ret = (struct loop_lag){.slow = l->lag[0].slow + l->lag[1].slow,
		.max_ms =
			l->lag[0].max_ms > l->lag[1].max_ms ? l->lag[0].max_ms : l->lag[1].max_ms};
	for (size_t i = 0; i < LAG_STEPS; i++) {
		sum[i] = l->lag[0].turns[i] + l->lag[1].turns[i];
		ret->turns += sum[i];
	}
	ret->p50_ms = quantile(sum, ret, 500);
	ret->p99_ms = quantile(sum, ret, 990);
	ret->p999_ms = quantile(sum, ret, 999);
}

uint64_t loop_take_lag_ms(struct loop *l)
{
	uint64_t lag = l->lag_ms;
	l->lag_ms = 0;
	return lag;
}
