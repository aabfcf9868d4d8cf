/* SPDX-License-Identifier: Apache-2.0
 * Digests of the records that the spool has kept: after a start only the groups that have
 * changed since are kept and sent again. */
#include "engine/agent/agent_internal.h"

#include "engine/conf/range.h"
#include "engine/fleet/profile.h"
#include "engine/store/spool_view.h"
#include "proto/base/slab.h"
#include "proto/base/str.h"
#include "proto/wire/pack.h"

struct kept {
	struct agent *agent;
	struct slab blocks;
	uint64_t wanted_ms; /* Unix: the hub last asked for a full record */
};

/* Every full record holds the identity: its age is that of the last one. A record that is older
 * than the hub's wish for one does not count. */
static void set_full_time(const struct kept *k, struct device *dev, uint64_t read_at_ms)
{
	uint64_t now_ms = loop_now_ms(k->agent->loop), wall_ms = loop_wall_ms(k->agent->loop);
	uint64_t age_ms = wall_ms > read_at_ms ? wall_ms - read_at_ms : 0;
	if (read_at_ms <= k->wanted_ms || age_ms >= LIMIT_FULL_MS)
		return;
	dev->full_at_ms = now_ms > age_ms ? now_ms - age_ms : 1;
}

/* NULL: no printer of the configuration has this address, or another one had it last. */
static struct device *find(struct roster *roster, const struct spool_latest *l)
{
	char text[LIMIT_ADDRESS], why[LIMIT_WHY];
	struct conf_range range;
	union address at;
	(void)text_scrub(text, sizeof text, l->address);
	if (conf_range_parse(&range, text, why, sizeof why) < 0 || range.count != 1)
		return NULL;
	conf_range_at(&range, 0, 0, &at);
	struct device *dev = roster_find_address(roster, &at.sa);
	return dev != NULL && profile_has_key(dev, l->device_key) ? dev : NULL;
}

static int on_group(void *owner, const struct spool_latest *l)
{
	struct kept *k = owner;
	struct reading r;
	struct device *dev = find(k->agent->roster, l);
	if (dev == NULL)
		return 0;
	(void)text_scrub(dev->key, sizeof dev->key, l->device_key);
	reading_open(&r, &k->blocks);
	if (record_group_unpack(&r, l->group, l->read_at_ms, l->bytes, l->len) == 0) {
		dev->digest[l->group] = record_group_digest(&r, l->group);
		if (l->group == GROUP_IDENTITY)
			set_full_time(k, dev, l->read_at_ms);
	}
	reading_close(&r);
	return 0;
}

void agent_load_kept(struct agent *a)
{
	struct uplink_status uplink = {.state = 0};
	struct kept k = {.agent = a};
	char why[LIMIT_WHY] = "";
	if (a->uplink != NULL)
		uplink_get_status(a->uplink, &uplink);
	k.wanted_ms = uplink.want_full_ms;
	if (a->uplink != NULL && uplink.last_success_ms == 0)
		return; /* the hub knows nothing of this agent yet */
	int err = slab_open(&k.blocks, LIMIT_ARENA_BLOCK, LIMIT_ARENA_BLOCKS_ONE);
	if (err == 0) {
		err = spool_each_latest(a->conf->state_dir, on_group, &k, why, sizeof why);
		slab_close(&k.blocks);
	}
	if (err < 0)
		log_line(LOG_WARN, "spool",
			"err=\"%s\" why=\"%s\" what=\"what was kept of the printers is not known: "
			"their full state is sent again\"",
			err_text(err), why);
}
