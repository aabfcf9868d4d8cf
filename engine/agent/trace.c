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

/* One line for each limit that changed since the last request. */
static void print_learned(struct agent_trace *t)
{
	const struct mib_limits *now = &t->device->profile.limits, *was = &t->seen;
	if (now->max_varbinds != was->max_varbinds)
		(void)fprintf(stderr, "learned  at most %u varbinds a response (before: %u)\n",
			now->max_varbinds, was->max_varbinds);
	if (now->varbinds_limit != was->varbinds_limit)
		(void)fprintf(
			stderr, "learned  never more than %u varbinds\n", now->varbinds_limit);
	if (now->request_bytes > was->request_bytes)
		(void)fprintf(
			stderr, "learned  it accepts requests of %u bytes\n", now->request_bytes);
	if (now->has_no_bulk != was->has_no_bulk)
		(void)fprintf(stderr, "learned  %s\n",
			now->has_no_bulk ? "no GETBULK: GETNEXT from now on" : "GETBULK again");
	if (now->has_no_context && !was->has_no_context)
		(void)fprintf(stderr, "learned  no response in the vendor's context: left out\n");
	if (now->is_safe_mode != was->is_safe_mode)
		(void)fprintf(stderr, "learned  %s\n",
			now->is_safe_mode ? "it stopped responding to a request: safe mode"
					  : "safe mode ends");
	t->seen = *now;
}

/* Events of the client beside the request: probes, clock updates, refused responses. */
static void print_counters(struct agent_trace *t)
{
	const struct snmp_client_counters *now = snmp_client_counters(t->client),
					  *was = &t->counters;
	const struct {
		const char *what;
		uint64_t more;
	} rows[] = {{"SNMPv3 engine probes", now->probes - was->probes},
		{"SNMPv3 clock set by an authenticated Report", now->resyncs - was->resyncs},
		{"SNMPv3 engineID changed", now->engine_changes - was->engine_changes},
		{"refused: response from another address", now->stray_source - was->stray_source},
		{"refused: response with another request-id", now->stray_id - was->stray_id},
		{"refused: response with another community",
			now->stray_community - was->stray_community},
		{"refused: response of another version", now->stray_version - was->stray_version},
		{"refused: response with a wrong digest", now->stray_digest - was->stray_digest},
		{"refused: response outside the time window",
			now->stray_window - was->stray_window},
		{"refused: response at another security level",
			now->stray_level - was->stray_level},
		{"refused: response with other names", now->stray_oid - was->stray_oid},
		{"refused: malformed response", now->malformed - was->malformed}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (rows[i].more > 0)
			(void)fprintf(stderr, "         %s: %ju\n", rows[i].what, rows[i].more);
	}
	t->counters = *now;
}

void agent_trace_step(
	void *owner, const struct snmp_request *request, const struct snmp_response *response)
{
	static const char *const names[] = {"GET", "GETNEXT", "RESPONSE", "SET", "?", "GETBULK"};
	struct agent_trace *t = owner;
	unsigned pdu = (unsigned)(request->pdu - SNMP_GET);
	print_learned(t);
	t->requests++;
	(void)fprintf(stderr, "%-7s oids=%u", pdu < 6 ? names[pdu] : "?", request->oids);
	if (request->pdu == SNMP_GETBULK)
		(void)fprintf(stderr, " repetitions=%u", request->max_repetitions);
	if (response->err != 0)
		(void)fprintf(
			stderr, " -> %s tries=%u\n", err_text(response->err), response->tries);
	else
		(void)fprintf(stderr,
			" -> varbinds=%zu bytes=%zu rtt_ms=%u tries=%u error-status=%d\n",
			response->count, response->bytes, response->rtt_ms, response->tries,
			response->error_status);
	print_counters(t);
}

void agent_trace_end(struct agent_trace *t)
{
	print_learned(t);
	(void)fprintf(stderr,
		"sum      requests=%u sent=%ju bytes_out=%ju bytes_in=%ju varbinds=%u "
		"bulk=%s\n",
		t->requests, t->counters.sent, t->counters.bytes_sent, t->counters.bytes_received,
		t->seen.max_varbinds, t->seen.has_no_bulk ? "no" : "yes");
}
