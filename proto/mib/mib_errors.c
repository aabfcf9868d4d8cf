/* SPDX-License-Identifier: Apache-2.0
 * Reactions to an error-status, to a timeout, and to a device that has stopped responding. */
#include "proto/mib/mib_internal.h"

#include <assert.h>
#include <string.h>

enum { MIN_VARBINDS = 1 };

/* Gives the i-th object of the open request up. */
static void fail_requested(struct mib_plan *plan, unsigned i)
{
	if (i >= plan->requested_count)
		return;
	uint64_t bit = UINT64_C(1) << (plan->requested[i] & 63);
	switch ((enum mib_request_kind)plan->request_kind) {
	case REQUEST_COLUMNS:
		plan->cursor[plan->requested[i]].state = CURSOR_DONE;
		break;
	case REQUEST_SCALARS:
		plan->scalars_open &= ~bit;
		plan->scalars_failed |= bit;
		break;
	case REQUEST_GETS:
	case REQUEST_DEVICE_IDS:
	case REQUEST_SERIALS:
	case REQUEST_PROBES:
		*mib_open_bits(plan, (enum mib_request_kind)plan->request_kind) &= ~bit;
		break;
	case REQUEST_NOTHING:
		break;
	}
}

/* Ends the phase in another context; the groups read before keep their status. */
static void leave_context(struct mib_plan *plan)
{
	plan->limits->has_no_context = true;
	plan->cursor_count = 0;
	plan->phase = PHASE_OVER;
}

static bool halve_varbinds(struct mib_plan *plan)
{
	if (plan->max_varbinds <= MIN_VARBINDS)
		return false;
	unsigned asked = plan->requested_count *
			 (plan->request_kind == REQUEST_COLUMNS ? plan->repetitions : 1u);
	unsigned less = (asked < plan->max_varbinds ? asked : plan->max_varbinds) / 2;
	plan->max_varbinds = (uint8_t)(less > MIN_VARBINDS ? less : MIN_VARBINDS);
	return true;
}

/* Halves, and the next poll starts with the smaller number. */
static bool halve_varbinds_limit(struct mib_plan *plan)
{
	if (!halve_varbinds(plan))
		return false;
	plan->limits->max_varbinds = plan->max_varbinds;
	plan->limits->good_responses = 0;
	return true;
}

void mib_add_error(struct mib_plan *plan, int error_status, int error_index)
{
	bool names_one = error_index > 0 && error_index <= plan->requested_count;
	if (plan->phase == PHASE_CONTEXT && error_status != SNMP_TOO_BIG) {
		leave_context(plan);
		return;
	}
	if (error_status == SNMP_TOO_BIG && halve_varbinds_limit(plan))
		return;
	if (error_status == SNMP_NO_SUCH_NAME && names_one) {
		/* SNMPv1: this object does not exist, or its column has ended; the others are
		 * requested again. */
		fail_requested(plan, (unsigned)error_index - 1);
		return;
	}
	if (plan->request_kind == REQUEST_COLUMNS && mib_uses_getbulk(plan)) {
		plan->has_no_bulk = true;
		return;
	}
	if (names_one) {
		plan->groups_broken |= mib_requested_group(plan, (unsigned)error_index - 1);
		fail_requested(plan, (unsigned)error_index - 1);
		return;
	}
	/* Smaller requests, at last of one OID, find the object that causes the error. */
	if (plan->requested_count > 1 && halve_varbinds(plan))
		return;
	if (error_status != SNMP_NO_SUCH_NAME)
		plan->groups_broken |= plan->requested_groups;
	for (unsigned i = 0; i < plan->requested_count; i++)
		fail_requested(plan, i);
}

bool mib_add_timeout(struct mib_plan *plan)
{
	/* A timeout of the first request means that the printer is off; a later one may be of a
	 * printer that drops requests or responses that are too large. */
	if (plan->phase == PHASE_IDENTIFY && plan->groups_seen == 0)
		return false;
	if (plan->phase == PHASE_CONTEXT) {
		leave_context(plan);
		return true;
	}
	plan->request_retries++;
	if (plan->request_kind == REQUEST_COLUMNS && mib_uses_getbulk(plan) &&
		plan->is_bulk_trial) {
		plan->has_no_bulk = true;
		return true;
	}
	if (plan->request_retries == 1)
		return halve_varbinds_limit(plan);
	if (plan->request_retries == 2 && plan->request_kind == REQUEST_COLUMNS &&
		mib_uses_getbulk(plan) && !plan->limits->was_polled) {
		plan->has_no_bulk = true;
		return true;
	}
	return false;
}

void mib_enter_safe_mode(struct mib_plan *plan)
{
	struct mib_limits *m = plan->limits;
	if (m->is_safe_mode) {
		/* In safe mode already: half of the last request, and no GETBULK. */
		m->proven_oids = (uint8_t)(plan->requested_count / 2);
		m->has_proven_bulk = false;
	}
	if (m->proven_oids == 0)
		m->proven_oids = 1;
	m->is_safe_mode = true;
}

void mib_skip_request(struct mib_plan *plan)
{
	plan->groups_broken |= plan->requested_groups;
	for (unsigned i = 0; i < plan->requested_count; i++)
		fail_requested(plan, i);
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

/* Eight bytes at a time, as it runs for every request. */
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

void mib_abort(struct mib_plan *plan)
{
	uint16_t slow = plan->is_incremental
				? 0
				: 1u << GROUP_OPTIONS | 1u << GROUP_MEDIA | 1u << GROUP_MAINTENANCE;
	for (unsigned i = 0; i < plan->cursor_count; i++) {
		if (plan->cursor[i].state == CURSOR_WAITING) {
			plan->cursor[i].state = CURSOR_FAILED;
			plan->groups_broken |= mib_column_group(&plan->cursor[i]);
		}
	}
	if (plan->phase < PHASE_TABLES)
		plan->groups_broken |= 1u << GROUP_METERS | 1u << GROUP_SUPPLIES |
				       1u << GROUP_ALERTS | 1u << GROUP_STATE;
	if (plan->phase < PHASE_PARTS)
		plan->groups_broken |= (uint16_t)(slow | 1u << GROUP_IDENTITY);
	if (plan->scalars_open != 0)
		plan->groups_broken |= 1u << GROUP_IDENTITY;
	plan->scalars_open = 0;
	plan->gets_open = plan->ids_open = plan->serials_open = plan->probes_open = 0;
	plan->phase = PHASE_OVER;
}
