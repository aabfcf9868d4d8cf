/* SPDX-License-Identifier: Apache-2.0
 * Who is in the roster, who is left out and counted, who is due when, and what a device is called.
 */
#include "engine/fleet/harvest.h"
#include "engine/fleet/roster.h"

#include "engine/core/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	struct agent_conf conf;
	struct loop *loop;
	struct roster *roster;
	unsigned due;
	unsigned wanted;
	struct due end;
};

static void on_due(void *owner, struct device *dev)
{
	struct fixture *f = owner;
	assert_int_equal(dev->state, DEVICE_WAITING);
	if (++f->due == f->wanted)
		loop_stop(f->loop);
}

static void open_with(struct fixture *f, const char *devices)
{
	char path[] = "roster-XXXXXX";
	struct conf_error err = {0};
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_true(dprintf(fd, "state_dir: state\ndevices:\n%s", devices) > 0);
	assert_int_equal(close(fd), 0);
	if (agent_conf_load(&f->conf, path, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(loop_open(&f->loop, 64), 0);
	if (roster_open(&f->roster, f->loop, &f->conf, on_due, f, &err) < 0)
		fail_msg("%s", err.text);
}

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct fixture));
	return *state == NULL ? -1 : 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	roster_close(f->roster);
	assert_int_equal(loop_close(f->loop), 0);
	agent_conf_free(&f->conf);
	free(f);
	return 0;
}

static void doubles_and_those_beyond_the_limit_are_counted(void **state)
{
	struct fixture *f = *state;
	struct roster_counts c;
	open_with(f, "  max: 5\n  targets:\n    - range: 127.1.0.1-127.1.0.4\n"
		     "    - range: 127.1.0.3\n    - range: 127.1.0.3\n      port: 1161\n"
		     "    - range: 127.1.0.9\n    - range: 127.1.0.10\n");
	roster_counts(f->roster, &c);
	assert_int_equal(c.devices, 5);
	assert_int_equal(c.duplicates, 1);
	assert_int_equal(c.over_limit, 2);
	assert_int_equal(c.by_outcome[OUTCOME_NEVER], 5);
}

static void all_become_due_and_are_taken_in_order(void **state)
{
	struct fixture *f = *state;
	open_with(f, "  targets:\n    - range: 127.1.0.1-127.1.0.3\n");
	assert_null(roster_take(f->roster));
	f->wanted = 3;
	assert_int_equal(roster_start(f->roster, 0), 0);
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(roster_in_state(f->roster, DEVICE_WAITING), 3);
	char address[LIMIT_ADDRESS];
	struct device *first = roster_take(f->roster);
	device_address(first, address, sizeof address);
	assert_string_equal(address, "127.1.0.1:161");
	assert_int_equal(roster_in_state(f->roster, DEVICE_VISITED), 1);
	roster_put_back(first);
	device_address(roster_take(f->roster), address, sizeof address);
	assert_string_equal(address, "127.1.0.2:161");
}

static uint64_t rest(struct fixture *f, struct device *dev, enum device_outcome outcome)
{
	roster_rest(dev, outcome, 3600000);
	assert_int_equal(dev->state, DEVICE_RESTING);
	assert_true(due_is_set(&dev->due));
	return dev->due.at_ms - loop_now_ms(f->loop);
}

static void a_silent_printer_is_asked_soon_and_then_more_seldom(void **state)
{
	struct fixture *f = *state;
	open_with(f, "  targets:\n    - range: 127.1.0.1\n");
	f->wanted = 1;
	assert_int_equal(roster_start(f->roster, 0), 0);
	assert_int_equal(loop_run(f->loop), 0);
	struct device *dev = roster_take(f->roster);
	assert_int_equal(rest(f, dev, OUTCOME_COMPLETE), 3600000);
	assert_int_equal(rest(f, dev, OUTCOME_SILENT), 60000);
	assert_int_equal(rest(f, dev, OUTCOME_SILENT), 120000);
	assert_int_equal(rest(f, dev, OUTCOME_SILENT), 240000);
	for (int i = 0; i < 300; i++)
		assert_true(rest(f, dev, OUTCOME_SILENT) <= 3600000);
	assert_int_equal(rest(f, dev, OUTCOME_SILENT), 3600000);
	assert_int_equal(rest(f, dev, OUTCOME_PARTIAL), 3600000);
	assert_int_equal(rest(f, dev, OUTCOME_SILENT), 60000);
	roster_rest(dev, OUTCOME_COMPLETE, 0);
	assert_false(due_is_set(&dev->due));
}

static void assert_key(const struct device *dev, const struct identity *id, const char *expected)
{
	char key[LIMIT_DEVICE_KEY];
	harvest_device_key(key, sizeof key, dev, id);
	assert_string_equal(key, expected);
}

static void a_device_is_called_by_the_best_that_it_has(void **state)
{
	struct fixture *f = *state;
	open_with(f, "  targets:\n    - range: 127.1.0.7\n");
	f->wanted = 1;
	assert_int_equal(roster_start(f->roster, 0), 0);
	assert_int_equal(loop_run(f->loop), 0);
	struct device *dev = roster_take(f->roster);
	struct identity id = {.vendor = TEXT("Konica Minolta"),
		.serial = TEXT("A5C0/0110"),
		.mac = TEXT("00:20:6b:01:02:03")};
	assert_key(dev, &id, "serial:konica minolta/A5C0/0110");
	id.serial = TEXT("000000000"); /* a serial that is none */
	assert_key(dev, &id, "mac:00:20:6b:01:02:03");
	id.serial = TEXT("12");
	assert_key(dev, &id, "mac:00:20:6b:01:02:03");
	id.mac = TEXT("");
	assert_key(dev, &id, "addr:127.1.0.7:161");
}

static void a_device_is_found_by_its_key(void **state)
{
	struct fixture *f = *state;
	open_with(f, "  targets:\n    - range: 127.1.0.1-127.1.0.2\n");
	f->wanted = 2;
	assert_int_equal(roster_start(f->roster, 0), 0);
	assert_int_equal(loop_run(f->loop), 0);
	(void)roster_take(f->roster);
	struct device *dev = roster_take(f->roster);
	(void)snprintf(dev->key, sizeof dev->key, "serial:acme/1");
	assert_ptr_equal(roster_find_key(f->roster, "serial:acme/1", 13), dev);
	assert_null(roster_find_key(f->roster, "serial:acme/", 12));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			doubles_and_those_beyond_the_limit_are_counted, setup, teardown),
		cmocka_unit_test_setup_teardown(
			all_become_due_and_are_taken_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_silent_printer_is_asked_soon_and_then_more_seldom, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_device_is_called_by_the_best_that_it_has, setup, teardown),
		cmocka_unit_test_setup_teardown(a_device_is_found_by_its_key, setup, teardown),
	};
	return cmocka_run_group_tests_name("fleet/roster", tests, NULL, NULL);
}
