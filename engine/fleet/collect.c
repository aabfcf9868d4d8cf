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

/* How long a reading waits before it tries the full spool again, if no commit ends sooner. */
enum { RETRY_MS = 100, POLICY_DEFAULT = 1 };

struct collector {
	struct loop *loop;
	struct spool *spool;
	collect_on_kept *on_kept;
	collect_on_full *on_full;
	void *owner;
	bool is_stopping;
	struct list waiting; /* polls that found no room */
	struct due retry;
	struct collect_counters counters;
	uint8_t record[LIMIT_RECORD]; /* the one being packed */
};

/* ---- who is it -------------------------------------------------------------------------- */

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
		char address[LIMIT_ADDRESS];
		device_address(dev, address, sizeof address);
		n = snprintf(dst, cap, "addr:%s", address);
	}
	if (n < 0)
		dst[0] = '\0';
}

/* ---- what changed ----------------------------------------------------------------------- */

/* A group that we ourselves broke off says less than what was kept of it before. */
static bool is_worth_keeping(const struct poll *v, unsigned g)
{
	unsigned status = v->reading.group[g].status;
	return status == GROUP_COMPLETE || (status == GROUP_PARTIAL && v->err != ERR_STOPPED);
}

/* Bit g of the result: group g goes into the record. */
static unsigned changed_groups(struct poll *v, bool is_full)
{
	unsigned mask = 0;
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		if (!is_worth_keeping(v, g))
			continue;
		v->digest[g] = record_group_digest(&v->reading, (enum reading_group)g);
		if (is_full || v->digest[g] != v->device->digest[g])
			mask |= 1u << g;
	}
	return mask;
}

/* ---- keeping ---------------------------------------------------------------------------- */

static void finish(struct collector *h, struct poll *v, int err)
{
	struct device *dev = v->device;
	if (err < 0) {
		h->counters.lost++;
		dev->wants_full = true;
	} else {
		h->counters.kept++;
		for (unsigned g = 0; g < GROUP_COUNT; g++) {
			if ((v->mask & 1u << g) != 0)
				dev->digest[g] = v->digest[g];
		}
	}
	h->on_kept(h->owner, v, err);
}

static void on_put_kept(struct spool_put *put, int err)
{
	struct poll *v = container_of(put, struct poll, put);
	struct collector *h = v->owner;
	finish(h, v, err);
	/* A commit has just made room. */
	if (!list_is_empty(&h->waiting) &&
		loop_due_set(h->loop, &h->retry, loop_now_ms(h->loop)) < 0)
		log_line(LOG_ERROR, "collect", "err=%s what=\"retry timer\"", err_text(ERR_FULL));
}

/* 0: the spool has it. ERR_FULL: no room now. Else it can never be kept. */
static int keep(struct collector *h, struct poll *v)
{
	struct device *dev = v->device;
	char address[LIMIT_ADDRESS];
	device_address(dev, address, sizeof address);
	unsigned worth = 0;
	for (unsigned g = 0; g < GROUP_COUNT; g++)
		worth |= is_worth_keeping(v, g) ? 1u << g : 0;
	struct record_head head = {.seq = spool_next_seq(h->spool),
		.read_at_ms = v->ended_wall_ms,
		.policy_id = POLICY_DEFAULT,
		.is_full = v->mask == worth && !v->walk.is_incremental,
		.address = text_of(address),
		.device_key = text_of(dev->key)};
	struct buf record;
	buf_over(&record, h->record, sizeof h->record);
	int err = record_pack(&record, &head, &v->reading, v->mask);
	if (err < 0)
		return err == ERR_FULL ? ERR_LIMIT : err;
	v->put.on_kept = on_put_kept;
	err = spool_put(h->spool, &v->put, record.data, record.len);
	if (err == 0) {
		h->counters.bytes += record.len;
		poll_drop_reading(v);
		if (head.is_full) {
			dev->full_at_ms = loop_now_ms(h->loop);
			dev->wants_full = false;
			/* A group that is missing in it is new when it comes, whatever it says. */
			for (unsigned g = 0; g < GROUP_COUNT; g++) {
				if ((v->mask & 1u << g) == 0)
					dev->digest[g] = 0;
			}
		}
	}
	return err;
}

static void wait_for_room(struct collector *h, struct poll *v)
{
	list_push(&h->waiting, &v->node);
	if (!due_is_set(&h->retry) &&
		loop_due_set(h->loop, &h->retry, loop_now_ms(h->loop) + RETRY_MS) < 0)
		log_line(LOG_ERROR, "collect", "err=%s what=\"retry timer\"", err_text(ERR_FULL));
}

/* Whether a commit is under way that may make room: of memory, not of the disk's quota. */
static bool is_commit_coming(const struct collector *h)
{
	struct spool_counts counts;
	spool_counts(h->spool, &counts);
	return counts.waiting > 0;
}

static void put_first(struct collector *h, struct poll *v)
{
	struct list rest;
	list_init(&rest);
	list_move_all(&rest, &h->waiting);
	list_push(&h->waiting, &v->node);
	list_move_all(&h->waiting, &rest);
}

static void on_retry(struct due *due)
{
	struct collector *h = container_of(due, struct collector, retry);
	struct list *node;
	while ((node = list_pop(&h->waiting)) != NULL) {
		struct poll *v = container_of(node, struct poll, node);
		int err = keep(h, v);
		bool is_quota = err == ERR_FULL && !is_commit_coming(h);
		if (is_quota && h->is_stopping)
			err = ERR_STOPPED;
		if (err == ERR_FULL) {
			put_first(h, v);
			if (is_quota && h->on_full != NULL)
				h->on_full(h->owner);
			if (loop_due_set(h->loop, &h->retry, loop_now_ms(h->loop) + RETRY_MS) < 0)
				log_line(LOG_ERROR, "collect", "err=%s what=\"retry timer\"",
					err_text(ERR_FULL));
			return;
		}
		if (err < 0)
			finish(h, v, err);
	}
}

static uint64_t text_digest(struct text t)
{
	return t.len == 0 ? 0 : (uint64_t)crc32c(0, t.p, t.len) | 1ull << 32;
}

/* A printer that has no serial to say this once (it is just starting, say) is not another one as
 * long as its hardware address is the same. */
static bool is_serial_only_missing(const struct device *dev, const struct identity *id)
{
	return strncmp(dev->key, "serial:", 7) == 0 && !is_usable_serial(id->serial) &&
	       dev->mac_digest != 0 && dev->mac_digest == text_digest(id->mac);
}

/* Who this reading is of: the device known at this address, or another one, or the first look. */
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
		dev->wants_full = true;
	}
}

int collect_reading(struct collector *h, struct poll *v)
{
	struct device *dev = v->device;
	h->counters.made++;
	name_device(dev, &v->reading);
	v->mask = changed_groups(v, poll_is_full_due(dev, loop_now_ms(h->loop)));
	if (v->mask == 0) {
		h->counters.unchanged++;
		return 0;
	}
	v->owner = h;
	int err = list_is_empty(&h->waiting) ? keep(h, v) : ERR_FULL;
	if (err == 0)
		return 1;
	if (err == ERR_FULL && h->is_stopping && !is_commit_coming(h))
		err = ERR_STOPPED;
	if (err == ERR_FULL) {
		h->counters.waited++;
		wait_for_room(h, v);
		return 1;
	}
	char address[LIMIT_ADDRESS];
	device_address(dev, address, sizeof address);
	log_line(LOG_WARN, "collect", "dev=%s err=%s what=\"reading not kept\"", address,
		err_text(err));
	h->counters.lost++;
	return 0;
}

/* ---- life ------------------------------------------------------------------------------- */

int collect_open(struct collector **ret, struct loop *l, struct spool *spool,
	collect_on_kept *on_kept, collect_on_full *on_full, void *owner)
{
	struct collector *h = calloc(1, sizeof *h);
	if (h == NULL)
		return -ENOMEM;
	h->loop = l;
	h->spool = spool;
	h->on_kept = on_kept;
	h->on_full = on_full;
	h->owner = owner;
	list_init(&h->waiting);
	due_init(&h->retry, on_retry);
	*ret = h;
	return 0;
}

void collect_stop(struct collector *h)
{
	h->is_stopping = true;
	if (!list_is_empty(&h->waiting) &&
		loop_due_set(h->loop, &h->retry, loop_now_ms(h->loop)) < 0)
		log_line(LOG_ERROR, "collect", "err=%s what=\"retry timer\"", err_text(ERR_FULL));
}

const struct collect_counters *collect_counters(const struct collector *h)
{
	return &h->counters;
}

void collect_close(struct collector *h)
{
	if (h == NULL)
		return;
	loop_due_clear(h->loop, &h->retry);
	struct list *node;
	while ((node = list_pop(&h->waiting)) != NULL)
		finish(h, container_of(node, struct poll, node), ERR_STOPPED);
	free(h);
}
