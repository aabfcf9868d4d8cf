/* SPDX-License-Identifier: Apache-2.0
 * Linked with --wrap=clock_gettime and --wrap=uv_timer_start into a test of one loop and its
 * sockets: the loop's clocks stand still until nothing is left to receive, then go on to the next
 * deadline at once. However slow the machine is, the same datagrams meet the same deadlines. */
#include "tests/kit/virtual_time.h"

#include <time.h>
#include <uv.h>

/* Turns of the loop that pass before the clocks go on: a request and its response take one each,
 * since a datagram on the loopback interface is there when sendto returns. */
enum { TURNS = 4, START_S = 1000, WALL_S = 1800000000 };

static struct {
	uint64_t passed_ms;
	uv_timer_cb on_timer;
	uint64_t wait_ms;
	unsigned turns;
} at;

int __real_uv_timer_start(uv_timer_t *timer, uv_timer_cb cb, uint64_t wait_ms, uint64_t repeat_ms);
int __wrap_uv_timer_start(uv_timer_t *timer, uv_timer_cb cb, uint64_t wait_ms, uint64_t repeat_ms);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ts);

uint64_t virtual_time_passed_ms(void)
{
	return at.passed_ms;
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *ts)
{
	ts->tv_sec = (clock == CLOCK_REALTIME ? WALL_S : START_S) + (time_t)(at.passed_ms / 1000);
	ts->tv_nsec = (long)(at.passed_ms % 1000) * 1000000;
	return 0;
}

static void on_turn(uv_timer_t *timer)
{
	if (++at.turns < TURNS) {
		(void)__real_uv_timer_start(timer, on_turn, 1, 0);
		return;
	}
	at.passed_ms += at.wait_ms;
	at.on_timer(timer);
}

int __wrap_uv_timer_start(uv_timer_t *timer, uv_timer_cb cb, uint64_t wait_ms, uint64_t repeat_ms)
{
	at.on_timer = cb;
	at.wait_ms = wait_ms;
	at.turns = 0;
	return __real_uv_timer_start(timer, on_turn, 1, repeat_ms);
}
