/* SPDX-License-Identifier: Apache-2.0
 * Request-ids, and how long an answer may take. An id is 31 unpredictable bits that a forger would
 * have to guess, found again in a small open table; times follow RFC 6298, with what the whole
 * fleet showed as the first guess for a printer that never answered. */
#include "engine/snmp/snmp_client_internal.h"

#include "engine/loop/crypto.h"

#include <assert.h>

/* ---- request-ids ------------------------------------------------------------------------ */

enum { ID_MIN = 1 << 23 };

/* By the low 16 bits only, so that an id of which no more came back is found too. */
static size_t id_hash(const struct snmp_client *s, uint32_t id)
{
	return ((id & 0xffff) * 40503u >> 3) & s->id_mask;
}

struct slot *snmp_client_id_find(const struct snmp_client *s, uint32_t id)
{
	for (size_t i = id_hash(s, id);; i = (i + 1) & s->id_mask) {
		if (s->by_id[i].slot == NULL || s->by_id[i].id == id)
			return s->by_id[i].slot;
	}
}

struct slot *snmp_client_id_find_short(const struct snmp_client *s, uint16_t id)
{
	for (size_t i = id_hash(s, id);; i = (i + 1) & s->id_mask) {
		if (s->by_id[i].slot == NULL || (s->by_id[i].id & 0xffff) == id)
			return s->by_id[i].slot;
	}
}

void snmp_client_id_insert(struct snmp_client *s, uint32_t id, struct slot *slot)
{
	size_t i = id_hash(s, id);
	while (s->by_id[i].slot != NULL)
		i = (i + 1) & s->id_mask;
	s->by_id[i] = (struct id_entry){id, slot};
}

/* Removes and closes the gap, so that no look-up stops early (backward shift). */
void snmp_client_id_remove(struct snmp_client *s, uint32_t id)
{
	size_t i = id_hash(s, id);
	while (s->by_id[i].id != id)
		i = (i + 1) & s->id_mask;
	for (size_t j = i;;) {
		s->by_id[i] = (struct id_entry){0, NULL};
		for (;;) {
			j = (j + 1) & s->id_mask;
			if (s->by_id[j].slot == NULL)
				return;
			size_t home = id_hash(s, s->by_id[j].id);
			if (((j - home) & s->id_mask) >= ((j - i) & s->id_mask))
				break;
		}
		s->by_id[i] = s->by_id[j];
		i = j;
	}
}

/* 31 unpredictable bits, never one that is under way: a forger has to guess it. Always four bytes
 * long in BER, so that a question's length does not depend on it. A printer that gives back 16 bits
 * gets no more: its source and community must do. */
int snmp_client_id_draw(struct snmp_client *s, bool is_short, uint32_t *ret)
{
	for (;;) {
		if (s->ids_left == 0) {
			int err = crypto_random(s->ids, sizeof s->ids);
			if (err < 0)
				return err;
			s->ids_left = ID_POOL;
		}
		uint32_t id = s->ids[--s->ids_left] & (is_short ? 0xffff : 0x7fffffff);
		if (id >= (is_short ? 1 : ID_MIN) && snmp_client_id_find(s, id) == NULL) {
			*ret = id;
			return 0;
		}
	}
}

/* ---- round-trip times (RFC 6298, milliseconds) ------------------------------------------ */

/* As many make the least waiting time the most. */
enum { DOUBLINGS_MAX = 5 };
static_assert(LIMIT_RTO_MIN_MS << DOUBLINGS_MAX <= LIMIT_RTO_MAX_MS, "what doubling may reach");

static uint32_t clamp(uint32_t v, uint32_t least, uint32_t most)
{
	return v < least ? least : v > most ? most : v;
}

static uint32_t usual_rto(uint32_t srtt_ms, uint32_t rttvar_ms)
{
	return srtt_ms + clamp(4 * rttvar_ms, LIMIT_RTO_MIN_MS, LIMIT_RTO_MAX_MS);
}

uint32_t snmp_client_first_rto(const struct snmp_client *s, const struct snmp_peer *peer)
{
	uint32_t srtt = peer->srtt_ms, var = peer->rttvar_ms, rto = LIMIT_RTO_FIRST_MS;
	if (srtt == 0) {
		srtt = s->fleet_srtt_ms;
		var = s->fleet_rttvar_ms;
	}
	if (srtt != 0)
		rto = usual_rto(srtt, var);
	rto = clamp(rto << peer->doublings, 0, LIMIT_RTO_MAX_MS);
	return rto > peer->min_gap_ms ? rto : peer->min_gap_ms;
}

void snmp_client_learn_rtt(struct snmp_client *s, struct snmp_peer *peer, uint32_t rtt_ms)
{
	uint32_t rtt = clamp(rtt_ms, 1, UINT16_MAX);
	peer->doublings = 0;
	if (peer->srtt_ms == 0) {
		peer->srtt_ms = (uint16_t)rtt;
		peer->rttvar_ms = (uint16_t)(rtt / 2);
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

bool snmp_client_learn_late(struct snmp_peer *peer, unsigned tries, uint32_t since_last_ms)
{
	bool is_sooner = since_last_ms < peer->srtt_ms / 2u;
	bool was_lost = peer->srtt_ms != 0 && !is_sooner &&
			since_last_ms <= usual_rto(peer->srtt_ms, peer->rttvar_ms);
	unsigned doublings = peer->doublings + tries - 1;
	if (!was_lost)
		peer->doublings = (uint8_t)(doublings < DOUBLINGS_MAX ? doublings : DOUBLINGS_MAX);
	return is_sooner;
}

uint32_t snmp_client_next_rto(const struct snmp_peer *peer, uint32_t rto_ms)
{
	uint32_t rto = clamp(rto_ms * 2, peer->min_gap_ms, LIMIT_RTO_DOUBLED_MS);
	return rto > rto_ms ? rto : rto_ms;
}
