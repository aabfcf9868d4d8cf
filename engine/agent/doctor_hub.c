/* SPDX-License-Identifier: Apache-2.0
 * doctor: the way to the hub, one step after another. A step that needs a failed one is not tried.
 */
#include "engine/agent/hub_options.h"
#include "engine/agent/doctor.h"

#include "engine/agent/reach.h"
#include "engine/loop/tls.h"
#include "proto/base/str.h"

#include <stdio.h>
#include <string.h>

/* Of each step. A clock that is off by more makes readings suspect at the hub. */
enum { STEP_MS = 10000, CLOCK_OFF_MS = 60000 };
enum { OBJECT = LIMIT_HOST + 16 };

static void name_object(char object[OBJECT], const char *host, uint16_t port)
{
	(void)snprintf(object, OBJECT, "%.200s:%u", host, port);
}

static void skip(struct doctor *d, const char *check)
{
	(void)checklist_add(&d->list, check, "", CHECK_NOT_TRIED, "", "an earlier step failed");
}

static bool check_name(struct doctor *d, const struct hub_hop *hop)
{
	const char *host = hop->host;
	struct conf_range numeric;
	char why[LIMIT_WHY], action[LIMIT_WHY];
	struct conf_device at = {.name = host};
	at.address.in4.sin_family = AF_INET;
	if (conf_range_parse(&numeric, host, why, sizeof why) == 0) {
		(void)checklist_add(&d->list, "dns", host, CHECK_OK, "", "is an address");
		return true;
	}
	if (conf_look_up(&at) < 0) {
		(void)snprintf(action, sizeof action,
			"check the name in %s, and the name servers in /etc/resolv.conf", hop->key);
		(void)checklist_add(
			&d->list, "dns", host, CHECK_TROUBLE, action, "the name was not found");
		return false;
	}
	char text[CONF_HOST_TEXT];
	conf_range_host(text, &at.address.sa);
	(void)checklist_add(&d->list, "dns", host, CHECK_OK, "", "is %s", text);
	return true;
}

static bool check_tcp(struct doctor *d, const struct hub_hop *hop)
{
	struct reach_tcp r;
	char object[OBJECT], action[LIMIT_WHY];
	name_object(object, hop->host, hop->port);
	reach_tcp(&r, d->loop, hop->host, hop->port, NULL, STEP_MS);
	if (r.err == 0) {
		(void)checklist_add(
			&d->list, "tcp", object, CHECK_OK, "", "connected to %s", r.peer);
		return true;
	}
	(void)snprintf(action, sizeof action,
		r.err == ERR_TIMEOUT
			? "a firewall drops it, or the host is off: allow TCP to it from this "
			  "machine (platen check-net)"
			: "check host and port in %s, that a program listens there, and on an "
			  "address that this machine reaches",
		hop->key);
	(void)checklist_add(&d->list, "tcp", object, CHECK_TROUBLE, action, "%s", r.why);
	return false;
}

static const char *tls_action(const struct agent_conf *c, int err)
{
	if (err == ERR_PROXY || err == ERR_PROXY_LOGIN)
		return "check hub.proxy and its account, and that the proxy allows CONNECT to "
		       "the hub";
	if (err == ERR_TLS_PIN)
		return "compare hub.spki_pin with the keys of the hub's certificate";
	return c->ca_file != NULL ? "check tls of the hub, and hub.ca_file"
				  : "if the hub's authority is your own, name it in hub.ca_file";
}

static void check_clock(struct doctor *d, const char *object, const struct reach_tcp *r)
{
	loop_refresh(d->loop);
	int64_t off = (int64_t)loop_wall_ms(d->loop) - (int64_t)r->date_ms;
	bool is_off = off > CLOCK_OFF_MS || off < -CLOCK_OFF_MS;
	if (r->date_ms == 0) {
		(void)checklist_add(
			&d->list, "clock", object, CHECK_NOT_TRIED, "", "the response has no date");
		return;
	}
	(void)checklist_add(&d->list, "clock", object, is_off ? CHECK_TROUBLE : CHECK_OK,
		is_off ? "set the clock (timedatectl set-ntp true) of the machine that is wrong"
		       : "",
		"this machine is %jd s %s the hub", (intmax_t)((off < 0 ? -off : off) / 1000),
		off < 0 ? "behind" : "ahead of");
}

/* 400 and 422: the hub has accepted the account and refuses the empty batch. */
static void check_account(struct doctor *d, const struct reach_tcp *r)
{
	const char *user = d->conf->hub_user != NULL ? d->conf->hub_user : "";
	int status = r->http_status;
	if (status == 400 || status == 422 || (status >= 200 && status < 300))
		(void)checklist_add(
			&d->list, "account", user, CHECK_OK, "", "the hub accepts user and secret");
	else if (status == 401)
		(void)checklist_add(&d->list, "account", user, CHECK_TROUBLE,
			"check hub.user and the file of hub.password_file against the hub's "
			"account",
			"the hub refuses user or secret (401)");
	else if (status == 403)
		(void)checklist_add(&d->list, "account", user, CHECK_TROUBLE,
			"ask the hub's operator: the account may be bound to another agent",
			"the hub does not let this account send (403)");
	else if (status == 404)
		(void)checklist_add(&d->list, "account", user, CHECK_TROUBLE,
			"check the path in hub.url",
			"what responds is no hub, or its path is another one (404)");
	else
		(void)checklist_add(&d->list, "account", user, CHECK_TROUBLE,
			"try again; see the hub's log", "the hub responded with status %d", status);
}

static void check_tls_and_account(struct doctor *d)
{
	const struct agent_conf *c = d->conf;
	char object[OBJECT];
	struct tls_client_options o = agent_tls_options(c);
	struct tls *tls = NULL;
	struct reach_tcp r = {.err = 0};
	char why[LIMIT_WHY] = "";
	name_object(object, c->hub_host, c->hub_port);
	if (tls_client_open(&tls, &o, why, sizeof why) < 0)
		(void)str_copy(r.why, sizeof r.why, why);
	else
		reach_hub(&r, d->loop, c, tls, STEP_MS);
	tls_close(tls);
	if (!r.is_open) {
		(void)checklist_add(
			&d->list, "tls", object, CHECK_TROUBLE, tls_action(c, r.err), "%s", r.why);
		skip(d, "clock");
		skip(d, "account");
		return;
	}
	(void)checklist_add(
		&d->list, "tls", object, CHECK_OK, "", "certificate and name are verified");
	if (r.err < 0) {
		(void)checklist_add(&d->list, "account", object, CHECK_TROUBLE,
			"is it the hub? a proxy in between may end connections", "no response: %s",
			r.why);
		return;
	}
	check_clock(d, object, &r);
	check_account(d, &r);
}

void doctor_hub(struct doctor *d)
{
	static const char *const steps[] = {"tcp", "tls", "clock", "account"};
	if (!d->is_loaded || !d->conf->has_hub) {
		(void)checklist_add(&d->list, "hub", "", CHECK_NOT_TRIED, "", "%s",
			d->is_loaded ? "hub.url is not set: nothing is sent"
				     : "the configuration cannot be read");
		return;
	}
	if (!d->conf->sends) {
		(void)checklist_add(&d->list, "hub", d->conf->hub_host, CHECK_NOT_TRIED, "",
			"send is off: no packet goes to it");
		return;
	}
	struct hub_hop hop = agent_first_hop(d->conf);
	size_t done = 0;
	if (check_name(d, &hop)) {
		done = 1;
		if (check_tcp(d, &hop)) {
			done = sizeof steps / sizeof steps[0];
			check_tls_and_account(d);
		}
	}
	for (; done < sizeof steps / sizeof steps[0]; done++)
		skip(d, steps[done]);
}
