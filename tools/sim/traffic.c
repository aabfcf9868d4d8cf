/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sim/traffic.h"

#include <stdlib.h>
#include <string.h>

const char *const crash_cause_names[CRASH_CAUSES] = {
	"nothing", "varbinds", "missing", "rate", "bulk", "bytes", "set"};

/* Eight bytes per step. */
uint64_t traffic_hash(const uint8_t *p, size_t len, uint64_t h)
{
	uint64_t w;
	for (; len >= 8; p += 8, len -= 8) {
		memcpy(&w, p, 8);
		h = (h ^ w) * 0x9fb21c651e98df25ull;
		h ^= h >> 32;
	}
	w = 0;
	memcpy(&w, p, len);
	h = (h ^ w ^ (uint64_t)len << 56) * 0x9fb21c651e98df25ull;
	return h ^ h >> 29;
}

void traffic_received(
	struct traffic *l, const uint8_t *bytes, size_t len, unsigned pending, uint64_t now_ms)
{
	uint64_t hash = traffic_hash(bytes, len, 1);
	bool is_again = l->received > 0 && hash == l->last_hash;
	uint64_t gap = now_ms - l->last_ms;
	if (l->received == 0)
		l->min_gap_ms = UINT32_MAX;
	else if (gap < l->min_gap_ms)
		l->min_gap_ms = (uint32_t)gap;
	l->received++;
	l->bytes_in += len;
	l->resent += is_again;
	if (!is_again && pending + 1 > l->in_flight_peak)
		l->in_flight_peak = pending + 1;
	l->last_hash = hash;
	l->last_ms = now_ms;
	if (now_ms / 1000 != l->second) {
		l->second = now_ms / 1000;
		l->in_second = 0;
	}
	if (++l->in_second > l->per_second_peak)
		l->per_second_peak = l->in_second;
	if (len > l->largest)
		l->largest = (uint32_t)len;
	if (l->responses == 0)
		l->largest_before = l->largest;
}

void traffic_responded(struct traffic *l, size_t len)
{
	l->responses++;
	l->bytes_out += len;
}

void traffic_note_fatal(struct traffic *l, uint64_t hash, int32_t id, uint64_t now_ms)
{
	uint32_t kept = l->fatal_count < TRAFFIC_FATAL_MAX ? l->fatal_count : TRAFFIC_FATAL_MAX;
	for (uint32_t i = 0; i < kept; i++) {
		const struct fatal_request *k = &l->fatal[i];
		if (k->hash != hash || now_ms - k->at_ms >= TRAFFIC_DAY_MS)
			continue;
		if (k->id == id)
			l->fatal_resent++;
		else
			l->fatal_repeated++;
		return;
	}
}

void traffic_crash(struct traffic *l, enum crash_cause of, uint64_t hash, int32_t id,
	uint64_t now_ms, const uint8_t *bytes, size_t len)
{
	l->crashes++;
	l->crash_cause = (uint8_t)of;
	l->is_crashed = true;
	/* No single request is the cause of CRASH_RATE. */
	if (of != CRASH_RATE)
		l->fatal[l->fatal_count++ % TRAFFIC_FATAL_MAX] =
			(struct fatal_request){hash, now_ms, id};
	if (l->fatal_bytes == NULL)
		l->fatal_bytes = malloc(TRAFFIC_REQUEST_MAX);
	l->fatal_len = 0;
	if (l->fatal_bytes == NULL)
		return;
	l->fatal_len = (uint16_t)(len < TRAFFIC_REQUEST_MAX ? len : TRAFFIC_REQUEST_MAX);
	memcpy(l->fatal_bytes, bytes, l->fatal_len);
}
