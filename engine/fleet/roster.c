/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/fleet/roster.h"

#include "engine/conf/range.h"
#include "proto/base/hash.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_MS = 24 * 3600 * 1000 };

struct roster {
	struct loop *loop;
	const struct agent_conf *conf;
	struct slab devices;
	struct slab usm;    /* of struct usm_peer: for devices that are polled by SNMPv3 */
	roster_users users; /* only while opening */
	size_t count;
	size_t v3;
	size_t max;
	size_t over_limit;
	size_t duplicates;
	size_t denied;
	struct list waiting;
	struct list slow; /* waiting too */
	size_t slow_polled;
	size_t in_state[DEVICE_STATES];
	size_t in_standing[STANDINGS];
	uint32_t *by_address; /* open addressing, 1 + index of the device; at most half full */
	size_t by_address_mask;
	roster_on_due *on_due;
	void *owner;
};

/* The i-th device in the order of configuration: they lie one behind the other in the slab. */
static struct device *nth(const struct roster *r, size_t i)
{
	return (struct device *)(void *)(r->devices.base + r->devices.size * i);
}

/* ---- addresses -------------------------------------------------------------------------- */

/* Of address and port: printers behind one address differ in their ports only. */
static uint64_t address_digest(const struct sockaddr *sa)
{
	struct address_key key = address_key_of(sa);
	return hash_bytes(0, key.bytes, sizeof key.bytes);
}

/* Where the device with this address is in the table, or the free place for it. */
static size_t place_of(const struct roster *r, const struct sockaddr *sa)
{
	size_t at = (size_t)address_digest(sa) & r->by_address_mask;
	for (; r->by_address[at] != 0; at = (at + 1) & r->by_address_mask) {
		if (address_is_same(&nth(r, r->by_address[at] - 1)->peer.address.sa, sa))
			break;
	}
	return at;
}

static struct device *device_at(const struct roster *r, const struct sockaddr *sa)
{
	size_t at = place_of(r, sa);
	return r->by_address[at] == 0 ? NULL : nth(r, r->by_address[at] - 1);
}

struct device *roster_find_address(struct roster *r, const struct sockaddr *sa)
{
	struct device *dev = device_at(r, sa);
	return dev == NULL || dev->is_retired ? NULL : dev;
}

/* After a device has got another address. */
static void index_again(struct roster *r)
{
	memset(r->by_address, 0, (r->by_address_mask + 1) * sizeof r->by_address[0]);
	for (size_t i = 0; i < r->count; i++)
		r->by_address[place_of(r, &nth(r, i)->peer.address.sa)] = (uint32_t)i + 1;
}

/* ---- states ----------------------------------------------------------------------------- */

static void move(struct device *dev, enum device_state to)
{
	struct roster *r = dev->roster;
	if (!list_is_empty(&dev->node))
		list_remove(&dev->node);
	loop_due_clear(r->loop, &dev->due);
	r->in_state[dev->state]--;
	if (dev->state == DEVICE_POLLED && dev->was_slow)
		r->slow_polled--;
	dev->state = (uint8_t)to;
	r->in_state[to]++;
	if (to == DEVICE_WAITING)
		list_push(dev->profile.is_slow ? &r->slow : &r->waiting, &dev->node);
	dev->was_slow = dev->profile.is_slow;
	if (to == DEVICE_POLLED && dev->was_slow)
		r->slow_polled++;
}

static void on_device_due(struct due *due)
{
	struct device *dev = container_of(due, struct device, due);
	struct roster *r = dev->roster;
	move(dev, DEVICE_WAITING);
	r->on_due(r->owner, dev);
}

static void rest_until(struct device *dev, uint64_t at_ms)
{
	move(dev, DEVICE_RESTING);
	/* The loop was opened with room for every device. */
	if (loop_due_set(dev->roster->loop, &dev->due, at_ms) < 0)
		move(dev, DEVICE_WAITING);
}

struct device *roster_next(struct roster *r, size_t slow_max)
{
	bool may_doubt = r->slow_polled < (slow_max > 0 ? slow_max : 1);
	struct list *from = may_doubt && !list_is_empty(&r->slow) ? &r->slow : &r->waiting;
	if (list_is_empty(from))
		return NULL;
	struct device *dev = container_of(from->next, struct device, node);
	move(dev, DEVICE_POLLED);
	return dev;
}

bool roster_has_prompt(const struct roster *r)
{
	return !list_is_empty(&r->waiting);
}

void roster_put_back(struct device *dev)
{
	move(dev, DEVICE_WAITING);
}

/* Twice as long after each silent poll, up to the interval; up to an eighth less, so that devices
 * that went off together are not polled in step. */
static uint64_t silent_wait(const struct device *dev, uint64_t interval_ms)
{
	uint64_t wait = interval_ms;
	if (dev->profile.protection.failures < 16) {
		uint64_t sooner = (uint64_t)LIMIT_SILENT_FIRST_MS
				  << (dev->profile.protection.failures - 1);
		wait = sooner < interval_ms ? sooner : interval_ms;
	}
	uint64_t chance =
		(address_digest(&dev->peer.address.sa) + dev->profile.protection.failures) *
		0x9e3779b97f4a7c15u;
	return wait - wait / 8 * (chance >> 56) / 256;
}

static void note_standing(struct device *dev)
{
	dev->roster->in_standing[dev->standing]--;
	dev->standing = (uint8_t)device_standing(dev);
	dev->roster->in_standing[dev->standing]++;
}

void roster_schedule(struct device *dev, enum device_outcome outcome, uint64_t interval_ms)
{
	dev->outcome = (uint8_t)outcome;
	note_standing(dev);
	if (outcome != OUTCOME_SILENT)
		dev->profile.protection.failures = 0;
	else if (dev->profile.protection.failures < UINT8_MAX)
		dev->profile.protection.failures++;
	if (interval_ms == 0 || dev->is_retired) {
		move(dev, DEVICE_RESTING);
		return;
	}
	uint64_t now = loop_now_ms(dev->roster->loop);
	uint64_t wait = outcome == OUTCOME_SILENT ? silent_wait(dev, interval_ms) : interval_ms;
	if (outcome == OUTCOME_OTHER && !dev->is_accepted && wait < LIMIT_OTHER_POLL_MS)
		wait = LIMIT_OTHER_POLL_MS;
	dev->profile.protection.open_until_ms = outcome == OUTCOME_SILENT ? now + wait : 0;
	rest_until(dev, now + wait);
}

int roster_start(struct roster *r, uint64_t spread_ms)
{
	uint64_t now = loop_now_ms(r->loop);
	for (size_t i = 0; i < r->count; i++) {
		struct device *dev = nth(r, i);
		uint64_t at = now + spread_ms * i / r->count;
		if (spread_ms > 0 && dev->profile.protection.open_until_ms > at)
			at = dev->profile.protection.open_until_ms;
		int err = loop_due_set(r->loop, &dev->due, at);
		if (err < 0)
			return err;
	}
	return 0;
}

int roster_wake(struct device *dev)
{
	if (dev->state != DEVICE_RESTING || dev->is_retired)
		return 0;
	return loop_due_set(dev->roster->loop, &dev->due, loop_now_ms(dev->roster->loop));
}

/* ---- credentials -------------------------------------------------------------- */

/* The engine belongs to the printer and stays; the keys belonged to the user. */
static void change_user(
	struct usm_peer *usm, struct usm_user *user, const char *context, size_t context_len)
{
	struct usm_engine engine = usm->engine;
	if (usm->user != user) {
		usm_peer_close(usm);
		usm_peer_init(usm, user, context, context_len);
		usm->engine = engine;
	}
	usm->context = context;
	usm->context_len = (uint8_t)context_len;
}

static void use_way(struct device *dev, const struct conf_device *from)
{
	dev->peer.version = from->version;
	dev->peer.community = from->community;
	dev->peer.community_len = from->community_len;
	dev->peer.answers_from = from->answers_from;
	dev->peer.has_short_ids = from->has_short_ids;
	dev->credential = from->credential;
	dev->name = from->name;
}

int roster_use(struct device *dev, const struct conf_device *from, roster_users users)
{
	struct roster *r = dev->roster;
	struct usm_peer *usm = dev->peer.usm;
	struct usm_user *user = from->version == SNMP_V3 ? users[from->credential->number] : NULL;
	const char *context = from->version == SNMP_V3 ? from->credential->context : NULL;
	size_t context_len = context != NULL ? strlen(context) : 0;
	if (user != NULL && usm == NULL) {
		usm = slab_take(&r->usm);
		if (usm == NULL)
			return ERR_FULL;
		usm_peer_init(usm, user, context, context_len);
		usm->engine = dev->profile.engine;
		r->v3++;
	} else if (user != NULL) {
		change_user(usm, user, context, context_len);
	} else if (usm != NULL) {
		usm_peer_close(usm);
		slab_give(&r->usm, usm);
		usm = NULL;
		r->v3--;
	}
	dev->peer.usm = usm;
	use_way(dev, from);
	return 0;
}

/* ---- life ------------------------------------------------------------------------------- */

static void use_ipp(struct device *dev, const struct conf_device *from)
{
	dev->ipp.mode = from->ipp_mode;
	dev->ipp.port = from->ipp_port;
}

void device_init(struct device *dev, const struct conf_device *from)
{
	memset(dev, 0, sizeof *dev);
	list_init(&dev->node);
	due_init(&dev->due, on_device_due);
	memcpy(&dev->peer.address, &from->address, sizeof dev->peer.address);
	use_way(dev, from);
	use_ipp(dev, from);
	dev->is_range = from->is_range;
	dev->state = DEVICE_RESTING;
	dev->outcome = OUTCOME_NEVER;
}

void roster_retire(struct device *dev)
{
	static const struct conf_device nothing = {.version = SNMP_V2C, .community = ""};
	if (roster_use(dev, &nothing, NULL) < 0)
		dev->credential = NULL; /* not reached: SNMPv2c needs no room */
	dev->is_retired = true;
	move(dev, DEVICE_RESTING);
	note_standing(dev);
}

void roster_reset_counts(struct roster *r, size_t over_limit)
{
	r->over_limit = over_limit;
	r->duplicates = r->denied = 0;
}

/* A place for one more device: a new one, or that of a retired device whose profile is saved. There
 * are twice as many places as devices, so that all can be replaced at once. NULL: none is free
 * yet. */
static struct device *take_place(struct roster *r)
{
	if (r->count < 2 * r->max)
		return slab_take(&r->devices);
	for (size_t i = 0; i < r->count && r->in_standing[STANDING_RETIRED] > 0; i++) {
		struct device *dev = nth(r, i);
		if (dev->is_retired && !dev->save.put.is_waiting)
			return dev;
	}
	return NULL;
}

/* The device that was retired is one again, with what was learned of it. */
static int bring_back(struct device *dev, const struct conf_device *from, roster_users users)
{
	int err = roster_use(dev, from, users);
	if (err < 0)
		return err;
	dev->is_retired = false;
	dev->is_range = from->is_range;
	dev->outcome = OUTCOME_NEVER;
	note_standing(dev);
	return 1;
}

int roster_add(
	struct roster *r, const struct conf_device *from, roster_users users, struct device **ret)
{
	*ret = NULL;
	if (!agent_conf_is_allowed(r->conf, &from->address.sa)) {
		r->denied++;
		return 0;
	}
	struct device *dev = device_at(r, &from->address.sa);
	if (dev != NULL) {
		*ret = dev;
		return dev->is_retired ? bring_back(dev, from, users) : 0;
	}
	if (r->count - r->in_standing[STANDING_RETIRED] == r->max) {
		r->over_limit++;
		return 0;
	}
	dev = take_place(r);
	if (dev == NULL)
		return ERR_BUSY;
	bool is_reused = dev->is_retired;
	if (is_reused) {
		r->in_standing[STANDING_RETIRED]--;
		r->in_state[DEVICE_RESTING]--;
	}
	device_init(dev, from);
	dev->roster = r;
	int err = roster_use(dev, from, users);
	if (err < 0 && !is_reused) {
		slab_give(&r->devices, dev);
		return err;
	}
	r->count += !is_reused;
	r->in_state[DEVICE_RESTING]++;
	r->in_standing[STANDING_DEVICE]++;
	if (is_reused)
		index_again(r);
	else
		r->by_address[place_of(r, &from->address.sa)] = (uint32_t)r->count;
	if (err < 0) {
		roster_retire(dev);
		return err;
	}
	*ret = dev;
	return 1;
}

int roster_add_target(
	struct roster *r, const struct conf_device *from, roster_users users, struct device **ret)
{
	int err = roster_add(r, from, users, ret);
	struct device *dev = *ret;
	if (err != 0 || dev == NULL || !conf_device_replaces(from, dev->is_range))
		return err;
	err = roster_use(dev, from, users);
	if (err < 0)
		return err;
	use_ipp(dev, from);
	dev->is_range = false;
	return 0;
}

static int add_device(void *owner, const struct conf_device *from)
{
	struct roster *r = owner;
	struct device *dev;
	if (from->name != NULL)
		return 0; /* fleet/names adds it */
	int err = roster_add_target(r, from, r->users, &dev);
	r->duplicates += err == 0 && dev != NULL;
	return err < 0 ? err : 0;
}

static int make_room(struct roster *r)
{
	size_t places = 64;
	while (places < 4 * r->max)
		places *= 2;
	r->by_address_mask = places - 1;
	r->by_address = calloc(places, sizeof r->by_address[0]);
	if (r->by_address == NULL)
		return -ENOMEM;
	int err = slab_open(&r->devices, sizeof(struct device), 2 * r->max);
	return err < 0 ? err : slab_open(&r->usm, sizeof(struct usm_peer), r->max);
}

int roster_open(struct roster **ret, struct loop *l, const struct agent_conf *conf,
	roster_users users, roster_on_due *on_due, void *owner, struct conf_error *err)
{
	struct roster *r = calloc(1, sizeof *r);
	if (r == NULL)
		return -ENOMEM;
	r->loop = l;
	r->conf = conf;
	r->users = users;
	r->max = conf->devices_max;
	r->on_due = on_due;
	r->owner = owner;
	list_init(&r->waiting);
	list_init(&r->slow);
	int rc = make_room(r);
	if (rc == 0)
		rc = conf_each_device(conf, add_device, r, err);
	r->users = NULL;
	if (rc < 0) {
		roster_close(r);
		return rc;
	}
	*ret = r;
	return 0;
}

static void close_device(struct roster *r, struct device *dev)
{
	loop_due_clear(r->loop, &dev->due);
	if (dev->peer.usm != NULL)
		usm_peer_close(dev->peer.usm);
}

void roster_close(struct roster *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->count; i++)
		close_device(r, nth(r, i));
	free(r->by_address);
	slab_close(&r->usm);
	slab_close(&r->devices);
	free(r);
}

/* ---- views ------------------------------------------------------------------------------ */

size_t roster_standing(const struct roster *r, enum device_standing standing)
{
	return r->in_standing[standing];
}

size_t roster_regular(const struct roster *r)
{
	return r->count - r->in_standing[STANDING_OTHER] - r->in_standing[STANDING_RETIRED];
}

size_t roster_in_state(const struct roster *r, enum device_state state)
{
	return r->in_state[state];
}

void roster_counts(const struct roster *r, struct roster_counts *ret)
{
	*ret = (struct roster_counts){.addresses = r->count,
		.over_limit = r->over_limit,
		.duplicates = r->duplicates,
		.denied = r->denied,
		.v3 = r->v3};
	for (size_t i = 0; i < r->count; i++) {
		const struct device *dev = nth(r, i);
		const struct device_traffic *t = &dev->profile.today;
		enum device_standing standing = device_standing(dev);
		ret->by_kind[dev->kind] += standing == STANDING_OTHER;
		ret->others += standing == STANDING_OTHER;
		ret->absent += standing == STANDING_ABSENT;
		if (standing == STANDING_DEVICE) {
			ret->devices++;
			if (device_is_refused(dev))
				ret->refused++;
			else
				ret->by_outcome[dev->outcome]++;
			ret->by_breaker[device_breaker(dev)]++;
		}
		if (standing == STANDING_RETIRED)
			continue;
		ret->safe_mode += dev->profile.limits.is_safe_mode;
		if (t->day != loop_wall_ms(r->loop) / DAY_MS)
			continue;
		ret->packets_out += t->packets_out;
		ret->packets_in += t->packets_in;
		ret->bytes_out += t->bytes_out;
		ret->bytes_in += t->bytes_in;
		if (t->packets_out > ret->max_packets_out)
			ret->max_packets_out = t->packets_out;
	}
}

bool device_is_full_record_due(const struct device *dev, uint64_t now_ms)
{
	return dev->wants_full || dev->full_at_ms == 0 || now_ms - dev->full_at_ms >= LIMIT_FULL_MS;
}

struct device_traffic *device_traffic_today(struct device *dev, uint64_t wall_ms)
{
	struct device_traffic *t = &dev->profile.today;
	uint32_t day = (uint32_t)(wall_ms / DAY_MS);
	if (t->day != day)
		*t = (struct device_traffic){.day = day};
	return t;
}

bool device_is_absence(int err)
{
	return err == ERR_SNMP_TIMEOUT || err == -ECONNREFUSED || err == -EHOSTUNREACH ||
	       err == -ENETUNREACH;
}

bool device_is_refused(const struct device *dev)
{
	return dev->outcome == OUTCOME_SILENT && err_is_snmp_refusal(dev->err);
}

enum device_standing device_standing(const struct device *dev)
{
	bool is_unknown = dev->is_range && !dev->is_accepted;
	if (dev->is_retired)
		return STANDING_RETIRED;
	if (dev->outcome == OUTCOME_OTHER || (is_unknown && dev->outcome == OUTCOME_PARTIAL))
		return STANDING_OTHER;
	return is_unknown && dev->outcome == OUTCOME_SILENT && device_is_absence(dev->err)
		       ? STANDING_ABSENT
		       : STANDING_DEVICE;
}

enum device_breaker device_breaker(const struct device *dev)
{
	if (dev->profile.protection.failures == 0)
		return BREAKER_CLOSED;
	return dev->state == DEVICE_RESTING ? BREAKER_OPEN : BREAKER_HALF_OPEN;
}

void roster_each(struct roster *r, void (*each)(void *owner, struct device *dev), void *owner)
{
	for (size_t i = 0; i < r->count; i++)
		each(owner, nth(r, i));
}

struct device *roster_find_key(struct roster *r, const char *key, size_t len)
{
	for (size_t i = 0; i < r->count; i++) {
		struct device *dev = nth(r, i);
		if (!dev->is_retired && strlen(dev->key) == len && memcmp(dev->key, key, len) == 0)
			return dev;
	}
	return NULL;
}

struct address_text device_address(const struct device *dev)
{
	return address_text(&dev->peer.address.sa);
}

struct loop *roster_loop(const struct roster *r)
{
	return r->loop;
}

size_t roster_memory(const struct roster *r)
{
	size_t index = (r->by_address_mask + 1) * sizeof r->by_address[0];
	return sizeof *r + index + r->count * r->devices.size +
	       r->v3 * (r->usm.size + usm_peer_memory());
}
