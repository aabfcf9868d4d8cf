/* SPDX-License-Identifier: Apache-2.0
 * Requests over real sockets to a printer played by the test: accepted and refused responses,
 * resends, timeouts, stopping, and the limit of the window. */
#include "engine/snmp/snmp_client.h"

#include "proto/base/limits.h"
#include "engine/loop/loop_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include "engine/conf/nets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

/* How the printer responds. */
enum behaviour {
	HONEST,
	SILENT,
	SILENT_ONCE,  /* responds to the second try */
	FORGED_FIRST, /* a set of forgeries, then the correct response */
	FORGED_ONLY,  /* all of them, never the correct response */
	ANSWERS_TWICE,
	FROM_ELSEWHERE, /* the correct response, from another port */
	SHORT_ID,       /* gives back 16 bits of the request-id */
	OTHER_NAME,     /* a GET's response for another object */
	EARLIER_NAME,   /* the object is in another table, before the requested one */
	NO_NAMES        /* nothing at all in the list */
};

struct printer {
	int fd;       /* the printer's own socket */
	int other_fd; /* another process on the same machine */
	struct sockaddr_in address;
	uv_poll_t poll;
	enum behaviour behaviour;
	unsigned requests;
	uint8_t first[LIMIT_REQUEST_BYTES]; /* the first request, to see that resends are the same
					     */
	size_t first_len;
	bool is_resend_equal;
};

struct fixture {
	struct loop *loop;
	struct snmp_client *client;
	struct printer printer;
	struct snmp_peer peer;
	struct snmp_response reply;
	unsigned replies;
	uint64_t value;
	unsigned wanted; /* stop after so many */
	bool is_inside;  /* snmp_client_send is on the stack */
};

/* libnetsnmp's clock, which stands still here: the end of a request must not depend on it. */
void netsnmp_get_monotonic_clock(struct timeval *tv);
void netsnmp_get_monotonic_clock(struct timeval *tv)
{
	*tv = (struct timeval){.tv_sec = 1000, .tv_usec = 1};
}

/* ---- the printer ------------------------------------------------------------------------ */

/* A response to the request in `in`: same bytes with the PDU's tag changed and a Counter32 of 7 in
 * place of the last NULL, which is made room for by rebuilding the tail by hand. The requests here
 * have one short OID, so every length is a single byte. */
static size_t respond(uint8_t *out, const uint8_t *in, size_t len)
{
	memcpy(out, in, len);
	/* ... 30 n 30 n' 06 k oid 05 00 -> 05 00 becomes 41 01 07 */
	out[len - 2] = BER_COUNTER32;
	out[len - 1] = 1;
	out[len] = 7;
	out[1]++;                  /* message */
	size_t community = out[6]; /* 30 L 02 01 v 04 c ... */
	size_t pdu = 7 + community;
	out[pdu] = SNMP_RESPONSE;
	out[pdu + 1]++;
	size_t list = pdu + 2 + 2 + out[pdu + 3] + 3 + 3;
	out[list + 1]++;
	out[list + 3]++;
	return len + 1;
}

static void send_from(int fd, const uint8_t *bytes, size_t len, const struct sockaddr_in *to)
{
	assert_int_equal(sendto(fd, bytes, len, 0, (const struct sockaddr *)to, sizeof *to), len);
}

static void send_forgeries(
	struct printer *p, const uint8_t *answer, size_t len, const struct sockaddr_in *to)
{
	uint8_t bad[LIMIT_REQUEST_BYTES];
	size_t pdu = 7 + (size_t)answer[6];
	send_from(p->other_fd, answer, len, to); /* the correct response, from another port */
	memcpy(bad, answer, len);
	bad[pdu + 3 + bad[pdu + 3]] ^= 1; /* request-id */
	send_from(p->fd, bad, len, to);
	memcpy(bad, answer, len);
	bad[4] ^= 1; /* version */
	send_from(p->fd, bad, len, to);
	memcpy(bad, answer, len);
	bad[7] ^= 1; /* community */
	send_from(p->fd, bad, len, to);
	memcpy(bad, answer, len);
	bad[pdu] = SNMP_GET; /* PDU type */
	send_from(p->fd, bad, len, to);
	memcpy(bad, answer, len);
	bad[len - 2] = 0x7f; /* a length beyond the end */
	send_from(p->fd, bad, len, to);
	send_from(p->fd, (const uint8_t *)"junk", 4, to);
}

/* Alters the correct response as the behaviour says. */
static size_t alter(enum behaviour behaviour, uint8_t *answer, size_t len)
{
	size_t pdu = 7 + (size_t)answer[6];
	switch (behaviour) {
	case SHORT_ID:
		assert_true(answer[pdu + 3] <= 4);
		if (answer[pdu + 3] == 4)
			answer[pdu + 4] = answer[pdu + 5] = 0;
		return len;
	case OTHER_NAME:
		answer[len - 4] ^= 1;
		return len;
	case EARLIER_NAME:
		answer[len - 8] = 1; /* 1.3.6.1.2.1 becomes 1.3.6.1.1.1 */
		return len;
	case NO_NAMES: {
		size_t list = pdu + 2 + 2 + answer[pdu + 3] + 3 + 3;
		answer[1] = (uint8_t)(answer[1] - answer[list + 1]);
		answer[pdu + 1] = (uint8_t)(answer[pdu + 1] - answer[list + 1]);
		answer[list + 1] = 0;
		return list + 2;
	}
	case HONEST:
	case SILENT:
	case SILENT_ONCE:
	case FORGED_FIRST:
	case FORGED_ONLY:
	case ANSWERS_TWICE:
	case FROM_ELSEWHERE:
		break;
	}
	return len;
}

static void on_request(uv_poll_t *poll, int status, int events)
{
	struct printer *p = poll->data;
	(void)status;
	(void)events;
	uint8_t in[LIMIT_REQUEST_BYTES], out[LIMIT_REQUEST_BYTES + 1];
	struct sockaddr_in from;
	socklen_t from_len = sizeof from;
	ssize_t n = recvfrom(p->fd, in, sizeof in, 0, (struct sockaddr *)&from, &from_len);
	if (n < 0)
		return;
	if (p->requests++ == 0) {
		memcpy(p->first, in, (size_t)n);
		p->first_len = (size_t)n;
	} else {
		p->is_resend_equal =
			(size_t)n == p->first_len && memcmp(in, p->first, (size_t)n) == 0;
	}
	size_t len = alter(p->behaviour, out, respond(out, in, (size_t)n));
	bool is_silent =
		p->behaviour == SILENT || (p->behaviour == SILENT_ONCE && p->requests == 1);
	if (is_silent)
		return;
	if (p->behaviour == FORGED_FIRST || p->behaviour == FORGED_ONLY)
		send_forgeries(p, out, len, &from);
	if (p->behaviour == FROM_ELSEWHERE)
		send_from(p->other_fd, out, len, &from);
	else if (p->behaviour != FORGED_ONLY)
		send_from(p->fd, out, len, &from);
	if (p->behaviour == ANSWERS_TWICE)
		send_from(p->fd, out, len, &from);
}

static int open_udp(struct sockaddr_in *address)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof *address;
	*address = (struct sockaddr_in){
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)address, sizeof *address), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)address, &len), 0);
	return fd;
}

/* ---- the fixture ------------------------------------------------------------------------ */

/* As conf_nets_has, of a list that holds every address. */
static bool have_any(const struct conf_nets *nets, const struct sockaddr *sa)
{
	return nets != NULL && sa != NULL;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct sockaddr_in other;
	assert_non_null(f);
	assert_int_equal(loop_open(&f->loop, 64), 0);
	struct snmp_client_options o = {
		.window = 4, .deadline_ms = 900, .tries = 3, .nets_have = have_any};
	assert_int_equal(snmp_client_open(&f->client, f->loop, &o), 0);
	f->printer.fd = open_udp(&f->printer.address);
	f->printer.other_fd = open_udp(&other);
	assert_int_equal(uv_poll_init(loop_uv(f->loop), &f->printer.poll, f->printer.fd), 0);
	f->printer.poll.data = &f->printer;
	assert_int_equal(uv_poll_start(&f->printer.poll, UV_READABLE, on_request), 0);
	uv_unref((uv_handle_t *)&f->printer.poll);
	f->peer.address.in4 = f->printer.address;
	f->peer.version = SNMP_V2C;
	f->peer.community = "public";
	f->peer.community_len = 6;
	f->wanted = 1;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	snmp_client_close(f->client);
	uv_close((uv_handle_t *)&f->printer.poll, NULL);
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(loop_close(f->loop), 0);
	assert_int_equal(close(f->printer.fd), 0);
	assert_int_equal(close(f->printer.other_fd), 0);
	free(f);
	return 0;
}

static void on_response(void *owner, const struct snmp_response *reply)
{
	struct fixture *f = owner;
	assert_false(f->is_inside);
	f->reply = *reply;
	f->replies++;
	if (reply->err == 0 && reply->count == 1)
		assert_int_equal(varbind_unsigned(&reply->varbinds[0], &f->value), 0);
	if (f->replies == f->wanted)
		loop_stop(f->loop);
}

static int send_pdu(struct fixture *f, uint8_t pdu)
{
	static const uint8_t sys_uptime[] = {0x2b, 6, 1, 2, 1, 1, 3, 0};
	struct snmp_request q;
	struct oid_ber oid = {sys_uptime, sizeof sys_uptime}, none = {NULL, 0};
	snmp_request_begin(&q, pdu);
	assert_int_equal(snmp_request_add(&q, oid, none, 484), 0);
	f->is_inside = true;
	int err = snmp_client_send(f->client, &f->peer, &q, on_response, f);
	f->is_inside = false;
	return err;
}

static int send_get(struct fixture *f)
{
	return send_pdu(f, SNMP_GET);
}

static void send_and_wait(struct fixture *f)
{
	assert_int_equal(send_get(f), 0);
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->replies, 1);
	assert_int_equal(snmp_client_in_flight(f->client), 0);
}

/* ---- tests ------------------------------------------------------------------------------ */

static void test_response_completes_its_request(void **state)
{
	struct fixture *f = *state;
	send_and_wait(f);
	assert_int_equal(f->reply.err, 0);
	assert_int_equal(f->reply.error_status, 0);
	assert_int_equal(f->reply.count, 1);
	assert_int_equal(f->value, 7);
	assert_int_equal(f->reply.tries, 1);
	assert_true(f->reply.sent_wall_ms > 0);
	assert_true(f->reply.received_wall_ms > f->reply.sent_wall_ms);
	assert_true(f->peer.srtt_ms > 0);
}

static void test_resend_has_the_same_bytes(void **state)
{
	struct fixture *f = *state;
	f->printer.behaviour = SILENT_ONCE;
	send_and_wait(f);
	assert_int_equal(f->reply.err, 0);
	assert_int_equal(f->reply.tries, 2);
	assert_int_equal(f->printer.requests, 2);
	assert_true(f->printer.is_resend_equal);
	assert_int_equal(snmp_client_counters(f->client)->resent, 1);
	/* Karn: the response does not say to which try it belongs, so the estimate does not change.
	 */
	assert_int_equal(f->peer.srtt_ms, 0);
}

static void test_silence_ends_at_the_deadline(void **state)
{
	struct fixture *f = *state;
	f->printer.behaviour = SILENT;
	uint64_t began = loop_now_ms(f->loop);
	send_and_wait(f);
	assert_int_equal(f->reply.err, ERR_SNMP_TIMEOUT);
	assert_true(loop_now_ms(f->loop) - began >= 900);
	assert_true(f->printer.requests >= 2 && f->printer.requests <= 3);
	assert_int_equal(snmp_client_counters(f->client)->timeouts, 1);
}

static void assert_forgeries_were_counted(const struct fixture *f, unsigned times)
{
	const struct snmp_client_counters *c = snmp_client_counters(f->client);
	assert_int_equal(c->stray_source, times);
	assert_int_equal(c->stray_id, times);
	assert_int_equal(c->stray_version, times);
	assert_int_equal(c->stray_community, times);
	assert_int_equal(c->stray_type, times);
	assert_int_equal(c->malformed, 2 * times);
}

static void test_forgeries_are_counted_and_the_response_accepted(void **state)
{
	struct fixture *f = *state;
	f->printer.behaviour = FORGED_FIRST;
	send_and_wait(f);
	assert_int_equal(f->reply.err, 0);
	assert_int_equal(f->value, 7);
	assert_forgeries_were_counted(f, 1);
}

static void test_forgeries_alone_end_in_timeout(void **state)
{
	struct fixture *f = *state;
	f->printer.behaviour = FORGED_ONLY;
	send_and_wait(f);
	assert_int_equal(f->reply.err, ERR_SNMP_TIMEOUT);
	assert_int_equal(f->value, 0);
	assert_forgeries_were_counted(f, f->printer.requests);
}

static void test_response_from_unconfigured_address_is_refused(void **state)
{
	static const struct conf_nets named;
	struct fixture *f = *state;
	f->printer.behaviour = FROM_ELSEWHERE;
	send_and_wait(f);
	const struct snmp_client_counters *c = snmp_client_counters(f->client);
	assert_int_equal(f->reply.err, ERR_SNMP_TIMEOUT);
	assert_int_equal(c->stray_source, f->printer.requests);
	/* Nothing is learned of it: the next one is refused too. */
	f->replies = 0;
	send_and_wait(f);
	assert_int_equal(f->reply.err, ERR_SNMP_TIMEOUT);
	assert_int_equal(c->stray_source, f->printer.requests);
	f->peer.answers_from = &named;
	f->replies = 0;
	send_and_wait(f);
	assert_int_equal(f->reply.err, 0);
	assert_int_equal(f->value, 7);
}

static void test_short_request_ids_are_accepted_only_if_configured(void **state)
{
	struct fixture *f = *state;
	f->printer.behaviour = SHORT_ID;
	send_and_wait(f);
	const struct snmp_client_counters *c = snmp_client_counters(f->client);
	assert_int_equal(f->reply.err, ERR_SNMP_TIMEOUT);
	assert_int_equal(c->stray_id, f->printer.requests);
	assert_int_equal(c->short_ids, f->printer.requests);
	f->replies = 0;
	send_and_wait(f);
	assert_int_equal(f->reply.err, ERR_SNMP_TIMEOUT);
	assert_int_equal(c->short_ids, f->printer.requests);
	f->peer.has_short_ids = true;
	f->replies = 0;
	send_and_wait(f);
	assert_int_equal(f->reply.err, 0);
	assert_int_equal(f->value, 7);
}

static void test_response_with_other_oids_is_refused(void **state)
{
	struct fixture *f = *state;
	const struct snmp_client_counters *c = snmp_client_counters(f->client);
	f->printer.behaviour = OTHER_NAME;
	send_and_wait(f);
	assert_int_equal(f->reply.err, ERR_SNMP_TIMEOUT);
	assert_int_equal(c->stray_oid, f->printer.requests);
	/* Some printers return fewer objects than requested. */
	f->printer.behaviour = NO_NAMES;
	f->replies = 0;
	send_and_wait(f);
	assert_int_equal(f->reply.err, 0);
	assert_int_equal(f->reply.count, 0);
}

static void test_getnext_response_must_advance(void **state)
{
	struct fixture *f = *state;
	static const enum behaviour behaviours[] = {OTHER_NAME, HONEST, EARLIER_NAME};
	static const int errors[] = {0, 0, ERR_SNMP_TIMEOUT};
	for (int i = 0; i < 3; i++) {
		f->printer.behaviour = behaviours[i];
		f->replies = 0;
		assert_int_equal(send_pdu(f, SNMP_GETNEXT), 0);
		assert_int_equal(loop_run(f->loop), 0);
		assert_int_equal(f->reply.err, errors[i]);
	}
	assert_true(snmp_client_counters(f->client)->stray_oid > 0);
}

static void test_duplicate_response_is_discarded(void **state)
{
	struct fixture *f = *state;
	f->printer.behaviour = ANSWERS_TWICE;
	f->wanted = 2;
	assert_int_equal(send_get(f), 0);
	assert_int_equal(send_get(f), 0);
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->replies, 2);
	assert_int_equal(snmp_client_counters(f->client)->responses, 2);
}

static void test_send_beyond_the_window_is_refused(void **state)
{
	struct fixture *f = *state;
	f->printer.behaviour = SILENT;
	f->wanted = 4;
	for (int i = 0; i < 4; i++)
		assert_int_equal(send_get(f), 0);
	assert_int_equal(send_get(f), ERR_FULL);
	assert_int_equal(snmp_client_in_flight(f->client), 4);
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->replies, 4);
	f->printer.behaviour = HONEST;
	f->wanted = 5;
	assert_int_equal(send_get(f), 0);
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->reply.err, 0);
}

static void test_stopped_request_gets_one_callback(void **state)
{
	struct fixture *f = *state;
	f->printer.behaviour = SILENT;
	assert_int_equal(send_get(f), 0);
	snmp_client_stop(f->client, f);
	assert_int_equal(f->replies, 0);
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->replies, 1);
	assert_int_equal(f->reply.err, ERR_STOPPED);
}

static void test_close_ends_requests_in_flight(void **state)
{
	struct fixture *f = *state;
	f->printer.behaviour = SILENT;
	assert_int_equal(send_get(f), 0);
	assert_int_equal(send_get(f), 0);
	snmp_client_close(f->client);
	f->client = NULL;
	assert_int_equal(f->replies, 2);
	assert_int_equal(f->reply.err, ERR_STOPPED);
}

static void test_unreachable_address_ends_in_timeout(void **state)
{
	struct fixture *f = *state;
	/* Port 1 of loopback: the kernel sends an ICMP error, which must not affect others.
	 */
	f->peer.address.in4.sin_port = htons(1);
	send_and_wait(f);
	assert_int_equal(f->reply.err, ERR_SNMP_TIMEOUT);
}

static void test_open_refuses_a_window_beyond_the_limit(void **state)
{
	struct fixture *f = *state;
	struct snmp_client *p = NULL;
	struct snmp_client_options o = {
		.window = LIMIT_SNMP_IN_FLIGHT + 1, .deadline_ms = 1, .tries = 1};
	assert_int_equal(snmp_client_open(&p, f->loop, &o), ERR_LIMIT);
	o = (struct snmp_client_options){.window = 1, .deadline_ms = 1, .tries = 0};
	assert_int_equal(snmp_client_open(&p, f->loop, &o), ERR_LIMIT);
	assert_null(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_response_completes_its_request, setup, teardown),
		cmocka_unit_test_setup_teardown(test_resend_has_the_same_bytes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_silence_ends_at_the_deadline, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_forgeries_are_counted_and_the_response_accepted, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_forgeries_alone_end_in_timeout, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_response_from_unconfigured_address_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_short_request_ids_are_accepted_only_if_configured, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_response_with_other_oids_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_getnext_response_must_advance, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_duplicate_response_is_discarded, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_send_beyond_the_window_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_stopped_request_gets_one_callback, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_close_ends_requests_in_flight, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_unreachable_address_ends_in_timeout, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_open_refuses_a_window_beyond_the_limit, setup, teardown),
	};
	return cmocka_run_group_tests_name("snmp/client", tests, NULL, NULL);
}
