/* SPDX-License-Identifier: Apache-2.0
 * Early ends of SNMPv3 requests: during engine discovery, key derivation, and before the response.
 * (Acceptance is in the conformance table, tests/live/test_v3.py, and in the tests with damage and
 * forgery.) The printer is a socket that sends nothing. */
#include "engine/snmp/client_internal.h"

#include "engine/snmp/usm.h"
#include "engine/snmp/usm_internal.h"

#include <arpa/inet.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	struct loop *loop;
	struct workers *workers;
	struct snmp_client *client;
	struct usm_user user;
	struct usm_peer usm;
	struct snmp_peer peer;
	int fd;
	int replies, err;
	bool is_closing; /* the loop does not run */
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct sockaddr_in *a = &f->peer.address.in4;
	socklen_t len = sizeof *a;
	/* The slowest keys there are. */
	struct usm_secret secret = {.name = "platen",
		.name_len = 6,
		.auth = USM_AUTH_MD5,
		.priv = USM_PRIV_AES256_CISCO,
		.auth_password = "maplesyrup",
		.auth_password_len = 10,
		.priv_password = "maplesyrup",
		.priv_password_len = 10};
	assert_non_null(f);
	assert_int_equal(loop_open(&f->loop, 64), 0);
	assert_int_equal(workers_open(&f->workers, f->loop), 0);
	struct snmp_client_options o = {
		.window = 4, .deadline_ms = 300, .tries = 2, .workers = f->workers};
	assert_int_equal(snmp_client_open(&f->client, f->loop, &o), 0);
	f->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	*a = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	assert_int_equal(bind(f->fd, (struct sockaddr *)a, sizeof *a), 0);
	assert_int_equal(getsockname(f->fd, (struct sockaddr *)a, &len), 0);
	assert_int_equal(usm_user_init(&f->user, &secret), 0);
	assert_int_equal(usm_user_prepare_now(&f->user, &secret), 0);
	usm_peer_init(&f->usm, &f->user, NULL, 0);
	f->peer.version = SNMP_V3;
	f->peer.usm = &f->usm;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	snmp_client_close(f->client);
	workers_close(f->workers);
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(loop_close(f->loop), 0);
	usm_peer_close(&f->usm);
	usm_user_close(&f->user);
	assert_int_equal(close(f->fd), 0);
	free(f);
	return 0;
}

static void on_response(void *owner, const struct snmp_response *reply)
{
	struct fixture *f = owner;
	f->replies++;
	f->err = reply->err;
	if (!f->is_closing)
		loop_stop(f->loop);
}

static int send_get(struct fixture *f)
{
	static const uint8_t sys_uptime[] = {0x2b, 6, 1, 2, 1, 1, 3, 0};
	struct snmp_request q;
	snmp_request_begin(&q, SNMP_GET);
	assert_int_equal(snmp_request_add(&q, (struct oid_ber){sys_uptime, sizeof sys_uptime},
				 (struct oid_ber){NULL, 0}, LIMIT_REQUEST_FIRST),
		0);
	return snmp_client_send(f->client, &f->peer, &q, on_response, f);
}

static void pin_engine(struct fixture *f)
{
	static const uint8_t id[] = {0x80, 0, 0x1f, 0x88, 4, 'a', 'b'};
	memcpy(f->usm.engine.id, id, sizeof id);
	f->usm.engine.id_len = sizeof id;
}

/* The number of datagrams in the printer's socket. */
static int datagrams(struct fixture *f)
{
	uint8_t bytes[LIMIT_REQUEST_BYTES];
	int n = 0;
	while (recv(f->fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
		n++;
	return n;
}

/* A forged response to a probe must not be stored, nor keep a later probe from being sent. */
static void test_probed_engine_is_pinned_by_an_accepted_response_only(void **state)
{
	struct fixture *f = *state;
	struct usm_peer *p = &f->usm;
	static const uint8_t forged[] = {0x80, 0, 0, 0, 5, 'x'}, own[] = {0x80, 0, 0, 0, 5, 'y'};
	struct usm_message a = {.engine_id = forged, .engine_id_len = sizeof forged};
	struct usm_message b = {.engine_id = own, .engine_id_len = sizeof own};
	usm_engine_probed(p, &a, 1);
	assert_true(usm_engine_is(&p->engine, forged, sizeof forged));
	assert_int_equal(usm_peer_pinned(p)->id_len, 0);
	usm_engine_restore(p);
	assert_int_equal(p->engine.id_len, 0);

	usm_engine_probed(p, &b, 2);
	assert_false(usm_engine_confirm(p)); /* the first engine is no change of it */
	assert_true(usm_engine_is(usm_peer_pinned(p), own, sizeof own));

	p->must_probe = true;
	usm_engine_probed(p, &a, 3);
	assert_true(usm_engine_is(usm_peer_pinned(p), own, sizeof own));
	usm_engine_restore(p);
	assert_true(usm_engine_is(&p->engine, own, sizeof own));

	p->must_probe = true;
	usm_engine_probed(p, &a, 4);
	assert_true(usm_engine_confirm(p));
	assert_true(usm_engine_is(usm_peer_pinned(p), forged, sizeof forged));
}

static void test_unanswered_probe_ends_in_timeout(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(send_get(f), 0);
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->replies, 1);
	assert_int_equal(f->err, ERR_SNMP_TIMEOUT);
	assert_int_equal(f->usm.engine.id_len, 0);
	assert_true(datagrams(f) >= 1);
}

static void test_stop_during_the_probe(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(send_get(f), 0);
	snmp_client_stop(f->client, f);
	assert_int_equal(f->replies, 0);
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->replies, 1);
	assert_int_equal(f->err, ERR_STOPPED);
}

static void test_stop_during_key_derivation(void **state)
{
	struct fixture *f = *state;
	pin_engine(f);
	assert_true(usm_keys_are_slow(&f->user));
	assert_int_equal(send_get(f), 0);
	snmp_client_stop(f->client, f);
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->replies, 1);
	assert_int_equal(f->err, ERR_STOPPED);
	assert_int_equal(datagrams(f), 0);
	/* The keys are made anew for the next one. */
	assert_int_equal(send_get(f), 0);
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->err, ERR_SNMP_TIMEOUT);
	assert_true(usm_keys_are_good(&f->usm));
	assert_true(datagrams(f) >= 1);
}

static void test_close_during_key_derivation(void **state)
{
	struct fixture *f = *state;
	pin_engine(f);
	assert_int_equal(send_get(f), 0);
	f->is_closing = true;
	snmp_client_close(f->client);
	f->client = NULL;
	assert_int_equal(f->replies, 1);
	assert_int_equal(f->err, ERR_STOPPED);
}

static void test_user_without_keys_is_busy(void **state)
{
	struct fixture *f = *state;
	f->user.is_ready = false;
	assert_int_equal(send_get(f), ERR_BUSY);
	f->user.is_ready = true;
	f->peer.usm = NULL;
	assert_int_equal(send_get(f), ERR_BUSY);
	f->peer.usm = &f->usm;
	assert_int_equal(snmp_client_in_flight(f->client), 0);
}

static void test_oversized_message_is_refused(void **state)
{
	struct fixture *f = *state;
	uint8_t oid[30] = {0x2b};
	struct snmp_request q;
	int err = 0;
	f->user.priv = USM_PRIV_NONE; /* quick keys */
	pin_engine(f);
	f->usm.engine.id_len = SNMP3_ENGINE_ID;
	memset(oid + 1, 1, sizeof oid - 1);
	snmp_request_begin(&q, SNMP_GET);
	while (err == 0)
		err = snmp_request_add(&q, (struct oid_ber){oid, sizeof oid},
			(struct oid_ber){NULL, 0}, LIMIT_REQUEST_BYTES);
	assert_int_equal(err, ERR_FULL);
	assert_int_equal(snmp_client_send(f->client, &f->peer, &q, on_response, f), ERR_LIMIT);
	assert_int_equal(snmp_client_in_flight(f->client), 0);
}

/* The check: only where the privacy never worked, or after silence twice. */
static void test_proven_privacy_sends_no_authentication_probe(void **state)
{
	struct fixture *f = *state;
	static const bool has_worked[] = {false, true, true};
	static const bool was_silent[] = {false, false, true};
	int sent[3];
	pin_engine(f);
	f->user.priv = USM_PRIV_AES128;
	assert_non_null(usm_suite_cipher(USM_PRIV_AES128));
	assert_int_equal(usm_keys_make(&f->usm), 0);
	snmp_client_close(f->client);
	/* Time enough for both tries and what follows. */
	struct snmp_client_options o = {.window = 4, .deadline_ms = 2500, .tries = 2};
	assert_int_equal(snmp_client_open(&f->client, f->loop, &o), 0);
	for (int i = 0; i < 3; i++) {
		f->usm.has_worked = has_worked[i];
		f->usm.was_silent = was_silent[i];
		assert_int_equal(send_get(f), 0);
		assert_int_equal(loop_run(f->loop), 0);
		assert_int_equal(f->err, ERR_SNMP_TIMEOUT);
		assert_true(f->usm.was_silent);
		sent[i] = datagrams(f);
	}
	assert_int_equal(sent[0], 3);
	assert_int_equal(sent[1], 2);
	assert_int_equal(sent[2], 3);
}

/* Of AddressSanitizer's runtime, whose malloc fills in no mallinfo. */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

static size_t allocated(void)
{
	return __sanitizer_get_current_allocated_bytes != NULL
		       ? __sanitizer_get_current_allocated_bytes()
		       : mallinfo2().uordblks + mallinfo2().hblkhd;
}

/* Every slot of the window has a request in flight: the stated ceiling holds. */
static void test_full_window_stays_below_its_memory_ceiling(void **state)
{
	struct fixture *f = *state;
	struct snmp_client_options o = {.window = 48, .deadline_ms = 60000, .tries = 1};
	pin_engine(f);
	f->user.priv = USM_PRIV_AES128;
	assert_non_null(usm_suite_cipher(USM_PRIV_AES128));
	assert_int_equal(usm_keys_make(&f->usm), 0);
	snmp_client_close(f->client);
	assert_int_equal(loop_run(f->loop), 0); /* the old one's memory has gone */
	size_t before = allocated();
	assert_int_equal(snmp_client_open(&f->client, f->loop, &o), 0);
	size_t opened = allocated();
	while (snmp_client_in_flight(f->client) < snmp_client_window(f->client))
		assert_int_equal(send_get(f), 0);
	assert_int_equal(send_get(f), ERR_FULL);
	size_t full = allocated(), window = snmp_client_window(f->client);
	print_message("             open %zu, full %zu, ceiling %zu, a slot %zu\n", opened - before,
		full - before, snmp_client_memory_ceiling(f->client), (full - opened) / window);
	assert_true(full > opened); /* the measure measures */
	assert_true(full - before <= snmp_client_memory_ceiling(f->client));
	assert_true(full - opened <= window * LIBRARY_BYTES_PER_SLOT);
	f->is_closing = true;
	snmp_client_close(f->client);
	f->client = NULL;
	assert_int_equal(f->replies, window);
}

static void test_overhead_of_an_unknown_engine_is_the_maximum(void **state)
{
	struct fixture *f = *state;
	size_t unknown = snmp_client_overhead(&f->peer);
	pin_engine(f);
	size_t known = snmp_client_overhead(&f->peer);
	assert_int_equal(unknown - known, 2 * (SNMP3_ENGINE_ID - f->usm.engine.id_len));
	struct snmp_peer plain = {.version = SNMP_V2C, .community = "public", .community_len = 6};
	assert_int_equal(snmp_client_overhead(&plain), 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_probed_engine_is_pinned_by_an_accepted_response_only, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_unanswered_probe_ends_in_timeout, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stop_during_the_probe, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stop_during_key_derivation, setup, teardown),
		cmocka_unit_test_setup_teardown(test_close_during_key_derivation, setup, teardown),
		cmocka_unit_test_setup_teardown(test_user_without_keys_is_busy, setup, teardown),
		cmocka_unit_test_setup_teardown(test_oversized_message_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_proven_privacy_sends_no_authentication_probe, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_full_window_stays_below_its_memory_ceiling, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_overhead_of_an_unknown_engine_is_the_maximum, setup, teardown),
	};
	return cmocka_run_group_tests_name("snmp/client v3", tests, NULL, NULL);
}
