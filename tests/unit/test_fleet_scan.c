/* SPDX-License-Identifier: Apache-2.0
 * Packets of a scan to one address that never responds: which probes, with which communities, in
 * which order, and no probe where a device is polled already. */
#include "engine/fleet/scan.h"

#include "proto/base/limits.h"
#include "proto/smi/request.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* libnetsnmp's; its headers define struct option anew. */
unsigned char *snmp_comstr_parse(unsigned char *data, size_t *length, unsigned char *community,
	size_t *community_len, long *version);

struct fixture {
	struct loop *loop;
	struct snmp_client *client;
	struct scan *scan;
	int device; /* a socket that only listens */
	uint16_t port;
	int stored_credential;
	bool is_read, asks_as_needed;
	char seen[128]; /* "v3 first second" */
};

static int stored_credential(void *owner, const struct sockaddr *sa)
{
	const struct fixture *f = owner;
	assert_int_equal(sa->sa_family, AF_INET);
	return f->stored_credential;
}

static bool is_read(void *owner, const struct sockaddr *sa)
{
	const struct fixture *f = owner;
	assert_int_equal(sa->sa_family, AF_INET);
	return f->is_read;
}

static void on_end(void *owner)
{
	struct fixture *f = owner;
	loop_stop(f->loop);
}

static void open_device(struct fixture *f)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof at;
	f->device = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_true(f->device >= 0);
	assert_int_equal(bind(f->device, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(getsockname(f->device, (struct sockaddr *)&at, &len), 0);
	f->port = ntohs(at.sin_port);
}

static void take_seen(struct fixture *f)
{
	uint8_t bytes[512];
	ssize_t n;
	f->seen[0] = '\0';
	while ((n = recv(f->device, bytes, sizeof bytes, 0)) > 0) {
		char word[LIMIT_COMMUNITY + 4] = " v3";
		unsigned char community[LIMIT_COMMUNITY];
		size_t left = (size_t)n, len = sizeof community;
		long version;
		if (snmp_comstr_parse(bytes, &left, community, &len, &version) != NULL)
			(void)snprintf(word, sizeof word, " %.*s%s", (int)len, community,
				version == SNMP_V1 ? "/1" : "");
		strncat(f->seen, word, sizeof f->seen - strlen(f->seen) - 1);
	}
}

/* The words in the order in which they came. */
static const char *scanned(struct fixture *f, unsigned tries, bool allows_v1)
{
	static const struct scan_credential credentials[] = {
		{.name = "a", .version = SNMP_V2C, .community = "first", .community_len = 5},
		{.name = "b", .version = SNMP_V2C, .community = "second", .community_len = 6},
		{.name = "c", .version = SNMP_V1, .community = "third", .community_len = 5}};
	struct scan_range range = {.port = f->port, .allows_v1 = allows_v1};
	char why[LIMIT_WHY];
	assert_int_equal(conf_range_parse(&range.addresses, "127.0.0.1", why, sizeof why), 0);
	struct scan_options o = {.ranges = &range,
		.range_count = 1,
		.credentials = credentials,
		.credential_count = 3,
		.per_s = 1000,
		.tries = tries,
		.rounds = f->asks_as_needed ? 0 : 1,
		.wait_ms = 20,
		.found_max = 10,
		.is_read = is_read,
		.stored_credential = stored_credential};
	struct scan_events events = {.on_end = on_end};
	struct snmp_client_options po = {.window = 4, .deadline_ms = 1000, .tries = 2};
	assert_int_equal(loop_open(&f->loop, 256), 0);
	assert_int_equal(snmp_client_open(&f->client, f->loop, &po), 0);
	assert_int_equal(scan_start(&f->scan, f->loop, f->client, &o, &events, f), 0);
	assert_int_equal(loop_run(f->loop), 0);
	struct scan_counts c;
	scan_counts(f->scan, &c);
	assert_int_equal(c.addresses, 1);
	assert_int_equal(c.by_mark[f->is_read ? SCAN_READ : SCAN_SILENT], 1);
	scan_close(f->scan);
	snmp_client_close(f->client);
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(loop_close(f->loop), 0);
	take_seen(f);
	return f->seen;
}

static void test_what_a_silent_address_is_asked(void **state)
{
	(void)state;
	struct fixture f = {.stored_credential = SCAN_NONE_KNOWN};
	open_device(&f);
	assert_string_equal(scanned(&f, 3, false), " v3 first second");
	assert_string_equal(scanned(&f, 1, false), " v3 first");
	assert_string_equal(scanned(&f, 0, false), " v3");
	assert_string_equal(scanned(&f, 3, true), " v3 first second first/1 second/1 third/1");
	(void)close(f.device);
}

/* Left open, how often: twice, as so few are asked quickly; a sleeping printer may hear only that.
 */
static void test_silence_is_asked_twice(void **state)
{
	(void)state;
	struct fixture f = {.stored_credential = SCAN_NONE_KNOWN, .asks_as_needed = true};
	open_device(&f);
	assert_string_equal(scanned(&f, 1, false), " v3 first v3 first");
	(void)close(f.device);
}

static void test_what_was_likely_missed(void **state)
{
	(void)state;
	assert_int_equal(scan_missed_thousandths(2000, 0, 0, 1), 0);
	assert_int_equal(scan_missed_thousandths(2000, 8000, 0, 1), 0);
	/* 1 %: twenty of two thousand, then a fifth of one. */
	assert_int_equal(scan_missed_thousandths(2000, 8000, 80, 1), 20202);
	assert_int_equal(scan_missed_thousandths(2000, 8000, 80, 2), 200);
	assert_int_equal(scan_missed_thousandths(0, 8000, 80, 1), 0);
	/* Everything was lost: at least as many as were found. */
	assert_int_equal(scan_missed_thousandths(7, 10, 10, 3), 7000);
}

static void test_what_worked_before_goes_first(void **state)
{
	(void)state;
	struct fixture f = {.stored_credential = 1};
	open_device(&f);
	assert_string_equal(scanned(&f, 3, false), " v3 second first");
	assert_string_equal(scanned(&f, 1, false), " v3 second");
	f.stored_credential = SCAN_NONE_WORKS;
	assert_string_equal(scanned(&f, 3, true), " v3");
	(void)close(f.device);
}

static void test_what_is_read_is_left_alone(void **state)
{
	(void)state;
	struct fixture f = {.stored_credential = SCAN_NONE_KNOWN, .is_read = true};
	open_device(&f);
	assert_string_equal(scanned(&f, 3, true), "");
	(void)close(f.device);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_what_a_silent_address_is_asked),
		cmocka_unit_test(test_silence_is_asked_twice),
		cmocka_unit_test(test_what_was_likely_missed),
		cmocka_unit_test(test_what_worked_before_goes_first),
		cmocka_unit_test(test_what_is_read_is_left_alone)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
