/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/fleet/collect.h"

#include "proto/base/crc.h"
#include "proto/base/limits.h"
#include "proto/base/log.h"
#include "proto/history/history.h"
#include "proto/wire/pack.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A reading that finds the spool full tries again after so long, or when a commit ends. */
enum { RETRY_MS = 100 };

struct collector {
	struct loop *loop;
	struct spool *spool;
	collect_on_full *on_full;
	void *owner;
	bool is_stopping;
	struct list waiting; /* struct collect_item: the spool has no room */
	struct due retry;
	struct collect_counters counters;
	const struct policy *policy;
	struct policy policy_default;
	uint8_t record[LIMIT_RECORD]; /* the one being packed */
};

/* ---- identity -------------------------------------------------------------------------- */

static bool is_usable_serial(struct text serial)
{
	char plain[LIMIT_TEXT_SHORT + 1];
	return history_serial(plain, sizeof plain, serial) > 0;
}

void collect_device_key(char *dst, size_t cap, const struct device *dev, const struct identity *id)
{
	char serial[LIMIT_TEXT_SHORT + 1];
	int n;
	if (history_serial(serial, sizeof serial, id->serial) > 0) {
		n = snprintf(dst, cap, "serial:%.*s/%s", TEXT_ARG(id->vendor), serial);
		for (size_t i = 0; dst[i] != '\0' && dst[i] != '/'; i++)
			dst[i] = (char)tolower((unsigned char)dst[i]);
	} else if (id->mac.len > 0) {
		n = snprintf(dst, cap, "mac:%.*s", TEXT_ARG(id->mac));
	} else {
		n = snprintf(dst, cap, "addr:%s", device_address(dev).text);
	}
	if (n < 0)
		dst[0] = '\0';
}

/* ---- what changed ----------------------------------------------------------------------- */

/* A group of a poll that we stopped holds less than the last record of it. */
static bool is_worth_keeping(const struct collect_item *item, unsigned g)
{
	unsigned status = item->reading->group[g].status;
	return status == GROUP_COMPLETE || (status == GROUP_PARTIAL && !item->is_stopped);
}

/* A level of 0 counts at the hub when a second reading confirms it (proto/history), which comes too
 * late if the hub has to request it at the next synchronisation. */
static bool has_zero_level(const struct reading *r)
{
	for (const struct supply *s = r->supplies; s != NULL; s = s->next) {
		if (supply_percent(s) == 0 || (s->level_kind == LEVEL_UNITS && s->level == 0))
			return true;
	}
	return false;
}

/* Bit g of the result: group g goes into the record. */
static unsigned changed_groups(struct collect_item *item, bool is_full)
{
	unsigned groups = 0;
	item->awaits = 0;
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		if (!is_worth_keeping(item, g))
			continue;
		item->digest[g] = record_group_digest(item->reading, (enum reading_group)g);
		bool is_changed = item->digest[g] != item->device->digest[g];
		uint64_t *seen_at_ms = &item->device->seen_at_ms[g];
		if (!is_changed)
			*seen_at_ms = item->read_wall_ms;
		else if (item->device->digest[g] != 0)
			item->reading->group[g].before_at_ms = *seen_at_ms;
		if (is_changed && g == GROUP_SUPPLIES && has_zero_level(item->reading))
			item->awaits |= (uint8_t)(1u << g);
		if (is_full || is_changed || (item->device->awaited >> g & 1) != 0)
			groups |= 1u << g;
	}
	return groups;
}

/* ---- keeping ---------------------------------------------------------------------------- */

static void count_loss(struct collector *c, int err)
{
	if (err == ERR_STOPPED || err == ERR_FULL)
		c->counters.refused++;
	else
		c->counters.lost++;
}

static void finish(struct collector *c, struct collect_item *item, int err)
{
	struct device *dev = item->device;
	c->counters.under_way--;
	if (err < 0) {
		count_loss(c, err);
		dev->wants_full = true;
	} else {
		c->counters.kept++;
		for (unsigned g = 0; g < GROUP_COUNT; g++) {
			if ((item->groups & 1u << g) == 0)
				continue;
			dev->digest[g] = item->digest[g];
			dev->seen_at_ms[g] = 0;
		}
	}
	item->on_kept(item, err);
}

static void retry_in(struct collector *c, uint64_t ms)
{
	if (loop_due_set(c->loop, &c->retry, loop_now_ms(c->loop) + ms) < 0)
		log_line(LOG_ERROR, "collect", "err=%s what=\"the retry timer cannot be set\"",
			err_text(ERR_FULL));
}

static void on_put_kept(struct spool_put *put, int err)
{
	struct collect_item *item = container_of(put, struct collect_item, put);
	struct collector *c = item->collector;
	finish(c, item, err);
	/* A commit has just made room. */
	if (!list_is_empty(&c->waiting))
		retry_in(c, 0);
}

/* 0: the spool has it. ERR_FULL: no room now. Else it can never be kept. */
static int keep(struct collector *c, struct collect_item *item)
{
	struct device *dev = item->device;
	struct address_text address = device_address(dev);
	char key[POLICY_KEY];
	unsigned worth = 0;
	for (unsigned g = 0; g < GROUP_COUNT; g++)
		worth |= is_worth_keeping(item, g) ? 1u << g : 0;
	struct record_head head = {.seq = spool_next_seq(c->spool),
		.read_at_ms = item->read_wall_ms,
		.policy_id = c->policy->id,
		.is_full = item->groups == worth && !item->is_incremental,
		.address = policy_address(c->policy, text_of(address.text)),
		.device_key = policy_device_key(c->policy, text_of(dev->key), key)};
	struct buf record;
	buf_over(&record, c->record, sizeof c->record);
	int err = record_pack(&record, &head, item->reading, item->groups);
	if (err < 0)
		return err == ERR_FULL ? ERR_LIMIT : err;
	item->put.on_kept = on_put_kept;
	err = spool_put(c->spool, &item->put, record.data, record.len);
	if (err == 0) {
		c->counters.bytes += record.len;
		dev->awaited = (uint8_t)((dev->awaited & ~item->groups) | item->awaits);
		item->on_packed(item);
		if (head.is_full) {
			dev->full_at_ms = loop_now_ms(c->loop);
			dev->wants_full = false;
			/* A group that is missing in it counts as changed when it comes. */
			for (unsigned g = 0; g < GROUP_COUNT; g++) {
				if ((item->groups & 1u << g) == 0)
					dev->digest[g] = 0;
			}
		}
	}
	return err;
}

static void wait_for_room(struct collector *c, struct collect_item *item)
{
	list_push(&c->waiting, &item->node);
	if (!due_is_set(&c->retry))
		retry_in(c, RETRY_MS);
}

/* Whether a commit is under way that may make room: of memory, not of the disk's quota. */
static bool is_commit_coming(const struct collector *c)
{
	struct spool_counts counts;
	spool_counts(c->spool, &counts);
	return counts.waiting > 0;
}

static void put_first(struct collector *c, struct collect_item *item)
{
	struct list rest;
	list_init(&rest);
	list_move_all(&rest, &c->waiting);
	list_push(&c->waiting, &item->node);
	list_move_all(&c->waiting, &rest);
}

static void on_retry(struct due *due)
{
	struct collector *c = container_of(due, struct collector, retry);
	struct list *node;
	while ((node = list_pop(&c->waiting)) != NULL) {
		struct collect_item *item = container_of(node, struct collect_item, node);
		int err = keep(c, item);
		bool is_quota = err == ERR_FULL && !is_commit_coming(c);
		if (is_quota && c->is_stopping)
			err = ERR_STOPPED;
		if (err == ERR_FULL) {
			put_first(c, item);
			if (is_quota && c->on_full != NULL)
				c->on_full(c->owner);
			retry_in(c, RETRY_MS);
			return;
		}
		if (err < 0)
			finish(c, item, err);
	}
}

static uint64_t text_digest(struct text t)
{
	return t.len == 0 ? 0 : (uint64_t)crc32c(0, t.p, t.len) | 1ull << 32;
}

/* A printer that leaves out its serial number once (while it starts, say) is not replaced as long
 * as its hardware address is the same. */
static bool is_serial_only_missing(const struct device *dev, const struct identity *id)
{
	return strncmp(dev->key, "serial:", 7) == 0 && !is_usable_serial(id->serial) &&
	       dev->mac_digest != 0 && dev->mac_digest == text_digest(id->mac);
}

/* The key of the device that this reading is of: the same as before, another one, or the first. */
static void name_device(struct device *dev, const struct reading *r)
{
	char key[LIMIT_DEVICE_KEY];
	bool is_whole = r->group[GROUP_IDENTITY].status == GROUP_COMPLETE;
	if ((!is_whole && dev->key[0] != '\0') || is_serial_only_missing(dev, &r->identity))
		return;
	collect_device_key(key, sizeof key, dev, &r->identity);
	dev->mac_digest = text_digest(r->identity.mac);
	if (strcmp(key, dev->key) != 0) {
		(void)str_copy(dev->key, sizeof dev->key, key);
		memset(dev->seen_at_ms, 0, sizeof dev->seen_at_ms);
		dev->wants_full = true;
	}
}

/* Between which two times a group was read: outward to LIMIT_READ_TIME_MS before the poll's end, as
 * random milliseconds are a fifth of the bytes of a sync. */
static void round_times(const struct collect_item *item)
{
	uint64_t end = item->read_wall_ms;
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		struct group_info *info = &item->reading->group[g];
		if (info->requested_at_ms == 0 || info->requested_at_ms > end ||
			info->responded_at_ms > end)
			continue;
		uint64_t asked = end - info->requested_at_ms, left = end - info->responded_at_ms;
		asked += LIMIT_READ_TIME_MS - 1;
		info->requested_at_ms = end - asked / LIMIT_READ_TIME_MS * LIMIT_READ_TIME_MS;
		if (info->responded_at_ms != 0)
			info->responded_at_ms =
				end - left / LIMIT_READ_TIME_MS * LIMIT_READ_TIME_MS;
	}
}

int collect_reading(struct collector *c, struct collect_item *item)
{
	struct device *dev = item->device;
	c->counters.made++;
	round_times(item);
	name_device(dev, item->reading);
	policy_apply(c->policy, item->reading);
	item->groups = changed_groups(item, device_is_full_record_due(dev, loop_now_ms(c->loop)));
	if (item->groups == 0) {
		c->counters.unchanged++;
		return 0;
	}
	item->collector = c;
	list_init(&item->node);
	c->counters.under_way++;
	int err = list_is_empty(&c->waiting) ? keep(c, item) : ERR_FULL;
	if (err == 0)
		return 1;
	if (err == ERR_FULL && c->is_stopping && !is_commit_coming(c))
		err = ERR_STOPPED;
	if (err == ERR_FULL) {
		c->counters.waited++;
		wait_for_room(c, item);
		return 1;
	}
	log_line(LOG_WARN, "collect", "dev=%s err=%s what=\"reading not kept\"",
		device_address(dev).text, err_text(err));
	c->counters.under_way--;
	count_loss(c, err);
	return 0;
}

/* ---- life ------------------------------------------------------------------------------- */

int collect_open(struct collector **ret, struct loop *l, struct spool *spool,
	collect_on_full *on_full, void *owner)
{
	struct collector *c = calloc(1, sizeof *c);
	if (c == NULL)
		return -ENOMEM;
	c->loop = l;
	c->spool = spool;
	c->on_full = on_full;
	c->owner = owner;
	list_init(&c->waiting);
	due_init(&c->retry, on_retry);
	policy_open(&c->policy_default);
	policy_close(&c->policy_default);
	c->policy = &c->policy_default;
	*ret = c;
	return 0;
}

void collect_use_policy(struct collector *c, const struct policy *policy)
{
	c->policy = policy;
}

void collect_stop(struct collector *c)
{
	c->is_stopping = true;
	if (!list_is_empty(&c->waiting))
		retry_in(c, 0);
}

const struct collect_counters *collect_counters(const struct collector *c)
{
	return &c->counters;
}

void collect_close(struct collector *c)
{
	if (c == NULL)
		return;
	loop_due_clear(c->loop, &c->retry);
	struct list *node;
	while ((node = list_pop(&c->waiting)) != NULL)
		finish(c, container_of(node, struct collect_item, node), ERR_STOPPED);
	free(c);
}
