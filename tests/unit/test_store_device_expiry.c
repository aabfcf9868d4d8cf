/* SPDX-License-Identifier: Apache-2.0
 * Profiles of devices that are gone are dropped after LIMIT_PROFILE_KEEP_MS, in virtual time: the
 * linker puts the clocks below between the device store and the loop (--wrap). */
#include "engine/store/device_store.h"

#include "tests/kit/spool_fixture.h"

#include <arpa/inet.h>

enum { DAY_MS = 24 * 3600 * 1000 };

static uint64_t now_off_ms, wall_off_ms;

uint64_t __real_loop_now_ms(const struct loop *l);
uint64_t __real_loop_wall_ms(const struct loop *l);
uint64_t __wrap_loop_now_ms(const struct loop *l);
uint64_t __wrap_loop_wall_ms(const struct loop *l);

uint64_t __wrap_loop_now_ms(const struct loop *l)
{
	return __real_loop_now_ms(l) + now_off_ms;
}

uint64_t __wrap_loop_wall_ms(const struct loop *l)
{
	return __real_loop_wall_ms(l) + wall_off_ms;
}

static void pass(uint64_t ms)
{
	now_off_ms += ms;
	wall_off_ms += ms;
}

struct item {
	struct device_store_put put;
	unsigned number;
};

static unsigned fill(struct device_store_put *put, struct device_row *row)
{
	const struct item *item = container_of(put, struct item, put);
	row->address.in4 = (struct sockaddr_in){.sin_family = AF_INET,
		.sin_port = htons(161),
		.sin_addr.s_addr = htonl(0x7f010000 + item->number)};
	row->profile.limits.request_bytes = 400;
	return DEVICE_ROW_PROFILE;
}

static int on_row(void *owner, const struct device_row *row)
{
	unsigned *seen = owner;
	*seen |= 1u << (ntohl(row->address.in4.sin_addr.s_addr) & 31);
	return 0;
}

/* An agent that runs for run_ms and writes these devices (bit n: device n) at its end. Returns the
 * devices that the store holds at its start. */
static unsigned run(struct fixture *f, unsigned devices, uint64_t run_ms)
{
	char why[LIMIT_WHY];
	struct device_store *store;
	unsigned seen = 0;
	struct item items[8];
	assert_int_equal(
		device_store_open(&store, f->loop, f->workers, f->dir, false, why, sizeof why), 0);
	assert_int_equal(device_store_each(store, on_row, &seen), 0);
	pass(run_ms);
	for (unsigned i = 0; i < 8; i++) {
		items[i] = (struct item){.put.fill = fill, .number = i};
		if ((devices >> i & 1) != 0)
			device_store_put(store, &items[i].put);
	}
	f->has_result = false;
	device_store_close(store, fixture_on_closed, f);
	(void)fixture_await(f);
	return seen;
}

static void test_profile_of_a_gone_device_is_dropped_after_180_days(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(run(f, 3, 2 * (uint64_t)DAY_MS), 0);
	pass(177 * (uint64_t)DAY_MS);
	assert_int_equal(run(f, 2, 2 * (uint64_t)DAY_MS), 3); /* 179 days: it stays */
	assert_int_equal(run(f, 2, 2 * (uint64_t)DAY_MS), 3); /* 181 days: dropped */
	assert_int_equal(run(f, 2, 0), 2);
}

/* The wall clock is set forward by years: what is polled is written within the day, and stays. */
static void test_clock_set_forward_drops_no_profile_in_the_first_day(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(run(f, 3, 2 * (uint64_t)DAY_MS), 0);
	wall_off_ms += 4000 * (uint64_t)DAY_MS;
	assert_int_equal(run(f, 1, DAY_MS / 2), 3);
	assert_int_equal(run(f, 0, 0), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(test_profile_of_a_gone_device_is_dropped_after_180_days),
		fixture_test(test_clock_set_forward_drops_no_profile_in_the_first_day),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
