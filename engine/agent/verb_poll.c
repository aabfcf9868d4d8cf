/* SPDX-License-Identifier: Apache-2.0
 * `platen poll HOST`: one poll with the very code of the daemon, without roster and spool. */
#include "engine/agent/agent.h"
#include "engine/agent/find.h"
#include "engine/agent/knowledge.h"
#include "engine/agent/trace.h"

#include "engine/ui/hint.h"
#include "engine/ui/view.h"
#include "engine/fleet/poll.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One poll needs few deadlines: its question's. */
enum { POLL_DEADLINES = 16 };

struct poll_verb {
	const struct agent_poll_options *options;
	struct loop *loop;
	struct snmp_client *client;
	struct poll_context *polls;
	struct device device;
	struct agent_who who;
	struct agent_trace trace;
	unsigned refused, answered; /* replies: with authorizationError, and in all */
	struct agent_knowledge knowledge;
	int err;
};

static void on_step(
	void *owner, const struct snmp_request *asked, const struct snmp_response *reply)
{
	struct poll_verb *p = owner;
	p->answered += reply->err == 0;
	p->refused += reply->err == 0 && reply->error_status == SNMP_AUTHORIZATION_ERROR;
	if (p->options->is_trace)
		agent_trace_step(&p->trace, asked, reply);
}

/* One line for a failure that is the user's business, or for each with --trace. */
static void on_ipp(
	void *owner, const struct device *dev, const struct ipp_response *answer, unsigned gained)
{
	const struct poll_verb *p = owner;
	if (answer->err < 0) {
		if (answer->is_reached || dev->ipp.mode != IPP_MODE_AUTO || p->options->is_trace)
			(void)fprintf(
				stderr, "platen: %s: IPP: %s\n", p->options->host, answer->why);
		return;
	}
	if (!p->options->is_trace)
		return;
	(void)fprintf(stderr, "IPP     port=%u tls=%s -> bytes=%zu gained=", dev->ipp.port,
		answer->is_tls ? "yes" : "no", answer->len);
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		if ((gained >> g & 1) != 0)
			(void)fprintf(stderr, "%s ", group_name((enum reading_group)g));
	}
	(void)fprintf(stderr, "\n");
}

static bool is_answered(const struct reading *r)
{
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		if (r->group[g].answered_at_ms != 0)
			return true;
	}
	return false;
}

static void on_end(void *owner, struct poll *v, const struct poll_end *end)
{
	struct poll_verb *p = owner;
	int err = end->err;
	if (p->options->is_trace)
		agent_trace_end(&p->trace);
	if (p->answered > 0 && p->refused == p->answered)
		err = ERR_SNMP_LEVEL; /* it has answered, but nothing of it is a reading */
	if (!is_answered(end->reading) && p->options->ipp_mode == IPP_MODE_ONLY) {
		p->err = err; /* on_ipp has printed it */
	} else if (!is_answered(end->reading) || err == ERR_SNMP_LEVEL) {
		(void)fprintf(stderr,
			"platen: %s: %s after %llu ms: %s (platen "
			"snmp-test %s says more)\n",
			p->options->host, err_text(err), (unsigned long long)end->took_ms,
			hint_snmp(err, p->device.peer.version), p->options->host);
		p->err = err;
	} else {
		p->err = view_reading(end->reading, p->options->is_json);
	}
	poll_free(v);
	loop_stop(p->loop);
}

static int run(struct poll_verb *p)
{
	struct snmp_client_options options = {.window = 1,
		.deadline_ms = p->options->timeout_ms,
		.tries = p->options->tries,
		.nets_have = conf_nets_has};
	int err = snmp_client_open(&p->client, p->loop, &options);
	if (err < 0)
		return err;
	struct poll_options polls = {.client = p->client,
		.models = p->knowledge.models,
		.polls = 1,
		.blocks = LIMIT_ARENA_BLOCKS_ONE,
		.ipp_polls = 1,
		.on_step = on_step,
		.on_ipp = on_ipp,
		.owner = p};
	err = poll_context_open(&p->polls, p->loop, &polls);
	agent_trace_open(&p->trace, &p->device, p->client);
	if (err == 0)
		err = poll_start(p->polls, &p->device, on_end, p);
	if (err == 0)
		err = loop_run(p->loop);
	snmp_client_close(p->client);
	poll_context_close(p->polls);
	return err < 0 ? err : p->err;
}

static int poll(struct poll_verb *p)
{
	int err = loop_open(&p->loop, POLL_DEADLINES);
	if (err < 0)
		return err;
	err = run(p);
	if (err < 0 && p->err == 0)
		(void)fprintf(stderr, "platen: %s: %s\n", p->options->host, err_text(err));
	int closed = loop_close(p->loop);
	return err < 0 ? err : closed;
}

int agent_poll(const struct agent_poll_options *o)
{
	struct poll_verb p = {.options = o};
	struct conf_device at;
	int err = agent_find(o, &at);
	if (err < 0)
		return err;
	err = agent_need_knowledge(&p.knowledge, o->models);
	if (err < 0)
		return err;
	device_init(&p.device, &at);
	p.device.ipp.path = o->ipp_path;
	p.device.profile.ipp.is_tls = o->is_ipps;
	err = agent_who_open(&p.who, &p.device.peer, at.credential);
	if (err == 0)
		err = poll(&p);
	agent_who_close(&p.who);
	agent_close_knowledge(&p.knowledge);
	return err;
}
