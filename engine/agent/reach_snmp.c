/* SPDX-License-Identifier: Apache-2.0
 * reach_snmp_target: a sample of one target's addresses, all at once. */
#include "engine/agent/keys.h"
#include "engine/agent/reach.h"
#include "engine/conf/table.h"
#include "engine/snmp/snmp_client.h"
#include "engine/snmp/usm.h"
#include "proto/base/str.h"
#include "proto/smi/oid.h"
#include "proto/smi/request.h"

#include <stdio.h>
#include <string.h>

#define SYS_DESCR "1.3.6.1.2.1.1.1.0"

/* Different SNMPv3 users in one target: a CSV file may name one in each row. */
enum { USERS = 8 };

struct probe {
	struct sample *sample;
	struct snmp_peer peer;
	struct usm_peer usm;
};

struct sample {
	struct reach_snmp *ret;
	struct loop *loop;
	const struct agent_conf *conf;
	struct snmp_client *client;
	uint64_t seen, step; /* of the addresses that are not denied, each step-th is tried */
	size_t open;
	bool is_over;
	struct due deadline;
	struct snmp_request request;
	struct {
		const struct conf_credential *credential;
		struct usm_user user;
	} users[USERS];
	size_t user_count;
	struct probe probes[REACH_SAMPLE];
	size_t count;
};

/* ---- the sample ---- */

/* One target as a configuration of its own. */
static int each_device(const struct agent_conf *conf, const struct conf_target *target,
	int (*each)(void *owner, const struct conf_device *device), struct sample *s)
{
	struct agent_conf one = *conf;
	struct conf_target alone = *target;
	struct conf_error why;
	alone.item.next = NULL;
	one.targets = &alone;
	int err = conf_each_device(&one, each, s, &why);
	if (err == ERR_CONF)
		(void)str_copy(s->ret->why, sizeof s->ret->why, why.text);
	return err;
}

static int count_one(void *owner, const struct conf_device *device)
{
	struct sample *s = owner;
	bool is_denied =
		device->name == NULL && !agent_conf_is_allowed(s->conf, &device->address.sa);
	uint16_t port = ntohs(device->address.in4.sin_port); /* as in in6 */
	if (s->ret->addresses == 0)
		s->ret->port = port;
	s->ret->has_more_ports |= port != s->ret->port;
	s->ret->addresses++;
	s->ret->denied += is_denied;
	return 0;
}

/* NULL: too many, or its keys cannot be made. */
static struct usm_user *user_of(struct sample *s, const struct conf_credential *c)
{
	for (size_t i = 0; i < s->user_count; i++) {
		if (s->users[i].credential == c)
			return &s->users[i].user;
	}
	if (s->user_count == USERS)
		return NULL;
	struct usm_user *user = &s->users[s->user_count].user;
	struct usm_secret secret = agent_secret_of(c);
	if (usm_user_init(user, &secret) < 0 || usm_user_prepare_now(user, &secret) < 0)
		return NULL;
	s->users[s->user_count++].credential = c;
	return user;
}

static int add_probe(void *owner, const struct conf_device *device)
{
	struct sample *s = owner;
	struct conf_device at = *device;
	const struct conf_credential *c = device->credential;
	if (s->count == REACH_SAMPLE)
		return 0;
	if (at.name == NULL && !agent_conf_is_allowed(s->conf, &at.address.sa))
		return 0;
	if (s->seen++ % s->step != 0)
		return 0;
	if (at.name != NULL && conf_look_up(&at) < 0) {
		(void)snprintf(
			s->ret->why, sizeof s->ret->why, "the name %.180s was not found", at.name);
		return 0;
	}
	if (at.name != NULL && !agent_conf_is_allowed(s->conf, &at.address.sa))
		return 0;
	struct probe *p = &s->probes[s->count];
	*p = (struct probe){.sample = s};
	memcpy(&p->peer.address, &at.address, sizeof p->peer.address);
	p->peer.version = c != NULL ? c->version : at.version;
	p->peer.community = c != NULL ? c->community : at.community;
	p->peer.community_len = c != NULL ? c->community_len : at.community_len;
	p->peer.answers_from = at.answers_from;
	p->peer.has_short_ids = at.has_short_ids;
	s->ret->version = p->peer.version;
	if (p->peer.version == SNMP_V3) {
		struct usm_user *user = c != NULL ? user_of(s, c) : NULL;
		if (user == NULL)
			return 0;
		usm_peer_init(
			&p->usm, user, c->context, c->context != NULL ? strlen(c->context) : 0);
		p->peer.usm = &p->usm;
	}
	s->count++;
	return 0;
}

/* ---- the requests ---- */

static void stop(struct sample *s)
{
	if (!s->is_over)
		snmp_client_stop(s->client, NULL);
	s->is_over = true;
}

static void on_response(void *owner, const struct snmp_response *response)
{
	struct probe *p = owner;
	struct sample *s = p->sample;
	struct reach_snmp *ret = s->ret;
	s->open--;
	if (response->err == 0 && !ret->has_response) {
		ret->has_response = true;
		ret->version = p->peer.version;
		memcpy(&ret->responder, &p->peer.address, sizeof ret->responder);
		stop(s);
	} else if (response->err != 0 && response->err != ERR_STOPPED &&
		   (ret->err == 0 || ret->err == ERR_SNMP_TIMEOUT)) {
		/* An error of the printer tells more than a timeout. */
		ret->err = response->err;
	}
	if (s->open == 0)
		loop_stop(s->loop);
}

static void on_deadline(struct due *due)
{
	stop(container_of(due, struct sample, deadline));
}

static int make_request(struct snmp_request *q)
{
	struct oid o;
	uint8_t name[LIMIT_OID_BER];
	struct oid_ber none = {NULL, 0};
	int len = oid_from_text(&o, SYS_DESCR) < 0 ? ERR_FORMAT : oid_encode(name, sizeof name, &o);
	if (len < 0)
		return len;
	snmp_request_begin(q, SNMP_GET);
	return snmp_request_add(q, (struct oid_ber){name, (size_t)len}, none, LIMIT_REQUEST_FIRST);
}

static int send_all(struct sample *s, uint64_t wait_ms)
{
	int err = make_request(&s->request);
	if (err < 0)
		return err;
	loop_refresh(s->loop);
	due_init(&s->deadline, on_deadline);
	err = loop_due_set(s->loop, &s->deadline, loop_now_ms(s->loop) + wait_ms);
	for (size_t i = 0; i < s->count && err == 0; i++) {
		int sent = snmp_client_send(
			s->client, &s->probes[i].peer, &s->request, on_response, &s->probes[i]);
		if (sent == ERR_FULL)
			break; /* the kernel's receive buffer allows no more */
		if (sent < 0) {
			s->ret->err = s->ret->err == 0 ? sent : s->ret->err;
			continue;
		}
		s->open++;
		s->ret->tried++;
	}
	if (err == 0 && s->open > 0)
		err = loop_run(s->loop);
	loop_due_clear(s->loop, &s->deadline);
	return err;
}

static int run_sample(struct sample *s, const struct conf_target *target, uint64_t wait_ms)
{
	struct reach_snmp *ret = s->ret;
	int err = each_device(s->conf, target, count_one, s);
	if (err < 0)
		return err;
	uint64_t allowed = ret->addresses - ret->denied;
	s->step = (allowed + REACH_SAMPLE - 1) / REACH_SAMPLE;
	s->step = s->step == 0 ? 1 : s->step;
	err = each_device(s->conf, target, add_probe, s);
	if (err < 0 || s->count == 0)
		return err;
	const struct snmp_client_options o = {.window = REACH_SAMPLE,
		.deadline_ms = s->conf->snmp_timeout_ms,
		.tries = s->conf->snmp_tries,
		.nets_have = conf_nets_has};
	err = snmp_client_open(&s->client, s->loop, &o);
	if (err < 0)
		return err;
	err = send_all(s, wait_ms);
	snmp_client_close(s->client);
	int closed = loop_run(s->loop); /* its sockets */
	return err < 0 ? err : closed;
}

static struct sample *begin(struct reach_snmp *ret, struct loop *l, const struct agent_conf *conf)
{
	static struct sample s; /* half a MiB: too much for a stack */
	*ret = (struct reach_snmp){.err = 0};
	memset(&s, 0, sizeof s);
	s.ret = ret;
	s.loop = l;
	s.conf = conf;
	return &s;
}

void reach_snmp_count(
	struct reach_snmp *ret, const struct agent_conf *conf, const struct conf_target *target)
{
	struct sample *s = begin(ret, NULL, conf);
	int err = each_device(conf, target, count_one, s);
	ret->err = err < 0 ? err : 0;
}

void reach_snmp_target(struct reach_snmp *ret, struct loop *l, const struct agent_conf *conf,
	const struct conf_target *target, uint64_t wait_ms)
{
	struct sample *s = begin(ret, l, conf);
	int err = run_sample(s, target, wait_ms);
	for (size_t i = 0; i < s->count; i++) {
		if (s->probes[i].peer.usm != NULL)
			usm_peer_close(&s->probes[i].usm);
	}
	for (size_t i = 0; i < s->user_count; i++)
		usm_user_close(&s->users[i].user);
	if (err < 0 && ret->err == 0)
		ret->err = err;
	if (err < 0 && ret->why[0] == '\0')
		(void)str_copy(ret->why, sizeof ret->why, err_text(err));
}
