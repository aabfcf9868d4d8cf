/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/fleet/profile.h"

#include "proto/base/hash.h"
#include "engine/snmp/usm.h"

#include <stdio.h>
#include <string.h>

/* Of a serial number (odd) or of a hardware address (even); 0 for the key of a device that is not
 * identified yet. Not of the vendor: another version of the model files may name it differently. */
static uint64_t key_digest(const char *key)
{
	const char *serial = strchr(key, '/');
	if (strncmp(key, "serial:", 7) == 0 && serial != NULL)
		return hash_bytes(0, serial, strlen(serial)) | 1;
	if (strncmp(key, "mac:", 4) == 0)
		return hash_bytes(0, key, strlen(key)) << 1;
	return 0;
}

const struct device_profile *profile_current(struct device *dev)
{
	struct device_profile *p = &dev->profile;
	p->rtt = (struct profile_rtt){dev->peer.srtt_ms, dev->peer.rttvar_ms};
	if (dev->peer.usm != NULL)
		p->engine = *usm_peer_pinned(dev->peer.usm);
	return p;
}

void profile_apply(struct device *dev)
{
	const struct device_profile *p = &dev->profile;
	dev->peer.srtt_ms = p->rtt.srtt_ms;
	dev->peer.rttvar_ms = p->rtt.rttvar_ms;
	if (dev->peer.usm != NULL)
		dev->peer.usm->engine = p->engine;
}

/* ---- when it is saved ----------------------------------------------------------------------- */

static uint64_t digest_of(const struct device *dev)
{
	return hash_bytes(device_profile_digest(&dev->profile), dev->key, strlen(dev->key));
}

static void note_saved(struct device *dev)
{
	dev->save.digest = digest_of(dev);
	dev->save.at_ms = loop_now_ms(roster_loop(dev->roster));
	dev->save.srtt_ms = dev->peer.srtt_ms;
}

static bool is_worth_it(const struct device *dev, uint64_t now_ms, uint64_t digest)
{
	const struct device_save *k = &dev->save;
	unsigned was = k->srtt_ms, is = dev->peer.srtt_ms;
	bool is_slower = is > was + was / 2 + 20, is_faster = is + is / 2 + 20 < was;
	bool is_engine_new = dev->peer.usm != NULL && dev->peer.usm->is_dirty;
	return k->at_ms == 0 || digest != k->digest || is_slower || is_faster || is_engine_new ||
	       now_ms - k->at_ms >= LIMIT_SEEN_SAVE_MS;
}

/* Of a device that discovery found, discovery keeps it. */
static unsigned fill_identity(const struct device *dev, struct device_row *row)
{
	bool is_known = dev->is_accepted && dev->outcome != OUTCOME_NEVER;
	if (dev->is_adopted || (!is_known && !dev->is_retired))
		return 0;
	(void)str_copy(row->vendor, sizeof row->vendor, dev->identity.vendor);
	(void)str_copy(row->model, sizeof row->model, dev->identity.model);
	(void)str_copy(row->serial, sizeof row->serial, dev->identity.serial);
	(void)str_copy(row->mac, sizeof row->mac, dev->identity.mac);
	if (dev->credential != NULL)
		(void)str_copy(row->credential, sizeof row->credential, dev->credential->name);
	row->version = dev->peer.version;
	row->is_printer = dev->is_accepted;
	row->gone_wall_ms = dev->is_retired ? loop_wall_ms(roster_loop(dev->roster)) : 0;
	return DEVICE_ROW_IDENTITY;
}

static unsigned fill(struct device_store_put *put, struct device_row *row)
{
	struct device *dev = container_of(put, struct device, save.put);
	memcpy(&row->address, &dev->peer.address, sizeof row->address);
	memcpy(row->key, dev->key, sizeof row->key);
	row->last_seen_wall_ms = dev->last_read_wall_ms;
	row->profile = *profile_current(dev);
	note_saved(dev);
	if (dev->peer.usm != NULL)
		dev->peer.usm->is_dirty = false;
	return DEVICE_ROW_PROFILE | fill_identity(dev, row);
}

/* A printer that leaves out its serial number once is not replaced: only another serial number, or
 * another hardware address, means a new printer. */
static void check_replaced(struct device *dev)
{
	uint64_t key = key_digest(dev->key), was = dev->save.key_digest;
	bool is_same_kind = ((key ^ was) & 1) == 0;
	if (key == 0 || key == was || (!is_same_kind && (key & 1) == 0 && was != 0))
		return;
	if (was != 0 && is_same_kind) {
		device_profile_replace(&dev->profile, dev->has_stopped_responding);
		dev->full_poll_at_ms = 0;
	}
	dev->save.key_digest = key;
}

void profile_save(struct device_store *k, struct device *dev, bool is_last)
{
	check_replaced(dev);
	if (k == NULL || device_standing(dev) == STANDING_ABSENT)
		return;
	uint64_t now = loop_now_ms(roster_loop(dev->roster));
	if (!is_last && !is_worth_it(dev, now, digest_of(dev)))
		return;
	dev->save.put.fill = fill;
	device_store_put(k, &dev->save.put);
}

void profile_retire(struct device_store *k, struct device *dev)
{
	if (k == NULL)
		return;
	dev->save.put.fill = fill;
	device_store_put(k, &dev->save.put);
}

void profile_report_stopped_responding(struct device_store *k, const struct device *dev)
{
	struct device_event e = {.wall_ms = dev->profile.protection.stopped_responding_wall_ms,
		.kind = DEVICE_EVENT_STOPPED_RESPONDING};
	if (k == NULL)
		return;
	(void)str_copy(e.address, sizeof e.address, device_address(dev).text);
	memcpy(e.key, dev->key, sizeof e.key);
	(void)snprintf(e.detail, sizeof e.detail,
		"after a request; safe mode: at most %u objects a request%s",
		dev->profile.limits.proven_oids,
		dev->profile.limits.has_proven_bulk ? "" : ", no GETBULK");
	device_store_add_event(k, &e);
}

bool profile_has_key(const struct device *dev, struct text key)
{
	char text[LIMIT_DEVICE_KEY];
	(void)text_scrub(text, sizeof text, key);
	uint64_t digest = key_digest(text);
	return digest != 0 && digest == dev->save.key_digest;
}

/* ---- at start ------------------------------------------------------------------------------- */

struct load {
	struct roster *roster;
	int count;
};

void profile_restore(struct device *dev, const struct device_row *row)
{
	dev->profile = row->profile;
	dev->profile.is_slow |= row->profile.protection.failures > 0; /* format 1 */
	dev->save.key_digest = key_digest(row->key);
	dev->is_accepted = row->key[0] != '\0';
	(void)str_copy(dev->identity.vendor, sizeof dev->identity.vendor, row->vendor);
	(void)str_copy(dev->identity.model, sizeof dev->identity.model, row->model);
	(void)str_copy(dev->identity.serial, sizeof dev->identity.serial, row->serial);
	(void)str_copy(dev->identity.mac, sizeof dev->identity.mac, row->mac);
	profile_apply(dev);
	note_saved(dev);
}

static int on_row(void *owner, const struct device_row *row)
{
	struct load *load = owner;
	struct device *dev = roster_find_address(load->roster, &row->address.sa);
	if (dev == NULL)
		return 0;
	profile_restore(dev, row);
	load->count++;
	return 0;
}

int profile_load(struct roster *r, struct device_store *k)
{
	struct load load = {.roster = r};
	int err = device_store_each(k, on_row, &load);
	return err < 0 ? err : load.count;
}
