/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/agent/trace.h"

#include <stdio.h>
#include <string.h>

void agent_trace_open(
	struct agent_trace *t, const struct device *device, const struct snmp_client *client)
{
	*t = (struct agent_trace){
		.device = device, .seen = device->profile.limits, .client = client};
}

/* One line for each limit that moved since the last question. */
static void tell_learned(struct agent_trace *t)
{
	const struct mib_limits *now = &t->device->profile.limits, *was = &t->seen;
	if (now->max_varbinds != was->max_varbinds)
		(void)fprintf(stderr, "learned  at most %u varbinds an answer (before: %u)\n",
			now->max_varbinds, was->max_varbinds);
	if (now->varbinds_limit != was->varbinds_limit)
		(void)fprintf(
			stderr, "learned  never more than %u varbinds\n", now->varbinds_limit);
	if (now->request_bytes > was->request_bytes)
		(void)fprintf(
			stderr, "learned  it takes requests of %u bytes\n", now->request_bytes);
	if (now->has_no_bulk != was->has_no_bulk)
		(void)fprintf(stderr, "learned  %s\n",
			now->has_no_bulk ? "no GETBULK: asked by GETNEXT" : "GETBULK again");
	if (now->has_no_context && !was->has_no_context)
		(void)fprintf(stderr, "learned  silent in the vendor's context: not asked there\n");
	if (now->is_safe_mode != was->is_safe_mode)
		(void)fprintf(stderr, "learned  %s\n",
			now->is_safe_mode ? "it fell silent on a question: asked with care"
					  : "no care is needed any more");
	t->seen = *now;
}

/* What the client did beside the question: probes, clocks that were set, answers of strangers. */
static void tell_counters(struct agent_trace *t)
{
	const struct snmp_client_counters *now = snmp_client_counters(t->client),
					  *was = &t->counters;
	const struct {
		const char *what;
		uint64_t more;
	} rows[] = {{"SNMPv3 engine asked for", now->probes - was->probes},
		{"SNMPv3 clock set by an authentic report", now->resyncs - was->resyncs},
		{"SNMPv3 engineID changed", now->engine_changes - was->engine_changes},
		{"answer from another address", now->stray_source - was->stray_source},
		{"answer with another request-id", now->stray_id - was->stray_id},
		{"answer with another community", now->stray_community - was->stray_community},
		{"answer of another version", now->stray_version - was->stray_version},
		{"answer with a wrong digest", now->stray_digest - was->stray_digest},
		{"answer outside the time window", now->stray_window - was->stray_window},
		{"answer at another security level", now->stray_level - was->stray_level},
		{"answer with names that were not asked for", now->stray_oid - was->stray_oid},
		{"malformed answer", now->malformed - was->malformed}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (rows[i].more > 0)
			(void)fprintf(stderr, "         %s: %llu\n", rows[i].what,
				(unsigned long long)rows[i].more);
	}
	t->counters = *now;
}

void agent_trace_step(
	void *owner, const struct snmp_request *asked, const struct snmp_response *reply)
{
	static const char *const names[] = {"GET", "GETNEXT", "RESPONSE", "SET", "?", "GETBULK"};
	struct agent_trace *t = owner;
	unsigned pdu = (unsigned)(asked->pdu - SNMP_GET);
	tell_learned(t);
	t->questions++;
	(void)fprintf(stderr, "%-7s oids=%u", pdu < 6 ? names[pdu] : "?", asked->oids);
	if (asked->pdu == SNMP_GETBULK)
		(void)fprintf(stderr, " repetitions=%u", asked->max_repetitions);
	if (reply->err != 0)
		(void)fprintf(stderr, " -> %s tries=%u\n", err_text(reply->err), reply->tries);
	else
		(void)fprintf(stderr,
			" -> varbinds=%zu bytes=%zu rtt_ms=%u tries=%u error-status=%d\n",
			reply->count, reply->bytes, reply->rtt_ms, reply->tries,
			reply->error_status);
	tell_counters(t);
}

void agent_trace_end(struct agent_trace *t)
{
	tell_learned(t);
	(void)fprintf(stderr,
		"sum      questions=%u sent=%llu bytes_out=%llu bytes_in=%llu varbinds=%u "
		"bulk=%s\n",
		t->questions, (unsigned long long)t->counters.sent,
		(unsigned long long)t->counters.bytes_sent,
		(unsigned long long)t->counters.bytes_received, t->seen.max_varbinds,
		t->seen.has_no_bulk ? "no" : "yes");
}
