/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/store/device_profile.h"

#include "proto/base/hash.h"

#include <string.h>

enum { PROFILE_BYTES = 512 };

/* ---- clocks --------------------------------------------------------------------------------- */

/* 0 stays 0. */
static void to_wall(uint64_t *at_ms, uint64_t now_ms, uint64_t wall_ms)
{
	*at_ms = *at_ms == 0 ? 0 : wall_ms + *at_ms - now_ms;
}

static void from_wall(uint64_t *at_ms, uint64_t now_ms, uint64_t wall_ms, uint64_t max_ms)
{
	uint64_t left = *at_ms > wall_ms ? *at_ms - wall_ms : 0;
	*at_ms = left == 0 ? 0 : now_ms + (left < max_ms ? left : max_ms);
}

void device_profile_to_wall(struct device_profile *p, uint64_t now_ms, uint64_t wall_ms)
{
	uint64_t age = now_ms - p->engine.at_ms;
	p->engine.at_ms = age < wall_ms ? wall_ms - age : 0;
	to_wall(&p->protection.open_until_ms, now_ms, wall_ms);
	for (unsigned i = 0; i < p->protection.quarantined_count; i++)
		to_wall(&p->protection.quarantined[i].until_ms, now_ms, wall_ms);
	to_wall(&p->ipp.not_before_ms, now_ms, wall_ms);
}

void device_profile_from_wall(struct device_profile *p, uint64_t now_ms, uint64_t wall_ms)
{
	/* The engine's own clock ran on. */
	struct usm_engine *e = &p->engine;
	uint64_t age_s = wall_ms > e->at_ms ? (wall_ms - e->at_ms) / 1000 : 0;
	if (e->id_len > 0)
		e->time = age_s < UINT32_MAX - e->time ? e->time + (uint32_t)age_s : UINT32_MAX;
	e->at_ms = now_ms;
	from_wall(&p->protection.open_until_ms, now_ms, wall_ms, LIMIT_SILENT_MAX_MS);
	for (unsigned i = 0; i < p->protection.quarantined_count; i++)
		from_wall(&p->protection.quarantined[i].until_ms, now_ms, wall_ms,
			LIMIT_QUARANTINE_MS);
	from_wall(&p->ipp.not_before_ms, now_ms, wall_ms, LIMIT_IPP_REST_MS);
}

/* ---- bytes ---------------------------------------------------------------------------------- */

static void limits_fields(struct fields *f, struct mib_limits *m)
{
	uint8_t walks = MIB_WALKS, rows[UINT8_MAX] = {0};
	FIELD_U8(f, walks);
	/* Another version's tables: how long they are is learned anew. */
	fields_bytes(f, walks == MIB_WALKS ? m->rows : rows, walks);
	FIELD_U8(f, m->max_varbinds);
	FIELD_U8(f, m->varbinds_limit);
	FIELD_FLAG(f, m->has_no_bulk);
	FIELD_U8(f, m->no_bulk_polls);
	FIELD_FLAG(f, m->was_polled);
	FIELD_FLAG(f, m->has_no_context);
	FIELD_U16(f, m->request_bytes);
	FIELD_U8(f, m->proven_oids);
	FIELD_FLAG(f, m->has_proven_bulk);
	FIELD_FLAG(f, m->is_safe_mode);
}

static void protection_fields(struct fields *f, struct device_protection *d, unsigned format)
{
	uint8_t unused = 0; /* quirks that were learned from refused responses */
	FIELD_U8(f, d->failures);
	FIELD_U64(f, d->open_until_ms);
	if (format == 1)
		FIELD_U8(f, unused);
	FIELD_U8(f, d->quarantined_count);
	if (d->quarantined_count > LIMIT_QUARANTINED) {
		f->is_bad = true;
		return;
	}
	for (unsigned i = 0; i < d->quarantined_count; i++) {
		FIELD_U64(f, d->quarantined[i].digest);
		FIELD_U64(f, d->quarantined[i].until_ms);
	}
	FIELD_U64(f, d->stopped_responding_wall_ms);
}

static void ipp_fields(struct fields *f, struct profile_ipp *i, unsigned format)
{
	FIELD_U64(f, i->not_before_ms);
	FIELD_U8(f, i->path);
	FIELD_U8(f, i->failures);
	if (format == 1)
		return;
	FIELD_U8(f, i->groups);
	FIELD_FLAG(f, i->is_tls);
}

static void traffic_fields(struct fields *f, struct device_traffic *t)
{
	FIELD_U32(f, t->day);
	FIELD_U32(f, t->packets_out);
	FIELD_U32(f, t->packets_in);
	FIELD_U64(f, t->bytes_out);
	FIELD_U64(f, t->bytes_in);
}

void device_profile_engine_fields(struct fields *f, struct usm_engine *e)
{
	FIELD_U8(f, e->id_len);
	if (e->id_len > sizeof e->id) {
		f->is_bad = true;
		return;
	}
	fields_bytes(f, e->id, e->id_len);
	FIELD_FLAG(f, e->is_time_trusted);
	FIELD_U32(f, e->boots);
	FIELD_U32(f, e->time);
	FIELD_U64(f, e->at_ms);
}

/* As the distance from the first of these errors, plus one; 0: none. */
static void refusal_field(struct fields *f, struct device_protection *d)
{
	uint8_t n = d->refusal == 0 ? 0 : (uint8_t)(ERR_SNMP_USER - d->refusal + 1);
	FIELD_U8(f, n);
	if (n > ERR_SNMP_USER - ERR_SNMP_CONTEXT + 1)
		f->is_bad = true;
	else
		d->refusal = n == 0 ? 0 : ERR_SNMP_USER - (n - 1);
}

void device_profile_fields(struct fields *f, struct device_profile *p, unsigned format)
{
	limits_fields(f, &p->limits);
	FIELD_U16(f, p->rtt.srtt_ms);
	FIELD_U16(f, p->rtt.rttvar_ms);
	FIELD_U8(f, p->blocks);
	protection_fields(f, &p->protection, format);
	ipp_fields(f, &p->ipp, format);
	traffic_fields(f, &p->today);
	if (format > 1) {
		device_profile_engine_fields(f, &p->engine);
		FIELD_U64(f, p->limits.endless_walks);
		FIELD_FLAG(f, p->is_slow);
	}
	if (format > 2)
		refusal_field(f, &p->protection);
}

/* ---- changes -------------------------------------------------------------------------------- */

uint64_t device_profile_digest(const struct device_profile *p)
{
	struct device_profile copy = *p;
	uint8_t bytes[PROFILE_BYTES];
	struct fields f = {.p = bytes, .len = sizeof bytes};
	memset(copy.limits.rows, 0, sizeof copy.limits.rows);
	copy.limits.no_bulk_polls = 0;
	copy.rtt = (struct profile_rtt){0};
	copy.blocks = 0;
	copy.today = (struct device_traffic){0};
	copy.engine.time = 0;
	copy.engine.at_ms = 0;
	copy.ipp.groups = 0;
	device_profile_fields(&f, &copy, DEVICE_PROFILE_FORMAT);
	return hash_bytes(0, bytes, f.at);
}

void device_profile_replace(struct device_profile *p, bool stopped_responding)
{
	const struct device_protection *was = &p->protection;
	struct device_profile now = {.limits = {.varbinds_limit = p->limits.varbinds_limit,
					     .is_safe_mode = stopped_responding,
					     .proven_oids = stopped_responding},
		.rtt = p->rtt,
		.engine = p->engine,
		.protection = {.failures = was->failures, .open_until_ms = was->open_until_ms},
		.today = p->today,
		.blocks = p->blocks};
	if (stopped_responding) {
		now.protection.stopped_responding_wall_ms = was->stopped_responding_wall_ms;
		now.protection.quarantined_count = was->quarantined_count > 0;
		if (was->quarantined_count > 0)
			now.protection.quarantined[0] =
				was->quarantined[was->quarantined_count - 1];
	}
	*p = now;
}
