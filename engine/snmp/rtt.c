/* SPDX-License-Identifier: Apache-2.0
 * Round-trip times by RFC 6298, in milliseconds, with what the whole fleet showed as the first
 * guess for a device that never responded. */
#include "engine/snmp/client_internal.h"

#include <assert.h>

/* As many make the least waiting time the most. */
enum { DOUBLINGS_MAX = 5 };
static_assert(LIMIT_RTO_MIN_MS << DOUBLINGS_MAX <= LIMIT_RTO_MAX_MS, "what doubling may reach");

static uint32_t clamp(uint32_t v, uint32_t min, uint32_t max)
{
	return v < min ? min : v > max ? max : v;
}

static uint32_t usual_rto(uint32_t srtt_ms, uint32_t rttvar_ms)
{
	return srtt_ms + clamp(4 * rttvar_ms, LIMIT_RTO_MIN_MS, LIMIT_RTO_MAX_MS);
}

uint32_t snmp_rtt_first_rto(const struct snmp_client *s, const struct snmp_peer *peer)
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

void snmp_rtt_add(struct snmp_client *s, struct snmp_peer *peer, uint32_t rtt_ms)
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

bool snmp_rtt_add_late(struct snmp_peer *peer, unsigned tries, uint32_t since_last_ms)
{
	bool is_sooner = since_last_ms < peer->srtt_ms / 2u;
	bool was_lost = peer->srtt_ms != 0 && !is_sooner &&
			since_last_ms <= usual_rto(peer->srtt_ms, peer->rttvar_ms);
	unsigned doublings = peer->doublings + tries - 1;
	if (!was_lost)
		peer->doublings = (uint8_t)(doublings < DOUBLINGS_MAX ? doublings : DOUBLINGS_MAX);
	return is_sooner;
}

uint32_t snmp_rtt_next_rto(const struct snmp_peer *peer, uint32_t rto_ms)
{
	uint32_t rto = clamp(rto_ms * 2, peer->min_gap_ms, LIMIT_RTO_DOUBLED_MS);
	return rto > rto_ms ? rto : rto_ms;
}
