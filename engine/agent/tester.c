/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/agent/tester.h"

#include "proto/base/buf.h"
#include "proto/text/json_writer.h"
#include "proto/smi/oid.h"
#include "proto/smi/request.h"
#include "proto/smi/varbind.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { TESTER_DEADLINES = 16, ENGINE_LOOK_MS = 10 };

int tester_open(struct tester *t, struct printer_options *o)
{
	memset(t, 0, sizeof *t);
	t->options = o;
	int err = printer_find(o, &t->at);
	if (err < 0)
		return err;
	memcpy(&t->peer.address, &t->at.address, sizeof t->peer.address);
	t->peer.answers_from = t->at.answers_from;
	t->peer.has_short_ids = t->at.has_short_ids;
	err = loop_open(&t->loop, TESTER_DEADLINES);
	if (err < 0)
		return err;
	err = printer_client_open(&t->client, t->loop, o);
	if (err == 0)
		return 0;
	cli_error(o->cli, "%s: %s", o->url.host, err_text(err));
	int closed = loop_close(t->loop);
	return closed < 0 ? closed : err;
}

int tester_close(struct tester *t)
{
	snmp_client_close(t->client);
	printer_session_close(&t->session);
	int err = loop_run(t->loop);
	int closed = loop_close(t->loop);
	return err < 0 ? err : closed;
}

int tester_use(
	struct tester *t, const struct conf_credential *c, uint8_t version, const char *community)
{
	printer_session_close(&t->session);
	memset(&t->session, 0, sizeof t->session);
	t->peer.usm = NULL;
	t->peer.version = version;
	t->peer.community = community;
	t->peer.community_len = community != NULL ? (uint8_t)strlen(community) : 0;
	return printer_session_open(&t->session, &t->peer, c);
}

static void on_response(void *owner, const struct snmp_response *response)
{
	struct tester *t = owner;
	struct tester_response *a = &t->response;
	*a = (struct tester_response){.err = response->err,
		.error_status = response->error_status,
		.count = response->count,
		.bytes = response->bytes,
		.tries = response->tries,
		.rtt_ms = response->rtt_ms};
	const struct oid_ber *name = response->count > 0 ? &response->varbinds[0].name : NULL;
	a->is_below = response->err == 0 && name != NULL && name->len > t->name_len &&
		      memcmp(name->p, t->name, t->name_len) == 0;
	if (response->err == 0 && response->count > 0 &&
		varbind_text(&response->varbinds[0], a->text, sizeof a->text) < 0)
		a->text[0] = '\0';
	loop_stop(t->loop);
}

static void send_request(struct tester *t)
{
	struct tester_response *a = &t->response;
	loop_refresh(t->loop);
	t->sent_ms = loop_now_ms(t->loop);
	*a = (struct tester_response){.err = ERR_STOPPED};
	int err = snmp_client_send(t->client, &t->peer, &t->request, on_response, t);
	if (err == 0)
		err = loop_run(t->loop);
	if (err < 0)
		a->err = err;
	loop_refresh(t->loop);
	a->took_ms = (uint32_t)(loop_now_ms(t->loop) - t->sent_ms);
	if (a->err != 0 || a->tries != 1)
		return;
	if (t->rtts++ == 0 || a->rtt_ms < t->rtt_min_ms)
		t->rtt_min_ms = a->rtt_ms;
	if (a->rtt_ms > t->rtt_max_ms)
		t->rtt_max_ms = a->rtt_ms;
}

/* An unauthenticated Report ends no request, but here its engineID is all that is wanted. */
static void on_engine_due(struct due *due)
{
	struct tester *t = container_of(due, struct tester, engine_due);
	if (t->session.usm.engine.id_len != 0)
		snmp_client_stop(t->client, t);
	else if (loop_due_set(t->loop, due, loop_now_ms(t->loop) + ENGINE_LOOK_MS) < 0)
		loop_stop(t->loop); /* as without a response */
}

void tester_probe_engine(struct tester *t, const char *oid)
{
	due_init(&t->engine_due, on_engine_due);
	loop_refresh(t->loop);
	if (loop_due_set(t->loop, &t->engine_due, loop_now_ms(t->loop) + ENGINE_LOOK_MS) == 0)
		tester_request(t, SNMP_GET, oid, 0);
	loop_due_clear(t->loop, &t->engine_due);
}

void tester_request(struct tester *t, uint8_t pdu, const char *oid, unsigned repetitions)
{
	struct oid o;
	struct oid_ber none = {NULL, 0};
	snmp_request_begin(&t->request, pdu);
	t->request.max_repetitions = (uint16_t)repetitions;
	int len = oid_from_text(&o, oid) < 0 ? ERR_FORMAT : oid_encode(t->name, sizeof t->name, &o);
	if (len < 0 || snmp_request_add(&t->request, (struct oid_ber){t->name, (size_t)len}, none,
			       LIMIT_REQUEST_FIRST) < 0) {
		t->response = (struct tester_response){.err = ERR_FORMAT};
		return;
	}
	t->name_len = (size_t)len;
	send_request(t);
}

void tester_say(
	struct tester *t, const char *name, bool is_ok, uint32_t took_ms, const char *fmt, ...)
{
	if (t->step_count == TESTER_STEPS)
		return;
	struct tester_step *s = &t->steps[t->step_count++];
	va_list ap;
	s->name = name;
	s->is_ok = is_ok;
	s->took_ms = took_ms;
	va_start(ap, fmt);
	(void)vsnprintf(s->text, sizeof s->text, fmt, ap);
	va_end(ap);
	if (cli_has(t->options->cli, "json"))
		return;
	(void)printf("%-4s %-12s %5u ms  %s\n", is_ok ? "ok" : "-", name, took_ms, s->text);
	(void)fflush(stdout); /* each step at once; cli_finish checks */
}

static int print_json(const struct tester *t, bool works, const char *result, const char *action)
{
	struct writer w;
	writer_open_file(&w, stdout);
	jw_object(&w, NULL);
	jw_str(&w, "host", t->options->url.host);
	jw_str(&w, "result", result);
	jw_str(&w, "action", action);
	jw_bool(&w, "works", works);
	jw_uint(&w, "rtt_min_ms", t->rtt_min_ms);
	jw_uint(&w, "rtt_max_ms", t->rtt_max_ms);
	jw_array(&w, "steps");
	for (size_t i = 0; i < t->step_count; i++) {
		const struct tester_step *s = &t->steps[i];
		jw_object(&w, NULL);
		jw_str(&w, "step", s->name);
		jw_bool(&w, "ok", s->is_ok);
		jw_uint(&w, "took_ms", s->took_ms);
		jw_str(&w, "text", s->text);
		jw_end(&w);
	}
	return jw_close(&w);
}

int tester_finish(const struct tester *t, bool works, const char *result, const char *action)
{
	if (cli_has(t->options->cli, "json"))
		return print_json(t, works, result, action);
	if (works)
		(void)printf("works: %s\n", result);
	else
		(void)printf("does not: %s; do: %s\n", result, action);
	return 0;
}
