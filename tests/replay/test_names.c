/* SPDX-License-Identifier: Apache-2.0
 * Printers that are given by a DNS name, in virtual time, with a resolver of the test: when a name
 * is looked up again, and what becomes of the devices at its old and its new address. */
#include "tests/replay/world.h"

#include "engine/fleet/names.h"
#include "proto/base/log.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PORT = 161, NAMES = 2 };
/* Of the world's only printer, which is given by its address. */
static const uint32_t GIVEN = 0x0a010001;

struct scene {
	struct world world;
	struct roster *roster;
	struct agent_conf conf;
	struct names names;
	struct device_store store;
	const char *name[NAMES];
	uint32_t host[NAMES]; /* what the resolver says; 0: nothing */
	unsigned lookups;
	uint64_t last_ms; /* of the last lookup */
	unsigned added;
	bool is_reloading;
};

static void on_due(void *owner, struct device *dev)
{
	(void)owner;
	(void)dev;
}

static struct sockaddr_in at(uint32_t host)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = htons(PORT), .sin_addr.s_addr = htonl(host)};
}

static int look_up(struct world *h, struct conf_device *device)
{
	struct scene *s = container_of(h, struct scene, world);
	s->lookups++;
	s->last_ms = h->loop.now_ms;
	for (size_t i = 0; i < NAMES; i++) {
		if (s->name[i] == NULL || strcmp(s->name[i], device->name) != 0)
			continue;
		device->address.in4 = at(s->host[i]);
		return s->host[i] == 0 ? ERR_NAME : 0;
	}
	return ERR_NAME;
}

static bool may_change(void *owner)
{
	const struct scene *s = owner;
	return !s->is_reloading;
}

static void on_added(void *owner, struct device *dev)
{
	struct scene *s = owner;
	s->added++;
	assert_int_equal(roster_wake(dev), 0);
}

static void add(struct name_list *list, const char *name)
{
	struct conf_device device = {
		.name = name, .version = SNMP_V2C, .community = "public", .community_len = 6};
	device.address.in4 = at(0);
	assert_int_equal(name_list_add(list, &device, 8), 0);
}

static void begin(struct scene *s, uint32_t first, uint32_t second)
{
	struct conf_error err;
	struct name_list list = {.count = 0};
	memset(s, 0, sizeof *s);
	world_open(&s->world, 1);
	world_device_store_open(&s->store, &s->world.loop);
	s->world.look_up = look_up;
	s->conf.devices_max = 4;
	assert_int_equal(
		roster_open(&s->roster, &s->world.loop, &s->conf, NULL, on_due, s, &err), 0);
	s->name[0] = "one.example";
	s->host[0] = first;
	add(&list, s->name[0]);
	if (second != UINT32_MAX) {
		s->name[1] = "two.example";
		s->host[1] = second;
		add(&list, s->name[1]);
	}
	struct names_options o = {.loop = &s->world.loop,
		.roster = s->roster,
		.device_store = &s->store,
		.conf = &s->conf,
		.may_change = may_change,
		.on_added = on_added,
		.owner = s};
	names_open(&s->names, &o, &list);
	names_start(&s->names);
}

static void end(struct scene *s)
{
	names_close(&s->names);
	roster_close(s->roster);
	world_close(&s->world);
}

static struct device *device_at(struct scene *s, uint32_t host)
{
	struct sockaddr_in a = at(host);
	return roster_find_address(s->roster, (const struct sockaddr *)(const void *)&a);
}

static void run_for(struct scene *s, uint64_t ms)
{
	world_run_until(&s->world, s->world.loop.now_ms + ms);
}

static void test_unknown_name_is_looked_up_with_growing_delay(void **state)
{
	(void)state;
	static struct scene s;
	begin(&s, 0, UINT32_MAX);
	assert_int_equal(s.lookups, 1);
	assert_int_equal(names_unknown(&s.names), 1);
	run_for(&s, 60000);
	assert_int_equal(s.lookups, 2);
	run_for(&s, 119999);
	assert_int_equal(s.lookups, 2);
	run_for(&s, 1);
	assert_int_equal(s.lookups, 3);
	run_for(&s, DAY_MS);
	/* 1, 2, 4 ... 32 minutes, then hourly. */
	assert_in_range(s.lookups, 6 + 23, 6 + 25);
	s.host[0] = 0x0a010005;
	run_for(&s, HOUR_MS);
	assert_non_null(device_at(&s, 0x0a010005));
	assert_int_equal(s.added, 1);
	assert_int_equal(names_unknown(&s.names), 0);
	end(&s);
}

static void test_changed_address_moves_the_device_with_its_limits(void **state)
{
	(void)state;
	static struct scene s;
	struct roster_counts c;
	begin(&s, 0x0a010005, UINT32_MAX);
	struct device *dev = device_at(&s, 0x0a010005);
	assert_non_null(dev);
	assert_string_equal(dev->name, "one.example");
	dev->profile.limits.is_safe_mode = true;
	run_for(&s, HOUR_MS);
	assert_int_equal(s.lookups, 2);
	assert_int_equal(s.added, 1);
	s.host[0] = 0x0a010006;
	run_for(&s, HOUR_MS);
	assert_null(device_at(&s, 0x0a010005));
	assert_true(dev->is_retired);
	dev = device_at(&s, 0x0a010006);
	assert_non_null(dev);
	assert_true(dev->profile.limits.is_safe_mode);
	assert_int_equal(dev->state, DEVICE_WAITING);
	roster_counts(s.roster, &c);
	assert_int_equal(c.devices, 2);
	run_for(&s, 5 * HOUR_MS);
	assert_int_equal(s.added, 2);
	end(&s);
}

static void test_failed_lookup_keeps_the_last_address(void **state)
{
	(void)state;
	static struct scene s;
	begin(&s, 0x0a010005, UINT32_MAX);
	s.host[0] = 0;
	run_for(&s, DAY_MS);
	assert_true(s.lookups > 24);
	assert_non_null(device_at(&s, 0x0a010005));
	end(&s);
}

static void test_address_that_is_given_otherwise_stays(void **state)
{
	(void)state;
	static struct scene s;
	begin(&s, GIVEN, 0x0a010005);
	assert_null(device_at(&s, GIVEN)->name);
	s.host[0] = 0x0a010005;
	run_for(&s, HOUR_MS);
	assert_non_null(device_at(&s, GIVEN));
	assert_non_null(device_at(&s, 0x0a010005));
	/* Both names are there; the one that the device was added by leaves. */
	s.host[1] = 0x0a010007;
	run_for(&s, HOUR_MS);
	assert_non_null(device_at(&s, 0x0a010007));
	struct device *dev = device_at(&s, 0x0a010005);
	assert_non_null(dev);
	assert_string_equal(dev->name, "one.example");
	s.host[0] = 0x0a010008;
	run_for(&s, HOUR_MS);
	assert_null(device_at(&s, 0x0a010005));
	end(&s);
}

static void test_change_waits_for_the_end_of_a_poll_and_of_a_reload(void **state)
{
	(void)state;
	static struct scene s;
	begin(&s, 0x0a010005, UINT32_MAX);
	struct device *dev = device_at(&s, 0x0a010005);
	assert_int_equal(roster_wake(dev), 0);
	run_for(&s, 1);
	struct device *polled = roster_next(s.roster, 1);
	assert_ptr_equal(polled, dev);
	s.host[0] = 0x0a010006;
	run_for(&s, HOUR_MS + 60000);
	assert_non_null(device_at(&s, 0x0a010005));
	assert_null(device_at(&s, 0x0a010006));
	s.is_reloading = true;
	roster_schedule(dev, OUTCOME_COMPLETE, DAY_MS);
	unsigned before = s.lookups;
	run_for(&s, 60000);
	assert_int_equal(s.lookups, before);
	assert_non_null(device_at(&s, 0x0a010005));
	s.is_reloading = false;
	run_for(&s, LIMIT_NAME_RETRY_MS);
	assert_null(device_at(&s, 0x0a010005));
	assert_non_null(device_at(&s, 0x0a010006));
	end(&s);
}

static void test_denied_address_is_never_in_the_roster(void **state)
{
	(void)state;
	static struct scene s;
	begin(&s, 0x0a010005, UINT32_MAX);
	s.world.denied = at(0x0a010006);
	s.host[0] = 0x0a010006;
	run_for(&s, HOUR_MS);
	assert_null(device_at(&s, 0x0a010005));
	assert_null(device_at(&s, 0x0a010006));
	run_for(&s, DAY_MS);
	assert_null(device_at(&s, 0x0a010006));
	s.host[0] = 0x0a010005;
	run_for(&s, HOUR_MS);
	assert_non_null(device_at(&s, 0x0a010005));
	end(&s);
}

static void test_result_for_a_replaced_list_is_dropped(void **state)
{
	(void)state;
	static struct scene s;
	struct name_list list = {.count = 0};
	begin(&s, 0x0a010005, UINT32_MAX);
	/* The lookup begins, and ends after the reload. */
	s.names.due.on_time(&s.names.due);
	loop_due_clear(&s.world.loop, &s.names.due);
	assert_true(s.names.is_running);
	add(&list, "two.example");
	s.host[0] = 0x0a010006;
	names_replace(&s.names, &list);
	assert_int_equal(list.count, 0);
	s.name[1] = "two.example";
	s.host[1] = 0x0a010007;
	run_for(&s, 1);
	assert_null(device_at(&s, 0x0a010006));
	assert_non_null(device_at(&s, 0x0a010007));
	/* One that ends after names_close has no effect. */
	s.host[1] = 0x0a010008;
	s.names.due.on_time(&s.names.due);
	names_close(&s.names);
	run_for(&s, HOUR_MS);
	assert_null(device_at(&s, 0x0a010008));
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unknown_name_is_looked_up_with_growing_delay),
		cmocka_unit_test(test_changed_address_moves_the_device_with_its_limits),
		cmocka_unit_test(test_failed_lookup_keeps_the_last_address),
		cmocka_unit_test(test_address_that_is_given_otherwise_stays),
		cmocka_unit_test(test_change_waits_for_the_end_of_a_poll_and_of_a_reload),
		cmocka_unit_test(test_denied_address_is_never_in_the_roster),
		cmocka_unit_test(test_result_for_a_replaced_list_is_dropped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
