/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/fleet/names.h"

#include "engine/fleet/profile.h"
#include "engine/store/address_key.h"
#include "proto/base/grow.h"
#include "proto/base/log.h"
#include "proto/base/str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- the list --------------------------------------------------------------------------- */

int name_list_add(struct name_list *list, const struct conf_device *device, size_t max)
{
	if (list->count >= max)
		return ERR_FULL;
	struct name *names = grow_by_one(list->names, list->count, &list->cap, sizeof names[0]);
	if (names == NULL)
		return -ENOMEM;
	list->names = names;
	list->names[list->count++] = (struct name){.device = *device};
	return 0;
}

/* The port is at the same place in both families. */
static bool is_same_name(const struct conf_device *a, const struct conf_device *b)
{
	return a->address.in4.sin_port == b->address.in4.sin_port && strcmp(a->name, b->name) == 0;
}

const struct name *name_list_find(const struct name_list *list, const struct conf_device *device)
{
	for (size_t i = 0; i < list->count; i++) {
		if (is_same_name(&list->names[i].device, device))
			return &list->names[i];
	}
	return NULL;
}

void name_list_free(struct name_list *list)
{
	free(list->names);
	*list = (struct name_list){.count = 0};
}

/* ---- devices ---------------------------------------------------------------------------- */

static struct device *device_of(const struct names *n, const struct name *name)
{
	return name->is_known ? roster_find_address(n->options.roster, &name->device.address.sa)
			      : NULL;
}

/* Another name with this address. */
static const struct name *other_name(const struct names *n, const struct device *dev)
{
	for (size_t i = 0; i < n->list.count; i++) {
		const struct name *name = &n->list.names[i];
		if (name->is_known &&
			address_is_same(&name->device.address.sa, &dev->peer.address.sa))
			return name;
	}
	return NULL;
}

/* The name has another address now. */
static void leave(struct names *n, struct device *dev)
{
	const struct name *other = other_name(n, dev);
	if (dev->name == NULL || dev->is_adopted)
		return; /* its address is given too, or discovery found it */
	if (other != NULL && roster_use(dev, &other->device, n->options.users) == 0)
		return;
	roster_retire(dev);
	profile_retire(n->options.device_store, dev);
}

static void log_left_out(const struct names *n, const struct name *name)
{
	const struct sockaddr *sa = &name->device.address.sa;
	bool is_denied = !agent_conf_is_allowed(n->options.conf, sa);
	log_line(LOG_WARN, "names", "name=%s dev=%s what=\"not polled: %s\"", name->device.name,
		address_text(sa).text,
		is_denied ? "access.allow and access.deny exclude its address"
			  : "it is beyond devices.max");
}

/* Adds the device at the name's address. `learned`: of the device that the name had before. */
static int enter(struct names *n, struct name *name, const struct mib_limits *learned)
{
	struct device *dev;
	int err = roster_add(n->options.roster, &name->device, n->options.users, &dev);
	if (err < 0)
		return err;
	if (dev == NULL)
		log_left_out(n, name);
	if (err > 0 && learned != NULL)
		dev->profile.limits = *learned;
	if (err > 0)
		n->options.on_added(n->options.owner, dev);
	return 0;
}

/* The first address of a name is no news, unless it was missed. */
static void log_address(const struct name *name, const struct name *was)
{
	bool is_news = was->is_known || was->is_failing;
	log_line(is_news ? LOG_INFO : LOG_DEBUG, "names", "name=%s dev=%s before=%s what=\"%s\"",
		name->device.name, address_text(&name->device.address.sa).text,
		was->is_known ? address_text(&was->device.address.sa).text : "none",
		was->is_known ? "its address has changed" : "its address is known");
}

/* ERR_BUSY: a poll of its device is under way, or there is no place yet. */
static int move(struct names *n, struct name *name, const struct conf_device *found)
{
	struct device *old = device_of(n, name);
	struct mib_limits learned;
	struct name was = *name;
	if (old != NULL && old->state == DEVICE_POLLED)
		return ERR_BUSY;
	if (old != NULL)
		learned = old->profile.limits;
	name->device.address = found->address;
	name->is_known = true;
	if (old != NULL)
		leave(n, old);
	log_address(name, &was);
	int err = enter(n, name, old != NULL ? &learned : NULL);
	if (err < 0)
		name->is_known = false;
	return err;
}

/* ---- lookups ---------------------------------------------------------------------------- */

static void fail(struct name *name)
{
	if (name->failures < UINT8_MAX)
		name->failures++;
	if (name->is_failing)
		return;
	name->is_failing = true;
	log_line(LOG_WARN, "names", "name=%s err=%s what=\"%s until a later lookup succeeds\"",
		name->device.name, err_text(ERR_NAME),
		name->is_known ? "it keeps its last address" : "not polled");
}

static uint64_t delay_of(const struct name *name)
{
	unsigned doubled = name->failures - 1u;
	uint64_t delay = LIMIT_NAME_EVERY_MS;
	if (name->failures > 0 && doubled < 16 &&
		((uint64_t)LIMIT_NAME_FIRST_MS << doubled) < delay)
		delay = (uint64_t)LIMIT_NAME_FIRST_MS << doubled;
	return delay;
}

/* Of one lookup; result: 0 or ERR_NAME. */
static void apply(struct names *n, struct name *name, const struct conf_device *found, int result)
{
	uint64_t now = loop_now_ms(n->options.loop);
	bool is_same =
		name->is_known && address_is_same(&name->device.address.sa, &found->address.sa);
	if (result < 0)
		fail(name);
	else if (!is_same)
		result = move(n, name, found);
	else if (name->is_failing)
		log_line(LOG_INFO, "names", "name=%s dev=%s what=\"its lookup succeeds again\"",
			name->device.name, address_text(&found->address.sa).text);
	if (result == ERR_BUSY) {
		name->due_ms = now + LIMIT_NAME_RETRY_MS;
		return;
	}
	if (result == 0) {
		name->failures = 0;
		name->is_failing = false;
	} else if (result != ERR_NAME) {
		log_line(LOG_ERROR, "names", "name=%s err=%s what=\"not polled\"",
			name->device.name, err_text(result));
	}
	name->due_ms = now + delay_of(name);
}

static void wait_for_next(struct names *n)
{
	uint64_t at = UINT64_MAX;
	if (n->is_closed || n->is_running || n->list.count == 0)
		return;
	for (size_t i = 0; i < n->list.count; i++) {
		if (n->list.names[i].due_ms < at) {
			at = n->list.names[i].due_ms;
			n->at = i;
		}
	}
	if (loop_due_set(n->options.loop, &n->due, at) < 0)
		log_line(LOG_ERROR, "names", "err=%s what=\"no more lookups until SIGHUP\"",
			err_text(ERR_FULL));
}

static int on_worker(struct worker_job *job)
{
	struct names *n = container_of(job, struct names, job);
	return conf_look_up(&n->looked_up);
}

static void on_looked_up(struct worker_job *job, int result)
{
	struct names *n = container_of(job, struct names, job);
	n->is_running = false;
	if (n->is_closed)
		return;
	bool may_change = n->options.may_change(n->options.owner);
	if (!n->is_stale && may_change)
		apply(n, &n->list.names[n->at], &n->looked_up, result);
	else if (!n->is_stale)
		n->list.names[n->at].due_ms = loop_now_ms(n->options.loop) + LIMIT_NAME_RETRY_MS;
	n->is_stale = false;
	wait_for_next(n);
}

static void on_due(struct due *due)
{
	struct names *n = container_of(due, struct names, due);
	struct name *name = &n->list.names[n->at];
	if (!n->options.may_change(n->options.owner)) {
		name->due_ms = loop_now_ms(n->options.loop) + LIMIT_NAME_RETRY_MS;
		wait_for_next(n);
		return;
	}
	n->looked_up = name->device;
	(void)str_copy(n->host, sizeof n->host, name->device.name);
	n->looked_up.name = n->host;
	n->is_running = true;
	worker_start(n->options.workers, WORKER_NAMES, &n->job, on_worker, on_looked_up);
}

/* ---- life ------------------------------------------------------------------------------- */

void names_open(struct names *n, const struct names_options *options, struct name_list *list)
{
	uint64_t began = loop_now_ms(options->loop);
	*n = (struct names){.options = *options, .list = *list};
	*list = (struct name_list){.count = 0};
	due_init(&n->due, on_due);
	for (size_t i = 0; i < n->list.count; i++) {
		struct name *name = &n->list.names[i];
		struct conf_device found = name->device;
		loop_refresh(options->loop);
		if (loop_now_ms(options->loop) - began < LIMIT_NAMES_START_MS)
			apply(n, name, &found, conf_look_up(&found));
	}
}

size_t names_unknown(const struct names *n)
{
	size_t count = 0;
	for (size_t i = 0; i < n->list.count; i++)
		count += !n->list.names[i].is_known;
	return count;
}

void names_start(struct names *n)
{
	wait_for_next(n);
}

void names_replace(struct names *n, struct name_list *list)
{
	name_list_free(&n->list);
	n->list = *list;
	*list = (struct name_list){.count = 0};
	n->is_stale = n->is_running;
	loop_due_clear(n->options.loop, &n->due);
	wait_for_next(n);
}

void names_close(struct names *n)
{
	n->is_closed = true;
	if (n->options.loop != NULL)
		loop_due_clear(n->options.loop, &n->due);
	name_list_free(&n->list);
}
