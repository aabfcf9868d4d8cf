/* SPDX-License-Identifier: Apache-2.0
 * The identifiers of the host, and what leaves of them. */
#include "engine/agent/host.h"

#include "engine/agent/agent_internal.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <limits.h>
#include <netpacket/packet.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* As devices write it: 02:00:00:00:00:07, with hyphens, without either. */
static void add_hardware(struct policy *p, const uint8_t mac[6])
{
	char text[18];
	policy_add_host(p, text_of(str_mac(text, mac)));
	for (char *c = text; *c != '\0'; c++)
		*c = *c == ':' ? '-' : *c;
	policy_add_host(p, text_of(text));
	str_hex(text, mac, 6);
	policy_add_host(p, text_of(text));
}

/* The eight groups of an IPv6 address in full, with and without leading zeros; the short form is
 * inet_ntop's (RFC 5952). */
static void add_groups(struct policy *p, const uint8_t bytes[16])
{
	char plain[INET6_ADDRSTRLEN] = "", padded[INET6_ADDRSTRLEN] = "";
	for (size_t i = 0, at = 0; i < 16; i += 2) {
		unsigned group = (unsigned)bytes[i] << 8 | bytes[i + 1];
		const char *colon = i > 0 ? ":" : "";
		at += (size_t)snprintf(plain + at, sizeof plain - at, "%s%x", colon, group);
		size_t end = strlen(padded);
		(void)snprintf(padded + end, sizeof padded - end, "%s%04x", colon, group);
	}
	policy_add_host(p, text_of(plain));
	policy_add_host(p, text_of(padded));
}

static void add_interface(struct policy *p, const struct sockaddr *sa)
{
	char text[INET6_ADDRSTRLEN];
	const struct sockaddr_in *in4 = (const struct sockaddr_in *)(const void *)sa;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)sa;
	const struct sockaddr_ll *ll = (const struct sockaddr_ll *)(const void *)sa;
	const char *shown = NULL;
	if (sa->sa_family == AF_INET)
		shown = inet_ntop(AF_INET, &in4->sin_addr, text, sizeof text);
	else if (sa->sa_family == AF_INET6 && !IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr)) {
		shown = inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof text);
		add_groups(p, in6->sin6_addr.s6_addr);
	} else if (sa->sa_family == AF_PACKET && ll->sll_halen == 6)
		add_hardware(p, ll->sll_addr);
	if (shown != NULL)
		policy_add_host(p, text_of(shown));
}

/* The name without its domain too: so programs write it. */
static void add_name(struct policy *p)
{
	char name[HOST_NAME_MAX + 1];
	if (gethostname(name, sizeof name) < 0)
		return;
	name[sizeof name - 1] = '\0';
	policy_add_host(p, text_of(name));
	size_t n = strcspn(name, ".");
	if (name[n] != '\0')
		policy_add_host(p, (struct text){name, n});
}

static void add_host(struct policy *p)
{
	struct ifaddrs *all;
	add_name(p);
	if (getifaddrs(&all) < 0)
		return;
	for (const struct ifaddrs *a = all; a != NULL; a = a->ifa_next) {
		if (a->ifa_addr != NULL)
			add_interface(p, a->ifa_addr);
	}
	freeifaddrs(all);
}

void agent_make_policy(struct policy *p, const struct agent_conf *conf)
{
	*p = conf->policy;
	if (p->is_corporate)
		add_host(p);
}

static void put_agent(struct site_agent *s, const struct agent_conf *conf, uint64_t wall_ms)
{
	s->time_zone = conf->sync_zone_name;
	s->utc_offset_s = zone_offset_s(conf->sync_zone, (int64_t)(wall_ms / 1000));
	s->rules = PLATEN_VERSION;
}

void host_site(struct site_facts *f, const struct agent_conf *conf, const struct batch_head *head,
	const struct site_information *of_agent)
{
	struct site_agent agent;
	char rules[LIMIT_TEXT_SHORT + 1];
	bool has_proxy = conf->proxy_host != NULL;
	const char *peer = !conf->has_hub || !conf->sends ? NULL
			   : has_proxy                    ? conf->proxy_host
							  : conf->hub_host;
	put_agent(&agent, conf, head->sent_at_ms);
	if (of_agent->rules.len > 0) {
		(void)snprintf(rules, sizeof rules, "%.*s", TEXT_ARG(of_agent->rules));
		agent.rules = rules;
	}
	agent.included = of_agent->included;
	agent.excluded = of_agent->excluded;
	*f = (struct site_facts){.info = {.store_kib = 0}};
	(void)str_copy(f->name, sizeof f->name, conf->site);
	site_set_agent(f, &agent);
	site_collect(f, conf->state_dir, peer, has_proxy ? conf->proxy_port : conf->hub_port,
		head->agent_id, conf->is_corporate);
}

/* The facts that only the agent knows. Devices that are left out: no printers, and printers beyond
 * devices.max or denied by access rules. */
void agent_on_sync_start(void *owner)
{
	struct agent *a = owner;
	struct roster_counts r;
	struct site_agent site;
	char rules[LIMIT_TEXT_SHORT];
	if (a->roster == NULL || a->uplink == NULL)
		return;
	roster_counts(a->roster, &r);
	put_agent(&site, agent_live_conf(a), loop_wall_ms(a->loop));
	/* Model files of the operator are rules too. */
	(void)snprintf(rules, sizeof rules, PLATEN_VERSION "+%u", a->knowledge.own.count);
	if (a->knowledge.own.count > 0)
		site.rules = rules;
	site.included = (uint32_t)r.devices;
	site.excluded = (uint32_t)(r.others + r.over_limit + r.denied);
	uplink_set_site(a->uplink, &site);
}

void agent_use_policy(struct agent *a, const struct agent_conf *conf)
{
	agent_make_policy(&a->policy, conf);
	if (a->fleet != NULL)
		fleet_use_policy(a->fleet, &a->policy);
	if (a->uplink != NULL)
		uplink_use_policy(a->uplink, &a->policy);
}
