/* SPDX-License-Identifier: Apache-2.0
 * The state machine of a daemon: every sequence of events up to a length, against what must hold
 * after each of them. */
#include "engine/loop/daemon.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { LENGTH = 7 };

/* The state of the daemon's owner. */
struct owner {
	struct daemon daemon;
	bool is_started;
	bool is_reloading;
	unsigned reloads, stops, dumps;
	unsigned wanted;    /* dumps */
	bool is_reload_due; /* asked for after the last reload began */
};

static void on_reload(void *owner)
{
	struct owner *o = owner;
	assert_true(o->is_started);
	assert_false(o->is_reloading);
	assert_int_equal(o->stops, 0);
	o->is_reloading = true;
	o->is_reload_due = false;
	o->reloads++;
}

static void on_stop(void *owner)
{
	struct owner *o = owner;
	assert_int_equal(o->stops, 0);
	o->stops++;
}

static void on_dump(void *owner)
{
	struct owner *o = owner;
	o->dumps++;
}

/* One event, if the owner can cause it in its state; false: it cannot. */
static bool apply(struct owner *o, enum daemon_event event)
{
	switch (event) {
	case DAEMON_WANTS_RELOAD:
		o->is_reload_due = true; /* first: it may begin, and clear this, in the call */
		break;
	case DAEMON_WANTS_DUMP:
		o->wanted++;
		break;
	case DAEMON_STARTED:
		if (o->is_started)
			return false;
		o->is_started = true;
		break;
	case DAEMON_RELOADED:
		if (!o->is_reloading)
			return false;
		o->is_reloading = false;
		break;
	case DAEMON_WANTS_STOP:
	case DAEMON_EVENTS:
		break;
	}
	daemon_event(&o->daemon, event);
	return true;
}

static void check(const struct owner *o, bool is_stop_wanted)
{
	assert_int_equal(o->stops, is_stop_wanted ? 1 : 0);
	assert_int_equal(o->dumps, o->wanted);
	assert_int_equal(daemon_is_stopping(&o->daemon), is_stop_wanted);
	if (is_stop_wanted)
		return;
	assert_int_equal(daemon_is_starting(&o->daemon), !o->is_started);
	/* No wish is lost, and none is served twice. */
	if (o->is_started && !o->is_reloading)
		assert_false(o->is_reload_due);
}

static void test_every_sequence_of_events_keeps_the_rules(void **state)
{
	static const struct daemon_actions actions = {
		.reload = on_reload, .stop = on_stop, .dump = on_dump};
	unsigned long sequences = 1, run = 0;
	(void)state;
	for (int i = 0; i < LENGTH; i++)
		sequences *= DAEMON_EVENTS;
	for (unsigned long n = 0; n < sequences; n++) {
		struct owner o = {.is_started = false};
		bool is_stop_wanted = false, is_possible = true;
		unsigned long rest = n;
		daemon_init(&o.daemon, "test", &actions, &o);
		for (int i = 0; i < LENGTH && is_possible; i++, rest /= DAEMON_EVENTS) {
			enum daemon_event event = (enum daemon_event)(rest % DAEMON_EVENTS);
			is_possible = apply(&o, event);
			is_stop_wanted |= event == DAEMON_WANTS_STOP;
			check(&o, is_stop_wanted);
		}
		run += is_possible;
	}
	assert_true(run > 1000);
}

static void test_many_requests_make_one_more_reload(void **state)
{
	static const struct daemon_actions actions = {
		.reload = on_reload, .stop = on_stop, .dump = on_dump};
	struct owner o = {.is_started = false};
	(void)state;
	daemon_init(&o.daemon, "test", &actions, &o);
	assert_true(apply(&o, DAEMON_WANTS_RELOAD));
	assert_true(apply(&o, DAEMON_WANTS_RELOAD));
	assert_int_equal(o.reloads, 0);
	assert_true(apply(&o, DAEMON_STARTED));
	for (int i = 0; i < 5; i++)
		assert_true(apply(&o, DAEMON_WANTS_RELOAD));
	assert_int_equal(o.reloads, 1);
	assert_true(apply(&o, DAEMON_RELOADED));
	assert_int_equal(o.reloads, 2);
	assert_true(apply(&o, DAEMON_RELOADED));
	assert_int_equal(o.reloads, 2);
	assert_int_equal(o.daemon.state, DAEMON_RUN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_sequence_of_events_keeps_the_rules),
		cmocka_unit_test(test_many_requests_make_one_more_reload),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
