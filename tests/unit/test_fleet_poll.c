/* SPDX-License-Identifier: Apache-2.0
 * A poll's memory: blocks are promised before it starts, they come back when its reading is
 * dropped, and a refused start leaves nothing behind. The requests themselves are tested in
 * tests/unit/test_mib_poll.c and in the replay tests. */
#include "engine/fleet/admission.h"
#include "engine/fleet/poll_internal.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { DEVICES = 4 };

struct fixture {
	struct loop *loop;
	struct snmp_client *client;
	struct poll_context *polls;
	struct device device[DEVICES];
	unsigned ended;
	int err;
};

static void on_end(void *owner, struct poll *v, const struct poll_end *end)
{
	struct fixture *f = owner;
	f->ended++;
	f->err = end->err;
	assert_int_equal(end->reading->group[GROUP_IDENTITY].status, GROUP_FAILED);
	poll_free(v);
}

static void open_polls(struct fixture *f, size_t polls, size_t blocks)
{
	struct snmp_client_options o = {.window = 8, .deadline_ms = 50, .tries = 1};
	assert_int_equal(loop_open(&f->loop, 64), 0);
	assert_int_equal(snmp_client_open(&f->client, f->loop, &o), 0);
	struct poll_options options = {.client = f->client, .polls = polls, .blocks = blocks};
	assert_int_equal(poll_context_open(&f->polls, f->loop, &options), 0);
	for (int i = 0; i < DEVICES; i++) {
		struct conf_device at = {
			.version = SNMP_V2C, .community = "public", .community_len = 6};
		/* The discard address of loopback: nothing responds there. */
		at.address.in4 = (struct sockaddr_in){.sin_family = AF_INET,
			.sin_port = htons(9),
			.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
		device_init(&f->device[i], &at);
	}
}

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct fixture));
	return *state == NULL ? -1 : 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(f->polls->polls.used, 0);
	assert_int_equal(f->polls->blocks.used, 0);
	assert_int_equal(f->polls->promised, 0);
	snmp_client_close(f->client);
	poll_context_close(f->polls);
	assert_int_equal(loop_close(f->loop), 0);
	free(f);
	return 0;
}

static void test_start_without_promised_blocks_is_refused(void **state)
{
	struct fixture *f = *state;
	open_polls(f, DEVICES, 2 * LIMIT_BLOCKS_NEW_DEVICE);
	assert_int_equal(poll_start(f->polls, &f->device[0], on_end, f), 0);
	assert_int_equal(poll_start(f->polls, &f->device[1], on_end, f), 0);
	assert_int_equal(poll_start(f->polls, &f->device[2], on_end, f), ERR_FULL);
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->ended, 2);
	assert_int_equal(f->err, ERR_SNMP_TIMEOUT);
	/* A printer that said nothing needs little next time: all fit. */
	f->device[2].profile.blocks = 1;
	for (int i = 0; i < 3; i++)
		assert_int_equal(poll_start(f->polls, &f->device[i], on_end, f), 0);
	assert_int_equal(f->polls->promised, 3);
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->ended, 5);
}

static void test_single_poll_starts_beyond_the_blocks(void **state)
{
	struct fixture *f = *state;
	open_polls(f, DEVICES, 2);
	f->device[0].profile.blocks = 30;
	assert_int_equal(poll_start(f->polls, &f->device[0], on_end, f), 0);
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->ended, 1);
}

static void test_start_without_slot_is_refused(void **state)
{
	struct fixture *f = *state;
	open_polls(f, 1, 100);
	assert_int_equal(poll_start(f->polls, &f->device[0], on_end, f), 0);
	assert_int_equal(poll_start(f->polls, &f->device[1], on_end, f), ERR_FULL);
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->ended, 1);
}

static void on_stopped(void *owner, struct poll *v, const struct poll_end *end)
{
	struct fixture *f = owner;
	f->ended++;
	f->err = end->err;
	poll_free(v);
}

static void test_stopped_poll_calls_back_once(void **state)
{
	struct fixture *f = *state;
	open_polls(f, 2, 100);
	assert_int_equal(poll_start(f->polls, &f->device[0], on_stopped, f), 0);
	poll_context_stop(f->polls);
	assert_int_equal(f->ended, 0);
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->ended, 1);
	assert_int_equal(f->err, ERR_STOPPED);
}

/* ---- admission ------------------------------------------------------------------------------- */

struct waiting {
	struct admission admission;
	struct loop *loop;
	unsigned grown;
	unsigned wanted;
};

static void on_room(void *owner)
{
	struct waiting *w = owner;
	w->grown++;
	while (w->wanted > 0 && admission_acquire(&w->admission))
		w->wanted--;
}

static void test_window_doubles_while_the_loop_idles(void **state)
{
	(void)state;
	struct waiting w = {.wanted = 1000};
	assert_int_equal(loop_open(&w.loop, 8), 0);
	admission_open(&w.admission, w.loop, 2000, on_room, &w);
	while (w.wanted > 0 && admission_acquire(&w.admission))
		w.wanted--;
	size_t first = w.admission.running;
	assert_int_equal(first, w.admission.min);
	/* Nothing else happens on this loop: all its time is waiting, so the window doubles until
	 * no poll waits. */
	assert_int_equal(loop_run(w.loop), 0);
	assert_int_equal(w.wanted, 0);
	assert_int_equal(w.admission.running, 1000);
	assert_true(w.grown >= 3 && w.grown <= 4);
	assert_int_equal(w.admission.peak, 1000);
	for (int i = 0; i < 1000; i++)
		admission_release(&w.admission);
	assert_int_equal(w.admission.running, 0);
	admission_close(&w.admission);
	assert_int_equal(loop_close(w.loop), 0);
}

static void test_window_stays_at_its_maximum(void **state)
{
	(void)state;
	struct waiting w = {.wanted = 1000};
	assert_int_equal(loop_open(&w.loop, 8), 0);
	admission_open(&w.admission, w.loop, 10, on_room, &w);
	while (w.wanted > 0 && admission_acquire(&w.admission))
		w.wanted--;
	assert_int_equal(w.admission.running, 10);
	assert_false(admission_acquire(&w.admission));
	admission_release(&w.admission);
	assert_true(admission_acquire(&w.admission));
	admission_close(&w.admission);
	assert_int_equal(loop_close(w.loop), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_start_without_promised_blocks_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_single_poll_starts_beyond_the_blocks, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_start_without_slot_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stopped_poll_calls_back_once, setup, teardown),
		cmocka_unit_test(test_window_doubles_while_the_loop_idles),
		cmocka_unit_test(test_window_stays_at_its_maximum),
	};
	return cmocka_run_group_tests_name("fleet/poll", tests, NULL, NULL);
}
