/* SPDX-License-Identifier: Apache-2.0
 * The order of a scan: each address of its ranges exactly once, in no order that one would guess,
 * found again by its address; and the token bucket. */
#include "engine/fleet/scan_order.h"

#include "proto/base/limits.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct sip_key some_key = {{1, 2}};

static struct scan_range range(const char *text, uint16_t port)
{
	struct scan_range r = {.port = port};
	char why[LIMIT_WHY];
	assert_int_equal(conf_range_parse(&r.addresses, text, why, sizeof why), 0);
	return r;
}

/* Goes through all, checks that none comes twice and that each is found again. Returns how often
 * the next one is the neighbour of the one before. */
static size_t check_all(const struct scan_order *o)
{
	uint8_t *seen = calloc(o->count + 1, 1);
	size_t neighbours = 0;
	uint32_t before = UINT32_MAX - 1;
	assert_non_null(seen);
	for (uint32_t i = 0; i < o->count; i++) {
		struct sockaddr_in6 at;
		uint32_t number = scan_order_nth(o, i), again;
		assert_true(number < o->count);
		assert_int_equal(seen[number]++, 0);
		(void)scan_order_at(o, number, &at);
		assert_true(scan_order_find(o, (const struct sockaddr *)&at, &again));
		assert_int_equal(again, number);
		neighbours += number == before + 1;
		before = number;
	}
	free(seen);
	return neighbours;
}

static void test_each_once(void **state)
{
	(void)state;
	static const char *const texts[] = {"10.0.0.1", "10.0.0.0/30", "10.0.0.0/23", "10.0.0.0/16",
		"10.1.1.7-10.1.3.9", "2001:db8::/112"};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct scan_range r = range(texts[i], 161);
		struct scan_order o;
		assert_int_equal(scan_order_open(&o, &r, 1, some_key), 0);
		assert_int_equal(o.count, r.addresses.count);
		size_t neighbours = check_all(&o);
		if (o.count > 100)
			assert_true(neighbours < o.count / 50);
		scan_order_close(&o);
	}
}

static void test_overlaps_are_asked_once(void **state)
{
	(void)state;
	struct scan_range r[] = {range("10.0.0.0/24", 161), range("10.0.0.100-10.0.1.10", 161),
		range("10.0.0.5", 161), range("10.0.0.5", 1161), range("10.0.0.0/24", 161),
		range("10.0.0.120-10.0.1.20", 161), range("10.0.0.140-10.0.1.30", 161),
		range("2001:db8::5", 161), range("2001:db8::/120", 161)};
	struct scan_order o;
	struct sockaddr_in other = {.sin_family = AF_INET, .sin_port = htons(161)};
	uint32_t number;
	assert_int_equal(scan_order_open(&o, r, sizeof r / sizeof r[0], some_key), 0);
	/* 10.0.0.1 to 10.0.1.30, one on another port, 2001:db8::0 to ff. */
	assert_int_equal(o.count, 286 + 1 + 256);
	(void)check_all(&o);
	other.sin_addr.s_addr = inet_addr("10.0.1.31");
	assert_false(scan_order_find(&o, (const struct sockaddr *)&other, &number));
	other.sin_addr.s_addr = inet_addr("10.0.0.6");
	assert_true(scan_order_find(&o, (const struct sockaddr *)&other, &number));
	other.sin_port = htons(1161);
	assert_false(scan_order_find(&o, (const struct sockaddr *)&other, &number));
	scan_order_close(&o);
}

/* One address at two links is two places. */
static void test_links_are_told_apart(void **state)
{
	(void)state;
	struct scan_range r[3] = {
		range("2001:db8::7", 161), range("2001:db8::7", 161), range("2001:db8::7", 161)};
	struct scan_order o;
	struct sockaddr_in6 at;
	uint32_t number;
	r[0].addresses.scope = 3;
	r[1].addresses.scope = 2;
	r[2].addresses.scope = 3;
	assert_int_equal(scan_order_open(&o, r, 3, some_key), 0);
	assert_int_equal(o.count, 2);
	(void)check_all(&o);
	conf_range_at(&r[0].addresses, 0, 161, &at);
	at.sin6_scope_id = 4;
	assert_false(scan_order_find(&o, (const struct sockaddr *)&at, &number));
	scan_order_close(&o);
}

static void test_none_and_too_many(void **state)
{
	(void)state;
	struct scan_order o;
	assert_int_equal(scan_order_open(&o, NULL, 0, some_key), 0);
	assert_int_equal(o.count, 0);
	scan_order_close(&o);
	struct scan_range r[LIMIT_SCAN_ADDRESSES / 65536 + 1];
	for (unsigned i = 0; i < sizeof r / sizeof r[0]; i++) {
		char text[32];
		(void)snprintf(text, sizeof text, "10.%u.0.0-10.%u.255.255", i, i);
		r[i] = range(text, 161);
	}
	assert_int_equal(scan_order_open(&o, r, sizeof r / sizeof r[0], some_key), ERR_LIMIT);
	assert_int_equal(scan_order_open(&o, r, sizeof r / sizeof r[0] - 1, some_key), 0);
	assert_int_equal(o.count, LIMIT_SCAN_ADDRESSES);
	scan_order_close(&o);
}

static void test_keys_make_orders(void **state)
{
	(void)state;
	struct scan_range r = range("10.0.0.0/20", 161);
	struct scan_order a, b;
	size_t same = 0;
	assert_int_equal(scan_order_open(&a, &r, 1, some_key), 0);
	assert_int_equal(scan_order_open(&b, &r, 1, (struct sip_key){{1, 3}}), 0);
	for (uint32_t i = 0; i < a.count; i++)
		same += scan_order_nth(&a, i) == scan_order_nth(&b, i);
	assert_true(same < 40);
	scan_order_close(&a);
	scan_order_close(&b);
}

/* At `step_ms` between turns, how many leave in ten seconds. */
static uint64_t sent_at(uint32_t per_s, uint64_t step_ms)
{
	struct scan_rate r;
	uint64_t sent = 0;
	scan_rate_begin(&r, per_s, 5000);
	for (uint64_t now = 5000; now < 15000; now += step_ms) {
		uint32_t n = scan_rate_allows(&r, now);
		scan_rate_took(&r, n);
		sent += n;
	}
	return sent;
}

static void test_rate_is_kept(void **state)
{
	(void)state;
	static const uint32_t rates[] = {1, 3, 7, 100, 500, 4000, 99999};
	static const uint64_t steps[] = {1, 5, 7, 90};
	for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
		for (size_t k = 0; k < sizeof steps / sizeof steps[0]; k++) {
			uint64_t want = (uint64_t)rates[i] * 10, got = sent_at(rates[i], steps[k]);
			assert_in_range(got, want - want / 50 - 1, want + want / 100 + 1);
		}
	}
}

static void test_pause_saves_little(void **state)
{
	(void)state;
	struct scan_rate r;
	scan_rate_begin(&r, 1000, 0);
	assert_int_equal(scan_rate_allows(&r, 60000), LIMIT_SCAN_BURST_MS + 1);
	scan_rate_took(&r, LIMIT_SCAN_BURST_MS + 1);
	assert_int_equal(scan_rate_allows(&r, 60000), 0);
	assert_int_equal(scan_rate_allows(&r, 60001), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_each_once),
		cmocka_unit_test(test_overlaps_are_asked_once),
		cmocka_unit_test(test_links_are_told_apart),
		cmocka_unit_test(test_none_and_too_many), cmocka_unit_test(test_keys_make_orders),
		cmocka_unit_test(test_rate_is_kept), cmocka_unit_test(test_pause_saves_little)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
