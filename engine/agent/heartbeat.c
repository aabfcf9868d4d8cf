/* SPDX-License-Identifier: Apache-2.0
 * The counts of a heartbeat, and the work that the hub's response names. */
#include "engine/agent/agent_internal.h"

#include "proto/wire/heartbeat.h"

void agent_on_heartbeat(void *owner, struct heartbeat *h)
{
	struct agent *a = owner;
	struct roster_counts r;
	if (a->roster == NULL)
		return;
	roster_counts(a->roster, &r);
	h->known = (uint32_t)r.devices;
	h->complete = (uint32_t)r.by_outcome[OUTCOME_COMPLETE];
	h->failed = (uint32_t)(r.by_outcome[OUTCOME_SILENT] + r.refused);
}

static void want_full(void *owner, struct device *dev)
{
	(void)owner;
	dev->wants_full = true;
}

/* A hub that has lost records learns of it from a batch. Without a record in the spool the next
 * polls make full ones. */
void agent_on_heartbeat_end(void *owner, int err, unsigned work)
{
	struct agent *a = owner;
	struct spool_counts c;
	(void)err;
	spool_counts(a->spool, &c);
	if ((work & HEARTBEAT_HAS_LOST) != 0 && c.pending == 0 && a->roster != NULL)
		roster_each(a->roster, want_full, NULL);
	agent_status_soon(a);
}
