/* SPDX-License-Identifier: Apache-2.0
 * The memory of an agent: the sum of its maxima; and the summary of a cycle. */
#include "engine/agent/agent_internal.h"

#include "engine/loop/process.h"

void agent_summarise(struct agent *a)
{
	struct agent_summary *s = &a->summary;
	roster_counts(a->roster, &s->roster);
	loop_get_lag(a->loop, &s->lag);
	s->fleet = *fleet_counters(a->fleet);
	s->collect = *fleet_collect_counters(a->fleet);
	s->snmp = *snmp_client_counters(a->client);
	s->cycle_ms = a->cycle_ms;
	s->next_sync_ms = a->status.sync_next_ms;
	s->pending = a->status.spool.pending;
	s->budget_bytes = a->budget_bytes;
	s->peak_bytes = process_peak_bytes();
	s->drops = snmp_client_drops(a->client);
	s->halved = fleet_rate_limit_counters(a->fleet)->halved;
}

/* Before the first printer: the program, its libraries and their tables, the pool's threads,
 * SQLite's caches (measured, rounded up). */
enum { BASE_BYTES = 13 << 20 };

uint64_t agent_budget(const struct agent *a)
{
	uint64_t sum = BASE_BYTES;
	sum += snmp_client_memory_ceiling(a->client);
	sum += fleet_memory_ceiling(a->fleet);
	sum += roster_memory(a->roster);
	sum += models_memory(&a->knowledge.own);
	/* A reload: the first configuration, the one in force and the next one, each about as
	 * large; and the change of each printer. */
	sum += 3 * (uint64_t)agent_conf_memory(a->conf);
	sum += (uint64_t)a->conf->devices_max * sizeof(struct agent_change);
	sum += 2 * (uint64_t)a->names.list.cap * sizeof(struct name);
	sum += 2 * (uint64_t)LIMIT_SPOOL_PENDING;
	if (a->discovery != NULL)
		sum += discovery_memory_ceiling(a->discovery);
	if (a->uplink != NULL)
		sum += 3 *
		       (uint64_t)LIMIT_BATCH_RAW; /* raw body, compressed, the compressor itself */
	return sum;
}
