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

int tester_open(struct tester *t, const struct agent_poll_options *o)
{
	memset(t, 0, sizeof *t);
	t->options = o;
	int err = agent_find(o, &t->at);
	if (err < 0)
		return err;
	memcpy(&t->peer.address, &t->at.address, sizeof t->peer.address);
	t->peer.answers_from = t->at.answers_from;
	t->peer.has_short_ids = t->at.has_short_ids;
	err = loop_open(&t->loop, TESTER_DEADLINES);
	if (err < 0)
		return err;
	struct snmp_client_options options = {.window = 1,
		.deadline_ms = o->timeout_ms,
		.tries = o->tries,
		.nets_have = conf_nets_has};
	err = snmp_client_open(&t->client, t->loop, &options);
	if (err == 0)
		return 0;
	(void)fprintf(stderr, "platen: %s: %s\n", o->host, err_text(err));
	int closed = loop_close(t->loop);
	return closed < 0 ? closed : err;
}

int tester_close(struct tester *t)
{
	snmp_client_close(t->client);
	agent_who_close(&t->who);
	int err = loop_run(t->loop);
	int closed = loop_close(t->loop);
	return err < 0 ? err : closed;
}

int tester_use(
	struct tester *t, const struct conf_credential *c, uint8_t version, const char *community)
{
	agent_who_close(&t->who);
	memset(&t->who, 0, sizeof t->who);
	t->peer.usm = NULL;
	t->peer.version = version;
	t->peer.community = community;
	t->peer.community_len = community != NULL ? (uint8_t)strlen(community) : 0;
	return agent_who_open(&t->who, &t->peer, c);
}

static void on_response(void *owner, const struct snmp_response *reply)
{
	struct tester *t = owner;
	struct tester_answer *a = &t->answer;
	*a = (struct tester_answer){.err = reply->err,
		.error_status = reply->error_status,
		.count = reply->count,
		.bytes = reply->bytes,
		.tries = reply->tries,
		.rtt_ms = reply->rtt_ms};
	if (reply->err == 0 && reply->count > 0 &&
		varbind_text(&reply->varbinds[0], a->text, sizeof a->text) < 0)
		a->text[0] = '\0';
	loop_stop(t->loop);
}

void tester_ask(struct tester *t)
{
	struct tester_answer *a = &t->answer;
	loop_refresh(t->loop);
	t->asked_ms = loop_now_ms(t->loop);
	*a = (struct tester_answer){.err = ERR_STOPPED};
	int err = snmp_client_send(t->client, &t->peer, &t->question, on_response, t);
	if (err == 0)
		err = loop_run(t->loop);
	if (err < 0)
		a->err = err;
	loop_refresh(t->loop);
	a->took_ms = (uint32_t)(loop_now_ms(t->loop) - t->asked_ms);
	if (a->err != 0 || a->tries != 1)
		return;
	if (t->rtts++ == 0 || a->rtt_ms < t->rtt_min_ms)
		t->rtt_min_ms = a->rtt_ms;
	if (a->rtt_ms > t->rtt_max_ms)
		t->rtt_max_ms = a->rtt_ms;
}

/* A REPORT that nobody signed ends no question: this one has what it came for all the same. */
static void on_engine_due(struct due *due)
{
	struct tester *t = container_of(due, struct tester, engine_due);
	if (t->who.usm.engine.id_len != 0)
		snmp_client_stop(t->client, t);
	else if (loop_due_set(t->loop, due, loop_now_ms(t->loop) + ENGINE_LOOK_MS) < 0)
		loop_stop(t->loop); /* as if there had been no answer */
}

void tester_ask_engine(struct tester *t, const char *oid)
{
	due_init(&t->engine_due, on_engine_due);
	loop_refresh(t->loop);
	if (loop_due_set(t->loop, &t->engine_due, loop_now_ms(t->loop) + ENGINE_LOOK_MS) == 0)
		tester_ask_one(t, SNMP_GET, oid, 0);
	loop_due_clear(t->loop, &t->engine_due);
}

void tester_ask_one(struct tester *t, uint8_t pdu, const char *oid, unsigned repetitions)
{
	struct oid o;
	uint8_t ber[LIMIT_OID_BER];
	struct oid_ber none = {NULL, 0};
	snmp_request_begin(&t->question, pdu);
	t->question.max_repetitions = (uint16_t)repetitions;
	int len = oid_from_text(&o, oid) < 0 ? ERR_FORMAT : oid_encode(ber, sizeof ber, &o);
	if (len < 0 || snmp_request_add(&t->question, (struct oid_ber){ber, (size_t)len}, none,
			       LIMIT_REQUEST_FIRST) < 0) {
		t->answer = (struct tester_answer){.err = ERR_FORMAT};
		return;
	}
	tester_ask(t);
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
	if (t->options->is_json)
		return;
	(void)printf("%-4s %-12s %5u ms  %s\n", is_ok ? "ok" : "-", name, took_ms, s->text);
	(void)fflush(stdout); /* somebody waits for it; a failure is seen at the end */
}

static int print_json(const struct tester *t, bool works, const char *verdict, const char *todo)
{
	struct writer w;
	writer_open_file(&w, stdout);
	jw_object(&w, NULL);
	jw_str(&w, "host", t->options->host);
	jw_str(&w, "verdict", verdict);
	jw_str(&w, "todo", todo);
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
	jw_end(&w);
	jw_end(&w);
	writer_char(&w, '\n');
	return writer_close(&w);
}

int tester_finish(const struct tester *t, bool works, const char *verdict, const char *todo)
{
	if (t->options->is_json)
		return print_json(t, works, verdict, todo);
	if (works)
		(void)printf("works: %s\n", verdict);
	else
		(void)printf("does not: %s; do: %s\n", verdict, todo);
	return 0;
}
