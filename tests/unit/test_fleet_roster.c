/* SPDX-License-Identifier: Apache-2.0
 * Devices of the roster: those held, those left out and counted, when each is due, and its name.
 */
#include "engine/fleet/collect.h"
#include "engine/fleet/roster.h"

#include "proto/base/list.h"
#include "proto/smi/request.h"
#include "tests/kit/roster_nth.h"

#include <arpa/inet.h>
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
	if (roster_open(&f->roster, f->loop, &f->conf, NULL, on_due, f, &err) < 0)
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

static void test_duplicates_and_surplus_devices_are_counted(void **state)
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

static union address at(uint32_t host, uint16_t port)
{
	return (union address){
		.in4 = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(host)}}};
}

static void test_denied_address_is_not_added(void **state)
{
	struct fixture *f = *state;
	struct roster_counts c;
	open_with(f, "  targets:\n    - range: 127.1.0.1-127.1.0.4\n"
		     "access:\n  deny: 127.1.0.2/31\n");
	roster_counts(f->roster, &c);
	assert_int_equal(c.devices, 2);
	assert_int_equal(c.denied, 2);
	union address a = at(0x7f010003, 161);
	assert_null(roster_find_address(f->roster, &a.sa));
	struct device *dev;
	struct conf_device found = {.version = SNMP_V2C, .community = "x", .community_len = 1};
	memcpy(&found.address, &a, sizeof a);
	assert_int_equal(roster_add(f->roster, &found, NULL, &dev), 0);
	assert_null(dev);
	roster_counts(f->roster, &c);
	assert_int_equal(c.denied, 3);
}

static struct device *device_at(const struct fixture *f, uint32_t host)
{
	union address a = at(host, 161);
	struct device *dev = roster_find_address(f->roster, &a.sa);
	assert_non_null(dev);
	return dev;
}

static void test_own_entry_of_an_address_replaces_that_of_a_range(void **state)
{
	struct fixture *f = *state;
	struct roster_counts c;
	struct device *dev;
	open_with(f, "  targets:\n    - {range: 127.1.0.1, community: before}\n"
		     "    - {range: 127.1.0.1-127.1.0.3, community: many, ipp: off}\n"
		     "    - {range: 127.1.0.2, community: own, ipp: always, ipp_port: 6310}\n"
		     "    - {range: 127.1.0.2, community: late}\n"
		     "    - {range: 127.1.0.2-127.1.0.3, community: others}\n");
	assert_string_equal(device_at(f, 0x7f010001)->peer.community, "before");
	assert_string_equal(device_at(f, 0x7f010003)->peer.community, "many");
	assert_true(device_at(f, 0x7f010003)->is_range);
	dev = device_at(f, 0x7f010002);
	assert_string_equal(dev->peer.community, "own");
	assert_false(dev->is_range);
	assert_int_equal(dev->ipp.mode, IPP_MODE_ALWAYS);
	assert_int_equal(dev->ipp.port, 6310);
	roster_counts(f->roster, &c);
	assert_int_equal(c.devices + c.absent, 3);
	assert_int_equal(c.duplicates, 5);
	/* A printer that discovery finds, or a name has, does not take the range's credential away.
	 */
	struct conf_device found = {.version = SNMP_V2C, .community = "x", .community_len = 1};
	memcpy(&found.address, &device_at(f, 0x7f010003)->peer.address, sizeof found.address);
	assert_int_equal(roster_add(f->roster, &found, NULL, &dev), 0);
	assert_string_equal(dev->peer.community, "many");
	found.name = "printer";
	assert_int_equal(roster_add_target(f->roster, &found, NULL, &dev), 0);
	assert_string_equal(dev->peer.community, "many");
}

static void test_found_device_is_added_once(void **state)
{
	struct fixture *f = *state;
	struct device *dev, *again;
	open_with(f, "  max: 2\n  targets:\n    - range: 127.1.0.1\n");
	union address a = at(0x7f010009, 1161);
	struct conf_device found = {.version = SNMP_V2C, .community = "x", .community_len = 1};
	memcpy(&found.address, &a, sizeof a);
	assert_int_equal(roster_add(f->roster, &found, NULL, &dev), 1);
	assert_int_equal(roster_add(f->roster, &found, NULL, &again), 0);
	assert_ptr_equal(dev, again);
	assert_ptr_equal(roster_find_address(f->roster, &a.sa), dev);
	found.address.in4.sin_port = htons(1162);
	assert_int_equal(roster_add(f->roster, &found, NULL, &again), 0);
	assert_null(again); /* over the limit */
	f->wanted = 1;
	assert_int_equal(roster_wake(dev), 0);
	assert_int_equal(loop_run(f->loop), 0);
	assert_ptr_equal(roster_next(f->roster, 8), dev);
}

/* How it is asked may change: by v3, by another user, and by v2c again; what is known of its engine
 * stays as long as it is asked by v3. */
static void test_device_changes_credential(void **state)
{
	struct fixture *f = *state;
	static struct usm_user one, two;
	struct usm_user *users[] = {&one, &two};
	struct usm_secret secret = {.name = "u", .name_len = 1};
	assert_int_equal(usm_user_init(&one, &secret), 0);
	assert_int_equal(usm_user_init(&two, &secret), 0);
	assert_int_equal(usm_user_prepare_now(&one, &secret), 0);
	assert_int_equal(usm_user_prepare_now(&two, &secret), 0);
	struct conf_credential first = {.version = SNMP_V3, .number = 0, .context = "ctx"},
			       second = {.version = SNMP_V3, .number = 1};
	open_with(f, "  targets:\n    - range: 127.1.0.1\n");
	union address a = at(0x7f010001, 161);
	struct device *dev = roster_find_address(f->roster, &a.sa);
	assert_null(dev->peer.usm);
	struct conf_device v3 = {.version = SNMP_V3, .credential = &first};
	assert_int_equal(roster_use(dev, &v3, users), 0);
	assert_ptr_equal(dev->peer.usm->user, &one);
	assert_int_equal(dev->peer.usm->context_len, 3);
	assert_int_equal(dev->peer.version, SNMP_V3);
	dev->peer.usm->engine.id_len = 5;
	v3.credential = &second;
	assert_int_equal(roster_use(dev, &v3, users), 0);
	assert_ptr_equal(dev->peer.usm->user, &two);
	assert_int_equal(dev->peer.usm->context_len, 0);
	assert_int_equal(dev->peer.usm->engine.id_len, 5);
	struct roster_counts c;
	roster_counts(f->roster, &c);
	assert_int_equal(c.v3, 1);
	struct conf_device v2 = {.version = SNMP_V2C, .community = "x", .community_len = 1};
	assert_int_equal(roster_use(dev, &v2, users), 0);
	assert_null(dev->peer.usm);
	roster_counts(f->roster, &c);
	assert_int_equal(c.v3, 0);
	usm_user_close(&one);
	usm_user_close(&two);
}

static void test_devices_become_due_in_order(void **state)
{
	struct fixture *f = *state;
	open_with(f, "  targets:\n    - range: 127.1.0.1-127.1.0.3\n");
	assert_null(roster_next(f->roster, 8));
	f->wanted = 3;
	assert_int_equal(roster_start(f->roster, 0), 0);
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(roster_in_state(f->roster, DEVICE_WAITING), 3);
	struct device *first = roster_next(f->roster, 8);
	assert_string_equal(device_address(first).text, "127.1.0.1:161");
	assert_int_equal(roster_in_state(f->roster, DEVICE_POLLED), 1);
	roster_put_back(first);
	assert_string_equal(device_address(roster_next(f->roster, 8)).text, "127.1.0.2:161");
}

static uint64_t rest(struct fixture *f, struct device *dev, enum device_outcome outcome)
{
	roster_schedule(dev, outcome, 3600000);
	assert_int_equal(dev->state, DEVICE_RESTING);
	assert_true(due_is_set(&dev->due));
	return dev->due.at_ms - loop_now_ms(f->loop);
}

static void test_silent_printer_backs_off(void **state)
{
	struct fixture *f = *state;
	open_with(f, "  targets:\n    - range: 127.1.0.1\n");
	f->wanted = 1;
	assert_int_equal(roster_start(f->roster, 0), 0);
	assert_int_equal(loop_run(f->loop), 0);
	struct device *dev = roster_next(f->roster, 8);
	assert_int_equal(rest(f, dev, OUTCOME_COMPLETE), 3600000);
	/* Up to an eighth less, so that not all are asked in step. */
	for (uint64_t wait = 60000; wait < 3600000; wait *= 2) {
		assert_in_range(rest(f, dev, OUTCOME_SILENT), wait - wait / 8, wait);
		assert_int_equal(device_breaker(dev), BREAKER_OPEN);
		assert_int_equal(dev->profile.protection.open_until_ms, dev->due.at_ms);
	}
	uint64_t least = 3600000, most = 0;
	for (int i = 0; i < 300; i++) {
		uint64_t wait = rest(f, dev, OUTCOME_SILENT);
		least = wait < least ? wait : least;
		most = wait > most ? wait : most;
	}
	assert_in_range(least, 3150000, 3600000);
	assert_in_range(most, least, 3600000);
	assert_int_equal(rest(f, dev, OUTCOME_PARTIAL), 3600000);
	assert_int_equal(device_breaker(dev), BREAKER_CLOSED);
	assert_int_equal(dev->profile.protection.open_until_ms, 0);
	assert_in_range(rest(f, dev, OUTCOME_SILENT), 52500, 60000);
	roster_schedule(dev, OUTCOME_COMPLETE, 0);
	assert_false(due_is_set(&dev->due));
}

static void end_poll(struct device *dev, enum device_outcome outcome, int err)
{
	dev->err = err;
	dev->is_accepted |= outcome == OUTCOME_COMPLETE;
	roster_schedule(dev, outcome, 3600000);
}

/* Of a range: nothing responds, a switch, a printer that stops responding, a refused credential.
 * Named by its address: nothing responds. */
static void test_only_printers_of_a_range_are_devices(void **state)
{
	struct fixture *f = *state;
	struct roster_counts c;
	open_with(f, "  targets:\n    - range: 127.1.0.1-127.1.0.5\n"
		     "    - range: 127.1.0.5\n");
	struct device *dev[5];
	f->wanted = 5;
	assert_int_equal(roster_start(f->roster, 0), 0);
	assert_int_equal(loop_run(f->loop), 0);
	for (size_t i = 0; i < 5; i++)
		dev[i] = roster_next(f->roster, 8);
	roster_counts(f->roster, &c);
	assert_int_equal(c.devices, 5);
	dev[1]->kind = KIND_NETWORK;
	end_poll(dev[0], OUTCOME_SILENT, ERR_SNMP_TIMEOUT);
	end_poll(dev[1], OUTCOME_OTHER, 0);
	end_poll(dev[2], OUTCOME_COMPLETE, 0);
	end_poll(dev[2], OUTCOME_SILENT, ERR_SNMP_TIMEOUT);
	end_poll(dev[3], OUTCOME_SILENT, ERR_SNMP_USER);
	end_poll(dev[4], OUTCOME_SILENT, ERR_SNMP_TIMEOUT);
	roster_counts(f->roster, &c);
	assert_int_equal(c.addresses, 5);
	assert_int_equal(c.devices, 3);
	assert_int_equal(c.by_outcome[OUTCOME_SILENT], 2);
	assert_int_equal(c.refused, 1);
	assert_int_equal(c.others, 1);
	assert_int_equal(c.by_kind[KIND_NETWORK], 1);
	assert_int_equal(c.absent, 1);
	assert_int_equal(roster_standing(f->roster, STANDING_DEVICE), 3);
	/* A device that is no printer is polled once a day, a former printer after an interval. */
	assert_int_equal(rest(f, dev[1], OUTCOME_OTHER), LIMIT_OTHER_POLL_MS);
	assert_int_equal(rest(f, dev[2], OUTCOME_OTHER), 3600000);
	/* Whatever was not identified yet is none. */
	assert_int_equal(rest(f, dev[0], OUTCOME_PARTIAL), 3600000);
	roster_counts(f->roster, &c);
	assert_int_equal(c.others, 3);
	assert_int_equal(c.devices, 2);
}

static void test_few_slow_devices_run_beside_others(void **state)
{
	struct fixture *f = *state;
	open_with(f, "  targets:\n    - range: 127.1.0.1-127.1.0.5\n");
	for (size_t i = 0; i < 3; i++)
		roster_nth(f->roster, i)->profile.is_slow = true;
	assert_null(roster_nth(f->roster, 5));
	f->wanted = 5;
	assert_int_equal(roster_start(f->roster, 0), 0);
	assert_int_equal(loop_run(f->loop), 0);
	assert_true(roster_has_prompt(f->roster));
	/* One, then the others; the next one only when the first is done with. */
	assert_ptr_equal(roster_next(f->roster, 1), roster_nth(f->roster, 0));
	assert_ptr_equal(roster_next(f->roster, 1), roster_nth(f->roster, 3));
	assert_ptr_equal(roster_next(f->roster, 1), roster_nth(f->roster, 4));
	assert_false(roster_has_prompt(f->roster));
	assert_null(roster_next(f->roster, 1));
	roster_nth(f->roster, 0)->profile.is_slow = false; /* it was quick this time */
	(void)rest(f, roster_nth(f->roster, 0), OUTCOME_COMPLETE);
	assert_ptr_equal(roster_next(f->roster, 1), roster_nth(f->roster, 1));
	assert_null(roster_next(f->roster, 1));
	assert_ptr_equal(roster_next(f->roster, 2), roster_nth(f->roster, 2));
	/* A device is found by its address and port. */
	struct sockaddr_in at = {.sin_family = AF_INET,
		.sin_port = htons(161),
		.sin_addr.s_addr = htonl(0x7f010004)};
	const struct sockaddr *sa = (const struct sockaddr *)(const void *)&at;
	assert_ptr_equal(roster_find_address(f->roster, sa), roster_nth(f->roster, 3));
	at.sin_port = htons(162);
	assert_null(roster_find_address(f->roster, sa));
}

static void assert_key(const struct device *dev, const struct identity *id, const char *expected)
{
	char key[LIMIT_DEVICE_KEY];
	collect_device_key(key, sizeof key, dev, id);
	assert_string_equal(key, expected);
}

static void test_key_prefers_serial_then_mac(void **state)
{
	struct fixture *f = *state;
	open_with(f, "  targets:\n    - range: 127.1.0.7\n");
	f->wanted = 1;
	assert_int_equal(roster_start(f->roster, 0), 0);
	assert_int_equal(loop_run(f->loop), 0);
	struct device *dev = roster_next(f->roster, 8);
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

static void test_device_is_found_by_its_key(void **state)
{
	struct fixture *f = *state;
	open_with(f, "  targets:\n    - range: 127.1.0.1-127.1.0.2\n");
	f->wanted = 2;
	assert_int_equal(roster_start(f->roster, 0), 0);
	assert_int_equal(loop_run(f->loop), 0);
	(void)roster_next(f->roster, 8);
	struct device *dev = roster_next(f->roster, 8);
	(void)snprintf(dev->key, sizeof dev->key, "serial:acme/1");
	assert_ptr_equal(roster_find_key(f->roster, "serial:acme/1", 13), dev);
	assert_null(roster_find_key(f->roster, "serial:acme/", 12));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_duplicates_and_surplus_devices_are_counted, setup, teardown),
		cmocka_unit_test_setup_teardown(test_devices_become_due_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_silent_printer_backs_off, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_few_slow_devices_run_beside_others, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_only_printers_of_a_range_are_devices, setup, teardown),
		cmocka_unit_test_setup_teardown(test_key_prefers_serial_then_mac, setup, teardown),
		cmocka_unit_test_setup_teardown(test_device_is_found_by_its_key, setup, teardown),
		cmocka_unit_test_setup_teardown(test_denied_address_is_not_added, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_own_entry_of_an_address_replaces_that_of_a_range, setup, teardown),
		cmocka_unit_test_setup_teardown(test_found_device_is_added_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_device_changes_credential, setup, teardown),
	};
	return cmocka_run_group_tests_name("fleet/roster", tests, NULL, NULL);
}
