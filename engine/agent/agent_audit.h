/* SPDX-License-Identifier: Apache-2.0
 * The agent's entries in its audit (engine/store/audit.h). */
#ifndef PLATEN_AGENT_AGENT_AUDIT_H
#define PLATEN_AGENT_AGENT_AUDIT_H

#include "proto/base/err.h"

#include <stdint.h>

struct agent;
struct uplink_summary;

/* Opens the queue and notes a configuration that has changed since the last start. A ledger that
 * cannot be opened is tried again later: it never keeps the agent from polling. */
int agent_audit_open(struct agent *a) MUST_USE;

/* The end of a sync, successful or not. */
void agent_audit_sync(struct agent *a, int err, const struct uplink_summary *s);
/* Of struct uplink_events; `owner` is the agent. */
void agent_audit_missed(void *owner, unsigned count, uint64_t last_ms);

#endif
