/* SPDX-License-Identifier: Apache-2.0
 * A configuration file of anybody: read by both tables. A file that is refused has said why, one
 * that is taken has kept every number within its bounds, and its CSV reading ends as well. */
#include "engine/conf/csv.h"
#include "engine/conf/load.h"
#include "proto/smi/security.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static int read_by(const struct conf_table *t, void *base, struct conf_error *err,
	struct conf_memory **memory, const uint8_t *bytes, size_t len)
{
	*err = (struct conf_error){.count = 0};
	if (conf_memory_open(memory) < 0)
		abort();
	struct conf_load l = {.file = "fuzz", .table = t, .memory = *memory, .error = err};
	if (conf_store_presets(&l, t, base) < 0)
		abort();
	int result = conf_yaml_read(&l, base, bytes, len);
	if ((result < 0) != (err->count > 0) || (err->count > 0 && err->len == 0))
		abort();
	return result;
}

static void read_csv(const uint8_t *bytes, size_t len)
{
	char *copy = malloc(len + 1);
	if (copy == NULL)
		return;
	if (len > 0)
		memcpy(copy, bytes, len);
	struct csv csv;
	struct csv_row row;
	const char *why = NULL;
	unsigned last = 0;
	csv_open(&csv, copy, len);
	int more = csv_next(&csv, &row, &why);
	for (; more > 0; more = csv_next(&csv, &row, &why)) {
		if (row.line <= last || row.cells == 0)
			abort();
		last = row.line;
		for (size_t i = 0; i < row.cells; i++) {
			if (row.cell[i].p < copy || row.cell[i].p + row.cell[i].len > copy + len)
				abort();
		}
	}
	if (more < 0 && why == NULL)
		abort();
	free(copy);
}

/* Networks have no host bits, words are known ones. */
static void check_nets(const struct conf_nets *nets)
{
	for (; nets != NULL; nets = nets->more) {
		if (nets->count == 0 || nets->count > LIMIT_CONF_NETS)
			abort();
		for (size_t i = 0; i < nets->count; i++) {
			if (nets->net[i].prefix > (nets->net[i].is_v6 ? 128 : 32))
				abort();
		}
	}
}

static void check_lists(const struct agent_conf *c)
{
	check_nets(c->access_allow);
	check_nets(c->access_deny);
	for (const struct conf_credential *i = c->credentials; i != NULL;
		i = (const struct conf_credential *)i->item.next) {
		check_nets(i->subnets);
		if (i->auth >= USM_AUTH_COUNT || i->priv >= USM_PRIV_COUNT ||
			(i->user != NULL && strlen(i->user) > SNMP3_USER))
			abort();
	}
	for (const struct conf_rule *r = c->discovery_include; r != NULL;
		r = (const struct conf_rule *)r->item.next)
		check_nets(r->addresses);
	struct sockaddr_in a = {.sin_family = AF_INET};
	(void)conf_rules_fit(c->discovery_exclude, (const struct sockaddr *)&a, "v", "m", NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct agent_conf agent = {.site = NULL};
	struct hub_conf hub = {.state_dir = NULL};
	struct conf_error err;
	struct conf_memory *memory;
	if (read_by(&conf_agent_table, &agent, &err, &memory, bytes, len) == 0) {
		if (agent.devices_max < 1 || agent.devices_max > LIMIT_DEVICES_MAX ||
			agent.snmp_tries > LIMIT_SNMP_TRIES || agent.log_level > LOG_DEBUG)
			abort();
		for (const struct conf_target *t = agent.targets; t != NULL;
			t = (const struct conf_target *)t->item.next) {
			if (t->port == 0 || t->version > 3 || t->community == NULL)
				abort();
		}
		check_lists(&agent);
	}
	conf_memory_close(memory);
	if (read_by(&conf_hub_table, &hub, &err, &memory, bytes, len) == 0 &&
		(hub.max_connections < 1 || hub.max_connections > LIMIT_CONNS))
		abort();
	conf_memory_close(memory);
	read_csv(bytes, len);
	return 0;
}
