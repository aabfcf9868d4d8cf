/* SPDX-License-Identifier: Apache-2.0
 * Request-ids, and how long an answer may take. An id is 31 unpredictable bits that a forger would
 * have to guess, found again in a small open table; times follow RFC 6298, with what the whole
 * fleet showed as the first guess for a printer that never answered. */
#include "engine/loop/poller_internal.h"

#include "engine/loop/seal.h"

/* ---- request-ids ------------------------------------------------------------------------ */

enum { ID_LEAST = 1 << 23 };

static size_t id_hash(const struct poller *s, uint32_t id)
{
	return (id * 2654435761u >> 7) & s->id_mask;
}

struct slot *poller_id_find(const struct poller *s, uint32_t id)
{
	for (size_t i = id_hash(s, id);; i = (i + 1) & s->id_mask) {
		struct slot *slot = s->by_id[i];
		if (slot == NULL || slot->request_id == id)
			return slot;
	}
}

void poller_id_insert(struct poller *s, struct slot *slot)
{
	size_t i = id_hash(s, slot->request_id);
	while (s->by_id[i] != NULL)
		i = (i + 1) & s->id_mask;
	s->by_id[i] = slot;
}

/* Removes and closes the gap, so that no look-up stops early (backward shift). */
void poller_id_remove(struct poller *s, const struct slot *slot)
{
	size_t i = id_hash(s, slot->request_id);
	while (s->by_id[i] != slot)
		i = (i + 1) & s->id_mask;
	for (size_t j = i;;) {
		s->by_id[i] = NULL;
		for (;;) {
			j = (j + 1) & s->id_mask;
			if (s->by_id[j] == NULL)
				return;
			size_t home = id_hash(s, s->by_id[j]->request_id);
			if (((j - home) & s->id_mask) >= ((j - i) & s->id_mask))
				break;
		}
		s->by_id[i] = s->by_id[j];
		i = j;
	}
}

/* 31 unpredictable bits, never one that is under way: a forger has to guess it. Always four bytes
 * long in BER, so that a question's length does not depend on it. */
int poller_id_draw(struct poller *s, uint32_t *ret)
{
	for (;;) {
		if (s->ids_left == 0) {
			int err = seal_random(s->ids, sizeof s->ids);
			if (err < 0)
				return err;
			s->ids_left = ID_POOL;
		}
		uint32_t id = s->ids[--s->ids_left] & 0x7fffffff;
		if (id >= ID_LEAST && poller_id_find(s, id) == NULL) {
			*ret = id;
			return 0;
		}
	}
}

/* ---- round-trip times (RFC 6298, milliseconds) ------------------------------------------ */

static uint32_t clamp(uint32_t v, uint32_t least, uint32_t most)
{
	return v < least ? least : v > most ? most : v;
}

uint32_t poller_first_rto(const struct poller *s, const struct snmp_peer *peer)
{
	uint32_t srtt = peer->srtt_ms, var = peer->rttvar_ms;
	if (srtt == 0) {
		srtt = s->fleet_srtt_ms;
		var = s->fleet_rttvar_ms;
	}
	if (srtt == 0)
		return RTO_FIRST_MS;
	return clamp(srtt + clamp(4 * var, RTO_LEAST_VAR_MS, RTO_MOST_MS), 0, 2 * RTO_MOST_MS);
}

void poller_learn_rtt(struct poller *s, struct snmp_peer *peer, uint32_t rtt_ms)
{
	uint32_t rtt = clamp(rtt_ms, 1, UINT16_MAX);
	if (peer->srtt_ms == 0) {
		peer->srtt_ms = (uint16_t)rtt;
		peer->rttvar_ms = (uint16_t)(rtt / 4 + 1);
	} else {
		uint32_t off = rtt > peer->srtt_ms ? rtt - peer->srtt_ms : peer->srtt_ms - rtt;
		peer->rttvar_ms = (uint16_t)((3u * peer->rttvar_ms + off) / 4);
		peer->srtt_ms = (uint16_t)clamp((7u * peer->srtt_ms + rtt) / 8, 1, UINT16_MAX);
	}
	uint32_t fleet = s->fleet_srtt_ms == 0 ? rtt : s->fleet_srtt_ms;
	uint32_t off = rtt > fleet ? rtt - fleet : fleet - rtt;
	s->fleet_rttvar_ms = (31 * s->fleet_rttvar_ms + off) / 32;
	s->fleet_srtt_ms = clamp((31 * fleet + rtt) / 32, 1, UINT16_MAX);
}

uint32_t poller_next_rto(uint32_t rto_ms)
{
	return clamp(rto_ms * 2, 0, RTO_MOST_MS);
}
