/* SPDX-License-Identifier: Apache-2.0
 * `platen poll --trace`: one line on stderr for each request with its response and round-trip time,
 * and one for each limit of the printer that changed. */
#ifndef PLATEN_AGENT_TRACE_H
#define PLATEN_AGENT_TRACE_H

#include "engine/fleet/roster.h"
#include "engine/snmp/snmp_client.h"
#include "proto/mib/mib.h"
#include "proto/smi/request.h"

struct agent_trace {
	const struct device *device;
	struct mib_limits seen; /* at the last line */
	struct snmp_client_counters counters;
	const struct snmp_client *client;
	unsigned requests;
};

void agent_trace_open(
	struct agent_trace *t, const struct device *device, const struct snmp_client *client);

/* A poll_on_step: before the response is parsed. */
void agent_trace_step(
	void *owner, const struct snmp_request *request, const struct snmp_response *response);

/* The limits after the last response, and the sums. */
void agent_trace_end(struct agent_trace *t);

#endif
