/* SPDX-License-Identifier: Apache-2.0
 * What to do when the printer refuses, does not answer, or falls silent for good. */
#include "proto/mib/mib_internal.h"

#include <assert.h>
#include <string.h>

enum { MIN_VARBINDS = 1 };

/* It is not there, or cannot be had. */
static void fail_asked(struct mib_plan *w, unsigned i)
{
	if (i >= w->asked_count)
		return;
	uint64_t bit = UINT64_C(1) << (w->asked[i] & 63);
	switch ((enum mib_asked)w->asked_what) {
	case ASKED_COLUMNS:
		w->cursor[w->asked[i]].state = CURSOR_DONE;
		break;
	case ASKED_SCALARS:
		w->scalars_open &= ~bit;
		w->scalars_failed |= bit;
		break;
	case ASKED_GETS:
	case ASKED_IDS:
	case ASKED_PROBES:
		*mib_open_bits(w, (enum mib_asked)w->asked_what) &= ~bit;
		break;
	case ASKED_NOTHING:
		break;
	}
}

/* In another context nothing more is to be had: what was read before stays as good as it was. */
static void leave_context(struct mib_plan *w)
{
	w->memory->has_no_context = true;
	w->cursor_count = 0;
	w->phase = PHASE_OVER;
}

static bool ask_for_fewer(struct mib_plan *w)
{
	if (w->max_varbinds <= MIN_VARBINDS)
		return false;
	unsigned asked =
		w->asked_count * (w->asked_what == ASKED_COLUMNS ? w->asked_repetitions : 1u);
	unsigned less = (asked < w->max_varbinds ? asked : w->max_varbinds) / 2;
	w->max_varbinds = (uint8_t)(less > MIN_VARBINDS ? less : MIN_VARBINDS);
	return true;
}

/* The same, and the next poll knows. */
static bool ask_for_less(struct mib_plan *w)
{
	if (!ask_for_fewer(w))
		return false;
	w->memory->max_varbinds = w->max_varbinds;
	w->memory->good_responses = 0;
	return true;
}

void mib_add_error(struct mib_plan *w, int error_status, int error_index)
{
	bool names_one = error_index > 0 && error_index <= w->asked_count;
	if (w->phase == PHASE_CONTEXT && error_status != SNMP_TOO_BIG) {
		leave_context(w);
		return;
	}
	if (error_status == SNMP_TOO_BIG && ask_for_less(w))
		return;
	if (error_status == SNMP_NO_SUCH_NAME && names_one) {
		/* SNMPv1: this one object is not there, or its column has ended; the rest again. */
		fail_asked(w, (unsigned)error_index - 1);
		return;
	}
	if (w->asked_what == ASKED_COLUMNS && mib_asks_bulk(w)) {
		w->has_no_bulk = true;
		return;
	}
	if (names_one) {
		w->groups_broken |= mib_group_asked(w, (unsigned)error_index - 1);
		fail_asked(w, (unsigned)error_index - 1);
		return;
	}
	/* Which one it was is found by asking for fewer, at last one by one. */
	if (w->asked_count > 1 && ask_for_fewer(w))
		return;
	if (error_status != SNMP_NO_SUCH_NAME)
		w->groups_broken |= w->asked_groups;
	for (unsigned i = 0; i < w->asked_count; i++)
		fail_asked(w, i);
}

bool mib_add_timeout(struct mib_plan *w)
{
	/* Silence to the very first question is a printer that is off; later it may be a printer
	 * that drops what is too large for it. */
	if (w->phase == PHASE_IDENTIFY && w->groups_seen == 0)
		return false;
	if (w->phase == PHASE_CONTEXT) {
		leave_context(w);
		return true;
	}
	w->retries_of_ask++;
	if (w->asked_what == ASKED_COLUMNS && mib_asks_bulk(w) && w->is_bulk_trial) {
		w->has_no_bulk = true;
		return true;
	}
	if (w->retries_of_ask == 1)
		return ask_for_less(w);
	if (w->retries_of_ask == 2 && w->asked_what == ASKED_COLUMNS && mib_asks_bulk(w) &&
		!w->memory->was_polled) {
		w->has_no_bulk = true;
		return true;
	}
	return false;
}

void mib_enter_safe_mode(struct mib_plan *w)
{
	struct mib_limits *m = w->memory;
	if (m->is_safe_mode) {
		/* Even so: half of what it was asked, and no GETBULK at all. */
		m->proven_oids = (uint8_t)(w->asked_count / 2);
		m->has_proven_bulk = false;
	}
	if (m->proven_oids == 0)
		m->proven_oids = 1;
	m->is_safe_mode = true;
}

void mib_skip_request(struct mib_plan *w)
{
	w->groups_broken |= w->asked_groups;
	for (unsigned i = 0; i < w->asked_count; i++)
		fail_asked(w, i);
}

void mib_liveness_request(struct snmp_request *q)
{
	const struct mib_scalar_def *def = &mib_scalars[SCALAR_SYS_UPTIME];
	snmp_request_begin(q, SNMP_GET);
	int err = snmp_request_add(q, (struct oid_ber){(const uint8_t *)def->ber, def->ber_len},
		(struct oid_ber){NULL, 0}, LIMIT_REQUEST_FIRST);
	assert(err == 0); /* one short name always fits */
	(void)err;
}

/* Eight bytes at a time: it is made for every question that is asked. */
uint64_t mib_mix(uint64_t h, const uint8_t *p, size_t n)
{
	for (uint64_t word; n > 0; p += sizeof word) {
		size_t part = n < sizeof word ? n : sizeof word;
		word = 0;
		memcpy(&word, p, part);
		h = (h ^ word) * 0x9e3779b97f4a7c15u;
		h ^= h >> 32;
		n -= part;
	}
	return h;
}

uint64_t mib_request_digest(const struct snmp_request *q)
{
	uint64_t head =
		(uint64_t)q->pdu << 32 | (uint64_t)q->non_repeaters << 16 | q->max_repetitions;
	uint64_t h = mib_mix(head + 1, q->oid_len, q->oids);
	h = mib_mix(h, q->ber, q->ber_len);
	return h == 0 ? 1 : h;
}

void mib_abort(struct mib_plan *w)
{
	uint16_t slow = w->is_incremental
				? 0
				: 1u << GROUP_OPTIONS | 1u << GROUP_MEDIA | 1u << GROUP_MAINTENANCE;
	for (unsigned i = 0; i < w->cursor_count; i++) {
		if (w->cursor[i].state == CURSOR_WAITING) {
			w->cursor[i].state = CURSOR_FAILED;
			w->groups_broken |= mib_column_group(&w->cursor[i]);
		}
	}
	if (w->phase < PHASE_TABLES)
		w->groups_broken |= 1u << GROUP_METERS | 1u << GROUP_SUPPLIES | 1u << GROUP_ALERTS |
				    1u << GROUP_STATE;
	if (w->phase < PHASE_PARTS)
		w->groups_broken |= (uint16_t)(slow | 1u << GROUP_IDENTITY);
	if (w->scalars_open != 0)
		w->groups_broken |= 1u << GROUP_IDENTITY;
	w->scalars_open = 0;
	w->gets_open = w->ids_open = w->probes_open = 0;
	w->phase = PHASE_OVER;
}
