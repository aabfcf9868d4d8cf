/* SPDX-License-Identifier: Apache-2.0
 * The memory of an agent: the sum of its maxima; and the summary of a cycle. */
#include "engine/agent/agent_internal.h"

#include "engine/loop/process.h"

void agent_summarise(struct agent *a)
{
	struct agent_summary *s = &a->summary;
	struct roster_counts roster;
	const struct fleet_counters *fleet = fleet_counters(a->fleet);
	const struct collect_counters *collector = fleet_collect_counters(a->fleet);
	const struct snmp_client_counters *client = snmp_client_counters(a->client);
	roster_counts(a->roster, &roster);
	s->printers = roster.devices;
	s->over_limit = roster.over_limit;
	s->complete = fleet->complete;
	s->partial = fleet->partial;
	s->silent = fleet->silent;
	s->kept = collector->kept;
	s->unchanged = collector->unchanged;
	s->lost = collector->lost;
	s->cycle_ms = a->cycle_ms;
	s->requests = client->asked;
	s->resent = client->resent;
	s->timeouts = client->timeouts;
	s->strays = snmp_client_counters_refused(client) - client->reports;
	s->budget_bytes = a->budget_bytes;
	s->peak_bytes = process_peak_bytes();
	struct loop_lag lag;
	loop_get_lag(a->loop, &lag);
	s->lag_ms = lag.max_ms;
	s->lag_p50_ms = lag.p50_ms;
	s->lag_p99_ms = lag.p99_ms;
	s->lag_p999_ms = lag.p999_ms;
	s->slow_turns = lag.slow;
	s->stopped_responding = fleet->stopped_responding;
	s->safe_mode = roster.safe_mode;
	s->drops = snmp_client_drops(a->client);
	s->probes = client->probes;
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
	sum += 2 * (uint64_t)LIMIT_SPOOL_PENDING;
	if (a->discovery != NULL)
		sum += discovery_memory_ceiling(a->discovery);
	if (a->uplink != NULL)
		sum += 3 *
		       (uint64_t)LIMIT_BATCH_RAW; /* raw body, compressed, the compressor itself */
	return sum;
}
