/* SPDX-License-Identifier: Apache-2.0
 * One round of the engine: every printer polled once, each reading packed as a record the moment
 * it is whole, as engine/fleet/collect does it; only the disk is left out. */
#include "bench/sweep.h"

#include "bench/common.h"

#include "proto/base/buf.h"
#include "engine/fleet/collect.h"
#include "engine/fleet/admission.h"
#include "engine/fleet/poll.h"
#include "engine/snmp/usm.h"
#include "proto/wire/pack.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

struct sweep_engine {
	struct sweep_target target;
	struct loop *loop;
	struct snmp_client *client;
	struct poll_context *polls;
	struct device *devices;
	struct usm_user user;
	struct usm_peer *usm;
	bool *was_silent;
	const bool *skip;
	size_t next;
	struct admission admission;
	double began_s;
	struct sweep_round *round;
	uint8_t record[LIMIT_RECORD];
};

static void start_more(struct sweep_engine *e);

/* The serial of printer n is made from n, so no two are alike; that each came from the address
 * polled is checked by the key that collect makes of it: it may not change between rounds. */
static bool is_same_device(struct device *dev, const struct reading *r)
{
	char key[LIMIT_DEVICE_KEY];
	collect_device_key(key, sizeof key, dev, &r->identity);
	if (dev->key[0] == '\0')
		memcpy(dev->key, key, sizeof key);
	return strcmp(dev->key, key) == 0;
}

static void history(struct sweep_engine *e, const struct poll_end *how)
{
	struct sweep_round *round = e->round;
	bool is_complete = how->err == 0, is_silent = true;
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		is_complete = is_complete &&
			      (how->reading->group[g].status == GROUP_COMPLETE ||
				      how->reading->group[g].status == GROUP_NOT_REQUESTED);
		is_silent = is_silent && how->reading->group[g].responded_at_ms == 0;
	}
	e->was_silent[how->device - e->devices] = is_silent;
	round->silent += is_silent;
	round->complete += is_complete;
	round->partial += !is_silent && !is_complete;
	if (how->requests > round->max_datagrams)
		round->max_datagrams = how->requests;
	round->varbinds += how->varbinds;
	if (is_silent)
		return;
	round->healthy_wall_s = bench_now_s() - e->began_s;
	if (is_complete &&
		(!is_same_device(how->device, how->reading) || how->reading->supply_count == 0 ||
			how->reading->meter_count == 0))
		round->wrong++;
	struct record_head head = {.seq = 1,
		.read_at_ms = how->ended_wall_ms,
		.policy_id = 1,
		.is_full = true,
		.address = TEXT("127.1.0.1:161"),
		.device_key = text_of(how->device->key)};
	struct buf record;
	buf_over(&record, e->record, sizeof e->record);
	if (record_pack(&record, &head, how->reading, ALL_GROUPS) < 0)
		round->wrong++;
	round->packed_bytes += record.len;
	/* Kept: the next poll is a brief one, as most are. */
	if (is_complete)
		how->device->full_at_ms = loop_now_ms(e->loop);
}

static void on_end(void *owner, struct poll *v, const struct poll_end *how)
{
	struct sweep_engine *e = owner;
	history(e, how);
	poll_free(v);
	admission_release(&e->admission);
	start_more(e);
	if (e->admission.running == 0)
		loop_stop(e->loop);
}

static void on_room(void *owner)
{
	start_more(owner);
}

static void start_more(struct sweep_engine *e)
{
	while (e->next < e->target.printers) {
		if (e->skip != NULL && e->skip[e->next]) {
			e->next++;
			continue;
		}
		if (!admission_acquire(&e->admission))
			return;
		int err = poll_start(e->polls, &e->devices[e->next], on_end, e);
		if (err < 0)
			admission_release(&e->admission);
		if (err == ERR_FULL && e->admission.running > 0)
			return; /* no memory for one more: when the next one has ended */
		e->round->wrong += err < 0;
		e->next++;
	}
}

int sweep_engine_round(struct sweep_engine *e, const bool *skip, struct sweep_round *ret)
{
	struct snmp_client_counters before = *snmp_client_counters(e->client);
	*ret = (struct sweep_round){0};
	e->round = ret;
	e->skip = skip;
	e->next = 0;
	loop_refresh(e->loop);
	double cpu = bench_cpu_s(0);
	e->began_s = bench_now_s();
	start_more(e);
	if (e->admission.running > 0) {
		int err = loop_run(e->loop);
		if (err < 0)
			return err;
	}
	ret->wall_s = bench_now_s() - e->began_s;
	ret->cpu_s = bench_cpu_s(0) - cpu;
	const struct snmp_client_counters *now = snmp_client_counters(e->client);
	ret->pairs = now->responses - before.responses;
	ret->sent = now->sent - before.sent;
	ret->resent = now->resent - before.resent;
	ret->strays = now->stray_id - before.stray_id;
	/* Late responses are strays; a probe of an engine ends with a Report. */
	ret->wrong += (snmp_client_counters_refused(now) - now->stray_id - now->reports) -
		      (snmp_client_counters_refused(&before) - before.stray_id - before.reports);
	return 0;
}

bool sweep_engine_was_silent(const struct sweep_engine *e, size_t printer)
{
	return e->was_silent[printer];
}

const char sweep_v3[] = "sweep:sha256:a passphrase for all:aes128:a passphrase for all";

static int open_user(struct sweep_engine *e)
{
	const char *password = sweep_v3 + sizeof "sweep:sha256:" - 1;
	size_t len = strcspn(password, ":");
	struct usm_secret secret = {.name = sweep_v3,
		.name_len = strcspn(sweep_v3, ":"),
		.auth = USM_AUTH_SHA256,
		.priv = USM_PRIV_AES128,
		.auth_password = password,
		.auth_password_len = len,
		.priv_password = password,
		.priv_password_len = len};
	int err = usm_user_init(&e->user, &secret);
	return err < 0 ? err : usm_user_prepare_now(&e->user, &secret);
}

static void make_v3(struct sweep_engine *e, size_t i)
{
	usm_peer_init(&e->usm[i], &e->user, NULL, 0);
	e->devices[i].peer.version = SNMP_V3;
	e->devices[i].peer.usm = &e->usm[i];
}

static int open_polls(struct sweep_engine *e)
{
	size_t window = snmp_client_window(e->client);
	struct poll_options o = {
		.client = e->client, .polls = window, .blocks = window * LIMIT_BLOCKS_PER_POLL};
	return poll_context_open(&e->polls, e->loop, &o);
}

int sweep_engine_open(struct sweep_engine **ret, const struct sweep_target *t)
{
	struct sweep_engine *e = calloc(1, sizeof *e);
	struct snmp_client_options options = {.window = t->window, .deadline_ms = 5000, .tries = 6};
	if (e == NULL)
		return ERR_FULL;
	e->target = *t;
	e->devices = calloc(t->printers, sizeof *e->devices);
	e->was_silent = calloc(t->printers, sizeof *e->was_silent);
	e->usm = calloc(t->printers, sizeof *e->usm);
	int err = e->devices == NULL || e->was_silent == NULL || e->usm == NULL ? ERR_FULL : 0;
	if (err == 0 && t->is_v3)
		err = open_user(e);
	if (err == 0)
		err = loop_open(&e->loop, t->window + 64);
	if (err == 0)
		err = snmp_client_open(&e->client, e->loop, &options);
	if (err == 0)
		err = open_polls(e);
	if (err == 0)
		admission_open(&e->admission, e->loop, snmp_client_window(e->client), on_room, e);
	for (size_t i = 0; err == 0 && i < t->printers; i++) {
		struct conf_device at = {
			.version = SNMP_V2C, .community = "public", .community_len = 6};
		at.address.in4 = (struct sockaddr_in){.sin_family = AF_INET,
			.sin_port = htons(t->port),
			.sin_addr.s_addr = htonl(ntohl(t->first.s_addr) + (uint32_t)i)};
		device_init(&e->devices[i], &at);
		e->devices[i].profile.limits.varbinds_limit = (uint8_t)t->varbinds;
		if (t->is_v3)
			make_v3(e, i);
	}
	if (err < 0) {
		sweep_engine_close(e);
		return err;
	}
	*ret = e;
	return 0;
}

void sweep_engine_close(struct sweep_engine *e)
{
	admission_close(&e->admission);
	snmp_client_close(e->client);
	poll_context_close(e->polls);
	if (loop_close(e->loop) < 0)
		abort(); /* a handle was left open */
	for (size_t i = 0; e->target.is_v3 && i < e->target.printers; i++)
		usm_peer_close(&e->usm[i]);
	usm_user_close(&e->user);
	free(e->usm);
	free(e->devices);
	free(e->was_silent);
	free(e);
}
