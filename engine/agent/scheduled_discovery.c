/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/agent/agent_internal.h"

#include <string.h>

const struct conf_device agent_scan_public = {
	.version = SNMP_V2C, .community = "public", .community_len = 6};

/* The credentials of snmp.credentials; without any, the community that `platen discover` tries too.
 */
static size_t on_credentials(
	void *owner, struct scan_credential *list, size_t cap, roster_users *ret_users)
{
	struct agent *a = owner;
	const struct agent_conf *conf = agent_live_conf(a);
	const struct conf_credential *c = conf->credentials;
	size_t count = 0;
	for (; c != NULL && count < cap; c = (const struct conf_credential *)c->item.next)
		list[count++] = scan_credential_of(
			c, c->version == SNMP_V3 ? a->keys.users[c->number] : NULL);
	if (count == 0 && cap > 0 && !conf->is_fips)
		list[count++] = (struct scan_credential){.name = "public",
			.version = agent_scan_public.version,
			.community = agent_scan_public.community,
			.community_len = agent_scan_public.community_len};
	*ret_users = a->keys.users;
	return count;
}

static void on_adopted(void *owner, struct device *dev)
{
	struct agent *a = owner;
	a->devices++;
	if (!daemon_is_starting(&a->daemon) && roster_wake(dev) < 0)
		log_line(LOG_ERROR, "discovery", "err=%s what=\"not read until a restart\"",
			err_text(ERR_FULL));
}

static void on_run(void *owner)
{
	struct agent *a = owner;
	if (daemon_is_stopping(&a->daemon))
		agent_stop_next(a);
	else
		agent_reload_on_run(a);
	agent_status_soon(a);
}

int agent_scan_open(struct agent *a)
{
	if (a->conf->discovery_targets == NULL && !a->conf->discovery_mdns)
		return 0;
	struct discovery_options o = {.conf = a->conf,
		.models = a->knowledge.models,
		.roster = a->roster,
		.device_store = a->device_store};
	struct discovery_events events = {
		.on_credentials = on_credentials, .on_adopted = on_adopted, .on_run = on_run};
	int err = discovery_open(&a->discovery, a->loop, &o, &events, a);
	if (err < 0)
		return err;
	err = discovery_load(a->discovery);
	if (err < 0)
		log_line(LOG_ERROR, "discovery", "err=%s what=\"found devices are found anew\"",
			err_text(err));
	return 0;
}

void agent_scan_start(struct agent *a, bool is_asked_for)
{
	if (a->discovery == NULL || a->is_once || a->conf->discovery_interval_ms == 0)
		return;
	int err = discovery_start(a->discovery, is_asked_for);
	if (err < 0)
		log_line(LOG_ERROR, "discovery", "err=%s what=\"no runs\"", err_text(err));
}

bool agent_scan_stop(struct agent *a)
{
	return a->discovery != NULL && discovery_stop(a->discovery);
}

void agent_scan_close(struct agent *a)
{
	discovery_close(a->discovery);
	a->discovery = NULL;
}
