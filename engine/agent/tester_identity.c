/* SPDX-License-Identifier: Apache-2.0
 * Identity of the device from one poll, by the rules of the daemon and of discovery. */
#include "engine/agent/tester.h"

#include "engine/agent/knowledge.h"
#include "engine/conf/range.h"
#include "engine/fleet/poll.h"
#include "proto/model/kind.h"

#include <stdio.h>
#include <string.h>

struct identification {
	struct tester *tester;
	struct device device;
	uint64_t began_ms;
	bool is_printer;
};

static void say_printer(struct tester *t, uint32_t took_ms, const struct identity *id)
{
	tester_say(t, "printer", true, took_ms, "%.*s %.*s, %s%.*s",
		TEXT_ARG(id->vendor.len > 0 ? id->vendor : TEXT("unknown vendor")),
		TEXT_ARG(id->model.len > 0 ? id->model : TEXT("(no model)")),
		id->serial.len > 0 ? "serial number " : "no serial number", TEXT_ARG(id->serial));
}

static void say_other(struct tester *t, uint32_t took_ms, const struct identity *id)
{
	const struct agent_conf *conf = t->options->conf;
	unsigned kind = device_kind_of(id);
	char host[CONF_HOST_TEXT];
	conf_range_host(host, &t->at.address.sa);
	if (conf != NULL && conf_accepts(&conf->accept, &t->at.address.sa, kind))
		tester_say(t, "printer", false, took_ms,
			"not a printer: %s (%.64s); devices.accept names it, so it is kept",
			device_kind_name(kind), identity_why_name((enum identity_why)id->why));
	else
		tester_say(t, "printer", false, took_ms,
			"not a printer: %s (%.64s); the agent does not keep it unless "
			"devices.accept names %s or %s",
			device_kind_name(kind), identity_why_name((enum identity_why)id->why), host,
			device_kind_name(kind));
}

static void on_end(void *owner, struct poll *poll, const struct poll_end *end)
{
	struct identification *i = owner;
	struct tester *t = i->tester;
	const struct identity *id = &end->reading->identity;
	uint32_t took_ms = (uint32_t)end->took_ms;
	i->is_printer = id->is_printer;
	if (id->is_printer)
		say_printer(t, took_ms, id);
	else if (end->reading->group[GROUP_IDENTITY].status == GROUP_COMPLETE)
		say_other(t, took_ms, id);
	else
		tester_say(t, "printer", false, took_ms, "not identified: %s",
			end->err != 0 ? err_text(end->err) : "some requests had no response");
	poll_free(poll);
	loop_stop(t->loop);
}

static int poll(struct identification *i, const struct models *models)
{
	struct tester *t = i->tester;
	struct poll_context *polls;
	struct poll_options options = {.client = t->client,
		.models = models,
		.polls = 1,
		.blocks = LIMIT_ARENA_BLOCKS_ONE,
		.is_identity = true};
	int err = poll_context_open(&polls, t->loop, &options);
	if (err < 0)
		return err;
	loop_refresh(t->loop);
	err = poll_start(polls, &i->device, on_end, i);
	if (err == 0)
		err = loop_run(t->loop);
	poll_context_close(polls);
	return err;
}

bool tester_identify(struct tester *t)
{
	static struct identification i; /* a device: too much for a stack of a verb */
	struct agent_knowledge knowledge;
	i = (struct identification){.tester = t};
	if (agent_need_knowledge(
		    &knowledge, t->options->conf != NULL ? t->options->conf->models_dir : NULL) < 0)
		return false;
	device_init(&i.device, &t->at);
	i.device.peer = t->peer;
	i.device.ipp.mode = IPP_MODE_OFF;
	int err = poll(&i, knowledge.models);
	if (err < 0)
		tester_say(t, "printer", false, 0, "not identified: %s", err_text(err));
	agent_close_knowledge(&knowledge);
	return i.is_printer;
}
