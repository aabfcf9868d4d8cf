/* SPDX-License-Identifier: Apache-2.0
 * `--trace`: one line on stderr for each question, what was asked, what came, how long it took, and
 * what was learned of the printer by it. */
#ifndef PLATEN_AGENT_TRACE_H
#define PLATEN_AGENT_TRACE_H

#include "engine/fleet/roster.h"
#include "engine/snmp/poller.h"
#include "proto/mib/mib.h"
#include "proto/smi/snmpmsg.h"

struct agent_trace {
	const struct device *device;
	struct mib_memory seen; /* as it was when the last line was written */
	struct poller_counters counters;
	const struct poller *poller;
	unsigned questions;
};

void agent_trace_open(
	struct agent_trace *t, const struct device *device, const struct poller *poller);

/* A visit_on_step: before the answer is folded. */
void agent_trace_step(
	void *owner, const struct snmp_question *asked, const struct snmp_reply *reply);

/* What the last answer taught, and the sum. */
void agent_trace_end(struct agent_trace *t);

#endif
