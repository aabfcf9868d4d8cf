/* SPDX-License-Identifier: Apache-2.0
 * The time before a resend: two copies of one request are in flight to a printer only if a response
 * is late. */
#include "engine/snmp/client_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct snmp_client client;
static struct snmp_peer peer;

static int setup(void **state)
{
	(void)state;
	client.fleet_srtt_ms = client.fleet_rttvar_ms = 0;
	peer = (struct snmp_peer){.version = SNMP_V2C};
	return 0;
}

static void respond_after(uint32_t ms, unsigned times)
{
	while (times-- > 0)
		snmp_rtt_add(&client, &peer, ms);
}

static void test_new_peer_gets_the_initial_timeout(void **state)
{
	(void)state;
	assert_int_equal(snmp_rtt_first_rto(&client, &peer), LIMIT_RTO_FIRST_MS);
	/* Later: what the fleet shows, but never less than what a delay on the way needs. */
	struct snmp_peer other = {.version = SNMP_V2C};
	respond_after(30, 100);
	uint32_t rto = snmp_rtt_first_rto(&client, &other);
	assert_in_range(rto, 30 + LIMIT_RTO_MIN_MS, 30 + LIMIT_RTO_MIN_MS + 10);
}

static void test_delay_of_a_quick_printer_causes_one_resend(void **state)
{
	(void)state;
	respond_after(1, 50);
	assert_int_equal(peer.srtt_ms, 1);
	assert_true(snmp_rtt_first_rto(&client, &peer) >= LIMIT_RTO_MIN_MS);
	respond_after(100, 100);
	assert_true(snmp_rtt_first_rto(&client, &peer) >= 90 + LIMIT_RTO_MIN_MS);
}

static void test_timeout_covers_four_deviations(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 50; i++)
		respond_after(i % 2 == 0 ? 100 : 500, 1);
	assert_true(snmp_rtt_first_rto(&client, &peer) > 500 + LIMIT_RTO_MIN_MS);
}

static void test_first_response_weighs_three_samples(void **state)
{
	(void)state;
	respond_after(300, 1);
	assert_int_equal(snmp_rtt_first_rto(&client, &peer), 900);
}

/* Karn: the try of a response is unknown, so only the backoff changes. */
static void test_slow_new_peer_gets_no_early_copies(void **state)
{
	(void)state;
	uint32_t takes_ms = 3000, at = 0, rto = snmp_rtt_first_rto(&client, &peer);
	unsigned tries = 1;
	for (; at + rto < takes_ms; tries++) {
		at += rto;
		rto = snmp_rtt_next_rto(&peer, rto);
	}
	assert_true(tries > 2);
	assert_false(snmp_rtt_add_late(&peer, tries, takes_ms - at));
	assert_int_equal(peer.srtt_ms, 0);
	assert_true(snmp_rtt_first_rto(&client, &peer) > takes_ms);
	respond_after(takes_ms, 1);
	assert_int_equal(peer.doublings, 0);
	assert_true(snmp_rtt_first_rto(&client, &peer) > takes_ms);
}

static void test_loss_does_not_lengthen_the_timeout(void **state)
{
	(void)state;
	respond_after(100, 50);
	assert_false(snmp_rtt_add_late(&peer, 3, 100));
	assert_int_equal(peer.doublings, 0);
	/* The positive controls: to an earlier try, and later than the printer ever was. */
	assert_true(snmp_rtt_add_late(&peer, 2, 20));
	assert_int_equal(peer.doublings, 1);
	assert_false(snmp_rtt_add_late(&peer, 2, 1000));
	assert_int_equal(peer.doublings, 2);
}

static void test_backoff_never_shortens_and_is_bounded(void **state)
{
	(void)state;
	for (uint32_t takes_ms = 1; takes_ms < 20000; takes_ms *= 3) {
		respond_after(takes_ms, 30);
		uint32_t rto = snmp_rtt_first_rto(&client, &peer);
		for (unsigned i = 0; i < 10; i++) {
			uint32_t next = snmp_rtt_next_rto(&peer, rto);
			assert_true(next >= rto);
			assert_true(next <= LIMIT_RTO_DOUBLED_MS || next == rto);
			rto = next;
		}
		assert_in_range(rto, LIMIT_RTO_DOUBLED_MS, LIMIT_RTO_MAX_MS);
		for (unsigned i = 0; i < 100; i++)
			(void)snmp_rtt_add_late(&peer, LIMIT_SNMP_TRIES, LIMIT_RTO_MAX_MS * 4);
		assert_in_range(snmp_rtt_first_rto(&client, &peer), LIMIT_RTO_MIN_MS << 5,
			LIMIT_RTO_MAX_MS);
	}
	peer.min_gap_ms = LIMIT_RTO_MAX_MS + 1;
	assert_int_equal(snmp_rtt_first_rto(&client, &peer), peer.min_gap_ms);
	assert_int_equal(snmp_rtt_next_rto(&peer, peer.min_gap_ms), peer.min_gap_ms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_new_peer_gets_the_initial_timeout, setup),
		cmocka_unit_test_setup(test_delay_of_a_quick_printer_causes_one_resend, setup),
		cmocka_unit_test_setup(test_timeout_covers_four_deviations, setup),
		cmocka_unit_test_setup(test_first_response_weighs_three_samples, setup),
		cmocka_unit_test_setup(test_slow_new_peer_gets_no_early_copies, setup),
		cmocka_unit_test_setup(test_loss_does_not_lengthen_the_timeout, setup),
		cmocka_unit_test_setup(test_backoff_never_shortens_and_is_bounded, setup),
	};
	return cmocka_run_group_tests_name("snmp/client timeouts", tests, NULL, NULL);
}
