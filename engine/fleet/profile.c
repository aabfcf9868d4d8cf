/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/fleet/profile.h"

#include "proto/base/hash.h"
#include "engine/snmp/usm.h"

#include <stdio.h>
#include <string.h>

/* ---- times ---------------------------------------------------------------------------------- */

/* 0 stays 0. */
static uint64_t to_wall(uint64_t at_ms, uint64_t now_ms, uint64_t wall_ms)
{
	return at_ms == 0 ? 0 : wall_ms + at_ms - now_ms;
}

/* A time that has passed is none. A clock that was set back must not close a door for years: at
 * most `max_ms` from now. */
static uint64_t to_monotonic(uint64_t at_ms, uint64_t now_ms, uint64_t wall_ms, uint64_t max_ms)
{
	if (at_ms <= wall_ms)
		return 0;
	uint64_t left = at_ms - wall_ms;
	return now_ms + (left < max_ms ? left : max_ms);
}

/* Of a serial number (odd) or of a hardware address (even); 0 for the key that a device has before
 * it says who it is. Not of the vendor: a program that knows more of them calls the same printer
 * otherwise. */
static uint64_t key_digest(const char *key)
{
	const char *serial = strchr(key, '/');
	if (strncmp(key, "serial:", 7) == 0 && serial != NULL)
		return hash_bytes(0, serial, strlen(serial)) | 1;
	if (strncmp(key, "mac:", 4) == 0)
		return hash_bytes(0, key, strlen(key)) << 1;
	return 0;
}

/* ---- rows ----------------------------------------------------------------------------------- */

unsigned profile_row(
	const struct device *dev, uint64_t now_ms, uint64_t wall_ms, struct device_row *row)
{
	const struct device_protection *m = &dev->protection;
	unsigned parts = DEVICE_ROW_PROFILE;
	memset(row, 0, sizeof *row);
	memcpy(&row->address, &dev->peer.address, sizeof row->address);
	memcpy(row->key, dev->key, sizeof row->key);
	row->last_seen_wall_ms = dev->last_read_wall_ms;
	row->memory = dev->memory;
	row->memory.good_responses = 0;
	row->srtt_ms = dev->peer.srtt_ms;
	row->rttvar_ms = dev->peer.rttvar_ms;
	row->blocks = dev->blocks;
	row->failures = dev->failures;
	row->not_before_wall_ms = to_wall(dev->open_until_ms, now_ms, wall_ms);
	row->quarantined_count = m->quarantined_count;
	for (unsigned i = 0; i < m->quarantined_count; i++) {
		row->quarantined[i].digest = m->quarantined[i].digest;
		row->quarantined[i].until_wall_ms =
			to_wall(m->quarantined[i].until_ms, now_ms, wall_ms);
	}
	row->stopped_responding_wall_ms = m->stopped_responding_wall_ms;
	row->ipp_not_before_wall_ms = to_wall(dev->ipp.not_before_ms, now_ms, wall_ms);
	row->ipp_path = dev->ipp.path;
	row->ipp_failures = dev->ipp.failures;
	row->day = m->today.day;
	row->day_packets_out = m->today.packets_out;
	row->day_packets_in = m->today.packets_in;
	row->day_bytes_out = m->today.bytes_out;
	row->day_bytes_in = m->today.bytes_in;
	/* One that was forgotten because another answered is forgotten here too. */
	if (dev->peer.usm != NULL) {
		row->engine = *usm_peer_pinned(dev->peer.usm);
		parts |= DEVICE_ROW_ENGINE;
	}
	return parts;
}

void profile_from_row(
	struct device *dev, uint64_t now_ms, uint64_t wall_ms, const struct device_row *row)
{
	struct device_protection *m = &dev->protection;
	dev->save.key_digest = key_digest(row->key);
	dev->memory = row->memory;
	dev->peer.srtt_ms = row->srtt_ms;
	dev->peer.rttvar_ms = row->rttvar_ms;
	dev->blocks = row->blocks;
	dev->failures = row->failures;
	dev->is_slow = row->failures > 0;
	dev->open_until_ms =
		to_monotonic(row->not_before_wall_ms, now_ms, wall_ms, LIMIT_SILENT_MAX_MS);
	m->quarantined_count = row->quarantined_count < LIMIT_QUARANTINED ? row->quarantined_count
									  : LIMIT_QUARANTINED;
	for (unsigned i = 0; i < m->quarantined_count; i++) {
		m->quarantined[i].digest = row->quarantined[i].digest;
		m->quarantined[i].until_ms = to_monotonic(
			row->quarantined[i].until_wall_ms, now_ms, wall_ms, LIMIT_QUARANTINE_MS);
	}
	m->stopped_responding_wall_ms = row->stopped_responding_wall_ms;
	dev->ipp.not_before_ms =
		to_monotonic(row->ipp_not_before_wall_ms, now_ms, wall_ms, LIMIT_IPP_REST_MS);
	dev->ipp.path = row->ipp_path;
	dev->ipp.failures = row->ipp_failures;
	m->today = (struct device_traffic){.day = row->day,
		.packets_out = row->day_packets_out,
		.packets_in = row->day_packets_in,
		.bytes_out = row->day_bytes_out,
		.bytes_in = row->day_bytes_in};
	if (dev->peer.usm != NULL && row->engine.id_len > 0)
		dev->peer.usm->engine = row->engine;
}

/* ---- when ----------------------------------------------------------------------------------- */

/* Of what is worth a commit: not of times and sizes of tables, which change with every poll. */
static uint64_t digest_of(const struct device *dev)
{
	const struct mib_limits *m = &dev->memory;
	const struct device_protection *n = &dev->protection;
	uint8_t flags[] = {m->max_varbinds, m->varbinds_limit, m->has_no_bulk, m->was_polled,
		m->has_no_context, m->proven_oids, m->has_proven_bulk, m->is_safe_mode,
		dev->failures, n->quarantined_count, dev->ipp.path, dev->ipp.failures};
	uint64_t h = hash_bytes(0, flags, sizeof flags);
	h = hash_bytes(h, &m->request_bytes, sizeof m->request_bytes);
	h = hash_bytes(h, &n->stopped_responding_wall_ms, sizeof n->stopped_responding_wall_ms);
	h = hash_bytes(h, &dev->open_until_ms, sizeof dev->open_until_ms);
	return hash_bytes(h, dev->key, strlen(dev->key));
}

static bool is_worth_it(const struct device *dev, uint64_t now_ms, uint64_t digest)
{
	const struct device_save *k = &dev->save;
	unsigned was = k->srtt_ms, is = dev->peer.srtt_ms;
	bool is_slower = is > was + was / 2 + 20, is_faster = is + is / 2 + 20 < was;
	bool is_engine_new = dev->peer.usm != NULL && dev->peer.usm->is_dirty;
	return k->at_ms == 0 || digest != k->digest || is_slower || is_faster || is_engine_new ||
	       now_ms - k->at_ms >= LIMIT_PROFILE_SAVE_MS;
}

static unsigned fill(struct device_store_put *put, struct device_row *row)
{
	struct device *dev = container_of(put, struct device, save.put);
	struct loop *l = roster_loop(dev->roster);
	dev->save.digest = digest_of(dev);
	dev->save.at_ms = loop_now_ms(l);
	dev->save.srtt_ms = dev->peer.srtt_ms;
	if (dev->peer.usm != NULL)
		dev->peer.usm->is_dirty = false;
	return profile_row(dev, loop_now_ms(l), loop_wall_ms(l), row);
}

/* What was learned of the printer that stood here is not this one's: neither what that one died of,
 * nor what it could not take. If this one fell silent too, its question is the newest. */
static void forget(struct device *dev, bool has_stopped_responding)
{
	struct device_protection *m = &dev->protection;
	dev->memory = (struct mib_limits){.varbinds_limit = dev->memory.varbinds_limit,
		.is_safe_mode = has_stopped_responding,
		.proven_oids = has_stopped_responding};
	if (has_stopped_responding && m->quarantined_count > 0)
		m->quarantined[0] = m->quarantined[m->quarantined_count - 1];
	m->quarantined_count = has_stopped_responding && m->quarantined_count > 0;
	if (!has_stopped_responding)
		m->stopped_responding_wall_ms = 0;
	dev->ipp.not_before_ms = 0;
	dev->ipp.path = dev->ipp.groups = dev->ipp.failures = 0;
	dev->ipp.is_tls = false;
	dev->full_poll_at_ms = 0;
}

/* One that has no serial number to say this once is not another one: only a serial number that is
 * followed by another, or a hardware address by another, tells of a new printer. */
static void check_replaced(struct device *dev, bool has_stopped_responding)
{
	uint64_t key = key_digest(dev->key), was = dev->save.key_digest;
	bool is_same_kind = ((key ^ was) & 1) == 0;
	if (key == 0 || key == was || (!is_same_kind && (key & 1) == 0 && was != 0))
		return;
	if (was != 0 && is_same_kind)
		forget(dev, has_stopped_responding);
	dev->save.key_digest = key;
}

void profile_save(
	struct device_store *k, struct device *dev, bool has_stopped_responding, bool is_last)
{
	check_replaced(dev, has_stopped_responding);
	if (k == NULL)
		return;
	uint64_t now = loop_now_ms(roster_loop(dev->roster));
	if (!is_last && !is_worth_it(dev, now, digest_of(dev)))
		return;
	dev->save.put.fill = fill;
	device_store_put(k, &dev->save.put);
}

void profile_report_stopped_responding(struct device_store *k, const struct device *dev)
{
	struct device_event e = {.wall_ms = dev->protection.stopped_responding_wall_ms,
		.kind = DEVICE_EVENT_STOPPED_RESPONDING};
	if (k == NULL)
		return;
	device_address(dev, e.address, sizeof e.address);
	memcpy(e.key, dev->key, sizeof e.key);
	(void)snprintf(e.detail, sizeof e.detail,
		"on a question; at most %u objects at once%s from now on", dev->memory.proven_oids,
		dev->memory.has_proven_bulk ? "" : ", no GETBULK");
	device_store_add_event(k, &e);
}

/* ---- at start ------------------------------------------------------------------------------- */

struct load {
	struct roster *roster;
	int count;
};

static int on_row(void *owner, const struct device_row *row)
{
	struct load *load = owner;
	struct device *dev = roster_find_address(load->roster, &row->address.sa);
	if (dev == NULL)
		return 0;
	profile_from_row(dev, loop_now_ms(roster_loop(dev->roster)),
		loop_wall_ms(roster_loop(dev->roster)), row);
	dev->save.digest = digest_of(dev);
	dev->save.at_ms = loop_now_ms(roster_loop(dev->roster));
	dev->save.srtt_ms = dev->peer.srtt_ms;
	load->count++;
	return 0;
}

int profile_load(struct roster *r, struct device_store *k)
{
	struct load load = {.roster = r};
	int err = device_store_each(k, on_row, &load);
	return err < 0 ? err : load.count;
}
