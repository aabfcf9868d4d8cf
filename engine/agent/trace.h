/* SPDX-License-Identifier: Apache-2.0
 * `--trace`: one line on stderr for each question, what was asked, what came, how long it took, and
 * what was learned of the printer by it. */
#ifndef PLATEN_AGENT_TRACE_H
#define PLATEN_AGENT_TRACE_H

#include "engine/fleet/roster.h"
#include "engine/snmp/snmp_client.h"
#include "proto/mib/mib.h"
#include "proto/smi/request.h"

struct agent_trace {
	const struct device *device;
	struct mib_limits seen; /* as it was when the last line was written */
	struct snmp_client_counters counters;
	const struct snmp_client *client;
	unsigned questions;
};

void agent_trace_open(
	struct agent_trace *t, const struct device *device, const struct snmp_client *client);

/* A poll_on_step: before the answer is folded. */
void agent_trace_step(
	void *owner, const struct snmp_request *asked, const struct snmp_response *reply);

/* What the last answer taught, and the sum. */
void agent_trace_end(struct agent_trace *t);

#endif
