/* SPDX-License-Identifier: Apache-2.0
 * An unauthenticated Report sets the error of a later timeout and ends the tries early for keys
 * that never worked. It does not end a request whose response comes within a resend, and shortens
 * nothing for keys that have worked. An authentic Report sets the clock. In virtual time. */
#include "tests/hostile/forger.h"
#include "tests/kit/virtual_time.h"

#include "engine/loop/loop_internal.h"
#include "engine/snmp/usm_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TIME_WINDOW = 2, WRONG_DIGEST = 5, LONG_MS = 30000, SHORT_MS = 1500 };

enum step {
	END,
	SILENCE,
	FORGED_REPORT, /* an unauthenticated Report of a wrong digest, which any observer can send
			*/
	REBOOT,        /* an authentic REPORT of another clock */
	TRUTH
};

struct world {
	struct forger forger;
	const enum step
		*script; /* the response to each request with privacy; the last step repeats */
	const enum step *check; /* the same for requests with authentication alone */
	size_t requests, checked;
	struct snmp_response reply;
	uint64_t value, took_ms;
};

static void send_to(struct world *h, const uint8_t *bytes, size_t len, const struct sockaddr_in *to)
{
	assert_int_equal(sendto(h->forger.printer_fd, bytes, len, 0, (const struct sockaddr *)to,
				 sizeof *to),
		len);
}

static void reboot(
	struct world *h, const struct agent_request *request, const struct sockaddr_in *to)
{
	struct agent_engine *e = &h->forger.engine;
	struct agent_request r = *request;
	uint8_t out[AGENT_BYTES];
	e->boots++;
	e->time = 1;
	r.flags = AGENT_FLAG_AUTH;
	size_t len = agent_report(out, &r, e, TIME_WINDOW);
	assert_true(agent_sign(e, r.flags, out, len));
	send_to(h, out, len, to);
}

static void respond(struct world *h, const struct agent_request *request, enum step step,
	const struct sockaddr_in *to)
{
	struct agent_request r = *request;
	uint8_t out[AGENT_BYTES];
	size_t len;
	switch (step) {
	case END:
	case SILENCE:
		return;
	case FORGED_REPORT:
		r.flags = 0;
		len = agent_report(out, &r, &h->forger.engine, WRONG_DIGEST);
		send_to(h, out, len, to);
		return;
	case REBOOT:
		reboot(h, request, to);
		return;
	case TRUTH:
		len = agent_respond(out, &r, &h->forger.engine, &h->forger.recording);
		assert_true(agent_sign(&h->forger.engine, r.flags, out, len));
		send_to(h, out, len, to);
		return;
	}
}

static void on_request(uv_poll_t *poll, int status, int events)
{
	struct world *h = poll->data;
	uint8_t in[AGENT_BYTES];
	struct sockaddr_in from;
	socklen_t from_len = sizeof from;
	struct agent_request r;
	assert_int_equal(status, 0);
	assert_true((events & UV_READABLE) != 0);
	ssize_t n = recvfrom(
		h->forger.printer_fd, in, sizeof in, 0, (struct sockaddr *)&from, &from_len);
	assert_true(n > 0 && agent_read(&r, &h->forger.engine, in, (size_t)n));
	bool is_check = (r.flags & AGENT_FLAG_PRIV) == 0;
	const enum step **script = is_check ? &h->check : &h->script;
	++*(is_check ? &h->checked : &h->requests);
	respond(h, &r, **script, &from);
	if ((*script)[1] != END)
		++*script;
}

static void on_response(void *owner, const struct snmp_response *reply)
{
	struct world *h = owner;
	h->reply = *reply;
	h->value = 0;
	if (reply->err == 0)
		assert_int_equal(varbind_unsigned(&reply->varbinds[0], &h->value), 0);
	loop_stop(h->forger.loop);
}

static void ask(struct world *h, const enum step *script, const enum step *check)
{
	static const uint8_t sys_uptime[] = {0x2b, 6, 1, 2, 1, 1, 3, 0};
	static const enum step silence[] = {SILENCE, END};
	struct snmp_request q;
	h->script = script;
	h->check = check != NULL ? check : silence;
	h->requests = h->checked = 0;
	snmp_request_begin(&q, SNMP_GET);
	assert_int_equal(snmp_request_add(&q, (struct oid_ber){sys_uptime, sizeof sys_uptime},
				 (struct oid_ber){NULL, 0}, LIMIT_REQUEST_FIRST),
		0);
	uint64_t began = virtual_time_passed_ms();
	assert_int_equal(
		snmp_client_send(h->forger.client, &h->forger.peer, &q, on_response, h), 0);
	assert_int_equal(loop_run(h->forger.loop), 0);
	h->took_ms = virtual_time_passed_ms() - began;
}

static void set_deadline(struct world *h, uint64_t deadline_ms)
{
	struct snmp_client_options o = {.window = 2, .deadline_ms = deadline_ms, .tries = 5};
	snmp_client_close(h->forger.client);
	assert_int_equal(snmp_client_open(&h->forger.client, h->forger.loop, &o), 0);
}

static int setup(void **state)
{
	struct world *h = calloc(1, sizeof *h);
	assert_non_null(h);
	forger_open(&h->forger, SNMP_V3);
	h->forger.poll.data = h;
	assert_int_equal(uv_poll_start(&h->forger.poll, UV_READABLE, on_request), 0);
	set_deadline(h, LONG_MS);
	*state = h;
	return 0;
}

static int teardown(void **state)
{
	struct world *h = *state;
	forger_close(&h->forger);
	free(h);
	return 0;
}

/* ---- tests -------------------------------------------------------------------------------- */

static void test_unauthenticated_report_ends_untested_keys_early(void **state)
{
	struct world *h = *state;
	static const enum step reports[] = {FORGED_REPORT, END};
	ask(h, reports, NULL);
	assert_int_equal(h->reply.err, ERR_SNMP_DIGEST);
	assert_true(h->took_ms >= LIMIT_SNMP_REPORT_WAIT_MS && h->took_ms < LONG_MS / 2);
	assert_int_equal(h->requests, 2); /* of five tries */
	assert_int_equal(h->checked, 0);
	assert_int_equal(h->forger.usm.trouble, USM_TROUBLE_DIGEST);
}

/* The worst case: the forger sees the request, and the request is lost. */
static void test_forged_report_and_one_loss_do_not_end_a_request(void **state)
{
	struct world *h = *state;
	static const enum step script[] = {FORGED_REPORT, TRUTH, END};
	ask(h, script, NULL);
	assert_int_equal(h->reply.err, 0);
	assert_int_equal(h->value, FORGER_TRUTH);
	assert_int_equal(h->forger.usm.trouble, USM_TROUBLE_NONE);
	assert_true(h->forger.usm.has_worked);
}

static void test_unauthenticated_report_keeps_deadline_of_proven_keys(void **state)
{
	struct world *h = *state;
	static const enum step truth[] = {TRUTH, END}, reports[] = {FORGED_REPORT, END};
	set_deadline(h, SHORT_MS);
	ask(h, truth, NULL);
	assert_int_equal(h->reply.err, 0);
	ask(h, reports, NULL);
	assert_int_equal(h->reply.err, ERR_SNMP_DIGEST);
	assert_true(h->took_ms >= SHORT_MS);
	assert_true(h->requests > 2); /* no retransmission is lost to it */
	/* After one failure the next request ends earlier. */
	ask(h, reports, NULL);
	assert_int_equal(h->reply.err, ERR_SNMP_DIGEST);
	assert_true(h->took_ms < SHORT_MS);
	/* And other keys have to work anew. */
	ask(h, truth, NULL);
	h->forger.user.generation++;
	assert_int_equal(usm_keys_make(&h->forger.usm), 0);
	assert_false(h->forger.usm.has_worked);
}

static void test_authentic_report_restores_all_tries(void **state)
{
	struct world *h = *state;
	static const enum step script[] = {
		FORGED_REPORT, REBOOT, SILENCE, SILENCE, SILENCE, TRUTH, END};
	ask(h, script, NULL);
	assert_int_equal(h->reply.err, 0);
	assert_int_equal(h->value, FORGER_TRUTH);
	assert_int_equal(h->requests, 6); /* all five tries were there again */
	assert_int_equal(snmp_client_counters(h->forger.client)->resyncs, 1);
}

static void test_unanswered_privacy_is_reported_as_privacy_error(void **state)
{
	struct world *h = *state;
	static const enum step silence[] = {SILENCE, END}, truth[] = {TRUTH, END};
	ask(h, silence, truth);
	assert_int_equal(h->reply.err, ERR_SNMP_CIPHER);
	assert_true(h->took_ms < LONG_MS / 2);
	assert_int_equal(h->checked, 1);
	assert_in_range(h->requests, 2, 3);
	/* The control: silence to all is silence, and every try is made. */
	set_deadline(h, SHORT_MS);
	ask(h, silence, silence);
	assert_int_equal(h->reply.err, ERR_SNMP_TIMEOUT);
	assert_true(h->took_ms >= SHORT_MS);
}

/* The response to the probe is an authentic Report of the clock, not of the privacy.
 */
static void test_authentication_probe_resyncs_the_clock(void **state)
{
	struct world *h = *state;
	static const enum step script[] = {SILENCE, SILENCE, TRUTH, END}, check[] = {REBOOT, END};
	ask(h, script, check);
	assert_int_equal(h->reply.err, 0);
	assert_int_equal(h->value, FORGER_TRUTH);
	assert_int_equal(h->checked, 1);
	assert_int_equal(snmp_client_counters(h->forger.client)->resyncs, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_unauthenticated_report_ends_untested_keys_early, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_forged_report_and_one_loss_do_not_end_a_request, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_unauthenticated_report_keeps_deadline_of_proven_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_authentic_report_restores_all_tries, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_unanswered_privacy_is_reported_as_privacy_error, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_authentication_probe_resyncs_the_clock, setup, teardown),
	};
	return cmocka_run_group_tests_name("snmp/client and forged Reports", tests, NULL, NULL);
}
